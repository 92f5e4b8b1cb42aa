"""A visit: ``PLANNED → ASSIGNED → {ACCEPTED | REFUSED} → EN_ROUTE → ARRIVED → WORKING ⇄ PAUSED → FINISHED →
CHECKED_OUT``; ``→ RESCHEDULED`` before ARRIVED, with the customer's consent; ``→ ABORTED``.

Three clocks run beside it: the arrival at the agreed time (3.4b), the answer to a delivered instruction (D15), and the
report to headquarters after the job (D14). What engineers tell late from offline counts by its own time, and corrects
what the clocks had made of its absence.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, assert_never

from services.dispatch.domain import visit_commands as wish
from services.dispatch.domain import visit_steps as steps
from services.dispatch.domain.consent import check_consent
from services.dispatch.domain.identity import visit_number
from services.dispatch.domain.visit_clocks import (
    lapse_answer,
    lapse_arrival,
    lapse_report,
    late,
    minutes_late,
    not_late,
    note_late_call,
    settle_answer,
    unanswered,
)
from services.dispatch.domain.visit_guards import available, given, known, permit, permit_adjudicate, refused
from services.dispatch.domain.visit_state import NEW, Step, Visit, VisitEvent, deadlines, evolve
from shared.decider import Refused
from shared.events import dispatch as fact
from shared.facts import repeats, same, tell

__all__ = ["NEW", "STREAM", "Visit", "available", "deadlines", "decide", "evolve"]

STREAM = "visit"


def decide(command: wish.VisitCommand, visit: Visit) -> Sequence[VisitEvent]:
    """The events that ``command`` causes; none when it says again what has happened. Raises ``Refused``."""
    match command:
        case wish.PlanVisit():
            return _plan(command, visit)
        case wish.AssignVisit():
            return _assign(command, visit)
        case wish.ConfirmDelivery():
            return _confirm_delivery(command, visit)
        case wish.RescheduleVisit():
            return _reschedule(command, visit)
        case wish.ClaimArrival():
            return _claim(command, visit)
        case wish.AdjudicateArrival():
            return _adjudicate(command, visit)
        case wish.AbortVisit():
            return _abort(command, visit)
        case wish.LapseAnswer():
            return lapse_answer(command, visit)
        case wish.LapseArrival():
            return lapse_arrival(command, visit)
        case wish.LapseReport():
            return lapse_report(command, visit)
        case wish.NoteLateCall():
            return note_late_call(command, visit)
        case _:
            return _step(command, visit)


_Step = (
    wish.AcceptVisit
    | wish.RefuseDispatch
    | wish.ReportDelay
    | wish.Depart
    | wish.CheckIn
    | wish.RecordArrival
    | wish.StartWork
    | wish.PauseWork
    | wish.ResumeWork
    | wish.FinishWork
    | wish.CheckOut
)


def _step(command: _Step, visit: Visit) -> Sequence[VisitEvent]:
    match command:
        case wish.AcceptVisit():
            return steps.accept(command, visit)
        case wish.RefuseDispatch():
            return steps.refuse(command, visit)
        case wish.ReportDelay():
            return steps.report_delay(command, visit)
        case wish.Depart():
            return steps.depart(command, visit)
        case wish.CheckIn():
            return steps.check_in(command, visit)
        case wish.RecordArrival():
            return steps.record_arrival(command, visit)
        case wish.StartWork():
            return steps.start_work(command, visit)
        case wish.PauseWork():
            return steps.pause(command, visit)
        case wish.ResumeWork():
            return steps.resume(command, visit)
        case wish.FinishWork():
            return steps.finish(command, visit)
        case wish.CheckOut():
            return steps.check_out(command, visit)
        case _:
            assert_never(command)


# --- planning, assigning ----------------------------------------------------------------------------------------------


def _plan(command: wish.PlanVisit, visit: Visit) -> Sequence[VisitEvent]:
    minutes = command.minutes or command.terms.visit_minutes
    event = tell(fact.VisitPlanned, command, number=visit_number(command.visit, command.at), minutes=minutes)
    if visit.planned is None:
        return [event]
    if same(event.model_copy(update={"number": visit.planned.number}), visit.planned):
        return []
    raise Refused("visit_exists", "该上门已存在。", "There is such a visit already.")


def _assign(command: wish.AssignVisit, visit: Visit) -> Sequence[VisitEvent]:
    """4.7: a written instruction. 3.4b: for a time that the customer has accepted; once agreed it only changes with the
    customer's consent, whoever goes."""
    if _assigned_so(command, visit):
        return []
    permit("assign", visit)
    planned, before = known(visit), visit.assigned
    agreed = visit.agreed or command.agreed_arrival
    if agreed is None:
        raise Refused("agreed_arrival_missing", "请填写与客户约定的到场时间。", "Say when the customer expects it.")
    if visit.agreed and command.agreed_arrival not in (None, visit.agreed):
        raise Refused(
            "reschedule_first",
            "已与客户约定到场时间，改时间须经客户同意，请用改约。",
            "The time is agreed with the customer: reschedule it with their consent.",
        )
    if not visit.agreed and agreed <= command.at:
        raise Refused("agreed_arrival_past", "约定到场时间须在派工之后。", "The agreed time must be after now.")
    starts_at = visit.starts_at or agreed
    minutes = command.minutes or planned.minutes
    dropped = visit.answer_awaited and visit.delivered is not None and command.at <= visit.delivered.answer_due
    assigned = tell(
        fact.VisitAssigned,
        command,
        visit=planned.visit,
        work_order=planned.work_order,
        assignment=before.assignment + 1 if before else 1,
        agreed_arrival=agreed,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        late_after=visit.late_after or command.terms.late_after(agreed),
        override_reason=command.override_reason if command.overlaps or command.on_leave else None,
        replaces=visit.engineer,
        answer_dropped=dropped,
        assigned_by=command.by,
    )
    overdue = [unanswered(visit)] if visit.answer_awaited and not dropped else []
    return [*overdue, assigned]


