"""Which rows of a sheet are meant as entries, and what each says once 同上 and merged cells are filled in."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from services.tickets.register.columns import Columns, find_header, header_at, may_be_header
from services.tickets.register.entry import Raw, Skipped, SkipReason
from services.tickets.register.moments import said
from services.tickets.register.titles import Field
from services.tickets.register.values import begins_with_ditto, channels_of, is_ditto, is_nothing, wide
from shared.decider import Words
from shared.spreadsheet.sheet import Cell, Sheet, SheetRow, text_of
from shared.spreadsheet.workbook import Broken

NOTHING_ABOVE = Words(
    "上面没有可以照抄的内容，请写出来", "says “the same as above” where nothing stands above: write it out"
)

_TOTAL = re.compile(
    r"(?:本?[页月周日季年期次]|全[月年]|当[月日]|上?[半下]年|\d{1,2}月份?)?(?:合计|小计|总计|共计|累计|总数|汇总)(?:$|[^\u4e00-\u9fff]|共|数|[条次件起])"
    r"|(?:sub-?|grand)?total\b|共\d+[条次件起]|本[月周页日].{0,8}\d+[条次件起]",
    re.IGNORECASE,
)
_SIGNED = re.compile(
    r"(?:填表|制表|填报|审核|复核|审批|批准|登记|负责|主管|经办|统计|校对|领导)(?:人|员|单位|日期|时间|部门|签字|签名)?[::]"
    r"|(?:示|样|举)?例(?:[::]|$)|(?:注|说明|备注|填写说明|填表说明|注意事项|附注|注意|note|notes|remarks?)\d*[::.、]",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"登记[表簿册本]|记录[表簿册本]|台账|明细表?$|汇总表|一览表|以下(?:空白|为|无)|^第.{1,4}[页周旬]|[上中下]旬|(?:月份|年度|季度)$"
    r"|^(?:20)?\d\d年(?:\d{1,2}月份?)?$|^\d{1,2}月份?$|^续[表上]|register|\blog\b",
    re.IGNORECASE,
)


_DAYS_1904 = (35_000, 72_000)
"""Bare numbers that can be days of this century, counted from 1904."""
_MOMENTS = {
    *(Field.RECEIVED_DAY, Field.RECEIVED, Field.ANSWERED_DAY, Field.ANSWERED, Field.AGREED_DAY, Field.AGREED),
    *(Field.ARRIVED_DAY, Field.ARRIVED, Field.FINISHED_DAY, Field.FINISHED, Field.PURCHASED_ON, Field.POSTMARKED_ON),
}
_STORIES = {Field.PROBLEM, Field.REMARKS}
"""Fields in which 同上，另有异味 is a text of its own."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row that is meant as an entry."""

    number: int
    columns: Columns
    cells: Mapping[Field, Cell]
    raw: Raw
    section: Cell = None
    """The date of the last line that held nothing else."""

    def cell(self, field: Field) -> Cell:
        """What the row says; ``None`` for nothing, be the cell empty or say 不详."""
        return self.cells.get(field)

    def has(self, field: Field) -> bool:
        return field in self.columns.places


@dataclass(slots=True)
class Table:
    sheet: Sheet
    header: Columns
    titles: tuple[str, ...]
    """The texts above the header."""
    lines: list[Line] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def table_of(sheet: Sheet) -> Table | None:
    """The register that a sheet holds, or ``None`` when no row of it is a register's header."""
    header = find_header(sheet.rows)
    if header is None:
        return None
    first, columns = header
    columns = _with_channel(columns, sheet.rows[first + len(columns.rows) :])
    above = sheet.rows[:first]
    table = Table(sheet, columns, tuple(text for row in above for cell in row.cells if (text := text_of(cell))))
    for row in above:
        _skip(
            table,
            row,
            SkipReason.TITLE if any(cell is not None for cell in row.cells) else SkipReason.BLANK,
            columns,
        )
    for row, reason, current, section in _sorted(sheet.rows, first, columns):
        if reason is None:
            table.lines.append(_line(row, current, section, table.lines[-1] if table.lines else None, sheet.date1904))
        else:
            _skip(table, row, reason, current)
    return table


def _with_channel(columns: Columns, rows: Sequence[SheetRow]) -> Columns:
    """Titles for the channel are many (类型, 形式, 类别), its words few: so without a title the words tell."""
    if Field.CHANNEL in columns.places:
        return columns
    used = {column for places in columns.places.values() for column in places}
    for column in sorted(columns.titles.keys() - used):
        cells = [row.cells[column] for row in rows[:200] if column < len(row.cells)]
        words = [cell for cell in cells if not (is_nothing(cell) or is_ditto(cell) or cell == columns.titles[column])]
        named = [cell for cell in words if isinstance(cell, str) and len(cell) <= 8 and channels_of(cell)]
        if words and len(named) >= 0.8 * len(words):
            return columns.with_column(Field.CHANNEL, column)
    return columns


