"""The answer to a reception: a spreadsheet that says of every row what became of it, and why.

Texts from the register are written as texts: what begins with ``=`` stays what it is and is never a formula.
"""

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import Table, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from services.tickets.register.entry import Doubled, Reading, Register, RegisterEntry, RowProblem, SkipReason
from shared.decider import Words
from shared.spreadsheet.writing import put


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import made of one entry."""

    result: Words
    reason: Words | None = None
    ticket: str | None = None
    """The ticket's number, as people call it."""


Outcomes = Mapping[tuple[str, int], Outcome]
"""By sheet and row."""

READ = Words("已读取", "read")
NOT_READ = Words("未导入", "not imported")
DOUBLED = Words("重复", "doubled")
SKIPPED = Words("跳过", "skipped")
_SKIPPED_AS = {
    SkipReason.BLANK: Words("空行", "blank row"),
    SkipReason.TITLE: Words("标题", "title"),
    SkipReason.HEADER: Words("表头", "header"),
    SkipReason.DATE: Words("日期分隔行", "date line"),
    SkipReason.TOTAL: Words("合计行", "total"),
    SkipReason.NOTE: Words("说明或签字行", "note or signature"),
}
_COLUMNS = (
    ("工作表 Sheet", 14),
    ("行号 Row", 9),
    ("结果", 10),
    ("Result", 14),
    ("原因", 48),
    ("Reason", 48),
    ("受理单号 Ticket", 20),
    ("24小时内答复 Answered within 24 h", 18),
    ("迟到分钟 Minutes late", 14),
    ("提示 Notes", 60),
)
_WRAPPED = 16
_WRAP = Alignment(wrap_text=True, vertical="top")


def result_sheet(register: Register, outcomes: Outcomes) -> bytes:
    """An XLSX file with one table row per row of the register, in its order, and a second sheet with the
    notices.

    An entry without an outcome (a dry run) is shown as read.
    """
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "导入结果 Result"
    sheet.freeze_panes = "C2"
    for index, (_, width) in enumerate(_COLUMNS):
        sheet.column_dimensions[get_column_letter(index + 1)].width = width
    _write(sheet, 1, [title for title, _ in _COLUMNS])
    for number, reading in enumerate(register, start=2):
        _write(sheet, number, _shown(reading, outcomes))
    table = Table(displayName="Result", ref=sheet.dimensions)
    table.tableStyleInfo = TableStyleInfo(name="TableStyleMedium2", showRowStripes=True)
    sheet.add_table(table)
    about = book.create_sheet("说明 About")
    about.column_dimensions["A"].width = about.column_dimensions["B"].width = 60
    for number, words in enumerate(_summary(register), start=1):
        _write(about, number, words)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _write(sheet: Worksheet, row: int, values: Iterable[str | int]) -> None:
    for column, value in enumerate(values, start=1):
        if value == "":
            continue
        cell = put(sheet, row, column, value)
        if isinstance(value, str) and len(value) > _WRAPPED:
            cell.alignment = _WRAP


def _shown(reading: Reading, outcomes: Outcomes) -> Iterator[str | int]:
    result, reason, ticket = _outcome(reading, outcomes)
    yield from (reading.sheet, reading.row, *result, *(reason or ("", "")), ticket or "")
    entry = reading if isinstance(reading, RegisterEntry) else None
    yield "" if entry is None else "是 Yes" if entry.answered_within_24h else "否 No"
    yield "" if entry is None or entry.late_minutes is None else entry.late_minutes
    yield "" if entry is None else "\n".join(f"{words.zh} {words.en}" for words in entry.notes)


def _outcome(reading: Reading, outcomes: Outcomes) -> tuple[Words, Words | None, str | None]:
    told = outcomes.get((reading.sheet, reading.row))
    if told is not None:
        return told.result, told.reason, told.ticket
    if isinstance(reading, RowProblem):
        return NOT_READ, reading.words, None
    if isinstance(reading, Doubled):
        return DOUBLED, reading.words, None
    return (READ, None, None) if isinstance(reading, RegisterEntry) else (SKIPPED, _SKIPPED_AS[reading.reason], None)


def _summary(register: Register) -> Iterator[Words]:
    counts = register.counts
    yield Words(
        f"共 {len(register.rows)} 行：登记 {counts['entries']}，有问题 {counts['problems']}，"
        f"重复 {counts['doubled']}，跳过 {counts['skipped']}。",
        f"{len(register.rows)} rows: {counts['entries']} entries, {counts['problems']} problems, "
        f"{counts['doubled']} doubled, {counts['skipped']} skipped.",
    )
    yield from register.notices
