"""The desk: the register of calls and letters (3.8), the tickets and the complaints, as lists."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from time import monotonic
from typing import Any, LiteralString
from uuid import UUID

import orjson
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composable, Composed, Identifier, Placeholder
from psycopg_pool import AsyncConnectionPool
from pydantic import AwareDatetime, Field

from services.tickets.domain.duplicates import WINDOW, Likeness, looks_like_duplicate
from shared.eventlog import Recorded
from shared.events import tickets as fact
from shared.events.tickets import Channel, ComplaintCategory, ComplaintStatus, TicketStatus
from shared.paging import Page
from shared.projection import View
from shared.search import grams, haystack, sought

_TABLES: LiteralString = """
CREATE TABLE tickets (
    ticket uuid PRIMARY KEY, number text NOT NULL UNIQUE, status text NOT NULL, channel text NOT NULL,
    contact uuid NOT NULL, customer uuid, customer_name text, site uuid, person uuid, product uuid, product_name text,
    lot text, unit uuid, summary text NOT NULL, coverage text, received_at timestamptz NOT NULL,
    asked_at timestamptz NOT NULL, answer_due timestamptz NOT NULL, answered_at timestamptz, late_minutes int,
    overdue boolean NOT NULL DEFAULT false, escalated boolean NOT NULL DEFAULT false, hold_reason text,
    merged_into uuid, reopenings int NOT NULL DEFAULT 0, survey text, survey_score int,
    grams text[] NOT NULL, haystack text NOT NULL, version int NOT NULL
);
CREATE INDEX ON tickets (received_at DESC, ticket);
CREATE INDEX ON tickets (status, received_at DESC);
CREATE INDEX ON tickets (customer, received_at DESC);
CREATE INDEX ON tickets (person);
CREATE INDEX ON tickets USING gin (grams);
CREATE TABLE contacts (
    contact uuid PRIMARY KEY, channel text NOT NULL, received_at timestamptz NOT NULL, arrived_at timestamptz NOT NULL,
    registered_late boolean NOT NULL, postmark date, call_id text, message_id text, customer uuid, customer_name text,
    site uuid, person uuid, product uuid, product_name text, lot text, unit uuid, summary text NOT NULL,
    abandoned boolean NOT NULL, callback_needed boolean NOT NULL, ticket uuid, dismissed text,
    registered_by text NOT NULL,
    grams text[] NOT NULL, haystack text NOT NULL
);
CREATE INDEX ON contacts (received_at DESC, contact);
CREATE INDEX ON contacts (ticket);
CREATE INDEX ON contacts (person);
CREATE INDEX ON contacts (received_at DESC) WHERE callback_needed;
CREATE INDEX ON contacts USING gin (grams);
CREATE TABLE complaints (
    complaint uuid PRIMARY KEY, number text NOT NULL UNIQUE, status text NOT NULL, category text NOT NULL,
    channel text NOT NULL, ticket uuid, customer uuid, customer_name text, engineer text, summary text NOT NULL,
    lodged_at timestamptz NOT NULL, statement_due timestamptz, remedy_due timestamptz, version int NOT NULL
);
CREATE INDEX ON complaints (lodged_at DESC, complaint);
CREATE INDEX ON complaints (ticket);
CREATE INDEX ON complaints (engineer);
"""


async def _apply(connection: AsyncConnection, batch: Sequence[Recorded[Any]]) -> None:
    """New rows go in together, a statement a table; what changes them comes after, in order."""
    new: dict[str, list[dict[str, Any]]] = {}
    for recorded in batch:
        if found := _new_row(recorded):
            table, row = found
            new.setdefault(table, []).append(row)
    async with connection.pipeline():
        for table, rows in new.items():
            await connection.execute(_inserting(table, tuple(rows[0])), (orjson.dumps(rows).decode(),))
        for recorded in batch:
            await _change(connection, recorded)


def _new_row(recorded: Recorded[Any]) -> tuple[str, dict[str, Any]] | None:
    match recorded.event:
        case fact.ContactRegistered() as event:
            return "contacts", _contact_row(event, recorded.meta.actor)
        case fact.TicketOpened() as event:
            return "tickets", _ticket_row(event, recorded.version)
        case fact.ComplaintLodged() as event:
            return "complaints", _complaint_row(event, recorded.version)
        case _:
            return None


async def _change(c: AsyncConnection, recorded: Recorded[Any]) -> None:
    event, version = recorded.event, recorded.version
    match event:
        case fact.ContactRegistered() | fact.TicketOpened() | fact.ComplaintLodged():
            pass
        case fact.ContactLinked() | fact.ContactCalledBack() | fact.ContactDismissed():
            await _update(c, "contacts", "contact", event.contact, _contact_changes(event))
        case fact.SurveyAnswered():
            await _update(c, "tickets", "ticket", event.ticket, {"survey": "answered", "survey_score": event.score})
        case fact.SurveyDeclined():
            await _update(c, "tickets", "ticket", event.ticket, {"survey": "declined", "survey_score": None})
        case _ if recorded.stream == getattr(event, "complaint", None):
            changes = _complaint_changes(event) | {"version": version}
            await _update(c, "complaints", "complaint", recorded.stream, changes)
        case _ if recorded.stream == getattr(event, "ticket", None):
            changes = _ticket_changes(event) | {"version": version}
            await _update(c, "tickets", "ticket", recorded.stream, changes)
            if isinstance(event, fact.TriageFacts):
                await _find_by(c, event)


# -- how events change the rows ------------------------------------------------------------------------------------

_TRIAGE = ("customer", "customer_name", "site", "person", "product", "product_name", "lot", "unit")
_CONTACT = tuple(name for name in fact.ContactRegistered.model_fields if name != "at")
_OPENED = (*_TRIAGE, "ticket", "number", "channel", "contact", "summary", "received_at", "answer_due")
_LODGED = ("complaint", "number", "category", "channel", "ticket", "customer", "customer_name", "engineer", "summary")


def _contact_row(event: fact.ContactRegistered, actor: str) -> dict[str, Any]:
    texts = (event.customer_name, event.product_name, event.lot, event.summary)
    row = {name: getattr(event, name) for name in _CONTACT}
    return row | {"received_at": event.at, "registered_by": actor, **_findable(*texts)}


def _contact_changes(event: fact.TicketsEvent) -> dict[str, Any]:
    match event:
        case fact.ContactLinked():
            return {"ticket": event.ticket, "dismissed": None}
        case fact.ContactDismissed():
            return {"dismissed": event.reason, "callback_needed": False}
        case _:
            return {"callback_needed": False}


def _ticket_row(event: fact.TicketOpened, version: int) -> dict[str, Any]:
    row = {name: getattr(event, name) for name in _OPENED}
    texts = (event.number, event.customer_name, event.product_name, event.lot, event.summary)
    return row | {"asked_at": event.received_at, "status": TicketStatus.OPEN, "version": version, **_findable(*texts)}


def _findable(*texts: str | None) -> dict[str, Any]:
    return {"grams": grams(*texts), "haystack": haystack(*texts)}


_ENDS: dict[type[fact.TicketsEvent], TicketStatus] = {
    fact.TicketDispatched: TicketStatus.DISPATCHED,
    fact.TicketResolved: TicketStatus.RESOLVED,
    fact.TicketClosed: TicketStatus.CLOSED,
    fact.TicketArchived: TicketStatus.ARCHIVED,
    fact.TicketCancelled: TicketStatus.CANCELLED,
}


def _ticket_changes(event: fact.TicketsEvent) -> dict[str, Any]:
    match event:
        case fact.TicketTriaged() | fact.TicketTriageCorrected():
            facts = {name: getattr(event, name) for name in _TRIAGE}
            return facts | {"status": event.status, "coverage": event.coverage}
        case fact.CoverageDecided():
            return {"coverage": event.verdict}
        case fact.FirstAnswerGiven():
            return {"status": event.status, "answered_at": event.at, "late_minutes": event.late_minutes}
        case fact.AnswerOverdue() | fact.AnswerOverdueCorrected():
            return {"overdue": isinstance(event, fact.AnswerOverdue)}
        case fact.TicketHeld():
            return {"status": TicketStatus.ON_HOLD, "hold_reason": event.reason}
        case fact.TicketResumed():
            return {"status": event.status, "hold_reason": None}
        case fact.TicketEscalated() | fact.EscalationAnswered():
            return {"escalated": isinstance(event, fact.TicketEscalated)}
        case fact.TicketReopened():
            return _reopened(event)
        case fact.TicketAbsorbed() if event.answer_due:
            return {"answer_due": event.answer_due, "asked_at": event.asked_at}
        case fact.TicketMerged():
            return {"status": TicketStatus.MERGED, "merged_into": event.into}
        case _:
            return {"status": status} if (status := _ENDS.get(type(event))) else {}


def _reopened(event: fact.TicketReopened) -> dict[str, Any]:
    """A reopened ticket waits for an answer and a survey of its own."""
    fresh = dict.fromkeys(("answered_at", "late_minutes", "survey", "survey_score"))
    clock = {"asked_at": event.asked_at, "answer_due": event.answer_due, "overdue": False}
    return fresh | clock | {"status": TicketStatus.REOPENED, "reopenings": event.reopening}


async def _find_by(c: AsyncConnection, event: fact.TriageFacts) -> None:
    """Triage names customer and product: the ticket is found by them from now on, and still by its summary."""
    texts = (event.customer_name, event.product_name, event.lot)
    await c.execute(
        "UPDATE tickets SET grams = ARRAY(SELECT DISTINCT unnest(grams || %s::text[])), "
        "haystack = haystack || chr(10) || %s WHERE ticket = %s",
        (grams(*texts), haystack(*texts), event.ticket),
    )


def _complaint_row(event: fact.ComplaintLodged, version: int) -> dict[str, Any]:
    row = {name: getattr(event, name) for name in _LODGED}
    return row | {"status": ComplaintStatus.LODGED, "lodged_at": event.at, "version": version}


_COMPLAINT_STATUS: dict[type[fact.TicketsEvent], ComplaintStatus] = {
    fact.ComplaintAcknowledged: ComplaintStatus.ACKNOWLEDGED,
    fact.ComplaintInvestigationStarted: ComplaintStatus.INVESTIGATING,
    fact.RemedyCompleted: ComplaintStatus.REMEDIED,
    fact.ComplaintClosed: ComplaintStatus.CLOSED,
    fact.ComplaintWithdrawn: ComplaintStatus.WITHDRAWN,
}


def _complaint_changes(event: fact.TicketsEvent) -> dict[str, Any]:
    match event:
        case fact.ComplaintSubjectNamed():
            return {"engineer": event.engineer, "statement_due": event.statement_due}
        case fact.ComplaintSubstantiated():
            return {"status": ComplaintStatus.SUBSTANTIATED, "category": event.category}
        case fact.ComplaintDismissed():
            return {"status": event.finding}
        case fact.RemedyPlanned():
            return {"status": ComplaintStatus.REMEDY_PLANNED, "remedy_due": event.due}
        case _:
            return {"status": status} if (status := _COMPLAINT_STATUS.get(type(event))) else {}


@cache
def _inserting(table: str, names: tuple[str, ...]) -> Composed:
    """One statement for any number of rows, given as JSON."""
    columns = SQL(", ").join(map(Identifier, names))
    return SQL("INSERT INTO {0} ({1}) SELECT {1} FROM json_populate_recordset(NULL::{0}, %s)").format(
        Identifier(table), columns
    )


async def _update(c: AsyncConnection, table: str, key: str, value: UUID, changes: dict[str, Any]) -> None:
    await c.execute(_updating(table, key, tuple(changes)), changes | {"_key": value})


@cache
def _updating(table: str, key: str, names: tuple[str, ...]) -> Composed:
    sets = SQL(", ").join(SQL("{} = {}").format(Identifier(name), Placeholder(name)) for name in names)
    statement = SQL("UPDATE {} SET {} WHERE {} = {}")
    return statement.format(Identifier(table), sets, Identifier(key), Placeholder("_key"))


DESK = View(name="desk", sources=("tickets",), tables=_TABLES, apply=_apply)


# -- queries -------------------------------------------------------------------------------------------------------


class TicketsPage(Page):
    """Which tickets; newest first."""

    status: list[TicketStatus] = Field([], description="状态,可多选 · statuses")
    channel: Channel | None = Field(None, description="渠道 · channel")
    customer: UUID | None = Field(None, description="客户 · customer")
    site: UUID | None = Field(None, description="服务地点 · site")
    person: UUID | None = Field(
        None, description="联系人(编号,由电话查得)· contact person, as the search by phone tells"
    )
    product: UUID | None = Field(None, description="产品 · product")
    lot: str | None = Field(None, min_length=1, max_length=200, description="批号 · lot")
    overdue: bool | None = Field(None, description="首次答复已超时 · the first answer is overdue")
    escalated: bool | None = Field(None, description="已上报总部 · waits for headquarters")
    received_from: AwareDatetime | None = None
    received_until: AwareDatetime | None = Field(None, description="不含 · exclusive")
    q: str | None = Field(None, min_length=1, max_length=100, description="编号、客户、产品、批号或问题 · any text")


class ContactsPage(Page):
    """Which contacts; newest first."""

    channel: Channel | None = Field(None, description="渠道 · channel")
    customer: UUID | None = Field(None, description="客户 · customer")
    person: UUID | None = Field(None, description="联系人 · contact person")
    ticket: UUID | None = Field(None, description="服务请求 · ticket")
    callback_needed: bool | None = Field(None, description="待回拨 · somebody should call back")
    received_from: AwareDatetime | None = None
    received_until: AwareDatetime | None = Field(None, description="不含 · exclusive")
    q: str | None = Field(None, min_length=1, max_length=100, description="客户、产品、批号或内容 · any text")


class ComplaintsPage(Page):
    """Which complaints; newest first."""

    status: list[ComplaintStatus] = Field([], description="状态,可多选 · statuses")
    category: ComplaintCategory | None = Field(None, description="条款 · clause")
    ticket: UUID | None = Field(None, description="服务请求 · ticket")
    customer: UUID | None = Field(None, description="客户 · customer")
    engineer: str | None = Field(None, description="被投诉人 · the engineer concerned")
    lodged_from: AwareDatetime | None = None
    lodged_until: AwareDatetime | None = Field(None, description="不含 · exclusive")


async def tickets(pool: AsyncConnectionPool, page: TicketsPage, now: datetime) -> list[dict[str, Any]]:
    """Up to ``page.limit + 1`` tickets, by ``received_at`` and id; ``minutes_left`` is negative when overdue."""
    rows = await _select(pool, "tickets", "received_at", "ticket", page)
    for row in rows:
        waiting = row["answered_at"] is None and row["status"] not in ("MERGED", "CANCELLED")
        row["minutes_left"] = int((row["answer_due"] - now).total_seconds() // 60) if waiting else None
    return rows


async def contacts(pool: AsyncConnectionPool, page: ContactsPage) -> list[dict[str, Any]]:
    """Up to ``page.limit + 1`` entries of the register."""
    return await _select(pool, "contacts", "received_at", "contact", page)


async def complaints(pool: AsyncConnectionPool, page: ComplaintsPage, about: str | None) -> list[dict[str, Any]]:
    """Up to ``page.limit + 1`` complaints; ``about``: only those about this engineer."""
    mine = [SQL("engineer = %(about)s")] if about is not None else []
    return await _select(pool, "complaints", "lodged_at", "complaint", page, mine, about=about)


async def _select(
    pool: AsyncConnectionPool, table: str, by: str, key: str, page: Page, more: Sequence[Composable] = (), **given: Any
) -> list[dict[str, Any]]:
    chosen = page.model_dump(exclude={"limit", "cursor"}, exclude_none=True)
    conditions: list[Composable] = [SQL("true"), *more]
    values: dict[str, Any] = {"limit": page.limit + 1, **given}
    for name, value in chosen.items():
        if name == "q":
            condition, found = sought(value)
            conditions.append(SQL(condition))
            values |= found
        elif value != []:
            conditions.append(_condition(name, value, by))
            values[name] = value
    if (last := page.after(datetime, UUID)) is not None:
        conditions.append(SQL("({}, {}) < (%(last_at)s, %(last_key)s)").format(Identifier(by), Identifier(key)))
        values |= {"last_at": last[0], "last_key": last[1]}
    query = SQL("SELECT * FROM view_desk.{} WHERE {} ORDER BY {} DESC, {} DESC LIMIT %(limit)s").format(
        Identifier(table), SQL(" AND ").join(conditions), Identifier(by), Identifier(key)
    )
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        rows = await (await cursor.execute(query, values)).fetchall()
    return [{k: v for k, v in row.items() if k not in ("grams", "haystack")} for row in rows]


def _condition(name: str, value: Any, by: str) -> Composable:
    place = Placeholder(name)
    if name.endswith("_from"):
        return SQL("{} >= {}").format(Identifier(by), place)
    if name.endswith("_until"):
        return SQL("{} < {}").format(Identifier(by), place)
    if isinstance(value, list):
        return SQL("{} = ANY({})").format(Identifier(name), place)
    return SQL("{} = {}").format(Identifier(name), place)


async def alike(pool: AsyncConnectionPool, ticket: UUID) -> list[dict[str, Any]]:
    """Open tickets that ``duplicates`` takes for the same request, with who called from which number looked up."""
    query = (
        "SELECT t.ticket, t.number, t.status, t.received_at, t.customer, t.customer_name, t.person, t.product, "
        "t.product_name, t.lot, t.summary, p.phone FROM view_desk.tickets t LEFT JOIN persons p USING (person) "
    )
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        one = await (await cursor.execute(query + "WHERE t.ticket = %s", (ticket,))).fetchone()
        if one is None:
            return []
        near = query + (
            "WHERE t.received_at BETWEEN %s AND %s AND t.status = ANY(%s) AND t.ticket <> %s "
            "AND (t.person = %s OR t.customer = %s OR p.phone = %s) ORDER BY t.received_at DESC"
        )
        at: datetime = one["received_at"]
        values = (at - WINDOW, at + WINDOW, _OPEN, ticket, one["person"], one["customer"], one["phone"])
        others = await (await cursor.execute(near, values)).fetchall()
    found = [other for other in others if looks_like_duplicate(_likeness(one), _likeness(other))]
    return [{k: v for k, v in other.items() if k not in ("phone", "person")} for other in found]


_OPEN = ["OPEN", "TRIAGED", "ANSWERED", "DISPATCHED", "ON_HOLD", "REOPENED"]


def _likeness(row: dict[str, Any]) -> Likeness:
    return Likeness(**{name: row[name] for name in ("ticket", "received_at", "phone", *_LIKE)})


_LIKE = ("person", "customer", "product", "product_name")


async def complaints_of(pool: AsyncConnectionPool, ticket: UUID) -> list[tuple[UUID, str, ComplaintStatus]]:
    """Id, number and status of the complaints about a ticket."""
    async with pool.connection() as connection:
        rows = await connection.execute(
            "SELECT complaint, number, status FROM view_desk.complaints WHERE ticket = %s ORDER BY lodged_at", (ticket,)
        )
        return [(complaint, number, ComplaintStatus(status)) for complaint, number, status in await rows.fetchall()]


async def contacts_of(pool: AsyncConnectionPool, ticket: UUID) -> list[UUID]:
    """The contacts that belong to a ticket, oldest first."""
    async with pool.connection() as connection:
        rows = await connection.execute(
            "SELECT contact FROM view_desk.contacts WHERE ticket = %s ORDER BY received_at", (ticket,)
        )
        return [contact for (contact,) in await rows.fetchall()]


CATCH_UP_SECONDS = 2.0


async def up_to(pool: AsyncConnectionPool, position: int) -> bool:
    """Whether the lists tell of everything up to ``position``; waits a moment for it."""
    until = monotonic() + CATCH_UP_SECONDS
    while True:
        async with pool.connection() as connection:
            rows = await connection.execute("SELECT coalesce(min(position), 0) FROM view_desk.positions")
            found = await rows.fetchone()
        if found and found[0] >= position:
            return True
        if monotonic() > until:
            return False
        await asyncio.sleep(0.02)
