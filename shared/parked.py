"""Parked events: what a subscriber could not handle, kept until somebody has it tried again or discards it.

The rows stay as a record of who decided what, when and why.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool

from shared.jetstream import Delivered
from shared.telemetry import PARKED

TABLES: LiteralString = """
CREATE TABLE IF NOT EXISTS parked (
    subscriber text NOT NULL,
    source text NOT NULL,
    position bigint NOT NULL,
    partition int NOT NULL,
    stream uuid NOT NULL,
    version int NOT NULL,
    type text NOT NULL,
    body bytea NOT NULL,
    error text NOT NULL,
    tries int NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT now(),
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'handled', 'discarded')),
    resolved_at timestamptz,
    resolved_by text,
    reason text,
    PRIMARY KEY (subscriber, source, position)
);
CREATE INDEX IF NOT EXISTS parked_waiting ON parked (subscriber, source, stream, position) WHERE state = 'waiting';
"""

LATER = "waits behind {}"
"""The error of an event that was not tried, since one of its aggregate before it is parked; {} is its position."""


@dataclass(frozen=True, slots=True)
class Parked:
    """A parked event, without its body, which may hold personal data."""

    subscriber: str
    source: str
    position: int
    stream: UUID
    type: str
    error: str
    """As the handler raised it; it may quote the event."""
    tries: int
    """0 for one that only waits behind another."""
    parked_at: datetime
    state: str
    """``waiting``, ``handled`` (after a retry or a rebuild) or ``discarded``."""
    resolved_at: datetime | None
    resolved_by: str | None
    reason: str | None


async def list_parked(
    pool: AsyncConnectionPool,
    *,
    state: str | None = "waiting",
    subscriber: str | None = None,
    after: tuple[str, str, int] | None = None,
    limit: int = 50,
) -> list[Parked]:
    """At most ``limit`` parked events behind ``after`` (subscriber, source, position of the last one shown).

    Those of a view in the making (subscriber ``name~new``) are left out until it is swapped in.
    """
    async with pool.connection() as connection:
        cursor = connection.cursor(row_factory=class_row(Parked))
        await cursor.execute(
            "SELECT subscriber, source, position, stream, type, error, tries, parked_at, state, resolved_at, "
            "resolved_by, reason FROM public.parked "
            "WHERE (%(state)s::text IS NULL OR state = %(state)s) AND strpos(subscriber, '~') = 0 "
            "AND (%(subscriber)s::text IS NULL OR subscriber = %(subscriber)s) "
            "AND (subscriber, source, position) > (%(a)s, %(b)s, %(c)s) "
            "ORDER BY subscriber, source, position LIMIT %(limit)s",
            {
                "state": state,
                "subscriber": subscriber,
                **dict(zip("abc", after or ("", "", 0), strict=True)),
                "limit": limit,
            },
        )
        return await cursor.fetchall()


async def park(connection: AsyncConnection, subscriber: str, message: Delivered, error: str, tries: int) -> None:
    """Put ``message`` aside, in the transaction that moves the position over it."""
    await connection.execute(
        "INSERT INTO public.parked "
        "(subscriber, source, position, partition, stream, version, type, body, error, tries) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (subscriber, source, position) DO UPDATE SET error = excluded.error, tries = excluded.tries, "
        "parked_at = now(), state = 'waiting', resolved_at = NULL, resolved_by = NULL, reason = NULL",
        (
            subscriber,
            message.source,
            message.position,
            message.partition,
            message.stream,
            message.version,
            message.topic,
            message.body,
            error.replace("\x00", ""),
            tries,
        ),
    )


async def waiting_of(connection: AsyncConnection, subscriber: str, source: str, stream: UUID) -> Delivered | None:
    """The first event of an aggregate that waits, locked; None when none does."""
    rows = await connection.execute(
        "SELECT partition, position, version, type, body FROM public.parked "
        "WHERE subscriber = %s AND source = %s AND stream = %s AND state = 'waiting' "
        "ORDER BY position LIMIT 1 FOR UPDATE",
        (subscriber, source, stream),
    )
    row: Any = await rows.fetchone()
    if row is None:
        return None
    partition, position, version, topic, body = row
    return Delivered(source, partition, position, 0, stream, version, topic, bytes(body))


async def resolve(
    connection: AsyncConnection,
    subscriber: str,
    source: str,
    position: int,
    state: str,
    actor: str,
    reason: str | None,
) -> bool:
    """Close the row of a waiting event, and keep it; False when there is none."""
    closed = await connection.execute(
        "UPDATE public.parked SET state = %s, resolved_at = now(), resolved_by = %s, reason = %s, "
        "tries = tries + (%s = 'handled')::int "
        "WHERE subscriber = %s AND source = %s AND position = %s AND state = 'waiting'",
        (state, actor, reason, state, subscriber, source, position),
    )
    return closed.rowcount == 1


async def failed_again(connection: AsyncConnection, subscriber: str, message: Delivered, error: str) -> None:
    await connection.execute(
        "UPDATE public.parked SET error = %s, tries = tries + 1 "
        "WHERE subscriber = %s AND source = %s AND position = %s AND state = 'waiting'",
        (error.replace("\x00", ""), subscriber, message.source, message.position),
    )


async def count_parked(pool: AsyncConnectionPool, service: str, subscriber: str) -> int:
    """How many wait; the metric is set to it."""
    async with pool.connection() as connection:
        rows = await connection.execute(
            "SELECT count(*) FROM public.parked WHERE subscriber = %s AND state = 'waiting'", (subscriber,)
        )
        row = await rows.fetchone()
    count = int(row[0]) if row else 0
    PARKED.labels(service, subscriber).set(count)
    return count
