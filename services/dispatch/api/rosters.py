"""Rosters: duty, leave, days of trips; and who is on duty at a moment (4.6, D12)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Annotated, Any

from fastapi import Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from starlette.responses import Response

from services.dispatch.api import permissions as may
from services.dispatch.commands import rosters as commands
from services.dispatch.domain import engineer, roster
from services.dispatch.domain.engineer import Engineer
from services.dispatch.domain.identity import engineer_id, roster_id
from services.dispatch.domain.names.people import ROSTER_ACTION
from services.dispatch.domain.roster import CancelDuty, CancelLeave, GrantLeave, PlanDuty, Roster
from services.dispatch.views.people import LONGEST_CALENDAR, calendar, on_duty
from services.dispatch.wording import in_words
from shared.actions import Act, declare
from shared.api import Call, Routes
from shared.auth import Permission, Principal
from shared.calendar import DAY, day_of
from shared.eventlog import Streams
from shared.history import line
from shared.offers import offered
from shared.problems import NOT_FOUND, Action, Problem
from shared.service import Runtime
from shared.validation import wrong

ACTIONS: Sequence[Act] = (
    Act(
        "plan_duty",
        PlanDuty,
        may.ROSTERS_WRITE,
        "排班：起止日、星期、开机时段（不填按制度 08:00–22:00）、时区；替换原有排班 · "
        "Days of duty by span and weekdays; without windows, those of the policy. Replaces what was planned.",
        {"first": "2026-10-09", "last": "2026-10-31", "weekdays": [1, 2, 3, 4, 5]},
        commands.act,
        ("engineer",),
        path="/{code}/plan-duty",
    ),
    Act(
        "cancel_duty",
        CancelDuty,
        may.ROSTERS_WRITE,
        "取消今天及以后的值守 · Days of duty that are no longer.",
        {"first": "2026-10-12", "last": "2026-10-12", "reason": "换班"},
        commands.act,
        ("engineer",),
        path="/{code}/cancel-duty",
    ),
    Act(
        "grant_leave",
        GrantLeave,
        may.LEAVE,
        "准假，可事后补；休假时段的未接不计（D12）· "
        "Leave, also afterwards: calls in that time don't count any more. Why is nobody else's business.",
        {"starts": "2026-10-09T00:00:00+08:00", "ends": "2026-10-10T00:00:00+08:00"},
        commands.act,
        ("engineer",),
        made="leave",
        path="/{code}/grant-leave",
    ),
    Act(
        "cancel_leave",
        CancelLeave,
        may.LEAVE,
        "销假；已豁免的未接仍然豁免 · The leave isn't taken; what it has exempted stays exempted.",
        {"leave": "0b7a1d5e-3c55-5f0e-8a44-6f1d1f7d2c90", "reason": "改期"},
        commands.act,
        ("engineer",),
        path="/{code}/cancel-leave",
    ),
)
PERMISSIONS: Mapping[str, Permission] = {act.name: act.permission for act in ACTIONS}


class RosterDone(BaseModel):
    """The roster as it stands after the command."""

    engineer: str
    version: int
    changed: bool
    leave: str | None = None


class Span(BaseModel):
    """Which days."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: date | None = Field(None, description="自，默认今天 · from; default: today")
    last: date | None = Field(None, description="至，默认两周 · to; default: two weeks")

    @model_validator(mode="after")
    def _not_too_long(self) -> "Span":
        if self.first and self.last and not 0 <= (self.last - self.first).days < LONGEST_CALENDAR:
            raise wrong(
                f"止日不得早于起日，且不超过 {LONGEST_CALENDAR} 天。",
                f"The last day isn't before the first, and at most {LONGEST_CALENDAR} days are shown.",
            )
        return self

    def days(self, today: date) -> tuple[date, date]:
        """First and last day, the defaults filled in."""
        first = self.first or (min(today, self.last) if self.last else today)
        first = max(first, self.last - DAY * (LONGEST_CALENDAR - 1)) if self.last else first
        return first, self.last or first + DAY * 13


