"""Contact persons: name, telephone and address lie beside the log, where they can be erased (D13).

The log knows a person by a pseudonym. It comes from the facts, so that the same caller is the same person however
often told, and from the company's secret, so that nobody can try all telephone numbers until one fits.
"""

import hmac
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel, ConfigDict, Field, field_validator

from services.tickets.domain import reference
from services.tickets.domain.reference import RecordPerson
from services.tickets.register.values import phones_of
from shared.eventlog import Streams
from shared.events.tickets import PersonErased, PersonRecorded
from shared.text import folded
from shared.validation import wrong

TABLES: LiteralString = """
CREATE TABLE IF NOT EXISTS persons (
    person uuid PRIMARY KEY, name text, phone text, email text, address text, customer uuid, site uuid,
    recorded_at timestamptz NOT NULL, erased_at timestamptz
);
ALTER TABLE persons ADD COLUMN IF NOT EXISTS site uuid;
CREATE INDEX IF NOT EXISTS persons_phone ON persons (phone);
CREATE INDEX IF NOT EXISTS persons_customer ON persons (customer);
"""

_UPSERT: LiteralString = """
INSERT INTO persons AS p (person, name, phone, email, address, customer, site, recorded_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (person) DO UPDATE SET
    name = coalesce(excluded.name, p.name), phone = coalesce(excluded.phone, p.phone),
    email = coalesce(excluded.email, p.email), address = coalesce(excluded.address, p.address),
    customer = coalesce(excluded.customer, p.customer), site = coalesce(excluded.site, p.site)
WHERE p.erased_at IS NULL
"""

ERASE: LiteralString = """
UPDATE persons SET name = NULL, phone = NULL, email = NULL, address = NULL, erased_at = %s WHERE person = %s
"""


class PersonData(BaseModel):
    """Who called or wrote."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    name: str | None = Field(None, max_length=100, description="姓名 · name")
    phone: str | None = Field(
        None, max_length=40, description="电话,分机以逗号分隔 · telephone, extension after a comma"
    )
    email: str | None = Field(None, max_length=200, description="邮箱 · e-mail")
    address: str | None = Field(None, max_length=300, description="地址 · address")

    @field_validator("phone")
    @classmethod
    def _one_number(cls, phone: str | None) -> str | None:
        if phone and len(phones_of(phone).numbers) > 1:
            raise wrong("一次只能填写一个电话号码。", "Give one telephone number at a time.")
        return phone


class Persons:
    """The persons of this company; ``secret`` makes their pseudonyms and never changes."""

    def __init__(self, secret: bytes) -> None:
        self._secret = hmac.digest(secret, b"persons", "sha256")

    def id_of(self, data: PersonData, customer: UUID | None, seed: str, again: int = 0) -> UUID:
        """The pseudonym: of a number and a name, or of a name at a customer; where nothing tells who it is, of the
        entry that ``seed`` stands for.

        ``again``: how often the same person was erased and came back, each time as a new one.
        """
        phone, email, name = normalised(data.phone), (data.email or "").casefold(), folded(data.name or "")
        known = phone or email or (name and customer)
        facts = f"{phone or ''}\n{email}\n{name}\n{'' if phone else customer}\n{again or ''}"
        told = facts if known else f"{seed}\n{again or ''}"
        return UUID(bytes=hmac.digest(self._secret, told.encode(), "sha256")[:16], version=4)

    async def record(
        self,
        streams: Streams,
        data: PersonData,
        customer: UUID | None,
        seed: str,
        *,
        at: datetime,
        by: str,
        site: UUID | None = None,
        corrects: bool = False,
    ) -> UUID | None:
        """Record who it is, in the work's own transaction; the pseudonym, or None where nothing was said.

        Whose somebody is stays as it was said first, unless the caller ``corrects`` it: one telephone calls for many.
        """
        if not any(dict(data).values()):
            return None
        again = 0
        while True:
            person = self.id_of(data, customer, seed, again)
            known = (await streams.load(reference, person, required=False)).latest
            if not isinstance(known, PersonErased):
                break
            again += 1
        if isinstance(known, PersonRecorded):
            said, before = (customer, site), (known.customer, known.site)
            first, then = (said, before) if corrects else (before, said)
            customer, site = first[0] or then[0], first[1] or then[1]
        await streams.handle(reference, person, RecordPerson(person=person, customer=customer, site=site, at=at, by=by))
        phone = normalised(data.phone)
        streams.write_beside(_UPSERT, person, data.name, phone, data.email, data.address, customer, site, at)
        return person


def normalised(phone: str | None) -> str | None:
    """Digits, an extension behind a comma; what can't be read stays as it was written, so that it isn't lost."""
    if not phone or not phone.strip():
        return None
    numbers = phones_of(phone).numbers
    return numbers[0] if numbers else phone.strip()


_SELECT: LiteralString = "SELECT person, name, phone, email, address, customer, site, erased_at FROM persons WHERE "


async def data_of(pool: AsyncConnectionPool, person: UUID) -> dict[str, Any] | None:
    """What is known of a person."""
    found = await _select(pool, _SELECT + "person = %s", person)
    return found[0] if found else None


async def with_phone(pool: AsyncConnectionPool, phone: str) -> list[dict[str, Any]]:
    """Who calls from a number, whatever the extension. Several are listed, never chosen silently."""
    query = _SELECT + "phone = %s OR starts_with(phone, %s) ORDER BY recorded_at DESC, person"
    number = normalised(phone) or ""
    return await _select(pool, query, number, f"{number.partition(',')[0]},")


async def with_name(pool: AsyncConnectionPool, name: str, customer: UUID | None) -> list[dict[str, Any]]:
    """Whose name holds ``name``, at any customer or at one."""
    query = (
        _SELECT + "position(%s IN lower(name)) > 0 AND (%s::uuid IS NULL OR customer = %s) "
        "ORDER BY recorded_at DESC, person"
    )
    return await _select(pool, query, name.strip().lower(), customer, customer)


async def _select(pool: AsyncConnectionPool, query: LiteralString, *values: Any) -> list[dict[str, Any]]:
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(query, values)).fetchall()