def _sorted(
    rows: Sequence[SheetRow], first: int, columns: Columns
) -> Iterator[tuple[SheetRow, SkipReason | None, Columns, Cell]]:
    """Every row from the header on, with why it is no entry, the columns that hold for it, and its section's
    date."""
    known = frozenset(columns.titles.values()) | _texts(rows[first : first + len(columns.rows)])
    section: Cell = None
    header_left = len(columns.rows)
    for index in range(first, len(rows)):
        row = rows[index]
        if not header_left and may_be_header(row, known) and (again := header_at(rows, index)):
            header_left = len(again.rows)
            if again.titles != columns.titles:
                columns = _with_channel(again, rows[index + header_left :])
        if header_left:
            header_left -= 1
            yield row, SkipReason.HEADER, columns, section
            continue
        reason = _aside(row, columns)
        if reason is SkipReason.DATE:
            section = next(cell for cell in row.cells if cell is not None)
        yield row, reason, columns, section


def _texts(rows: Sequence[SheetRow]) -> frozenset[str]:
    return frozenset(cell for row in rows for cell in row.cells if isinstance(cell, str))


def _aside(row: SheetRow, columns: Columns) -> SkipReason | None:
    """Why a row below the header is no entry."""
    serial = columns.places.get(Field.SERIAL, ())
    own = [column for column, cell in enumerate(row.cells) if cell is not None and column not in row.inherited]
    filled = [column for column in own if column not in serial or not _is_number(row.cells[column])]
    if all(is_nothing(row.cells[column]) for column in filled):
        return SkipReason.BLANK
    if len(own) > 2 and all(text_of(row.cells[column]) == str(column + 1) for column in own):
        return SkipReason.HEADER  # official forms number their columns
    cell = row.cells[filled[0]]
    text = "".join(wide(text_of(cell)).split())
    if len(filled) == 1:
        if said_day(cell) and not _in(columns, filled[0], Field.PROBLEM, Field.PRODUCT, Field.PURCHASED_ON, Field.LOT):
            return SkipReason.DATE
        if row.banner or (_TITLE.search(text) and not _in(columns, filled[0], Field.PROBLEM, Field.CUSTOMER)):
            return SkipReason.TITLE
    if _dated(row, columns):
        return None
    if isinstance(cell, str) and _TOTAL.match(text):
        return SkipReason.TOTAL
    return SkipReason.NOTE if isinstance(cell, str) and _SIGNED.match(text) else None


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, float) or (isinstance(cell, str) and bool(re.fullmatch(r"[\d.\-/]+", wide(cell))))


def said_day(cell: Cell) -> bool:
    """Whether the cell holds a day with its month and no time of day, as a line above a day's entries does."""
    found = said(cell)
    return bool(found and found.days and found.days[0].month is not None and found.clock is None)


def _in(columns: Columns, column: int, *fields: Field) -> bool:
    return any(column in columns.places.get(field, ()) for field in fields)


def _dated(row: SheetRow, columns: Columns) -> bool:
    """Whether the row itself says its day (a bare number may be a sum): then it is an entry, whatever comes first."""
    for column in (*columns.places.get(Field.RECEIVED_DAY, ()), *columns.places.get(Field.RECEIVED, ())):
        cell = row.cells[column] if column < len(row.cells) and column not in row.inherited else None
        if is_ditto(cell) or ((found := said(cell)) and found.days and found.days[0].month is not None):
            return True
    return False


def _line(row: SheetRow, columns: Columns, section: Cell, above: Line | None, date1904: bool) -> Line:
    cells: dict[Field, Cell] = {}
    for field_, places in columns.places.items():
        shown = [
            row.cells[column] for column in places if column < len(row.cells) and not is_nothing(row.cells[column])
        ]
        cell = shown[0] if len(shown) == 1 else "; ".join(map(text_of, shown)) or None
        if is_ditto(cell) or (field_ not in _STORIES and begins_with_ditto(cell)):
            copied = above.cells.get(field_) if above else None
            cell = Broken(text_of(cell), NOTHING_ABOVE) if copied is None else copied
        elif date1904 and field_ in _MOMENTS and isinstance(cell, float) and _DAYS_1904[0] < cell < _DAYS_1904[1]:
            cell += 1462  # the same day, counted from 1900
        cells[field_] = cell
    return Line(row.number, columns, cells, raw_of(row, columns), section)


def raw_of(row: SheetRow, columns: Columns) -> Raw:
    """The filled cells by title; by the column's letter where two columns share a title or one has none."""
    raw: dict[str, str] = {}
    for column, cell in enumerate(row.cells):
        if cell is not None:
            title = columns.titles.get(column, "")
            raw[title if title and title not in raw else f"{title} {_letter(column)}".strip()] = text_of(cell)
    return raw


def _letter(column: int) -> str:
    letters = ""
    while column >= 0:
        letters = chr(ord("A") + column % 26) + letters
        column = column // 26 - 1
    return letters


def _skip(table: Table, row: SheetRow, reason: SkipReason, columns: Columns) -> None:
    table.skipped.append(Skipped(table.sheet.name, row.number, reason, raw_of(row, columns)))
