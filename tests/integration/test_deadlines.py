"""Deadlines on real PostgreSQL: each becomes one event, on time, whoever works, fails, waits or dies."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

import pytest
from prometheus_client import REGISTRY
from psycopg_pool import AsyncConnectionPool

from shared.clock import Clock, ManualClock, SystemClock
from shared.deadlines import LEASE, Deadlines, Due
from shared.eventlog import EventLog, Streams
from shared.events.base import Source
from tests import tally
from tests.tally import Close, DropTimer, HoldTimer, ReleaseTimer, Ring, SetTimer, StopTimer
from tests.tally_log import NOON, TALLY, Sql, by, on, opened, until

HOUR = timedelta(hours=1)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[AsyncConnectionPool]:
    async with AsyncConnectionPool(database_url, min_size=1, max_size=8, open=False) as pool:
        yield pool


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
async def ring(log: EventLog) -> Callable[[Due], Awaitable[bool]]:
    """What a service does with a due deadline."""

    async def handle(due: Due) -> bool:
        async def work(streams: Streams) -> int:
            return len(await streams.handle(TALLY, due.stream, Ring(at=due.due_at, by="timer", name=due.name)))

        return bool((await log.execute(work, due.context)).answer)

    return handle


@asynccontextmanager
async def running(*workers: Deadlines) -> AsyncIterator[list["asyncio.Task[None]"]]:
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def armed(log: EventLog, due: datetime, name: str = "timer", stream: UUID | None = None) -> UUID:
    stream = stream or uuid4()
    await log.execute(on(stream, SetTimer(at=NOON, by="li", due=due, name=name)), by())
    return stream


async def rung(log: EventLog, *streams: UUID) -> list[str]:
    """The names of the timers that rang, in order."""
    return [
        recorded.event.name
        for stream in streams
        for recorded in await log.history(stream)
        if isinstance(recorded.event, tally.TimerRang)
    ]


async def states(sql: Sql) -> dict[str, int]:
    return dict(await sql("SELECT state, count(*) FROM deadlines GROUP BY state"))


async def test_a_deadline_becomes_an_event_when_its_time_has_come(
    log: EventLog, pool: AsyncConnectionPool, clock: ManualClock, sql: Sql, ring: Callable[[Due], Awaitable[bool]]
) -> None:
    deadlines = Deadlines(log, pool, clock, ring)
    stream = await armed(log, NOON + HOUR)
    assert await deadlines.run_due(NOON + HOUR - timedelta(milliseconds=1)) == 0
    assert await deadlines.run_due(NOON + HOUR) == 1
    rang = (await log.history(stream))[-1]
    assert rang.event == tally.TimerRang(at=NOON + HOUR, name="timer")
    assert (rang.meta.actor, rang.meta.source) == ("timer:deadlines", Source.TIMER)
    assert rang.meta.causation_id == f"deadline:{stream}:timer:{(NOON + HOUR).isoformat()}"
    assert await states(sql) == {"BREACHED": 1}
    assert await deadlines.run_due(NOON + 2 * HOUR) == 0


async def test_three_workers_act_once_upon_each_of_500(
    log: EventLog, pool: AsyncConnectionPool, clock: ManualClock, sql: Sql, ring: Callable[[Due], Awaitable[bool]]
) -> None:
    async def arm_all(streams: Streams) -> None:
        for n in range(500):
            await streams.handle(TALLY, uuid4(), SetTimer(at=NOON, by="li", due=NOON + HOUR, name=f"t{n}"), new=True)

    await log.execute(arm_all, by())
    calls: list[int] = [0, 0, 0]

    def counting(worker: int) -> Callable[[Due], Awaitable[bool]]:
        async def handle(due: Due) -> bool:
            calls[worker] += 1
            return await ring(due)

        return handle

    async with running(*(Deadlines(log, pool, clock, counting(n)) for n in range(3))):
        await until(lambda: sql("SELECT 1 FROM deadlines WHERE leased_until IS NULL"))
        assert sum(calls) == 0
        clock.move_to(NOON + HOUR)
        await until(lambda: log_has(log, 1_000))
    assert sum(calls) == 500
    assert all(calls), "somebody did all the work"
    assert await states(sql) == {"BREACHED": 500}
    assert await log.head() == 1_000


async def log_has(log: EventLog, events: int) -> bool:
    return await log.head() >= events


async def test_the_same_deadline_taken_twice_is_one_event(
    log: EventLog, pool: AsyncConnectionPool, clock: ManualClock, sql: Sql, ring: Callable[[Due], Awaitable[bool]]
) -> None:
    stream = await armed(log, NOON)
    due = Due(stream, "tally", "timer", NOON)
    assert await asyncio.gather(*(ring(due) for _ in range(5))) == [True] * 5
    assert await rung(log, stream) == ["timer"]


async def test_a_killed_worker_s_deadlines_are_taken_over(
    log: EventLog, pool: AsyncConnectionPool, clock: ManualClock, sql: Sql, ring: Callable[[Due], Awaitable[bool]]
) -> None:
    dead, alive = (Deadlines(log, pool, clock, ring) for _ in range(2))
    stream = await armed(log, NOON)
    assert len(await dead._take(NOON)) == 1  # and there it ends, without a word
    assert await alive.run_due(NOON + LEASE - timedelta(milliseconds=1)) == 0
    assert await alive.run_due(NOON + LEASE) == 1
    assert await rung(log, stream) == ["timer"]


async def test_a_worker_that_is_told_to_stop_gives_back_what_it_has_not_done(
    log: EventLog, pool: AsyncConnectionPool, clock: ManualClock, ring: Callable[[Due], Awaitable[bool]]
) -> None:
    begun = asyncio.Event()

    async def never(due: Due) -> bool:
        begun.set()
        await asyncio.Event().wait()
        return True

    stream = await armed(log, NOON)
    async with running(Deadlines(log, pool, clock, never)):
        await begun.wait()
    assert await Deadlines(log, pool, clock, ring).run_due(NOON) == 1
    assert await rung(log, stream) == ["timer"]


async def test_a_held_deadline_waits_for_its_release(
    log: EventLog, pool: AsyncConnectionPool, clock: ManualClock, ring: Callable[[Due], Awaitable[bool]]
) -> None:
    deadlines = Deadlines(log, pool, clock, ring)
    stream = await armed(log, NOON + HOUR)
    await log.execute(on(stream, HoldTimer(at=NOON, by="li", reason="等客户")), by())
    assert await deadlines.run_due(NOON + 5 * HOUR) == 0
    await log.execute(on(stream, ReleaseTimer(at=NOON + 5 * HOUR, by="li", due=NOON + 6 * HOUR)), by())
    assert await deadlines.run_due(NOON + 6 * HOUR - timedelta(seconds=1)) == 0
    assert await deadlines.run_due(NOON + 6 * HOUR) == 1
    assert await rung(log, stream) == ["timer"]


@pytest.mark.parametrize("command", [StopTimer, DropTimer])
async def test_what_was_met_or_dropped_never_rings(
    log: EventLog,
    pool: AsyncConnectionPool,
    clock: ManualClock,
    ring: Callable[[Due], Awaitable[bool]],
    command: Any,
) -> None:
    stream = await armed(log, NOON + HOUR)
    await log.execute(on(stream, command(at=NOON, by="li")), by())
    assert await Deadlines(log, pool, clock, ring).run_due(NOON + 2 * HOUR) == 0
    assert await rung(log, stream) == []


async def test_a_deadline_armed_again_rings_again(
    log: EventLog, pool: AsyncConnectionPool, clock: ManualClock, ring: Callable[[Due], Awaitable[bool]]
) -> None:
    deadlines = Deadlines(log, pool, clock, ring)
    stream = await armed(log, NOON)
    await deadlines.run_due(NOON)
    await armed(log, NOON + HOUR, stream=stream)
    await deadlines.run_due(NOON + HOUR)
    assert await rung(log, stream) == ["timer", "timer"]


async def test_a_deadline_about_which_nothing_is_to_be_done_is_moot(
    log: EventLog, pool: AsyncConnectionPool, clock: ManualClock, sql: Sql
) -> None:
    calls: list[Due] = []

    async def nothing(due: Due) -> bool:
        calls.append(due)
        return False

    deadlines = Deadlines(log, pool, clock, nothing)
    stream = await armed(log, NOON)
    assert await deadlines.run_due(NOON) == 1
    assert await deadlines.run_due(NOON + 24 * HOUR) == 0
    assert calls == [Due(stream, "tally", "timer", NOON)]
    assert await sql("SELECT state, at FROM deadlines") == [("MOOT", NOON)]
    await armed(log, NOON + 25 * HOUR, stream=stream)
    assert await deadlines.run_due(NOON + 25 * HOUR) == 1


async def test_a_deadline_armed_again_while_it_is_acted_upon_is_not_moot(
    log: EventLog, pool: AsyncConnectionPool, clock: ManualClock, sql: Sql
) -> None:
    async def slow(due: Due) -> bool:
        await armed(log, NOON + HOUR, stream=due.stream)
        return False

    await armed(log, NOON)
    await Deadlines(log, pool, clock, slow).run_due(NOON)
    assert await sql("SELECT state, due_at FROM deadlines") == [("ARMED", NOON + HOUR)]


async def test_a_failing_handler_is_called_again_with_growing_delays(
    log: EventLog, pool: AsyncConnectionPool, clock: ManualClock, sql: Sql, ring: Callable[[Due], Awaitable[bool]]
) -> None:
    tries: list[datetime] = []
    well = False

    async def fails(due: Due) -> bool:
        tries.append(clock.now())
        if not well:
            raise RuntimeError("the rule has a bug")
        return await ring(due)

    deadlines = Deadlines(log, pool, clock, fails)
    stream, other = await armed(log, NOON), await armed(log, NOON)
    for _ in range(40):
        await deadlines.run_due(clock.now())
        clock.move_to(clock.now() + timedelta(seconds=1))
    assert [(moment - NOON).seconds for moment in tries[::2]] == [0, 1, 3, 7, 15, 31]
    assert await deadlines._look_ahead() is None, "it isn't due before its next try"
    assert REGISTRY.get_sample_value("shouhou_deadlines_late", {"service": "tally"}) == 2
    well = True
    clock.move_to(clock.now() + HOUR)
    await deadlines.run_due(clock.now())
    assert await rung(log, stream, other) == ["timer", "timer"]
    await deadlines._look_ahead()
    assert REGISTRY.get_sample_value("shouhou_deadlines_late", {"service": "tally"}) == 0


async def test_one_failing_handler_does_not_hold_up_the_others(
    log: EventLog, pool: AsyncConnectionPool, clock: ManualClock, ring: Callable[[Due], Awaitable[bool]]
) -> None:
    bad = await armed(log, NOON - HOUR)
    good = [await armed(log, NOON) for _ in range(3)]

    async def fails(due: Due) -> bool:
        if due.stream == bad:
            raise RuntimeError
        return await ring(due)

    async with running(Deadlines(log, pool, clock, fails)):
        await until(lambda: log_has(log, 7))
    assert await rung(log, *good) == ["timer"] * 3


async def test_a_month_passes_in_a_moment(
    log: EventLog, pool: AsyncConnectionPool, clock: ManualClock, ring: Callable[[Due], Awaitable[bool]]
) -> None:
    """A timer that is set again each day: each day's ring comes at its time, in one go."""
    stream = await armed(log, NOON + timedelta(days=1))

    async def daily(due: Due) -> bool:
        rang = await ring(due)
        await armed(log, due.due_at + timedelta(days=1), stream=due.stream)
        return rang

    deadlines = Deadlines(log, pool, clock, daily)
    began = perf_counter()
    for day in range(31):
        clock.move_to(NOON + timedelta(days=day))
        await deadlines.run_due(clock.now())
    assert perf_counter() - began < 5
    moments = [r.event.at for r in await log.history(stream) if isinstance(r.event, tally.TimerRang)]
    assert moments == [NOON + timedelta(days=day) for day in range(1, 31)]


