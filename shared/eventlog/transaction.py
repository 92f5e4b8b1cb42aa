"""The transaction of an append: look what is there, sort out what may be written, write it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from psycopg import AsyncConnection, AsyncCursor

from shared.decider import Arm, Breach, DeadlineChange, Drop, Hold, Meet, Release
from shared.eventlog.batching import Asked
from shared.eventlog.tables import CHANNEL

APPEND_LOCK = 0x4C4F_47
"""The advisory lock under which positions are given; one per database."""


class ConcurrencyConflict(Exception):
    """Somebody else appended to a stream between the load and the append."""


class KeyTaken(Exception):
    """The idempotency key is recorded already; the answer must be read from there."""


@dataclass(frozen=True, slots=True)
class KeyRow:
    """An idempotency record to be written with the events."""

    actor: str
    key: str
    fingerprint: bytes
    answer: bytes


@dataclass(frozen=True, slots=True)
class DeadlineRow:
    """What happens to one deadline of one stream."""

    stream: UUID
    kind: str
    change: DeadlineChange


@dataclass(frozen=True, slots=True)
class BesideRow:
    """A row of a service's own table that stands beside the log (personal data), written in its transaction."""

    statement: LiteralString
    values: Sequence[Any]


@dataclass(slots=True)
class Append(Asked[int]):
    """One caller's events: all or none of them are written. The result is the position of the last one."""

    events: Sequence[StoredEvent]
    deadlines: Sequence[DeadlineRow]
    beside: Sequence[BesideRow]
    key: KeyRow | None
    recorded_at: datetime


class There(NamedTuple):
    """What the log holds of what a batch would write."""

    head: int
    versions: dict[tuple[UUID | str, int], tuple[int, bytes]]
    """Position and bytes of events."""
    keys: set[tuple[str, str]]


class SortedOut(NamedTuple):
    """A batch, each append with the position of its last event or the reason why it can't be written."""

    new: list[tuple[Append, int]]
    known: list[tuple[Append, int]]
    """Written already, before the connection was lost."""
    refused: list[tuple[Append, Exception]]


async def find(connection: AsyncConnection, batch: list[Append]) -> There:
    """Begin, take the lock and see what is there. Each statement has its own snapshot, taken after the lock was
    granted, for which READ COMMITTED must be said: the database's default may be another.
    """
    streams = [e.originator_id for a in batch for e in a.events]
    versions = [e.originator_version for a in batch for e in a.events]
    actors = [a.key.actor for a in batch if a.key]
    keys = [a.key.key for a in batch if a.key]
    head, taken, recorded = (AsyncCursor(connection) for _ in range(3))
    async with connection.pipeline():
        await connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (APPEND_LOCK,))
        await head.execute("SELECT coalesce(max(notification_id), 0) FROM events")
        await taken.execute(
            "SELECT e.originator_id, e.originator_version, e.notification_id, e.state "
            "FROM unnest(%b::uuid[], %b::bigint[]) AS k(s, v) "
            "JOIN events e ON e.originator_id = k.s AND e.originator_version = k.v",
            (streams, versions),
            binary=True,
        )
        if keys:
            await recorded.execute(
                "SELECT i.actor, i.key FROM unnest(%b::text[], %b::text[]) AS k(a, k) "
                "JOIN idempotency i ON i.actor = k.a AND i.key = k.k",
                (actors, keys),
                binary=True,
            )
    first = await head.fetchone()
    assert first is not None
    return There(
        int(first[0]),
        {(s, v): (p, bytes(state)) for s, v, p, state in await taken.fetchall()},
        {(a, k) for a, k in (await recorded.fetchall() if keys else [])},
    )


def sort_out(batch: list[Append], there: There) -> SortedOut:
    """Refuse what conflicts, give positions to the rest."""
    done = SortedOut([], [], [])
    ours: set[tuple[UUID | str, int]] = set()
    our_keys: set[tuple[str, str]] = set()
    position = there.head
    for append in batch:
        versions = [(e.originator_id, e.originator_version) for e in append.events]
        key = (append.key.actor, append.key.key) if append.key else None
        if append.tried and (known := _known(append, there)):
            done.known.append((append, known))
        elif key in there.keys or key in our_keys:
            done.refused.append((append, KeyTaken()))
        elif any(v in there.versions or v in ours for v in versions):
            done.refused.append((append, ConcurrencyConflict("the stream has moved on")))
        else:
            ours.update(versions)
            if key:
                our_keys.add(key)
            position += len(append.events)
            done.new.append((append, position))
    return done


