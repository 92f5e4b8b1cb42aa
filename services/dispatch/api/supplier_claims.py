"""Claims on suppliers for faults of parts that were bought (3.7, D28)."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel
from starlette.responses import Response

from services.dispatch.api import permissions as may
from services.dispatch.commands import supplier_claims as commands
from services.dispatch.domain import supplier_claim as domain
from services.dispatch.domain.names.parts import CLAIM_ACTION, CLAIM_STATUS
from services.dispatch.views import supplier_claims
from services.dispatch.views.supplier_claims import SupplierClaimsPage
from services.dispatch.wording import in_words
from shared.actions import Act, declare
from shared.api import Call, Routes
from shared.history import line
from shared.language import say
from shared.offers import offered
from shared.paging import PageOf
from shared.problems import Action
from shared.service import Runtime


class SupplierClaimDone(BaseModel):
    """The claim as it stands after the command."""

    claim: UUID
    number: str
    status: str
    version: int


_PART = "7d0b54c6-6f0e-5b55-9c67-0f5d6c2b7a10"

ACTIONS: Sequence[Act] = (
    Act(
        "open",
        domain.OpenSupplierClaim,
        may.SUPPLIER_CLAIMS_OPEN,
        "外购件质量问题，由采购与供方解决（3.7）；质检不合格的会自动提出 · "
        "A part that was bought has a fault: purchasing settles it. What the inspection finds opens its own.",
        {
            "supplier": "宏达五金",
            "part": _PART,
            "quantity": "3",
            "lots": ["HD-0912"],
            "defect": "装上一周后断裂",
            "amount": "10.05",
        },
        commands.open_,
        ("part_code", "part_name", "notice_days"),
        made="claim",
        path="",
        status=201,
    ),
    Act(
        "notify",
        domain.NotifySupplier,
        may.SUPPLIER_CLAIMS_SETTLE,
        "已通知供方，写明函件编号 · The supplier was told; give the number of the letter.",
        {"reference": "函-2026-12"},
        commands.notify,
        ("answer_days",),
    ),
    Act(
        "record_answer",
        domain.RecordSupplierAnswer,
        may.SUPPLIER_CLAIMS_SETTLE,
        "供方接受或有异议 · The supplier accepts or disputes.",
        {"answer": "accepted", "words": "同意换货"},
        commands.record_answer,
        ("settlement_days",),
    ),
    Act(
        "settle",
        domain.SettleSupplierClaim,
        may.SUPPLIER_CLAIMS_SETTLE,
        "了结：换货、修复、抵扣或赔付 · Replaced, repaired, credited or paid.",
        {"kind": "credited", "amount": "10.05", "reference": "对账单 2026-10"},
        commands.act,
    ),
    Act(
        "abandon",
        domain.AbandonSupplierClaim,
        may.SUPPLIER_CLAIMS_ABANDON,
        "由提出人以外的人放弃 ⚖ · Given up by another than who opened it.",
        {"reason": "金额太小"},
        commands.act,
    ),
)
"""In the order of a claim's life."""
_PERMISSIONS = {act.name: act.permission for act in ACTIONS}


def routes(runtime: Runtime) -> Routes:
    async def actions(call: Call) -> list[Action]:
        found = call.path_params.get("id")
        if found is None:
            return offered(call.principal, {"open": None}, _PERMISSIONS, CLAIM_ACTION)
        state, _ = await runtime.log.load(domain, UUID(str(found)))
        open_now = domain.available(state, call.principal.subject)
        return offered(call.principal, open_now, _PERMISSIONS, CLAIM_ACTION)

    routes = Routes("外协索赔", "Claims on suppliers", prefix="/supplier-claims", actions=actions)
    for act in ACTIONS:
        declare(routes, runtime.log, act, CLAIM_ACTION, SupplierClaimDone)
    _read(routes, runtime)
    return routes


def _read(routes: Routes, runtime: Runtime) -> None:
    read = may.SUPPLIER_CLAIMS_READ

    @routes.get("", permission=read, response_model=PageOf[dict[str, Any]], summary="列表 · List")
    async def list_supplier_claims(call: Call, page: Annotated[SupplierClaimsPage, Query()]) -> Response:
        """外协索赔列表，新的在前，含待办步骤与期限 · Claims, newest first, with what is waited for and until when."""
        rows = await supplier_claims.claims(runtime.pool, page)
        return call.page(page, rows, lambda row: (row["opened_at"], row["claim"]))

    @routes.get("/{id:uuid}", permission=read, response_model=dict[str, Any], summary="查看 · Show")
    async def show_supplier_claim(call: Call, id: UUID) -> Response:
        """一项索赔、期限与可用操作 · One claim, its deadline, and what is open now."""
        state, version = await runtime.log.load(domain, id)
        opened = domain.known(state)
        shown: dict[str, Any] = opened.model_dump(mode="json", exclude={"at", "notice_due"})
        shown |= {
            "opened_at": opened.at,
            "status": state.status,
            "status_name": say(CLAIM_STATUS[state.status], call.language) if state.status else None,
            "waiting_for": state.waiting_for,
            "due": state.due,
            "overdue": state.overdue,
        }
        for name in ("notified", "answered", "ended"):
            step = getattr(state, name)
            shown[name] = step.model_dump(mode="json", exclude={"claim"}) if step else None
        open_now = domain.available(state, call.principal.subject)
        actions = offered(call.principal, open_now, _PERMISSIONS, CLAIM_ACTION)
        return call.standing(shown, actions, version)

    @routes.get("/{id:uuid}/history", permission=read, response_model=list[dict[str, Any]], summary="历史 · History")
    async def show_supplier_claim_history(call: Call, id: UUID) -> Response:
        """每一步：何时、何人、从何处、何事，上海时间 · Every step in plain words, Shanghai time."""
        await runtime.log.load(domain, id)
        history = await runtime.log.history(id)
        return call.answer([line(recorded, call.language, in_words) for recorded in history])
