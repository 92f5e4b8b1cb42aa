"""Costs that other lifecycles bring to a work order (5.4)."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.dispatch.domain import work_order
from services.dispatch.domain.work_order_commands import AddCost, NoteLateCost
from shared.eventlog import Streams
from shared.events.dispatch import CostKind


async def charge(
    streams: Streams,
    order: UUID,
    kind: CostKind,
    amount: Decimal,
    cause: str,
    *,
    at: datetime,
    by: str,
    note: str | None = None,
) -> bool:
    """Add ``amount`` (CNY) to the work order; ``cause`` is unique in it, so that a retry adds once, ``note`` is for
    people. What comes after the posting is kept beside the frozen costs. Nothing costs nothing. True where it is among
    the order's costs, False where those are frozen."""
    state = await streams.load(work_order, order)
    if not amount:
        return not state.posted
    wish = NoteLateCost if state.posted else AddCost
    await streams.handle(work_order, order, wish(at=at, by=by, kind=kind, amount=amount, cause=cause, note=note))
    return not state.posted
