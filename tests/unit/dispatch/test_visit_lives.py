"""Whole lives by chance: whatever is told of visits and work orders in whatever order, what was promised holds."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import given as by_chance
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from services.dispatch.domain import schedule, visit, work_order
from services.dispatch.domain import visit_commands as wish
from services.dispatch.domain.schedule import BookSlot, EndSlot, ReleaseSlot
from services.dispatch.domain.visit_state import Step, Visit
from services.dispatch.domain.work_order_commands import NoteLateCost
from services.dispatch.domain.work_order_state import WorkOrder
from shared.decider import Arm, Breach, Command, DeadlineChange, Decider, Drop, Meet, Refused
from shared.events import dispatch as fact
from shared.events.base import Event
from shared.events.dispatch import CheckOutWay, Claimant, CostKind, VisitProgress, VisitStatus, WorkOrderStatus
from tests.unit.dispatch import visit_examples as ex
from tests.unit.dispatch.visit_examples import TERMS, an_id, at
from tests.unit.tickets.test_lives import Life, granted, with_chance

BACK = st.sampled_from([0, 1, 4, 20, 90])
"""Minutes between what happened and the word of it."""


class VisitLife(Life):
    decider: Decider[Any] = visit
    state: Visit

    @initialize()
    def planned(self) -> None:
        self.now = at("08:10")
        assert self.ask(ex.plan())
        assert self.ask(ex.assign())

    def after(self, change: DeadlineChange) -> str:
        """As for every life; and the word of what came late may change what is over."""
        was = self.deadlines.get(change.name)
        match change:
            case Arm():
                return "armed"
            case Meet():
                assert was is not None
                return "met"
            case Breach():
                assert was is not None
                return "breached"
            case Drop():
                assert was is not None
                return "dropped"
            case _:
                raise AssertionError(change)

    def told(self, kind: type[Any], back: int, **more: Any) -> Sequence[Event] | None:
        happened = self.now - timedelta(minutes=back)
        return self.ask(kind(at=happened, by="E04", received_at=self.now, terms=TERMS, **more))

    @rule(minutes=st.sampled_from([1, 7, 30, 61]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(engineer=st.sampled_from(["E04", "E05"]))
    def assigned(self, engineer: str) -> None:
        self.ask(ex.assign(at=self.now, engineer=engineer, agreed_arrival=None))

    @rule()
    def delivered(self) -> None:
        self.ask(ex.deliver().model_copy(update={"at": self.now}))

    @rule(back=BACK)
    def accepted(self, back: int) -> None:
        self.told(wish.AcceptVisit, back)

    @rule(back=BACK, safety=st.booleans())
    def refused(self, back: int, safety: bool) -> None:
        self.told(wish.RefuseDispatch, back, reason="不去", safety=safety)

    @rule(back=BACK, ahead=st.sampled_from([1, 60]))
    def rescheduled(self, back: int, ahead: int) -> None:
        happened = self.now - timedelta(minutes=back)
        new = happened + timedelta(minutes=ahead)
        self.ask(ex.reschedule("08:00", "08:00").model_copy(update={"at": happened, "new_arrival": new}))

    @rule(back=BACK, step=st.sampled_from([wish.Depart, wish.StartWork, wish.ResumeWork]))
    def stepped(self, back: int, step: type[Any]) -> None:
        self.told(step, back)

    @rule(back=BACK)
    def paused(self, back: int) -> None:
        self.told(wish.PauseWork, back, reason="等")

    @rule(back=BACK)
    def checked_in(self, back: int) -> None:
        self.told(wish.CheckIn, back, distance_m=None, radius_m=None)

    @rule(back=BACK)
    def finished(self, back: int) -> None:
        self.told(wish.FinishWork, back, result="好")

    @rule(back=BACK)
    def checked_out(self, back: int) -> None:
        self.told(wish.CheckOut, back, way=CheckOutWay.APP)

    @rule(back=BACK)
    def recorded_by_the_office(self, back: int) -> None:
        happened = self.now - timedelta(minutes=back)
        self.ask(wish.RecordArrival(at=happened, by="li.na", received_at=self.now, reason="来电"))

    @rule(back=BACK)
    def claimed(self, back: int) -> None:
        arrived = self.now - timedelta(minutes=back)
        who = Claimant.CUSTOMER
        self.ask(wish.ClaimArrival(at=self.now, by="wang", claimant=who, arrived_at=arrived, basis="门卫"))

    @rule(back=BACK)
    def adjudicated(self, back: int) -> None:
        arrived = self.now - timedelta(minutes=back)
        self.ask(wish.AdjudicateArrival(at=self.now, by="zhao", arrived_at=arrived, reasons="门禁"))

    @rule(back=BACK, really=st.sampled_from([False, False, True]))
    def aborted(self, back: int, really: bool) -> None:
        if really:
            self.told(wish.AbortVisit, back, reason="取消")

    @rule()
    def timers(self) -> None:
        for lapse in (wish.LapseArrival, wish.LapseAnswer, wish.LapseReport):
            self.ask(lapse(at=self.now, by="timer"))

    @rule(steps=st.integers(1, 9))
    def goes_the_usual_way(self, steps: int) -> None:
        """Without this, chance hardly ever comes to the end of a life."""
        usual = {
            VisitStatus.ASSIGNED: self.accepted,
            VisitStatus.RESCHEDULED: self.accepted,
            VisitStatus.ARRIVED: lambda _: self.stepped(0, wish.StartWork),
            VisitStatus.ACCEPTED: lambda _: self.stepped(0, wish.Depart),
            VisitStatus.EN_ROUTE: self.checked_in,
            VisitStatus.WORKING: self.finished,
            VisitStatus.PAUSED: lambda _: self.stepped(0, wish.ResumeWork),
            VisitStatus.FINISHED: self.checked_out,
        }
        for _ in range(steps):
            self.now += timedelta(minutes=3)
            if step := usual.get(self.state.status):
                step(0)

    @invariant()
    def times_of_steps_never_contradict_each_other(self) -> None:
        state = self.state
        times = [state.accepted, state.en_route, state.arrived, state.started, state.finished, state.checked_out]
        told = [event.at for event in times if event]
        assert told == sorted(told)
        for mark in state.marks:
            assert not state.started or mark.at >= state.started.at
            assert not state.finished or mark.at <= state.finished.at

    @invariant()
    def every_clock_is_what_the_visit_thinks(self) -> None:
        state = self.state
        if state.arrival_awaited:
            assert self.deadlines["arrival"] == "armed"
        if state.answer_awaited:
            assert self.deadlines["answer"] == "armed"
        if state.finished and not (state.checked_out or state.unreported):
            assert self.deadlines["report"] == "armed"
        over = state.aborted and not state.finished
        if over or (state.checked_out and not state.gaps()):
            assert "armed" not in {self.deadlines[name] for name in self.deadlines if name != "arrival" or over}

    @invariant()
    def late_is_who_came_after_the_agreed_time_or_not_at_all(self) -> None:
        state, late_after = self.state, self.state.late_after
        if state.adjudicated or not (state.arrived and late_after):
            return
        assert bool(state.late) == (state.arrived.at > late_after)

    @invariant()
    def unreported_is_who_left_without_a_word_in_time(self) -> None:
        state = self.state
        if state.finished and state.checked_out:
            assert bool(state.unreported) == (state.checked_out.at > state.finished.report_due)

    @invariant()
    def corrections_follow_what_they_correct(self) -> None:
        for wrong, right in (
            (fact.VisitLate, fact.VisitLateCorrected),
            (fact.DispatchUnanswered, fact.DispatchUnansweredCorrected),
            (fact.LeftWithoutReporting, fact.LeftWithoutReportingCorrected),
        ):
            open_ = 0
            for event in self.history:
                if isinstance(event, fact.VisitAssigned) and wrong is fact.DispatchUnanswered:
                    open_ = 0
                open_ += isinstance(event, wrong) - isinstance(event, right)
                assert open_ in (0, 1)

    @invariant()
    def what_was_just_said_can_be_said_again(self) -> None:
        if self.state.adjudicated:
            again = wish.AdjudicateArrival(
                at=self.now, by="zhao", arrived_at=self.state.adjudicated.arrived_at, reasons="门禁"
            )
            assert visit.decide(again, self.state) == []

    @invariant()
    def available_tells_the_truth(self) -> None:
        offered = visit.available(self.state)
        for action, wanted in self.well_formed().items():
            assert granted(visit, wanted, self.state) == (offered[action] is None), action

    def well_formed(self) -> dict[str, Command]:
        """For each action a wish, a minute from now, that nothing but the state of the visit could refuse."""
        soon = self.now + timedelta(minutes=1)
        own: dict[str, Any] = {"at": soon, "by": "E04", "received_at": soon, "terms": TERMS}
        wishes: dict[str, Command] = {
            "accept": wish.AcceptVisit(**own),
            "refuse": wish.RefuseDispatch(**own, reason=f"{len(self.history)}"),
            "depart": wish.Depart(**own),
            "start_work": wish.StartWork(**own),
            "pause": wish.PauseWork(**own, reason="等"),
            "resume": wish.ResumeWork(**own),
            "finish": wish.FinishWork(**own, result="好"),
            "check_out": wish.CheckOut(**own, way=CheckOutWay.APP),
            "abort": wish.AbortVisit(**own, reason=f"{len(self.history)}"),
            "report_delay": wish.ReportDelay(**own, cause="traffic"),
        }
        if self.state.gaps():
            return {"report_delay": wishes["report_delay"]}  # what fills a gap has to lie in the past
        return wishes


class WorkOrderLife(Life):
    decider: Decider[Any] = work_order
    state: WorkOrder

    @initialize()
    def drafted(self) -> None:
        self.now = at("07:00")
        assert self.ask(ex.draft())

    @rule()
    def qualified(self) -> None:
        self.now += timedelta(minutes=1)
        self.ask(ex.qualify(at=self.now))

    @rule(number=st.integers(0, 2), progress=st.sampled_from(VisitProgress))
    def noted(self, number: int, progress: VisitProgress) -> None:
        self.ask(ex.note(progress, visit=an_id(str(number)), at=self.now))

    @rule(by=st.sampled_from(["E04", "li.na"]))
    def reported(self, by: str) -> None:
        version = self.state.report.version + 1 if self.state.report else 1
        self.ask(ex.report(version=version, by=by))

    @rule(number=st.integers(0, 3), amount=st.sampled_from(["10.00", "-10.00", "0.01"]), kind=st.sampled_from(CostKind))
    def cost(self, number: int, amount: str, kind: CostKind) -> None:
        before = self.state
        if self.ask(ex.cost(kind, amount, f"c{number}")):
            assert not before.posted
            assert self.state.total() == before.total() + Decimal(amount)

    @rule()
    def late_cost(self) -> None:
        if self.state.posted:
            self.ask(NoteLateCost(**dict(ex.cost(CostKind.FREIGHT, "3.00", f"late {self.a_number()}"))))

    @rule(by=st.sampled_from(["E04", "li.na", "zhao.min"]))
    def verified(self, by: str) -> None:
        if self.ask(ex.verify(by=by)):
            assert by not in self.state.hands
            assert self.state.report

    @rule()
    def posted(self) -> None:
        self.ask(ex.post())

    @rule(how=st.sampled_from([None, None, "cancelled", "incomplete"]))
    def ends(self, how: str | None) -> None:
        if how:
            self.ask(ex.cancel() if how == "cancelled" else ex.incomplete())

    @rule(steps=st.integers(1, 8))
    def goes_the_usual_way(self, steps: int) -> None:
        for _ in range(steps):
            match self.state.status:
                case WorkOrderStatus.DRAFT:
                    self.qualified()
                case WorkOrderStatus.QUALIFIED:
                    self.noted(0, VisitProgress.ASSIGNED)
                case WorkOrderStatus.SCHEDULED | WorkOrderStatus.IN_PROGRESS:
                    for key in self.state.visits:
                        self.ask(ex.note(VisitProgress.DONE, visit=key))
                case WorkOrderStatus.WORK_DONE:
                    self.reported("E04")
                case WorkOrderStatus.REPORTED:
                    self.verified("zhao.min")
                case _:
                    self.posted()

    @invariant()
    def posted_costs_never_change(self) -> None:
        if self.state.posted:
            assert self.state.posted.total == self.state.total()

    @invariant()
    def each_milestone_is_told_once_and_in_order(self) -> None:
        order = [fact.WorkOrderStarted, fact.WorkOrderWorkDone, fact.WorkOrderPosted]
        told = [type(event) for event in self.history if type(event) in order]
        assert told == order[: len(told)]

    @invariant()
    def the_status_that_events_tell_is_the_status(self) -> None:
        state = work_order.NEW
        for event in self.history:
            state = work_order.evolve(state, event)
            if isinstance(event, fact.WorkOrderVisitNoted | fact.WorkOrderReported):
                assert event.status is state.status

    @invariant()
    def what_is_verified_is_done_and_reported(self) -> None:
        if self.state.status in (WorkOrderStatus.VERIFIED, WorkOrderStatus.POSTED):
            progress = {noted.progress for noted in self.state.visits.values()}
            assert VisitProgress.DONE in progress
            assert progress <= {VisitProgress.DONE, VisitProgress.ABORTED}
            assert self.state.report


class ScheduleLife(Life):
    decider: Decider[Any] = schedule
    state: schedule.Schedule

    @rule(
        number=st.integers(0, 4),
        begins=st.integers(0, 9),
        length=st.integers(1, 4),
        why=st.sampled_from([None, "顺路"]),
    )
    def booked(self, number: int, begins: int, length: int, why: str | None) -> None:
        starts_at = at("08:00") + timedelta(hours=begins)
        own: dict[str, Any] = {"at": self.now, "by": "li.na", "engineer": "E04", "day": starts_at.date()}
        ends_at = starts_at + timedelta(hours=length)
        self.ask(BookSlot(**own, visit=an_id(str(number)), starts_at=starts_at, ends_at=ends_at, override_reason=why))

    @rule(number=st.integers(0, 4))
    def released(self, number: int) -> None:
        visit_ = an_id(str(number))
        day = self.now.date()
        self.ask(ReleaseSlot(at=self.now, by="li.na", engineer="E04", day=day, visit=visit_, reason="取消"))

    @rule(number=st.integers(0, 4), hour=st.integers(0, 12))
    def ended(self, number: int, hour: int) -> None:
        ended_at = at("08:00") + timedelta(hours=hour)
        own: dict[str, Any] = {"at": self.now, "by": "E04", "engineer": "E04", "day": ended_at.date()}
        before = self.state.slots.get(an_id(str(number)))
        self.ask(EndSlot(**own, visit=an_id(str(number)), ended_at=ended_at))
        after = self.state.slots.get(an_id(str(number)))
        assert (before is None) == (after is None)
        if before and after:
            assert after.starts_at == before.starts_at
            assert after.ends_at == min(before.ends_at, max(before.starts_at, ended_at))

    @invariant()
    def what_overlaps_was_overridden_with_a_reason(self) -> None:
        booked: list[fact.SlotBooked] = []
        for event in self.history:
            before = [slot for slot in booked if slot.visit == event.visit]
            booked = [slot for slot in booked if slot.visit != event.visit]
            if isinstance(event, fact.SlotShortened):
                booked += [slot.model_copy(update={"ends_at": event.ends_at}) for slot in before]
            if isinstance(event, fact.SlotBooked):
                long = [slot for slot in booked if slot.starts_at < slot.ends_at]
                across = {s.visit for s in long if s.starts_at < event.ends_at and event.starts_at < s.ends_at}
                assert across == set(event.overlaps)
                assert bool(across) == bool(event.override_reason)
                booked.append(event)


# --- the order in which words arrive doesn't matter -------------------------------------------------------------------

DAY = (
    lambda received: ex.depart("09:20", received),
    lambda received: ex.check_in("09:55", received),
    lambda received: ex.start("10:05", received),
    lambda received: ex.pause("10:20", received),
    lambda received: ex.resume("10:40", received),
    lambda received: ex.finish("11:00", received),
    lambda received: ex.check_out("11:10", received),
)


@settings(max_examples=100, deadline=None)
@by_chance(st.randoms(use_true_random=False), st.booleans())
def test_whatever_the_order_of_arrival_the_visit_ends_as_it_happened(chance: Random, timers: bool) -> None:
    """Told from offline in any order, with or without the timers in between, each as often as a bad line makes it."""
    state = visit.NEW
    for command in ex.ON_SITE[:4]:
        state = _after(command, state)
    words = [make("12:30") for make in DAY]
    chance.shuffle(words)
    for word in words:
        state = _after(word, state)
        if timers:
            for lapse in (ex.no_arrival("12:31"), ex.no_report("12:46")):
                state = _after(lapse, state) if _due(lapse, state) else state
        state = _after(word, state)
    assert state.status is VisitStatus.CHECKED_OUT
    assert (state.late, state.unreported, state.gaps(), state.rested()) == (None, None, [], 20.0)
    assert [state.when(step) for step in (Step.ARRIVE, Step.CHECK_OUT)] == [at("09:55"), at("11:10")]


def _after(command: Command, state: Visit) -> Visit:
    for event in visit.decide(command, state):
        state = visit.evolve(state, event)
    return state


def _due(lapse: Command, state: Visit) -> bool:
    try:
        visit.decide(lapse, state)
    except Refused:
        return False
    return True


TestVisitLife = with_chance(VisitLife)
TestWorkOrderLife = with_chance(WorkOrderLife)
TestScheduleLife = with_chance(ScheduleLife)
