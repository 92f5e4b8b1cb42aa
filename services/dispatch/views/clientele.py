"""Whom the company serves, as tickets tells it: customers, their sites, and the products they have in use.

Visit programmes ask it whom they fit (2.3).
"""

from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row, dict_row
from psycopg.sql import SQL, Identifier, Placeholder
from psycopg_pool import AsyncConnectionPool

from services.dispatch.domain.programme import Client
from shared.eventlog import Recorded
from shared.events.tickets import CustomerRecorded, ProductRecorded, SiteRecorded, TicketsEvent, UnitRecorded
from shared.projection import View

_TABLES: LiteralString = """
CREATE TABLE customers (customer uuid PRIMARY KEY, name text NOT NULL, region text, key_customer boolean NOT NULL);
CREATE INDEX ON customers (region);
CREATE TABLE sites (site uuid PRIMARY KEY, customer uuid NOT NULL, name text NOT NULL, city text);
CREATE INDEX ON sites (customer);
CREATE TABLE products (product uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE units (unit uuid PRIMARY KEY, customer uuid NOT NULL, product uuid NOT NULL);
CREATE INDEX ON units (product, customer);
"""

_ROWS: dict[type[TicketsEvent], tuple[str, tuple[str, ...]]] = {
    CustomerRecorded: ("customers", ("customer", "name", "region", "key_customer")),
    SiteRecorded: ("sites", ("site", "customer", "name", "city")),
    ProductRecorded: ("products", ("product", "name")),
    UnitRecorded: ("units", ("unit", "customer", "product")),
}
"""Table and columns, the key first; a correction is recorded as a whole."""


async def _apply(connection: AsyncConnection, batch: Sequence[Recorded[Any]]) -> None:
    async with connection.pipeline():
        for recorded in batch:
            table, names = _ROWS[type(recorded.event)]
            statement = SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO UPDATE SET {}").format(
                Identifier(table),
                SQL(", ").join(map(Identifier, names)),
                SQL(", ").join(map(Placeholder, names)),
                Identifier(names[0]),
                SQL(", ").join(SQL("{0} = excluded.{0}").format(Identifier(name)) for name in names),
            )
            await connection.execute(statement, {name: getattr(recorded.event, name) for name in names})


CLIENTELE = View(name="clientele", sources=("tickets",), tables=_TABLES, apply=_apply, events=frozenset(_ROWS))


_FITTING: LiteralString = """
SELECT c.customer, c.name AS customer_name, c.region, s.site, s.name AS site_name, s.city
FROM view_clientele.customers c
LEFT JOIN view_clientele.sites s ON s.customer = c.customer AND CASE
    WHEN %(site)s::uuid IS NOT NULL THEN s.site = %(site)s
    ELSE (SELECT count(*) FROM view_clientele.sites o WHERE o.customer = c.customer) = 1
END
WHERE (%(customer)s::uuid IS NULL OR c.customer = %(customer)s)
  AND (%(region)s::text IS NULL OR c.region = %(region)s)
  AND (NOT %(key_customers)s OR c.key_customer)
  AND (%(product)s::uuid IS NULL OR EXISTS (
      SELECT FROM view_clientele.units u WHERE u.customer = c.customer AND u.product = %(product)s))
ORDER BY c.name, c.customer
"""


async def fitting(
    pool: AsyncConnectionPool,
    *,
    customer: UUID | None,
    site: UUID | None,
    region: str | None,
    product: UUID | None,
    key_customers: bool,
) -> list[Client]:
    """Everybody who fits all that is named, in the order of their names."""
    asked = {
        "customer": customer,
        "site": site,
        "region": region,
        "product": product,
        "key_customers": key_customers,
    }
    async with pool.connection() as connection, connection.cursor(row_factory=class_row(Client)) as cursor:
        return await (await cursor.execute(_FITTING, asked)).fetchall()


_NAMES: dict[str, LiteralString] = {
    "customer": "SELECT name FROM view_clientele.customers WHERE customer = %s",
    "site": "SELECT name FROM view_clientele.sites WHERE site = %s AND customer = %s",
    "product": "SELECT name FROM view_clientele.products WHERE product = %s",
}


async def name_of(pool: AsyncConnectionPool, what: str, *key: UUID | None) -> str | None:
    """Of a ``customer``, a ``site`` (with its customer) or a ``product``; None where it isn't known here."""
    async with pool.connection() as connection:
        found = await (await connection.execute(_NAMES[what], key)).fetchone()
    return found[0] if found else None


async def whereabouts(pool: AsyncConnectionPool, customer: UUID, site: UUID | None) -> dict[str, str | None] | None:
    """``region``, ``site_name`` and ``city`` of a customer and one of its sites; None for an unknown customer."""
    query = (
        "SELECT c.region, s.name AS site_name, s.city FROM view_clientele.customers c "
        "LEFT JOIN view_clientele.sites s ON s.customer = c.customer AND s.site = %s WHERE c.customer = %s"
    )
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(query, (site, customer))).fetchone()
