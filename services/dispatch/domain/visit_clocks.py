"""What passed times make of a visit, and how that is corrected when the word of something came late.

A due time that passed is a fact, never a verdict: whose fault it is, is decided elsewhere (penalties).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil

from services.dispatch.domain import visit_commands as wish
from services.dispatch.domain.visit_guards import known
from services.dispatch.domain.visit_state import Visit, VisitEvent
from shared.decider import Refused
from shared.events import dispatch as fact
from shared.events.dispatch import Delay, KnownCause


def minutes_late(at: datetime, due: datetime) -> int:
    """Minutes begun after ``due``; 0 is in time."""
    return max(0, ceil((at - due) / timedelta(minutes=1)))


# --- the agreed arrival (3.4b, 4.5) -----------------------------------------------------------------------------------


def lapse_arrival(command: wish.LapseArrival, visit: Visit) -> Sequence[VisitEvent]:
    """3.4b: recorded when the agreed time, and the grace, passes without an arrival; not when somebody looks."""
    if not visit.arrival_awaited or visit.late_after is None:
        return []
    if command.at < visit.late_after:
        raise Refused("arrival_not_due", "约定到场时间未过。", "The agreed time hasn't passed.")
    return [late(visit, told_at=command.at)]


def late(visit: Visit, *, told_at: datetime, arrived_at: datetime | None = None) -> fact.VisitLate:
    """That the agreed time passed, with what is known: the instruction, and causes without a judgement on them.

    ``told_at``: when this is recorded.
    """
    planned, assigned = known(visit), visit.assigned
    assert assigned, "what is agreed was assigned"
    assert visit.agreed, "what is agreed was assigned"
    assert visit.late_after, "what is agreed was assigned"
    return fact.VisitLate(
        at=visit.late_after,
        visit=planned.visit,
        number=planned.number,
        work_order=planned.work_order,
        ticket=planned.ticket,
        engineer=visit.engineer,
        customer=planned.customer,
        customer_name=planned.customer_name,
        agreed_arrival=visit.agreed,
        minutes=minutes_late(arrived_at or told_at, visit.agreed),
        arrived_at=arrived_at,
        causes=_causes(visit),
        instruction=assigned.instruction,
        assigned_at=assigned.at,
        assigned_by=assigned.assigned_by,
    )


def _causes(visit: Visit) -> tuple[KnownCause, ...]:
    """What was told, and what the system sees by itself."""
    told = [KnownCause(cause=each.cause, note=each.note, told_at=each.at) for each in visit.delays]
    if visit.refused:
        return (*told, KnownCause(cause=Delay.NOBODY_ASSIGNED, note=visit.refused.reason))
    seen = []
    if not (visit.accepted or visit.en_route or visit.arrived):
        seen.append(KnownCause(cause=Delay.UNANSWERED))
        if not visit.delivered:
            seen.append(KnownCause(cause=Delay.NOT_DELIVERED))
    return (*told, *seen)


def not_late(visit: Visit, at: datetime, arrived_at: datetime | None) -> fact.VisitLateCorrected:
    """What had seemed to be missed wasn't."""
    planned = known(visit)
    assert visit.late, "only what was recorded is corrected"
    return fact.VisitLateCorrected(
        at=at,
        visit=planned.visit,
        work_order=planned.work_order,
        engineer=visit.late.engineer,
        agreed_arrival=visit.late.agreed_arrival,
        arrived_at=arrived_at,
    )


def settle_arrival(visit: Visit, at: datetime, told_at: datetime) -> Sequence[VisitEvent]:
    """What an arrival at ``at`` says about lateness: it is late if it hadn't been recorded, or it never was."""
    assert visit.late_after, "who arrives was assigned"
    if at > visit.late_after:
        return [] if visit.late else [late(visit, told_at=told_at, arrived_at=at)]
    return [not_late(visit, at, at)] if visit.late else []


# --- the answer to an instruction (4.7, D15) --------------------------------------------------------------------------


def lapse_answer(command: wish.LapseAnswer, visit: Visit) -> Sequence[VisitEvent]:
    """D15: delivered, and unanswered for so many minutes."""
    if not visit.answer_awaited or visit.delivered is None:
        return []
    if command.at < visit.delivered.answer_due:
        raise Refused("answer_not_due", "答复时限未到。", "The answer isn't due yet.")
    return [unanswered(visit)]


