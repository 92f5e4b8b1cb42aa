"""Days and times as people write them."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.register.moments import Day, said


def wide(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def hanzi(number: int) -> str:
    tens, ones = divmod(number, 10)
    return (
        ("" if tens < 2 else "零一二三四五六七八九"[tens])
        + "十" * (tens > 0)
        + ("一二三四五六七八九"[ones - 1] if ones else "" if tens else "零")
    )


DAYS = {
    "iso": lambda d: f"{d:%Y-%m-%d}",
    "slashes": lambda d: f"{d.year}/{d.month}/{d.day}",
    "dots": lambda d: f"{d.year}.{d.month:02}.{d.day:02}",
    "chinese": lambda d: f"{d.year}年{d.month}月{d.day}日",
    "chinese, spaced": lambda d: f"{d.year} 年 {d.month} 月 {d.day} 号",
    "in words": lambda d: (
        f"{''.join('〇一二三四五六七八九'[int(n)] for n in str(d.year))}年{hanzi(d.month)}月{hanzi(d.day)}日"
    ),
    "full width": lambda d: wide(f"{d:%Y-%m-%d}"),
    "two digits": lambda d: f"{d.year % 100:02}年{d.month}月{d.day}日",
    "digits": lambda d: f"{d:%Y%m%d}",
    "number": lambda d: float(f"{d:%Y%m%d}"),
    "with weekday": lambda d: f"{d.year}年{d.month}月{d.day}日(星期{'一二三四五六日'[d.weekday()]})",
    "english": lambda d: f"{d:%d %b %Y}",
    "american": lambda d: f"{d:%b} {d.day}, {d.year}",
    "serial": lambda d: float((d - date(1899, 12, 30)).days),
    "serial as text": lambda d: str((d - date(1899, 12, 30)).days),
    "cell": lambda d: d,
    "ideographic stops": lambda d: f"{d.year}。{d.month}。{d.day}",
}
CLOCKS = {
    "colon": lambda t: f"{t:%H:%M}",
    "short": lambda t: f"{t.hour}:{t.minute:02}",
    "full width": lambda t: wide(f"{t:%H:%M}"),
    "seconds": lambda t: f"{t:%H:%M:%S}",
    "点": lambda t: f"{t.hour}点{t.minute:02}",
    "时分": lambda t: f"{t.hour}时{t.minute}分",
    "点分 in words": lambda t: f"{hanzi(t.hour)}点{hanzi(t.minute)}分",
    "traditional": lambda t: f"{t.hour}時{t.minute}分",
    "dot": lambda t: f"{t.hour}.{t.minute:02}",
    "am pm": lambda t: f"{t.hour % 12 or 12}:{t.minute:02} {'PM' if t.hour >= 12 else 'AM'}",
    "digits": lambda t: f"{t:%H%M}",
    "part of the day": lambda t: part_of_day(t),
    "fraction": lambda t: (t.hour * 60 + t.minute) / 1440,
    "cell": lambda t: t,
    "span cell": lambda t: timedelta(hours=t.hour, minutes=t.minute),
    "on day 0": lambda t: datetime.combine(date(1899, 12, 31), t),
}


def part_of_day(t: time) -> str:
    if t.hour < 6:
        return f"凌晨{t.hour}点{t.minute:02}"
    if t.hour < 12:
        return f"上午{t.hour}:{t.minute:02}"
    if t.hour < 13:
        return f"中午{t.hour}:{t.minute:02}"
    return f"{'下午' if t.hour < 18 else '晚上'}{t.hour - 12}点{t.minute:02}分"


days = st.dates(date(2001, 1, 1), date(2098, 12, 31))
clocks = st.times().map(lambda t: t.replace(second=0, microsecond=0)).filter(lambda t: t != time())


@given(days, st.sampled_from(sorted(DAYS)))
def test_a_day_is_the_same_however_it_is_written(day: date, form: str) -> None:
    found = said(DAYS[form](day))

    assert found is not None
    assert Day(day.year, day.month, day.day) in found.days
    assert found.clock is None


@given(clocks, st.sampled_from(sorted(CLOCKS)))
def test_a_time_is_the_same_however_it_is_written(clock: time, form: str) -> None:
    found = said(CLOCKS[form](clock), clock_first=True)

    assert found is not None
    assert found.clock == clock.hour * 3600 + clock.minute * 60
    assert not found.days


TEXT_DAYS = sorted(set(DAYS) - {"number", "serial", "serial as text", "cell", "digits"})
TEXT_CLOCKS = sorted(set(CLOCKS) - {"dot", "digits", "fraction", "cell", "span cell", "on day 0"})


@given(days, clocks, st.sampled_from(TEXT_DAYS), st.sampled_from(TEXT_CLOCKS), st.sampled_from([" ", "  ", ", ", ""]))
def test_day_and_time_in_one_cell(day: date, clock: time, form: str, at: str, between: str) -> None:
    written = f"{DAYS[form](day)}{between or ' '}{CLOCKS[at](clock)}"
    if not between and form in ("chinese", "chinese, spaced", "two digits"):
        written = written.replace(" ", "") if form != "chinese, spaced" else written

    found = said(written)

    assert found is not None, written
    assert (Day(day.year, day.month, day.day), found.clock) == (found.days[0], clock.hour * 3600 + clock.minute * 60)


@given(days, clocks)
def test_a_spreadsheets_moment_is_exact_to_the_second(day: date, clock: time) -> None:
    moment = datetime.combine(day, clock)
    serial = (moment - datetime.combine(date(1899, 12, 30), time())) / timedelta(days=1)

    for cell in (moment, moment - timedelta(milliseconds=1), serial, repr(serial)):
        found = said(cell)
        assert found is not None
        assert found.days == (Day(day.year, day.month, day.day),)
        assert found.clock == clock.hour * 3600 + clock.minute * 60


@pytest.mark.parametrize(
    ("text", "month", "day", "clock"),
    [
        ("10/1", 10, 1, None),
        ("10-1", 10, 1, None),
        ("10.1", 10, 1, None),
        ("10月1日", 10, 1, None),
        ("10月1号 9点", 10, 1, "9:00"),
        ("10月1日9点半", 10, 1, "9:30"),
        ("十月二十一日 八点一刻", 10, 21, "8:15"),
        ("元月5日", 1, 5, None),
        ("1-Oct", 10, 1, None),
        ("10-02 11:55", 10, 2, "11:55"),
        ("10-02-11:55", 10, 2, "11:55"),
        ("周五 10/2 下午5:55", 10, 2, "17:55"),
        ("10月2日1155", 10, 2, "11:55"),
        ("10月2日（补登）11:55", 10, 2, "11:55"),
        ("3日 14:00", None, 3, "14:00"),
        ("10月2日 11:55来电", 10, 2, "11:55"),
    ],
)
def test_the_year_may_be_left_to_the_reader(text: str, month: int | None, day: int, clock: str | None) -> None:
    found = said(text)

    assert found is not None
    assert found.days == (Day(None, month, day),)
    assert found.clock == (None if clock is None else seconds(clock))


def seconds(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 3600 + int(minute) * 60


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("8点半", "8:30"),
        ("8点三刻", "8:45"),
        ("8點整", "8:00"),
        ("八点零五分", "8:05"),
        ("下午17:55", "17:55"),
        ("晚7点", "19:00"),
        ("夜里11点", "23:00"),
        ("夜里1点", "1:00"),
        ("晚上12点", "24:00"),
        ("中午1点", "13:00"),
        ("中午12:10", "12:10"),
        ("12:30 AM", "0:30"),
        ("5:55下午", "17:55"),
        ("24:00", "24:00"),
        ("17；55", "17:55"),
        ("约9点", "9:00"),
        ("9点左右", "9:00"),
        ("9:30前", "9:30"),
        ("9", "9:00"),
        ("8.3", "8:30"),
    ],
)
def test_times_as_they_are_spoken(text: str, clock: str) -> None:
    found = said(text, clock_first=True)

    assert found is not None
    assert found.clock == seconds(clock)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("9:00-9:30", "9:00", "9:30"),
        ("9点到10点", "9:00", "10:00"),
        ("下午2点~4点", "14:00", "16:00"),
        ("14-16点", "14:00", "16:00"),
    ],
)
def test_a_span_of_time_has_a_start_and_an_end(text: str, start: str, end: str) -> None:
    found = said(text, clock_first=True)

    assert found is not None
    assert (found.clock, found.until) == (seconds(start), seconds(end))


@pytest.mark.parametrize(("text", "plus"), [("次日8点", 1), ("当天8点", 0), ("第二天上午8点", 1), ("后天8:00", 2)])
def test_days_after_the_one_that_is_spoken_of(text: str, plus: int) -> None:
    found = said(text)

    assert found is not None
    assert (found.plus, found.clock, found.days) == (plus, seconds("8:00"), ())


@pytest.mark.parametrize(
    "text",
    [
        "10月32日",
        "2月30日",
        "2026-02-29",
        "2026-13-01",
        "昨天",
        "上周三",
        "10月",
        "2026年10月",
        "10月3日 25:70",
        "1026-10-01",
    ],
)
def test_what_is_no_day_is_not_read(text: str) -> None:
    assert said(text) is None


@pytest.mark.parametrize("text", ["25:70", "9:60", "24:10", "上午15:20", "刚才", "中午", "晚上12:30", "现在", "NaN"])
def test_what_is_no_time_is_not_read(text: str) -> None:
    assert said(text, clock_first=True) is None


@pytest.mark.parametrize("number", [-1.0, 0.0, 32.0, 1e10, 99999.0])
def test_numbers_that_are_no_day_are_not_read(number: float) -> None:
    assert said(number) is None


def test_a_day_that_can_be_read_in_two_ways_keeps_both() -> None:
    assert said("10/1/26") == said("10-1-26")
    assert said("10/1/26").days == (Day(2010, 1, 26), Day(2026, 10, 1))
    assert said("10/1/2026").days == (Day(2026, 10, 1), Day(2026, 1, 10))
    assert said("13/10/2026").days == (Day(2026, 10, 13),)
    assert said(10.1).days == (Day(None, 10, 1), Day(None, 10, 10)), "a spreadsheet cuts 10.10 to 10.1"


def test_the_midnight_that_exports_add_to_a_date_is_no_time() -> None:
    assert said("2026/10/1 0:00").clock is None
    assert said("2026-10-01 00:00:00").clock is None
    assert said("2026-10-01 00:01").clock == 60


def test_a_whole_number_may_carry_its_point() -> None:
    assert said("20261001.0") == said("46296.0") == said("2026-10-01")


def test_a_part_of_the_day_is_a_span_of_it() -> None:
    assert (said("10-04 上午").clock, said("10-04 上午").until) == (0, seconds("12:00"))
    assert (said("10-04（下午）").clock, said("10-04（下午）").until) == (seconds("12:00"), seconds("18:00"))


def test_an_iso_moment_with_a_zone_is_shown_in_shanghai() -> None:
    assert said("2026-10-01T18:30:00Z") == said("2026-10-02 02:30")
    assert said("2026-10-01T18:30:00+0800") == said("2026-10-01 18:30")
