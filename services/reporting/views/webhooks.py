"""Webhooks as people see them: how they fare, what was tried, what was given up. No address, no secret, no body."""

from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel, Field

from services.reporting.webhooks.tables import PING
from shared.events.reporting import WebhookFormat, WebhookStatus


class WebhookShown(BaseModel):
    """A webhook, and how it fares."""

    webhook: UUID
    name: str
    host: str
    types: list[str] = Field(description="空：全部 · empty: all")
    format: WebhookFormat
    status: WebhookStatus
    since: datetime
    failures: int = Field(description="连续失败次数 · failures in a row")
    failing_since: datetime | None
    again_at: datetime | None = Field(description="何时再试 · when it is tried again")
    last_error: str | None
    delivered_at: datetime | None
    waiting: int
    dead: int
    replaying: list[str] = Field(description="正在重放的服务 · services whose events are being replayed")


class DeliveryTry(BaseModel):
    """One try to push one event."""

    id: int
    webhook_id: str
    type: str
    attempt: int
    at: datetime
    outcome: str = Field(description="delivered, failed, dead")
    status: int | None
    error: str | None
    milliseconds: int


class DeadLetter(BaseModel):
    """An event that was given up, or that still waits."""

    source: str
    position: int
    type: str
    recorded_at: datetime
    attempts: int
    error: str | None
    died_at: datetime | None


_SHOWN = """
SELECT w.webhook, name, host, types, format, status, since, failures, failing_since, again_at, last_error, delivered_at,
    (SELECT count(*) FROM webhook_queue q WHERE q.webhook = w.webhook AND q.state = 'waiting') AS waiting,
    (SELECT count(*) FROM webhook_queue q WHERE q.webhook = w.webhook AND q.state = 'dead') AS dead,
    (SELECT coalesce(array_agg(source ORDER BY source), '{}') FROM webhook_replays r WHERE r.webhook = w.webhook)
        AS replaying
FROM webhooks w
"""


async def webhooks(pool: AsyncConnectionPool, webhook: UUID | None = None) -> list[WebhookShown]:
    """All, or one; the newest first."""
    async with pool.connection() as connection, connection.cursor(row_factory=class_row(WebhookShown)) as cursor:
        await cursor.execute(
            (_SHOWN + "WHERE %(webhook)s::uuid IS NULL OR webhook = %(webhook)s ORDER BY since DESC, webhook").encode(),
            {"webhook": webhook},
        )
        return await cursor.fetchall()


async def secret_of(pool: AsyncConnectionPool, webhook: UUID) -> bytes | None:
    """The sealed secret."""
    async with pool.connection() as connection:
        rows = await connection.execute("SELECT secret FROM webhooks WHERE webhook = %s", (webhook,))
        found = await rows.fetchone()
    return bytes(found[0]) if found else None


async def tries(pool: AsyncConnectionPool, webhook: UUID, after: int | None, limit: int) -> list[DeliveryTry]:
    """The newest first."""
    async with pool.connection() as connection, connection.cursor(row_factory=class_row(DeliveryTry)) as cursor:
        await cursor.execute(
            "SELECT id, webhook_id, type, attempt, at, outcome, status, error, milliseconds FROM webhook_tries "
            "WHERE webhook = %s AND (%s::bigint IS NULL OR id < %s) ORDER BY id DESC LIMIT %s",
            (webhook, after, after, limit),
        )
        return await cursor.fetchall()


async def dead_letters(
    pool: AsyncConnectionPool, webhook: UUID, after: tuple[str, int] | None, limit: int
) -> list[DeadLetter]:
    """By service and position."""
    source, position = after or (None, None)
    async with pool.connection() as connection, connection.cursor(row_factory=class_row(DeadLetter)) as cursor:
        await cursor.execute(
            "SELECT source, position, type, recorded_at, attempts, error, died_at FROM webhook_queue "
            "WHERE webhook = %s AND state = 'dead' AND (%s::text IS NULL OR (source, position) > (%s, %s)) "
            "ORDER BY source, position LIMIT %s",
            (webhook, source, source, position, limit),
        )
        return await cursor.fetchall()


async def settle(
    pool: AsyncConnectionPool, webhook: UUID, letter: tuple[str, int], now: datetime, by: str, reason: str | None
) -> bool:
    """A dead letter is tried again; with a ``reason``, given up for good. False where it isn't dead."""
    state = "discarded" if reason else "waiting"
    async with pool.connection() as connection:
        done = await connection.execute(
            "UPDATE webhook_queue SET state = %s, attempts = 0, due_at = %s, resolved_at = %s, resolved_by = %s, "
            "reason = %s WHERE webhook = %s AND source = %s AND position = %s AND state = 'dead'",
            (state, now, now, by, reason, webhook, *letter),
        )
        return done.rowcount == 1


async def ask_ping(pool: AsyncConnectionPool, webhook: UUID, now: datetime, body: bytes) -> None:
    """Lay down a letter that tells of nothing."""
    async with pool.connection() as connection:
        await connection.execute(
            "INSERT INTO webhook_queue (webhook, source, position, stream, version, type, recorded_at, body, due_at) "
            "SELECT %(webhook)s, %(ping)s, 1 + coalesce(max(position), 0), %(webhook)s, 1, 'shouhou.Ping', %(now)s, "
            "%(body)s, %(now)s FROM webhook_queue WHERE webhook = %(webhook)s AND source = %(ping)s",
            {"webhook": webhook, "ping": PING, "now": now, "body": body},
        )
