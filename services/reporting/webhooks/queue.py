"""What waits for each webhook, and what is written down of each try."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool

from services.reporting.webhooks.letters import Waiting
from services.reporting.webhooks.tables import PING


@dataclass(frozen=True, slots=True)
class Route:
    """How a webhook's letters are sent; address and secrets are sealed."""

    webhook: UUID
    format: str
    status: str
    url: bytes
    secret: bytes
    secret_number: int
    old_secret: bytes | None
    old_until: datetime | None
    failures: int
    again_at: datetime | None


@dataclass(frozen=True, slots=True)
class Try:
    """What came of sending a letter once."""

    letter: Waiting
    at: datetime
    milliseconds: int
    status: int | None
    error: str | None
    """None: it was taken."""
    asked_seconds: float = 0.0
    """How long the receiver asks to be left alone."""

    @property
    def blames_receiver(self) -> bool:
        """Whether other letters would fare no better now."""
        return self.error is not None and (self.status is None or self.status in (408, 425, 429) or self.status >= 500)


_WAITS: LiteralString = "q.webhook = w.webhook AND q.state = 'waiting'"
_DUE: LiteralString = f"""
SELECT w.webhook FROM webhooks w WHERE
    (w.status <> 'ENDED' AND EXISTS (SELECT 1 FROM webhook_queue q WHERE {_WAITS} AND q.source = '{PING}'))
    OR (w.status = 'ACTIVE' AND w.again_at IS NULL
        AND EXISTS (SELECT 1 FROM webhook_queue q WHERE {_WAITS} AND q.due_at <= %(now)s))
    OR (w.status = 'ACTIVE' AND w.again_at <= %(now)s
        AND EXISTS (SELECT 1 FROM webhook_queue q WHERE {_WAITS}))
"""  # noqa: S608 - our own words
_HEADS: LiteralString = """
SELECT source, position, stream, version, type, recorded_at, body, attempts FROM webhook_queue q
WHERE webhook = %(webhook)s AND state = 'waiting' AND (%(probe)s OR due_at <= %(now)s)
    AND NOT EXISTS (
        SELECT 1 FROM webhook_queue e WHERE e.webhook = q.webhook AND e.source = q.source AND e.stream = q.stream
            AND e.state = 'waiting' AND e.position < q.position)
    AND NOT EXISTS (
        SELECT 1 FROM webhook_replays r WHERE r.webhook = q.webhook AND r.source = q.source AND q.position >= r.next)
ORDER BY recorded_at, source, position LIMIT %(limit)s
"""
"""The first that waits of each aggregate, the oldest first; behind a replay that isn't there yet, others wait."""
_LOG: LiteralString = (
    "INSERT INTO webhook_tries (webhook, webhook_id, type, attempt, at, outcome, status, error, milliseconds) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_ONE: LiteralString = "webhook = %s AND source = %s AND position = %s AND attempts = %s AND state = 'waiting'"
_DROP: LiteralString = "DELETE FROM webhook_queue WHERE " + _ONE  # noqa: S608 - our own words
_TRIED: LiteralString = "UPDATE webhook_queue SET attempts = attempts + 1, error = %s, "
_GIVE_UP: LiteralString = f"{_TRIED} state = 'dead', died_at = %s WHERE {_ONE}"
_PUT_OFF: LiteralString = f"{_TRIED} due_at = %s WHERE {_ONE}"


class Queue:
    """The tables, as the worker uses them."""

    def __init__(self, pool: AsyncConnectionPool) -> None:
        self._pool = pool

    async def due(self, now: datetime) -> list[UUID]:
        """The webhooks that have something to get now."""
        return [webhook for (webhook,) in await self._rows(_DUE, {"now": now})]

    async def route(self, webhook: UUID) -> Route:
        async with self._pool.connection() as connection, connection.cursor(row_factory=class_row(Route)) as cursor:
            await cursor.execute(
                "SELECT webhook, format, status, url, secret, secret_number, old_secret, old_until, failures, again_at "
                "FROM webhooks WHERE webhook = %s",
                (webhook,),
            )
            found = await cursor.fetchone()
        assert found, "a webhook's row is never deleted"
        return found

    async def pings(self, webhook: UUID) -> list[Waiting]:
        return [Waiting(*row) for row in await self._rows(_PINGS, {"webhook": webhook, "ping": PING})]

    async def heads(self, webhook: UUID, now: datetime, limit: int, *, probe: bool) -> list[Waiting]:
        """What is to be sent now; as a ``probe``, whatever has waited longest."""
        values = {"webhook": webhook, "now": now, "limit": limit, "probe": probe}
        return [Waiting(*row) for row in await self._rows(_HEADS, values)]

    async def taken(self, webhook: UUID, done: Try) -> None:
        """The letter is gone; that it was there stays in the list of deliveries."""
        letter = done.letter
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute(
                "DELETE FROM webhook_queue WHERE webhook = %s AND source = %s AND position = %s",
                (webhook, letter.source, letter.position),
            )
            await connection.execute(_LOG, _line(webhook, done, "delivered"))

    async def failed(self, webhook: UUID, done: Try, again_at: datetime | None) -> None:
        """It is tried again ``again_at``; None: that was the last try."""
        letter = done.letter
        key = (webhook, letter.source, letter.position, letter.attempts)
        async with self._pool.connection() as connection, connection.transaction():
            if letter.source == PING:
                await connection.execute(_DROP, key)
            elif again_at is None:
                await connection.execute(
                    _GIVE_UP,
                    (done.error, done.at, *key),
                )
            else:
                await connection.execute(
                    _PUT_OFF,
                    (done.error, again_at, *key),
                )
            await connection.execute(_LOG, _line(webhook, done, "failed" if again_at else "dead"))

    async def fares(self, webhook: UUID, failures: int, again_at: datetime | None, last: Try) -> None:
        """How the receiver does: so many failures in a row, and when it is looked at again (None: at any time)."""
        await self._rows(
            "UPDATE webhooks SET failures = %(failures)s, again_at = %(again)s, last_error = %(error)s, "
            "failing_since = CASE WHEN %(failures)s > 0 THEN coalesce(failing_since, %(at)s) END, "
            "delivered_at = CASE WHEN %(taken)s THEN %(at)s ELSE delivered_at END "
            "WHERE webhook = %(webhook)s RETURNING webhook",
            {
                "webhook": webhook,
                "failures": failures,
                "again": again_at,
                "error": last.error,
                "at": last.at,
                "taken": failures == 0,
            },
        )

    async def forget(self, before: datetime) -> None:
        """What was tried so long ago is no longer listed."""
        await self._rows("DELETE FROM webhook_tries WHERE at < %(before)s RETURNING id", {"before": before})

    async def counts(self) -> Sequence[tuple[UUID, int, int]]:
        """Of each webhook that hasn't ended: how many letters wait, and how many are dead."""
        return await self._rows(
            "SELECT w.webhook, count(*) FILTER (WHERE q.state = 'waiting'), count(*) FILTER (WHERE q.state = 'dead') "
            "FROM webhooks w LEFT JOIN webhook_queue q USING (webhook) WHERE w.status <> 'ENDED' GROUP BY 1",
            {},
        )

    async def _rows(self, statement: LiteralString, values: dict[str, Any]) -> list[Any]:
        async with self._pool.connection() as connection:
            return await (await connection.execute(statement, values)).fetchall()


_PINGS: LiteralString = (
    "SELECT source, position, stream, version, type, recorded_at, body, attempts FROM webhook_queue "
    "WHERE webhook = %(webhook)s AND source = %(ping)s AND state = 'waiting'"
)


def _line(webhook: UUID, done: Try, outcome: str) -> tuple[Any, ...]:
    letter = done.letter
    return (
        webhook,
        letter.id,
        letter.type,
        letter.attempts + 1,
        done.at,
        outcome,
        done.status,
        done.error,
        done.milliseconds,
    )
