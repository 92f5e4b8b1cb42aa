"""A process that brings visit programmes to work orders, as dispatch does, until it is killed."""

import asyncio
from contextlib import suppress
from pathlib import Path

import psycopg
from psycopg_pool import AsyncConnectionPool

from services.dispatch.app import service
from services.dispatch.reactions import on_deadline
from shared.clock import SystemClock
from shared.deadlines import Deadlines
from tests.tally_log import opened


async def main(database_url: str) -> None:
    clock = SystemClock()
    while True:
        with suppress(psycopg.OperationalError):  # the connection was cut
            async with (
                AsyncConnectionPool(database_url, min_size=1, max_size=2, open=False) as pool,
                opened(database_url, *service.deciders, clock=clock) as log,
                asyncio.TaskGroup() as group,
            ):
                group.create_task(Deadlines(log, pool, clock, on_deadline(log)).run())


def run(database_url: str, _: Path) -> None:
    asyncio.run(main(database_url))
