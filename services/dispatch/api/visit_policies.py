"""The terms of visits: grace times, thresholds, what an hour costs."""

from typing import Any

from pydantic import BaseModel
from starlette.responses import Response

from services.dispatch.api import permissions as may
from services.dispatch.commands import visit_policies as commands
from services.dispatch.domain import visit_policy
from services.dispatch.domain.identity import VISIT_POLICY
from services.dispatch.domain.visit_policy import AdoptVisitPolicy
from shared.actions import Act, declare
from shared.api import Call, Routes
from shared.decider import Words
from shared.eventlog import Streams
from shared.service import Runtime

TITLES = {"adopt_visit_policy": Words("采用新制度", "adopt new terms")}


class PolicyAdopted(BaseModel):
    """The version that was adopted."""

    policy_version: int
    valid_from: str
    version: int


ADOPT = Act(
    "adopt_visit_policy",
    AdoptVisitPolicy,
    may.VISIT_POLICIES_WRITE,
    "采用新的上门制度，不溯及既往；未填的用默认值 · New terms from a day on; what isn't said is as shipped.",
    {"valid_from": "2026-12-01T00:00:00+08:00", "terms": {"grace_minutes": 5, "call_demanded": True}},
    commands.adopt,
    path="",
    status=201,
)


def routes(runtime: Runtime) -> Routes:
    routes = Routes("上门制度", "Visit policies", prefix="/visit-policies")

    @routes.get("", permission=may.VISIT_POLICIES_READ, response_model=dict[str, Any], summary="查看 · Show")
    async def show_visit_policies(call: Call) -> Response:
        """现行制度及各版本 · The terms in force, and all versions."""

        async def look(streams: Streams) -> visit_policy.VisitPolicy:
            return await streams.load(visit_policy, VISIT_POLICY, required=False)

        policy = await runtime.log.look(look)
        return call.answer({"in_force": policy.at(runtime.clock.now()), "versions": list(policy.versions)})

    declare(routes, runtime.log, ADOPT, TITLES, PolicyAdopted)
    return routes
