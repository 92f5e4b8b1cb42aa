"""Views: kept from the log or from NATS, made again beside the live tables, compared with what the events say."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, LiteralString
from urllib.parse import urlsplit, urlunsplit

import nats
import psycopg
import pytest
from nats.js import JetStreamContext
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from toys import Counted, Toys, connected, counter, leases, relay, running, toys, until

from shared import rebuild as rebuild_module
from shared import relay as relay_module
from shared.embedded import ensure_database
from shared.eventlog import Recorded
from shared.inbox import Inbox
from shared.jetstream import Delivered, Nats, stream_of
from shared.parked import list_parked
from shared.projection import Projector, View
from shared.rebuild import CannotCompare, Difference, compare, rebuild

STREAM = stream_of("toys")
COUNTS: LiteralString = """
CREATE TABLE counts (counter uuid PRIMARY KEY, n int NOT NULL, told int NOT NULL);
CREATE TABLE days (day date PRIMARY KEY, counted int NOT NULL);
"""


async def show(connection: AsyncConnection, events: Sequence[Recorded[Any]]) -> None:
    """Each counter's n, how often it was told, and how much was counted on each day."""
    await connection.cursor().executemany(
        "INSERT INTO counts VALUES (%s, %s, 1) "
        "ON CONFLICT (counter) DO UPDATE SET n = excluded.n, told = counts.told + 1",
        [(event.stream, event.event.n) for event in events],
    )
    await connection.cursor().executemany(
        "INSERT INTO days VALUES (%s, %s) ON CONFLICT (day) DO UPDATE SET counted = days.counted + excluded.counted",
        list(Counter(event.event.at.date() for event in events).items()),
    )


VIEW = View("counts", ("toys",), COUNTS, show, frozenset({Counted}))


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "WATCH_SECONDS", 0.2)


@pytest.fixture
async def toy(database_url: str) -> AsyncIterator[Toys]:
    async with toys(database_url) as toy:
        yield toy


@pytest.fixture
async def far(database_url: str) -> AsyncIterator[Toys]:
    """Another service, which has nothing in common with the toys but NATS."""
    parts = urlsplit(database_url)
    url = urlunsplit(parts._replace(path=f"{parts.path}_far"))
    await ensure_database(url)
    async with toys(url, "far") as far:
        yield far


@pytest.fixture
async def bus(nats_url: str) -> AsyncIterator[Nats]:
    async with connected(nats_url) as bus:
        yield bus


@pytest.fixture
async def jetstream(nats_url: str) -> AsyncIterator[JetStreamContext]:
    client = await nats.connect(nats_url)
    yield client.jetstream()
    await client.close()


def projector(at: Toys, bus: Nats, view: View = VIEW) -> Projector:
    """As another process would run it."""
    return Projector(view, at.log, at.pool, bus, leases(at), retry_seconds=(0.01, 0.02))


async def shown(pool: AsyncConnectionPool) -> tuple[int, int, int, int]:
    """Counters, the sum of their n, how often they were told, and what all days have counted."""
    async with pool.connection() as connection:
        rows = await connection.execute(
            "SELECT count(*), coalesce(sum(n), 0), coalesce(sum(told), 0), "
            "(SELECT coalesce(sum(counted), 0) FROM view_counts.days) FROM view_counts.counts"
        )
        row: Any = await rows.fetchone()
        return tuple(map(int, row))  # type: ignore[return-value]


async def shows(at: Toys, events: int, counters: int = 40, within: float = 15.0) -> None:
    async def all_of_it() -> bool:
        with suppress(psycopg.errors.UndefinedTable):
            return await shown(at.pool) == (counters, events, events, events)
        return False

    await until(all_of_it, within)


async def same(at: Toys, bus: Nats, view: View = VIEW) -> bool:
    return all(d.missing == d.surplus == 0 for d in await compare(view, at.log, at.pool, bus))


# -- kept -----------------------------------------------------------------------------------------------------------


async def test_a_view_of_the_own_log_needs_no_nats(toy: Toys) -> None:
    nowhere = Nats("nats://127.0.0.1:1", name="nowhere")
    await toy.count(1_200)
    async with running(projector(toy, nowhere).run):
        await shows(toy, 1_200)
        await toy.count(40)
        await shows(toy, 1_240)
    await toy.count(40)
    async with running(projector(toy, nowhere).run):
        await shows(toy, 1_280)


async def test_a_view_of_another_service_lives_from_nats(toy: Toys, far: Toys, bus: Nats) -> None:
    await toy.count(800)
    async with running(relay(toy, bus).run, projector(far, bus).run):
        await shows(far, 800)
        await toy.count(40)
        await shows(far, 840)
        assert await same(far, bus)


