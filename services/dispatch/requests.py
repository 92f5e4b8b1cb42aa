"""What dispatch must remember of tickets to make sense of what it hears next: number, question and last draft.

Beside the log: written in the transaction in which the event was reacted to, read by the next reaction.
"""

from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Json
from psycopg_pool import AsyncConnectionPool

from shared.eventlog import Streams

TABLES: LiteralString = """
CREATE TABLE IF NOT EXISTS requests (
    ticket uuid PRIMARY KEY, number text NOT NULL, facts jsonb NOT NULL, reopening int NOT NULL, drafts int NOT NULL
);
"""

_UPSERT: LiteralString = """
INSERT INTO requests VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (ticket) DO UPDATE SET number = excluded.number, facts = excluded.facts,
    reopening = excluded.reopening, drafts = excluded.drafts
"""


class Request(NamedTuple):
    """A ticket, as far as dispatch must know."""

    ticket: UUID
    number: str
    facts: dict[str, Any]
    """What was taken down or triaged last, JSON: ids, names of organisations and products, the summary."""
    reopening: int
    """How often the customer asked again."""
    drafts: int
    """How many drafts it was given."""


async def request(pool: AsyncConnectionPool, ticket: UUID) -> Request | None:
    """None for a ticket of which nothing was heard."""
    query = "SELECT ticket, number, facts, reopening, drafts FROM requests WHERE ticket = %s"
    async with pool.connection() as connection, connection.cursor(row_factory=class_row(Request)) as cursor:
        return await (await cursor.execute(query, (ticket,))).fetchone()


def remember(streams: Streams, known: Request) -> None:
    """From this piece of work on."""
    streams.write_beside(_UPSERT, known.ticket, known.number, Json(known.facts), known.reopening, known.drafts)
