"""Workers on deadlines are killed at random; each deadline becomes one event all the same, and soon."""

import asyncio
import logging
import random
from collections import Counter
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg

from shared.clock import SystemClock
from shared.deadlines import LEASE
from shared.eventlog import EventLog, Stored, Streams, decode, migrate
from tests import tally
from tests.faults import timekeeper
from tests.faults.programs import SECONDS, cut_a_connection, running, whole_log
from tests.tally import SetTimer
from tests.tally_log import TALLY, by, opened, until

logger = logging.getLogger(__name__)
WORKERS = 3
PER_SECOND = 50
STARTING = timedelta(seconds=20)
"""A worker that was killed is started again; that may take so long on a busy machine."""


async def arm(log: EventLog, number: int) -> list[UUID]:
    """Timers that ring one after the other, ``PER_SECOND``."""
    first = log.clock.now() + timedelta(seconds=2)
    streams = [uuid4() for _ in range(number)]

    async def work(tallies: Streams) -> None:
        for n, stream in enumerate(streams):
            due = first + timedelta(seconds=n / PER_SECOND)
            await tallies.handle(TALLY, stream, SetTimer(at=log.clock.now(), by="li", due=due), new=True)

    await log.execute(work, by())
    return streams


async def breached(database_url: str) -> int:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        row = await (await connection.execute("SELECT count(*) FROM deadlines WHERE state = 'BREACHED'")).fetchone()
    return int(row[0]) if row else 0


async def has_breached(database_url: str, number: int) -> bool:
    return await breached(database_url) >= number


async def test_killed_workers_lose_no_deadline_and_double_none(
    database_url: str, tmp_path: Path, chance: random.Random
) -> None:
    await asyncio.to_thread(migrate, database_url)
    number = round(PER_SECOND * SECONDS)
    async with opened(database_url, clock=SystemClock()) as log:
        with ExitStack() as stack:
            workers = [
                stack.enter_context(running(timekeeper.run, database_url, file=tmp_path / f"worker{n}"))
                for n in range(WORKERS)
            ]
            streams = await arm(log, number)
            kills = rung = 0
            while rung < number:
                goal = min(number, rung + chance.choice((1, 10, 40)))
                await until(lambda goal=goal: has_breached(database_url, goal), 60)
                rung = await breached(database_url)
                victim = chance.choice(workers)
                victim.kill()
                kills += 1
                if chance.random() < 0.3:
                    await cut_a_connection(database_url)
                victim.start()
    check(streams, await whole_log(database_url))
    logger.warning("%d kills, %d deadlines", kills, number)


def check(streams: list[UUID], log: list[Stored]) -> None:
    rung: Counter[UUID] = Counter()
    due: dict[UUID, datetime] = {}
    late: list[timedelta] = []
    for stored in log:
        event, _ = decode(stored.topic, stored.state)
        if isinstance(event, tally.TimerSet):
            due[stored.stream] = event.due
        elif isinstance(event, tally.TimerRang):
            rung[stored.stream] += 1
            late.append(event.at - due[stored.stream])
    assert rung == Counter(streams)
    assert min(late) >= timedelta()
    assert max(late) < LEASE + STARTING
    logger.warning("late by %s, by %s at most", sorted(late)[len(late) // 2], max(late))
