"""Reference data from a spreadsheet: customers, sites, persons, products, lots and installed units, a row each."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, Literal
from uuid import UUID

from pydantic import ValidationError

from services.tickets.commands.persons import record_person
from services.tickets.commands.reference import record
from services.tickets.domain.identity import customer_id, lot_id, product_id, site_id, unit_id
from services.tickets.domain.reference import (
    RecordCustomer,
    RecordLot,
    RecordProduct,
    RecordSite,
    RecordUnit,
    ReferenceCommand,
)
from services.tickets.persons import PersonData, Persons
from services.tickets.register.moments import said
from shared.decider import Refused, Words
from shared.eventlog import Context, EventLog, Streams
from shared.spreadsheet.errors import SpreadsheetUnreadable
from shared.spreadsheet.sheet import Cell, Sheet, SheetRow, open_workbook, text_of
from shared.text import folded

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "customer": ("客户", "客户单位", "客户名称", "单位", "单位名称", "customer"),
    "name": ("名称", "name"),
    "code": ("编码", "编号", "代码", "code"),
    "region": ("地区", "区域", "region"),
    "key_customer": ("重点客户", "重点", "keycustomer"),
    "site": ("地点", "服务地点", "site"),
    "city": ("城市", "city"),
    "product": ("产品", "产品名称", "品名", "product"),
    "consumable": ("耗材", "易耗品", "消耗品", "consumable"),
    "warranty_months": ("保修月数", "保修期", "保修期(月)", "warrantymonths"),
    "shelf_life_months": ("保质月数", "保质期", "保质期(月)", "shelflifemonths"),
    "lot": ("批号", "批次", "lot"),
    "manufactured": ("生产日期", "manufactured"),
    "serial": ("序列号", "设备编号", "serial"),
    "delivered": ("交付日期", "发货日期", "delivered"),
    "contract": ("合同", "合同号", "contract"),
    "contract_until": ("合同到期", "合同到期日", "contractuntil"),
    "person": ("联系人", "姓名", "person", "contact"),
    "phone": ("电话", "联系电话", "手机", "phone"),
    "email": ("邮箱", "电子邮箱", "email"),
    "address": ("地址", "address"),
}
_FIELD_OF = {folded(word): field for field, words in SYNONYMS.items() for word in words}
_YES = {"是", "y", "yes", "true", "1", "√", "✓", "重点"}
_NO = {"", "否", "n", "no", "false", "0", "×"}


class Unreadable(Exception):
    """A cell that can't be read; the row is reported and the others go in."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.words = Words(zh, en)


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """A contact person and whose it is. They lie beside the log, so they are no command."""

    data: PersonData
    customer: UUID
    site: UUID | None
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    """One row: the stream it goes to and what it says, or why not."""

    sheet: str
    row: int
    key: UUID | None = None
    facts: ReferenceCommand | PersonFacts | None = None
    problem: Words | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a row."""

    sheet: str
    row: int
    result: Literal["recorded", "unchanged", "refused"]
    entry: str | None = None
    reason: Words | None = None


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells of a row by their fields."""

    cells: Mapping[str, Cell]

    def text(self, *fields: str, required: bool = False) -> str | None:
        found = next((text_of(self.cells[f]).strip() for f in fields if self.cells.get(f) is not None), "")
        if required and not found:
            title = SYNONYMS[fields[0]][0]
            raise Unreadable(f"缺少“{title}”。", f"The column {fields[0]} is empty.")
        return found or None

    def must(self, *fields: str) -> str:
        return self.text(*fields, required=True) or ""

    def day(self, field: str) -> date | None:
        cell = self.cells.get(field)
        if cell is None:
            return None
        found = said(cell)
        whole = [day for day in found.days if day.year and day.month] if found else []
        if not whole:
            text = text_of(cell)
            raise Unreadable(f"日期“{text}”无法读取。", f"The date “{text}” can't be read.")
        one = whole[0]
        return date(one.year or 0, one.month or 0, one.day)

    def months(self, field: str) -> int | None:
        text = (self.text(field) or "").removesuffix("个月").removesuffix("月").removesuffix(".0")
        if text.endswith("年") and text[:-1].isdecimal():
            return int(text[:-1]) * 12
        if text and not text.isdecimal():
            raise Unreadable(f"月数“{text}”不是整数。", f"“{text}” isn't a number of months.")
        return int(text) if text else None

    def flag(self, field: str) -> bool:
        text = folded(self.text(field) or "")
        if text not in _YES | _NO:
            raise Unreadable(f"“{text}”须填是或否。", f"“{text}” has to be yes or no.")
        return text in _YES


