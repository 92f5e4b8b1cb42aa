"""The event log on real PostgreSQL: what is acknowledged is there, once; nothing else is."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from shared.decider import Refused
from shared.eventlog import (
    ConcurrencyConflict,
    EventLog,
    IdempotencyKey,
    IdempotencyMismatch,
    Outcome,
    PreconditionFailed,
    StreamNotFound,
    Streams,
)
from shared.eventlog.batching import Batcher
from shared.events.base import Source
from tests import tally
from tests.tally import Close, Tally
from tests.tally_log import NOON, TALLY, Work, by, count, everything, on, opened


async def test_events_are_read_back_as_they_were_recorded(log: EventLog) -> None:
    stream, context = uuid4(), by("li", key="k1")
    outcome = await log.execute(on(stream, count(3, "蟑螂"), count(4)), context)
    assert outcome == Outcome({"total": 7}, 2, replayed=False)
    first, second = await log.history(stream)
    assert (first.version, first.position, second.version, second.position) == (1, 1, 2, 2)
    assert first.event == tally.Counted(at=NOON, amount=3, note="蟑螂")
    assert first.id == "tally-1"
    meta = first.meta
    assert (meta.actor, meta.source, meta.correlation_id) == ("li", Source.WEB, context.correlation_id)
    assert (meta.causation_id, meta.occurred_at, meta.recorded_at) == ("k1", NOON, NOON)
    assert await log.load(TALLY, stream) == (Tally(total=7), 2)
    assert await log.head() == 2


async def test_events_of_several_streams_are_written_all_or_none(log: EventLog) -> None:
    one, other = uuid4(), uuid4()
    await log.execute(on(one, count()), by())

    async def work(streams: Streams) -> None:
        await streams.handle(TALLY, other, count())
        await streams.handle(TALLY, one, Close(at=NOON, by="li"))
        await streams.handle(TALLY, one, count())

    with pytest.raises(Refused, match="closed"):
        await log.execute(work, by())
    assert await log.head() == 1
    with pytest.raises(StreamNotFound):
        await log.load(TALLY, other)

    async def both(streams: Streams) -> None:
        for stream in (one, other):
            await streams.handle(TALLY, stream, count())

    assert (await log.execute(both, by())).position == 3
    assert [(s.stream, s.version) for s in await everything(log)] == [(one, 1), (one, 2), (other, 1)]


async def test_a_conflict_on_one_stream_keeps_all_streams_of_the_append_unwritten(log: EventLog) -> None:
    one, other = uuid4(), uuid4()

    async def work(streams: Streams) -> None:
        await streams.handle(TALLY, other, count())
        await streams.handle(TALLY, one, count())
        await log.execute(on(one, count()), by())  # somebody is always faster

    with pytest.raises(ConcurrencyConflict):
        await log.execute(work, by())
    assert {s.stream for s in await everything(log)} == {one}


async def test_a_version_conflict_is_retried_from_a_fresh_load_three_times(log: EventLog) -> None:
    stream, seen = uuid4(), []

    def disturbed(times: int) -> Work:
        async def work(streams: Streams) -> Any:
            state = await streams.load(TALLY, stream, required=False)
            seen.append(state.total)
            await streams.handle(TALLY, stream, count(100))
            if len(seen) <= times:
                await log.execute(on(stream, count()), by())
            return state.total

        return work

    assert (await log.execute(disturbed(3), by())).answer == 3
    assert seen == [0, 1, 2, 3]
    seen.clear()
    with pytest.raises(ConcurrencyConflict):
        await log.execute(disturbed(4), by())
    assert seen == [103, 104, 105, 106]
    assert (await log.load(TALLY, stream))[0].total == 107


async def test_who_loses_within_one_batch_reloads_what_the_winner_wrote(log: EventLog) -> None:
    stream = uuid4()
    loads: list[int] = []

    def work(name: str) -> Work:
        async def counts(streams: Streams) -> None:
            state = await streams.load(TALLY, stream, required=False)
            loads.append(state.total)
            await streams.handle(TALLY, stream, count())

        return counts

    await asyncio.gather(*(log.execute(work(n), by()) for n in "abcd"))
    assert sorted(loads) == [0, 0, 0, 0, 1, 1, 1, 2, 2, 3]  # nobody loaded the same state twice
    assert (await log.load(TALLY, stream))[0].total == 4


async def test_a_new_stream_is_written_without_a_load_and_meets_an_old_one_all_the_same(log: EventLog) -> None:
    stream = uuid4()
    await log.execute(on(stream, count(1), new=True), by())
    await log.execute(on(stream, count(1), new=True), by())
    assert (await log.load(TALLY, stream))[0].total == 2


async def test_work_without_events_and_key_leaves_no_trace(log: EventLog) -> None:
    stream = uuid4()
    await log.execute(on(stream, Close(at=NOON, by="li")), by())
    assert (await log.execute(on(stream, Close(at=NOON, by="li")), by())).position == 0
    assert await log.head() == 1


async def test_a_single_append_may_be_larger_than_a_batch(log: EventLog) -> None:
    stream, small = uuid4(), uuid4()
    many = [count(note=str(n)) for n in range(5_000)]
    large, one = await asyncio.gather(log.execute(on(stream, *many), by()), log.execute(on(small, count()), by()))
    assert {large.position, one.position} <= {1, 5_000, 5_001}
    assert [s.position for s in await everything(log)] == list(range(1, 5_002))
    assert (await log.load(TALLY, stream))[0].total == 5_000


async def test_large_events_are_written_in_several_commits(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    batches: list[int] = []
    take = Batcher._take

    def counted(batcher: Batcher[Any]) -> list[Any]:
        batch = take(batcher)
        if batch and hasattr(batch[0], "events"):
            batches.append(len(batch))
        return batch

    monkeypatch.setattr(Batcher, "_take", counted)
    text = "x" * 1_000_000
    await asyncio.gather(*(log.execute(on(uuid4(), count(note=text), new=True), by()) for _ in range(20)))
    assert sum(batches) == 20
    assert max(batches) <= 8  # 2,000 events of 4 KiB


# -- idempotency ---


async def test_the_same_key_gets_the_same_answer_and_one_event(log: EventLog) -> None:
    stream = uuid4()
    first = await log.execute(on(stream, count(5)), by(key="k"))
    again = await log.execute(on(stream, count(5)), by(key="k"))
    assert again == Outcome(first.answer, first.position, replayed=True)
    assert await log.head() == 1
    assert (await log.execute(on(stream, count(5)), by("wang", key="k"))).answer == {"total": 10}, "keys are an actor's"


async def test_twenty_with_the_same_key_at_once_are_one(log: EventLog) -> None:
    stream = uuid4()
    outcomes = await asyncio.gather(*(log.execute(on(stream, count()), by(key="k")) for _ in range(20)))
    assert [o.answer for o in outcomes] == [{"total": 1}] * 20
    assert sum(not o.replayed for o in outcomes) == 1
    assert await log.head() == 1
    fresh = [uuid4() for _ in range(20)]  # as commands that make a new stream do: the version conflicts with nobody's
    outcomes = await asyncio.gather(*(log.execute(on(s, count(), new=True), by(key="n")) for s in fresh))
    assert {o.position for o in outcomes} == {2}
    assert await log.head() == 2


async def test_twenty_with_the_same_key_in_two_processes_are_one(log: EventLog, database_url: str) -> None:
    stream = uuid4()
    async with opened(database_url) as other:
        both = [(log, other)[n % 2].execute(on(stream, count()), by(key="k")) for n in range(20)]
        assert {o.position for o in await asyncio.gather(*both)} == {1}
    assert await log.head() == 1


async def test_another_command_under_a_known_key_is_a_mismatch(log: EventLog) -> None:
    stream = uuid4()
    await log.execute(on(stream, count()), by(key="k", fingerprint=b"one"))
    with pytest.raises(IdempotencyMismatch):
        await log.execute(on(stream, count()), by(key="k", fingerprint=b"other"))
    with pytest.raises(IdempotencyMismatch):
        await log.execute(on(uuid4(), count(), new=True), by(key="k", fingerprint=b"other"))
    assert await log.head() == 1


async def test_a_known_key_whose_command_is_now_refused_gets_the_first_answer(log: EventLog) -> None:
    stream = uuid4()
    first = await log.execute(on(stream, count()), by(key="k"))
    await log.execute(on(stream, Close(at=NOON, by="li")), by())
    assert await log.execute(on(stream, count()), by(key="k")) == Outcome(first.answer, first.position, replayed=True)
    with pytest.raises(Refused):
        await log.execute(on(stream, count()), by(key="another"))


async def test_the_first_answer_is_given_even_if_it_came_while_the_work_went_on(log: EventLog) -> None:
    looked, stream = uuid4(), uuid4()
    twin: list[Outcome] = []

    async def work(streams: Streams) -> Any:
        await streams.load(TALLY, looked, required=False)  # here the key is looked up, and isn't known yet
        if not twin:
            twin.append(await log.execute(on(stream, Close(at=NOON, by="li")), by(key="k")))
        await streams.handle(TALLY, stream, count())  # refused by what the twin did

    assert (await log.execute(work, by(key="k"))).replayed


async def test_a_key_of_work_that_decided_nothing_is_remembered(log: EventLog) -> None:
    stream = uuid4()
    await log.execute(on(stream, Close(at=NOON, by="li")), by())
    nothing = on(stream, Close(at=NOON, by="li"))
    first = await log.execute(nothing, by(key="k"))
    assert (first.position, first.replayed) == (1, False)
    assert (await log.execute(nothing, by(key="k"))).replayed


@pytest.mark.parametrize("key", ["", "a\0b", "键" * 200])
def test_a_key_that_postgresql_cannot_keep_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="idempotency key"):
        IdempotencyKey(key, b"")


async def test_if_match_is_checked_against_the_stored_version(log: EventLog) -> None:
    stream = uuid4()
    await log.execute(on(stream, count()), by())

    def expecting(version: int | None) -> Work:
        async def work(streams: Streams) -> Any:
            await streams.handle(TALLY, stream, count())
            await streams.expect(TALLY, stream, version)
            return streams.version(stream)

        return work

    assert (await log.execute(expecting(1), by(key="k"))).answer == 2
    with pytest.raises(PreconditionFailed) as failed:
        await log.execute(expecting(1), by())
    assert (failed.value.expected, failed.value.actual) == (1, 2)
    assert (await log.execute(expecting(1), by(key="k"))).replayed, "a repeated request was right the first time"
    assert (await log.execute(expecting(None), by())).answer == 3
