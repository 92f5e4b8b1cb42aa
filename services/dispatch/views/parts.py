"""The catalogue, the part requests, and what is to be produced: what, how many, by when (5.2)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.sql import SQL
from psycopg_pool import AsyncConnectionPool
from pydantic import Field

from services.dispatch.views.part_rows import Chosen, Row, findable, rows_of, update, upsert
from shared.eventlog import Recorded
from shared.events import dispatch as fact
from shared.events.base import Event
from shared.events.dispatch import PartKind, PartRequestStatus, PartSupply
from shared.events.dispatch import PartRequestStatus as S
from shared.paging import Page
from shared.projection import View

_TABLES: LiteralString = """
CREATE TABLE articles (
    part uuid PRIMARY KEY, code text NOT NULL, name text NOT NULL, kind text NOT NULL, supply text NOT NULL,
    unit text NOT NULL, unit_cost numeric NOT NULL, supplier text, product uuid,
    grams text[] NOT NULL, haystack text NOT NULL
);
CREATE INDEX ON articles (code, part);
CREATE INDEX ON articles USING gin (grams);
CREATE TABLE requests (
    request uuid PRIMARY KEY, number text NOT NULL UNIQUE, status text NOT NULL, part uuid NOT NULL,
    part_code text NOT NULL, part_name text NOT NULL, kind text NOT NULL, supply text NOT NULL, unit text NOT NULL,
    quantity numeric NOT NULL, work_order uuid, engineer text, destination text NOT NULL, needed_by date NOT NULL,
    reason text NOT NULL, old_part_expected boolean NOT NULL, requested_by text NOT NULL,
    requested_at timestamptz NOT NULL, ended text,
    production_order text, production_quantity numeric, production_due date,
    purchase_order text, purchase_quantity numeric, purchase_due date, supplier text,
    location text, lots text[] NOT NULL DEFAULT '{}', certificate text, refusals int NOT NULL DEFAULT 0,
    carrier text, waybill text, freight numeric, delivered numeric, missing numeric,
    consumed numeric NOT NULL DEFAULT 0, returned numeric NOT NULL DEFAULT 0, material numeric NOT NULL DEFAULT 0,
    old_part_due timestamptz, old_part text,
    grams text[] NOT NULL, haystack text NOT NULL, version int NOT NULL
);
CREATE INDEX ON requests (requested_at DESC, request);
CREATE INDEX ON requests (status, requested_at DESC);
CREATE INDEX ON requests (engineer, requested_at DESC);
CREATE INDEX ON requests (work_order);
CREATE INDEX ON requests (part);
CREATE INDEX ON requests USING gin (grams);
"""

_ARTICLE = tuple(name for name in fact.PartRecorded.model_fields if name != "at")
_ASKED = tuple(name for name in fact.SparePartRequested.model_fields if name != "at")

_STATUS: dict[type[fact.DispatchEvent], S] = {
    fact.SparePartRequestApproved: S.APPROVED,
    fact.SparePartRequestRejected: S.REJECTED,
    fact.SparePartRequestCancelled: S.CANCELLED,
    fact.SparePartReserved: S.RESERVED,
    fact.ProductionPlanned: S.PRODUCTION_PLANNED,
    fact.SparePartProduced: S.PRODUCED,
    fact.PurchaseOrdered: S.PURCHASE_ORDERED,
    fact.SparePartReceived: S.RECEIVED,
    fact.QualityReleased: S.QUALITY_RELEASED,
    fact.QualityRefused: S.APPROVED,
    fact.SparePartShipped: S.SHIPPED,
    fact.SparePartDelivered: S.DELIVERED,
    fact.SparePartRequestClosed: S.CLOSED,
}
_EVENTS: frozenset[type[Event]] = frozenset(
    {
        fact.PartRecorded,
        fact.SparePartRequested,
        fact.SparePartConsumed,
        fact.SparePartUseCorrected,
        fact.SparePartReturned,
        fact.OldPartReturned,
        fact.OldPartWaived,
        fact.OldPartOverdue,
        *_STATUS,
    }
)


async def _apply(connection: AsyncConnection, batch: Sequence[Recorded[Any]]) -> None:
    async with connection.pipeline():
        for recorded in batch:
            await _change(connection, recorded.event, recorded.version)


async def _change(connection: AsyncConnection, event: Any, version: int) -> None:
    match event:
        case fact.PartRecorded():
            row = {name: getattr(event, name) for name in _ARTICLE} | findable(event.code, event.name, event.supplier)
            await upsert(connection, "articles", ("part",), row)
        case fact.SparePartRequested():
            texts = (event.number, event.part_code, event.part_name, event.reason)
            row = {name: getattr(event, name) for name in _ASKED} | findable(*texts)
            row |= {"status": S.REQUESTED, "requested_at": event.at, "version": version}
            await upsert(connection, "requests", ("request",), row)
        case fact.SparePartConsumed():
            await _account(connection, event, S.CONSUMED)
            changes: Row = {"old_part_due": event.old_part_due} if event.old_part_due else {}
            await update(connection, "requests", "request", event.request, changes | {"version": version})
        case fact.SparePartUseCorrected():
            await _correct(connection, event, version)
        case fact.SparePartReturned():
            await _account(connection, event, S.RETURNED)
            await update(connection, "requests", "request", event.request, {"version": version})
        case _:
            status = {"status": found} if (found := _STATUS.get(type(event))) else {}
            changes = _changes(event) | status | {"version": version}
            await update(connection, "requests", "request", event.request, changes)


async def _account(connection: AsyncConnection, event: fact.SparePartConsumed | fact.SparePartReturned, end: S) -> None:
    """What was used or came back adds up; when nothing is left, it counts as consumed if anything was."""
    used = event if isinstance(event, fact.SparePartConsumed) else None
    await connection.execute(
        "UPDATE requests SET consumed = consumed + %(used)s, returned = returned + %(back)s, "
        "material = material + %(cost)s, status = CASE WHEN NOT %(complete)s THEN status "
        "WHEN consumed + %(used)s > 0 THEN 'CONSUMED' ELSE 'RETURNED' END WHERE request = %(request)s",
        {
            "used": event.quantity if used else 0,
            "back": 0 if used else event.quantity,
            "cost": used.amount if used else 0,
            "complete": event.complete,
            "request": event.request,
        },
    )


async def _correct(connection: AsyncConnection, event: fact.SparePartUseCorrected, version: int) -> None:
    await connection.execute(
        "UPDATE requests SET consumed = consumed - %s, material = material - %s, status = 'DELIVERED', version = %s, "
        "old_part_due = CASE WHEN %s AND coalesce(old_part, 'overdue') = 'overdue' THEN NULL ELSE old_part_due END, "
        "old_part = CASE WHEN %s AND old_part = 'overdue' THEN NULL ELSE old_part END WHERE request = %s",
        (event.difference, event.refund, version, event.nothing_used, event.nothing_used, event.request),
    )


def _changes(event: fact.DispatchEvent) -> Row:
    match event:
        case fact.SparePartRequestRejected() | fact.SparePartRequestCancelled():
            return {"ended": event.reason}
        case fact.SparePartReserved() | fact.SparePartProduced() | fact.SparePartReceived():
            return {"location": event.location, "lots": list(event.lots)}
        case fact.ProductionPlanned():
            return {
                "production_order": event.order,
                "production_quantity": event.quantity,
                "production_due": event.due,
            }
        case fact.PurchaseOrdered():
            return {
                "purchase_order": event.order,
                "purchase_quantity": event.quantity,
                "purchase_due": event.due,
                "supplier": event.supplier,
            }
        case _:
            return _later_changes(event)


def _later_changes(event: fact.DispatchEvent) -> Row:
    match event:
        case fact.QualityReleased():
            return {"lots": list(event.lots), "certificate": event.certificate}
        case fact.QualityRefused():
            return _PROCURED_ANEW
        case fact.SparePartShipped():
            return {"carrier": event.carrier, "waybill": event.waybill, "freight": event.freight}
        case fact.SparePartDelivered():
            return {"delivered": event.quantity, "missing": event.missing}
        case fact.OldPartReturned():
            return {"old_part": "returned"}
        case fact.OldPartWaived():
            return {"old_part": "waived"}
        case fact.OldPartOverdue():
            return {"old_part": "overdue"}
        case _:
            return {}


_PROCURED_ANEW: Row = {
    **dict.fromkeys(("production_order", "production_quantity", "production_due")),
    **dict.fromkeys(("purchase_order", "purchase_quantity", "purchase_due", "supplier", "location")),
    "lots": [],
}

PARTS = View(name="parts", sources=("dispatch",), tables=_TABLES, apply=_apply, events=_EVENTS)


# -- queries -----------------------------------------------------------------------------------------------------------


class PartsPage(Page):
    """Which parts, by code."""

    q: str | None = Field(None, min_length=1, max_length=100, description="编码、名称、供方的任一部分 · any part")
    kind: PartKind | None = Field(None, description="种类 · kind")
    supply: PartSupply | None = Field(None, description="来源 · supply")


class PartRequestsPage(Page):
    """Which requests; newest first."""

    status: list[PartRequestStatus] = Field([], description="状态,可多选 · statuses")
    engineer: str | None = Field(None, description="服务人员 · engineer")
    work_order: UUID | None = Field(None, description="派工单 · work order")
    part: UUID | None = Field(None, description="配件 · part")
    late: bool | None = Field(None, description="过了需用日期仍未送达 · not there on the day when it was needed")
    q: str | None = Field(None, min_length=1, max_length=100, description="编号、名称、原因的任一部分 · any part")


class ProductionPage(Page):
    """What is to be produced; the earliest first."""

    part: UUID | None = Field(None, description="配件 · part")
    until: date | None = Field(None, description="截至此日须完工 · due by this day")
    planned: bool | None = Field(None, description="已排产 / 待排产 · planned, or waiting for a plan")


async def articles(pool: AsyncConnectionPool, page: PartsPage) -> list[Row]:
    """Up to ``page.limit + 1`` parts, by code."""
    chosen = Chosen().equal(kind=page.kind, supply=page.supply).said(page.q)
    if (last := page.after(str, UUID)) is not None:
        chosen.where(SQL("(code, part) > (%(_code)s, %(_part)s)"), _code=last[0], _part=last[1])
    return await rows_of(pool, "view_parts.articles", chosen, "code, part", page.limit + 1)


_NOT_THERE = [s for s in S if s not in (S.DELIVERED, S.CONSUMED, S.RETURNED, S.CLOSED, S.REJECTED, S.CANCELLED)]


async def requests(pool: AsyncConnectionPool, page: PartRequestsPage, own: str | None, today: date) -> list[Row]:
    """Up to ``page.limit + 1`` requests, newest first; ``own`` limits them to one engineer's."""
    chosen = Chosen().among("status", page.status).said(page.q).equal(work_order=page.work_order, part=page.part)
    chosen.equal(engineer=page.engineer)
    if page.late is not None:
        late = SQL("(needed_by < %(_today)s AND status = ANY(%(_not_there)s)) = %(_late)s")
        chosen.where(late, _today=today, _not_there=_NOT_THERE, _late=page.late)
    if own is not None:
        chosen.where(SQL("engineer = %(_own)s"), _own=own)
    if (last := page.after(datetime, UUID)) is not None:
        chosen.where(SQL("(requested_at, request) < (%(_at)s, %(_id)s)"), _at=last[0], _id=last[1])
    return await rows_of(pool, "view_parts.requests", chosen, "requested_at DESC, request DESC", page.limit + 1)


