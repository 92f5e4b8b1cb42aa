"""The stock: what lies where, its ledger, and what is told of it by hand."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel
from starlette.responses import Response

from services.dispatch.api import permissions as may
from services.dispatch.commands import stock as commands
from services.dispatch.domain import stock as domain
from services.dispatch.domain.identity import stock_id
from services.dispatch.domain.names.parts import STOCK_ACTION, STOCK_CAUSE
from services.dispatch.domain.quantity import engineer_of
from services.dispatch.views import stock
from services.dispatch.views.stock import COUNTED, MovementsPage, StockPage
from services.dispatch.wording import in_words
from shared.actions import Act, declare
from shared.api import Call, Routes
from shared.history import line
from shared.language import say
from shared.offers import offered
from shared.paging import PageOf
from shared.problems import Action
from shared.service import Runtime


class StockDone(BaseModel):
    """What lies of the part in the place after the command."""

    location: str
    part: UUID
    on_hand: str
    reserved: str
    available: str
    version: int


_PART = "7d0b54c6-6f0e-5b55-9c67-0f5d6c2b7a10"
_NAMES = ("part_code", "part_name")
_COST = ("unit_cost", "amount", "cause", "request")

ACTIONS: Sequence[Act] = (
    Act(
        "receive",
        domain.ReceiveStock,
        may.STOCK_WRITE,
        "仓库入库：期初，或没有申请的到货 · Into a warehouse: what was there before, or came without a request.",
        {"location": "warehouse", "part": _PART, "quantity": "120", "lot": "20260801-A"},
        commands.receive,
        (*_NAMES, "cause", "request"),
        path="/receive",
    ),
    Act(
        "move",
        domain.IssueStock,
        may.STOCK_MOVE,
        "调拨：仓库之间，或从服务车退回仓库；出库到服务车须走配件申请（0.2）· "
        "Between warehouses, or out of a van; into a van from a warehouse only by a part request.",
        {"location": "van:E04", "to": "warehouse", "part": _PART, "quantity": "5"},
        commands.move,
        (*_NAMES, *_COST, "work_order"),
        path="/move",
    ),
    Act(
        "use",
        domain.IssueStock,
        may.PARTS_USE,
        "从服务车库存耗用，材料费计入派工单（5.2）· From a van's own stock; the work order bears the cost.",
        {"location": "van:E04", "part": _PART, "quantity": "2", "work_order": _PART},
        commands.use,
        (*_NAMES, *_COST, "to"),
        path="/use",
    ),
    Act(
        "scrap",
        domain.IssueStock,
        may.STOCK_WRITE,
        "不合格品报废，须说明 · What is bad is destroyed; say how.",
        {"location": "quarantine", "part": _PART, "quantity": "20", "note": "已切碎"},
        commands.scrap,
        (*_NAMES, *_COST, "to", "work_order"),
        path="/scrap",
    ),
    Act(
        "send_back",
        domain.IssueStock,
        may.STOCK_WRITE,
        "不合格品退供方，须说明（3.7）· What is bad goes back to the supplier; say how.",
        {"location": "quarantine", "part": _PART, "quantity": "20", "note": "随索赔 SP-20261003-7F3KQ2 退回"},
        commands.send_back,
        (*_NAMES, *_COST, "to", "work_order"),
        path="/send-back",
    ),
    Act(
        "count",
        domain.CountStock,
        may.STOCK_WRITE,
        "盘点：实际数量及差异原因 · What is really there, and why the ledger was wrong.",
        {"location": "warehouse", "part": _PART, "counted": "118", "reason": "月末盘点"},
        commands.count,
        _NAMES,
        path="/count",
    ),
)
_PERMISSIONS = {act.name: act.permission for act in ACTIONS}


def routes(runtime: Runtime) -> Routes:
    async def actions(call: Call) -> list[Action]:
        return offered(call.principal, dict.fromkeys(_PERMISSIONS), _PERMISSIONS, STOCK_ACTION)

    routes = Routes("库存", "Stock", prefix="/stock", actions=actions)
    for act in ACTIONS:
        declare(routes, runtime.log, act, STOCK_ACTION, StockDone)
    _read(routes, runtime)
    return routes


def _read(routes: Routes, runtime: Runtime) -> None:
    @routes.get("", permission=may.PARTS_READ, response_model=PageOf[dict[str, Any]], summary="库存 · What lies where")
    async def list_stock(call: Call, page: Annotated[StockPage, Query()]) -> Response:
        """各地点的在库、预留、可用数量；服务人员只看到本人的车 ·
        On hand, set apart, available; engineers see their own van."""
        rows = await stock.places(runtime.pool, page, call.own)
        return call.page(page, rows, lambda row: (row["location"], row["part"]))

    @routes.get(
        "/{location}/{part:uuid}", permission=may.PARTS_READ, response_model=dict[str, Any], summary="查看 · Show"
    )
    async def show_stock(call: Call, location: str, part: UUID) -> Response:
        """一处一种配件的数量、预留与可用操作 · What lies of one part in one place, and what is open."""
        call.require_own(engineer_of(location))
        state, version = await runtime.log.load(domain, stock_id(location, part))
        open_now = domain.available(location, state)
        actions = offered(call.principal, open_now, _PERMISSIONS, STOCK_ACTION)
        shown: dict[str, Any] = {
            "location": location,
            "part": part,
            "on_hand": state.on_hand,
            "reserved": state.set_apart,
            "available": state.available,
            "reservations": [{"request": key, "quantity": many} for key, many in state.reserved.items()],
        }
        return call.standing(shown, actions, version)

    @routes.get(
        "/{location}/{part:uuid}/history",
        permission=may.PARTS_READ,
        response_model=list[dict[str, Any]],
        summary="历史 · History",
    )
    async def show_stock_history(call: Call, location: str, part: UUID) -> Response:
        """每次变动，上海时间 · Every change in plain words, Shanghai time."""
        stream = stock_id(location, part)
        call.require_own(engineer_of(location))
        await runtime.log.load(domain, stream)
        return call.answer([line(each, call.language, in_words) for each in await runtime.log.history(stream)])

    @routes.get(
        "/movements", permission=may.PARTS_READ, response_model=PageOf[dict[str, Any]], summary="台账 · The ledger"
    )
    async def list_movements(call: Call, page: Annotated[MovementsPage, Query()]) -> Response:
        """每次出入库，新的在前 · Every movement, the latest first."""
        rows = await stock.movements(runtime.pool, page, call.own)

        def shown(row: dict[str, Any]) -> dict[str, Any]:
            name = STOCK_ACTION["count"] if row["cause"] == COUNTED else STOCK_CAUSE[row["cause"]]
            return row | {"cause_name": say(name, call.language)}

        return call.page(page, rows, lambda row: (row["position"],), shown)
