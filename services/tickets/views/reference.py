"""Reference data: customers, sites, products, lots and installed units, found by any part of their names."""

from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composable, Identifier, Placeholder
from psycopg_pool import AsyncConnectionPool
from pydantic import Field

from shared.eventlog import Recorded
from shared.events import tickets as fact
from shared.paging import Page
from shared.projection import View
from shared.search import grams, haystack, sought

_TABLES: LiteralString = """
CREATE TABLE customers (
    customer uuid PRIMARY KEY, name text NOT NULL, code text, region text, key_customer boolean NOT NULL,
    grams text[] NOT NULL, haystack text NOT NULL
);
CREATE TABLE sites (
    site uuid PRIMARY KEY, customer uuid NOT NULL, name text NOT NULL, city text,
    grams text[] NOT NULL, haystack text NOT NULL
);
CREATE TABLE products (
    product uuid PRIMARY KEY, name text NOT NULL, code text, consumable boolean NOT NULL, warranty_months int,
    shelf_life_months int, grams text[] NOT NULL, haystack text NOT NULL
);
CREATE TABLE lots (
    lot_id uuid PRIMARY KEY, product uuid NOT NULL, product_name text NOT NULL, lot text NOT NULL, manufactured date,
    grams text[] NOT NULL, haystack text NOT NULL
);
CREATE TABLE units (
    unit uuid PRIMARY KEY, product uuid NOT NULL, product_name text NOT NULL, customer uuid NOT NULL, site uuid,
    serial text, lot text, delivered date, contract text, contract_until date,
    grams text[] NOT NULL, haystack text NOT NULL
);
CREATE INDEX ON customers USING gin (grams);
CREATE INDEX ON sites USING gin (grams);
CREATE INDEX ON sites (customer);
CREATE INDEX ON products USING gin (grams);
CREATE INDEX ON lots USING gin (grams);
CREATE INDEX ON lots (product, lot);
CREATE INDEX ON units USING gin (grams);
CREATE INDEX ON units (customer);
"""

KINDS: dict[str, str] = {
    "customers": "customer",
    "sites": "site",
    "products": "product",
    "lots": "lot_id",
    "units": "unit",
}
"""The tables and their keys."""

_TABLE_OF: dict[type[fact.TicketsEvent], str] = {
    fact.CustomerRecorded: "customers",
    fact.SiteRecorded: "sites",
    fact.ProductRecorded: "products",
    fact.LotRecorded: "lots",
    fact.UnitRecorded: "units",
}
_FOUND_BY = ("name", "code", "region", "city", "lot", "serial", "product_name", "contract")


async def _apply(connection: AsyncConnection, batch: Sequence[Recorded[Any]]) -> None:
    async with connection.pipeline():
        for recorded in batch:
            table = _TABLE_OF[type(recorded.event)]
            await _upsert(connection, table, recorded.event.model_dump(exclude={"at"}))


async def _upsert(connection: AsyncConnection, table: str, row: dict[str, Any]) -> None:
    texts = [row.get(name) for name in _FOUND_BY]
    row |= {"grams": grams(*texts), "haystack": haystack(*texts)}
    names = SQL(", ").join(map(Identifier, row))
    sets = SQL(", ").join(SQL("{0} = excluded.{0}").format(Identifier(name)) for name in row)
    query = SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO UPDATE SET {}").format(
        Identifier(table), names, SQL(", ").join(map(Placeholder, row)), Identifier(KINDS[table]), sets
    )
    await connection.execute(query, row)


REFERENCE = View(name="reference", sources=("tickets",), tables=_TABLES, apply=_apply, events=frozenset(_TABLE_OF))


class ReferencePage(Page):
    """Which entries, by name."""

    q: str | None = Field(None, min_length=1, max_length=100, description="名称、编码、批号等的任一部分 · any part")
    customer: UUID | None = Field(None, description="地点与设备:所属客户 · of this customer (sites, units)")
    product: UUID | None = Field(None, description="批次与设备:所属产品 · of this product (lots, units)")


OWNERS: dict[str, tuple[str, ...]] = {
    "customers": (),
    "sites": ("customer",),
    "products": (),
    "lots": ("product",),
    "units": ("customer", "product"),
}
"""By whose id a table can be narrowed down."""


async def search(pool: AsyncConnectionPool, table: str, page: ReferencePage) -> list[dict[str, Any]]:
    """Up to ``page.limit + 1`` entries of ``table``, in the order of their ids."""
    key = Identifier(KINDS[table])
    conditions: list[Composable] = [SQL("true")]
    values: dict[str, Any] = {"limit": page.limit + 1}
    for owner in OWNERS[table]:
        if (value := getattr(page, owner)) is not None:
            conditions.append(SQL("{} = {}").format(Identifier(owner), Placeholder(owner)))
            values[owner] = value
    if page.q:
        condition, found = sought(page.q)
        conditions.append(SQL(condition))
        values |= found
    if (last := page.after(UUID)) is not None:
        conditions.append(SQL("{} > %(last)s").format(key))
        values["last"] = last[0]
    query = SQL("SELECT * FROM view_reference.{} WHERE {} ORDER BY {} LIMIT %(limit)s").format(
        Identifier(table), SQL(" AND ").join(conditions), key
    )
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        rows = await (await cursor.execute(query, values)).fetchall()
    return [{k: v for k, v in row.items() if k not in ("grams", "haystack")} for row in rows]


async def find(pool: AsyncConnectionPool, table: str, key: UUID) -> dict[str, Any] | None:
    """One entry, or None."""
    query = SQL("SELECT * FROM view_reference.{} WHERE {} = %s").format(Identifier(table), Identifier(KINDS[table]))
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        row = await (await cursor.execute(query, (key,))).fetchone()
    return {k: v for k, v in row.items() if k not in ("grams", "haystack")} if row else None


async def delivered(pool: AsyncConnectionPool, customer: UUID, product: UUID, lot: str) -> list[UUID]:
    """The installed units of a customer, a product and a lot: what was delivered of it (D21)."""
    query = "SELECT unit FROM view_reference.units WHERE customer = %s AND product = %s AND lower(lot) = %s"
    async with pool.connection() as connection:
        rows = await connection.execute(query, (customer, product, lot.lower()))
        return [unit for (unit,) in await rows.fetchall()]
