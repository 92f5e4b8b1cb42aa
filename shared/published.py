"""SQL for others: stable, documented views over a projection's tables, in a schema of their own.

A projection's tables are made again whenever its code changes, under another schema that then takes the live one's
name. PostgreSQL knows a view's tables by identity, not by name, so whoever read ``view_x.t`` by a view of their own
would read the old tables and lose that view with them. Therefore what others read is *published* here, and is laid over
the new tables in the very transaction of the swap (``shared.rebuild``).

The database role ``dashboard`` may read this schema and nothing else.
"""

import asyncio
import hashlib
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

import structlog
from psycopg import AsyncConnection
from psycopg.errors import DeadlockDetected, InvalidSchemaName, LockNotAvailable, UndefinedTable
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal
from psycopg_pool import AsyncConnectionPool

from shared.decider import Words

SCHEMA = "dashboard"
READER = "dashboard"
"""The role that may read the schema. Who runs the servers makes it (``shared.embedded``, ``deploy/postgres``)."""
READER_SETTINGS = {
    "default_transaction_read_only": "on",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "10s",
    "transaction_timeout": "60s",
    "search_path": SCHEMA,
}
"""What a session of the reader begins with."""
READER_CONNECTIONS = 20

TABLES: LiteralString = """
CREATE TABLE IF NOT EXISTS published (
    name text PRIMARY KEY,
    fingerprint text NOT NULL
);
"""
"""DDL of a database with views: how each published view was last made."""

PATIENCE_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 40.0)
"""How long to wait for those who are reading a published view, try by try: while we wait, new readers wait behind us.
The last is longer than any statement of the reader may take."""
PAUSE_SECONDS = 0.5

_LOCK = "published"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a published view. Its name, type and place are never changed."""

    name: str
    type: LiteralString
    """As PostgreSQL calls it."""
    about: Words


@dataclass(frozen=True)
class Published:
    """A view that others may read. It changes by columns that are added at its end, and in no other way."""

    name: str
    about: Words
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    """Columns that tell each row from every other; never null, and a row keeps them for ever."""
    query: Composable
    """Gives the columns by name; names tables without a schema."""

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if not re.fullmatch("[a-z][a-z0-9_]{0,40}", self.name):
            raise ValueError(f"a published view can't be called {self.name!r}")
        if len(set(names)) < len(names) or not set(self.key) <= set(names) or not self.key:
            raise ValueError(f"{self.name} has a column twice, or no key among its columns")

    @property
    def fingerprint(self) -> str:
        """Of all that makes it in the database."""
        return hashlib.sha256(self._made().as_string().encode()).hexdigest()

    def _made(self) -> Composed:
        """The statements that make it, comments included."""
        columns = SQL(", ").join(SQL("q.{0}::{1} AS {0}").format(Identifier(c.name), SQL(c.type)) for c in self.columns)
        target = Identifier(SCHEMA, self.name)
        made: list[Composable] = [
            SQL("CREATE OR REPLACE VIEW {} AS SELECT {} FROM ({}) q").format(target, columns, self.query),
            SQL("COMMENT ON VIEW {} IS {}").format(target, _comment(self.about)),
        ]
        for column in self.columns:
            place = Identifier(SCHEMA, self.name, column.name)
            made.append(SQL("COMMENT ON COLUMN {} IS {}").format(place, _comment(column.about)))
        return SQL(";\n").join(made)

    async def lay(self, connection: AsyncConnection, schema: str) -> None:
        """Make it, over the tables in ``schema``, in the open transaction; it follows them if the schema is renamed.

        Those who read it wait until the transaction ends. Raises psycopg.errors.InvalidTableDefinition where a column
        was changed or taken away.
        """
        await connection.execute("SELECT set_config('search_path', %s, true)", (f'"{schema}", public',))
        await connection.execute(self._made())
        await connection.execute(
            "INSERT INTO public.published (name, fingerprint) VALUES (%s, %s) "
            "ON CONFLICT (name) DO UPDATE SET fingerprint = excluded.fingerprint",
            (self.name, self.fingerprint),
        )


def _comment(words: Words) -> Literal:
    return Literal(f"{words.zh} · {words.en}")


class Busy(Exception):
    """Somebody is reading what has to be made anew."""


async def lay_all(connection: AsyncConnection, published: Sequence[Published], schema: str, seconds: float) -> None:
    """All of them, in the open transaction. Raises ``Busy`` when a reader of one takes longer than ``seconds``."""
    if not published:
        return
    await connection.execute("SELECT set_config('lock_timeout', %s, true)", (f"{int(seconds * 1000)}ms",))
    try:
        for each in sorted(published, key=lambda p: p.name):
            await each.lay(connection, schema)
    except (LockNotAvailable, DeadlockDetected) as error:
        raise Busy from error
    await connection.execute("SELECT set_config('lock_timeout', '0', true)")


async def lay_if_needed(pool: AsyncConnectionPool, published: Sequence[Published], schema: str) -> None:
    """Make those that this version of the program makes in another way than they are, over the tables in ``schema``."""
    if not published:
        return
    async with pool.connection() as connection:
        await open_schema(connection)
        rows = await connection.execute(
            "SELECT name, fingerprint FROM public.published WHERE to_regclass(%s || name) IS NOT NULL", (f"{SCHEMA}.",)
        )
        found: dict[str, str] = dict(await rows.fetchall())
        changed = [each for each in published if found.get(each.name) != each.fingerprint]
        for seconds in patience():
            try:
                async with connection.transaction():
                    await lay_all(connection, changed, schema, seconds)
                return
            except Busy:
                log.info("published_views_are_being_read", count=len(changed))
                await asyncio.sleep(PAUSE_SECONDS)


def patience() -> Iterator[float]:
    """How many seconds to wait for readers, try by try, for ever."""
    yield from PATIENCE_SECONDS
    yield from itertools.repeat(PATIENCE_SECONDS[-1])


async def open_schema(connection: AsyncConnection) -> None:
    """The schema, and the reader's way into it. Where the server has no such role, nobody but us reads."""
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (_LOCK,))
        await connection.execute(SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(SCHEMA)))
        role = await connection.execute("SELECT current_database() FROM pg_roles WHERE rolname = %s", (READER,))
        found = await role.fetchone()
        if not found:
            log.info("no_role_for_dashboards", role=READER)
            return
        rows = await connection.execute(_LACKING, {"reader": READER, "schema": SCHEMA})
        if await rows.fetchone():
            names = {"database": found[0], "reader": READER, "schema": SCHEMA}
            await connection.execute(_RIGHTS.format(**{name: Identifier(value) for name, value in names.items()}))


