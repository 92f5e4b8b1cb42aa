"""Working time and periods: weekly hours, public holidays, make-up workdays (调休), zones, and clocks that can be held.

Pure. Moments go in aware, in any zone, and come out in UTC; a naive one raises ValueError. Working time is counted in
real elapsed time, so a night shift over the change to winter time is an hour longer.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from importlib.metadata import version
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

from chinese_calendar import constants as china

SHANGHAI = ZoneInfo("Asia/Shanghai")
"""The zone in which times are shown and months are counted (D23)."""

DAY = timedelta(days=1)
ZERO = timedelta(0)


class CalendarUnknown(Exception):
    """Nobody has told the calendar the public holidays of ``year``, so it must not judge a clock in it."""

    def __init__(self, year: int) -> None:
        super().__init__(
            f"the public holidays and make-up workdays of {year} are not known: update the library chinesecalendar, "
            f"or give the dates with WorkCalendar.with_dates(holidays=…, workdays=…, complete_years=[{year}])"
        )
        self.year = year


class Window(NamedTuple):
    """Daily hours [opens, closes) on the local clock.

    ``closes`` at or before ``opens`` is on the next day: 22:00-06:00 is a night, 00:00-00:00 a whole day. When the
    clock shows a time twice, the window opens at the first and closes at the second; a time that the clock skips
    counts as the one that much later (02:30 as 03:30).
    """

    opens: time
    closes: time


class Interval(NamedTuple):
    """[start, end); a hold whose ``end`` is None goes on."""

    start: datetime
    end: datetime | None = None


Week = tuple[tuple[Window, ...], ...]
"""The windows of each weekday, Monday first."""


@dataclass(frozen=True)
class WorkCalendar:
    """When people work. Two calendars with the same ``version`` give the same answers."""

    name: str
    zone: ZoneInfo
    week: Week
    makeup: tuple[Window, ...] = ()
    """The hours of a make-up workday; when empty, those of the first weekday that has any."""
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    """Make-up workdays: worked although the week or a holiday says otherwise."""
    years: frozenset[int] | None = None
    """The years whose holidays are known; None when the calendar has no public holidays."""

    def __post_init__(self) -> None:
        if len(self.week) != 7 or not any(self.week):
            raise ValueError("a week has seven days, and windows on at least one of them")
        if both := self.holidays & self.workdays:
            raise ValueError(f"both a holiday and a make-up workday: {min(both)}")

    @classmethod
    def chinese(cls, week: Week, *, makeup: tuple[Window, ...] = (), zone: ZoneInfo = SHANGHAI) -> Self:
        """China's public holidays and make-up workdays, as far as the library chinesecalendar knows the years."""
        holidays, workdays = frozenset(china.holidays), frozenset(china.workdays)
        return cls("cn", zone, week, makeup, holidays - workdays, workdays, frozenset(day.year for day in holidays))

    def with_dates(
        self,
        *,
        holidays: Iterable[date] = (),
        workdays: Iterable[date] = (),
        complete_years: Iterable[int] = (),
    ) -> Self:
        """With days of one's own, which take precedence; ``complete_years`` are thereby fully known."""
        off, on = frozenset(holidays), frozenset(workdays)
        return replace(
            self,
            holidays=(self.holidays - on) | off,
            workdays=(self.workdays - off) | on,
            years=None if self.years is None else self.years | frozenset(complete_years),
        )

    @cached_property
    def version(self) -> str:
        """Names the rules and dates themselves: ``cn-1.11.0-9f31c2aa04be``. Kept with each due time."""
        days = [sorted(map(str, days)) for days in (self.holidays, self.workdays, self.years or ())]
        rules = repr((self.zone.key, self.week, self.makeup, days, self.years is None))
        return f"{self.name}-{version('chinesecalendar')}-{hashlib.sha256(rules.encode()).hexdigest()[:12]}"

    def is_workday(self, day: date) -> bool:
        """Raises ``CalendarUnknown`` for a year whose holidays are not known."""
        return bool(self._hours(day))

    def windows(self, day: date) -> list[Interval]:
        """The hours that begin on ``day``, in UTC and order. Raises ``CalendarUnknown``."""
        return [Interval(opens, closes) for opens, closes in self._opened_on(day)]

    def open_between(self, start: datetime, end: datetime) -> timedelta:
        """The working time in [start, end). Raises ValueError when that is backwards, ``CalendarUnknown``."""
        start, end = _utc(start), _utc(end)
        if end < start:
            raise ValueError(f"{end} is before {start}")
        last = (end - timedelta.resolution).astimezone(self.zone).date()  # midnight needs nothing of the day it begins
        return sum((min(closes, end) - opens for opens, closes in self._open_from(start, last) if opens < end), ZERO)

    def add_working(self, start: datetime, amount: timedelta) -> datetime:
        """The first moment at which ``amount`` of working time has passed since ``start``; ``start`` for none.

        Raises ValueError when ``amount`` is negative, ``CalendarUnknown``.
        """
        start = _utc(start)
        if amount < ZERO:
            raise ValueError("working time is not counted backwards")
        left = amount
        if left:
            for opens, closes in self._open_from(start):
                if left <= closes - opens:
                    return opens + left
                left -= closes - opens
        return start

    def add_workdays(self, moment: datetime, count: int) -> datetime:
        """The end of the ``count``-th workday after the day of ``moment``, which itself doesn't count (D6).

        Raises ValueError when ``count`` is below 1, ``CalendarUnknown``.
        """
        if count < 1:
            raise ValueError("at least one workday")
        day = day_of(moment, self.zone)
        while count:
            day += DAY
            count -= self.is_workday(day)
        return end_of_day(day, self.zone)

    def _hours(self, day: date) -> tuple[Window, ...]:
        if day in self.workdays:
            return self.makeup or next(windows for windows in self.week if windows)
        if self.years is not None and day.year not in self.years:
            raise CalendarUnknown(day.year)
        return () if day in self.holidays else self.week[day.weekday()]

    def _opened_on(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        for opens, closes in sorted(self._hours(day)):
            begin = datetime.combine(day, opens, self.zone)
            end = datetime.combine(day if closes > opens else day + DAY, closes, self.zone)
            # of a time shown twice, fold=1 is the later reading; of one that is skipped, the earlier
            interval = begin.astimezone(UTC), max(end.astimezone(UTC), end.replace(fold=1).astimezone(UTC))
            if interval[0] < interval[1]:
                yield interval

    def _open_from(self, start: datetime, last: date = date.max) -> Iterator[tuple[datetime, datetime]]:
        """What is open from ``start`` on, in order and without overlap, of the windows that begin up to ``last``."""
        day = start.astimezone(self.zone).date()
        if self._has_nights:
            day -= DAY
        while day <= last:
            for opens, closes in self._opened_on(day):
                if closes > start:
                    yield max(opens, start), closes
                    start = closes
            day += DAY

    @cached_property
    def _has_nights(self) -> bool:
        return any(window.closes <= window.opens for windows in (*self.week, self.makeup) for window in windows)


class StillHeld(Exception):
    """The clock stands, so there is no due time yet."""


def due(
    start: datetime, allowance: timedelta, calendar: WorkCalendar | None = None, holds: Sequence[Interval] = ()
) -> datetime:
    """When a clock that started at ``start`` has run for ``allowance``; it runs in working time, or always (D1).

    It stands during ``holds``, which may overlap and come in any order. Raises ``StillHeld`` when it runs into a hold
    that goes on, ValueError when ``allowance`` is negative, ``CalendarUnknown``.
    """
    if allowance < ZERO:
        raise ValueError("an allowance is not negative")
    at, left = _utc(start), allowance
    for hold in _merged(at, holds):
        run = _run(calendar, at, hold.start)
        if run >= left:
            break
        if hold.end is None:
            raise StillHeld(f"held since {hold.start}")
        at, left = hold.end, left - run
    return at + left if calendar is None else calendar.add_working(at, left)


def remaining(
    start: datetime,
    allowance: timedelta,
    calendar: WorkCalendar | None,
    holds: Sequence[Interval],
    now: datetime,
) -> timedelta:
    """What is left of ``allowance`` at ``now``, on the same clock as ``due``; negative by how much it is overdrawn.

    Nothing has run before ``start``. Raises ``CalendarUnknown``.
    """
    at, now = _utc(start), max(_utc(start), _utc(now))
    left = allowance
    for hold in _merged(at, holds):
        if hold.start >= now:
            break
        left -= _run(calendar, at, hold.start)
        at = now if hold.end is None else min(hold.end, now)
    return left - _run(calendar, at, now)


def _run(calendar: WorkCalendar | None, start: datetime, end: datetime) -> timedelta:
    return end - start if calendar is None else calendar.open_between(start, end)


def _merged(start: datetime, holds: Sequence[Interval]) -> Iterator[Interval]:
    """The holds from ``start`` on, in UTC and order, apart from each other."""
    reached = start
    for hold in sorted(holds, key=lambda each: _utc(each.start)):
        begin = max(reached, _utc(hold.start))
        if hold.end is None:
            yield Interval(begin)
            return
        if (end := _utc(hold.end)) > begin:
            yield Interval(begin, end)
            reached = end


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A statistics month (统计月): a calendar month in Asia/Shanghai (D23). ``str`` of it: ``2026-10``."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not 1 <= self.month <= 12:
            raise ValueError(f"no such month: {self.month}")

    @classmethod
    def of(cls, moment: datetime) -> Self:
        """The period in which ``moment`` lies."""
        day = day_of(moment)
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Self:
        """From ``2026-10``. Raises ValueError."""
        if not (match := re.fullmatch(r"(\d{4})-(\d{2})", text, re.ASCII)):
            raise ValueError(f"not a month like 2026-10: {text!r}")
        return cls(int(match[1]), int(match[2]))

    @property
    def start(self) -> datetime:
        """Its first moment."""
        return datetime(self.year, self.month, 1, tzinfo=SHANGHAI).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return self.next.start

    @property
    def next(self) -> Self:
        return replace(self, year=self.year + self.month // 12, month=self.month % 12 + 1)

    @property
    def previous(self) -> Self:
        return replace(self, year=self.year - (self.month == 1), month=(self.month - 2) % 12 + 1)

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    def due_end_of_day(self, day: int) -> datetime:
        """The end of that day of the following month: "before the 4th" is ``due_end_of_day(3)`` (5.4, D22)."""
        following = self.next
        return end_of_day(date(following.year, following.month, day))


def day_of(moment: datetime, zone: ZoneInfo = SHANGHAI) -> date:
    """The date that the calendar on the wall shows at ``moment``."""
    return _utc(moment).astimezone(zone).date()


def end_of_day(day: date, zone: ZoneInfo = SHANGHAI) -> datetime:
    """The first moment after ``day``, UTC."""
    return datetime.combine(day + DAY, time.min, zone).astimezone(UTC)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"a moment without a time zone: {moment}")
    return moment.astimezone(UTC)
