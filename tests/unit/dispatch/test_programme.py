"""Visit programmes (2.3), rule by rule, and a whole life by chance."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.dispatch.domain import programme
from services.dispatch.domain.identity import NAMESPACE, routine_work_order_id
from services.dispatch.domain.programme import ProgrammeCommand, ProgrammeEvent, made_at
from shared.decider import Arm, Drop, Meet, Refused
from shared.events import dispatch as fact
from shared.events.dispatch import ProgrammeStatus, ProgrammeVisit
from tests.unit.tickets.story import given

T0 = datetime(2026, 10, 1, 1, 0, tzinfo=UTC)
"""Thursday 1 October 2026, 09:00 in Shanghai."""
PROGRAMME = uuid5(NAMESPACE, "programme")
SHOP = uuid5(NAMESPACE, "shop")
VISIT = ProgrammeVisit(customer=SHOP, site=None, work_order=uuid5(NAMESPACE, "order"))
FIRST, SECOND = date(2026, 10, 12), date(2026, 11, 9)
"""The second Mondays; work orders are made a week ahead."""
FACTS: dict[str, Any] = {
    "name": "华东重点客户走访",
    "region": "华东",
    "key_customers": True,
    "rule": "FREQ=MONTHLY;BYDAY=2MO",
    "starts_on": date(2026, 10, 1),
}


def days(number: float) -> datetime:
    return T0 + timedelta(days=number)


def plan(**facts: Any) -> programme.PlanProgramme:
    return programme.PlanProgramme(**{"at": T0, "by": "zhao.yu", "programme": PROGRAMME} | FACTS | facts)


def change(at: float = 1, **facts: Any) -> programme.ChangeProgramme:
    return programme.ChangeProgramme(**{"at": days(at), "by": "zhao.yu", "reason": "区域调整"} | FACTS | facts)


def pause(at: float = 2) -> programme.PauseProgramme:
    return programme.PauseProgramme(at=days(at), by="zhao.yu", reason="春节停访")


def resume(at: float = 20) -> programme.ResumeProgramme:
    return programme.ResumeProgramme(at=days(at), by="zhao.yu")


def end(at: float = 5) -> programme.EndProgramme:
    return programme.EndProgramme(at=days(at), by="zhao.yu", reason="合同到期")


def occur(at: datetime) -> programme.MakeOccurrence:
    return programme.MakeOccurrence(at=at, by="timer:deadlines", visits=(VISIT,))


def test_a_programme_says_when_it_comes_next() -> None:
    story = given(programme).when(plan()).then(fact.ProgrammePlanned).saying(next_on=FIRST, planned_by="zhao.yu")
    story.deadlines(Arm("occurrence", datetime(2026, 10, 4, 16, tzinfo=UTC)))


def test_an_occurrence_makes_its_work_orders_a_week_ahead_and_the_next_one_waits() -> None:
    due = made_at(FIRST, 7)
    story = given(programme, plan()).when(occur(due + timedelta(hours=3))).then(fact.ProgrammeFellDue)
    story.saying(at=due, occurrence=FIRST, visit_until=date(2026, 10, 18), visits=(VISIT,), next_on=SECOND)
    story.deadlines(Meet("occurrence", due), Arm("occurrence", made_at(SECOND, 7)))


def test_it_does_not_come_before_its_time() -> None:
    given(programme, plan()).when(occur(made_at(FIRST, 7) - timedelta(seconds=1))).refused("occurrence_not_due")


def test_each_occurrence_that_passed_while_the_timer_was_away_is_made_up_for() -> None:
    late = made_at(SECOND, 7) + timedelta(days=1)
    story = given(programme, plan())
    story.when(occur(late)).then(fact.ProgrammeFellDue).saying(occurrence=FIRST)
    story.when(occur(late)).then(fact.ProgrammeFellDue).saying(occurrence=SECOND)
    story.when(occur(late)).refused("occurrence_not_due")


def test_after_its_last_day_it_is_over() -> None:
    story = given(programme, plan(ends_on=date(2026, 10, 31)))
    story.when(occur(made_at(FIRST, 7))).then(fact.ProgrammeFellDue, fact.ProgrammeEnded).saying(reason=None)
    assert story.now().status is ProgrammeStatus.ENDED
    story.when(occur(days(99))).then()


def test_what_passes_in_a_pause_is_left_out() -> None:
    story = given(programme, plan(), pause())
    story.deadlines(Drop("occurrence"))
    story.when(occur(days(12))).then()
    story.when(resume(at=20)).then(fact.ProgrammeResumed).saying(next_on=SECOND)


def test_a_pause_beyond_the_last_day_ends_it() -> None:
    story = given(programme, plan(ends_on=date(2026, 10, 15)), pause())
    story.when(resume(at=20)).then(fact.ProgrammeResumed, fact.ProgrammeEnded)
    story.when(resume(at=20)).then()


def test_a_change_never_makes_an_occurrence_twice() -> None:
    story = given(programme, plan(), occur(made_at(FIRST, 7)))
    story.when(change(at=5, rule="FREQ=WEEKLY;BYDAY=MO")).then(fact.ProgrammeChanged)
    story.saying(next_on=date(2026, 10, 19))


def test_a_change_during_a_pause_waits_for_its_end() -> None:
    story = given(programme, plan(), pause()).when(change(at=3, ahead_days=1)).then(fact.ProgrammeChanged)
    story.saying(next_on=None).deadlines()
    story.when(resume(at=4)).then(fact.ProgrammeResumed).saying(next_on=FIRST, next_due=made_at(FIRST, 1))


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"region": None, "key_customers": False}, "programme_for_nobody"),
        ({"site": SHOP}, "site_without_customer"),
        ({"ends_on": date(2026, 9, 1)}, "programme_backwards"),
        ({"ends_on": date(2026, 10, 5)}, "programme_never_due"),
        ({"rule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "programme_never_due"),
    ],
)
def test_a_programme_that_makes_no_sense_is_refused(facts: dict[str, Any], code: str) -> None:
    given(programme).when(plan(**facts)).refused(code)


def test_said_twice_is_said_once() -> None:
    given(programme, plan()).when(plan()).then()
    given(programme, plan(), change()).when(change()).then()
    given(programme, plan(), pause()).when(pause()).then()
    given(programme, plan(), pause(), resume()).when(resume()).then()
    given(programme, plan(), end()).when(end()).then()


def test_what_is_not_listed_is_refused_with_the_reason() -> None:
    given(programme).when(pause()).refused("programme_unknown")
    given(programme, plan()).when(resume()).refused("programme_active")
    given(programme, plan(), pause()).when(programme.PauseProgramme(at=days(3), by="x", reason="另一个原因")).refused(
        "programme_paused"
    )
    given(programme, plan(), end()).when(change(at=9)).refused("programme_ended")
    given(programme, plan()).when(plan(name="另一个")).refused("programme_exists")


def test_what_is_open_is_what_is_granted() -> None:
    story = given(programme, plan())
    assert {name for name, reason in programme.available(story.now()).items() if reason is None} == {
        "change",
        "pause",
        "end",
    }


RULES = ("FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=MONTHLY;BYDAY=2MO", "FREQ=MONTHLY;BYMONTHDAY=31")


class ProgrammeLife(RuleBasedStateMachine):
    """Whatever people do in whatever order: no day comes twice, none comes early, and a timer waits for each."""

    def __init__(self) -> None:
        super().__init__()
        self.state = programme.NEW
        self.history: list[ProgrammeEvent] = []
        self.armed: datetime | None = None
        self.now = T0

    def ask(self, command: ProgrammeCommand) -> Sequence[ProgrammeEvent]:
        try:
            events = programme.decide(command, self.state)
        except Refused:
            return []
        for event in events:
            self.state = programme.evolve(self.state, event)
            self.history.append(event)
            for deadline in programme.deadlines(event):
                self.armed = deadline.due if isinstance(deadline, Arm) else None
        assert not programme.decide(command, self.state) if events and not self.timed(command) else True
        return events

    def timed(self, command: ProgrammeCommand) -> bool:
        """The timer's wish is another one each time."""
        return isinstance(command, programme.MakeOccurrence)

    @initialize(rule_=st.sampled_from(RULES), ahead=st.integers(0, 40), last=st.none() | st.integers(0, 200))
    def planned(self, rule_: str, ahead: int, last: int | None) -> None:
        ends = days(last).date() if last is not None else None
        self.ask(plan(rule=rule_, ahead_days=ahead, ends_on=ends))

    @rule(rule_=st.sampled_from(RULES), ahead=st.integers(0, 40))
    def changed(self, rule_: str, ahead: int) -> None:
        self.ask(change().model_copy(update={"at": self.now, "rule": rule_, "ahead_days": ahead}))

    @rule(reason=st.sampled_from(["春节", "疫情"]))
    def paused(self, reason: str) -> None:
        self.ask(programme.PauseProgramme(at=self.now, by="a", reason=reason))

    @rule()
    def resumed(self) -> None:
        self.ask(programme.ResumeProgramme(at=self.now, by="a"))

    @rule(hours=st.integers(1, 24 * 20))
    def later(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def timer(self) -> None:
        if self.armed and self.armed <= self.now:
            assert self.ask(occur(self.now)), "a deadline that has passed does something"

    @rule()
    def somebody_elses_timer(self) -> None:
        if self.armed is None or self.armed > self.now:
            assert not self.ask(occur(self.now))

    @rule(chance=st.integers(0, 9))
    def ended(self, chance: int) -> None:
        if not chance:
            self.ask(end().model_copy(update={"at": self.now}))

    @invariant()
    def no_day_comes_twice(self) -> None:
        came = [event.occurrence for event in self.history if isinstance(event, fact.ProgrammeFellDue)]
        assert came == sorted(set(came))

    @invariant()
    def a_timer_waits_exactly_where_a_day_is_expected(self) -> None:
        assert (self.armed is None) == (self.state.next_on is None)
        assert self.state.status is not ProgrammeStatus.ACTIVE or self.state.next_on is not None

    @invariant()
    def the_state_follows_from_the_history(self) -> None:
        state = programme.NEW
        for event in self.history:
            state = programme.evolve(state, event)
        assert state == self.state


TestProgrammeLife = ProgrammeLife.TestCase
TestProgrammeLife.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def test_ids_of_work_orders_come_from_the_facts() -> None:
    ids = {routine_work_order_id(PROGRAMME, day, who) for day in (FIRST, SECOND) for who in (SHOP, UUID(int=1))}
    assert len(ids) == 4
