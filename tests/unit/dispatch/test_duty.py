"""Phone duty (4.6), rule by rule: what counts as unanswered, and what never does (D10–D13)."""

from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.dispatch.domain import duty, roster
from services.dispatch.domain.duty_policy import COUNTABLE
from shared.decider import Arm, Breach, Drop, Meet
from shared.events import dispatch as fact
from shared.events.base import Event
from shared.events.dispatch import Exemption, SettledBy
from shared.events.telephony import CallOutcome, Confidence
from tests.unit.dispatch.people import TODAY, after, an_id, at, call, call_back, expire, plan, policy, window
from tests.unit.tickets.story import Story, given

End = CallOutcome
AWAITED, RECORDED, SETTLED = fact.CallBackAwaited, fact.DutyCallRecorded, fact.CallBackSettled
UNANSWERED, WITHDRAWN = fact.PhoneUnanswered, fact.PhoneUnansweredWithdrawn


def two(first: str = "09:00", second: str = "09:10", **facts: Any) -> Story:
    """Two probes in a row, unanswered."""
    return given(duty, call(first, **facts), call(second, **facts))


def exempt(starts: str, ends: str) -> duty.ExemptCalls:
    return duty.ExemptCalls(at=at("20:00"), by="li.na", starts=at(starts), ends=at(ends))


# -- two probes and no call-back (D11) ---------------------------------------------------------------------------------


def test_the_first_call_opens_the_day_by_the_policy_in_force() -> None:
    story = given(duty).when(call("09:00")).then(fact.DutyDayOpened, RECORDED)
    story.saying(call="call-090000", exemption=None, opens_at=at("08:00"), closes_at=at("22:00"), trip=None)
    assert story.now().opened.policy == 1


def test_two_probes_ten_minutes_apart_wait_for_a_call_back() -> None:
    story = given(duty, call("09:00")).when(call("09:10")).then(RECORDED, AWAITED)
    story.saying(until=at("09:40")).deadlines(Arm("call_back", at("09:40")))


def test_without_a_call_back_the_phone_was_unanswered() -> None:
    story = two().when(expire("09:40")).then(UNANSWERED)
    story.saying(at=at("09:40"), first_at=at("09:00"), second_at=at("09:10"), trip=None, allowance=None, policy=1)
    story.deadlines(Breach("call_back", at("09:40")))


def test_the_time_to_call_back_is_not_over_before_its_end() -> None:
    two().when(expire("09:39:59")).refused("call_back_open")
    given(duty, call("09:00")).when(expire("09:40")).then()


def test_one_probe_is_nothing() -> None:
    assert given(duty, call("09:00")).now().awaited is None


@pytest.mark.parametrize(
    ("second", "counts"), [("09:09:59", False), ("09:10", True), ("09:30", True), ("09:30:01", False)]
)
def test_the_probes_of_an_occurrence_are_ten_to_thirty_minutes_apart(second: str, counts: bool) -> None:
    assert (two(second=second).now().awaited is not None) is counts


@pytest.mark.parametrize(
    ("back", "clears"), [("08:59:59", False), ("09:00", True), ("09:05", True), ("09:40", True), ("09:40:01", False)]
)
def test_a_call_back_clears_from_the_first_probe_until_thirty_minutes_after_the_second(back: str, clears: bool) -> None:
    assert (given(duty, call("09:00"), call("09:10"), call_back(back)).now().awaited is None) is clears


def test_a_call_back_meets_the_deadline() -> None:
    story = two().when(call_back("09:20")).then(RECORDED, SETTLED).saying(settled_by=SettledBy.CALLED_BACK)
    story.deadlines(Meet("call_back", at("09:20")))
    story.when(expire("09:40")).then()


def test_who_calls_back_need_not_be_heard_and_who_answers_has_called_back() -> None:
    missed = call_back("09:20", outcome=End.CANCELLED_BY_CALLER)
    two().when(missed).then(RECORDED, SETTLED)
    two().when(call("09:20", End.ANSWERED)).then(RECORDED, SETTLED)


def test_a_call_back_that_becomes_known_too_late_takes_it_back() -> None:
    story = given(duty, call("09:00"), call("09:10"), expire("09:40")).when(call_back("09:39"))
    story.then(RECORDED, WITHDRAWN).saying(settled_by=SettledBy.CALLED_BACK).deadlines()
    assert story.now().declared == ()


# -- what never counts (D11, D12) --------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", sorted(set(End) - COUNTABLE - {End.ANSWERED}))
def test_busy_network_and_our_own_faults_never_count(outcome: CallOutcome) -> None:
    probes = [call(f"09:{minute:02}", outcome) for minute in range(0, 60, 10)]
    day = after(duty, *probes)
    assert day.awaited is None
    assert {known.exemption for known in day.calls} == {Exemption.OUTCOME}
    assert after(duty, call("09:00"), call("09:10", outcome)).awaited is None


