"""Work orders: lists, one order with what is open now, its history, and every action of its life."""

from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel
from starlette.responses import Response

from services.dispatch.api import permissions as may
from services.dispatch.commands import visits as visit_commands
from services.dispatch.commands import work_orders as commands
from services.dispatch.domain import work_order
from services.dispatch.domain import work_order_commands as wish
from services.dispatch.domain.names.work_orders import WORK_ORDER_ACTION
from services.dispatch.domain.visit_commands import PlanVisit
from services.dispatch.views import work_orders as view
from services.dispatch.wording import in_words
from shared.actions import Act, declare
from shared.api import Call, Routes
from shared.decider import Words
from shared.history import line
from shared.offers import offered
from shared.paging import PageOf
from shared.problems import Action
from shared.service import Runtime

ID = "6f1c0c9e-0c7e-4b0e-9d0a-3f6d7a1b2c3d"
"""Stands for an id in examples."""
_LOOKED_UP = ("region",)
_MADE_OF = ("origin", "reopening", "programme", "occurrence", "follows", "follows_reason", "ticket_number")


class WorkOrderDone(BaseModel):
    """The work order as it stands after the command; the total of its costs in CNY."""

    work_order: UUID
    number: str
    status: str
    ticket: UUID | None
    total: str
    version: int
    follow_up: UUID | None = None


class VisitPlanned(BaseModel):
    """The visit as it stands after the command."""

    visit: UUID
    number: str
    work_order: UUID
    status: str
    engineer: str | None
    agreed_arrival: str | None
    late: bool
    missing: list[str]
    version: int


_FACTS = {
    "purpose": "repair",
    "customer_name": "光明物业",
    "customer": ID,
    "city": "苏州",
    "wanted_from": "2026-10-09T09:00:00+08:00",
    "wanted_until": "2026-10-09T12:00:00+08:00",
    "note": "带备用粘鼠板 20 张",
}

ACTIONS = (
    Act(
        "draft",
        wish.DraftWorkOrder,
        may.WORK_ORDERS_WRITE,
        "手工新建派工单草稿 · A draft by hand.",
        _FACTS,
        commands.draft,
        (*_MADE_OF, *_LOOKED_UP),
        made="work_order",
        path="",
        status=201,
    ),
    Act(
        "qualify",
        wish.QualifyWorkOrder,
        may.WORK_ORDERS_WRITE,
        "确认要做什么、去哪里；未填的沿用草稿，再次确认即更正 · "
        "What is to be done and where; what isn't said stays as drafted, and said again it is corrected.",
        {"purpose": "repair", "customer": ID, "skills": ["灭鼠"]},
        commands.qualify,
        ("ticket_number", *_LOOKED_UP),
    ),
    Act(
        "add_cost",
        wish.AddCost,
        may.WORK_ORDERS_COST,
        "登记费用；同一事由只计一次，负数为冲减（5.4）· A cost, once for each cause; negative takes back.",
        {"kind": "travel", "amount": "46.50", "cause": "高铁 G7012", "note": "往返"},
        commands.act,
    ),
    Act(
        "verify",
        wish.VerifyWorkOrder,
        may.WORK_ORDERS_VERIFY,
        "验收 ⚖：须由未参与作业和报告的人进行 · By somebody who had no part in the work or its report.",
        {"note": "电话回访，客户满意"},
        commands.act,
        decider="decider_engineer",
    ),
    Act(
        "post",
        wish.PostWorkOrder,
        may.WORK_ORDERS_POST,
        "过账，费用冻结（5.4）· Its costs are frozen.",
        {},
        commands.act,
    ),
    Act(
        "mark_incomplete",
        wish.MarkIncomplete,
        may.WORK_ORDERS_WRITE,
        "未能完成，转后续派工单；尚未开始的上门一并中止 · "
        "It can't be brought to its end; a follow-up goes on, visits not begun are aborted.",
        {"reason": "缺配件，须再次上门"},
        commands.mark_incomplete,
        made="follow_up",
    ),
    Act(
        "cancel",
        wish.CancelWorkOrder,
        may.WORK_ORDERS_WRITE,
        "完工前取消，上门一并中止 · Before the work is done; its visits are aborted.",
        {"reason": "客户自行解决"},
        commands.cancel,
        ("taken_up_by",),
    ),
)
"""In the order of a work order's life; planning a visit is below, the service report has routes of its own."""

