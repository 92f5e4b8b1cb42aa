"""Event → commands: what a service does of itself when another's event, or its own, has happened; exactly once."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from shared.decider import Decider
from shared.eventlog import ConcurrencyConflict, Context, EventLog, IdempotencyKey, Recorded, Streams
from shared.events.base import Event, Source
from shared.logs import CORRELATION
from shared.subscription import Subscription

ABREAST = 32
"""Aggregates whose events are reacted to at the same time; their commits are grouped."""

React = Callable[[Streams, Recorded[Any]], Awaitable[Any]]
"""Decides commands on streams; what it returns (JSON-able) is kept as the answer."""


@dataclass(frozen=True)
class Reaction:
    """Turns each wanted event into commands. A ``Refused`` or another error parks the event after some tries."""

    name: str
    sources: tuple[str, ...]
    events: frozenset[type[Event]]
    react: React
    groups: int | None = None
    patient: bool = False
    """A source without a stream is no fault: that service may come later."""
    ahead: Callable[[Recorded[Any]], Iterable[tuple[Decider[Any], UUID]]] | None = None
    """The streams that an event will be decided on. Where this is given, a whole batch is one piece of work: its
    streams are read at once, and what is decided of all its events is appended at once, many times as fast.

    Then it is for the streams to know an event that comes again, as the last batch does after a crash. Where one event
    of a batch fails nothing of it is appended; each is then tried alone, and only those that fail are parked."""

    def subscription(self, log: EventLog) -> Subscription:
        """The subscription that reacts on ``log``."""

        async def handle(_: AsyncConnection, events: Sequence[Recorded[Any]]) -> None:
            await (self._at_once(log, events) if self.ahead else self._react_to(log, events))

        return Subscription(self.name, self.sources, handle, self.events, self.groups, self.patient)

    async def _at_once(self, log: EventLog, events: Sequence[Recorded[Any]]) -> None:
        assert self.ahead, "only asked where the streams are known ahead"
        wanted = [stream for event in events for stream in self.ahead(event)]

        async def work(streams: Streams) -> None:
            await streams.look_up(wanted)
            for event in events:
                streams.caused_by(event)
                await self.react(streams, event)
                await asyncio.sleep(0)  # a batch is long work: others in this process take their turns

        await log.execute(work, self._context(events[0]))

    async def _react_to(self, log: EventLog, events: Sequence[Recorded[Any]]) -> None:
        by_aggregate: dict[Any, list[Recorded[Any]]] = defaultdict(list)
        for event in events:
            by_aggregate[event.stream].append(event)
        slots = asyncio.Semaphore(ABREAST)

        async def in_order(mine: list[Recorded[Any]]) -> None:
            async with slots:
                for event in mine:
                    await self._once(log, event)

        results = await asyncio.gather(*map(in_order, by_aggregate.values()), return_exceptions=True)
        for mine, result in zip(by_aggregate.values(), results, strict=True):
            if isinstance(result, ConcurrencyConflict):
                await in_order(mine)  # many wanted the same stream: now one after the other
            elif result is not None:
                raise result

    async def _once(self, log: EventLog, event: Recorded[Any]) -> None:
        """The effect is in another transaction than the position, so a key makes the repeat harmless."""
        CORRELATION.set(str(event.meta.correlation_id))
        key = IdempotencyKey(f"{self.name}:{event.id}", event.id.encode())
        await log.execute(lambda streams: self.react(streams, event), self._context(event, key))

    def _context(self, event: Recorded[Any], key: IdempotencyKey | None = None) -> Context:
        return Context(
            actor=f"reaction:{self.name}",
            source=Source.EVENT,
            correlation_id=event.meta.correlation_id,
            causation_id=event.id,
            traceparent=event.meta.traceparent,
            key=key,
        )