@pytest.mark.parametrize("outcome", sorted(COUNTABLE))
def test_these_count(outcome: CallOutcome) -> None:
    assert two(outcome=outcome).now().awaited is not None


@pytest.mark.parametrize(
    ("first", "second", "counts"),
    [
        (End.UNREACHABLE, End.UNREACHABLE, True),
        (End.UNREACHABLE, End.SWITCHED_OFF, True),
        (End.NOT_REGISTERED, End.UNREACHABLE, True),
        (End.UNREACHABLE, End.NO_ANSWER, False),
        (End.REJECTED, End.UNREACHABLE, False),
        (End.SWITCHED_OFF, End.NO_ANSWER, True),
        (End.NO_ANSWER, End.REJECTED, True),
    ],
)
def test_what_may_be_a_lack_of_coverage_has_to_be_confirmed(first: End, second: End, counts: bool) -> None:
    assert (given(duty, call("09:00", first), call("09:10", second)).now().awaited is not None) is counts


@pytest.mark.parametrize(
    ("facts", "exemption"),
    [
        ({"rang_seconds": 19}, Exemption.RANG_SHORT),
        ({"rang_seconds": 20}, None),
        ({"rang_seconds": 0}, Exemption.UNCERTAIN),
        ({"rang_seconds": None}, Exemption.UNCERTAIN),
        ({"outcome": End.REJECTED, "rang_seconds": 2}, None),
        ({"outcome": End.REJECTED, "rang_seconds": 0}, Exemption.UNCERTAIN),
        ({"outcome": End.REJECTED, "rang_seconds": None}, Exemption.UNCERTAIN),
        ({"outcome": End.SWITCHED_OFF, "rang_seconds": None}, None),
        ({"confidence": Confidence.LIKELY}, None),
        ({"confidence": Confidence.AMBIGUOUS}, Exemption.UNCERTAIN),
        ({"in_service": False}, Exemption.INACTIVE),
        ({"roster": roster.NEW}, Exemption.OFF_DUTY),
        ({"in_service": False, "outcome": End.ANSWERED}, None),
    ],
)
def test_a_probe_that_proves_nothing_says_why(facts: dict[str, Any], exemption: Exemption | None) -> None:
    assert given(duty).when(call("09:00", **facts)).now().calls[0].exemption == exemption


@pytest.mark.parametrize(
    ("first", "second", "counts"),
    [("07:50", "08:00", False), ("08:00", "08:10", True), ("21:49:59", "21:59:59", True), ("21:50", "22:00", False)],
)
def test_both_probes_lie_in_the_duty_window(first: str, second: str, counts: bool) -> None:
    assert (two(first, second).now().awaited is not None) is counts


def test_after_the_window_there_is_still_time_to_call_back() -> None:
    late = given(duty, call("21:45"), call("21:58"))
    assert late.now().awaited.until == at("22:28")
    late.when(call_back("22:20")).then(RECORDED, SETTLED)


def test_leave_that_is_granted_afterwards_exempts() -> None:
    story = two().when(exempt("09:05", "12:00")).then(fact.DutyCallsExempted, SETTLED)
    story.saying(settled_by=SettledBy.EXEMPTED).deadlines(Drop("call_back"))
    given(duty, call("09:00"), call("09:10"), expire("09:40")).when(exempt("08:00", "12:00")).then(
        fact.DutyCallsExempted, WITHDRAWN
    )
    two().when(exempt("09:11", "12:00")).then()
    two().when(exempt("08:00", "09:00")).then()
    given(duty).when(exempt("08:00", "12:00")).then()


def test_what_leave_has_exempted_stays_exempted() -> None:
    story = given(duty, call("09:00"), call("09:10"), exempt("09:05", "12:00"))
    story.when(call("09:10", End.REJECTED)).then(fact.DutyCallReassessed).saying(exemption=Exemption.LEAVE)


# -- at most one a day (D10) -------------------------------------------------------------------------------------------


def test_a_day_has_one_occurrence_however_often_nobody_answers() -> None:
    story = two().when(expire("09:40")).then(UNANSWERED)
    for clock in ("09:20", "09:30", "15:00", "15:10", "20:00", "20:10"):
        story.when(call(clock)).then(RECORDED)


