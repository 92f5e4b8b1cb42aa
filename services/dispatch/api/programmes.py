"""Visit programmes (2.3): who is visited again and again, and what has come of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel
from starlette.responses import Response

from services.dispatch.api import permissions as may
from services.dispatch.commands import programmes
from services.dispatch.domain import programme
from services.dispatch.domain.names.programme import PROGRAMME_ACTION, PROGRAMME_STATUS
from services.dispatch.views import clientele
from services.dispatch.views import programmes as view
from services.dispatch.views.programmes import OccurrencesPage, ProgrammesPage
from services.dispatch.wording import in_words
from shared.actions import Act, declare
from shared.api import Call, Routes
from shared.auth import Permission
from shared.history import line
from shared.language import say
from shared.offers import offered
from shared.paging import PageOf
from shared.problems import Action
from shared.service import Runtime

COMING = 12
"""How many of the next occurrences are shown."""


class ProgrammeDone(BaseModel):
    """The programme as it stands after the command."""

    programme: UUID
    number: str
    status: str
    next_on: str | None
    version: int


_FACTS = {
    "name": "华东重点客户走访",
    "region": "华东",
    "key_customers": True,
    "rule": "FREQ=MONTHLY;BYDAY=2MO",
    "starts_on": "2026-10-01",
    "within_days": 7,
    "note": "询问使用情况与意见，留下产品资料",
}
_NAMES = ("customer_name", "site_name", "product_name")

ACTIONS: Sequence[Act] = (
    Act(
        "plan",
        programme.PlanProgramme,
        may.PROGRAMMES_WRITE,
        "制定走访计划：按客户、区域或产品，按 RRULE 重复（2.3）· "
        "Customers are visited again and again, by customer, region or product and a recurrence rule.",
        _FACTS,
        programmes.plan,
        _NAMES,
        made="programme",
        path="",
        status=201,
    ),
    Act(
        "change",
        programme.ChangeProgramme,
        may.PROGRAMMES_WRITE,
        "变更：写明全部内容与原因；已生成的派工单不变 · All facts anew, and why; work orders that were made stay.",
        _FACTS | {"reason": "区域调整"},
        programmes.change,
        _NAMES,
    ),
    Act(
        "pause",
        programme.PauseProgramme,
        may.PROGRAMMES_WRITE,
        "暂停；暂停期间的走访不补 · Paused; what passes meanwhile is left out.",
        {"reason": "春节停访"},
        programmes.act,
    ),
    Act("resume", programme.ResumeProgramme, may.PROGRAMMES_WRITE, "恢复 · It goes on from today.", {}, programmes.act),
    Act(
        "end",
        programme.EndProgramme,
        may.PROGRAMMES_WRITE,
        "结束 · There are no more occurrences.",
        {"reason": "合同到期"},
        programmes.act,
    ),
)
PERMISSIONS: Mapping[str, Permission] = {act.name: act.permission for act in ACTIONS}


def routes(runtime: Runtime) -> Routes:
    async def actions(call: Call) -> Sequence[Action]:
        """What is open now of the programme that the call's path names."""
        id = call.path_params.get("id")
        if id is None:
            return []
        state, _ = await runtime.log.load(programme, UUID(str(id)))
        return offered(call.principal, programme.available(state), PERMISSIONS, PROGRAMME_ACTION)

    routes = Routes("走访计划", "Visit programmes", prefix="/programmes", actions=actions)
    _read(routes, runtime, actions)
    _look_closer(routes, runtime)
    for act in ACTIONS:
        declare(routes, runtime.log, act, PROGRAMME_ACTION, ProgrammeDone)
    return routes


def _read(routes: Routes, runtime: Runtime, actions: Callable[[Call], Awaitable[Sequence[Action]]]) -> None:
    @routes.get("", permission=may.PROGRAMMES_READ, response_model=PageOf[dict[str, Any]], summary="列表 · List")
    async def list_programmes(call: Call, page: Annotated[ProgrammesPage, Query()]) -> Response:
        """走访计划列表 · Visit programmes, by number."""
        return call.page(page, await view.programmes(runtime.pool, page), lambda row: (row["number"],))

    @routes.get("/{id:uuid}", permission=may.PROGRAMMES_READ, response_model=dict[str, Any], summary="查看 · Show")
    async def show_programme(call: Call, id: UUID) -> Response:
        """一个走访计划：内容、接下来的日期、可用操作 · One programme, its next days, and what is open now."""
        state, version = await runtime.log.load(programme, id)
        assert state.facts, "a programme that was loaded is planned"
        assert state.status, "a programme that was loaded has a status"
        facts = state.facts.model_dump(exclude={"at", "reason", "planned_by", "next_on", "next_due"})
        shown = facts | {
            "status": state.status,
            "status_words": say(PROGRAMME_STATUS[state.status], call.language),
            "next_on": state.next_on,
            "coming": programme.coming(state, COMING),
            "fell_due_on": state.fell_due_on,
            "paused": state.paused.reason if state.paused and state.next_on is None else None,
            "ended": state.ended.reason if state.ended else None,
            "version": version,
            "available_actions": [action.shown(call.language) for action in await actions(call)],
        }
        return call.answer(shown, headers={"ETag": f'"{version}"'})

    @routes.get(
        "/{id:uuid}/history",
        permission=may.PROGRAMMES_READ,
        response_model=list[dict[str, Any]],
        summary="历史 · History",
    )
    async def show_history(call: Call, id: UUID) -> Response:
        """每一步：何时、何人、何事 · Every event in plain words."""
        await runtime.log.load(programme, id)
        found = await runtime.log.history(id)
        return call.answer([line(recorded, call.language, in_words) for recorded in found])


def _look_closer(routes: Routes, runtime: Runtime) -> None:
    @routes.get(
        "/{id:uuid}/occurrences",
        permission=may.PROGRAMMES_READ,
        response_model=PageOf[dict[str, Any]],
        summary="已到期的走访 · Occurrences",
    )
    async def list_occurrences(call: Call, id: UUID, page: Annotated[OccurrencesPage, Query()]) -> Response:
        """每次走访生成的派工单，新的在前 · What came, with the work orders that were made; latest first."""
        rows = await view.occurrences(runtime.pool, id, page)
        return call.page(page, rows, lambda row: (row["occurrence"],))

    @routes.get(
        "/{id:uuid}/clients",
        permission=may.PROGRAMMES_READ,
        response_model=list[dict[str, Any]],
        summary="适用客户 · Whom it fits now",
    )
    async def list_clients(call: Call, id: UUID) -> Response:
        """现在会走访的客户 · Everybody who would be visited if it came now."""
        state, _ = await runtime.log.load(programme, id)
        found = await clientele.fitting(runtime.pool, **programmes.scope_of(state))
        return call.answer([client._asdict() for client in found])
