"""Wages and minimum wages by month, CNY (D8): what may be taken from a wage depends on them.

They lie beside the log, for HR and finance alone, where they can be erased (D13, ADR 4). The log says that one was
recorded, under a pseudonym that is keyed with the company's secret: the same again is known, and nobody can try values
until one fits.
"""

import hmac
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel, ConfigDict, Field

from services.penalties.domain.deduction import Wage
from shared.money import NonNegativeMoney
from shared.text import Name

TABLES: LiteralString = """
CREATE TABLE IF NOT EXISTS wages (
    engineer text NOT NULL, period text NOT NULL, wage numeric(14, 2) NOT NULL, minimum_wage numeric(14, 2) NOT NULL,
    recorded_at timestamptz NOT NULL, PRIMARY KEY (engineer, period)
);
CREATE INDEX IF NOT EXISTS wages_period ON wages (period);
"""

_KEEP: LiteralString = """
INSERT INTO wages (engineer, period, wage, minimum_wage, recorded_at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (engineer, period) DO UPDATE SET
    wage = excluded.wage, minimum_wage = excluded.minimum_wage, recorded_at = excluded.recorded_at
"""
_ERASE: LiteralString = "DELETE FROM wages WHERE engineer = %s"
_OF_PERIOD: LiteralString = """
SELECT engineer, wage, minimum_wage, recorded_at FROM wages WHERE period = %s ORDER BY engineer
"""


class WageSaid(BaseModel):
    """What an engineer earns in a month, and the legal minimum there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    engineer: Name = Field(description="人员 · engineer")
    wage: NonNegativeMoney = Field(description="当月工资，元 · the month's wage, CNY")
    minimum_wage: NonNegativeMoney = Field(description="当地最低工资标准，元 · the minimum wage there, CNY")


class WageBook:
    """Makes the pseudonyms; ``secret`` is the company's and never changes."""

    def __init__(self, secret: bytes) -> None:
        self._secret = hmac.digest(secret, b"wages", "sha256")

    def content_of(self, period: str, said: WageSaid) -> UUID:
        """The pseudonym of what was said of an engineer's month."""
        told = f"{period}\n{said.model_dump_json()}"
        return UUID(bytes=hmac.digest(self._secret, told.encode(), "sha256")[:16], version=4)


Row = tuple[LiteralString, tuple[Any, ...]]
"""A statement and its values, to be written in the transaction of the event."""


def keep(period: str, said: WageSaid, at: datetime) -> Row:
    return _KEEP, (said.engineer, period, said.wage, said.minimum_wage, at)


def erase(engineer: str) -> Row:
    return _ERASE, (engineer,)


async def of_period(pool: AsyncConnectionPool, period: str) -> list[dict[str, Any]]:
    """All that are recorded of a month, by engineer."""
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(_OF_PERIOD, (period,))).fetchall()


async def wages_of(pool: AsyncConnectionPool, period: str, engineers: Collection[str]) -> Mapping[str, Wage]:
    """Of these engineers; who has none recorded is missing."""
    found = await of_period(pool, period)
    return {row["engineer"]: Wage(row["wage"], row["minimum_wage"]) for row in found if row["engineer"] in engineers}
