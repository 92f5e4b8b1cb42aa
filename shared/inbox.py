"""Events in, their effect exactly once: the position is written in the transaction of the effect.

What lies at or below the position is skipped, whoever delivers it again. Each event names the one before it in its
partition, so a gap is seen and nothing behind it is touched. An event that can't be handled is parked with its
error; later events of its aggregate wait behind it, so an aggregate's order holds, and others go on.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

import psycopg
import structlog
from eventsourcing.persistence import MapperDeserialisationError
from psycopg import AsyncConnection, AsyncCursor
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from shared.eventlog import ConcurrencyConflict, Recorded, UnknownEvent, decode
from shared.events.base import Event
from shared.jetstream import NATS_ERRORS, Delivered
from shared.parked import LATER, count_parked, failed_again, park, resolve, waiting_of
from shared.telemetry import CONSUMED, CONSUMER_GAPS, span, tracing

TABLES: LiteralString = """
CREATE TABLE IF NOT EXISTS positions (
    subscriber text NOT NULL,
    source text NOT NULL,
    partition int NOT NULL,
    position bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (subscriber, source, partition)
);
"""
"""How far each subscriber is. A view has such a table of its own, in its schema."""

Handler = Callable[[AsyncConnection, Sequence[Recorded[Any]]], Awaitable[None]]
"""Gives a batch its effect, in the open transaction of the connection; neither commits nor rolls back."""

RETRY_SECONDS = (0.2, 1.0, 5.0)
"""Pauses between the tries of an event that fails; then it is parked."""
TROUBLE_SECONDS = (0.1, 5.0)
"""First and longest pause while the database or the like is in trouble; that is no event's fault and never parks."""

TROUBLE = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    PoolTimeout,
    ConcurrencyConflict,
    *NATS_ERRORS,
)
_FAULT_OF_EVENT = (
    psycopg.errors.PipelineAborted,
    psycopg.errors.ProgramLimitExceeded,
    psycopg.errors.StatementTooComplex,
    psycopg.errors.TooManyColumns,
    psycopg.errors.TooManyArguments,
)
"""Operational errors by name, and yet they come from what is written."""
_HOPELESS = (UnknownEvent, MapperDeserialisationError)
"""Trying again would give the same."""

log = structlog.get_logger()


class Gap(Exception):
    """Events of a partition were not delivered."""

    def __init__(self, at: Delivered, held: int) -> None:
        super().__init__(
            f"{at.source} partition {at.partition}: position {at.position} follows {at.previous}, but {held} is held"
        )
        self.source, self.partition, self.held = at.source, at.partition, held


class Superseded(Exception):
    """The view was rebuilt by another version of the program, which now keeps it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a subscriber writes, if not into the service's own tables."""

    schema: str
    """First in the search path of the transaction."""
    gate: str | None = None
    """Name of the lock that a rebuild takes to swap the schema."""
    view: str | None = None
    fingerprint: str = ""
    """Of the view's tables and code; another one in the database means ``Superseded``."""
    channel: str | None = None
    """Told by NOTIFY after each commit."""

    def settings(self, *, durable: bool) -> tuple[str, str, str]:
        """The gate, the search path, and whether the commit waits for the disk.

        A view's need not: what a crash of the database takes of it, it takes with its positions, and the events come
        again.
        """
        return self.gate or self.schema, f'"{self.schema}", public', "on" if durable else "off"


