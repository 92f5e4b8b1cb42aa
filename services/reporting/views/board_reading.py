"""How the ticket board is read: its models and its queries."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from psycopg import AsyncConnection, sql
from psycopg.errors import InvalidSchemaName, UndefinedTable
from psycopg.rows import class_row, dict_row
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel, ConfigDict, Field

from shared.events.tickets import Channel, TicketStatus
from shared.jetstream import PARTITIONS

TOP = 20
"""So many products and customers are listed each by itself."""


class Answer(StrEnum):
    """How it stands with the first answer (3.4a)."""

    AWAITED = "awaited"
    OVERDUE = "overdue"
    """Awaited, and the 24 hours are over."""
    IN_TIME = "in_time"
    LATE = "late"


class Filters(BaseModel):
    """Which open tickets."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    channel: Channel | None = Field(None, description="渠道 · channel")
    product: str | None = Field(None, max_length=200, description="产品编号或名称 · a product's id or name")
    customer: str | None = Field(None, max_length=200, description="客户编号或名称 · a customer's id or name")
    overdue: bool | None = Field(None, description="是否已超时未答复 · whether the first answer is overdue")


class OpenTicket(BaseModel):
    """An open ticket as the board shows it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "ticket": "0b6e4a0e-7f1c-5c55-9a43-2f5f0f2c8d11",
                    "number": "SQ-20261003-7F3KQ2",
                    "channel": "phone",
                    "customer": "7d0c4c1e-54a5-5ddd-a7d8-5f3d2a6b1c90",
                    "customer_name": "光明物业",
                    "product": None,
                    "product_name": "粘鼠板",
                    "status": "TRIAGED",
                    "escalated": False,
                    "received_at": "2026-10-03T01:00:00Z",
                    "asked_at": "2026-10-03T01:00:00Z",
                    "answer_due": "2026-10-04T01:00:00Z",
                    "answer": "awaited",
                    "seconds_left": 79200,
                    "answered_at": None,
                    "late_minutes": None,
                    "reopenings": 0,
                }
            ]
        }
    )

    ticket: UUID
    number: str
    channel: Channel
    customer: UUID | None
    customer_name: str | None
    product: UUID | None
    product_name: str | None
    status: TicketStatus
    escalated: bool
    received_at: datetime
    asked_at: datetime = Field(description="从何时起等待首次答复 · from when the first answer is awaited")
    answer_due: datetime
    answer: Answer
    seconds_left: int | None = Field(
        description="距答复时限秒数，超时为负，已答复为空 · until the answer is due; negative: overdue; null: answered"
    )
    answered_at: datetime | None
    late_minutes: int | None
    reopenings: int


class Gone(BaseModel):
    """A ticket that is not, or no longer, among the chosen open ones."""

    ticket: UUID
    number: str
    status: TicketStatus
    removed: Literal[True] = True


class Group(BaseModel):
    """Open tickets that have something in common."""

    key: str | None = Field(description="可用于筛选；空为不明 · to filter by; null: not known")
    name: str | None
    open: int
    awaiting: int = Field(description="待首次答复且未超时 · first answer awaited, not overdue")
    overdue: int


class Groups(BaseModel):
    """The largest groups, and how many tickets are in the others."""

    groups: int = Field(description="共多少组 · how many there are altogether")
    largest: list[Group]
    rest: Group | None = Field(description="其余各组合计 · all others together")


class Day(BaseModel):
    """What a day brought, Asia/Shanghai, by when it happened (D23)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "day": "2026-10-03",
                    "opened": 12,
                    "answered_in_time": 9,
                    "answered_late": 1,
                    "overdue": 2,
                    "closed": 7,
                    "complaints": 1,
                }
            ]
        }
    )

    day: date
    opened: int = 0
    answered_in_time: int = 0
    answered_late: int = 0
    overdue: int = Field(0, description="当日到期仍未答复 · first answers that became overdue on that day")
    closed: int = 0
    complaints: int = 0


class Board(BaseModel):
    """The board's figures."""

    open: int
    awaiting: int
    overdue: int
    by_status: list[Group]
    by_channel: list[Group]
    by_product: Groups
    by_customer: Groups


class NotBuilt(Exception):
    """The board isn't there: it is being built for the first time, or its worker isn't running yet."""


@asynccontextmanager
async def reach(pool: AsyncConnectionPool) -> AsyncIterator[AsyncConnection]:
    """A connection to ask on. Raises ``NotBuilt``."""
    try:
        async with pool.connection() as connection:
            yield connection
    except (UndefinedTable, InvalidSchemaName) as error:
        raise NotBuilt from error


