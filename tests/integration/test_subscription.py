"""Subscriptions: every event has its effect once and in order, whatever happens on the way."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import UUID

import nats
import psycopg
import pytest
from nats.js import JetStreamContext
from prometheus_client import REGISTRY
from psycopg import AsyncConnection
from toys import (
    COUNTERS,
    NAMESPACE,
    Count,
    Counted,
    Counter,
    Rang,
    Toys,
    check_seen,
    connected,
    counter,
    leases,
    relay,
    running,
    see,
    seen,
    toys,
    until,
)

from shared import relay as relay_module
from shared.decider import Decider
from shared.eventlog import Recorded, Stored, StreamNotFound, Streams
from shared.events.base import Event, Source
from shared.inbox import Handler, Inbox
from shared.jetstream import Delivered, Nats, partition_of, stream_of
from shared.parked import list_parked
from shared.reaction import Reaction
from shared.subscription import Subscriber, Subscription

STREAM = stream_of("toys")


@pytest.fixture(autouse=True)
def _watch_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "WATCH_SECONDS", 0.2)


@pytest.fixture
async def toy(database_url: str) -> AsyncIterator[Toys]:
    async with toys(database_url) as toy:
        yield toy


@pytest.fixture
async def bus(nats_url: str) -> AsyncIterator[Nats]:
    async with connected(nats_url) as bus:
        yield bus


@pytest.fixture
async def jetstream(nats_url: str) -> AsyncIterator[JetStreamContext]:
    client = await nats.connect(nats_url)
    yield client.jetstream()
    await client.close()


def subscriber(
    toy: Toys, bus: Nats, handler: Handler = see, events: frozenset[type[Event]] | None = frozenset({Counted})
) -> Subscriber:
    """As another process would run it."""
    subscription = Subscription("watcher", ("toys",), handler, events)
    return Subscriber(subscription, "toys", toy.pool, bus, leases(toy), retry_seconds=(0.01, 0.02))


async def test_each_event_has_its_effect_once_and_in_order(toy: Toys, bus: Nats) -> None:
    await toy.count(1_500)
    async with running(relay(toy, bus).run, subscriber(toy, bus).run):
        await check_seen(toy, 1_500)
        await toy.count(100)
        await check_seen(toy, 1_600)
    async with running(relay(toy, bus).run, subscriber(toy, bus).run):
        await toy.count(40)
        await check_seen(toy, 1_640)


async def test_what_is_not_wanted_is_not_decoded(toy: Toys, bus: Nats) -> None:
    """Types that this version doesn't know, or cannot read, are none of its business."""
    await toy.count(10, counters=1)
    async with toy.pool.connection() as connection:
        await connection.execute("UPDATE events SET topic = 'toys.OfTomorrow' WHERE notification_id = 4")
        await connection.execute(
            'UPDATE events SET topic = \'toys.Rang\', state = \'{"data": 1, "meta": {"occurred_at": "-"}}\' '
            "WHERE notification_id = 7"
        )
    async with running(relay(toy, bus).run, subscriber(toy, bus).run):

        async def others() -> bool:
            return [position for position, _, _ in await seen(toy.pool)] == [1, 2, 3, 5, 6, 8, 9, 10]

        await until(others)
    assert not await list_parked(toy.pool)


async def test_a_consumer_that_vanishes_is_declared_again(toy: Toys, bus: Nats, jetstream: JetStreamContext) -> None:
    async with running(relay(toy, bus).run, subscriber(toy, bus).run):
        await toy.count(200)
        await check_seen(toy, 200)
        for info in await jetstream.consumers_info(STREAM):
            await jetstream.delete_consumer(STREAM, info.name)
        await toy.count(40)
        await check_seen(toy, 240)


