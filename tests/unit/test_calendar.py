"""Working time against known days, against its own laws, and against somebody who counts minutes on a wall clock."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from shared.calendar import (
    SHANGHAI,
    CalendarUnknown,
    Interval,
    Period,
    StillHeld,
    Week,
    Window,
    WorkCalendar,
    day_of,
    due,
    end_of_day,
    remaining,
)

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = (Window(time(9), time(12)), Window(time(13), time(18)))
NIGHT = (Window(time(22), time(6)),)
WORKING_WEEK: Week = (OFFICE,) * 5 + ((),) * 2
CN = WorkCalendar.chinese(WORKING_WEEK)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def always_open(week: Week, zone: ZoneInfo) -> WorkCalendar:
    return WorkCalendar("test", zone, week)


# --- known days -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2026-09-30", True),
        ("2026-10-01", False),  # National Day
        ("2026-10-07", False),
        ("2026-10-08", True),
        ("2026-10-10", True),  # a Saturday, made up for the holidays
        ("2026-10-11", False),
        ("2026-02-14", True),  # a Saturday before the Spring Festival
        ("2026-02-28", True),
    ],
)
def test_public_holidays_and_make_up_workdays_of_2026(day: str, worked: bool) -> None:
    assert CN.is_workday(date.fromisoformat(day)) is worked


def test_a_clock_stands_over_lunch_the_night_and_the_golden_week() -> None:
    start = shanghai("2026-09-30T11:00")
    assert CN.add_working(start, 2 * HOUR) == shanghai("2026-09-30T14:00")
    assert CN.add_working(start, 7 * HOUR) == shanghai("2026-10-08T10:00")


def test_a_make_up_saturday_has_the_hours_of_a_weekday_unless_it_is_given_its_own() -> None:
    friday = shanghai("2026-10-09T17:00")
    assert CN.add_working(friday, 2 * HOUR) == shanghai("2026-10-10T10:00")
    short = WorkCalendar.chinese(WORKING_WEEK, makeup=(Window(time(10), time(12)),))
    assert short.add_working(friday, 4 * HOUR) == shanghai("2026-10-12T10:00")


def test_five_workdays_end_with_the_fifth_day_after_whatever_the_hour() -> None:
    """D6: undecided after 5 workdays. Friday 9 October: then Sat (made up), Mon, Tue, Wed, Thu."""
    assert CN.add_workdays(shanghai("2026-10-09T00:00"), 5) == shanghai("2026-10-16T00:00")
    assert CN.add_workdays(shanghai("2026-10-09T23:59"), 5) == shanghai("2026-10-16T00:00")


def test_a_day_and_a_time_in_another_zone_are_the_same_moment() -> None:
    evening_in_berlin = datetime(2026, 10, 8, 23, 30, tzinfo=BERLIN)  # 05:30 on Friday in Shanghai
    assert CN.add_workdays(evening_in_berlin, 1) == shanghai("2026-10-11T00:00")
    assert CN.add_working(evening_in_berlin, HOUR) == shanghai("2026-10-09T10:00")


def test_a_year_that_nobody_has_told_is_not_taken_for_one_without_holidays() -> None:
    last = max(CN.years or ())
    start = datetime(last, 12, 31, 12, tzinfo=SHANGHAI)
    with pytest.raises(CalendarUnknown, match=f"{last + 1} are not known: update the library"):
        CN.add_working(start, 100 * HOUR)
    with pytest.raises(CalendarUnknown):
        CN.open_between(start, start + timedelta(days=2))
    with pytest.raises(CalendarUnknown):
        CN.is_workday(date(last + 1, 3, 1))
    midnight = datetime(last + 1, 1, 1, tzinfo=SHANGHAI)
    assert CN.open_between(start, midnight) == 5 * HOUR


def test_ones_own_dates_make_a_further_year_known_and_change_the_version() -> None:
    last = max(CN.years or ())
    new_year = date(last + 1, 1, 1)
    told = CN.with_dates(holidays=[new_year], complete_years=[last + 1])
    assert not told.is_workday(new_year)
    assert told.add_working(datetime(last, 12, 31, 17, tzinfo=SHANGHAI), HOUR * 2).astimezone(SHANGHAI).day > 1
    assert told.version != CN.version
    with pytest.raises(CalendarUnknown):  # one date alone doesn't tell the year
        CN.with_dates(holidays=[new_year]).is_workday(date(last + 1, 1, 2))


def test_ones_own_dates_take_precedence() -> None:
    national_day, make_up = date(2026, 10, 1), date(2026, 10, 10)
    turned = CN.with_dates(holidays=[make_up], workdays=[national_day])
    assert turned.is_workday(national_day)
    assert not turned.is_workday(make_up)
    assert turned.with_dates(holidays=[national_day], workdays=[make_up]).version == CN.version


def test_the_version_names_rules_and_dates() -> None:
    assert CN.version == WorkCalendar.chinese(WORKING_WEEK).version
    assert CN.version.startswith("cn-")
    others = {
        WorkCalendar.chinese((NIGHT,) * 7).version,
        WorkCalendar.chinese(WORKING_WEEK, zone=BERLIN).version,
        WorkCalendar.chinese(WORKING_WEEK, makeup=NIGHT).version,
    }
    assert len({CN.version} | others) == 4


def test_a_night_shift_belongs_to_the_day_on_which_it_begins() -> None:
    nights = WorkCalendar.chinese((NIGHT,) * 7)
    assert nights.windows(date(2026, 9, 30)) == [
        Interval(shanghai("2026-09-30T22:00"), shanghai("2026-10-01T06:00")),
    ]
    start = shanghai("2026-10-01T00:00")  # a holiday, on which the night before is still worked
    assert nights.open_between(start, shanghai("2026-10-01T23:59")) == 6 * HOUR


def test_a_window_that_closes_when_it_opens_is_a_whole_day() -> None:
    always = always_open((((Window(time(0), time(0))),),) * 7, BERLIN)
    start = datetime(2026, 3, 28, 7, tzinfo=BERLIN)
    assert always.open_between(start, start.astimezone(UTC) + 100 * HOUR) == 100 * HOUR
    assert always.add_working(start, 100 * HOUR) == due(start, 100 * HOUR)


def test_a_night_is_an_hour_shorter_or_longer_when_the_clocks_change() -> None:
    nights = always_open((NIGHT,) * 7, BERLIN)

    def length(day: date) -> timedelta:
        start = datetime.combine(day, time(12), BERLIN)
        return nights.open_between(start, datetime.combine(day + timedelta(days=1), time(12), BERLIN))

    assert length(date(2026, 3, 28)) == 7 * HOUR
    assert length(date(2026, 6, 1)) == 8 * HOUR
    assert length(date(2026, 10, 24)) == 9 * HOUR


def test_a_window_on_the_edge_of_a_clock_change_opens_early_and_closes_late() -> None:
    edge = always_open(((Window(time(0, 30), time(2, 30)),),) * 7, BERLIN)
    autumn, spring = edge.windows(date(2026, 10, 25)), edge.windows(date(2026, 3, 29))
    assert autumn == [Interval(datetime(2026, 10, 24, 22, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC))]
    assert spring == [Interval(datetime(2026, 3, 28, 23, 30, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC))]


def test_twenty_four_hours_are_elapsed_hours_also_over_a_clock_change() -> None:
    """D1: 3.4a's clock knows neither nights nor holidays nor summer time."""
    start = datetime(2026, 10, 24, 20, tzinfo=BERLIN)
    assert due(start, 24 * HOUR) == datetime(2026, 10, 25, 19, tzinfo=BERLIN)
    assert due(shanghai("2026-10-01T08:00"), 24 * HOUR) == shanghai("2026-10-02T08:00")


