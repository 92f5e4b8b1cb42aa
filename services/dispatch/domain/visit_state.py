"""What has become of a visit: its state, how each event changes it, and what that does to its deadlines.

Steps are facts with a time of their own, and may be told in any order; how far the visit is follows from them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import NamedTuple, assert_never

from shared.decider import Arm, Breach, DeadlineChange, Drop, Meet, replace
from shared.events import dispatch as fact
from shared.events.dispatch import ArrivalGrade, Claimant, VisitProgress, VisitStatus

ARRIVAL = "arrival"
"""3.4b: the engineer is there at the agreed time."""
ANSWER = "answer"
"""4.7, D15: the engineer answers a delivered instruction."""
REPORT = "report"
"""4.4, D14: headquarters is told that the engineer has left."""

VisitEvent = (
    fact.VisitPlanned
    | fact.VisitAssigned
    | fact.InstructionDelivered
    | fact.VisitAccepted
    | fact.DispatchRefused
    | fact.DispatchUnanswered
    | fact.DispatchUnansweredCorrected
    | fact.VisitRescheduled
    | fact.VisitDelayReported
    | fact.VisitLate
    | fact.VisitLateCorrected
    | fact.VisitEnRoute
    | fact.VisitArrived
    | fact.ArrivalClaimed
    | fact.ArrivalAdjudicated
    | fact.WorkStarted
    | fact.WorkPaused
    | fact.WorkResumed
    | fact.VisitFinished
    | fact.VisitCheckedOut
    | fact.LeftWithoutReporting
    | fact.LeftWithoutReportingCorrected
    | fact.CalledHomeLate
    | fact.VisitAborted
)


class Step(IntEnum):
    """What an engineer does, in the order in which it happens."""

    ACCEPT = 1
    DEPART = 2
    ARRIVE = 3
    START = 4
    PAUSE = 5
    RESUME = 6
    FINISH = 7
    CHECK_OUT = 8


class Mark(NamedTuple):
    """Work rests from here, or goes on."""

    at: datetime
    step: Step


@dataclass(frozen=True, slots=True)
class Visit:
    """What the next decision needs."""

    planned: fact.VisitPlanned | None = None
    assigned: fact.VisitAssigned | None = None
    """To whom it is given now, or was last."""
    delivered: fact.InstructionDelivered | None = None
    answered: bool = False
    unanswered: fact.DispatchUnanswered | None = None
    accepted: fact.VisitAccepted | None = None
    refused: fact.DispatchRefused | None = None
    rescheduled: fact.VisitRescheduled | None = None
    """The last time that the customer accepted another time."""
    agreed: datetime | None = None
    """The agreed arrival that counts (D4)."""
    agreed_since: datetime | None = None
    """When the customer accepted it."""
    late_after: datetime | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    """The time that is kept free for it."""
    delays: tuple[fact.VisitDelayReported, ...] = ()
    late: fact.VisitLate | None = None
    en_route: fact.VisitEnRoute | None = None
    arrived: fact.VisitArrived | None = None
    claims: Mapping[Claimant, fact.ArrivalClaimed] = field(default_factory=dict)
    adjudicated: fact.ArrivalAdjudicated | None = None
    started: fact.WorkStarted | None = None
    marks: tuple[Mark, ...] = ()
    """Pauses and their ends, by their time."""
    finished: fact.VisitFinished | None = None
    checked_out: fact.VisitCheckedOut | None = None
    unreported: fact.LeftWithoutReporting | None = None
    called_late: fact.CalledHomeLate | None = None
    """The first call after the report was due."""
    aborted: fact.VisitAborted | None = None

    @property
    def engineer(self) -> str | None:
        """Who is to go; None: nobody yet, or nobody any more."""
        return self.assigned.engineer if self.assigned and not self.refused else None

    @property
    def resting(self) -> bool:
        return bool(self.marks) and self.marks[-1].step is Step.PAUSE

    @property
    def asked_again(self) -> bool:
        """The customer has accepted another time, and the engineer hasn't taken that one yet."""
        return self.rescheduled is not None and self.accepted is None

    @property
    def answer_awaited(self) -> bool:
        """An answer to a delivered instruction is owed, and not overdue yet."""
        return self.delivered is not None and not (self.answered or self.unanswered or self.aborted)

    @property
    def arrival_awaited(self) -> bool:
        """The engineer, or somebody in their place, is to arrive, and it isn't late yet."""
        return self.assigned is not None and not (self.arrived or self.late or self.aborted)

    @property
    def status(self) -> VisitStatus:
        if self.aborted:
            return VisitStatus.ABORTED
        if self.checked_out:
            return VisitStatus.CHECKED_OUT
        if self.finished:
            return VisitStatus.FINISHED
        if self.marks or self.started:
            return VisitStatus.PAUSED if self.resting else VisitStatus.WORKING
        if self.arrived:
            return VisitStatus.ARRIVED
        if self.en_route:
            return VisitStatus.EN_ROUTE
        return self._answered_status

    @property
    def _answered_status(self) -> VisitStatus:
        if self.refused:
            return VisitStatus.REFUSED
        if self.accepted:
            return VisitStatus.ACCEPTED
        if self.asked_again:
            return VisitStatus.RESCHEDULED
        return VisitStatus.ASSIGNED if self.assigned else VisitStatus.PLANNED

    @property
    def over_at(self) -> datetime | None:
        """From when the engineer is free again, as far as it has been told; None: not over, or aborted."""
        last = self.finished or self.checked_out
        return last.at if last else None

    @property
    def progress(self) -> VisitProgress:
        """As far as its work order must know."""
        return _PROGRESS[self.status]

    def when(self, step: Step) -> datetime | None:
        """When a step happened, as far as it has been told; of pauses the last."""
        match step:
            case Step.PAUSE | Step.RESUME:
                return next((mark.at for mark in reversed(self.marks) if mark.step is step), None)
            case _:
                event = self._told[step]
                return event.at if event else None

    def gaps(self) -> list[Step]:
        """Steps that must have happened, as later ones were told; their word is still on its way."""
        told = [*(step for step, event in self._told.items() if event), *(mark.step for mark in self.marks)]
        return [step for step, event in self._told.items() if not event and any(step < other for other in told)]

    def claimed(self) -> dict[Claimant, datetime | None]:
        """D5: what each of the three says of the arrival; who says nothing is not in it."""
        said: dict[Claimant, datetime | None] = {}
        if self.arrived:
            said[Claimant.SERVER] = self.arrived.received_at
            if self.arrived.grade is ArrivalGrade.CUSTOMER_CONFIRMED:
                said[Claimant.CUSTOMER] = self.arrived.at
            elif self.arrived.grade is not ArrivalGrade.MANUAL:
                said[Claimant.DEVICE] = self.arrived.at
        return said | {claimant: claim.arrived_at for claimant, claim in self.claims.items()}

    def worked(self) -> float | None:
        """Minutes on site without pauses; None as long as arrival or end isn't known. A dispute that was settled
        says when it began."""
        arrived = self.adjudicated.arrived_at if self.adjudicated else self.arrived and self.arrived.at
        if not (arrived and self.finished):
            return None
        return max(0.0, (self.finished.at - arrived).total_seconds() / 60 - self.rested())

    def rested(self) -> float:
        """Minutes of pauses within the work; one that nobody ended lasts until the work was finished."""
        minutes, since = 0.0, None
        for mark in self.marks:
            if mark.step is Step.PAUSE:
                since = since or mark.at
            elif since:
                minutes, since = minutes + (mark.at - since).total_seconds() / 60, None
        if since and self.finished:
            minutes += (self.finished.at - since).total_seconds() / 60
        return minutes

    @property
    def _told(self) -> Mapping[Step, "VisitEvent | None"]:
        return {
            Step.ACCEPT: self.accepted,
            Step.DEPART: self.en_route,
            Step.ARRIVE: self.arrived,
            Step.START: self.started,
            Step.FINISH: self.finished,
            Step.CHECK_OUT: self.checked_out,
        }


