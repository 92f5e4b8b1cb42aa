"""The satisfaction survey (3.6): sent, told to reception, declined. Its page is ``survey_page``."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.tickets.api import permissions as may
from services.tickets.api.examples import CALL
from services.tickets.api.intake import seed_of
from services.tickets.api.work import ticket_actions
from services.tickets.commands import surveys
from services.tickets.commands.surveys import SurveyLinks
from services.tickets.domain.survey import AnswerSurvey, DeclineSurvey, SurveyCommand
from shared.api import Call, Routes
from shared.bodies import CommandBody, Example, body_of, said
from shared.events.tickets import Channel
from shared.service import Runtime


class SurveyDone(BaseModel):
    """The survey as it stands after the command."""

    survey: UUID
    ticket: UUID
    outcome: str | None = None
    link: str | None = Field(None, description="发给客户的链接 · to be sent to the customer")
    version: int


class SendBody(CommandBody):
    model_config = ConfigDict(json_schema_extra={"example": {"channel": "im"}})

    channel: Channel = Field(description="以何种渠道发送 · how it is sent")


_ANSWERED: Example = {"channel": "phone", "score": 5, "text": "服务很好", "proof": CALL}
_DECLINED: Example = {"reason": "客户没有时间", "proof": CALL}


def routes(runtime: Runtime, links: SurveyLinks) -> Routes:
    routes = Routes("满意度调查", "Surveys", prefix="/{ticket_id:uuid}/survey", actions=ticket_actions(runtime))

    @routes.post("", permission=may.SURVEY, response_model=SurveyDone, summary="发送满意度调查 · Send the survey")
    async def send_survey(call: Call, ticket_id: UUID, body: SendBody) -> Response:
        """生成签名链接，客户无需登录即可在手机上填写（3.6）· A signed link that works without login, on a phone."""
        work = partial(
            surveys.send,
            ticket_id=ticket_id,
            version=call.expected_version,
            channel=body.channel,
            links=links,
            seed=seed_of(call),
            at=call.moment(body.at),
            by=call.actor,
        )
        outcome = await runtime.log.execute(work, call.context())
        outcome.answer["link"] = _address(runtime, call) + outcome.answer.pop("path")
        return call.done(outcome)

    _declare(
        routes,
        runtime,
        AnswerSurvey,
        partial(surveys.answer, reopening=None),
        ("survey", "ticket", "token", "engineers"),
        _ANSWERED,
        "登记调查答复 · Record the answer",
        "客户以其他方式作答，须有凭证；2 分及以下自动登记投诉（D18）· "
        "Answered otherwise, with proof; 2 or less lodges a complaint.",
    )
    _declare(
        routes,
        runtime,
        DeclineSurvey,
        surveys.decline,
        ("survey", "ticket", "engineers"),
        _DECLINED,
        "登记拒填 · Record the refusal",
        "客户拒填，须有已请其填写的凭证（D19）· Declined, with proof that it was offered.",
    )
    return routes


def _address(runtime: Runtime, call: Call) -> str:
    """Where customers reach this service."""
    base = (runtime.settings.public_url or str(call.base_url)).rstrip("/")
    return base if base.endswith(f"/{runtime.service.name}") else f"{base}/{runtime.service.name}"


def _declare(
    routes: Routes,
    runtime: Runtime,
    command: type[SurveyCommand],
    work: Callable[..., Awaitable[dict[str, Any]]],
    given: tuple[str, ...],
    example: Example,
    summary: str,
    about: str,
) -> None:
    async def handler(call: Call, ticket_id: UUID, body: CommandBody) -> Response:
        wish = partial(command, at=call.moment(body.at), by=call.actor, **said(body))
        doing = partial(work, ticket_id=ticket_id, wish=wish, version=call.expected_version)
        return call.done(await runtime.log.execute(doing, call.context()))

    handler.__name__, handler.__doc__ = command.__name__, about
    handler.__annotations__["body"] = body_of(command, given, example)
    path = "/answer" if command is AnswerSurvey else "/decline"
    routes.post(path, permission=may.SURVEY, response_model=SurveyDone, summary=summary)(handler)