@asynccontextmanager
async def one_moment(pool: AsyncConnectionPool) -> AsyncIterator[AsyncConnection]:
    """A connection on which all questions see the same state. Raises ``NotBuilt``."""
    async with reach(pool) as connection, connection.transaction():
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield connection


@dataclass(frozen=True, slots=True)
class Point:
    """A point in the life of the board."""

    epoch: str
    """Changes when the board is built anew, or a parked event takes effect after later ones."""
    positions: tuple[int, ...]
    """How far it is in each partition."""

    def __le__(self, other: "Point") -> bool:
        """Whether whoever knows the board at ``other`` knows what it was here."""
        return self.epoch == other.epoch and all(map(int.__le__, self.positions, other.positions))

    def before(self, other: "Point") -> int:
        """A position behind which everything lies that changed from here to ``other``."""
        moved = [mine for mine, theirs in zip(self.positions, other.positions, strict=True) if mine < theirs]
        return min(moved, default=max(other.positions))


async def point(connection: AsyncConnection) -> Point:
    """Where the board is now."""
    row = await connection.execute(
        "SELECT 'view_board.tickets'::regclass::oid, "
        "(SELECT count(*) FROM public.parked WHERE subscriber = 'board' AND state = 'handled'), "
        "(SELECT json_object_agg(partition, position) FROM view_board.positions WHERE source = 'tickets')"
    )
    found = await row.fetchone()
    assert found
    table, handled, positions = found
    return Point(f"{table}.{handled}", tuple((positions or {}).get(str(each), 0) for each in range(PARTITIONS)))


# How the answer stands, and which tickets are chosen: conditions on a row, for all queries below.
_OVERDUE = sql.SQL("(answered_at IS NULL AND (overdue OR answer_due < %(now)s))")
_CHOSEN = sql.SQL("""(open
    AND (%(channel)s::text IS NULL OR channel = %(channel)s)
    AND (%(product)s::text IS NULL OR product::text = %(product)s OR product_name = %(product)s)
    AND (%(customer)s::text IS NULL OR customer::text = %(customer)s OR customer_name = %(customer)s)
    AND (%(overdue)s::boolean IS NULL OR %(overdue)s = {}))""").format(_OVERDUE)
_SHOWN = sql.SQL("""
    ticket, number, channel, customer, customer_name, product, product_name, status, escalated,
    received_at, asked_at, answer_due, answered_at, late_minutes, reopenings,
    CASE WHEN {} THEN 'overdue' WHEN answered_at IS NULL THEN 'awaited'
         WHEN late_minutes = 0 THEN 'in_time' ELSE 'late' END AS answer,
    CASE WHEN answered_at IS NULL THEN floor(extract(epoch FROM answer_due - %(now)s))::bigint END AS seconds_left
""").format(_OVERDUE)
_NEWS = sql.SQL("(position > %(behind)s AND position > (%(seen)s::bigint[])[partition + 1])")

_OPEN = sql.SQL("""
SELECT {shown} FROM view_board.tickets
WHERE {chosen} AND (%(ticket)s::uuid IS NULL
    OR ((answered_at IS NOT NULL), answer_due, ticket) > (%(answered)s, %(due)s, %(ticket)s))
ORDER BY (answered_at IS NOT NULL), answer_due, ticket LIMIT %(limit)s
""").format(shown=_SHOWN, chosen=_CHOSEN)
_CHANGED = sql.SQL("""
SELECT {shown}, {chosen} AS chosen FROM view_board.tickets WHERE {news} ORDER BY position LIMIT %(limit)s
""").format(shown=_SHOWN, chosen=_CHOSEN, news=_NEWS)
_FIGURES = sql.SQL("""
WITH chosen AS (
    SELECT *, {overdue} AS late,
        coalesce(product::text, product_name) AS product_key, coalesce(customer::text, customer_name) AS customer_key
    FROM view_board.tickets WHERE {chosen}
)
SELECT grouping(status, channel, product_key, customer_key) AS kind,
    coalesce(status, channel, product_key, customer_key) AS key,
    CASE grouping(product_key, customer_key) WHEN 1 THEN max(product_name) WHEN 2 THEN max(customer_name) END AS name,
    count(*) AS open,
    count(*) FILTER (WHERE answered_at IS NULL AND NOT late) AS awaiting,
    count(*) FILTER (WHERE late) AS overdue
FROM chosen GROUP BY GROUPING SETS ((), (status), (channel), (product_key), (customer_key))
ORDER BY open DESC, key
""").format(overdue=_OVERDUE, chosen=_CHOSEN)
_ALL, _STATUS, _CHANNEL, _PRODUCT, _CUSTOMER = 0b1111, 0b0111, 0b1011, 0b1101, 0b1110
"""PostgreSQL's ``grouping()``: a 1 for each column that a row is not grouped by."""


