"""A crashed worker is started again; what ails it can be seen; a stop is clean."""

import asyncio
import io
import time
from collections.abc import Callable
from typing import Any

import pytest

from shared import supervision
from shared.decider import Words
from shared.supervision import Supervisor

Eventually = Callable[..., Any]


class Toiler:
    """Crashes as often as it is told to, then works."""

    def __init__(self, crashes: int = 0, ailment: Words | None = None) -> None:
        self.name = "toiler"
        self.crashes = crashes
        self.ailment = ailment
        self.runs = 0
        self.ended = False

    async def run(self) -> None:
        self.runs += 1
        if self.runs <= self.crashes:
            raise ConnectionError("gone")
        try:
            await asyncio.Event().wait()
        finally:
            self.ended = True

    def ready(self) -> Words | None:
        return self.ailment


async def test_a_crashed_worker_is_started_again(eventually: Eventually, logged: io.BytesIO) -> None:
    supervisor, worker = Supervisor("toy", first_pause=0.001), Toiler(crashes=3)
    supervisor.start([worker])
    await eventually(lambda: worker.runs == 4 and not supervisor.missing())
    await supervisor.stop()
    assert worker.ended
    assert logged.getvalue().count(b'"worker_crashed"') == 3


async def test_pauses_grow(eventually: Eventually, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    supervisor, worker = Supervisor("toy", first_pause=8), Toiler(crashes=4)
    monkeypatch.setattr(asyncio, "sleep", noted)
    supervisor.start([worker])
    while worker.runs < 5:
        await sleep(0)
    monkeypatch.undo()
    await supervisor.stop()
    assert pauses == [8, 16, 30, 30]


async def test_a_worker_that_is_down_is_missing(eventually: Eventually) -> None:
    supervisor, worker = Supervisor("toy", first_pause=60), Toiler(crashes=1)
    supervisor.start([worker])
    await eventually(supervisor.missing)
    assert "1" in supervisor.missing()["toiler"].en
    await supervisor.stop()


async def test_a_worker_that_ends_by_itself_has_failed_too(eventually: Eventually) -> None:
    class Quitter(Toiler):
        async def run(self) -> None:
            self.runs += 1

    supervisor, worker = Supervisor("toy", first_pause=0.001), Quitter()
    supervisor.start([worker])
    await eventually(lambda: worker.runs > 2)
    await supervisor.stop()


async def test_what_ails_a_running_worker_is_told() -> None:
    ailment = Words("落后 7 个事件", "7 events behind")
    supervisor = Supervisor("toy")
    supervisor.start([Toiler(ailment=ailment)])
    assert supervisor.missing() == {"toiler": ailment}
    await supervisor.stop()
    assert supervisor.missing() == {}


async def test_a_worker_that_answers_its_cancellation_with_an_error_ends_all_the_same(
    eventually: Eventually,
) -> None:
    class Sore(Toiler):
        async def run(self) -> None:
            try:
                await super().run()
            finally:
                raise ConnectionError("already closed")

    supervisor, worker = Supervisor("toy", first_pause=0.001), Sore()
    supervisor.start([worker])
    await eventually(lambda: worker.runs == 1)
    started = time.monotonic()
    await supervisor.stop()
    assert worker.runs == 1
    assert time.monotonic() - started < 1


async def test_a_worker_that_will_not_end_is_not_waited_for(
    eventually: Eventually, monkeypatch: pytest.MonkeyPatch, logged: io.BytesIO
) -> None:
    released = asyncio.Event()

    class Deaf(Toiler):
        async def run(self) -> None:
            self.runs += 1
            while not released.is_set():
                try:
                    await released.wait()
                except asyncio.CancelledError:
                    continue

    monkeypatch.setattr(supervision, "STOP_WITHIN", 0.05)
    supervisor, worker = Supervisor("toy"), Deaf()
    supervisor.start([worker])
    await eventually(lambda: worker.runs == 1)
    await supervisor.stop()
    assert b"worker_does_not_stop" in logged.getvalue()
    released.set()
