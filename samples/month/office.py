"""The whole system in this process, on a data folder and a clock of the demo's own; and callers of every role."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import httpx
from psycopg.sql import SQL, Identifier
from psycopg_pool import AsyncConnectionPool

from shared import assembly
from shared.auth import Role
from shared.clock import ManualClock
from shared.gateway import Gateway, build_gateway
from shared.issuers import LocalKeys
from shared.jetstream import partition_of
from shared.logs import configure
from shared.service import Runtime
from shared.settings import Settings

BEGIN = datetime(2026, 9, 30, 0, 0, tzinfo=UTC)
"""The eve of the month, 08:00 in Shanghai."""
PATIENCE = 60.0
"""Seconds that a worker gets."""
_POSITION = SQL("SELECT position FROM {}.positions")
_HEARD = "SELECT partition, position FROM positions WHERE subscriber = %s AND source = %s"
_LATELY = "SELECT originator_id, notification_id FROM events ORDER BY notification_id DESC LIMIT 3000"
_KEYS = UUID("5a1c0de0-0000-4000-8000-000000000001")


class Failed(Exception):
    """A step went otherwise than it should."""


class Caller:
    """Somebody with a token. The same month has the same keys, so a step told twice is one."""

    def __init__(self, http: httpx.AsyncClient, token: str, who: str, counted: Callable[[], None]) -> None:
        self._http = http
        self._headers = {"Authorization": f"Bearer {token}", "Accept-Language": "zh"}
        self._who = who
        self._sent = 0
        self._counted = counted

    async def do(self, path: str, body: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """A command that has to be granted. Raises ``Failed``."""
        response = await self.send(path, body, **more)
        if response.is_error:
            raise Failed(f"{self._who} {path} {response.status_code}: {_reason(response)}")
        answer: dict[str, Any] = response.json()
        return answer

    async def send(
        self, path: str, body: dict[str, Any] | None = None, *, source: str = "web", **more: Any
    ) -> httpx.Response:
        """A command, granted or not."""
        self._counted()
        self._sent += 1
        key = str(uuid5(_KEYS, f"{self._who}:{self._sent}"))
        headers = self._headers | {"Idempotency-Key": key, "X-Source": source}
        content: dict[str, Any] = more if more else {"json": body or {}}
        return await self._http.post(path, headers=headers, **content)

    async def read(self, path: str, **query: Any) -> Any:
        """What has to be there. Raises ``Failed``."""
        response = await self._http.get(path, params=query or None, headers=self._headers)
        if response.is_error:
            raise Failed(f"{self._who} {path} {response.status_code}: {_reason(response)}")
        return response.json()


def _reason(response: httpx.Response) -> str:
    """Of a problem document, what it says; otherwise everything."""
    if "problem" not in response.headers.get("content-type", ""):
        return response.text
    problem = response.json()
    return " ".join([problem["type"], problem.get("detail", ""), *map(str, problem.get("errors", []))])


@dataclass
class Office:
    """The running system."""

    runtimes: list[Runtime]
    gateway: Gateway
    clock: ManualClock
    settings: Settings
    http: httpx.AsyncClient
    speed: float | None
    """Seconds of the month in one second; None: as fast as it goes."""
    calls: int = 0
    _callers: dict[str, Caller] = field(default_factory=dict)

    def caller(self, who: str, *roles: str, engineer: str | None = None) -> Caller:
        """The account ``who``, with these roles from the first time on."""
        if who not in self._callers:
            token = self.token(who, *roles, engineer=engineer)
            self._callers[who] = Caller(self.http, token, who, self._count)
        return self._callers[who]

    def token(self, who: str, *roles: str, engineer: str | None = None) -> str:
        keys = LocalKeys(self.settings.data_dir, self.clock)
        return keys.issue_token([Role(role) for role in roles], engineer, timedelta(days=400), who)

    async def move_to(self, moment: datetime) -> None:
        """The clock moves on, and every deadline on the way rings at its own moment."""
        while (due := await self._next_due()) is not None and due <= moment:
            await self._pass(max(due, self.clock.now()))
            await until(self._nothing_due, "deadlines")
        await self._pass(max(moment, self.clock.now()))

    async def seen(self, service: str) -> None:
        """Until the service's views have taken in what its log holds: lists then show the same each time."""
        runtime = self._runtime(service)
        head = await runtime.log.head()
        own = [view for view in runtime.service.views if view.own(service)]

        async def taken_in() -> bool:
            async with runtime.pool.connection() as connection:
                for view in own:
                    rows = await connection.execute(_POSITION.format(Identifier(view.schema)))
                    if ((await rows.fetchone()) or (0,))[0] < head:
                        return False
            return True

        await until(taken_in, f"views of {service}")

    async def heard(self, service: str, reaction: str) -> None:
        """Until what the reaction's sources have recorded is taken in: what follows from it is there then."""
        listening = self._runtime(service)
        sources = next(each for each in listening.service.reactions if each.name == reaction).sources
        for source in sources:
            wanted = await _recorded_last(self._runtime(source).pool)

            async def taken_in(source: str = source, wanted: dict[int, int] = wanted) -> bool:
                async with listening.pool.connection() as connection:
                    rows = await (await connection.execute(_HEARD, (reaction, source))).fetchall()
                there = dict(rows)
                return all(there.get(partition, 0) >= position for partition, position in wanted.items())

            await until(taken_in, f"{reaction} of {service}")

    def _runtime(self, service: str) -> Runtime:
        return next(each for each in self.runtimes if each.service.name == service)

    async def let_time_pass(self) -> None:
        """From now on a second is a second."""
        began, start = self.clock.now(), time.monotonic()
        while True:
            await asyncio.sleep(0.2)
            await self.move_to(began + timedelta(seconds=time.monotonic() - start))

    async def _pass(self, moment: datetime) -> None:
        if self.speed:
            await asyncio.sleep((moment - self.clock.now()).total_seconds() / self.speed)
        if moment > self.clock.now():
            self.clock.move_to(moment)

    async def _nothing_due(self) -> bool:
        due = await self._next_due()
        return due is None or due > self.clock.now()

    async def _next_due(self) -> datetime | None:
        found: list[datetime] = []
        for runtime in self.runtimes:
            async with runtime.pool.connection() as connection:
                rows = await connection.execute("SELECT min(due_at) FROM deadlines WHERE state = 'ARMED'")
                row = await rows.fetchone()
            if row and row[0]:
                found.append(row[0])
        return min(found, default=None)

    def _count(self) -> None:
        self.calls += 1