@pytest.mark.parametrize("loss", ["purge", "delete"])
async def test_a_stream_that_vanishes_is_no_loss(toy: Toys, bus: Nats, jetstream: JetStreamContext, loss: str) -> None:
    async with running(relay(toy, bus).run, subscriber(toy, bus).run):
        await toy.count(200)
        await check_seen(toy, 200)
        await (jetstream.purge_stream(STREAM) if loss == "purge" else jetstream.delete_stream(STREAM))
        await toy.count(40)
        await check_seen(toy, 240)


async def test_a_subscriber_waits_for_the_stream(toy: Toys, bus: Nats) -> None:
    early = subscriber(toy, bus)
    async with running(early.run):

        async def says_so() -> bool:
            return (missing := early.ready()) is not None and STREAM in missing.en

        await until(says_so)
        async with running(relay(toy, bus).run):
            await toy.count(10)
            await check_seen(toy, 10)
            assert early.ready() is None


async def test_nothing_behind_a_gap_is_touched(toy: Toys, bus: Nats, jetstream: JetStreamContext) -> None:
    await toy.count(12, counters=1)
    async with running(relay(toy, bus).run):

        async def published() -> bool:
            with suppress(nats.js.errors.NotFoundError):
                return (await jetstream.stream_info(STREAM)).state.messages == 12
            return False

        await until(published)
    await jetstream.delete_msg(STREAM, 6)
    watcher = subscriber(toy, bus)
    async with running(watcher.run):

        async def says_so() -> bool:
            return (missing := watcher.ready()) is not None and "missing after position 5" in missing.en

        await until(says_so)
        assert len(await seen(toy.pool)) == 5
        assert gaps() > 0
        async with running(relay(toy, bus).run):  # sees the hole, and refills
            await check_seen(toy, 12)


def gaps() -> float:
    return REGISTRY.get_sample_value("shouhou_consumer_gaps_total", {"service": "toys", "subscriber": "watcher"}) or 0


async def test_replicas_share_the_groups_and_take_over(toy: Toys, bus: Nats, jetstream: JetStreamContext) -> None:
    first, second = subscriber(toy, bus), subscriber(toy, bus)
    async with running(relay(toy, bus).run, first.run):
        await toy.count(100)
        await check_seen(toy, 100)
        assert first.lanes == 4
        async with running(second.run):

            async def shared() -> bool:
                return first.lanes == second.lanes == 2

            await until(shared)
            await toy.count(100)
            await check_seen(toy, 200)

        async def taken_over() -> bool:
            return first.lanes == 4

        await until(taken_over, within=3)
        await toy.count(100)
        await check_seen(toy, 300)


async def test_two_that_both_believe_to_hold_a_group_double_nothing(toy: Toys, bus: Nats) -> None:
    """The position is locked in the transaction of the effect; the lease only saves work."""
    zombies = [subscriber(toy, bus) for _ in range(2)]
    async with running(relay(toy, bus).run, *(lambda z=z: z._group(0) for z in zombies)):
        await toy.count(600)
        expected = [c for c in range(40) if partition_of(counter(c)) % 4 == 0]
        await check_seen(toy, 15 * len(expected))


async def test_the_effect_of_a_batch_given_twice_at_once_happens_once(toy: Toys) -> None:
    """The second is not even tried before the first has committed: a handler need not be repeatable."""
    batch = [Delivered("toys", 0, n, n - 1, counter(n), 1, "toys.Counted", b"") for n in (1, 2, 3)]
    batch = [replace(m, body=s.state) for m, s in zip(batch, await three_events(toy), strict=True)]
    effects: list[int] = []
    second: list[asyncio.Task[None]] = []

    async def handler(_: AsyncConnection, events: Sequence[Recorded[Any]]) -> None:
        effects.append(len(events))
        if not second:
            second.append(asyncio.create_task(inbox().take(batch)))

            async def second_waits_or_works() -> bool:
                return len(effects) > 1 or await somebody_waits_for_a_lock(toy)

            await until(second_waits_or_works)

    def inbox() -> Inbox:
        return Inbox(toy.pool, "toys", "watcher", handler, None, "toys")

    await inbox().positions([0])
    await inbox().take(batch)
    await second[0]
    assert effects == [3]


