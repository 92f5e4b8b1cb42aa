"""What the log gives back: states by snapshots, old versions upcast, everything in order."""

import asyncio
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel

from shared.decider import Refused
from shared.eventlog import EventLog, Sought, StreamNotFound, Streams, folding, stock_recorder
from shared.eventlog.mapping import decode_event
from shared.events.base import Event
from tests import tally
from tests.tally import Tally
from tests.tally_log import NOON, TALLY, Sql, by, count, everything, on, opened, until


async def fill(sql: Sql, log: EventLog, stream: UUID, events: int) -> None:
    """A stream of many events, written at once as the log would have."""
    await log.execute(on(stream, count()), by())
    await sql(
        "INSERT INTO events SELECT originator_id, n, topic, state, n FROM events, generate_series(2, %s) AS n",
        events,
    )


async def test_a_stream_of_10000_events_loads_from_its_snapshot(log: EventLog, sql: Sql, database_url: str) -> None:
    stream = uuid4()
    await fill(sql, log, stream, 10_000)
    assert await log.load(TALLY, stream) == (Tally(total=10_000), 10_000)
    await until(lambda: sql("SELECT 1 FROM snapshots WHERE originator_version = 10000"))
    await sql("DELETE FROM events WHERE originator_version < 9_990")  # nothing reads them again
    async with opened(database_url) as unknowing:
        assert await unknowing.load(TALLY, stream) == (Tally(total=10_000), 10_000)
    await log.execute(on(stream, count()), by())
    assert await log.load(TALLY, stream) == (Tally(total=10_001), 10_001)


async def test_only_the_newest_snapshot_is_kept(log: EventLog, sql: Sql) -> None:
    stream = uuid4()
    for head in (150, 300, 450):
        await log.execute(on(stream, *(count() for _ in range(150))), by())
        await until(lambda head=head: sql("SELECT 1 FROM snapshots WHERE originator_version = %s", head))
        assert len(await sql("SELECT 1 FROM snapshots")) == 1
    assert (await log.load(TALLY, stream))[0].total == 450


class Doubling:
    """The tally's lifecycle after a change of its code: everything counts twice."""

    STREAM = tally.STREAM
    NEW = tally.NEW
    decide = staticmethod(tally.decide)
    deadlines = staticmethod(tally.deadlines)

    def evolve(self, state: Tally, event: Any) -> Tally:
        return tally.evolve(tally.evolve(state, event), event)


async def test_a_changed_decider_does_not_use_the_old_ones_snapshots(log: EventLog, database_url: str) -> None:
    stream = uuid4()
    await log.execute(on(stream, *(count() for _ in range(200))), by())
    async with opened(database_url, Doubling()) as changed:
        assert (await changed.load(Doubling(), stream))[0].total == 400
    assert (await log.load(TALLY, stream))[0].total == 200


