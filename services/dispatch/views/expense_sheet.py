"""Approved claims as a workbook for accounting (5.1): every line, every claim, and the sums by kind.

All amounts are numbers in CNY, and so are the totals: they were added up exactly, no cell is a formula.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from services.dispatch.domain.names.expenses import CLAIM_STATUS, EXPENSE_KIND
from shared.calendar import SHANGHAI
from shared.decider import Words
from shared.events.dispatch import ClaimStatus, ExpenseKind
from shared.language import Language, say
from shared.spreadsheet.writing import put

Row = Mapping[str, Any]

COLUMNS: Mapping[str, tuple[Words, int]] = {
    "number": (Words("报销单号", "Claim"), 22),
    "engineer": (Words("人员", "Engineer"), 10),
    "trip_number": (Words("出差编号", "Trip"), 22),
    "status": (Words("状态", "Status"), 16),
    "kind": (Words("费用类别", "Kind"), 14),
    "spent_on": (Words("发生日期", "Spent on"), 12),
    "days": (Words("天数", "Days"), 6),
    "city": (Words("城市", "City"), 10),
    "lines": (Words("条数", "Lines"), 6),
    "amount": (Words("申报金额", "Claimed"), 12),
    "rejected": (Words("不予报销", "Not reimbursed"), 14),
    "allowed": (Words("核准金额", "Approved"), 12),
    "paid": (Words("已付金额", "Paid"), 12),
    "to_pay": (Words("待付金额", "To be paid"), 12),
    "held": (Words("停付金额", "Held back"), 12),
    "invoice_code": (Words("发票代码", "Invoice code"), 15),
    "invoice_number": (Words("发票号码", "Invoice number"), 23),
    "issued": (Words("开票日期", "Issued"), 12),
    "net": (Words("不含税金额", "Net"), 12),
    "tax": (Words("税额", "Tax"), 10),
    "invoice_total": (Words("价税合计", "Invoice total"), 12),
    "seller": (Words("销售方", "Seller"), 24),
    "approved_at": (Words("财务审批时间", "Approved at"), 18),
    "manager": (Words("主管", "Manager"), 12),
    "general": (Words("总经理", "General manager"), 12),
    "finance": (Words("财务", "Finance"), 12),
    "paid_on": (Words("付款日期", "Paid on"), 12),
    "payment_reference": (Words("付款凭证", "Payment reference"), 20),
}
_MONEY = frozenset({"amount", "rejected", "allowed", "paid", "to_pay", "held", "net", "tax", "invoice_total"})
_ADDED = _MONEY | {"lines"}

_SPENT = ("kind", "spent_on", "days", "city", "amount", "rejected", "allowed")
_INVOICE = ("invoice_code", "invoice_number", "issued", "net", "tax", "invoice_total", "seller")
_DECIDED = ("approved_at", "manager", "general", "finance", "paid_on", "payment_reference")
_OF_LINE = ("number", "engineer", "trip_number", "status", *_SPENT, *_INVOICE, *_DECIDED)
_SETTLED = ("paid", "to_pay", "held")
_OF_CLAIM = (
    "number",
    "engineer",
    "trip_number",
    "status",
    "lines",
    "amount",
    "rejected",
    "allowed",
    *_SETTLED,
    *_DECIDED,
)
_OF_KIND = ("kind", "lines", "amount", "rejected", "allowed", "net", "tax")

_LINES, _CLAIMS, _KINDS = Words("明细", "Lines"), Words("按报销单", "By claim"), Words("按类别", "By kind")
_TOTAL = Words("合计", "Total")


def sheet(rows: Sequence[Row], language: Language) -> bytes:
    """XLSX. ``rows``: a line of a claim each, as ``expenses.for_accounting`` gives them."""
    lines = [_line(row) for row in rows]
    book = Workbook()
    _fill(book.worksheets[0], _LINES, _OF_LINE, lines, language)
    _fill(book.create_sheet(), _CLAIMS, _OF_CLAIM, _grouped(lines, "number"), language)
    _fill(book.create_sheet(), _KINDS, _OF_KIND, _grouped(lines, "kind"), language)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _line(row: Row) -> dict[str, Any]:
    """With what isn't reimbursed of it, and what becomes of the rest: of a claim that is investigated, or was found
    fraudulent, nothing more is paid (4.3)."""
    allowed = row["allowed"]
    open_ = row["status"] == ClaimStatus.FINANCE_APPROVED
    becomes = "paid" if row["paid_on"] else "to_pay" if open_ else "held"
    settled = {name: allowed if name == becomes else Decimal("0.00") for name in _SETTLED}
    return {**row, **settled, "rejected": row["amount"] - allowed, "lines": 1}


def _grouped(lines: Iterable[Row], by: str) -> Sequence[Row]:
    """One row for all lines that agree in ``by``, in the order in which they come first."""
    found: dict[Any, list[Row]] = {}
    for line in lines:
        found.setdefault(line[by], []).append(line)
    return [{**group[0], **_sums(group)} for group in found.values()]


def _sums(rows: Sequence[Row]) -> dict[str, Any]:
    return {name: sum((row[name] or 0 for row in rows), Decimal(0)) for name in _ADDED}


def _fill(page: Worksheet, title: Words, names: Sequence[str], rows: Sequence[Row], language: Language) -> None:
    page.title = say(title, language)
    page.freeze_panes = "B2"
    total = {**dict.fromkeys(names), **_sums(rows)}
    for place, name in enumerate(names, start=1):
        words, width = COLUMNS[name]
        page.column_dimensions[get_column_letter(place)].width = width
        put(page, 1, place, say(words, language)).font = Font(bold=True)
        for below, row in enumerate(rows, start=2):
            _format(put(page, below, place, _shown(name, row[name], language)), name)
        last = put(page, len(rows) + 2, place, say(_TOTAL, language) if place == 1 else total[name])
        _format(last, name)
        last.font = Font(bold=True)


def _format(cell: Cell, name: str) -> None:
    if name in _MONEY:
        cell.number_format = "#,##0.00"


def _shown(name: str, value: Any, language: Language) -> Any:
    match name:
        case "kind":
            return say(EXPENSE_KIND[ExpenseKind(value)], language)
        case "status":
            return say(CLAIM_STATUS[ClaimStatus(value)], language)
        case "approved_at":
            return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        case _:
            return value