def _known(append: Append, there: There) -> int | None:
    """The position of the last event, where the very same bytes stand in the log: the commit had arrived, only its
    answer was lost. An append without events is found by its key, or may be written twice."""
    last = None
    for event in append.events:
        found = there.versions.get((event.originator_id, event.originator_version))
        if found is None or found[1] != event.state:
            return None
        last = found[0]
    return last


async def write(connection: AsyncConnection, granted: list[tuple[Append, int]], head: int) -> None:
    """Write the appends at the positions behind ``head``, and commit."""
    events = [e for a, _ in granted for e in a.events]
    keys = [
        (a.key.actor, a.key.key, a.key.fingerprint, a.key.answer, position, a.recorded_at)
        for a, position in granted
        if a.key
    ]
    deadlines = _collapse([d for a, _ in granted for d in a.deadlines])
    async with connection.pipeline():
        if events:
            await connection.execute(
                "INSERT INTO events (originator_id, originator_version, topic, state, notification_id) "
                "SELECT s, v, t, b, %s + n FROM unnest(%b::uuid[], %b::bigint[], %b::text[], %b::bytea[]) "
                "WITH ORDINALITY AS e(s, v, t, b, n)",
                (
                    head,
                    [e.originator_id for e in events],
                    [e.originator_version for e in events],
                    [e.topic for e in events],
                    [e.state for e in events],
                ),
            )
            await connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, str(head + len(events))))
        if keys:
            await connection.execute(_INSERT_KEYS, tuple(map(list, zip(*keys, strict=True))))
        if deadlines:
            await connection.execute(_UPSERT_DEADLINES, tuple(map(list, zip(*deadlines, strict=True))))
        for statement, rows in _by_statement([r for a, _ in granted for r in a.beside]).items():
            await connection.cursor().executemany(statement, rows)
        await connection.execute("COMMIT")


def _by_statement(rows: Sequence[BesideRow]) -> dict[LiteralString, list[Sequence[Any]]]:
    grouped: dict[LiteralString, list[Sequence[Any]]] = {}
    for row in rows:
        grouped.setdefault(row.statement, []).append(row.values)
    return grouped


_INSERT_KEYS = (
    "INSERT INTO idempotency (actor, key, fingerprint, answer, position, recorded_at) SELECT * FROM "
    "unnest(%b::text[], %b::text[], %b::bytea[], %b::bytea[], %b::bigint[], %b::timestamptz[])"
)

_UPSERT_DEADLINES = (
    "INSERT INTO deadlines AS d (stream, name, kind, due_at, state, at, reason) "
    "SELECT * FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::timestamptz[], %b::text[], %b::timestamptz[], "
    "%b::text[]) "
    "ON CONFLICT (stream, name) DO UPDATE SET state = excluded.state, at = excluded.at, reason = excluded.reason, "
    "due_at = coalesce(excluded.due_at, d.due_at), leased_until = NULL, attempts = 0"
)

_DeadlineValues = tuple[UUID, str, str, datetime | None, str, datetime | None, str | None]


def _collapse(rows: Sequence[DeadlineRow]) -> list[_DeadlineValues]:
    """The last word on each deadline: one statement may touch a row only once."""
    last: dict[tuple[UUID, str], _DeadlineValues] = {}
    for row in rows:
        due, state, at, reason = deadline_columns(row.change)
        before = last.get((row.stream, row.change.name))
        due = due or (before[3] if before else None)
        last[row.stream, row.change.name] = (row.stream, row.change.name, row.kind, due, state, at, reason)
    return list(last.values())


def deadline_columns(change: DeadlineChange) -> tuple[datetime | None, str, datetime | None, str | None]:
    """due_at, state, at, reason of the row after ``change``; a due_at of None leaves the one that is there."""
    match change:
        case Arm() | Release():
            return change.due, "ARMED", None, None
        case Hold():
            # the event keeps the reason as it was typed; PostgreSQL's text can't hold this one character
            return None, "HELD", change.at, change.reason.replace("\0", "\N{REPLACEMENT CHARACTER}")
        case Meet():
            return None, "MET", change.at, None
        case Breach():
            return None, "BREACHED", change.at, None
        case Drop():
            return None, "DROPPED", None, None
