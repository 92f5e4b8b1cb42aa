"""A service's log, its chain and its signed heads, read at one moment and compared from the first row to the last."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, LiteralString

from psycopg import AsyncConnection, AsyncServerCursor
from psycopg_pool import AsyncConnectionPool

from shared.chain import Entry, origin
from shared.chain.heads import EVENT, SignedHead, genuine, head_in
from shared.chain.scan import WINDOW, Break, Kind, Scan, merged
from shared.chain.tables import entries_at
from shared.eventlog import Stored

BATCH = 1_000
"""Rows that are fetched and hashed at a time; between two batches other work has its turn."""

_ROWS: LiteralString = (
    "SELECT notification_id, originator_id, originator_version, topic, state FROM events "
    "ORDER BY notification_id, originator_id, originator_version"
)
_ENTRIES: LiteralString = "SELECT position, hash FROM chain ORDER BY position"
_HEADS: LiteralString = "SELECT notification_id, state FROM events WHERE topic = %s ORDER BY notification_id"


@dataclass(slots=True)
class Proof:
    """What a check of the whole came to."""

    end: Entry
    """Of the chain."""
    linked: int = 0
    """Rows that are what was linked."""
    unlinked: int = 0
    """Rows that are not linked yet."""
    heads: list[SignedHead] = field(default_factory=list)
    breaks: list[Break] = field(default_factory=list)


async def prove(service: str, pool: AsyncConnectionPool, trusted: Collection[str] = ()) -> Proof:
    """Compare all that is there at this moment. With ``trusted`` public keys, no other may have signed a head.

    Raises psycopg.Error and PoolTimeout when the database can't be read.
    """
    async with snapshot(pool) as connection:
        scan = Scan(origin(service))
        found = [each async for each in _breaks(scan, connection)]
        heads = await _heads(connection, service)
        known = await entries_at(connection, [head.position for _, head in heads if head])
    breaks = [*merged(found), *_of_heads(service, heads, known, trusted)]
    return Proof(scan.end, scan.linked, scan.unlinked, [head for _, head in heads if head], breaks)


@asynccontextmanager
async def snapshot(pool: AsyncConnectionPool) -> AsyncIterator[AsyncConnection]:
    """Everything is read as it was at one moment, whatever is appended meanwhile."""
    async with pool.connection() as connection, connection.transaction():
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield connection


async def _breaks(scan: Scan, connection: AsyncConnection) -> AsyncIterator[Break]:
    async with (
        AsyncServerCursor(connection, "chain_rows") as rows,
        AsyncServerCursor(connection, "chain_entries") as entries,
    ):
        await rows.execute(_ROWS, binary=True)
        await entries.execute(_ENTRIES, binary=True)
        more_rows = more_entries = True
        while more_rows or more_entries:
            if more_rows and len(scan.rows) <= WINDOW:
                scan.rows.extend(fetched := [_stored(row) for row in await rows.fetchmany(BATCH)])
                more_rows = bool(fetched)
            if more_entries and len(scan.entries) <= WINDOW:
                scan.entries.extend(got := [Entry(p, bytes(h)) for p, h in await entries.fetchmany(BATCH)])
                more_entries = bool(got)
            for each in scan.walk(all_rows=not more_rows, all_entries=not more_entries):
                yield each


async def _heads(connection: AsyncConnection, service: str) -> list[tuple[int, SignedHead | None]]:
    """The signed heads with the positions of their events."""
    rows = await connection.execute(_HEADS, (f"{service}.{EVENT}",), binary=True)
    return [(position, head_in(bytes(state))) for position, state in await rows.fetchall()]


def _of_heads(
    service: str, heads: Sequence[tuple[int, SignedHead | None]], known: dict[int, bytes], trusted: Collection[str]
) -> list[Break]:
    """Heads that nobody trusted has signed, and the first that the chain isn't what it was signed as."""
    forged: list[Break] = []
    differing: list[Break] = []
    good = 0
    for at, head in heads:
        if head is None or not genuine(head, service) or (trusted and head.key not in trusted):
            forged.append(Break(Kind.HEAD_FORGED, at, at))
        elif known.get(head.position, b"").hex() == head.head:
            good = head.position if not differing else good
        else:
            differing.append(Break(Kind.HEAD_DIFFERS, good + 1, head.position))
    return [*forged, *differing[:1]]


def _stored(row: Any) -> Stored:
    position, stream, version, topic, state = row
    return Stored(position, stream, version, topic, bytes(state))
