"""What closing a month costs, and looking behind a figure, when there are ten years of visits."""

import statistics
from collections.abc import AsyncGenerator
from random import Random
from time import perf_counter
from typing import LiteralString

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from bench.servers import Bench, opened
from bench.table import Row, below
from services.reporting.domain.account import canonical, statistics_data, year_before
from services.reporting.domain.cuts import LIVE, Cuts
from services.reporting.views import STATISTICS
from services.reporting.views import statistics_reading as reading
from services.reporting.views.kept_figures import TABLES as TABLES_KEPT
from services.reporting.views.kept_figures import Remembering, keep, kept_of
from services.reporting.views.statistics_entries import EntriesPage, Figure, entries_of, place
from shared.calendar import Period
from shared.view import TABLES, make_schema

A_MONTH = 7_500
"""Visits in every month of the history, the one that is closed included."""
SMALL, LARGE = 100_000, 1_000_000
"""Visits in the history."""
LAST = Period(2026, 10)
ROUNDS = 5
PAGES = 400

_SEED: LiteralString = """
WITH visits AS MATERIALIZED (
    SELECT n, (date '2026-10-01' - make_interval(months => n / %(a_month)s))::date AS month,
        (date '2026-10-01' - make_interval(months => n / %(a_month)s) + make_interval(days => n %% 28))::date AS day,
        md5('order' || n)::uuid AS work_order, md5('ticket' || n)::uuid AS ticket
    FROM generate_series(%(first)s::int, %(last)s::int - 1) n
), orders AS (
    INSERT INTO view_statistics.orders (work_order, position, number, purpose, ticket, customer, customer_name, region,
        product, product_name, coverage)
    SELECT work_order, n * 8 + 1, 'PG-' || n,
        (ARRAY['repair', 'replacement', 'routine_visit', 'training', 'commissioning'])[n %% 5 + 1], ticket,
        md5('customer' || n %% 2000)::uuid, 'customer', 'region' || n %% 12, md5('product' || n %% 60)::uuid, 'product',
        'unknown'
    FROM visits
), coverages AS (
    INSERT INTO view_statistics.coverages (ticket, position, verdict, by_contract, contract)
    SELECT ticket, n * 4 + 1, CASE WHEN n %% 3 = 0 THEN 'out_of_warranty' ELSE 'in_warranty' END, n %% 7 = 0, NULL
    FROM visits
)
INSERT INTO view_statistics.entries (source, position, part, kind, month, day, at, recorded_at, event, work_order,
    visit, engineer, quantity, amount, facts)
SELECT 'dispatch', n * 8 + 2 + k, 0, kind, month, day, day + time '02:00' + make_interval(secs => n %% 20000),
    day + time '03:00', CASE kind WHEN 'visit' THEN 'VisitArrived' ELSE 'CostAdded' END, work_order,
    CASE kind WHEN 'visit' THEN md5('visit' || n)::uuid END, CASE kind WHEN 'visit' THEN 'E' || n %% 200 END, 1,
    CASE WHEN kind <> 'visit' THEN (n %% 900) + 0.25 END, '{}'
FROM visits CROSS JOIN unnest(ARRAY['visit', 'people', 'travel', 'material', 'freight']) WITH ORDINALITY AS e(kind, k)
WHERE kind IN ('visit', 'people', 'travel') OR n %% 2 = 0
"""
"""Visits number ``first`` to ``last``: number 0 is in the last month, and each month before has as many."""
_NAMES: tuple[LiteralString, ...] = (
    "INSERT INTO view_statistics.customers (customer, position, name, region) "
    "SELECT md5('customer' || n)::uuid, n + 1, '客户' || n, '华东' FROM generate_series(0, 1999) n",
    "INSERT INTO view_statistics.products (product, position, name) "
    "SELECT md5('product' || n)::uuid, n + 1, '产品' || n FROM generate_series(0, 59) n",
)


_UNLOGGED: tuple[LiteralString, ...] = (
    "ALTER TABLE view_statistics.entries SET UNLOGGED",
    "ALTER TABLE view_statistics.orders SET UNLOGGED",
    "ALTER TABLE view_statistics.coverages SET UNLOGGED",
)
"""Nothing of it outlives the measurement, and reading is the same."""
_WITHOUT_INDEXES: tuple[LiteralString, ...] = (
    "ALTER TABLE view_statistics.entries DROP CONSTRAINT entries_pkey",
    "ALTER TABLE view_statistics.orders DROP CONSTRAINT orders_pkey",
    "ALTER TABLE view_statistics.coverages DROP CONSTRAINT coverages_pkey",
    "DROP INDEX view_statistics.entries_month",
    "DROP INDEX view_statistics.entries_visit",
)
_INDEXES: tuple[LiteralString, ...] = (
    "ALTER TABLE view_statistics.entries ADD PRIMARY KEY (source, position, part)",
    "ALTER TABLE view_statistics.orders ADD PRIMARY KEY (work_order, position)",
    "ALTER TABLE view_statistics.coverages ADD PRIMARY KEY (ticket, position)",
    "CREATE INDEX entries_month ON view_statistics.entries (month, at, source, position, part)",
    "CREATE INDEX entries_visit ON view_statistics.entries (visit, position, part) WHERE visit IS NOT NULL",
)
"""As the view has them."""


