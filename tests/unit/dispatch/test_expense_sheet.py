"""The workbook for accounting: read back, its totals are exact, and what is on it is what was approved."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from openpyxl import load_workbook

from services.dispatch.views.expense_sheet import sheet
from shared.language import Language

_SERIAL = count(1)


def a_line(claim: str = "BX-1", amount: str = "300.00", allowed: str | None = None, **facts: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "number": claim,
        "engineer": "E04",
        "trip_number": "CC-1",
        "status": "FINANCE_APPROVED",
        "kind": "lodging",
        "spent_on": date(2026, 10, 8),
        "days": 1,
        "city": "杭州",
        "amount": Decimal(amount),
        "allowed": Decimal(allowed or amount),
        "invoice_code": None,
        "invoice_number": f"2633{next(_SERIAL):016}",
        "issued": date(2026, 10, 9),
        "net": None,
        "tax": None,
        "invoice_total": Decimal(amount),
        "seller": "某酒店有限公司",
        "approved_at": datetime(2026, 10, 12, 17, 0, tzinfo=UTC),
        "manager": "zhao.min",
        "general": None,
        "finance": "qian.yu",
        "paid_on": None,
        "payment_reference": None,
    }
    return said | facts


PAID: dict[str, Any] = {"status": "PAID", "paid_on": date(2026, 10, 14), "payment_reference": "YH-1"}


def pages(*lines: dict[str, Any], language: Language = "zh") -> dict[str, list[dict[str, Any]]]:
    """By the page's title its rows, by the column's title; the last row is the total."""
    book = load_workbook(io.BytesIO(sheet(lines, language)))
    found = {}
    for page in book.worksheets:
        head, *rows = page.iter_rows(values_only=True)
        found[page.title] = [dict(zip(map(str, head), row, strict=True)) for row in rows]
    return found


def exact(value: Any) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.01"))


def test_totals_are_exact_where_fractions_in_binary_arent() -> None:
    """0.10 + 0.20 isn't 0.30 in a computer's fractions, a hundred times over."""
    lines = [a_line(amount=amount) for _ in range(100) for amount in ("0.10", "0.20")]
    total = pages(*lines)["明细"][-1]
    assert (total["报销单号"], total["申报金额"], total["核准金额"]) == ("合计", 30, 30)


def test_what_was_claimed_is_what_is_reimbursed_and_what_is_not() -> None:
    found = pages(a_line(amount="450.00", allowed="400.55"), a_line(kind="meals", amount="80.00", allowed="0.00"))
    first, second, total = found["明细"]
    assert (first["不予报销"], second["不予报销"]) == (49.45, 80)
    assert exact(total["申报金额"]) == exact(total["核准金额"]) + exact(total["不予报销"]) == Decimal("530.00")


def test_each_claim_is_paid_to_be_paid_or_held_back() -> None:
    found = pages(
        a_line("BX-1", "300.00", **PAID),
        a_line("BX-1", "80.40", **PAID),
        a_line("BX-2", "90.01"),
        a_line("BX-3", "70.00", status="UNDER_INVESTIGATION"),
        a_line("BX-4", "60.00", status="FRAUD_FOUND"),
        a_line("BX-5", "50.00", **PAID | {"status": "FRAUD_FOUND"}),
    )["按报销单"]
    settled = [(row["报销单号"], row["条数"], row["已付金额"], row["待付金额"], row["停付金额"]) for row in found]
    assert settled == [
        ("BX-1", 2, 380.4, 0, 0),
        ("BX-2", 1, 0, 90.01, 0),
        ("BX-3", 1, 0, 0, 70),
        ("BX-4", 1, 0, 0, 60),
        ("BX-5", 1, 50, 0, 0),
        ("合计", 6, 430.4, 90.01, 130),
    ]
    assert exact(found[-1]["核准金额"]) == Decimal("650.41")


def test_the_kinds_add_up_with_net_and_tax() -> None:
    vat: dict[str, Any] = {"net": Decimal("283.02"), "tax": Decimal("16.98")}
    found = pages(a_line(**vat), a_line(kind="meals", amount="80.00"), a_line(**vat))["按类别"]
    assert [(row["费用类别"], row["条数"], row["核准金额"], row["税额"]) for row in found] == [
        ("住宿", 2, 600, 33.96),
        ("伙食", 1, 80, 0),
        ("合计", 3, 680, 33.96),
    ]


def test_a_text_stays_a_text_whatever_it_holds() -> None:
    (first, _) = pages(a_line(seller="=1+1\x0b旅馆", invoice_number="26332000000000000017"))["明细"]
    assert (first["销售方"], first["发票号码"]) == ("=1+1旅馆", "26332000000000000017")
    assert first["财务审批时间"] == "2026-10-13 01:00"  # Shanghai's time


def test_a_month_without_claims_has_its_titles_and_nothing_in_total() -> None:
    found = pages(language="en")
    assert [row["Approved"] for rows in found.values() for row in rows] == [0, 0, 0]
