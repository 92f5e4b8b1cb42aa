"""Amounts are exact, written alike when equal, and readable."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.money import Money, NonNegativeMoney, yuan

MONEY: TypeAdapter[Decimal] = TypeAdapter(Money)


@given(st.integers(-(10**14) + 1, 10**14 - 1))
def test_every_amount_survives_json_to_the_fen(fen: int) -> None:
    amount = Decimal(fen).scaleb(-2)
    assert MONEY.validate_json(MONEY.dump_json(MONEY.validate_python(amount))) == amount


@pytest.mark.parametrize("written", ["12.5", "12.50", 12.5, "1250e-2", Decimal("12.5")])
def test_equal_amounts_are_written_alike(written: object) -> None:
    assert MONEY.dump_json(MONEY.validate_python(written)) == b'"12.50"'


@pytest.mark.parametrize("written", ["0.001", "NaN", "Infinity", "1000000000000", "", "¥5"])
def test_what_is_not_an_amount_to_the_fen_is_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        MONEY.validate_python(written)


def test_a_price_is_not_negative_and_nothing_is_minus_zero() -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(NonNegativeMoney).validate_python("-0.01")
    assert str(MONEY.validate_python("-0")) == "0.00"


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("1234.5", "¥1,234.50"), ("-50", "-¥50.00"), ("0", "¥0.00"), ("9999999.99", "¥9,999,999.99"), ("0.005", "¥0.01")],
)
def test_people_see_yuan(amount: str, shown: str) -> None:
    assert yuan(Decimal(amount)) == shown