_PROGRESS: Mapping[VisitStatus, VisitProgress] = {
    VisitStatus.PLANNED: VisitProgress.PLANNED,
    VisitStatus.REFUSED: VisitProgress.PLANNED,
    VisitStatus.ASSIGNED: VisitProgress.ASSIGNED,
    VisitStatus.RESCHEDULED: VisitProgress.ASSIGNED,
    VisitStatus.ACCEPTED: VisitProgress.ASSIGNED,
    VisitStatus.EN_ROUTE: VisitProgress.ASSIGNED,
    VisitStatus.ARRIVED: VisitProgress.UNDER_WAY,
    VisitStatus.WORKING: VisitProgress.UNDER_WAY,
    VisitStatus.PAUSED: VisitProgress.UNDER_WAY,
    VisitStatus.FINISHED: VisitProgress.DONE,
    VisitStatus.CHECKED_OUT: VisitProgress.DONE,
    VisitStatus.ABORTED: VisitProgress.ABORTED,
}

NEW = Visit()


def evolve(visit: Visit, event: VisitEvent) -> Visit:
    match event:
        case fact.VisitPlanned():
            return replace(visit, planned=event)
        case fact.VisitAssigned():
            return _given(visit, event)
        case fact.InstructionDelivered():
            return replace(visit, delivered=event)
        case fact.VisitAccepted():
            current = visit.rescheduled is None or event.at >= visit.rescheduled.at
            return replace(visit, answered=True, accepted=event if current else visit.accepted)
        case fact.DispatchRefused():
            return replace(visit, answered=True, refused=event)
        case fact.DispatchUnanswered():
            return replace(visit, unanswered=event)
        case fact.DispatchUnansweredCorrected():
            return replace(visit, unanswered=None)
        case fact.VisitRescheduled():
            return _moved(visit, event)
        case fact.VisitDelayReported():
            return replace(visit, delays=(*visit.delays, event))
        case fact.VisitLate():
            return replace(visit, late=event)
        case fact.VisitLateCorrected():
            return replace(visit, late=None)
        case fact.VisitAborted():
            return replace(visit, aborted=event)
        case fact.LeftWithoutReporting():
            return replace(visit, unreported=event)
        case fact.LeftWithoutReportingCorrected():
            return replace(visit, unreported=None)
        case fact.CalledHomeLate():
            return replace(visit, called_late=event)
        case _:
            return _stepped(visit, event)


