"""How the board of spare parts is read: what is in flow, who has to act, what comes too late."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from psycopg import AsyncConnection
from pydantic import BaseModel, Field

from shared.calendar import day_of
from shared.events.dispatch import PartDestination, PartSupply
from shared.events.dispatch import PartRequestStatus as S


class PartWaitsFor(StrEnum):
    """Who has to do something next (5.2)."""

    APPROVAL = "approval"
    WAREHOUSE = "warehouse"
    PRODUCTION = "production"
    SUPPLIER = "supplier"
    QUALITY = "quality"
    TRANSPORT = "transport"
    ENGINEER = "engineer"
    CLOSING = "closing"
    """Used or returned; what is left is the old part, or the papers."""


class PartRequest(BaseModel):
    """A request in flow."""

    request: UUID
    number: str
    part_code: str
    part_name: str
    supply: PartSupply
    unit: str
    quantity: Decimal
    engineer: str | None
    destination: PartDestination
    work_order: UUID | None
    needed_by: date
    due: date | None = Field(description="生产或采购的约定日期 · when it will be made, or come, as was agreed")
    status: S
    waits_for: PartWaitsFor
    since: datetime
    requested_at: datetime
    refused: int = Field(description="质检不合格次数 · how often inspection refused it")
    carrier: str | None
    waybill: str | None
    old_part_overdue: bool
    late: bool = Field(description="已过需用日期而未送达 · the day it is needed by has passed without a delivery")
    too_late: bool = Field(description="约定日期晚于需用日期 · it is due after the day it is needed by")


class PartStage(BaseModel):
    """All that wait for the same."""

    waits_for: PartWaitsFor
    requests: int
    late: int


class PartsBoard(BaseModel):
    """Requests in flow, the earliest needed first."""

    open: int
    late: int
    refused: int
    old_parts_overdue: int
    stages: list[PartStage]
    requests: list[PartRequest]


_NEXT = {
    S.REQUESTED: PartWaitsFor.APPROVAL,
    S.APPROVED: PartWaitsFor.WAREHOUSE,
    S.RESERVED: PartWaitsFor.WAREHOUSE,
    S.PRODUCTION_PLANNED: PartWaitsFor.PRODUCTION,
    S.PRODUCED: PartWaitsFor.QUALITY,
    S.PURCHASE_ORDERED: PartWaitsFor.SUPPLIER,
    S.RECEIVED: PartWaitsFor.QUALITY,
    S.QUALITY_RELEASED: PartWaitsFor.WAREHOUSE,
    S.SHIPPED: PartWaitsFor.TRANSPORT,
    S.DELIVERED: PartWaitsFor.ENGINEER,
    S.CONSUMED: PartWaitsFor.CLOSING,
    S.RETURNED: PartWaitsFor.CLOSING,
}
_THERE = frozenset({S.DELIVERED, S.CONSUMED, S.RETURNED})


async def parts_board(connection: AsyncConnection, now: datetime) -> PartsBoard:
    """The board as it is ``now``."""
    today = day_of(now)
    rows = await connection.execute("SELECT facts FROM view_parts.lines WHERE open")
    requests = []
    for (facts,) in await rows.fetchall():
        status, needed = S(facts["status"]), date.fromisoformat(facts["needed_by"])
        due = date.fromisoformat(facts["due"]) if facts["due"] else None
        waiting = status not in _THERE
        late, too_late = waiting and needed < today, waiting and due is not None and due > needed
        requests.append(PartRequest(**facts, waits_for=_NEXT[status], late=late, too_late=too_late))
    requests.sort(key=lambda request: (request.needed_by, request.number))
    return PartsBoard(
        open=len(requests),
        late=sum(request.late for request in requests),
        refused=sum(request.refused > 0 for request in requests),
        old_parts_overdue=sum(request.old_part_overdue for request in requests),
        stages=[stage for who in PartWaitsFor if (stage := _stage(who, requests)).requests],
        requests=requests,
    )


def _stage(who: PartWaitsFor, requests: list[PartRequest]) -> PartStage:
    waiting = [request for request in requests if request.waits_for is who]
    return PartStage(waits_for=who, requests=len(waiting), late=sum(request.late for request in waiting))
