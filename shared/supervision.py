"""Workers: what a service does besides answering. A crashed one is started again; what ails it can be seen."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from shared.decider import Words
from shared.tasks import AGAIN_SECONDS
from shared.telemetry import WORKER_RESTARTS

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
"""Seconds between a crash and the next start: doubled at each crash."""
HEALTHY_AFTER = 60.0
"""Seconds of running after which earlier crashes are forgotten."""
STOP_WITHIN = 3.0
"""Seconds a worker has to end when it is told to."""


class Worker(Protocol):
    """Something that runs until it is cancelled."""

    name: str

    async def run(self) -> None:
        """Works; ends only by cancellation, and then soon. May be called again after it has raised."""
        ...

    def ready(self) -> Words | None:
        """What keeps it from doing its work; None when all is well."""
        ...


@dataclass(slots=True)
class _Watch:
    """What the supervisor knows of one worker."""

    worker: Worker
    task: "asyncio.Task[None] | None" = None
    crashes: int = 0
    down: bool = False


class Supervisor:
    """Keeps a service's workers running."""

    def __init__(self, service: str, *, first_pause: float = FIRST_PAUSE) -> None:
        self._service = service
        self._first_pause = first_pause
        self._watched: list[_Watch] = []
        self._stopping = False
        self._logger = structlog.get_logger(part="supervisor", service=service)

    def start(self, workers: Sequence[Worker]) -> None:
        """Start ``workers``, beside those that run already."""
        for worker in workers:
            watch = _Watch(worker)
            watch.task = asyncio.create_task(self._keep(watch), name=f"{self._service}-{worker.name}")
            self._watched.append(watch)

    async def stop(self) -> None:
        """Cancel all, and wait for them, but not for ever."""
        self._stopping = True
        tasks = {watch.task: watch for watch in self._watched if watch.task is not None}
        until = asyncio.get_running_loop().time() + STOP_WITHIN
        pending = set(tasks)
        while pending and asyncio.get_running_loop().time() < until:
            for task in pending:  # again and again: a cancellation can get lost, see shared.tasks
                task.cancel()
            _, pending = await asyncio.wait(pending, timeout=AGAIN_SECONDS)
        for task in pending:
            self._logger.error("worker_does_not_stop", worker=tasks[task].worker.name)
        self._watched.clear()

    def missing(self) -> dict[str, Words]:
        """What ails the workers, by name."""
        found: dict[str, Words] = {}
        for watch in self._watched:
            words = _down(watch) if watch.down else watch.worker.ready()
            if words is not None:
                found[watch.worker.name] = words
        return found

    async def _keep(self, watch: _Watch) -> None:
        loop = asyncio.get_running_loop()
        while not self._stopping:  # a worker may answer its cancellation with an error of its own
            started = loop.time()
            try:
                await watch.worker.run()
                if not self._stopping:
                    self._logger.error("worker_ended", worker=watch.worker.name)
            except Exception:
                self._logger.exception("worker_crashed", worker=watch.worker.name)
            if loop.time() - started > HEALTHY_AFTER:
                watch.crashes = 0
            pause = min(LONGEST_PAUSE, self._first_pause * 2**watch.crashes)
            watch.crashes += 1
            watch.down = True
            WORKER_RESTARTS.labels(self._service, watch.worker.name).inc()
            if not self._stopping:
                await asyncio.sleep(pause)
            watch.down = False


def _down(watch: _Watch) -> Words:
    return Words(
        f"已异常中止 {watch.crashes} 次,即将重新启动;原因见日志。",
        f"It has crashed {watch.crashes} times and will be started again; the log says why.",
    )