def test_a_hold_outside_working_hours_shifts_nothing() -> None:
    start = shanghai("2026-10-09T17:00")
    night = Interval(shanghai("2026-10-09T18:00"), shanghai("2026-10-10T09:00"))
    assert due(start, 2 * HOUR, CN, [night]) == due(start, 2 * HOUR, CN) == shanghai("2026-10-10T10:00")
    assert due(start, 2 * HOUR, None, [night]) == shanghai("2026-10-10T10:00")


def test_a_clock_that_is_held_has_no_due_time_but_something_left() -> None:
    start = shanghai("2026-10-09T09:00")
    held = [Interval(shanghai("2026-10-09T10:00"))]
    with pytest.raises(StillHeld):
        due(start, 2 * HOUR, CN, held)
    assert remaining(start, 2 * HOUR, CN, held, shanghai("2026-10-12T17:00")) == HOUR


def test_a_hold_after_the_due_time_changes_nothing() -> None:
    start = shanghai("2026-10-09T09:00")
    assert due(start, HOUR, CN, [Interval(shanghai("2026-10-09T10:00"))]) == shanghai("2026-10-09T10:00")


def test_what_is_left_is_negative_once_it_is_overdrawn_and_whole_before_the_start() -> None:
    start = shanghai("2026-10-09T09:00")
    assert remaining(start, HOUR, CN, [], shanghai("2026-10-09T14:00")) == -3 * HOUR
    assert remaining(start, HOUR, CN, [], shanghai("2026-10-09T08:00")) == HOUR


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: CN.add_working(datetime(2026, 10, 9), HOUR),  # noqa: DTZ001 - naive on purpose
        lambda: CN.add_working(shanghai("2026-10-09T09:00"), -HOUR),
        lambda: CN.open_between(shanghai("2026-10-09T09:00"), shanghai("2026-10-09T08:00")),
        lambda: CN.add_workdays(shanghai("2026-10-09T09:00"), 0),
        lambda: due(shanghai("2026-10-09T09:00"), -HOUR),
        lambda: always_open(((),) * 7, SHANGHAI),
        lambda: always_open((OFFICE,) * 6, SHANGHAI),
        lambda: WorkCalendar("x", SHANGHAI, WORKING_WEEK, (), frozenset({date.min}), frozenset({date.min})),
        lambda: Period(2026, 13),
        lambda: Period.parse("2026-1"),
        lambda: Period.parse("２０２６-10"),
        lambda: day_of(datetime(2026, 10, 9)),  # noqa: DTZ001 - naive on purpose
    ],
)
def test_nonsense_is_refused(wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(ValueError):
        wrong()


# --- periods ----------------------------------------------------------------------------------------------------


def test_a_statistics_month_is_a_calendar_month_in_shanghai() -> None:
    """D23."""
    october = Period.parse("2026-10")
    assert (october.start, october.end) == (
        datetime(2026, 9, 30, 16, tzinfo=UTC),
        datetime(2026, 10, 31, 16, tzinfo=UTC),
    )
    assert october.start in october
    assert october.end not in october
    assert str(october) == "2026-10"
    assert october.previous < october < october.next


def test_before_the_4th_is_due_at_the_end_of_the_3rd_and_no_holiday_shifts_it() -> None:
    """D22."""
    assert Period(2026, 9).due_end_of_day(3) == shanghai("2026-10-04T00:00")
    assert Period(2026, 12).due_end_of_day(4) == shanghai("2027-01-05T00:00")


EARLIEST, LATEST = datetime(1990, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001 - bounds without a zone


@given(st.datetimes(EARLIEST, LATEST, timezones=st.timezones()))
@example(datetime(2026, 10, 31, 15, 59, 59, 999999, tzinfo=UTC))
@example(datetime(2026, 10, 31, 16, tzinfo=UTC))
def test_every_moment_lies_in_exactly_one_period(moment: datetime) -> None:
    period = Period.of(moment)
    assert moment in period
    assert moment not in period.next
    assert moment not in period.previous
    assert period.next.previous == period
    assert Period.parse(str(period)) == period
    assert moment < end_of_day(day_of(moment)) <= moment + timedelta(days=1, hours=1)


# --- laws -------------------------------------------------------------------------------------------------------

CLOCK_CHANGES = {
    "Asia/Shanghai": [date(2026, 10, 1), date(2026, 10, 10)],  # no change of clocks, but of workdays
    "Europe/Berlin": [date(2026, 3, 29), date(2026, 10, 25)],
    "America/New_York": [date(2026, 3, 8), date(2026, 11, 1)],
    "Australia/Lord_Howe": [date(2026, 4, 5), date(2026, 10, 4)],  # by half an hour
    "America/Santiago": [date(2026, 4, 5), date(2026, 9, 6)],  # at midnight
    "Africa/Cairo": [date(2026, 4, 24), date(2026, 10, 30)],  # at midnight
    "Asia/Kathmandu": [date(2026, 6, 15)],  # +05:45
}

minutes_of_day = st.integers(0, 1439).map(lambda minute: time(*divmod(minute, 60)))
windows = st.builds(Window, minutes_of_day, minutes_of_day)
weekdays = st.lists(windows, max_size=3).map(tuple)
weeks = st.tuples(*[weekdays] * 7).filter(any)


@st.composite
def situations(draw: st.DrawFn) -> tuple[WorkCalendar, datetime]:
    """A calendar and a moment near something that makes its zone or its days interesting."""
    zone, changes = draw(st.sampled_from(sorted(CLOCK_CHANGES.items())))
    middle = draw(st.sampled_from(changes))
    near = st.integers(-3, 3).map(lambda days: middle + timedelta(days=days))
    holidays, workdays = draw(st.frozensets(near, max_size=3)), draw(st.frozensets(near, max_size=3))
    calendar = WorkCalendar("test", ZoneInfo(zone), draw(weeks), draw(weekdays), holidays - workdays, workdays)
    start = datetime.combine(middle, time(0), ZoneInfo(zone)) + draw(st.integers(-2880, 2880)) * MINUTE
    return calendar, start.astimezone(UTC)


amounts = st.integers(0, 6000).map(lambda minutes: minutes * MINUTE)
instants = st.timedeltas(timedelta(0), timedelta(days=5))


@given(situations(), st.timedeltas(timedelta(microseconds=1), timedelta(days=5)))
def test_adding_is_the_inverse_of_counting(situation: tuple[WorkCalendar, datetime], amount: timedelta) -> None:
    calendar, start = situation
    end = calendar.add_working(start, amount)
    assert calendar.open_between(start, end) == amount
    assert calendar.open_between(start, end - timedelta.resolution) < amount  # it is the first such moment


@given(situations(), instants, instants)
def test_counting_is_additive_and_never_more_than_the_time_itself(
    situation: tuple[WorkCalendar, datetime], first: timedelta, second: timedelta
) -> None:
    calendar, start = situation
    middle, end = start + first, start + first + second
    whole = calendar.open_between(start, end)
    assert whole == calendar.open_between(start, middle) + calendar.open_between(middle, end)
    assert timedelta(0) <= whole <= first + second


@given(situations(), amounts, amounts)
def test_adding_is_additive_and_monotone(
    situation: tuple[WorkCalendar, datetime], first: timedelta, second: timedelta
) -> None:
    calendar, start = situation
    at_once = calendar.add_working(start, first + second)
    assert at_once == calendar.add_working(calendar.add_working(start, first), second)
    assert start <= calendar.add_working(start, first) <= at_once


@given(situations(), st.integers(1, 6))
def test_workdays_are_counted_one_by_one(situation: tuple[WorkCalendar, datetime], count: int) -> None:
    calendar, start = situation
    end = calendar.add_workdays(start, count)
    first, last = day_of(start, calendar.zone), day_of(end - MINUTE, calendar.zone)
    days = [first + timedelta(days=number) for number in range(1, (last - first).days + 1)]
    assert sum(map(calendar.is_workday, days)) == count
    assert calendar.is_workday(last)
    assert end == end_of_day(last, calendar.zone)


@st.composite
def held(draw: st.DrawFn, start: datetime) -> list[Interval]:
    spans = draw(st.lists(st.tuples(st.integers(-600, 4000), st.integers(0, 2000)), max_size=4))
    return [Interval(start + begin * MINUTE, start + (begin + length) * MINUTE) for begin, length in spans]


def overlap(calendar: WorkCalendar | None, holds: Sequence[Interval], start: datetime, end: datetime) -> timedelta:
    """The time of the clock in [start, end) that lies in any hold, by cutting at all their edges."""
    edges = sorted({start, end, *(edge for hold in holds for edge in hold if edge and start < edge < end)})
    total = timedelta(0)
    for left, right in pairwise(edges):
        if any(hold.start <= left and hold.end and right <= hold.end for hold in holds):
            total += right - left if calendar is None else calendar.open_between(left, right)
    return total


@given(situations(), amounts, st.booleans(), st.data())
def test_holds_shift_the_due_time_by_exactly_the_time_they_take_from_the_clock(
    situation: tuple[WorkCalendar, datetime], allowance: timedelta, elapsed: bool, data: st.DataObject
) -> None:
    start, calendar = situation[1], None if elapsed else situation[0]
    holds = data.draw(held(start))
    end = due(start, allowance, calendar, holds)
    ran = end - start if calendar is None else calendar.open_between(start, end)
    assert ran - overlap(calendar, holds, start, end) == allowance
    assert end >= due(start, allowance, calendar)
    assert end == due(start, allowance, calendar, list(reversed(holds)))
    assert remaining(start, allowance, calendar, holds, end) == timedelta(0)


@given(situations(), amounts, instants, st.booleans(), st.data())
def test_what_is_left_now_is_what_still_has_to_run(
    situation: tuple[WorkCalendar, datetime],
    allowance: timedelta,
    passed: timedelta,
    elapsed: bool,
    data: st.DataObject,
) -> None:
    start, calendar = situation[1], None if elapsed else situation[0]
    holds, now = data.draw(held(start)), start + passed
    end = due(start, allowance, calendar, holds)
    left = remaining(start, allowance, calendar, holds, now)
    assert (left > timedelta(0)) == (now < end)
    if left > timedelta(0):
        assert due(now, left, calendar, holds) == end  # held and released, or recomputed on the way: the same end


# --- the man at the wall clock ----------------------------------------------------------------------------------


@cache
def shown_by_the_clock(zone: ZoneInfo, around: date) -> dict[datetime, list[datetime]]:
    """For each minute that a clock shows in some days, the moments at which it shows it."""
    first = datetime.combine(around - timedelta(days=5), time(0), UTC)
    shown: dict[datetime, list[datetime]] = {}
    for minute in (first + number * MINUTE for number in range(11 * 1440)):
        shown.setdefault(minute.astimezone(zone).replace(tzinfo=None), []).append(minute)
    return shown


class WallClock:
    """Judges by what the local clock shows at each minute of the days around ``middle``."""

    def __init__(self, calendar: WorkCalendar, middle: datetime) -> None:
        self.calendar = calendar
        self.middle = middle.astimezone(UTC).date()
        self.shown = shown_by_the_clock(calendar.zone, self.middle)

    def readings(self, day: date, clock: time) -> list[datetime]:
        """When the clock shows it: once, twice, or, if it is skipped, when it shows what is that much later."""
        wanted = datetime.combine(day, clock)  # without a zone, as on the wall
        if wanted not in self.shown:
            before, after = wanted, wanted
            while before not in self.shown:
                before -= MINUTE
            while after not in self.shown:
                after += MINUTE
            wanted += after - before - MINUTE
        return self.shown[wanted]

    def open_minutes(self) -> set[datetime]:
        opened = set[datetime]()
        for day in (self.middle + timedelta(days=number) for number in range(-3, 4)):
            for opens, closes in self.hours(day):
                start = self.readings(day, opens)[0]
                end = self.readings(day if closes > opens else day + timedelta(days=1), closes)[-1]
                while start < end:
                    opened.add(start)
                    start += MINUTE
        return opened

    def hours(self, day: date) -> tuple[Window, ...]:
        calendar = self.calendar
        if day in calendar.workdays:
            return calendar.makeup or next(hours for hours in calendar.week if hours)
        return () if day in calendar.holidays else calendar.week[day.weekday()]


@given(situations(), st.integers(0, 2880), st.integers(0, 1440))
def test_it_equals_counting_the_minutes_of_a_wall_clock(
    situation: tuple[WorkCalendar, datetime], length: int, offset: int
) -> None:
    calendar, middle = situation
    start = middle - offset * MINUTE
    end = start + length * MINUTE
    open_minutes = sorted(minute for minute in WallClock(calendar, middle).open_minutes() if start <= minute < end)
    assert calendar.open_between(start, end) == len(open_minutes) * MINUTE
    assume(open_minutes)
    assert calendar.add_working(start, len(open_minutes) * MINUTE) == open_minutes[-1] + MINUTE
