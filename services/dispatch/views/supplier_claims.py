"""Claims on suppliers as a list, with what is waited for and until when (3.7)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.sql import SQL
from psycopg_pool import AsyncConnectionPool
from pydantic import Field

from services.dispatch.views.part_rows import Chosen, Row, findable, rows_of, update, upsert
from shared.eventlog import Recorded
from shared.events import dispatch as fact
from shared.events.base import Event
from shared.events.dispatch import SupplierAnswer, SupplierStep
from shared.events.dispatch import SupplierClaimStatus as S
from shared.paging import Page
from shared.projection import View

_TABLES: LiteralString = """
CREATE TABLE claims (
    claim uuid PRIMARY KEY, number text NOT NULL UNIQUE, status text NOT NULL, supplier text NOT NULL,
    part uuid NOT NULL, part_code text NOT NULL, part_name text NOT NULL, quantity numeric NOT NULL,
    lots text[] NOT NULL, defect text NOT NULL, amount numeric NOT NULL, request uuid, work_order uuid,
    responsible text NOT NULL, opened_by text NOT NULL, opened_at timestamptz NOT NULL, waiting_for text,
    due timestamptz, overdue boolean NOT NULL DEFAULT false, settlement text, settled numeric, ended text,
    grams text[] NOT NULL, haystack text NOT NULL, version int NOT NULL
);
CREATE INDEX ON claims (opened_at DESC, claim);
CREATE INDEX ON claims (status, opened_at DESC);
CREATE INDEX ON claims USING gin (grams);
"""

_EVENTS: frozenset[type[Event]] = frozenset(
    {
        fact.SupplierClaimOpened,
        fact.SupplierNotified,
        fact.SupplierAnswered,
        fact.SupplierClaimSettled,
        fact.SupplierClaimAbandoned,
        fact.SupplierClaimOverdue,
    }
)
_OPENED = tuple(name for name in fact.SupplierClaimOpened.model_fields if name not in ("at", "notice_due"))


async def _apply(connection: AsyncConnection, batch: Sequence[Recorded[Any]]) -> None:
    async with connection.pipeline():
        for recorded in batch:
            event, version = recorded.event, {"version": recorded.version}
            if isinstance(event, fact.SupplierClaimOpened):
                await upsert(connection, "claims", ("claim",), _opened(event) | version)
            else:
                await update(connection, "claims", "claim", event.claim, _changes(event) | version)


def _opened(event: fact.SupplierClaimOpened) -> Row:
    row: Row = {name: getattr(event, name) for name in _OPENED}
    row |= {"lots": list(event.lots), "status": S.OPENED, "opened_at": event.at, "due": event.notice_due}
    row |= {"waiting_for": SupplierStep.NOTICE}
    return row | findable(event.number, event.supplier, event.part_code, event.part_name, event.defect, *event.lots)


def _changes(event: Any) -> Row:
    over: Row = {"waiting_for": None, "due": None, "overdue": False}
    match event:
        case fact.SupplierNotified():
            waits = {"waiting_for": SupplierStep.ANSWER, "due": event.answer_due, "overdue": False}
            return waits | {"status": S.NOTIFIED}
        case fact.SupplierAnswered():
            status = {"status": S.ACCEPTED if event.answer is SupplierAnswer.ACCEPTED else S.DISPUTED}
            if event.settlement_due is None:
                return status
            return status | {"waiting_for": SupplierStep.SETTLEMENT, "due": event.settlement_due, "overdue": False}
        case fact.SupplierClaimSettled():
            return over | {"status": S.SETTLED, "settlement": event.kind, "settled": event.amount}
        case fact.SupplierClaimAbandoned():
            return over | {"status": S.ABANDONED, "ended": event.reason}
        case _:
            return {"overdue": True}


SUPPLIER_CLAIMS = View(name="supplier_claims", sources=("dispatch",), tables=_TABLES, apply=_apply, events=_EVENTS)


class SupplierClaimsPage(Page):
    """Which claims; newest first."""

    status: list[S] = Field([], description="状态,可多选 · statuses")
    overdue: bool | None = Field(None, description="逾期的 · overdue")
    part: UUID | None = Field(None, description="配件 · part")
    work_order: UUID | None = Field(None, description="派工单 · work order")
    request: UUID | None = Field(None, description="配件申请 · part request")
    q: str | None = Field(None, min_length=1, max_length=100, description="编号、供方、批次等的任一部分 · any part")


async def claims(pool: AsyncConnectionPool, page: SupplierClaimsPage) -> list[Row]:
    """Up to ``page.limit + 1`` claims, newest first."""
    chosen = Chosen().among("status", page.status).said(page.q).equal(overdue=page.overdue, part=page.part)
    chosen.equal(work_order=page.work_order, request=page.request)
    if (last := page.after(datetime, UUID)) is not None:
        chosen.where(SQL("(opened_at, claim) < (%(_at)s, %(_id)s)"), _at=last[0], _id=last[1])
    return await rows_of(pool, "view_supplier_claims.claims", chosen, "opened_at DESC, claim DESC", page.limit + 1)
