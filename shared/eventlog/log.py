"""The log: what a service's commands go through, and what its readers follow."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString, TypeVar, cast
from uuid import UUID

import orjson
import psycopg
from eventsourcing.persistence import StoredEvent
from psycopg_pool import AsyncConnectionPool

from shared.clock import Clock
from shared.decider import Command, Decider
from shared.eventlog.appending import Writer
from shared.eventlog.batching import connect
from shared.eventlog.folding import Folder, Known, Loaded, StreamNotFound, Unusable
from shared.eventlog.loading import ANYWHERE, BEGINNING, Answer, Loader, Row, Sought
from shared.eventlog.mapping import EventMapper, Recorded, encoded, row_of
from shared.eventlog.snapshots import Snapshots
from shared.eventlog.tables import CHANNEL
from shared.eventlog.transaction import Append, BesideRow, ConcurrencyConflict, DeadlineRow, KeyRow, KeyTaken
from shared.events.base import Event, Metadata, Source
from shared.tasks import end

S = TypeVar("S")

RETRIES = 3
"""How often work is done again from a fresh load after a version conflict."""
KEY_BYTES = 500
POLL_SECONDS = 1.0
"""How long a follower sleeps without a notification."""


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A command's key, unique for its actor; ``fingerprint`` tells another command under the same key apart.

    Raises ValueError for a key that PostgreSQL can't keep: empty, longer than ``KEY_BYTES``, or with a NUL.
    """

    key: str
    fingerprint: bytes

    def __post_init__(self) -> None:
        if not 0 < len(self.key.encode()) <= KEY_BYTES or "\0" in self.key:
            raise ValueError(f"an idempotency key has 1 to {KEY_BYTES} bytes, none of them NUL")


@dataclass(frozen=True, slots=True)
class Context:
    """Who, from where and why: what the events of a piece of work will say of their origin."""

    actor: str
    source: Source
    correlation_id: UUID
    causation_id: str | None = None
    traceparent: str | None = None
    key: IdempotencyKey | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a piece of work."""

    answer: Any
    """As the work returned it, or as it was stored the first time (JSON)."""
    position: int
    """The log's position after it; for work without events, the position it was recorded at."""
    replayed: bool
    """The key was known: nothing was done, the first answer was given again."""


class IdempotencyMismatch(Exception):
    """The key was used before with another command."""


class PreconditionFailed(Exception):
    """The stream's version is not the one that the caller has seen."""

    def __init__(self, stream: UUID, expected: int, actual: int) -> None:
        super().__init__(f"{stream}: version {expected} was expected, it is {actual}")
        self.stream, self.expected, self.actual = stream, expected, actual


@dataclass(frozen=True, slots=True)
class Stored:
    """A row of the log as it is published: the bytes are not decoded."""

    position: int
    stream: UUID
    version: int
    topic: str
    state: bytes


class _Answered(Exception):
    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


