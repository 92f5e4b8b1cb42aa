"""What a draft would have meant, beside what happened."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.penalties.domain import fact, policy
from services.penalties.domain.conduct import Conduct
from services.penalties.domain.fact import Fact, merged
from services.penalties.domain.first_policy import VERSION_1
from services.penalties.domain.identity import fact_id, penalty_id
from services.penalties.domain.penalty_state import Penalty
from services.penalties.domain.policy import PolicyBook
from services.penalties.domain.what_if import (
    Assumption,
    Case,
    Subject,
    Sums,
    Suspected,
    Tally,
    assume,
    by_size,
    compared,
    penalty_of,
)
from shared.events.penalties import (
    Evidence,
    FactCharged,
    FactCleared,
    FactKind,
    FactReported,
    Mode,
    PenaltyStatus,
    PolicyTerms,
    RegionTerms,
    ReviewOutcome,
)
from tests.unit.penalties import penalty_examples as example
from tests.unit.penalties.policies import adopt, at, draft, fined, rule_of
from tests.unit.tickets.story import given

DEARER = fined("4.5", "80.00")
ANYWHERE = Conduct(engineer="E04", region="华北")
VISIT = "7d0b54c6"


def book(terms: PolicyTerms = DEARER) -> PolicyBook:
    """Version 1 was adopted on the 2nd; version 2 is a draft."""
    found: PolicyBook = given(policy, adopt(), draft(terms=terms)).now()
    return found


def evidence(position: int) -> Evidence:
    return Evidence(
        event=f"dispatch-{position}",
        topic="dispatch.VisitLate",
        sha256="0" * 64,
        occurred_at=at(5),
        recorded_at=at(5),
    )


def a_fact(engineer: str = "E04", charged: bool = False, cleared: bool = False, **says: Any) -> Fact:
    """A lateness of the 5th."""
    key = f"lateness:{VISIT}:{engineer}"
    id, kind = fact_id(key), FactKind.LATENESS
    ids: dict[str, UUID | None] = dict.fromkeys(("visit", "work_order", "ticket", "complaint", "claim"))
    told = {"fact": id, "key": key, "kind": kind, "engineer": engineer, "involved": (), "about": None, **ids}
    heard = FactReported(
        at=at(5), evidence=evidence(1), position=1, happened_at=at(5), says={"late": True} | says, **told
    )
    state = fact.evolve(fact.NEW, heard)
    penalty, about = penalty_id(id, 1), {"at": at(5), "fact": id, "engineer": engineer}
    if charged:
        money = {"amount": Decimal("50.00"), "allowance": False}
        state = fact.evolve(state, FactCharged(**about, penalty=penalty, rule="4.5", policy_version=1, **money))
    if cleared:
        state = fact.evolve(state, FactCleared(**about, penalty=penalty, evidence=evidence(2)))
    return state


def asked(
    state: Fact,
    terms: PolicyTerms = DEARER,
    version: int = 2,
    by_all: bool | None = None,
    conduct: Conduct = ANYWHERE,
    penalty: Penalty | None = None,
) -> Case:
    known = book(terms)
    assumption: Assumption = assume(known, version, by_all=by_all)
    subject = Subject(conduct, assumption.of(conduct))
    return compared(state, merged(state), subject, assumption, penalty, known)


def amount(what: Suspected | None) -> str | None:
    return str(what.amount) if what else None


# --- what would have been ---------------------------------------------------------------------------------------------


def test_a_draft_is_judged_as_if_everybody_had_acknowledged_it() -> None:
    found = asked(a_fact())
    assert (found.happened, amount(found.then), found.differs) == (None, "80.00", True)
    assert asked(a_fact(late=False)).then is None


def test_or_as_it_was_acknowledged_which_nobody_has() -> None:
    assert asked(a_fact(), by_all=False, conduct=replace(ANYWHERE, acknowledged={1: at(3), 2: at(3)})).then is None


def test_an_adopted_version_is_judged_as_it_was_acknowledged() -> None:
    read = replace(ANYWHERE, acknowledged={1: at(3)})
    assert asked(a_fact(), version=1).then is None
    assert amount(asked(a_fact(), version=1, conduct=read).then) == "50.00"
    assert asked(a_fact(), version=1, conduct=replace(ANYWHERE, acknowledged={1: at(6)})).then is None
    assert amount(asked(a_fact(), version=1, by_all=True).then) == "50.00"


def test_a_draft_for_other_regions_means_nothing_here() -> None:
    south = VERSION_1.model_copy(update={"scope": ("华南",)})
    assert asked(a_fact(), south).then is None
    assert asked(a_fact(), south, conduct=replace(ANYWHERE, region="华南")).then is not None


def test_where_only_a_score_is_kept_no_money_is_at_stake() -> None:
    gentle = VERSION_1.model_copy(update={"regions": (RegionTerms(region="华北", mode=Mode.SCORE_ONLY),)})
    then = asked(a_fact(), gentle).then
    assert then
    assert (amount(then), then.score) == ("0.00", 5)
    assert amount(asked(a_fact(), gentle, conduct=replace(ANYWHERE, region="华东")).then) == "50.00"


# --- what happened ----------------------------------------------------------------------------------------------------

RAISED = example.raise_(policy_version=1)
IMPOSED = example.given(RAISED, example.notice(), example.state(), example.impose())
UNDER_REVIEW = example.told_of(IMPOSED, example.decided(IMPOSED, example.reconsider()))


def test_what_happened_stands_beside_it() -> None:
    found = asked(a_fact(charged=True), penalty=IMPOSED)
    assert found.happened
    assert (amount(found.happened.suspected), str(found.happened.decided)) == ("50.00", "50.00")
    assert (found.happened.status, amount(found.then), found.differs) == (PenaltyStatus.IMPOSED, "80.00", True)


def test_what_was_decided_and_undone_takes_nothing() -> None:
    undone = example.told_of(UNDER_REVIEW, example.decided(UNDER_REVIEW, example.review(ReviewOutcome.REVERSED)))
    found = asked(a_fact(charged=True), penalty=undone)
    assert found.happened
    assert (found.happened.status, str(found.happened.decided)) == (PenaltyStatus.REVERSED, "0.00")


def test_another_version_alone_makes_no_difference() -> None:
    as_it_was = example.given(example.raise_(consequence=rule_of("4.5").consequence))
    found = asked(a_fact(charged=True), VERSION_1, penalty=as_it_was)
    assert found.happened
    assert (found.happened.suspected.policy_version, found.then and found.then.policy_version) == (1, 2)
    assert not found.differs


def test_a_suspicion_that_nobody_has_decided_yet_takes_nothing() -> None:
    found = asked(a_fact(charged=True), penalty=example.given(RAISED))
    assert found.happened
    assert (found.happened.status, str(found.happened.decided)) == (PenaltyStatus.SUSPECTED, "0.00")


def test_what_was_taken_back_stands_for_nothing_unless_it_was_decided() -> None:
    taken_back = a_fact(charged=True, cleared=True, late=False)
    assert penalty_of(taken_back) == penalty_id(merged(taken_back).fact, 1)
    assert asked(taken_back, penalty=example.given(RAISED)).happened is None
    assert asked(taken_back, penalty=UNDER_REVIEW).happened is not None
    assert penalty_of(a_fact()) is None


# --- the sums ---------------------------------------------------------------------------------------------------------


def test_the_sums_are_those_of_the_cases() -> None:
    # given three facts: one that has led to a fine, one that would, one that means nothing either way
    tally = Tally()
    cases = [
        asked(a_fact(charged=True), penalty=IMPOSED),
        asked(a_fact(engineer="E05")),
        asked(a_fact(engineer="E06", late=False)),
    ]
    for case in cases:
        tally.add(case)

    # then
    assert (tally.facts, tally.differing) == (3, 2)
    assert tally.whole == Sums(1, Decimal("50.00"), Decimal("50.00"), 2, Decimal("160.00"))
    assert tally.rules == {"4.5": tally.whole}
    assert set(tally.engineers) == {"E04", "E05"}
    assert [engineer for engineer, _ in by_size(tally.engineers)] == ["E04", "E05"]
