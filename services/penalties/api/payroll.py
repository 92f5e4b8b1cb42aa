"""The payroll list of a month (D8): closed once, the same file every time."""

import asyncio
import base64
import hashlib
from functools import partial
from typing import Any

from pydantic import BaseModel
from starlette.responses import Response

from services.penalties.api import permissions as may
from services.penalties.commands import payroll as commands
from services.penalties.domain import payroll
from services.penalties.domain.identity import PAYROLL
from services.penalties.domain.names.payroll import DROP_CAUSE, PAYROLL_ACTION
from services.penalties.domain.payroll import Payroll
from services.penalties.domain.payroll_file import csv_of
from services.penalties.views.sheets import payroll_sheet
from shared.api import Call, Routes
from shared.calendar import Period
from shared.decider import Words
from shared.eventlog import StreamNotFound, Streams
from shared.events.penalties import PayrollExported, PayrollLine
from shared.language import Language, say
from shared.offers import offered
from shared.problems import INVALID, NOT_FOUND, Action, Finding, Problem
from shared.service import Runtime
from shared.spreadsheet.writing import CSV, XLSX
from shared.uploads import file_response


class PayrollDone(BaseModel):
    """The list that is closed."""

    period: str
    number: str
    lines: int
    total: str
    sha256: str
    exported_at: str


_PERMISSIONS = {"export": may.PAYROLL_EXPORT}


def routes(runtime: Runtime) -> Routes:
    async def actions(call: Call) -> list[Action]:
        period = str(call.path_params["period"])
        open_now = payroll.available(await _state(runtime), period, runtime.clock.now())
        return offered(call.principal, open_now, _PERMISSIONS, PAYROLL_ACTION)

    routes = Routes("工资清单", "Payroll list", prefix="/payroll", actions=actions)
    _files(routes, runtime)
    _read(routes, runtime, actions)

    @routes.post(
        "/{period}/export",
        permission=may.PAYROLL_EXPORT,
        response_model=PayrollDone,
        summary="导出工资清单 · Export the payroll list",
    )
    async def export_payroll(call: Call, period: str) -> Response:
        """当月已生效的罚款与补贴列入清单并执行，次月 1 日起；再次导出得到同一清单。缺工资登记时拒绝，并列出人员 ·
        Closes the list of a month that is over and executes what is on it; again, it is the same list. Refused where a
        wage is missing, naming whose."""
        work = partial(commands.export, period=_month(period), at=call.moment(), by=call.actor)
        return call.done(await runtime.log.execute(work, call.context()))

    return routes


def _read(routes: Routes, runtime: Runtime, actions: Any) -> None:
    read = may.PAYROLL_READ

    @routes.get("", permission=read, response_model=list[dict[str, Any]], summary="全部清单 · All lists")
    async def list_payrolls(call: Call) -> Response:
        """已导出的清单，新的在前 · The lists that are closed, newest first."""
        return call.answer([_closed(each) for each in reversed((await _state(runtime)).lists)])

    @routes.get("/{period}", permission=read, response_model=dict[str, Any], summary="查看清单 · Show a list")
    async def show_payroll(call: Call, period: str) -> Response:
        """一个月的清单与每一条 · One month's list, line by line."""
        event = await _exported(runtime, _month(period))
        shown = event.model_dump(exclude={"lines", "at"}) | {"exported_at": event.at}
        shown["lines"] = [_line(line, call.language) for line in event.lines]
        shown["available_actions"] = [action.shown(call.language) for action in await actions(call)]
        return call.answer(shown, headers={"ETag": f'"{event.sha256}"'})

    @routes.get("/{period}/preview", permission=read, response_model=dict[str, Any], summary="预览 · Preview")
    async def preview_payroll(call: Call, period: str) -> Response:
        """若现在导出会有哪些条目；不作任何登记 · What would be on it now; nothing is recorded."""
        month, now = _month(period), runtime.clock.now()

        async def look(streams: Streams) -> list[PayrollLine]:
            return await commands.preview(streams, month, now)

        lines = await runtime.log.look(look)
        shown: dict[str, Any] = {"period": month, "total": payroll.total(lines)}
        shown["lines"] = [_line(line, call.language) for line in lines]
        shown["available_actions"] = [action.shown(call.language) for action in await actions(call)]
        return call.answer(shown)


def _files(routes: Routes, runtime: Runtime) -> None:
    read = may.PAYROLL_READ

    @routes.get("/{period}.csv", permission=read, response_class=Response, summary="下载 CSV · As CSV")
    async def download_payroll_csv(call: Call, period: str) -> Response:
        """清单（CSV）；ETag 为事件中的 SHA-256，每次相同 · The same bytes every time; their SHA-256 is in the event."""
        event = await _exported(runtime, _month(period))
        return _file(csv_of(event.number, event.lines, event.total), CSV, f"{event.number}.csv")

    @routes.get("/{period}.xlsx", permission=read, response_class=Response, summary="下载 XLSX · As XLSX")
    async def download_payroll_xlsx(call: Call, period: str) -> Response:
        """清单（XLSX），每次相同 · The same bytes every time."""
        event = await _exported(runtime, _month(period))
        return _file(await asyncio.to_thread(payroll_sheet, event), XLSX, f"{event.number}.xlsx")


def _file(content: bytes, kind: str, name: str) -> Response:
    """With its fingerprint as ETag, and as RFC 9530 has it."""
    response = file_response(content, kind, name)
    digest = hashlib.sha256(content)
    response.headers["ETag"] = f'"{digest.hexdigest()}"'
    response.headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    return response


async def _state(runtime: Runtime) -> Payroll:
    """All lists so far."""

    async def look(streams: Streams) -> Payroll:
        return await streams.load(payroll, PAYROLL, required=False)

    return await runtime.log.look(look)


async def _exported(runtime: Runtime, period: str) -> PayrollExported:
    """The list of that month. Raises Problem (404)."""
    try:
        found = [recorded.event for recorded in await runtime.log.history(PAYROLL)]
    except StreamNotFound:
        found = []
    for event in found:
        if isinstance(event, PayrollExported) and event.period == period:
            return event
    raise Problem(NOT_FOUND, Words(f"{period} 的清单尚未导出。", f"The list of {period} isn't closed yet."))


def _month(period: str) -> str:
    """Raises Problem (422)."""
    try:
        return str(Period.parse(period))
    except ValueError as error:
        raise Problem(INVALID, findings=[Finding(_A_MONTH, ("period",), "path")]) from error


_A_MONTH = Words("应为月份，如 2026-10。", "A month is expected, such as 2026-10.")


def _closed(each: payroll.Closed) -> dict[str, Any]:
    about = {"period": each.period, "number": each.number, "lines": each.lines, "total": each.total}
    return about | {"sha256": each.sha256, "exported_at": each.at}


def _line(line: PayrollLine, language: Language) -> dict[str, Any]:
    shown = line.model_dump()
    for name in ("dropped_for", "carried_for"):
        cause = getattr(line, name)
        shown[f"{name}_words"] = say(DROP_CAUSE[cause], language) if cause else None
    return shown