async def until(condition: Callable[[], Awaitable[Any]], what: str) -> Any:
    """What ``condition`` gives as soon as it gives something. Raises ``Failed``."""
    end = time.monotonic() + PATIENCE
    while not (found := await condition()):
        if time.monotonic() > end:
            raise Failed(f"{PATIENCE:.0f} 秒内没有完成 · it didn't happen within {PATIENCE:.0f} s: {what}")
        await asyncio.sleep(0.005)
    return found


@contextlib.asynccontextmanager
async def opened(data_dir: Path, port: int, speed: float | None) -> AsyncIterator[Office]:
    """The system on servers of its own."""
    settings = Settings(data_dir=data_dir, port=port)
    clock = ManualClock(BEGIN)
    async with contextlib.AsyncExitStack() as stack:
        servers = assembly.own_servers(settings, tell=lambda _: None, died=lambda _: None)
        located = await stack.enter_async_context(servers)
        configure("WARNING", stack.enter_context((data_dir / "shouhou.log").open("ab", buffering=0)))
        assembly.tell_running(located)
        services = list(assembly.installed().values())
        runtimes = await stack.enter_async_context(assembly.running(services, located, clock=clock))
        for runtime in runtimes:
            await stack.enter_async_context(runtime.running())
        gateway = build_gateway(runtimes)
        transport = httpx.ASGITransport(gateway, raise_app_exceptions=False)
        address = f"http://{settings.host}:{settings.port}"
        http = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url=address, timeout=60))
        office = Office(runtimes, gateway, clock, located, http, speed)
        await until(lambda: _ready(http), "start")
        yield office


async def _recorded_last(pool: AsyncConnectionPool) -> dict[int, int]:
    """The last position of each partition of a log in which something happened lately."""
    async with pool.connection() as connection:
        rows = await (await connection.execute(_LATELY)).fetchall()
    last: dict[int, int] = {}
    for stream, position in rows:
        last.setdefault(partition_of(stream), position)
    return last


async def _ready(http: httpx.AsyncClient) -> bool:
    return (await http.get("/health/ready")).status_code == 200
