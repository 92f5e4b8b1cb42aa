"""Idempotency keys grow old: a client that repeats a command does so within days, and each key takes a row."""

import contextlib
from datetime import datetime, timedelta

import psycopg
import structlog
from psycopg_pool import AsyncConnectionPool

from shared.clock import Clock
from shared.decider import Words

EVERY = timedelta(hours=1)
"""How often old keys are looked for."""
BATCH = 1_000
"""Keys that one transaction deletes, so that it is short."""


class KeyExpiry:
    """A worker that deletes the keys of one service's log that are older than ``age``. Many may run, in one process or
    in several: what one has locked the others pass over. No append waits for it, for an append only adds keys.

    Who sends a command again later than that is not answered as the first time; the rules judge it anew, and ids that
    come from facts keep it from making anything twice.
    """

    name = "key-expiry"

    def __init__(self, service: str, pool: AsyncConnectionPool, clock: Clock, age: timedelta) -> None:
        self._pool = pool
        self._clock = clock
        self._age = age
        self._logger = structlog.get_logger(part="key-expiry", service=service)

    def ready(self) -> Words | None:
        """Nothing waits for it."""
        return None

    async def run(self) -> None:
        """Delete what is too old, each ``EVERY``; for ever. A database that is away is asked again the next time."""
        while True:
            now = self._clock.now()
            with contextlib.suppress(psycopg.OperationalError):
                await self.expire(now)
            await self._clock.reach(now + EVERY)

    async def expire(self, now: datetime) -> int:
        """Delete all that is older than ``age`` at ``now``; how many those were.

        Raises psycopg.OperationalError when the database can't be reached.
        """
        count = 0
        while deleted := await self._delete(now - self._age):
            count += deleted
        if count:
            self._logger.info("keys_expired", count=count)
        return count

    async def _delete(self, before: datetime) -> int:
        async with self._pool.connection() as connection:
            deleted = await connection.execute(
                "DELETE FROM idempotency WHERE ctid = ANY(ARRAY("
                "SELECT ctid FROM idempotency WHERE recorded_at < %s LIMIT %s FOR UPDATE SKIP LOCKED))",
                (before, BATCH),
            )
            return deleted.rowcount
