"""The catalogue of parts and goods, the production plan (5.2), and the policy on parts."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel
from starlette.responses import Response

from services.dispatch.api import permissions as may
from services.dispatch.commands import parts as commands
from services.dispatch.domain import part, parts_policy
from services.dispatch.domain.identity import PARTS_POLICY
from services.dispatch.domain.names.parts import PART_ACTION
from services.dispatch.views import parts
from services.dispatch.views.parts import PartsPage, ProductionPage
from services.dispatch.wording import in_words
from shared.actions import Act, declare
from shared.api import Call, Routes
from shared.calendar import day_of
from shared.eventlog import StreamNotFound
from shared.history import line
from shared.offers import offered
from shared.paging import PageOf
from shared.problems import Action
from shared.service import Runtime


class PartDone(BaseModel):
    """The part as it stands after the command."""

    part: UUID
    code: str
    version: int
    changed: bool


class PolicyDone(BaseModel):
    """``policy`` is the number of the version that was adopted."""

    policy: int
    valid_from: str
    version: int


RECORD = Act(
    "record",
    part.RecordPart,
    may.CATALOGUE_WRITE,
    "登记或更正配件、货品及其成本；编码决定是哪一个 · Record or correct a part or goods; the code says which one.",
    {
        "code": "YD-01",
        "name": "诱饵站锁扣",
        "supply": "bought",
        "unit": "个",
        "unit_cost": "3.35",
        "supplier": "宏达五金",
    },
    commands.record,
    ("part",),
    path="",
    status=201,
)
ADOPT = Act(
    "adopt",
    parts_policy.AdoptPartsPolicy,
    may.PARTS_POLICY,
    "新版配件制度，不追溯 · A new version of the policy; it doesn't reach back.",
    {
        "valid_from": "2026-11-01",
        "supplier_notice_days": 3,
        "supplier_answer_days": 10,
        "supplier_settlement_days": 30,
        "old_part_days": 15,
    },
    commands.adopt,
    path="",
)


def routes(runtime: Runtime) -> list[Routes]:
    return [_catalogue(runtime), _production_plan(runtime), _policy(runtime)]


def _catalogue(runtime: Runtime) -> Routes:
    async def actions(call: Call) -> list[Action]:
        return offered(call.principal, {"record": None}, {"record": may.CATALOGUE_WRITE}, PART_ACTION)

    routes = Routes("配件目录", "Parts", prefix="/parts", actions=actions)
    declare(routes, runtime.log, RECORD, PART_ACTION, PartDone)

    @routes.get("", permission=may.CATALOGUE_READ, response_model=PageOf[dict[str, Any]], summary="查找配件 · Search")
    async def list_parts(call: Call, page: Annotated[PartsPage, Query()]) -> Response:
        """按编码、名称、供方的任一部分查找 · Found by any part of code, name, supplier."""
        return call.page(page, await parts.articles(runtime.pool, page), lambda row: (row["code"], row["part"]))

    @routes.get("/{id:uuid}", permission=may.CATALOGUE_READ, response_model=dict[str, Any], summary="查看配件 · Show")
    async def show_part(call: Call, id: UUID) -> Response:
        """一个配件 · One part."""
        state, version = await runtime.log.load(part, id)
        return call.answer(part.known(state).model_dump(mode="json", exclude={"at"}), version=version)

    @routes.get(
        "/{id:uuid}/history",
        permission=may.CATALOGUE_READ,
        response_model=list[dict[str, Any]],
        summary="历史 · History",
    )
    async def show_part_history(call: Call, id: UUID) -> Response:
        """名称与成本何时改过 · When its name and cost were changed."""
        await runtime.log.load(part, id)
        return call.answer([line(each, call.language, in_words) for each in await runtime.log.history(id)])

    return routes


def _production_plan(runtime: Runtime) -> Routes:
    routes = Routes("生产计划", "Production plan", prefix="/production-plan")

    @routes.get("", permission=may.PLAN_READ, response_model=PageOf[dict[str, Any]], summary="生产计划 · The plan")
    async def show_plan(call: Call, page: Annotated[ProductionPage, Query()]) -> Response:
        """什么、多少、何时要：已排产的和待排产的，先到期的在前（5.2）·
        What, how many, by when: planned, and waiting for a plan; the earliest first."""
        rows = await parts.production_plan(runtime.pool, page, day_of(runtime.clock.now()))
        return call.page(page, rows, lambda row: (row["due"], row["request"]))

    @routes.get(
        "/totals", permission=may.PLAN_READ, response_model=list[dict[str, Any]], summary="按配件合计 · Totals by part"
    )
    async def show_totals(call: Call) -> Response:
        """每种配件共需多少、已排多少、最早何时 · Of each part how many in all, how many planned, and the first day."""
        return call.answer(await parts.production_totals(runtime.pool, day_of(runtime.clock.now())))

    return routes


def _policy(runtime: Runtime) -> Routes:
    async def actions(call: Call) -> list[Action]:
        return offered(call.principal, {"adopt": None}, {"adopt": may.PARTS_POLICY}, PART_ACTION)

    routes = Routes("配件制度", "Parts policy", prefix="/parts-policy", actions=actions)
    declare(routes, runtime.log, ADOPT, PART_ACTION, PolicyDone)

    @routes.get("", permission=may.CATALOGUE_READ, response_model=dict[str, Any], summary="查看制度 · Show")
    async def show_policy(call: Call) -> Response:
        """现行的天数和各版本 · The days that count now, and all versions."""
        try:
            state, version = await runtime.log.load(parts_policy, PARTS_POLICY)
        except StreamNotFound:
            state, version = parts_policy.NEW, 0
        now = parts_policy.terms(state, runtime.clock.now())
        figures = {name: getattr(now, name) for name in now.__slots__}
        versions = [each.model_dump(mode="json") for each in state.versions]
        return call.answer({"in_force": figures, "versions": versions}, headers={"ETag": f'"{version}"'})

    return routes
