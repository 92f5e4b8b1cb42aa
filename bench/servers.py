"""The servers that are measured on: the embedded ones, fsync on, in a folder that is thrown away."""

import asyncio
import contextlib
import socket
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

from psycopg_pool import AsyncConnectionPool

from bench.toy import stored, toy
from shared import embedded
from shared.clock import SystemClock
from shared.decider import Decider
from shared.eventlog import EventLog, migrate
from shared.eventlog.appending import Writer
from shared.eventlog.transaction import Append


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the measurements run."""

    folder: Path
    database_url: str
    nats_url: str

    async def database(self) -> str:
        """The URL of a fresh, empty database."""
        url = urlunsplit(urlsplit(self.database_url)._replace(path=f"/bench_{uuid4().hex[:12]}"))
        await embedded.ensure_database(url)
        return url


@contextlib.asynccontextmanager
async def servers() -> AsyncIterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="shouhou-bench-") as folder:
        async with embedded.servers(Path(folder), tell=lambda _: None) as running:
            yield Bench(Path(folder), running.database_url, running.nats_url)


@contextlib.asynccontextmanager
async def opened(
    url: str, tables: LiteralString = "", service: str = "bench", deciders: Sequence[Decider[Any]] = (toy,)
) -> AsyncIterator[tuple[EventLog, AsyncConnectionPool]]:
    """A log of its own on an empty database, and a pool of connections to it."""
    await asyncio.to_thread(migrate, url, tables)
    async with AsyncConnectionPool(url, min_size=2, max_size=12, open=False, kwargs={"autocommit": True}) as pool:
        log = EventLog(service, url, pool, SystemClock(), deciders)
        await log.start()
        try:
            yield log, pool
        finally:
            await log.stop()


async def fill(url: str, streams: int, each: int) -> None:
    """Events in the log of ``url``: the first of every stream, then the second of every stream, …"""
    writer = Writer(url, "bench")
    await writer.start()
    ids = [uuid4() for _ in range(streams)]
    for version in range(1, each + 1):
        appends = [Append([stored(stream, version)], [], [], None, datetime.now(UTC)) for stream in ids]
        await asyncio.gather(*(writer.append(append) for append in appends))
    await writer.stop()


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found: int = listener.getsockname()[1]
        return found
