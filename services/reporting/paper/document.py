"""What stands in a report, whatever it is written as: titled tables with typed columns."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from shared.calendar import SHANGHAI

Cell = str | int | Decimal | datetime | None


class Form(StrEnum):
    """How the values of a column are written."""

    TEXT = "text"
    COUNT = "count"
    MONEY = "money"
    SHARE = "share"
    """A change against an earlier month, as a part of it: 0.25 is a quarter more."""
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    form: Form = Form.TEXT
    weight: float = 1.0
    """How wide it is among the others."""


@dataclass(frozen=True, slots=True)
class Chart:
    """Columns of a section beside each other, a group for each row."""

    title: str
    columns: Sequence[int]
    rows: Sequence[int]


@dataclass(frozen=True, slots=True)
class Section:
    """A titled table."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    note: str = ""
    chart: Chart | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A report."""

    company: str
    title: str
    number: str
    about: Sequence[str]
    """Lines below the title: the month, how far it looks."""
    sections: Sequence[Section]
    sha256: str
    """Of the data that it shows."""


def local(moment: datetime) -> datetime:
    """As the clock on the wall shows it, without a zone: workbooks know none."""
    return moment.astimezone(SHANGHAI).replace(tzinfo=None, second=0, microsecond=0)


def written(value: Cell, form: Form) -> str:
    """For people."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{local(value):%Y-%m-%d %H:%M}"
    if isinstance(value, Decimal):
        return f"{value:+.1%}" if form is Form.SHARE else f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else value


def as_csv(document: Document) -> bytes:
    """All tables one below the other, each with its title in the first column; UTF-8 with a mark, as spreadsheet
    programs want it. A text that begins like a formula gets an apostrophe, as they take it for a text then."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\r\n")
    for section in document.sections:
        lines.writerow(["", *(column.title for column in section.columns)])
        for row in section.rows:
            lines.writerow([section.title, *(_plain(value) for value in row)])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _plain(value: Cell) -> str:
    """For programs: no blanks in numbers."""
    if isinstance(value, datetime):
        return f"{local(value):%Y-%m-%d %H:%M}"
    if isinstance(value, str):
        return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
    return "" if value is None else str(value)
