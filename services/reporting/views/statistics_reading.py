"""How the months' figures are read, and the entries behind each of them.

Everything follows from the month and the cut-offs: an entry counts where its position is within, and what it was for is
what was known there. Nothing is asked of the rest of the history, so a month costs what it holds.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from psycopg import AsyncConnection, sql
from psycopg.errors import InvalidSchemaName, UndefinedTable
from psycopg.rows import class_row, namedtuple_row
from psycopg_pool import AsyncConnectionPool

from services.reporting.domain.account import Account, Late, year_before
from services.reporting.domain.cuts import Cut, Cuts
from services.reporting.domain.figures import EMPTY, Attendance, Cost, Named, Statistics, Subject, statistics
from shared.calendar import Period
from shared.events.dispatch import CostKind
from shared.events.tickets import CoverageVerdict, Purpose
from shared.view import View

COSTS = tuple(kind.value for kind in CostKind)
COUNTED = ("visit", *COSTS)
"""The kinds of entries that the figures are made of."""

# --- the query --------------------------------------------------------------------------------------------------------

WITHIN = sql.SQL("e.position <= CASE e.source WHEN 'dispatch' THEN %(dispatch)s ELSE %(tickets)s END")
BETWEEN = sql.SQL("""(
    e.source = 'dispatch' AND e.position > %(since_dispatch)s AND e.position <= %(dispatch)s
    OR e.source = 'tickets' AND e.position > %(since_tickets)s AND e.position <= %(tickets)s)""")
KNOWN = sql.SQL("""
LEFT JOIN LATERAL (SELECT * FROM view_statistics.orders x WHERE x.work_order = e.work_order
    AND x.position <= %(dispatch)s ORDER BY x.position DESC LIMIT 1) o ON true
LEFT JOIN LATERAL (SELECT * FROM view_statistics.tickets x WHERE x.ticket = coalesce(o.ticket, e.ticket)
    AND x.position <= %(tickets)s ORDER BY x.position DESC LIMIT 1) t ON true
LEFT JOIN LATERAL (SELECT * FROM view_statistics.coverages x WHERE x.ticket = coalesce(o.ticket, e.ticket)
    AND x.position <= %(tickets)s ORDER BY x.position DESC LIMIT 1) v ON true
LEFT JOIN LATERAL (SELECT * FROM view_statistics.customers x WHERE x.customer = coalesce(o.customer, t.customer)
    AND x.position <= %(tickets)s ORDER BY x.position DESC LIMIT 1) c ON true
LEFT JOIN LATERAL (SELECT * FROM view_statistics.products x WHERE x.product = coalesce(o.product, t.product)
    AND x.position <= %(tickets)s ORDER BY x.position DESC LIMIT 1) p ON true
""")
"""What was known, at the cut-off, of the work of a row ``e`` with ``work_order`` and ``ticket``."""
SUBJECT: Mapping[str, sql.SQL] = {
    "product": sql.SQL("coalesce(o.product::text, t.product::text, o.product_name, t.product_name)"),
    "product_name": sql.SQL("coalesce(p.name, o.product_name, t.product_name)"),
    "region": sql.SQL("coalesce(o.region, c.region)"),
    "customer": sql.SQL("coalesce(o.customer::text, t.customer::text, o.customer_name, t.customer_name)"),
    "customer_name": sql.SQL("coalesce(c.name, o.customer_name, t.customer_name)"),
    "purpose": sql.SQL("o.purpose"),
    "warranty": sql.SQL("coalesce(v.verdict, nullif(o.coverage, 'unknown'), t.coverage, 'unknown')"),
    "contract": sql.SQL("(o.contract IS NOT NULL OR coalesce(v.by_contract, false))"),
}
"""Of that work, what its figures are split by; ``contract``: a contract's scope covers it (D25)."""
SUBJECT_COLUMNS = sql.SQL(", ").join(sql.SQL("{} AS {}").format(how, sql.Identifier(n)) for n, how in SUBJECT.items())

