"""Visit programmes (2.3) as a list, and the occurrences of each with their work orders."""

from collections.abc import Sequence
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composable, Composed, Identifier, Placeholder
from psycopg_pool import AsyncConnectionPool
from pydantic import Field

from shared.eventlog import Recorded
from shared.events import dispatch as fact
from shared.events.dispatch import ProgrammeStatus
from shared.paging import Page
from shared.projection import View

_TABLES: LiteralString = """
CREATE TABLE programmes (
    programme uuid PRIMARY KEY, number text NOT NULL UNIQUE, name text NOT NULL, status text NOT NULL,
    customer uuid, customer_name text, site uuid, site_name text, region text, product uuid, product_name text,
    key_customers boolean NOT NULL, purpose text NOT NULL, skills text[] NOT NULL, rule text NOT NULL,
    starts_on date NOT NULL, ends_on date, ahead_days int NOT NULL, within_days int NOT NULL, note text,
    next_on date, next_due timestamptz, fell_due_on date, paused text, ended text, version int NOT NULL
);
CREATE INDEX ON programmes (status, number);
CREATE TABLE occurrences (
    programme uuid NOT NULL, occurrence date NOT NULL, visit_until date NOT NULL, made_at timestamptz NOT NULL,
    work_orders uuid[] NOT NULL, customers uuid[] NOT NULL, PRIMARY KEY (programme, occurrence)
);
"""

_FACTS = tuple(name for name in fact.ProgrammeFacts.model_fields if name != "at")


async def _apply(connection: AsyncConnection, batch: Sequence[Recorded[Any]]) -> None:
    async with connection.pipeline():
        for recorded in batch:
            event = recorded.event
            if isinstance(event, fact.ProgrammePlanned):
                await _insert(connection, event)
            elif isinstance(event, fact.ProgrammeFellDue):
                await _made(connection, event)
            changes = _changes(event) | {"version": recorded.version}
            sets = SQL(", ").join(SQL("{} = {}").format(Identifier(name), Placeholder(name)) for name in changes)
            statement = SQL("UPDATE programmes SET {} WHERE programme = %(_key)s").format(sets)
            await connection.execute(statement, changes | {"_key": event.programme})


async def _insert(connection: AsyncConnection, event: fact.ProgrammePlanned) -> None:
    row = {name: getattr(event, name) for name in _FACTS}
    row |= {"skills": list(event.skills), "status": ProgrammeStatus.ACTIVE, "version": 1}
    names = SQL(", ").join(map(Identifier, row))
    values = SQL(", ").join(map(Placeholder, row))
    await connection.execute(SQL("INSERT INTO programmes ({}) VALUES ({})").format(names, values), row)


async def _made(connection: AsyncConnection, event: fact.ProgrammeFellDue) -> None:
    await connection.execute(
        "INSERT INTO occurrences VALUES (%s, %s, %s, %s, %s, %s)",
        (
            event.programme,
            event.occurrence,
            event.visit_until,
            event.at,
            [visit.work_order for visit in event.visits],
            [visit.customer for visit in event.visits],
        ),
    )


def _changes(event: Any) -> dict[str, Any]:
    match event:
        case fact.ProgrammeChanged():
            return {name: getattr(event, name) for name in _FACTS} | {"skills": list(event.skills)}
        case fact.ProgrammePaused():
            return {"status": ProgrammeStatus.PAUSED, "paused": event.reason, "next_on": None, "next_due": None}
        case fact.ProgrammeResumed():
            coming = {"next_on": event.next_on, "next_due": event.next_due}
            return {"status": ProgrammeStatus.ACTIVE, "paused": None, **coming}
        case fact.ProgrammeFellDue():
            return {"fell_due_on": event.occurrence, "next_on": event.next_on, "next_due": event.next_due}
        case fact.ProgrammeEnded():
            return {"status": ProgrammeStatus.ENDED, "ended": event.reason, "next_on": None, "next_due": None}
        case _:
            return {}


PROGRAMMES = View(
    name="programmes",
    sources=("dispatch",),
    tables=_TABLES,
    apply=_apply,
    events=frozenset(
        {
            fact.ProgrammePlanned,
            fact.ProgrammeChanged,
            fact.ProgrammePaused,
            fact.ProgrammeResumed,
            fact.ProgrammeFellDue,
            fact.ProgrammeEnded,
        }
    ),
)


class ProgrammesPage(Page):
    """Which programmes; by their numbers."""

    status: list[ProgrammeStatus] = Field([], description="状态,可多选 · statuses")
    customer: UUID | None = Field(None, description="客户 · customer")
    region: str | None = Field(None, min_length=1, max_length=200, description="区域 · region")
    product: UUID | None = Field(None, description="产品 · product")
    due_until: date | None = Field(None, description="下一次在此日或之前 · next occurrence on or before this day")


class OccurrencesPage(Page):
    """The occurrences of one programme; latest first."""


async def programmes(pool: AsyncConnectionPool, page: ProgrammesPage) -> list[dict[str, Any]]:
    """Up to ``page.limit + 1`` programmes, by number."""
    conditions: list[Composable] = [SQL("true")]
    values: dict[str, Any] = {"limit": page.limit + 1}
    for name, value in page.model_dump(exclude={"limit", "cursor"}, exclude_none=True).items():
        if value == []:
            continue
        values[name] = value
        if name == "due_until":
            conditions.append(SQL("next_on <= %(due_until)s"))
        elif isinstance(value, list):
            conditions.append(SQL("{} = ANY({})").format(Identifier(name), Placeholder(name)))
        else:
            conditions.append(SQL("{} = {}").format(Identifier(name), Placeholder(name)))
    if (last := page.after(str)) is not None:
        conditions.append(SQL("number > %(last)s"))
        values["last"] = last[0]
    query = SQL("SELECT * FROM view_programmes.programmes WHERE {} ORDER BY number LIMIT %(limit)s").format(
        SQL(" AND ").join(conditions)
    )
    return await _select(pool, query, values)


async def occurrences(pool: AsyncConnectionPool, programme: UUID, page: OccurrencesPage) -> list[dict[str, Any]]:
    """Up to ``page.limit + 1`` occurrences that came, latest first."""
    last = page.after(date)
    query = SQL(
        "SELECT * FROM view_programmes.occurrences WHERE programme = %(programme)s "
        "AND (%(last)s::date IS NULL OR occurrence < %(last)s) ORDER BY occurrence DESC LIMIT %(limit)s"
    )
    values = {"programme": programme, "last": last[0] if last else None, "limit": page.limit + 1}
    return await _select(pool, query, values)


async def _select(pool: AsyncConnectionPool, query: SQL | Composed, values: dict[str, Any]) -> list[dict[str, Any]]:
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(query, values)).fetchall()
