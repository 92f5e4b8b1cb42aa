"""What people and other lifecycles want of a work order."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.decider import Command
from shared.events.base import Moment
from shared.events.dispatch import CostKind, Origin, VisitProgress
from shared.events.tickets import CoverageVerdict, Purpose
from shared.money import Money
from shared.text import Name, Text

Skills = Annotated[tuple[Name, ...], Field(max_length=20)]


class Facts(Command):
    """What is to be done, where and for whom; ``*_name`` and ``city`` the application looks up."""

    purpose: Purpose | None = None
    ticket: UUID | None = None
    ticket_number: Name | None = None
    customer: UUID | None = None
    customer_name: Name | None = None
    site: UUID | None = None
    site_name: Name | None = None
    city: Name | None = None
    region: Name | None = None
    person: UUID | None = None
    product: UUID | None = None
    product_name: Name | None = None
    lot: Name | None = None
    unit: UUID | None = None
    coverage: CoverageVerdict = CoverageVerdict.UNKNOWN
    goodwill: Text | None = None
    contract: Name | None = None
    skills: Skills = ()
    wanted_from: Moment | None = None
    wanted_until: Moment | None = None
    note: Text | None = None


class DraftWorkOrder(Facts):
    """Work that may have to be done."""

    work_order: UUID
    origin: Origin = Origin.MANUAL
    reopening: int = 0
    programme: UUID | None = None
    occurrence: date | None = None
    follows: UUID | None = None
    follows_reason: Text | None = None
    """Why the order that it follows could not be brought to its end."""


class QualifyWorkOrder(Facts):
    """It is to be done; what isn't said stays as it was drafted."""


class NoteVisit(Command):
    """One of its visits is so far."""

    visit: UUID
    engineer: str | None
    progress: VisitProgress


class RecordReport(Command):
    """3.6: the service report is signed, or the customer refused to; ``version`` 1 is the first."""

    report: UUID
    version: Annotated[int, Field(ge=1)]
    signed_at: Moment | None = None
    signature_refused: Text | None = None


class AddCost(Command):
    """5.4. ``cause`` is unique in the work order, so that a retry adds once."""

    kind: CostKind
    amount: Money
    """CNY; negative to take back what was too much."""
    cause: Name
    note: Text | None = None


class NoteLateCost(AddCost):
    """A cost that another lifecycle learns of when the work order is posted already."""


class VerifyWorkOrder(Command):
    note: Text | None = None
    decider_engineer: Name | None = None
    """The decider's own number, where the decider is an engineer as well: nobody verifies their own work (⚖)."""


class PostWorkOrder(Command):
    pass


class MarkIncomplete(Command):
    reason: Text
    follow_up: UUID
    """The work order that goes on with it."""


class CancelWorkOrder(Command):
    reason: Text
    taken_up_by: UUID | None = None
    """The work order that does what this draft was for."""


WorkOrderCommand = (
    DraftWorkOrder
    | QualifyWorkOrder
    | NoteVisit
    | RecordReport
    | AddCost
    | VerifyWorkOrder
    | PostWorkOrder
    | MarkIncomplete
    | CancelWorkOrder
)