async def three_events(toy: Toys) -> list[Stored]:
    await toy.count(3)
    return await toy.log.read(0, 3)


async def somebody_waits_for_a_lock(toy: Toys) -> bool:
    async with toy.pool.connection() as connection:
        rows = await connection.execute(
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return await rows.fetchone() is not None


async def test_killed_database_sessions_lose_and_double_nothing(toy: Toys, bus: Nats) -> None:
    async with running(relay(toy, bus).run, subscriber(toy, bus).run):
        for _ in range(5):
            await toy.count(200)
            async with await psycopg.AsyncConnection.connect(toy.database_url, autocommit=True) as connection:
                await connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid() "
                    "AND application_name NOT IN ('shouhou-writer', 'shouhou-loader')"
                )
        await check_seen(toy, 1_000, within=30)


# -- events that can't be handled -----------------------------------------------------------------------------------


class Fussy:
    """A handler that fails on certain events, as long as it is told to."""

    def __init__(self, *poison: tuple[int, int]) -> None:
        self.poison = {(counter(number), n) for number, n in poison}

    async def __call__(self, connection: AsyncConnection, events: Sequence[Recorded[Any]]) -> None:
        await see(connection, events)
        for event in events:
            if (event.stream, event.event.n) in self.poison:
                raise ValueError(f"can't stand {event.event.n}")


async def parked(toy: Toys, expected: int) -> list[tuple[int, str, int]]:
    async def there() -> bool:
        return len(await list_parked(toy.pool)) == expected

    await until(there)
    return [(p.position, p.error, p.tries) for p in await list_parked(toy.pool)]


async def test_a_poisonous_event_is_parked_and_its_aggregate_waits(toy: Toys, bus: Nats) -> None:
    fussy = Fussy((3, 2))
    watcher = subscriber(toy, bus, fussy)
    await toy.count(30, counters=10)
    bad = await position_of(toy, 3, 2)
    async with running(relay(toy, bus).run, watcher.run):
        rows = await parked(toy, 2)
        assert rows[0] == (bad, "ValueError: can't stand 2", 3)
        assert rows[1][1:] == (f"waits behind {bad}", 0)
        await toy.count(10, counters=10)
        await parked(toy, 3)

        async def others_go_on() -> bool:
            return len(await seen(toy.pool)) == 37

        await until(others_go_on)
        assert REGISTRY.get_sample_value("shouhou_parked_events", {"service": "toys", "subscriber": "watcher"}) == 3

        assert await watcher.retry("toys", counter(3), "olga") == (0, "ValueError: can't stand 2")
        assert (await parked(toy, 3))[0][2] == 4
        fussy.poison.clear()
        assert await watcher.retry("toys", counter(3), "olga") == (3, None)
        await toy.count(10, counters=10)
        await check_seen(toy, 50)
    handled = await list_parked(toy.pool, state="handled")
    assert [(p.resolved_by, p.resolved_at is not None) for p in handled] == [("olga", True)] * 3
    assert REGISTRY.get_sample_value("shouhou_parked_events", {"service": "toys", "subscriber": "watcher"}) == 0


async def test_a_discarded_event_is_given_up_and_kept_on_record(toy: Toys, bus: Nats) -> None:
    watcher = subscriber(toy, bus, Fussy((0, 1)))
    await toy.count(3, counters=1)
    async with running(relay(toy, bus).run, watcher.run):
        await parked(toy, 3)
        assert await watcher.discard("toys", counter(0), 1, "olga", "a test call")
        assert not await watcher.discard("toys", counter(0), 1, "olga", "again")
        assert await watcher.retry("toys", counter(0), "olga") == (2, None)
        await toy.count(1, counters=1)

        async def goes_on() -> bool:
            return [n for _, _, n in await seen(toy.pool)] == [2, 3, 4]

        await until(goes_on)
    (gone,) = await list_parked(toy.pool, state="discarded")
    assert (gone.position, gone.resolved_by, gone.reason) == (1, "olga", "a test call")


