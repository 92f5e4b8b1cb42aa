"""Reference data: recorded one by one or from a spreadsheet, and found by any part of a name. Persons apart."""

from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import File, Query, UploadFile
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.tickets.api import permissions as may
from services.tickets.api.bodies import CommandBody, body_of, said
from services.tickets.domain import identity, reference
from services.tickets.domain.reference import (
    RecordCustomer,
    RecordLot,
    RecordProduct,
    RecordSite,
    RecordUnit,
    ReferenceCommand,
)
from services.tickets.domain.text import Text
from services.tickets.persons import data_of, erase, with_phone
from services.tickets.reference_import import ReferenceRow, read_reference
from services.tickets.register import RegisterUnreadable
from services.tickets.views.reference import KINDS, ReferencePage, find, search
from shared.api import FILE_LIMIT, Call, Routes
from shared.decider import Refused, Words
from shared.eventlog import Streams
from shared.language import say
from shared.paging import PageOf
from shared.problems import INVALID, NOT_FOUND, Problem
from shared.service import Runtime

_TITLES = {
    "customers": Words("客户", "Customers"),
    "sites": Words("服务地点", "Sites"),
    "products": Words("产品", "Products"),
    "lots": Words("批次", "Lots"),
    "units": Words("在用设备", "Installed units"),
}
_COMMANDS: dict[str, type[ReferenceCommand]] = {
    "customers": RecordCustomer,
    "sites": RecordSite,
    "products": RecordProduct,
    "lots": RecordLot,
    "units": RecordUnit,
}


class Recorded(BaseModel):
    id: UUID
    version: int


def routes(runtime: Runtime) -> list[Routes]:
    return [*(_kind(runtime, kind) for kind in KINDS), _persons(runtime)]


def _kind(runtime: Runtime, kind: str) -> Routes:
    title = _TITLES[kind]
    routes = Routes(title.zh, title.en, prefix=f"/{kind}")
    key, command = KINDS[kind], _COMMANDS[kind]

    async def list_reference(call: Call, page: Annotated[ReferencePage, Query()]) -> Response:
        rows = await search(runtime.pool, kind, page)
        return call.page(page, rows, lambda row: (row[key],))

    async def show_reference(call: Call, entry: UUID) -> Response:
        found = await find(runtime.pool, kind, entry)
        if found is None:
            raise Problem(NOT_FOUND)
        return call.answer(found)

    async def record_reference(call: Call, body: CommandBody) -> Response:
        facts = said(body)
        entry = _id(kind, facts)
        wish = command(at=call.moment(body.at), by=call.actor, **facts, **{key: entry})
        outcome = await runtime.log.execute(partial(_record, entry=entry, command=wish), call.context())
        return call.done(outcome, status=201, location=f"/{kind}/{entry}")

    record_reference.__annotations__["body"] = body_of(command, (key,))
    for handler in (list_reference, show_reference, record_reference):
        handler.__name__ = handler.__name__.replace("reference", kind)
    read, write = may.REFERENCE_READ, may.REFERENCE_WRITE
    one = dict[str, Any]
    routes.get("", permission=read, response_model=PageOf[one], summary=f"查找{title.zh} · Search")(list_reference)
    routes.get("/{entry:uuid}", permission=read, response_model=one, summary="查看 · Show")(show_reference)
    routes.post("", permission=write, status_code=201, response_model=Recorded, summary=f"登记{title.zh} · Record")(
        record_reference
    )
    _declare_import(routes, runtime, kind)
    return routes


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


async def _record(streams: Streams, entry: UUID, command: ReferenceCommand) -> dict[str, Any]:
    await streams.handle(reference, entry, command)
    return {"id": str(entry), "version": streams.version(entry)}


def _declare_import(routes: Routes, runtime: Runtime, kind: str) -> None:
    async def import_reference(
        call: Call, file: Annotated[UploadFile, File(description="XLSX 或 CSV · XLSX or CSV")]
    ) -> Response:
        """首行为表头;错误行逐行报告,其余照常导入 · A header row; bad rows are reported, good ones go in."""
        data, at = await file.read(), runtime.clock.now()
        try:
            rows = read_reference(kind, data, file.filename or kind, at=at, by=call.actor)
        except RegisterUnreadable as unreadable:
            raise Problem(INVALID, unreadable.words, code=unreadable.code.replace("_", "-")) from unreadable
        results = [await _import_row(runtime, call, row) for row in rows]
        counts = {name: sum(r["result"] == name for r in results) for name in ("recorded", "unchanged", "refused")}
        return call.answer({"counts": counts, "rows": results})

    import_reference.__name__ = f"import_{kind}"
    routes.post(
        "/import",
        permission=may.REFERENCE_WRITE,
        keyless="the rows themselves decide: importing the same file again changes nothing",
        body_limit=FILE_LIMIT,
        response_model=dict[str, Any],
        summary="从表格导入 · Import",
    )(import_reference)


async def _import_row(runtime: Runtime, call: Call, row: ReferenceRow) -> dict[str, Any]:
    shown: dict[str, Any] = {"sheet": row.sheet, "row": row.row}
    if row.key is None or row.command is None:
        return shown | {"result": "refused", "reason": say(row.problem or Words("", ""), call.language)}
    try:
        outcome = await runtime.log.execute(partial(_record, entry=row.key, command=row.command), call.context())
    except Refused as refused:
        return shown | {"result": "refused", "reason": say(refused.words, call.language)}
    return shown | {"result": "recorded" if outcome.position else "unchanged", "id": row.key}


class PhoneSearch(BaseModel):
    phone: str = Field(min_length=3, max_length=40, description="电话 · telephone")


class EraseBody(CommandBody):
    reason: Text


def _persons(runtime: Runtime) -> Routes:
    routes = Routes("联系人", "Persons", prefix="/persons")

    @routes.search(
        "/search", permission=may.PERSONS_READ, response_model=list[dict[str, Any]], summary="按电话查找 · By phone"
    )
    async def search_persons(call: Call, body: PhoneSearch) -> Response:
        """来电是谁;电话不出现在网址里 · Who calls; the number never stands in an address."""
        return call.answer(await with_phone(runtime.pool, body.phone))

    @routes.get("/{person:uuid}", permission=may.PERSONS_READ, response_model=dict[str, Any], summary="查看 · Show")
    async def show_person(call: Call, person: UUID) -> Response:
        """姓名与电话存于日志之外 · Kept beside the log."""
        found = (await data_of(runtime.pool, [person])).get(person)
        if found is None:
            raise Problem(NOT_FOUND)
        return call.answer(found)

    @routes.post(
        "/{person:uuid}/erase", permission=may.PERSONS_ERASE, response_model=dict[str, Any], summary="删除 · Erase"
    )
    async def erase_person(call: Call, person: UUID, body: EraseBody) -> Response:
        """删除个人信息,日志保持完整(D13)· Erase personal data; the log stays whole."""
        work = partial(erase, person=person, reason=body.reason, at=call.moment(body.at), by=call.actor)
        return call.done(await runtime.log.execute(work, call.context()))

    return routes
