"""The relay: the stream becomes what the log is, whatever happened to the stream."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import nats
import psycopg
import pytest
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from toys import Toys, connected, counter, relay, running, toys, until

from shared import relay as relay_module
from shared.jetstream import PARTITIONS, Nats, partition_of, stream_of
from shared.leases import Leases
from shared.relay import Relay

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


async def holds(jetstream: JetStreamContext, messages: int) -> None:
    async def there() -> bool:
        try:
            return (await jetstream.stream_info(STREAM)).state.messages >= messages
        except NotFoundError:
            return False

    await until(there)


async def published(jetstream: JetStreamContext) -> list[Msg]:
    """All that the stream holds, in its order."""
    count = (await jetstream.stream_info(STREAM)).state.messages
    subscription = await jetstream.subscribe("events.toys.>", ordered_consumer=True)
    messages = [await subscription.next_msg(5) for _ in range(count)]
    await subscription.unsubscribe()
    return messages


async def check_stream_equals_log(jetstream: JetStreamContext, toy: Toys) -> None:
    messages = await published(jetstream)
    stored = await toy.log.read(0, 100_000)
    assert [int(header(m, "Shouhou-Position")) for m in messages] == [s.position for s in stored]
    assert [m.data for m in messages] == [s.state for s in stored]
    previous: dict[str, int] = defaultdict(int)
    for message in messages:
        partition = message.subject.split(".")[2]
        assert int(header(message, "Shouhou-Previous")) == previous[partition]
        previous[partition] = int(header(message, "Shouhou-Position"))


def header(message: Msg, name: str) -> str:
    assert message.headers
    return message.headers[name]


async def test_an_event_is_published_with_cloudevents_headers(
    toy: Toys, bus: Nats, jetstream: JetStreamContext
) -> None:
    await toy.count_one(7)
    await toy.count_one(7)
    async with running(relay(toy, bus).run):
        await holds(jetstream, 2)
    first, second = await published(jetstream)
    partition = partition_of(counter(7))
    assert first.subject == f"events.toys.{partition}.Counted"
    assert 0 <= partition < PARTITIONS
    assert first.data == (await toy.log.read(0, 1))[0].state
    expected: dict[str, Any] = {
        "ce-specversion": "1.0",
        "ce-id": "toys-1",
        "ce-type": "toys.Counted",
        "ce-source": "/shouhou/toys",
        "ce-time": "2026-10-01T04:00:00Z",
        "ce-subject": str(counter(7)),
        "Content-Type": "application/json",
        "Shouhou-Position": "1",
        "Shouhou-Previous": "0",
        "Shouhou-Version": "1",
    }
    assert first.headers
    assert expected.items() <= first.headers.items()
    assert header(second, "Shouhou-Previous") == "1"
    assert header(second, "Shouhou-Version") == "2"


def test_a_partition_is_part_of_the_published_language() -> None:
    assert partition_of(UUID("00000000-0000-0000-0000-000000000000")) == 5  # crc32: 0xECBB4B55


async def test_a_relay_goes_on_where_the_stream_ends(toy: Toys, bus: Nats, jetstream: JetStreamContext) -> None:
    await toy.count(1_203)
    async with running(relay(toy, bus).run):
        await holds(jetstream, 1_203)
    await toy.count(30)
    async with running(relay(toy, bus).run):
        await holds(jetstream, 1_233)
        await toy.count_one(1)
        await holds(jetstream, 1_234)
    await check_stream_equals_log(jetstream, toy)


async def test_two_relays_publish_each_event_once(toy: Toys, bus: Nats, jetstream: JetStreamContext) -> None:
    """Even two that both believe to hold the lease: the expected sequence lets only one of them write."""
    zombies = [Relay(toy.log, bus, Leases(toy.database_url)) for _ in range(2)]
    async with running(*(lambda z=z: z._relay(0) for z in zombies)):
        for _ in range(20):
            await toy.count(100)
        await holds(jetstream, 2_000)
    await check_stream_equals_log(jetstream, toy)


async def test_another_relay_takes_over(toy: Toys, bus: Nats, jetstream: JetStreamContext) -> None:
    second = relay(toy, bus)
    first = asyncio.create_task(relay(toy, bus).run())
    await toy.count_one(1)
    await holds(jetstream, 1)
    async with running(second.run):
        first.cancel()
        await toy.count_one(1)
        await holds(jetstream, 2)


async def test_a_relay_whose_lease_is_gone_stops_and_comes_back(
    toy: Toys, bus: Nats, jetstream: JetStreamContext
) -> None:
    async with running(relay(toy, bus).run):
        await toy.count_one(1)
        await holds(jetstream, 1)
        async with await psycopg.AsyncConnection.connect(toy.database_url, autocommit=True) as connection:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'shouhou-leases' AND datname = current_database()"
            )
        await toy.count_one(1)
        await holds(jetstream, 2)
    await check_stream_equals_log(jetstream, toy)


@pytest.mark.parametrize("keep", [0, 40])
async def test_a_purged_stream_is_refilled_at_once(
    toy: Toys, bus: Nats, jetstream: JetStreamContext, keep: int
) -> None:
    """De-duplication by message id would swallow this refill for two minutes."""
    async with running(relay(toy, bus).run):
        await toy.count(100)
        await holds(jetstream, 100)
        await jetstream.purge_stream(STREAM, keep=keep)
        await toy.count(5)
        await holds(jetstream, 105)
    await check_stream_equals_log(jetstream, toy)


async def test_a_deleted_stream_is_made_again(toy: Toys, bus: Nats, jetstream: JetStreamContext) -> None:
    async with running(relay(toy, bus).run):
        await toy.count(100)
        await holds(jetstream, 100)
        await jetstream.delete_stream(STREAM)
        await toy.count(5)
        await holds(jetstream, 105)
    await check_stream_equals_log(jetstream, toy)


async def test_a_stream_that_lost_a_message_is_refilled(toy: Toys, bus: Nats, jetstream: JetStreamContext) -> None:
    async with running(relay(toy, bus).run):
        await toy.count(100)
        await holds(jetstream, 100)
        await jetstream.delete_msg(STREAM, 50)
        await holds(jetstream, 100)
    await check_stream_equals_log(jetstream, toy)


async def test_a_strange_message_does_not_stay_in_the_stream(toy: Toys, bus: Nats, jetstream: JetStreamContext) -> None:
    async with running(relay(toy, bus).run):
        await toy.count(10)
        await holds(jetstream, 10)
        await jetstream.publish("events.toys.3.Forged", b"{}")
        await toy.count(10)

        async def clean() -> bool:
            return (await jetstream.stream_info(STREAM)).state.messages == 20

        await until(clean)
    await check_stream_equals_log(jetstream, toy)


async def test_a_limited_stream_is_brought_back_to_its_form(toy: Toys, bus: Nats, jetstream: JetStreamContext) -> None:
    await jetstream.add_stream(name=STREAM, subjects=["events.toys.>"], max_msgs=3)
    async with running(relay(toy, bus).run):
        await toy.count(10)
        await holds(jetstream, 10)
    assert (await jetstream.stream_info(STREAM)).config.max_msgs == -1


async def test_a_stream_ahead_of_the_log_is_left_alone(toy: Toys, bus: Nats, jetstream: JetStreamContext) -> None:
    """The log was restored from an older backup: events that others have acted on must not be told anew."""
    await toy.count(10)
    async with running(relay(toy, bus).run):
        await holds(jetstream, 10)
    async with toy.pool.connection() as connection:
        await connection.execute("DELETE FROM events WHERE notification_id > 6")
    await check_left_alone(relay(toy, bus), jetstream)
    await toy.count(6, counters=6)  # the log is longer again, and yet another story than the stream's
    assert (await toy.log.head()) == 12
    restored = relay(toy, bus)
    await check_left_alone(restored, jetstream)
    await jetstream.delete_stream(STREAM)  # the operator has decided
    async with running(restored.run):
        await holds(jetstream, 12)
        assert restored.ready() is None
    await check_stream_equals_log(jetstream, toy)


async def check_left_alone(restored: Relay, jetstream: JetStreamContext) -> None:
    async with running(restored.run):

        async def says_so() -> bool:
            wrong = restored.ready()
            return wrong is not None and "10" in wrong.en and "backup" in wrong.en

        await until(says_so)
        assert (await jetstream.stream_info(STREAM)).state.messages == 10
