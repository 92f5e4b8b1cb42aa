"""A first look into an XLSX file, before anything is built from it.

The reader of cells (calamine) lays a sheet out as one dense block, so a single cell in the last corner, or a
few kilobytes that inflate to gigabytes, would take all memory. It also shows a formula without a stored
result, and an error value, as an empty cell. So the file is first walked once as a stream: sizes are checked,
and such cells are found. Nothing is ever calculated.
"""

import posixpath
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import IO
from xml.parsers import expat

from shared.decider import Words
from shared.spreadsheet.errors import SpreadsheetUnreadable

MAX_INFLATED = 200 * 1024 * 1024
"""Bytes of XML in one workbook; 10,000 rows of a register have about 12 MB."""
MAX_CELLS = 5_000_000
"""Cells of the block from A1 to a sheet's last used cell."""

_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Broken:
    """A cell whose value can't be known."""

    text: str
    """What stands there: the formula, the error value, the ditto mark."""
    why: Words


NO_RESULT = Words(
    "是没有保存结果的公式，请在表格软件里打开、保存一次，或改成数值",
    "is a formula without a stored result: open and save it in a spreadsheet program, or type the value",
)
ERROR_VALUE = Words("是出错的公式，请改成数值", "is a formula that failed: type the value")


@dataclass(slots=True)
class Part:
    """One sheet of the file."""

    rows: int = 0
    columns: int = 0
    cells: int = 0
    broken: dict[tuple[int, int], Broken] = field(default_factory=dict)
    """By (row, column), both counted from 0."""


@dataclass(frozen=True, slots=True)
class Survey:
    parts: dict[str, Part]
    """By the sheet's name."""
    date1904: bool
    """Whether day 0 is 1904-01-01 (files from old Macs)."""


def survey(archive: zipfile.ZipFile) -> Survey:
    """Walks every sheet once. Raises ``SpreadsheetUnreadable`` for a file that is damaged or too big to lay out."""
    _check_sizes(archive)
    names: list[tuple[str, str]] = []
    flags: list[str] = []

    def workbook(name: str, attributes: dict[str, str]) -> None:
        name = _local(name)
        if name == "sheet":
            link = next((v for k, v in attributes.items() if k.endswith(":id") or k == "id"), "")
            names.append((attributes.get("name", ""), link))
        elif name == "workbookPr":
            flags.append(attributes.get("date1904", "0"))

    targets: dict[str, str] = {}

    def relation(name: str, attributes: dict[str, str]) -> None:
        if _local(name) == "Relationship":
            targets[attributes.get("Id", "")] = posixpath.normpath(
                posixpath.join("/xl", attributes.get("Target", ""))
            ).lstrip("/")

    with archive.open("xl/workbook.xml") as stream:
        _walk(stream, workbook)
    with archive.open("xl/_rels/workbook.xml.rels") as stream:
        _walk(stream, relation)
    present = set(archive.namelist())
    parts = {}
    for name, link in names:
        target = targets.get(link, "")
        if target in present and "/worksheets/" in f"/{target}":
            with archive.open(target) as stream:
                parts[name] = _walk_sheet(stream, name)
    return Survey(parts, date1904=any(flag in ("1", "true") for flag in flags))


def _check_sizes(archive: zipfile.ZipFile) -> None:
    """Inflates every member once, so that a header that lies about its size is found out too."""
    total = 0
    for info in archive.infolist():
        total += info.file_size
        if total > MAX_INFLATED:
            raise SpreadsheetUnreadable(
                "too_big",
                f"文件解压后超过 {MAX_INFLATED >> 20} MB,太大。请删去图片和多余的工作表，或拆成几份再导入。",
                f"the file inflates to more than {MAX_INFLATED >> 20} MB, which is too much: remove pictures "
                "and other sheets, or split it.",
            )
    bad = archive.testzip()
    if bad is not None:
        raise zipfile.BadZipFile(f"damaged member {bad}")


def _local(name: str) -> str:
    """An element's name without the prefix that some programs write (``x:row``)."""
    return name.rpartition(":")[2] if ":" in name else name


def _walk(
    stream: IO[bytes],
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Streams XML through the handlers. A document type is refused, so there are no entities."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise zipfile.BadZipFile("a document type in a workbook")

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    while chunk := stream.read(_CHUNK):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


def _walk_sheet(stream: IO[bytes], sheet: str) -> Part:
    part = Part()
    row, column = -1, -1
    kind = ""
    formula: list[str] | None = None
    value: list[str] | None = None
    into: list[str] | None = None

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, kind, formula, value, into
        name = name if ":" not in name else _local(name)
        if name == "c":
            reference = attributes.get("r")
            row, column = (row, column + 1) if reference is None else _place(reference)
            kind, formula, value = attributes.get("t", ""), None, None
        elif name == "v" or name == "is":
            into = value = []
        elif name == "f":
            into = formula = []
        elif name == "row":
            number = attributes.get("r", "")
            row, column = (int(number) - 1 if number.isdecimal() else row + 1), -1

    def end(name: str) -> None:
        nonlocal into
        name = name if ":" not in name else _local(name)
        if name == "v" or name == "is" or name == "f":
            into = None
        elif name == "c" and (formula is not None or value is not None):
            part.cells += 1
            if row >= part.rows or column >= part.columns:
                part.rows, part.columns = max(part.rows, row + 1), max(part.columns, column + 1)
                if part.rows * part.columns > MAX_CELLS:
                    raise _too_wide(sheet, part)
            if kind == "e":
                part.broken[row, column] = Broken("".join(value or ()), ERROR_VALUE)
            elif formula is not None and not any(value or ()) and not (kind == "str" and value is not None):
                part.broken[row, column] = Broken("=" + "".join(formula), NO_RESULT)

    def text(data: str) -> None:
        if into is not None:
            into.append(data)

    _walk(stream, start, end, text)
    return part


def _place(reference: str) -> tuple[int, int]:
    """``B3`` is (2, 1). Raises ``BadZipFile`` for what names no cell."""
    letters = reference.rstrip("0123456789")
    number = reference[len(letters) :]
    if not 1 <= len(number) <= 7:
        raise zipfile.BadZipFile(f"a cell called {reference[:20]}")
    return int(number) - 1, _column(letters.upper())


@lru_cache(maxsize=1 << 14)
def _column(letters: str) -> int:
    """``A`` is 0."""
    if not (1 <= len(letters) <= 3 and all("A" <= letter <= "Z" for letter in letters)):
        raise zipfile.BadZipFile(f"a column called {letters[:20]}")
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _too_wide(sheet: str, part: Part) -> SpreadsheetUnreadable:
    return SpreadsheetUnreadable(
        "too_big",
        f"工作表“{sheet}”用到了第 {part.rows} 行、第 {part.columns} 列，太大。"
        "请删去远处零散的单元格，或拆成几份再导入。",
        f"sheet “{sheet}” reaches row {part.rows}, column {part.columns}, which is too far: delete the stray "
        "cells far out, or split it.",
    )