class Streams:
    """The streams that one piece of work has loaded, and what it decided on them so far."""

    def __init__(self, log: "EventLog", context: Context, *, optimistic: bool) -> None:
        self._log = log
        self._context = context
        self._optimistic = optimistic
        self._loaded: dict[UUID, Loaded] = {}
        self._beside: dict[Sought, tuple[Any, ...] | None] = {}
        self.decided: list[tuple[UUID, int, Event, Decider[Any], Context]] = []
        """Stream, version, event, lifecycle and origin, in the order of the decisions."""
        self.beside: list[BesideRow] = []
        self.key_looked_up = context.key is None

    @property
    def pool(self) -> AsyncConnectionPool:
        """For a look into views and into what lies beside the log; it may lag behind what was decided."""
        return self._log.pool

    @property
    def now(self) -> datetime:
        """By the log's clock: for work that nobody's command has given a moment."""
        return self._log.clock.now()

    def caused_by(self, event: Recorded[Any]) -> None:
        """What is decided from here on was set off by ``event``, and says so: for work on several of them."""
        was, meta = self._context, event.meta
        self._context = Context(was.actor, was.source, meta.correlation_id, event.id, meta.traceparent, was.key)

    async def load(self, decider: Decider[S], stream: UUID, *, required: bool = True) -> S:
        """The stream's state, what was decided here included.

        Raises ``StreamNotFound`` where ``required`` and the stream has no event.
        """
        loaded = await self._load(decider, stream)
        if required and not loaded.next_version:
            raise StreamNotFound(f"{decider.STREAM} {stream}")
        return cast(S, loaded.state)

    async def look_up(self, wanted: Iterable[tuple[Decider[Any], UUID]], beside: Collection[Sought] = ()) -> None:
        """Read several streams at once, and rows of the service's own tables with them; what loads or finds one of
        them later waits no more."""
        ahead = {stream: decider for decider, stream in wanted if stream not in self._loaded}
        if ahead or beside:
            loaded, rows, outcome = await self._log.fetch(ahead, None if self.key_looked_up else self._context, beside)
            if outcome:
                raise _Answered(outcome)
            self.key_looked_up = True
            self._loaded |= loaded
            self._beside |= {sought: rows.get(sought) for sought in beside}

    async def find(self, sought: Sought) -> tuple[Any, ...] | None:
        """A row of the service's own table, its key first; None where there is none."""
        if sought not in self._beside:
            await self.look_up([], [sought])
        return self._beside[sought]

    async def handle(
        self, decider: Decider[Any], stream: UUID, command: Command, *, new: bool = False
    ) -> Sequence[Event]:
        """Decide ``command``; its events are appended when the whole work is done. Raises ``Refused``.

        ``new``: the stream's id was made for this command, so there is nothing to load; should it exist all the
        same, the append says so and the work is done again.
        """
        if new and self._optimistic and stream not in self._loaded:
            loaded = self._loaded[stream] = Loaded(decider, decider.NEW, 0, 0)
        else:
            loaded = await self._load(decider, stream)
        events = decider.decide(command, loaded.state)
        for event in events:
            loaded.state = decider.evolve(loaded.state, event)
            loaded.decided += 1
            self.decided.append((stream, loaded.next_version, event, decider, self._context))
        return events

    def write_beside(self, statement: LiteralString, *values: Any) -> None:
        """Write a row of the service's own table in the transaction of the events; ``statement`` is an upsert."""
        self.beside.append(BesideRow(statement, values))

    async def head(self) -> int:
        """The log's last position; what was decided here lies behind it."""
        return await self._log.head()

    def version(self, stream: UUID) -> int:
        """The stream's version after what was decided here; 0 when it was not loaded or has no event."""
        loaded = self._loaded.get(stream)
        return loaded.next_version if loaded else 0

    async def expect(self, decider: Decider[Any], stream: UUID, version: int | None) -> None:
        """Raises ``PreconditionFailed`` when ``version`` is given and the stream's is another (RFC 9110 If-Match)."""
        loaded = await self._load(decider, stream)
        if version is not None and loaded.version != version:
            raise PreconditionFailed(stream, version, loaded.version)

    async def _load(self, decider: Decider[Any], stream: UUID) -> Loaded:
        loaded = self._loaded.get(stream)
        if loaded is None:
            await self.look_up([(decider, stream)])
            loaded = self._loaded[stream]
        if loaded.decider.STREAM != decider.STREAM:
            raise StreamNotFound(f"{stream} is no {decider.STREAM}")
        return loaded

    def changed(self) -> list[tuple[UUID, Loaded]]:
        """The streams on which something was decided."""
        return [(stream, loaded) for stream, loaded in self._loaded.items() if loaded.decided]


