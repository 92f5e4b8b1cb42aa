"""Real servers for the tests: the embedded ones, or with TEST_CONTAINERS=1 containers of the official images."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import nats
import psycopg
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings
from psycopg import sql

from shared import embedded

# How long an example takes says something about the machine and its other work, not about the code.
settings.register_profile("shouhou", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shouhou")


READER_PASSWORD = "reads-dashboards"
"""Of the role ``dashboard``."""


class ServerAddresses(Protocol):
    """What a test may know of the servers, wherever they run. Both URLs hold passwords."""

    @property
    def database_url(self) -> str: ...
    @property
    def nats_url(self) -> str: ...


class Containers:
    """PostgreSQL and NATS in containers, reached through published ports."""

    def __init__(self, database_url: str, nats_url: str) -> None:
        self.database_url = database_url
        self.nats_url = nats_url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerAddresses]:
    """PostgreSQL and NATS, started once for each test process."""
    if os.environ.get("TEST_CONTAINERS"):
        with _containers() as containers:
            yield containers
    else:
        folder = tmp_path_factory.mktemp("servers")
        async with embedded.servers(folder, tell=print, reader_password=READER_PASSWORD) as running:
            yield running


@pytest.fixture
async def database_url(servers: ServerAddresses) -> AsyncIterator[str]:
    """A fresh, empty database for one test."""
    async with fresh_database(servers) as url:
        yield url


@asynccontextmanager
async def fresh_database(servers: ServerAddresses) -> AsyncIterator[str]:
    """An empty database. Others whose names begin with its name (``…_tickets``) are dropped with it."""
    name = f"test_{uuid4().hex[:12]}"
    url = urlunsplit(urlsplit(servers.database_url)._replace(path=f"/{name}"))
    await embedded.ensure_database(url)
    yield url
    async with await psycopg.AsyncConnection.connect(
        servers.database_url, autocommit=True, client_encoding="utf8"
    ) as connection:
        made = await connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [name])
        for (each,) in await made.fetchall():
            await _drop(connection, each)


async def _drop(connection: psycopg.AsyncConnection, database: str) -> None:
    """Our sessions are ended first: FORCE would stop at a vacuum that waits for one of them, which it may not end.

    PostgreSQL waits for its other processes to let go of the files, now and then for a minute. Tests don't: what is
    left then goes with the server.
    """
    await connection.execute("SET statement_timeout = '3s'")
    until = time.monotonic() + DROP_SECONDS
    while time.monotonic() < until:
        try:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = current_user",
                [database],
            )
            await connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(database)))
        except psycopg.errors.ObjectInUse:
            await asyncio.sleep(0.1)
        except psycopg.errors.QueryCanceled:
            return
        else:
            return


DROP_SECONDS = 10.0


@pytest.fixture
async def nats_url(servers: ServerAddresses) -> str:
    """NATS without any stream."""
    return await emptied_nats(servers)


async def emptied_nats(servers: ServerAddresses) -> str:
    """NATS, when all its streams are deleted."""
    connection = await nats.connect(servers.nats_url)
    jetstream = connection.jetstream()
    for stream in await jetstream.streams_info():
        assert stream.config.name
        await jetstream.delete_stream(stream.config.name)
    await connection.close()
    return servers.nats_url


@contextmanager
def _containers() -> Iterator[Containers]:
    # The reaper is one more image to pull, and needs the engine's socket inside a container; the blocks below end
    # what they started.
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
    from testcontainers.community.postgres import PostgresContainer
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.wait_strategies import LogMessageWaitStrategy

    postgres = PostgresContainer("postgres:18", username="shouhou", password="shouhou", dbname="shouhou", driver=None)
    broker = DockerContainer("nats:2").with_command("-js").with_exposed_ports(4222)
    with postgres, broker.waiting_for(LogMessageWaitStrategy("Server is ready")):
        yield Containers(
            f"postgresql://shouhou:shouhou@127.0.0.1:{postgres.get_exposed_port(5432)}/shouhou",
            f"nats://127.0.0.1:{broker.get_exposed_port(4222)}",
        )
