"""Expense claims (4.3, 5.1): written, submitted and checked, decided on ⚖, paid; lists, receipts, export."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from services.dispatch.api import claim_receipts
from services.dispatch.api import permissions as may
from services.dispatch.api.claim_actions import ACTIONS, DOUBTS, PERMISSIONS, ClaimDone
from services.dispatch.domain import claim
from services.dispatch.domain.claim_state import Claim, known
from services.dispatch.domain.names.expenses import CLAIM_ACTION
from services.dispatch.views import claim as claim_view
from services.dispatch.views import expenses
from services.dispatch.views.expenses import ClaimsPage
from services.dispatch.wording import in_words
from shared.actions import declare
from shared.api import Call, Routes
from shared.documents import Documents
from shared.history import line
from shared.offers import offered
from shared.paging import PageOf
from shared.problems import Action
from shared.service import Runtime


def routes(runtime: Runtime, documents: Documents) -> Routes:
    async def actions(call: Call) -> list[Action]:
        found = call.path_params.get("id")
        if found is None:
            return offered(call.principal, {"draft": None}, PERMISSIONS, CLAIM_ACTION)
        state, _ = await runtime.log.load(claim, UUID(str(found)))
        return _open(call, state)

    routes = Routes("报销", "Expense claims", prefix="/claims", actions=actions)
    _declare_reading(routes, runtime)
    claim_receipts.declare_receipts(routes, runtime, documents)
    claim_receipts.declare_evidence(routes, runtime, documents)
    claim_receipts.declare_line(routes, runtime, documents)
    claim_receipts.declare_export(routes, runtime)
    for act in ACTIONS:
        declare(routes, runtime.log, act, CLAIM_ACTION, ClaimDone)
    for act in DOUBTS:
        declare(routes, runtime.log, act, CLAIM_ACTION, ClaimDone, documents=documents)
    return routes


def _open(call: Call, state: Claim) -> list[Action]:
    names = {call.principal.subject, call.principal.engineer}
    return offered(call.principal, claim.available(state, names), PERMISSIONS, CLAIM_ACTION)


def _declare_reading(routes: Routes, runtime: Runtime) -> None:
    @routes.get("", permission=may.CLAIMS_READ, response_model=PageOf[dict[str, Any]], summary="报销单列表 · List")
    async def list_claims(call: Call, page: Annotated[ClaimsPage, Query()]) -> Response:
        """新的在前；waits_for 为待某人处理的；服务人员只看到本人的 ·
        Newest first; ``waits_for``: whose turn it is; engineers see their own."""
        rows = await expenses.claims(runtime.pool, page, call.own)
        return call.page(page, rows, lambda row: (row["drafted_at"], row["claim"]))

    @routes.get("/{id:uuid}", permission=may.CLAIMS_READ, response_model=dict[str, Any], summary="查看报销单 · Show")
    async def show_claim(call: Call, id: UUID) -> Response:
        """明细、每项核对的结果与原因、可用操作 · Lines, what each check came to and why, and what is open now."""
        state, version = await runtime.log.load(claim, id)
        call.require_own(known(state).engineer)
        return call.standing(claim_view.shown(state, call.language), _open(call, state), version)

    @routes.get(
        "/{id:uuid}/history", permission=may.CLAIMS_READ, response_model=list[dict[str, Any]], summary="历史 · History"
    )
    async def show_claim_history(call: Call, id: UUID) -> Response:
        """每一步：何时、何人、从何处、何事，上海时间 · Every step in plain words, Shanghai time."""
        state, _ = await runtime.log.load(claim, id)
        call.require_own(known(state).engineer)
        return call.answer([line(each, call.language, in_words) for each in await runtime.log.history(id)])
