"""A process that follows the log and notes what it sees.

Ends with 1 as soon as a position is skipped, repeated or out of order.
"""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO
from zlib import crc32

import psycopg

from shared.eventlog import EventLog, Stored
from tests.tally_log import opened


def line(stored: Stored) -> str:
    return f"{stored.position} {stored.stream} {stored.version} {stored.topic} {crc32(stored.state)}\n"


async def follow(log: EventLog, seen: TextIO) -> None:
    last = 0
    while True:
        with suppress(psycopg.OperationalError):  # its connection was cut; it goes on from where it was
            async for batch in log.follow(last, limit=200):
                for stored in batch:
                    if stored.position != last + 1:
                        sys.exit(f"{stored.position} came after {last}")
                    last = stored.position
                seen.writelines(map(line, batch))
                seen.flush()


async def main(database_url: str, seen: TextIO) -> None:
    while True:
        with suppress(psycopg.OperationalError):  # a connection was cut before the log was open
            async with opened(database_url) as log:
                await follow(log, seen)


def run(database_url: str, file: Path) -> None:
    with file.open("w") as seen:
        asyncio.run(main(database_url, seen))