async def test_who_listens_is_told_of_changes(toy: Toys, bus: Nats) -> None:
    async with running(projector(toy, bus).run):
        await toy.count(1)
        await shows(toy, 1, counters=1)
        async with await AsyncConnection.connect(toy.database_url, autocommit=True) as connection:
            await connection.execute("LISTEN view_counts")
            await toy.count(1, counters=1)
            told = [notice async for notice in connection.notifies(timeout=5, stop_after=1)]
        assert [notice.channel for notice in told] == ["view_counts"]
        assert (await shown(toy.pool))[1] == 2  # visible when it is told


async def test_a_poisonous_event_is_parked_and_its_aggregate_waits(toy: Toys, bus: Nats) -> None:
    async def fussy(connection: AsyncConnection, events: Sequence[Recorded[Any]]) -> None:
        if any(event.stream == counter(1) and event.event.n == 2 for event in events) and poisonous:
            raise ValueError("no")
        await show(connection, events)

    poisonous = [True]
    view = replace(VIEW, apply=fussy)
    worker = projector(toy, bus, view)
    async with running(worker.run):
        await toy.count(6, counters=2)

        async def parked() -> bool:
            return [p.position for p in await list_parked(toy.pool)] == [4, 6]

        await until(parked)
        assert await same(toy, bus, view)  # what is parked has no effect in either
        poisonous.clear()
        assert await worker.retry("toys", counter(1), "olga") == (2, None)
        await shows(toy, 6, counters=2)
        assert await same(toy, bus, view)


# -- made again -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("own", [True, False])
async def test_a_rebuild_goes_on_beside_the_live_view(toy: Toys, far: Toys, bus: Nats, own: bool) -> None:
    """Events and readers keep coming; a reader never sees a half view, nor one that has gone back."""
    at = toy if own else far
    await toy.count(1_200)
    told: list[tuple[int, int]] = []
    async with running(relay(toy, bus).run, projector(at, bus).run, projector(at, bus).run):
        await shows(at, 1_200)
        async with at.pool.connection() as connection:
            await connection.execute("UPDATE view_counts.counts SET n = 1000 WHERE counter = %s", (counter(5),))
        reading = asyncio.create_task(never_goes_back(at.pool))
        counting = asyncio.create_task(toy.count(400))
        await rebuild(VIEW, at.log, at.pool, bus, lambda done, total, _: told.append((done, total)))
        await counting
        await shows(at, 1_600)
        reading.cancel()
        with suppress(asyncio.CancelledError):
            await reading
        assert await same(at, bus)
        await toy.count(40)
        await shows(at, 1_640)
    assert told[-1][0] >= 1_200
    assert await schemas(at) == ["view_counts"]


