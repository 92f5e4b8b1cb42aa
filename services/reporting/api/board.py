"""The ticket board."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Header, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.reporting.api import permissions as may
from services.reporting.api.fresh import Fresh, fresh
from services.reporting.feed import Feed
from services.reporting.live import Live, Stream
from services.reporting.views import board_reading as reading
from services.reporting.views.board_reading import TOP, Board, Day, Filters, OpenTicket
from shared.api import Call, Routes
from shared.clock import SHANGHAI
from shared.decider import Words
from shared.paging import Page, PageOf
from shared.problems import INVALID, NOT_READY, Finding, Problem
from shared.service import Runtime

SPAN = timedelta(days=30)
"""Of days, where nothing else is asked for."""
LONGEST_SPAN = timedelta(days=366)


class BoardAnswer(Fresh, Board):
    """The board's figures now."""


class DaysAnswer(Fresh):
    """Counts per day."""

    days: list[Day]


class BoardQuery(Filters):
    """Which tickets, and how finely."""

    top: int = Field(
        TOP, ge=0, le=1000, description="单独列出的产品、客户数 · products and customers listed one by one"
    )


class TicketsPage(Filters, Page):
    """Which open tickets, and which part of the list."""


class Span(BaseModel):
    """From when to when, both included, Asia/Shanghai."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: date | None = Field(
        None, alias="from", description="起，默认截止日前 30 天 · default: 30 days before the last"
    )
    last: date | None = Field(None, alias="to", description="止，默认今天 · default: today")

    def days(self, today: date) -> tuple[date, date]:
        """Raises Problem (422)."""
        last = self.last or today
        first = self.first or last - min(SPAN, last - date.min)
        if first > last:
            raise Problem(INVALID, findings=[Finding(_BACKWARDS, ("from",), "query")])
        if last - first > LONGEST_SPAN:
            raise Problem(INVALID, findings=[Finding(_TOO_LONG, ("from",), "query")])
        return first, last


_BACKWARDS = Words("起始日期晚于截止日期。", "It is after the last day.")
_TOO_LONG = Words("一次最多查询 367 天。", "At most 367 days at a time.")
_BUILDING = Words("看板正在首次建立，请稍后再试。", "The board is being built for the first time; try again shortly.")


def routes(runtime: Runtime, feed: Feed, live: Live) -> Routes:
    board = Routes("服务请求看板", "Ticket board", prefix="/board")

    @board.get("", permission=may.WATCH, response_model=BoardAnswer, summary="看板数字 · Figures of the open tickets")
    async def show_board(call: Call, query: Annotated[BoardQuery, Query()]) -> Response:
        """未结服务请求:待答复、超时,按状态、渠道、产品、客户 · open tickets: awaited, overdue; by status, channel,
        product and customer."""
        now = runtime.clock.now()
        async with _built(), reading.reach(runtime.pool) as connection:
            figures = await reading.board_of(connection, query, now, query.top)
        return call.answer(BoardAnswer(**figures.model_dump(), **fresh(feed, now)))

    @board.get(
        "/tickets", permission=may.WATCH, response_model=PageOf[OpenTicket], summary="未结服务请求 · Open tickets"
    )
    async def list_tickets(call: Call, page: Annotated[TicketsPage, Query()]) -> Response:
        """先列待答复的,最早到期者在前 · those that await an answer first, the earliest due at the top."""
        now = runtime.clock.now()
        after: Any = page.after(bool, datetime, UUID)
        async with _built(), reading.reach(runtime.pool) as connection:
            tickets = await reading.open_tickets(connection, page, now, after=after, limit=page.limit + 1)
        return call.page(page, tickets, reading.urgency)

    @board.get("/days", permission=may.WATCH, response_model=DaysAnswer, summary="每日数字 · Counts per day")
    async def list_days(call: Call, span: Annotated[Span, Query()]) -> Response:
        """每日受理、按时答复、超时答复、到期未答复、关闭、投诉数 · per day: opened, answered in time, answered late,
        became overdue, closed, complaints."""
        now = runtime.clock.now()
        first, last = span.days(now.astimezone(SHANGHAI).date())
        async with _built(), reading.reach(runtime.pool) as connection:
            days = await reading.days_between(connection, first, last)
        return call.answer(DaysAnswer(days=days, **fresh(feed, now)))

    @board.get(
        "/stream",
        permission=may.WATCH,
        quiet=True,
        status_code=200,
        response_class=Stream,
        summary="实时看板 · The board as it changes (SSE)",
        responses={200: {"description": _STREAM, "content": {"text/event-stream": {"example": _EXAMPLE}}}},
    )
    async def stream(
        call: Call,
        query: Annotated[Filters, Query()],
        last_event_id: Annotated[str | None, Header(max_length=500, description=_LAST_ID)] = None,
    ) -> Response:
        """事件 snapshot(整个看板),其后 ticket(有变化的请求,或 removed)与 counts(数字)· events: snapshot (the whole
        board), then ticket (one that changed, or removed) and counts (the figures)."""
        async with _built():
            return Stream(await live.watch(query, last_event_id))

    return board


_STREAM = (
    "断线后以 Last-Event-ID 续传；每 15 秒一行注释 · resumes by Last-Event-ID; a comment every 15 s. "
    "snapshot: {as_of, stale, board, days, tickets}; ticket: an open ticket, or {ticket, number, status, removed}; "
    "counts: {as_of, stale, board, days}"
)
_EXAMPLE = 'event: ticket\ndata: {"ticket":"…","number":"SQ-20261003-7F3KQ2","status":"CLOSED","removed":true}\n\n'
_LAST_ID = "最后收到的 id，从该处续传 · the last id that was received: the stream goes on from there"


@asynccontextmanager
async def _built() -> AsyncIterator[None]:
    """Raises Problem (503) where the board isn't there yet."""
    try:
        yield
    except reading.NotBuilt as error:
        raise Problem(NOT_READY, _BUILDING, headers={"Retry-After": "2"}) from error
