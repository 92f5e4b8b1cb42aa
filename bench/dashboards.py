"""Reporting's own work: how fast its views are made again from the logs, and how many can watch a board."""

import asyncio
import contextlib
import os
import re
import statistics
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from time import perf_counter
from uuid import UUID

import httpx
import psutil
from nats.aio.client import Client
from nats.js import api

from bench.servers import Bench, free_port
from bench.streaming import FETCH
from bench.table import Row, against, below
from bench.visibility import EVENTS_PER_COMMAND, _open_ticket, _ready, _Way, _without_streams
from services.reporting.feed import ends_of
from services.tickets.persons import Persons
from shared import assembly
from shared.auth import Role
from shared.clock import SystemClock
from shared.eventlog import decode
from shared.issuers import LocalKeys
from shared.jetstream import stream_of
from shared.rebuild import rebuild
from shared.service import Runtime
from shared.settings import Settings

TICKETS = 4_000
LISTENERS = 1_000
READING = 50
"""Of the listeners, those whose messages are looked into; the others take theirs, and count the bytes."""
EVENTS_PER_SECOND = 100
SECONDS = 20
PATIENCE_SECONDS = 60.0
_TICKET = re.compile(rb'"ticket":"([0-9a-f-]{36})"')


async def rows(bench: Bench) -> AsyncGenerator[Row, None]:
    """``rebuild_events_per_s``, ``sse_fanout_ms_p99`` and the memory it takes."""
    settings = assembly.located(Settings(data_dir=bench.folder), await bench.database(), bench.nats_url)
    async with assembly.running(list(assembly.installed().values()), settings) as runtimes:
        found = {runtime.service.name: runtime for runtime in runtimes}
        await _without_streams(runtimes)
        async with contextlib.AsyncExitStack() as stack:
            for runtime in runtimes:
                await stack.enter_async_context(runtime.running())
            await _ready(runtimes)
            async for row in _fanning_out(found["tickets"], settings):  # while the board is small: each gets it whole
                yield row
            await _fill(found["tickets"])
            yield await _rebuilding(found["reporting"], await found["tickets"].log.head())


async def _fill(tickets: Runtime) -> None:
    persons, way = Persons(tickets.secret), _Way()
    for start in range(0, TICKETS, 100):
        await asyncio.gather(*(_open_ticket(tickets, persons, f"fill-{n}", n, way) for n in range(start, start + 100)))


# --- made again from the logs -----------------------------------------------------------------------------------------


async def _rebuilding(reporting: Runtime, tickets: int) -> Row:
    """All of reporting's views, one after the other, while they are served; beside a bare fetch of the same events,
    of which there are so many in the log of ``tickets``."""
    assert reporting.nats
    views = [view for view in reporting.service.views if "tickets" in view.sources]
    client = await reporting.nats.client()
    head = tickets
    async with asyncio.timeout(PATIENCE_SECONDS):
        while max((await ends_of(client.jetstream(), "tickets")).values()) < head:
            await asyncio.sleep(0.05)
    began = perf_counter()
    for view in views:
        await rebuild(view, reporting.log, reporting.pool, reporting.nats)
    took = perf_counter() - began
    fetched = await _fetched(client, head)
    what = f"fetch({FETCH}) and decode, of {head:,} events; {len(views)} views"
    return against("rebuild_events_per_s", head * len(views) / took, fetched, what)


async def _fetched(client: Client, total: int) -> float:
    jetstream, done, began = client.jetstream(), 0, perf_counter()
    config = api.ConsumerConfig(ack_policy=api.AckPolicy.NONE)
    pull = await jetstream.pull_subscribe("events.tickets.>", None, stream=stream_of("tickets"), config=config)
    while done < total:
        for message in await pull.fetch(FETCH):
            assert message.headers
            decode(message.headers["ce-type"], message.data)
            done += 1
    await pull.unsubscribe()
    return done / (perf_counter() - began)


# --- many who watch ---------------------------------------------------------------------------------------------------