async def rows(bench: Bench) -> AsyncGenerator[Row, None]:
    """``month_close_s``, how it grows with the history, and ``drilldown_ms_p99``."""
    async with opened(await bench.database(), TABLES, "reporting", ()) as (_, pool):
        async with pool.connection() as connection:
            await make_schema(connection, STATISTICS, STATISTICS.schema)
            for statement in _NAMES:
                await connection.execute(statement)
        await _grow(pool, 0, SMALL)
        small = await _closing(pool)
        yield Row("month_close_small_s", round(small, 2), "s", f"{A_MONTH:,} visits a month, {SMALL:,} in the history")
        await _grow(pool, SMALL, LARGE)
        large = await _closing(pool)
        of = f"{A_MONTH:,} visits a month, {LARGE:,} in the history"
        yield below("month_close_s", large, "s", f"{of}; the months beside it were closed before")
        cold = await _closing(pool, kept=False)
        yield Row("month_close_cold_s", round(cold, 2), "s", f"{of}; nothing is kept, as when it is proved")
        yield below("month_close_vs_small_history", large / small, "×", f"{SMALL:,} in the history: {small:.2f} s")
        took = await _looking(pool)
        yield below("drilldown_ms_p99", statistics.quantiles(took, n=100)[98], "ms", f"{PAGES} pages of 50, {of}")


async def _grow(pool: AsyncConnectionPool, first: int, last: int) -> None:
    """In steps, so that no statement holds too much; the indexes are made when all is there."""
    async with pool.connection() as connection:
        for statement in (*_UNLOGGED, *_WITHOUT_INDEXES):
            await connection.execute(statement)
        for begin in range(first, last, SMALL):
            said = {"first": begin, "last": min(last, begin + SMALL), "a_month": A_MONTH}
            await connection.execute(_SEED, said)
        for statement in _INDEXES:
            await connection.execute(statement)
        for table in ("entries", "orders", "coverages", "customers", "products", "tickets"):
            await connection.execute(f"VACUUM ANALYZE view_statistics.{table}")


async def _closing(pool: AsyncConnectionPool, *, kept: bool = True) -> float:
    """Seconds from the cut-off to the data of the report: the month, its adjustments, the month before, a year before,
    all split; the median. With ``kept``, the latter two were closed before, as they are in a company that goes on."""
    took, beside = [], [(LAST.previous, LIVE), (year_before(LAST), LIVE)]
    async with pool.connection() as connection:
        await connection.execute(TABLES_KEPT)
    for turn in range(1 + ROUNDS):
        began = perf_counter()
        remembering = Remembering(await kept_of(pool, beside) if kept else {})
        async with reading.one_state(pool) as connection:
            account = await reading.account_of(connection, LAST, Cuts(LIVE, LIVE), remembering.figures_of)
        data = canonical(statistics_data(account))
        took.append(perf_counter() - began)
        if turn == 0:
            await keep(pool, remembering.made)
        assert account.month.all.person_times == account.last_year.all.person_times == A_MONTH
        assert len(data) > 1_000
    return statistics.median(took[1:])


async def _looking(pool: AsyncConnectionPool) -> list[float]:
    """Milliseconds of each page: of any figure, of any region or of all, the first page or a later one."""
    chance, took = Random(1), []
    async with reading.one_state(pool) as connection:
        for _ in range(PAGES):
            asked: dict[str, str] = {"figure": chance.choice(list(Figure))}
            if chance.random() < 0.5:
                asked |= {"region": f"region{chance.randint(0, 11)}"}
            page = EntriesPage.model_validate(asked)
            took.append(await _page(connection, page))
    return took


async def _page(connection: AsyncConnection, page: EntriesPage) -> float:
    """The second page: what the first one's cursor leads to."""
    first = await entries_of(connection, LAST, page, LIVE, None)
    following = page.model_copy(update={"cursor": page.cursor_at(place(first[-2]))}) if len(first) > 2 else page
    began = perf_counter()
    await entries_of(connection, LAST, following, LIVE, None)
    return (perf_counter() - began) * 1000
