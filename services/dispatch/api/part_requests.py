"""Part requests (5.2): asked for, approved ⚖, procured, released ⚖, shipped, accounted for."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel
from starlette.responses import Response

from services.dispatch.api import permissions as may
from services.dispatch.commands import part_requests as commands
from services.dispatch.domain import part_request
from services.dispatch.domain import part_request_commands as wish
from services.dispatch.domain.names.parts import REQUEST_ACTION, REQUEST_STATUS
from services.dispatch.domain.part_request_state import known
from services.dispatch.views import parts
from services.dispatch.views.parts import PartRequestsPage
from services.dispatch.wording import in_words
from shared.actions import Act, declare
from shared.api import Call, Routes
from shared.calendar import day_of
from shared.history import line
from shared.language import say
from shared.offers import offered
from shared.paging import PageOf
from shared.problems import Action
from shared.service import Runtime


class PartRequestDone(BaseModel):
    """The request as it stands after the command; ``left`` is neither used nor returned."""

    request: UUID
    number: str
    status: str
    left: str
    version: int


ID = "7d0b54c6-6f0e-5b55-9c67-0f5d6c2b7a10"
_ORDER = ("order_status",)

ACTIONS: Sequence[Act] = (
    Act(
        "request",
        wish.RequestPart,
        may.PARTS_REQUEST,
        "申请配件或货品：用于派工单，或补充服务车库存（5.2）· "
        "Something is needed for a work order, or for a van's own stock.",
        {
            "part": ID,
            "quantity": "20",
            "work_order": ID,
            "engineer": "E04",
            "destination": "van",
            "needed_by": "2026-10-20",
            "old_part_expected": True,
            "reason": "锁扣断裂",
        },
        commands.ask,
        ("part_code", "part_name", "kind", "supply", "unit", *_ORDER),
        made="request",
        path="",
        status=201,
    ),
    Act(
        "approve",
        wish.ApprovePartRequest,
        may.PARTS_APPROVE,
        "由申请人和领用人以外的人批准 ⚖ · Approved by another than who asked or gets it.",
        {},
        commands.act,
    ),
    Act(
        "reject",
        wish.RejectPartRequest,
        may.PARTS_APPROVE,
        "驳回 ⚖ · Rejected.",
        {"reason": "可现场修复"},
        commands.act,
    ),
    Act(
        "reserve",
        wish.ReservePart,
        may.PARTS_RESERVE,
        "从仓库库存预留 · Set apart in a warehouse.",
        {"location": "warehouse", "lots": ["20260801-A"]},
        commands.act,
    ),
    Act(
        "plan_production",
        wish.PlanProduction,
        may.PARTS_PLAN,
        "下达生产计划：多少、何时完工；再次下达以后者为准（5.2）· How many are made by when; a later plan replaces it.",
        {"order": "SC-2026-117", "quantity": "50", "due": "2026-10-12"},
        commands.act,
    ),
    Act(
        "record_produced",
        wish.RecordProduced,
        may.PARTS_PRODUCE,
        "完工入库，超出申请的部分为可用库存 · Made and in the warehouse; what exceeds the request is free stock.",
        {"location": "warehouse", "lots": ["20261012-B"]},
        commands.act,
    ),
    Act(
        "order_purchase",
        wish.OrderPurchase,
        may.PARTS_PURCHASE,
        "向供方采购；再次下单以后者为准 · Ordered from a supplier; a later order replaces it.",
        {"order": "CG-2026-031", "supplier": "宏达五金", "due": "2026-10-12"},
        commands.act,
    ),
    Act(
        "record_received",
        wish.RecordReceived,
        may.PARTS_TAKE_IN,
        "采购到货入库 · What was ordered is in the warehouse.",
        {"location": "warehouse", "lots": ["HD-0912"]},
        commands.act,
    ),
    Act(
        "release",
        wish.ReleaseQuality,
        may.PARTS_INSPECT,
        "质检放行 ⚖：未放行不得出库（0.2）· Inspected and good; nothing ships without it.",
        {"certificate": "ZJ-2026-0412"},
        commands.act,
    ),
    Act(
        "refuse_release",
        wish.RefuseQuality,
        may.PARTS_INSPECT,
        "判为不合格 ⚖：移入不合格品区，重新备货；外购件同时提出索赔（0.2、3.7）· "
        "Bad: it is put apart and procured anew; if it was bought, a claim on the supplier is opened.",
        {"certificate": "ZJ-2026-0413", "findings": "锁扣开裂"},
        commands.act,
    ),
    Act(
        "ship",
        wish.ShipPart,
        may.PARTS_SHIP,
        "发货：承运人、运单号、运费，运费计入派工单（5.2）· Carrier, waybill, freight, which the work order bears.",
        {"carrier": "顺丰", "waybill": "SF1402887765310", "freight": "23.00"},
        commands.ship,
        _ORDER,
    ),
    Act(
        "deliver",
        wish.DeliverPart,
        may.PARTS_DELIVER,
        "送达；短少须说明 · It arrived; what is missing is explained.",
        {"quantity": "20"},
        commands.act,
    ),
    Act(
        "consume",
        wish.ConsumePart,
        may.PARTS_USE,
        "耗用或交付客户，材料费计入派工单（5.2）· Used or handed over; the work order bears the material cost.",
        {"quantity": "18"},
        commands.consume,
        ("unit_cost", "old_part_days"),
        made="use",
    ),
    Act(
        "correct_use",
        wish.CorrectPartUse,
        may.PARTS_CLOSE,
        "更正一次耗用：实际用得更少，冲减费用 · Less was used than was told; its cost is taken back.",
        {"use": ID, "quantity": "17", "reason": "数错一个"},
        commands.act,
    ),
    Act(
        "give_back",
        wish.GiveBackPart,
        may.PARTS_TAKE_BACK,
        "退回仓库；有缺陷的须说明，入不合格品区，外购件同时提出索赔（0.2、3.7）· "
        "Back in the warehouse; what is defective is put apart, and if it was bought, claimed on the supplier.",
        {"quantity": "2", "condition": "good"},
        commands.act,
        made="giving_back",
    ),
    Act(
        "return_old_part",
        wish.ReturnOldPart,
        may.PARTS_TAKE_BACK,
        "返还换下的旧件 · The part that was replaced is back.",
        {"quantity": "18", "findings": "断口为旧伤"},
        commands.act,
    ),
    Act(
        "waive_old_part",
        wish.WaiveOldPart,
        may.PARTS_APPROVE,
        "由领用人以外的人免返旧件 ⚖ · Another than who used the part lets the old one stay away.",
        {"reason": "旧件已被客户丢弃"},
        commands.act,
    ),
    Act(
        "close",
        wish.ClosePartRequest,
        may.PARTS_CLOSE,
        "全部登记后办结 · Everything is accounted for.",
        {},
        commands.act,
    ),
    Act(
        "cancel",
        wish.CancelPartRequest,
        may.PARTS_REQUEST,
        "发货前取消，解除预留 · Before it ships; what was set apart is free again.",
        {"reason": "客户不修了"},
        commands.act,
    ),
)
"""In the order of a request's life."""
_USE = {"use", "at", "quantity", "unit_cost", "amount", "used_by"}
_PERMISSIONS = {act.name: act.permission for act in ACTIONS}