@pytest.mark.parametrize("own", [True, False])
async def test_a_rebuild_counts_what_was_committed_as_it_was_cut_off(
    toy: Toys, far: Toys, bus: Nats, own: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a live view, and a lane that is ended when its events are committed and before it has heard of it
    at = toy if own else far
    await toy.count(60)
    taken, take = asyncio.Event(), Inbox.take

    async def cut_off(inbox: Inbox, batch: Sequence[Delivered]) -> None:
        await take(inbox, batch)
        if inbox.subscriber.endswith("~new") and not taken.is_set():
            taken.set()
            await asyncio.Event().wait()

    near = rebuild_module._Build.near

    async def near_then(build: Any) -> bool:
        return taken.is_set() and await near(build)

    async with running(relay(toy, bus).run, projector(at, bus).run):
        await shows(at, 60)

        # when it is made again
        monkeypatch.setattr(Inbox, "take", cut_off)
        monkeypatch.setattr(rebuild_module._Build, "near", near_then)
        async with asyncio.timeout(15):
            await rebuild(VIEW, at.log, at.pool, bus)

        # then it gets to its end, and shows every event once
        await shows(at, 60)


async def never_goes_back(pool: AsyncConnectionPool) -> None:
    told = 0
    while True:
        counters, _, seen_now, _ = await shown(pool)
        assert counters == 40
        assert seen_now >= told
        told = seen_now
        await asyncio.sleep(0.005)  # leaves room for the others


async def schemas(at: Toys) -> list[str]:
    async with at.pool.connection() as connection:
        rows = await connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'view%' ORDER BY 1")
        return [name for (name,) in await rows.fetchall()]


async def test_a_changed_view_is_made_again_by_itself(toy: Toys, bus: Nats) -> None:
    async def times_ten(connection: AsyncConnection, events: Sequence[Recorded[Any]]) -> None:
        await show(connection, [replace(e, event=e.event.model_copy(update={"n": e.event.n * 10})) for e in events])

    changed = replace(VIEW, tables=COUNTS + "CREATE INDEX ON counts (n);", apply=times_ten)
    await toy.count(400)
    old = projector(toy, bus)
    async with running(old.run):
        await shows(toy, 400)
        new = projector(toy, bus, changed)
        async with running(new.run):

            async def changed_over() -> bool:
                return await shown(toy.pool) == (40, 4_000, 400, 400)

            await until(changed_over)
            await toy.count(40)

            async def old_one_knows() -> bool:
                return (wrong := old.ready()) is not None and "another version" in wrong.en

            await until(old_one_knows)
    async with running(projector(toy, bus, changed).run):  # now that the lease is free

        async def caught_up() -> bool:
            return await shown(toy.pool) == (40, 4_400, 440, 440)

        await until(caught_up)
        assert await same(toy, bus, changed)


async def test_an_interrupted_rebuild_leaves_the_live_view_alone(toy: Toys, bus: Nats) -> None:
    await toy.count(600)
    async with running(projector(toy, bus).run):
        await shows(toy, 600)
        begun = asyncio.Event()

        async def slow(connection: AsyncConnection, events: Sequence[Recorded[Any]]) -> None:
            begun.set()
            await asyncio.Event().wait()

        interrupted = asyncio.create_task(rebuild(replace(VIEW, apply=slow), toy.log, toy.pool, bus))
        await begun.wait()
        interrupted.cancel()
        with suppress(asyncio.CancelledError):
            await interrupted
        await toy.count(40)
        await shows(toy, 640)
        await rebuild(VIEW, toy.log, toy.pool, bus)
        await shows(toy, 640)
    assert await schemas(toy) == ["view_counts"]


async def test_a_rebuild_leaves_out_what_was_discarded_and_tries_what_was_parked(toy: Toys, bus: Nats) -> None:
    async def fussy(connection: AsyncConnection, events: Sequence[Recorded[Any]]) -> None:
        if any(event.position in poison for event in events):
            raise ValueError("no")
        await show(connection, events)

    poison = {1, 2}
    view = replace(VIEW, apply=fussy)
    worker = projector(toy, bus, view)
    await toy.count(10, counters=10)
    async with running(worker.run):

        async def parked() -> bool:
            return [p.position for p in await list_parked(toy.pool)] == [1, 2]

        await until(parked)
        first, _ = await list_parked(toy.pool)
        assert await worker.discard("toys", first.stream, 1, "olga", "a test call")
        poison.clear()
        poison.add(3)
        await rebuild(view, toy.log, toy.pool, bus)
        await shows(toy, 8, counters=8)  # without 1, which was discarded, and without 3, which fails now
        assert [p.position for p in await list_parked(toy.pool)] == [3]
        assert [p.position for p in await list_parked(toy.pool, state="discarded")] == [1]
        (settled,) = await list_parked(toy.pool, state="handled")
        assert (settled.position, settled.resolved_by) == (2, "rebuild")
        assert await same(toy, bus, view)


# -- compared -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("own", [True, False])
async def test_a_comparison_finds_each_difference(toy: Toys, far: Toys, bus: Nats, own: bool) -> None:
    at = toy if own else far
    await toy.count(400)
    async with running(relay(toy, bus).run, projector(at, bus).run):
        await shows(at, 400)
        async with at.pool.connection() as connection:
            await connection.execute("UPDATE view_counts.counts SET n = n + 1 WHERE counter = %s", (counter(1),))
            await connection.execute("DELETE FROM view_counts.counts WHERE counter = %s", (counter(2),))
        assert await compare(VIEW, at.log, at.pool, bus) == [
            Difference("counts", rows=39, missing=2, surplus=1),
            Difference("days", rows=1, missing=0, surplus=0),
        ]
        await toy.count(40)
        await rebuild(VIEW, at.log, at.pool, bus)
        assert await same(at, bus)
    assert await schemas(at) == ["view_counts"]


async def test_a_view_that_is_not_there_is_not_called_equal(
    toy: Toys, far: Toys, bus: Nats, jetstream: JetStreamContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Here alone: elsewhere the events do come, however busy the machine is.
    monkeypatch.setattr(rebuild_module, "STALL_SECONDS", 1.5)
    with pytest.raises(CannotCompare, match="not built"):
        await compare(VIEW, far.log, far.pool, bus)
    async with running(relay(toy, bus).run, projector(far, bus).run):
        await toy.count(80)
        await shows(far, 80)
    await jetstream.purge_stream(STREAM, keep=10)  # and no relay to refill it
    with pytest.raises(CannotCompare, match="not all to be had"):
        await compare(VIEW, far.log, far.pool, bus)
