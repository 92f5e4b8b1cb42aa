"""Cells of the spreadsheets that people download: a text stays a text, whatever it holds or begins with."""

from datetime import date
from decimal import Decimal

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.worksheet.worksheet import Worksheet

_LONGEST = 32_767
"""Characters that a cell can hold."""


def put(sheet: Worksheet, row: int, column: int, value: str | int | Decimal | date | None) -> Cell:
    """The cell, with ``value`` in it; no text becomes a formula, and an amount stays exact.

    Control characters, which a pasted text can hold, aren't allowed in a workbook: they are left out.
    """
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell), "no cells are merged here"
    if isinstance(value, str):
        cell.value = _clean(value)
        cell.data_type = "s"
    else:
        cell.value = value
    return cell


def _clean(text: str) -> str:
    text = ILLEGAL_CHARACTERS_RE.sub("", text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