_PLAN: LiteralString = """
    SELECT request, number, part, part_code, part_name, unit, production_order AS "order",
        status = 'PRODUCTION_PLANNED' AS planned, coalesce(production_quantity, quantity) AS quantity,
        quantity AS requested, coalesce(production_due, needed_by) AS due, needed_by, work_order, engineer,
        coalesce(production_due, needed_by) < %(today)s AS late,
        coalesce(production_due > needed_by, false) AS after_needed
    FROM view_parts.requests WHERE status = 'PRODUCTION_PLANNED' OR (status = 'APPROVED' AND supply = 'made')
"""


async def production_plan(pool: AsyncConnectionPool, page: ProductionPage, today: date) -> list[Row]:
    """5.2: what, how many, by when. ``late``: the day is over; ``after_needed``: planned for after it is needed. What
    is approved and neither reserved nor planned waits for a plan, and is due when it is needed."""
    chosen = Chosen(values={"today": today}).equal(part=page.part, planned=page.planned)
    if page.until is not None:
        chosen.where(SQL("due <= %(_until)s"), _until=page.until)
    if (last := page.after(date, UUID)) is not None:
        chosen.where(SQL("(due, request) > (%(_due)s, %(_id)s)"), _due=last[0], _id=last[1])
    return await rows_of(pool, "(" + _PLAN + ") AS plan", chosen, "due, request", page.limit + 1)


async def production_totals(pool: AsyncConnectionPool, today: date) -> list[Row]:
    """The plan by part: how many in all, how many of them planned, and the first day on which some are due."""
    query = SQL(
        "SELECT part, part_code, part_name, unit, sum(quantity) AS quantity, "
        "coalesce(sum(quantity) FILTER (WHERE planned), 0) AS planned, min(due) AS first_due, count(*) AS requests, "
        "count(*) FILTER (WHERE late) AS late FROM ({}) AS plan "
        "GROUP BY part, part_code, part_name, unit ORDER BY first_due, part_code, part"
    ).format(SQL(_PLAN))
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(query, {"today": today})).fetchall()
