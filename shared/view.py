"""What a view is, and how it lies in the database.

Each view has a schema of its own (``view_<name>``) with its positions beside its tables, so both are swapped together.
"""

import asyncio
import contextlib
import hashlib
import inspect
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cached_property
from typing import LiteralString

from psycopg import AsyncConnection
from psycopg.sql import SQL, Identifier
from psycopg_pool import AsyncConnectionPool

from shared import published, subscription
from shared.events.base import Event
from shared.inbox import Handler, Place
from shared.published import Published

TABLES: LiteralString = (
    subscription.TABLES
    + published.TABLES
    + """
CREATE TABLE IF NOT EXISTS views (
    name text PRIMARY KEY,
    fingerprint text NOT NULL,
    built_at timestamptz NOT NULL DEFAULT now()
);
"""
)
"""DDL that a database with subscriptions or views needs; repeatable."""


@dataclass(frozen=True)
class View:
    """A projection. Its tables must follow from the events alone: no clock, no chance, no sequence of its own."""

    name: str
    """Unique in its service, also among the subscriptions: lower-case letters, digits and ``_``."""
    sources: tuple[str, ...]
    """The services whose events it shows."""
    tables: LiteralString
    """DDL with unqualified names; ``positions`` is taken."""
    apply: Handler
    """Changes the tables as a batch demands; unqualified names, in the transaction it is given."""
    events: frozenset[type[Event]] | None = None
    """The classes that are wanted; None for all there are."""
    groups: int | None = None
    """Into how many groups the partitions are cut; 1 where events of different aggregates change the same rows."""
    published: tuple[Published, ...] = ()
    """What others may read of it by SQL; whatever changes there, the view isn't made again for it."""

    def __post_init__(self) -> None:
        if not re.fullmatch("[a-z][a-z0-9_]{0,40}", self.name):
            raise ValueError(f"a view can't be called {self.name!r}")

    @property
    def schema(self) -> str:
        """Where its tables are, and the channel that is notified when they have changed."""
        return f"view_{self.name}"

    @cached_property
    def fingerprint(self) -> str:
        """Of the tables and of the code that fills them: whatever changes in its module makes it another view."""
        parts = [self.tables, repr(self.sources), repr(sorted(e.TOPIC for e in self.events or ()))]
        with contextlib.suppress(OSError, TypeError):
            parts.append(inspect.getsource(inspect.getmodule(self.apply) or type(self.apply)))
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    @property
    def place(self) -> Place:
        """Where the live view is written."""
        return Place(self.schema, self.gate, self.name, self.fingerprint, self.schema)

    @property
    def gate(self) -> str:
        """The lock that whoever writes the live view shares, and a swap takes alone."""
        return f"view {self.name}"

    def own(self, service: str) -> bool:
        """Whether it is fed from the service's own log."""
        return self.sources == (service,)


async def built(pool: AsyncConnectionPool, view: View) -> bool:
    """Whether the live view is there and made by this version of the program."""
    async with pool.connection() as connection:
        rows = await connection.execute("SELECT fingerprint FROM public.views WHERE name = %s", (view.name,))
        return await rows.fetchone() == (view.fingerprint,)


@contextlib.asynccontextmanager
async def building(pool: AsyncConnectionPool, view: View) -> AsyncIterator[None]:
    """Only one process at a time builds the view. A dead one's lock is free at once."""
    key = f"build {view.name}"
    async with pool.connection() as connection:
        while True:
            if await _locked(connection, key):
                break
            await asyncio.sleep(0.2)
        try:
            yield
        finally:
            await connection.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", (key,))


async def _locked(connection: AsyncConnection, key: str) -> bool:
    row = await (await connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", (key,))).fetchone()
    return bool(row and row[0])


async def drop_schema(pool: AsyncConnectionPool, schema: str) -> None:
    """With all in it, where it exists; waits for those who still read it."""
    async with pool.connection() as connection:
        await connection.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(schema)))


async def make_schema(connection: AsyncConnection, view: View, schema: str) -> None:
    """An empty view, in place of what was there under that name."""
    name, positions = Identifier(schema), Identifier(schema, "positions")
    async with connection.transaction():
        await connection.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(name))
        await connection.execute(SQL("CREATE SCHEMA {}").format(name))
        await connection.execute(SQL("CREATE TABLE {} (LIKE public.positions INCLUDING ALL)").format(positions))
        await connection.execute("SELECT set_config('search_path', %s, true)", (f'"{schema}", public',))
        await connection.execute(view.tables)
