"""A register's file, read: XLSX or CSV in, one typed reading per row out, in the order of the file."""

import statistics
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import PurePath

from services.tickets.register.columns import NEEDED, NEEDED_EN
from services.tickets.register.entry import Doubled, Reading, Register, RegisterEntry
from services.tickets.register.moments import said
from services.tickets.register.row import entry_of, received
from services.tickets.register.table import Table, table_of
from services.tickets.register.titles import Field
from services.tickets.register.years import Hint, complete, hint_of
from shared.decider import Words
from shared.spreadsheet.errors import SpreadsheetUnreadable
from shared.spreadsheet.sheet import Sheet, Workbook, open_workbook, text_of

FAR_OFF = timedelta(days=183)
"""An entry farther than this from the middle of its sheet is noted, as a slip of the year."""

_OTHER_MOMENTS = (Field.ANSWERED_DAY, Field.ANSWERED, Field.AGREED, Field.ARRIVED, Field.FINISHED)

_SAID_APART = {
    "contact": Words("联系人", "contact"),
    "address": Words("地址", "address"),
    "purchased_on": Words("购买日期", "purchase date"),
    "postmarked_on": Words("邮戳", "postmark"),
    "taken_by": Words("受理人", "taken by"),
    "answered_at": Words("答复时间", "answered at"),
    "answer_means": Words("答复方式", "answer by"),
    "engineer": Words("派工", "engineer"),
    "agreed_arrival": Words("约定到场", "agreed arrival"),
    "arrived_at": Words("实际到场", "arrived at"),
    "finished_at": Words("完成时间", "finished at"),
    "score": Words("评分", "score"),
    "verdict": Words("满意度", "verdict"),
    "survey_declined": Words("拒填", "survey declined"),
    "remarks": Words("备注", "remarks"),
}


def read_register(data: bytes, filename: str) -> Register:
    """Everything that a register's file says.

    All visible sheets that have a register's header are read. ``filename`` names a CSV's sheet and may tell
    the year (``register-2026-10.xlsx``). The same bytes and name always give the same register; no clock is
    asked.

    Raises ``SpreadsheetUnreadable`` when the file is no spreadsheet, damaged, empty, too big (50 MB, 200 MB
    inflated, 5 million cells), or no sheet has a header row that names day, customer, and problem or product.
    """
    book = open_workbook(data, filename)
    tables: list[Table] = []
    notices = list(book.notices)
    for sheet in book.sheets:
        table = table_of(sheet)
        if table is None:
            notices.append(_not_a_register(sheet))
            continue
        tables.append(table)
        if unused := table.header.unused():
            notices.append(_unused(sheet, unused))
    if not tables:
        raise _no_header(book)
    names = [
        PurePath(filename).stem,
        *(title for table in tables for title in (*table.titles, table.sheet.name)),
    ]
    rows = [row for table in tables for row in _read(table, names)]
    return Register(filename, tuple(table.sheet.name for table in tables), tuple(_marked(rows)), tuple(notices))


def _read(table: Table, names: Sequence[str]) -> list[Reading]:
    sheet = table.sheet
    when = [received(line) for line in table.lines]
    days = complete([one.days for one in when], _hint(table, names))
    middle = _middle(days)
    apart = table.header.places.keys() >= {Field.RECEIVED_DAY, Field.RECEIVED}
    timed = apart or any(one.clock is not None for one in when)
    rows: list[Reading] = list(table.skipped)
    for line, one, day in zip(table.lines, when, days, strict=True):
        far_off = day is not None and middle is not None and abs(day - middle) > FAR_OFF
        rows.append(entry_of(sheet.name, line, one, day, timed=timed, far_off=far_off))
    return sorted(rows, key=lambda row: row.row)


def _middle(days: Sequence[date | None]) -> date | None:
    known = [day.toordinal() for day in days if day is not None]
    return date.fromordinal(statistics.median_low(known)) if known else None


def _hint(table: Table, names: Sequence[str]) -> Hint:
    """The year and month of a sheet: from its title, its name, the file's name, its other dates, the other
    sheets."""
    own = hint_of((*table.titles, table.sheet.name))
    written = (
        f"{day.year}年{day.month}月"
        for line in table.lines
        for field in _OTHER_MOMENTS
        if (found := said(line.cell(field)))
        for day in found.days
        if day.year is not None and day.month is not None
    )
    other = hint_of((*names[:1], next(written, ""), *names[1:]))
    return Hint(own.year or other.year, own.month or (other.month if own.year is None else None))


def _marked(rows: Sequence[Reading]) -> Iterator[Reading]:
    """Rows that state the facts of an earlier one become its doubles."""
    first: dict[tuple[str, ...], RegisterEntry] = {}
    for row in rows:
        if not isinstance(row, RegisterEntry):
            yield row
            continue
        earlier = first.setdefault(row.facts, row)
        yield row if earlier is row else _double(row, earlier)


def _double(row: RegisterEntry, earlier: RegisterEntry) -> Doubled:
    differs = tuple(
        words
        for name, words in _SAID_APART.items()
        if getattr(row, name) and getattr(row, name) != getattr(earlier, name)
    )
    return Doubled(row.sheet, row.row, earlier.sheet, earlier.row, differs, row.raw)


def _not_a_register(sheet: Sheet) -> Words:
    return Words(
        f"工作表“{sheet.name}”没有登记表的表头，没有读。",
        f"Sheet “{sheet.name}” has no register's header row and was not read.",
    )


def _unused(sheet: Sheet, titles: Sequence[str]) -> Words:
    shown = "、".join(titles)
    return Words(
        f"工作表“{sheet.name}”中这些列没有对应的项目，只原样保留：{shown}。",
        f"Columns of sheet “{sheet.name}” that stand for nothing known are only kept as they are: {shown}.",
    )


def _no_header(book: Workbook) -> SpreadsheetUnreadable:
    if not any(cell is not None for sheet in book.sheets for row in sheet.rows for cell in row.cells):
        return SpreadsheetUnreadable(
            "empty", "表格里没有内容，请选登记表文件。", "the spreadsheet is empty: choose the register."
        )
    seen = next(
        (row for sheet in book.sheets for row in sheet.rows if sum(c is not None for c in row.cells) > 2),
        None,
    )
    shown = "、".join(text_of(cell)[:12] for cell in seen.cells if cell is not None) if seen else ""
    return SpreadsheetUnreadable(
        "no_header",
        f"没有找到表头行。表头要有这些列：{NEEDED}。" + (f"最像表头的一行是：{shown[:200]}。" if shown else ""),
        f"no header row was found. It must name: {NEEDED_EN}."
        + (f" The first row with several cells is: {shown[:200]}." if shown else ""),
    )
