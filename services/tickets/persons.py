"""Contact persons: name, telephone and address lie beside the log, where they can be erased (D13).

The log knows a person by a pseudonym. It comes from the facts, so that the same caller is the same person however
often told, and from the company's secret, so that nobody can try all telephone numbers until one fits.
"""

import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel, ConfigDict, Field

from services.tickets.domain import reference
from services.tickets.domain.reference import ErasePerson, RecordPerson
from services.tickets.register.values import phones_of
from services.tickets.search import folded
from shared.eventlog import Streams
from shared.events.tickets import PersonErased

TABLES: LiteralString = """
CREATE TABLE IF NOT EXISTS persons (
    person uuid PRIMARY KEY, name text, phone text, email text, address text, customer uuid,
    recorded_at timestamptz NOT NULL, erased_at timestamptz
);
CREATE INDEX IF NOT EXISTS persons_phone ON persons (phone);
CREATE INDEX IF NOT EXISTS persons_customer ON persons (customer);
"""

_UPSERT: LiteralString = """
INSERT INTO persons AS p (person, name, phone, email, address, customer, recorded_at)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (person) DO UPDATE SET
    name = coalesce(excluded.name, p.name), phone = coalesce(excluded.phone, p.phone),
    email = coalesce(excluded.email, p.email), address = coalesce(excluded.address, p.address),
    customer = coalesce(excluded.customer, p.customer)
WHERE p.erased_at IS NULL
"""

_ERASE: LiteralString = """
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


class Persons:
    """The persons of this company; ``secret`` makes their pseudonyms and never changes."""

    def __init__(self, secret: bytes) -> None:
        self._secret = hmac.digest(secret, b"persons", "sha256")

    def id_of(self, data: PersonData, customer: UUID | None, again: int = 0) -> UUID | None:
        """The pseudonym: of a number and a name, or of a name at a customer; None where nothing tells who it is.

        ``again``: how often the same person was erased and came back, each time as a new one.
        """
        phone, email, name = normalised(data.phone), (data.email or "").casefold(), folded(data.name or "")
        if not (phone or email or (name and customer)):
            return None
        facts = f"{phone or ''}\n{email}\n{name}\n{'' if phone else customer}\n{again or ''}"
        return UUID(bytes=hmac.digest(self._secret, facts.encode(), "sha256")[:16], version=4)

    async def record(
        self, streams: Streams, data: PersonData, customer: UUID | None, *, at: datetime, by: str
    ) -> UUID | None:
        """Record who it is, in the work's own transaction; the pseudonym, or None where nobody can be told."""
        again = 0
        while (person := self.id_of(data, customer, again)) is not None:
            known = await streams.load(reference, person, required=False)
            if not isinstance(known.latest, PersonErased):
                break
            again += 1
        else:
            return None
        if known.latest is None:
            command = RecordPerson(person=person, customer=customer, at=at, by=by)
            await streams.handle(reference, person, command)
        streams.write_beside(_UPSERT, person, data.name, normalised(data.phone), data.email, data.address, customer, at)
        return person


def normalised(phone: str | None) -> str | None:
    """Digits, an extension behind a comma; what can't be read stays as it was written, so that it isn't lost."""
    if not phone or not phone.strip():
        return None
    numbers = phones_of(phone).numbers
    return numbers[0] if numbers else phone.strip()


async def erase(streams: Streams, person: UUID, reason: str, *, at: datetime, by: str) -> dict[str, Any]:
    """D13: what the pseudonym stood for is deleted; the log stays whole. Raises ``Refused``."""
    await streams.handle(reference, person, ErasePerson(person=person, reason=reason, at=at, by=by))
    streams.write_beside(_ERASE, at, person)
    return {"person": str(person), "erased_at": at.isoformat()}


async def data_of(pool: AsyncConnectionPool, persons: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """What is known of each of them."""
    query = "SELECT person, name, phone, email, address, customer, erased_at FROM persons WHERE person = ANY(%s)"
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return {row["person"]: row for row in await (await cursor.execute(query, (list(persons),))).fetchall()}


async def with_phone(pool: AsyncConnectionPool, phone: str) -> list[dict[str, Any]]:
    """Who calls from a number. Several are listed, never chosen silently."""
    query = (
        "SELECT person, name, phone, email, address, customer, erased_at FROM persons "
        "WHERE phone = %s OR phone LIKE %s ORDER BY recorded_at DESC LIMIT 50"
    )
    number = normalised(phone)
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(query, (number, f"{number},%"))).fetchall()
