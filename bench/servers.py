"""The servers that are measured on: the embedded ones, fsync on, in a folder that is thrown away."""

import contextlib
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

from psycopg_pool import AsyncConnectionPool

from bench.toy import toy
from shared import embedded
from shared.clock import SystemClock
from shared.eventlog import EventLog, migrate


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
async def opened(url: str) -> AsyncIterator[EventLog]:
    """A log of its own on an empty database."""
    migrate(url)
    async with AsyncConnectionPool(url, min_size=2, max_size=6, open=False, kwargs={"autocommit": True}) as pool:
        log = EventLog("bench", url, pool, SystemClock(), [toy])
        await log.start()
        try:
            yield log
        finally:
            await log.stop()
