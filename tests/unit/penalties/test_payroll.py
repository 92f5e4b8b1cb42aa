"""Payroll lists: closed once, nothing on two of them, what is reversed comes back (D8)."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as when_given
from hypothesis import strategies as st

from services.penalties.domain import payroll
from services.penalties.domain.deduction import Due, Terms, Wage
from services.penalties.domain.payroll import ExportPayroll
from services.penalties.domain.payroll_file import csv_of, sha256_of
from shared.decider import Refused
from shared.events.penalties import DropCause, PayrollExported
from tests.unit.penalties.test_deduction import HIGHEST, RICH, VISIT, due
from tests.unit.tickets.story import Story, given

NOVEMBER = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
POOR = Wage(Decimal("150.00"), Decimal("0.00"))
"""Of which ¥30.00 may be taken."""


def export(*dues: Due, period: str = "2026-10", **facts: Any) -> ExportPayroll:
    said: dict[str, Any] = {
        "period": period,
        "dues": dues,
        "reversed": frozenset(),
        "wages": {"E04": RICH},
        "position": 7,
        "at": datetime(2027, 2, 1, tzinfo=UTC),
        "by": "qian",
    }
    return ExportPayroll(**said | facts)


def taken(story: Story) -> list[str]:
    """What the last list takes, line by line."""
    event = story.now() and story.new[-1]
    assert isinstance(event, PayrollExported)
    assert event.total == sum((line.taken for line in event.lines), Decimal(0))
    assert [line.line for line in event.lines] == list(range(1, len(event.lines) + 1))
    return [f"{line.number} {line.taken}" for line in event.lines]


def test_a_month_is_listed_when_it_is_over_and_once() -> None:
    story = given(payroll).when(export(due(1), at=datetime(2026, 10, 31, 15, 59, tzinfo=UTC)))
    story.refused("month_not_over")
    story.when(export(due(1), at=datetime(2026, 10, 31, 16, 0, tzinfo=UTC))).then(PayrollExported)
    story.saying(number="GZ-2026-10", total=Decimal("50.00"), position=7, exported_by="qian")
    story.when(export(due(1), due(2))).then()


def test_an_earlier_month_comes_too_late() -> None:
    given(payroll, export(due(1))).when(export(due(2), period="2026-09")).refused("later_list_exists")


def test_a_missing_wage_names_whom_and_nothing_is_listed() -> None:
    story = given(payroll).when(export(due(1), due(2, engineer="E07"), due(3, engineer="E06")))
    story.refused("wage_missing")
    words = payroll.wages_missing(["E06", "E07"], "2026-10").words
    assert "2026-10 的工资尚未登记：E06、E07" in words.zh
    with pytest.raises(Refused, match="for 2026-10: E06, E07\\. HR"):
        payroll.decide(export(due(1), due(2, engineer="E07"), due(3, engineer="E06")), payroll.NEW)
    # and once it is there, nobody's amount is lost
    wages = {"E04": RICH, "E06": RICH, "E07": RICH}
    story.when(export(due(1), due(2, engineer="E07"), due(3, engineer="E06"), wages=wages)).then(PayrollExported)
    assert taken(story) == ["CF-1 50.00", "CF-3 50.00", "CF-2 50.00"]


def test_what_is_on_a_list_is_on_no_other() -> None:
    story = given(payroll, export(due(1))).when(export(due(1), due(2), period="2026-11"))
    assert taken(story) == ["CF-2 50.00"]


def test_what_is_reversed_is_paid_back_once_with_the_next_list() -> None:
    story = given(payroll, export(due(1), due(2)))
    back = frozenset({due(1).penalty})
    story.when(export(due(3), period="2026-11", reversed=back))
    assert taken(story) == ["CF-3 50.00", "CF-1 -50.00"]
    story.when(export(period="2026-12", reversed=back))
    assert taken(story) == []


def test_paying_back_needs_no_wage() -> None:
    story = given(payroll, export(due(1)))
    story.when(export(period="2026-11", reversed=frozenset({due(1).penalty}), wages={}))
    assert taken(story) == ["CF-1 -50.00"]


def test_what_was_never_taken_is_not_paid_back() -> None:
    nothing = {"E04": Wage(Decimal("0.00"), Decimal("0.00"))}
    story = given(payroll, export(due(1), wages=nothing))
    story.when(export(period="2026-11", reversed=frozenset({due(1).penalty})))
    assert taken(story) == []


def test_what_is_carried_over_goes_on_the_next_lists_until_it_is_taken() -> None:
    first = due(1, terms=Terms(carry_over=True))
    story = given(payroll).when(export(first, wages={"E04": POOR}))
    assert taken(story) == ["CF-1 30.00"]
    assert story.now().listed[first.penalty].left == Decimal("20.00")
    story.when(export(first, period="2026-11", wages={"E04": POOR}))
    assert taken(story) == ["CF-1 20.00"]
    assert (story.now().listed[first.penalty].taken, story.now().listed[first.penalty].left) == (50, 0)
    story.when(export(first, period="2026-12", wages={"E04": POOR}))
    assert taken(story) == []
    # and what was taken by then is paid back
    story.when(export(period="2027-01", reversed=frozenset({first.penalty})))
    assert taken(story) == ["CF-1 -50.00"]


def test_one_visit_counts_once_over_two_lists() -> None:
    story = given(payroll, export(due(1, visit=VISIT, terms=HIGHEST)))
    story.when(export(due(2, "100.00", visit=VISIT, terms=HIGHEST), period="2026-11"))
    assert taken(story) == ["CF-2 50.00"]
    assert story.now().listed[due(2).penalty].dropped_for is DropCause.CUMULATION
    # unless the first was reversed
    story = given(payroll, export(due(1, visit=VISIT, terms=HIGHEST)))
    later = due(2, "100.00", visit=VISIT, terms=HIGHEST)
    story.when(export(later, period="2026-11", reversed=frozenset({due(1).penalty})))
    assert taken(story) == ["CF-2 100.00", "CF-1 -50.00"]


def test_the_file_is_the_same_whenever_it_is_made() -> None:
    # given a list
    story = given(payroll, export(due(1), due(2, "20.00", allowance=True, rule="=4.6"), wages={"E04": POOR}))
    [event] = story.history
    assert isinstance(event, PayrollExported)

    # when its file is made twice
    made = [csv_of(event.number, event.lines, event.total) for _ in range(2)]

    # then both are the same, and what the event says of it
    assert made[0] == made[1]
    assert sha256_of(event.number, event.lines, event.total) == event.sha256
    rows = made[0].decode("utf-8-sig").split("\r\n")
    assert rows[0].startswith("清单号 List,序号 Line,人员 Engineer,")
    assert rows[1] == (
        "GZ-2026-10,1,E04,CF-1,4.5,罚款 fine,50.00,30.00,20.00,0.00,超出当月扣款上限 over the month's cap"
    )
    # and no text is a formula
    assert ",'=4.6,电话费补贴 phone allowance,20.00,0.00,20.00," in rows[2]
    assert rows[3] == "GZ-2026-10,,合计 Total,,,,70.00,30.00,40.00,0.00,"


MONTHS = [f"2026-{month:02}" for month in range(1, 11)]
PLAN = st.lists(
    st.tuples(st.sets(st.integers(1, 8)), st.sets(st.integers(1, 8)), st.integers(0, 500)), min_size=1, max_size=10
)


@when_given(PLAN, st.booleans())
def test_over_many_lists_nothing_is_taken_twice_nor_paid_back_twice(
    plan: list[tuple[set[int], set[int], int]], carry_over: bool
) -> None:
    # given months with any penalties told as final, again and again, and any told as reversed
    state, net, gone = payroll.NEW, dict.fromkeys(range(1, 9), Decimal(0)), set[int]()
    numbers = {f"CF-{number}": number for number in net}
    for month, (final, reversed_, wage) in zip(MONTHS, plan, strict=False):
        gone |= {number for number in reversed_ if net[number] > 0}
        dues = [replace(due(n), terms=Terms(carry_over=carry_over)) for n in sorted(final - gone)]
        back = frozenset(due(number).penalty for number in gone)
        wages = {"E04": Wage(Decimal(wage), Decimal(0))}
        for event in payroll.decide(export(*dues, period=month, reversed=back, wages=wages), state):
            state = payroll.evolve(state, event)
            for line in event.lines:
                net[numbers[line.number]] += line.taken

    # then nobody has paid more than was due, what was reversed is back, and the books agree
    assert all(0 <= paid <= 50 for paid in net.values())
    last_gone = {number for number in gone if net[number]}
    assert not last_gone
    by_penalty: dict[UUID, Decimal] = {due(number).penalty: paid for number, paid in net.items() if paid}
    assert {p: each.taken for p, each in state.listed.items() if each.taken} == by_penalty
