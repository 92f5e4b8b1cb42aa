"""Processes that are killed, and connections that are cut."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import psycopg

from shared.eventlog import Stored
from tests.faults import board_worker, programme_timer, reader, timekeeper, writer

SECONDS = float(os.environ.get("FAULTS_SECONDS", "3"))
"""For how long things go wrong: ``make test-faults`` takes a minute; without it a few seconds will do."""

PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(
    [each.__name__ for each in (writer, reader, timekeeper, programme_timer, board_worker)]
)


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
    """Every row, read over a connection that nobody cuts."""
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        rows = await connection.execute(
            "SELECT notification_id, originator_id, originator_version, topic, state FROM events "
            "ORDER BY notification_id",
        )
        return [Stored(*row) for row in await rows.fetchall()]
