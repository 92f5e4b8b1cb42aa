"""The automatic checks of a claim's lines (4.3, D17), one by one."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from services.dispatch.domain import expense_policy
from services.dispatch.domain.claim_checks import Checked, check_lines
from services.dispatch.domain.expense_policy import DEFAULT, ExpensePolicy, Version
from services.dispatch.domain.identity import invoice_id
from services.dispatch.domain.invoice_facts import is_citizen_id
from services.dispatch.domain.trip import Trip
from shared.events.dispatch import Check, CheckOutcome, DayUse, ExpenseKind, ExpenseLine
from tests.unit.dispatch.expense_examples import CLAIM, PAPER, TODAY, a_trip, an_id, invoice, line, read, result

PASSED, FAILED, NOT_APPLICABLE = CheckOutcome.PASSED, CheckOutcome.FAILED, CheckOutcome.NOT_APPLICABLE


def entry(name: str = "hotel", amount: str = "300.00", **facts: Any) -> ExpenseLine:
    """As the claim keeps the line."""
    wish = line(name, amount, **facts)
    said = {field: getattr(wish, field) for field in ExpenseLine.model_fields if field != "invoice"}
    return ExpenseLine(invoice=wish.invoice.facts() if wish.invoice else wish.read, **said)


def look(*lines: ExpenseLine, trip: Trip | None = None, **facts: Any) -> Checked:
    said: dict[str, Any] = {"policy": expense_policy.NEW, "used_in": {}, "today": TODAY, "spent": {}}
    return check_lines(lines, CLAIM, trip or a_trip(), **said | facts)


def outcome(check: Check, one: ExpenseLine, **facts: Any) -> CheckOutcome:
    return result(look(one, **facts).results, check, "hotel").outcome


def policy(**rules: Any) -> ExpensePolicy:
    return ExpensePolicy((Version(0, DEFAULT.model_copy(update=rules)),))


def test_a_line_that_matches_the_trip_passes_whatever_applies() -> None:
    found = {each.check: each.outcome for each in look(entry()).results}
    assert found == {
        Check.RECEIPT: PASSED,
        Check.INVOICE: PASSED,
        Check.UNIQUE: PASSED,
        Check.MATCH: NOT_APPLICABLE,
        Check.BUYER: NOT_APPLICABLE,
        Check.DATE: PASSED,
        Check.CITY: PASSED,
        Check.AMOUNT: PASSED,
        Check.CAP: PASSED,
    }


def test_no_reimbursement_without_a_receipt_but_of_kinds_that_need_none() -> None:
    bare = entry(receipts=(), invoice=None)
    assert outcome(Check.RECEIPT, bare) is FAILED
    assert outcome(Check.INVOICE, bare) is FAILED
    free = policy(without_receipt=(ExpenseKind.LODGING,))
    assert outcome(Check.RECEIPT, bare, policy=free) is NOT_APPLICABLE
    assert outcome(Check.INVOICE, bare, policy=free) is NOT_APPLICABLE


OLDER = {"number": "01234567", "code": "033002600111"}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"number": "26330000000000000001"}, PASSED),
        ({"number": "2633000000000000001"}, FAILED),
        ({"number": "26890000000000000001"}, FAILED),
        ({"number": "25330000000000000001"}, FAILED),
        ({"number": "26330000000000000001", "code": "033002600111"}, FAILED),
        ({"number": "01234567", "code": "033002600111"}, PASSED),
        ({"number": "01234567", "code": "3300261130"}, PASSED),
        ({"number": "01234567"}, FAILED),
        ({"number": "00000000", "code": "3300261130"}, FAILED),
        (OLDER | {"check_code": "12345678901234567890"}, PASSED),
        (OLDER | {"check_code": "567890"}, PASSED),
        (OLDER | {"check_code": "1234567890123456789"}, FAILED),
        ({"check_code": "567890"}, FAILED),
        ({"issued": date(2026, 10, 13)}, FAILED),
        ({"net": "283.02", "tax": "16.98"}, PASSED),
        ({"net": "283.02", "tax": "16.99"}, FAILED),
        ({"seller_tax_id": "91330106MA27XYT8XJ"}, FAILED),
    ],
)
def test_an_invoice_tells_by_itself_what_it_cannot_be(facts: dict[str, Any], expected: CheckOutcome) -> None:
    assert outcome(Check.INVOICE, entry(invoice=invoice(**facts))) is expected


def test_a_tax_id_with_its_check_digit_is_valid() -> None:
    assert outcome(Check.INVOICE, entry(invoice=invoice(seller_tax_id="91350100M000100Y43"))) is PASSED
    assert outcome(Check.INVOICE, entry(invoice=invoice(seller_tax_id="91350100M000100Y44"))) is FAILED


CITIZEN = "11010519491231002X"
"""The example of GB 11643 itself; nobody's."""


