"""Engineers, their duty and their leave from a spreadsheet: bytes in, one typed row each out. Pure.

A table is known by its header: with a code and a day it is a roster, with a code and anything else of an engineer it is
of engineers. One file may hold both, on several sheets. A column that a table doesn't have says nothing.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from typing import Any, TypeVar
from uuid import uuid5
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from services.dispatch.domain.engineer import Code, RecordEngineer
from services.dispatch.domain.identity import NAMESPACE
from services.dispatch.domain.roster import SHANGHAI, GrantLeave, PlanDuty, Zone
from services.dispatch.staff import Contacts, EmploymentTerms
from shared.calendar import DAY
from shared.decider import Words
from shared.events.dispatch import DutyWindow
from shared.spreadsheet.errors import SpreadsheetUnreadable
from shared.spreadsheet.sheet import Cell, Sheet, SheetRow, open_workbook, text_of
from shared.spreadsheet.workbook import Broken
from shared.text import folded
from shared.validation import findings

TITLES: Mapping[str, tuple[str, ...]] = {
    "engineer": ("工号", "人员编号", "编号", "账号", "engineer", "code"),
    "name": ("姓名", "name"),
    "phones": ("电话", "联系电话", "电话号码", "手机", "手机号", "phones", "phone"),
    "skills": ("技能", "专长", "skills"),
    "region": ("地区", "区域", "region"),
    "base_city": ("驻地城市", "驻地", "城市", "basecity", "city"),
    "base_latitude": ("驻地纬度", "纬度", "latitude"),
    "base_longitude": ("驻地经度", "经度", "longitude"),
    "active": ("在用", "在职", "状态", "active"),
    "phone_allowance": ("电话补贴", "出差电话补贴", "phoneallowance"),
    "wage_band": ("工资档", "wageband"),
    "valid_from": ("补贴生效日期", "生效日期", "validfrom"),
    "first": ("开始日期", "日期", "开始", "自", "first", "day"),
    "last": ("结束日期", "结束", "至", "last"),
    "kind": ("类别", "类型", "kind"),
    "weekdays": ("星期", "weekdays"),
    "windows": ("时段", "开机时段", "windows", "hours"),
    "zone": ("时区", "zone"),
}
"""By field what its column may be called; the first is what people are told."""
OF_ENGINEERS = frozenset(list(TITLES)[1:12])
OF_ROSTERS = frozenset(list(TITLES)[12:])
_FIELD_OF = {folded(title): field for field, titles in TITLES.items() for title in titles}

_YES = ("是", "在用", "在职", "yes", "y", "true", "1", "√", "✓")
_NO = ("否", "停用", "离职", "no", "n", "false", "0", "×")
_DUTY = ("值守", "值班", "上班", "duty", "")
_LEAVE = ("休假", "请假", "假", "休", "leave")
_BETWEEN = re.compile(r"[、,;/\n]+")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_SPAN = re.compile(r"(\d{1,2}):(\d{2})[-~至到](\d{1,2}):(\d{2})")
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)?([1-7一二三四五六日天])(?:[-~至到](?:周|星期|礼拜)?([1-7一二三四五六日天]))?")
_WEEKDAYS = {name: n for n, name in enumerate("一二三四五六日", start=1)} | {"天": 7} | {str(n): n for n in range(1, 8)}


@dataclass(frozen=True, slots=True)
class EngineerSaid:
    """What a row says of an engineer."""

    record: RecordEngineer
    spoken: frozenset[str]
    """Fields of ``record`` of which the row speaks."""
    contacts: Contacts | None
    silent: frozenset[str]
    """Fields of ``contacts`` for which the table has no column: they stay as they are."""
    terms: EmploymentTerms | None


Said = EngineerSaid | PlanDuty | GrantLeave


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One row: what it says of whom, or why it can't be read."""

    sheet: str
    row: int
    engineer: str | None = None
    said: Said | None = None
    problem: Words | None = None


@dataclass(frozen=True, slots=True)
class StaffFile:
    rows: tuple[StaffRow, ...]
    notices: tuple[Words, ...]
    """Sheets and columns that weren't read."""


def read_staff(data: bytes, filename: str, *, at: datetime, by: str) -> StaffFile:
    """The rows of an XLSX or CSV file, bad ones with their reason; ``by`` says so at ``at``.

    Raises ``SpreadsheetUnreadable`` where it is no spreadsheet, or has no table of engineers or rosters.
    """
    book = open_workbook(data, filename)
    rows, notices = list[StaffRow](), list(book.notices)
    for sheet in book.sheets:
        found = _table(sheet)
        if found is None:
            notices.append(_no_table(sheet))
            continue
        header, lines = found
        notices.extend(_unread(sheet, header))
        rows.extend(_row(sheet.name, line, header, at, by) for line in lines)
    if not rows:
        raise SpreadsheetUnreadable(
            "no_header",
            "没有找到表头或数据行。人员表至少要有“工号”和一项资料，排班表至少要有“工号”和“开始日期”。",
            "no header row or no rows: engineers need a column engineer and one more, rosters engineer and first.",
        )
    return StaffFile(tuple(rows), tuple(notices))


