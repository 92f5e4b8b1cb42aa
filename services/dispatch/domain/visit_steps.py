"""What an engineer tells of a visit, step by step: at once, or later from offline and in any order.

A step's own time counts, not when the word of it came. It must fit between the steps that are on record.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypeVar

from services.dispatch.domain import visit_commands as wish
from services.dispatch.domain.consent import check_consent
from services.dispatch.domain.visit_clocks import (
    answer_due,
    minutes_late,
    settle_answer,
    settle_arrival,
    settle_report,
    unreported,
)
from services.dispatch.domain.visit_guards import (
    STEPS,
    given,
    has_mark,
    in_order,
    known,
    permit,
    permit_step,
    refused,
)
from services.dispatch.domain.visit_state import Step, Visit, VisitEvent
from shared.decider import Command, Refused
from shared.events import dispatch as fact
from shared.events.dispatch import ArrivalGrade, CheckOutWay, Claimant
from shared.facts import tell

E = TypeVar("E", bound=fact.DispatchEvent)


def accept(command: wish.AcceptVisit, visit: Visit) -> Sequence[VisitEvent]:
    """4.7: late is late, and yet better than not at all. What was accepted before a rescheduling is asked again."""
    if _told_before("accept", command, visit):
        return []
    _permit("accept", command, visit)
    accepted = _step(fact.VisitAccepted, command, visit, answer_due=answer_due(visit))
    return [*settle_answer(visit, command.at), accepted]


def refuse(command: wish.RefuseDispatch, visit: Visit) -> Sequence[VisitEvent]:
    """4.7, D15: with a reason; a refusal for safety is told apart. Who refuses an instruction themselves has it,
    confirmed or not."""
    before = visit.refused
    if before and (before.reason, before.safety) == (command.reason, command.safety):
        return []
    permit("refuse", visit)
    assigned = given(visit, "refuse")
    if command.at < assigned.at:
        raise Refused("before_assignment", "时间早于派工。", "That was before it was assigned.")
    themselves = command.own_engineer == assigned.engineer
    more: dict[str, Any] = {
        "instruction": assigned.instruction,
        "assigned_at": assigned.at,
        "assigned_by": assigned.assigned_by,
        "delivered_at": visit.delivered.at if visit.delivered else command.at if themselves else None,
        "answer_due": answer_due(visit),
    }
    return [*settle_answer(visit, command.at), _step(fact.DispatchRefused, command, visit, **more)]


def report_delay(command: wish.ReportDelay, visit: Visit) -> Sequence[VisitEvent]:
    """Known causes go with ``VisitLate``; whether they excuse, others decide."""
    before = visit.delays[-1] if visit.delays else None
    if before and (before.cause, before.note) == (command.cause, command.note) and before.at == command.at:
        return []
    permit("report_delay", visit)
    return [_step(fact.VisitDelayReported, command, visit)]


def depart(command: wish.Depart, visit: Visit) -> Sequence[VisitEvent]:
    if _told_before("depart", command, visit):
        return []
    _permit("depart", command, visit)
    return [_step(fact.VisitEnRoute, command, visit)]


# --- arrival ----------------------------------------------------------------------------------------------------------


def check_in(command: wish.CheckIn, visit: Visit) -> Sequence[VisitEvent]:
    """D5: the first graded check-in is the arrival; what a device says later of another time is its claim."""
    if _told_before("check_in", command, visit):
        return []
    if visit.arrived and visit.arrived.grade in _OF_THE_OFFICE:
        return _claim_of_device(command, visit)
    _permit("check_in", command, visit)
    accuracy = command.position.accuracy_m if command.position else None
    facts = {"grade": grade(command), "distance_m": command.distance_m, "accuracy_m": accuracy}
    return _arrive(command, visit, reason=None, confirmation=None, offline=_late(command), **facts)


def record_arrival(command: wish.RecordArrival, visit: Visit) -> Sequence[VisitEvent]:
    """The office's word: with the customer's confirmation, or with a reason. Steps before it may be told later."""
    if _told_before("record_arrival", command, visit):
        return []
    permit_step("record_arrival", visit, offline=True, at=command.at)
    in_order("record_arrival", visit, command.at)
    if command.confirmation:
        check_consent(command.confirmation)
    elif not command.reason:
        raise Refused(
            "arrival_unfounded",
            "请提供客户确认的凭证，或说明登记原因。",
            "Give the customer's confirmation, or say why it is recorded by hand.",
        )
    how = ArrivalGrade.CUSTOMER_CONFIRMED if command.confirmation else ArrivalGrade.MANUAL
    return _arrive(command, visit, grade=how, distance_m=None, accuracy_m=None, offline=False)


def grade(command: wish.CheckIn) -> ArrivalGrade:
    """How sure a check-in is. A time that only the device knows is unverified, wherever the device was; a position that
    is too vague, or of a site whose place isn't known, shows nothing."""
    if _late(command) or command.position is None:
        return ArrivalGrade.OFFLINE_UNVERIFIED
    radius = command.radius_m or command.terms.radius_m
    sure = command.position.accuracy_m <= command.terms.accuracy_m
    there = command.distance_m is not None and command.distance_m <= radius
    return ArrivalGrade.GEOFENCE_OK if sure and there else ArrivalGrade.GEOFENCE_FAILED


