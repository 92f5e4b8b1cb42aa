"""The chain in the service's database, beside the log: written once, by position, and never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

import orjson
from psycopg import AsyncConnection

from shared.chain import Entry
from shared.decider import Words

# The trigger stops mistakes, not whoever owns the database: those the signed heads betray.
TABLES: LiteralString = """
CREATE TABLE IF NOT EXISTS chain (
    position bigint PRIMARY KEY,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32)
);
CREATE TABLE IF NOT EXISTS chain_check (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    at timestamptz NOT NULL,
    position bigint NOT NULL,
    breaks jsonb NOT NULL
);
CREATE OR REPLACE FUNCTION chain_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the chain is append-only'; END $$;
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON chain
FOR EACH STATEMENT EXECUTE FUNCTION chain_is_append_only();
"""


@dataclass(frozen=True, slots=True)
class LastCheck:
    """The last time that the whole log was compared with its chain."""

    at: datetime
    position: int
    """Of the chain, up to which it was."""
    breaks: list[Words]


async def end_of(connection: AsyncConnection) -> list[Entry]:
    """The last two entries, newest first; fewer where the chain is shorter."""
    rows = await connection.execute("SELECT position, hash FROM chain ORDER BY position DESC LIMIT 2", binary=True)
    return [Entry(position, bytes(hash)) for position, hash in await rows.fetchall()]


async def entries_at(connection: AsyncConnection, positions: Sequence[int]) -> dict[int, bytes]:
    """The hashes at ``positions``, of those that are there."""
    rows = await connection.execute(
        "SELECT position, hash FROM chain WHERE position = ANY(%s)", (list(positions),), binary=True
    )
    return {position: bytes(hash) for position, hash in await rows.fetchall()}


async def append(connection: AsyncConnection, end: Entry, entries: Sequence[Entry]) -> bool:
    """Write ``entries`` behind ``end``; False, and nothing is written, where the chain doesn't end there.

    Raises psycopg.errors.UniqueViolation when somebody else was faster.
    """
    done = await connection.execute(
        "INSERT INTO chain (position, hash) SELECT * FROM unnest(%b::bigint[], %b::bytea[]) "
        "WHERE %b::bigint = 0 OR EXISTS (SELECT FROM chain WHERE position = %b AND hash = %b)",
        ([e.position for e in entries], [e.hash for e in entries], end.position, end.position, end.hash),
    )
    return done.rowcount == len(entries)


async def keep_check(connection: AsyncConnection, at: datetime, position: int, breaks: Sequence[Words]) -> None:
    """What the last check of the whole has found."""
    await connection.execute(
        "INSERT INTO chain_check (at, position, breaks) VALUES (%s, %s, %s) ON CONFLICT (one) DO UPDATE "
        "SET at = excluded.at, position = excluded.position, breaks = excluded.breaks",
        (at, position, orjson.dumps([list(words) for words in breaks]).decode()),
    )


async def last_check(connection: AsyncConnection) -> LastCheck | None:
    """None before the first."""
    rows = await connection.execute("SELECT at, position, breaks FROM chain_check")
    row = await rows.fetchone()
    return LastCheck(row[0], row[1], [Words(*words) for words in row[2]]) if row else None
