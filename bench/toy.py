"""The smallest lifecycle that has everything a real one has."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, ClassVar, cast
from uuid import UUID, uuid4

from eventsourcing.persistence import StoredEvent

from shared.decider import Command, Decider
from shared.eventlog import EventMapper, Recorded
from shared.events.base import Event, Metadata, Source


class BenchEvent(Event):
    SERVICE: ClassVar[str] = "bench"


class Measured(BenchEvent):
    """Something was measured."""

    number: int
    note: str


class Measure(Command):
    number: int


@dataclass(frozen=True, slots=True)
class Count:
    measured: int = 0
    last: int = 0


def _decide(command: Measure, state: Count) -> list[Measured]:
    return [Measured(at=command.at, number=command.number, note="粘不住,老鼠跑了")]


def _evolve(state: Count, event: Measured) -> Count:
    return replace(state, measured=state.measured + 1, last=event.number)


class _Toy(SimpleNamespace):
    """A module in miniature."""


toy = cast("Decider[Any]", _Toy(STREAM="bench", NEW=Count(), decide=_decide, evolve=_evolve, deadlines=lambda _: []))

_MAPPER = EventMapper("bench")


def stored(stream: UUID | None = None, version: int = 1) -> StoredEvent:
    """An encoded event of ordinary size, for a stream of its own."""
    now = datetime.now(UTC)
    event = Measured(at=now, number=version, note="粘不住,老鼠跑了")
    meta = Metadata(actor="bench", source=Source.WEB, correlation_id=uuid4(), occurred_at=now, recorded_at=now)
    return _MAPPER.to_stored_event(Recorded("bench", stream or uuid4(), version, 0, event, meta))
