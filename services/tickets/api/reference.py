"""Reference data: recorded one by one or from a spreadsheet, and found by any part of a name. Persons apart."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import File, Query, UploadFile
from pydantic import BaseModel
from starlette.responses import Response

from services.tickets.api import permissions as may
from services.tickets.api.examples import ID
from services.tickets.commands.reference import record
from services.tickets.domain import identity
from services.tickets.domain.reference import (
    RecordCustomer,
    RecordLot,
    RecordProduct,
    RecordSite,
    RecordUnit,
    ReferenceCommand,
)
from services.tickets.reference_import import Imported, ReferenceRow, import_rows, read_reference
from services.tickets.register import SpreadsheetUnreadable
from services.tickets.views.reference import KINDS, ReferencePage, find, search
from shared.api import FILE_LIMIT, Call, Routes
from shared.bodies import CommandBody, Example, body_of, said
from shared.decider import Words
from shared.language import say
from shared.offers import offered
from shared.paging import PageOf
from shared.problems import INVALID, NOT_FOUND, Action, Problem
from shared.service import Runtime

SAME_ROWS = "the rows themselves decide: importing the same file again changes nothing"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of reference data."""

    name: str
    title: Words
    command: type[ReferenceCommand]
    example: Example

    @property
    def key(self) -> str:
        return KINDS[self.name]


_KINDS: Sequence[Kind] = (
    Kind(
        "customers",
        Words("客户", "Customers"),
        RecordCustomer,
        {"name": "光明物业", "code": "C-017", "region": "济南", "key_customer": True},
    ),
    Kind("sites", Words("服务地点", "Sites"), RecordSite, {"customer": ID, "name": "西门店", "city": "济南"}),
    Kind(
        "products",
        Words("产品", "Products"),
        RecordProduct,
        {"name": "大号粘鼠板", "code": "NSD", "consumable": True, "warranty_months": 12, "shelf_life_months": 24},
    ),
    Kind("lots", Words("批次", "Lots"), RecordLot, {"product": ID, "lot": "NSD260948", "manufactured": "2026-09-04"}),
    Kind(
        "units",
        Words("在用设备", "Installed units"),
        RecordUnit,
        {"product": ID, "customer": ID, "lot": "NSD260948", "delivered": "2026-09-20", "contract": "HT-2026-031"},
    ),
)


class Recorded(BaseModel):
    """The entry as it stands after the command."""

    id: UUID
    version: int
    changed: bool


def routes(runtime: Runtime) -> list[Routes]:
    return [_routes(runtime, kind) for kind in _KINDS]


def _routes(runtime: Runtime, kind: Kind) -> Routes:
    async def actions(call: Call) -> list[Action]:
        title = Words(f"登记{kind.title.zh}", f"record: {kind.title.en.lower()}")
        return offered(call.principal, {"record": None}, {"record": may.REFERENCE_WRITE}, {"record": title})

    routes = Routes(kind.title.zh, kind.title.en, prefix=f"/{kind.name}", actions=actions)
    _declare_reading(routes, runtime, kind)
    _declare_recording(routes, runtime, kind)
    _declare_import(routes, runtime, kind)
    return routes


def _declare_reading(routes: Routes, runtime: Runtime, kind: Kind) -> None:
    async def search_entries(call: Call, page: Annotated[ReferencePage, Query()]) -> Response:
        """按名称、编码、批号等的任一部分查找 · Found by any part of a name, a code, a lot."""
        rows = await search(runtime.pool, kind.name, page)
        return call.page(page, rows, lambda row: (row[kind.key],))

    async def show_entry(call: Call, entry: UUID) -> Response:
        """一条资料 · One entry."""
        found = await find(runtime.pool, kind.name, entry)
        if found is None:
            raise Problem(NOT_FOUND)
        return call.answer(found)

    search_entries.__name__, show_entry.__name__ = f"search_{kind.name}", f"show_{kind.name}"
    read, title = may.REFERENCE_READ, kind.title
    routes.get("", permission=read, response_model=PageOf[dict[str, Any]], summary=f"查找{title.zh} · Search")(
        search_entries
    )
    routes.get("/{entry:uuid}", permission=read, response_model=dict[str, Any], summary=f"查看{title.zh} · Show")(
        show_entry
    )