def read_reference(kind: str, data: bytes, filename: str, *, at: datetime, by: str) -> list[ReferenceRow]:
    """The rows of a file of ``kind`` (customers, sites, persons, products, lots, units), bad ones with their reason.

    Raises ``SpreadsheetUnreadable`` when the file is no spreadsheet or has no header row for ``kind``.
    """
    read = _KINDS[kind]
    found = [row for sheet in open_workbook(data, filename).sheets for row in _rows(sheet, kind, read, at, by)]
    if not found:
        needed = "、".join(SYNONYMS[field][0] for field in NEEDED[kind])
        raise SpreadsheetUnreadable(
            "no_header",
            f"没有找到表头或数据行;至少需要这些列:{needed}。",
            f"no header row or no rows: it needs at least the columns {', '.join(NEEDED[kind])}.",
        )
    return found


NEEDED: Mapping[str, tuple[str, ...]] = {
    "customers": ("customer",),
    "sites": ("customer", "site"),
    "persons": ("customer", "person"),
    "products": ("product",),
    "lots": ("product", "lot"),
    "units": ("customer", "product"),
}
_ALSO_NAME = {"customers": "customer", "products": "product", "sites": "site", "persons": "person"}
"""In a table of its own kind, the column is simply called 名称."""

_Read = Callable[[_Cells, dict[str, Any]], tuple[UUID | None, ReferenceCommand | PersonFacts]]


def _rows(sheet: Sheet, kind: str, read: _Read, at: datetime, by: str) -> Iterator[ReferenceRow]:
    header: dict[int, str] | None = None
    for row in sheet.rows:
        if header is None:
            header = _header(row, kind)
        elif any(cell is not None for cell in row.cells):
            yield _row(sheet.name, row, header, read, {"at": at, "by": by})


def _header(row: SheetRow, kind: str) -> dict[int, str] | None:
    titles = {column: _FIELD_OF.get(folded(text_of(cell))) for column, cell in enumerate(row.cells) if cell is not None}
    fields = {column: field for column, field in titles.items() if field}
    if kind in _ALSO_NAME and _ALSO_NAME[kind] not in fields.values():
        fields = {column: _ALSO_NAME[kind] if field == "name" else field for column, field in fields.items()}
    return fields if set(NEEDED[kind]) <= set(fields.values()) else None


def _row(sheet: str, row: SheetRow, header: dict[int, str], read: _Read, who: dict[str, Any]) -> ReferenceRow:
    cells = _Cells({field: row.cells[column] for column, field in header.items() if column < len(row.cells)})
    try:
        key, facts = read(cells, who)
    except Unreadable as problem:
        return ReferenceRow(sheet, row.number, problem=problem.words)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        words = Words(f"“{where}”的内容不合要求。", f"{where}: {first['msg']}.")
        return ReferenceRow(sheet, row.number, problem=words)
    return ReferenceRow(sheet, row.number, key, facts)


def _customer(cells: _Cells, who: dict[str, Any]) -> tuple[UUID, ReferenceCommand]:
    name = cells.must("customer")
    key = customer_id(name)
    return key, RecordCustomer(
        customer=key,
        name=name,
        code=cells.text("code"),
        region=cells.text("region"),
        key_customer=cells.flag("key_customer"),
        **who,
    )


def _site(cells: _Cells, who: dict[str, Any]) -> tuple[UUID, ReferenceCommand]:
    customer, name = customer_id(cells.must("customer")), cells.must("site")
    key = site_id(customer, name)
    return key, RecordSite(site=key, customer=customer, name=name, city=cells.text("city"), **who)


