"""Penalties as lists: what waits for whom and until when, and everything that was ever suspected."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composable, Composed, Identifier, Placeholder
from psycopg_pool import AsyncConnectionPool
from pydantic import AwareDatetime, Field

from services.penalties.domain.penalty_state import deadlines
from shared.decider import Arm
from shared.eventlog import Recorded
from shared.events import penalties as fact
from shared.events.base import Event
from shared.events.penalties import AppealOutcome, FactKind, PenaltyDeadline
from shared.events.penalties import PenaltyStatus as S
from shared.paging import Page
from shared.view import View

_TABLES: LiteralString = """
CREATE TABLE penalties (
    penalty uuid PRIMARY KEY, number text NOT NULL, fact uuid NOT NULL, kind text NOT NULL,
    engineer text NOT NULL, region text, rule text NOT NULL, clause text NOT NULL, policy_version int NOT NULL,
    consequence text NOT NULL, at_stake numeric NOT NULL, status text NOT NULL, amount numeric NOT NULL DEFAULT 0.00,
    score int NOT NULL DEFAULT 0, stands boolean NOT NULL DEFAULT false, under_review boolean NOT NULL DEFAULT false,
    happened_at timestamptz NOT NULL, raised_at timestamptz NOT NULL, final_at timestamptz, proposed_by text,
    visit uuid, work_order uuid, ticket uuid, complaint uuid, claim uuid, version int NOT NULL
);
CREATE INDEX ON penalties (raised_at DESC, penalty);
CREATE INDEX ON penalties (engineer, raised_at DESC);
CREATE INDEX ON penalties (status, raised_at DESC);
CREATE INDEX ON penalties (fact);
CREATE INDEX ON penalties (number);
CREATE TABLE waits (
    penalty uuid NOT NULL, deadline text NOT NULL, due timestamptz NOT NULL, since timestamptz NOT NULL,
    PRIMARY KEY (penalty, deadline)
);
CREATE INDEX ON waits (due, penalty);
"""

_STATUS: dict[type[fact.PenaltiesEvent], S] = {
    fact.SuspicionWithdrawn: S.WITHDRAWN,
    fact.PenaltyNoticed: S.NOTICED,
    fact.StatementGiven: S.STATED,
    fact.StatementLapsed: S.STATEMENT_LAPSED,
    fact.PenaltyImposed: S.IMPOSED,
    fact.PenaltyWaived: S.WAIVED,
    fact.AppealLodged: S.APPEALED,
    fact.AppealDecided: S.APPEAL_DECIDED,
    fact.PenaltyFinal: S.FINAL,
    fact.PenaltyExecuted: S.EXECUTED,
    fact.PenaltyReversed: S.REVERSED,
}
_EVENTS: frozenset[type[Event]] = frozenset(
    {
        *_STATUS,
        fact.SuspicionRaised,
        fact.SuspicionSupplemented,
        fact.AppealDecisionProposed,
        fact.ReviewOpened,
        fact.ReviewDecided,
    }
)
_OF_SUSPICION = (
    *("penalty", "number", "fact", "kind", "engineer", "rule", "clause", "policy_version", "happened_at"),
    *("visit", "work_order", "ticket", "complaint", "claim"),
)


async def _apply(connection: AsyncConnection, batch: Sequence[Recorded[Any]]) -> None:
    async with connection.pipeline():
        for recorded in batch:
            event = recorded.event
            if isinstance(event, fact.SuspicionRaised):
                await _insert(connection, event)
            else:
                await _update(connection, event.penalty, _changes(event) | {"version": recorded.version})
            await _waits(connection, event)


async def _waits(connection: AsyncConnection, event: Any) -> None:
    """What waits is what the lifecycle's own deadlines say."""
    for change in deadlines(event):
        key = (event.penalty, change.name)
        await connection.execute("DELETE FROM waits WHERE penalty = %s AND deadline = %s", key)
        if isinstance(change, Arm):
            insert = "INSERT INTO waits (penalty, deadline, due, since) VALUES (%s, %s, %s, %s)"
            await connection.execute(insert, (*key, change.due, event.at))


