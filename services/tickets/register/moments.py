"""What people write for a day and a time of day, and what it says.

A cell is only understood here, not completed: ``10月1日`` says a month and a day, ``次日 9点`` a day after
another, ``14:30`` no day at all. Which year that was is for ``years.py`` and the row to find out. What isn't
certain to mean something isn't read: ``10月32日``, ``25:70`` and ``昨天`` give ``None``.
"""

import calendar
import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from shared.clock import SHANGHAI
from shared.decider import Words
from shared.spreadsheet.sheet import Cell

FIRST_YEAR, LAST_YEAR = 2000, 2099
"""Years that a register can speak of; anything else is a slip of the pen."""
END_OF_DAY = 24 * 3600
_LONGEST = 60
"""Characters of a text that can be a moment; a longer one is a story."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day as written; ``year`` and ``month`` may be left to the reader. Always a day that exists in some
    year."""

    year: int | None
    month: int | None
    day: int


@dataclass(frozen=True, slots=True)
class Said:
    """What a cell says of a moment."""

    days: tuple[Day, ...] = ()
    """Readings of the day, likeliest first; several when it can be read in several ways (``10/1/26``)."""
    plus: int | None = None
    """Days after the day that the row speaks of (``次日`` is 1, ``当天`` 0); ``None``: not said so."""
    clock: int | None = None
    """Seconds since midnight, 0 to 86,400 (``24:00`` is the next midnight)."""
    until: int | None = None
    """The end of a span of time (``9:00-11:00``), seconds since midnight."""
    assumed: tuple[Words, ...] = ()

    @property
    def has_day(self) -> bool:
        return bool(self.days) or self.plus is not None


ABOUT = Words("时间是约数，按所写的时刻", "an approximate time, taken as written")
BARE_HOUR = Words("只写了钟点数，按整点", "a bare hour, taken as the full hour")
DECIMAL = Words("时间写成小数，按“点.分”", "a decimal, taken as hour.minutes")
SPAN = Words("写的是时间段", "a span of time is written")
NOON = Words("“上午12点”按中午", "“12 in the morning” is taken as noon")
ASIDE = Words("时间旁边的字没有采用", "the words beside the time were not used")
PART_ONLY = Words("只写了时段，没有钟点", "names only a part of the day, no hour")

_ALIKE = str.maketrans(
    dict.fromkeys("‐‑‒–—―−﹣", "-")
    | dict.fromkeys("~〜∼", "~")
    | {"。": ".", "、": ".", "·": ".", "∶": ":", ";": ":", "'": " "}
    | dict(zip("點時號鐘週禮後", "点时号钟周礼后", strict=True))
)
_WEEKDAY = re.compile(
    r"[(\[]?\s*(?:(?:星期|周|礼拜)[一二三四五六日天]|(?:mon|tues?|wed(?:nes)?|thur?s?|fri|satur|sat|sun)(?:day)?\b[.,]?)\s*[)\]]?"
)
_NUMERAL = re.compile(
    r"[零〇○一二两三四五六七八九十廿卅]+(?=\s*[年月日号点时分刻])|(?<=[点时])[零〇○一二三四五六七八九十廿卅]+"
)
_DIGITS = {char: str(value) for value, char in enumerate("零一二三四五六七八九")} | {
    "〇": "0",
    "○": "0",
    "两": "2",
}