@dataclass(frozen=True, slots=True)
class _Header:
    columns: Mapping[str, int]
    """By field."""
    unread: tuple[str, ...]
    """Titles that stand for nothing known, or for what another column says already."""

    @property
    def of_roster(self) -> bool:
        return "first" in self.columns


def _table(sheet: Sheet) -> tuple[_Header, list[SheetRow]] | None:
    for n, row in enumerate(sheet.rows):
        if (header := _header(row)) is not None:
            return header, [line for line in sheet.rows[n + 1 :] if any(cell is not None for cell in line.cells)]
    return None


def _header(row: SheetRow) -> _Header | None:
    fields = [(column, _FIELD_OF.get(folded(text_of(cell)))) for column, cell in enumerate(row.cells)]
    named = {field for _, field in fields if field}
    wanted = OF_ROSTERS if "first" in named else OF_ENGINEERS
    if "engineer" not in named or not named & wanted:
        return None
    columns: dict[str, int] = {}
    for column, field in fields:
        if field in wanted | {"engineer"}:
            columns.setdefault(field, column)
    read = set(columns.values())
    return _Header(columns, tuple(text_of(cell) for n, cell in enumerate(row.cells) if n not in read and cell))


def _no_table(sheet: Sheet) -> Words:
    return Words(
        f"工作表“{sheet.name}”没有人员或排班的表头，没有读。",
        f"Sheet “{sheet.name}” has no header of engineers or rosters and was not read.",
    )


def _unread(sheet: Sheet, header: _Header) -> Iterator[Words]:
    if header.unread:
        shown = "、".join(header.unread)
        yield Words(
            f"工作表“{sheet.name}”中这些列没有读：{shown}。", f"Columns of sheet “{sheet.name}” not read: {shown}."
        )


# --- a row ------------------------------------------------------------------------------------------------------------


