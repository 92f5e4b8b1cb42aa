"""A file in, rows of cells out: XLSX and CSV, with the row numbers that a spreadsheet program shows.

What a merged cell says holds for every row that it spans. Nothing is calculated: of a formula the stored
result is taken, and one without is marked ``Broken``.
"""

import csv
import io
import math
import re
import statistics
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import PurePath
from xml.parsers.expat import ExpatError

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum, load_workbook

from shared.decider import Words
from shared.spreadsheet.errors import SpreadsheetUnreadable
from shared.spreadsheet.workbook import MAX_CELLS, Broken, Survey, survey

MAX_BYTES = 50 * 1024 * 1024
"""The largest file that is opened at all."""

Cell = str | float | bool | date | datetime | time | timedelta | Broken | None
"""``None`` is empty; a text is never empty and has no space around it. A number is always a ``float``."""

_DELIMITERS = ",\t;|\uff0c"
QUOTES_ASTRAY = Words(
    "文件里的英文双引号不成对，已按普通字符读；引号里有换行的单元格会被拆开，请核对。",
    "the double quotes in the file don't pair up and were read as plain characters; a cell with a line break "
    "inside quotes is then split: please check.",
)
_EDGES = " \t\r\n\v\f\u00a0\u2028\u2029\u202f\u2060\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x2010)))
_TEXT_FORMULA = re.compile(r'="([^"]*)"')


_DAMAGE = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, KeyError),
    *(
        NotImplementedError,
        RuntimeError,
        ValueError,
        OSError,
    ),  # zipfile: encrypted, an unknown compression, bad offsets
    *(ExpatError, CalamineError),
)
"""All that the libraries raise for a file that isn't what it should be."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row of a sheet."""

    number: int
    """Counted from 1, as spreadsheet programs show it. In a CSV: the record, so a quoted line break doesn't
    count."""
    cells: tuple[Cell, ...]
    inherited: frozenset[int] = frozenset()
    """Columns whose value comes from a merged cell that begins in a row above."""
    banner: bool = False
    """Whether a cell of this row is merged across three columns or more, as titles are."""


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str
    rows: tuple[SheetRow, ...]
    date1904: bool = False
    """Whether a bare day number counts from 1904 (files from old Macs) and not from 1900."""


@dataclass(frozen=True, slots=True)
class Workbook:
    sheets: tuple[Sheet, ...]
    """The visible sheets that hold anything."""
    notices: tuple[Words, ...]
    """What was left out, or taken in an unusual way."""


def text_of(cell: Cell) -> str:
    """What a cell shows, as one would type it; a broken cell shows its formula or error."""
    match cell:
        case None:
            return ""
        case str():
            return cell
        case Broken():
            return cell.text
        case bool():
            return "TRUE" if cell else "FALSE"
        case float():
            return str(int(cell)) if cell == int(cell) and abs(cell) < 1e16 else repr(cell)
        case datetime():
            return f"{cell + timedelta(milliseconds=500):%Y-%m-%d %H:%M:%S}".removesuffix(":00")
        case date():
            return cell.isoformat()
        case time():
            return f"{cell:%H:%M:%S}".removesuffix(":00")
        case timedelta():
            return str(cell)


def open_workbook(data: bytes, filename: str) -> Workbook:
    """The sheets of an XLSX or CSV file. The content decides what it is; the name only names a CSV's sheet.

    Raises ``SpreadsheetUnreadable`` when it is neither, damaged, empty or too big.
    """
    if len(data) > MAX_BYTES:
        raise SpreadsheetUnreadable(
            "too_big",
            f"文件有 {len(data) >> 20} MB,上限是 {MAX_BYTES >> 20} MB。请拆成几份再导入。",
            f"the file has {len(data) >> 20} MB, the limit is {MAX_BYTES >> 20} MB: split it.",
        )
    if not data.strip():
        raise SpreadsheetUnreadable("empty", "文件是空的，请另选文件。", "the file is empty: choose another one.")
    if data.startswith(b"PK"):
        return _xlsx(data)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise SpreadsheetUnreadable(
            "old_format",
            "这是旧版 .xls 文件，或设了密码。请在表格软件里去掉密码，另存为 .xlsx 再导入。",
            "this is an old .xls file or has a password: remove the password and save it as .xlsx.",
        )
    return _csv(data, PurePath(filename).stem or "CSV")


def _damaged(why: Exception) -> SpreadsheetUnreadable:
    return SpreadsheetUnreadable(
        "damaged",
        f"文件打不开，可能已损坏({why})。请在表格软件里打开，另存为 .xlsx 再导入。",
        f"the file can't be opened and may be damaged ({why}): open it in a spreadsheet program, save as .xlsx.",
    )


def _xlsx(data: bytes) -> Workbook:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                raise SpreadsheetUnreadable(
                    "not_a_spreadsheet",
                    "这不是 .xlsx 表格。请在表格软件里打开，另存为 .xlsx 或 CSV 再导入。",
                    "this is not an .xlsx spreadsheet: open it in a spreadsheet program, save as .xlsx or CSV.",
                )
            found = survey(archive)
        return _sheets(load_workbook(io.BytesIO(data)), found)
    except _DAMAGE as error:
        raise _damaged(error) from error


