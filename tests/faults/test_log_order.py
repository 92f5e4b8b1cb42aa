"""Several processes write one log and are killed at random; several read it. Order, completeness, nothing twice."""

import asyncio
import logging
import random
from collections import Counter, defaultdict
from contextlib import ExitStack
from itertools import count as counting
from pathlib import Path
from time import monotonic

from shared.eventlog import Stored, decode, migrate
from tests import tally
from tests.faults import reader, writer
from tests.faults.programs import SECONDS, cut_a_connection, running, whole_log
from tests.faults.reader import line
from tests.faults.writer import streams_of
from tests.tally_log import until

logger = logging.getLogger(__name__)
WRITERS, READERS = 4, 3


async def test_killed_writers_never_make_a_reader_skip_and_lose_and_double_nothing(
    database_url: str, tmp_path: Path, chance: random.Random
) -> None:
    await asyncio.to_thread(migrate, database_url)
    with ExitStack() as stack:
        readers = [
            stack.enter_context(running(reader.run, database_url, file=tmp_path / f"reader{n}")) for n in range(READERS)
        ]
        writers = [
            stack.enter_context(running(writer.run, database_url, f"w{n}", file=tmp_path / f"writer{n}"))
            for n in range(WRITERS)
        ]
        await until(lambda: all(w.has_written(1) for w in writers), 60)
        end = monotonic() + SECONDS
        kills = 0
        while monotonic() < end or kills < WRITERS:
            victim = chance.choice(writers)
            size = chance.choice((1, 100, 1_000))
            await until(lambda victim=victim, size=size: victim.has_written(size), 60)
            assert all(program.process.is_alive() for program in (*readers, *writers)), "one has seen a fault"
            victim.kill()
            kills += 1
            victim.start()
            await cut_a_connection(database_url)
        for program in writers:
            program.kill()
        log = await whole_log(database_url)
        expected = [line(stored) for stored in log]
        await until(lambda: all(len(program.lines()) >= len(log) for program in readers), 30)
        for program in readers:
            assert program.file.read_text() == "".join(expected)
        acknowledged = {key: int(position) for w in writers for key, position in map(str.split, w.lines())}
    check(log, acknowledged)
    logger.warning("%d kills, %d events, %d appends acknowledged", kills, len(log), len(acknowledged))


def check(log: list[Stored], acknowledged: dict[str, int]) -> None:
    assert [stored.position for stored in log] == list(range(1, len(log) + 1))
    versions = defaultdict(lambda: counting(1))
    written: dict[str, list[Stored]] = defaultdict(list)
    for stored in log:
        assert stored.version == next(versions[stored.stream])
        event, _ = decode(stored.topic, stored.state)
        assert isinstance(event, tally.Counted)
        written[event.note].append(stored)
    assert acknowledged.keys() <= written.keys(), "lost"
    for key, events in written.items():
        assert Counter(e.stream for e in events) == Counter(streams_of(key)), f"{key} is doubled or torn"
        positions = [e.position for e in events]
        assert positions == list(range(positions[0], positions[0] + len(positions))), f"{key} isn't one append"
        assert acknowledged.get(key, positions[-1]) == positions[-1]