def _arrive(command: wish.CheckIn | wish.RecordArrival, visit: Visit, **more: Any) -> Sequence[VisitEvent]:
    planned, assigned = known(visit), given(visit, "check_in")
    assert visit.agreed, "what was assigned is agreed"
    arrived = tell(
        fact.VisitArrived,
        command,
        visit=planned.visit,
        work_order=planned.work_order,
        ticket=planned.ticket,
        engineer=assigned.engineer,
        customer=planned.customer,
        agreed_arrival=visit.agreed,
        late_after=visit.late_after,
        late_minutes=minutes_late(command.at, visit.agreed),
        **more,
    )
    return [*settle_arrival(visit, command.at, command.received_at), arrived]


_OF_THE_OFFICE = frozenset({ArrivalGrade.MANUAL, ArrivalGrade.CUSTOMER_CONFIRMED})


def _claim_of_device(command: wish.CheckIn, visit: Visit) -> Sequence[VisitEvent]:
    """The office had recorded the arrival; the engineer's device, offline until now, has its own word of it."""
    claim = visit.claims.get(Claimant.DEVICE)
    if claim and claim.arrived_at == command.at:
        return []
    permit("claim_arrival", visit)
    assigned = given(visit, "check_in")
    return [
        fact.ArrivalClaimed(
            at=command.at,
            visit=assigned.visit,
            work_order=assigned.work_order,
            engineer=assigned.engineer,
            claimant=Claimant.DEVICE,
            arrived_at=command.at,
            basis=grade(command).value,
            claimed_by=command.by,
        )
    ]


# --- work -------------------------------------------------------------------------------------------------------------


def start_work(command: wish.StartWork, visit: Visit) -> Sequence[VisitEvent]:
    if _told_before("start_work", command, visit):
        return []
    _permit("start_work", command, visit)
    return [_step(fact.WorkStarted, command, visit)]


def pause(command: wish.PauseWork, visit: Visit) -> Sequence[VisitEvent]:
    if has_mark(visit, Step.PAUSE, command.at):
        return []
    _permit("pause", command, visit)
    return [_step(fact.WorkPaused, command, visit)]


def resume(command: wish.ResumeWork, visit: Visit) -> Sequence[VisitEvent]:
    if has_mark(visit, Step.RESUME, command.at):
        return []
    _permit("resume", command, visit)
    return [_step(fact.WorkResumed, command, visit)]


def finish(command: wish.FinishWork, visit: Visit) -> Sequence[VisitEvent]:
    """4.4, D14: from here the report to headquarters is due; it may have been told before."""
    if _told_before("finish", command, visit):
        return []
    _permit("finish", command, visit)
    assert visit.agreed, "what was assigned is agreed"
    terms, left = command.terms, visit.checked_out
    due = command.at + timedelta(minutes=terms.report_minutes)
    patience = command.received_at + timedelta(minutes=terms.patience_minutes)
    finished = _step(
        fact.VisitFinished,
        command,
        visit,
        ticket=known(visit).ticket,
        agreed_arrival=visit.agreed,
        arrived_at=visit.arrived.at if visit.arrived else None,
        report_due=due,
        call_demanded=terms.call_demanded,
        watched_until=max(due, patience) if _late(command) else due,
        told=left is not None and left.at <= due,
    )
    too_late = [unreported(visit, finished)] if left and left.at > due else []
    return [finished, *too_late]


def check_out(command: wish.CheckOut, visit: Visit) -> Sequence[VisitEvent]:
    """D14: a call from the engineer, or the app's check-out, unless the policy demands a call."""
    if _told_before("check_out", command, visit):
        return []
    _permit("check_out", command, visit)
    finished = visit.finished
    call_demanded = finished.call_demanded if finished else command.terms.call_demanded
    if call_demanded and command.way is not CheckOutWay.CALL:
        raise Refused("call_demanded", "制度要求电话报告总部（4.4）。", "Headquarters wants to be called (4.4).")
    if command.way is CheckOutWay.CALL and not command.call_id:
        raise Refused("call_missing", "请注明通话编号。", "Say which call it was.")
    minutes = minutes_late(command.at, finished.report_due) if finished else None
    left = _step(fact.VisitCheckedOut, command, visit, late_minutes=minutes)
    return [*settle_report(visit, command.at), left]


# --- what all steps share ---------------------------------------------------------------------------------------------


def _late(command: wish.Told) -> bool:
    return command.terms.came_offline(command.at, command.received_at, command.offline)


def _permit(action: str, command: wish.Told, visit: Visit) -> None:
    permit_step(action, visit, offline=_late(command), at=command.at)
    in_order(action, visit, command.at)


def _told_before(action: str, command: Command, visit: Visit) -> bool:
    """The very same was told before; said with another time, it isn't a retry."""
    return visit.when(STEPS[action]) == command.at


def _step(kind: type[E], command: wish.Told, visit: Visit, **more: Any) -> E:
    planned, assigned = known(visit), visit.assigned
    if assigned is None:
        raise refused("accept", visit)
    facts = {"visit": planned.visit, "work_order": planned.work_order, "engineer": assigned.engineer}
    return tell(kind, command, **facts, offline=_late(command), **more)