def _sheets(book: CalamineWorkbook, found: Survey) -> Workbook:
    sheets: list[Sheet] = []
    notices: list[Words] = []
    for about in book.sheets_metadata:
        if about.typ is not SheetTypeEnum.WorkSheet or about.name not in found.parts:
            continue
        part = found.parts[about.name]
        if not part.cells:
            continue
        if about.visible is not SheetVisibleEnum.Visible:
            notices.append(
                Words(
                    f"工作表“{about.name}”是隐藏的，没有读。要导入请先取消隐藏。",
                    f"sheet “{about.name}” is hidden and was not read; unhide it to import it.",
                )
            )
            continue
        sheet = book.get_sheet_by_name(about.name)
        grid = [[_cell(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
        grid.extend([] for _ in range(part.rows - len(grid)))  # rows with nothing but broken cells
        for (row, column), broken in part.broken.items():
            grid[row].extend([None] * (column + 1 - len(grid[row])))
            grid[row][column] = broken
        rows = _unmerged(grid, sheet.merged_cell_ranges or [])
        sheets.append(Sheet(about.name, rows, found.date1904))
    return Workbook(tuple(sheets), tuple(notices))


def _cell(value: object) -> Cell:
    if isinstance(value, str):
        return value.strip(_EDGES) or None
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    return value if isinstance(value, float | bool | date | datetime | time | timedelta) else None


def _unmerged(
    grid: list[list[Cell]], merges: Sequence[tuple[tuple[int, int], tuple[int, int]]]
) -> tuple[SheetRow, ...]:
    inherited: dict[int, set[int]] = {}
    banners: set[int] = set()
    if sum(min(bottom + 1, len(grid)) - top for (top, _), (bottom, _) in merges) > MAX_CELLS:
        raise zipfile.BadZipFile("merged cells that overlap")
    for (top, left), (bottom, right) in merges:
        if top >= len(grid) or left >= len(grid[top]) or grid[top][left] is None:
            continue
        if right - left >= 2:
            banners.add(top)
        for row in range(top + 1, min(bottom + 1, len(grid))):
            if left < len(grid[row]) and grid[row][left] is None:
                grid[row][left] = grid[top][left]
                inherited.setdefault(row, set()).add(left)
    return tuple(
        SheetRow(index + 1, tuple(cells), frozenset(inherited.get(index, ())), index in banners)
        for index, cells in enumerate(grid)
    )


def _csv(data: bytes, name: str) -> Workbook:
    text = _decoded(data)
    if re.match(r"\s*(%PDF|\{\\rtf|<(!doctype|html|table|\?xml))", text, re.IGNORECASE) or "\0" in text:
        raise SpreadsheetUnreadable(
            "not_a_spreadsheet",
            "这不是表格文件。请在表格软件里打开，另存为 .xlsx 或 CSV 再导入。",
            "this is not a spreadsheet: open it in a spreadsheet program and save it as .xlsx or CSV.",
        )
    told = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)  # a hint to Excel, which doesn't count it as a row
    delimiter = told[1] if told else _delimiter(text)
    text = text[told.end() :] if told else text
    notices: tuple[Words, ...] = ()
    try:
        records = _records(text, delimiter)
    except csv.Error:
        records = _plain_records(text, delimiter)
        notices = (QUOTES_ASTRAY,)
    if sum(len(record) for record in records) > MAX_CELLS:
        raise SpreadsheetUnreadable(
            "too_big",
            f"文件超过 {MAX_CELLS} 个单元格。请拆成几份再导入。",
            f"the file has more than {MAX_CELLS} cells: split it.",
        )
    rows = tuple(
        SheetRow(number, tuple(_cell(_TEXT_FORMULA.sub(r"\1", value)) for value in record))
        for number, record in enumerate(records, start=1)
    )
    return Workbook((Sheet(name, rows),), notices)


def _decoded(data: bytes) -> str:
    """UTF-8 is tried first because GB 18030 accepts almost anything, and text in it is hardly ever valid
    UTF-8."""
    encodings = ["utf-8-sig", "gb18030"]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SpreadsheetUnreadable(
        "unknown_encoding",
        "文件的文字编码认不出。请在表格软件里另存为 .xlsx 或“CSV UTF-8”再导入。",
        "the text encoding is not known: save it as .xlsx or “CSV UTF-8” in a spreadsheet program.",
    )


def _delimiter(text: str) -> str:
    """The delimiter that cuts most of the first lines into the same, largest number of cells."""
    head = [line for line in text.splitlines()[:200] if line.strip()][:60]

    def cut(delimiter: str) -> tuple[int, int]:
        widths = [line.count(delimiter) for line in head]
        usual = max(set(widths), key=lambda width: (widths.count(width), width), default=0)
        return (widths.count(usual) * (usual > 0), usual)

    return max(_DELIMITERS, key=cut)


def _records(text: str, delimiter: str) -> list[list[str]]:
    """Raises ``csv.Error`` when the quotes don't pair up: a lone quote would swallow rows up to the next one."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records = list(reader)
    width = statistics.mode([len(record) for record in records[:200]] or [0])
    if any(_swallowed(record, delimiter, width) for record in records):
        raise csv.Error("a quoted cell that holds whole rows")
    return records


def _swallowed(record: list[str], delimiter: str, width: int) -> bool:
    """From a lone quote to the next in the same or a later column lie a row's delimiters, or more; from one to the next
    in an earlier column fewer, and then the record is longer than the others."""
    return any("\n" in cell and (len(record) > width or cell.count(delimiter) >= max(2, width - 1)) for cell in record)


def _plain_records(text: str, delimiter: str) -> list[list[str]]:
    return [line.split(delimiter) for line in text.splitlines()]
