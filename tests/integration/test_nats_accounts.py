"""deploy/nats/nats.conf on a real server: each service may do what it needs, and no more."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import nats
import nats.errors
import pytest
from nats.aio.client import Client
from nats.js import api

HERE = Path(__file__).resolve().parents[2]
Connect = Callable[[str], Awaitable[Client]]


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    """The configuration and its secrets, laid out as in the container, with another place for the store."""
    subprocess.run([sys.executable, str(HERE / "deploy/make-secrets"), str(tmp_path)], check=True, capture_output=True)
    (tmp_path / "run" / "secrets").mkdir(parents=True)
    shutil.copy(tmp_path / "nats_passwords.conf", tmp_path / "run" / "secrets" / "nats_passwords")
    conf = tmp_path / "etc" / "nats" / "nats.conf"
    conf.parent.mkdir(parents=True)
    written = (HERE / "deploy/nats/nats.conf").read_text()
    assert "store_dir: /data\n" in written
    conf.write_text(written.replace("store_dir: /data\n", f'store_dir: "{tmp_path / "store"}"\n'))
    return conf


@pytest.fixture
async def connect(configuration: Path, tmp_path: Path) -> AsyncIterator[Connect]:
    """Logs in as a user of the configuration."""
    clients: list[Client] = []

    async def connect(user: str) -> Client:
        password = (tmp_path / f"{user}_nats_password.txt").read_text()
        clients.append(await nats.connect(f"nats://127.0.0.1:{port}", user=user, password=password))
        return clients[-1]

    async with server(configuration) as port:
        yield connect
        for client in clients:
            await client.close()


@asynccontextmanager
async def server(conf: Path) -> AsyncIterator[int]:
    """nats-server on a free port, which it gives."""
    port, monitoring = free_port(), free_port()
    process = await asyncio.create_subprocess_exec(
        os.path.join(sysconfig.get_path("scripts"), "nats-server"),
        *("-c", str(conf), "-a", "127.0.0.1", "-p", str(port), "-m", str(monitoring)),
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr
    try:
        async with asyncio.timeout(10):
            while b"Server is ready" not in (line := await process.stderr.readline()):
                assert line, "nats-server ended"
        yield port
    finally:
        process.terminate()
        await process.communicate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def stream_of(service: str) -> api.StreamConfig:
    return api.StreamConfig(name=f"EVENTS_{service.upper()}", subjects=[f"events.{service}.>"], allow_direct=True)


async def refused(asked: Awaitable[object]) -> bool:
    """The server answers nothing to what a user may not ask, and only tells the connection."""
    try:
        async with asyncio.timeout(0.5):
            await asked
    except (TimeoutError, nats.errors.Error):
        return True
    return False


async def test_a_service_keeps_and_reads_its_own_stream(connect: Connect) -> None:
    jetstream = (await connect("tickets")).jetstream()

    await jetstream.add_stream(stream_of("tickets"))
    await jetstream.update_stream(stream_of("tickets"))
    acknowledged = await jetstream.publish("events.tickets.3.TicketOpened", b"{}")
    last = await jetstream.get_last_msg("EVENTS_TICKETS", "events.tickets.3.>")
    purged = await jetstream.purge_stream("EVENTS_TICKETS")

    assert (acknowledged.seq, last.seq, purged) == (1, 1, True)


async def test_a_service_subscribes_to_another_ones_events(connect: Connect) -> None:
    tickets, reporting = (await connect("tickets")).jetstream(), (await connect("reporting")).jetstream()
    await tickets.add_stream(stream_of("tickets"))
    await tickets.publish("events.tickets.3.TicketOpened", b"{}")

    subscription = await reporting.pull_subscribe("events.tickets.3.>", "reporting-board-3", "EVENTS_TICKETS")
    (message,) = await subscription.fetch(1, timeout=5)
    await message.ack_sync()

    assert message.subject == "events.tickets.3.TicketOpened"
    assert (await reporting.consumer_info("EVENTS_TICKETS", "reporting-board-3")).num_ack_pending == 0


async def test_a_service_neither_speaks_for_another_one_nor_touches_its_stream(connect: Connect) -> None:
    tickets, reporting = (await connect("tickets")).jetstream(), (await connect("reporting")).jetstream()
    await tickets.add_stream(stream_of("tickets"))
    await tickets.publish("events.tickets.3.TicketOpened", b"{}")

    assert await refused(reporting.publish("events.tickets.3.TicketOpened", b"{}"))
    assert await refused(reporting.purge_stream("EVENTS_TICKETS"))
    assert await refused(reporting.update_stream(stream_of("tickets")))
    assert await refused(tickets.delete_stream("EVENTS_TICKETS"))
    assert (await tickets.stream_info("EVENTS_TICKETS")).state.messages == 1


async def test_nobody_hears_events_past_their_stream(connect: Connect) -> None:
    tickets, reporting = await connect("tickets"), await connect("reporting")
    await tickets.jetstream().add_stream(stream_of("tickets"))

    heard = await reporting.subscribe("events.>")
    await tickets.jetstream().publish("events.tickets.3.TicketOpened", b"{}")

    assert await refused(heard.next_msg(timeout=0.5))


async def test_operations_read_everything_and_write_nothing(connect: Connect) -> None:
    tickets, operations = (await connect("tickets")).jetstream(), (await connect("operations")).jetstream()
    await tickets.add_stream(stream_of("tickets"))
    await tickets.publish("events.tickets.3.TicketOpened", b"{}")

    subscription = await operations.pull_subscribe("events.tickets.>", stream="EVENTS_TICKETS")
    (message,) = await subscription.fetch(1, timeout=5)

    assert message.subject == "events.tickets.3.TicketOpened"
    assert await refused(operations.publish("events.tickets.3.TicketOpened", b"{}"))
    assert await refused(operations.purge_stream("EVENTS_TICKETS"))
