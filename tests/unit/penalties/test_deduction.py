"""How much is taken from a wage: cap, minimum wage, one visit, what is carried over (D8). To the fen."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.penalties.domain.deduction import Deduction, Due, Terms, Wage, deduct, limit, terms_in, without_wage
from shared.events.penalties import Cumulation, DropCause, Mode, PolicyTerms, RegionTerms

START = datetime(2026, 10, 8, 1, 0, tzinfo=UTC)
VISIT = UUID("00000000-0000-0000-0000-00000000000a")
HIGHEST = Terms(cumulation=Cumulation.HIGHEST_OF_VISIT)
RICH = Wage(Decimal("10000.00"), Decimal("2000.00"))
ZERO = Decimal("0.00")


def due(number: int, amount: str = "50.00", **facts: Any) -> Due:
    said: dict[str, Any] = {
        "penalty": uuid5(UUID(int=0), str(number)),
        "number": f"CF-{number}",
        "engineer": "E04",
        "rule": "4.5",
        "allowance": False,
        "visit": None,
        "happened_at": START + timedelta(hours=number),
        "amount": Decimal(amount),
        "terms": Terms(),
    }
    return Due(**said | facts)


def money(found: Sequence[Deduction]) -> list[tuple[str, str, str]]:
    return [(str(each.taken), str(each.dropped), str(each.carried)) for each in found]


def test_what_the_wage_allows_is_taken_in_full() -> None:
    found = deduct([due(1), due(2, "20.00", allowance=True)], {"E04": RICH})
    assert money(found) == [("50.00", "0.00", "0.00"), ("20.00", "0.00", "0.00")]
    assert [each.dropped_for for each in found] == [None, None]


def test_over_the_cap_the_rest_is_dropped_and_the_oldest_come_first() -> None:
    """20 % of ¥400.00 is ¥80.00; a forfeited allowance is money as well."""
    wages = {"E04": Wage(Decimal("400.00"), ZERO)}
    found = deduct([due(3, "100.00"), due(2, "50.00"), due(1, "20.00", allowance=True)], wages)
    assert [each.due.number for each in found] == ["CF-1", "CF-2", "CF-3"]
    assert money(found) == [("20.00", "0.00", "0.00"), ("50.00", "0.00", "0.00"), ("10.00", "90.00", "0.00")]
    assert found[2].dropped_for is DropCause.CAP


def test_the_minimum_wage_is_left() -> None:
    wages = {"E04": Wage(Decimal("2030.00"), Decimal("2000.00"))}
    [found] = deduct([due(1)], wages)
    assert (found.taken, found.dropped, found.dropped_for) == (Decimal("30.00"), Decimal("20.00"), DropCause.FLOOR)
    [below] = deduct([due(1)], {"E04": Wage(Decimal("1500.00"), Decimal("2000.00"))})
    assert (below.taken, below.dropped) == (ZERO, Decimal("50.00"))


def test_the_rest_stays_due_where_the_policy_says_so() -> None:
    wages = {"E04": Wage(Decimal("150.00"), ZERO)}
    [found] = deduct([due(1, terms=Terms(carry_over=True))], wages)
    assert (found.taken, found.dropped, found.carried, found.carried_for) == (
        Decimal("30.00"),
        ZERO,
        Decimal("20.00"),
        DropCause.CAP,
    )


def test_of_one_visit_only_the_highest_is_taken_where_the_policy_says_so() -> None:
    both = [due(1, visit=VISIT, terms=HIGHEST), due(2, "100.00", visit=VISIT, terms=HIGHEST)]
    found = deduct(both, {"E04": RICH})
    assert money(found) == [("0.00", "50.00", "0.00"), ("100.00", "0.00", "0.00")]
    assert found[0].dropped_for is DropCause.CUMULATION
    # otherwise each is
    each = deduct([due(1, visit=VISIT), due(2, "100.00", visit=VISIT)], {"E04": RICH})
    assert [one.taken for one in each] == [Decimal("50.00"), Decimal("100.00")]


def test_of_equals_the_oldest_is_taken() -> None:
    found = deduct([due(2, visit=VISIT, terms=HIGHEST), due(1, visit=VISIT, terms=HIGHEST)], {"E04": RICH})
    assert [(each.due.number, each.taken) for each in found] == [("CF-1", Decimal("50.00")), ("CF-2", ZERO)]


def test_what_an_earlier_list_took_of_the_visit_counts() -> None:
    before = {("E04", VISIT): Decimal("50.00")}
    [found] = deduct([due(2, "100.00", visit=VISIT, terms=HIGHEST)], {"E04": RICH}, before)
    assert (found.taken, found.dropped) == (Decimal("50.00"), Decimal("50.00"))
    [left] = deduct([due(2, "50.00", visit=VISIT, terms=HIGHEST, carried=True)], {"E04": RICH}, before)
    assert left.taken == Decimal("50.00")


def test_a_wage_is_needed_of_those_alone_who_have_an_amount() -> None:
    dues = [due(1), due(2, engineer="E05"), due(3, "0.00", engineer="E06")]
    assert without_wage(dues, {"E04": RICH}) == ["E05"]


@pytest.mark.parametrize(
    ("wage", "minimum", "percent", "most", "cause"),
    [
        ("333.33", "0.00", 20, "66.66", DropCause.CAP),  # never a fen more than the share
        ("2500.00", "2000.00", 20, "500.00", DropCause.CAP),
        ("2499.00", "2000.00", 20, "499.00", DropCause.FLOOR),
        ("1000.00", "2000.00", 20, "0.00", DropCause.FLOOR),
        ("1000.00", "0.00", 0, "0.00", DropCause.CAP),
    ],
)
def test_the_most_that_may_be_taken(wage: str, minimum: str, percent: int, most: str, cause: DropCause) -> None:
    assert limit(Wage(Decimal(wage), Decimal(minimum)), percent) == (Decimal(most), cause)


def test_a_region_may_have_a_cap_of_its_own() -> None:
    regions = (RegionTerms(region="华东", mode=Mode.MONEY, cap_percent=10), RegionTerms(region="华北", mode=Mode.MONEY))
    terms = PolicyTerms(rules=(), regions=regions, cap_percent=20, carry_over=True)
    assert [terms_in(terms, region).cap_percent for region in ("华东", "华北", None)] == [10, 20, 20]
    assert terms_in(terms, None).carry_over


FEN = st.integers(0, 30_000).map(lambda fen: Decimal(fen) / 100)
TERMS = st.builds(
    Terms, cap_percent=st.integers(0, 100), carry_over=st.booleans(), cumulation=st.sampled_from(list(Cumulation))
)
DUES = st.lists(
    st.builds(
        due,
        number=st.integers(0, 10_000),
        amount=FEN.map(str),
        engineer=st.sampled_from(["E01", "E02"]),
        visit=st.sampled_from([None, VISIT, UUID(int=7)]),
        happened_at=st.integers(0, 3).map(lambda hours: START + timedelta(hours=hours)),
        terms=TERMS,
        carried=st.booleans(),
    ),
    max_size=12,
    unique_by=lambda each: each.penalty,
)
WAGES = st.builds(Wage, FEN.map(lambda fen: fen * 3), FEN)


@given(DUES, WAGES, WAGES, st.dictionaries(st.tuples(st.just("E01"), st.just(VISIT)), FEN), st.randoms())
def test_it_never_takes_too_much_and_every_fen_is_accounted_for(
    dues: list[Due],
    one: Wage,
    two: Wage,
    before: dict[tuple[str, UUID], Decimal],
    chance: random.Random,
) -> None:
    # given any amounts, wages and terms
    wages = {"E01": one, "E02": two}
    found = deduct(dues, wages, before)

    # then each amount is settled once, to the fen
    assert sorted(each.due.penalty for each in found) == sorted(each.penalty for each in dues)
    for each in found:
        assert each.taken + each.dropped + each.carried == each.due.amount
        assert min(each.taken, each.dropped, each.carried) >= 0
        assert (each.dropped_for is None) == (each.dropped == 0)
        assert (each.carried_for is None) == (each.carried == 0)
        assert not each.carried or each.due.terms.carry_over
    # and nobody pays more than the lowest cap of theirs, nor falls below the minimum wage
    for engineer, wage in wages.items():
        theirs = [each for each in found if each.due.engineer == engineer]
        sum_ = sum((each.taken for each in theirs), ZERO)
        percent = min((each.due.terms.cap_percent for each in theirs), default=0)
        assert sum_ * 100 <= wage.wage * percent
        assert not sum_ or wage.wage - sum_ >= wage.minimum
    # and the order in which they are told doesn't matter
    shuffled = list(dues)
    chance.shuffle(shuffled)
    assert deduct(shuffled, wages, before) == found
