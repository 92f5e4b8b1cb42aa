"""Which year a day without one belongs to."""

from datetime import date

import pytest

from services.tickets.register.moments import said
from services.tickets.register.years import Hint, complete, hint_of


def completed(texts: str, hint: Hint = Hint()) -> list[str]:  # noqa: B008 — frozen
    days = [found.days if (found := said(text)) else () for text in texts.split()]
    return [str(day) if day else "-" for day in complete(days, hint)]


@pytest.mark.parametrize(
    ("texts", "hint"),
    [
        (["售后登记表(2026年10月)"], Hint(2026, 10)),
        (["2026.10"], Hint(2026, 10)),
        (["register-2026-10"], Hint(2026, 10)),
        (["登记20261001"], Hint(2026, 10)),
        (["二〇二六年十月"], Hint(2026, 10)),
        (["26年10月份"], Hint(2026, 10)),
        (["2026年度台账", "10月"], Hint(2026, 10)),
        (["10月", "2026"], Hint(2026, 10)),
        (["Sheet1", "登记表"], Hint()),
        (["热线 0531-86002026"], Hint()),
    ],
)
def test_titles_and_names_tell_year_and_month(texts: list[str], hint: Hint) -> None:
    assert hint_of(texts) == hint


def test_the_title_tells_the_year() -> None:
    assert completed("10-1 10/2 10月3日", Hint(2026, 10)) == ["2026-10-01", "2026-10-02", "2026-10-03"]


def test_neighbours_tell_the_year_before_the_title_does() -> None:
    assert completed("9-30 2026-10-01 10-2", Hint(2024, 10)) == ["2026-09-30", "2026-10-01", "2026-10-02"]


def test_new_year_is_crossed_in_both_directions() -> None:
    assert completed("12-30 12-31 1-1 1-2", Hint(2026, 12)) == ["2026-12-30", "2026-12-31", "2027-01-01", "2027-01-02"]
    assert completed("12-31 1-1", Hint(2027, 1)) == ["2026-12-31", "2027-01-01"]
    assert completed("12-30 2027-01-01 1-2") == ["2026-12-30", "2027-01-01", "2027-01-02"]


def test_of_a_bare_year_most_rows_decide() -> None:
    assert completed("12-31 1-2 1-3 1-4", Hint(2027)) == ["2026-12-31", "2027-01-02", "2027-01-03", "2027-01-04"]
    assert completed("12-28 12-29 12-30 1-2", Hint(2026)) == ["2026-12-28", "2026-12-29", "2026-12-30", "2027-01-02"]


def test_a_whole_year_of_days_stays_in_its_year() -> None:
    texts = " ".join(f"{month}-15" for month in range(1, 13))

    assert completed(texts, Hint(2026)) == [f"2026-{month:02}-15" for month in range(1, 13)]
    assert completed(f"2026-01-02 {texts}")[-1] == "2026-12-15"


def test_a_slip_of_the_pen_misleads_no_neighbour() -> None:
    assert completed("2026-10-01 10-2 2062-10-03 10-4 2026-10-05")[1::2] == ["2026-10-02", "2026-10-04"]


def test_a_lone_day_takes_the_month_of_the_title() -> None:
    assert completed("1 28 2", Hint(2026, 10)) == ["2026-10-01", "2026-10-28", "2026-10-02"]
    assert completed("2026-10-01 2 3") == ["2026-10-01", "2026-10-02", "2026-10-03"]


def test_of_two_readings_the_nearer_one_counts() -> None:
    assert completed("2026-09-30 10/1/26") == ["2026-09-30", "2026-10-01"]
    assert completed("2026-10-09 10/11/2026") == ["2026-10-09", "2026-10-11"]
    assert completed("2026-10-09 10/11/2026", Hint(2026, 11))[1] == "2026-10-11", "not November 10"


def test_without_any_hint_a_year_stays_unknown() -> None:
    assert completed("10-1 10-2") == ["-", "-"]
    assert completed("13/10/2026 10/13/2026") == ["2026-10-13", "2026-10-13"]


def test_a_day_that_the_near_years_do_not_have_stays_unknown() -> None:
    assert completed("2-28 2-29", Hint(2026, 2)) == ["2026-02-28", "-"]
    assert completed("2-29", Hint(2028, 2)) == [str(date(2028, 2, 29))]