def _person(cells: _Cells, who: dict[str, Any]) -> tuple[None, PersonFacts]:
    customer, site = customer_id(cells.must("customer")), cells.text("site")
    data = PersonData(
        name=cells.must("person"),
        phone=cells.text("phone"),
        email=cells.text("email"),
        address=cells.text("address"),
    )
    return None, PersonFacts(data, customer, site_id(customer, site) if site else None, **who)


def _product(cells: _Cells, who: dict[str, Any]) -> tuple[UUID, ReferenceCommand]:
    name = cells.must("product")
    key = product_id(name)
    return key, RecordProduct(
        product=key,
        name=name,
        code=cells.text("code"),
        consumable=cells.flag("consumable"),
        warranty_months=cells.months("warranty_months"),
        shelf_life_months=cells.months("shelf_life_months"),
        **who,
    )


def _lot(cells: _Cells, who: dict[str, Any]) -> tuple[UUID, ReferenceCommand]:
    name, lot = cells.must("product"), cells.must("lot")
    product = product_id(name)
    key = lot_id(product, lot)
    made = cells.day("manufactured")
    return key, RecordLot(lot_id=key, product=product, product_name=name, lot=lot, manufactured=made, **who)


def _unit(cells: _Cells, who: dict[str, Any]) -> tuple[UUID, ReferenceCommand]:
    customer, name = customer_id(cells.must("customer")), cells.must("product")
    product, serial, lot = product_id(name), cells.text("serial"), cells.text("lot")
    delivered = cells.day("delivered")
    site = cells.text("site")
    key = unit_id(customer, product, serial or f"{lot}:{delivered}")
    return key, RecordUnit(
        unit=key,
        product=product,
        product_name=name,
        customer=customer,
        site=site_id(customer, site) if site else None,
        serial=serial,
        lot=lot,
        delivered=delivered,
        contract=cells.text("contract"),
        contract_until=cells.day("contract_until"),
        **who,
    )


_KINDS: Mapping[str, _Read] = {
    "customers": _customer,
    "sites": _site,
    "persons": _person,
    "products": _product,
    "lots": _lot,
    "units": _unit,
}


AT_ONCE = 100
"""Rows that are recorded side by side; they share commits."""


async def import_rows(
    log: EventLog, rows: Sequence[ReferenceRow], context: Context, persons: Persons | None = None
) -> list[Imported]:
    """Record the rows; a bad one is reported, the others go in. ``persons`` is needed for rows about persons."""
    done: list[Imported] = []
    for group in _groups(rows):
        done += await asyncio.gather(*(_import(log, row, context, persons) for row in group))
    return done


def _groups(rows: Sequence[ReferenceRow]) -> Iterator[list[ReferenceRow]]:
    """In the order of the file; rows about the same entry are never side by side, for the last one counts."""
    group: list[ReferenceRow] = []
    entries: set[object] = set()
    for row in rows:
        entry = row.key or row.facts
        if len(group) == AT_ONCE or entry in entries:
            yield group
            group, entries = [], set()
        group.append(row)
        entries |= {entry} - {None}
    if group:
        yield group


async def _import(log: EventLog, row: ReferenceRow, context: Context, persons: Persons | None) -> Imported:
    work = _work(row, persons)
    if work is None:
        return Imported(row.sheet, row.row, "refused", reason=row.problem)
    try:
        answer = (await log.execute(work, context)).answer
    except Refused as refused:
        return Imported(row.sheet, row.row, "refused", reason=refused.words)
    return Imported(row.sheet, row.row, "recorded" if answer["changed"] else "unchanged", answer["id"])


def _work(row: ReferenceRow, persons: Persons | None) -> Callable[[Streams], Awaitable[dict[str, Any]]] | None:
    match row.facts:
        case None:
            return None
        case PersonFacts() as facts:
            assert persons, "rows about persons need to know them"
            return partial(
                record_person,
                persons=persons,
                data=facts.data,
                customer=facts.customer,
                site=facts.site,
                seed=f"person:{row.sheet}:{row.row}",
                at=facts.at,
                by=facts.by,
            )
        case command:
            assert row.key, "what isn't a person has an id of its own"
            return partial(record, entry=row.key, version=None, command=command)
