"""Visits: lists, one visit with what is open now, its history, and every action of its life."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from services.dispatch.api import permissions as may
from services.dispatch.api.work_orders import VisitPlanned
from services.dispatch.commands import calls_home
from services.dispatch.commands import visits as commands
from services.dispatch.domain import visit
from services.dispatch.domain import visit_commands as wish
from services.dispatch.domain.names.visits import VISIT_ACTION
from services.dispatch.views import visits as view
from services.dispatch.wording import in_words
from shared.actions import Act, Work, declare
from shared.api import Call, Routes
from shared.auth import Permission
from shared.decider import Words
from shared.history import line
from shared.offers import offered
from shared.paging import PageOf
from shared.problems import Action
from shared.service import Runtime

_TOLD = ("received_at", "terms")
_CALL = {"kind": "call", "call_id": "1696321200.17", "direction": "outbound", "seconds": 95}


class VisitDone(VisitPlanned):
    """The visit as it stands after the command. ``missing``: steps that must have happened and are not told yet."""


def _step(
    name: str, command: type[wish.Told], about: str, example: dict[str, Any] | None = None, work: Work = commands.tell
) -> Act:
    return Act(name, command, may.VISITS_TELL, about, example or {}, work, _TOLD)


ACTIONS = (
    Act(
        "assign",
        wish.AssignVisit,
        may.VISITS_PLAN,
        "书面派工指令；与本人其他上门重叠或在休假期内的须说明理由（4.7）· "
        "A written instruction; in spite of another visit of theirs, or of their leave, only with a reason.",
        {"engineer": "E04", "instruction": "更换粘鼠板 20 张", "agreed_arrival": "2026-10-09T10:00:00+08:00"},
        commands.assign,
        ("overlaps", "on_leave", "terms"),
    ),
    Act(
        "confirm_delivery",
        wish.ConfirmDelivery,
        may.VISITS_TELL,
        "指令已送达，答复时限开始（D15）· The instruction has reached the engineer; an answer is due.",
        {"way": "app"},
        commands.confirm_delivery,
        ("terms",),
    ),
    _step("accept", wish.AcceptVisit, "接受派工 · The engineer goes."),
    Act(
        "refuse",
        wish.RefuseDispatch,
        may.VISITS_TELL,
        "拒绝派工，须说明原因；安全原因另计（4.7、D15）· With a reason; safety is told apart.",
        {"reason": "车辆故障"},
        commands.tell,
        _TOLD,
        decider="own_engineer",
    ),
    Act(
        "reschedule",
        wish.RescheduleVisit,
        may.VISITS_PLAN,
        "改约，须有客户同意的凭证；at 为客户同意的时间（D4）· "
        "Another time, with the customer's consent; at is when they agreed.",
        {"new_arrival": "2026-10-09T14:00:00+08:00", "reason": "客户上午开会", "consent": _CALL},
        commands.reschedule,
        ("overlaps", "on_leave", "terms"),
    ),
    _step(
        "report_delay",
        wish.ReportDelay,
        "报告延误原因 · Why it will be late.",
        {"cause": "traffic", "expected_arrival": "2026-10-09T10:20:00+08:00"},
    ),
    _step("depart", wish.Depart, "出发 · The engineer sets off."),
    Act(
        "check_in",
        wish.CheckIn,
        may.VISITS_CHECK_IN,
        "签到；定位只用于计算与现场的距离，不保存（D5）· "
        "Arrival, graded; the position is only measured against the site, and not kept.",
        {"position": {"latitude": 31.2989, "longitude": 120.5853, "accuracy_m": 20}},
        commands.check_in,
        (*_TOLD, "distance_m", "radius_m"),
    ),
    Act(
        "record_arrival",
        wish.RecordArrival,
        may.VISITS_RECORD_ARRIVAL,
        "由办公室登记到场：客户确认，或说明原因 · By the office: the customer's word, or a reason.",
        {"confirmation": _CALL},
        commands.record_arrival,
        ("received_at",),
    ),
    _step("start_work", wish.StartWork, "开始作业 · Work begins."),
    _step("pause", wish.PauseWork, "暂停作业 · Work rests.", {"reason": "等客户开门"}),
    _step("resume", wish.ResumeWork, "继续作业 · Work goes on."),
    _step("finish", wish.FinishWork, "完成作业 · The job is done.", {"result": "已更换粘鼠板"}, calls_home.finish),
    Act(
        "check_out",
        wish.CheckOut,
        may.VISITS_CHECK_OUT,
        "离场后向总部报告（4.4、D14）· Headquarters is told that the engineer has left.",
        {"way": "app"},
        commands.tell,
        _TOLD,
    ),
    Act(
        "claim_arrival",
        wish.ClaimArrival,
        may.VISITS_CLAIM,
        "对到场时间提出不同说法，各方说法均保留（D5）· Somebody's word on the time of arrival; each is kept.",
        {"claimant": "customer", "arrived_at": "2026-10-09T10:20:00+08:00", "basis": "门卫登记"},
        commands.claim_arrival,
    ),
    Act(
        "adjudicate_arrival",
        wish.AdjudicateArrival,
        may.VISITS_ADJUDICATE,
        "裁定到场时间 ⚖，只裁定一次（D5）· Settles the dispute, once.",
        {"arrived_at": "2026-10-09T10:20:00+08:00", "reasons": "门禁记录"},
        commands.act,
        decider="decider_engineer",
    ),
    Act(
        "abort",
        wish.AbortVisit,
        may.VISITS_TELL,
        "中止上门 · The visit is not made, or not brought to its end.",
        {"reason": "客户取消"},
        commands.abort,
        _TOLD,
    ),
)
"""In the order of a visit's life. Engineers reach their own visits."""

