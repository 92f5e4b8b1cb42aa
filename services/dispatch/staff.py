"""What is personal of an engineer: name, numbers, home, phone allowance and wage band.

It lies beside the log, where it can be erased (D13, ADR 4). The log says that it was recorded, under a pseudonym that
is keyed with the company's secret: the same again is known, and nobody can try values until one fits. Numbers are kept
with the time for which they were the engineer's, for numbers change hands.
"""

import hmac
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, LiteralString
from uuid import UUID

import phonenumbers
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from shared.money import NonNegativeMoney
from shared.text import Name
from shared.validation import wrong

TABLES: LiteralString = """
CREATE TABLE IF NOT EXISTS engineer_contacts (
    engineer text PRIMARY KEY, name text, base_latitude double precision, base_longitude double precision,
    recorded_at timestamptz NOT NULL, erased_at timestamptz
);
CREATE TABLE IF NOT EXISTS engineer_phones (
    engineer text NOT NULL, phone text NOT NULL, since timestamptz NOT NULL, until timestamptz
);
CREATE UNIQUE INDEX IF NOT EXISTS engineer_phones_now ON engineer_phones (engineer, phone) WHERE until IS NULL;
CREATE INDEX IF NOT EXISTS engineer_phones_phone ON engineer_phones (phone);
CREATE TABLE IF NOT EXISTS engineer_terms (
    engineer text NOT NULL, valid_from date NOT NULL, phone_allowance numeric(14, 2) NOT NULL, wage_band text NOT NULL,
    recorded_at timestamptz NOT NULL, PRIMARY KEY (engineer, valid_from)
);
"""

_KEEP_CONTACTS: LiteralString = """
WITH told AS (
    SELECT %s::text AS engineer, %s::text AS name, %s::text[] AS phones, %s::float8 AS latitude,
           %s::float8 AS longitude, %s::timestamptz AS at
), ended AS (
    UPDATE engineer_phones AS p SET until = told.at FROM told
    WHERE p.engineer = told.engineer AND p.until IS NULL AND p.phone <> ALL (told.phones)
), begun AS (
    INSERT INTO engineer_phones (engineer, phone, since)
    SELECT told.engineer, phone, told.at FROM told, unnest(told.phones) AS phone
    ON CONFLICT (engineer, phone) WHERE until IS NULL DO NOTHING
)
INSERT INTO engineer_contacts (engineer, name, base_latitude, base_longitude, recorded_at)
SELECT engineer, name, latitude, longitude, at FROM told
ON CONFLICT (engineer) DO UPDATE SET
    name = excluded.name, base_latitude = excluded.base_latitude, base_longitude = excluded.base_longitude,
    recorded_at = excluded.recorded_at
"""

_KEEP_TERMS: LiteralString = """
INSERT INTO engineer_terms (engineer, valid_from, phone_allowance, wage_band, recorded_at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (engineer, valid_from) DO UPDATE SET
    phone_allowance = excluded.phone_allowance, wage_band = excluded.wage_band, recorded_at = excluded.recorded_at
"""

_ERASE: LiteralString = """
WITH told AS (SELECT %s::text AS engineer, %s::timestamptz AS at),
phones AS (DELETE FROM engineer_phones USING told WHERE engineer_phones.engineer = told.engineer),
terms AS (DELETE FROM engineer_terms USING told WHERE engineer_terms.engineer = told.engineer)
UPDATE engineer_contacts AS c SET name = NULL, base_latitude = NULL, base_longitude = NULL, erased_at = told.at
FROM told WHERE c.engineer = told.engineer
"""


def _e164(number: str) -> str:
    """``+8613800000004``; numbers without a country are Chinese."""
    try:
        parsed = phonenumbers.parse(number, "CN")
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or not phonenumbers.is_possible_number(parsed):
        raise wrong("电话号码无法识别；座机请带区号。", "That is no telephone number; a landline needs its area code.")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


Phone = Annotated[str, Field(min_length=3, max_length=40), AfterValidator(_e164)]
"""In E.164."""