NUMBER = sql.SQL("""coalesce(
    (SELECT x.number FROM view_statistics.tickets x WHERE x.ticket = coalesce(o.ticket, e.ticket)
        AND x.number IS NOT NULL AND x.position <= %(tickets)s ORDER BY x.position LIMIT 1), o.number)""")
"""What people call that work: the ticket's number, or the work order's where it has no ticket."""


def of_cut(cut: Cut, since: Cut | None = None) -> dict[str, Any]:
    """The parameters of ``WITHIN``, ``KNOWN`` and ``BETWEEN``."""
    return {**cut, **({f"since_{source}": position for source, position in since.items()} if since else {})}


def first_day(period: Period) -> date:
    return date(period.year, period.month, 1)


# --- figures ----------------------------------------------------------------------------------------------------------


_Work = tuple[str | None, str | None]
"""What an entry is of: a work order of dispatch's, or a ticket of a paper register's. Ids as text: a month has tens of
thousands, and as objects they would cost more than all else."""


class _Sum(NamedTuple):
    """Entries of one work, month, kind, and of one engineer and day, summed."""

    work_order: str | None
    ticket: str | None
    month: date
    kind: str
    engineer: str | None
    day: date | None
    times: int
    amount: Decimal | None


_SUMS = sql.SQL("""
SELECT e.work_order::text, CASE WHEN e.source <> 'dispatch' THEN e.ticket::text END AS ticket, e.month, e.kind,
    e.engineer, CASE WHEN e.kind = 'visit' THEN e.day END AS day, sum(e.quantity)::int AS times, sum(e.amount) AS amount
FROM view_statistics.entries e WHERE e.kind = ANY(%(kinds)s) AND {} GROUP BY 1, 2, 3, 4, 5, 6
""")
_SUBJECTS = sql.SQL("""
SELECT {} FROM unnest(%(orders)s::text[]::uuid[], %(subjects)s::text[]::uuid[])
    WITH ORDINALITY AS e(work_order, ticket, n) {} ORDER BY n
""").format(SUBJECT_COLUMNS, KNOWN)


async def _sums(connection: AsyncConnection, which: sql.Composable, values: Mapping[str, Any]) -> list[_Sum]:
    cursor = connection.cursor(binary=True)
    await cursor.execute(_SUMS.format(which), {"kinds": list(COUNTED), **values})
    return [_Sum._make(row) for row in await cursor.fetchall()]


async def _subjects(connection: AsyncConnection, works: Iterable[_Work], cut: Cut) -> dict[_Work, Subject]:
    """What was known of each at the cut-off."""
    wanted = list(dict.fromkeys(works))
    cursor = connection.cursor(row_factory=namedtuple_row, binary=True)
    arrays = {"orders": [order for order, _ in wanted], "subjects": [ticket for _, ticket in wanted]}
    await cursor.execute(_SUBJECTS, {**of_cut(cut), **arrays})
    return {work: subject_of(row) for work, row in zip(wanted, await cursor.fetchall(), strict=True)}


_PURPOSES = {purpose.value: purpose for purpose in Purpose}
_VERDICTS = {verdict.value: verdict for verdict in CoverageVerdict}
_KINDS = {kind.value: kind for kind in CostKind}


def subject_of(row: Any) -> Subject:
    return Subject(
        product=Named(row.product, row.product_name),
        region=Named(row.region, row.region),
        customer=Named(row.customer, row.customer_name),
        purpose=_PURPOSES[row.purpose] if row.purpose else None,
        warranty=_VERDICTS[row.warranty],
        contract=row.contract,
    )


def _costs(sums: Iterable[_Sum], subjects: Mapping[_Work, Subject]) -> list[Cost]:
    return [Cost(subjects[s[:2]], _KINDS[s.kind], s.amount) for s in sums if s.amount is not None]


def _attendances(sums: Iterable[_Sum], subjects: Mapping[_Work, Subject]) -> list[Attendance]:
    return [Attendance(subjects[s[:2]], s.engineer, s.day, s.times) for s in sums if s.day and s.engineer is not None]


_IN_MONTH = sql.SQL("e.month = %(month)s AND {}").format(WITHIN)


