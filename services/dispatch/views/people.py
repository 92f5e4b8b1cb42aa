"""Engineers, their rosters and their phone duty, for lists and for whoever plans visits.

Names, numbers, coordinates and wages aren't here: they lie beside the log (``services.dispatch.staff``).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, LiteralString

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import Json
from psycopg_pool import AsyncConnectionPool
from pydantic import Field

from services.dispatch.domain.duty_policy import DutyPolicy
from services.dispatch.domain.roster import DayPlan, DutyAt, Roster, duty_at
from shared.calendar import DAY, SHANGHAI, end_of_day
from shared.eventlog import Recorded
from shared.events import dispatch as fact
from shared.paging import Page
from shared.projection import View

TABLES: LiteralString = """
CREATE TABLE engineers (
    engineer text PRIMARY KEY, skills text[] NOT NULL, region text, base_city text, active boolean NOT NULL
);
CREATE TABLE duty_days (
    engineer text NOT NULL, day date NOT NULL, windows jsonb NOT NULL, zone text NOT NULL, PRIMARY KEY (engineer, day)
);
CREATE INDEX ON duty_days (day);
CREATE TABLE trip_days (
    engineer text NOT NULL, trip uuid NOT NULL, day date NOT NULL, zone text NOT NULL, PRIMARY KEY (engineer, trip, day)
);
CREATE INDEX ON trip_days (day);
CREATE TABLE leaves (
    engineer text NOT NULL, leave uuid NOT NULL, starts timestamptz NOT NULL, ends timestamptz NOT NULL,
    PRIMARY KEY (engineer, leave)
);
CREATE INDEX ON leaves (ends);
CREATE TABLE duty_policies (version int PRIMARY KEY, adopted jsonb NOT NULL);
CREATE TABLE called_days (
    engineer text NOT NULL, duty_day date NOT NULL, calls int NOT NULL DEFAULT 0, call_back_until timestamptz,
    unanswered int NOT NULL DEFAULT 0, withdrawn int NOT NULL DEFAULT 0, PRIMARY KEY (engineer, duty_day)
);
CREATE INDEX ON called_days (duty_day, engineer);
"""

_STATEMENTS: Mapping[type[fact.DispatchEvent], tuple[LiteralString, ...]] = {
    fact.EngineerRecorded: (
        "INSERT INTO engineers (engineer, skills, region, base_city, active) "
        "VALUES (%(engineer)s, %(skills)s::text[], %(region)s, %(base_city)s, %(active)s) "
        "ON CONFLICT (engineer) DO UPDATE SET skills = excluded.skills, region = excluded.region, "
        "base_city = excluded.base_city, active = excluded.active",
    ),
    fact.EngineerErased: ("UPDATE engineers SET active = false WHERE engineer = %(engineer)s",),
    fact.DutyPlanned: (
        "INSERT INTO duty_days (engineer, day, windows, zone) "
        "SELECT %(engineer)s, day, %(windows)s, %(zone)s FROM unnest(%(days)s::date[]) AS day "
        "ON CONFLICT (engineer, day) DO UPDATE SET windows = excluded.windows, zone = excluded.zone",
    ),
    fact.DutyCancelled: ("DELETE FROM duty_days WHERE engineer = %(engineer)s AND day = ANY (%(days)s::date[])",),
    fact.LeaveGranted: (
        "INSERT INTO leaves (leave, engineer, starts, ends) VALUES (%(leave)s, %(engineer)s, %(starts)s, %(ends)s)",
    ),
    fact.LeaveCancelled: ("DELETE FROM leaves WHERE engineer = %(engineer)s AND leave = %(leave)s",),
    fact.TripDaysRecorded: (
        "DELETE FROM trip_days WHERE engineer = %(engineer)s AND trip = %(trip)s",
        "INSERT INTO trip_days (engineer, trip, day, zone) "
        "SELECT %(engineer)s, %(trip)s, day, %(zone)s FROM unnest(%(days)s::date[]) AS day",
    ),
    fact.TripDaysDropped: ("DELETE FROM trip_days WHERE engineer = %(engineer)s AND trip = %(trip)s",),
    fact.DutyPolicyAdopted: ("INSERT INTO duty_policies (version, adopted) VALUES (%(version)s, %(whole)s)",),
    fact.DutyDayOpened: ("INSERT INTO called_days (engineer, duty_day) VALUES (%(engineer)s, %(duty_day)s)",),
    fact.DutyCallRecorded: (
        "UPDATE called_days SET calls = calls + 1 WHERE engineer = %(engineer)s AND duty_day = %(duty_day)s",
    ),
    fact.CallBackAwaited: (
        "UPDATE called_days SET call_back_until = %(until)s WHERE engineer = %(engineer)s AND duty_day = %(duty_day)s",
    ),
    fact.CallBackSettled: (
        "UPDATE called_days SET call_back_until = NULL WHERE engineer = %(engineer)s AND duty_day = %(duty_day)s",
    ),
    fact.PhoneUnanswered: (
        "UPDATE called_days SET call_back_until = NULL, unanswered = unanswered + 1 "
        "WHERE engineer = %(engineer)s AND duty_day = %(duty_day)s",
    ),
    fact.PhoneUnansweredWithdrawn: (
        "UPDATE called_days SET unanswered = unanswered - 1, withdrawn = withdrawn + 1 "
        "WHERE engineer = %(engineer)s AND duty_day = %(duty_day)s",
    ),
}
"""What each event does to the tables; its fields are the values, and ``whole`` is all of it."""


async def _apply(connection: AsyncConnection, batch: Sequence[Recorded[Any]]) -> None:
    async with connection.pipeline():
        for recorded in batch:
            values = _values(recorded.event)
            for statement in _STATEMENTS[type(recorded.event)]:
                await connection.execute(statement, values)


def _values(event: fact.DispatchEvent) -> dict[str, Any]:
    values = {name: list(value) if isinstance(value, tuple) else value for name, value in event}
    if isinstance(event, fact.DutyPlanned):
        values["windows"] = Json([window.model_dump(mode="json") for window in event.windows])
    return values | {"whole": Json(event.model_dump(mode="json"))}


PEOPLE = View(name="people", sources=("dispatch",), tables=TABLES, apply=_apply, events=frozenset(_STATEMENTS))

# --- engineers --------------------------------------------------------------------------------------------------------


class EngineersPage(Page):
    """Which engineers."""

    q: str | None = Field(None, min_length=1, max_length=100, description="工号的任一部分 · any part of the code")
    skill: str | None = Field(None, max_length=200, description="技能 · who has this skill")
    region: str | None = Field(None, max_length=200, description="地区 · region")
    base_city: str | None = Field(None, max_length=200, description="驻地城市 · base city")
    active: bool | None = Field(None, description="是否在用 · in service or not")


@dataclass(frozen=True, slots=True)
class EngineerAt:
    """An engineer for whoever plans visits. The coordinates are personal: not for events, logs or lists."""

    engineer: str
    skills: frozenset[str]
    region: str | None
    base_city: str | None
    base: tuple[float, float] | None
    """Latitude and longitude; None: not known."""


async def engineers(pool: AsyncConnectionPool) -> list[EngineerAt]:
    """All who are in service, by their codes."""
    query: LiteralString = (
        "SELECT e.engineer, e.skills, e.region, e.base_city, c.base_latitude, c.base_longitude "
        "FROM view_people.engineers AS e LEFT JOIN public.engineer_contacts AS c USING (engineer) "
        "WHERE e.active ORDER BY e.engineer"
    )
    return [
        EngineerAt(
            row["engineer"],
            frozenset(row["skills"]),
            row["region"],
            row["base_city"],
            None if row["base_latitude"] is None else (row["base_latitude"], row["base_longitude"]),
        )
        for row in await _select(pool, query, {})
    ]


async def engineers_page(pool: AsyncConnectionPool, page: EngineersPage, own: str | None) -> list[dict[str, Any]]:
    """Up to ``page.limit + 1`` engineers, by their codes; ``own``: only this one."""
    query: LiteralString = (
        "SELECT engineer, skills, region, base_city, active FROM view_people.engineers "
        "WHERE (%(own)s::text IS NULL OR engineer = %(own)s) AND (%(last)s::text IS NULL OR engineer > %(last)s) "
        "AND (%(q)s::text IS NULL OR position(lower(%(q)s) IN lower(engineer)) > 0) "
        "AND (%(skill)s::text IS NULL OR %(skill)s = ANY (skills)) "
        "AND (%(region)s::text IS NULL OR region = %(region)s) "
        "AND (%(base_city)s::text IS NULL OR base_city = %(base_city)s) "
        "AND (%(active)s::boolean IS NULL OR active = %(active)s) ORDER BY engineer LIMIT %(limit)s"
    )
    last = page.after(str)
    asked = {name: getattr(page, name) for name in ("q", "skill", "region", "base_city", "active")}
    return await _select(pool, query, asked | {"own": own, "last": last and last[0], "limit": page.limit + 1})


# --- rosters ----------------------------------------------------------------------------------------------------------


async def on_duty(pool: AsyncConnectionPool, at: datetime, own: str | None = None) -> list[dict[str, Any]]:
    """Whose phone has to be on at ``at``, by the rules of the domain (D12); ``own``: only this one."""
    found = []
    for code, now in (await duties(pool, at, own)).items():
        if now.on_duty and now.window:
            found.append(
                {
                    "engineer": code,
                    "duty_day": now.duty_day,
                    "opens_at": now.window.start,
                    "closes_at": now.window.end,
                    "on_trip": now.trip is not None,
                    "policy": now.policy.version,
                }
            )
    return found


async def duties(pool: AsyncConnectionPool, at: datetime, own: str | None = None) -> dict[str, DutyAt]:
    """What ``at`` is for everybody in service who has a day of duty or of a trip about it; ``own``: only this one."""
    policy = await _policy(pool)
    judged: dict[int, DutyAt] = {}
    found = await _rosters(pool, at, own)
    for roster in found.values():  # many share one, and are judged once
        if id(roster) not in judged:
            judged[id(roster)] = duty_at(roster, policy, at)
    return {code: judged[id(roster)] for code, roster in found.items()}


@dataclass(frozen=True, slots=True)
class Rostered:
    """Of whom a roster says anything in the weeks about a moment, and who is on leave at it."""

    anyhow: frozenset[str]
    on_leave: frozenset[str]


async def rostered(pool: AsyncConnectionPool, at: datetime) -> Rostered:
    """Whoever is planned within ``ROSTER_SPAN`` of ``at``, and the leaves then."""
    span = {"first": at.date() - ROSTER_SPAN, "last": at.date() + ROSTER_SPAN}
    days: LiteralString = (
        "SELECT engineer FROM view_people.duty_days WHERE day BETWEEN %(first)s AND %(last)s GROUP BY engineer"
    )
    leaves = await _select(pool, _NEAR_LEAVES, {"at": at, "own": None})
    anyhow = await _select(pool, days, span)
    return Rostered(frozenset(row["engineer"] for row in anyhow), frozenset(row["engineer"] for row in leaves))


ROSTER_SPAN = 14 * DAY


async def _policy(pool: AsyncConnectionPool) -> DutyPolicy:
    rows = await _select(pool, "SELECT adopted FROM view_people.duty_policies ORDER BY version", {})
    adopted = tuple(fact.DutyPolicyAdopted.model_validate(row["adopted"]) for row in rows)
    return DutyPolicy((*DutyPolicy().versions, *adopted))


async def _rosters(pool: AsyncConnectionPool, at: datetime, own: str | None) -> dict[str, Roster]:
    """So much of each roster in service as tells what ``at`` is; who has the same has the same object."""
    near = {"first": at.date() - DAY, "last": at.date() + DAY, "at": at, "own": own}
    days = {row["engineer"]: row["plan"] for row in await _select(pool, _NEAR_PLANS, near)}
    plans = {plan: Roster(days=_plan(plan)) for plan in set(days.values())}
    trips = await _select(pool, _NEAR_TRIPS, near)
    found: dict[str, Roster] = {
        code: plans[days[code]] if code in days else Roster()
        for code in sorted({*days, *(r["engineer"] for r in trips)})
    }
    for row in trips:
        known = found[row["engineer"]]
        trip = fact.TripDaysRecorded(at=at, allowance_per_day=Decimal(0), **row)
        found[row["engineer"]] = replace(known, trips={**known.trips, trip.trip: trip})
    for row in await _select(pool, _NEAR_LEAVES, near):
        if row["engineer"] in found:
            known, leave = found[row["engineer"]], fact.LeaveGranted(at=at, **row)
            found[row["engineer"]] = replace(known, leaves={**known.leaves, leave.leave: leave})
    return found


def _plan(plan: str) -> dict[date, DayPlan]:
    """Days of duty as the query below writes them."""
    days = {}
    for day, windows, zone in json.loads(plan):
        days[date.fromisoformat(day)] = DayPlan(tuple(map(fact.DutyWindow.model_validate, windows)), zone)
    return days


_NEAR_PLANS: LiteralString = (
    "SELECT engineer, jsonb_agg(jsonb_build_array(day, windows, zone) ORDER BY day)::text AS plan "
    "FROM view_people.duty_days JOIN view_people.engineers AS e USING (engineer) "
    "WHERE e.active AND (%(own)s::text IS NULL OR engineer = %(own)s) "
    "AND day BETWEEN %(first)s AND %(last)s GROUP BY engineer"
)
_NEAR_DAYS: LiteralString = (
    "SELECT engineer, day, windows, zone FROM view_people.duty_days "
    "JOIN view_people.engineers AS e USING (engineer) "
    "WHERE e.active AND (%(own)s::text IS NULL OR engineer = %(own)s) "
    "AND day BETWEEN %(first)s AND %(last)s ORDER BY day, engineer"
)
_NEAR_TRIPS: LiteralString = (
    "SELECT engineer, trip, array_agg(day) AS days, zone FROM view_people.trip_days "
    "JOIN view_people.engineers AS e USING (engineer) "
    "WHERE e.active AND (%(own)s::text IS NULL OR engineer = %(own)s) "
    "AND day BETWEEN %(first)s AND %(last)s GROUP BY engineer, trip, zone"
)
_NEAR_LEAVES: LiteralString = (
    "SELECT engineer, leave, starts, ends FROM view_people.leaves "
    "JOIN view_people.engineers AS e USING (engineer) "
    "WHERE e.active AND (%(own)s::text IS NULL OR engineer = %(own)s) "
    "AND starts <= %(at)s AND ends > %(at)s"
)

LONGEST_CALENDAR = 62
"""Days of rosters that are shown at a time."""


async def calendar(
    pool: AsyncConnectionPool, first: date, last: date, engineer: str | None
) -> dict[str, list[dict[str, Any]]]:
    """What is planned from ``first`` to ``last``: days of duty, days of trips, leaves; of one engineer, or of all."""
    span = {"first": first, "last": last, "own": engineer}
    begins, ends = datetime.combine(first, time.min, SHANGHAI), end_of_day(last)
    during = span | {"begins": begins, "ends": ends}
    return {
        "duty_days": await _select(pool, _NEAR_DAYS, span),
        "trip_days": await _select(pool, _TRIP_DAYS, span),
        "leaves": await _select(pool, _LEAVES, during),
    }


_TRIP_DAYS: LiteralString = (
    "SELECT engineer, day, trip, zone FROM view_people.trip_days "
    "JOIN view_people.engineers AS e USING (engineer) "
    "WHERE e.active AND (%(own)s::text IS NULL OR engineer = %(own)s) "
    "AND day BETWEEN %(first)s AND %(last)s ORDER BY day, engineer, trip"
)
_LEAVES: LiteralString = (
    "SELECT engineer, leave, starts, ends FROM view_people.leaves "
    "JOIN view_people.engineers AS e USING (engineer) "
    "WHERE e.active AND (%(own)s::text IS NULL OR engineer = %(own)s) "
    "AND starts < %(ends)s AND ends > %(begins)s ORDER BY starts, engineer"
)

# --- phone duty -------------------------------------------------------------------------------------------------------


class DutyPage(Page):
    """Which duty days with calls."""

    engineer: str | None = Field(None, max_length=40, description="工号 · of this engineer")
    first: date | None = Field(None, description="自 · from this duty day on")
    last: date | None = Field(None, description="至 · up to this duty day")
    unanswered: bool | None = Field(None, description="是否有“无人接听”· with or without an occurrence that stands")


async def duty_days(pool: AsyncConnectionPool, page: DutyPage, own: str | None, since: date) -> list[dict[str, Any]]:
    """Up to ``page.limit + 1`` duty days with calls, newest first, from ``since`` on; ``own``: only this engineer's."""
    query: LiteralString = (
        "SELECT engineer, duty_day, calls, call_back_until, unanswered, withdrawn FROM view_people.called_days "
        "WHERE duty_day >= %(since)s AND (%(own)s::text IS NULL OR engineer = %(own)s) "
        "AND (%(engineer)s::text IS NULL OR engineer = %(engineer)s) "
        "AND (%(first)s::date IS NULL OR duty_day >= %(first)s) AND (%(last)s::date IS NULL OR duty_day <= %(last)s) "
        "AND (%(unanswered)s::boolean IS NULL OR (unanswered > 0) = %(unanswered)s) "
        "AND (%(day)s::date IS NULL OR (duty_day, engineer) < (%(day)s, %(code)s)) "
        "ORDER BY duty_day DESC, engineer DESC LIMIT %(limit)s"
    )
    day, code = page.after(date, str) or (None, None)
    asked = {name: getattr(page, name) for name in ("engineer", "first", "last", "unanswered")}
    return await _select(
        pool, query, asked | {"own": own, "since": since, "day": day, "code": code, "limit": page.limit + 1}
    )


async def _select(pool: AsyncConnectionPool, query: LiteralString, values: dict[str, Any]) -> list[dict[str, Any]]:
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(query, values)).fetchall()
