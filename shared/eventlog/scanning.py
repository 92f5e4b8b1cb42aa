"""Whole streams, one after the other, as they stand at one moment: for judging a log's past anew without keeping it in
memory."""

from collections.abc import AsyncIterator, Collection
from typing import NamedTuple

from shared.eventlog.log import EventLog
from shared.eventlog.mapping import Recorded, decode
from shared.events.base import Event

BATCH = 500
"""Rows that are read at a time; a batch is longer where a stream is."""


class Scanned(NamedTuple):
    """Some whole streams."""

    streams: list[list[Recorded[Event]]]
    done: int
    """Rows so far, these included."""
    total: int
    """Rows that there are."""


async def scan(log: EventLog, events: Collection[type[Event]]) -> AsyncIterator[Scanned]:
    """Every stream of which ``events`` are all there is, in batches, each stream's events in order; nothing is written.

    What is appended meanwhile isn't seen. Raises ``UnknownEvent``, ``MapperDeserialisationError``, and
    psycopg.OperationalError when the database can't be reached.
    """
    topics = [event.TOPIC for event in events]
    async with log.pool.connection() as connection, connection.transaction():
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        counted = await connection.execute("SELECT count(*) FROM events WHERE topic = ANY (%s)", (topics,))
        found = await counted.fetchone()
        total, done, last = int(found[0]) if found else 0, 0, list[Recorded[Event]]()
        async with connection.cursor(name="scan", binary=True) as cursor:
            await cursor.execute(_WHOLE, (topics,))
            while rows := await cursor.fetchmany(BATCH):
                streams, begun = list[list[Recorded[Event]]](), last
                for position, stream, version, topic, state in rows:
                    if begun and begun[0].stream != stream:
                        streams.append(begun)
                        begun = []
                    begun.append(Recorded(log.service, stream, version, position, *decode(topic, state)))
                done, last = done + len(rows), begun
                yield Scanned(streams, done, total)
        if last:
            yield Scanned([last], done, total)


_WHOLE = (
    "SELECT notification_id, originator_id, originator_version, topic, state FROM events "
    "WHERE topic = ANY (%s) ORDER BY originator_id, originator_version"
)
