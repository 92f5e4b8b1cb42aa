"""How long a proposal of engineers takes, from the question to the reasons in words: all that is read, and judged."""

import random
import statistics
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from time import perf_counter
from uuid import UUID, uuid4

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from bench.servers import Bench, opened
from bench.table import Row, below
from services.dispatch import places, staff
from services.dispatch.views import proposals
from services.dispatch.views.board import BOARD
from services.dispatch.views.people import PEOPLE
from shared import projection
from shared.calendar import DAY, day_of
from shared.events.dispatch import ProposalTerms, VisitPlanned
from shared.events.tickets import Purpose
from shared.view import make_schema

ENGINEERS, VISITS, DAYS = 500, 5_000, 7
"""The visits lie on these days, around the one that is asked for."""
TURNS = 30
SHOWN = 20
NINE = datetime(2026, 10, 8, 1, 0, tzinfo=UTC)
"""Thursday 8 October 2026, 09:00 in Shanghai."""
_CHANCE = random.Random(20261008)


async def rows(bench: Bench) -> AsyncGenerator[Row, None]:
    """``propose_engineers_ms``: the median."""
    url = await bench.database()
    tables = projection.TABLES + places.TABLES + staff.TABLES
    async with opened(url, tables) as (_, pool):
        visit = await _company(pool)
        took = [await _asked(pool, visit) for _ in range(TURNS)][TURNS // 10 :]
    yield below(
        "propose_engineers_ms",
        statistics.median(took),
        "ms",
        f"{ENGINEERS} engineers, {VISITS:,} visits in {DAYS} days",
    )


async def _asked(pool: AsyncConnectionPool, visit: VisitPlanned) -> float:
    began = perf_counter()
    found = await proposals.proposed(pool, visit, NINE, ProposalTerms())
    shown = [proposals.shown(one, "zh") for one in found.engineers[:SHOWN]]
    took = perf_counter() - began
    assert (len(found.engineers), len(shown)) == (ENGINEERS, SHOWN)
    return took * 1000


async def _company(pool: AsyncConnectionPool) -> VisitPlanned:
    """Engineers with bases and rosters, sites with places, and a week of visits; the visit that nobody has yet."""
    sites = [uuid4() for _ in range(400)]
    async with pool.connection() as connection, connection.transaction():
        for view in (PEOPLE, BOARD):
            await make_schema(connection, view, view.schema)
        await _engineers(connection)
        await connection.cursor().executemany(
            "INSERT INTO places VALUES (%s, %s, %s, NULL, %s, 'bench')", [(site, *_place(), NINE) for site in sites]
        )
        await _visits(connection, sites)
    async with pool.connection() as connection:
        await connection.execute("ANALYZE")
    return _visit(sites[0])


async def _engineers(connection: AsyncConnection) -> None:
    names = [f"E{number:03}" for number in range(ENGINEERS)]
    days = [day_of(NINE) + step * DAY for step in range(-DAYS, DAYS + 1)]
    cursor = connection.cursor()
    await cursor.executemany(
        "INSERT INTO view_people.engineers (engineer, skills, region, base_city, active) VALUES (%s, %s, %s, %s, true)",
        [(name, _CHANCE.sample(["灭鼠", "灭蟑", "培训", "安装"], 2), "华东", "上海") for name in names],
    )
    await cursor.executemany(
        "INSERT INTO engineer_contacts VALUES (%s, NULL, %s, %s, %s, NULL)", [(name, *_place(), NINE) for name in names]
    )
    await cursor.executemany(
        "INSERT INTO view_people.duty_days VALUES (%s, %s, '[]', 'Asia/Shanghai')",
        [(name, day) for name in names for day in days if _CHANCE.random() < 0.8],
    )


async def _visits(connection: AsyncConnection, sites: list[UUID]) -> None:
    visits, slots = [], []
    for number in range(VISITS):
        engineer, step, hour = f"E{number % ENGINEERS:03}", number // ENGINEERS % DAYS, number // ENGINEERS // DAYS
        begins = NINE + (step - DAYS // 2) * DAY + timedelta(hours=2 + 3 * hour)
        ends, visit = begins + timedelta(hours=1), uuid4()
        visits.append((visit, f"SM-{number}", uuid4(), _CHANCE.choice(sites), engineer, NINE, begins, begins, ends))
        slots.append((engineer, day_of(begins), visit, begins, ends))
    cursor = connection.cursor()
    await cursor.executemany(
        "INSERT INTO view_board.visits (visit, number, work_order, site, assigned_to, assigned_at, agreed_arrival, "
        "starts_at, ends_at, purpose, skills, minutes) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'repair', '{}', 60)",
        visits,
    )
    await cursor.executemany("INSERT INTO view_board.slots VALUES (%s, %s, %s, %s, %s)", slots)


def _place() -> tuple[float, float]:
    """Somewhere in the city."""
    return 31.0 + _CHANCE.random() * 0.5, 121.2 + _CHANCE.random() * 0.6


def _visit(site: UUID) -> VisitPlanned:
    return VisitPlanned(
        at=NINE,
        visit=uuid4(),
        number="SM-20261008-000000",
        work_order=uuid4(),
        ticket=None,
        purpose=Purpose.REPAIR,
        customer=None,
        customer_name=None,
        site=site,
        site_name=None,
        city="上海",
        region="华东",
        skills=("灭鼠",),
        wanted_from=None,
        wanted_until=None,
        minutes=60,
    )
