"""A ticket board on a real database, told by the tests what NATS would tell it."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import uvicorn
from psycopg_pool import AsyncConnectionPool
from pydantic import SecretStr

from services.reporting.app import service
from services.reporting.views import BOARD
from shared.auth import Auth, Role
from shared.clock import ManualClock
from shared.eventlog import EventLog, EventMapper, migrate
from shared.gateway import listen
from shared.inbox import Inbox
from shared.issuers import LocalKeys
from shared.jetstream import PARTITIONS, Delivered, partition_of
from shared.projection import TABLES
from shared.service import Runtime, build_app
from shared.sessions import Sessions
from shared.settings import Settings
from shared.view import make_schema
from tests.ticket_histories import T0, Happened, Reception

SECRET = b"of the tests' company"


class KeptBoard:
    """The board, and the way into it."""

    def __init__(self, pool: AsyncConnectionPool, settings: Settings) -> None:
        self.pool = pool
        self.settings = settings
        self.clock = ManualClock(T0 + timedelta(days=30))
        self.desk = Reception()
        self._told = 0
        self._mapper = EventMapper("tickets")
        self._previous: dict[int, int] = defaultdict(int)

    def delivered(self, log: Iterable[Happened]) -> list[Delivered]:
        """The events as NATS would bring them; each is said to come after the last one given here."""
        messages = []
        for each in log:
            stored = self._mapper.to_stored_event(each)
            partition = partition_of(each.stream)
            place = (partition, each.position, self._previous[partition], each.stream, each.version)
            messages.append(Delivered("tickets", *place, stored.topic, stored.state))
            self._previous[partition] = each.position
        return messages

    async def take(self, messages: Sequence[Delivered], group: int = 0, groups: int = 1) -> None:
        """Bring them to the worker of a group of partitions."""
        inbox = Inbox(self.pool, "reporting", BOARD.name, BOARD.apply, BOARD.events, "tickets", BOARD.place)
        await inbox.positions(range(group, PARTITIONS, groups))
        await inbox.take(messages)

    async def catch_up(self) -> None:
        """Bring what has happened at the desk since the last time."""
        news, self._told = self.desk.log[self._told :], len(self.desk.log)
        if news:
            await self.take(self.delivered(news))

    async def rows(self, table: str) -> list[dict[str, Any]]:
        """All rows of one of the board's tables."""
        async with self.pool.connection() as connection:
            found = await connection.execute(f"SELECT to_jsonb(t) FROM view_board.{table} t")  # noqa: S608
            return [row for (row,) in await found.fetchall()]


@asynccontextmanager
async def kept_board(database_url: str) -> AsyncIterator[KeptBoard]:
    """An empty board."""
    settings = Settings(database_url=SecretStr(f"{database_url}?application_name={{service}}"))
    url = settings.database_of("reporting")
    await asyncio.to_thread(migrate, url, TABLES)
    async with AsyncConnectionPool(url, min_size=1, max_size=8, open=False, kwargs={"autocommit": True}) as pool:
        async with pool.connection() as connection:
            await make_schema(connection, BOARD, BOARD.schema)
            await connection.execute(
                "INSERT INTO views (name, fingerprint) VALUES (%s, %s)", (BOARD.name, BOARD.fingerprint)
            )
        yield KeptBoard(pool, settings)


@asynccontextmanager
async def serving(board: KeptBoard, settings: Settings | None = None) -> AsyncIterator["Clients"]:
    """The reporting service on a port of its own; ``clients(Role.RECEPTION)`` is a client of it."""
    settings = settings or board.settings
    url = settings.database_of("reporting")
    log = EventLog("reporting", url, board.pool, board.clock, ())
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory())
        keys = LocalKeys(Path(folder), board.clock)
        sessions = Sessions(SECRET, board.clock)
        auth = Auth(keys, board.clock, sessions=sessions)
        runtime = Runtime(service, settings, board.clock, auth, log, board.pool, SECRET)
        app = build_app(runtime)
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, timeout_graceful_shutdown=1))
        listener = listen("127.0.0.1", 0)
        await stack.enter_async_context(runtime.running())
        answering = asyncio.create_task(server.serve([listener]))
        try:
            yield Clients(f"http://127.0.0.1:{listener.getsockname()[1]}", keys, sessions, stack)
        finally:
            server.should_exit = True
            await answering


class Clients:
    """Makes clients of the service, each with a token."""

    def __init__(self, url: str, keys: LocalKeys, sessions: Sessions, stack: AsyncExitStack) -> None:
        self.url = url
        self.sessions = sessions
        self._keys = keys
        self._stack = stack

    async def __call__(self, *roles: Role) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {self._keys.issue_token(roles, ttl=timedelta(days=99))}"} if roles else {}
        limits = httpx.Limits(max_connections=None)
        return await self._stack.enter_async_context(
            httpx.AsyncClient(base_url=self.url, headers=headers, limits=limits)
        )
