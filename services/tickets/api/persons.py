"""Contact persons: recorded, found by who calls, erased. What they are called lies beside the log (D13)."""

from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import File, UploadFile
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.responses import Response

from services.tickets.api import permissions as may
from services.tickets.api.intake import seed_of
from services.tickets.api.reference import SAME_ROWS, answered, rows_of
from services.tickets.commands.persons import erase, record_person
from services.tickets.persons import PersonData, Persons, data_of, with_name, with_phone
from services.tickets.reference_import import import_rows
from shared.api import FILE_LIMIT, Call, Routes
from shared.bodies import CommandBody
from shared.decider import Words
from shared.offers import offered
from shared.problems import NOT_FOUND, Action, Problem
from shared.service import Runtime
from shared.text import Text
from shared.validation import wrong


class PersonBody(CommandBody):
    """Who it is, and whose."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"person": {"name": "王主任", "phone": "13800000067"}, "customer": None}}
    )

    person: PersonData
    customer: UUID | None = Field(None, description="客户 · the customer they belong to")
    site: UUID | None = Field(None, description="服务地点 · their site")


class PersonRecordedAs(BaseModel):
    """The pseudonym under which the log knows the person."""

    id: UUID
    version: int
    changed: bool


class PersonSearch(BaseModel):
    """By telephone, or by part of a name."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"phone": "138 0000 0067"}})

    phone: str | None = Field(None, min_length=3, max_length=40, description="电话 · telephone")
    name: str | None = Field(None, min_length=1, max_length=100, description="姓名的任一部分 · part of the name")
    customer: UUID | None = Field(None, description="只在此客户中查找姓名 · look for the name at this customer only")

    @model_validator(mode="after")
    def _one_of_them(self) -> "PersonSearch":
        if (self.phone is None) == (self.name is None):
            raise wrong("请填写电话或姓名之一。", "Give the telephone or the name.")
        return self


class EraseBody(CommandBody):
    model_config = ConfigDict(json_schema_extra={"example": {"reason": "本人要求删除"}})

    reason: Text = Field(description="原因，请勿写个人信息 · why; nothing personal in it")


_PERMISSIONS = {"record": may.PERSONS_WRITE, "erase": may.PERSONS_ERASE}
_TITLES = {
    "record": Words("登记联系人", "record a contact person"),
    "erase": Words("删除联系人信息", "erase a contact person"),
}


def routes(runtime: Runtime, persons: Persons) -> Routes:
    async def actions(call: Call) -> list[Action]:
        return offered(call.principal, dict.fromkeys(_PERMISSIONS), _PERMISSIONS, _TITLES)

    routes = Routes("联系人", "Persons", prefix="/persons", actions=actions)
    _declare_reading(routes, runtime)
    _declare_recording(routes, runtime, persons)
    _declare_import(routes, runtime, persons)
    return routes


def _declare_reading(routes: Routes, runtime: Runtime) -> None:
    @routes.search(
        "/search", permission=may.PERSONS_READ, response_model=list[dict[str, Any]], summary="查找联系人 · Search"
    )
    async def search_persons(call: Call, body: PersonSearch) -> Response:
        """来电是谁；电话与姓名不出现在网址里 · Who calls; numbers and names never stand in an address."""
        if body.phone is not None:
            return call.answer(await with_phone(runtime.pool, body.phone))
        return call.answer(await with_name(runtime.pool, body.name or "", body.customer))

    @routes.get("/{person:uuid}", permission=may.PERSONS_READ, response_model=dict[str, Any], summary="查看 · Show")
    async def show_person(call: Call, person: UUID) -> Response:
        """姓名与电话存于日志之外 · Name and telephone are kept beside the log."""
        found = await data_of(runtime.pool, person)
        if found is None:
            raise Problem(NOT_FOUND)
        return call.answer(found)


def _declare_recording(routes: Routes, runtime: Runtime, persons: Persons) -> None:
    @routes.post(
        "",
        permission=may.PERSONS_WRITE,
        status_code=201,
        response_model=PersonRecordedAs,
        summary="登记联系人 · Record",
    )
    async def record_contact_person(call: Call, body: PersonBody) -> Response:
        """登记或补充；同一电话与姓名是同一人 · Record or add to; the same number and name are the same person."""
        work = partial(
            record_person,
            persons=persons,
            data=body.person,
            customer=body.customer,
            site=body.site,
            seed=seed_of(call),
            at=call.moment(body.at),
            by=call.actor,
        )
        outcome = await runtime.log.execute(work, call.context())
        return call.done(outcome, status=201, location=f"/persons/{outcome.answer['id']}")

    @routes.post(
        "/{person:uuid}/erase", permission=may.PERSONS_ERASE, response_model=dict[str, Any], summary="删除 · Erase"
    )
    async def erase_person(call: Call, person: UUID, body: EraseBody) -> Response:
        """删除个人信息，日志保持完整（D13）· Erase personal data; the log stays whole."""
        work = partial(erase, person=person, reason=body.reason, at=call.moment(body.at), by=call.actor)
        return call.done(await runtime.log.execute(work, call.context()))


def _declare_import(routes: Routes, runtime: Runtime, persons: Persons) -> None:
    @routes.post(
        "/import",
        permission=may.PERSONS_WRITE,
        keyless=SAME_ROWS,
        body_limit=FILE_LIMIT,
        response_model=dict[str, Any],
        summary="从表格导入联系人 · Import",
    )
    async def import_persons(
        call: Call, file: Annotated[UploadFile, File(description="XLSX 或 CSV · XLSX or CSV")]
    ) -> Response:
        """列：客户、联系人、电话、邮箱、地址、地点 · Columns: customer, person, phone, email, address, site."""
        rows = await rows_of(runtime, call, "persons", file)
        return answered(call, await import_rows(runtime.log, rows, call.context(), persons))