def _assigned_so(command: wish.AssignVisit, visit: Visit) -> bool:
    assigned = visit.assigned
    if assigned is None or visit.refused:
        return False
    said = (command.engineer, command.instruction, command.agreed_arrival or visit.agreed)
    return said == (assigned.engineer, assigned.instruction, visit.agreed)


def _confirm_delivery(command: wish.ConfirmDelivery, visit: Visit) -> Sequence[VisitEvent]:
    """D15: from here an answer is due."""
    if visit.delivered and repeats(command, visit.delivered):
        return []
    permit("confirm_delivery", visit)
    assigned = given(visit, "confirm_delivery")
    if command.at < assigned.at:
        raise Refused("before_assignment", "时间早于派工。", "That was before it was assigned.")
    if visit.answered or visit.accepted:
        raise Refused("already_answered", "已答复派工。", "The instruction has been answered.")
    due = command.at + timedelta(minutes=command.terms.answer_minutes)
    facts = {name: getattr(assigned, name) for name in ("visit", "work_order", "engineer", "assignment")}
    return [tell(fact.InstructionDelivered, command, answer_due=due, **facts)]


# --- another time (D4) ------------------------------------------------------------------------------------------------


def _reschedule(command: wish.RescheduleVisit, visit: Visit) -> Sequence[VisitEvent]:
    """D4: what the customer accepted before the earlier time lapsed counts, also where it is recorded later; accepted
    after that, it moves the visit, and the earlier time stays missed."""
    last = visit.rescheduled
    if last and last.new_arrival == command.new_arrival and last.consent == command.consent:
        return []
    _permit_reschedule(command, visit)
    agreed, late_after = visit.agreed, visit.late_after
    assert agreed, "what was assigned is agreed"
    assert late_after, "what was assigned is agreed"
    assert visit.starts_at, "what was assigned has its time"
    assert visit.ends_at, "what was assigned has its time"
    counts = command.at <= agreed
    if counts:
        agreed, late_after = command.new_arrival, command.terms.late_after(command.new_arrival)
    length = timedelta(minutes=command.minutes) if command.minutes else visit.ends_at - visit.starts_at
    planned = known(visit)
    moved = tell(
        fact.VisitRescheduled,
        command,
        visit=planned.visit,
        work_order=planned.work_order,
        ticket=planned.ticket,
        engineer=visit.engineer,
        agreed_before=visit.agreed,
        counts=counts,
        agreed_arrival=agreed,
        awaited=visit.arrived is None,
        late_after=late_after,
        starts_at=command.new_arrival,
        ends_at=command.new_arrival + length,
        override_reason=command.override_reason if command.overlaps or command.on_leave else None,
        rescheduled_by=command.by,
    )
    return _with_lateness(moved, visit, command)


def _with_lateness(moved: fact.VisitRescheduled, visit: Visit, command: wish.RescheduleVisit) -> Sequence[VisitEvent]:
    """What had seemed late, measured by the time that counts now."""
    if not moved.counts:
        return [moved]
    corrected = [not_late(visit, command.at, None)] if visit.late else []
    after = evolve(visit, moved)
    arrived = visit.arrived
    if arrived and arrived.at > moved.late_after:
        return [*corrected, moved, late(after, told_at=arrived.received_at, arrived_at=arrived.at)]
    return [*corrected, moved]