_SEP = r"\s*[./-]\s*"
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH_NAME = rf"(?P<name>{'|'.join(_MONTHS)})[a-z]*\.?"
_YEAR4, _MONTH, _DAY = r"(?P<y>(?:19|20)\d\d)", r"(?P<m>\d{1,2})", r"(?P<d>\d{1,2})"
_END, _SHORT_END = r"(?:\s*[日号]|(?!\d))", r"(?:\s*[日号]|(?![\d:点时]))"
_FULL = (
    rf"{_YEAR4}(?:\s*年\s*|{_SEP}|\s+){_MONTH}(?:\s*月\s*|{_SEP}|\s+){_DAY}{_END}",
    r"(?P<y>20\d\d)(?P<m>\d\d)(?P<d>\d\d)(?!\d)",
    rf"(?P<y>\d\d)(?:\s*年\s*|{_SEP}){_MONTH}(?:\s*月\s*|{_SEP}){_DAY}{_SHORT_END}",
    r"(?P<y>\d\d)(?P<m>\d\d)(?P<d>\d\d)(?!\d)",
    rf"(?P<m>\d{{1,2}})[./-](?P<d>\d{{1,2}})[./-]{_YEAR4}(?!\d)",
    rf"{_DAY}(?:st|nd|rd|th)?[\s-]*{_MONTH_NAME}(?:[\s,-]+(?P<y>\d{{4}}|\d\d)(?![\d:]))?",
    rf"{_MONTH_NAME}\s*-?{_DAY}(?:st|nd|rd|th)?(?:[\s,]+{_YEAR4})?(?![\d:])",
)
_PARTIAL = (
    rf"{_MONTH}\s*月\s*{_DAY}{_SHORT_END}",
    rf"{_MONTH}{_SEP}{_DAY}{_SHORT_END}",
    rf"{_DAY}\s*[日号]",
)
_DATES = tuple(re.compile(pattern) for pattern in (*_FULL, *_PARTIAL))
_SURE_DATES = tuple(re.compile(pattern) for pattern in (*_FULL[:3], *_FULL[4:], _PARTIAL[0], _PARTIAL[2]))
_RELATIVE = {
    word: days
    for days, words in enumerate(
        ("当日 当天 同日 同天 今天 今日", "次日 明天 明日 第二天 翌日 隔日 隔天 第2天 第2日", "后天 第三天 第3天 第3日")
    )
    for word in words.split()
}
_RELATIVE_AT = re.compile("|".join(_RELATIVE))

_MORNING = ("凌晨", "清晨", "清早", "早晨", "早上", "上午", "早", "am", "a.m.")
_AFTERNOON = ("午后", "下午", "傍晚", "pm", "p.m.")
_EVENING = ("晚上", "晚间", "晚")
_NIGHT = ("夜里", "夜间", "深夜", "半夜", "夜晚", "夜")
_MIDDAY = ("中午", "正午", "晌午")
_PART = f"(?:{'|'.join(re.escape(part) for part in (*_MORNING, *_AFTERNOON, *_EVENING, *_NIGHT, *_MIDDAY))})"
_PARTS = (
    dict.fromkeys(_MORNING, (0, 12))
    | dict.fromkeys(_AFTERNOON, (12, 18))
    | dict.fromkeys((*_EVENING, *_NIGHT), (18, 24))
    | dict.fromkeys(_MIDDAY, (11, 14))
)
_CLOCK = re.compile(
    rf"(?P<part>{_PART})?\s*(?P<h>\d{{1,2}})\s*"
    r"(?:[点时]\s*(?:(?P<half>半)|(?P<quarter>[123])\s*刻|(?:整|钟)?)"
    r"|(?P<mark>[:.点时])\s*(?P<m>\d{1,2})\s*分?(?:\s*:?\s*(?P<s>\d{1,2})(?:\.\d+)?\s*秒?)?)"
    rf"\s*(?P<after>{_PART})?"
)
_HOUR_WITH_PART = re.compile(
    rf"(?P<part>{_PART})\s*(?P<h>\d{{1,2}})|(?P<h2>\d{{1,2}})\s*(?P<after>am|pm|a\.m\.|p\.m\.)"
)
_VAGUE = re.compile("大约|大概|约|左右|前后|之前|以前|前$|许|多$")
_ZONED = re.compile(r"(\d{4}-\d\d-\d\d)[t ](\d\d:\d\d(?::\d\d)?(?:\.\d+)?)\s*(z|[+-]\d\d:?\d\d)")
_SERIAL_TEXT = re.compile(r"\d{5}(?:\.\d+)?|0?\.\d{3,}")
_RUN_TOGETHER = re.compile(r"(20\d{6})(\d\d)(\d\d)(\d\d)?")
_MIDNIGHT = re.compile(r"0?0:00(?::00(?:\.0+)?)?")
_ASIDE = re.compile(
    r"\([^()\d]*\)|(?<=[\d点时分秒半])(?:已|经|来电|来函|来访|登记|受理|收到|接到|电话|微信|回复|答复|回电|到场|到达|上门|完成)+$"
)
_ROUND = re.compile(r"(\d{5,})\.0+")
_DAY_0 = datetime.combine(date(1899, 12, 30), time())
_FIRST_SERIAL, _LAST_SERIAL = 36_526.0, 73_051.0  # 2000-01-01 and 2100-01-01, counted from 1899-12-30


