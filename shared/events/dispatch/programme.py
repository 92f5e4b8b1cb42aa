"""Visit programmes: who is visited again and again, and by which rule (2.3)."""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.events.base import Moment
from shared.events.dispatch.values import DispatchEvent
from shared.events.tickets.values import Purpose


class ProgrammeStatus(StrEnum):
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    ENDED = "ENDED"


class ProgrammeVisit(BaseModel):
    """Whom an occurrence makes a work order for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    customer: UUID
    site: UUID | None
    """None: the customer has several, or none is known; whoever qualifies the work order says which."""
    work_order: UUID


class ProgrammeFacts(DispatchEvent):
    """Who is visited, how often and for what. Of ``customer``, ``site``, ``region`` and ``product`` all that are
    named must fit."""

    SERVICE: ClassVar[str] = "dispatch"

    programme: UUID
    number: str
    """For people: ``ZF-20261003-7F3KQ2``."""
    name: str
    customer: UUID | None
    customer_name: str | None
    site: UUID | None
    site_name: str | None
    region: str | None
    product: UUID | None
    """Whoever has it in use."""
    product_name: str | None
    key_customers: bool
    """Only key customers (2.3)."""
    purpose: Purpose
    skills: tuple[str, ...]
    rule: str
    """RFC 5545 RRULE, without COUNT and UNTIL: ``FREQ=MONTHLY;BYDAY=1MO``. Days are those of Asia/Shanghai."""
    starts_on: date
    ends_on: date | None
    """The last day on which there may be an occurrence."""
    ahead_days: int
    """How many days before an occurrence its work orders are made, so that there is time to agree on a time."""
    within_days: int
    """How many days, the first included, there are for the visit."""
    note: str | None
    next_on: date | None
    """The next occurrence; None: there is none while it is paused."""
    next_due: Moment | None
    """When the next occurrence's work orders are made."""


class ProgrammePlanned(ProgrammeFacts):
    """走访计划制定 · A visit programme begins (2.3)."""

    planned_by: str


class ProgrammeChanged(ProgrammeFacts):
    """走访计划变更 · These are the programme's facts from now on; work orders that were made stay."""

    reason: str


class ProgrammePaused(DispatchEvent):
    """走访计划暂停 · Occurrences are left out until it is resumed."""

    programme: UUID
    reason: str


class ProgrammeResumed(DispatchEvent):
    """走访计划恢复 · Occurrences count again from this day on."""

    programme: UUID
    next_on: date | None
    """The next occurrence; None: none is left, and ``ProgrammeEnded`` follows."""
    next_due: Moment | None


class ProgrammeFellDue(DispatchEvent):
    """走访到期 · An occurrence has come; each visit is a work order of its own. ``at`` is the due time."""

    programme: UUID
    number: str
    occurrence: date
    """The first day for the visit, Asia/Shanghai."""
    visit_until: date
    """The last one."""
    visits: tuple[ProgrammeVisit, ...]
    """Empty where nobody fits the programme any more."""
    next_on: date | None
    next_due: Moment | None


class ProgrammeEnded(DispatchEvent):
    """走访计划结束 · There are no more occurrences."""

    programme: UUID
    reason: str | None
    """None: its last day has passed."""
