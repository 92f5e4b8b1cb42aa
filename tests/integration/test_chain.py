"""The hash chain over a log on real PostgreSQL: kept whatever happens to its worker, signed once a day."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest

from shared.chain.heads import genuine
from shared.chain.tables import last_check
from tests.chained_toys import NoLeases, chained, heads, keeper, kept, linked, midnight, number, proof, signed_again
from tests.toys import Toys, running, until


@pytest.fixture
async def toy(database_url: str) -> AsyncIterator[Toys]:
    async with chained(database_url) as toy:
        yield toy


# -- keeping it --------------------------------------------------------------------------------------------------


async def test_what_is_recorded_is_linked_within_moments(toy: Toys) -> None:
    async with kept(toy, 3) as worker:
        await toy.count(40)
        await linked(toy)

        assert worker.ready() is None
        assert number("shouhou_chain_lag_events") == 0

    found = await proof(toy)
    assert (found.breaks, found.linked, found.unlinked, found.end.position) == ([], 43, 0, 43)


async def test_a_keeper_that_was_killed_is_succeeded_and_nothing_is_lost(toy: Toys) -> None:
    await toy.count(700, counters=50)
    for _ in range(6):
        worker = asyncio.create_task(keeper(toy).run())
        await toy.count(120)
        worker.cancel()  # wherever it is
        await asyncio.gather(worker, return_exceptions=True)

    async with kept(toy):
        found = await proof(toy)

    assert (found.breaks, found.linked, found.unlinked) == ([], 1420, 0)


async def test_of_two_keepers_one_works(toy: Toys) -> None:
    first, second = keeper(toy), keeper(toy)
    async with running(first.run, second.run):
        await toy.count(300)
        await linked(toy)
        midnight(toy)
        await signed_again(toy, 1)
    assert (await proof(toy)).breaks == []
    assert len(await heads(toy)) == 1


async def test_two_keepers_that_both_believe_to_be_alone_do_no_harm(toy: Toys) -> None:
    await toy.count(50)
    first, second = keeper(toy, leases=NoLeases), keeper(toy, leases=NoLeases)
    async with running(first.run, second.run):
        for _ in range(10):
            await toy.count(37)
        await linked(toy)
        midnight(toy)
        await signed_again(toy, 1)

    found = await proof(toy)
    assert (found.breaks, found.unlinked) == ([], 0)
    assert len(found.heads) == 1


async def test_the_chain_is_append_only(toy: Toys) -> None:
    async with kept(toy, 3):
        for statement in ("UPDATE chain SET hash = hash", "DELETE FROM chain", "TRUNCATE chain"):
            async with toy.pool.connection() as connection:
                with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                    await connection.execute(statement)


# -- signed heads ------------------------------------------------------------------------------------------------


async def test_a_head_is_signed_once_a_day(toy: Toys) -> None:
    async with kept(toy, 5):
        assert await heads(toy) == []  # the first day hasn't ended yet
        midnight(toy)
        await signed_again(toy, 1)
        midnight(toy)
        await signed_again(toy, 2)
    async with kept(toy):  # started again, and on the same day
        await toy.count(2)
        await linked(toy)

        async def checked() -> bool:
            async with toy.pool.connection() as connection:
                found = await last_check(connection)
            return found is not None and found.position >= 7

        await until(checked)

    found = await proof(toy)
    assert [head.position for head in found.heads] == [5, 6]
    assert all(genuine(head, "toys") for head in found.heads)
    assert found.breaks == []


async def test_after_days_of_rest_one_head_is_signed_at_once(toy: Toys) -> None:
    async with kept(toy, 5):
        pass
    midnight(toy, days=3)
    async with kept(toy):
        await signed_again(toy, 1)

    assert [head.position for head in (await proof(toy)).heads] == [5]
