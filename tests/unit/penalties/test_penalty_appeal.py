"""A penalty from the decision on: appeal, panel, final, executed, looked at again, reversed."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.penalties.domain import penalty
from services.penalties.domain import penalty_commands as wish
from services.penalties.domain.penalty_state import Penalty
from shared.decider import Refused
from shared.events.penalties import (
    AppealDecided,
    DropCause,
    Mode,
    PenaltyDeadline,
    PenaltyExecuted,
    PenaltyFinal,
    PenaltyReversed,
    PenaltyStatus,
    ReviewDecided,
    ReviewOpened,
    ReviewOutcome,
)
from shared.events.penalties import AppealOutcome as O
from tests.unit.penalties.penalty_examples import (
    DAY,
    T0,
    appeal,
    confirm,
    decided,
    demerit,
    execute,
    given,
    impose,
    notice,
    propose,
    raise_,
    reconsider,
    reverse,
    review,
    state,
    timer,
)

D = PenaltyDeadline
S = PenaltyStatus
WINDOW = datetime(2026, 10, 14, 16, tzinfo=UTC)
"""The end of the time for an appeal against what was imposed at T0."""
PANEL = datetime(2026, 10, 21, 16, tzinfo=UTC)
"""Ten workdays: 9, 10, 12 … 16, 19, 20, 21."""


def imposed(**facts: Any) -> Penalty:
    return given(raise_(**facts), notice(), state(), impose())


def appealed(**more: Any) -> Penalty:
    return given(raise_(), notice(), state(), impose(**more), appeal())


def final() -> Penalty:
    return given(raise_(), notice(), state(), impose(), timer(wish.BecomeFinal, WINDOW))


def refused(found: Penalty, command: Any) -> str:
    with pytest.raises(Refused) as refusal:
        penalty.decide(command, found)
    return refusal.value.code


def after(found: Penalty, events: Any) -> Penalty:
    for event in events:
        found = penalty.evolve(found, event)
    return found


# --- appeal -----------------------------------------------------------------------------------------------------------


def test_the_engineer_appeals_within_the_window() -> None:
    found = imposed()
    [lodged] = decided(found, appeal(at=WINDOW - timedelta.resolution, files=("b" * 64,)))
    assert lodged.files == ("b" * 64,)
    assert refused(found, appeal(at=WINDOW)) == "appeal_too_late"
    assert refused(found, appeal(engineer="E05")) == "not_the_subject"
    assert refused(given(raise_(), notice(), state()), appeal()) == "penalty_stated"
    again = after(found, decided(found, appeal()))
    assert again.clocks == {D.APPEAL_DECISION: PANEL}
    assert decided(again, appeal()) == []


@pytest.mark.parametrize("by", ["sun.hong", "zhao.min"])
def test_none_of_the_panel_took_part_before(by: str) -> None:
    """⚖ D6"""
    found = appealed()
    assert refused(found, propose(by=by)) == "decider_took_part"
    assert refused(after(found, decided(found, propose())), confirm(by=by)) == "decider_took_part"


def test_none_of_the_panel_is_involved_or_the_subject() -> None:
    found = appealed()
    assert refused(found, propose(by="li.na")) == "decider_involved"
    assert refused(found, propose(by="E04")) == "decider_is_subject"
    proposed = after(found, decided(found, propose()))
    assert refused(proposed, confirm(decider_engineer="E04")) == "decider_is_subject"


def test_two_of_the_panel_decide_on_the_same() -> None:
    # given
    found = appealed()
    assert refused(found, confirm()) == "proposal_missing"
    proposed = after(found, decided(found, propose()))

    # then not one alone, nor on something else
    assert decided(proposed, propose()) == []
    assert refused(proposed, confirm(by="chen.wei")) == "confirmed_by_same"
    assert refused(proposed, confirm(O.REVOKED)) == "proposal_differs"

    # when another one thinks otherwise, then the first may agree
    other = after(proposed, decided(proposed, propose(O.REVOKED, by="lin.tao")))
    [event] = decided(other, confirm(O.REVOKED, by="chen.wei"))
    assert (event.decided_by, event.outcome) == (("lin.tao", "chen.wei"), O.REVOKED)


def test_what_is_upheld_is_final_at_once() -> None:
    found = appealed()
    proposed = after(found, decided(found, propose()))
    decision, settled = decided(proposed, confirm())
    assert isinstance(decision, AppealDecided)
    assert isinstance(settled, PenaltyFinal)
    assert (decision.was, decision.amount, settled.amount, settled.unappealed) == (
        Decimal("50.00"),
        Decimal("50.00"),
        Decimal("50.00"),
        False,
    )
    done = after(proposed, (decision, settled))
    assert (done.status, done.clocks) == (S.FINAL, {})
    assert decided(done, confirm()) == []


def test_what_is_reduced_is_less_but_not_nothing() -> None:
    found = appealed()
    assert refused(found, propose(O.REDUCED)) == "reduced_amount_wrong"
    assert refused(found, propose(O.REDUCED, amount=Decimal("50.00"))) == "reduced_amount_wrong"
    assert refused(found, propose(O.REDUCED, amount=Decimal("0.00"))) == "reduced_amount_wrong"
    assert refused(found, propose(O.REDUCED, score=1)) == "reduced_amount_wrong"
    assert refused(found, propose(O.UPHELD, amount=Decimal("20.00"))) == "only_reduced_has_amount"
    less = {"amount": Decimal("20.00")}
    proposed = after(found, decided(found, propose(O.REDUCED, **less)))
    assert refused(proposed, confirm(O.REDUCED, amount=Decimal("30.00"))) == "proposal_differs"
    decision, settled = decided(proposed, confirm(O.REDUCED, **less))
    assert (decision.was, settled.amount) == (Decimal("50.00"), Decimal("20.00"))


def test_a_score_is_reduced_and_a_demerit_isnt() -> None:
    scored = appealed(mode=Mode.SCORE_ONLY)
    assert refused(scored, propose(O.REDUCED, amount=Decimal("1.00"))) == "reduced_score_wrong"
    [proposed] = decided(scored, propose(O.REDUCED, score=1))
    assert (proposed.amount, proposed.score) == (Decimal("0.00"), 1)
    major = given(demerit(), notice(), state(), impose(), appeal())
    assert refused(major, propose(O.REDUCED, amount=Decimal("1.00"))) == "not_reducible"


def test_of_what_is_revoked_nothing_is_left() -> None:
    found = appealed()
    proposed = after(found, decided(found, propose(O.REVOKED)))
    [decision] = decided(proposed, confirm(O.REVOKED))
    done = after(proposed, [decision])
    assert (done.status, done.amount, done.stands) == (S.APPEAL_DECIDED, Decimal("0.00"), False)
    assert decided(done, reconsider()) == []
    assert refused(done, reverse()) == "penalty_appeal_decided"


def test_what_the_panel_doesnt_decide_in_time_is_revoked() -> None:
    """D6"""
    found = appealed()
    proposed = after(found, decided(found, propose()))
    assert refused(proposed, confirm(at=PANEL)) == "appeal_decision_too_late"
    [lapsed] = decided(proposed, timer(wish.LapseAppealDecision, PANEL + DAY))
    assert (lapsed.at, lapsed.outcome, lapsed.lapsed, lapsed.decided_by) == (PANEL, O.REVOKED, True, ())


# --- final and executed -----------------------------------------------------------------------------------------------


def test_it_is_final_when_the_time_for_an_appeal_is_over() -> None:
    found = imposed()
    assert refused(found, timer(wish.BecomeFinal, WINDOW - DAY)) == "appeal_not_due"
    [event] = decided(found, timer(wish.BecomeFinal, WINDOW + DAY))
    assert isinstance(event, PenaltyFinal)
    assert (event.at, event.unappealed, event.amount) == (WINDOW, True, Decimal("50.00"))
    assert decided(appealed(), timer(wish.BecomeFinal, WINDOW)) == []


@pytest.mark.parametrize(
    "found",
    [
        given(demerit(), notice(), state(), impose()),
        given(raise_(), notice(), state(), impose(mode=Mode.SCORE_ONLY)),
    ],
    ids=["demerit", "score"],
)
def test_what_isnt_money_is_executed_as_soon_as_it_is_final(found: Penalty) -> None:
    settled, executed = decided(found, timer(wish.BecomeFinal, WINDOW))
    assert isinstance(executed, PenaltyExecuted)
    assert (settled.at, executed.at, executed.taken, executed.period) == (WINDOW, WINDOW, Decimal("0.00"), None)


def test_money_is_taken_by_a_list_and_never_more_than_is_final() -> None:
    """D8"""
    found = final()
    assert refused(imposed(), execute()) == "penalty_imposed"
    assert refused(found, execute("50.01")) == "taken_wrong"
    assert refused(found, execute("50.00", dropped_for=DropCause.CAP)) == "taken_wrong"
    [event] = decided(found, execute("30.00", dropped_for=DropCause.CAP))
    assert (event.amount, event.taken, event.period) == (Decimal("50.00"), Decimal("30.00"), "2026-10")
    done = after(found, [event])
    assert decided(done, execute("30.00", dropped_for=DropCause.CAP)) == []
    assert refused(done, execute()) == "penalty_executed"


# --- looked at again --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("found", [imposed(), appealed(), final()], ids=["imposed", "appealed", "final"])
def test_what_was_decided_is_looked_at_again_once_for_each_event(found: Penalty) -> None:
    [opened] = decided(found, reconsider(at=WINDOW))
    assert isinstance(opened, ReviewOpened)
    open_ = after(found, [opened])
    assert open_.status is found.status
    assert D.REVIEW in open_.clocks
    assert decided(open_, reconsider(at=WINDOW, event="dispatch-100")) == []
    closed = after(open_, decided(open_, review(at=WINDOW)))
    assert decided(closed, reconsider(at=WINDOW)) == []
    assert decided(closed, reconsider(at=WINDOW, event="dispatch-100"))


def test_nothing_is_final_or_taken_while_it_is_looked_at() -> None:
    # given a review of what was imposed, when the time for an appeal is over
    found = given(raise_(), notice(), state(), impose(), reconsider(at=WINDOW - DAY))
    assert decided(found, timer(wish.BecomeFinal, WINDOW)) == []

    # then an appeal is still open
    assert decided(found, appeal(at=WINDOW + timedelta(hours=1)))

    # and it becomes final as the review says that it stands
    outcome, settled = decided(found, review(at=WINDOW + DAY))
    assert isinstance(outcome, ReviewDecided)
    assert isinstance(settled, PenaltyFinal)
    assert (settled.at, settled.unappealed) == (WINDOW + DAY, True)
    assert after(found, (outcome, settled)).clocks == {}

    # and what is final isn't taken
    assert refused(after(final(), decided(final(), reconsider(at=WINDOW))), execute(at=WINDOW)) == "under_review"


def test_a_review_that_ends_before_the_window_leaves_it_open() -> None:
    found = given(raise_(), notice(), state(), impose(), reconsider())
    assert [type(event) for event in decided(found, review(at=T0 + DAY))] == [ReviewDecided]


def test_an_appeal_decided_during_a_review_waits_for_it() -> None:
    found = given(raise_(), notice(), state(), impose(), appeal(), reconsider(), propose())
    [decision] = decided(found, confirm())
    waits = after(found, [decision])
    assert waits.status is S.APPEAL_DECIDED
    assert [type(event) for event in decided(waits, review())] == [ReviewDecided, PenaltyFinal]

    # and what the panel revokes needs no review any more
    other = after(found, decided(found, propose(O.REVOKED)))
    [revoked] = decided(other, confirm(O.REVOKED))
    assert after(other, [revoked]).clocks == {}


def test_who_decides_a_review_hasnt_decided_before() -> None:
    """⚖"""
    found = given(raise_(), notice(), state(), impose(), reconsider())
    for by, why in (("zhao.min", "took_part"), ("sun.hong", "took_part"), ("li.na", "involved"), ("E04", "is_subject")):
        assert refused(found, review(by=by)) == f"decider_{why}"
    assert refused(imposed(), review()) == "no_review"


def test_a_review_takes_back_what_doesnt_stand() -> None:
    # given a fine on a list, of which a part was taken
    taken = after(final(), decided(final(), execute("30.00", at=WINDOW, dropped_for=DropCause.CAP)))
    opened = after(taken, decided(taken, reconsider(at=WINDOW)))

    # when
    outcome, undone = decided(opened, review(ReviewOutcome.REVERSED, at=WINDOW))

    # then all of it is undone, and what was taken is paid back
    assert isinstance(undone, PenaltyReversed)
    assert (undone.amount, undone.taken, undone.executed) == (Decimal("50.00"), Decimal("30.00"), True)
    done = after(opened, (outcome, undone))
    assert (done.status, done.stands, done.clocks) == (S.REVERSED, False, {})
    assert (done.amount, done.score) == (Decimal("0.00"), 0)
    assert decided(done, review(ReviewOutcome.REVERSED, at=WINDOW)) == []


@pytest.mark.parametrize("steps", [(), (appeal(),)], ids=["imposed", "appealed"])
def test_a_review_that_nobody_decides_reverses(steps: Any) -> None:
    found = given(raise_(), notice(), state(), impose(), *steps, reconsider())
    due = found.clocks[D.REVIEW]
    assert refused(found, review(at=due)) == "review_too_late"
    assert refused(found, timer(wish.LapseReview, due - DAY)) == "review_not_due"
    outcome, undone = decided(found, timer(wish.LapseReview, due + DAY))
    assert (outcome.lapsed, outcome.at, undone.at, undone.executed) == (True, due, due, False)
    assert after(found, (outcome, undone)).clocks == {}


# --- reversed ---------------------------------------------------------------------------------------------------------


def test_what_is_final_can_be_reversed_by_somebody_from_outside() -> None:
    found = final()
    assert refused(imposed(), reverse()) == "penalty_imposed"
    assert refused(found, reverse(at=WINDOW, by="zhao.min")) == "decider_took_part"
    [undone] = decided(found, reverse(at=WINDOW))
    assert (undone.executed, undone.taken, undone.amount) == (False, Decimal("0.00"), Decimal("50.00"))
    assert decided(after(found, [undone]), reverse(at=WINDOW)) == []

    # also while it is looked at again, which is dropped then
    opened = after(found, decided(found, reconsider(at=WINDOW)))
    assert after(opened, decided(opened, reverse(at=WINDOW))).clocks == {}