async def _fanning_out(tickets: Runtime, settings: Settings) -> AsyncIterator[Row]:
    """A process that only answers, and listeners in this one; they share the machine with all that makes the events."""
    token = LocalKeys(settings.data_dir, SystemClock()).issue_token([Role.RECEPTION])
    async with _answering(settings) as (port, process):
        alone = process.memory_info().rss
        way, heard = _Way(), _Heard()
        listeners = [asyncio.create_task(_listen(port, token, heard, reads=n < READING)) for n in range(LISTENERS)]
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while heard.begun < LISTENERS:
                    await asyncio.sleep(0.1)
            await _at_a_rate(tickets, way)
            async with asyncio.timeout(PATIENCE_SECONDS):
                while len(heard.at) < len(way.committed):
                    await asyncio.sleep(0.05)
            await asyncio.sleep(1.0)
            grown = process.memory_info().rss - alone
        finally:
            for listener in listeners:
                listener.cancel()
            await asyncio.gather(*listeners, return_exceptions=True)
    delays = [moment - way.committed[ticket] for ticket, moments in heard.at.items() for moment in moments]
    cuts = statistics.quantiles([1000 * delay for delay in delays], n=100)
    rate = len(way.committed) * EVENTS_PER_COMMAND / SECONDS
    of = f"{LISTENERS:,} listeners, {rate:,.0f} events/s, {heard.bytes:,} bytes"
    yield below("sse_fanout_ms_p99", cuts[98], "ms", of)
    yield Row("sse_fanout_ms_p50", round(cuts[49], 1), "ms", of)
    yield Row("sse_fanout_kb_per_listener", round(grown / LISTENERS / 1024, 1), "kB", "of the process that answers")


@contextlib.asynccontextmanager
async def _answering(settings: Settings) -> AsyncIterator[tuple[int, psutil.Process]]:
    assert settings.database_url
    assert settings.nats_url
    port = free_port()
    environment = os.environ | {
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "NATS_URL": settings.nats_url.get_secret_value(),
        "DATA_DIR": str(settings.data_dir),
    }
    command = [sys.executable, "-m", "shared.cli", "run", "reporting", "--role", "api", "--port", str(port)]
    quiet = asyncio.subprocess.DEVNULL
    started = await asyncio.create_subprocess_exec(*command, env=environment, stdout=quiet, stderr=quiet)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), httpx.AsyncClient() as client:
            while not await _ready_at(client, port):
                await asyncio.sleep(0.2)
        yield port, psutil.Process(started.pid)
    finally:
        started.terminate()
        await started.wait()


async def _ready_at(client: httpx.AsyncClient, port: int) -> bool:
    try:
        return (await client.get(f"http://127.0.0.1:{port}/health/ready")).status_code == 200
    except httpx.HTTPError:
        return False


class _Heard:
    """What the listeners have heard, and when."""

    def __init__(self) -> None:
        self.begun = 0
        self.bytes = 0
        self.at: dict[UUID, list[float]] = {}


async def _listen(port: int, token: str, heard: _Heard, *, reads: bool) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
    head = f"GET /reporting/board/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"
    writer.write(head.encode())
    try:
        await reader.readuntil(b"event: snapshot")
        heard.begun += 1
        while chunk := await reader.read(2**18):
            heard.bytes += len(chunk)
            if reads:
                now = perf_counter()
                for found in _TICKET.findall(chunk):
                    heard.at.setdefault(UUID(found.decode()), []).append(now)
    finally:
        writer.close()


async def _at_a_rate(tickets: Runtime, way: _Way) -> None:
    persons, pause, works = Persons(tickets.secret), EVENTS_PER_COMMAND / EVENTS_PER_SECOND, []
    began = perf_counter()
    for number in range(int(SECONDS / pause)):
        await asyncio.sleep(max(0.0, began + number * pause - perf_counter()))
        works.append(asyncio.create_task(_open_ticket(tickets, persons, f"fan-{number}", number, way)))
    await asyncio.gather(*works)
