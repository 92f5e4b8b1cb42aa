"""Engineers: recorded, found, erased; who they are and what they earn are asked for apart, by few."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.dispatch.api import permissions as may
from services.dispatch.commands import engineers as commands
from services.dispatch.domain import engineer
from services.dispatch.domain.engineer import Engineer, EraseEngineer, RecordEngineer
from services.dispatch.domain.identity import engineer_id
from services.dispatch.domain.names.people import ENGINEER_ACTION
from services.dispatch.staff import Contacts, EmploymentTerms, Phone, Staff, contacts_of, terms_of, with_phone
from services.dispatch.views.people import EngineersPage, engineers_page
from services.dispatch.wording import in_words
from shared.actions import Act, declare
from shared.api import Call, Routes
from shared.auth import Permission, Principal
from shared.eventlog import Streams
from shared.events.base import Moment
from shared.history import line
from shared.offers import offered
from shared.paging import PageOf
from shared.problems import NOT_FOUND, Action, Problem
from shared.service import Runtime

PERMISSIONS: Mapping[str, Permission] = {
    "record": may.ENGINEERS_WRITE,
    "record_contacts": may.ENGINEERS_WRITE,
    "record_terms": may.TERMS,
    "erase": may.ENGINEERS_ERASE,
}

ACTIONS: Sequence[Act] = (
    Act(
        "record",
        RecordEngineer,
        may.ENGINEERS_WRITE,
        "登记或更正；内容相同则无变化。停用：active 为 false · "
        "Record or correct; the same again changes nothing. Who has left: active false.",
        {"engineer": "E04", "skills": ["灭鼠", "维修"], "region": "华北", "base_city": "济南", "active": True},
        commands.record,
        path="",
        status=201,
    ),
    Act(
        "erase",
        EraseEngineer,
        may.ENGINEERS_ERASE,
        "删除姓名、电话、驻地与工资档，日志保持完整（D13）；先停用 · "
        "Erase what is personal; the log stays whole. First out of service.",
        {"reason": "离职满三年"},
        commands.erase,
        ("engineer",),
        path="/{code}/erase",
    ),
)


class EngineerDone(BaseModel):
    """The engineer as it stands after the command."""

    engineer: str
    version: int
    changed: bool


class ContactsBody(Contacts):
    """Who it is, how to reach them, and where they start from; it replaces what was there."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "王强",
                "phones": ["138-0000-0004"],
                "base_latitude": 36.65,
                "base_longitude": 117.12,
            }
        }
    )

    at: Moment | None = Field(None, description="发生时间，默认现在 · when it happened; default: now")


class PhoneSearch(BaseModel):
    """A number, and when it called or was called."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"phone": "138-0000-0004"}})

    phone: Phone = Field(description="电话 · telephone number")
    at: Moment | None = Field(None, description="何时，默认现在 · when; default: now")


class TermsBody(EmploymentTerms):
    """What only HR and finance know."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"valid_from": "2026-10-01", "phone_allowance": "20.00", "wage_band": "C2"}}
    )

    at: Moment | None = Field(None, description="发生时间，默认现在 · when it happened; default: now")


def routes(runtime: Runtime) -> Routes:
    async def actions(call: Call) -> list[Action]:
        code = call.path_params.get("code")
        state, _ = await _state(runtime, str(code)) if code else (engineer.NEW, 0)
        return _actions_for(call.principal, state)

    routes = Routes("服务人员", "Engineers", prefix="/engineers", actions=actions)
    _declare_reading(routes, runtime)
    _declare_personal(routes, runtime)
    _declare_recording(routes, runtime, Staff(runtime.secret))
    for act in ACTIONS:
        declare(routes, runtime.log, act, ENGINEER_ACTION, EngineerDone)
    return routes


def _actions_for(principal: Principal, state: Engineer) -> list[Action]:
    return offered(principal, engineer.available(state), PERMISSIONS, ENGINEER_ACTION)


async def _state(runtime: Runtime, code: str) -> tuple[Engineer, int]:
    """As it is; ``NEW`` where nobody has that code."""

    async def look(streams: Streams) -> tuple[Engineer, int]:
        found = await streams.load(engineer, engineer_id(code), required=False)
        return found, streams.version(engineer_id(code))

    return await runtime.log.look(look)


