"""What the monthly item report is made of (5.4.5): all entries of a month, with the item that each belongs to."""

from typing import Any

from psycopg import AsyncConnection, sql
from psycopg.rows import namedtuple_row

from services.reporting.domain.cuts import Cut, Cuts
from services.reporting.domain.items import Fact, ItemsData, items_data
from services.reporting.views.statistics_reading import (
    BETWEEN,
    KNOWN,
    NUMBER,
    SUBJECT_COLUMNS,
    WITHIN,
    first_day,
    of_cut,
    subject_of,
)
from shared.calendar import Period

_FACTS = sql.SQL("""
SELECT coalesce(o.ticket, e.ticket, e.work_order, e.item, e.visit) AS item,
    coalesce({number}, e.facts->>'number') AS number,
    coalesce(o.lot, t.lot) AS lot, e.kind, e.source, e.position, e.event, e.month, e.at, e.recorded_at, e.visit,
    e.engineer, e.quantity, e.amount, e.facts, {columns}
FROM view_statistics.entries e {known} WHERE {which}
""")
_OF_MONTH = sql.SQL("e.month = %(month)s AND {}").format(WITHIN)
_LATE = sql.SQL("e.month < %(month)s AND {}").format(BETWEEN)


async def items_of(connection: AsyncConnection, period: Period, cuts: Cuts) -> ItemsData:
    """The report of a month. The connection has to show one state of the view throughout."""
    facts = await _facts(connection, _OF_MONTH, period, cuts.at)
    late = await _facts(connection, _LATE, period, cuts.at, cuts.since) if cuts.since else []
    return items_data(period, cuts, facts, late)


async def _facts(
    connection: AsyncConnection, which: sql.Composable, period: Period, cut: Cut, since: Cut | None = None
) -> list[Fact]:
    cursor = connection.cursor(row_factory=namedtuple_row)
    query = _FACTS.format(number=NUMBER, columns=SUBJECT_COLUMNS, known=KNOWN, which=which)
    await cursor.execute(query, {"month": first_day(period), **of_cut(cut, since)})
    rows: list[Any] = await cursor.fetchall()
    return [
        Fact(
            item=row.item,
            number=row.number,
            subject=subject_of(row),
            lot=row.lot,
            kind=row.kind,
            source=row.source,
            position=row.position,
            event=row.event,
            month=row.month,
            at=row.at,
            recorded_at=row.recorded_at,
            visit=row.visit,
            engineer=row.engineer,
            quantity=row.quantity,
            amount=row.amount,
            facts=row.facts,
        )
        for row in rows
    ]