class _Unreadable(Exception):
    """A cell that can't be read."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.words = Words(zh, en)


def _row(sheet: str, line: SheetRow, header: _Header, at: datetime, by: str) -> StaffRow:
    cells = _Cells({field: line.cells[n] for field, n in header.columns.items() if n < len(line.cells)}, header)
    reads: Callable[..., Said] = _roster if header.of_roster else _engineer
    engineer = ""
    try:
        engineer = cells.text("engineer")
        code = _valid("engineer", partial(_CODE.validate_python, engineer))
        return StaffRow(sheet, line.number, code, reads(cells, code, at, by))
    except _Unreadable as problem:
        return StaffRow(sheet, line.number, engineer or None, problem=problem.words)


_CODE: TypeAdapter[str] = TypeAdapter(Code)
_ZONE: TypeAdapter[str] = TypeAdapter(Zone)

Valid = TypeVar("Valid")


def _valid(about: str, make: Callable[[], Valid]) -> Valid:
    """What ``make`` makes. Raises ``_Unreadable``, with the column's title and what is wrong with it."""
    try:
        return make()
    except ValidationError as error:
        first = error.errors()[:1]
        field = next((str(step) for step in first[0]["loc"] if step in TITLES), about)
        title, what = TITLES[field][0], Words(*(findings(first, tongue)[0]["detail"] for tongue in ("zh", "en")))
        raise _Unreadable(f"“{title}”：{what.zh}", f"{field}: {what.en}") from error


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells of a row by their fields."""

    cells: Mapping[str, Cell]
    header: _Header

    def text(self, field: str) -> str:
        """What the cell shows, in one width; empty where it is. Raises ``_Unreadable`` for a broken cell."""
        cell = self.cells.get(field)
        if isinstance(cell, Broken):
            raise _Unreadable(f"“{TITLES[field][0]}”{cell.why.zh}。", f"{field} {cell.why.en}.")
        return unicodedata.normalize("NFKC", text_of(cell)).strip()

    def parts(self, field: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in _BETWEEN.split(self.text(field)) if part.strip())

    def day(self, field: str) -> date | None:
        text = self.text(field).removesuffix(" 00:00")
        if not text:
            return None
        match = _DAY.fullmatch(text)
        try:
            return date(*map(int, match.groups())) if match else _no_day(field, text)
        except ValueError:
            return _no_day(field, text)

    def chosen(self, field: str, yes: Sequence[str], no: Sequence[str]) -> bool:
        """Whether the cell says one of ``yes`` or one of ``no``; people are told the first of each."""
        text = folded(self.text(field))
        if text not in (*yes, *no):
            raise _Unreadable(
                f"“{TITLES[field][0]}”中的“{text}”无法识别，请填“{yes[0]}”或“{no[0]}”。",
                f"{field}: “{text}” is neither “{yes[0]}” nor “{no[0]}”.",
            )
        return text in yes


def _no_day(field: str, text: str) -> date:
    raise _Unreadable(
        f"“{TITLES[field][0]}”中的“{text}”不是日期，请写 2026-10-09 这样的日期。",
        f"{field}: “{text}” is no date; write it like 2026-10-09.",
    )


def _engineer(cells: _Cells, code: str, at: datetime, by: str) -> EngineerSaid:
    has = cells.header.columns.keys()
    facts: dict[str, Any] = {field: cells.text(field) or None for field in ("region", "base_city") if field in has}
    if "skills" in has:
        facts["skills"] = cells.parts("skills")
    if cells.text("active"):
        facts["active"] = cells.chosen("active", _YES, _NO)
    record = _valid("skills", partial(RecordEngineer, engineer=code, at=at, by=by, **facts))
    silent = frozenset({"phones", "base_latitude", "base_longitude"} - has)
    return EngineerSaid(record, frozenset(facts), _contacts(cells), silent, _terms(cells))


def _contacts(cells: _Cells) -> Contacts | None:
    """None where the row says nothing of it: what is known stays."""
    places = {field: cells.text(field) or None for field in ("base_latitude", "base_longitude")}
    name, phones = cells.text("name"), cells.parts("phones")
    if not (name or phones or any(places.values())):
        return None
    return _valid("base_latitude", partial(Contacts.model_validate, {"name": name, "phones": phones} | places))


def _terms(cells: _Cells) -> EmploymentTerms | None:
    allowance, band, since = cells.text("phone_allowance"), cells.text("wage_band"), cells.day("valid_from")
    if not (allowance or band or since):
        return None
    amount = allowance.strip("¥元 ")
    told = {"phone_allowance": amount, "wage_band": band, "valid_from": since}
    return _valid("phone_allowance", partial(EmploymentTerms.model_validate, told))


def _roster(cells: _Cells, code: str, at: datetime, by: str) -> PlanDuty | GrantLeave:
    first = cells.day("first")
    if first is None:
        raise _Unreadable("缺少“开始日期”。", "first is empty.")
    last = cells.day("last") or first
    windows = tuple(_window(part) for part in cells.parts("windows"))
    zone = _valid("zone", partial(_ZONE.validate_python, cells.text("zone") or SHANGHAI))
    about: dict[str, Any] = {"engineer": code, "at": at, "by": by}
    if cells.chosen("kind", _LEAVE, _DUTY):
        if cells.parts("weekdays"):
            raise _Unreadable("休假不分星期；请每段假期写一行。", "A leave has no weekdays: write a row for each.")
        return _leave(code, first, last, windows, zone, about)
    weekdays = {"weekdays": _weekdays(cells)} if cells.parts("weekdays") else {}
    planned = {"first": first, "last": last, "windows": windows, "zone": zone}
    return _valid("windows", partial(PlanDuty, **about, **planned, **weekdays))


def _leave(
    code: str, first: date, last: date, windows: tuple[DutyWindow, ...], zone: str, about: dict[str, Any]
) -> GrantLeave:
    """Whole days, or a part of one. The same leave told again is the same one."""
    opens, closes = time.min, time.min
    if windows:
        if len(windows) > 1 or first != last:
            raise _Unreadable("只有单日休假可写一个时段。", "Only a leave of one day may have hours, and once.")
        opens, closes = windows[0].opens, windows[0].closes
    until = last if closes > opens else last + DAY
    starts, ends = (datetime.combine(*when, ZoneInfo(zone)) for when in ((first, opens), (until, closes)))
    leave = uuid5(NAMESPACE, f"leave:{code}:{starts.isoformat()}:{ends.isoformat()}")
    return _valid("first", partial(GrantLeave, leave=leave, starts=starts, ends=ends, **about))


def _window(text: str) -> DutyWindow:
    """``08:00-22:00``; 24:00 is the end of the day."""
    match = _SPAN.fullmatch("".join(text.split()).replace("–", "-").replace("—", "-"))
    try:
        hours = [int(part) for part in match.groups()] if match else []
        opens = time(hours[0], hours[1])
        closes = time.min if hours[2:] == [24, 0] else time(hours[2], hours[3])
    except (IndexError, ValueError):
        raise _Unreadable(
            f"时段“{text}”无法识别，请写 08:00-22:00。", f"“{text}” is no span of hours; write it like 08:00-22:00."
        ) from None
    return DutyWindow(opens=opens, closes=closes)


def _weekdays(cells: _Cells) -> tuple[int, ...]:
    """``一、三、五``, ``周一至周五``, ``1-5``."""
    days: set[int] = set()
    for part in cells.parts("weekdays"):
        match = _WEEKDAY.fullmatch("".join(part.split()).replace("–", "-"))
        first, last = (_WEEKDAYS[match[1]], _WEEKDAYS[match[2] or match[1]]) if match else (1, 0)
        if first > last:
            raise _Unreadable(
                f"星期“{part}”无法识别，请写 一、三、五 或 周一至周五。",
                f"“{part}” are no weekdays; write 1, 3 or 1-5.",
            )
        days.update(range(first, last + 1))
    return tuple(sorted(days))