def unanswered(visit: Visit) -> fact.DispatchUnanswered:
    """That the time for an answer is over."""
    assigned, delivered = visit.assigned, visit.delivered
    assert assigned, "only what was assigned is delivered"
    assert delivered, "an answer is due from the delivery"
    return fact.DispatchUnanswered(
        at=delivered.answer_due,
        visit=delivered.visit,
        work_order=delivered.work_order,
        engineer=delivered.engineer,
        instruction=assigned.instruction,
        delivered_at=delivered.at,
        due=delivered.answer_due,
        assigned_by=assigned.assigned_by,
    )


def settle_answer(visit: Visit, at: datetime) -> Sequence[VisitEvent]:
    """What an answer at ``at`` says about whether it was in time."""
    delivered = visit.delivered
    if delivered is None or visit.answered:
        return []
    if at > delivered.answer_due:
        return [] if visit.unanswered else [unanswered(visit)]
    if visit.unanswered is None:
        return []
    return [
        fact.DispatchUnansweredCorrected(
            at=at,
            visit=delivered.visit,
            work_order=delivered.work_order,
            engineer=delivered.engineer,
            due=delivered.answer_due,
            answered_at=at,
            delivered_at=delivered.at,
        )
    ]


def answer_due(visit: Visit) -> datetime | None:
    """Until when the answer that is given now was awaited."""
    return visit.delivered.answer_due if visit.delivered and not visit.answered else None


# --- the report to headquarters (4.4, D14) ----------------------------------------------------------------------------


def lapse_report(command: wish.LapseReport, visit: Visit) -> Sequence[VisitEvent]:
    """D14: neither a call nor the app's check-out in time."""
    finished = visit.finished
    if finished is None or visit.checked_out or visit.unreported:
        return []
    if command.at < finished.watched_until:
        raise Refused("report_not_due", "离场报告时限未到。", "The report isn't due yet.")
    return [unreported(visit, finished)]


def unreported(visit: Visit, finished: fact.VisitFinished) -> fact.LeftWithoutReporting:
    """That headquarters wasn't told in time."""
    assert visit.assigned, "whoever finishes was assigned"
    return fact.LeftWithoutReporting(
        at=finished.report_due,
        visit=finished.visit,
        number=known(visit).number,
        work_order=finished.work_order,
        engineer=finished.engineer,
        finished_at=finished.at,
        due=finished.report_due,
        call_demanded=finished.call_demanded,
        assigned_by=visit.assigned.assigned_by,
    )


def settle_report(visit: Visit, at: datetime) -> Sequence[VisitEvent]:
    """What a check-out at ``at`` says about whether headquarters was told in time."""
    finished = visit.finished
    if finished is None:
        return []
    if at > finished.report_due:
        return [] if visit.unreported else [unreported(visit, finished)]
    if visit.unreported is None:
        return []
    return [
        fact.LeftWithoutReportingCorrected(
            at=at,
            visit=finished.visit,
            work_order=finished.work_order,
            engineer=finished.engineer,
            due=finished.report_due,
            reported_at=at,
        )
    ]


def reports(visit: Visit, called_at: datetime) -> bool:
    """D14: a call within the time for it reports a visit of which nothing was reported yet."""
    finished = visit.finished
    if finished is None or visit.checked_out or visit.aborted:
        return False
    return finished.at <= called_at <= finished.report_due


def note_late_call(command: wish.NoteLateCall, visit: Visit) -> Sequence[VisitEvent]:
    """4.4, D14: after the due time a call may be about anything, so it reports nothing by itself; and yet whoever
    judges that they left without reporting has to know of it, and how late it was. The first one counts."""
    finished, before = visit.finished, visit.called_late
    if finished is None or visit.checked_out or visit.aborted or command.at <= finished.report_due:
        return []
    if before and before.at <= command.at:
        return []
    return [
        fact.CalledHomeLate(
            at=command.at,
            visit=finished.visit,
            work_order=finished.work_order,
            engineer=finished.engineer,
            call=command.call,
            due=finished.report_due,
            late_minutes=minutes_late(command.at, finished.report_due),
        )
    ]
