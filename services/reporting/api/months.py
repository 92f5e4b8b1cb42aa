"""The monthly reports: opened, cut off, drafted, reviewed ⚖, issued, acknowledged, restated ⚖ (5.4)."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel
from starlette.responses import Response

from services.reporting.api import permissions as may
from services.reporting.api.statistics import BUILDING
from services.reporting.commands import months as commands
from services.reporting.commands.making import Making, data_of
from services.reporting.domain import monthly_report
from services.reporting.domain import report_commands as wish
from services.reporting.domain.names import REPORT_ACTION, REPORT_KIND, REPORT_STATUS
from services.reporting.domain.report_state import Report
from services.reporting.reach import NotThere
from services.reporting.views import months as view
from services.reporting.views.months import ReportsPage
from services.reporting.views.statistics_reading import NotBuilt
from services.reporting.wording import in_words
from shared.actions import Act, Work, declare
from shared.api import Call, Routes
from shared.decider import Words
from shared.documents import DocumentDamaged
from shared.events.reporting import ReportFile
from shared.history import line
from shared.language import say
from shared.offers import offered
from shared.paging import PageOf
from shared.problems import NOT_FOUND, NOT_READY, Action, Problem
from shared.service import Runtime
from shared.shelves import ShelfUnreachable
from shared.uploads import file_response

_BEHIND = Words(
    "统计数据尚未处理完已发布的事件，或有事件被搁置；请处理后重试。",
    "The figures are behind what was published, or events are parked: see to that and try again.",
)
_AWAY = Words("文件库暂时无法访问，请稍后再试。", "The store of documents can't be reached; try again shortly.")
_DAMAGED = Words("文件已损坏，请从备份恢复。", "The document is damaged: restore it from the backup.")


class ReportDone(BaseModel):
    """The report as it stands after the command."""

    report: str
    number: str
    status: str
    issued: str | None
    fingerprint: str | None
    restatement: str | None
    waiting_for: list[str]
    version: int


class Proof(BaseModel):
    """What the data come to when they are made again from the logs, beside what was issued."""

    number: str
    issued_sha256: str
    made_again_sha256: str
    same: bool


def _acts() -> Sequence[Act]:
    """In the order of a report's life."""
    p = "/{code}/"
    return (
        Act(
            "open",
            wish.OpenMonth,
            may.MONTHS_PREPARE,
            "手工开始一个统计月；通常自动开始 · Open a month by hand; as a rule it opens by itself.",
            {},
            commands.open_,
            ("kind", "period"),
            path=p + "open",
            status=201,
        ),
        Act(
            "cut_off",
            wish.CutOffMonth,
            may.MONTHS_PREPARE,
            "按各服务日志的当前位置截数；此后得知的列入下月调整 · "
            "Look so far into the logs; what is learned later is the next month's adjustment.",
            {},
            commands.cut_off,
            ("positions", "since", "last_year", "follows"),
            path=p + "cut-off",
        ),
        Act(
            "draft",
            wish.DraftReport,
            may.MONTHS_PREPARE,
            "由截数范围内的事件生成数据与文件 · Make data and documents of what lies within the cut-off.",
            {},
            commands.draft,
            ("positions", "files"),
            path=p + "draft",
        ),
        Act(
            "review",
            wish.ReviewReport,
            may.MONTHS_REVIEW,
            "由起草人以外的人复核 ⚖ · Reviewed by another person than the drafter.",
            {"note": "与财务台账核对一致"},
            commands.act,
            path=p + "review",
        ),
        Act(
            "return",
            wish.ReturnReport,
            may.MONTHS_REVIEW,
            "退回，可重新截数、起草 · Returned, to be cut off and drafted anew.",
            {"reason": "两张派工单的运费待补"},
            commands.act,
            path=p + "return",
        ),
        Act(
            "issue",
            wish.IssueReport,
            may.MONTHS_ISSUE,
            "签发并送达各收件人；签发后不再改变 · Issued and sent to the recipients; it never changes from then on.",
            {"acknowledge_days": 3},
            commands.issue,
            ("recipients",),
            path=p + "issue",
        ),
        Act(
            "acknowledge",
            wish.AcknowledgeReport,
            may.MONTHS_ACKNOWLEDGE,
            "收件人签收（D26） · A recipient has read it.",
            {"recipient": "quality"},
            commands.act,
            path=p + "acknowledge",
        ),
        Act(
            "draft_restatement",
            wish.DraftRestatement,
            may.MONTHS_PREPARE,
            "按现在所知起草重述，列出变化；仅限尚无后续月报者 · "
            "What it would say by what is known now; only while no later report builds on it.",
            {"reason": "漏计一笔差旅费，客户要求更正"},
            commands.draft_restatement,
            ("positions", "files", "changes"),
            path=p + "draft-restatement",
        ),
        Act(
            "drop_restatement",
            wish.DropRestatement,
            may.MONTHS_RESTATE,
            "放弃重述，原月报有效 · The report stands as it was issued.",
            {"reason": "下月调整即可"},
            commands.act,
            path=p + "drop-restatement",
        ),
        Act(
            "restate",
            wish.RestateReport,
            may.MONTHS_RESTATE,
            "由起草重述以外的人决定 ⚖；原月报保留 · Decided by another person; the report before is kept.",
            {"acknowledge_days": 3},
            commands.issue,
            ("recipients",),
            path=p + "restate",
        ),
    )


