"""The expense policy (4.3, 5.1): what holds today or on a day, all versions, and a new one."""

from datetime import date
from typing import Any

from pydantic import BaseModel
from starlette.responses import Response

from services.dispatch.api import permissions as may
from services.dispatch.commands import expense_policies
from services.dispatch.domain import expense_policy
from services.dispatch.domain.expense_policy import DEFAULT, AdoptExpensePolicy, ExpensePolicy, Version
from services.dispatch.domain.identity import EXPENSE_POLICY
from shared.actions import Act, declare
from shared.api import Call, Routes
from shared.calendar import day_of
from shared.decider import Words
from shared.eventlog import Streams
from shared.offers import offered
from shared.problems import Action
from shared.service import Runtime


class PolicyAdopted(BaseModel):
    """The latest version, after the command."""

    policy_version: int
    valid_from: date | None
    version: int


_TITLES = {"adopt": Words("采用报销制度新版本", "adopt a version of the expense policy")}
_ADOPT = Act(
    "adopt",
    AdoptExpensePolicy,
    may.EXPENSE_POLICY_WRITE,
    "新版本自生效日起执行，不追溯 · A new version, from a day on; nothing binds people afterwards.",
    {"valid_from": "2026-11-01", "rules": DEFAULT.model_dump(mode="json"), "reason": "住宿标准调整"},
    expense_policies.adopt,
    ("policy",),
    path="/adopt",
)


def routes(runtime: Runtime) -> Routes:
    async def actions(call: Call) -> list[Action]:
        return offered(call.principal, {"adopt": None}, {"adopt": may.EXPENSE_POLICY_WRITE}, _TITLES)

    async def policy_now() -> ExpensePolicy:
        async def look(streams: Streams) -> ExpensePolicy:
            return await streams.load(expense_policy, EXPENSE_POLICY, required=False)

        return await runtime.log.look(look)

    routes = Routes("报销制度", "Expense policy", prefix="/expense-policy", actions=actions)

    @routes.get("", permission=may.EXPENSE_POLICY_READ, response_model=dict[str, Any], summary="现行制度 · In force")
    async def show_policy(call: Call, on: date | None = None) -> Response:
        """某日（默认今天）执行的版本：标准、期限、审批金额、舞弊程度表 ·
        What holds on a day, today by default: caps, days, thresholds, the table of gravity."""
        version = (await policy_now()).on(on or day_of(runtime.clock.now()))
        return call.answer(_shown(version))

    @routes.get(
        "/versions",
        permission=may.EXPENSE_POLICY_READ,
        response_model=list[dict[str, Any]],
        summary="所有版本 · Versions",
    )
    async def list_versions(call: Call) -> Response:
        """按采用的先后；第 0 版为出厂默认 · In the order of adoption; version 0 came with the system."""
        return call.answer([_shown(version) for version in (await policy_now()).versions])

    declare(routes, runtime.log, _ADOPT, _TITLES, PolicyAdopted)
    return routes


def _shown(version: Version) -> dict[str, Any]:
    return {"policy_version": version.version, "valid_from": version.valid_from, "rules": version.rules}
