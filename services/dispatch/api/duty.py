"""Phone duty (4.6): probes, the days with their calls and what follows, and the policy by which they are judged."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.dispatch.api import permissions as may
from services.dispatch.commands import duty as commands
from services.dispatch.commands.duty import Told
from services.dispatch.domain import duty, duty_policy, engineer
from services.dispatch.domain.duty_policy import AcknowledgeDutyPolicy, AdoptDutyPolicy, DutyPolicy
from services.dispatch.domain.engineer import Code
from services.dispatch.domain.identity import DUTY_POLICY, duty_day_id, engineer_id
from services.dispatch.domain.names.people import CALL_DIRECTION, CALL_OUTCOME, DUTY_ACTION, EXEMPTION
from services.dispatch.views.people import DutyPage, duty_days
from services.dispatch.wording import in_words
from shared.actions import made_by
from shared.api import Call, Routes
from shared.auth import Permission
from shared.bodies import CommandBody, body_of, said
from shared.calendar import day_of
from shared.decider import Words
from shared.eventlog import Streams
from shared.events import dispatch as fact
from shared.events.telephony import CallDirection, CallOutcome, Confidence
from shared.history import line
from shared.language import Language, say
from shared.offers import offered
from shared.paging import PageOf
from shared.problems import NOT_FOUND, Action, Problem
from shared.service import Runtime
from shared.text import Name

PERMISSIONS: Mapping[str, Permission] = {
    "record_probe": may.PROBES_WRITE,
    "record_call_back": may.PROBES_WRITE,
    "adopt_policy": may.DUTY_POLICY_ADOPT,
    "acknowledge_policy": may.DUTY_POLICY_ACKNOWLEDGE,
}


_KEPT_NO_LONGER = Words(
    "该值守日已过保存期限（D13）。", "The calls of that day aren't kept any more: their time is over (D13)."
)


class ProbeBody(CommandBody):
    """A call to an engineer; ``at`` is when it was dialled."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"engineer": "E04", "outcome": "no_answer", "rang_seconds": 30}}
    )

    engineer: Code
    outcome: CallOutcome = Field(description="通话结果 · how it ended")
    confidence: Confidence = Field(Confidence.DEFINITE, description="把握 · how sure that is")
    rang_seconds: int | None = Field(
        None,
        ge=0,
        le=3600,
        description="响铃秒数；未接与拒接须填才计 · how long it rang; without it they don't count",
    )
    call: Name | None = Field(None, description="通话编号，更正时带上 · its id; name it to correct what was said")


class CallBackBody(CommandBody):
    """The engineer called, or was reached otherwise; ``at`` is when."""

    model_config = ConfigDict(json_schema_extra={"example": {"engineer": "E04"}})

    engineer: Code
    call: Name | None = Field(None, description="通话编号 · its id")


class CallDone(BaseModel):
    """What the call means, and what follows."""

    engineer: str
    duty_day: date
    call: str
    exemption: str | None
    """Why a probe doesn't count."""
    call_back_until: str | None
    unanswered: int
    version: int


class PolicyDone(BaseModel):
    policy: int
    version: int


def routes(runtime: Runtime) -> list[Routes]:
    return [_probes(runtime), _days(runtime), _policy(runtime)]


def _probes(runtime: Runtime) -> Routes:
    routes = Routes("值守拨测", "Probes", prefix="/probes")

    @routes.post("", permission=may.PROBES_WRITE, status_code=201, response_model=CallDone, summary="登记拨测 · Record")
    async def record_probe(call: Call, body: ProbeBody) -> Response:
        """人工登记一次拨测及结果；占线、网络、我方挂断从不计（4.6、D11）·
        A probe that a person made. Busy, network and our own cancelling never count."""
        told = said(body) | {"direction": CallDirection.OUTBOUND}
        return await record(call, body, told)

    @routes.post(
        "/call-backs",
        permission=may.PROBES_WRITE,
        status_code=201,
        response_model=CallDone,
        summary="登记回电 · Record a call-back",
    )
    async def record_call_back(call: Call, body: CallBackBody) -> Response:
        """本人回电，限时内即消除未接（D11）· The engineer called back: in time, that clears unanswered probes."""
        answered = {"outcome": CallOutcome.ANSWERED, "confidence": Confidence.DEFINITE, "rang_seconds": None}
        return await record(call, body, said(body) | answered | {"direction": CallDirection.INBOUND})

    async def record(call: Call, body: CommandBody, facts: dict[str, Any]) -> Response:
        facts["call"] = facts["call"] or str(made_by(call, "call"))
        told = Told(**facts, manual=True, at=call.moment(body.at), by=call.actor)
        outcome = await runtime.log.execute(partial(commands.record_call, told=told), call.context())
        return call.done(outcome, status=201)

    return routes


