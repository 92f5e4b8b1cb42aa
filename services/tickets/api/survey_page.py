"""The survey's page (3.6): the signed link lets the customer in, without login, on a phone, in Chinese or English."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import jinja2
from fastapi import Form
from pydantic import BaseModel
from starlette.responses import HTMLResponse, Response

from services.tickets.commands import surveys
from services.tickets.commands.surveys import SurveyLinks
from services.tickets.domain import survey, ticket
from services.tickets.domain.identity import survey_id
from services.tickets.domain.survey import AnswerSurvey
from services.tickets.domain.ticket_guards import known
from shared.api import Call, Routes
from shared.auth import public
from shared.decider import Refused, Words
from shared.eventlog import Context, StreamNotFound
from shared.events.base import Source
from shared.events.tickets import Channel
from shared.language import CONTENT_LANGUAGE, Language, say
from shared.service import Runtime

_LINK = public("the customer has no account; the signed link is what lets them in")
_TEMPLATE = jinja2.Environment(
    autoescape=True, loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"), trim_blocks=True
).get_template("survey.html")

LONGEST = 2000
"""Characters of the customer's text."""

_SCORES = (
    (5, Words("非常满意", "Very satisfied")),
    (4, Words("满意", "Satisfied")),
    (3, Words("一般", "So-so")),
    (2, Words("不满意", "Dissatisfied")),
    (1, Words("非常不满意", "Very dissatisfied")),
)
_WORDS: Mapping[str, Words] = {
    "title": Words("满意度调查", "Satisfaction survey"),
    "number": Words("服务单号", "Service number"),
    "about": Words("您的评价会帮助我们改进售后服务。", "Your answer helps us to improve our service."),
    "score": Words("您对这次服务满意吗？", "Are you satisfied with our service?"),
    "text": Words("意见与建议（可不填）", "What should we know? (optional)"),
    "send": Words("提交", "Send"),
    "thanks": Words("已收到您的评价，谢谢！", "We have received your answer. Thank you!"),
    "other": Words("English", "中文"),
}
_INVALID = Words("链接无效，请向我们的客服索取新的链接。", "This link isn't valid; please ask us for a new one.")
_NO_SCORE = Words("请选择 1 至 5 分。", "Please choose a score from 1 to 5.")
_TOO_LONG = Words(f"意见请不要超过 {LONGEST} 字。", f"Please write no more than {LONGEST} characters.")
_HEADERS = {
    "Vary": "Accept-Language",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'",
}


class Filled(BaseModel):
    """The form that the customer sends; judged here, so that whatever is wrong is told on the page."""

    score: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a link asks about."""

    ticket: UUID
    reopening: int
    token: UUID
    number: str
    answered: bool


def routes(runtime: Runtime, links: SurveyLinks) -> Routes:
    routes = Routes("调查页面", "Survey page", prefix="/survey")

    @routes.get("/{token}", permission=_LINK, response_class=HTMLResponse, summary="打开链接 · Open the link")
    async def show_survey(call: Call, token: str, lang: Language | None = None) -> Response:
        """客户的调查页面；lang 为 zh 或 en，默认随浏览器 ·
        The customer's page, in the browser's language or in ``lang``."""
        try:
            asked = await _asked(runtime, links, token)
        except (Refused, StreamNotFound):
            return _page(call, lang, problem=_INVALID, status=404)
        return _page(call, lang, asked, done=asked.answered)

    @routes.post(
        "/{token}",
        permission=_LINK,
        keyless="a form has no such header; the link can be answered only once",
        response_class=HTMLResponse,
        summary="提交 · Send",
    )
    async def fill_survey(
        call: Call, token: str, form: Annotated[Filled, Form()], lang: Language | None = None
    ) -> Response:
        """客户提交；2 分及以下自动登记投诉（D18）· The customer's answer."""
        text = "\n".join(form.text.splitlines()).strip()
        try:
            asked = await _asked(runtime, links, token)
            if wrong := _wrong(form.score, text):
                return _page(call, lang, asked, form=form, problem=wrong, status=422)
            await _record(runtime, asked, int(form.score), text or None)
        except StreamNotFound:
            return _page(call, lang, problem=_INVALID, status=404)
        except Refused as refused:
            return _page(call, lang, problem=refused.words, status=409)
        return _page(call, lang, asked, done=True)

    return routes


async def _asked(runtime: Runtime, links: SurveyLinks, token: str) -> Asked:
    """Raises ``Refused`` for a link that we didn't make, ``StreamNotFound`` where it asks about nothing."""
    ticket_id, reopening, token_id = links.read(token)
    state, _ = await runtime.log.load(ticket, ticket_id)
    asked, _ = await runtime.log.load(survey, survey_id(ticket_id, reopening))
    return Asked(ticket_id, reopening, token_id, known(state).number, asked.answered is not None)


def _wrong(score: str, text: str) -> Words | None:
    if score not in {str(number) for number, _ in _SCORES}:
        return _NO_SCORE
    return _TOO_LONG if len(text) > LONGEST else None


async def _record(runtime: Runtime, asked: Asked, score: int, text: str | None) -> None:
    """Raises ``Refused`` where it was answered otherwise before."""
    wish = partial(
        AnswerSurvey,
        channel=Channel.SURVEY,
        token=asked.token,
        score=score,
        text=text,
        at=runtime.clock.now(),
        by="customer",
    )
    work = partial(surveys.answer, ticket_id=asked.ticket, wish=wish, version=None, reopening=asked.reopening)
    context = Context("customer", Source.WEB, uuid4(), causation_id=f"survey-link:{asked.token}")
    await runtime.log.execute(work, context)


def _page(
    call: Call,
    lang: Language | None,
    asked: Asked | None = None,
    *,
    done: bool = False,
    form: Filled | None = None,
    problem: Words | None = None,
    status: int = 200,
) -> Response:
    language = lang or call.language
    shown: dict[str, Any] = {name: say(words, language) for name, words in _WORDS.items()}
    html = _TEMPLATE.render(
        lang=CONTENT_LANGUAGE[language],
        other_lang="zh" if language == "en" else "en",
        words=shown,
        scores=[(score, say(words, language)) for score, words in _SCORES],
        ticket=asked.number if asked else "",
        done=done,
        form=form or Filled(),
        asking=asked is not None and not done,
        longest=LONGEST,
        problem=say(problem, language) if problem else None,
    )
    headers = _HEADERS | {"Content-Language": CONTENT_LANGUAGE[language]}
    return HTMLResponse(html, status, headers)
