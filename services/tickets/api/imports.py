"""Register imports: ``POST`` a spreadsheet; progress as NDJSON for those who ask; the result as JSON or XLSX."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import File, Query, UploadFile
from starlette.responses import Response, StreamingResponse

from services.tickets.api import permissions as may
from services.tickets.api.reference import SAME_ROWS, unreadable_file
from services.tickets.imports import Progress, RegisterImports, Result, kept, kept_sheet
from services.tickets.persons import Persons
from services.tickets.register import SpreadsheetUnreadable, read_register
from shared.api import FILE_LIMIT, Call, Routes
from shared.decider import Words
from shared.events.base import Source
from shared.language import Language, say
from shared.problems import NOT_FOUND, Problem
from shared.service import Runtime

NDJSON = "application/x-ndjson"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def routes(runtime: Runtime, persons: Persons) -> Routes:
    routes = Routes("登记表导入", "Register imports", prefix="/register-imports")
    imports = RegisterImports(runtime.log, runtime.pool, persons)

    @routes.post(
        "",
        permission=may.IMPORT,
        keyless=SAME_ROWS,
        body_limit=FILE_LIMIT,
        response_model=dict[str, Any],
        summary="导入登记表 · Import a register",
    )
    async def import_register(
        call: Call,
        file: Annotated[UploadFile, File(description="XLSX 或 CSV · XLSX or CSV")],
        dry_run: Annotated[bool, Query(description="只检查,不导入 · only check")] = False,
    ) -> Response:
        """来电来函登记表 → 登记、服务请求、答复、上门、满意度、投诉,时间以表中为准。
        Accept: application/x-ndjson 时逐行返回进度 · with it, progress comes line by line."""
        data = await file.read()
        try:
            register = await asyncio.to_thread(read_register, data, file.filename or "register")
        except SpreadsheetUnreadable as unreadable:
            raise unreadable_file(unreadable) from unreadable
        context = replace(call.context(), source=Source.IMPORT)
        steps = imports.run(register, data, context, dry_run=dry_run, at=runtime.clock.now())
        if NDJSON in call.headers.get("accept", ""):
            return StreamingResponse(_lines(steps, call.language), media_type=NDJSON)
        async for step in steps:
            if isinstance(step, Result):
                return call.answer(_shown(step, call.language))
        raise AssertionError("an import ends with its result")

    @routes.get("/{import_id}", permission=may.IMPORT, response_model=dict[str, Any], summary="结果 · The result")
    async def show_import(call: Call, import_id: UUID) -> Response:
        """每一行的结果与原因 · What became of each row."""
        found = await kept(runtime.pool, import_id)
        if found is None:
            raise Problem(NOT_FOUND)
        return call.answer(found | {"rows": [_row(row, call.language) for row in found["rows"]]})

    @routes.get("/{import_id}/result.xlsx", permission=may.IMPORT, response_class=Response, summary="结果表 · As XLSX")
    async def show_sheet(import_id: UUID) -> Response:
        """结果表(XLSX)· The result as a spreadsheet."""
        found = await kept_sheet(runtime.pool, import_id)
        if found is None:
            raise Problem(NOT_FOUND)
        name = f'attachment; filename="register-import-{import_id}.xlsx"'
        return Response(found, media_type=XLSX, headers={"Content-Disposition": name})

    return routes


async def _lines(steps: AsyncIterator[Progress | Result], language: Language) -> AsyncIterator[bytes]:
    async for step in steps:
        line = _shown(step, language) if isinstance(step, Result) else {"done": step.done, "total": step.total}
        yield orjson.dumps(line, default=str) + b"\n"


def _shown(result: Result, language: Language) -> dict[str, Any]:
    return {
        "import": result.import_id,
        "filename": result.filename,
        "dry_run": result.import_id is None,
        "counts": result.counts,
        "notices": [say(words, language) for words in result.notices],
        "rows": [_row(row, language) for row in result.rows],
    }


def _row(row: dict[str, Any], language: Language) -> dict[str, Any]:
    shown = dict(row)
    for name in ("result", "reason"):
        if name in shown:
            shown[name] = say(Words(*shown[name]), language)
    if "notes" in shown:
        shown["notes"] = [say(Words(*words), language) for words in shown["notes"]]
    return shown
