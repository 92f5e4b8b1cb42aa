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
    """空：客户有多处或尚不知道，由确认派工单的人写明 ·
    None: the customer has several, or none is known; whoever qualifies the work order says which."""
    work_order: UUID


class ProgrammeFacts(DispatchEvent):
    """Who is visited, how often and for what. Of ``customer``, ``site``, ``region`` and ``product`` all that are
    named must fit."""

    SERVICE: ClassVar[str] = "dispatch"

    programme: UUID
    number: str
    """供人使用的编号 · For people: ``ZF-20261003-7F3KQ2``."""
    name: str
    customer: UUID | None
    customer_name: str | None
    site: UUID | None
    site_name: str | None
    region: str | None
    product: UUID | None
    """适用于在用此产品的客户 · Whoever has it in use."""
    product_name: str | None
    key_customers: bool
    """仅限重点客户（2.3） · Only key customers (2.3)."""
    purpose: Purpose
    skills: tuple[str, ...]
    rule: str
    """重复规则，不含 COUNT 与 UNTIL，上海日期 ·
    RFC 5545 RRULE, without COUNT and UNTIL: ``FREQ=MONTHLY;BYDAY=1MO``. Days are those of Asia/Shanghai."""
    starts_on: date
    ends_on: date | None
    """最后一期不晚于此日 · The last day on which there may be an occurrence."""
    ahead_days: int
    """每期提前多少天生成派工单，以便约定时间 ·
    How many days before an occurrence its work orders are made, so that there is time to agree on a time."""
    within_days: int
    """可上门的天数，含第一天 · How many days, the first included, there are for the visit."""
    note: str | None
    next_on: date | None
    """下一期；空：暂停中 · The next occurrence; None: there is none while it is paused."""
    next_due: Moment | None
    """下一期派工单的生成时间 · When the next occurrence's work orders are made."""


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
    """下一期；空：已无下一期，随后为 ``ProgrammeEnded`` ·
    The next occurrence; None: none is left, and ``ProgrammeEnded`` follows."""
    next_due: Moment | None


class ProgrammeFellDue(DispatchEvent):
    """走访到期 · An occurrence has come; each visit is a work order of its own. ``at`` is the due time."""

    programme: UUID
    number: str
    occurrence: date
    """可上门的第一天，上海日期 · The first day for the visit, Asia/Shanghai."""
    visit_until: date
    """可上门的最后一天 · The last one."""
    visits: tuple[ProgrammeVisit, ...]
    """已无符合的客户时为空 · Empty where nobody fits the programme any more."""
    next_on: date | None
    next_due: Moment | None


class ProgrammeEnded(DispatchEvent):
    """走访计划结束 · There are no more occurrences."""

    programme: UUID
    reason: str | None
    """空：最后一天已过 · None: its last day has passed."""
