"""Cells of the spreadsheets that people download: a text stays a text, whatever it holds or begins with."""

import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""Media types."""

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


def same_bytes(book: Workbook, at: datetime) -> bytes:
    """The file, dated ``at``, however late it is made: the same book gives the same bytes.

    A workbook holds the time when it was saved, and a ZIP that of each of its parts. Nothing is compressed, for another
    version of zlib packs the same otherwise.
    """
    moment = at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    book.properties.created = book.properties.modified = moment
    made = io.BytesIO()
    writer = ExcelWriter(book, zipfile.ZipFile(made, "w"))
    writer.save()
    dated = io.BytesIO()
    with zipfile.ZipFile(made) as parts, zipfile.ZipFile(dated, "w", zipfile.ZIP_STORED) as archive:
        for part in parts.infolist():
            archive.writestr(zipfile.ZipInfo(part.filename, (1980, 1, 1, 0, 0, 0)), parts.read(part))
    return dated.getvalue()


def _clean(text: str) -> str:
    text = ILLEGAL_CHARACTERS_RE.sub("", text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
