"""What is made of what is heard: suspicions are raised, withdrawn, put under review. One fact, at most one penalty."""

from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from services.penalties.domain import penalty
from services.penalties.domain.fact import Fact, merged
from services.penalties.domain.penalty_commands import GiveStatement, Impose, Notice
from services.penalties.domain.policy import calendar
from services.penalties.domain.schedule import Schedule
from shared.decider import Refused
from shared.events.base import Event
from shared.events.dispatch import Delay, FraudGravity, KnownCause
from shared.events.penalties import FactCharged, FactCleared, Mode
from shared.events.penalties import PenaltyStatus as S
from shared.events.tickets import ComplaintCategory
from tests.unit.penalties import told
from tests.unit.penalties.told import POLICY, VISIT, Office, at, in_two_logs

LATENESS = f"lateness:{VISIT}:E04"
NOBODY = KnownCause(cause=Delay.NOT_DELIVERED)


async def heard(*events: Event) -> Office:
    return await Office().hear(*in_two_logs(events))


CHARGED: dict[str, tuple[Event, str, str]] = {
    "late": (told.late(), "4.5", "50.00"),
    "late, as a complaint says": (told.substantiated(), "4.2.3", "0.00"),
    "a quarrel": (told.substantiated(ComplaintCategory.QUARREL), "4.2.1", "0.00"),
    "asked for money": (told.substantiated(ComplaintCategory.EXTORTION, visit=None), "4.2.2", "0.00"),
    "late at no visit in particular": (told.substantiated(visit=None), "4.2.3-complaint", "0.00"),
    "left without a word": (told.left(), "4.4", "50.00"),
    "not to be reached": (told.phone(), "4.6", "10.00"),
    "not to be reached on a trip": (
        told.phone(trip=told.an_id("trip"), allowance=Decimal("15.00")),
        "4.6",
        "15.00",
    ),
    "refused": (told.refused(), "4.7", "100.00"),
    "left unanswered": (told.unanswered(), "4.7-unanswered", "100.00"),
    "a fraud": (told.fraud(), "4.3-demerit", "0.00"),
    "a grave fraud": (told.fraud(FraudGravity.LEGAL_REFERRAL), "4.3-legal-referral", "0.00"),
}


@pytest.mark.parametrize(("event", "rule", "amount"), CHARGED.values(), ids=CHARGED.keys())
async def test_what_breaks_a_rule_raises_a_suspicion(event: Event, rule: str, amount: str) -> None:
    office = await heard(event)
    (state,) = office.facts()
    assert state.charged
    assert (state.charged.rule, state.charged.amount, state.charged.policy_version) == (rule, Decimal(amount), 1)
    raised = office.penalty(state.charged.penalty).raised
    assert raised
    assert (raised.rule, raised.amount, raised.engineer, raised.at) == (rule, Decimal(amount), "E04", told.NOW)
    assert raised.evidence == (state.reports[0].evidence,)
    assert (raised.fact, raised.visit) == (state.reports[0].fact, state.reports[0].visit)


UNCHARGED: dict[str, Event] = {
    "a safety refusal (D15)": told.refused(safety=True),
    "refused before it was delivered": told.refused(delivered_at=None),
    "the instruction never reached them": told.late(causes=(NOBODY,)),
    "a complaint of no clause": told.substantiated(ComplaintCategory.OTHER),
    "settled with the claim (4.3)": told.rejected_line(),
    "only an arrival": told.arrived(),
}


@pytest.mark.parametrize("event", UNCHARGED.values(), ids=UNCHARGED.keys())
async def test_what_breaks_no_rule_is_kept_all_the_same(event: Event) -> None:
    office = await heard(event)
    (state,) = office.facts()
    assert state.charged is None
    assert len(state.reports) == 1


async def test_nobody_is_bound_before_they_have_acknowledged_the_policy() -> None:
    office = Office("E09")
    await office.hear(*in_two_logs([told.late()]))
    office.acknowledge("E04", told.NOW)
    await office.hear(*in_two_logs([told.late(), told.arrived()]))
    assert office.charges() == {}
    assert len(office.fact(LATENESS).reports) == 2


async def test_an_event_heard_twice_is_heard_once() -> None:
    office = await heard(told.late())
    before = {stream: len(events) for stream, events in office.events.items()}
    await office.hear(*in_two_logs([told.late()]))
    assert {stream: len(events) for stream, events in office.events.items()} == before


async def test_further_evidence_of_the_same_breach_changes_nothing_of_the_suspicion() -> None:
    office = await heard(told.late(), told.arrived(40), told.adjudicated(42))
    state = office.fact(LATENESS)
    assert len(state.penalties) == 1
    assert merged(state).says["minutes"] == 42
    assert merged(state).involved == ("li.na", "wang.fang")
    raised = office.penalty(state.penalties[0])
    assert raised.involved == {"li.na", "wang.fang"}
    assert (*(raised.raised.evidence if raised.raised else ()), *raised.supplements) == merged(state).evidence


async def test_whoever_settled_the_dispute_on_the_arrival_does_not_decide_on_the_lateness() -> None:
    """⚖ Also where that was settled when the suspicion had been raised."""
    office = await heard(told.late(), told.adjudicated(40))
    (id,) = office.fact(LATENESS).penalties
    schedule = Schedule(office.states[POLICY].adopted[0].terms, calendar(office.states[POLICY]))
    said: dict[str, Any] = {"at": office.now, "schedule": schedule}
    office.do(penalty, id, Notice(by="sun.hong", **said))
    office.do(penalty, id, GiveStatement(by="E04", engineer="E04", statement="堵车", **said))
    with pytest.raises(Refused) as refusal:
        office.do(penalty, id, Impose(by="wang.fang", reasons="属实", mode=Mode.MONEY, **said))
    assert refusal.value.code == "decider_involved"


