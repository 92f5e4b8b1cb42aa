"""The drill-down: the events that make a figure."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, sql
from psycopg.rows import class_row
from pydantic import BaseModel, Field

from services.reporting.domain.cuts import Cut
from services.reporting.views.statistics_reading import (
    BETWEEN,
    COSTS,
    KNOWN,
    NUMBER,
    SUBJECT,
    SUBJECT_COLUMNS,
    WITHIN,
    first_day,
    of_cut,
)
from shared.calendar import Period
from shared.paging import Page

UNKNOWN = "-"
"""Asks for what isn't known."""
_EXCLUDED = sql.SQL("({} AND coalesce(o.purpose IN ('installation_guidance', 'commissioning'), false))").format(
    SUBJECT["contract"]
)
"""D25, as ``Subject.excluded`` says it."""


class Figure(StrEnum):
    """Which figure is looked behind."""

    PERSONS = "persons"
    PERSON_TIMES = "person_times"
    PERSON_DAYS = "person_days"
    PEOPLE = "people"
    TRAVEL = "travel"
    MATERIAL = "material"
    FREIGHT = "freight"
    TOTAL = "total"
    MEMO = "memo"

    @property
    def kinds(self) -> list[str]:
        match self:
            case Figure.PERSONS | Figure.PERSON_TIMES | Figure.PERSON_DAYS:
                return ["visit"]
            case Figure.TOTAL | Figure.MEMO:
                return list(COSTS)
            case _:
                return [self.value]

    @property
    def excluded(self) -> bool | None:
        """Whether of what a contract covers (D25), of what it doesn't, or of both."""
        if self.kinds == ["visit"]:
            return None
        return self is Figure.MEMO


class EntriesPage(Page):
    """Which entries, and which part of the list."""

    figure: Figure = Field(description="哪个数字 · which figure")
    adjustments: bool = Field(False, description="对以前月份的调整 · those that adjust earlier months")
    product: str | None = Field(None, max_length=200, description="产品编号或名称；- 为不明 · id or name; -: not known")
    region: str | None = Field(None, max_length=200, description="区域；- 为不明 · region; -: not known")
    customer: str | None = Field(
        None, max_length=200, description="客户编号或名称；- 为不明 · id or name; -: not known"
    )
    purpose: str | None = Field(None, max_length=50, description="服务类别；- 为不明 · purpose; -: not known")
    warranty: str | None = Field(None, max_length=50, description="保内/保外 · in or out of warranty")


class Entry(BaseModel):
    """What one event contributes to the figures."""

    source: str = Field(description="来自哪个服务的日志 · whose log it is in")
    position: int = Field(description="日志中的位置 · its place in that log")
    part: int
    event: str
    kind: str
    month: date
    day: date
    at: datetime = Field(description="发生时间 · when it happened")
    recorded_at: datetime
    work_order: UUID | None
    number: str | None = Field(description="派工单或服务请求编号 · of the work order or ticket")
    ticket: UUID | None
    visit: UUID | None
    engineer: str | None
    quantity: int
    amount: Decimal | None
    product: str | None
    product_name: str | None
    region: str | None
    customer: str | None
    customer_name: str | None
    purpose: str | None
    warranty: str
    contract: bool
    facts: dict[str, Any]


_ENTRIES = sql.SQL("""
SELECT e.source, e.position, e.part, e.event, e.kind, e.month, e.day, e.at, e.recorded_at, e.work_order,
    coalesce(o.number, {number}) AS number, coalesce(o.ticket, e.ticket) AS ticket, e.visit, e.engineer, e.quantity,
    e.amount, e.facts, {columns}
FROM view_statistics.entries e {known}
WHERE {which} AND e.kind = ANY(%(kinds)s) AND {filters}
    AND (%(after_at)s::timestamptz IS NULL
        OR (e.at, e.source, e.position, e.part) > (%(after_at)s, %(after_source)s, %(after_position)s, %(after_part)s))
ORDER BY e.at, e.source, e.position, e.part LIMIT %(limit)s
""")
_OF_MONTH = sql.SQL("e.month = %(month)s AND {}").format(WITHIN)
_LATE = sql.SQL("e.month < %(month)s AND {}").format(BETWEEN)


def place(entry: Entry) -> tuple[datetime, str, int, int]:
    """By what the entries are ordered."""
    return entry.at, entry.source, entry.position, entry.part


async def entries_of(
    connection: AsyncConnection, period: Period, page: EntriesPage, cut: Cut, since: Cut | None
) -> list[Entry]:
    """Up to ``page.limit + 1`` entries that make the figure, in the order in which they happened."""
    if page.adjustments and since is None:
        return []
    after = page.after(datetime, str, int, int) or (None, None, None, None)
    names = ("after_at", "after_source", "after_position", "after_part")
    filters, values = _filters(page)
    query = _ENTRIES.format(
        columns=SUBJECT_COLUMNS,
        number=NUMBER,
        known=KNOWN,
        which=_LATE if page.adjustments else _OF_MONTH,
        filters=filters,
    )
    values |= {"month": first_day(period), "kinds": page.figure.kinds, "limit": page.limit + 1}
    cursor = connection.cursor(row_factory=class_row(Entry))
    await cursor.execute(query, {**values, **of_cut(cut, since), **dict(zip(names, after, strict=True))})
    return await cursor.fetchall()


def _filters(page: EntriesPage) -> tuple[sql.Composable, dict[str, Any]]:
    conditions: list[sql.Composable] = [sql.SQL("true")]
    chosen: Mapping[str, str | None] = page.model_dump(
        include={"product", "region", "customer", "purpose", "warranty"}, exclude_none=True
    )
    for name, value in chosen.items():
        if value == UNKNOWN:
            conditions.append(sql.SQL("{} IS NULL").format(SUBJECT[name]))
        else:
            conditions.append(sql.SQL("{} = {}").format(SUBJECT[name], sql.Placeholder(name)))
    if page.figure.excluded is not None:
        conditions.append(_EXCLUDED if page.figure.excluded else sql.SQL("NOT {}").format(_EXCLUDED))
    return sql.SQL(" AND ").join(conditions), dict(chosen)
