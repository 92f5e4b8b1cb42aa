"""The way of events survives what can befall it: nothing lost, nothing doubled, each aggregate in its order."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from toys import Counted, Toys, check_seen, connected, leases, relay, running, see, seen, toys, until

from shared.embedded import nats_server
from shared.jetstream import Nats
from shared.subscription import Subscriber, Subscription

TESTS = Path(__file__).parents[1]


@pytest.fixture
async def toy(database_url: str) -> AsyncIterator[Toys]:
    async with toys(database_url) as toy:
        yield toy


@pytest.fixture
def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def subscriber(toy: Toys, bus: Nats) -> Subscriber:
    return Subscriber(Subscription("watcher", ("toys",), see, frozenset({Counted})), "toys", toy.pool, bus, leases(toy))


@asynccontextmanager
async def killed(folder: Path, port: int) -> AsyncIterator[None]:
    """A nats-server that is killed, with no time to write anything, when the block ends."""
    async with nats_server(folder, tell=lambda _: None, port=port) as server:
        try:
            yield
        finally:
            server.process.kill()
            await server.process.wait()


LIVES = 3 if "FAULTS_SECONDS" in os.environ else 1
"""How often nats-server is killed: ``make test-faults`` has the long form."""


@pytest.mark.parametrize("wiped", [False, True])
async def test_nats_is_killed_and_comes_back(toy: Toys, tmp_path: Path, free_port: int, wiped: bool) -> None:
    """Each time in the midst of publishing; events go on being recorded while it is away."""
    async with nats_server(tmp_path, tell=lambda _: None, port=free_port) as server:
        url = server.url
    async with connected(url) as bus, running(relay(toy, bus).run, subscriber(toy, bus).run):
        for life in range(LIVES):
            async with killed(tmp_path, free_port):
                counting = asyncio.create_task(toy.count(600))
                await until(lambda life=life: saw(toy, 800 * life + 100), within=40)
            await counting
            await toy.count(200)
            if wiped:
                shutil.rmtree(tmp_path / "nats" / "jetstream")
        async with nats_server(tmp_path, tell=lambda _: None, port=free_port):
            await check_seen(toy, 800 * LIVES, within=60)


async def saw(toy: Toys, events: int) -> bool:
    return len(await seen(toy.pool)) >= events


async def test_workers_are_killed_while_they_consume(toy: Toys, nats_url: str) -> None:
    """Two at a time, one after the other shot in the midst of work; the other, and the next, go on."""
    async with connected(nats_url) as bus, running(relay(toy, bus).run):
        for shot in range(4):
            with watcher(toy.database_url, nats_url) as first, watcher(toy.database_url, nats_url):
                await toy.count(400)
                await until(lambda shot=shot: saw(toy, 400 * shot + 40), within=40)
                first.kill()
                await until(lambda shot=shot: saw(toy, 400 * shot + 100), within=40)
        with watcher(toy.database_url, nats_url):
            await check_seen(toy, 1_600, within=60)


@contextmanager
def watcher(database_url: str, nats_url: str) -> Iterator["subprocess.Popen[bytes]"]:
    path = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("watcher.py")), database_url, nats_url],
        env=os.environ | {"PYTHONPATH": path},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
