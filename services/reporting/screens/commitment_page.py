"""The commitment report's page."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from services.reporting.api import permissions as may
from services.reporting.api.commitment import Commitments, SpanQuery
from services.reporting.domain.commitments import BY_CODE
from services.reporting.screens.frame import Frame
from shared.api import Call, Routes


def routes(frame: Frame, commitments: Commitments) -> Routes:
    """``/screens/commitment``."""
    page = Routes("页面", "Screens", prefix="/screens", turned_away=frame.turned_away)

    @page.get("/commitment", permission=may.COMMITMENT, include_in_schema=False)
    async def show(call: Call, query: Annotated[SpanQuery, Query()]) -> Response:
        """按条款 · clause by clause."""
        data, sha256 = await commitments.data(query)
        return frame.page(call, "commitment.html", at="commitment", data=data, sha256=sha256, clauses=BY_CODE)

    return page