ACTIONS = _acts()
_PERMISSIONS = {act.name: act.permission for act in ACTIONS}
_MAKING = frozenset({"cut_off", "draft", "draft_restatement"})
"""Actions that look at the figures."""


def routes(runtime: Runtime, making: Making) -> Routes:
    async def actions(call: Call) -> list[Action]:
        code = call.path_params.get("code")
        if code is None:
            return []
        state, _ = await runtime.log.load(monthly_report, commands.find(str(code))[2])
        return offered(call.principal, _open_now(runtime, call, state), _PERMISSIONS, REPORT_ACTION)

    routes = Routes("月报", "Monthly reports", prefix="/months", actions=actions)
    for act in ACTIONS:
        more = {"making": making} if act.name in _MAKING else {}
        declare(routes, runtime.log, _answering(act), REPORT_ACTION, ReportDone, **more)
    _read(routes, runtime)
    _documents(routes, runtime, making)
    return routes


def _open_now(runtime: Runtime, call: Call, state: Report) -> dict[str, Words | None]:
    return monthly_report.available(state, call.principal.subject, runtime.clock.now())


def _answering(act: Act) -> Act:
    """With what keeps a report from being made as a problem document."""
    return Act(
        act.name,
        act.command,
        act.permission,
        act.about,
        act.example,
        _told(act.work),
        act.given,
        path=act.path,
        status=act.status,
    )


def _told(work: Work) -> Work:
    @wraps(work)
    async def tell(*args: Any, **more: Any) -> dict[str, Any]:
        try:
            return await work(*args, **more)
        except Exception as error:
            raise _problem(error) or error from error

    return tell


def _problem(error: Exception) -> Problem | None:
    """503 with the reason, for what will be over by and by."""
    reasons: tuple[tuple[type[Exception], Words], ...] = (
        (NotThere, _BEHIND),
        (NotBuilt, BUILDING),
        (ShelfUnreachable, _AWAY),
        (DocumentDamaged, _DAMAGED),
    )
    for kind, words in reasons:
        if isinstance(error, kind):
            return Problem(NOT_READY, words, headers={"Retry-After": "5"})
    return None


