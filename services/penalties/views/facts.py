"""Facts as a list: what was heard of whom, and whether a suspicion stands for it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composable, Identifier, Placeholder
from psycopg_pool import AsyncConnectionPool
from pydantic import AwareDatetime, Field

from shared.eventlog import Recorded
from shared.events import penalties as fact
from shared.events.base import Event
from shared.events.penalties import FactKind
from shared.paging import Page
from shared.view import View

_TABLES: LiteralString = """
CREATE TABLE facts (
    fact uuid PRIMARY KEY, key text NOT NULL, kind text NOT NULL, engineer text NOT NULL,
    reports int NOT NULL, first_at timestamptz NOT NULL, last_at timestamptz NOT NULL,
    visit uuid, work_order uuid, ticket uuid, complaint uuid, claim uuid,
    penalty uuid, rule text, policy_version int, amount numeric, allowance boolean, suspicions int NOT NULL
);
CREATE INDEX ON facts (first_at DESC, fact);
CREATE INDEX ON facts (engineer, first_at DESC);
CREATE INDEX ON facts (kind, first_at DESC);
"""

_REPORTED: LiteralString = """
INSERT INTO facts (fact, key, kind, engineer, reports, first_at, last_at, visit, work_order, ticket, complaint, claim,
    suspicions)
SELECT r.fact, r.key, r.kind, r.engineer, 1, r.at, r.at, r.visit, r.work_order, r.ticket, r.complaint, r.claim, 0
FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::text[], %b::timestamptz[], %b::uuid[], %b::uuid[], %b::uuid[],
    %b::uuid[], %b::uuid[])
AS r(fact, key, kind, engineer, at, visit, work_order, ticket, complaint, claim)
ON CONFLICT (fact) DO UPDATE SET
    reports = facts.reports + 1,
    first_at = least(facts.first_at, excluded.first_at), last_at = greatest(facts.last_at, excluded.last_at),
    visit = coalesce(excluded.visit, facts.visit), work_order = coalesce(excluded.work_order, facts.work_order),
    ticket = coalesce(excluded.ticket, facts.ticket), complaint = coalesce(excluded.complaint, facts.complaint),
    claim = coalesce(excluded.claim, facts.claim)
"""
_CHARGED: LiteralString = """
UPDATE facts SET penalty = %(penalty)s, rule = %(rule)s, policy_version = %(policy_version)s, amount = %(amount)s,
    allowance = %(allowance)s, suspicions = suspicions + 1
WHERE fact = %(fact)s
"""
_CLEARED: LiteralString = """
UPDATE facts SET penalty = NULL, rule = NULL, policy_version = NULL, amount = NULL, allowance = NULL
WHERE fact = %(fact)s
"""
_COLUMNS = ("fact", "key", "kind", "engineer", "at", "visit", "work_order", "ticket", "complaint", "claim")


async def _apply(connection: AsyncConnection, batch: Sequence[Recorded[Any]]) -> None:
    """In the order of the log; reports that follow each other, of different facts, are one statement."""
    run: dict[UUID, fact.FactReported] = {}
    async with connection.pipeline():
        for recorded in batch:
            event = recorded.event
            if isinstance(event, fact.FactReported):
                if event.fact in run:
                    await _report(connection, run)
                run[event.fact] = event
                continue
            await _report(connection, run)
            await connection.execute(_CHARGED if isinstance(event, fact.FactCharged) else _CLEARED, dict(event))
        await _report(connection, run)


async def _report(connection: AsyncConnection, run: dict[UUID, fact.FactReported]) -> None:
    if run:
        await connection.execute(_REPORTED, [[getattr(event, name) for event in run.values()] for name in _COLUMNS])
        run.clear()


_EVENTS: frozenset[type[Event]] = frozenset({fact.FactReported, fact.FactCharged, fact.FactCleared})
FACTS = View("heard", ("penalties",), _TABLES, _apply, _EVENTS)


class FactsPage(Page):
    """Which facts; those that were heard of last come first."""

    engineer: str | None = Field(None, max_length=40)
    kind: list[FactKind] = Field([], description="种类，可多选 · kinds")
    charged: bool | None = Field(None, description="有疑似违规或处罚在案 · a suspicion or a penalty stands for it")
    rule: str | None = Field(None, max_length=200)
    visit: UUID | None = None
    work_order: UUID | None = None
    ticket: UUID | None = None
    complaint: UUID | None = None
    claim: UUID | None = None
    since: AwareDatetime | None = Field(None, description="自何时起 · since when, by what was heard first")
    until: AwareDatetime | None = Field(None, description="到何时为止 · until when, by what was heard first")


_CONDITIONS: dict[str, Composable] = {
    "kind": SQL("kind = ANY(%(kind)s)"),
    "charged": SQL("(penalty IS NOT NULL) = %(charged)s"),
    "since": SQL("first_at >= %(since)s"),
    "until": SQL("first_at < %(until)s"),
}


async def facts(pool: AsyncConnectionPool, page: FactsPage, own: str | None) -> list[dict[str, Any]]:
    """Up to ``page.limit + 1`` facts, the latest first; ``own``: only this engineer's."""
    asked = page.model_dump(exclude={"limit", "cursor"}, exclude_none=True)
    chosen = {name: value for name, value in asked.items() if value != []}
    conditions = [
        _CONDITIONS.get(name) or SQL("{} = {}").format(Identifier(name), Placeholder(name)) for name in chosen
    ]
    values: dict[str, Any] = chosen | {"_limit": page.limit + 1}
    if own is not None:
        conditions.append(SQL("engineer = %(_own)s"))
        values["_own"] = own
    if (last := page.after(datetime, UUID)) is not None:
        conditions.append(SQL("(first_at, fact) < (%(_at)s, %(_fact)s)"))
        values |= {"_at": last[0], "_fact": last[1]}
    query = SQL("SELECT * FROM view_heard.facts WHERE {} ORDER BY first_at DESC, fact DESC LIMIT %(_limit)s")
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        where = SQL(" AND ").join(conditions or [SQL("true")])
        return await (await cursor.execute(query.format(where), values)).fetchall()
