"""Days that recur by a rule."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.recurrence import Rule, next_day

RULE: TypeAdapter[str] = TypeAdapter(Rule)
START = date(2026, 10, 1)


@pytest.mark.parametrize(
    ("rule", "after", "expected"),
    [
        ("FREQ=DAILY", date(2026, 9, 1), date(2026, 10, 1)),
        ("FREQ=DAILY", date(2026, 10, 1), date(2026, 10, 2)),
        ("freq=weekly;byday=mo,th", date(2026, 10, 1), date(2026, 10, 5)),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", date(2026, 10, 1), date(2026, 10, 15)),
        ("FREQ=MONTHLY;BYDAY=1MO", date(2026, 10, 5), date(2026, 11, 2)),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", date(2026, 10, 1), date(2026, 10, 31)),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1", date(2026, 10, 1), date(2026, 11, 2)),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", date(2026, 10, 1), date(2028, 2, 29)),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", date(2026, 10, 1), None),
    ],
)
def test_the_next_day_of_a_rule(rule: str, after: date, expected: date | None) -> None:
    assert next_day(RULE.validate_python(rule), START, after) == expected


def test_there_is_none_behind_the_last_day() -> None:
    assert next_day("FREQ=WEEKLY", START, START, last=date(2026, 10, 8)) == date(2026, 10, 8)
    assert next_day("FREQ=WEEKLY", START, START, last=date(2026, 10, 7)) is None
    assert next_day("FREQ=DAILY", START, date(2026, 12, 1), last=date(2026, 11, 1)) is None


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "每月第一个周一",
        "BYDAY=MO",
        "FREQ=HOURLY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;COUNT=3",
        "FREQ=DAILY;UNTIL=20270101",
        "FREQ=DAILY;BYHOUR=9",
        "FREQ=MONTHLY;BYMONTHDAY=99",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYDAY=XX",
        "FREQ=MONTHLY;BYDAY=",
        "FREQ=DAILY;FREQ=WEEKLY",
        "RRULE:FREQ=DAILY",
        "DTSTART:20200101\nRRULE:FREQ=DAILY",
        "FREQ=DAILY\nEXDATE:20261002",
        "FREQ=DAILY;BYMONTH=" + ",".join(["1"] * 200),
    ],
)
def test_what_is_no_rule_of_days_is_refused_in_words(rule: str) -> None:
    with pytest.raises(ValidationError):
        RULE.validate_python(rule)


rules = st.builds(
    lambda freq, interval, days: f"FREQ={freq};INTERVAL={interval}" + (f";BYDAY={','.join(days)}" if days else ""),
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    st.integers(1, 30),
    st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), unique=True),
)


@given(rules, st.dates(date(2026, 1, 1), date(2028, 1, 1)), st.dates(date(2026, 1, 1), date(2028, 1, 1)))
def test_days_only_go_forward_and_asking_again_says_the_same(rule: str, start: date, after: date) -> None:
    found = next_day(RULE.validate_python(rule), start, after)
    if found is not None:
        assert found > after
        assert found >= start
        assert next_day(rule, start, found - timedelta(days=1)) == found