@pytest.mark.parametrize(
    ("tax_id", "persons"),
    [
        (CITIZEN, True),
        (CITIZEN + "01", True),
        ("110105194912310021", False),
        ("110105194913310023", False),
        ("91350100M000100Y43", False),
        ("110105491231002", False),
    ],
)
def test_a_persons_identity_number_is_known(tax_id: str, persons: bool) -> None:
    assert is_citizen_id(tax_id) is persons


def test_no_identity_number_is_taken_for_a_tax_id() -> None:
    for name in ("seller_tax_id", "buyer_tax_id"):
        with pytest.raises(ValidationError, match="identity number"):
            invoice(**{name: CITIZEN.lower()})


def test_an_invoice_is_used_once_in_the_company_and_once_in_a_claim() -> None:
    same = invoice(7)
    used = {invoice_id(None, same.number): "BX-20261001-000000"}
    found = result(look(entry(invoice=same), used_in=used).results, Check.UNIQUE)
    assert (found.outcome, found.found) == (FAILED, "BX-20261001-000000")
    twice = look(entry(invoice=same), entry("again", invoice=same, spent_on=date(2026, 10, 9))).results
    assert result(twice, Check.UNIQUE).outcome is PASSED
    assert result(twice, Check.UNIQUE, "again").found == "same_claim"


def test_what_was_typed_is_what_the_file_says() -> None:
    assert outcome(Check.MATCH, entry(invoice=invoice(1), read=read(1))) is PASSED
    assert outcome(Check.MATCH, entry(invoice=invoice(1), read=read(2))) is FAILED
    assert outcome(Check.MATCH, entry(invoice=invoice(1, "300.00"), read=read(1, "200.00"))) is FAILED
    assert outcome(Check.MATCH, entry(invoice=None, read=read(1))) is PASSED
    file = read(**OLDER, check_code="12345678901234567890")
    assert outcome(Check.MATCH, entry(invoice=invoice(**OLDER, check_code="567890"), read=file)) is PASSED
    assert outcome(Check.MATCH, entry(invoice=invoice(**OLDER, check_code="567891"), read=file)) is FAILED


def test_the_buyer_is_the_company_where_the_policy_names_it() -> None:
    ours = policy(company_tax_ids=("91350100M000100Y43",))
    assert outcome(Check.BUYER, entry(invoice=invoice(buyer_tax_id="91350100M000100Y43")), policy=ours) is PASSED
    assert outcome(Check.BUYER, entry(invoice=invoice(buyer_tax_id="91110000600037341L")), policy=ours) is FAILED
    assert outcome(Check.BUYER, entry(), policy=ours) is NOT_APPLICABLE