def _read(routes: Routes, runtime: Runtime) -> None:
    read = may.MONTHS_READ

    @routes.get("", permission=read, response_model=PageOf[dict[str, Any]], summary="列表 · List")
    async def list_months(call: Call, page: Annotated[ReportsPage, Query()]) -> Response:
        """月报列表，最近的月份在前 · Reports, the latest month first."""
        rows = await view.reports(runtime.pool, page)
        return call.page(page, rows, lambda row: (row["period"], row["number"]))

    @routes.get("/{code}", permission=read, response_model=dict[str, Any], summary="查看 · Show")
    async def show_month(call: Call, code: str) -> Response:
        """一份月报：截数、文件、期限、送达与签收、可用操作 · One report, and what is open now."""
        state, version = await runtime.log.load(monthly_report, commands.find(code)[2])
        opened, status = monthly_report.known(state), state.status
        shown: dict[str, Any] = opened.model_dump(mode="json", exclude={"at", "alarm"})
        shown |= {
            "title": say(REPORT_KIND[opened.kind], call.language),
            "status": status,
            "status_name": say(REPORT_STATUS[status], call.language) if status else None,
            "late": state.late,
            "waiting_for": [each.recipient for each in state.waiting_for],
            "failing": [each.model_dump(mode="json") for each in state.failures.values()],
            "issues": [each.model_dump(mode="json") for each in state.issues],
            "version": version,
        }
        for name in ("cut", "draft", "reviewed", "restatement", "followed"):
            step = getattr(state, name)
            shown[name] = step.model_dump(mode="json", exclude={"report"}) if step else None
        actions = offered(call.principal, _open_now(runtime, call, state), _PERMISSIONS, REPORT_ACTION)
        shown["available_actions"] = [action.shown(call.language) for action in actions]
        # No 304: what is open depends on the caller and the time as well.
        return call.answer(shown, headers={"ETag": f'"{version}"'})

    @routes.get("/{code}/history", permission=read, response_model=list[dict[str, Any]], summary="历史 · History")
    async def show_month_history(call: Call, code: str) -> Response:
        """每一步：何时、何人、何事，上海时间 · Every step in plain words, Shanghai time."""
        report = commands.find(code)[2]
        await runtime.log.load(monthly_report, report)
        history = await runtime.log.history(report)
        return call.answer([line(recorded, call.language, in_words) for recorded in history])


def _documents(routes: Routes, runtime: Runtime, making: Making) -> None:
    @routes.get(
        "/{code}/files/{name}",
        permission=may.MONTHS_READ,
        response_class=Response,
        summary="文件 · A document",
    )
    async def show_file(call: Call, code: str, name: str) -> Response:
        """草稿、签发或重述的一个文件 · A document of the draft, the issued report or a restatement."""
        state, _ = await runtime.log.load(monthly_report, commands.find(code)[2])
        file = next((each for each in _files(state) if each.name == name), None)
        if file is None:
            raise Problem(NOT_FOUND)
        content = await _found(lambda: making.archive.find(file.sha256))
        if content is None:
            raise Problem(NOT_FOUND)
        return file_response(content, file.media_type, file.name)

    @routes.get("/{code}/proof", permission=may.MONTHS_READ, response_model=Proof, summary="重新生成并比对 · Prove")
    async def prove(call: Call, code: str) -> Response:
        """由日志重新生成数据，与签发时的哈希比对 · Make the data again from the logs, and compare the hashes."""
        kind, period, report = commands.find(code)
        state, _ = await runtime.log.load(monthly_report, report)
        if state.issue is None:
            raise Problem(NOT_FOUND, Words("尚未签发。", "It isn't issued yet."))
        again = await _found(lambda: making.sha256_of_data(kind, period, commands.cuts_of(state)))
        issued = data_of(state.issue.files).sha256
        return call.answer(
            Proof(number=state.issue.number, issued_sha256=issued, made_again_sha256=again, same=again == issued)
        )


async def _found(asked: Callable[[], Any]) -> Any:
    """Raises Problem (503)."""
    try:
        return await asked()
    except Exception as error:
        raise _problem(error) or error from error


def _files(state: Report) -> list[ReportFile]:
    """The latest first, where an earlier draft had a document of the same name."""
    found: list[ReportFile] = []
    for step in (*reversed(state.issues), state.restatement, state.draft):
        found += step.files if step else ()
    return found
