"""The monthly reports' pages: how far each is, what it says, and what can be done with it now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Query
from starlette.responses import Response

from services.reporting.api import permissions as may
from services.reporting.api.months import ACTIONS
from services.reporting.commands import months as commands
from services.reporting.commands.making import Making, data_of
from services.reporting.domain import monthly_report, names
from services.reporting.domain.account import StatisticsData
from services.reporting.domain.figures import FIGURES
from services.reporting.domain.names import REPORT_ACTION, REPORT_KIND, REPORT_STATUS
from services.reporting.domain.report_state import Report
from services.reporting.screens.frame import Frame, language_of
from services.reporting.views import months as view
from services.reporting.views.months import ReportsPage
from services.reporting.wording import in_words
from shared.api import Call, Routes
from shared.decider import Words
from shared.documents import DocumentDamaged
from shared.events.reporting import ReportFile, ReportKind
from shared.history import line
from shared.offers import offered
from shared.problems import Action
from shared.service import Runtime
from shared.shelves import ShelfUnreachable

TITLE = Words("月报", "Monthly reports")
_OPTIONAL = frozenset({"note", "acknowledge_days"})
_WORDS: Mapping[str, Words] = {
    "note": Words("意见（可空）", "Note (may be empty)"),
    "reason": Words("理由", "Reason"),
    "recipient": Words("收件人", "Recipient"),
    "acknowledge_days": Words("几日内签收", "Days to acknowledge"),
}


@dataclass(frozen=True, slots=True)
class Button:
    """Something that can be done now, and what has to be said with it."""

    action: str
    title: Words
    closed: Words | None
    """Why not now; None: it can."""
    fields: tuple[tuple[str, Words, bool], ...]
    """Name, title, and whether it may be left empty."""


def routes(runtime: Runtime, frame: Frame, making: Making) -> Routes:
    """``/screens/months`` and ``/screens/months/{code}``."""
    pages = Routes("页面", "Screens", prefix="/screens", turned_away=frame.turned_away)

    @pages.get("/months", permission=may.MONTHS_READ, include_in_schema=False)
    async def list_months(call: Call, page: Annotated[ReportsPage, Query()]) -> Response:
        """月报列表 · the reports, the latest month first."""
        rows = await view.reports(runtime.pool, page)
        shown, more = rows[: page.limit], len(rows) > page.limit
        return frame.page(call, "months.html", at="months", title=TITLE, reports=shown, more=more, **_NAMES)

    @pages.get("/months/{code}", permission=may.MONTHS_READ, include_in_schema=False)
    async def show_month(call: Call, code: str) -> Response:
        """一份月报 · one report."""
        report = commands.find(code)[2]
        state, _ = await runtime.log.load(monthly_report, report)
        opened = monthly_report.known(state)
        files = _files(state)
        history = await runtime.log.history(report)
        language = language_of(call)
        return frame.page(
            call,
            "month_report.html",
            at="months",
            code=code,
            opened=opened,
            state=state,
            files=files,
            data=await _data(making, opened.kind, files),
            buttons=_buttons(call, runtime, state),
            history=[line(recorded, language, in_words) for recorded in history],
            figures=FIGURES,
            **_NAMES,
        )

    return pages


_NAMES: Mapping[str, Any] = {"kinds": REPORT_KIND, "statuses": REPORT_STATUS, "names": names}


def _files(state: Report) -> list[ReportFile]:
    """Of the latest that there is: the restatement's draft, what was issued, the draft."""
    for step in (state.restatement, *reversed(state.issues), state.draft):
        if step:
            return list(step.files)
    return []


async def _data(making: Making, kind: ReportKind, files: list[ReportFile]) -> StatisticsData | None:
    """The figures; None before there are any, and where the store of documents is away."""
    if kind is not ReportKind.STATISTICS or not files:
        return None
    try:
        content = await making.archive.find(data_of(files).sha256)
    except (ShelfUnreachable, DocumentDamaged):
        return None
    return StatisticsData.model_validate_json(content) if content else None


def _buttons(call: Call, runtime: Runtime, state: Report) -> list[Button]:
    open_now = monthly_report.available(state, call.principal.subject, runtime.clock.now())
    permissions = {act.name: act.permission for act in ACTIONS}
    offers: list[Action] = offered(call.principal, open_now, permissions, REPORT_ACTION)
    by_name = {act.name.replace("_", "-"): act for act in ACTIONS}
    found = []
    for offer in offers:
        act = by_name[offer.name]
        asked = [name for name in act.command.model_fields if name not in {"at", "by", *act.given}]
        fields = tuple((name, _WORDS[name], name in _OPTIONAL) for name in asked if name in _WORDS)
        found.append(Button(offer.name, offer.title, offer.reason, fields))
    return found
