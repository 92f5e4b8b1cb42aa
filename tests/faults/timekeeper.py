"""A process that acts upon deadlines until it is killed."""

import asyncio
from contextlib import suppress
from pathlib import Path

import psycopg
from psycopg_pool import AsyncConnectionPool

from shared.clock import SystemClock
from shared.deadlines import Deadlines, Due
from shared.eventlog import Streams
from tests.tally import Ring
from tests.tally_log import TALLY, opened


async def main(database_url: str, acted: Path) -> None:
    clock = SystemClock()
    while True:
        with suppress(psycopg.OperationalError):  # the database wasn't there yet, or not any more
            async with (
                AsyncConnectionPool(database_url, min_size=1, max_size=2, open=False) as pool,
                opened(database_url, clock=clock) as log,
                asyncio.TaskGroup() as group,
            ):

                async def ring(due: Due) -> bool:
                    async def work(streams: Streams) -> int:
                        return len(await streams.handle(TALLY, due.stream, Ring(at=clock.now(), by="t", name=due.name)))

                    outcome = await log.execute(work, due.context)
                    with acted.open("a") as file:
                        file.write(f"{due.stream} {due.name} {(clock.now() - due.due_at).total_seconds()}\n")
                    return bool(outcome.answer)

                group.create_task(Deadlines(log, pool, clock, ring).run())


def run(database_url: str, acted: Path) -> None:
    asyncio.run(main(database_url, acted))
