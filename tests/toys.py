"""A toy service for tests: counters that count. Its events go the way of real ones."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, LiteralString
from uuid import UUID, uuid5

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from shared.clock import ManualClock
from shared.decider import Arm, Command, DeadlineChange, Decider, Meet
from shared.eventlog import Context, EventLog, Recorded, Streams, migrate
from shared.events.base import Event, Source
from shared.jetstream import Nats
from shared.leases import Leases
from shared.relay import Relay
from shared.tasks import end
from shared.view import TABLES

NAMESPACE = UUID("6f2f0b62-6c3c-4a0e-9a53-0d3a3c1f1f10")
NOON = datetime(2026, 10, 1, 4, tzinfo=UTC)


SEEN: LiteralString = """
CREATE TABLE IF NOT EXISTS seen (
    source text, position bigint, counter uuid, n int, at serial, PRIMARY KEY (source, position)
);
"""


class ToyEvent(Event):
    SERVICE = "toys"


class Counted(ToyEvent):
    counter: UUID
    n: int


class Rang(ToyEvent):
    counter: UUID


class Count(Command):
    counter: UUID


class Ring(Command):
    counter: UUID


@dataclass(frozen=True, slots=True)
class Counter:
    n: int = 0


class Counters:
    """The decider of counters."""

    STREAM = "counter"
    NEW = Counter()

    def evolve(self, state: Counter, event: Any, /) -> Counter:
        return replace(state, n=event.n) if isinstance(event, Counted) else state

    def decide(self, command: Any, state: Counter, /) -> Sequence[Event]:
        if isinstance(command, Ring):
            return [Rang(at=command.at, counter=command.counter)]
        return [Counted(at=command.at, counter=command.counter, n=state.n + 1)]

    def deadlines(self, event: Any, /) -> Sequence[DeadlineChange]:
        if isinstance(event, Rang):
            return [Meet("ring", event.at)]
        return [Arm("ring", event.at + timedelta(hours=event.n))]


COUNTERS = Counters()


def counter(number: int) -> UUID:
    return uuid5(NAMESPACE, str(number))


class Toys:
    """A log of counters."""

    def __init__(self, log: EventLog, pool: AsyncConnectionPool, database_url: str) -> None:
        self.log = log
        self.pool = pool
        self.database_url = database_url

    async def count(self, events: int, counters: int = 40) -> None:
        """Append ``events`` Counted, spread over the counters in turn."""
        done = 0
        while done < events:
            numbers = range(done, min(events, done + counters))
            await asyncio.gather(*(self.count_one(number % counters) for number in numbers))
            done += len(numbers)

    async def count_one(self, number: int) -> None:
        await self.append(Count(at=NOON, by="tester", counter=counter(number)))

    async def ring(self, number: int) -> None:
        await self.append(Ring(at=NOON, by="tester", counter=counter(number)))

    async def append(self, command: Count | Ring) -> None:
        async def work(streams: Streams) -> None:
            await streams.handle(COUNTERS, command.counter, command)

        await self.log.execute(work, Context("tester", Source.APP, NAMESPACE))


@asynccontextmanager
async def toys(database_url: str, service: str = "toys", more: Sequence[Decider[Any]] = ()) -> AsyncIterator[Toys]:
    """The toy service's log, running; ``more`` may be recorded in it than counters."""
    migrate(database_url, TABLES + SEEN)
    async with AsyncConnectionPool(database_url, min_size=2, max_size=12, kwargs={"autocommit": True}) as pool:
        log = EventLog(service, database_url, pool, ManualClock(NOON), [COUNTERS, *more])
        await log.start()
        try:
            yield Toys(log, pool, database_url)
        finally:
            await log.stop()


async def see(connection: AsyncConnection, events: Sequence[Recorded[Any]]) -> None:
    """A handler that writes down what it gets; a second time is an error."""
    await connection.cursor().executemany(
        "INSERT INTO seen (source, position, counter, n) VALUES (%s, %s, %s, %s)",
        [(e.service, e.position, e.stream, getattr(e.event, "n", None)) for e in events],
    )


async def seen(pool: AsyncConnectionPool) -> list[tuple[int, UUID, int]]:
    """Position, counter and n, in the order in which they were written down."""
    async with pool.connection() as connection:
        rows = await connection.execute("SELECT position, counter, n FROM seen ORDER BY at")
        return await rows.fetchall()


async def check_seen(toy: Toys, events: int, within: float = 15.0) -> None:
    """All events were handled once (the primary key sees to that), and each counter's in their order."""

    async def all_there() -> bool:
        with suppress(psycopg.OperationalError):  # in tests that kill sessions, ours may be among them
            return len(await seen(toy.pool)) >= events
        return False

    await until(all_there, within)
    last: dict[UUID, int] = {}
    for _, which, n in await seen(toy.pool):
        assert n == last.get(which, 0) + 1
        last[which] = n
    assert sum(last.values()) == events


def relay(toy: Toys, nats: Nats) -> Relay:
    return Relay(toy.log, nats, leases(toy))


def leases(toy: Toys) -> Leases:
    """Those of another process."""
    return Leases(toy.database_url, tick_seconds=0.1)


@asynccontextmanager
async def connected(nats_url: str) -> AsyncIterator[Nats]:
    nats = Nats(nats_url, name="tester")
    await nats.start()
    try:
        yield nats
    finally:
        await nats.stop()


@asynccontextmanager
async def running(*workers: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Workers in the background; one that ends by itself fails the test."""
    tasks = [asyncio.create_task(worker()) for worker in workers]
    try:
        yield
        for task in tasks:
            if task.done():
                task.result()
                raise AssertionError("a worker has ended by itself")
    finally:
        await end(tasks)


async def until(condition: Callable[[], Awaitable[Any]], within: float = 15.0) -> Any:
    """Waits until ``condition`` gives something true, and returns it. Raises AssertionError when it's too late."""
    deadline = monotonic() + within
    while not (result := await condition()):
        if monotonic() > deadline:
            raise AssertionError(f"not within {within} s: {condition.__name__}")
        await asyncio.sleep(0.02)
    return result