def plain(text: str) -> str:
    """The text in one width, one case, with one kind of dash, dot and blank, and Arabic numbers."""
    text = unicodedata.normalize("NFKC", text).lower().translate(_ALIKE).replace("元月", "1月")
    text = _WEEKDAY.sub(" ", text)
    return " ".join(_NUMERAL.sub(lambda found: _arabic(found[0]), text).split())


def _arabic(numeral: str) -> str:
    """``二〇二六`` is 2026, ``二十一`` is 21."""
    numeral = numeral.replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = numeral.partition("十")
    if not ten:
        return "".join(_DIGITS[char] for char in numeral)
    first, last = _DIGITS.get(tens, "1"), _DIGITS.get(ones, "0")
    return first + last if len(tens) < 2 and len(ones) < 2 else numeral


def said(cell: Cell, *, clock_first: bool = False) -> Said | None:
    """What a cell says of a moment, or ``None`` when it says nothing certain. An empty cell says nothing.

    ``clock_first``: the column is for the time of day, so ``9`` is an hour and ``8.30`` half past eight; in
    any other, ``9`` is a day and ``8.30`` the end of August.
    """
    match cell:
        case datetime():
            rounded = cell + timedelta(milliseconds=500)
            if rounded.year < 1901:  # spreadsheets keep a bare time as a time on their day 0
                return Said(clock=_seconds(rounded.time()))
            return _full(rounded.date(), _seconds(rounded.time()))
        case date():
            return _full(cell)
        case time():
            return Said(clock=round(_seconds(cell) + cell.microsecond / 1_000_000))
        case timedelta():
            seconds = round(cell.total_seconds())
            return Said(clock=seconds) if 0 <= seconds <= END_OF_DAY else None
        case bool():
            return None
        case float():
            return _of_number(cell, clock_first)
        case str():
            return _of_written(cell, clock_first) if len(cell) <= _LONGEST else None
        case _:
            return None


def _seconds(clock: time) -> int:
    return clock.hour * 3600 + clock.minute * 60 + clock.second


def _full(day: date, clock: int | None = None) -> Said | None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return None
    return Said((Day(day.year, day.month, day.day),), clock=clock)


def _of_number(number: float, clock_first: bool) -> Said | None:
    if _FIRST_SERIAL <= number < _LAST_SERIAL:
        moment = _DAY_0 + timedelta(seconds=round(number * 86_400))
        return _full(moment.date(), None if number == int(number) else _seconds(moment.time()))
    if 0 <= number < 1 and number != 0:
        return Said(clock=round(number * 86_400))
    if clock_first:
        return _clock_number(number)
    if number == int(number):
        text = str(int(number))
        return _of_text(text, clock_first=False) if len(text) in (1, 2, 6, 8, 12, 14) else None
    month, _, day = f"{number:.2f}".rstrip("0").partition(".")
    days = [_checked(None, int(month), int(day))] + [_checked(None, int(month), int(day) * 10)] * (len(day) == 1)
    readings = tuple(one for one in days if one is not None)  # 10.1 is what is left of 10.1 and of 10.10
    return Said(readings) if readings and abs(number - round(number, 2)) < 1e-9 else None


def _clock_number(number: float) -> Said | None:
    """In a column for times: 9 is nine o'clock, 8.3 what a spreadsheet leaves of 8.30, 1755 is 17:55."""
    if number == int(number):
        whole = int(number)
        if 0 <= whole < 24:
            return Said(clock=whole * 3600, assumed=(BARE_HOUR,))
        hour, minute = divmod(whole, 100)
        return _time_of_day(hour, minute) if whole >= 100 else None
    hour, minute = divmod(round(number * 100), 100)
    exact = abs(number * 100 - round(number * 100)) < 1e-6
    found = _time_of_day(hour, minute) if exact else None
    return replace(found, assumed=(DECIMAL,)) if found else None