def test_the_policy_may_allow_more_and_probes_within_thirty_minutes_are_still_one() -> None:
    three = policy(per_day=3)
    story = given(duty, *(call(clock, policy=three) for clock in ("09:00", "09:10", "09:20", "09:30")))
    story.when(expire("09:40")).then(UNANSWERED)
    story.when(call("09:40", policy=three)).then(RECORDED)  # within 30 minutes of 09:10
    story.when(call("09:41", policy=three)).then(RECORDED)
    story.when(call("09:55", policy=three)).then(RECORDED, AWAITED).saying(first_call="call-094100")
    story.when(expire("10:25")).then(UNANSWERED)
    assert len(story.now().declared) == 2


def test_two_occurrences_that_waited_together_are_both_told() -> None:
    two_a_day = policy(per_day=2)
    clocks = ("09:00", "09:10", "10:00", "10:10")
    story = given(duty, *(call(clock, policy=two_a_day) for clock in clocks))
    story.when(expire("11:00")).then(UNANSWERED, AWAITED).saying(first_call="call-100000", until=at("10:40"))
    story.when(expire("11:00")).then(UNANSWERED)


def test_the_next_occurrence_counts_where_the_first_was_taken_back() -> None:
    story = given(duty, call("09:00"), call("09:10"), expire("09:40"), call("15:00"), call("15:10"))
    story.when(call_back("09:20")).then(RECORDED, WITHDRAWN, AWAITED).saying(first_call="call-150000")


# -- what is told again, late or otherwise -----------------------------------------------------------------------------


def test_the_same_call_told_again_changes_nothing() -> None:
    two().when(call("09:10")).then()
    two().when(call("09:10").model_copy(update={"at": at("09:11")})).then()


def test_later_evidence_knows_better() -> None:
    story = two().when(call("09:10", End.NETWORK_FAILURE)).then(fact.DutyCallReassessed, SETTLED)
    story.saying(settled_by=SettledBy.REASSESSED).deadlines(Drop("call_back"))
    story.when(call("09:10")).then(fact.DutyCallReassessed, AWAITED)
    story.when(expire("09:40")).then(UNANSWERED)
    story.when(call("09:00", End.ANSWERED)).then(fact.DutyCallReassessed, WITHDRAWN)


def test_what_was_taken_back_and_counts_again_needs_no_second_wait() -> None:
    story = given(duty, call("09:00"), call("09:10"), expire("09:40"), call("09:10", End.BUSY))
    story.when(call("09:10")).then(fact.DutyCallReassessed, UNANSWERED).saying(at=at("09:40"))


def test_a_persons_word_does_not_overrule_the_exchange() -> None:
    given(duty, call("09:00")).when(call("09:00", End.ANSWERED, manual=True)).refused("call_from_exchange")
    given(duty, call("09:00", manual=True)).when(call("09:00", End.BUSY, manual=True)).then(fact.DutyCallReassessed)
    given(duty, call("09:00", manual=True)).when(call("09:00", End.BUSY)).then(fact.DutyCallReassessed)
    given(duty, call("09:00")).when(call_back("09:00", call="call-090000")).refused("call_known")


def test_the_order_of_telling_makes_no_difference() -> None:
    calls = [call("09:00"), call("09:12"), call_back("09:36"), call("10:00"), call("10:15")]
    for order in permutations(calls):
        awaited = after(duty, *order).awaited
        assert (awaited.first_call, awaited.second_call) == ("call-100000", "call-101500")


def test_a_day_keeps_the_policy_by_which_it_began() -> None:
    story = given(duty, call("09:00"))
    story.when(call("09:10", policy=policy(gap_minutes=20))).then(RECORDED, AWAITED)


# -- what goes along for those who judge (D9) --------------------------------------------------------------------------


def test_a_trip_and_its_allowance_go_along() -> None:
    away = roster.RecordTripDays(
        at=at("07:00"), by="li.na", engineer="E04", trip=an_id("t"), days=(TODAY,), allowance_per_day=Decimal("20")
    )
    on_trip = after(roster, away)
    story = given(duty, call("09:00", roster=on_trip), call("09:10", roster=on_trip)).when(expire("09:40"))
    story.then(UNANSWERED).saying(trip=an_id("t"), allowance=Decimal("20.00"))


def test_a_night_counts_for_the_day_on_which_it_began() -> None:
    night, tomorrow = after(roster, plan(windows=(window("22:00", "06:00"),))), TODAY + timedelta(days=1)
    day = after(duty, call(at("00:10", tomorrow), roster=night), call(at("00:25", tomorrow), roster=night))
    assert day.awaited.duty_day == TODAY


# -- whole days by chance ----------------------------------------------------------------------------------------------

minutes = st.integers(0, 15 * 60).map(lambda minute: at("07:30") + timedelta(minutes=minute))
near = st.integers(0, 100).map(lambda minute: at("09:00") + timedelta(minutes=minute))
outcomes = st.sampled_from(
    [End.NO_ANSWER, End.NO_ANSWER, End.REJECTED, End.UNREACHABLE, End.SWITCHED_OFF, End.BUSY, End.ANSWERED]
)


