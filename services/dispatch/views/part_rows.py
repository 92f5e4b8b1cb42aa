"""How the rows of parts, stock and supplier claims are written and listed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composable, Identifier, Placeholder
from psycopg_pool import AsyncConnectionPool

from shared.search import grams, haystack, sought

Row = dict[str, Any]


async def upsert(connection: AsyncConnection, table: str, keys: Sequence[str], row: Row) -> None:
    """Write the whole row, in place of the one that is there."""
    names = SQL(", ").join(map(Identifier, row))
    sets = SQL(", ").join(SQL("{0} = excluded.{0}").format(Identifier(name)) for name in row)
    query = SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO UPDATE SET {}").format(
        Identifier(table), names, SQL(", ").join(map(Placeholder, row)), SQL(", ").join(map(Identifier, keys)), sets
    )
    await connection.execute(query, row)


async def update(connection: AsyncConnection, table: str, key: str, value: UUID, changes: Mapping[str, Any]) -> None:
    """Change some columns of one row."""
    sets = SQL(", ").join(SQL("{} = {}").format(Identifier(name), Placeholder(name)) for name in changes)
    query = SQL("UPDATE {} SET {} WHERE {} = %(_key)s").format(Identifier(table), sets, Identifier(key))
    await connection.execute(query, {**changes, "_key": value})


def findable(*texts: str | None) -> Row:
    """The columns that a text search looks into."""
    return {"grams": grams(*texts), "haystack": haystack(*texts)}


@dataclass
class Chosen:
    """The conditions of a list, and their values."""

    conditions: list[Composable] = field(default_factory=lambda: [SQL("true")])
    values: Row = field(default_factory=dict)

    def equal(self, **wanted: object) -> "Chosen":
        """Columns that have these values; None: any."""
        for name, value in wanted.items():
            if value is not None:
                self.where(SQL("{} = {}").format(Identifier(name), Placeholder(name)), **{name: value})
        return self

    def among(self, column: LiteralString, wanted: Sequence[object]) -> "Chosen":
        """A column that has one of these values; none: any."""
        if wanted:
            self.where(SQL("{} = ANY({})").format(Identifier(column), Placeholder(column)), **{column: list(wanted)})
        return self

    def said(self, query: str | None) -> "Chosen":
        """Rows in which this text occurs."""
        if query:
            condition, values = sought(query)
            self.where(SQL(condition), **values)
        return self

    def where(self, condition: Composable, **values: object) -> "Chosen":
        self.conditions.append(condition)
        self.values |= values
        return self


async def rows_of(
    pool: AsyncConnectionPool, table: LiteralString, chosen: Chosen, order: LiteralString, limit: int
) -> list[Row]:
    """The chosen rows of ``table`` (with its schema) in ``order``, without the columns that searching needs."""
    query = SQL("SELECT * FROM {} WHERE {} ORDER BY {} LIMIT %(_limit)s").format(
        SQL(table), SQL(" AND ").join(chosen.conditions), SQL(order)
    )
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        rows = await (await cursor.execute(query, chosen.values | {"_limit": limit})).fetchall()
    return [{name: value for name, value in row.items() if name not in ("grams", "haystack")} for row in rows]
