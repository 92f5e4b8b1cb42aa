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

    versions: dict[tuple[UUID | str, int], tuple[int, bytes]]
    """Position and bytes of events."""
    keys: set[tuple[str, str]]


NOTHING = There({}, set())
"""As it is almost always."""


class SortedOut(NamedTuple):
    """A batch: what may be written, with the place of its last event behind the log's head; what is in the log already,
    with its position; and what can't be written, with the reason."""

    new: list[tuple[Append, int]]
    known: list[tuple[Append, int]]
    """Written before the connection was lost."""
    refused: list[tuple[Append, Exception]]


async def _begin(connection: AsyncConnection) -> None:
    """Begin and take the lock. Each statement behind it has its own snapshot, taken after the lock was granted, for
    which READ COMMITTED must be said: the database's default may be another."""
    await connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
    await connection.execute("SELECT pg_advisory_xact_lock(%s)", (APPEND_LOCK,))


async def find(connection: AsyncConnection, batch: list[Append]) -> There:
    """Begin, and see what is there; to be followed by ``write`` in the same transaction."""
    streams = [e.originator_id for a in batch for e in a.events]
    versions = [e.originator_version for a in batch for e in a.events]
    keys = [a.key for a in batch if a.key]
    taken, recorded = AsyncCursor(connection), AsyncCursor(connection)
    async with connection.pipeline():
        await _begin(connection)
        await taken.execute(
            "SELECT e.originator_id, e.originator_version, e.notification_id, e.state "
            "FROM unnest(%b::uuid[], %b::bigint[]) AS k(s, v) "
            "JOIN events e ON e.originator_id = k.s AND e.originator_version = k.v",
            (streams, versions),
            binary=True,
        )
        await recorded.execute(
            "SELECT i.actor, i.key FROM unnest(%b::text[], %b::text[]) AS k(a, k) "
            "JOIN idempotency i ON i.actor = k.a AND i.key = k.k",
            ([key.actor for key in keys], [key.key for key in keys]),
            binary=True,
        )
    return There(
        {(s, v): (p, bytes(state)) for s, v, p, state in await taken.fetchall()},
        set(await recorded.fetchall()),
    )


def sort_out(batch: list[Append], there: There) -> SortedOut:
    """Refuse what conflicts with what is there or with another of the batch, give places to the rest."""
    done = SortedOut([], [], [])
    ours: set[tuple[UUID | str, int]] = set()
    our_keys: set[tuple[str, str]] = set()
    place = 0
    for append in batch:
        versions = {(e.originator_id, e.originator_version) for e in append.events}
        key = (append.key.actor, append.key.key) if append.key else None
        if append.tried and (known := _known(append, there)):
            done.known.append((append, known))
        elif key in there.keys or key in our_keys:
            done.refused.append((append, KeyTaken()))
        elif not (ours.isdisjoint(versions) and there.versions.keys().isdisjoint(versions)):
            done.refused.append((append, ConcurrencyConflict("the stream has moved on")))
        else:
            ours |= versions
            if key:
                our_keys.add(key)
            place += len(append.events)
            done.new.append((append, place))
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


async def write(connection: AsyncConnection, new: list[tuple[Append, int]], *, begun: bool) -> int | None:
    """Write the appends behind the log's head, and commit; the head before them.

    None, and nothing is written, where one of their versions or keys is there already.
    """
    beside = _by_statement([row for append, _ in new for row in append.beside])
    written = AsyncCursor(connection)
    async with connection.pipeline():
        if not begun:
            await _begin(connection)
        await written.execute(_WRITE, _columns(new), binary=True)
        if not beside:
            await connection.execute("COMMIT")
    head = await written.fetchone()
    if beside:
        async with connection.pipeline():
            for statement, rows in beside.items() if head else ():
                await connection.cursor().executemany(statement, rows)
            await connection.execute("COMMIT")
    return int(head[0]) if head else None


def _columns(new: list[tuple[Append, int]]) -> dict[str, Any]:
    events = [e for a, _ in new for e in a.events]
    keys = [(a.key, place, a.recorded_at) for a, place in new if a.key]
    deadlines = _collapse([d for a, _ in new for d in a.deadlines])
    return {
        "channel": CHANNEL,
        "count": len(events),
        "streams": [e.originator_id for e in events],
        "versions": [e.originator_version for e in events],
        "topics": [e.topic for e in events],
        "states": [e.state for e in events],
        "actors": [key.actor for key, _, _ in keys],
        "keys": [key.key for key, _, _ in keys],
        "fingerprints": [key.fingerprint for key, _, _ in keys],
        "answers": [key.answer for key, _, _ in keys],
        "places": [place for _, place, _ in keys],
        "recorded_at": [at for _, _, at in keys],
    } | {f"deadline_{name}": [row[number] for row in deadlines] for number, name in enumerate(_DEADLINE)}


def _by_statement(rows: Sequence[BesideRow]) -> dict[LiteralString, list[Sequence[Any]]]:
    grouped: dict[LiteralString, list[Sequence[Any]]] = {}
    for row in rows:
        grouped.setdefault(row.statement, []).append(row.values)
    return grouped


_DEADLINE = ("stream", "name", "kind", "due_at", "state", "at", "reason")

# One statement, so that a commit is one way to the server and back. Its parts all see the table as it was before; where
# something is in the way, ``free`` has no row and none of them writes.
_WRITE = """
WITH head AS (SELECT coalesce(max(notification_id), 0) AS position FROM events),
free AS (
    SELECT position FROM head
    WHERE NOT EXISTS (
        SELECT FROM unnest(%(streams)b::uuid[], %(versions)b::bigint[]) AS k(stream, version)
        JOIN events e ON e.originator_id = k.stream AND e.originator_version = k.version
    ) AND NOT EXISTS (
        SELECT FROM unnest(%(actors)b::text[], %(keys)b::text[]) AS k(actor, key)
        JOIN idempotency i ON i.actor = k.actor AND i.key = k.key
    )
),
written AS (
    INSERT INTO events (originator_id, originator_version, topic, state, notification_id)
    SELECT stream, version, topic, state, position + place
    FROM free, unnest(%(streams)b::uuid[], %(versions)b::bigint[], %(topics)b::text[], %(states)b::bytea[])
    WITH ORDINALITY AS e(stream, version, topic, state, place)
),
recorded AS (
    INSERT INTO idempotency (actor, key, fingerprint, answer, position, recorded_at)
    SELECT actor, key, fingerprint, answer, position + place, recorded_at
    FROM free, unnest(%(actors)b::text[], %(keys)b::text[], %(fingerprints)b::bytea[], %(answers)b::bytea[],
        %(places)b::bigint[], %(recorded_at)b::timestamptz[])
    AS k(actor, key, fingerprint, answer, place, recorded_at)
),
timed AS (
    INSERT INTO deadlines AS d (stream, name, kind, due_at, state, at, reason)
    SELECT t.* FROM free, unnest(%(deadline_stream)b::uuid[], %(deadline_name)b::text[], %(deadline_kind)b::text[],
        %(deadline_due_at)b::timestamptz[], %(deadline_state)b::text[], %(deadline_at)b::timestamptz[],
        %(deadline_reason)b::text[]) AS t
    ON CONFLICT (stream, name) DO UPDATE SET state = excluded.state, at = excluded.at, reason = excluded.reason,
    due_at = coalesce(excluded.due_at, d.due_at), leased_until = NULL, attempts = 0
)
SELECT position, CASE WHEN %(count)s > 0 THEN pg_notify(%(channel)s, (position + %(count)s)::text) END FROM free
"""

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