def _time_of_day(hour: int, minute: int, second: int = 0) -> Said | None:
    if hour < 24 and minute < 60 and second < 60:
        return Said(clock=hour * 3600 + minute * 60 + second)
    return Said(clock=END_OF_DAY) if (hour, minute, second) == (24, 0, 0) else None


@lru_cache(maxsize=1 << 14)
def _of_written(text: str, clock_first: bool) -> Said | None:
    return _of_text(plain(text), clock_first)


def _of_text(text: str, clock_first: bool) -> Said | None:
    if not text:
        return None
    if zoned := _ZONED.fullmatch(text):
        return _of_zoned(zoned)
    if _SERIAL_TEXT.fullmatch(text) and (text.lstrip("0").startswith(".") or float(text) >= _FIRST_SERIAL):
        return _of_number(float(text), clock_first)
    if whole := _ROUND.fullmatch(text):
        text = whole[1]
    if run := _RUN_TOGETHER.fullmatch(text):
        text = f"{run[1]} {run[2]}:{run[3]}:{run[4] or '00'}"
    if clock_first and (found := _of_clock(text)):
        return found
    for pattern in _SURE_DATES if clock_first else _DATES:
        if match := pattern.match(text):
            return _with_clock(_readings(match), text[match.end() :])
    if match := _RELATIVE_AT.match(text):
        return _after(Said(plus=_RELATIVE[match[0]]), text[match.end() :])
    if clock_first and (match := _DATES[-2].match(text)) and text[match.end() :].strip():
        return _with_clock(_readings(match), text[match.end() :])
    if not clock_first and re.fullmatch(r"\d{1,2}", text):
        return _with_clock(_one(_checked(None, None, int(text))), "")
    return _of_clock(text)


def _of_zoned(match: re.Match[str]) -> Said | None:
    """An ISO moment with its zone is shown as Shanghai's wall clock, like everything else in a register."""
    try:
        moment = datetime.fromisoformat(f"{match[1]}T{match[2]}{match[3].upper()}").astimezone(SHANGHAI)
    except ValueError:
        return None
    return _full(moment.date(), _seconds(moment.time()))


def _one(day: Day | None) -> tuple[Day, ...]:
    return () if day is None else (day,)


def _checked(year: int | None, month: int | None, day: int) -> Day | None:
    """The day, when it can exist."""
    if year is not None and year < 100:
        year += 2000
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    if month is None:
        return Day(year, month, day) if 1 <= day <= 31 else None
    if not 1 <= month <= 12:
        return None
    return Day(year, month, day) if 1 <= day <= calendar.monthrange(year or 2000, month)[1] else None


def _readings(match: re.Match[str]) -> tuple[Day, ...]:
    """The days that a match can mean. Two digits come year first in China; ``10/1/26`` may also be October 1."""
    part = match.groupdict()
    month = _MONTHS.index(part["name"]) + 1 if part.get("name") else int(part["m"]) if part.get("m") else None
    year = int(part["y"]) if part.get("y") else None
    first = _checked(year, month, int(part["d"]))
    if year is None or month is None or part.get("name"):
        return _one(first)
    second = None
    if match.end("y") == match.end():  # 10/1/2026, and in some countries 1/10/2026
        second = _checked(year, int(part["d"]), month)
    elif year < 100 and re.fullmatch(r"\d+([./-])\d+\1\d+", match[0]):
        second = _checked(int(part["d"]), year, month)
    return tuple(dict.fromkeys((*_one(first), *_one(second))))


def _with_clock(days: tuple[Day, ...], rest: str) -> Said | None:
    return _after(Said(days), rest) if days else None


