"""What people, timers and other services can want of a ticket. The rules are in ``ticket``."""

from uuid import UUID

from pydantic import Field

from services.tickets.domain.coverage import CoverageDecision
from shared.decider import Command
from shared.events.base import Moment
from shared.events.tickets import Channel, Proof, Purpose, SurveyOutcome
from shared.text import Name, Text


class OpenTicket(Command):
    """A customer asks for service."""

    ticket: UUID
    contact: UUID
    channel: Channel
    customer: UUID | None = None
    customer_name: Name | None = None
    site: UUID | None = None
    person: UUID | None = None
    product: UUID | None = None
    product_name: Name | None = None
    lot: Name | None = None
    unit: UUID | None = None
    summary: Text
    received_at: Moment
    """From when the clock runs; ``contact.received_at`` says it (D3)."""
    answer_due: Moment | None = None
    """By a second, optional policy (D1); None: 24 hours after receipt."""
    from_register: Name | None = None
    """Taken over from the paper register of this name."""


class _Triage(Command):
    customer: UUID | None = None
    customer_name: Name | None = None
    customer_unknown: Text | None = None
    """Why the customer isn't known."""
    site: UUID | None = None
    person: UUID | None = None
    product: UUID | None = None
    product_name: Name | None = None
    lot: Name | None = None
    unit: UUID | None = None
    product_unknown: Text | None = None
    """Why the product, or its lot or unit, isn't known."""
    decision: CoverageDecision | None = None
    """None: the coverage has been decided before."""


class TriageTicket(_Triage):
    """Says who it is for, what it is about, and whether it is covered."""


class CorrectTriage(_Triage):
    """Triage was wrong: these are all the facts, not only the changed ones."""

    reason: Text


class DecideCoverage(Command):
    decision: CoverageDecision


class AnswerTicket(Command):
    """The customer got a first answer at ``at``."""

    proof: Proof


class MarkAnswerOverdue(Command):
    """The timer says that the answer is due."""


class HoldTicket(Command):
    reason: Text


class ResumeTicket(Command):
    pass


class EscalateTicket(Command):
    question: Text


class AnswerEscalation(Command):
    answer: Text


class DispatchTicket(Command):
    work_order: UUID
    purpose: Purpose
    quote_accepted: bool = False
    """The customer has accepted the ticket's quote (2.2)."""
    goodwill: Text | None = None
    """Why chargeable work starts without an accepted quote."""
    note: Text | None = None


class VerifyWorkOrder(Command):
    """Dispatch says that the work order is VERIFIED: its four eyes (⚖) saw to that, so nobody says it by hand."""

    work_order: UUID
    service_report: Name | None = None


class CancelWorkOrder(Command):
    """Dispatch says that the work order is CANCELLED."""

    work_order: UUID
    reason: Text


class RecordVisit(Command):
    visit: UUID
    work_order: UUID
    engineer: Name
    agreed_arrival: Moment | None = None
    arrived_at: Moment | None = None
    finished_at: Moment | None = None


class TakeUpWorkOrder(Command):
    """Dispatch says that a person has qualified a draft for this ticket: somebody is to go."""

    work_order: UUID
    number: Name
    """The work order's, for people."""
    purpose: Purpose
    quote_accepted: bool = False
    """The customer has accepted the ticket's quote (2.2)."""
    goodwill: Text | None = None
    note: Text | None = None
    follows: UUID | None = None
    """The order that could not be brought to its end, and that this one goes on with; since when, and why."""
    follows_since: Moment | None = None
    follows_reason: Text | None = None


class ContinueWorkOrder(Command):
    """Dispatch says that a work order could not be brought to its end, and which one goes on with it."""

    work_order: UUID
    follow_up: UUID
    follow_up_number: Name
    reason: Text


class NoteVisit(Command):
    """Dispatch says how far a visit is: all that is known of it now."""

    visit: UUID
    work_order: UUID
    engineer: Name
    agreed_arrival: Moment | None = None
    arrived_at: Moment | None = None
    finished_at: Moment | None = None


class ResolveTicket(Command):
    resolution: Text


class ReopenTicket(Command):
    reason: Text
    answer_due: Moment | None = None
    """By a second, optional policy (D1); None: 24 hours after the reopening."""


class MergeTicket(Command):
    """This ticket is a duplicate of ``into``. Goes together with ``AbsorbTicket`` on that one."""

    into: UUID
    into_number: Name
    reason: Text


class AbsorbTicket(Command):
    """Takes in a duplicate: what is known of it as it is merged."""

    duplicate: UUID
    duplicate_number: Name
    asked_at: Moment
    answer_due: Moment
    waiting: bool
    """Its answer is awaited, and not overdue yet."""


class CancelTicket(Command):
    reason: Text


class CloseTicket(Command):
    survey: SurveyOutcome | None = None
    """What came of the survey of this (re)opening."""


class ArchiveTicket(Command):
    case_file: UUID
    missing: tuple[str, ...] = Field(default=())
    """What the case file lacks (``case_file.missing``)."""


TicketCommand = (
    OpenTicket
    | TriageTicket
    | CorrectTriage
    | DecideCoverage
    | AnswerTicket
    | MarkAnswerOverdue
    | HoldTicket
    | ResumeTicket
    | EscalateTicket
    | AnswerEscalation
    | DispatchTicket
    | VerifyWorkOrder
    | CancelWorkOrder
    | RecordVisit
    | TakeUpWorkOrder
    | ContinueWorkOrder
    | NoteVisit
    | ResolveTicket
    | ReopenTicket
    | MergeTicket
    | AbsorbTicket
    | CancelTicket
    | CloseTicket
    | ArchiveTicket
)
