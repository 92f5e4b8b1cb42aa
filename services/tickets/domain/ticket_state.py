"""What has become of a ticket: its state, how each event changes it, and what that does to the answer clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import assert_never
from uuid import UUID

from services.tickets.domain.coverage import chargeable
from shared.decider import Arm, Breach, DeadlineChange, Drop, Meet
from shared.events import tickets as fact
from shared.events.tickets import Purpose, TicketStatus

ANSWER = "answer"
"""The deadline of the first answer."""

TicketEvent = (
    fact.TicketOpened
    | fact.TicketTriaged
    | fact.TicketTriageCorrected
    | fact.CoverageDecided
    | fact.FirstAnswerGiven
    | fact.AnswerOverdue
    | fact.AnswerOverdueCorrected
    | fact.TicketHeld
    | fact.TicketResumed
    | fact.TicketEscalated
    | fact.EscalationAnswered
    | fact.TicketDispatched
    | fact.TicketWorkOrderVerified
    | fact.TicketWorkOrderCancelled
    | fact.TicketWorkOrderContinued
    | fact.TicketDispatchDeclined
    | fact.VisitReported
    | fact.TicketResolved
    | fact.TicketReopened
    | fact.TicketMerged
    | fact.TicketAbsorbed
    | fact.TicketCancelled
    | fact.TicketClosed
    | fact.TicketArchived
)


class Progress(StrEnum):
    """Of a work order, as far as the ticket must know."""

    OPEN = "open"
    VERIFIED = "verified"
    CANCELLED = "cancelled"
    CONTINUED = "continued"
    """It could not be brought to its end; another one goes on with it."""


@dataclass(frozen=True, slots=True)
class WorkOrder:
    purpose: Purpose
    chargeable: bool = False
    """As it was dispatched: with an accepted quote, or as a favour (2.2)."""
    progress: Progress = Progress.OPEN


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the next decision needs."""

    opened: fact.TicketOpened | None = None
    stage: TicketStatus = TicketStatus.OPEN
    """The status beneath a hold."""
    hold: fact.TicketHeld | None = None
    resumed: bool = False
    """From its last hold."""
    asked_at: datetime | None = None
    answer_due: datetime | None = None
    answer: fact.FirstAnswerGiven | None = None
    """To the request that counts now; a reopening clears it."""
    proofs: tuple[fact.Proof, ...] = ()
    """Of all first answers so far: none proves two."""
    overdue: bool = False
    triage: fact.TicketTriaged | fact.TicketTriageCorrected | None = None
    coverage: fact.CoverageDecided | None = None
    escalation: fact.TicketEscalated | None = None
    """The question that headquarters hasn't answered yet."""
    escalation_answer: fact.EscalationAnswered | None = None
    work_orders: Mapping[UUID, WorkOrder] = field(default_factory=dict)
    declined: frozenset[UUID] = frozenset()
    """Work orders of dispatch that the rules didn't allow when they were to be taken up."""
    visits: Mapping[UUID, fact.VisitReported] = field(default_factory=dict)
    absorbed: frozenset[UUID] = frozenset()
    resolved: fact.TicketResolved | None = None
    reopened: fact.TicketReopened | None = None
    closed: fact.TicketClosed | None = None
    ended: fact.TicketMerged | fact.TicketCancelled | fact.TicketArchived | None = None

    @property
    def status(self) -> TicketStatus:
        return TicketStatus.ON_HOLD if self.hold else self.stage

    @property
    def waiting(self) -> bool:
        """The first answer is owed and not overdue yet."""
        dropped = self.stage in (TicketStatus.MERGED, TicketStatus.CANCELLED)
        return self.opened is not None and not (self.answer or self.overdue or dropped)

    @property
    def done(self) -> bool:
        """What the customer asked for is done."""
        return self.stage in (TicketStatus.RESOLVED, TicketStatus.CLOSED, TicketStatus.ARCHIVED)

    @property
    def reopenings(self) -> int:
        return self.reopened.reopening if self.reopened else 0

    @property
    def open_work_orders(self) -> int:
        return sum(order.progress is Progress.OPEN for order in self.work_orders.values())


NEW = Ticket()


