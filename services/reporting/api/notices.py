"""Channels of notices, and what became of each notice."""

from functools import partial
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.reporting.api import permissions as may
from services.reporting.commands import notices as commands
from services.reporting.domain.notice_channel import RecordNoticeChannel
from services.reporting.notices.sending import judge, target_of
from services.reporting.sealing import Seal
from services.reporting.sending.outgoing import NotAllowed, Outgoing, Unreachable
from services.reporting.views import notices as view
from services.reporting.views.notices import NoticeShown
from shared.api import Call, Routes
from shared.bodies import body_of, said
from shared.decider import Words
from shared.paging import Page, PageOf
from shared.problems import INVALID, Finding, Problem
from shared.service import Runtime

_EXAMPLE = {
    "channel": "service-desk",
    "title": "售后群",
    "service": "wecombot",
    "url": "wecombot://0b6e4a0e-7f1c-4c55-9a43-2f5f0f2c8d11",
    "types": ["tickets.AnswerOverdue", "dispatch.VisitLate"],
    "urgent": ["tickets.AnswerOverdue"],
    "quiet": {"begins": "22:00", "ends": "07:30"},
}
_NO_URL = Words(
    "无法识别的地址；写法见 Apprise，如 wecombot://…、dingtalk://…、feishu://…、mailtos://…。",
    "That address is not understood; Apprise says how it is written: wecombot://…, dingtalk://…, feishu://…, mailtos://…",
)
_OTHER_SERVICE = Words("地址与 service 不符。", "The address is one of another service.")
_UNKNOWN_HOST = Words("找不到该主机，请检查地址。", "There is no such host; check the address.")
Url = Annotated[str, Field(max_length=2000, description="Apprise 地址，加密存放，不再显示 · encrypted, never shown")]


class ChannelBody(body_of(RecordNoticeChannel, (), _EXAMPLE)):  # type: ignore[misc] # a model made of the command
    """A channel as known from now on; without ``url`` the address stays as it is."""

    url: Url | None = None


class ChannelDone(BaseModel):
    channel: str
    version: int


class NoticesPage(Page):
    """Which notices."""

    channel: str | None = Field(None, max_length=40)
    outcome: Literal["waiting", "sent", "failed", "skipped"] | None = None


def routes(runtime: Runtime, seal: Seal, outgoing: Outgoing) -> Routes:
    found = Routes("通知", "Notices", prefix="/notices")

    @found.get("/channels", permission=may.NOTICES_READ, response_model=list[dict[str, Any]], summary="渠道 · Channels")
    async def list_channels(call: Call) -> Response:
        """全部渠道，不含地址 · All channels, without their addresses."""
        return call.answer(await view.channels(runtime.pool))

    @found.post("/channels", permission=may.NOTICES_WRITE, response_model=ChannelDone, summary="登记渠道 · Record")
    async def record(call: Call, body: ChannelBody) -> Response:
        """登记或更改渠道：事件、语言、安静时段、条数 · What is told where, in which language, when not, how much."""
        if body.url is not None:
            await _judge(body.url, body.service)
        facts = {name: value for name, value in said(body).items() if name != "url"}
        wish = RecordNoticeChannel(at=call.moment(body.at), by=call.actor, **facts)
        sealed = seal.close(f"notice:{wish.channel}", body.url) if body.url else None
        return call.done(await runtime.log.execute(partial(commands.record, wish=wish, sealed=sealed), call.context()))

    @found.get("", permission=may.NOTICES_READ, response_model=PageOf[NoticeShown], summary="通知记录 · Notices")
    async def list_notices(call: Call, page: Annotated[NoticesPage, Query()]) -> Response:
        """每条通知的结果，最新在前 · What became of each notice, the newest first."""
        after = page.after(int)
        last = after[0] if after else None
        rows = await view.notices(runtime.pool, page.channel, page.outcome, last, page.limit + 1)
        return call.page(page, rows, lambda row: (row.id,))

    async def _judge(url: str, service: str) -> None:
        target = target_of(url)
        if target is None:
            raise Problem(INVALID, findings=[Finding(_NO_URL, ("url",))])
        if service not in _schemes(target):
            raise Problem(INVALID, findings=[Finding(_OTHER_SERVICE, ("service",))])
        try:
            await judge(target, outgoing)
        except NotAllowed as error:
            raise Problem(INVALID, findings=[Finding(error.words, ("url",))]) from error
        except Unreachable as error:
            raise Problem(INVALID, findings=[Finding(_UNKNOWN_HOST, ("url",))]) from error

    return found


def _schemes(target: Any) -> set[str]:
    names: set[str] = set()
    for name in ("protocol", "secure_protocol"):
        said_ = getattr(target, name, None) or ()
        names |= {said_} if isinstance(said_, str) else set(said_)
    return names