# --- days -------------------------------------------------------------------------------------------------------------


def _days(runtime: Runtime) -> Routes:
    routes = Routes("值守", "Phone duty", prefix="/duty")

    @routes.get("", permission=may.DUTY_READ, response_model=PageOf[dict[str, Any]], summary="列表 · List")
    async def list_duty_days(call: Call, page: Annotated[DutyPage, Query()]) -> Response:
        """有通话的值守日，新的在前，保存期限内；本人只看到自己（D13）·
        Duty days with calls, newest first, as long as they are kept; engineers see their own."""
        rows = await duty_days(runtime.pool, page, call.own, await _kept_since(runtime))
        return call.page(page, rows, lambda row: (row["duty_day"], row["engineer"]))

    @routes.get("/{code}/{day}", permission=may.DUTY_READ, response_model=dict[str, Any], summary="查看 · Show")
    async def show_duty_day(call: Call, code: str, day: date) -> Response:
        """一个值守日的全部通话、是否计入及原因、由此得出的情况；本人可查看 ·
        All calls of a duty day, whether they count and why, and what follows: the engineer sees the same."""
        call.require_own(code)
        await _check_kept(runtime, day)
        state, version = await runtime.log.load(duty, duty_day_id(code, day))

        async def known(streams: Streams) -> engineer.Engineer:
            return await streams.load(engineer, engineer_id(code), required=False)

        in_service = partial(engineer.in_service, await runtime.log.look(known))
        actions = offered(call.principal, duty.available(in_service), PERMISSIONS, DUTY_ACTION)
        shown = _shown(state, call.language) | {
            "version": version,
            "available_actions": [action.shown(call.language) for action in actions],
        }
        return call.answer(shown, headers={"ETag": f'"{version}"'})

    @routes.get(
        "/{code}/{day}/history", permission=may.DUTY_READ, response_model=list[dict[str, Any]], summary="历史 · History"
    )
    async def show_duty_history(call: Call, code: str, day: date) -> Response:
        """每一步：何时、何人、从何处、何事，上海时间 · Every step in plain words, Shanghai time."""
        call.require_own(code)
        await _check_kept(runtime, day)
        found = await runtime.log.history(duty_day_id(code, day))
        return call.answer([line(recorded, call.language, in_words) for recorded in found])

    return routes


async def _kept_since(runtime: Runtime) -> date:
    """D13: how long calls are kept for this purpose is the policy's."""
    policy, _ = await _policy_state(runtime)
    return policy.kept_since(day_of(runtime.clock.now()))


async def _check_kept(runtime: Runtime, day: date) -> None:
    """Raises Problem (404) for a day whose calls aren't kept any more."""
    if day < await _kept_since(runtime):
        raise Problem(NOT_FOUND, _KEPT_NO_LONGER, code="retention-over")


def _shown(state: duty.DutyDay, language: Language) -> dict[str, Any]:
    """Allowances are not shown: they are HR's and finance's."""
    opened = state.opened
    assert opened, "a day with a call is open"
    told = {"first_call", "first_at", "second_call", "second_at", "at"}
    return {
        "engineer": opened.engineer,
        "duty_day": opened.duty_day,
        "policy": opened.policy,
        "terms": opened.terms,
        "calls": [_call(known, language) for known in state.calls],
        "call_back_until": state.awaited.until if state.awaited else None,
        "unanswered": [each.model_dump(include=told) | {"on_trip": each.trip is not None} for each in state.declared],
        "withdrawn": [list(pair) for pair in sorted(state.withdrawn)],
    }


