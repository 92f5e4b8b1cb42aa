"""The event log of tallies, as tests open it and work on it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from inspect import isawaitable
from time import monotonic
from typing import Any, cast
from uuid import UUID, uuid4

from psycopg_pool import AsyncConnectionPool

from shared.clock import Clock, ManualClock
from shared.decider import Decider
from shared.eventlog import Context, EventLog, IdempotencyKey, Stored, Streams
from shared.events.base import Source
from tests import tally
from tests.tally import Count

NOON = datetime(2026, 10, 3, 4, tzinfo=UTC)
"""Noon in Shanghai; the tests' clocks start here."""
TALLY = cast(Decider[Any], tally)
Work = Callable[[Streams], Awaitable[Any]]
Sql = Callable[..., Awaitable[list[Any]]]


@asynccontextmanager
async def opened(database_url: str, *deciders: Decider[Any], clock: Clock | None = None) -> AsyncIterator[EventLog]:
    """A log as one process has it open."""
    async with AsyncConnectionPool(database_url, min_size=1, max_size=4, open=False) as pool:
        log = EventLog("tally", database_url, pool, clock or ManualClock(NOON), deciders or [TALLY])
        await log.start()
        try:
            yield log
        finally:
            await log.stop()


def by(actor: str = "li", key: str | None = None, fingerprint: bytes = b"same") -> Context:
    idempotency = IdempotencyKey(key, fingerprint) if key else None
    return Context(actor, Source.WEB, uuid4(), key=idempotency)


def on(stream: UUID, *commands: Any, new: bool = False) -> Work:
    """The work of doing these commands; its answer is the total."""

    async def work(streams: Streams) -> Any:
        for command in commands:
            await streams.handle(TALLY, stream, command, new=new)
        state = await streams.load(TALLY, stream, required=False)
        return {"total": state.total}

    return work


def count(amount: int = 1, note: str = "") -> Count:
    return Count(at=NOON, by="li", amount=amount, note=note)


async def everything(log: EventLog) -> list[Stored]:
    return await log.read(0, 1_000_000)


async def until(condition: Callable[[], bool | Awaitable[Any]], seconds: float = 10) -> None:
    """Wait for what will come true soon; a test that waits in vain fails."""
    deadline = monotonic() + seconds
    while True:
        answer = condition()
        if (await answer) if isawaitable(answer) else answer:
            return
        assert monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.01)
