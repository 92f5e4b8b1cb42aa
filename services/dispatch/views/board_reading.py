"""The dispatcher's board, an engineer's day, and the map: what waits, what is on today, what is late."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from shared.calendar import DAY, SHANGHAI, end_of_day

_VISIT: LiteralString = """
SELECT visit, number, work_order, ticket, purpose, customer, customer_name, site, site_name, city, region, skills,
    wanted_from, wanted_until, minutes, status, engineer, agreed_arrival, starts_at, ends_at, late_after, late,
    late_minutes, expected_arrival, assigned_at, delivered_at, answer_due, unanswered, refusal, safety, arrived_at,
    grade, started_at, finished_at, report_due, checked_out_at, unreported, instruction
FROM view_board.visits v
"""
_PLACE: LiteralString = (
    " AND (%(region)s::text IS NULL OR region = %(region)s) AND (%(city)s::text IS NULL OR city = %(city)s)"
)

_WAITING: LiteralString = (
    _VISIT
    + "WHERE status IN ('PLANNED', 'REFUSED')"
    + _PLACE
    + " ORDER BY agreed_arrival NULLS LAST, wanted_until NULLS LAST, number"
)
_ORDER: LiteralString = """
SELECT work_order, number, status, origin, purpose, ticket, ticket_number, programme, occurrence, customer,
    customer_name, site, site_name, city, region, product_name, skills, wanted_from, wanted_until, note, drafted_at
FROM view_board.orders o
WHERE (status = 'DRAFT' OR status = 'QUALIFIED' AND NOT EXISTS (
    SELECT FROM view_board.visits v WHERE v.work_order = o.work_order AND v.aborted_at IS NULL))
"""
_ORDERS: LiteralString = _ORDER + _PLACE + " ORDER BY status DESC, wanted_until NULLS LAST, drafted_at, number"
_DAY: LiteralString = "starts_at < %(until)s AND ends_at > %(since)s"
_ON_DAY: LiteralString = _VISIT + "WHERE status <> 'ABORTED' AND " + _DAY + _PLACE + " ORDER BY starts_at, number"
_LATE: LiteralString = (
    _VISIT
    + "WHERE arrived_at IS NULL AND aborted_at IS NULL AND late_after < %(now)s"
    + _PLACE
    + " ORDER BY late_after"
)


async def board(
    pool: AsyncConnectionPool, day: date, now: datetime, *, region: str | None = None, city: str | None = None
) -> dict[str, Any]:
    """The whole board; ``day`` is one in Shanghai. Late is what should have begun, on whatever day."""
    values = {"region": region, "city": city, "now": now, "since": end_of_day(day - DAY), "until": end_of_day(day)}
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        waiting = await (await cursor.execute(_WAITING, values)).fetchall()
        orders = await (await cursor.execute(_ORDERS, values)).fetchall()
        today = await (await cursor.execute(_ON_DAY, values)).fetchall()
        late = await (await cursor.execute(_LATE, values)).fetchall()
    for visit in late:
        visit["minutes_late"] = int((now - visit["agreed_arrival"]).total_seconds() // 60)
    return {
        "day": day,
        "unassigned": {
            "visits": waiting,
            "work_orders": [order for order in orders if order["status"] == "QUALIFIED"],
            "drafts": [order for order in orders if order["status"] == "DRAFT"],
        },
        "today": today,
        "late": late,
        "engineers": by_engineer(today, day),
    }


def by_engineer(visits: Sequence[dict[str, Any]], day: date) -> list[dict[str, Any]]:
    """For each engineer the day's hours (0 to 23, Shanghai) that are taken, and by which visits."""
    found: dict[str, dict[str, Any]] = {}
    for visit in visits:
        if visit["engineer"] is None:
            continue
        row = found.setdefault(
            visit["engineer"], {"engineer": visit["engineer"], "visits": 0, "minutes": 0, "hours": {}}
        )
        row["visits"] += 1
        begin = max(visit["starts_at"], end_of_day(day - DAY)).astimezone(SHANGHAI)
        end = min(visit["ends_at"], end_of_day(day)).astimezone(SHANGHAI)
        row["minutes"] += int((end - begin).total_seconds() // 60)
        last = 23 if end.date() > day else end.hour if end.minute or end.second else end.hour - 1
        for hour in range(begin.hour, max(last, begin.hour) + 1):
            row["hours"].setdefault(str(hour), []).append({"visit": visit["visit"], "number": visit["number"]})
    return [found[engineer] for engineer in sorted(found)]


async def engineers_day(pool: AsyncConnectionPool, engineer: str, day: date) -> list[dict[str, Any]]:
    """An engineer's visits of a day, by their beginning; aborted ones too, so that nobody drives for nothing."""
    query = (
        _VISIT + "WHERE engineer = %(engineer)s AND starts_at < %(until)s AND ends_at > %(since)s ORDER BY starts_at"
    )
    values = {"engineer": engineer, "since": end_of_day(day - DAY), "until": end_of_day(day)}
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(query, values)).fetchall()


async def one_visit(pool: AsyncConnectionPool, visit: UUID) -> dict[str, Any] | None:
    """A visit as the board knows it."""
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(_VISIT + "WHERE visit = %s", (visit,))).fetchone()
