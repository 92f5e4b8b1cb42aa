"""Which column holds what: the header row is found by the names that receptions give their columns.

A title is compared without its spaces, width, brackets and marks (``客户 单位(全称)*`` is ``客户单位``), in
Chinese, in English, or both in one cell. A header may have two rows, a group above and its parts below (答复
| 时间 方式).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.tickets.register.titles import COMMON, Field, field_of, plain_title
from shared.spreadsheet.sheet import Cell, SheetRow

HEADER_WITHIN = 60
"""Rows of a sheet among which the first header is looked for."""

_DAY_OR_TIME = {Field.RECEIVED_DAY, Field.RECEIVED}
_WHO = {Field.CUSTOMER, Field.CONTACT, Field.CONTACT_AND_PHONE}
_WHAT_ELSE = {Field.CHANNEL, Field.ANSWERED, Field.ANSWERED_DAY, Field.TAKEN_BY}
_MANY = {Field.PHONE, Field.SERIAL, Field.REMARKS}
"""Fields of which a sheet may have several columns that all count."""

NEEDED = "日期(或日期时间)、客户单位、问题描述(或产品名称)"
NEEDED_EN = "date (or date and time), customer, problem (or product)"


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a table keeps what."""

    places: Mapping[Field, tuple[int, ...]]
    """Column numbers from 0; several only for fields of which all columns count."""
    titles: Mapping[int, str]
    """Every titled column's title, as it stands in the sheet."""
    rows: tuple[int, ...]
    """The numbers of the header's one or two rows."""

    def title(self, field: Field) -> str:
        """The title of the field's column, or an empty text when the table has none."""
        place = self.places.get(field)
        return self.titles[place[0]] if place else ""

    def with_column(self, field: Field, column: int) -> "Columns":
        """The same columns with one more that is understood."""
        return replace(self, places={**self.places, field: (column,)})

    def unused(self) -> tuple[str, ...]:
        """Titles of columns that no field takes; their cells are kept as they are."""
        used = {column for columns in self.places.values() for column in columns}
        return tuple(title for column, title in self.titles.items() if column not in used)


def _text(cells: Sequence[Cell], column: int) -> str:
    cell = cells[column] if column < len(cells) else None
    return cell if isinstance(cell, str) and len(cell) <= 40 else ""


def _is_weak(title: str) -> bool:
    """单位 may be the customer's, or the unit in which goods are counted."""
    return plain_title(title) in ("单位", "公司")


def _layout(titles: Mapping[int, tuple[str, ...]], rows: tuple[int, ...]) -> Columns:
    """Gives every column the field that its title names; of two columns with one title the left one counts.

    A bare 时间 or 方式 behind 答复时间 belongs to it: the second 方式 is that of the answer.
    """
    places: dict[Field, tuple[int, ...]] = {}
    shown: dict[int, str] = {}
    for column, names in titles.items():
        shown[column] = names[-1]
        field = next((found for name in names if (found := field_of(name)) is not None), None)
        if field is Field.CHANNEL and field in places and Field.ANSWERED in places:
            field = Field.ANSWER_MEANS
        if field is not None and (field not in places or field in _MANY or _is_weak(shown[places[field][0]])):
            places[field] = (*places[field], column) if field in places and field in _MANY else (column,)
    return Columns(places, shown, rows)


def header_at(rows: Sequence[SheetRow], index: int) -> Columns | None:
    """The header that begins at ``rows[index]``, of one row or two; ``None`` when none does."""
    upper = rows[index].cells
    single = _layout(
        {column: (text,) for column in range(len(upper)) if (text := _text(upper, column))},
        (rows[index].number,),
    )
    double = _two_rows(rows[index], rows[index + 1]) if index + 1 < len(rows) else None
    best = single
    if double is not None and len(double.places) > len(single.places):
        best = double
    return best if _is_register(set(best.places)) else None


def _is_register(found: set[Field]) -> bool:
    """When, who and what. A product alone doesn't tell a request from a delivery, so then something else must."""
    what = Field.PROBLEM in found or (Field.PRODUCT in found and found & _WHAT_ELSE)
    return bool(found & _DAY_OR_TIME and found & _WHO and what)


def _two_rows(upper: SheetRow, lower: SheetRow) -> Columns | None:
    """A group's title holds for the columns to its right, up to the next group."""
    titles: dict[int, tuple[str, ...]] = {}
    group = ""
    for column in range(max(len(upper.cells), len(lower.cells))):
        group = _text(upper.cells, column) or group
        own = _text(lower.cells, column) if column not in lower.inherited else ""
        if own:
            titles[column] = (group + own, own, own + group) if group else (own,)
            titles[column] = (*titles[column], f"{group} {own}".strip())
        elif text := _text(upper.cells, column):
            titles[column] = (text,)
    names = [field_of(text) for column in range(len(lower.cells)) if (text := _text(lower.cells, column))]
    return _layout(titles, (upper.number, lower.number)) if any(names) else None


def find_header(rows: Sequence[SheetRow]) -> tuple[int, Columns] | None:
    """The best header among the first rows with its index; of equals that of one row, then the uppermost."""
    found = [(index, columns) for index in range(min(len(rows), HEADER_WITHIN)) if (columns := header_at(rows, index))]
    return max(found, key=lambda one: (len(one[1].places), -len(one[1].rows), -one[0]), default=None)


def may_be_header(row: SheetRow, known: frozenset[str]) -> bool:
    """A cheap test for every row of a table: half of its texts are titles already seen, or three are common ones."""
    texts = [cell for cell in row.cells if isinstance(cell, str) and len(cell) <= 20]
    if len(texts) < 3:
        return False
    seen = sum(text in known for text in texts)
    return seen * 2 >= len(texts) or sum(text in COMMON for text in texts) >= 3