def _declare_reading(routes: Routes, runtime: Runtime) -> None:
    @routes.get("", permission=may.ENGINEERS_READ, response_model=PageOf[dict[str, Any]], summary="列表 · List")
    async def list_engineers(call: Call, page: Annotated[EngineersPage, Query()]) -> Response:
        """服务人员列表，按工号；本人只看到自己 · Engineers by code; an engineer sees oneself."""
        rows = await engineers_page(runtime.pool, page, call.own)
        return call.page(page, rows, lambda row: (row["engineer"],))

    @routes.get("/{code}", permission=may.ENGINEERS_READ, response_model=dict[str, Any], summary="查看 · Show")
    async def show_engineer(call: Call, code: str) -> Response:
        """一位服务人员：技能、驻地、是否在用、可用操作 · One engineer, with what is open now and why the rest isn't."""
        call.require_own(code)
        state, version = await _state(runtime, code)
        if state.recorded is None:
            raise Problem(NOT_FOUND)
        shown = state.recorded.model_dump(exclude={"at", "active"}) | {
            "active": state.active,
            "erased": state.erased is not None,
            "contacts_recorded": state.contacts is not None,
            "version": version,
            "available_actions": [a.shown(call.language) for a in _actions_for(call.principal, state)],
        }
        return call.answer(shown, headers={"ETag": f'"{version}"'})

    @routes.get(
        "/{code}/history", permission=may.ENGINEERS_READ, response_model=list[dict[str, Any]], summary="历史 · History"
    )
    async def show_engineer_history(call: Call, code: str) -> Response:
        """每一步：何时、何人、何事；不含个人信息 · Every step in plain words, nothing personal."""
        call.require_own(code)
        found = await runtime.log.history(engineer_id(code))
        return call.answer([line(recorded, call.language, in_words) for recorded in found])


def _declare_personal(routes: Routes, runtime: Runtime) -> None:
    @routes.search(
        "/search", permission=may.CONTACTS_READ, response_model=list[str], summary="按电话查找 · Whose number"
    )
    async def search_engineers(call: Call, body: PhoneSearch) -> Response:
        """某一时刻该号码是谁的；号码不出现在网址里 · Whose number it was at a moment; it never stands in an address."""
        own = call.own
        found = await with_phone(runtime.pool, body.phone, body.at or runtime.clock.now())
        return call.answer([code for code in found if own in (None, code)])

    @routes.get(
        "/{code}/contacts", permission=may.CONTACTS_READ, response_model=dict[str, Any], summary="联系方式 · Contacts"
    )
    async def show_contacts(call: Call, code: str) -> Response:
        """姓名、电话、驻地，存于日志之外 · Name, numbers and base; they are kept beside the log."""
        call.require_own(code)
        found = await contacts_of(runtime.pool, code)
        if found is None:
            raise Problem(NOT_FOUND)
        return call.answer(found)

    @routes.get(
        "/{code}/terms",
        permission=may.TERMS,
        response_model=list[dict[str, Any]],
        summary="电话补贴与工资档 · Terms",
    )
    async def show_terms(call: Call, code: str) -> Response:
        """仅人事与财务可见（D8、D9）· For HR and finance only."""
        return call.answer(await terms_of(runtime.pool, code))


def _declare_recording(routes: Routes, runtime: Runtime, known: Staff) -> None:
    @routes.post(
        "/{code}/record-contacts",
        permission=may.ENGINEERS_WRITE,
        response_model=EngineerDone,
        summary="登记联系方式 · Record contacts",
    )
    async def record_contacts(call: Call, code: str, body: ContactsBody) -> Response:
        """姓名、电话、驻地；替换原有内容，旧号码按时间保留 · Replaces what was there; old numbers keep their time."""
        contacts = Contacts.model_validate(body.model_dump(exclude={"at"}))
        work = partial(commands.record_contacts, known=known, code=code, said=contacts, **_by(call, body.at))
        return call.done(await runtime.log.execute(work, call.context()))

    @routes.post(
        "/{code}/record-terms",
        permission=may.TERMS,
        response_model=EngineerDone,
        summary="登记电话补贴与工资档 · Record terms",
    )
    async def record_terms(call: Call, code: str, body: TermsBody) -> Response:
        """自某日起的电话补贴与工资档；仅人事与财务 · Phone allowance and wage band from a day on."""
        terms = EmploymentTerms.model_validate(body.model_dump(exclude={"at"}))
        work = partial(commands.record_terms, known=known, code=code, said=terms, **_by(call, body.at))
        return call.done(await runtime.log.execute(work, call.context()))


def _by(call: Call, at: Moment | None) -> dict[str, Any]:
    return {"at": call.moment(at), "by": call.actor, "version": call.expected_version}