_LACKING: LiteralString = """
SELECT 1 WHERE NOT has_database_privilege(%(reader)s, current_database(), 'CONNECT')
    OR NOT has_schema_privilege(%(reader)s, %(schema)s, 'USAGE')
    OR NOT EXISTS (SELECT FROM pg_default_acl WHERE defaclnamespace = %(schema)s::regnamespace)
    OR EXISTS (SELECT FROM pg_class WHERE relnamespace = %(schema)s::regnamespace AND relkind = 'v'
        AND NOT has_table_privilege(%(reader)s, oid, 'SELECT'))
"""
_RIGHTS = SQL("""
GRANT CONNECT ON DATABASE {database} TO {reader};
GRANT USAGE ON SCHEMA {schema} TO {reader};
GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {reader};
ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT ON TABLES TO {reader};
""")


# -- reading -----------------------------------------------------------------------------------------------------------


class NotPublished(Exception):
    """The view isn't there yet: its projection is being built for the first time."""


_PYTHON: Mapping[str, type] = {
    "text": str,
    "uuid": UUID,
    "integer": int,
    "bigint": int,
    "date": date,
    "timestamptz": datetime,
}
"""Of the types that a key may have."""


def key_types(published: Published) -> tuple[type, ...]:
    """Of the columns of its key."""
    types = {column.name: column.type for column in published.columns}
    return tuple(_PYTHON[types[name]] for name in published.key)


async def rows_after(
    pool: AsyncConnectionPool, published: Published, after: Sequence[Any] | None, limit: int
) -> list[dict[str, Any]]:
    """Up to ``limit`` rows in the order of the key, from behind ``after``. Raises ``NotPublished``."""
    key = SQL(", ").join(map(Identifier, published.key))
    behind: Composable = SQL("true")
    if after is not None:
        behind = SQL("({}) > ({})").format(key, SQL(", ").join(map(Literal, after)))
    query = SQL("SELECT * FROM {} WHERE {} ORDER BY {} LIMIT {}").format(
        Identifier(SCHEMA, published.name), behind, key, Literal(limit)
    )
    try:
        async with pool.connection() as connection, connection.transaction():
            await connection.execute(
                "SELECT set_config('transaction_read_only', 'on', true), set_config('statement_timeout', %s, true)",
                (READER_SETTINGS["statement_timeout"],),
            )
            return await (await connection.cursor(row_factory=dict_row).execute(query)).fetchall()
    except (UndefinedTable, InvalidSchemaName) as error:
        raise NotPublished from error
