"""Days that recur by a rule (RFC 5545 RRULE), on the dateutil library. Pure.

Only whole days: the daily frequency is the finest. When a rule ends is said beside it, so COUNT and UNTIL are refused.
The parts are judged here before the library sees them: it loops for ever over ``INTERVAL=0``.
"""

import re
from datetime import date, datetime, time, timedelta
from typing import Annotated

from dateutil.rrule import rrule, rrulestr
from pydantic import AfterValidator, StringConstraints

from shared.validation import wrong

HORIZON = timedelta(days=3_660)
"""How far the next day is looked for: ten years. A rule may name a day that never comes (30 February)."""

_WEEKDAY = "(?:MO|TU|WE|TH|FR|SA|SU)"
_PARTS: dict[str, tuple[str, int]] = {
    "FREQ": ("DAILY|WEEKLY|MONTHLY|YEARLY", 0),
    "INTERVAL": (r"[1-9]\d{0,2}", 0),
    "BYDAY": (rf"[+-]?\d{{0,2}}{_WEEKDAY}", 53),
    "BYMONTHDAY": (r"[+-]?\d{1,2}", 31),
    "BYMONTH": (r"\d{1,2}", 12),
    "BYYEARDAY": (r"[+-]?\d{1,3}", 366),
    "BYWEEKNO": (r"[+-]?\d{1,2}", 53),
    "BYSETPOS": (r"[+-]?\d{1,3}", 366),
    "WKST": (_WEEKDAY, 0),
}
"""Of each part how one value is written, and the largest number in it; 0: its pattern says all."""


def _checked(rule: str) -> str:
    """Raises ValueError, bilingual."""
    named: set[str] = set()
    for part in rule.split(";"):
        name, _, values = part.partition("=")
        if name in ("COUNT", "UNTIL"):
            raise wrong(
                "规则中不写 COUNT 或 UNTIL；结束日期请另填。",
                "Leave COUNT and UNTIL out of the rule: the last day is said beside it.",
            )
        if name not in _PARTS or name in named or not _fits(name, values):
            raise wrong(
                f"规则的这一部分看不懂：{part or '空'}。", f"This part of the rule can't be read: {part or 'empty'}."
            )
        named.add(name)
    if "FREQ" not in named:
        raise wrong("规则缺少 FREQ。", "The rule lacks FREQ.")
    try:
        _days(rule, date(2000, 1, 1), date(2000, 1, 2))
    except ValueError as error:
        raise wrong("规则各部分不能这样组合。", "The parts of the rule don't go together.") from error
    return rule


def _fits(name: str, values: str) -> bool:
    pattern, largest = _PARTS[name]
    single = largest == 0
    for value in [values] if single else values.split(","):
        if not re.fullmatch(pattern, value, re.ASCII):
            return False
        digits = re.sub(r"\D", "", value)
        if not single and digits and not 1 <= int(digits) <= largest:
            return False
    return True


Rule = Annotated[
    str, StringConstraints(strip_whitespace=True, to_upper=True, min_length=1, max_length=200), AfterValidator(_checked)
]
"""A rule that can be read: ``FREQ=MONTHLY;BYDAY=1MO`` is the first Monday of every month."""


def next_day(rule: str, start: date, after: date, last: date | None = None) -> date | None:
    """The first day of ``rule`` behind ``after``, not before ``start`` and not behind ``last``; None where there is
    none, or none within ``HORIZON``. ``rule`` is one that ``Rule`` has let pass."""
    begin = max(start, after)
    end = begin + HORIZON if last is None else min(last, begin + HORIZON)
    if end < start:
        return None
    found: datetime | None = _days(rule, start, end).after(datetime.combine(after, time.max))
    return found.date() if found else None


def _days(rule: str, start: date, end: date) -> rrule:
    """Naive midnights: a day has no zone."""
    parsed = rrulestr(rule, dtstart=datetime.combine(start, time.min))
    assert isinstance(parsed, rrule)
    bounded: rrule = parsed.replace(until=datetime.combine(end, time.min))
    return bounded