async def test_a_correction_withdraws_the_suspicion_and_says_by_what() -> None:
    office = await heard(told.late(), told.not_late())
    state = office.fact(LATENESS)
    withdrawn = office.penalty(state.penalties[0]).withdrawn
    assert state.charged is None
    assert withdrawn
    assert withdrawn.evidence == state.reports[1].evidence


async def test_a_correction_that_comes_first_keeps_the_suspicion_from_being_raised() -> None:
    first, second = in_two_logs([told.late(), told.not_late()])
    office = await Office().hear(second, first)
    assert office.fact(LATENESS).penalties == ()


async def test_late_again_after_a_correction_is_another_suspicion_of_the_same_fact() -> None:
    """D4: the customer had agreed to another time, and that passed as well."""
    again = told.late(at=at(10, "14:15"), agreed_arrival=at(10, "14:00"))
    office = await heard(told.late(), told.not_late(arrived_at=None), again)
    state = office.fact(LATENESS)
    assert [office.penalty(each).status for each in state.penalties] == [S.WITHDRAWN, S.SUSPECTED]
    assert merged(state).happened_at == again.at


# --- one lateness, told by dispatch and by a complaint (D7) -----------------------------------------------------------


@pytest.mark.parametrize("complaint_first", [True, False])
async def test_one_lateness_leads_to_one_penalty_whoever_tells_it_first(complaint_first: bool) -> None:
    both = in_two_logs([told.late(), told.substantiated()])
    office = await Office().hear(*(reversed(both) if complaint_first else both))
    (state,) = office.facts()
    assert office.charges() == {LATENESS: ("4.2.3", Decimal("0.00"))}
    undecided = [each for each in state.penalties if office.penalty(each).status is S.SUSPECTED]
    assert undecided == [state.charged and state.charged.penalty]
    assert merged(state).happened_at == told.LATE
    assert merged(state).involved == ("li.na", "zhou.jie")


def imposed(office: Office, key: str) -> Fact:
    """Somebody has noticed, heard and decided on the suspicion that stands."""
    state = office.fact(key)
    assert state.charged
    schedule = Schedule(office.states[POLICY].adopted[0].terms, calendar(office.states[POLICY]))
    said = {"at": office.now, "schedule": schedule}
    for command in (
        Notice(by="sun.hong", **said),
        GiveStatement(by="E04", engineer="E04", statement="堵车", **said),
        Impose(by="zhao.min", reasons="未提前报告", mode=Mode.MONEY, **said),
    ):
        office.do(penalty, state.charged.penalty, command)
    return state


async def test_what_was_decided_is_looked_at_again_when_a_complaint_proves_the_same_lateness() -> None:
    late, complaint = in_two_logs([told.late(), told.substantiated()])
    office = await Office().hear(late)
    imposed(office, LATENESS)
    await office.hear(complaint)
    first, second = office.fact(LATENESS).penalties
    assert office.penalty(first).review
    assert office.penalty(first).stands
    assert office.penalty(second).status is S.SUSPECTED


async def test_what_was_decided_is_looked_at_again_when_it_was_not_late() -> None:
    late, corrected = in_two_logs([told.late(), told.not_late()])
    office = await Office().hear(late)
    imposed(office, LATENESS)
    await office.hear(corrected)
    (only,) = office.fact(LATENESS).penalties
    review = office.penalty(only).review
    assert review
    assert review.evidence.event == corrected.id
    assert office.charges() == {}


# --- occurrences of a duty day (D10) ----------------------------------------------------------------------------------


async def test_of_two_pairs_of_probes_in_a_day_each_is_taken_back_for_itself() -> None:
    events = in_two_logs([told.phone(1), told.phone(2), told.phone_settled(1)])
    for order in permutations(events):
        office = await Office().hear(*order)
        assert office.charges() == {"phone:E04:2026-10-10": ("4.6", Decimal("10.00"))}
    both = in_two_logs([told.phone(1), told.phone(2), told.phone_settled(1), told.phone_settled(2)])
    for order in permutations(both):
        assert (await Office().hear(*order)).charges() == {}


async def test_another_amount_is_another_suspicion() -> None:
    """D9: the trip, and with it the day's allowance, is known only by the second pair."""
    trip = {"trip": told.an_id("trip"), "allowance": Decimal("15.00")}
    office = await heard(told.phone(1), told.phone(2, **trip))
    (state,) = office.facts()
    cleared = [each for each in office.events[state.reports[0].fact] if isinstance(each, FactCleared)]
    charged = [each for each in office.events[state.reports[0].fact] if isinstance(each, FactCharged)]
    assert [each.amount for each in charged] == [Decimal("10.00"), Decimal("15.00")]
    assert [each.penalty for each in cleared] == [charged[0].penalty]
    assert charged[1].allowance


async def test_an_instruction_left_unanswered_and_then_refused_is_one_fact() -> None:
    office = await heard(told.unanswered(), told.refused())
    (state,) = office.facts()
    assert office.charges() == {state.reports[0].key: ("4.7", Decimal("100.00"))}
    office = await heard(told.unanswered(), told.answered())
    assert office.charges() == {}


async def test_a_suspicion_that_cannot_be_timed_is_refused() -> None:
    """The holidays of 2200 aren't known: the event is parked until they are."""
    office = Office(now=at(10).replace(year=2200))
    with pytest.raises(Refused) as refusal:
        await office.hear(*in_two_logs([told.late()]))
    assert refusal.value.code == "calendar_unknown"