async def figures_of(connection: AsyncConnection, period: Period, cut: Cut) -> Statistics:
    """What the month's own events come to, as far as they lie within the cut-off."""
    sums = await _sums(connection, _IN_MONTH, {"month": first_day(period), **of_cut(cut)})
    subjects = await _subjects(connection, (s[:2] for s in sums), cut)
    return statistics(_costs(sums, subjects), _attendances(sums, subjects))


_LATE = sql.SQL("e.month < %(month)s AND {}").format(BETWEEN)
_THEN = sql.SQL("e.month = ANY(%(months)s) AND e.kind = 'visit' AND e.engineer = ANY(%(engineers)s) AND {}").format(
    WITHIN
)


async def adjustments_of(connection: AsyncConnection, period: Period, cut: Cut, since: Cut) -> Statistics:
    """By how much what was learned since the last cut-off changes the months before. Persons and person-days are those
    that the month in question hadn't counted yet."""
    late = await _sums(connection, _LATE, {"month": first_day(period), **of_cut(cut, since)})
    months, engineers = {s.month for s in late}, {s.engineer for s in late if s.engineer}
    asked = {"months": list(months), "engineers": list(engineers), **of_cut(since)}
    before = await _sums(connection, _THEN, asked) if engineers else []
    subjects = await _subjects(connection, (s[:2] for s in [*late, *before]), cut)
    found = EMPTY
    for month in sorted(months):
        known = _attendances((s for s in before if s.month == month), subjects)
        news = [s for s in late if s.month == month]
        now = statistics(_costs(news, subjects), [*known, *_attendances(news, subjects)])
        found += now - statistics([], known)
    return found


# --- all of a month ---------------------------------------------------------------------------------------------------

_LATE_ENTRIES = sql.SQL("""
SELECT e.month, e.kind, e.source, e.position, e.event, e.at AS happened_at, e.recorded_at, e.work_order,
    sum(e.quantity)::int AS quantity, sum(e.amount) AS amount
FROM view_statistics.entries e WHERE e.kind = ANY(%(kinds)s) AND {}
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY e.month, e.source, e.position, e.kind, e.at
""").format(_LATE)


FiguresOf = Callable[[AsyncConnection, Period, Cut], Awaitable[Statistics]]
"""Gives a month's figures at a cut-off: ``figures_of``, or something that remembers them."""


async def account_of(
    connection: AsyncConnection, period: Period, cuts: Cuts, figures_at: FiguresOf = figures_of
) -> Account:
    """All of a month. The connection has to show one state of the view throughout."""
    month = await figures_at(connection, period, cuts.at)
    previous = await figures_at(connection, period.previous, cuts.previous)
    last_year = await figures_at(connection, year_before(period), cuts.last_year or cuts.at)
    if cuts.since is None:
        return Account(period, cuts, month, EMPTY, (), previous, last_year)
    adjustments = await adjustments_of(connection, period, cuts.at, cuts.since)
    cursor = connection.cursor(row_factory=class_row(Late))
    values = {"kinds": list(COUNTED), "month": first_day(period), **of_cut(cuts.at, cuts.since)}
    await cursor.execute(_LATE_ENTRIES, values)
    return Account(period, cuts, month, adjustments, await cursor.fetchall(), previous, last_year)


async def held(connection: AsyncConnection, view: View) -> dict[str, dict[int, int]]:
    """How far a view is in each partition of its sources."""
    positions = sql.Identifier(view.schema, "positions")
    rows = await connection.execute(sql.SQL("SELECT source, partition, position FROM {}").format(positions))
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for source, partition, position in await rows.fetchall():
        found[source][partition] = position
    return found


@asynccontextmanager
async def one_state(pool: AsyncConnectionPool) -> AsyncIterator[AsyncConnection]:
    """A connection on which all questions see the same state. Raises ``NotBuilt``."""
    try:
        async with pool.connection() as connection, connection.transaction():
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield connection
    except (UndefinedTable, InvalidSchemaName) as error:
        raise NotBuilt from error


class NotBuilt(Exception):
    """The figures aren't there: they are being built for the first time."""
