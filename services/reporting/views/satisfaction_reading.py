"""How the board of satisfaction is read: what customers answered, lately and week by week (D18, D19)."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from pydantic import BaseModel, Field

from shared.calendar import SHANGHAI, day_of

DAYS = 30
WEEKS = 12
FEW = 5
"""With fewer answers, a mean says more about somebody than about something."""


class Answers(BaseModel):
    """Surveys of a span."""

    answered: int
    declined: int
    mean: Decimal | None = Field(description="1 至 5，两位小数 · 1 to 5, two places")
    scores: dict[int, int] = Field(description="各分数的答卷数 · how many gave each score")


class WeekAnswers(BaseModel):
    """A week, Monday to Sunday."""

    week: date = Field(description="星期一 · its Monday")
    answered: int
    mean: Decimal | None


class GroupAnswers(BaseModel):
    """Of a product or a region, in the last 90 days."""

    name: str | None
    answered: int
    mean: Decimal


class SatisfactionBoard(BaseModel):
    """What customers answered."""

    month: Answers = Field(description="本月 · this month")
    last_month: Answers
    last_days: Answers = Field(description="近 30 天 · the last 30 days")
    weeks: list[WeekAnswers] = Field(description="近 12 周 · the last 12 weeks")
    products: list[GroupAnswers] = Field(description="近 90 天，不足 5 份的不列 · 90 days; none with fewer than 5")
    regions: list[GroupAnswers]


_SPAN = """
SELECT count(*) FILTER (WHERE outcome = 'answered') AS answered,
    count(*) FILTER (WHERE outcome = 'declined') AS declined,
    round(avg(score), 2) AS mean, {scores}
FROM dashboard.satisfaction WHERE at >= %s AND at < %s
""".replace("{scores}", ", ".join(f"count(*) FILTER (WHERE score = {n}) AS s{n}" for n in range(1, 6)))
_WEEKS = """
SELECT date_trunc('week', at AT TIME ZONE 'Asia/Shanghai')::date AS week, count(*) AS answered,
    round(avg(score), 2) AS mean
FROM dashboard.satisfaction WHERE outcome = 'answered' AND at >= %s GROUP BY 1
"""
_GROUPS = {
    column: f"""
SELECT {column} AS name, count(*) AS answered, round(avg(score), 2) AS mean FROM dashboard.satisfaction
WHERE outcome = 'answered' AND at >= %s GROUP BY 1 HAVING count(*) >= {FEW} ORDER BY mean, answered DESC, 1 LIMIT 20
"""  # noqa: S608 - our own column names
    for column in ("product_name", "region")
}


async def satisfaction_board(connection: AsyncConnection, now: datetime) -> SatisfactionBoard:
    """The board as it is ``now``."""
    today = day_of(now)
    month = today.replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    monday = today - timedelta(days=today.weekday())
    weeks = {
        week["week"]: week for week in await _rows(connection, _WEEKS, _start(monday - timedelta(weeks=WEEKS - 1)))
    }
    mondays = [monday - timedelta(weeks=n) for n in reversed(range(WEEKS))]
    lately = _start(today - timedelta(days=90))
    return SatisfactionBoard(
        month=await _answers(connection, month, today),
        last_month=await _answers(connection, before, month - timedelta(days=1)),
        last_days=await _answers(connection, today - timedelta(days=DAYS - 1), today),
        weeks=[WeekAnswers(**weeks.get(day, {"week": day, "answered": 0, "mean": None})) for day in mondays],
        products=[GroupAnswers(**row) for row in await _rows(connection, _GROUPS["product_name"], lately)],
        regions=[GroupAnswers(**row) for row in await _rows(connection, _GROUPS["region"], lately)],
    )


async def _answers(connection: AsyncConnection, first: date, last: date) -> Answers:
    (row,) = await _rows(connection, _SPAN, _start(first), _start(last + timedelta(days=1)))
    scores = {n: row.pop(f"s{n}") for n in range(1, 6)}
    return Answers(**row, scores=scores)


async def _rows(connection: AsyncConnection, query: str, *values: Any) -> list[dict[str, Any]]:
    cursor = connection.cursor(row_factory=dict_row)
    await cursor.execute(query.encode(), values)
    return await cursor.fetchall()


def _start(day: date) -> datetime:
    """Its midnight in Shanghai."""
    return datetime.combine(day, datetime.min.time(), SHANGHAI)