def _permit_reschedule(command: wish.RescheduleVisit, visit: Visit) -> None:
    arrived, since = visit.arrived, visit.agreed_since
    recorded_late = arrived and command.at < arrived.at and not (visit.adjudicated or visit.aborted)
    if not recorded_late:
        permit("reschedule", visit)
    check_consent(command.consent)
    if command.new_arrival <= command.at:
        raise Refused("new_arrival_past", "新的约定时间须在客户同意之后。", "The new time must be after the consent.")
    if since and command.at < since:
        raise Refused(
            "rescheduled_since",
            "客户此后已同意另一时间，以后者为准（D4）。",
            "The customer has accepted another time since; that one counts (D4).",
        )


# --- disputes (D5) ----------------------------------------------------------------------------------------------------


def _claim(command: wish.ClaimArrival, visit: Visit) -> Sequence[VisitEvent]:
    """D5: what device, server and customer say is kept apart; said again otherwise, the later word counts."""
    before = visit.claims.get(command.claimant)
    if before and repeats(command, before):
        return []
    permit("claim_arrival", visit)
    assigned = given(visit, "claim_arrival")
    if command.arrived_at and not assigned.at <= command.arrived_at <= command.at:
        raise Refused(
            "claim_out_of_range", "到场时间须在派工之后、现在之前。", "The arrival lies between the assignment and now."
        )
    facts = {name: getattr(assigned, name) for name in ("visit", "work_order", "engineer")}
    return [tell(fact.ArrivalClaimed, command, claimed_by=command.by, **facts)]


def _adjudicate(command: wish.AdjudicateArrival, visit: Visit) -> Sequence[VisitEvent]:
    """D5 ⚖: one event settles it; by somebody who claimed nothing, assigned nothing and wasn't there."""
    if visit.adjudicated and repeats(command, visit.adjudicated):
        return []
    permit_adjudicate(visit, {command.by, command.decider_engineer})
    assigned = given(visit, "adjudicate_arrival")
    if command.arrived_at and not assigned.at <= command.arrived_at <= command.at:
        raise Refused(
            "arrival_out_of_range", "到场时间须在派工之后、现在之前。", "The arrival lies between assignment and now."
        )
    assert visit.agreed, "what was assigned is agreed"
    claimed = {claimant.value: at for claimant, at in visit.claimed().items()}
    minutes = minutes_late(command.arrived_at, visit.agreed) if command.arrived_at else None
    facts: dict[str, Any] = dict.fromkeys(("device", "server", "customer")) | claimed
    settled = tell(
        fact.ArrivalAdjudicated,
        command,
        visit=assigned.visit,
        work_order=assigned.work_order,
        ticket=known(visit).ticket,
        engineer=assigned.engineer,
        agreed_arrival=visit.agreed,
        late_minutes=minutes,
        adjudicated_by=command.by,
        **facts,
    )
    return [*_lateness_found(command, visit), settled]


def _lateness_found(command: wish.AdjudicateArrival, visit: Visit) -> Sequence[VisitEvent]:
    assert visit.late_after, "what was assigned is agreed"
    in_time = command.arrived_at is not None and command.arrived_at <= visit.late_after
    if in_time:
        return [not_late(visit, command.at, command.arrived_at)] if visit.late else []
    gone = visit.aborted is not None and visit.aborted.at <= visit.late_after
    if visit.late or command.at <= visit.late_after or (gone and command.arrived_at is None):
        return []
    return [late(visit, told_at=command.at, arrived_at=command.arrived_at)]


# --- abort ------------------------------------------------------------------------------------------------------------


def _abort(command: wish.AbortVisit, visit: Visit) -> Sequence[VisitEvent]:
    """What was owed until then stays a fact; what would have been owed later is dropped."""
    if visit.aborted and visit.aborted.reason == command.reason:
        return []
    permit("abort", visit)
    planned = known(visit)
    told = [visit.when(step) for step in Step]
    if any(at and at > command.at for at in told):
        raise refused("abort", visit)
    lateness = _late_by_then(command, visit)
    waits = visit.answer_awaited and visit.delivered is not None
    answered_late = settle_answer(visit, command.at) if waits else []
    aborted = tell(
        fact.VisitAborted,
        command,
        visit=planned.visit,
        work_order=planned.work_order,
        ticket=planned.ticket,
        engineer=visit.engineer,
        on_site=visit.arrived is not None,
        clock_dropped=visit.arrival_awaited and not lateness,
        answer_dropped=waits and not answered_late,
        offline=command.terms.came_offline(command.at, command.received_at, command.offline),
    )
    return [*lateness, *answered_late, aborted]


def _late_by_then(command: wish.AbortVisit, visit: Visit) -> Sequence[VisitEvent]:
    """Aborted after the agreed time had passed is late; aborted before, and only recorded after, it never was."""
    if visit.arrived or visit.late_after is None:
        return []
    if visit.late:
        return [not_late(visit, command.at, None)] if command.at <= visit.late_after else []
    return [late(visit, told_at=command.received_at)] if command.at > visit.late_after else []
