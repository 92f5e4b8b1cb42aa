"""Who could make a visit, and why; the rules by which that is judged. A person decides."""

from typing import Any
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime, BaseModel
from starlette.responses import Response

from services.dispatch.api import permissions as may
from services.dispatch.commands import proposal_policies as commands
from services.dispatch.domain import proposal_policy, visit
from services.dispatch.domain.identity import PROPOSAL_POLICY
from services.dispatch.domain.proposal_policy import AdoptProposalPolicy, ProposalPolicy
from services.dispatch.domain.visit_guards import known
from services.dispatch.views import proposals as view
from shared.actions import Act, declare
from shared.api import Call, Routes
from shared.decider import Refused, Words
from shared.eventlog import Streams
from shared.service import Runtime

TITLES = {"adopt_proposal_policy": Words("采用新规则", "adopt new rules")}


class RulesAdopted(BaseModel):
    """The version that was adopted."""

    policy_version: int
    valid_from: str
    version: int


ADOPT = Act(
    "adopt_proposal_policy",
    AdoptProposalPolicy,
    may.PROPOSALS_SET,
    "采用新的派工建议规则，不溯及既往；未填的用默认值 · New rules from a day on; what isn't said is as shipped.",
    {"valid_from": "2026-12-01", "terms": {"far_km": 80, "day_visits": 4}, "reason": "缩短路程"},
    commands.adopt,
    path="",
    status=201,
)


def routes(runtime: Runtime) -> list[Routes]:
    """The proposals, and their rules."""
    return [_proposals(runtime), _rules(runtime)]


def _proposals(runtime: Runtime) -> Routes:
    routes = Routes("派工建议", "Proposals", prefix="/visits")

    @routes.get(
        "/{id:uuid}/proposal",
        permission=may.PROPOSALS_READ,
        response_model=dict[str, Any],
        summary="派工建议 · Propose",
    )
    async def propose_engineers(
        call: Call,
        id: UUID,
        at: AwareDatetime | None = Query(
            None,
            description="到场时间，默认约定的或客户期望的 · arrival; default: as agreed, or as the customer wishes",
        ),
        limit: int = Query(20, ge=1, le=1000, description="显示前几名 · how many are shown"),
    ) -> Response:
        """按技能、值守、时间、距离、负荷列出人选并逐条说明，由调度员决定 ·
        Everybody in service, the best first, each with the reasons; whom something speaks against comes last."""
        state, _ = await runtime.log.load(visit, id)
        planned = known(state)
        starts_at = at or state.agreed or planned.wanted_from
        if starts_at is None:
            raise Refused("arrival_missing", "请给出拟到场时间（at）。", "Say for when somebody is looked for (at).")
        terms = (await _policy(runtime)).at(starts_at)
        found = await view.proposed(runtime.pool, planned, starts_at, terms)
        answer = {
            "visit": id,
            "number": planned.number,
            "starts_at": found.wanted.starts_at,
            "ends_at": found.wanted.ends_at,
            "place_known": found.wanted.place is not None,
            "considered": len(found.engineers),
            "suitable": sum(one.suitable for one in found.engineers),
            "engineers": [view.shown(one, call.language) for one in found.engineers[:limit]],
        }
        return call.answer(answer)

    return routes


def _rules(runtime: Runtime) -> Routes:
    routes = Routes("派工建议规则", "Proposal policy", prefix="/proposal-policy")

    @routes.get("", permission=may.PROPOSALS_READ, response_model=dict[str, Any], summary="查看 · Show")
    async def show_proposal_policy(call: Call) -> Response:
        """现行规则及各版本 · The rules in force, and all versions."""
        policy = await _policy(runtime)
        return call.answer({"in_force": policy.at(runtime.clock.now()), "versions": list(policy.versions)})

    declare(routes, runtime.log, ADOPT, TITLES, RulesAdopted)
    return routes


async def _policy(runtime: Runtime) -> ProposalPolicy:
    async def look(streams: Streams) -> ProposalPolicy:
        return await streams.load(proposal_policy, PROPOSAL_POLICY, required=False)

    return await runtime.log.look(look)