def routes(runtime: Runtime) -> Routes:
    async def actions(call: Call) -> list[Action]:
        found = call.path_params.get("id")
        if found is None:
            return offered(call.principal, {"request": None}, _PERMISSIONS, REQUEST_ACTION)
        state, _ = await runtime.log.load(part_request, UUID(str(found)))
        open_now = part_request.available(state, call.principal.subject)
        return offered(call.principal, open_now, _PERMISSIONS, REQUEST_ACTION)

    routes = Routes("配件申请", "Part requests", prefix="/part-requests", actions=actions)
    for act in ACTIONS:
        declare(routes, runtime.log, act, REQUEST_ACTION, PartRequestDone)
    _read(routes, runtime)
    return routes


def _read(routes: Routes, runtime: Runtime) -> None:
    @routes.get("", permission=may.PARTS_READ, response_model=PageOf[dict[str, Any]], summary="列表 · List")
    async def list_part_requests(call: Call, page: Annotated[PartRequestsPage, Query()]) -> Response:
        """配件申请列表，新的在前；服务人员只看到本人的 · Part requests, newest first; engineers see theirs."""
        rows = await parts.requests(runtime.pool, page, call.own, day_of(runtime.clock.now()))
        return call.page(page, rows, lambda row: (row["requested_at"], row["request"]))

    @routes.get("/{id:uuid}", permission=may.PARTS_READ, response_model=dict[str, Any], summary="查看 · Show")
    async def show_part_request(call: Call, id: UUID) -> Response:
        """一个配件申请、可用操作及不可用的原因 · One request, with what is open now and why the rest isn't."""
        state, version = await runtime.log.load(part_request, id)
        asked = known(state)
        call.require_own(asked.engineer)
        shown: dict[str, Any] = asked.model_dump(mode="json", exclude={"at"})
        shown |= {
            "requested_at": asked.at,
            "status": state.status,
            "status_name": say(REQUEST_STATUS[state.status], call.language) if state.status else None,
            "left": str(state.left),
            "consumed": str(state.consumed),
            "returned": str(state.returned),
            "uses": [use.model_dump(mode="json", include=_USE) for use in state.uses.values()],
            "old_part_due": state.old_part_due,
            "old_part_owed": state.old_part_owed,
        }
        for name in ("approved", "plan", "order", "procured", "released", "refused", "shipped", "delivered", "ended"):
            step = getattr(state, name)
            shown[name] = step.model_dump(mode="json", exclude={"request"}) if step else None
        open_now = part_request.available(state, call.principal.subject)
        actions = offered(call.principal, open_now, _PERMISSIONS, REQUEST_ACTION)
        return call.standing(shown, actions, version)

    @routes.get(
        "/{id:uuid}/history", permission=may.PARTS_READ, response_model=list[dict[str, Any]], summary="历史 · History"
    )
    async def show_part_request_history(call: Call, id: UUID) -> Response:
        """每一步：何时、何人、从何处、何事，上海时间 · Every step in plain words, Shanghai time."""
        state, _ = await runtime.log.load(part_request, id)
        call.require_own(known(state).engineer)
        history = await runtime.log.history(id)
        return call.answer([line(recorded, call.language, in_words) for recorded in history])