def _after(day: Said, rest: str) -> Said | None:
    """The day with the time of day that follows it, if any.

    Exports write a bare date as ``2026/10/1 0:00``, and nobody registers a call at that very second: so it is no time.
    """
    rest = rest.strip(" ,.t-")
    if not rest or (day.days and day.days[0].year is not None and _MIDNIGHT.fullmatch(rest)):
        return day
    if part := _PARTS.get(rest.removeprefix("(").removesuffix(")")):
        return replace(day, clock=part[0] * 3600, until=part[1] * 3600, assumed=(PART_ONLY,))
    if (bare := _ASIDE.sub(" ", rest).strip()) != rest:
        found = _after(day, bare)
        return replace(found, assumed=(*found.assumed, ASIDE)) if found else None
    clock = _of_clock(rest)
    return Said(day.days, day.plus, clock.clock, clock.until, clock.assumed) if clock else None


def _of_clock(text: str) -> Said | None:
    """A time of day, or a span of it, that makes up the whole text."""
    kept = _VAGUE.sub("", text).strip()
    assumed = (ABOUT,) if kept != text else ()
    if (bare := _ASIDE.sub(" ", kept).strip()) != kept:
        kept, assumed = bare, (*assumed, ASIDE)
    if found := _single_clock(kept):
        return replace(found, assumed=assumed + found.assumed) if assumed else found
    span = re.fullmatch(r"(.+?)\s*(?:-|~|至|到)\s*(.+)", kept)
    if span is None:
        return None
    part = re.match(_PART, span[1])
    begin = _single_clock(span[1])
    end = (part and _single_clock(part[0] + span[2])) or _single_clock(span[2])  # 下午2点-4点 ends at 16:00
    if begin is None or end is None or begin.clock is None or end.clock is None or end.clock <= begin.clock:
        return None
    return Said(clock=begin.clock, until=end.clock, assumed=(*assumed, SPAN))


def _single_clock(text: str) -> Said | None:
    if match := _CLOCK.fullmatch(text):
        return _of_match(match)
    if match := _HOUR_WITH_PART.fullmatch(text):
        return _shifted(match["part"] or match["after"], int(match["h"] or match["h2"]), 0, 0)
    if re.fullmatch(r"\d{1,2}", text):
        found = _time_of_day(int(text), 0)
        return replace(found, assumed=(BARE_HOUR,)) if found else None
    if re.fullmatch(r"\d{3,4}", text):
        return _time_of_day(int(text[:-2]), int(text[-2:]))
    return None


def _of_match(match: re.Match[str]) -> Said | None:
    part, after = match["part"], match["after"]
    if part and after:
        return None
    minute = int(match["m"] or 0) + 30 * bool(match["half"]) + 15 * int(match["quarter"] or 0)
    assumed: tuple[Words, ...] = ()
    if match["mark"] == "." and len(match["m"]) == 1:
        minute, assumed = minute * 10, (DECIMAL,)
    found = _shifted(part or after, int(match["h"]), minute, int(match["s"] or 0))
    return replace(found, assumed=found.assumed + assumed) if found and assumed else found


def _shifted(part: str | None, hour: int, minute: int, second: int) -> Said | None:
    """The hour of the twelve that are meant: 下午5点 is 17, 晚上12点 the next midnight, 中午1点 is 13."""
    if part is None:
        return _time_of_day(hour, minute, second)
    if part in _MORNING:
        if hour == 12 and part in ("上午", "早上"):
            return replace(found, assumed=(NOON,)) if (found := _time_of_day(12, minute, second)) else None
        return _time_of_day(hour % 12, minute, second) if hour <= 12 else None
    if part in _MIDDAY:
        return (
            _time_of_day(hour + 12 if hour <= 2 else hour, minute, second) if hour in (1, 2, 11, 12, 13, 14) else None
        )
    if part in _NIGHT and hour < 6:
        return _time_of_day(hour, minute, second)
    if part in _AFTERNOON:
        return _time_of_day(hour + 12 if hour < 12 else hour, minute, second)
    if hour == 12:  # 晚上12点 is the midnight that follows; 晚上12:30 is anyone's guess
        return _time_of_day(24, minute, second)
    return _time_of_day(hour + 12 if hour < 12 else hour, minute, second) if hour else None
