"""Views that hold one line for each thing that is on its way: a visit, a claim, a part request.

A line follows from its own aggregate's events, in their order, and is kept as the facts that a board shows. So it makes
no difference how the events of different things are mixed or cut into batches, and workers on different partitions
never touch the same row. What depends on the time of day is nowhere stored: it is computed as it is read.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from shared.eventlog import Recorded

TABLES: LiteralString = """
CREATE TABLE lines (
    id uuid PRIMARY KEY,
    open boolean NOT NULL,
    day date,
    facts jsonb NOT NULL
);
CREATE INDEX lines_open ON lines (open) WHERE open;
CREATE INDEX lines_day ON lines (day);
"""

Facts = Mapping[str, Any]
"""JSON: what is known of a thing."""


class Line(NamedTuple):
    """A thing as its board needs it."""

    facts: Facts
    open: bool
    """It has not come to its end."""
    day: date | None
    """The day, Asia/Shanghai, under which it is looked for; what that means, the view says."""


Fold = Callable[[Facts | None, Recorded[Any]], Line | None]
"""What is known of a thing after one more event; None where the event, or its absence, makes no line."""


async def keep(connection: AsyncConnection, batch: Sequence[Recorded[Any]], fold: Fold) -> None:
    """Bring the lines of ``batch`` up to date."""
    streams = list({recorded.stream for recorded in batch})
    rows = await connection.execute("SELECT id, facts FROM lines WHERE id = ANY(%s)", (streams,))
    known: dict[UUID, Facts] = dict(await rows.fetchall())
    changed: dict[UUID, Line] = {}
    for recorded in batch:
        line = fold(known.get(recorded.stream), recorded)
        if line is not None:
            known[recorded.stream], changed[recorded.stream] = line.facts, line
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO lines (id, open, day, facts) VALUES (%s, %s, %s, %s) ON CONFLICT (id) DO UPDATE "
            "SET open = excluded.open, day = excluded.day, facts = excluded.facts",
            [(stream, line.open, line.day, Jsonb(dict(line.facts))) for stream, line in changed.items()],
        )
