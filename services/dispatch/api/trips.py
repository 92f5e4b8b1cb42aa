"""Trips (4.3, 5.1): planned for an engineer, with the itinerary that receipts must match."""

from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel
from starlette.responses import Response

from services.dispatch.api import permissions as may
from services.dispatch.commands import trips as commands
from services.dispatch.domain import trip
from services.dispatch.domain.names.trips import TRIP_ACTION
from services.dispatch.domain.trip import CancelTrip, ChangeTrip, EndTrip, PlanTrip, known
from services.dispatch.staff import phone_allowance
from services.dispatch.views import claim as claim_view
from services.dispatch.views import expenses
from services.dispatch.views.expenses import TripsPage
from services.dispatch.wording import in_words
from shared.actions import Act, declare
from shared.api import Call, Routes
from shared.history import line
from shared.offers import offered
from shared.paging import PageOf
from shared.problems import Action
from shared.service import Runtime


class TripDone(BaseModel):
    """The trip as it stands after the command."""

    trip: UUID
    number: str
    engineer: str
    status: str
    starts: str
    ends: str
    version: int


_STOP = {"city": "杭州", "from_day": "2026-10-08", "until_day": "2026-10-10"}
_DAYS = {"starts": "2026-10-08", "ends": "2026-10-10", "stops": [_STOP], "transit": ["嘉兴"]}

ACTIONS = (
    Act(
        "plan",
        PlanTrip,
        may.TRIPS_PLAN,
        "计划出差：行程取自上门（visits），也可手工填写（stops）· "
        "A trip; its itinerary follows from its visits, and from stops by hand.",
        {"engineer": "E04", **_DAYS},
        commands.plan,
        ("allowance_per_day",),
        made="trip",
        path="",
        status=201,
    ),
    Act(
        "change",
        ChangeTrip,
        may.TRIPS_PLAN,
        "变更日期或行程，须说明原因 · Days or places are others than planned; say why.",
        {**_DAYS, "ends": "2026-10-11", "reason": "客户改期"},
        commands.change,
    ),
    Act(
        "end",
        EndTrip,
        may.TRIPS_END,
        "返回后结束出差 · The engineer is back; the days stand.",
        {"ends": "2026-10-10"},
        commands.act,
    ),
    Act(
        "cancel",
        CancelTrip,
        may.TRIPS_PLAN,
        "取消出差；已有报销单的须先撤回报销单 · It doesn't take place.",
        {"reason": "客户取消"},
        commands.act,
    ),
)
_PERMISSIONS = {act.name: act.permission for act in ACTIONS} | {"draft_claim": may.CLAIMS_WRITE}


def routes(runtime: Runtime) -> Routes:
    async def actions(call: Call) -> list[Action]:
        found = call.path_params.get("id")
        if found is None:
            return offered(call.principal, {"plan": None}, _PERMISSIONS, TRIP_ACTION)
        state, _ = await runtime.log.load(trip, UUID(str(found)))
        return offered(call.principal, trip.available(state), _PERMISSIONS, TRIP_ACTION)

    routes = Routes("出差", "Trips", prefix="/trips", actions=actions)
    _declare_reading(routes, runtime)
    for act in ACTIONS:
        more = {"agreed": partial(phone_allowance, runtime.pool)} if act.name == "plan" else {}
        declare(routes, runtime.log, act, TRIP_ACTION, TripDone, **more)
    return routes


def _sees_allowance(call: Call) -> bool:
    """Phone allowances are the business of HR and finance (D8, D9)."""
    return may.TERMS.allows(call.principal, reading=True)


def _declare_reading(routes: Routes, runtime: Runtime) -> None:
    @routes.get("", permission=may.TRIPS_READ, response_model=PageOf[dict[str, Any]], summary="出差列表 · List")
    async def list_trips(call: Call, page: Annotated[TripsPage, Query()]) -> Response:
        """新的在前；服务人员只看到本人的；电话补贴仅人事与财务可见 ·
        Newest first; engineers see their own. Phone allowances are for HR and finance only."""
        rows = await expenses.trips(runtime.pool, page, call.own)
        if not _sees_allowance(call):
            rows = [{name: value for name, value in row.items() if name != "allowance_per_day"} for row in rows]
        return call.page(page, rows, lambda row: (row["planned_at"], row["trip"]))

    @routes.get("/{id:uuid}", permission=may.TRIPS_READ, response_model=dict[str, Any], summary="查看出差 · Show")
    async def show_trip(call: Call, id: UUID) -> Response:
        """行程、日期与可用操作 · The itinerary, the days, and what is open now."""
        state, version = await runtime.log.load(trip, id)
        call.require_own(known(state).engineer)
        open_now = offered(call.principal, trip.available(state), _PERMISSIONS, TRIP_ACTION)
        shown = claim_view.trip_shown(state, call.language, allowance=_sees_allowance(call))
        shown |= {"available_actions": [action.shown(call.language) for action in open_now], "version": version}
        return call.answer(shown, headers={"ETag": f'"{version}"'})

    @routes.get(
        "/{id:uuid}/history", permission=may.TRIPS_READ, response_model=list[dict[str, Any]], summary="历史 · History"
    )
    async def show_trip_history(call: Call, id: UUID) -> Response:
        """每一步：何时、何人、从何处、何事，上海时间 · Every step in plain words, Shanghai time."""
        state, _ = await runtime.log.load(trip, id)
        call.require_own(known(state).engineer)
        return call.answer([line(each, call.language, in_words) for each in await runtime.log.history(id)])
