"""The time of one engineer on one day in Shanghai: two visits don't overlap, and none lies in a leave, unless it is
said why.

What may not overlap is one stream, so two who book at the same moment meet there: one of them has to look again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import assert_never
from uuid import UUID

from shared.calendar import SHANGHAI, day_of, end_of_day
from shared.decider import Command, DeadlineChange, Refused
from shared.events.base import Moment
from shared.events.dispatch import SlotBooked, SlotReleased, SlotShortened
from shared.facts import tell
from shared.text import Name, Text

STREAM = "schedule"


class BookSlot(Command):
    engineer: Name
    day: date
    visit: UUID
    starts_at: Moment
    ends_at: Moment
    leave: tuple[Moment, Moment] | None = None
    """From when until when the engineer is on leave, where that reaches into this time."""
    override_reason: Text | None = None


class ReleaseSlot(Command):
    engineer: Name
    day: date
    visit: UUID
    reason: Text


class EndSlot(Command):
    """The visit was over at ``ended_at``."""

    engineer: Name
    day: date
    visit: UUID
    ended_at: Moment


ScheduleCommand = BookSlot | ReleaseSlot | EndSlot
ScheduleEvent = SlotBooked | SlotShortened | SlotReleased


@dataclass(frozen=True, slots=True)
class Schedule:
    slots: Mapping[UUID, SlotBooked] = field(default_factory=dict)
    """By visit."""


NEW = Schedule()


def evolve(schedule: Schedule, event: ScheduleEvent) -> Schedule:
    others = {visit: slot for visit, slot in schedule.slots.items() if visit != event.visit}
    match event:
        case SlotBooked():
            return Schedule({**others, event.visit: event})
        case SlotShortened():
            slot = schedule.slots.get(event.visit)
            kept = {event.visit: slot.model_copy(update={"ends_at": event.ends_at})} if slot else {}
            return Schedule(others | kept)
        case SlotReleased():
            return Schedule(others)
        case _:
            assert_never(event)


def deadlines(event: ScheduleEvent) -> Sequence[DeadlineChange]:
    return []


def decide(command: ScheduleCommand, schedule: Schedule) -> Sequence[ScheduleEvent]:
    """Raises ``Refused`` where the time is taken and nobody says why that doesn't matter."""
    match command:
        case BookSlot():
            return _book(command, schedule)
        case ReleaseSlot():
            return [tell(SlotReleased, command)] if command.visit in schedule.slots else []
        case EndSlot():
            return _end(command, schedule)
        case _:
            assert_never(command)


def parts(starts_at: datetime, ends_at: datetime) -> Iterator[tuple[date, datetime, datetime]]:
    """The days in Shanghai that a time lies on, with the part of it on each. Raises ``Refused`` for an empty time."""
    if ends_at <= starts_at:
        raise Refused("slot_empty", "结束时间须晚于开始时间。", "It has to end after it begins.")
    while starts_at < ends_at:
        day = day_of(starts_at)
        until = min(ends_at, end_of_day(day))
        yield day, starts_at, until
        starts_at = until


def overlapping(schedule: Schedule, visit: UUID, starts_at: datetime, ends_at: datetime) -> list[SlotBooked]:
    """What others have booked in that time, the earliest first; where one ends the next may begin."""
    others = (slot for slot in schedule.slots.values() if slot.visit != visit)
    found = [slot for slot in others if max(slot.starts_at, starts_at) < min(slot.ends_at, ends_at)]
    return sorted(found, key=lambda slot: (slot.starts_at, slot.visit))


def _book(command: BookSlot, schedule: Schedule) -> Sequence[ScheduleEvent]:
    """A visit has one slot a day; booked again, the later one counts."""
    booked = schedule.slots.get(command.visit)
    if booked and (booked.starts_at, booked.ends_at) == (command.starts_at, command.ends_at):
        return []
    taken = overlapping(schedule, command.visit, command.starts_at, command.ends_at)
    if taken and not command.override_reason:
        raise _taken(command.engineer, taken[0])
    if command.leave and not command.override_reason:
        raise _on_leave(command.engineer, *command.leave)
    reason = command.override_reason if taken or command.leave else None
    overlaps, on_leave = tuple(slot.visit for slot in taken), command.leave is not None
    return [tell(SlotBooked, command, overlaps=overlaps, override_reason=reason, on_leave=on_leave)]


def _end(command: EndSlot, schedule: Schedule) -> Sequence[ScheduleEvent]:
    """What was worked stays booked; of one that was over before its time began nothing is kept but that it was there:
    a call home may still be about it (D14)."""
    slot = schedule.slots.get(command.visit)
    if slot is None:
        return []
    ends_at = max(slot.starts_at, command.ended_at)
    return [tell(SlotShortened, command, ends_at=ends_at)] if ends_at < slot.ends_at else []


def _taken(engineer: str, slot: SlotBooked) -> Refused:
    begins, ends = (moment.astimezone(SHANGHAI) for moment in (slot.starts_at, slot.ends_at))
    time = f"{begins:%m-%d %H:%M}–{ends:%H:%M}"
    return Refused(
        "slot_taken",
        f"{engineer} 在 {time} 已有上门（{slot.visit}）；请另选时间或人员，确需重叠的请说明理由。",
        f"{engineer} has another visit at {time} ({slot.visit}): choose another time or engineer, or say why both.",
    )


def _on_leave(engineer: str, starts: datetime, ends: datetime) -> Refused:
    begins, over = (moment.astimezone(SHANGHAI) for moment in (starts, ends))
    time = f"{begins:%m-%d %H:%M}–{over:%m-%d %H:%M}"
    return Refused(
        "engineer_on_leave",
        f"{engineer} 在 {time} 休假；请另选时间或人员，确需派工的请说明理由。",
        f"{engineer} is on leave at {time}: choose another time or engineer, or say why they go all the same.",
    )
