"""What if: a period's facts under a draft, or another version, side by side with what happened. Nothing is written."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import date, datetime, time
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response, StreamingResponse

from services.penalties.api import permissions as may
from services.penalties.domain.names.penalty import PENALTY_STATUS
from services.penalties.domain.names.policy import FACT_KIND
from services.penalties.domain.policy import VersionNumber
from services.penalties.domain.what_if import Case, Sums, Tally, by_size
from services.penalties.views.what_if import Asked, WhatIf
from shared.api import Call, Routes
from shared.calendar import DAY, SHANGHAI
from shared.call import as_json
from shared.decider import Refused, Words
from shared.language import Language, say
from shared.problems import INVALID, NOT_FOUND, Finding, Problem
from shared.service import Runtime

NDJSON = "application/x-ndjson"


class WhatIfBody(BaseModel):
    """Which facts, and by which version."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"example": {"version": 2, "first": "2026-10-01", "last": "2026-10-31"}},
    )

    version: VersionNumber = Field(description="草案或版本号 · a draft or a version")
    first: date = Field(ge=date(2000, 1, 1), description="自该日（上海时间）· from this day on, Shanghai time")
    last: date = Field(le=date(2199, 12, 31), description="至该日（含）· up to this day, included")
    as_if_acknowledged: bool | None = Field(
        None,
        description="视同自始有效且人人已确认；默认：草案为是，已通过的版本为否 · "
        "as if it had always held and everybody had acknowledged it; default: for a draft yes, for a version no",
    )
    only_differing: bool = Field(False, description="只列出结果不同的 · only what would be otherwise")


def routes(runtime: Runtime) -> Routes:
    routes = Routes("制度推演", "What if", prefix="/what-if")

    @routes.search(
        "",
        permission=may.WHAT_IF,
        response_model=dict[str, Any],
        summary="推演 · What if",
        responses={200: {"content": {NDJSON: {}}}},
    )
    async def ask_what_if(call: Call, body: WhatIfBody) -> Response:
        """按草案或某版本重新衡量一段时间内的全部事实：谁会受影响、金额多少，与实际情况并列；不写入任何内容。
        Accept: application/x-ndjson 时逐行返回进度、每一事实（case）与最后的合计（summary） ·
        Who would have been affected, by how much, beside what happened. As NDJSON: progress, each case, the sums."""
        question = await _asked(runtime, body)
        if NDJSON in call.headers.get("accept", ""):
            return StreamingResponse(_lines(question, body, call.language), media_type=NDJSON)
        cases = [
            _case(case, call.language) async for step in question.steps() for case in step.cases if _wanted(case, body)
        ]
        return call.answer({"summary": _summary(question), "cases": cases})

    return routes


async def _asked(runtime: Runtime, body: WhatIfBody) -> WhatIf:
    """Raises Problem (404, 422)."""
    if body.last < body.first:
        raise Problem(INVALID, findings=[Finding(_BACKWARDS, ("last",))])
    begins, ends = (datetime.combine(day, time.min, SHANGHAI) for day in (body.first, body.last + DAY))
    try:
        return await WhatIf.ask(runtime.log, Asked(body.version, begins, ends, body.as_if_acknowledged))
    except Refused as refused:
        raise Problem(NOT_FOUND, refused.words, code="policy-version-unknown") from refused


_BACKWARDS = Words("不得早于起始日。", "It can't be before the first day.")


async def _lines(question: WhatIf, body: WhatIfBody, language: Language) -> AsyncIterator[bytes]:
    """One that ends without ``summary`` has broken off."""
    async for step in question.steps():
        cases = [{"case": _case(case, language)} for case in step.cases if _wanted(case, body)]
        progress = orjson.dumps({"done": step.done, "total": step.total})
        yield b"".join([*(as_json(case) + b"\n" for case in cases), progress, b"\n"])
    yield as_json({"summary": _summary(question)}) + b"\n"


def _wanted(case: Case, body: WhatIfBody) -> bool:
    """Facts from which nothing follows either way are counted, and not listed."""
    return case.differs if body.only_differing else bool(case.happened or case.then)


def _case(case: Case, language: Language) -> dict[str, Any]:
    happened = None
    if case.happened:
        status = case.happened.status
        happened = {
            "penalty": case.happened.penalty,
            **asdict(case.happened.suspected),
            "status": status,
            "status_words": say(PENALTY_STATUS[status], language),
            "decided": case.happened.decided,
        }
    names = ("fact", "key", "kind", "engineer", "happened_at", "differs")
    return {
        **{name: getattr(case, name) for name in names},
        "kind_words": say(FACT_KIND[case.kind], language),
        "happened": happened,
        "then": asdict(case.then) if case.then else None,
    }


def _summary(question: WhatIf) -> dict[str, Any]:
    tally: Tally = question.tally
    return {
        "policy_version": question.assumption.version,
        "as_if_acknowledged": question.assumption.by_all,
        "facts": tally.facts,
        "differing": tally.differing,
        **_sums(tally.whole),
        "rules": [{"rule": rule, **_sums(sums)} for rule, sums in sorted(tally.rules.items())],
        "engineers": [{"engineer": engineer, **_sums(sums)} for engineer, sums in by_size(tally.engineers)],
    }


def _sums(sums: Sums) -> dict[str, Any]:
    """CNY, as text."""
    return {
        "happened": {"suspected": sums.suspected, "at_stake": sums.at_stake, "decided": sums.decided},
        "then": {"suspected": sums.then_suspected, "at_stake": sums.then_at_stake},
    }
