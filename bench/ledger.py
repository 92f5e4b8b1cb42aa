"""How long the ledger takes to answer as of a past moment: what happened, and was known, by then."""

import random
import statistics
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from time import perf_counter
from uuid import UUID, uuid4

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from bench.servers import Bench, opened
from bench.table import Row, below
from services.penalties.views import ledger_reading
from services.penalties.views.ledger import LEDGER
from services.penalties.views.ledger_reading import DemeritsFilter, LedgerFilter
from shared import projection
from shared.eventlog import Recorded
from shared.events.base import Metadata, Source
from shared.events.penalties import Consequence, ConsequenceKind, Mode, PenaltyImposed
from shared.view import make_schema

ENTRIES, ENGINEERS, DAYS = 100_000, 500, 365
BATCH = 1_000
TURNS = 30
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
PAST = BEGIN + timedelta(days=DAYS // 2)
"""Half of the entries have happened by then."""
_CHANCE = random.Random(20260101)


async def rows(bench: Bench) -> AsyncGenerator[Row, None]:
    """``as_of_ms``: the median of one engineer's whole ledger (entries, balances by month, demerits), as it happened by
    a past moment and was known a day later; beside it, the balances of everybody."""
    async with opened(await bench.database(), projection.TABLES) as (_, pool):
        await _filled(pool)
        one = statistics.median([await _one(pool, f"E{turn:03}") for turn in range(TURNS)][TURNS // 10 :])
        everybody = statistics.median([await _everybody(pool) for _ in range(TURNS)][TURNS // 10 :])
    peer = f"{ENTRIES:,} entries; the balances of all {ENGINEERS} engineers: {everybody:.0f} ms"
    yield below("as_of_ms", one, "ms", peer)


async def _one(pool: AsyncConnectionPool, engineer: str) -> float:
    about = {"engineer": engineer, "as_of": PAST, "known_at": PAST + timedelta(days=1)}
    began = perf_counter()
    entries = await ledger_reading.entries(pool, LedgerFilter(**about), limit=51)
    balances = await ledger_reading.balances(pool, LedgerFilter(**about))
    await ledger_reading.demerits(pool, DemeritsFilter(**about), PAST)
    took = perf_counter() - began
    assert len(entries) == 51
    assert max(entry["at"] for entry in entries) <= PAST
    assert sum(row["entries"] for row in balances) >= 51
    return took * 1000


async def _everybody(pool: AsyncConnectionPool) -> float:
    began = perf_counter()
    balances = await ledger_reading.balances(pool, LedgerFilter(as_of=PAST, known_at=PAST + timedelta(days=1)))
    took = perf_counter() - began
    assert len({row["engineer"] for row in balances}) == ENGINEERS
    return took * 1000


async def _filled(pool: AsyncConnectionPool) -> None:
    """The view as its own code makes it of events."""
    async with pool.connection() as connection:
        await make_schema(connection, LEDGER, LEDGER.schema)
        for first in range(1, ENTRIES + 1, BATCH):
            await _take_in(connection, [_imposed(first + place) for place in range(BATCH)])
        await connection.execute("ANALYZE")


async def _take_in(connection: AsyncConnection, batch: list[Recorded[PenaltyImposed]]) -> None:
    async with connection.transaction():
        await connection.execute("SELECT set_config('search_path', %s, true)", (f"{LEDGER.schema}, public",))
        await LEDGER.apply(connection, batch)


def _imposed(position: int) -> Recorded[PenaltyImposed]:
    at = BEGIN + timedelta(days=DAYS) * _CHANCE.random()
    event = PenaltyImposed(
        at=at,
        penalty=uuid4(),
        number=f"CF-{position}",
        engineer=f"E{position % ENGINEERS:03}",
        rule="4.5",
        clause="4.5",
        consequence=Consequence(kind=ConsequenceKind.FINE, amount=Decimal("50.00")),
        mode=Mode.MONEY,
        region="华北",
        amount=Decimal("50.00"),
        allowance=False,
        score=0,
        happened_at=at,
        reasons="迟到",
        appeal_due=at + timedelta(days=7),
        imposed_by="zhao.min",
    )
    meta = Metadata(
        actor="zhao.min",
        source=Source.WEB,
        correlation_id=UUID(int=position),
        causation_id=None,
        occurred_at=at,
        recorded_at=at + timedelta(hours=_CHANCE.random() * 48),
        schema_version=1,
        traceparent=None,
    )
    return Recorded("penalties", event.penalty, 1, position, event, meta)