async def test_an_event_that_does_not_decode_is_parked_at_once(toy: Toys, bus: Nats) -> None:
    await toy.count(3, counters=3)
    async with toy.pool.connection() as connection:
        await connection.execute(
            "UPDATE events SET state = convert_to(replace(convert_from(state, 'UTF8'), '\"n\"', '\"m\"'), 'UTF8') "
            "WHERE notification_id = 2"
        )
    async with running(relay(toy, bus).run, subscriber(toy, bus).run):
        ((position, error, tries),) = await parked(toy, 1)
    assert (position, tries) == (2, 1)
    assert "does not load" in error


async def test_the_parked_are_listed_page_by_page(toy: Toys, bus: Nats) -> None:
    await toy.count(5, counters=5)
    async with running(relay(toy, bus).run, subscriber(toy, bus, Fussy(*((c, 1) for c in range(5)))).run):
        await parked(toy, 5)
    first = await list_parked(toy.pool, limit=3)
    last = first[-1]
    rest = await list_parked(toy.pool, limit=3, after=(last.subscriber, last.source, last.position))
    assert [p.position for p in (*first, *rest)] == [1, 2, 3, 4, 5]
    assert not await list_parked(toy.pool, subscriber="somebody else")


async def position_of(toy: Toys, number: int, version: int) -> int:
    return (await toy.log.history(counter(number)))[version - 1].position


# -- reactions ------------------------------------------------------------------------------------------------------


async def test_a_reaction_happens_once_though_it_is_told_twice(toy: Toys, bus: Nats) -> None:
    """Each ring makes counter 99 count; then all positions are lost, so every ring is told again."""

    async def count_rings(streams: Streams, ring: Recorded[Rang]) -> None:
        await streams.handle(COUNTERS, counter(99), Count(at=ring.event.at, by="x", counter=counter(99)))

    reaction = Reaction("ringer", ("toys",), frozenset({Rang}), count_rings)

    def worker() -> Subscriber:
        return Subscriber(reaction.subscription(toy.log), "toys", toy.pool, bus, leases(toy))

    for number in range(60):
        await toy.ring(number)
    async with running(relay(toy, bus).run, worker().run):
        await until(lambda: rings_counted(toy, 60), within=60)
    async with toy.pool.connection() as connection:
        await connection.execute("UPDATE positions SET position = 0 WHERE subscriber = 'ringer'")
    await toy.ring(60)
    async with running(relay(toy, bus).run, worker().run):
        await until(lambda: rings_counted(toy, 61), within=60)
    history = await toy.log.history(counter(99))
    assert len(history) == 61
    first = history[0]
    assert (first.meta.actor, first.meta.source) == ("reaction:ringer", Source.EVENT)
    assert first.meta.correlation_id == NAMESPACE
    assert first.meta.causation_id
    assert first.meta.causation_id.startswith("toys-")


async def rings_counted(toy: Toys, expected: int) -> bool:
    with suppress(StreamNotFound):
        state, _ = await toy.log.load(COUNTERS, counter(99))
        return state.n == expected
    return False


class _FirstRings:
    """A counter that counts once, however often it is told to."""

    STREAM, NEW, evolve, deadlines = "counter", COUNTERS.NEW, COUNTERS.evolve, COUNTERS.deadlines

    def decide(self, command: Count, state: Counter, /) -> Sequence[Event]:
        return [] if state.n else COUNTERS.decide(command, state)


ECHO = 1_000
"""Ring n makes counter ECHO + n count; which counter rang says its id."""


