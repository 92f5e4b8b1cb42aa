"""The month's figures as they stand now, and the events behind each (5.4.1-4)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated

from fastapi import Path, Query
from starlette.responses import Response

from services.reporting.api import permissions as may
from services.reporting.api.fresh import Fresh, fresh
from services.reporting.commands.making import as_cut
from services.reporting.domain import monthly_report
from services.reporting.domain.account import StatisticsData, statistics_data, year_before
from services.reporting.domain.cuts import LIVE, Cut, Cuts
from services.reporting.domain.figures import Split
from services.reporting.domain.identity import report_id
from services.reporting.domain.names import group_name
from services.reporting.domain.report_state import Report
from services.reporting.feed import Feed
from services.reporting.views import statistics_entries as drill
from services.reporting.views import statistics_reading as reading
from services.reporting.views.statistics_entries import EntriesPage, Entry
from shared.api import Call, Routes
from shared.calendar import Period
from shared.decider import Words
from shared.eventlog import Streams
from shared.events.reporting import ReportKind
from shared.language import Language, say
from shared.paging import PageOf
from shared.problems import NOT_READY, Problem
from shared.service import Runtime

PeriodPath = Annotated[
    str,
    Path(
        pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$",
        description="统计月，上海时间 · the month, Asia/Shanghai",
        examples=["2026-10"],
    ),
]

BUILDING = Words(
    "统计数据正在首次建立，请稍后再试。", "The figures are being built for the first time; try again shortly."
)


class LiveStatistics(Fresh, StatisticsData):
    """The figures of a month as they stand now; a draft, whatever was reported."""


def routes(runtime: Runtime, feed: Feed) -> Routes:
    routes = Routes("月度统计", "Monthly statistics", prefix="/statistics")

    @routes.get(
        "/{period}", permission=may.STATISTICS_READ, response_model=LiveStatistics, summary="当前数字 · Figures now"
    )
    async def show_statistics(call: Call, period: PeriodPath) -> Response:
        """人数、人次、人天与各项费用（5.4），旁列上月与去年同月，并按产品、区域、客户、类别、保内外细分；为草稿 ·
        Persons, person-times, person-days and costs, beside last month's and last year's, and split; a draft."""
        now = runtime.clock.now()
        async with built(), reading.one_state(runtime.pool) as connection:
            account = await reading.account_of(connection, Period.parse(period), await _cuts(runtime, period))
        data = _called(statistics_data(account), call.language)
        return call.answer(LiveStatistics(**dict(data), **fresh(feed, now)))

    @routes.get(
        "/{period}/entries",
        permission=may.STATISTICS_DRILL,
        response_model=PageOf[Entry],
        summary="数字由哪些事件构成 · The events behind a figure",
    )
    async def list_entries(call: Call, period: PeriodPath, page: Annotated[EntriesPage, Query()]) -> Response:
        """按发生先后 · In the order in which they happened."""
        cuts = await _cuts(runtime, period)
        async with built(), reading.one_state(runtime.pool) as connection:
            rows = await drill.entries_of(connection, Period.parse(period), page, cuts.at, cuts.since)
        return call.page(page, rows, drill.place)

    return routes


async def _cuts(runtime: Runtime, period: str) -> Cuts:
    """All that is there, beside what was reported of the month before and of a year before."""
    month = Period.parse(period)
    before, year = [await _reported(runtime, each) for each in (month.previous, year_before(month))]
    return Cuts(LIVE, before, year)


async def _reported(runtime: Runtime, period: Period) -> Cut | None:
    report = await runtime.log.look(partial(_report_of, period=period))
    return as_cut(report.positions) if report.positions else None


async def _report_of(streams: Streams, period: Period) -> Report:
    return await streams.load(monthly_report, report_id(ReportKind.STATISTICS, period), required=False)


def _called(data: StatisticsData, language: Language) -> StatisticsData:
    """With every group's name in the caller's language."""
    by = {
        split: tuple(
            group.model_copy(update={"name": say(group_name(split, group.key, group.name), language)})
            for group in data.by[split]
        )
        for split in Split
    }
    return data.model_copy(update={"by": by})


@asynccontextmanager
async def built() -> AsyncIterator[None]:
    """Raises Problem (503) where the figures aren't there yet."""
    try:
        yield
    except reading.NotBuilt as error:
        raise Problem(NOT_READY, BUILDING, headers={"Retry-After": "2"}) from error