def urgency(ticket: OpenTicket) -> tuple[bool, datetime, UUID]:
    """The order of the board: first those that await an answer, the earliest due first."""
    return ticket.answered_at is not None, ticket.answer_due, ticket.ticket


async def open_tickets(
    connection: AsyncConnection,
    filters: Filters,
    now: datetime,
    *,
    after: tuple[bool, datetime, UUID] | None = None,
    limit: int | None = None,
) -> list[OpenTicket]:
    """The chosen open tickets in order of ``urgency``, behind ``after``."""
    cursor = connection.cursor(row_factory=class_row(OpenTicket))
    answered, due, ticket = after or (None, None, None)
    await cursor.execute(
        _OPEN,
        {**_given(filters, now), "answered": answered, "due": due, "ticket": ticket, "limit": limit},
    )
    return await cursor.fetchall()


async def changed_tickets(
    connection: AsyncConnection, filters: Filters, now: datetime, seen: Point, at: Point, limit: int | None = None
) -> list[OpenTicket | Gone]:
    """Tickets that changed from ``seen`` to ``at``, in the order of their changes: as they are now, or gone."""
    cursor = connection.cursor(row_factory=dict_row)
    await cursor.execute(_CHANGED, {**_given(filters, now), **_news(seen, at), "limit": limit})
    return [
        OpenTicket(**row) if row.pop("chosen") else Gone(**{name: row[name] for name in ("ticket", "number", "status")})
        for row in await cursor.fetchall()
    ]


async def board_of(connection: AsyncConnection, filters: Filters, now: datetime, top: int = TOP) -> Board:
    """The figures of the chosen open tickets; the ``top`` largest products and customers by themselves."""
    cursor = connection.cursor(row_factory=dict_row)
    await cursor.execute(_FIGURES, _given(filters, now))
    groups: dict[int, list[Group]] = {kind: [] for kind in (_ALL, _STATUS, _CHANNEL, _PRODUCT, _CUSTOMER)}
    for row in await cursor.fetchall():
        groups[row.pop("kind")].append(Group(**row))
    (total,) = groups[_ALL]
    return Board(
        open=total.open,
        awaiting=total.awaiting,
        overdue=total.overdue,
        by_status=groups[_STATUS],
        by_channel=groups[_CHANNEL],
        by_product=_largest(groups[_PRODUCT], top),
        by_customer=_largest(groups[_CUSTOMER], top),
    )


def _largest(groups: list[Group], top: int) -> Groups:
    rest = groups[top:]
    summed = {name: sum(getattr(group, name) for group in rest) for name in ("open", "awaiting", "overdue")}
    return Groups(groups=len(groups), largest=groups[:top], rest=Group(key=None, name=None, **summed) if rest else None)


async def days_between(connection: AsyncConnection, first: date, last: date) -> list[Day]:
    """Each day from ``first`` to ``last``, both included, also those on which nothing happened."""
    cursor = connection.cursor(row_factory=class_row(Day))
    await cursor.execute(_DAYS.format(sql.SQL("day BETWEEN %s AND %s")), (first, last))
    known = {day.day: day for day in await cursor.fetchall()}
    span = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [known.get(day) or Day(day=day) for day in span]


async def changed_days(connection: AsyncConnection, seen: Point, at: Point) -> list[Day]:
    """The days whose counts changed from ``seen`` to ``at``."""
    cursor = connection.cursor(row_factory=class_row(Day))
    changed = sql.SQL("day IN (SELECT day FROM view_board.days WHERE {})").format(_NEWS)
    await cursor.execute(_DAYS.format(changed), _news(seen, at))
    return await cursor.fetchall()


_DAYS = sql.SQL("""
SELECT day, sum(opened) AS opened, sum(answered_in_time) AS answered_in_time, sum(answered_late) AS answered_late,
    sum(overdue) AS overdue, sum(closed) AS closed, sum(complaints) AS complaints
FROM view_board.days WHERE {} GROUP BY day ORDER BY day
""")


def _news(seen: Point, at: Point) -> dict[str, Any]:
    return {"behind": seen.before(at), "seen": list(seen.positions)}


def _given(filters: Filters, now: datetime) -> dict[str, Any]:
    return {**filters.model_dump(include=set(Filters.model_fields)), "now": now}
