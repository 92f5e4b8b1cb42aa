"""Trips and expense claims as lists: what waits for whom, who used an invoice, and what accounting takes over."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composable, Composed, Identifier, Placeholder
from psycopg_pool import AsyncConnectionPool
from pydantic import AwareDatetime, Field

from shared.eventlog import Recorded
from shared.events import dispatch as fact
from shared.events.base import Event
from shared.events.dispatch import ClaimStatus, ExpenseLine, TripStatus
from shared.paging import Page
from shared.projection import View

_TABLES: LiteralString = """
CREATE TABLE trips (
    trip uuid PRIMARY KEY, number text NOT NULL, engineer text NOT NULL, status text NOT NULL, starts date NOT NULL,
    ends date NOT NULL, cities text[] NOT NULL, allowance_per_day numeric NOT NULL, planned_at timestamptz NOT NULL,
    version int NOT NULL
);
CREATE INDEX ON trips (planned_at DESC, trip);
CREATE INDEX ON trips (engineer, starts);
CREATE TABLE claims (
    claim uuid PRIMARY KEY, number text NOT NULL, engineer text NOT NULL, trip uuid NOT NULL, trip_number text NOT NULL,
    status text NOT NULL, total numeric NOT NULL, submission int NOT NULL DEFAULT 0, failed int NOT NULL DEFAULT 0,
    general_manager boolean NOT NULL DEFAULT false, drafted_at timestamptz NOT NULL, submitted_at timestamptz,
    manager text, general text, finance text, approved_at timestamptz, approved numeric, paid_on date,
    payment_reference text, paid_by text, version int NOT NULL
);
CREATE INDEX ON claims (drafted_at DESC, claim);
CREATE INDEX ON claims (status, drafted_at DESC);
CREATE INDEX ON claims (engineer, drafted_at DESC);
CREATE INDEX ON claims (trip);
CREATE INDEX ON claims (approved_at);
CREATE TABLE claim_lines (
    claim uuid NOT NULL, line uuid NOT NULL, place int NOT NULL, kind text NOT NULL, spent_on date NOT NULL,
    days int NOT NULL, city text NOT NULL, amount numeric NOT NULL, allowed numeric NOT NULL, invoice_code text,
    invoice_number text, issued date, net numeric, tax numeric, invoice_total numeric, seller text, work_order uuid,
    PRIMARY KEY (claim, line)
);
CREATE INDEX ON claim_lines (invoice_number);
"""

_STATUS: dict[type[fact.DispatchEvent], ClaimStatus] = {
    fact.ExpenseSubmitted: ClaimStatus.SUBMITTED,
    fact.ExpenseChecked: ClaimStatus.CHECKED,
    fact.ExpenseManagerApproved: ClaimStatus.MANAGER_APPROVED,
    fact.ExpenseGeneralManagerApproved: ClaimStatus.GENERAL_MANAGER_APPROVED,
    fact.ExpenseApproved: ClaimStatus.FINANCE_APPROVED,
    fact.ExpensePaid: ClaimStatus.PAID,
    fact.ExpenseReturned: ClaimStatus.RETURNED,
    fact.ExpenseRevisionStarted: ClaimStatus.DRAFT,
    fact.ExpenseRejected: ClaimStatus.REJECTED,
    fact.ExpenseWithdrawn: ClaimStatus.WITHDRAWN,
    fact.ExpenseInvestigationOpened: ClaimStatus.UNDER_INVESTIGATION,
    fact.ExpenseFraudFound: ClaimStatus.FRAUD_FOUND,
}
_CLAIM_EVENTS: set[type[Event]] = {
    *_STATUS,
    fact.ExpenseDrafted,
    fact.ExpenseLineRecorded,
    fact.ExpenseLineRemoved,
    fact.ExpenseLineRejected,
    fact.ExpenseExceptionGranted,
    fact.ExpenseRestored,
}
_TRIP_EVENTS: set[type[Event]] = {fact.TripPlanned, fact.TripChanged, fact.TripEnded, fact.TripCancelled}


async def _apply(connection: AsyncConnection, batch: Sequence[Recorded[Any]]) -> None:
    async with connection.pipeline():
        for recorded in batch:
            event = recorded.event
            if type(event) in _TRIP_EVENTS:
                await _trip(connection, event, recorded.version)
            else:
                await _claim(connection, event)
                changes = _claim_changes(event) | {"version": recorded.version}
                await _update(connection, "claims", "claim", event.claim, changes)


async def _trip(connection: AsyncConnection, event: Any, version: int) -> None:
    match event:
        case fact.TripPlanned():
            named = ("trip", "number", "engineer", "starts", "ends", "allowance_per_day")
            row = {name: getattr(event, name) for name in named}
            there = {"cities": _cities(event), "status": TripStatus.PLANNED, "planned_at": event.at, "version": version}
            await _insert(connection, "trips", row | there)
            return
        case fact.TripChanged():
            changes = {"starts": event.starts, "ends": event.ends, "cities": _cities(event)}
        case fact.TripEnded():
            changes = {"status": TripStatus.ENDED, "ends": event.ends}
        case _:
            changes = {"status": TripStatus.CANCELLED}
    await _update(connection, "trips", "trip", event.trip, changes | {"version": version})


def _cities(event: fact.TripPlanned | fact.TripChanged) -> list[str]:
    return list(dict.fromkeys(stop.city for stop in event.stops))


async def _claim(connection: AsyncConnection, event: Any) -> None:
    """The claim's row when it begins, and its lines as they come and go."""
    match event:
        case fact.ExpenseDrafted():
            named = ("claim", "number", "engineer", "trip", "trip_number")
            row = {name: getattr(event, name) for name in named}
            there = {"status": ClaimStatus.DRAFT, "total": Decimal("0.00"), "drafted_at": event.at, "version": 1}
            await _insert(connection, "claims", row | there)
        case fact.ExpenseLineRecorded():
            await connection.execute(_LINE, _line_row(event.claim, event.entry))
            await connection.execute(_TOTAL, (event.claim, event.claim))
        case fact.ExpenseLineRemoved():
            await connection.execute(
                "DELETE FROM claim_lines WHERE claim = %s AND line = %s", (event.claim, event.line)
            )
            await connection.execute(_TOTAL, (event.claim, event.claim))
        case fact.ExpenseSubmitted() | fact.ExpenseRevisionStarted():
            await connection.execute("UPDATE claim_lines SET allowed = amount WHERE claim = %s", (event.claim,))
        case fact.ExpenseLineRejected():
            await connection.execute(
                "UPDATE claim_lines SET allowed = %s WHERE claim = %s AND line = %s",
                (event.allowed, event.claim, event.line),
            )
        case _:
            pass


