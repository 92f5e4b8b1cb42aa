"""Where sites are (D13): coordinates are kept beside the log and never stand in an address."""

from functools import partial
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.dispatch.api import permissions as may
from services.dispatch.api.work_orders import ID
from services.dispatch.commands import places as commands
from services.dispatch.places import Place, record_of
from shared.api import Call, Routes
from shared.problems import NOT_FOUND, Problem
from shared.service import Runtime


class PlaceBody(BaseModel):
    """Where a site is; how large, where the policy's radius doesn't fit."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"site": ID, "latitude": 31.2989, "longitude": 120.5853}}
    )

    site: UUID = Field(description="服务地点 · site")
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    radius_m: int | None = Field(None, ge=1, le=100_000, description="米 · metres")


class PlaceKept(BaseModel):
    site: UUID


class Nothing(BaseModel):
    """There is nothing to say."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {}})


def routes(runtime: Runtime) -> Routes:
    routes = Routes("地点定位", "Places", prefix="/places")

    @routes.post("", permission=may.PLACES_WRITE, status_code=201, response_model=PlaceKept, summary="登记 · Record")
    async def record_place(call: Call, body: PlaceBody) -> Response:
        """登记或更正服务地点的位置 · Where a site is; said again, it is corrected."""
        place = Place(body.latitude, body.longitude, body.radius_m)
        work = partial(commands.keep, site=body.site, place=place, at=runtime.clock.now(), by=call.actor)
        return call.done(await runtime.log.execute(work, call.context()), status=201)

    @routes.get("/{site:uuid}", permission=may.PLACES_READ, response_model=dict[str, Any], summary="查看 · Show")
    async def show_place(call: Call, site: UUID) -> Response:
        """服务地点的位置，何时由谁登记 · Where a site is; who said it, and when."""
        found = await record_of(runtime.pool, site)
        if found is None:
            raise Problem(NOT_FOUND)
        return call.answer(found)

    @routes.post("/{site:uuid}/erase", permission=may.PLACES_ERASE, response_model=PlaceKept, summary="删除 · Erase")
    async def erase_place(call: Call, site: UUID, body: Nothing) -> Response:
        """删除位置（D13）· Where it was is forgotten."""
        if await record_of(runtime.pool, site) is None:
            raise Problem(NOT_FOUND)
        work = partial(commands.erase, site=site, at=runtime.clock.now())
        return call.done(await runtime.log.execute(work, call.context()))

    return routes
