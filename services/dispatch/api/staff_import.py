"""Engineers and rosters from a spreadsheet: good rows go in, bad ones are told by number and reason."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

from fastapi import File, Query, UploadFile
from starlette.responses import Response

from services.dispatch.api import permissions as may
from services.dispatch.domain.roster import GrantLeave
from services.dispatch.staff import Staff
from services.dispatch.staff_import import Allowed, Imported, StaffImport
from services.dispatch.staff_sheet import EngineerSaid, StaffFile, StaffRow, read_staff
from shared.api import FILE_LIMIT, Call, Routes
from shared.decider import Words
from shared.events.base import Source
from shared.language import Language, say
from shared.problems import INVALID, Problem
from shared.service import Runtime
from shared.spreadsheet.errors import SpreadsheetUnreadable

SAME_ROWS = "the rows themselves decide: importing the same file again changes nothing"
_ENGINEER, _DUTY, _LEAVE = Words("人员", "engineer"), Words("值守", "duty"), Words("休假", "leave")


def routes(runtime: Runtime) -> Routes:
    routes = Routes("服务人员", "Engineers", prefix="/engineers")
    known = Staff(runtime.secret)

    @routes.post(
        "/import",
        permission=may.ENGINEERS_WRITE,
        keyless=SAME_ROWS,
        body_limit=FILE_LIMIT,
        response_model=dict[str, Any],
        summary="导入人员与排班 · Import engineers and rosters",
    )
    async def import_staff(
        call: Call,
        file: Annotated[UploadFile, File(description="XLSX 或 CSV · XLSX or CSV")],
        dry_run: Annotated[bool, Query(description="只检查，不导入 · only check")] = False,
    ) -> Response:
        """人员表（工号、姓名、电话、技能、地区、驻地城市、驻地纬度、驻地经度、在用、电话补贴、工资档、补贴生效日期）与
        排班表（工号、开始日期、结束日期、类别、星期、时段、时区），可在同一文件的不同工作表；没有的列保持原样。
        错误行逐行报告，其余照常导入 · Tables of engineers and of rosters, known by their headers; a column that isn't
        there changes nothing. Bad rows are reported, good ones go in."""
        found = await _read(runtime, call, file)
        allowed = Allowed(
            terms=may.TERMS.allows(call.principal, reading=False), leave=may.LEAVE.allows(call.principal, reading=False)
        )
        work = StaffImport(runtime.log, runtime.pool, known, allowed)
        context = replace(call.context(), source=Source.IMPORT)
        done = await (work.try_out(found.rows) if dry_run else work.run(found.rows, context))
        about = {"filename": file.filename or "", "dry_run": dry_run}
        return call.answer(about | _shown(found, done, call.language))

    return routes


async def _read(runtime: Runtime, call: Call, file: UploadFile) -> StaffFile:
    """Raises Problem (422) where it is no spreadsheet of engineers or rosters."""
    read = partial(read_staff, await file.read(), file.filename or "CSV", at=runtime.clock.now(), by=call.actor)
    try:
        return await asyncio.to_thread(read)
    except SpreadsheetUnreadable as unreadable:
        raise Problem(INVALID, unreadable.words, code=unreadable.code.replace("_", "-")) from unreadable


def _shown(found: StaffFile, done: Sequence[Imported], language: Language) -> dict[str, Any]:
    rows = [
        {
            "sheet": each.row.sheet,
            "row": each.row.row,
            "engineer": each.row.engineer,
            "kind": _kind(each.row, language),
            "result": each.result,
            "reason": say(each.reason, language) if each.reason else None,
        }
        for each in done
    ]
    counts = {name: sum(row["result"] == name for row in rows) for name in ("recorded", "unchanged", "refused")}
    return {"counts": counts, "notices": [say(words, language) for words in found.notices], "rows": rows}


def _kind(row: StaffRow, language: Language) -> str | None:
    match row.said:
        case None:
            return None
        case EngineerSaid():
            return say(_ENGINEER, language)
        case GrantLeave():
            return say(_LEAVE, language)
        case _:
            return say(_DUTY, language)
