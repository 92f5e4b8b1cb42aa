"""A lifecycle small enough to hold in the head, with which the event log and the deadlines are tested."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar, assert_never

from shared.decider import Arm, Breach, Command, DeadlineChange, Drop, Hold, Meet, Refused, Release
from shared.events.base import Event, Moment

STREAM = "tally"


class TallyEvent(Event):
    SERVICE: ClassVar[str] = "tally"


class Counted(TallyEvent):
    amount: int
    note: str


class TallyClosed(TallyEvent):
    """Nothing is counted any more."""


class TimerSet(TallyEvent):
    name: str
    due: Moment


class TimerHeld(TallyEvent):
    name: str
    reason: str


class TimerReleased(TallyEvent):
    name: str
    due: Moment


class TimerStopped(TallyEvent):
    name: str


class TimerDropped(TallyEvent):
    name: str


class TimerRang(TallyEvent):
    name: str


AnyTallyEvent = Counted | TallyClosed | TimerSet | TimerHeld | TimerReleased | TimerStopped | TimerDropped | TimerRang


class Count(Command):
    amount: int = 1
    note: str = ""


class Close(Command):
    pass


class SetTimer(Command):
    due: Moment
    name: str = "timer"


class HoldTimer(Command):
    reason: str
    name: str = "timer"


class ReleaseTimer(Command):
    due: Moment
    name: str = "timer"


class StopTimer(Command):
    name: str = "timer"


class DropTimer(Command):
    name: str = "timer"


class Ring(Command):
    name: str = "timer"


@dataclass(frozen=True, slots=True)
class Tally:
    total: int = 0
    closed: bool = False
    running: dict[str, datetime] = field(default_factory=dict)


NEW = Tally()


def evolve(tally: Tally, event: AnyTallyEvent) -> Tally:
    match event:
        case Counted():
            return replace(tally, total=tally.total + event.amount)
        case TallyClosed():
            return replace(tally, closed=True)
        case TimerSet() | TimerReleased():
            return replace(tally, running=tally.running | {event.name: event.due})
        case TimerHeld() | TimerStopped() | TimerDropped() | TimerRang():
            return replace(tally, running={n: due for n, due in tally.running.items() if n != event.name})
        case _:
            assert_never(event)


def decide(command: Command, tally: Tally) -> Sequence[AnyTallyEvent]:
    match command:
        case Count() if tally.closed:
            raise Refused("tally_closed", "计数已结束", "The tally is closed.")
        case Count():
            return [Counted(at=command.at, amount=command.amount, note=command.note)]
        case Close():
            return [] if tally.closed else [TallyClosed(at=command.at)]
        case SetTimer():
            return [TimerSet(at=command.at, name=command.name, due=command.due)]
        case HoldTimer():
            return [TimerHeld(at=command.at, name=command.name, reason=command.reason)]
        case ReleaseTimer():
            return [TimerReleased(at=command.at, name=command.name, due=command.due)]
        case StopTimer():
            return [TimerStopped(at=command.at, name=command.name)]
        case DropTimer():
            return [TimerDropped(at=command.at, name=command.name)]
        case Ring():
            return [TimerRang(at=command.at, name=command.name)] if command.name in tally.running else []
        case _:
            raise AssertionError(command)


def deadlines(event: AnyTallyEvent) -> Sequence[DeadlineChange]:
    match event:
        case TimerSet():
            return [Arm(event.name, event.due)]
        case TimerHeld():
            return [Hold(event.name, event.at, event.reason)]
        case TimerReleased():
            return [Release(event.name, event.due)]
        case TimerStopped():
            return [Meet(event.name, event.at)]
        case TimerDropped():
            return [Drop(event.name)]
        case TimerRang():
            return [Breach(event.name, event.at)]
        case Counted() | TallyClosed():
            return []
        case _:
            assert_never(event)
