"""Wages by month (D8), for HR and finance alone; they lie beside the log."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.penalties import wages
from services.penalties.api import permissions as may
from services.penalties.commands import payroll as commands
from services.penalties.domain.names.payroll import WAGE_ACTION
from services.penalties.domain.wage import EraseWages, Month
from services.penalties.wages import WageBook, WageSaid
from shared.actions import Act, declare
from shared.api import Call, Routes
from shared.events.base import Moment
from shared.service import Runtime

ACTIONS: Sequence[Act] = (
    Act(
        "erase",
        EraseWages,
        may.WAGES_ERASE,
        "删除该人员的工资登记，日志与清单保持完整（D13） · Erase what is recorded of wages; log and lists stay whole.",
        {"reason": "离职满三年"},
        commands.erase_wages,
        ("engineer",),
        path="/{code}/erase",
    ),
)


class WagesBody(BaseModel):
    """The wages of a month; what was recorded before is replaced."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "period": "2026-10",
                "wages": [{"engineer": "E04", "wage": "6200.00", "minimum_wage": "2200.00"}],
            }
        },
    )

    period: Month = Field(description="月份 · month")
    wages: Annotated[tuple[WageSaid, ...], Field(min_length=1, max_length=1_000)]
    at: Moment | None = Field(None, description="发生时间，默认现在 · when it happened; default: now")


class WagesQuery(BaseModel):
    """Which month."""

    model_config = ConfigDict(extra="forbid")

    period: Month = Field(description="月份 · month")


class WagesDone(BaseModel):
    """How many were recorded, and how many of them are new."""

    period: str
    recorded: int
    changed: int


class WagesErasedDone(BaseModel):
    """Whose wages are gone."""

    engineer: str
    version: int
    changed: bool


def routes(runtime: Runtime) -> Routes:
    routes = Routes("工资登记", "Wages", prefix="/wages")
    known = WageBook(runtime.secret)

    @routes.get("", permission=may.WAGES, response_model=list[dict[str, Any]], summary="查看 · Show")
    async def list_wages(call: Call, wanted: Annotated[WagesQuery, Query()]) -> Response:
        """某月已登记的工资；仅人事与财务 · What is recorded of a month, for HR and finance only."""
        return call.answer(await wages.of_period(runtime.pool, wanted.period))

    @routes.post("", permission=may.WAGES, response_model=WagesDone, summary="登记工资 · Record wages")
    async def record_wages(call: Call, body: WagesBody) -> Response:
        """当月工资与最低工资标准；仅人事与财务，存于日志之外 · Wages and minimum wages of a month."""
        work = partial(
            commands.record_wages,
            book=known,
            period=body.period,
            said=body.wages,
            at=call.moment(body.at),
            by=call.actor,
        )
        return call.done(await runtime.log.execute(work, call.context()))

    for act in ACTIONS:
        declare(routes, runtime.log, act, WAGE_ACTION, WagesErasedDone)
    return routes
