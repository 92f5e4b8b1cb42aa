"""The dispatcher's board, the map, and an engineer's day."""

from datetime import date
from typing import Any

from fastapi import Query
from starlette.responses import Response

from services.dispatch.api import permissions as may
from services.dispatch.views import board_reading as reading
from services.dispatch.views.map import MEDIA_TYPE, map_of
from shared.api import Call, Routes
from shared.calendar import day_of
from shared.service import Runtime


def routes(runtime: Runtime) -> Routes:
    routes = Routes("调度看板", "Board")

    @routes.get("/board", permission=may.BOARD_READ, response_model=dict[str, Any], summary="调度看板 · Board")
    async def show_board(
        call: Call,
        day: date | None = Query(None, description="上海日期,默认今天 · a day in Shanghai; default: today"),
        region: str | None = Query(None, min_length=1, max_length=200, description="区域 · region"),
        city: str | None = Query(None, min_length=1, max_length=200, description="城市 · city"),
    ) -> Response:
        """未派、今日、逾期未到（3.4b），以及每人每小时 ·
        What nobody is assigned to, what is on today, who hasn't arrived in time, and everybody's hours."""
        now = runtime.clock.now()
        return call.answer(await reading.board(runtime.pool, day or day_of(now), now, region=region, city=city))

    @routes.get("/map", permission=may.MAP_READ, response_model=dict[str, Any], summary="地图 · Map")
    async def show_map(
        call: Call,
        day: date | None = Query(None, description="上海日期,默认今天 · a day in Shanghai; default: today"),
        region: str | None = Query(None, min_length=1, max_length=200, description="区域 · region"),
        city: str | None = Query(None, min_length=1, max_length=200, description="城市 · city"),
    ) -> Response:
        """GeoJSON：当天、未派、逾期的上门和人员驻地；没有坐标的另列 ·
        GeoJSON: the day's visits, what waits or is late, and engineers' bases; what has no coordinates beside it."""
        now = runtime.clock.now()
        found = await map_of(runtime.pool, day or day_of(now), now, region=region, city=city)
        return call.answer(found, headers={"Content-Type": MEDIA_TYPE})

    @routes.get(
        "/engineers/{code}/day",
        permission=may.DAY_READ,
        response_model=dict[str, Any],
        summary="某人一天 · An engineer's day",
    )
    async def show_day(
        call: Call,
        code: str,
        day: date | None = Query(None, description="上海日期,默认今天 · a day in Shanghai; default: today"),
    ) -> Response:
        """一名服务人员一天的上门，按时间；本人只看自己的 · The visits of a day, by time; engineers see their own."""
        call.require_own(code)
        on = day or day_of(runtime.clock.now())
        visits = await reading.engineers_day(runtime.pool, code, on)
        return call.answer({"engineer": code, "day": on, "visits": visits})

    return routes
