"""What was done about a request, in its order: answered, an arrival agreed, arrived, finished.

Each moment is understood from the one before it: ``14:30`` is that day's, or the next day's when that would be
earlier; ``10-02 11:55`` is in the year that is nearest; ``次日 9点`` is the day after the request.

Where only a day or a part of it is written, the promises of 3.4 are judged strictly, and people are not accused for it:
an answer, an agreed arrival and a finish count at its end, an arrival at its beginning. Each time a note says so.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from services.tickets.register.entry import RegisterEntry
from services.tickets.register.moments import END_OF_DAY, PART_ONLY, Said, said
from services.tickets.register.notes import UNREAD, Notes
from services.tickets.register.table import Line
from services.tickets.register.titles import Field
from services.tickets.register.years import nearest
from shared.clock import SHANGHAI
from shared.decider import Words

LAST_MINUTE = END_OF_DAY - 60
_AT_ONCE = ("当即", "立即", "当场", "即时", "马上", "随即", "即刻", "立刻", "同时")

AT_ONCE = Words("按登记时刻算", "counts as the moment of the registration")
TOO_EARLY = Words("早于前一步的时间，没有采用", "is earlier than the step before it and was not used")
AT_ITS_END = Words("没有钟点，按当天 23:59 算", "has no time of day and counts as 23:59")
AT_ITS_BEGINNING = Words("没有钟点，按当天 00:00 算", "has no time of day and counts as 00:00")


def at(day: date, clock: int) -> datetime:
    """A Shanghai moment from a day and seconds since its midnight."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + timedelta(seconds=clock)


def with_steps(entry: RegisterEntry, line: Line, notes: Notes) -> RegisterEntry:
    """The entry with what the line's columns say was done."""
    start = entry.received_at
    answered = _moment(line, _Step(Field.ANSWERED_DAY, Field.ANSWERED, near=start, not_before=start), notes)
    agreed = _moment(line, _Step(Field.AGREED_DAY, Field.AGREED, near=start), notes)
    arrived = _moment(
        line,
        _Step(
            Field.ARRIVED_DAY,
            Field.ARRIVED,
            near=agreed or start,
            not_before=start,
            rolls=agreed is None,
            latest=False,
        ),
        notes,
    )
    before = arrived or agreed or start
    finish = _Step(Field.FINISHED_DAY, Field.FINISHED, near=before, not_before=arrived or start)
    finished = _moment(line, finish, notes)
    return replace(entry, answered_at=answered, agreed_arrival=agreed, arrived_at=arrived, finished_at=finished)


@dataclass(frozen=True, slots=True)
class _Step:
    """How one moment is understood."""

    day: Field
    time: Field
    near: datetime
    """The moment that it belongs to."""
    not_before: datetime | None = None
    """An earlier one is noted and dropped."""
    rolls: bool = True
    """A bare time of day that would be before ``near`` is the next day's."""
    latest: bool = True
    """Of a span of time, or of a whole day, the end counts and not the beginning."""


def _moment(line: Line, step: _Step, notes: Notes) -> datetime | None:
    about = step.time if line.cell(step.time) is not None else step.day
    cell = line.cell(about)
    if cell is None:
        return None
    if isinstance(cell, str) and cell.strip("。.!！") in _AT_ONCE:
        notes.add(about, AT_ONCE)
        return step.near
    told = _told(line, step, notes)
    day = None if told is None else _day(told, step.near)
    if told is None or day is None:
        notes.add(about, UNREAD)
        return None
    for words in told.assumed:
        notes.add(about, words)
    return _placed(day, told, step, about, notes)


def _told(line: Line, step: _Step, notes: Notes) -> Said | None:
    """What the one or two cells say together; ``None`` when one of them is unreadable."""
    cell, day_cell = line.cell(step.time), line.cell(step.day)
    clock, day = said(cell, clock_first=line.has(step.day)), said(day_cell)
    if day_cell is None:
        return clock
    if cell is None:
        return day
    if day is None or clock is None:
        return None
    dated = day if day.has_day else clock
    return replace(clock, days=dated.days, plus=dated.plus, assumed=(*day.assumed, *clock.assumed))


def _day(told: Said, near: datetime) -> date | None:
    if told.plus is not None:
        return near.date() + timedelta(days=told.plus)
    return nearest(told.days, near.date()) if told.days else near.date()


def _placed(day: date, told: Said, step: _Step, about: Field, notes: Notes) -> datetime | None:
    clock = told.until if step.latest and told.until is not None else told.clock
    if clock is None:
        notes.add(about, AT_ITS_END if step.latest else AT_ITS_BEGINNING)
        clock = LAST_MINUTE if step.latest else 0
    moment = at(day, clock)
    limit = step.not_before
    if (told.clock is None or PART_ONLY in told.assumed) and limit and day == limit.date():
        return max(moment, limit)
    if not told.has_day and step.rolls and moment < _minute(step.near):
        moment = at(day + timedelta(days=1), clock)
    if limit is None or moment >= limit:
        return moment
    if moment >= _minute(limit):  # times are written to the minute, so within one the later of the two holds
        return limit
    notes.add(about, TOO_EARLY)
    return None


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