def evolve(ticket: Ticket, event: TicketEvent) -> Ticket:
    match event:
        case fact.TicketOpened():
            return replace(ticket, opened=event, asked_at=event.received_at, answer_due=event.answer_due)
        case fact.TicketTriaged():
            return replace(ticket, stage=event.status, triage=event)
        case fact.TicketTriageCorrected():
            return replace(ticket, triage=event)
        case fact.CoverageDecided():
            return replace(ticket, coverage=event)
        case fact.FirstAnswerGiven():
            proofs = (*ticket.proofs, event.proof)
            return replace(ticket, answer=event, proofs=proofs, stage=answered(ticket.stage))
        case fact.AnswerOverdue():
            return replace(ticket, overdue=True)
        case fact.AnswerOverdueCorrected():
            return replace(ticket, overdue=False)
        case fact.TicketHeld():
            return replace(ticket, hold=event, resumed=False)
        case fact.TicketResumed():
            return replace(ticket, hold=None, resumed=True)
        case fact.TicketEscalated():
            return replace(ticket, escalation=event)
        case fact.EscalationAnswered():
            return replace(ticket, escalation=None, escalation_answer=event)
        case fact.TicketDispatched():
            order = WorkOrder(event.purpose, chargeable(event.coverage, event.purpose))
            return replace(_with_order(ticket, event.work_order, order), stage=TicketStatus.DISPATCHED)
        case fact.TicketWorkOrderVerified():
            return _with_progress(ticket, event.work_order, Progress.VERIFIED)
        case fact.TicketWorkOrderCancelled():
            return _with_progress(ticket, event.work_order, Progress.CANCELLED)
        case fact.TicketWorkOrderContinued():
            return _continued(ticket, event)
        case fact.TicketDispatchDeclined():
            return replace(ticket, declined=ticket.declined | {event.work_order})
        case fact.VisitReported():
            return replace(ticket, visits={**ticket.visits, event.visit: event})
        case fact.TicketResolved():
            return replace(ticket, stage=TicketStatus.RESOLVED, resolved=event)
        case fact.TicketReopened():
            waits = replace(ticket, asked_at=event.asked_at, answer_due=event.answer_due, answer=None, overdue=False)
            return replace(waits, stage=TicketStatus.REOPENED, reopened=event)
        case fact.TicketAbsorbed():
            asked, due = event.asked_at or ticket.asked_at, event.answer_due or ticket.answer_due
            return replace(ticket, absorbed=ticket.absorbed | {event.duplicate}, asked_at=asked, answer_due=due)
        case fact.TicketMerged():
            return replace(ticket, stage=TicketStatus.MERGED, ended=event)
        case fact.TicketCancelled():
            return replace(ticket, stage=TicketStatus.CANCELLED, ended=event)
        case fact.TicketClosed():
            return replace(ticket, stage=TicketStatus.CLOSED, closed=event)
        case fact.TicketArchived():
            return replace(ticket, stage=TicketStatus.ARCHIVED, ended=event)
        case _:
            assert_never(event)


def answered(stage: TicketStatus) -> TicketStatus:
    """A first answer moves only a triaged ticket; elsewhere it meets the clock and the state stays."""
    return TicketStatus.ANSWERED if stage is TicketStatus.TRIAGED else stage


def minutes_late(at: datetime, due: datetime) -> int:
    """Minutes begun after ``due``; 0 is in time."""
    return max(0, ceil((at - due) / timedelta(minutes=1)))


def _continued(ticket: Ticket, event: fact.TicketWorkOrderContinued) -> Ticket:
    """The follow-up is waited for, unless more is known of it already: what was declined, dispatch calls off."""
    before = ticket.work_orders.get(event.work_order)
    if before is None:
        return ticket
    going_on = _with_progress(ticket, event.work_order, Progress.CONTINUED)
    known = event.follow_up in ticket.work_orders or event.follow_up in ticket.declined
    follow_up = WorkOrder(before.purpose, before.chargeable)
    return going_on if known else _with_order(going_on, event.follow_up, follow_up)


def _with_order(ticket: Ticket, work_order: UUID, order: WorkOrder) -> Ticket:
    return replace(ticket, work_orders={**ticket.work_orders, work_order: order})


def _with_progress(ticket: Ticket, work_order: UUID, progress: Progress) -> Ticket:
    """Of an order that this ticket never had nothing is kept: a state is made of any history."""
    order = ticket.work_orders.get(work_order)
    return _with_order(ticket, work_order, replace(order, progress=progress)) if order else ticket


def deadlines(event: TicketEvent) -> Sequence[DeadlineChange]:
    """3.4a: the answer clock. Nothing holds it."""
    match event:
        case fact.TicketOpened() | fact.TicketReopened():
            return [Arm(ANSWER, event.answer_due)]
        case fact.TicketAbsorbed() if event.answer_due:
            return [Arm(ANSWER, event.answer_due)]
        case fact.FirstAnswerGiven() if event.late_minutes == 0:
            return [Meet(ANSWER, event.at)]
        case fact.AnswerOverdue():
            return [Breach(ANSWER, event.at)]
        case fact.TicketMerged() | fact.TicketCancelled() if event.clock_dropped:
            return [Drop(ANSWER)]
        case _:
            return []
