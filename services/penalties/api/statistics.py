"""What becomes of suspicions: by rule, region and outcome, with the shares that were waived and undone."""

from typing import Annotated, Any

from fastapi import Query
from starlette.responses import Response

from services.penalties.api import permissions as may
from services.penalties.views.statistics import StatisticsFilter, statistics
from shared.api import Call, Routes
from shared.service import Runtime


def routes(runtime: Runtime) -> Routes:
    routes = Routes("处罚统计", "Statistics", prefix="/statistics")

    @routes.get("", permission=may.STATISTICS_READ, response_model=list[dict[str, Any]], summary="统计 · Statistics")
    async def show_statistics(call: Call, wanted: Annotated[StatisticsFilter, Query()]) -> Response:
        """按条款、地区、结果等统计；mostly_waived 表示多数不予处罚，应检查规则或其依据 ·
        By rule, region, outcome …; ``mostly_waived``: more than half of the decisions, so look at rule and detector."""
        return call.answer(await statistics(runtime.pool, wanted))

    return routes