class EventLog:
    """One service's log, in its own database. Start it before use; several processes may share a database."""

    def __init__(
        self,
        service: str,
        database_url: str,
        pool: AsyncConnectionPool,
        clock: Clock,
        deciders: Sequence[Decider[Any]],
    ) -> None:
        self.service = service
        self.clock = clock
        self.mapper = EventMapper(service)
        self._url = database_url
        self.pool = pool
        self._snapshots = Snapshots(pool, deciders)
        self._folder = Folder(deciders, self._snapshots)
        self._writer = Writer(database_url, service)
        self._loader = Loader(database_url, self._snapshots.topics)
        self._listener: asyncio.Task[None] | None = None
        self._moved = asyncio.Event()

    async def start(self) -> None:
        """Raises psycopg.OperationalError when the database can't be reached."""
        await self._writer.start()
        await self._loader.start()
        self._listener = asyncio.create_task(self._listen(), name=f"{self.service}-listener")

    async def stop(self) -> None:
        if self._listener:
            await end([self._listener])
        await self._writer.stop()
        await self._loader.stop()
        await self._snapshots.stop()

    @property
    def alive(self) -> bool:
        """It is started, and its connections to the database stand."""
        return self._writer.alive and self._loader.alive

    # -- deciding ---------------------------------------------------------------------------------------

    async def execute(self, work: Callable[[Streams], Awaitable[Any]], context: Context) -> Outcome:
        """Do ``work`` on streams and append all its events atomically; durable when it returns.

        ``work`` returns the answer (JSON-able) that the same idempotency key will get again. Raises ``Refused`` as
        the domain does, ``PreconditionFailed``, ``StreamNotFound``, ``IdempotencyMismatch``, and
        ``ConcurrencyConflict`` when somebody else was faster four times.
        """
        for attempt in range(1 + RETRIES):
            streams = Streams(self, context, optimistic=attempt == 0)
            try:
                answer = await work(streams)
                return await self._append(streams, context, answer)
            except _Answered as answered:
                return answered.outcome
            except (KeyTaken, ConcurrencyConflict) as conflict:
                if outcome := await self._answered(context):
                    return outcome
                if attempt == RETRIES:
                    raise ConcurrencyConflict("others kept changing it; try again") from conflict
            except Exception:
                # Refused, say, and yet the same key may have been granted: before, or since the work has looked.
                if outcome := await self._answered(context):
                    return outcome
                raise
        raise AssertionError("unreachable")

    async def look(self, work: Callable[[Streams], Awaitable[S]]) -> S:
        """Let ``work`` load streams and answer; what it decides is dropped."""
        nobody = Context(actor="", source=Source.WEB, correlation_id=UUID(int=0))
        return await work(Streams(self, nobody, optimistic=False))

    async def fetch(
        self, wanted: Mapping[UUID, Decider[Any]], context: Context | None, beside: Collection[Sought] = ()
    ) -> tuple[dict[UUID, Loaded], Mapping[Sought, tuple[Any, ...]], Outcome | None]:
        """The streams as they are, what lies beside them, and what ``context``'s key was answered before: one look."""
        key = (context.actor, context.key.key) if context and context.key else None
        known = [self._folder.known(decider, stream) for stream, decider in wanted.items()]
        since = [(stream, state.version if state else ANYWHERE) for stream, state in zip(wanted, known, strict=True)]
        found = await self._loader.load(since, key, beside)
        loaded = {
            stream: await self._folded(decider, stream, state, rows)
            for (stream, decider), state, rows in zip(wanted.items(), known, found.streams, strict=True)
        }
        if found.answer is None:
            return loaded, found.beside, None
        assert context
        assert context.key
        return loaded, found.beside, _replay(context.key, found.answer)

    async def _folded(self, decider: Decider[Any], stream: UUID, known: Known | None, rows: Sequence[Row]) -> Loaded:
        try:
            return self._folder.fold(decider, stream, known, rows)
        except Unusable:
            found = await self._loader.load([(stream, BEGINNING)])
            return self._folder.fold(decider, stream, None, found.streams[0])

    async def load(self, decider: Decider[S], stream: UUID) -> tuple[S, int]:
        """State and version of a stream. Raises ``StreamNotFound``."""
        found, *_ = await self.fetch({stream: decider}, None)
        loaded = found[stream]
        if not loaded.version:
            raise StreamNotFound(f"{decider.STREAM} {stream}")
        return cast(S, loaded.state), loaded.version

    async def _answered(self, context: Context) -> Outcome | None:
        if context.key is None:
            return None
        found = await self._loader.load([], (context.actor, context.key.key))
        return _replay(context.key, found.answer) if found.answer else None

    async def _append(self, streams: Streams, context: Context, answer: Any) -> Outcome:
        now = self.clock.now()
        stored = self._stored(streams, now)
        deadlines = [
            DeadlineRow(stream, decider.STREAM, change)
            for stream, _, event, decider, _ in streams.decided
            for change in decider.deadlines(event)
        ]
        key = context.key
        record = KeyRow(context.actor, key.key, key.fingerprint, orjson.dumps(answer)) if key else None
        if not stored and not streams.beside and record is None:
            return Outcome(answer, 0, replayed=False)
        position = await self._writer.append(Append(stored, deadlines, streams.beside, record, now))
        self._wake()
        for stream, loaded in streams.changed():
            self._folder.keep_snapshot(stream, loaded)
        return Outcome(answer, position, replayed=False)

    def _stored(self, streams: Streams, now: datetime) -> list[StoredEvent]:
        """The rows of what was decided; what stands around them is made once for all that have it in common."""
        around: dict[tuple[int, datetime, int], bytes] = {}
        rows: list[StoredEvent] = []
        for stream, version, event, _, origin in streams.decided:
            common = (id(origin), event.at, event.class_version)
            if common not in around:
                around[common] = encoded(_metadata(origin, now, event))
            rows.append(row_of(stream, version, event, around[common]))
        return rows

    # -- reading ----------------------------------------------------------------------------------------

    async def history(self, stream: UUID) -> list[Recorded[Event]]:
        """All events of a stream, in order. Raises ``StreamNotFound``."""
        async with self.pool.connection() as connection:
            rows = await connection.execute(
                "SELECT notification_id, originator_id, originator_version, topic, state FROM events "
                "WHERE originator_id = %s ORDER BY originator_version",
                (stream,),
                binary=True,
            )
            found = [self.recorded(Stored(p, s, v, t, bytes(b))) for p, s, v, t, b in await rows.fetchall()]
        if not found:
            raise StreamNotFound(str(stream))
        return found

    async def read(self, after: int, limit: int) -> list[Stored]:
        """At most ``limit`` events behind position ``after``, in order; what is read stays as it is."""
        async with self.pool.connection() as connection:
            rows = await connection.execute(
                "SELECT notification_id, originator_id, originator_version, topic, state FROM events "
                "WHERE notification_id > %s ORDER BY notification_id LIMIT %s",
                (after, limit),
                binary=True,
            )
            return [Stored(p, s, v, t, bytes(b)) for p, s, v, t, b in await rows.fetchall()]

    def recorded(self, stored: Stored) -> Recorded[Event]:
        """The envelope of a row. Raises ``UnknownEvent`` and ``MapperDeserialisationError``."""
        row = StoredEvent(stored.stream, stored.version, stored.topic, stored.state)
        recorded: Recorded[Event] = self.mapper.to_domain_event(row, stored.position)
        return recorded

    async def head(self) -> int:
        """The last position; 0 for an empty log."""
        async with self.pool.connection() as connection:
            row = await (await connection.execute("SELECT coalesce(max(notification_id), 0) FROM events")).fetchone()
        return int(row[0]) if row else 0

    def moved(self) -> asyncio.Event:
        """Is set by the next append, of whatever process. Take it before you read, wait for it when there was nothing,
        and not longer than ``POLL_SECONDS``: a frozen connection notifies nobody.
        """
        return self._moved

    async def follow(self, after: int, limit: int = 500) -> AsyncIterator[list[Stored]]:
        """Batches behind ``after``, for ever: woken by NOTIFY, and each second without it.

        Raises psycopg.OperationalError when the database can't be reached.
        """
        while True:
            moved = self.moved()
            if batch := await self.read(after, limit):
                after = batch[-1].position
                yield batch
            if len(batch) < limit:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await moved.wait()

    async def _listen(self) -> None:
        """LISTEN on a connection of its own. A frozen one is no harm: followers poll beside it."""
        while True:
            try:
                async with await connect(self._url, "listener") as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self._wake()  # of what happened before, nobody was notified
                    async for _ in connection.notifies():
                        self._wake()
            except psycopg.Error:
                await asyncio.sleep(POLL_SECONDS)

    def _wake(self) -> None:
        """Wake all followers: each waits on the event that was current when it last read."""
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()


def _metadata(context: Context, now: datetime, event: Event) -> Metadata:
    return Metadata(
        actor=context.actor,
        source=context.source,
        correlation_id=context.correlation_id,
        causation_id=context.causation_id or (context.key.key if context.key else None),
        occurred_at=event.at,
        recorded_at=now,
        schema_version=event.class_version,
        traceparent=context.traceparent,
    )


def _replay(key: IdempotencyKey, answer: Answer) -> Outcome:
    if answer.fingerprint != key.fingerprint:
        raise IdempotencyMismatch(key.key)
    return Outcome(orjson.loads(answer.answer), answer.position, replayed=True)
