"""A process that appends until it is killed.

Each of its callers numbers its commands. What was acknowledged is noted in the file; a restarted process goes on after
that, with the same idempotency keys, so it repeats what may or may not have been recorded when it was killed.
"""

import asyncio
import os
import random
from collections import Counter
from contextlib import suppress
from pathlib import Path
from uuid import UUID, uuid5

import psycopg

from shared.eventlog import ConcurrencyConflict, EventLog, LogUnavailable, Streams
from tests.tally_log import TALLY, by, count, opened

CALLERS = 12
STREAMS = [uuid5(UUID(int=0), f"stream {n}") for n in range(150)]
"""Few, so that the processes meet on them."""


def streams_of(key: str) -> list[UUID]:
    """The streams that the command with this key writes to, each one event."""
    choice = random.Random(key)
    return choice.sample(STREAMS, choice.choice((1, 1, 1, 2, 3)))


async def call(log: EventLog, name: str, number: int, acknowledged: int) -> None:
    while True:
        key = f"{name}.{number}"

        async def work(streams: Streams, key: str = key) -> str:
            for stream in streams_of(key):
                await streams.handle(TALLY, stream, count(note=key))
            return key

        with suppress(ConcurrencyConflict, LogUnavailable):
            outcome = await log.execute(work, by(name, key))
            await asyncio.sleep(random.random() * 0.3)  # the answer is on its way: a good moment to be killed
            os.write(acknowledged, f"{key} {outcome.position}\n".encode())
            number += 1


async def main(database_url: str, name: str, done: Counter[str], acknowledged: int) -> None:
    callers = [f"{name}.{n}" for n in range(CALLERS)]
    while True:
        with suppress(psycopg.OperationalError):  # a connection was cut before the log was open
            async with opened(database_url) as log:
                await asyncio.gather(*(call(log, caller, done[caller], acknowledged) for caller in callers))


def run(database_url: str, name: str, file: Path) -> None:
    done = Counter(line.split()[0].rpartition(".")[0] for line in file.read_text().splitlines())
    asyncio.run(main(database_url, name, done, os.open(file, os.O_WRONLY | os.O_APPEND)))