PERMISSIONS: Mapping[str, Permission] = {act.name: act.permission for act in ACTIONS}


def routes(runtime: Runtime) -> Routes:
    async def actions(call: Call) -> list[Action]:
        state, _ = await runtime.log.load(visit, UUID(str(call.path_params["id"])))
        return offered(call.principal, _open_now(call, state), PERMISSIONS, VISIT_ACTION)

    routes = Routes("上门", "Visits", prefix="/visits", actions=actions)
    _read(routes, runtime)
    for act in ACTIONS:
        declare(routes, runtime.log, act, VISIT_ACTION, VisitDone, clock=runtime.clock)
    return routes


def _open_now(call: Call, state: visit.Visit) -> dict[str, Words | None]:
    return visit.available(state, {call.actor, call.principal.engineer})


def _read(routes: Routes, runtime: Runtime) -> None:
    @routes.get("", permission=may.VISITS_READ, response_model=PageOf[dict[str, Any]], summary="列表 · List")
    async def list_visits(call: Call, page: Annotated[view.VisitsPage, Query()]) -> Response:
        """上门列表，新的在前；服务人员只看到本人的 · Visits, newest first; engineers see theirs."""
        rows = await view.listed(runtime.pool, page, call.own)
        return call.page(page, rows, lambda row: (row["number"],))

    @routes.get("/{id:uuid}", permission=may.VISITS_READ, response_model=dict[str, Any], summary="查看 · Show")
    async def show_visit(call: Call, id: UUID) -> Response:
        """一次上门：指令、约定、各步时间、到场时间的各方说法及可用操作 ·
        One visit: instruction, agreement, when each step happened, who claims what, and what is open now."""
        state, version = await runtime.log.load(visit, id)
        call.require_own(state.assigned.engineer if state.assigned else None)
        shown = view.shown(state, call.language)
        actions = offered(call.principal, _open_now(call, state), PERMISSIONS, VISIT_ACTION)
        return call.standing(shown, actions, version)

    @routes.get(
        "/{id:uuid}/history", permission=may.VISITS_READ, response_model=list[dict[str, Any]], summary="历史 · History"
    )
    async def show_visit_history(call: Call, id: UUID) -> Response:
        """每一步，按发生时间；离线补报的在其发生之时，上海时间 ·
        Every step by the time it happened: what was told late stands where it belongs. Shanghai time."""
        state, _ = await runtime.log.load(visit, id)
        call.require_own(state.assigned.engineer if state.assigned else None)
        found = sorted(await runtime.log.history(id), key=lambda recorded: (recorded.event.at, recorded.position))
        return call.answer([line(recorded, call.language, in_words) for recorded in found])
