"""Routes of those who keep a service running: its parked events, listed, tried again or given up."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from shared.api import Call, Routes
from shared.auth import Permission, Role
from shared.decider import Words
from shared.paging import Page, PageOf
from shared.parked import list_parked
from shared.problems import CONFLICT, NOT_FOUND, Problem

if TYPE_CHECKING:
    from shared.projection import Projector
    from shared.service import Runtime
    from shared.subscription import Subscriber

LOOK = Permission("operations.parked.read", {Role.ADMIN, Role.SERVICE_MANAGER}, operations=True)
ACT = Permission("operations.parked.write", {Role.ADMIN}, operations=True)


class ParkedPage(Page):
    """Which parked events."""

    state: Literal["waiting", "handled", "discarded"] = "waiting"
    subscriber: str | None = None


class Which(BaseModel):
    """The parked events of one aggregate."""

    model_config = ConfigDict(extra="forbid")

    subscriber: str
    source: str = Field(description="事件来自哪个服务 · the service whose events")
    stream: UUID = Field(description="聚合编号 · the aggregate")


class Discard(Which):
    position: int
    reason: str = Field(min_length=3, max_length=1000)


def parked_routes(runtime: "Runtime") -> Routes:
    """``/parked``: what subscribers could not handle. Retrying has its effect once, so these need no key."""
    routes = Routes("搁置的事件", "Parked events", prefix="/parked")

    @routes.get("", permission=LOOK, response_model=PageOf[dict[str, Any]], summary="列表 · List")
    async def list_events(call: Call, page: Annotated[ParkedPage, Query()]) -> Response:
        """处理失败而搁置的事件;同一聚合之后的事件在其后等待 · Events set aside, with their errors."""
        rows = await list_parked(
            runtime.pool,
            state=page.state,
            subscriber=page.subscriber,
            after=page.after(str, str, int),
            limit=page.limit + 1,
        )
        return call.page(page, rows, lambda row: (row.subscriber, row.source, row.position), asdict)

    @routes.post(
        "/retry",
        permission=ACT,
        keyless="an event has its effect once, however often it is tried",
        response_model=dict[str, Any],
        summary="重试 · Try again",
    )
    async def retry(call: Call, body: Which) -> Response:
        """按顺序重试该聚合的全部搁置事件 · Try all parked events of the aggregate again, in order."""
        subscriber = _subscriber(runtime, body)
        try:
            handled, why = await subscriber.retry(body.source, body.stream, call.actor)
        except KeyError as error:
            raise _unknown() from error
        return call.answer({"handled": handled, "error": why})

    @routes.post(
        "/discard",
        permission=ACT,
        keyless="an event is given up once",
        response_model=dict[str, Any],
        summary="放弃 · Give up",
    )
    async def discard(call: Call, body: Discard) -> Response:
        """放弃一个搁置事件,记录何人、何时、为何 · Give one up; who, when and why are kept."""
        subscriber = _subscriber(runtime, body)
        try:
            found = await subscriber.discard(body.source, body.stream, body.position, call.actor, body.reason)
        except KeyError as error:
            raise _unknown() from error
        if not found:
            raise Problem(CONFLICT, Words("该事件不在等待。", "That event doesn't wait."))
        return call.answer({"discarded": body.position})

    return routes


def _subscriber(runtime: "Runtime", which: Which) -> "Projector | Subscriber":
    found = runtime.subscribers.get(which.subscriber)
    if found is None:
        raise _unknown()
    return found


def _unknown() -> Problem:
    return Problem(NOT_FOUND, Words("没有这个订阅。", "There is no such subscriber."))
