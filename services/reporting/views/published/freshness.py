"""How far each of the projections can be trusted, for those who read by SQL: written down by a worker, since only NATS
knows what there is to be heard."""

import asyncio
from collections.abc import Sequence
from typing import LiteralString

import psycopg
import structlog
from psycopg.sql import SQL
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from services.reporting.feed import Feed
from shared.clock import Clock
from shared.decider import Words
from shared.leases import Leases
from shared.published import Column, Published, lay_if_needed
from shared.tasks import together

WRITE_SECONDS = 2.0
TABLES: LiteralString = """
CREATE TABLE IF NOT EXISTS freshness (
    view text PRIMARY KEY,
    as_of timestamptz,
    parked bigint NOT NULL,
    looked_at timestamptz NOT NULL
);
"""

FRESHNESS = Published(
    name="freshness",
    about=Words(
        "各投影的数据截至何时；查看其他视图前先看它。",
        "Until when each projection holds everything; look here before you trust another view.",
    ),
    columns=(
        Column("view", "text", Words("投影名", "name of the projection")),
        Column("as_of", "timestamptz", Words("截至此时发布的事件均已计入", "all published until then is in it")),
        Column("parked", "bigint", Words("被搁置、未计入的事件数", "events that were set aside and are not in it")),
        Column("looked_at", "timestamptz", Words("最近一次查看的时间", "when this was last looked at")),
        Column(
            "stale",
            "boolean",
            Words("滞后超过 10 秒，或有事件被搁置", "behind by more than 10 s, or events are parked"),
        ),
    ),
    key=("view",),
    query=SQL("SELECT *, coalesce(as_of < now() - interval '10 s', true) OR parked > 0 AS stale FROM freshness"),
)

_WRITE: LiteralString = """
INSERT INTO public.freshness AS f (view, as_of, parked, looked_at) VALUES (%s, %s, %s, %s)
ON CONFLICT (view) DO UPDATE SET as_of = coalesce(excluded.as_of, f.as_of), parked = excluded.parked,
    looked_at = excluded.looked_at
"""
_FORGET: LiteralString = "DELETE FROM public.freshness WHERE NOT view = ANY(%s)"

log = structlog.get_logger(part="freshness")


class Watch:
    """Writes down how fresh the projections are. Any number of processes may run it; one works."""

    name = "freshness"

    def __init__(self, feeds: Sequence[Feed], pool: AsyncConnectionPool, clock: Clock, leases: Leases) -> None:
        self._feeds = feeds
        self._pool = pool
        self._clock = clock
        self._leases = leases

    async def run(self) -> None:
        await lay_if_needed(self._pool, (FRESHNESS,), "public")
        await self._leases.share("freshness", 1, self._work)

    def ready(self) -> Words | None:
        """Always: where nothing is written, all is shown as stale."""
        return None

    async def _work(self, _: int) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(_FORGET, ([feed.view_name for feed in self._feeds],))
        await together(*(feed.run() for feed in self._feeds), self._write())

    async def _write(self) -> None:
        while True:
            now = self._clock.now()
            seen = [(feed.view_name, feed.freshness(now)) for feed in self._feeds]
            try:
                async with self._pool.connection() as connection, connection.transaction():
                    await connection.execute("SET LOCAL synchronous_commit = off")
                    rows = [(name, fresh.as_of, fresh.parked, now) for name, fresh in seen]
                    await connection.cursor().executemany(_WRITE, rows)
            except (psycopg.OperationalError, PoolTimeout) as error:
                log.warning("freshness_not_written", error=type(error).__name__)
            await asyncio.sleep(WRITE_SECONDS)
