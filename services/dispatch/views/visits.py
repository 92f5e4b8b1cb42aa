"""Visits: one as it stands, read from the log itself; and lists, as the board has heard of them."""

from typing import Any
from uuid import UUID

from psycopg_pool import AsyncConnectionPool
from pydantic import AwareDatetime, Field

from services.dispatch.domain.names.visits import ARRIVAL_GRADE, VISIT_ACTION, VISIT_STATUS
from services.dispatch.domain.visit_guards import STEPS, known
from services.dispatch.domain.visit_state import Step, Visit
from services.dispatch.views.lists import select_page
from shared.events.dispatch import VisitStatus
from shared.language import Language, say
from shared.paging import Page


class VisitsPage(Page):
    """Which visits; newest first."""

    status: list[VisitStatus] = Field([], description="状态，可多选 · statuses")
    engineer: str | None = Field(None, description="服务人员 · engineer")
    work_order: UUID | None = Field(None, description="派工单 · work order")
    ticket: UUID | None = Field(None, description="服务请求 · ticket")
    customer: UUID | None = Field(None, description="客户 · customer")
    city: str | None = Field(None, description="城市 · city")
    late: bool | None = Field(None, description="到场逾期 · late (3.4b)")
    unanswered: bool | None = Field(None, description="派工未答复 · the instruction was not answered in time (4.7)")
    unreported: bool | None = Field(None, description="离场未报 · left without reporting (4.4)")
    starts_from: AwareDatetime | None = Field(None, description="约定时间起 · agreed from")
    starts_until: AwareDatetime | None = Field(None, description="约定时间止（不含）· agreed before")


async def listed(pool: AsyncConnectionPool, page: VisitsPage, own: str | None) -> list[dict[str, Any]]:
    """Up to ``page.limit + 1`` visits, by their numbers; ``own``: only those given to this engineer."""
    return await select_page(pool, "visits", page, "starts_at", {"assigned_to": own} if own is not None else {})


def shown(state: Visit, language: Language) -> dict[str, Any]:
    """The visit as JSON, but for what the caller may do."""
    planned, assigned = known(state), state.assigned
    return {
        **planned.model_dump(exclude={"at"}),
        "planned_at": planned.at,
        "status": state.status,
        "status_words": say(VISIT_STATUS[state.status], language),
        "engineer": state.engineer,
        "instruction": assigned.instruction if assigned else None,
        "assigned_at": assigned.at if assigned else None,
        "overlaps": assigned.overlaps if assigned else (),
        "on_leave": assigned.on_leave if assigned else False,
        "delivered_at": state.delivered.at if state.delivered else None,
        "answer_due": state.delivered.answer_due if state.delivered else None,
        "unanswered": state.unanswered is not None,
        "refusal": state.refused.model_dump(include={"at", "reason", "safety"}) if state.refused else None,
        "agreed_arrival": state.agreed,
        "late_after": state.late_after,
        "starts_at": state.starts_at,
        "ends_at": state.ends_at,
        "rescheduled": state.rescheduled.model_dump(include={"at", "new_arrival", "reason", "counts"})
        if state.rescheduled
        else None,
        "delays": [delay.model_dump(include={"at", "cause", "note", "expected_arrival"}) for delay in state.delays],
        "late": state.late.model_dump(include={"minutes", "causes", "agreed_arrival"}) if state.late else None,
        "steps": {action: state.when(step) for action, step in STEPS.items() if action != "record_arrival"},
        "missing": [say(VISIT_ACTION[_CALLED[step]], language) for step in state.gaps()],
        "arrival": _arrival(state, language),
        "pauses": [{"at": mark.at, "step": mark.step.name.lower()} for mark in state.marks],
        "result": state.finished.result if state.finished else None,
        "worked_minutes": state.worked(),
        "report_due": state.finished.report_due if state.finished else None,
        "unreported": state.unreported is not None,
        "called_late": state.called_late.model_dump(include={"at", "call", "late_minutes"})
        if state.called_late
        else None,
        "check_out": state.checked_out.model_dump(include={"way", "call_id", "late_minutes"})
        if state.checked_out
        else None,
        "aborted": state.aborted.model_dump(include={"at", "reason", "on_site"}) if state.aborted else None,
    }


_CALLED: dict[Step, str] = {step: action for action, step in STEPS.items() if action != "record_arrival"}


def _arrival(state: Visit, language: Language) -> dict[str, Any] | None:
    """D5: the arrival with its grade, what each of the three claims, and how it was settled."""
    claims = state.claimed()
    if not claims:
        return None
    arrived, settled = state.arrived, state.adjudicated
    return {
        "at": settled.arrived_at if settled else (arrived.at if arrived else None),
        "late_minutes": settled.late_minutes if settled else (arrived.late_minutes if arrived else None),
        "grade": arrived.grade if arrived else None,
        "grade_words": say(ARRIVAL_GRADE[arrived.grade], language) if arrived else None,
        "distance_m": arrived.distance_m if arrived else None,
        "accuracy_m": arrived.accuracy_m if arrived else None,
        "claims": {claimant.value: at for claimant, at in claims.items()},
        "disputed": bool(state.claims) and settled is None,
        "adjudication": settled.model_dump(include={"at", "arrived_at", "reasons", "adjudicated_by"})
        if settled
        else None,
    }