async def _insert(connection: AsyncConnection, event: fact.SuspicionRaised) -> None:
    row = {name: getattr(event, name) for name in _OF_SUSPICION}
    row |= {"consequence": event.consequence.kind, "at_stake": event.amount, "status": S.SUSPECTED}
    row |= {"raised_at": event.at, "version": 1}
    names, places = SQL(", ").join(map(Identifier, row)), SQL(", ").join(map(Placeholder, row))
    await connection.execute(SQL("INSERT INTO penalties ({}) VALUES ({})").format(names, places), row)


async def _update(connection: AsyncConnection, penalty: UUID, changes: dict[str, Any]) -> None:
    sets = SQL(", ").join(SQL("{} = {}").format(Identifier(name), Placeholder(name)) for name in changes)
    query = SQL("UPDATE penalties SET {} WHERE penalty = %(_penalty)s").format(sets)
    await connection.execute(query, changes | {"_penalty": penalty})


def _changes(event: Any) -> dict[str, Any]:
    status: dict[str, Any] = {"status": found} if (found := _STATUS.get(type(event))) else {}
    match event:
        case fact.PenaltyImposed():
            decided = {"amount": event.amount, "score": event.score, "region": event.region}
            return status | decided | {"stands": True}
        case fact.AppealDecisionProposed():
            return {"proposed_by": event.proposed_by}
        case fact.AppealDecided():
            decided = {"amount": event.amount, "score": event.score, "proposed_by": None}
            revoked = event.outcome is AppealOutcome.REVOKED
            return status | decided | ({"stands": False, "under_review": False} if revoked else {})
        case fact.PenaltyFinal():
            return status | {"final_at": event.at}
        case fact.ReviewOpened() | fact.ReviewDecided():
            return {"under_review": isinstance(event, fact.ReviewOpened)}
        case fact.PenaltyReversed():
            nothing = {"amount": Decimal("0.00"), "score": 0}
            return status | nothing | {"stands": False, "under_review": False, "proposed_by": None}
        case _:
            return status


INBOX = View(name="inbox", sources=("penalties",), tables=_TABLES, apply=_apply, events=_EVENTS)


# --- queries ----------------------------------------------------------------------------------------------------------


class PenaltiesPage(Page):
    """Which penalties; newest first."""

    status: list[S] = Field([], description="状态，可多选 · statuses")
    engineer: str | None = Field(None, max_length=40)
    rule: str | None = Field(None, max_length=200)
    kind: FactKind | None = None
    region: str | None = Field(None, max_length=200, description="决定时所依据的地区 · as it was imposed")
    number: str | None = Field(None, max_length=40)
    stands: bool | None = Field(None, description="已决定且未撤销 · decided, and not undone")
    under_review: bool | None = None
    fact: UUID | None = None
    visit: UUID | None = None
    work_order: UUID | None = None
    ticket: UUID | None = None
    complaint: UUID | None = None
    claim: UUID | None = None
    happened_from: AwareDatetime | None = None
    happened_until: AwareDatetime | None = None
    raised_from: AwareDatetime | None = None
    raised_until: AwareDatetime | None = None


_BOUNDS = {
    "happened_from": SQL("happened_at >= {}"),
    "happened_until": SQL("happened_at < {}"),
    "raised_from": SQL("raised_at >= {}"),
    "raised_until": SQL("raised_at < {}"),
}


async def penalties(pool: AsyncConnectionPool, page: PenaltiesPage, own: str | None) -> list[dict[str, Any]]:
    """Up to ``page.limit + 1`` penalties, newest first; ``own``: only this engineer's."""
    chosen = page.model_dump(exclude={"limit", "cursor"}, exclude_none=True)
    values: dict[str, Any] = {"_limit": page.limit + 1}
    found: list[Composable] = [SQL("true")]
    for name, value in chosen.items():
        if value == []:
            continue
        values[name], place = value, Placeholder(name)
        if bound := _BOUNDS.get(name):
            found.append(bound.format(place))
        else:
            many = SQL("{} = ANY({})") if isinstance(value, list) else SQL("{} = {}")
            found.append(many.format(Identifier(name), place))
    if own is not None:
        found.append(SQL("engineer = %(_own)s"))
        values["_own"] = own
    if (last := page.after(datetime, UUID)) is not None:
        found.append(SQL("(raised_at, penalty) < (%(_at)s, %(_penalty)s)"))
        values |= {"_at": last[0], "_penalty": last[1]}
    query = SQL("SELECT * FROM view_inbox.penalties WHERE {} ORDER BY raised_at DESC, penalty DESC LIMIT %(_limit)s")
    return await _rows(pool, query.format(SQL(" AND ").join(found)), values)


