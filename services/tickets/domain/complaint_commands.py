"""What people and timers can want of a complaint. The rules are in ``complaint``."""

from typing import Literal
from uuid import UUID

from shared.decider import Command
from shared.events.base import Moment
from shared.events.tickets import Channel, ComplaintCategory, ComplaintStatus, Proof
from shared.text import Name, Sha256, Text


class LodgeComplaint(Command):
    """By call, letter, visit or message, or by a low survey score (D18)."""

    complaint: UUID
    channel: Channel
    ticket: UUID | None = None
    contact: UUID | None = None
    survey: UUID | None = None
    customer: UUID | None = None
    customer_name: Name | None = None
    person: UUID | None = None
    category: ComplaintCategory
    engineer: Name | None = None
    """The account of the one it is about."""
    work_order: UUID | None = None
    visit: UUID | None = None
    happened_at: Moment | None = None
    summary: Text


class AcknowledgeComplaint(Command):
    pass


class StartInvestigation(Command):
    investigator: Name


class NameSubject(Command):
    """Whom it is about was found out, or was wrong."""

    engineer: Name


class AddEvidence(Command):
    sha256: Sha256
    description: Text


class GiveStatement(Command):
    engineer: Name
    """Who states it; a statement is given by the subject."""
    statement: Text


class LapseStatement(Command):
    """The timer says that the time to give a statement is over."""


class _Finding(Command):
    finder_engineer: Name | None = None
    """The finder's own number, where the finder is an engineer as well: nobody judges themselves (⚖)."""


class SubstantiateComplaint(_Finding):
    category: ComplaintCategory
    reasons: Text
    happened_at: Moment | None = None
    """None: as it was lodged."""


class DismissComplaint(_Finding):
    finding: Literal[ComplaintStatus.UNSUBSTANTIATED, ComplaintStatus.INCONCLUSIVE]
    reasons: Text


class PlanRemedy(Command):
    remedy: Text
    responsible: Name
    due: Moment | None = None


class CompleteRemedy(Command):
    outcome: Text


class CloseComplaint(Command):
    pass


class WithdrawComplaint(Command):
    """The customer takes it back."""

    reason: Text
    proof: Proof


ComplaintCommand = (
    LodgeComplaint
    | AcknowledgeComplaint
    | StartInvestigation
    | NameSubject
    | AddEvidence
    | GiveStatement
    | LapseStatement
    | SubstantiateComplaint
    | DismissComplaint
    | PlanRemedy
    | CompleteRemedy
    | CloseComplaint
    | WithdrawComplaint
)