_LINE: LiteralString = """
INSERT INTO claim_lines (
    claim, line, place, kind, spent_on, days, city, amount, allowed, invoice_code, invoice_number, issued, net, tax,
    invoice_total, seller, work_order
) VALUES (
    %(claim)s, %(line)s, (SELECT coalesce(max(place), 0) + 1 FROM claim_lines WHERE claim = %(claim)s), %(kind)s,
    %(spent_on)s, %(days)s, %(city)s, %(amount)s, %(amount)s, %(code)s, %(number)s, %(issued)s, %(net)s, %(tax)s,
    %(total)s, %(seller)s, %(work_order)s
) ON CONFLICT (claim, line) DO UPDATE SET
    kind = excluded.kind, spent_on = excluded.spent_on, days = excluded.days, city = excluded.city,
    amount = excluded.amount, allowed = excluded.allowed, invoice_code = excluded.invoice_code,
    invoice_number = excluded.invoice_number, issued = excluded.issued, net = excluded.net, tax = excluded.tax,
    invoice_total = excluded.invoice_total, seller = excluded.seller, work_order = excluded.work_order
"""
_TOTAL: LiteralString = """
UPDATE claims SET total = (SELECT coalesce(sum(amount), 0) FROM claim_lines WHERE claim = %s) WHERE claim = %s
"""
_OF_INVOICE = ("code", "number", "issued", "net", "tax", "total", "seller")


