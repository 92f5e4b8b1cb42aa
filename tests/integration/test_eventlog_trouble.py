"""Callers who leave, servers that go, programs that break: the log loses nothing, doubles nothing, goes on."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from shared.eventlog import (
    EventLog,
    LogUnavailable,
    Streams,
    appending,
    batching,
    decode,
)
from tests import tally
from tests.tally import HoldTimer, SetTimer, StopTimer
from tests.tally_log import NOON, TALLY, Sql, Work, by, count, everything, on, opened, until


async def notes(log: EventLog) -> list[str]:
    written = [decode(stored.topic, stored.state)[0] for stored in await everything(log)]
    return [event.note for event in written if isinstance(event, tally.Counted)]


async def test_a_caller_who_gives_up_harms_nobody(log: EventLog) -> None:
    stream = uuid4()
    gone = [asyncio.create_task(log.execute(on(uuid4(), count(), new=True), by())) for _ in range(50)]
    stays = [asyncio.create_task(log.execute(on(uuid4(), count(), new=True), by())) for _ in range(50)]
    await asyncio.sleep(0)
    for task in gone[::2]:
        task.cancel()  # while it waits
    await asyncio.sleep(0.002)
    for task in gone[1::2]:
        task.cancel()  # while it is on its way
    positions = [o.position for o in await asyncio.gather(*stays)]
    assert len(set(positions)) == 50
    await log.execute(on(stream, count()), by())
    assert [s.position for s in await everything(log)] == list(range(1, await log.head() + 1))


async def test_what_postgresql_refuses_harms_no_other_caller_of_the_batch(log: EventLog, sql: Sql) -> None:
    await sql("CREATE TABLE beside (name text PRIMARY KEY, amount int CHECK (amount > 0))")

    def writing(name: str, amount: Any) -> Work:
        async def work(streams: Streams) -> None:
            await streams.handle(TALLY, uuid4(), count(note=name), new=True)
            streams.write_beside("INSERT INTO beside VALUES (%s, %s)", name, amount)

        return work

    rows = [("a", 1), ("b", 1), ("nul\0", 1), ("a", 1), ("surrogate\ud800", 1), ("c", -1), ("d", 1), ("e", object())]
    outcomes = await asyncio.gather(*(log.execute(writing(*row), by()) for row in rows), return_exceptions=True)
    failed = [name for (name, _), outcome in zip(rows, outcomes, strict=True) if isinstance(outcome, BaseException)]
    assert failed == ["nul\0", "a", "surrogate\ud800", "c", "e"]
    assert isinstance(outcomes[3], psycopg.errors.UniqueViolation)
    assert sorted(await sql("SELECT name FROM beside")) == [("a",), ("b",), ("d",)]
    assert sorted(await notes(log)) == ["a", "b", "d"]
    assert [s.position for s in await everything(log)] == [1, 2, 3]


async def test_a_reason_may_hold_a_character_that_postgresql_s_text_cannot(log: EventLog, sql: Sql) -> None:
    stream = uuid4()
    await log.execute(
        on(
            stream,
            SetTimer(at=NOON, by="li", due=NOON + timedelta(hours=24)),
            HoldTimer(at=NOON, by="li", reason="等\0客户"),
        ),
        by(),
    )
    assert await sql("SELECT state, reason FROM deadlines") == [("HELD", "等\N{REPLACEMENT CHARACTER}客户")]
    held = (await log.history(stream))[1].event
    assert isinstance(held, tally.TimerHeld)
    assert held.reason == "等\0客户"


async def test_a_deadline_row_is_written_with_its_event(log: EventLog, sql: Sql) -> None:
    stream, due = uuid4(), NOON + timedelta(hours=24)
    await log.execute(on(stream, SetTimer(at=NOON, by="li", due=due)), by())
    assert await sql("SELECT stream, name, kind, due_at, state FROM deadlines") == [
        (stream, "timer", "tally", due, "ARMED")
    ]
    await log.execute(on(stream, StopTimer(at=NOON, by="li")), by())
    assert await sql("SELECT due_at, state, at FROM deadlines") == [(due, "MET", NOON)]


async def _has(sql: Sql, events: int) -> bool:
    return bool(await sql("SELECT 1 FROM events WHERE notification_id >= %s", events))


async def test_a_lost_connection_doubles_and_loses_nothing(log: EventLog, sql: Sql) -> None:
    """The writer's backend is ended again and again, as soon as some more has been written; some die between commit
    and answer."""
    kills = 0

    async def kill() -> None:
        nonlocal kills
        while True:
            goal = await log.head() + 30
            await until(partial(_has, sql, goal))
            await sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'shouhou-writer' AND datname = current_database()"
            )
            kills += 1

    async def append(caller: int) -> list[str]:
        stream, notes = uuid4(), [f"{caller}-{n}" for n in range(40)]
        for note in notes:
            await log.execute(on(stream, count(note=note)), by(key=note if caller % 2 else None))
        return notes

    killer = asyncio.create_task(kill())
    acknowledged = [n for notes in await asyncio.gather(*map(append, range(30))) for n in notes]
    killer.cancel()
    with suppress(asyncio.CancelledError):
        await killer
    assert kills > 3
    assert sorted(await notes(log)) == sorted(acknowledged)
    assert [s.position for s in await everything(log)] == list(range(1, 1_201))


async def test_a_commit_whose_answer_was_lost_is_recognised(
    log: EventLog, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, lost = appending.write, []

    async def write_and_lose(connection: psycopg.AsyncConnection, new: Any, *, begun: bool) -> int | None:
        head: int | None = await write(connection, new, begun=begun)
        if not lost:
            lost.append(True)
            await connection.close()
            await connection.execute("SELECT 1")
        return head

    monkeypatch.setattr(appending, "write", write_and_lose)
    stream = uuid4()
    outcomes = await asyncio.gather(
        log.execute(on(stream, count(), new=True), by()), log.execute(on(uuid4(), count(), new=True), by(key="k"))
    )
    assert lost
    assert {o.position for o in outcomes} == {1, 2}
    assert await log.head() == 2
    assert len(await sql("SELECT 1 FROM idempotency")) == 1


async def test_an_unexpected_error_stops_neither_writer_nor_loader(
    log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: Any, **__: Any) -> None:
        raise RuntimeError("a bug")

    with monkeypatch.context() as patched:
        patched.setattr(appending, "write", breaks)
        with pytest.raises(RuntimeError):
            await log.execute(on(uuid4(), count(), new=True), by())
    with monkeypatch.context() as patched:
        patched.setattr(log._loader._batcher, "_serve", breaks)
        with pytest.raises(RuntimeError):
            await log.load(TALLY, uuid4())
    await log.execute(on(uuid4(), count()), by())
    assert log.alive


async def test_a_database_that_stays_away_is_told_to_the_callers(
    log: EventLog, database_url: str, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batching, "PATIENCE_SECONDS", 0.2)
    name = database_url.rsplit("/", 1)[1]
    async with await psycopg.AsyncConnection.connect(
        database_url.removesuffix(name) + "postgres", autocommit=True
    ) as operator:
        await operator.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        await operator.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        for _ in range(2):
            with pytest.raises(LogUnavailable, match="can't be reached"):
                await asyncio.wait_for(log.execute(on(uuid4(), count()), by()), 10)
        assert not log.alive
        await operator.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    await until(lambda: log.alive)
    await log.execute(on(uuid4(), count()), by())


async def test_a_log_that_is_closed_serves_who_waits_and_refuses_who_comes_later(
    log: EventLog, database_url: str
) -> None:
    async with opened(database_url) as other:
        waiting = [asyncio.create_task(other.execute(on(uuid4(), count(), new=True), by())) for _ in range(10)]
        await asyncio.sleep(0)
    async with asyncio.timeout(5):
        assert sorted(o.position for o in await asyncio.gather(*waiting)) == list(range(1, 11))
        with pytest.raises(LogUnavailable, match="closed"):
            await other.execute(on(uuid4(), count()), by())
    assert await log.head() == 10


async def test_a_log_that_is_closed_while_its_database_is_away_leaves_nobody_waiting(
    log: EventLog, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batching, "STOP_SECONDS", 0.1)
    async with opened(database_url) as other:

        async def hangs(*_: Any) -> None:
            await asyncio.Event().wait()

        monkeypatch.setattr(other._writer._batcher, "_serve", hangs)
        waiting = [asyncio.create_task(other.execute(on(uuid4(), count(), new=True), by())) for _ in range(10)]
        await asyncio.sleep(0)
    async with asyncio.timeout(5):
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {LogUnavailable}


async def test_a_process_that_stands_still_inside_its_commit_is_dropped_by_the_server(
    log: EventLog, database_url: str
) -> None:
    stuck = await batching.connect(database_url, "writer")
    await stuck.execute("SET idle_in_transaction_session_timeout = '300ms'")
    await stuck.execute("BEGIN")
    await stuck.execute("SELECT pg_advisory_xact_lock(%s)", (0x4C4F_47,))
    await asyncio.wait_for(log.execute(on(uuid4(), count()), by()), 5)
    with suppress(psycopg.Error):
        await stuck.close()
