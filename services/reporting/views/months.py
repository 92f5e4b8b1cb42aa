"""The monthly reports as lists: how far each is, who still has to get it, who gets the next ones."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection, sql
from psycopg.rows import class_row, dict_row
from psycopg_pool import AsyncConnectionPool

from shared.eventlog import Recorded
from shared.events import reporting as fact
from shared.events.base import Event
from shared.events.reporting import MonthlyReportStatus as S
from shared.events.reporting import ReportKind, ReportRecipient
from shared.paging import Page
from shared.projection import View

TABLES: LiteralString = """
CREATE TABLE reports (
    report uuid PRIMARY KEY,
    number text NOT NULL,
    kind text NOT NULL,
    period text NOT NULL,
    status text NOT NULL,
    due timestamptz NOT NULL,
    late boolean NOT NULL DEFAULT false,
    issued text,
    issued_at timestamptz,
    fingerprint text,
    restating boolean NOT NULL DEFAULT false,
    waiting_for text[] NOT NULL DEFAULT '{}',
    version integer NOT NULL
);
CREATE TABLE outstanding (
    report uuid NOT NULL,
    number text NOT NULL,
    reminder integer NOT NULL,
    recipient text NOT NULL,
    means text NOT NULL,
    again_at timestamptz NOT NULL,
    attempts integer NOT NULL,
    reason text,
    PRIMARY KEY (number, reminder, recipient, means)
);
CREATE INDEX ON outstanding (again_at);
CREATE TABLE recipients (
    recipient text PRIMARY KEY,
    title text NOT NULL,
    audience text NOT NULL,
    kinds text[] NOT NULL,
    means text[] NOT NULL,
    accounts text[] NOT NULL,
    active boolean NOT NULL
);
"""

_EVENTS: frozenset[type[Event]] = frozenset(
    {
        fact.MonthOpened,
        fact.MonthCutOff,
        fact.MonthlyReportDrafted,
        fact.MonthlyReportReviewed,
        fact.MonthlyReportReturned,
        fact.MonthlyReportIssued,
        fact.MonthlyReportLate,
        fact.MonthlyReportDelivered,
        fact.MonthlyReportDeliveryFailed,
        fact.MonthlyReportAcknowledged,
        fact.MonthlyReportReminderDue,
        fact.RestatementDrafted,
        fact.RestatementDropped,
        fact.MonthlyReportRestated,
        fact.ReportRecipientRecorded,
    }
)


async def _apply(connection: AsyncConnection, batch: Sequence[Recorded[Any]]) -> None:
    for recorded in batch:
        event = recorded.event
        if isinstance(event, fact.ReportRecipientRecorded):
            await _upsert(connection, "recipients", "recipient", event.model_dump(mode="json", exclude={"at"}))
            continue
        if isinstance(event, fact.MonthOpened):
            names = ("report", "number", "kind", "period", "due")
            row = {name: getattr(event, name) for name in names} | {"status": S.OPEN, "version": recorded.version}
            await _upsert(connection, "reports", "report", row)
        else:
            await _update(connection, event.report, _changes(event) | {"version": recorded.version})
        await _deliver(connection, event)


def _changes(event: Any) -> dict[str, Any]:
    """The columns of the report that the event sets."""
    match event:
        case fact.MonthCutOff() | fact.MonthlyReportReturned():
            return {"status": S.CUT_OFF}
        case fact.MonthlyReportDrafted():
            return {"status": S.DRAFTED}
        case fact.MonthlyReportReviewed():
            return {"status": S.REVIEWED}
        case fact.MonthlyReportLate():
            return {"late": True}
        case fact.RestatementDrafted():
            return {"restating": True}
        case fact.RestatementDropped():
            return {"restating": False}
        case fact.MonthlyReportIssued() | fact.MonthlyReportRestated():
            return {
                "status": S.ISSUED,
                "issued": event.number,
                "issued_at": event.at,
                "fingerprint": event.fingerprint,
                "restating": False,
                "waiting_for": [each.recipient for each in event.recipients],
            }
        case fact.MonthlyReportAcknowledged():
            return {"status": S.ACKNOWLEDGED} if event.complete else {}
        case _:
            return {}


async def _deliver(connection: AsyncConnection, event: Any) -> None:
    """What has to be delivered now, or no more. A restatement replaces what is still on its way."""
    match event:
        case fact.MonthlyReportIssued() | fact.MonthlyReportRestated():
            await connection.execute("DELETE FROM outstanding WHERE report = %s", (event.report,))
            await _owe(connection, event.report, event.number, 0, event.recipients, event.at)
        case fact.MonthlyReportReminderDue():
            await connection.execute(_REMIND, {"report": event.report, "at": event.at, "reminder": event.reminder})
        case fact.MonthlyReportDelivered():
            await connection.execute(_GONE + _WAY, event.model_dump())
        case fact.MonthlyReportDeliveryFailed():
            await connection.execute(_TRIED + _WAY, event.model_dump())
        case fact.MonthlyReportAcknowledged():
            await connection.execute(
                "UPDATE reports SET waiting_for = array_remove(waiting_for, %s) WHERE report = %s",
                (event.recipient, event.report),
            )
            await connection.execute(
                "DELETE FROM outstanding WHERE report = %s AND recipient = %s AND reminder > 0",
                (event.report, event.recipient),
            )
        case _:
            pass


_WAY: LiteralString = (
    "number = %(number)s AND reminder = %(reminder)s AND recipient = %(recipient)s AND means = %(means)s"
)
_TRIED: LiteralString = (
    "UPDATE outstanding SET again_at = %(again_at)s, attempts = %(attempt)s, reason = %(reason)s WHERE "
)
_GONE: LiteralString = "DELETE FROM outstanding WHERE "
_REMIND: LiteralString = """
INSERT INTO outstanding (report, number, reminder, recipient, means, again_at, attempts)
SELECT r.report, r.issued, %(reminder)s, w.recipient, unnest(p.means), %(at)s, 0
FROM reports r CROSS JOIN unnest(r.waiting_for) AS w(recipient) JOIN recipients p ON p.recipient = w.recipient
WHERE r.report = %(report)s
"""


async def _owe(
    connection: AsyncConnection,
    report: UUID,
    number: str,
    reminder: int,
    recipients: Sequence[ReportRecipient],
    at: datetime,
) -> None:
    ways = [(report, number, reminder, each.recipient, means, at) for each in recipients for means in each.means]
    await connection.cursor().executemany(
        "INSERT INTO outstanding (report, number, reminder, recipient, means, again_at, attempts) "
        "VALUES (%s, %s, %s, %s, %s, %s, 0)",
        ways,
    )


async def _upsert(connection: AsyncConnection, table: LiteralString, key: LiteralString, row: dict[str, Any]) -> None:
    query = sql.SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO UPDATE SET {}").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(map(sql.Placeholder, row)),
        sql.Identifier(key),
        sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in row),
    )
    await connection.execute(query, row)


async def _update(connection: AsyncConnection, report: UUID, changes: dict[str, Any]) -> None:
    sets = sql.SQL(", ").join(sql.SQL("{} = {}").format(sql.Identifier(n), sql.Placeholder(n)) for n in changes)
    await connection.execute(
        sql.SQL("UPDATE reports SET {} WHERE report = %(_report)s").format(sets), {**changes, "_report": report}
    )


MONTHS = View("months", ("reporting",), TABLES, _apply, _EVENTS)

# --- queries ----------------------------------------------------------------------------------------------------------


class ReportsPage(Page):
    """Which reports, and which part of the list."""

    kind: ReportKind | None = None
    status: S | None = None


async def reports(pool: AsyncConnectionPool, page: ReportsPage) -> list[dict[str, Any]]:
    """Up to ``page.limit + 1`` reports, the latest month first."""
    query = """
        SELECT report, number, kind, period, status, due, late, issued, issued_at, fingerprint, restating, waiting_for,
            version
        FROM view_months.reports
        WHERE (%(kind)s::text IS NULL OR kind = %(kind)s) AND (%(status)s::text IS NULL OR status = %(status)s)
            AND (%(period)s::text IS NULL OR (period, number) < (%(period)s, %(number)s))
        ORDER BY period DESC, number DESC LIMIT %(limit)s
    """
    period, number = page.after(str, str) or (None, None)
    values = {"kind": page.kind, "status": page.status, "period": period, "number": number, "limit": page.limit + 1}
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(query, values)).fetchall()


class Outstanding(NamedTuple):
    """A report, or a reminder of it, that a recipient hasn't got yet."""

    report: UUID
    number: str
    reminder: int
    recipient: str
    means: str
    again_at: datetime
    attempts: int
    reason: str | None


async def outstanding(pool: AsyncConnectionPool, until: datetime | None = None) -> list[Outstanding]:
    """What is to be tried up to ``until`` (None: whenever), the longest waiting first."""
    async with pool.connection() as connection, connection.cursor(row_factory=class_row(Outstanding)) as cursor:
        await cursor.execute(
            "SELECT report, number, reminder, recipient, means, again_at, attempts, reason "
            "FROM view_months.outstanding WHERE %(until)s::timestamptz IS NULL OR again_at <= %(until)s "
            "ORDER BY again_at, number, recipient, means",
            {"until": until},
        )
        return await cursor.fetchall()


async def recipients(pool: AsyncConnectionPool) -> list[dict[str, Any]]:
    """All, also those that get nothing any more."""
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "SELECT recipient, title, audience, kinds, means, accounts, active FROM view_months.recipients "
            "ORDER BY recipient"
        )
        return await cursor.fetchall()
