"""Channels of notices, and what became of each notice. No address."""

from datetime import datetime
from typing import Any, Literal

from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel, Field


class NoticeShown(BaseModel):
    """A notice, and what became of it."""

    id: int
    channel: str
    source: str
    position: int
    type: str
    text: str
    at: datetime
    due_at: datetime
    attempts: int
    outcome: Literal["waiting", "sent", "failed", "skipped"] = Field(
        description="skipped 略过（安静时段、条数、停用）与 failed 失败不同 · skipped is not failed"
    )
    reason: str | None
    settled_at: datetime | None


async def channels(pool: AsyncConnectionPool) -> list[dict[str, Any]]:
    """All, as they are known now."""
    async with pool.connection() as connection:
        rows = await connection.execute(
            "SELECT recorded || jsonb_build_object('since', since, 'reachable', url IS NOT NULL) FROM notice_channels "
            "ORDER BY channel"
        )
        return [told for (told,) in await rows.fetchall()]


async def notices(
    pool: AsyncConnectionPool, channel: str | None, outcome: str | None, after: int | None, limit: int
) -> list[NoticeShown]:
    """The newest first."""
    async with pool.connection() as connection, connection.cursor(row_factory=class_row(NoticeShown)) as cursor:
        await cursor.execute(
            "SELECT * FROM notices WHERE (%(channel)s::text IS NULL OR channel = %(channel)s) "
            "AND (%(outcome)s::text IS NULL OR outcome = %(outcome)s) "
            "AND (%(after)s::bigint IS NULL OR id < %(after)s) "
            "ORDER BY id DESC LIMIT %(limit)s",
            {"channel": channel, "outcome": outcome, "after": after, "limit": limit},
        )
        return await cursor.fetchall()
