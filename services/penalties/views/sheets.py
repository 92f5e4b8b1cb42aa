"""Workbooks: a payroll list, made of its event alone, and the ledger. All amounts are numbers; no cell is a formula."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from services.penalties.domain.entry import EntryCause, EntryKind
from services.penalties.domain.names.ledger import ENTRY_CAUSE, ENTRY_KIND
from services.penalties.domain.payroll_file import COLUMNS, plain, table
from shared.calendar import SHANGHAI
from shared.decider import Words
from shared.events.penalties import PayrollExported
from shared.language import Language, say
from shared.spreadsheet.writing import put, same_bytes

Row = Mapping[str, Any]

_LEDGER: Sequence[tuple[str, Words, int]] = (
    ("at", Words("发生时间", "Happened at"), 18),
    ("recorded_at", Words("登记时间", "Recorded at"), 18),
    ("period", Words("统计月", "Month"), 10),
    ("engineer", Words("人员", "Engineer"), 12),
    ("number", Words("处罚编号", "Penalty"), 22),
    ("rule", Words("条款", "Rule"), 10),
    ("kind", Words("种类", "Kind"), 16),
    ("cause", Words("事由", "Cause"), 26),
    ("amount", Words("金额（元）", "Amount, CNY"), 14),
    ("score", Words("分值", "Score"), 8),
    ("demerits", Words("记过", "Demerits"), 8),
    ("majors", Words("记大过", "Major demerits"), 8),
    ("position", Words("日志位置", "Position in the log"), 12),
)
_SUMMED = ("amount", "score", "demerits", "majors")
_TOTAL = Words("合计", "Total")


def payroll_sheet(event: PayrollExported) -> bytes:
    """XLSX of a list: the same bytes whenever it is made."""
    book = Workbook()
    page = book.worksheets[0]
    page.title = event.number
    rows = table(event.number, event.lines, event.total)
    _fill(page, [width for _, _, width in COLUMNS], rows)
    return same_bytes(book, event.at)


def ledger_sheet(rows: Sequence[Row], language: Language) -> bytes:
    """XLSX of entries, as ``ledger_reading.entries`` gives them, with their sums."""
    book = Workbook()
    page = book.worksheets[0]
    page.title = say(Words("处罚台账", "Penalty ledger"), language)
    _fill(page, [width for _, _, width in _LEDGER], _ledger_table(rows, language))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def ledger_csv(rows: Sequence[Row], language: Language) -> bytes:
    """The same as CSV for spreadsheet programs: UTF-8 with its mark."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerows([plain(value) for value in row] for row in _ledger_table(rows, language))
    return buffer.getvalue().encode("utf-8-sig")


def _ledger_table(rows: Sequence[Row], language: Language) -> list[list[Any]]:
    found: list[list[Any]] = [[say(title, language) for _, title, _ in _LEDGER]]
    found += [[_shown(name, row[name], language) for name, _, _ in _LEDGER] for row in rows]
    sums: dict[str, Any] = {name: sum(row[name] for row in rows) for name in _SUMMED}
    sums["amount"] += Decimal("0.00")
    found.append([say(_TOTAL, language), *(sums.get(name, "") for name, _, _ in _LEDGER[1:])])
    return found


def _shown(name: str, value: Any, language: Language) -> Any:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    if name == "kind":
        return say(ENTRY_KIND[EntryKind(value)], language)
    return say(ENTRY_CAUSE[EntryCause(value)], language) if name == "cause" else value


def _fill(page: Worksheet, widths: Sequence[int], rows: Sequence[Sequence[Any]]) -> None:
    """The first row are titles, the last one sums."""
    page.freeze_panes = "A2"
    for place, width in enumerate(widths, start=1):
        page.column_dimensions[get_column_letter(place)].width = width
    for line, row in enumerate(rows, start=1):
        for place, value in enumerate(row, start=1):
            cell = put(page, line, place, value)
            if isinstance(value, Decimal):
                cell.number_format = "#,##0.00"
            if line in (1, len(rows)):
                cell.font = Font(bold=True)
