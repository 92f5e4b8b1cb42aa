"""What is published for dashboards follows its projection through rebuilds, under the eyes of those who read it; and
who may read it may do nothing else."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any, LiteralString
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg.sql import SQL
from toys import Counted, Toys, connected, counter, leases, running, toys, until

from shared import published as published_module
from shared import rebuild as rebuild_module
from shared.decider import Words
from shared.embedded import ensure_database
from shared.eventlog import Recorded
from shared.jetstream import Nats
from shared.projection import Projector, View
from shared.published import (
    READER,
    READER_CONNECTIONS,
    READER_SETTINGS,
    Column,
    NotPublished,
    Published,
    rows_after,
)
from shared.rebuild import rebuild
from tests.conftest import READER_PASSWORD

COUNTS: LiteralString = "CREATE TABLE counts (counter uuid PRIMARY KEY, n int NOT NULL, told int NOT NULL);"
COUNTERS = 40


async def show(connection: AsyncConnection, events: Sequence[Recorded[Any]]) -> None:
    await connection.cursor().executemany(
        "INSERT INTO counts VALUES (%s, %s, 1) "
        "ON CONFLICT (counter) DO UPDATE SET n = excluded.n, told = counts.told + 1",
        [(event.stream, event.event.n) for event in events],
    )


COUNTERS_VIEW = Published(
    name="counters",
    about=Words("计数器", "the counters"),
    columns=(
        Column("counter", "uuid", Words("标识", "its id")),
        Column("n", "bigint", Words("数到几，'当前'", "how far it has 'counted'")),
    ),
    key=("counter",),
    query=SQL("SELECT counter, n FROM counts"),
)
TOTALS = Published(
    name="totals",
    about=Words("合计", "all together"),
    columns=(Column("one", "integer", Words("一", "one")), Column("total", "bigint", Words("合计", "the sum"))),
    key=("one",),
    query=SQL("SELECT 1 AS one, sum(n) AS total FROM counts"),
)
VIEW = View("counts", ("toys",), COUNTS, show, frozenset({Counted}), published=(COUNTERS_VIEW, TOTALS))


@pytest.fixture
async def toy(database_url: str) -> AsyncIterator[Toys]:
    async with toys(database_url) as toy:
        yield toy


@pytest.fixture
async def bus(nats_url: str) -> AsyncIterator[Nats]:
    async with connected(nats_url) as bus:
        yield bus


def projector(at: Toys, bus: Nats, view: View = VIEW) -> Projector:
    return Projector(view, at.log, at.pool, bus, leases(at))


async def shows(at: Toys, total: int) -> None:
    async def all_of_it() -> bool:
        try:
            return [row["total"] for row in await rows_after(at.pool, TOTALS, None, 5)] == [total]
        except NotPublished:
            return False

    await until(all_of_it)


def as_reader(database_url: str) -> str:
    parts = urlsplit(database_url)
    return urlunsplit(parts._replace(netloc=f"{READER}:{READER_PASSWORD}@{parts.netloc.rpartition('@')[2]}"))


# -- through rebuilds ------------------------------------------------------------------------------------------------


async def test_what_is_published_follows_a_rebuild_while_it_is_read(toy: Toys, bus: Nats) -> None:
    # given a dashboard that polls
    await toy.count(400, COUNTERS)
    seen: list[int] = []

    async def poll() -> None:
        async with await reader(toy) as connection:
            while True:
                row = await (await connection.execute("SELECT total FROM totals")).fetchone()
                assert row
                seen.append(row[0])
                await asyncio.sleep(0.005)

    async with running(projector(toy, bus).run):
        await shows(toy, 400)
        before = await described(toy)
        async with running(poll):
            # when the projection is made again, twice, while events keep coming
            counting = asyncio.create_task(toy.count(200, COUNTERS))
            await rebuild(VIEW, toy.log, toy.pool, bus)
            await rebuild(VIEW, toy.log, toy.pool, bus)
            await counting

            # then it didn't go away, nor back, and goes on
            async def all_seen() -> bool:
                return seen[-1:] == [600]

            await until(all_seen)
        assert seen == sorted(seen)

        # and its columns are described as before, and may be read as before
        assert await described(toy) == before
        assert all(may for *_, may in before)


async def described(at: Toys) -> list[tuple[Any, ...]]:
    async with at.pool.connection() as connection:
        rows = await connection.execute(
            "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), col_description(c.oid, a.attnum), "
            "obj_description(c.oid), has_table_privilege('dashboard', c.oid, 'SELECT') "
            "FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
            "WHERE c.relnamespace = 'dashboard'::regnamespace AND a.attnum > 0 ORDER BY 1, a.attnum"
        )
        return await rows.fetchall()


async def test_columns_are_described_in_the_database(toy: Toys, bus: Nats) -> None:
    async with running(projector(toy, bus).run):
        await shows_none(toy)

        assert (await described(toy))[1] == (
            *("counters", "n", "bigint", "数到几，'当前' · how far it has 'counted'", "计数器 · the counters"),
            True,
        )


async def test_a_rebuild_waits_for_who_reads_and_lets_the_others_go_on(
    toy: Toys, bus: Nats, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given somebody who has begun to read and isn't done
    monkeypatch.setattr(published_module, "PATIENCE_SECONDS", (0.1, 0.1, 10.0))
    monkeypatch.setattr(rebuild_module, "PAUSE_SECONDS", 0.01)
    await toy.count(40, COUNTERS)
    async with running(projector(toy, bus).run):
        await shows(toy, 40)
        async with await reader(toy) as slow, slow.transaction():
            await slow.execute("SELECT * FROM totals")

            # when the projection is made again
            rebuilding = asyncio.create_task(rebuild(VIEW, toy.log, toy.pool, bus))

            async def waits() -> bool:
                async with toy.pool.connection() as connection:
                    rows = await connection.execute(
                        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                        "AND query LIKE '%dashboard%' AND datname = current_database()"
                    )
                    return await rows.fetchone() == (1,)

            await until(waits)

            # then it waits, and the live view goes on meanwhile
            await toy.count(40, COUNTERS)

            async def live() -> bool:
                async with toy.pool.connection() as connection:
                    return await (await connection.execute("SELECT sum(n) FROM view_counts.counts")).fetchone() == (80,)

            await until(live)
            assert not rebuilding.done()

        # and is done when the reader is
        async with asyncio.timeout(15):
            await rebuilding
        await shows(toy, 80)


async def test_a_column_is_added_at_the_end_without_a_rebuild_and_no_other_change_is_possible(
    toy: Toys, bus: Nats
) -> None:
    await toy.count(80, COUNTERS)
    async with running(projector(toy, bus).run):
        await shows(toy, 80)
    more = Column("counters", "bigint", Words("多少个", "how many"))
    longer = replace(
        TOTALS,
        columns=(*TOTALS.columns, more),
        query=SQL("SELECT 1 AS one, sum(n) AS total, count(*) AS counters FROM counts"),
    )
    built = await built_at(toy)

    # a column at the end
    async with running(projector(toy, bus, replace(VIEW, published=(COUNTERS_VIEW, longer))).run):

        async def there() -> bool:
            return await rows_after(toy.pool, longer, None, 5) == [{"one": 1, "total": 80, "counters": 40}]

        await until(there)
        assert await built_at(toy) == built

    # one column less
    with pytest.raises(psycopg.errors.InvalidTableDefinition):
        await projector(toy, bus).run()


async def built_at(at: Toys) -> Any:
    async with at.pool.connection() as connection:
        return await (await connection.execute("SELECT built_at FROM views")).fetchone()


# -- the reader --------------------------------------------------------------------------------------------------------


async def reader(at: Toys) -> AsyncConnection:
    return await AsyncConnection.connect(as_reader(at.database_url), autocommit=True)


async def shows_none(at: Toys) -> None:
    async def there() -> bool:
        try:
            return await rows_after(at.pool, COUNTERS_VIEW, None, 5) == []
        except NotPublished:
            return False

    await until(there)


READING = (
    "SELECT * FROM view_counts.counts",
    "SELECT * FROM view_counts.positions",
    "SELECT * FROM public.events",
    "SELECT * FROM public.parked",
    "SELECT * FROM public.published",
    "SELECT passwd FROM pg_shadow",
    "SELECT pg_read_file('/etc/passwd')",
    "COPY dashboard.totals TO PROGRAM 'cat'",
)
WRITING = (
    "INSERT INTO dashboard.counters VALUES ('6f2f0b62-6c3c-4a0e-9a53-0d3a3c1f1f10', 1)",
    "UPDATE dashboard.counters SET n = 1",
    "DELETE FROM dashboard.counters",
    "UPDATE view_counts.counts SET n = 1",
    "TRUNCATE view_counts.counts",
    "LOCK TABLE dashboard.counters IN EXCLUSIVE MODE",
    "DROP VIEW dashboard.totals",
    "CREATE TABLE dashboard.mine (n int)",
    "CREATE TABLE public.mine (n int)",
    "CREATE TEMPORARY TABLE mine (n int)",
    "CREATE SCHEMA mine",
    "CREATE OR REPLACE VIEW dashboard.totals AS SELECT 1 AS one, 2::bigint AS total",
    "ALTER ROLE dashboard CONNECTION LIMIT 1000",
    "SET ROLE shouhou",
)


REFUSED = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.ObjectNotInPrerequisiteState,  # nobody at all can write into these views
)


async def test_the_reader_reads_what_is_published_and_nothing_else(toy: Toys, bus: Nats) -> None:
    await toy.count(40, COUNTERS)
    async with running(projector(toy, bus).run):
        await shows(toy, 40)
        async with await reader(toy) as connection:
            assert await (await connection.execute("SELECT count(*) FROM counters")).fetchone() == (40,)

            await connection.execute("SET default_transaction_read_only = off")  # it may, and it is of no use
            for statement in (*READING, *WRITING):
                with pytest.raises(REFUSED):
                    await tries(connection, statement)
        await shows(toy, 40)


async def tries(connection: AsyncConnection, statement: str) -> None:
    async with connection.transaction():
        await connection.execute(statement.encode())


async def test_the_reader_gets_into_no_other_database(toy: Toys, bus: Nats) -> None:
    async with running(projector(toy, bus).run):
        await shows_none(toy)
        parts = urlsplit(as_reader(toy.database_url))
        other = f"{parts.path}_other"
        await ensure_database(urlunsplit(urlsplit(toy.database_url)._replace(path=other)))

        for path in (other, "/postgres", "/template1", "/shouhou"):
            with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                await AsyncConnection.connect(urlunsplit(parts._replace(path=path)))


async def test_a_session_of_the_reader_is_bounded(toy: Toys, bus: Nats) -> None:
    async with running(projector(toy, bus).run):
        await shows_none(toy)
        async with await reader(toy) as connection:
            for name, value in READER_SETTINGS.items():
                assert await (await connection.execute(f"SHOW {name}".encode())).fetchone() in ((value,), ("1min",))
            await connection.execute("SET statement_timeout = '50ms'")
            with pytest.raises(psycopg.errors.QueryCanceled):
                await connection.execute("SELECT pg_sleep(5)")
        async with AsyncExitStack() as stack:
            for _ in range(READER_CONNECTIONS):
                await stack.enter_async_context(await reader(toy))
            with pytest.raises(psycopg.OperationalError, match="too many connections for role"):
                await reader(toy)


# -- page by page ------------------------------------------------------------------------------------------------------


async def test_every_row_is_read_once_page_by_page(toy: Toys, bus: Nats) -> None:
    await toy.count(40, COUNTERS)
    async with running(projector(toy, bus).run):
        await shows(toy, 40)

        found: list[Any] = []
        while page := await rows_after(toy.pool, COUNTERS_VIEW, [found[-1]] if found else None, 7):
            found += [row["counter"] for row in page]
            await toy.count(5, COUNTERS)  # rows change meanwhile

    assert found == sorted(counter(n) for n in range(COUNTERS))