class Inbox:
    """One subscriber's way to take in the events of one source."""

    def __init__(
        self,
        pool: AsyncConnectionPool,
        service: str,
        subscriber: str,
        handler: Handler,
        events: frozenset[type[Event]] | None,
        source: str,
        place: Place | None = None,
        retry_seconds: Sequence[float] = RETRY_SECONDS,
        skipped: frozenset[int] = frozenset(),
    ) -> None:
        """``skipped``: positions that were discarded once, and have no effect in a rebuild either."""
        self._pool = pool
        self._service = service
        self.subscriber = subscriber
        self._handler = handler
        self._topics = None if events is None else frozenset(event.TOPIC for event in events)
        self._source = source
        self._place = place
        self._view = place.view if place else None
        self._retry_seconds = retry_seconds
        self._skipped = skipped

    async def positions(self, partitions: Sequence[int]) -> dict[int, int]:
        """The position held of each partition; rows that don't exist yet are made. Raises ``Superseded``."""
        async with self._begun([]) as (connection, _, _):
            await connection.execute(
                "INSERT INTO positions (subscriber, source, partition) SELECT %s, %s, unnest(%s::int[]) "
                "ON CONFLICT DO NOTHING",
                (self.subscriber, self._source, list(partitions)),
            )
        async with self._begun(partitions) as (_, held, _):
            return held

    async def take(self, batch: Sequence[Delivered]) -> None:
        """Give a batch its effect; whatever fails is parked. Returns when all of it is committed.

        Raises ``Gap`` after what comes before the gap is done, and ``Superseded``.
        """
        try:
            await self._patiently(batch)
        except (Gap, Superseded):
            raise
        except Exception as error:  # noqa: BLE001 - a handler may raise anything; each event is then tried alone
            log.warning("batch_failed", subscriber=self.subscriber, count=len(batch), error=type(error).__name__)
            for message in batch:
                await self._alone(message)

    async def _alone(self, message: Delivered) -> None:
        tries = 0
        while True:
            tries += 1
            try:
                await self._patiently([message])
                return
            except (Gap, Superseded):
                raise
            except Exception as error:  # noqa: BLE001 - as above; it ends up in the parked row
                if tries > len(self._retry_seconds) or isinstance(error, _HOPELESS):
                    await self._park(message, error, tries)
                    return
            await asyncio.sleep(self._retry_seconds[tries - 1])

    async def _patiently(self, batch: Sequence[Delivered]) -> None:
        """Waits as long as the trouble lasts that is no event's fault."""
        pause, longest = TROUBLE_SECONDS
        while True:
            try:
                await self._apply(batch)
                return
            except TROUBLE as error:
                if isinstance(error, _FAULT_OF_EVENT):
                    raise
                log.warning("subscriber_in_trouble", subscriber=self.subscriber, error=type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(longest, pause * 2)

    async def _apply(self, batch: Sequence[Delivered]) -> None:
        partitions = sorted({message.partition for message in batch})
        async with self._begun(partitions) as (connection, held, blocked):
            fresh, gap = _fresh(batch, held)
            wanted = [message for message in fresh if self._wants(message)]
            for message in wanted:
                if message.stream in blocked:
                    await park(connection, self.subscriber, message, LATER.format(blocked[message.stream]), 0)
            events = [recorded(message) for message in wanted if message.stream not in blocked]
            if events:
                await self._handle(connection, events)
            if fresh:
                await self._commit(connection, fresh)
        CONSUMED.labels(self._service, self.subscriber).inc(len(fresh))
        if len(events) < len(wanted):
            await self.count_parked()
        if gap:
            raise gap

    async def _handle(self, connection: AsyncConnection, events: Sequence[Recorded[Event]]) -> None:
        """With a span of each event around it, so a trace goes from the request to the effect."""
        with ExitStack() as stack:
            if tracing():
                for event in events:
                    stack.enter_context(span(f"{self.subscriber} {event.event.TOPIC}", event.meta.traceparent))
            await self._handler(connection, events)

    async def _park(self, message: Delivered, error: Exception, tries: int) -> None:
        async with self._begun([message.partition]) as (connection, held, _):
            fresh, gap = _fresh([message], held)
            if gap:
                raise gap
            if fresh:
                await park(connection, self.subscriber, message, f"{type(error).__name__}: {error}", tries)
                await self._commit(connection, fresh)
                log.error(
                    "event_parked",
                    subscriber=self.subscriber,
                    stream=message.source,
                    position=message.position,
                    topic=message.topic,
                    error=type(error).__name__,
                )
        await self.count_parked()

    # -- what can be seen from outside ----------------------------------------------------------------------------

    def count_gap(self) -> None:
        """One more gap was seen."""
        CONSUMER_GAPS.labels(self._service, self.subscriber).inc()

    # -- parked events ------------------------------------------------------------------------------------------

    async def count_parked(self) -> int:
        """How many events of this subscriber wait; the metric is set to it."""
        return await count_parked(self._pool, self._service, self.subscriber)

    async def retry(self, stream: UUID, actor: str) -> tuple[int, str | None]:
        """Try the parked events of an aggregate, in order, until one fails again.

        Returns how many were handled, and the error of the one that was not.
        """
        handled = 0
        while True:
            async with self._pool.connection() as connection:
                first = await waiting_of(connection, self.subscriber, self._source, stream)
            if first is None:
                break
            try:
                # The positions are locked: the worker waits, so none slips in between.
                async with self._begun([first.partition], decided=True) as (connection, _, _):
                    message = await waiting_of(connection, self.subscriber, self._source, stream)
                    if message:
                        await self._handle(connection, [recorded(message)])
                        await resolve(
                            connection, self.subscriber, self._source, message.position, "handled", actor, None
                        )
                        handled += 1
            except Exception as error:  # noqa: BLE001 - a handler may raise anything; the caller gets to know it
                said = f"{type(error).__name__}: {error}"
                async with self._pool.connection() as connection:
                    await failed_again(connection, self.subscriber, first, said)
                await self.count_parked()
                return handled, said
        async with self._pool.connection() as connection:
            await self._tell(connection)
        await self.count_parked()
        return handled, None

    async def discard(self, stream: UUID, position: int, actor: str, reason: str) -> bool:
        """Give up a parked event for good; those that wait behind it can then be retried.

        False when it does not wait (any more).
        """
        async with self._pool.connection() as connection:
            first = await waiting_of(connection, self.subscriber, self._source, stream)
        if first is None:
            return False
        # The positions are locked: the worker sees it before or after, not in between.
        async with self._begun([first.partition], decided=True) as (connection, _, _):
            found = await resolve(connection, self.subscriber, self._source, position, "discarded", actor, reason)
        await self.count_parked()
        return found

    # -- the transaction ------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _begun(
        self, partitions: Sequence[int], *, decided: bool = False
    ) -> AsyncIterator[tuple[AsyncConnection, dict[int, int], dict[UUID, int]]]:
        """A transaction in the right place, all its beginnings in one round trip.

        With it come the positions, locked (whoever else works on these partitions waits until we have committed), and
        the aggregates of which an event is parked, each with that event's position. ``decided``: it will record what
        a person has decided. Raises ``Superseded``.
        """
        async with self._pool.connection() as connection:  # commits at the end, or rolls back
            held, blocked = AsyncCursor[Any](connection), AsyncCursor[Any](connection)
            async with connection.pipeline():
                await connection.execute("BEGIN")
                if self._place:
                    await connection.execute(_ENTER, self._place.settings(durable=decided))
                await held.execute(_HELD, (self._view, self.subscriber, self._source, list(partitions)))
                await blocked.execute(_BLOCKED, (self.subscriber, self._source))
            rows = await held.fetchall()
            if self._place and self._view and rows and rows[0][2] != self._place.fingerprint:
                raise Superseded(self._view)
            yield connection, {partition: position for partition, position, _ in rows}, dict(await blocked.fetchall())

    async def _commit(self, connection: AsyncConnection, fresh: Sequence[Delivered]) -> None:
        """Move the positions, commit them with the effect, and tell of it, in one round trip."""
        last = {message.partition: message.position for message in fresh}
        async with connection.pipeline():
            await connection.execute(_MOVE, (list(last), list(last.values()), self.subscriber, self._source))
            await connection.execute("COMMIT")
            await self._tell(connection)

    def _wants(self, message: Delivered) -> bool:
        return (self._topics is None or message.topic in self._topics) and message.position not in self._skipped

    async def _tell(self, connection: AsyncConnection) -> None:
        """NOTIFY in a commit of its own, which needs no fsync: in the effect's it would queue all of them."""
        if self._place and self._place.channel:
            await connection.execute(
                "SELECT set_config('synchronous_commit', 'off', true), pg_notify(%s, '')", (self._place.channel,)
            )


