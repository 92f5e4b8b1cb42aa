"""Approved claims as a spreadsheet for accounting (5.1): a row for each line, amounts as numbers."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from services.dispatch.domain.names.expenses import CLAIM_STATUS, EXPENSE_KIND
from shared.calendar import SHANGHAI
from shared.decider import Words
from shared.events.dispatch import ClaimStatus, ExpenseKind
from shared.language import Language, say

COLUMNS: Mapping[str, tuple[Words, int]] = {
    "number": (Words("报销单号", "Claim"), 22),
    "engineer": (Words("人员", "Engineer"), 10),
    "trip_number": (Words("出差编号", "Trip"), 22),
    "status": (Words("状态", "Status"), 16),
    "kind": (Words("费用类别", "Kind"), 14),
    "spent_on": (Words("发生日期", "Spent on"), 12),
    "days": (Words("天数", "Days"), 6),
    "city": (Words("城市", "City"), 10),
    "amount": (Words("申报金额", "Claimed"), 12),
    "allowed": (Words("核准金额", "Approved"), 12),
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
_MONEY = frozenset({"amount", "allowed", "net", "tax", "invoice_total"})


def sheet(rows: Sequence[Mapping[str, Any]], language: Language) -> bytes:
    """XLSX. Texts stay texts, whatever they begin with: no cell is a formula."""
    book = Workbook()
    page: Worksheet = book.worksheets[0]
    page.title = say(Words("报销", "Expenses"), language)
    page.freeze_panes = "B2"
    for place, (name, (title, width)) in enumerate(COLUMNS.items(), start=1):
        page.column_dimensions[get_column_letter(place)].width = width
        page.cell(1, place, say(title, language)).font = Font(bold=True)
        for below, row in enumerate(rows, start=2):
            cell = page.cell(below, place, _shown(name, row[name], language))
            if isinstance(cell.value, str):
                cell.data_type = "s"
            elif name in _MONEY:
                cell.number_format = "#,##0.00"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


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
