"""Timers are killed at random while they make the occurrences of visit programmes: each occurrence comes once, and with
it one work order for everybody whom it is for (2.3)."""

import asyncio
import logging
import random
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg

from services.dispatch.app import service
from services.dispatch.domain import programme
from services.dispatch.domain.identity import routine_work_order_id
from services.dispatch.domain.programme import PlanProgramme
from services.dispatch.views.clientele import CLIENTELE
from shared.calendar import day_of
from shared.clock import SystemClock
from shared.eventlog import EventLog, Streams, decode, migrate
from shared.events import dispatch as fact
from shared.view import TABLES, make_schema
from tests.faults import programme_timer
from tests.faults.programs import SECONDS, cut_a_connection, running, whole_log
from tests.tally_log import by, opened, until

logger = logging.getLogger(__name__)
WORKERS = 3
PROGRAMMES = 10
CUSTOMERS = [uuid4() for _ in range(3)]
DAYS = max(5, round(2 * SECONDS))
"""Occurrences of each programme that the timers have to make up for."""


async def clientele(database_url: str) -> None:
    """Dispatch's view of whom the company serves, as tickets would have told it."""
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await make_schema(connection, CLIENTELE, CLIENTELE.schema)
        rows = [(customer, f"客户{n}", "华东", True) for n, customer in enumerate(CUSTOMERS)]
        await connection.cursor().executemany("INSERT INTO view_clientele.customers VALUES (%s, %s, %s, %s)", rows)


async def plan(log: EventLog) -> dict[UUID, list[date]]:
    """Programmes of a visit a day, planned some days ago: the days that have passed by now."""
    began = datetime.now(UTC) - timedelta(days=DAYS - 1)
    days = [day_of(began) + timedelta(days=n) for n in range(DAYS)]
    streams = [uuid4() for _ in range(PROGRAMMES)]

    async def work(planning: Streams) -> None:
        for stream in streams:
            said = {"name": "每日走访", "region": "华东", "rule": "FREQ=DAILY", "ahead_days": 0}
            wish = PlanProgramme(at=began, by="li.na", programme=stream, starts_on=days[0], ends_on=days[-1], **said)
            await planning.handle(programme, stream, wish, new=True)

    await log.execute(work, by("li.na"))
    return dict.fromkeys(streams, days)


async def made(database_url: str) -> int:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        query = "SELECT count(*) FROM events WHERE topic LIKE '%ProgrammeFellDue%'"
        row = await (await connection.execute(query)).fetchone()
    return int(row[0]) if row else 0


async def has_made(database_url: str, number: int) -> bool:
    return await made(database_url) >= number


async def test_killed_timers_lose_no_occurrence_and_double_none(
    database_url: str, tmp_path: Path, chance: random.Random
) -> None:
    # given programmes of which some days have passed that nobody has acted upon
    await asyncio.to_thread(migrate, database_url, TABLES + service.tables)
    await clientele(database_url)
    async with opened(database_url, *service.deciders, clock=SystemClock()) as log:
        planned = await plan(log)
        wanted, kills = PROGRAMMES * DAYS, 0

        # when several timers make up for them at once, and are killed meanwhile
        with ExitStack() as stack:
            timers = [
                stack.enter_context(running(programme_timer.run, database_url, file=tmp_path / f"timer{n}"))
                for n in range(WORKERS)
            ]
            there = 0
            while there < wanted:
                goal = min(wanted, there + chance.choice((5, 10, 25)))
                await until(lambda goal=goal: has_made(database_url, goal), 60)
                there = await made(database_url)
                victim = chance.choice(timers)
                victim.kill()
                kills += 1
                if chance.random() < 0.3:
                    await cut_a_connection(database_url)
                victim.start()

    # then each day came once, in its order, and each customer has one work order of it
    occurrences: dict[UUID, list[date]] = {stream: [] for stream in planned}
    drafted: Counter[UUID] = Counter()
    for stored in await whole_log(database_url):
        event, _ = decode(stored.topic, stored.state)
        if isinstance(event, fact.ProgrammeFellDue):
            occurrences[event.programme].append(event.occurrence)
        elif isinstance(event, fact.WorkOrderDrafted):
            drafted[event.work_order] += 1
    assert occurrences == planned
    orders = [
        routine_work_order_id(stream, day, customer)
        for stream, days in planned.items()
        for day in days
        for customer in CUSTOMERS
    ]
    assert drafted == Counter(orders)
    logger.warning("%d kills, %d occurrences", kills, wanted)