class Contacts(BaseModel):
    """Who an engineer is, how to reach them, and where they start from; it replaces what was there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name = Field(description="姓名 · name")
    phones: Annotated[tuple[Phone, ...], Field(max_length=5)] = Field((), description="电话 · telephone numbers")
    base_latitude: float | None = Field(None, ge=-90, le=90, description="驻地纬度 · of the home base")
    base_longitude: float | None = Field(None, ge=-180, le=180, description="驻地经度 · of the home base")

    @model_validator(mode="after")
    def _whole_place(self) -> "Contacts":
        if (self.base_latitude is None) != (self.base_longitude is None):
            raise wrong("经纬度须同时填写。", "Give both latitude and longitude.")
        return self


class EmploymentTerms(BaseModel):
    """What only HR and finance know (D8, D9)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    valid_from: date = Field(description="自哪一天起 · from which day on")
    phone_allowance: NonNegativeMoney = Field(description="出差电话补贴，元/天 · phone allowance, CNY a trip day")
    wage_band: Name = Field(description="工资档 · wage band")


class Staff:
    """The personal data of this company's engineers; ``secret`` makes the pseudonyms and never changes."""

    def __init__(self, secret: bytes) -> None:
        self._secret = hmac.digest(secret, b"staff", "sha256")

    def content_of(self, engineer: str, said: Contacts | EmploymentTerms) -> UUID:
        """The pseudonym of what was said of an engineer."""
        told = f"{engineer}\n{type(said).__name__}\n{said.model_dump_json()}"
        return UUID(bytes=hmac.digest(self._secret, told.encode(), "sha256")[:16], version=4)


Row = tuple[LiteralString, tuple[Any, ...]]
"""A statement and its values, to be written in the transaction of the event."""


def keep_contacts(engineer: str, said: Contacts, at: datetime) -> Row:
    place = (said.base_latitude, said.base_longitude)
    return _KEEP_CONTACTS, (engineer, said.name, sorted(set(said.phones)), *place, at)


def keep_terms(engineer: str, said: EmploymentTerms, at: datetime) -> Row:
    return _KEEP_TERMS, (engineer, said.valid_from, said.phone_allowance, said.wage_band, at)


def erase(engineer: str, at: datetime) -> Row:
    return _ERASE, (engineer, at)


# --- reading ----------------------------------------------------------------------------------------------------------

_CONTACTS: LiteralString = """
SELECT c.engineer, c.name, c.base_latitude, c.base_longitude, c.erased_at,
    coalesce((SELECT array_agg(p.phone ORDER BY p.phone) FROM engineer_phones AS p
              WHERE p.engineer = c.engineer AND p.until IS NULL), '{}') AS phones
FROM engineer_contacts AS c WHERE c.engineer = %s
"""


async def contacts_of(pool: AsyncConnectionPool, engineer: str) -> dict[str, Any] | None:
    """Name, numbers and base; None where nothing was ever recorded."""
    found = await _select(pool, _CONTACTS, engineer)
    return found[0] if found else None


async def terms_of(pool: AsyncConnectionPool, engineer: str) -> list[dict[str, Any]]:
    """All terms by the day from which they hold."""
    query: LiteralString = (
        "SELECT valid_from, phone_allowance, wage_band FROM engineer_terms WHERE engineer = %s ORDER BY valid_from"
    )
    return await _select(pool, query, engineer)


async def phone_allowance(pool: AsyncConnectionPool, engineer: str, day: date) -> Decimal | None:
    """What a day of a trip brings for the phone (D9), CNY; None where nothing was agreed with the engineer."""
    query: LiteralString = (
        "SELECT phone_allowance FROM engineer_terms WHERE engineer = %s AND valid_from <= %s "
        "ORDER BY valid_from DESC LIMIT 1"
    )
    found = await _select(pool, query, engineer, day)
    return found[0]["phone_allowance"] if found else None


async def with_phone(pool: AsyncConnectionPool, phone: Phone, at: datetime) -> list[str]:
    """Whose number it was at that time; several are listed, never chosen silently."""
    query: LiteralString = (
        "SELECT engineer FROM engineer_phones WHERE phone = %s AND since <= %s AND (until IS NULL OR until > %s) "
        "ORDER BY engineer"
    )
    return [row["engineer"] for row in await _select(pool, query, phone, at, at)]


async def _select(pool: AsyncConnectionPool, query: LiteralString, *values: Any) -> list[dict[str, Any]]:
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(query, values)).fetchall()