_ENTER = (
    "SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0)), "
    "set_config('search_path', %s, true), set_config('synchronous_commit', %s, true)"
)
"""First the gate, then the names: behind a swap they mean the new tables."""
_HELD = (
    "SELECT partition, position, (SELECT fingerprint FROM public.views WHERE name = %s) FROM positions "
    "WHERE subscriber = %s AND source = %s AND partition = ANY(%s) ORDER BY partition FOR UPDATE"
)
_BLOCKED = (
    "SELECT stream, min(position) FROM public.parked WHERE subscriber = %s AND source = %s AND state = 'waiting' "
    "GROUP BY stream"
)
_MOVE = (
    "UPDATE positions SET position = n.position FROM unnest(%s::int[], %s::bigint[]) AS n(partition, position) "
    "WHERE subscriber = %s AND source = %s AND positions.partition = n.partition"
)


def _fresh(batch: Sequence[Delivered], held: Mapping[int, int]) -> tuple[list[Delivered], Gap | None]:
    """What is new in ``batch``, up to the first gap."""
    at = dict(held)
    fresh: list[Delivered] = []
    for message in batch:
        if message.position <= at[message.partition]:
            continue
        if message.previous != at[message.partition]:
            return fresh, Gap(message, at[message.partition])
        at[message.partition] = message.position
        fresh.append(message)
    return fresh, None


def recorded(message: Delivered) -> Recorded[Event]:
    """The event of a message. Raises ``UnknownEvent`` and ``MapperDeserialisationError``."""
    event, meta = decode(message.topic, message.body)
    at = (message.source, message.stream, message.version, message.position)
    return Recorded(*at, event, meta, message.body)
