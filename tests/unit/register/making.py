"""Small registers for the tests: a header, rows, and the workbook or CSV around them."""

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

from services.tickets.register import Register, RegisterEntry, RowProblem, read_register

HEADER = ("日期", "时间", "来源", "客户", "电话", "产品", "批号", "问题", "答复时间", "约定到场", "实际到场", "满意度")
_DEFAULTS = {
    "日期": "2026-10-03",
    "时间": "9:00",
    "来源": "电话",
    "客户": "食品二厂",
    "电话": "13800000001",
    "产品": "粘鼠板",
    "批号": "NS260001",
    "问题": "没有粘性",
}


def row(**cells: Any) -> list[Any]:
    """A row of ``HEADER`` with these cells, the rest as usual."""
    return [{**_DEFAULTS, **cells}.get(title) for title in HEADER]


def xlsx(*sheets: tuple[str, Sequence[Sequence[Any]], Sequence[str]]) -> bytes:
    """A workbook of (name, rows, merged ranges)."""
    book = Workbook()
    for name, rows, merged in sheets:
        sheet = book.create_sheet(name)
        for cells in rows:
            sheet.append(cells)
        for place in merged:
            sheet.merge_cells(place)
    book.remove(book.worksheets[0])
    return saved(book)


def saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def read(*rows: Sequence[Any], title: str = "登记表 2026年10月", merged: Sequence[str] = ()) -> Register:
    """The register of a sheet with a title, ``HEADER`` in row 2 and these rows from row 3 on."""
    return read_register(xlsx(("Sheet1", [[title], HEADER, *rows], merged)), "register.xlsx")


def entry(**cells: Any) -> RegisterEntry:
    """What one row with these cells is read as; fails when it isn't an entry."""
    register = read(row(**cells))
    assert register.entries, register.problems
    return register.entries[0]


def problem(**cells: Any) -> RowProblem:
    """The problem of one row with these cells."""
    register = read(row(**cells))
    assert register.problems, register.entries
    return register.problems[0]


def at(register: Register) -> list[str]:
    """When the entries were received, short."""
    return [f"{one.received_at:%Y-%m-%d %H:%M}" for one in register.entries]
