"""Proposed dismissals and legal referrals (4.3): read, signed by two ⚖, dropped."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel
from starlette.responses import Response

from services.penalties.api import permissions as may
from services.penalties.commands import measures as commands
from services.penalties.domain import measure as domain
from services.penalties.domain.measure import DropMeasure, Measure, SignMeasure
from services.penalties.domain.names.measures import MEASURE_ACTION, MEASURE_KIND, MEASURE_STATUS
from services.penalties.views import measures
from services.penalties.views.measures import MeasuresPage
from services.penalties.wording import in_words
from shared.actions import Act, declare
from shared.api import Call, Routes
from shared.events.penalties import SignsAs
from shared.history import line
from shared.language import say
from shared.offers import offered
from shared.paging import PageOf
from shared.problems import Action
from shared.service import Runtime


class MeasureDone(BaseModel):
    """The proposal as it stands after the command."""

    measure: UUID
    number: str
    status: str
    version: int


ACTIONS: Sequence[Act] = (
    Act(
        "sign_for_hr",
        SignMeasure,
        may.MEASURES_SIGN_HR,
        "人事签署 ⚖；两人签署后成立 · HR signs; it is carried by two signatures.",
        {"reasons": "两次记大过，本人陈述不足采信"},
        partial(commands.sign, signs_as=SignsAs.HR),
        ("signs_as",),
        decider="decider_engineer",
    ),
    Act(
        "sign_for_management",
        SignMeasure,
        may.MEASURES_SIGN_MANAGEMENT,
        "总经理签署 ⚖；两人签署后成立 · The general manager signs; it is carried by two signatures.",
        {"reasons": "同意辞退"},
        partial(commands.sign, signs_as=SignsAs.GENERAL_MANAGER),
        ("signs_as",),
        decider="decider_engineer",
    ),
    Act(
        "drop",
        DropMeasure,
        may.MEASURES_DROP,
        "不予成立 ⚖ · It isn't carried.",
        {"reasons": "改为调岗"},
        commands.act,
        decider="decider_engineer",
    ),
)
_PERMISSIONS = {act.name: act.permission for act in ACTIONS}


def routes(runtime: Runtime) -> Routes:
    async def actions(call: Call) -> list[Action]:
        state, _ = await runtime.log.load(domain, UUID(str(call.path_params["id"])))
        return _open(call, state)

    routes = Routes("辞退与移送建议", "Measures", prefix="/measures", actions=actions)
    _read(routes, runtime)
    for act in ACTIONS:
        declare(routes, runtime.log, act, MEASURE_ACTION, MeasureDone)
    return routes


def _open(call: Call, state: Measure) -> list[Action]:
    open_now = domain.available(state, call.principal.subject, call.principal.engineer)
    return offered(call.principal, open_now, _PERMISSIONS, MEASURE_ACTION)


def _read(routes: Routes, runtime: Runtime) -> None:
    read = may.MEASURES_READ

    @routes.get("", permission=read, response_model=PageOf[dict[str, Any]], summary="列表 · List")
    async def list_measures(call: Call, page: Annotated[MeasuresPage, Query()]) -> Response:
        """新的在前，含已有签署；本人只看到自己的 · Newest first, with who has signed; engineers see their own."""
        rows = await measures.measures(runtime.pool, page, call.own)
        return call.page(page, rows, lambda row: (row["proposed_at"], row["measure"]))

    @routes.get("/{id:uuid}", permission=read, response_model=dict[str, Any], summary="查看 · Show")
    async def show_measure(call: Call, id: UUID) -> Response:
        """一项建议、依据、签署与可用操作 · One proposal: what it rests on, who signed, what is open now."""
        state, version = await runtime.log.load(domain, id)
        proposed = domain.known(state)
        call.require_own(proposed.engineer)
        shown: dict[str, Any] = proposed.model_dump(mode="json", exclude={"at"}) | {
            "proposed_at": proposed.at,
            "kind_name": say(MEASURE_KIND[proposed.kind], call.language),
            "status": state.status,
            "status_name": say(MEASURE_STATUS[state.status], call.language) if state.status else None,
            "version": version,
            "available_actions": [action.shown(call.language) for action in _open(call, state)],
        }
        for name in ("signed", "carried", "dropped"):
            step = getattr(state, name)
            shown[name] = step.model_dump(mode="json", exclude={"measure", "engineer", "kind"}) if step else None
        # No 304: what is open depends on the caller as well.
        return call.answer(shown, headers={"ETag": f'"{version}"'})

    @routes.get("/{id:uuid}/history", permission=read, response_model=list[dict[str, Any]], summary="历史 · History")
    async def show_measure_history(call: Call, id: UUID) -> Response:
        """每一步：何时、何人、何事，上海时间 · Every step in plain words, Shanghai time."""
        state, _ = await runtime.log.load(domain, id)
        call.require_own(domain.known(state).engineer)
        return call.answer([line(each, call.language, in_words) for each in await runtime.log.history(id)])