def _declare_recording(routes: Routes, runtime: Runtime, kind: Kind) -> None:
    async def record_entry(call: Call, body: CommandBody) -> Response:
        facts = said(body)
        entry = _id(kind.name, facts)
        given = {"product_name": "-"} if "product_name" in kind.command.model_fields else {}
        wish = kind.command(at=call.moment(body.at), by=call.actor, **facts, **given, **{kind.key: entry})
        doing = partial(record, entry=entry, version=call.expected_version, command=wish)
        outcome = await runtime.log.execute(doing, call.context())
        return call.done(outcome, status=201, location=f"/{kind.name}/{entry}")

    record_entry.__name__ = f"record_{kind.name}"
    record_entry.__doc__ = "登记或更正；内容相同则无变化 · Record or correct; the same again changes nothing."
    record_entry.__annotations__["body"] = body_of(kind.command, (kind.key, "product_name"), kind.example)
    routes.post(
        "",
        permission=may.REFERENCE_WRITE,
        status_code=201,
        response_model=Recorded,
        summary=f"登记{kind.title.zh} · Record",
    )(record_entry)


def _id(kind: str, facts: dict[str, Any]) -> UUID:
    """Ids come from facts, so that what is recorded again is the same entry."""
    match kind:
        case "customers":
            return identity.customer_id(facts["name"])
        case "sites":
            return identity.site_id(facts["customer"], facts["name"])
        case "products":
            return identity.product_id(facts["name"])
        case "lots":
            return identity.lot_id(facts["product"], facts["lot"])
        case _:
            mark = facts["serial"] or f"{facts['lot']}:{facts['delivered']}"
            return identity.unit_id(facts["customer"], facts["product"], mark)


def _declare_import(routes: Routes, runtime: Runtime, kind: Kind) -> None:
    async def import_entries(
        call: Call, file: Annotated[UploadFile, File(description="XLSX 或 CSV · XLSX or CSV")]
    ) -> Response:
        """首行为表头；错误行逐行报告，其余照常导入 · A header row; bad rows are reported, good ones go in."""
        rows = await rows_of(runtime, call, kind.name, file)
        return answered(call, await import_rows(runtime.log, rows, call.context()))

    import_entries.__name__ = f"import_{kind.name}"
    routes.post(
        "/import",
        permission=may.REFERENCE_WRITE,
        keyless=SAME_ROWS,
        body_limit=FILE_LIMIT,
        response_model=dict[str, Any],
        summary=f"从表格导入{kind.title.zh} · Import",
    )(import_entries)


async def rows_of(runtime: Runtime, call: Call, kind: str, file: UploadFile) -> list[ReferenceRow]:
    """The rows of an uploaded file. Raises Problem (422) where it is no spreadsheet of that kind."""
    read = partial(
        read_reference, kind, await file.read(), file.filename or kind, at=runtime.clock.now(), by=call.actor
    )
    try:
        return await asyncio.to_thread(read)
    except SpreadsheetUnreadable as unreadable:
        raise unreadable_file(unreadable) from unreadable


def unreadable_file(unreadable: SpreadsheetUnreadable) -> Problem:
    """422, with what is wrong with the file."""
    return Problem(INVALID, unreadable.words, code=unreadable.code.replace("_", "-"))


def answered(call: Call, imported: Sequence[Imported]) -> Response:
    """What became of each row of a file."""
    rows = [
        {"sheet": each.sheet, "row": each.row, "result": each.result, "id": each.entry}
        | ({"reason": say(each.reason, call.language)} if each.reason else {})
        for each in imported
    ]
    counts = {name: sum(row["result"] == name for row in rows) for name in ("recorded", "unchanged", "refused")}
    return call.answer({"counts": counts, "rows": rows})
