"""Proposed dismissals and legal referrals as a list, and whose signature is missing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.sql import SQL
from psycopg_pool import AsyncConnectionPool
from pydantic import Field

from shared.eventlog import Recorded
from shared.events import penalties as fact
from shared.events.base import Event
from shared.events.penalties import MeasureKind
from shared.events.penalties import MeasureStatus as S
from shared.paging import Page
from shared.projection import View

_TABLES: LiteralString = """
CREATE TABLE measures (
    measure uuid PRIMARY KEY, number text NOT NULL, kind text NOT NULL, engineer text NOT NULL, penalty uuid,
    demerits uuid[] NOT NULL, status text NOT NULL, proposed_at timestamptz NOT NULL, signed_as text[] NOT NULL,
    signed_by text[] NOT NULL, carried_at timestamptz, dropped_at timestamptz, dropped_by text, was_carried boolean,
    version int NOT NULL
);
CREATE INDEX ON measures (proposed_at DESC, measure);
CREATE INDEX ON measures (engineer, proposed_at DESC);
"""
_PROPOSED: LiteralString = """
INSERT INTO measures (measure, number, kind, engineer, penalty, demerits, status, proposed_at, signed_as, signed_by,
    version)
VALUES (%s, %s, %s, %s, %s, %s, 'PROPOSED', %s, '{}', '{}', 1)
"""
_SIGNED: LiteralString = """
UPDATE measures SET status = 'SIGNED', signed_as = %s, signed_by = %s, version = %s WHERE measure = %s
"""
_CARRIED: LiteralString = """
UPDATE measures SET status = 'CARRIED', signed_as = %s, signed_by = %s, carried_at = %s, version = %s
WHERE measure = %s
"""
_DROPPED: LiteralString = """
UPDATE measures SET status = 'DROPPED', dropped_at = %s, dropped_by = %s, was_carried = %s, version = %s
WHERE measure = %s
"""
_EVENTS: frozenset[type[Event]] = frozenset(
    {fact.MeasureProposed, fact.MeasureSigned, fact.MeasureCarried, fact.MeasureDropped}
)


async def _apply(connection: AsyncConnection, batch: Sequence[Recorded[Any]]) -> None:
    async with connection.pipeline():
        for recorded in batch:
            statement, values = _change(recorded.event, recorded.version)
            await connection.execute(statement, values)


def _change(event: Any, version: int) -> tuple[LiteralString, tuple[Any, ...]]:
    match event:
        case fact.MeasureProposed():
            about = (event.measure, event.number, event.kind, event.engineer, event.penalty, list(event.demerits))
            return _PROPOSED, (*about, event.at)
        case fact.MeasureSigned():
            return _SIGNED, ([event.signed_as.value], [event.signed_by], version, event.measure)
        case fact.MeasureCarried():
            sides = [side.value for side in event.signed_as]
            return _CARRIED, (sides, list(event.signed_by), event.at, version, event.measure)
        case _:
            return _DROPPED, (event.at, event.dropped_by, event.carried, version, event.measure)


MEASURES = View(name="measures", sources=("penalties",), tables=_TABLES, apply=_apply, events=_EVENTS)


class MeasuresPage(Page):
    """Which measures; newest first."""

    status: list[S] = Field([], description="状态，可多选 · statuses")
    kind: MeasureKind | None = None
    engineer: str | None = Field(None, max_length=40, description="人员 · engineer")


_LIST: LiteralString = """
SELECT * FROM view_measures.measures
WHERE (%(own)s::text IS NULL OR engineer = %(own)s) AND (%(engineer)s::text IS NULL OR engineer = %(engineer)s)
  AND (%(kind)s::text IS NULL OR kind = %(kind)s) AND (cardinality(%(status)s::text[]) = 0 OR status = ANY(%(status)s))
  AND (%(last_at)s::timestamptz IS NULL OR (proposed_at, measure) < (%(last_at)s, %(last)s::uuid))
ORDER BY proposed_at DESC, measure DESC LIMIT %(limit)s
"""


async def measures(pool: AsyncConnectionPool, page: MeasuresPage, own: str | None) -> list[dict[str, Any]]:
    """Up to ``page.limit + 1`` measures, newest first; ``own``: only this engineer's."""
    last = page.after(datetime, UUID) or (None, None)
    values = page.model_dump(include={"kind", "engineer"}) | {"own": own, "last_at": last[0], "last": last[1]}
    values |= {"status": [status.value for status in page.status], "limit": page.limit + 1}
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(SQL(_LIST), values)).fetchall()
