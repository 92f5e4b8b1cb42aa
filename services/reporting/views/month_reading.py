"""How the board of the running month is read: what it has come to so far, beside the same days of other months.

The figures are those of the month's statistics (5.4), as they are known now; nothing here is a rule of its own.
"""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from psycopg import AsyncConnection, sql
from psycopg.rows import dict_row
from pydantic import BaseModel, Field

from services.reporting.domain.figures import Figures
from services.reporting.views.published.statistics import figures
from shared.calendar import day_of

COUNTED = ("opened", "closed", "answer_overdue", "complaint", "late", "survey")
"""Kinds of contributions that are shown as counts beside the figures."""


class MonthSoFar(BaseModel):
    """A month up to a day, that day included."""

    month: date
    until: date
    figures: Figures
    counts: dict[str, int] = Field(
        description="opened 受理, closed 关闭, answer_overdue 答复超时, complaint 投诉, late 到场逾期, survey 答卷"
    )


class DayTotal(BaseModel):
    """What has come together by the end of a day of the month; CNY."""

    day: int
    total: Decimal


class MonthBoard(BaseModel):
    """The month so far beside the same days of last month, and of the same month last year."""

    now: MonthSoFar
    last_month: MonthSoFar
    last_year: MonthSoFar
    course: list[DayTotal] = Field(description="本月累计 · this month, day by day, summed up")
    course_last_month: list[DayTotal]


_FIGURES = figures(sql.SQL("e.month = %(month)s AND e.day <= %(until)s"))
_OF_ALL = sql.SQL("SELECT * FROM ({}) f WHERE split = 'all'").format(_FIGURES)
_COUNTS = (
    "SELECT kind, sum(quantity) FROM view_statistics.entries "
    "WHERE month = %(month)s AND day <= %(until)s AND kind = ANY(%(kinds)s) GROUP BY kind"
)
_COURSE = (
    "SELECT extract(day FROM day)::int, sum(amount) FROM view_statistics.entries "
    "WHERE month = %s AND amount IS NOT NULL GROUP BY 1 ORDER BY 1"
)


async def month_board(connection: AsyncConnection, now: datetime) -> MonthBoard:
    """The board as it is ``now``."""
    today = day_of(now)
    before = _same_day(today.year - (today.month == 1), (today.month - 2) % 12 + 1, today.day)
    year_before = _same_day(today.year - 1, today.month, today.day)
    async with connection.transaction():
        await connection.execute("SELECT set_config('search_path', 'view_statistics, public', true)")
        shown = [await _so_far(connection, day) for day in (today, before, year_before)]
    return MonthBoard(
        now=shown[0],
        last_month=shown[1],
        last_year=shown[2],
        course=await _course(connection, today, today.day),
        course_last_month=await _course(connection, before, monthrange(before.year, before.month)[1]),
    )


async def _so_far(connection: AsyncConnection, until: date) -> MonthSoFar:
    month = until.replace(day=1)
    asked: Mapping[str, object] = {"month": month, "until": until, "kinds": list(COUNTED)}
    cursor = connection.cursor(row_factory=dict_row)
    await cursor.execute(_OF_ALL, asked)
    row = await cursor.fetchone() or {}
    known = {name: value for name, value in row.items() if name in Figures.model_fields}
    rows = await connection.execute(_COUNTS, asked)
    counts: dict[str, int] = dict(await rows.fetchall())
    return MonthSoFar(
        month=month, until=until, figures=Figures(**known), counts={kind: counts.get(kind, 0) for kind in COUNTED}
    )


async def _course(connection: AsyncConnection, day: date, last: int) -> list[DayTotal]:
    rows = await connection.execute(_COURSE, (day.replace(day=1),))
    amounts: dict[int, Decimal] = dict(await rows.fetchall())
    total, course = Decimal("0.00"), []
    for number in range(1, last + 1):
        total += amounts.get(number, Decimal(0))
        course.append(DayTotal(day=number, total=total))
    return course


def _same_day(year: int, month: int, day: int) -> date:
    """That day of another month, or its last."""
    return date(year, month, min(day, monthrange(year, month)[1]))
