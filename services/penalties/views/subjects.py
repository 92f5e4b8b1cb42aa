"""Engineers as the penalty policy knows them, and which versions each has acknowledged."""

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from shared.eventlog import Recorded
from shared.events import penalties as fact
from shared.view import View

TABLES: LiteralString = """
CREATE TABLE subjects (engineer text PRIMARY KEY, region text, active boolean NOT NULL);
CREATE TABLE acknowledgements (
    engineer text NOT NULL, version int NOT NULL, at timestamptz NOT NULL, PRIMARY KEY (engineer, version)
);
"""

_STATEMENTS: Mapping[type[fact.PenaltiesEvent], LiteralString] = {
    fact.SubjectRecorded: (
        "INSERT INTO subjects (engineer, region, active) VALUES (%(engineer)s, %(region)s, %(active)s) "
        "ON CONFLICT (engineer) DO UPDATE SET region = excluded.region, active = excluded.active"
    ),
    fact.PolicyAcknowledged: (
        "INSERT INTO acknowledgements (engineer, version, at) VALUES (%(engineer)s, %(version)s, %(at)s)"
    ),
}


async def _apply(connection: AsyncConnection, batch: Sequence[Recorded[Any]]) -> None:
    async with connection.pipeline():
        for recorded in batch:
            await connection.execute(_STATEMENTS[type(recorded.event)], dict(recorded.event))


SUBJECTS = View("subjects", ("penalties",), TABLES, _apply, frozenset(_STATEMENTS))


async def acknowledgements(pool: AsyncConnectionPool, version: int) -> list[dict[str, Any]]:
    """Everybody who has acknowledged the version, and everybody in service who hasn't (``at`` is None)."""
    query: LiteralString = (
        "SELECT engineer, s.region, coalesce(s.active, true) AS active, a.at "
        "FROM (SELECT * FROM view_subjects.acknowledgements WHERE version = %(version)s) AS a "
        "FULL JOIN view_subjects.subjects AS s USING (engineer) "
        "WHERE a.at IS NOT NULL OR s.active ORDER BY engineer"
    )
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(query, {"version": version})).fetchall()
