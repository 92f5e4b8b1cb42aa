"""What lies where, and the ledger of every movement."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.sql import SQL
from psycopg_pool import AsyncConnectionPool
from pydantic import Field

from services.dispatch.domain.quantity import van_of
from services.dispatch.views.part_rows import Chosen, Row, findable, rows_of, upsert
from shared.eventlog import Recorded
from shared.events import dispatch as fact
from shared.events.base import Event
from shared.paging import Page
from shared.projection import View

_TABLES: LiteralString = """
CREATE TABLE places (
    location text NOT NULL, part uuid NOT NULL, part_code text NOT NULL, part_name text NOT NULL,
    on_hand numeric NOT NULL, reserved numeric NOT NULL DEFAULT 0, version int NOT NULL,
    grams text[] NOT NULL, haystack text NOT NULL, PRIMARY KEY (location, part)
);
CREATE INDEX ON places (part);
CREATE INDEX ON places USING gin (grams);
CREATE TABLE movements (
    position bigint PRIMARY KEY, at timestamptz NOT NULL, location text NOT NULL, part uuid NOT NULL,
    part_code text NOT NULL, part_name text NOT NULL, cause text NOT NULL, quantity numeric NOT NULL,
    on_hand numeric NOT NULL, lot text, request uuid, work_order uuid, amount numeric, note text, actor text NOT NULL
);
CREATE INDEX ON movements (location, part, position);
CREATE INDEX ON movements (part, position);
CREATE INDEX ON movements (work_order);
"""

COUNTED = "counted"
"""The cause of what a count corrected."""
_EVENTS: frozenset[type[Event]] = frozenset(
    {
        fact.StockReceived,
        fact.StockIssued,
        fact.StockReserved,
        fact.StockReservationEnded,
        fact.StockCounted,
    }
)
_MOVED = ("at", "location", "part", "part_code", "part_name")


async def _apply(connection: AsyncConnection, batch: Sequence[Recorded[Any]]) -> None:
    async with connection.pipeline():
        for recorded in batch:
            event, version = recorded.event, recorded.version
            if isinstance(event, fact.StockReserved | fact.StockReservationEnded):
                sign = 1 if isinstance(event, fact.StockReserved) else -1
                await _promise(connection, event, version, sign * event.quantity)
            else:
                await _move(connection, recorded, event)


async def _move(
    connection: AsyncConnection,
    recorded: Recorded[Any],
    event: fact.StockReceived | fact.StockIssued | fact.StockCounted,
) -> None:
    on_hand = event.counted if isinstance(event, fact.StockCounted) else event.on_hand
    row = {name: getattr(event, name) for name in _MOVED if name != "at"} | {"on_hand": on_hand}
    row |= {"version": recorded.version, **findable(event.part_code, event.part_name, event.location)}
    await upsert(connection, "places", ("location", "part"), row)
    if isinstance(event, fact.StockIssued) and event.reserved:
        await _promise(connection, event, recorded.version, -event.quantity)
    movement = {name: getattr(event, name) for name in _MOVED} | _said(event) | {"on_hand": on_hand}
    movement |= {"position": recorded.position, "actor": recorded.meta.actor}
    await upsert(connection, "movements", ("position",), movement)


def _said(event: fact.StockReceived | fact.StockIssued | fact.StockCounted) -> Row:
    match event:
        case fact.StockReceived():
            told: Row = {"quantity": event.quantity, "cause": event.cause, "lot": event.lot, "note": event.note}
            return told | {"request": event.request}
        case fact.StockIssued():
            told = {"quantity": -event.quantity, "cause": event.cause, "lot": event.lot, "note": event.note}
            return told | {"request": event.request, "work_order": event.work_order, "amount": event.amount}
        case _:
            return {"quantity": event.difference, "cause": COUNTED, "note": event.reason}


async def _promise(
    connection: AsyncConnection,
    event: fact.StockReserved | fact.StockReservationEnded | fact.StockIssued,
    version: int,
    change: Decimal,
) -> None:
    """Only what is there is promised, so there is a row."""
    await connection.execute(
        "UPDATE places SET reserved = reserved + %s, version = %s WHERE location = %s AND part = %s",
        (change, version, event.location, event.part),
    )


STOCK = View(name="stock", sources=("dispatch",), tables=_TABLES, apply=_apply, events=_EVENTS)


# -- queries -----------------------------------------------------------------------------------------------------------


class StockPage(Page):
    """What lies where."""

    location: str | None = Field(None, description="地点，如 warehouse、van:E04 · place")
    part: UUID | None = Field(None, description="配件 · part")
    empty: bool = Field(False, description="包括没有库存的 · also where nothing is left")
    q: str | None = Field(None, min_length=1, max_length=100, description="编码、名称、地点的任一部分 · any part")


class MovementsPage(Page):
    """The ledger; the latest first."""

    location: str | None = Field(None, description="地点 · place")
    part: UUID | None = Field(None, description="配件 · part")
    request: UUID | None = Field(None, description="配件申请 · part request")
    work_order: UUID | None = Field(None, description="派工单 · work order")


async def places(pool: AsyncConnectionPool, page: StockPage, own: str | None) -> list[Row]:
    """Up to ``page.limit + 1`` places of parts; ``own`` limits them to one engineer's van."""
    chosen = Chosen().equal(location=page.location, part=page.part).said(page.q)
    if not page.empty:
        chosen.where(SQL("on_hand > 0"))
    _only_van(chosen, own)
    if (last := page.after(str, UUID)) is not None:
        chosen.where(SQL("(location, part) > (%(_location)s, %(_part)s)"), _location=last[0], _part=last[1])
    found = await rows_of(pool, "view_stock.places", chosen, "location, part", page.limit + 1)
    return [row | {"available": row["on_hand"] - row["reserved"]} for row in found]


async def movements(pool: AsyncConnectionPool, page: MovementsPage, own: str | None) -> list[Row]:
    """Up to ``page.limit + 1`` movements, the latest first; ``own`` limits them to one engineer's van."""
    chosen = Chosen().equal(location=page.location, part=page.part, request=page.request, work_order=page.work_order)
    _only_van(chosen, own)
    if (last := page.after(int)) is not None:
        chosen.where(SQL("position < %(_position)s"), _position=last[0])
    return await rows_of(pool, "view_stock.movements", chosen, "position DESC", page.limit + 1)


def _only_van(chosen: Chosen, own: str | None) -> None:
    if own is not None:
        chosen.where(SQL("location = %(_van)s"), _van=van_of(own))
