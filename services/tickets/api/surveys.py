"""The satisfaction survey (3.6): sent, answered through its link without login, or told to reception."""

from functools import partial
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import jinja2
from fastapi import Form
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import HTMLResponse, Response

from services.tickets.api import permissions as may
from services.tickets.api.bodies import CommandBody
from services.tickets.api.intake import seed_of
from services.tickets.commands import surveys
from services.tickets.commands.surveys import SurveyLinks
from services.tickets.domain import survey, ticket
from services.tickets.domain.identity import survey_id
from services.tickets.domain.survey import Survey
from services.tickets.domain.text import Name, Text
from services.tickets.domain.ticket_guards import known
from shared.api import Call, Routes
from shared.auth import public
from shared.decider import Refused, Words
from shared.eventlog import Context, StreamNotFound
from shared.events.base import Source
from shared.events.tickets import Channel, Proof
from shared.language import CONTENT_LANGUAGE, say
from shared.service import Runtime

_LINK = public("the customer has no account; the signed link is what lets them in")
_TEMPLATES = jinja2.Environment(
    autoescape=True, loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"), trim_blocks=True
)


class SurveyDone(BaseModel):
    survey: UUID
    ticket: UUID
    outcome: str | None = None
    link: str | None = Field(None, description="发给客户的链接 · to be sent to the customer")
    version: int


class SendBody(CommandBody):
    model_config = ConfigDict(json_schema_extra={"example": {"channel": "im"}})

    channel: Channel = Field(description="以何种渠道发送 · how it is sent")


class AnswerBody(CommandBody):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "channel": "phone",
                "score": 5,
                "proof": {"kind": "call", "call_id": "1696321200.18", "direction": "outbound", "seconds": 40},
            }
        }
    )

    channel: Channel
    score: int | None = Field(None, ge=1, le=5)
    verdict: Name | None = None
    text: Text | None = None
    proof: Proof


class DeclineBody(CommandBody):
    reason: Text | None = None
    proof: Proof = Field(description="证明已请客户填写 · that it was offered")


def routes(runtime: Runtime, links: SurveyLinks) -> list[Routes]:
    return [_desk(runtime, links), _page(runtime, links)]


def _desk(runtime: Runtime, links: SurveyLinks) -> Routes:
    routes = Routes("满意度调查", "Surveys", prefix="/{ticket_id:uuid}/survey")
    log = runtime.log

    @routes.post("", permission=may.SURVEY, response_model=SurveyDone, summary="发送 · Send")
    async def send_survey(call: Call, ticket_id: UUID, body: SendBody) -> Response:
        """生成签名链接,客户无需登录即可在手机上填写(3.6)· A signed link that works without login."""
        work = partial(
            surveys.send,
            ticket_id=ticket_id,
            channel=body.channel,
            links=links,
            seed=seed_of(call),
            at=call.moment(body.at),
            by=call.actor,
        )
        outcome = await log.execute(work, call.context())
        base = runtime.settings.public_url or str(call.base_url).rstrip("/")
        link = f"{base.rstrip('/')}{'' if base.endswith('/tickets') else '/tickets'}{outcome.answer['path']}"
        return call.answer(outcome.answer | {"link": link}, version=outcome.answer["version"])

    @routes.post("/answer", permission=may.SURVEY, response_model=SurveyDone, summary="登记结果 · Record the answer")
    async def answer_survey(call: Call, ticket_id: UUID, body: AnswerBody) -> Response:
        """客户以其他方式作答,须有凭证 · Answered otherwise, with proof."""
        state, _ = await log.load(ticket, ticket_id)
        work = partial(
            surveys.answer,
            ticket_id=ticket_id,
            reopening=state.reopenings,
            channel=body.channel,
            score=body.score,
            verdict=body.verdict,
            text=body.text,
            proof=body.proof,
            at=call.moment(body.at),
            by=call.actor,
        )
        return call.done(await log.execute(work, call.context()))

    @routes.post("/decline", permission=may.SURVEY, response_model=SurveyDone, summary="登记拒填 · Declined")
    async def decline_survey(call: Call, ticket_id: UUID, body: DeclineBody) -> Response:
        """客户拒填,须有已提供的凭证(D19)· Declined, with proof that it was offered."""
        at = call.moment(body.at)
        work = partial(surveys.decline, ticket_id=ticket_id, proof=body.proof, reason=body.reason, at=at, by=call.actor)
        return call.done(await log.execute(work, call.context()))

    return routes


class Filled(BaseModel):
    """The form that the customer sends."""

    score: int = Field(ge=1, le=5)
    text: str = Field("", max_length=2000)


def _page(runtime: Runtime, links: SurveyLinks) -> Routes:
    routes = Routes("调查页面", "Survey page", prefix="/survey")
    log = runtime.log

    async def asked(token: str) -> tuple[UUID, int, UUID, Survey, str]:
        ticket_id, reopening, token_id = links.read(token)
        state, _ = await log.load(ticket, ticket_id)
        try:
            answered, _ = await log.load(survey, survey_id(ticket_id, reopening))
        except StreamNotFound as error:
            raise Refused("survey_link_unknown", "调查链接无效。", "This survey link isn't valid.") from error
        return ticket_id, reopening, token_id, answered, known(state).number

    def page(call: Call, number: str, done: bool, problem: Words | None = None, status: int = 200) -> Response:
        language = call.language
        html = _TEMPLATES.get_template("survey.html").render(
            lang=CONTENT_LANGUAGE[language],
            zh=language == "zh",
            number=number,
            done=done,
            problem=say(problem, language) if problem else None,
        )
        return HTMLResponse(html, status, headers=_PAGE_HEADERS | {"Content-Language": CONTENT_LANGUAGE[language]})

    @routes.get("/{token}", permission=_LINK, quiet=True, response_class=HTMLResponse, summary="页面 · The page")
    async def show(call: Call, token: str) -> Response:
        """客户填写的页面 · The page that the customer fills in."""
        try:
            _, _, _, answered, number = await asked(token)
        except (Refused, StreamNotFound):
            return page(call, "", done=False, problem=_INVALID, status=404)
        return page(call, number, done=answered.answered is not None)

    @routes.post(
        "/{token}",
        permission=_LINK,
        keyless="a form has no such header; the link can be answered only once",
        response_class=HTMLResponse,
        summary="提交 · Send",
    )
    async def fill(call: Call, token: str, form: Annotated[Filled, Form()]) -> Response:
        """客户提交;2 分及以下自动登记投诉(D18)· The customer's answer."""
        try:
            ticket_id, reopening, token_id, _, number = await asked(token)
            work = partial(
                surveys.answer,
                ticket_id=ticket_id,
                reopening=reopening,
                channel=Channel.SURVEY,
                token=token_id,
                score=form.score,
                text=form.text.strip() or None,
                at=runtime.clock.now(),
                by="customer",
            )
            await log.execute(work, Context("customer", Source.WEB, uuid4(), causation_id=f"survey-link:{token_id}"))
        except Refused as refused:
            return page(call, "", done=False, problem=refused.words, status=409)
        return page(call, number, done=True)

    return routes


_INVALID = Words("链接无效,请向我们的客服索取新的链接。", "This link isn't valid; please ask us for a new one.")
_PAGE_HEADERS: dict[str, Any] = {
    "Vary": "Accept-Language",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
}
