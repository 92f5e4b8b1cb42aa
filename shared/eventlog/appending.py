"""Group commit: callers queue, one writer takes all that wait and commits them at once.

Each caller gets its own result. Versions are checked by the primary key, positions are given under an advisory
lock that is held until the commit is visible, so no reader ever sees position n + 1 before n, and there are no
gaps. The idempotency records and the deadlines are written in the same transaction.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from eventsourcing.persistence import StoredEvent
from psycopg import AsyncConnection, AsyncCursor

from shared.decider import Arm, Breach, DeadlineChange, Drop, Hold, Meet, Release
from shared.eventlog.tables import CHANNEL
from shared.telemetry import APPEND_BATCH_EVENTS, APPEND_SECONDS

MAX_BATCH_EVENTS = 2_000
"""Events in one transaction; more wait for the next. Keeps a commit short when a large import runs."""

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
class Append:
    """One caller's events: all or none of them are written."""

    events: Sequence[StoredEvent]
    deadlines: Sequence[DeadlineRow]
    beside: Sequence[BesideRow]
    key: KeyRow | None
    recorded_at: datetime
    result: "asyncio.Future[int]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def refuse(self, error: Exception) -> None:
        if not self.result.done():
            self.result.set_exception(error)

    def grant(self, position: int) -> None:
        if not self.result.done():
            self.result.set_result(position)


class Writer:
    """The one writer of this process. Several processes may write one log; the advisory lock orders them."""

    def __init__(self, database_url: str, service: str) -> None:
        self._url = database_url
        self._service = service
        self._waiting: list[Append] = []
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._connection: AsyncConnection | None = None

    async def start(self) -> None:
        """Connect; raises psycopg.OperationalError when the database can't be reached."""
        self._connection = await _connect(self._url)
        self._task = asyncio.create_task(self._run(), name=f"{self._service}-writer")

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        for append in self._waiting:
            append.refuse(ConnectionError("the log is being closed; nothing was recorded"))
        if self._connection:
            await self._connection.close()

    @property
    def alive(self) -> bool:
        return self._task is not None and not self._task.done()

    async def append(self, append: Append) -> int:
        """Position of the last event, durable when it returns. Raises ``ConcurrencyConflict`` or ``KeyTaken``."""
        self._waiting.append(append)
        self._wake.set()
        return await append.result

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            batch = self._take()
            try:
                with APPEND_SECONDS.labels(self._service).time():
                    await self._commit(batch)
            except (psycopg.OperationalError, psycopg.InterfaceError):
                # It is unknown whether the commit arrived. The batch is tried again: rows that are
                # there already with the very same bytes are our own, so nothing is written twice.
                self._waiting[:0] = [a for a in batch if not a.result.done()]
                self._wake.set()
                await self._reconnect()
            except psycopg.Error as error:
                for append in batch:
                    append.refuse(error)
                await self._reconnect()

    def _take(self) -> list[Append]:
        size = taken = 0
        for append in self._waiting:
            if taken and size + len(append.events) > MAX_BATCH_EVENTS:
                break
            size += len(append.events)
            taken += 1
        batch, self._waiting = self._waiting[:taken], self._waiting[taken:]
        if not self._waiting:
            self._wake.clear()
        return batch

    async def _reconnect(self) -> None:
        if self._connection:
            with contextlib.suppress(psycopg.Error):
                await self._connection.close()
        pause = 0.05
        while True:
            with contextlib.suppress(psycopg.OperationalError):
                self._connection = await _connect(self._url)
                return
            await asyncio.sleep(pause)
            pause = min(2.0, pause * 2)

    async def _commit(self, batch: list[Append]) -> None:
        connection = self._connection
        assert connection is not None
        head, taken, keys = await _look(connection, batch)
        granted, last = _sort_out(batch, head, taken, keys)
        await _write(connection, granted, head)
        APPEND_BATCH_EVENTS.labels(self._service).observe(last - head)
        for append, position in granted:
            append.grant(position)


async def _connect(url: str) -> AsyncConnection:
    return await AsyncConnection.connect(url, autocommit=True, application_name="shouhou-writer")


_TakenVersions = dict[tuple[UUID, int], tuple[int, bytes]]
_TakenKeys = dict[tuple[str, str], bytes]


async def _look(connection: AsyncConnection, batch: list[Append]) -> tuple[int, _TakenVersions, _TakenKeys]:
    """Take the lock and see what is there: the head, the versions and the keys that the batch would write.

    Each statement has its own snapshot (READ COMMITTED), taken after the lock was granted.
    """
    streams = [e.originator_id for a in batch for e in a.events]
    versions = [e.originator_version for a in batch for e in a.events]
    actors = [a.key.actor for a in batch if a.key]
    keys = [a.key.key for a in batch if a.key]
    head, taken, recorded = (AsyncCursor(connection) for _ in range(3))
    async with connection.pipeline():
        await connection.execute("BEGIN")
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
                "SELECT i.actor, i.key, i.answer FROM unnest(%b::text[], %b::text[]) AS k(a, k) "
                "JOIN idempotency i ON i.actor = k.a AND i.key = k.k",
                (actors, keys),
                binary=True,
            )
    first = await head.fetchone()
    assert first is not None
    return (
        int(first[0]),
        {(s, v): (p, bytes(state)) for s, v, p, state in await taken.fetchall()},
        {(a, k): bytes(answer) for a, k, answer in (await recorded.fetchall() if keys else [])},
    )


def _sort_out(
    batch: list[Append], head: int, taken: _TakenVersions, keys: _TakenKeys
) -> tuple[list[tuple[Append, int]], int]:
    """Refuse what conflicts, give positions to the rest. Returns the granted appends with their last position."""
    granted: list[tuple[Append, int]] = []
    ours: set[tuple[UUID, int]] = set()
    our_keys: set[tuple[str, str]] = set()
    position = head
    for append in batch:
        versions = [_version(e) for e in append.events]
        if versions and all(
            v in taken and taken[v][1] == e.state for v, e in zip(versions, append.events, strict=True)
        ):
            append.grant(taken[versions[-1]][0])  # ours, from before a lost connection
        elif append.key and ((k := (append.key.actor, append.key.key)) in keys or k in our_keys):
            append.refuse(KeyTaken(append.key.key))
        elif any(v in taken or v in ours for v in versions):
            append.refuse(ConcurrencyConflict("the stream has moved on"))
        else:
            ours.update(versions)
            if append.key:
                our_keys.add((append.key.actor, append.key.key))
            position += len(append.events)
            granted.append((append, position))
    return granted, position


def _version(event: StoredEvent) -> tuple[UUID, int]:
    stream = event.originator_id
    assert isinstance(stream, UUID)
    return stream, event.originator_version


async def _write(connection: AsyncConnection, granted: list[tuple[Append, int]], head: int) -> None:
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
    "due_at = coalesce(excluded.due_at, d.due_at), leased_until = NULL"
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
            return None, "HELD", change.at, change.reason
        case Meet():
            return None, "MET", change.at, None
        case Breach():
            return None, "BREACHED", change.at, None
        case Drop():
            return None, "DROPPED", None, None
