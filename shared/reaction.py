"""Event → commands: what a service does of itself when another's event, or its own, has happened; exactly once."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection

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

    def subscription(self, log: EventLog) -> Subscription:
        """The subscription that reacts on ``log``."""

        async def handle(_: AsyncConnection, events: Sequence[Recorded[Any]]) -> None:
            await self._react_to(log, events)

        return Subscription(self.name, self.sources, handle, self.events, self.groups, self.patient)

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
        context = Context(
            actor=f"reaction:{self.name}",
            source=Source.EVENT,
            correlation_id=event.meta.correlation_id,
            causation_id=event.id,
            traceparent=event.meta.traceparent,
            key=IdempotencyKey(f"{self.name}:{event.id}", event.id.encode()),
        )
        await log.execute(lambda streams: self.react(streams, event), context)
