"""Whole streams, one after the other, as they stand at one moment: for judging a log's past anew without keeping it in
memory."""

from collections.abc import AsyncIterator, Collection
from typing import NamedTuple
from uuid import UUID

from shared.eventlog.log import EventLog
from shared.eventlog.mapping import decode_event
from shared.events.base import Event

BATCH = 500
"""Rows that are read at a time."""


class Scanned(NamedTuple):
    """Some whole streams."""

    streams: list[list[Event]]
    """Of each its events, in order."""
    done: int
    """Rows so far."""
    total: int
    """Rows that there are."""


async def scan(log: EventLog, events: Collection[type[Event]]) -> AsyncIterator[Scanned]:
    """Every stream of which ``events`` are all there is, in batches; each stream comes once. Nothing is written, and
    what is appended meanwhile isn't seen.

    Raises ``UnknownEvent``, ``MapperDeserialisationError``, and psycopg.OperationalError when the database can't be
    reached.
    """
    topics = [event.TOPIC for event in events]
    async with log.pool.connection() as connection, connection.transaction():
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        counted = await connection.execute("SELECT count(*) FROM events WHERE topic = ANY (%s)", (topics,))
        found = await counted.fetchone()
        total, done = int(found[0]) if found else 0, 0
        last: UUID | None = None
        begun: list[Event] = []  # a stream that may go on in the next batch
        async with connection.cursor(name="scan", binary=True) as cursor:
            await cursor.execute(_WHOLE, (topics,))
            while rows := await cursor.fetchmany(BATCH):
                whole = list[list[Event]]()
                for stream, topic, state in rows:
                    if stream != last and begun:
                        whole.append(begun)
                        begun = []
                    last = stream
                    begun.append(decode_event(topic, state))
                done += len(rows)
                yield Scanned(whole, done, total)
        if begun:
            yield Scanned([begun], done, total)


_WHOLE = (
    "SELECT originator_id, topic, state FROM events WHERE topic = ANY (%s) ORDER BY originator_id, originator_version"
)