async def test_deadlines_are_exact_to_a_second_while_the_log_is_busy(
    log: EventLog, pool: AsyncConnectionPool, database_url: str
) -> None:
    """Armed by another process, shortly before they are due, and while others append."""
    clock: Clock = SystemClock()
    late: list[float] = []

    async def handle(due: Due) -> bool:
        late.append((clock.now() - due.due_at).total_seconds())
        return False

    async def busy() -> None:
        while True:
            await log.execute(on(uuid4(), Close(at=NOON, by="li"), new=True), by())

    others = [asyncio.create_task(busy()) for _ in range(4)]
    async with opened(database_url) as other, running(*(Deadlines(log, pool, clock, handle) for _ in range(2))):
        began = datetime.now(UTC)
        for n in range(60):
            await armed(other, began + timedelta(seconds=0.3 + n * 0.03))
        await until(lambda: len(late) == 60)
    for task in others:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert min(late) >= 0
    assert max(late) < 1


async def test_an_idle_worker_is_woken_by_what_is_armed_elsewhere(
    log: EventLog, pool: AsyncConnectionPool, database_url: str, ring: Callable[[Due], Awaitable[bool]]
) -> None:
    looks = 0

    class Watched(Deadlines):
        async def _look_ahead(self) -> datetime | None:
            nonlocal looks
            looks += 1
            return await super()._look_ahead()

    worker = Watched(log, pool, SystemClock(), ring)
    async with opened(database_url) as other, running(worker):
        await until(lambda: looks == 2)
        stream = await armed(other, datetime.now(UTC) + timedelta(seconds=0.3))
        began = perf_counter()
        await until(lambda: log_has(log, 2))
        assert 0.2 < perf_counter() - began < 1
    assert await rung(log, stream) == ["timer"]


async def test_a_worker_outlives_a_database_that_goes_away(
    log: EventLog, pool: AsyncConnectionPool, clock: ManualClock, sql: Sql, ring: Callable[[Due], Awaitable[bool]]
) -> None:
    worker = Deadlines(log, pool, clock, ring)
    async with running(worker) as (task,):
        await sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user"
        )
        await armed(log, NOON)
        await until(lambda: sql("SELECT 1 FROM deadlines WHERE state = 'BREACHED'"))
        assert not task.done()
        await until(lambda: worker.ready() is None)