@pytest.mark.parametrize(
    ("spent_on", "days", "expected"),
    [
        (date(2026, 10, 7), 1, PASSED),
        (date(2026, 10, 6), 1, FAILED),
        (date(2026, 10, 11), 1, PASSED),
        (date(2026, 10, 11), 2, FAILED),
        (date(2026, 10, 12), 1, FAILED),
    ],
)
def test_the_day_belongs_to_the_trip_or_to_the_days_around_it(
    spent_on: date, days: int, expected: CheckOutcome
) -> None:
    assert outcome(Check.DATE, entry(spent_on=spent_on, days=days)) is expected


def test_how_many_days_around_is_the_policys() -> None:
    assert outcome(Check.DATE, entry(spent_on=date(2026, 10, 6)), policy=policy(days_around=2)) is PASSED


def test_an_invoice_issued_far_from_the_trip_fails() -> None:
    assert outcome(Check.DATE, entry(invoice=invoice(issued=date(2026, 9, 8)))) is PASSED
    assert outcome(Check.DATE, entry(invoice=invoice(issued=date(2026, 9, 7)))) is FAILED


@pytest.mark.parametrize(
    ("city", "expected"), [("杭州", PASSED), ("绍兴市", PASSED), ("嘉兴", PASSED), ("上海市", PASSED), ("宁波", FAILED)]
)
def test_the_city_is_on_the_itinerary_in_transit_or_at_home(city: str, expected: CheckOutcome) -> None:
    assert outcome(Check.CITY, entry(city=city)) is expected


def test_not_more_than_the_receipt_says_and_of_two_the_file_counts() -> None:
    found = result(look(entry(amount="300.01", invoice=invoice(total="300.00"))).results, Check.AMOUNT)
    assert (found.outcome, found.limit) == (FAILED, Decimal("300.00"))
    assert outcome(Check.AMOUNT, entry(invoice=invoice(1, "300.00"), read=read(1, "200.00"))) is FAILED


def test_the_cap_is_by_the_citys_tier_and_for_all_nights_together() -> None:
    assert outcome(Check.CAP, entry(amount="400.00")) is PASSED  # Hangzhou is 省会
    assert outcome(Check.CAP, entry(amount="800.00", days=2)) is PASSED
    found = result(look(entry(amount="800.01", days=2)).results, Check.CAP)
    assert (found.outcome, found.limit) == (FAILED, Decimal("800.00"))
    assert outcome(Check.CAP, entry(amount="301.00", city="绍兴")) is FAILED
    assert outcome(Check.CAP, entry(amount="900.00", kind=ExpenseKind.LONG_DISTANCE)) is NOT_APPLICABLE


def test_two_lines_of_a_day_share_its_cap() -> None:
    lunch = entry("lunch", "60.00", kind=ExpenseKind.MEALS)
    supper = entry("supper", "60.00", kind=ExpenseKind.MEALS)
    found = look(lunch, supper)
    assert result(found.results, Check.CAP, "lunch").outcome is PASSED
    assert result(found.results, Check.CAP, "supper").limit == Decimal("40.00")
    assert found.uses == (DayUse(kind=ExpenseKind.MEALS, day=date(2026, 10, 8), amount=Decimal("100.00")),)


def test_another_claim_of_the_engineer_has_used_the_day() -> None:
    used = (DayUse(kind=ExpenseKind.LODGING, day=date(2026, 10, 8), amount=Decimal("350.00")),)
    assert result(look(entry(), spent={an_id("other claim"): used}).results, Check.CAP).limit == Decimal("50.00")
    assert outcome(Check.CAP, entry(), spent={CLAIM: used}) is PASSED


def test_of_each_day_the_version_counts_that_was_in_force() -> None:
    cheaper = DEFAULT.model_copy(
        update={"caps": tuple(cap.model_copy(update={"per_day": Decimal("200.00")}) for cap in DEFAULT.caps)}
    )
    versions = ExpensePolicy((Version(0, DEFAULT), Version(1, cheaper, date(2026, 10, 9))))
    assert result(look(entry(amount="700.00", days=2), policy=versions).results, Check.CAP).limit == Decimal("600.00")
    assert PAPER in entry().receipts
