"""A process that keeps the ticket board until it is killed."""

import asyncio

from psycopg_pool import AsyncConnectionPool

from services.reporting.views import BOARD
from shared.clock import SystemClock
from shared.eventlog import EventLog
from shared.jetstream import Nats
from shared.leases import Leases
from shared.projection import Projector


async def keep(database_url: str, nats_url: str) -> None:
    nats, leases = Nats(nats_url, name="board"), Leases(database_url, tick_seconds=0.1)
    await nats.start()
    async with AsyncConnectionPool(
        database_url, min_size=2, max_size=12, open=False, kwargs={"autocommit": True}
    ) as pool:
        log = EventLog("reporting", database_url, pool, SystemClock(), [])
        await Projector(BOARD, log, pool, nats, leases).run()


def run(database_url: str, nats_url: str) -> None:
    asyncio.run(keep(database_url, nats_url))
