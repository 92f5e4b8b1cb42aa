"""Connections of the pool that the server has ended are noticed before anybody gets one."""

from functools import partial

import psycopg
from psycopg_pool import AsyncConnectionPool

from shared.assembly import check_if_told
from tests.tally_log import until

NAME = "test-pool"


async def test_nobody_gets_a_connection_that_the_server_has_ended(database_url: str) -> None:
    async with (
        await psycopg.AsyncConnection.connect(database_url, autocommit=True) as other,
        AsyncConnectionPool(
            database_url,
            min_size=3,
            max_size=3,
            open=False,
            check=check_if_told,
            kwargs={"autocommit": True, "application_name": NAME},
        ) as pool,
    ):
        await pool.wait()
        ended = await _end_all(other)
        assert len(ended) == 3
        await until(partial(_gone, other, ended))

        for _ in range(3):
            async with pool.connection() as connection:
                found = await (await connection.execute("SELECT pg_backend_pid()")).fetchone()
                assert found
                assert found[0] not in ended


async def test_a_connection_that_said_something_harmless_is_kept(database_url: str) -> None:
    async with (
        await psycopg.AsyncConnection.connect(database_url, autocommit=True) as other,
        AsyncConnectionPool(
            database_url, min_size=1, max_size=1, open=False, check=check_if_told, kwargs={"autocommit": True}
        ) as pool,
    ):
        async with pool.connection() as connection:
            await connection.execute("LISTEN something")
            before = connection.info.backend_pid
        await other.execute("NOTIFY something")
        async with pool.connection() as connection:
            assert connection.info.backend_pid == before
            await connection.execute("SELECT 1")


async def _end_all(other: psycopg.AsyncConnection) -> list[int]:
    rows = await other.execute(
        "WITH ours AS MATERIALIZED (SELECT pid FROM pg_stat_activity "
        "WHERE application_name = %s AND datname = current_database()) "
        "SELECT pid FROM ours WHERE pg_terminate_backend(pid)",
        (NAME,),
    )
    return [pid for (pid,) in await rows.fetchall()]


async def _gone(other: psycopg.AsyncConnection, pids: list[int]) -> bool:
    rows = await other.execute("SELECT FROM pg_stat_activity WHERE pid = ANY(%s)", (pids,))
    return not await rows.fetchall()
