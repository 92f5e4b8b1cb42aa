"""Where the recipients of the monthly reports are reached: beside the log, where it can be changed and erased (D13)."""

from typing import Any, LiteralString, NamedTuple

from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool

TABLES: LiteralString = """
CREATE TABLE IF NOT EXISTS report_addresses (
    recipient text PRIMARY KEY,
    email text,
    webhook text
);
"""
SET: LiteralString = (
    "INSERT INTO report_addresses (recipient, email, webhook) VALUES (%s, %s, %s) "
    "ON CONFLICT (recipient) DO UPDATE SET email = excluded.email, webhook = excluded.webhook"
)


class Address(NamedTuple):
    """Of one recipient; None where it has none of that kind."""

    recipient: str
    email: str | None
    webhook: str | None


async def addresses(pool: AsyncConnectionPool) -> dict[str, Address]:
    """All, by recipient."""
    async with pool.connection() as connection:
        return await _read(connection)


async def _read(connection: AsyncConnection[Any]) -> dict[str, Address]:
    cursor = connection.cursor(row_factory=class_row(Address))
    await cursor.execute("SELECT recipient, email, webhook FROM public.report_addresses")
    return {address.recipient: address for address in await cursor.fetchall()}
