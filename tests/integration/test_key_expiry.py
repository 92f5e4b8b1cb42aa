"""Idempotency keys are kept for their age, and then deleted without anybody waiting."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from psycopg_pool import AsyncConnectionPool

from shared import key_expiry
from shared.clock import ManualClock
from shared.eventlog import EventLog, migrate
from shared.key_expiry import EVERY, KeyExpiry
from shared.tasks import end
from tests.tally_log import NOON, Sql, by, count, on, opened, until

AGE = timedelta(days=90)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
async def log(database_url: str, clock: ManualClock) -> AsyncIterator[EventLog]:
    await asyncio.to_thread(migrate, database_url)
    async with opened(database_url, clock=clock) as log:
        yield log


@pytest.fixture
async def expiry(database_url: str, clock: ManualClock) -> AsyncIterator[KeyExpiry]:
    async with AsyncConnectionPool(database_url, min_size=1, max_size=2, open=False) as pool:
        yield KeyExpiry("tally", pool, clock, AGE)


async def kept(sql: Sql) -> list[str]:
    return [key for (key,) in await sql("SELECT key FROM idempotency ORDER BY key")]


async def test_a_key_is_answered_again_until_it_is_too_old(
    log: EventLog, expiry: KeyExpiry, clock: ManualClock, sql: Sql
) -> None:
    stream = uuid4()
    first = await log.execute(on(stream, count(2)), by(key="a"))
    clock.move_to(NOON + timedelta(days=1))
    await log.execute(on(stream, count(3)), by(key="b"))

    clock.move_to(NOON + AGE)
    assert await expiry.expire(clock.now()) == 0
    again = await log.execute(on(stream, count(2)), by(key="a"))
    assert (again.replayed, again.answer) == (True, first.answer)

    clock.move_to(NOON + AGE + timedelta(seconds=1))
    assert await expiry.expire(clock.now()) == 1
    assert await kept(sql) == ["b"]
    anew = await log.execute(on(stream, count(2)), by(key="a"))
    assert (anew.replayed, anew.answer) == (False, {"total": 7})


async def test_batches_delete_all_that_is_old_while_appends_go_on(
    log: EventLog, expiry: KeyExpiry, clock: ManualClock, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_expiry, "BATCH", 7)
    await asyncio.gather(*(log.execute(on(uuid4(), count(), new=True), by(key=f"old-{n}")) for n in range(50)))
    clock.move_to(NOON + AGE + timedelta(hours=1))
    expired, other, *_ = await asyncio.gather(
        expiry.expire(clock.now()),
        expiry.expire(clock.now()),  # another worker
        *(log.execute(on(uuid4(), count(), new=True), by(key=f"new-{n}")) for n in range(50)),
    )
    assert expired + other == 50
    assert await kept(sql) == sorted(f"new-{n}" for n in range(50))
    assert await log.head() == 100


async def test_an_append_does_not_wait_for_keys_that_are_being_deleted(
    log: EventLog, sql: Sql, clock: ManualClock
) -> None:
    await log.execute(on(uuid4(), count(), new=True), by(key="old"))
    await sql("BEGIN")
    await sql("DELETE FROM idempotency")
    async with asyncio.timeout(5):
        await log.execute(on(uuid4(), count(), new=True), by(key="new"))
        assert (await log.execute(on(uuid4(), count(), new=True), by(key="old"))).replayed
    await sql("COMMIT")


async def test_the_worker_looks_again_as_time_goes_by(
    log: EventLog, expiry: KeyExpiry, clock: ManualClock, sql: Sql
) -> None:
    await log.execute(on(uuid4(), count(), new=True), by(key="a"))
    worker = asyncio.create_task(expiry.run())
    try:
        clock.move_to(NOON + AGE - EVERY)
        await log.execute(on(uuid4(), count(), new=True), by(key="b"))
        clock.move_to(NOON + AGE + EVERY)
        await until(partial(_only, sql, ["b"]))
    finally:
        await end([worker])


async def _only(sql: Sql, keys: list[str]) -> bool:
    return await kept(sql) == keys