class DayOfDuty(RuleBasedStateMachine):
    """Whatever is told in whatever order, what follows is what the rules say of all that is known."""

    def __init__(self) -> None:
        super().__init__()
        self.state: duty.DutyDay = duty.NEW
        self.history: list[Event] = []
        self.armed = False
        self.told: dict[str, duty.RecordCall] = {}
        self.exempted: set[str] = set()
        self.policy = policy(per_day=2)

    def ask(self, command: duty.DutyCommand) -> list[Event]:
        events = list(duty.decide(command, self.state))
        for event in events:
            for change in duty.deadlines(event):
                self.armed = isinstance(change, Arm)
            self.state = duty.evolve(self.state, event)
        self.history += events
        return events

    @rule(when=minutes | near, outcome=outcomes, rang=st.sampled_from([None, 0, 5, 20, 40]))
    def probed(self, when: Any, outcome: CallOutcome, rang: int | None) -> None:
        self.called(call(when, outcome, rang_seconds=rang, policy=self.policy))

    @rule(when=minutes | near)
    def called_back(self, when: Any) -> None:
        self.called(call_back(when, policy=self.policy))

    def called(self, command: duty.RecordCall) -> None:
        self.ask(command)
        known = self.told.get(command.call, command)
        self.told[command.call] = command.model_copy(update={"at": known.at})
        assert self.ask(command) == [], "a retry changes nothing"

    @rule(starts=near, hours=st.integers(1, 3))
    def exempted_by_leave(self, starts: Any, hours: int) -> None:
        ends = starts + timedelta(hours=hours)
        self.exempted |= {probe.call for probe in self.counted() if starts <= probe.at < ends}
        wish = duty.ExemptCalls(at=ends, by="li.na", starts=starts, ends=ends)
        self.ask(wish)
        assert self.ask(wish) == []

    @rule()
    def time_is_up(self) -> None:
        if self.state.awaited is None:
            assert self.ask(expire("23:59")) == []
            return
        wish = duty.ExpireCallBack(at=self.state.awaited.until, by="timer:deadlines")
        assert isinstance(self.ask(wish)[0], fact.PhoneUnanswered)

    def counted(self) -> list[duty.RecordCall]:
        """Said again in plain words, not by the code that is tested."""
        return [
            each
            for each in self.told.values()
            if at("08:00") <= each.at < at("22:00")
            and each.call not in self.exempted
            and (
                (each.outcome is End.NO_ANSWER and (each.rang_seconds or 0) >= 20)
                or (each.outcome is End.REJECTED and (each.rang_seconds or 0) > 0)
                or each.outcome in (End.UNREACHABLE, End.SWITCHED_OFF)
            )
        ]

    def stands(self, first: duty.RecordCall, second: duty.RecordCall) -> bool:
        alive = [c.at for c in self.told.values() if c.outcome is End.ANSWERED]
        both = {first.outcome, second.outcome}
        return (
            timedelta(minutes=10) <= second.at - first.at <= timedelta(minutes=30)
            and (End.UNREACHABLE not in both or both <= {End.UNREACHABLE, End.SWITCHED_OFF})
            and not any(first.at <= moment <= second.at + timedelta(minutes=30) for moment in alive)
        )

    def pairs(self) -> set[tuple[str, str]]:
        probes = self.counted()
        return {(one.call, other.call) for one in probes for other in probes if self.stands(one, other)}

    @invariant()
    def what_is_awaited_or_told_stands(self) -> None:
        said = [*self.state.declared, *([self.state.awaited] if self.state.awaited else [])]
        assert {(each.first_call, each.second_call) for each in said} <= self.pairs()
        assert len(self.state.declared) <= 2

    @invariant()
    def nothing_is_forgotten(self) -> None:
        if self.state.awaited or len(self.state.declared) == 2:
            return
        apart = timedelta(minutes=30)
        for first, second in self.pairs():
            begins, ends = self.told[first].at, self.told[second].at
            assert any(ends + apart >= f.first_at and f.second_at + apart >= begins for f in self.state.declared)

    @invariant()
    def the_timer_runs_while_a_call_back_is_awaited(self) -> None:
        assert self.armed is (self.state.awaited is not None)

    @invariant()
    def telling_the_history_again_gives_the_same_day(self) -> None:
        again = duty.NEW
        for event in self.history:
            again = duty.evolve(again, event)
        assert again == self.state


TestDayOfDuty = DayOfDuty.TestCase
TestDayOfDuty.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
