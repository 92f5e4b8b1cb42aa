"""Events per second from the log into the stream, and from the stream into a view, beside bare nats-py."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from functools import partial
from time import perf_counter
from typing import Any, LiteralString
from uuid import uuid4

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext, api
from nats.js.errors import NotFoundError
from psycopg import AsyncConnection
from psycopg.sql import SQL, Identifier
from psycopg_pool import AsyncConnectionPool

from bench import facts
from bench.servers import Bench, fill, opened
from bench.table import Row, against, in_turns
from bench.toy import Measured
from shared import projection
from shared.clock import SystemClock
from shared.eventlog import EventLog, Recorded, decode
from shared.jetstream import Nats, ensure_stream, stream_of
from shared.leases import Leases
from shared.projection import Projector, View
from shared.relay import Relay
from shared.tasks import end

STREAMS = 5_000
EVENTS_EACH = 4
TOTAL = STREAMS * EVENTS_EACH
STREAM = stream_of("bench")
FETCH = 500
LOOK_SECONDS = 0.01
"""How often we look whether all is done."""


async def rows(bench: Bench) -> AsyncGenerator[Row, None]:
    """``relay`` and ``consume_into_view``, of the same 20,000 events; ``facts_per_s``."""
    url = await bench.database()
    async with opened(url, projection.TABLES) as (log, pool):
        await fill(url, STREAMS, EVENTS_EACH)
        nats, leases = Nats(bench.nats_url, name="bench"), Leases(url)
        await nats.start()
        try:
            client = await nats.client()
            await _relayed(Relay(log, nats, leases), client)
            messages = await _messages(client)
            relay, bare = await in_turns(
                partial(_relayed, Relay(log, nats, leases), client), partial(_published, client, messages)
            )
            yield against("relay", relay, bare, "publish_async")
            view = await _view(url, pool, nats, leases, client)
            await _relayed(Relay(log, nats, leases), client)
            consumed, fetched = await in_turns(partial(_consumed, view, pool), partial(_fetched, client))
            yield against("consume_into_view", consumed, fetched, f"fetch({FETCH}) and decode")
            yield await facts.row(bench, nats, consumed)
        finally:
            await nats.stop()
            await leases.stop()


# -- into the stream -----------------------------------------------------------------------------------------------


async def _relayed(relay: Relay, client: Client) -> float:
    """The relay refills a stream that was lost, from taking its lease to the last message."""
    jetstream = client.jetstream()
    await _forget(jetstream)
    began = perf_counter()
    work = asyncio.create_task(relay.run())
    try:
        while await _held(jetstream) < TOTAL:
            await asyncio.sleep(LOOK_SECONDS)
        return TOTAL / (perf_counter() - began)
    finally:
        await end([work])


async def _messages(client: Client) -> list[Msg]:
    """What the relay has written, subjects, headers and bodies."""
    jetstream = client.jetstream()
    config = api.ConsumerConfig(ack_policy=api.AckPolicy.NONE)
    pull = await jetstream.pull_subscribe("events.bench.>", stream=STREAM, config=config)
    found: list[Msg] = []
    while len(found) < TOTAL:
        found += await pull.fetch(FETCH)
    await pull.unsubscribe()
    return found


async def _published(client: Client, messages: Sequence[Msg]) -> float:
    """The very same messages, ready made."""
    jetstream = client.jetstream()
    await _forget(jetstream)
    await ensure_stream(jetstream, "bench", 1)
    began = perf_counter()
    acks = [await jetstream.publish_async(m.subject, m.data, headers=m.headers) for m in messages]
    await jetstream.publish_async_completed()
    took = perf_counter() - began
    assert all(ack.result().seq for ack in acks)
    assert await _held(jetstream) == TOTAL
    return TOTAL / took


async def _forget(jetstream: JetStreamContext) -> None:
    try:
        await jetstream.delete_stream(STREAM)
    except NotFoundError:
        return


async def _held(jetstream: JetStreamContext) -> int:
    try:
        return (await jetstream.stream_info(STREAM)).state.messages
    except NotFoundError:
        return 0


# -- into a view ---------------------------------------------------------------------------------------------------

TABLES: LiteralString = "CREATE TABLE measured (stream uuid PRIMARY KEY, number int NOT NULL, note text NOT NULL)"
_UPSERT: LiteralString = """
INSERT INTO measured SELECT * FROM unnest(%b::uuid[], %b::int[], %b::text[])
ON CONFLICT (stream) DO UPDATE SET number = excluded.number, note = excluded.note
"""


async def _apply(connection: AsyncConnection, batch: Sequence[Recorded[Any]]) -> None:
    """One upsert for each event; no batch holds two events of a stream."""
    events = [recorded.event for recorded in batch]
    await connection.execute(
        _UPSERT, ([recorded.stream for recorded in batch], [e.number for e in events], [e.note for e in events])
    )


async def _view(url: str, pool: AsyncConnectionPool, nats: Nats, leases: Leases, client: Client) -> Projector:
    """A view of a service of another name, so that it is fed from JetStream; built, and empty."""
    jetstream = client.jetstream()
    await _forget(jetstream)
    await ensure_stream(jetstream, "bench", 1)
    other = EventLog("watching", url, pool, SystemClock(), [])
    view = View("bench_view", ("bench",), TABLES, _apply, frozenset({Measured}))
    projector = Projector(view, other, pool, nats, leases)
    work = asyncio.create_task(projector.run())
    async with asyncio.timeout(30):
        while not await _built(pool):
            await asyncio.sleep(LOOK_SECONDS)
    await end([work])
    return projector


async def _built(pool: AsyncConnectionPool) -> bool:
    async with pool.connection() as connection:
        return await (await connection.execute("SELECT 1 FROM public.views")).fetchone() is not None


async def _consumed(projector: Projector, pool: AsyncConnectionPool) -> float:
    """The live view takes in the whole stream, from taking its leases to the last commit."""
    schema = projector.view.schema
    positions, measured = Identifier(schema, "positions"), Identifier(schema, "measured")
    async with pool.connection() as connection:
        await connection.execute(SQL("UPDATE {} SET position = 0").format(positions))
        await connection.execute(SQL("TRUNCATE {}").format(measured))
        began = perf_counter()
        work = asyncio.create_task(projector.run())
        try:
            while not await _complete(connection, measured):
                await asyncio.sleep(LOOK_SECONDS)
            return TOTAL / (perf_counter() - began)
        finally:
            await end([work])


async def _complete(connection: AsyncConnection, measured: Identifier) -> bool:
    """Whether each stream's last event has had its effect."""
    query = SQL("SELECT count(*) FROM {} WHERE number = %s").format(measured)
    return await (await connection.execute(query, (EVENTS_EACH,))).fetchone() == (STREAMS,)


async def _fetched(client: Client) -> float:
    """The same messages through nats-py alone: fetched, decoded, acknowledged by the last of each batch."""
    jetstream = client.jetstream()
    config = api.ConsumerConfig(ack_policy=api.AckPolicy.ALL, max_ack_pending=-1)
    began, done = perf_counter(), 0
    pull = await jetstream.pull_subscribe("events.bench.>", f"bench-{uuid4().hex}", stream=STREAM, config=config)
    while done < TOTAL:
        batch = await pull.fetch(FETCH)
        for message in batch:
            assert message.headers
            decode(message.headers["ce-type"], message.data)
        await batch[-1].ack()
        done += len(batch)
    took = perf_counter() - began
    await jetstream.delete_consumer(STREAM, (await pull.consumer_info()).name)
    await pull.unsubscribe()
    return TOTAL / took
