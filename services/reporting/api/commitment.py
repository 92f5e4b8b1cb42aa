"""The commitment report: clause by clause, for a customer or for all; kept, missed, excused, and by which events."""

import asyncio
import hashlib
import re
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.reporting.api import permissions as may
from services.reporting.domain.account import canonical
from services.reporting.domain.commitments import BY_CODE, Outcome
from services.reporting.domain.cuts import Cut
from services.reporting.paper.commitment import commitment_document
from services.reporting.paper.printed import as_paper
from services.reporting.paper.workbook import as_workbook
from services.reporting.reach import NotThere, reached
from services.reporting.views import COMMITMENTS
from services.reporting.views.board_reading import NotBuilt, one_moment
from services.reporting.views.commitments_reading import Asked, CommitmentData, PromiseShown, promises, report
from services.reporting.views.statistics_reading import NotBuilt as StatisticsNotBuilt
from shared.api import Call, Routes
from shared.calendar import day_of
from shared.decider import Words
from shared.paging import Page, PageOf
from shared.problems import INVALID, NOT_READY, Finding, Problem
from shared.service import Runtime
from shared.typesetting import Type

LONGEST = timedelta(days=3 * 366)
_BEHIND = Words(
    "承诺数据尚未处理完已发布的事件，或有事件被搁置；请稍后重试。",
    "The promises are behind what was published, or events are parked: try again shortly.",
)
_BACKWARDS = Words("起始日期晚于截止日期。", "It is after the last day.")
_TOO_LONG = Words("一次最多查询三年。", "At most three years at a time.")
_NO_CLAUSE = Words("没有此条款。", "There is no such clause.")
_NO_POSITIONS = Words("须写作 dispatch:812,tickets:4711。", "It has to be written as dispatch:812,tickets:4711.")
_POSITIONS = re.compile(r"(tickets|dispatch|reporting):\d{1,15}(,(tickets|dispatch|reporting):\d{1,15}){0,2}")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class SpanQuery(BaseModel):
    """Of which days and which customer, and how far into the logs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: date | None = Field(None, alias="from", description="起，默认本月首日 · default: the month's first day")
    last: date | None = Field(None, alias="to", description="止，默认今天 · default: today")
    customer: str | None = Field(None, max_length=200, description="客户标识或名称 · id or name; default: all")
    positions: str | None = Field(
        None, max_length=100, description="日志位置，默认现在 · positions of the logs; default: as far as they are now"
    )


class EntriesQuery(SpanQuery, Page):
    """Which promises."""

    clause: str | None = Field(None, max_length=10, description="条款，如 3.4a · the clause")
    outcome: Outcome | None = None


class CommitmentAnswer(CommitmentData):
    """The report, and the hash of its data."""

    sha256: str = Field(description="数据的 SHA-256；同样的问题与位置得同样的值 · of the data")


class Commitments:
    """Answers what is asked of the promises, for the API and for the page."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def asked(self, query: SpanQuery) -> Asked:
        """Raises Problem (422, 503)."""
        today = day_of(self._runtime.clock.now())
        last = query.last or today
        first = query.first or last.replace(day=1)
        if first > last:
            raise Problem(INVALID, findings=[Finding(_BACKWARDS, ("from",), "query")])
        if last - first > LONGEST:
            raise Problem(INVALID, findings=[Finding(_TOO_LONG, ("from",), "query")])
        return Asked(first, last, query.customer or None, await self._cut(query.positions))

    async def promises(self, query: SpanQuery, clause: str | None = None) -> tuple[Asked, list[PromiseShown]]:
        """Raises Problem (422, 503)."""
        wanted = await self.asked(query)
        try:
            async with one_moment(self._runtime.pool) as connection:
                return wanted, await promises(connection, wanted, clause)
        except NotBuilt as error:
            raise Problem(NOT_READY, _BEHIND, headers={"Retry-After": "2"}) from error

    async def data(self, query: SpanQuery) -> tuple[CommitmentData, str]:
        """The report's data and their hash. Raises Problem (422, 503)."""
        data = report(*await self.promises(query))
        return data, hashlib.sha256(canonical(data)).hexdigest()

    async def _cut(self, positions: str | None) -> Cut:
        if positions is None:
            try:
                return await reached(self._runtime.nats, self._runtime.pool, COMMITMENTS)
            except (NotThere, NotBuilt, StatisticsNotBuilt) as error:
                raise Problem(NOT_READY, _BEHIND, headers={"Retry-After": "2"}) from error
        if not _POSITIONS.fullmatch(positions):
            raise Problem(INVALID, findings=[Finding(_NO_POSITIONS, ("positions",), "query")])
        return {source: int(at) for source, at in (each.split(":") for each in positions.split(","))}


def routes(runtime: Runtime, commitments: Commitments) -> Routes:
    settings = runtime.settings
    found = Routes("承诺履行", "Commitment report", prefix="/commitment")

    @found.get("", permission=may.COMMITMENT, response_model=CommitmentAnswer, summary="按条款 · Clause by clause")
    async def show(call: Call, query: Annotated[SpanQuery, Query()]) -> Response:
        """各条款应履行、履约、违约、豁免、未完；不计的条款说明原因 · Per clause: promised, kept, missed, excused, open;
        clauses that aren't measured say why."""
        data, sha256 = await commitments.data(query)
        return call.answer(CommitmentAnswer(**data.model_dump(), sha256=sha256))

    @found.get("/entries", permission=may.COMMITMENT, response_model=PageOf[PromiseShown], summary="证据 · Evidence")
    async def entries(call: Call, query: Annotated[EntriesQuery, Query()]) -> Response:
        """每个承诺及说明其结果的事件 · Each promise, and the events that say what became of it."""
        if query.clause is not None and query.clause not in BY_CODE:
            raise Problem(INVALID, findings=[Finding(_NO_CLAUSE, ("clause",), "query")])
        _, all_ = await commitments.promises(query, query.clause)
        after: Any = query.after(str, str) or ("", "")
        rows = [each for each in all_ if query.outcome in (None, each.outcome) and (each.clause, each.subject) > after]
        rows.sort(key=lambda each: (each.clause, each.subject))
        return call.page(query, rows[: query.limit + 1], lambda row: (row.clause, row.subject))

    @found.get("/report.pdf", permission=may.COMMITMENT, response_class=Response, summary="PDF")
    async def pdf(call: Call, query: Annotated[SpanQuery, Query()]) -> Response:
        """打印用，含期间、日志位置与数据的 SHA-256 · For print, with span, positions and the hash of the data."""
        data, sha256 = await commitments.data(query)
        document = commitment_document(data, settings.company_name, sha256)
        made = await asyncio.to_thread(as_paper, document, Type(settings.report_font))
        return _file(made, "application/pdf", data, "pdf")

    @found.get("/report.xlsx", permission=may.COMMITMENT, response_class=Response, summary="XLSX")
    async def xlsx(call: Call, query: Annotated[SpanQuery, Query()]) -> Response:
        """工作簿 · A workbook."""
        data, sha256 = await commitments.data(query)
        document = commitment_document(data, settings.company_name, sha256)
        return _file(await asyncio.to_thread(as_workbook, document), _XLSX, data, "xlsx")

    return found


def _file(content: bytes, kind: str, data: CommitmentData, ending: str) -> Response:
    name = f"commitment-{data.first}-{data.last}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=kind, headers=headers)