async def test_a_snapshot_that_does_not_load_is_passed_over(log: EventLog, sql: Sql) -> None:
    stream = uuid4()
    await log.execute(on(stream, *(count() for _ in range(120))), by())
    await until(lambda: sql("SELECT 1 FROM snapshots"))
    await sql("UPDATE snapshots SET state = %s", b'{"total": "many"}')
    assert await log.load(TALLY, stream) == (Tally(total=120), 120)


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The topics of the events that were decoded for a state."""
    found: list[str] = []

    def counting(topic: str, state: bytes) -> Event:
        found.append(topic)
        return decode_event(topic, state)

    monkeypatch.setattr(folding, "decode_event", counting)
    return found


async def test_of_a_known_stream_only_what_is_new_is_decoded(
    log: EventLog, database_url: str, decoded: list[str]
) -> None:
    stream = uuid4()
    await log.execute(on(stream, count(), count(2)), by())
    assert await log.load(TALLY, stream) == (Tally(total=3), 2)
    assert len(decoded) == 2
    async with opened(database_url) as another:
        await another.execute(on(stream, count(4)), by())
    decoded.clear()
    assert await log.load(TALLY, stream) == (Tally(total=7), 3)
    assert await log.load(TALLY, stream) == (Tally(total=7), 3)
    assert len(decoded) == 1


async def test_a_known_stream_that_has_grown_long_elsewhere_loads_from_its_snapshot(
    log: EventLog, database_url: str, sql: Sql, decoded: list[str]
) -> None:
    stream = uuid4()
    await log.execute(on(stream, count()), by())
    await log.load(TALLY, stream)
    async with opened(database_url) as another:
        await another.execute(on(stream, *(count() for _ in range(150))), by())
        await until(lambda: sql("SELECT 1 FROM snapshots WHERE originator_version = 151"))
    decoded.clear()
    assert await log.load(TALLY, stream) == (Tally(total=151), 151)
    assert not decoded


async def test_what_is_known_of_another_log_is_not_believed(log: EventLog, sql: Sql) -> None:
    """A database that was put back to an earlier day while a process knew its later state."""
    stream = uuid4()
    await log.execute(on(stream, count(), count(10)), by())
    await log.load(TALLY, stream)
    await sql("DELETE FROM events WHERE originator_version = 2")
    assert await log.load(TALLY, stream) == (Tally(total=1), 1)
    await log.execute(on(stream, count(100)), by())
    await log.load(TALLY, stream)
    await sql("UPDATE events SET state = (SELECT state FROM events WHERE originator_version = 1)")
    assert await log.load(TALLY, stream) == (Tally(total=2), 2)


async def test_no_more_streams_are_known_than_are_said(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "KNOWN_STREAMS", 2)
    streams = [uuid4() for _ in range(3)]
    for stream in streams:
        await log.execute(on(stream, count()), by())
        await log.load(TALLY, stream)
    assert [log._folder.known(TALLY, stream) is not None for stream in streams] == [False, True, True]


async def test_rows_beside_the_log_are_found_by_their_key(log: EventLog, sql: Sql) -> None:
    await sql("CREATE TABLE notes (id uuid PRIMARY KEY, note text)")
    known = [uuid4() for _ in range(20)]
    for number, id in enumerate(known):
        await sql("INSERT INTO notes VALUES (%s, %s)", id, f"note {number}")

    async def note(id: UUID) -> Any:
        return await log.look(
            lambda streams: streams.find(Sought("SELECT id, note FROM notes WHERE id = ANY (%s)", id))
        )

    found = await asyncio.gather(*map(note, [*known, uuid4()]))
    assert found == [*((id, f"note {number}") for number, id in enumerate(known)), None]


class Lamp(BaseModel):
    on: bool = False


class LampLit(Event):
    pass


class LampLifecycle:
    STREAM = "lamp"
    NEW = Lamp()

    def evolve(self, state: Lamp, event: LampLit) -> Lamp:
        return Lamp(on=True)

    def decide(self, command: Any, state: Lamp) -> list[LampLit]:
        return [LampLit(at=NOON)]

    def deadlines(self, event: LampLit) -> list[Any]:
        return []


@pytest.mark.parametrize("events", [1, 200])
async def test_the_id_of_another_kind_of_stream_is_not_found(
    log: EventLog, database_url: str, sql: Sql, events: int
) -> None:
    stream = uuid4()
    await log.execute(on(stream, *(count() for _ in range(events))), by())
    async with opened(database_url, LampLifecycle(), TALLY) as both:
        await both.load(TALLY, stream)
        if events > 100:
            await until(lambda: sql("SELECT 1 FROM snapshots"))
        with pytest.raises(StreamNotFound):
            await both.load(LampLifecycle(), stream)


async def test_a_snapshot_holds_nothing_that_is_not_in_the_log(log: EventLog, sql: Sql) -> None:
    stream = uuid4()
    await fill(sql, log, stream, 300)

    async def work(streams: Streams) -> None:
        await streams.handle(TALLY, stream, count(1_000))
        await until(lambda: sql("SELECT 1 FROM snapshots"))
        raise Refused("never", "不", "No.")

    with pytest.raises(Refused):
        await log.execute(work, by())
    assert await log.load(TALLY, stream) == (Tally(total=300), 300)


async def test_the_library_s_recorder_reads_the_same_rows(log: EventLog, database_url: str) -> None:
    stream = uuid4()
    await log.execute(on(stream, count(), count()), by())
    await log.execute(on(uuid4(), count()), by())
    recorder = stock_recorder(database_url)
    try:
        notifications = recorder.select_notifications(start=1, limit=10)
        assert [(n.id, n.originator_id, n.originator_version, n.topic, bytes(n.state)) for n in notifications] == [
            (s.position, s.stream, s.version, s.topic, s.state) for s in await everything(log)
        ]
        assert recorder.max_notification_id() == 3
        assert len(recorder.select_events(stream)) == 2
    finally:
        recorder.datastore.close()


async def test_a_follower_is_woken_by_another_process(log: EventLog, database_url: str) -> None:
    seen: list[int] = []
    arrived = asyncio.Event()

    async def follow() -> None:
        async for batch in log.follow(0, limit=3):
            seen.extend(s.position for s in batch)
            arrived.set()

    follower = asyncio.create_task(follow())
    async with opened(database_url) as other:
        await other.execute(on(uuid4(), *(count() for _ in range(10))), by())
        await until(lambda: len(seen) == 10)
        began, arrived = perf_counter(), asyncio.Event()
        await other.execute(on(uuid4(), count()), by())
        await arrived.wait()
        assert perf_counter() - began < 0.5, "it was the poll, not the notification"
    follower.cancel()
    assert seen == list(range(1, 12))


async def test_a_follower_without_notifications_polls(log: EventLog, database_url: str, sql: Sql) -> None:
    assert log._listener
    log._listener.cancel()
    positions = log.follow(0)
    async with opened(database_url) as other:
        next_batch = asyncio.ensure_future(anext(positions))
        await other.execute(on(uuid4(), count()), by())
        assert [s.position for s in await asyncio.wait_for(next_batch, 5)] == [1]