def _line_row(claim: UUID, line: ExpenseLine) -> dict[str, Any]:
    invoice = {name: getattr(line.invoice, name) if line.invoice else None for name in _OF_INVOICE}
    named = ("line", "kind", "spent_on", "days", "city", "amount", "work_order")
    return {"claim": claim, **invoice, **{name: getattr(line, name) for name in named}}


def _claim_changes(event: Any) -> dict[str, Any]:
    status: dict[str, Any] = {"status": found} if (found := _STATUS.get(type(event))) else {}
    match event:
        case fact.ExpenseSubmitted():
            afresh = dict.fromkeys(("manager", "general", "finance", "approved_at", "approved"))
            demanded = {"general_manager": event.general_manager, "submission": event.submission, "failed": 0}
            return status | afresh | demanded | {"total": event.total, "submitted_at": event.at}
        case fact.ExpenseChecked():
            return status | {"failed": len(event.failed)}
        case fact.ExpenseManagerApproved():
            return status | {"manager": event.approved_by}
        case fact.ExpenseGeneralManagerApproved():
            return status | {"general": event.approved_by}
        case fact.ExpenseApproved():
            return status | {"finance": event.approved_by, "approved_at": event.at, "approved": event.total}
        case fact.ExpensePaid():
            paid = {"paid_on": event.paid_on, "payment_reference": event.reference, "paid_by": event.paid_by}
            return status | paid
        case fact.ExpenseRestored():
            return {"status": event.status}
        case _:
            return status


async def _insert(connection: AsyncConnection, table: str, row: dict[str, Any]) -> None:
    names = SQL(", ").join(map(Identifier, row))
    places = SQL(", ").join(map(Placeholder, row))
    await connection.execute(SQL("INSERT INTO {} ({}) VALUES ({})").format(Identifier(table), names, places), row)


async def _update(connection: AsyncConnection, table: str, key: str, of: UUID, changes: dict[str, Any]) -> None:
    sets = SQL(", ").join(SQL("{} = {}").format(Identifier(name), Placeholder(name)) for name in changes)
    query = SQL("UPDATE {} SET {} WHERE {} = {}").format(Identifier(table), sets, Identifier(key), Placeholder("_key"))
    await connection.execute(query, changes | {"_key": of})


EXPENSES = View(
    name="expenses",
    sources=("dispatch",),
    tables=_TABLES,
    apply=_apply,
    events=frozenset(_CLAIM_EVENTS | _TRIP_EVENTS),
)


# --- queries ----------------------------------------------------------------------------------------------------------


class Desk(StrEnum):
    """Whose desk a claim lies on."""

    MANAGER = "manager"
    GENERAL_MANAGER = "general_manager"
    FINANCE = "finance"
    CASHIER = "cashier"
    ENGINEER = "engineer"


_LIES_ON: dict[Desk, SQL] = {
    Desk.MANAGER: SQL("status = 'CHECKED'"),
    Desk.GENERAL_MANAGER: SQL("status = 'MANAGER_APPROVED' AND general_manager"),
    Desk.FINANCE: SQL("(status = 'GENERAL_MANAGER_APPROVED' OR status = 'MANAGER_APPROVED' AND NOT general_manager)"),
    Desk.CASHIER: SQL("status = 'FINANCE_APPROVED'"),
    Desk.ENGINEER: SQL("status IN ('DRAFT', 'RETURNED')"),
}


class ClaimsPage(Page):
    """Which claims."""

    waits_for: Desk | None = Field(None, description="待谁处理 · whose turn it is")
    status: list[ClaimStatus] = Field([], description="状态 · statuses")
    engineer: str | None = Field(None, max_length=40)
    trip: UUID | None = None
    invoice_number: str | None = Field(None, max_length=30, description="发票号码 · that has this invoice")
    drafted_from: AwareDatetime | None = None
    drafted_until: AwareDatetime | None = None


