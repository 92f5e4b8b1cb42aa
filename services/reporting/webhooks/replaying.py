"""The worker that lays down again what a webhook asked for: a service's events from a position on."""

import asyncio
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool

from services.reporting.feed import ends_of
from services.reporting.webhooks.intake import Wish, laid_down
from services.reporting.webhooks.tables import ENQUEUE
from shared.clock import Clock
from shared.consumer import ConsumerLost, Pull, Wanted, declare
from shared.decider import Words
from shared.inbox import TROUBLE, recorded
from shared.jetstream import PARTITIONS, Nats, subject_of
from shared.leases import Leases
from shared.subscription import events_of

POLL_SECONDS = 0.5
BATCH = 500

log: structlog.stdlib.BoundLogger = structlog.get_logger(part="webhooks")


class Asked(NamedTuple):
    """A replay that isn't done."""

    webhook: UUID
    types: list[str]
    source: str
    next: int


class Replayer:
    """Any number of processes may run it; one works."""

    name = "webhooks-replayer"

    def __init__(self, pool: AsyncConnectionPool, nats: Nats, clock: Clock, leases: Leases) -> None:
        self._pool = pool
        self._nats = nats
        self._clock = clock
        self._leases = leases

    async def run(self) -> None:
        await self._leases.share("replay webhooks", 1, self._work)

    def ready(self) -> Words | None:
        """Always: a replay waits."""
        return None

    async def _work(self, _: int) -> None:
        while True:
            for asked in await self._open():
                try:
                    await self._replay(asked)
                except (*TROUBLE, ConsumerLost) as error:
                    log.warning("replay_interrupted", error=type(error).__name__)
            await asyncio.sleep(POLL_SECONDS)

    async def _open(self) -> list[Asked]:
        async with self._pool.connection() as connection, connection.cursor(row_factory=class_row(Asked)) as cursor:
            await cursor.execute(
                "SELECT r.webhook, w.types, r.source, r.next FROM webhook_replays r JOIN webhooks w USING (webhook)"
            )
            return await cursor.fetchall()

    async def _replay(self, asked: Asked) -> None:
        """From where it is to the stream's end as it is now. The consumer starts anew at each call."""
        client = await self._nats.client()
        jetstream = client.jetstream()
        last = max((await ends_of(jetstream, asked.source)).values(), default=0)
        at = asked.next
        if at <= last:
            subjects = tuple(subject_of(asked.source, partition) for partition in range(PARTITIONS))
            consumer = await declare(jetstream, Wanted(asked.source, subjects, at - 1, None))
            async with Pull(client, asked.source, consumer) as pull:
                while at <= last:
                    found = [recorded(each) for each in events_of(await pull.batch(BATCH))]
                    at = max([at, *(each.position + 1 for each in found)])
                    await self._lay_down(asked, found, at)
        async with self._pool.connection() as connection:
            await connection.execute(
                "DELETE FROM webhook_replays WHERE webhook = %s AND source = %s AND next = %s",
                (asked.webhook, asked.source, at),
            )

    async def _lay_down(self, asked: Asked, found: list[Any], following: int) -> None:
        wish, now = Wish(asked.webhook, asked.types, self._clock.now()), self._clock.now()
        rows = [
            laid_down(wish, event, now)
            for event in found
            if event.position >= asked.next and wish.wants(event.event.TOPIC)
        ]
        async with self._pool.connection() as connection, connection.transaction():
            await _put(connection, rows)
            await connection.execute(
                "UPDATE webhook_replays SET next = %s WHERE webhook = %s AND source = %s AND next >= %s",
                (following, asked.webhook, asked.source, asked.next),
            )


async def _put(connection: AsyncConnection, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        await connection.cursor().executemany(ENQUEUE, rows)
