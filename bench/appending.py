"""Appends per second: ours beside the library's stock recorder with the same clients, and beside a bulk insert."""

import asyncio
import threading
import time
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from functools import partial
from uuid import UUID, uuid4

import psycopg

from bench.servers import Bench, opened
from bench.table import Row, against, below, in_turns
from bench.toy import Measure, stored, toy
from shared.eventlog import Context, EventLog, Streams, migrate, stock_recorder
from shared.eventlog.appending import Writer
from shared.eventlog.transaction import Append
from shared.events.base import Source

SECONDS = 2.0
CLIENTS = (1, 16, 64, 256)
BULK = 256
CONNECTIONS = 80
"""Of the stock recorder's pool; more clients than that take turns. The server allows 100."""


async def rows(bench: Bench) -> AsyncGenerator[Row, None]:
    """``append_c1`` … ``append_c256``, ``append_c256_vs_bulk``, ``load_10000_events_ms``."""
    ours_url, stock_url, bulk_url = [await bench.database() for _ in range(3)]
    for url in (ours_url, stock_url, bulk_url):
        await asyncio.to_thread(migrate, url)
    writer = Writer(ours_url, "bench")
    await writer.start()
    for clients in CLIENTS:
        ours, peer = await in_turns(partial(_ours, writer, clients), partial(_stock, stock_url, clients))
        yield against(f"append_c{clients}", ours, peer, "stock recorder")
    ours, bulk = await in_turns(partial(_ours, writer, 256), partial(_bulk, bulk_url))
    yield against("append_c256_vs_bulk", ours, bulk, f"inserts of {BULK} rows")
    await writer.stop()
    url = await bench.database()
    async with opened(url) as (log, _):
        yield below("load_10000_events_ms", await _load(log, url), "ms", "median of 50")


async def _ours(writer: Writer, clients: int) -> float:
    until = time.perf_counter() + SECONDS

    async def client() -> int:
        done = 0
        while time.perf_counter() < until:
            await writer.append(Append([stored()], [], [], None, datetime.now(UTC)))
            done += 1
        return done

    began = time.perf_counter()
    done = sum(await asyncio.gather(*(client() for _ in range(clients))))
    return done / (time.perf_counter() - began)


async def _stock(url: str, clients: int) -> float:
    return await asyncio.to_thread(_stock_threads, url, clients)


def _stock_threads(url: str, clients: int) -> float:
    recorder = stock_recorder(url)
    recorder.datastore.pool.resize(min(clients, CONNECTIONS), min(clients, CONNECTIONS))
    recorder.insert_events([stored()])
    done = [0] * clients
    began = time.perf_counter()

    def client(number: int) -> None:
        while time.perf_counter() - began < SECONDS:
            recorder.insert_events([stored()])
            done[number] += 1

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    recorder.datastore.close()
    return sum(done) / took


async def _bulk(url: str) -> float:
    """The limit: one client, ``BULK`` rows in one statement and one commit, nothing checked, nobody waiting."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        found = await (await connection.execute("SELECT coalesce(max(notification_id), 0) FROM events")).fetchone()
        assert found
        position, began, done = found[0], time.perf_counter(), 0
        while time.perf_counter() - began < SECONDS:
            events = [stored() for _ in range(BULK)]
            await connection.execute(
                "INSERT INTO events (originator_id, originator_version, topic, state, notification_id) "
                "SELECT s, v, t, b, %s + n FROM unnest(%b::uuid[], %b::bigint[], %b::text[], %b::bytea[]) "
                "WITH ORDINALITY AS e(s, v, t, b, n)",
                (
                    position + done,
                    [e.originator_id for e in events],
                    [e.originator_version for e in events],
                    [e.topic for e in events],
                    [e.state for e in events],
                ),
            )
            done += BULK
        return done / (time.perf_counter() - began)


async def _hundred(streams: Streams, stream: UUID, start: int) -> None:
    for number in range(start, start + 100):
        await streams.handle(toy, stream, Measure(at=datetime.now(UTC), by="bench", number=number))


async def _load(log: EventLog, url: str) -> float:
    """Milliseconds to load an aggregate of 10,000 events that this process doesn't know yet; the median of 50."""
    stream, context = uuid4(), Context("bench", Source.WEB, uuid4())
    for start in range(0, 10_000, 100):
        await log.execute(partial(_hundred, stream=stream, start=start), context)
    await _snapshot_kept(url)
    took = []
    async with opened(url) as (unknowing, _):
        for _ in range(50):
            began = time.perf_counter()
            state, version = await unknowing.load(toy, stream)
            took.append((time.perf_counter() - began) * 1000)
            assert (state.measured, version) == (10_000, 10_000)
    return sorted(took)[25]


async def _snapshot_kept(url: str) -> None:
    """Snapshots are kept in the background; wait for the last one."""
    async with asyncio.timeout(10), await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        while True:
            found = await (await connection.execute("SELECT max(originator_version) FROM snapshots")).fetchone()
            if found and found[0] == 10_000:
                return
            await asyncio.sleep(0.02)
