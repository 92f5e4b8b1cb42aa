"""The whole one-machine system from outside: the memory of ``shouhou up`` at rest, and how soon it is there again."""

import asyncio
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import httpx
import psutil

from bench.servers import Bench, free_port
from bench.table import Row, below

SAMPLE = Path(__file__).parents[1] / "samples" / "register-2026-10.xlsx"
SHOUHOU = (sys.executable, "-m", "shared.cli")
IDLE_SECONDS = 15
STARTS = 3
READY_SECONDS = 60.0
STOP_SECONDS = 20.0
MB = 1_000_000


async def rows(bench: Bench) -> AsyncGenerator[Row, None]:
    """``idle_rss_mb`` and ``startup_s``, of a system with the sample register in it. It has servers of its own."""
    with tempfile.TemporaryDirectory(prefix="shouhou-bench-") as folder:
        environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "NATS_URL")}
        environment |= {"DATA_DIR": folder, "PORT": str(free_port())}
        async with _up(environment) as first:
            await _import(environment)
            await asyncio.sleep(IDLE_SECONDS)
            memory = _memory(first.pid)
        yield below("idle_rss_mb", memory.counted, "MB", memory.told)
        took = []
        for _ in range(STARTS):
            async with _up(environment) as again:
                took.append(again.seconds)
        yield below("startup_s", statistics.median(took), "s", f"median of {STARTS}, with the sample's data")


@dataclass(frozen=True, slots=True)
class Up:
    pid: int
    seconds: float
    """From the start of the command to ``/health/ready``."""


@contextlib.asynccontextmanager
async def _up(environment: dict[str, str]) -> AsyncIterator[Up]:
    """A running ``shouhou up``; ended, with all it has started, when the block ends."""
    began = perf_counter()
    process = await asyncio.create_subprocess_exec(*SHOUHOU, "up", env=environment, stdout=subprocess.DEVNULL)
    try:
        async with asyncio.timeout(READY_SECONDS), httpx.AsyncClient() as client:
            while not await _is_ready(client, environment["PORT"]):
                assert process.returncode is None, "shouhou up has ended"
                await asyncio.sleep(0.02)
        yield Up(process.pid, perf_counter() - began)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()


async def _is_ready(client: httpx.AsyncClient, port: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return (await client.get(f"http://127.0.0.1:{port}/health/ready")).status_code == 200
    return False


async def _import(environment: dict[str, str]) -> None:
    command = [*SHOUHOU, "import", "register", str(SAMPLE)]
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=subprocess.DEVNULL)
    assert await process.wait() == 0, "the sample was not imported"


@dataclass(frozen=True, slots=True)
class Memory:
    counted: float
    """Megabytes; what counts against the goal."""
    told: str


def _memory(pid: int) -> Memory:
    """Of a process and all its descendants, in megabytes.

    PSS counts a page that several processes share once; RSS counts it in each, and PostgreSQL's processes share most
    of theirs. PSS counts where the machine tells it, otherwise RSS.
    """
    parent = psutil.Process(pid)
    family = [parent, *parent.children(recursive=True)]
    rss = sum(process.memory_info().rss for process in family) / MB
    try:
        pss = sum(process.memory_full_info().pss for process in family) / MB
    except (psutil.AccessDenied, AttributeError):
        return Memory(rss, f"sum of RSS, {len(family)} processes; PSS isn't told here")
    return Memory(pss, f"sum of PSS, {len(family)} processes; of RSS: {rss:,.0f} MB")