def routes(runtime: Runtime) -> Routes:
    async def actions(call: Call) -> list[Action]:
        found, known, _ = await _state(runtime, str(call.path_params["code"]))
        return _actions_for(call.principal, found, known, runtime.clock.now())

    routes = Routes("值守排班", "Rosters", prefix="/rosters", actions=actions)
    _declare_reading(routes, runtime)
    _declare_one(routes, runtime)
    for act in ACTIONS:
        declare(routes, runtime.log, act, ROSTER_ACTION, RosterDone)
    return routes


def _actions_for(principal: Principal, found: Roster, known: Engineer, now: datetime) -> list[Action]:
    open_now = roster.available(found, now, partial(engineer.in_service, known))
    return offered(principal, open_now, PERMISSIONS, ROSTER_ACTION)


async def _state(runtime: Runtime, code: str) -> tuple[Roster, Engineer, int]:
    """The roster, whose it is, and the roster's version."""

    async def look(streams: Streams) -> tuple[Roster, Engineer, int]:
        known = await streams.load(engineer, engineer_id(code), required=False)
        found = await streams.load(roster, roster_id(code), required=False)
        return found, known, streams.version(roster_id(code))

    return await runtime.log.look(look)


def _declare_reading(routes: Routes, runtime: Runtime) -> None:
    @routes.get("", permission=may.ROSTERS_READ, response_model=dict[str, Any], summary="排班表 · Calendar")
    async def show_calendar(call: Call, span: Annotated[Span, Query()]) -> Response:
        """某段日期内所有人的值守日、出差日与休假；本人只看到自己 ·
        Days of duty, of trips and of leave of everybody; an engineer sees one's own."""
        first, last = span.days(day_of(runtime.clock.now()))
        found = await calendar(runtime.pool, first, last, call.own)
        return call.answer({"first": first, "last": last, **found})

    @routes.get(
        "/on-duty", permission=may.ROSTERS_READ, response_model=list[dict[str, Any]], summary="何人值守 · On duty"
    )
    async def show_on_duty(call: Call, at: AwareDatetime | None = None) -> Response:
        """某一时刻谁须开机（4.6、D12），默认现在 · Whose phone has to be on at a moment; default: now."""
        return call.answer(await on_duty(runtime.pool, at or runtime.clock.now(), call.own))


def _declare_one(routes: Routes, runtime: Runtime) -> None:
    @routes.get("/{code}", permission=may.ROSTERS_READ, response_model=dict[str, Any], summary="查看 · Show")
    async def show_roster(call: Call, code: str, span: Annotated[Span, Query()]) -> Response:
        """一位服务人员的排班、休假、出差日与可用操作 · One roster, with what is open now."""
        call.require_own(code)
        found, known, version = await _state(runtime, code)
        if known.recorded is None:
            raise Problem(NOT_FOUND)
        now = runtime.clock.now()
        shown = _shown(found, *span.days(day_of(now))) | {
            "engineer": code,
            "version": version,
            "available_actions": [a.shown(call.language) for a in _actions_for(call.principal, found, known, now)],
        }
        return call.answer(shown, headers={"ETag": f'"{version}"'})

    @routes.get(
        "/{code}/history", permission=may.ROSTERS_READ, response_model=list[dict[str, Any]], summary="历史 · History"
    )
    async def show_roster_history(call: Call, code: str) -> Response:
        """每一步：何时、何人、何事，上海时间 · Every step in plain words, Shanghai time."""
        call.require_own(code)
        found = await runtime.log.history(roster_id(code))
        return call.answer([line(recorded, call.language, in_words) for recorded in found])


def _shown(found: Roster, first: date, last: date) -> dict[str, Any]:
    """Allowances are not shown: they are HR's and finance's."""
    days = {day: plan for day, plan in found.days.items() if first <= day <= last}
    leaves = [leave for leave in found.leaves.values() if day_of(leave.ends) >= first and day_of(leave.starts) <= last]
    trips = [(day, trip.trip) for trip in found.trips.values() for day in trip.days if first <= day <= last]
    return {
        "first": first,
        "last": last,
        "duty_days": [{"day": day, "windows": plan.windows, "zone": plan.zone} for day, plan in sorted(days.items())],
        "leaves": [leave.model_dump(include={"leave", "starts", "ends"}) for leave in leaves],
        "trip_days": [{"day": day, "trip": trip} for day, trip in sorted(trips, key=str)],
    }
