"""A log read stream by stream: each comes whole and once, wherever a batch ends."""

from typing import Any
from uuid import uuid4

import pytest

from shared.eventlog import EventLog, scanning
from shared.eventlog.scanning import scan
from tests.tally import Counted
from tests.tally_log import by, count, on


@pytest.mark.parametrize("batch", [1, 2, 3, 5, 100])
async def test_each_stream_comes_whole_and_once(log: EventLog, monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    # given streams of different lengths, told in turns
    lengths = {uuid4(): length for length in (1, 4, 2, 3, 1)}
    for turn in range(max(lengths.values())):
        for stream, length in lengths.items():
            if turn < length:
                await log.execute(on(stream, count(turn + 1)), by())

    # when they are read in batches of some rows
    monkeypatch.setattr(scanning, "BATCH", batch)
    steps = [step async for step in scan(log, [Counted])]

    # then each is there, in order, and the progress ends where all is done
    told = [_amounts(stream) for step in steps for stream in step.streams]
    assert sorted(told) == sorted(list(range(1, length + 1)) for length in lengths.values())
    assert (steps[-1].done, steps[-1].total) == (11, 11)


def _amounts(stream: list[Any]) -> list[int]:
    return [event.amount for event in stream]


async def test_what_comes_meanwhile_isnt_seen(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a scan that has begun
    for _ in range(3):
        await log.execute(on(uuid4(), count()), by())
    monkeypatch.setattr(scanning, "BATCH", 1)
    steps = scan(log, [Counted])
    seen = await anext(steps)

    # when more is recorded
    await log.execute(on(uuid4(), count()), by())

    # then it ends with what there was
    streams = [*seen.streams, *[stream async for step in steps for stream in step.streams]]
    assert len(streams) == seen.total == 3


async def test_an_empty_log_has_no_streams(log: EventLog) -> None:
    assert [step async for step in scan(log, [Counted])] == []
