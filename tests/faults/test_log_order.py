"""Several processes write one log and are killed at random; several read it. Order, completeness, nothing twice.

``FAULTS_SECONDS`` says for how long (``make test-faults``: a minute); without it a few seconds will do.
"""

import asyncio
import logging
import os
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count as counting
from multiprocessing import get_context
from pathlib import Path
from time import monotonic

import psycopg
import pytest

from shared.eventlog import Stored, decode, migrate
from tests import tally
from tests.faults import reader, writer
from tests.faults.reader import line
from tests.faults.writer import streams_of
from tests.tally_log import until

logger = logging.getLogger(__name__)
SECONDS = float(os.environ.get("FAULTS_SECONDS", "3"))
WRITERS, READERS = 4, 3


PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload([writer.__name__, reader.__name__])


class Program:
    """One of the processes; ``file`` is what it writes."""

    def __init__(self, run: Callable[..., None], *arguments: str, file: Path) -> None:
        self.run = run
        self.arguments = (*arguments, file)
        self.file = file
        file.touch()
        self.start()

    def start(self) -> None:
        self.process = PROCESSES.Process(target=self.run, args=self.arguments, daemon=True)
        self.process.start()
        self.size_at_start = self.file.stat().st_size

    def kill(self) -> None:
        self.process.kill()
        self.process.join()

    def has_written(self, size: int) -> bool:
        """So many bytes, since it was started."""
        return self.file.stat().st_size - self.size_at_start >= size

    def lines(self) -> list[str]:
        return self.file.read_text().splitlines()


@contextmanager
def running(run: Callable[..., None], *arguments: str, file: Path) -> Iterator[Program]:
    program = Program(run, *arguments, file=file)
    try:
        yield program
    finally:
        program.kill()


async def cut_a_connection(database_url: str) -> None:
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"
        )


async def whole_log(database_url: str) -> list[Stored]:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        rows = await connection.execute(
            "SELECT notification_id, originator_id, originator_version, topic, state FROM events "
            "ORDER BY notification_id",
        )
        return [Stored(*row) for row in await rows.fetchall()]


@pytest.fixture
def chance() -> random.Random:
    seed = random.SystemRandom().randrange(1_000_000)
    logger.warning("seed %d", seed)
    return random.Random(seed)


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