_Stepping = (
    fact.VisitEnRoute
    | fact.VisitArrived
    | fact.ArrivalClaimed
    | fact.ArrivalAdjudicated
    | fact.WorkStarted
    | fact.WorkPaused
    | fact.WorkResumed
    | fact.VisitFinished
    | fact.VisitCheckedOut
)


def _stepped(visit: Visit, event: _Stepping) -> Visit:
    match event:
        case fact.VisitEnRoute():
            return replace(visit, en_route=event)
        case fact.VisitArrived():
            return replace(visit, arrived=event)
        case fact.ArrivalClaimed():
            return replace(visit, claims={**visit.claims, event.claimant: event})
        case fact.ArrivalAdjudicated():
            return replace(visit, adjudicated=event)
        case fact.WorkStarted():
            return replace(visit, started=event)
        case fact.WorkPaused():
            return replace(visit, marks=_with_mark(visit, Mark(event.at, Step.PAUSE)))
        case fact.WorkResumed():
            return replace(visit, marks=_with_mark(visit, Mark(event.at, Step.RESUME)))
        case fact.VisitFinished():
            return replace(visit, finished=event)
        case fact.VisitCheckedOut():
            return replace(visit, checked_out=event)
        case _:
            assert_never(event)


def _given(visit: Visit, event: fact.VisitAssigned) -> Visit:
    """Whoever had it before has nothing to do with it any more; what was agreed with the customer stays."""
    return replace(
        visit,
        assigned=event,
        delivered=None,
        answered=False,
        unanswered=None,
        accepted=None,
        refused=None,
        en_route=None,
        agreed=event.agreed_arrival,
        agreed_since=visit.agreed_since or event.at,
        late_after=event.late_after,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        rescheduled=None,
        delays=(),
    )


def _moved(visit: Visit, event: fact.VisitRescheduled) -> Visit:
    """The engineer is asked again, unless they had arrived before it was recorded."""
    moved = replace(
        visit,
        rescheduled=event,
        agreed=event.agreed_arrival,
        agreed_since=event.at,
        late_after=event.late_after,
    )
    if not event.awaited:
        return moved
    return replace(moved, starts_at=event.starts_at, ends_at=event.ends_at, accepted=None, en_route=None)


def _with_mark(visit: Visit, mark: Mark) -> tuple[Mark, ...]:
    return tuple(sorted((*visit.marks, mark)))


def deadlines(event: VisitEvent) -> Sequence[DeadlineChange]:
    """3.4b, 4.4, 4.7. Each is armed once for what it waits for, and corrected where the word of it came late."""
    match event:
        case fact.VisitAssigned():
            dropped = [Drop(ANSWER)] if event.answer_dropped else []
            return [*dropped, Arm(ARRIVAL, event.late_after)] if event.assignment == 1 else dropped
        case fact.InstructionDelivered():
            return [Arm(ANSWER, event.answer_due)]
        case fact.VisitAccepted() | fact.DispatchRefused() if event.answer_due and event.at <= event.answer_due:
            return [Meet(ANSWER, event.at)]
        case fact.DispatchUnanswered():
            return [Breach(ANSWER, event.at)]
        case fact.VisitRescheduled() if event.counts and event.awaited:
            return [Arm(ARRIVAL, event.late_after)]
        case fact.VisitLate():
            return [Breach(ARRIVAL, event.at)]
        case fact.VisitLateCorrected() if event.arrived_at:
            return [Meet(ARRIVAL, event.arrived_at)]
        case fact.VisitLateCorrected():
            return [Drop(ARRIVAL)]
        case fact.VisitAborted():
            clocks = ((ARRIVAL, event.clock_dropped), (ANSWER, event.answer_dropped))
            return [Drop(name) for name, dropped in clocks if dropped]
        case _:
            return _of_steps(event)


def _of_steps(event: VisitEvent) -> Sequence[DeadlineChange]:
    match event:
        case fact.VisitArrived() if event.at <= event.late_after:
            return [Meet(ARRIVAL, event.at)]
        case fact.VisitFinished() if not event.told:
            return [Arm(REPORT, event.watched_until)]
        case fact.VisitCheckedOut() if event.late_minutes == 0:
            return [Meet(REPORT, event.at)]
        case fact.LeftWithoutReporting():
            return [Breach(REPORT, event.at)]
        case _:
            return []