class TripsPage(Page):
    """Which trips."""

    status: list[TripStatus] = Field([], description="状态 · statuses")
    engineer: str | None = Field(None, max_length=40)
    on: date | None = Field(None, description="当天在出差 · under way on that day")


_WITH_INVOICE = SQL("claim IN (SELECT claim FROM view_expenses.claim_lines WHERE invoice_number = %(invoice_number)s)")


async def claims(pool: AsyncConnectionPool, page: ClaimsPage, own: str | None) -> list[dict[str, Any]]:
    """Up to ``page.limit + 1`` claims, newest first; ``own``: only this engineer's."""
    conditions = [_LIES_ON[page.waits_for]] if page.waits_for else []
    for name, condition in (
        ("drafted_from", SQL("drafted_at >= %(drafted_from)s")),
        ("drafted_until", SQL("drafted_at < %(drafted_until)s")),
        ("invoice_number", _WITH_INVOICE),
    ):
        if getattr(page, name) is not None:
            conditions.append(condition)
    return await _select(pool, "claims", "drafted_at", "claim", page, conditions, own)


async def trips(pool: AsyncConnectionPool, page: TripsPage, own: str | None) -> list[dict[str, Any]]:
    """Up to ``page.limit + 1`` trips, newest first; ``own``: only this engineer's."""
    conditions = [SQL("%(on)s BETWEEN starts AND ends")] if page.on else []
    return await _select(pool, "trips", "planned_at", "trip", page, conditions, own)


_EQUAL = ("engineer", "trip")


async def _select(
    pool: AsyncConnectionPool,
    table: str,
    by: str,
    key: str,
    page: ClaimsPage | TripsPage,
    conditions: Sequence[Composable],
    own: str | None,
) -> list[dict[str, Any]]:
    values = page.model_dump(exclude={"limit", "cursor"}) | {"limit": page.limit + 1, "own": own}
    equal = [name for name in _EQUAL if values.get(name) is not None]
    found: list[Composable] = [SQL("true"), *conditions]
    found += [SQL("{} = {}").format(Identifier(name), Placeholder(name)) for name in equal]
    if page.status:
        found.append(SQL("status = ANY(%(status)s)"))
    if own is not None:
        found.append(SQL("engineer = %(own)s"))
    if (last := page.after(datetime, UUID)) is not None:
        found.append(SQL("({}, {}) < (%(last_at)s, %(last_key)s)").format(Identifier(by), Identifier(key)))
        values |= {"last_at": last[0], "last_key": last[1]}
    query = SQL("SELECT * FROM view_expenses.{} WHERE {} ORDER BY {} DESC, {} DESC LIMIT %(limit)s").format(
        Identifier(table), SQL(" AND ").join(found), Identifier(by), Identifier(key)
    )
    return await _rows(pool, query, values)


_FOR_ACCOUNTING = SQL(
    """
SELECT c.number, c.engineer, c.trip_number, c.status, c.approved_at, c.manager, c.general, c.finance, c.paid_on,
    c.payment_reference, l.kind, l.spent_on, l.days, l.city, l.amount, l.allowed, l.invoice_code, l.invoice_number,
    l.issued, l.net, l.tax, l.invoice_total, l.seller
FROM view_expenses.claims c JOIN view_expenses.claim_lines l USING (claim)
WHERE c.approved_at >= %(start)s AND c.approved_at < %(end)s
ORDER BY c.approved_at, c.number, l.place
"""
)


async def for_accounting(pool: AsyncConnectionPool, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """Every line of every claim that finance approved in [start, end), in the order of the approvals; also of those
    that are investigated since, or were found fraudulent, so that none is missed that was there before."""
    return await _rows(pool, _FOR_ACCOUNTING, {"start": start, "end": end})


async def _rows(pool: AsyncConnectionPool, query: SQL | Composed, values: dict[str, Any]) -> list[dict[str, Any]]:
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(query, values)).fetchall()
