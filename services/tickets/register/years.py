"""In which year a day was, when the sheet doesn't say it beside the day.

The days of a register follow each other, so a day belongs to the year that puts it nearest to its neighbours;
the first of them takes its year from the title, the sheet's name or the file's name. Over New Year the
neighbours win: in 2026年12月, 12月31日 is followed by 1月1日 of 2027.
"""

import re
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.tickets.register.moments import Day, plain

STRAY = timedelta(days=366)
"""A written-out date farther than this from the middle of its sheet is no guide for its neighbours."""

_YEAR_MONTH = re.compile(r"(?<!\d)(20\d\d)\s*(?:年|[-./_ ])?\s*(1[0-2]|0?[1-9])(?:\s*月|(?=(?:\d\d)?(?!\d)))")
_SHORT_YEAR_MONTH = re.compile(r"(?<!\d)(\d\d)\s*年\s*(1[0-2]|0?[1-9])\s*月")
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)|(?<!\d)(\d\d)\s*年")
_MONTH = re.compile(r"(?<!\d)(1[0-2]|0?[1-9])\s*月")


@dataclass(frozen=True, slots=True)
class Hint:
    """What titles and names say of the time of a sheet."""

    year: int | None = None
    month: int | None = None

    def middle(self) -> date | None:
        """The day nearest to everything in the month that is meant; without a month, in the year."""
        if self.year is None:
            return None
        return date(self.year, self.month, 15) if self.month else date(self.year, 7, 2)


def hint_of(texts: Iterable[str]) -> Hint:
    """The first year, and the month beside it or else the first month, that the texts name, best text first."""
    year = month = None
    for text in map(plain, texts):
        both = _YEAR_MONTH.search(text) or _SHORT_YEAR_MONTH.search(text)
        if year is None and both:
            year, month = int(both[1]), int(both[2])
        elif year is None and (found := _YEAR.search(text)):
            year = int(found[1] or found[2])
        if month is None and (found := _MONTH.search(text)):
            month = int(found[1])
    return Hint(year + 2000 if year is not None and year < 100 else year, month)


def nearest(days: Sequence[Day], to: date) -> date | None:
    """The reading nearest to a date, with the year (and month) that is missing; ``None`` when no such day is
    near."""
    candidates: list[date] = []
    for day in days:
        months = [(day.year, day.month)]
        if day.month is None:
            months = [(moved.year, moved.month) for shift in (-31, 0, 31) if (moved := _shifted(to, shift))]
        elif day.year is None:
            months = [(to.year + shift, day.month) for shift in (-1, 0, 1)]
        for year, month in months:
            if year is not None and month is not None and (found := _date(year, month, day.day)):
                candidates.append(found)
    return min(candidates, key=lambda candidate: abs(candidate - to), default=None)


def _shifted(to: date, days: int) -> date:
    return to.replace(day=15) + timedelta(days=days)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def complete(days: Sequence[Sequence[Day]], hint: Hint) -> list[date | None]:
    """The dates of a sheet's rows, top to bottom; ``None`` where a row says no day, or nothing tells its
    year."""
    sure = [date(d[0].year, d[0].month, d[0].day) if len(d) == 1 and d[0].year and d[0].month else None for d in days]
    middle = _median([one for one in sure if one])
    guides = [one if one and middle and abs(one - middle) <= STRAY else None for one in sure]
    if not any(guides):
        return _without_guides(days, sure, hint)
    first = next(index for index, guide in enumerate(guides) if guide)
    down = _chain(days[first:], sure[first:], guides[first:], guides[first], hint)
    up = _chain(days[:first][::-1], sure[:first][::-1], guides[:first][::-1], guides[first], hint)
    return up[::-1] + down


def _median(dates: Sequence[date]) -> date | None:
    return date.fromordinal(int(statistics.median_low([one.toordinal() for one in dates]))) if dates else None


def _without_guides(days: Sequence[Sequence[Day]], sure: Sequence[date | None], hint: Hint) -> list[date | None]:
    start = hint.middle()
    if start is None:  # readings with a year of their own need no guide
        return [
            known or (nearest(one, date(one[0].year, 7, 2)) if one and one[0].year else None)
            for one, known in zip(days, sure, strict=True)
        ]
    if hint.month is not None:
        return _chain(days, sure, sure, start, hint)
    # Only a year is known, so the first row may belong to the end of the year before: most rows decide.
    tries = [_chain(days, sure, sure, first, hint) for first in _starts(days, start)]
    return max(tries, key=lambda dates: sum(one is not None and one.year == hint.year for one in dates))


def _starts(days: Sequence[Sequence[Day]], middle: date) -> list[date]:
    first = next((one[0] for one in days if one), None)
    if first is None or first.month is None:
        return [middle]
    return [found for shift in (0, -1, 1) if (found := _date(middle.year + shift, first.month, 15))]


def _chain(
    days: Sequence[Sequence[Day]],
    sure: Sequence[date | None],
    guides: Sequence[date | None],
    start: date | None,
    hint: Hint,
) -> list[date | None]:
    """Each day takes the year nearest to the row before; a lone day of the month takes the month of the
    title."""
    dates: list[date | None] = []
    before = start
    for readings, known, guide in zip(days, sure, guides, strict=True):
        found = known
        if found is None and readings and before is not None:
            found = _in_month(readings, hint, before) or nearest(readings, before)
            before = found or before
        before = guide or before
        dates.append(found)
    return dates


def _in_month(readings: Sequence[Day], hint: Hint, before: date) -> date | None:
    if readings[0].month is not None or hint.month is None:
        return None
    middle = nearest((Day(hint.year, hint.month, 15),), before)
    return _date(middle.year, middle.month, readings[0].day) if middle else None