def echo(deaf_to: set[int], works: list[Streams]) -> Reaction:
    """Reacts to a whole batch at once; fails for the rings of some counters. ``works`` gets each piece of work."""
    echoes = {counter(number): counter(ECHO + number) for number in range(200)}
    deaf = {counter(number) for number in deaf_to}

    async def count_ring(streams: Streams, ring: Recorded[Rang]) -> None:
        if streams not in works:
            works.append(streams)
        if ring.stream in deaf:
            raise ValueError("this one can't be heard")
        which = echoes[ring.stream]
        await streams.handle(_FirstRings(), which, Count(at=ring.event.at, by="x", counter=which))

    def ahead(ring: Recorded[Rang]) -> list[tuple[Decider[Any], UUID]]:
        return [(_FirstRings(), echoes[ring.stream])]

    return Reaction("echo", ("toys",), frozenset({Rang}), count_ring, groups=1, ahead=ahead)


def echoing(toy: Toys, bus: Nats, deaf_to: set[int], works: list[Streams] | None = None) -> Subscriber:
    subscription = echo(deaf_to, [] if works is None else works).subscription(toy.log)
    return Subscriber(subscription, "toys", toy.pool, bus, leases(toy), retry_seconds=(0.01,))


async def echoes_of(toy: Toys, rings: int) -> list[Recorded[Event]]:
    found = []
    for number in range(rings):
        with suppress(StreamNotFound):
            found += await toy.log.history(counter(ECHO + number))
    return found


async def all_passed(toy: Toys, position: int) -> bool:
    async with toy.pool.connection() as connection:
        rows = await connection.execute("SELECT max(position) >= %s FROM positions", (position,))
        return (await rows.fetchone() or (False,))[0]


async def test_a_batch_is_one_append_and_each_event_keeps_its_own_cause(toy: Toys, bus: Nats) -> None:
    for number in range(60):
        await toy.ring(number)
    async with running(relay(toy, bus).run):
        await until(lambda: in_stream(bus, 60))
    works: list[Streams] = []
    async with running(echoing(toy, bus, set(), works).run):
        await until(lambda: all_passed(toy, 60))
    assert len(works) < 10
    echoes = await echoes_of(toy, 60)
    assert {each.meta.causation_id for each in echoes} == {f"toys-{position}" for position in range(1, 61)}
    assert {each.meta.actor for each in echoes} == {"reaction:echo"}
    assert sorted(each.position for each in echoes) == list(range(61, 121))
    async with toy.pool.connection() as connection:
        await connection.execute("UPDATE positions SET position = 0 WHERE subscriber = 'echo'")
    async with running(echoing(toy, bus, set()).run):
        await until(lambda: all_passed(toy, 60))
    assert len(await echoes_of(toy, 60)) == 60


async def test_of_a_batch_only_the_poisonous_event_is_parked(toy: Toys, bus: Nats) -> None:
    for number in range(30):
        await toy.ring(number)
    async with running(relay(toy, bus).run):
        await until(lambda: in_stream(bus, 30))
    async with running(echoing(toy, bus, {7}).run):
        await parked(toy, 1)
        await until(lambda: all_passed(toy, 30))
    assert len(await echoes_of(toy, 30)) == 29
    (event,) = await list_parked(toy.pool)
    assert event.stream == counter(7)
    assert "can't be heard" in event.error
    healed = echoing(toy, bus, set())
    assert await healed.retry("toys", counter(7), "tester") == (1, None)
    assert len(await echoes_of(toy, 30)) == 30


async def in_stream(bus: Nats, events: int) -> bool:
    client = await bus.client()
    with suppress(nats.js.errors.NotFoundError):
        return (await client.jetstream().stream_info(STREAM)).state.messages >= events
    return False


async def test_whoever_reads_an_event_can_fingerprint_what_was_published(toy: Toys, bus: Nats) -> None:
    told: list[str] = []

    async def note(_: AsyncConnection, events: Sequence[Recorded[Any]]) -> None:
        told.extend(event.sha256 for event in events)

    await toy.count(1)
    async with running(relay(toy, bus).run, subscriber(toy, bus, note).run):
        await until(lambda: all_passed(toy, 1))
    (stored,) = await toy.log.read(0, 10)
    assert told == [sha256(stored.state).hexdigest()]
    assert (await toy.log.history(counter(0)))[0].sha256 == told[0]
