"""The expense policy: versions, thresholds, the table of gravity (4.3, 5.1, D16)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.dispatch.domain import expense_policy
from services.dispatch.domain.expense_policy import DEFAULT, AdoptExpensePolicy, Caps, gravity_of, needs_general_manager
from services.dispatch.domain.identity import EXPENSE_POLICY
from shared.events import dispatch as fact
from shared.events.dispatch import ExpenseKind, FraudDeed, FraudGravity, Threshold
from tests.unit.dispatch.expense_examples import T0, TODAY
from tests.unit.tickets.story import given

LATER = date(2026, 11, 1)


def adopt(valid_from: date = LATER, **rules: Any) -> AdoptExpensePolicy:
    changed = DEFAULT.model_copy(update=rules)
    return AdoptExpensePolicy(
        at=T0, by="finance", policy=EXPENSE_POLICY, valid_from=valid_from, rules=changed, reason="标准调整"
    )


def test_until_one_is_adopted_the_default_holds_and_each_day_keeps_its_version() -> None:
    policy = given(expense_policy).when(adopt(days_around=2)).then(fact.ExpensePolicyAdopted).saying(version=1).now()
    assert policy.on(date(2026, 10, 31)).version == 0
    assert policy.on(LATER).rules.days_around == 2
    again = adopt(days_around=3)
    assert given(expense_policy, adopt(days_around=2), again).now().on(LATER).version == 2
    given(expense_policy, adopt(days_around=2)).when(adopt(days_around=2)).then()


def test_what_a_claim_was_submitted_under_is_found_though_another_holds_since_that_day() -> None:
    policy = given(expense_policy, adopt(TODAY, days_around=2), adopt(TODAY, days_around=3)).now()
    assert policy.on(TODAY).version == 2
    assert [policy.numbered(number).rules.days_around for number in (0, 1, 2)] == [1, 2, 3]


def test_nothing_binds_people_afterwards_and_every_fraud_has_its_gravity() -> None:
    given(expense_policy).when(adopt(date(2026, 10, 11))).refused("policy_backdated")
    given(expense_policy).when(adopt(gravity=())).refused("gravity_missing")
    given(expense_policy).when(adopt(gravity=DEFAULT.gravity[:-1])).refused("gravity_incomplete")


@pytest.mark.parametrize(
    ("deed", "amount", "how", "expected"),
    [
        (FraudDeed.REUSED, "999.99", {}, FraudGravity.DEMERIT),
        (FraudDeed.BOUGHT, "1000.00", {}, FraudGravity.MAJOR_DEMERIT),
        (FraudDeed.FORGED, "1.00", {}, FraudGravity.MAJOR_DEMERIT),
        (FraudDeed.REUSED, "1.00", {"repeated": True}, FraudGravity.MAJOR_DEMERIT),
        (FraudDeed.REUSED, "1.00", {"organised": True}, FraudGravity.DISMISSAL),
        (FraudDeed.FORGED, "1.00", {"organised": True, "criminal": True}, FraudGravity.LEGAL_REFERRAL),
    ],
)
def test_gravity_is_a_table_and_not_discretion(
    deed: FraudDeed, amount: str, how: dict[str, bool], expected: FraudGravity
) -> None:
    flags = {"repeated": False, "organised": False, "criminal": False} | how
    assert gravity_of(DEFAULT, deed, Decimal(amount), **flags) is expected


def test_thresholds_are_of_the_total_or_of_a_kind() -> None:
    assert not needs_general_manager(DEFAULT, {ExpenseKind.LODGING: Decimal("4999.99")})
    assert needs_general_manager(
        DEFAULT, {ExpenseKind.LODGING: Decimal("4000.00"), ExpenseKind.MEALS: Decimal("1000.00")}
    )
    other = Threshold(kind=ExpenseKind.OTHER, amount=Decimal("200.00"))
    rules = DEFAULT.model_copy(update={"general_manager": (other,)})
    assert needs_general_manager(rules, {ExpenseKind.OTHER: Decimal("200.00")})
    assert not needs_general_manager(rules, {ExpenseKind.LODGING: Decimal("9000.00")})


def test_a_city_is_known_with_and_without_its_suffix() -> None:
    caps = Caps(DEFAULT)
    assert caps.of(ExpenseKind.LODGING, "上海市") == caps.of(ExpenseKind.LODGING, "上海") == Decimal("500.00")
    assert caps.of(ExpenseKind.LODGING, "义乌") == Decimal("300.00")
    assert caps.of(ExpenseKind.LONG_DISTANCE, "上海") is None
