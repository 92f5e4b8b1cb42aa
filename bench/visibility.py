"""From a commit in tickets to the line on reporting's board, all services in one process, as in ``shouhou up``."""

import asyncio
import contextlib
import statistics
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter
from uuid import UUID, uuid4, uuid5

from nats.js.errors import NotFoundError
from psycopg import AsyncConnection
from psycopg.sql import SQL, Identifier

from bench.servers import Bench
from bench.table import Row, below
from services.reporting.views import BOARD
from services.tickets.commands.intake import Intake, Reception
from services.tickets.domain.identity import NAMESPACE
from services.tickets.persons import Persons
from shared import assembly
from shared.eventlog import Context
from shared.events.base import Source
from shared.events.tickets import Channel
from shared.jetstream import stream_of
from shared.service import Runtime
from shared.settings import Settings
from shared.tasks import together

EVENTS_PER_SECOND = 500
EVENTS_PER_COMMAND = 2
"""The contact and its ticket."""
WARMUP_SECONDS = 3
SECONDS = 10
PATIENCE_SECONDS = 20.0
READY_SECONDS = 60.0


async def rows(bench: Bench) -> AsyncGenerator[Row, None]:
    """``visible_ms_p50`` and ``visible_ms_p99``."""
    settings = assembly.located(Settings(data_dir=bench.folder), await bench.database(), bench.nats_url)
    async with assembly.running(list(assembly.installed().values()), settings) as runtimes:
        found = {runtime.service.name: runtime for runtime in runtimes}
        await _without_streams(runtimes)
        async with contextlib.AsyncExitStack() as stack:
            for runtime in runtimes:
                await stack.enter_async_context(runtime.running())
            await _ready(runtimes)
            delays, rate = await _delays(found["tickets"], settings.database_of("reporting"))
    cuts = statistics.quantiles([delay * 1000 for delay in delays], n=100)
    of = f"{len(delays):,} tickets at {rate:,.0f} events/s"
    yield below("visible_ms_p50", cuts[49], "ms", of)
    yield below("visible_ms_p99", cuts[98], "ms", of)


async def _without_streams(runtimes: list[Runtime]) -> None:
    """The logs are new, so what other logs have left in NATS must go."""
    for runtime in runtimes:
        assert runtime.nats
        jetstream = (await runtime.nats.client()).jetstream()
        with contextlib.suppress(NotFoundError):
            await jetstream.delete_stream(stream_of(runtime.service.name))


async def _ready(runtimes: list[Runtime]) -> None:
    async with asyncio.timeout(READY_SECONDS):
        while any([await runtime.missing() for runtime in runtimes]):
            await asyncio.sleep(0.05)


async def _delays(tickets: Runtime, reporting_url: str) -> tuple[list[float], float]:
    """Seconds from commit to board, of each ticket after the warm-up; and the events per second there really were."""
    way = _Way()
    async with await AsyncConnection.connect(reporting_url, autocommit=True) as connection:
        await connection.execute(f'LISTEN "{BOARD.schema}"')
        await together(_watch(connection, way), _load(tickets, way))
    return [way.seen[ticket] - moment for ticket, moment in way.committed.items()], way.rate


@dataclass(slots=True)
class _Way:
    """The tickets on their way to the board, and when (``perf_counter``) they were where."""

    awaited: set[UUID] = field(default_factory=set)
    committed: dict[UUID, float] = field(default_factory=dict)
    seen: dict[UUID, float] = field(default_factory=dict)
    rate: float = 0.0
    """Events per second that were really committed."""


async def _load(tickets: Runtime, way: _Way) -> None:
    """Warm up, then measure; returns when all tickets are on the board."""
    await _open_tickets(tickets, WARMUP_SECONDS, way)
    way.committed.clear()
    began, head = perf_counter(), await tickets.log.head()
    await _open_tickets(tickets, SECONDS, way)
    way.rate = (await tickets.log.head() - head) / (perf_counter() - began)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while way.awaited:
            await asyncio.sleep(0.01)


async def _open_tickets(tickets: Runtime, seconds: int, way: _Way) -> None:
    """So many commands per second, each at its time whether those before it are done or not."""
    persons, run, pause = Persons(tickets.secret), uuid4().hex, EVENTS_PER_COMMAND / EVENTS_PER_SECOND
    began, works = perf_counter(), []
    for number in range(int(seconds / pause)):
        await asyncio.sleep(max(0.0, began + number * pause - perf_counter()))
        works.append(asyncio.create_task(_open_ticket(tickets, persons, f"{run}-{number}", number, way)))
    await asyncio.gather(*works)


async def _open_ticket(tickets: Runtime, persons: Persons, seed: str, number: int, way: _Way) -> None:
    now, ticket = datetime.now(UTC), uuid5(NAMESPACE, f"ticket:{seed}")
    intake = Intake(
        channel=Channel.PHONE,
        customer_name=f"客户{number % 50}",
        product_name="大号粘鼠板",
        lot="NSD260948",
        summary="粘不住,老鼠跑了",
    )
    work = Reception(intake, persons, seed, at=now, by="bench", now=now).open
    way.awaited.add(ticket)  # already now: the board may know it before this task goes on
    await tickets.log.execute(work, Context("bench", Source.WEB, uuid4()))
    way.committed[ticket] = perf_counter()


async def _watch(connection: AsyncConnection, way: _Way) -> None:
    """Read the board whenever it says that it has changed."""
    query = SQL("SELECT ticket FROM {} WHERE ticket = ANY(%b)").format(Identifier(BOARD.schema, "tickets"))
    while True:
        async for _ in connection.notifies(timeout=0.1, stop_after=1):
            pass
        found = await (await connection.execute(query, (list(way.awaited),), binary=True)).fetchall()
        now = perf_counter()
        for (ticket,) in found:
            way.seen[ticket] = now
            way.awaited.discard(ticket)
