"""The ledger (处罚台账): entries, balances and demerits, as of any moment; as CSV and XLSX."""

import asyncio
from typing import Annotated, Any

from fastapi import Query
from starlette.responses import Response

from services.penalties.api import permissions as may
from services.penalties.views import ledger_reading as ledger
from services.penalties.views.ledger_reading import DemeritsFilter, LedgerFilter, LedgerPage
from services.penalties.views.sheets import ledger_csv, ledger_sheet
from shared.api import Call, Routes
from shared.decider import Words
from shared.paging import PageOf
from shared.problems import INVALID, Finding, Problem
from shared.service import Runtime
from shared.spreadsheet.writing import CSV, XLSX
from shared.uploads import file_response

MOST = 100_000
"""Entries in one file."""


def routes(runtime: Runtime) -> Routes:
    routes = Routes("处罚台账", "Ledger", prefix="/ledger")
    _read(routes, runtime)
    _export(routes, runtime)
    return routes


def _read(routes: Routes, runtime: Runtime) -> None:
    @routes.get("", permission=may.LEDGER_READ, response_model=PageOf[dict[str, Any]], summary="台账 · Entries")
    async def list_entries(call: Call, page: Annotated[LedgerPage, Query()]) -> Response:
        """新的在前；as_of 为截至某时已发生的，known_at 为截至某时已登记的；本人只看到自己的 ·
        Newest first; as it happened by ``as_of`` and as it was known by ``known_at``; engineers see their own."""
        rows = await ledger.page_of(runtime.pool, page, call.own)
        return call.page(page, rows, lambda row: (row["at"], row["position"]))

    @routes.get("/balances", permission=may.LEDGER_READ, response_model=list[dict[str, Any]], summary="余额 · Balances")
    async def show_balances(call: Call, wanted: Annotated[LedgerFilter, Query()]) -> Response:
        """每人每月的合计：罚款、补贴、分值、记过 · What each engineer's months come to."""
        return call.answer(await ledger.balances(runtime.pool, wanted, call.own))

    @routes.get("/demerits", permission=may.LEDGER_READ, response_model=list[dict[str, Any]], summary="记过 · Demerits")
    async def list_demerits(call: Call, wanted: Annotated[DemeritsFilter, Query()]) -> Response:
        """记过与记大过，是否仍有效 · Demerits, and whether they still count."""
        return call.answer(await ledger.demerits(runtime.pool, wanted, runtime.clock.now(), call.own))


def _export(routes: Routes, runtime: Runtime) -> None:
    @routes.get("/export.csv", permission=may.LEDGER_EXPORT, response_class=Response, summary="导出 CSV · As CSV")
    async def export_ledger_csv(call: Call, wanted: Annotated[LedgerFilter, Query()]) -> Response:
        """所选台账（CSV），含合计 · The chosen entries with their sums."""
        content = await asyncio.to_thread(ledger_csv, await _all(runtime, wanted), call.language)
        return file_response(content, CSV, "ledger.csv")

    @routes.get("/export.xlsx", permission=may.LEDGER_EXPORT, response_class=Response, summary="导出 XLSX · As XLSX")
    async def export_ledger_xlsx(call: Call, wanted: Annotated[LedgerFilter, Query()]) -> Response:
        """所选台账（XLSX），含合计 · The chosen entries with their sums."""
        content = await asyncio.to_thread(ledger_sheet, await _all(runtime, wanted), call.language)
        return file_response(content, XLSX, "ledger.xlsx")


async def _all(runtime: Runtime, wanted: LedgerFilter) -> list[dict[str, Any]]:
    """Raises Problem (422) where there are too many for a file: none are left out silently."""
    rows = await ledger.entries(runtime.pool, wanted, limit=MOST + 1)
    if len(rows) > MOST:
        raise Problem(INVALID, findings=[Finding(_TOO_MANY, ("period",), "query")])
    return rows


_TOO_MANY = Words(
    f"超过 {MOST} 条；请按统计月或人员分别导出。",
    f"There are more than {MOST} entries: export them by month or engineer.",
)