def _call(known: fact.DutyCallRecorded, language: Language) -> dict[str, Any]:
    return known.model_dump(exclude={"engineer", "duty_day", "trip", "allowance"}) | {
        "direction_words": say(CALL_DIRECTION[known.direction], language),
        "outcome_words": say(CALL_OUTCOME[known.outcome], language),
        "exemption_words": say(EXEMPTION[known.exemption], language) if known.exemption else None,
    }


# --- the policy -------------------------------------------------------------------------------------------------------


async def _policy_state(runtime: Runtime) -> tuple[DutyPolicy, int]:
    """With its version."""

    async def look(streams: Streams) -> tuple[DutyPolicy, int]:
        found = await streams.load(duty_policy, DUTY_POLICY, required=False)
        return found, streams.version(DUTY_POLICY)

    return await runtime.log.look(look)


def _policy(runtime: Runtime) -> Routes:
    async def actions(call: Call) -> list[Action]:
        open_now = duty_policy.available((await _policy_state(runtime))[0], call.principal.engineer)
        return offered(call.principal, open_now, PERMISSIONS, DUTY_ACTION)

    routes = Routes("值守制度", "Phone-duty policy", prefix="/duty/policy", actions=actions)

    @routes.get("", permission=may.DUTY_POLICY_READ, response_model=dict[str, Any], summary="查看 · Show")
    async def show_duty_policy(call: Call) -> Response:
        """现行值守制度、用途、保存期限与各版本（D13）· What holds today, and all versions."""
        found, version = await _policy_state(runtime)
        mine = [read for who, read in sorted(found.read) if who == call.principal.engineer]
        shown = {
            "in_force": found.on(day_of(runtime.clock.now())),
            "versions": found.versions,
            "acknowledged": mine,
            "version": version,
            "available_actions": [action.shown(call.language) for action in await actions(call)],
        }
        return call.answer(shown, headers={"ETag": f'"{version}"'})

    @routes.get(
        "/history", permission=may.DUTY_POLICY_READ, response_model=list[dict[str, Any]], summary="历史 · History"
    )
    async def show_duty_policy_history(call: Call) -> Response:
        """各版本何时由谁公布、何人已阅 · When and by whom versions were adopted and read."""
        found = await runtime.log.history(DUTY_POLICY) if (await _policy_state(runtime))[1] else []
        return call.answer([line(recorded, call.language, in_words) for recorded in found])

    _declare_policy(routes, runtime)
    return routes


def _declare_policy(routes: Routes, runtime: Runtime) -> None:
    async def adopt_policy(call: Call, body: CommandBody) -> Response:
        command = AdoptDutyPolicy(at=call.moment(body.at), by=call.actor, **said(body))
        work = partial(commands.adopt, command=command, version=call.expected_version)
        return call.done(await runtime.log.execute(work, call.context()), status=201)

    async def acknowledge_policy(call: Call, body: CommandBody) -> Response:
        command = AcknowledgeDutyPolicy(at=call.moment(body.at), by=call.actor, engineer=call.own, **said(body))
        return call.done(await runtime.log.execute(partial(commands.adopt, command=command), call.context()))

    adopt_policy.__doc__ = "公布新版本，最早次日生效 · A new version, from tomorrow at the earliest."
    example = {"valid_from": "2026-11-01", "terms": {"gap_minutes": 15}, "reason": "按试行情况调整"}
    adopt_policy.__annotations__["body"] = body_of(AdoptDutyPolicy, (), example)
    routes.post(
        "",
        permission=may.DUTY_POLICY_ADOPT,
        status_code=201,
        response_model=PolicyDone,
        summary="公布 · Adopt",
    )(adopt_policy)
    acknowledge_policy.__doc__ = "本人已阅用途、保存期限与规则（D13）· An engineer has read the policy."
    acknowledge_policy.__annotations__["body"] = body_of(AcknowledgeDutyPolicy, ("engineer",), {"version": 1})
    routes.post(
        "/acknowledge",
        permission=may.DUTY_POLICY_ACKNOWLEDGE,
        response_model=PolicyDone,
        summary="确认已阅 · Acknowledge",
    )(acknowledge_policy)