PLAN = Act(
    "plan_visit",
    PlanVisit,
    may.VISITS_PLAN,
    "计划一次上门，派人另行指定 · Somebody has to go; who, is assigned next.",
    {"minutes": 90},
    visit_commands.plan,
    (
        *("work_order", "ticket", "purpose", "customer", "customer_name", "site", "site_name", "city", "region"),
        *("skills", "terms"),
    ),
    made="visit",
)
_PERMISSIONS = {act.name: act.permission for act in (*ACTIONS, PLAN)}


def routes(runtime: Runtime) -> Routes:
    async def actions(call: Call) -> list[Action]:
        found = call.path_params.get("id")
        if found is None:
            return offered(call.principal, {"draft": None}, _PERMISSIONS, WORK_ORDER_ACTION)
        order, _ = await runtime.log.load(work_order, UUID(str(found)))
        return offered(call.principal, _open_now(call, order), _PERMISSIONS, WORK_ORDER_ACTION)

    routes = Routes("派工单", "Work orders", prefix="/work-orders", actions=actions)
    _read(routes, runtime)
    for act in ACTIONS:
        declare(routes, runtime.log, act, WORK_ORDER_ACTION, WorkOrderDone, **_known(act, runtime))
    declare(routes, runtime.log, PLAN, WORK_ORDER_ACTION, VisitPlanned)
    return routes


def _known(act: Act, runtime: Runtime) -> dict[str, Any]:
    naming = act.name in ("draft", "qualify")
    return {"names": partial(view.names_of, runtime.pool)} if naming else {}


def _open_now(call: Call, order: work_order.WorkOrder) -> dict[str, Words | None]:
    return work_order.available(order, {call.actor, call.principal.engineer})


def _read(routes: Routes, runtime: Runtime) -> None:
    @routes.get("", permission=may.WORK_ORDERS_READ, response_model=PageOf[dict[str, Any]], summary="列表 · List")
    async def list_work_orders(call: Call, page: Annotated[view.WorkOrdersPage, Query()]) -> Response:
        """派工单列表，新的在前；服务人员只看到派给本人的 ·
        Work orders, newest first; engineers see those given to them."""
        rows = await view.listed(runtime.pool, page, call.own)
        return call.page(page, rows, lambda row: (row["number"],))

    @routes.get("/{id:uuid}", permission=may.WORK_ORDERS_READ, response_model=dict[str, Any], summary="查看 · Show")
    async def show_work_order(call: Call, id: UUID) -> Response:
        """一张派工单：内容、上门、费用、报告及可用操作 ·
        One work order: facts, visits, costs, report, what is open now."""
        order, version = await runtime.log.load(work_order, id)
        view.require_part(call.own, order)
        shown = view.shown(order, call.language)
        actions = offered(call.principal, _open_now(call, order), _PERMISSIONS, WORK_ORDER_ACTION)
        return call.standing(shown, actions, version)

    @routes.get(
        "/{id:uuid}/history",
        permission=may.WORK_ORDERS_READ,
        response_model=list[dict[str, Any]],
        summary="历史 · History",
    )
    async def show_work_order_history(call: Call, id: UUID) -> Response:
        """派工单及其上门的每一步，上海时间 · Every step of the work order and its visits, Shanghai time."""
        order, _ = await runtime.log.load(work_order, id)
        view.require_part(call.own, order)
        found = await view.history(runtime.log, id, order)
        return call.answer([line(recorded, call.language, in_words) for recorded in found])