class Desk(StrEnum):
    """Whose turn it is."""

    HR = "hr"
    SERVICE_MANAGER = "service_manager"
    ENGINEER = "engineer"
    APPEAL_PANEL = "appeal_panel"


WAITED_FOR: dict[Desk, tuple[PenaltyDeadline, ...]] = {
    Desk.HR: (PenaltyDeadline.NOTICE, PenaltyDeadline.REVIEW),
    Desk.SERVICE_MANAGER: (PenaltyDeadline.DECISION, PenaltyDeadline.REVIEW),
    Desk.ENGINEER: (PenaltyDeadline.STATEMENT, PenaltyDeadline.APPEAL),
    Desk.APPEAL_PANEL: (PenaltyDeadline.APPEAL_DECISION,),
}


class InboxPage(Page):
    """Which waits; the most urgent first."""

    waits_for: Desk | None = Field(None, description="待谁处理 · whose turn it is")
    deadline: PenaltyDeadline | None = Field(None, description="等待哪一步 · the step that is waited for")
    due_until: AwareDatetime | None = Field(None, description="在此之前到期 · due before")


async def waits(pool: AsyncConnectionPool, page: InboxPage) -> list[dict[str, Any]]:
    """Up to ``page.limit + 1`` steps that are waited for, the most urgent first."""
    found: list[Composable] = [SQL("true")]
    values: dict[str, Any] = {"_limit": page.limit + 1}
    if page.waits_for:
        found.append(SQL("deadline = ANY(%(desk)s)"))
        values["desk"] = list(WAITED_FOR[page.waits_for])
    if page.deadline:
        found.append(SQL("deadline = %(deadline)s"))
        values["deadline"] = page.deadline
    if page.due_until:
        found.append(SQL("due < %(due_until)s"))
        values["due_until"] = page.due_until
    if (last := page.after(datetime, UUID, str)) is not None:
        found.append(SQL("(due, penalty, deadline) > (%(_due)s, %(_penalty)s, %(_deadline)s)"))
        values |= {"_due": last[0], "_penalty": last[1], "_deadline": last[2]}
    query = SQL(
        "SELECT deadline, due, since, p.penalty, number, engineer, kind, rule, consequence, at_stake, amount, status, "
        "under_review, proposed_by, happened_at, raised_at "
        "FROM view_inbox.waits JOIN view_inbox.penalties p USING (penalty) "
        "WHERE {} ORDER BY due, penalty, deadline LIMIT %(_limit)s"
    )
    return await _rows(pool, query.format(SQL(" AND ").join(found)), values)


async def stages(pool: AsyncConnectionPool, now: datetime) -> list[dict[str, Any]]:
    """For each step that is waited for how many penalties wait, how many of them for a day at most, and the first due
    time; and what is final and waits for a payroll list, which has none."""
    query = SQL(
        "SELECT deadline AS stage, count(*) AS waiting, count(*) FILTER (WHERE due < %(now)s + interval '1 day') "
        "AS within_a_day, min(due) AS first_due FROM view_inbox.waits GROUP BY deadline "
        "UNION ALL SELECT 'payroll', count(*), 0, NULL FROM view_inbox.penalties WHERE status = 'FINAL' "
        "AND NOT under_review HAVING count(*) > 0 ORDER BY first_due NULLS LAST, stage"
    )
    return await _rows(pool, query, {"now": now})


async def _rows(pool: AsyncConnectionPool, query: SQL | Composed, values: dict[str, Any]) -> list[dict[str, Any]]:
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(query, values)).fetchall()
