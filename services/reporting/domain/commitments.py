"""The company's promises, clause by clause: which event makes one, which keeps or breaks it (domain 1).

Each event is put down as marks. What became of a promise follows from its marks in their order, and from nothing else;
so the same question at the same positions of the logs has one answer for ever.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.calendar import SHANGHAI
from shared.decider import Words
from shared.events import dispatch, reporting, tickets
from shared.events.base import Event
from shared.events.dispatch import Delay
from shared.events.tickets import CoverageVerdict, Purpose


class Mark(StrEnum):
    """What an event says of a promise."""

    PROMISED = "promised"
    KEPT = "kept"
    DONE = "done"
    """Kept if it is before ``due``; missed otherwise."""
    CORRECTED = "corrected"
    """It had been kept after all."""
    MISSED = "missed"
    EXCUSED = "excused"
    """Missed, for a reason that lies with the customer or with nobody; ``code`` says which."""
    DROPPED = "dropped"
    """Nobody expects it any more: cancelled, merged, aborted."""


class Outcome(StrEnum):
    """What became of a promise, as far as is known."""

    KEPT = "kept"
    MISSED = "missed"
    EXCUSED = "excused"
    OPEN = "open"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of the commitment."""

    code: str
    title: Words
    about: Words
    """What is counted, or why nothing is."""
    measured: bool = True
    customers: bool = True
    """Of a customer's own things; the others are the company's as a whole, and no part of a customer's report."""
    always: bool = False
    """Each mark counts though nobody promised it before: what is done at once, or may never happen."""


@dataclass(frozen=True, slots=True)
class Marked:
    """What an event says."""

    clause: str
    subject: str
    """Which promise; ``""``: all of ``ref`` that are open."""
    mark: Mark
    at: datetime
    """Of a promise, when it falls due or was made: its day decides to which span it belongs."""
    ref: UUID
    """The ticket, visit, work order … it is about."""
    due: datetime | None = None
    code: str | None = None


CLAUSES: Sequence[Clause] = (
    Clause("0.1", Words("配送", "Delivery"), Words("配送派工单：确认后完成并验收。", "Delivery orders: verified.")),
    Clause(
        "0.2",
        Words("质检", "Inspection"),
        Words("发货的每一批均先经质检放行。", "Every shipment was released by inspection before."),
        always=True,
    ),
    Clause("0.3", Words("安放", "Placement"), Words("安放派工单：完成并验收。", "Placement orders: verified.")),
    Clause("0.4", Words("培训", "Training"), Words("培训派工单：完成并验收。", "Training orders: verified.")),
    Clause(
        "一",
        Words("全过程质量追溯", "Traceability"),
        Words("事件日志即记录，由 verify 与哈希链证明；不计次数。", "The log is the record: proved, not counted."),
        measured=False,
    ),
    Clause(
        "2.1",
        Words("保内免费维修或更换", "Repair in warranty"),
        Words("判定保内的服务请求：已解决。", "Tickets in warranty: resolved."),
    ),
    Clause(
        "2.2",
        Words("保外报价", "Quote out of warranty"),
        Words("判定保外的服务请求：已发出报价。", "Tickets out of warranty: a quote was issued."),
    ),
    Clause(
        "2.3", Words("定期走访", "Routine visits"), Words("走访派工单：完成并验收。", "Routine-visit orders: verified.")
    ),
    Clause(
        "2.4",
        Words("产品宣传", "Products made known"),
        Words("没有事件记录，不计。", "No event tells of it; not measured."),
        measured=False,
    ),
    Clause(
        "3.1",
        Words("文明服务、不索要财物（3.1、3.3、3.5）", "Conduct (3.1, 3.3, 3.5)"),
        Words("查实的投诉计为违反；未投诉不计入遵守。", "Complaints found true are breaches; silence proves nothing."),
        always=True,
    ),
    Clause("3.2", Words("上报总部", "Escalation"), Words("上报总部的问题：已答复。", "Escalated: answered.")),
    Clause(
        "3.4a",
        Words("24 小时内答复", "Answer within 24 hours"),
        Words("每次请求与重开：24 小时内首次答复。", "Each request and reopening: a first answer in 24 hours."),
    ),
    Clause(
        "3.4b",
        Words("按约定时间到场", "On site at the agreed time"),
        Words(
            "每次约定的上门：在约定时间与宽限内到场。因客户、天气或安全而迟到为豁免。",
            "Each agreed visit: there in time, grace included. Late for the customer, weather or safety: excused.",
        ),
    ),
    Clause(
        "3.6a",
        Words("填写服务报告单", "Service report"),
        Words("完工的派工单：报告单已签或已记拒签。", "Finished orders: the report is signed, or refused."),
    ),
    Clause(
        "3.6b",
        Words("满意度调查", "Survey"),
        Words("已解决的服务请求：已请客户填写。", "Resolved tickets: the customer was asked."),
    ),
    Clause(
        "3.7",
        Words("外协件质量问题", "Bought-in parts"),
        Words("对供方的索赔：已了结。", "Claims on suppliers: settled."),
        customers=False,
    ),
    Clause(
        "3.8",
        Words("登记与记录", "Registers"),
        Words("登记即事件日志；不计次数。", "The registers are the event log; not counted."),
        measured=False,
    ),
    Clause("4.1", Words("受理投诉", "Complaints"), Words("收到的投诉：已办结。", "Complaints: closed.")),
    Clause(
        "4.2",
        Words("查实的投诉及挽回措施", "Remedies"),
        Words("查实的投诉：挽回措施已完成。", "Complaints found true: the remedy is completed."),
    ),
    Clause(
        "4.3",
        Words("真实合法的票据", "True receipts"),
        Words("对客户没有承诺；由报销核对保证。", "No promise to customers; the checks of claims see to it."),
        measured=False,
    ),
    Clause(
        "4.4",
        Words("离场向总部报告", "Check-out"),
        Words("每次完工的上门：按时报告离场。", "Each finished visit: headquarters was told in time."),
        customers=False,
    ),
    Clause(
        "4.5",
        Words("因个人原因迟到", "Late for personal reasons"),
        Words("到场见 3.4b；个人责任由处罚程序认定，不在此列。", "Arrivals: 3.4b. Fault is for due process, not here."),
        measured=False,
    ),
    Clause(
        "4.6",
        Words("电话值守", "Phone duty"),
        Words("有拨测的值守日：没有两次未接。", "Duty days with probes: none with two unanswered."),
        customers=False,
        always=True,
    ),
    Clause(
        "4.7",
        Words("服从派工", "Dispatch followed"),
        Words("送达的派工：已接受。因安全拒绝为豁免。", "Instructions: accepted; refused for safety: excused."),
        customers=False,
    ),
    Clause(
        "5.1",
        Words("差旅报销", "Expense claims"),
        Words("提交的报销单：已付款。", "Claims handed in: paid."),
        customers=False,
    ),
    Clause(
        "5.2",
        Words("备件", "Spare parts"),
        Words("备件申请：在需用日期前送达。", "Requests: delivered by the day they are needed."),
        customers=False,
    ),
    Clause("5.3", Words("资料归档", "Filing"), Words("关闭的服务请求：已归档。", "Closed tickets: archived.")),
    Clause(
        "5.4",
        Words("月度统计与报告", "Monthly reports"),
        Words("每月两份报告：按期签发。", "Two reports a month: issued in time."),
        customers=False,
    ),
    Clause(
        "三",
        Words("合同管理（三.1–三.4）", "Contracts (三.1–三.4)"),
        Words("合同服务尚未建立，不计。", "The contracts service isn't there yet; not measured."),
        measured=False,
    ),
)
BY_CODE: Mapping[str, Clause] = {clause.code: clause for clause in CLAUSES}

EXCUSES = frozenset({Delay.CUSTOMER, Delay.WEATHER, Delay.SAFETY})
"""Causes of lateness that lie with the customer or with nobody (3.4b). Traffic, vehicles, earlier visits are ours."""
_BY_PURPOSE = {
    Purpose.DELIVERY: "0.1",
    Purpose.PLACEMENT: "0.3",
    Purpose.TRAINING: "0.4",
    Purpose.ROUTINE_VISIT: "2.3",
}
WORK = tuple(_BY_PURPOSE.values())
"""Clauses of work orders; a later event of an order doesn't say its purpose, so it is put down for each, and counts
where something was promised."""

Said = tuple[Marked, ...]


def _one(clause: str, subject: object, mark: Mark, at: datetime, ref: UUID, **more: Any) -> Said:
    return (Marked(clause, str(subject), mark, at, ref, **more),)


def _first_answer(event: tickets.FirstAnswerGiven) -> Said:
    mark = Mark.MISSED if event.late_minutes else Mark.KEPT
    return _one("3.4a", f"{event.ticket}/{event.due:%Y%m%d%H%M%S}", mark, event.at, event.ticket)


def _awaited(ticket: UUID, due: datetime, at: datetime, mark: Mark) -> Said:
    return _one("3.4a", f"{ticket}/{due:%Y%m%d%H%M%S}", mark, at, ticket)


def _agreed(event: dispatch.VisitAssigned | dispatch.VisitRescheduled) -> Said:
    if isinstance(event, dispatch.VisitRescheduled) and not event.counts:
        return ()
    return _one("3.4b", event.visit, Mark.PROMISED, event.agreed_arrival, event.visit)


def _arrived(event: dispatch.VisitArrived) -> Said:
    mark = Mark.KEPT if event.at <= event.late_after else Mark.MISSED
    return _one("3.4b", event.visit, mark, event.at, event.visit)


def _late(event: dispatch.VisitLate) -> Said:
    code = next((known.cause.value for known in event.causes if known.cause in EXCUSES), None)
    mark = Mark.EXCUSED if code else Mark.MISSED
    return _one("3.4b", event.visit, mark, event.at, event.visit, code=code)


def _not_late(event: dispatch.VisitLateCorrected) -> Said:
    if event.arrived_at:
        return _one("3.4b", event.visit, Mark.CORRECTED, event.arrived_at, event.visit)
    return _one("3.4b", event.visit, Mark.PROMISED, event.agreed_arrival, event.visit)


def _adjudicated(event: dispatch.ArrivalAdjudicated) -> Said:
    mark = Mark.CORRECTED if event.late_minutes == 0 else Mark.MISSED
    return _one("3.4b", event.visit, mark, event.at, event.visit)


def _checked_out(event: dispatch.VisitCheckedOut) -> Said:
    mark = Mark.MISSED if event.late_minutes else Mark.KEPT
    return _one("4.4", event.visit, mark, event.at, event.visit)


def _refused(event: dispatch.DispatchRefused) -> Said:
    mark = Mark.EXCUSED if event.safety else Mark.MISSED
    return _one("4.7", event.visit, mark, event.at, event.visit, code="safety" if event.safety else None)


def _covered(event: tickets.CoverageDecided) -> Said:
    clause = {CoverageVerdict.IN_WARRANTY: "2.1", CoverageVerdict.OUT_OF_WARRANTY: "2.2"}.get(event.verdict)
    others = tuple(each for each in ("2.1", "2.2") if each != clause)
    dropped = tuple(Marked(each, str(event.ticket), Mark.DROPPED, event.at, event.ticket) for each in others)
    return dropped + (_one(clause, event.ticket, Mark.PROMISED, event.at, event.ticket) if clause else ())


def _work(event: Any, mark: Mark) -> Said:
    return tuple(Marked(each, str(event.work_order), mark, event.at, event.work_order) for each in WORK)


def _qualified(event: dispatch.WorkOrderQualified) -> Said:
    clause = _BY_PURPOSE.get(event.purpose) if event.purpose else None
    return _one(clause, event.work_order, Mark.PROMISED, event.at, event.work_order) if clause else ()


def _asked_for(event: dispatch.SparePartRequested) -> Said:
    due = datetime.combine(event.needed_by + timedelta(days=1), time(), SHANGHAI)
    return _one("5.2", event.request, Mark.PROMISED, event.at, event.request, due=due)


def _of(clause: str, name: str, mark: Mark) -> Callable[[Any], Said]:
    """An event that says one thing of the aggregate in its field ``name``."""

    def marked(event: Any) -> Said:
        ref = getattr(event, name)
        return _one(clause, ref, mark, event.at, ref)

    return marked


def _ends(clauses: str, name: str) -> Callable[[Any], Said]:
    """Whatever was open of it is no longer expected."""

    def marked(event: Any) -> Said:
        ref = getattr(event, name)
        return tuple(Marked(clause, "", Mark.DROPPED, event.at, ref) for clause in clauses.split())

    return marked


def _all(*rules: Callable[[Any], Said]) -> Callable[[Any], Said]:
    return lambda event: tuple(mark for rule in rules for mark in rule(event))


_CONDUCT = _of("3.1", "complaint", Mark.MISSED)
_TICKET_ENDS = _ends("2.1 2.2 3.2 3.4a 3.6b", "ticket")

RULES: Mapping[type[Event], Callable[[Any], Said]] = {
    tickets.TicketOpened: lambda e: _awaited(e.ticket, e.answer_due, e.received_at, Mark.PROMISED),
    tickets.TicketReopened: lambda e: _awaited(e.ticket, e.answer_due, e.asked_at, Mark.PROMISED),
    tickets.FirstAnswerGiven: _first_answer,
    tickets.AnswerOverdue: lambda e: _awaited(e.ticket, e.due, e.at, Mark.MISSED),
    tickets.AnswerOverdueCorrected: lambda e: _awaited(e.ticket, e.due, e.answered_at, Mark.CORRECTED),
    tickets.TicketCancelled: _TICKET_ENDS,
    tickets.TicketMerged: _TICKET_ENDS,
    tickets.TicketEscalated: _of("3.2", "ticket", Mark.PROMISED),
    tickets.EscalationAnswered: _of("3.2", "ticket", Mark.KEPT),
    tickets.CoverageDecided: _covered,
    tickets.TicketResolved: _all(_of("2.1", "ticket", Mark.KEPT), _of("3.6b", "ticket", Mark.PROMISED)),
    tickets.QuoteIssued: _of("2.2", "ticket", Mark.KEPT),
    tickets.SurveySent: _of("3.6b", "ticket", Mark.KEPT),
    tickets.SurveyAnswered: _of("3.6b", "ticket", Mark.KEPT),
    tickets.SurveyDeclined: _of("3.6b", "ticket", Mark.KEPT),
    tickets.TicketClosed: _of("5.3", "ticket", Mark.PROMISED),
    tickets.TicketArchived: _of("5.3", "ticket", Mark.KEPT),
    tickets.ComplaintLodged: _of("4.1", "complaint", Mark.PROMISED),
    tickets.ComplaintClosed: _of("4.1", "complaint", Mark.KEPT),
    tickets.ComplaintWithdrawn: _ends("4.1 4.2", "complaint"),
    tickets.ComplaintSubstantiated: _all(_CONDUCT, _of("4.2", "complaint", Mark.PROMISED)),
    tickets.RemedyCompleted: _of("4.2", "complaint", Mark.KEPT),
    dispatch.VisitAssigned: _agreed,
    dispatch.VisitRescheduled: _agreed,
    dispatch.VisitArrived: _arrived,
    dispatch.VisitLate: _late,
    dispatch.VisitLateCorrected: _not_late,
    dispatch.ArrivalAdjudicated: _adjudicated,
    dispatch.VisitAborted: _ends("3.4b 4.4 4.7", "visit"),
    dispatch.VisitFinished: _of("4.4", "visit", Mark.PROMISED),
    dispatch.VisitCheckedOut: _checked_out,
    dispatch.LeftWithoutReporting: _of("4.4", "visit", Mark.MISSED),
    dispatch.LeftWithoutReportingCorrected: _of("4.4", "visit", Mark.CORRECTED),
    dispatch.InstructionDelivered: _of("4.7", "visit", Mark.PROMISED),
    dispatch.VisitAccepted: _of("4.7", "visit", Mark.KEPT),
    dispatch.DispatchRefused: _refused,
    dispatch.DispatchUnanswered: _of("4.7", "visit", Mark.MISSED),
    dispatch.DispatchUnansweredCorrected: _of("4.7", "visit", Mark.CORRECTED),
    dispatch.WorkOrderQualified: _qualified,
    dispatch.WorkOrderVerified: lambda e: _work(e, Mark.KEPT),
    dispatch.WorkOrderCancelled: _all(lambda e: _work(e, Mark.DROPPED), _ends("3.6a", "work_order")),
    dispatch.WorkOrderIncomplete: lambda e: _work(e, Mark.DROPPED),
    dispatch.WorkOrderWorkDone: _of("3.6a", "work_order", Mark.PROMISED),
    dispatch.WorkOrderReported: _of("3.6a", "work_order", Mark.KEPT),
    dispatch.SupplierClaimOpened: _of("3.7", "claim", Mark.PROMISED),
    dispatch.SupplierClaimSettled: _of("3.7", "claim", Mark.KEPT),
    dispatch.SupplierClaimAbandoned: _ends("3.7", "claim"),
    dispatch.ExpenseSubmitted: _of("5.1", "claim", Mark.PROMISED),
    dispatch.ExpensePaid: _of("5.1", "claim", Mark.KEPT),
    dispatch.ExpenseRejected: _ends("5.1", "claim"),
    dispatch.ExpenseWithdrawn: _ends("5.1", "claim"),
    dispatch.ExpenseFraudFound: _ends("5.1", "claim"),
    dispatch.SparePartRequested: _asked_for,
    dispatch.SparePartDelivered: _of("5.2", "request", Mark.DONE),
    dispatch.SparePartRequestRejected: _ends("5.2", "request"),
    dispatch.SparePartRequestCancelled: _ends("5.2", "request"),
    dispatch.SparePartShipped: _of("0.2", "request", Mark.KEPT),
    reporting.MonthOpened: lambda e: _one("5.4", e.report, Mark.PROMISED, e.at, e.report, due=e.due),
    reporting.MonthlyReportLate: _of("5.4", "report", Mark.MISSED),
    reporting.MonthlyReportIssued: _of("5.4", "report", Mark.DONE),
}
"""What each event says. An event that isn't here says nothing of a promise."""
DUTY: frozenset[type[Event]] = frozenset(
    {dispatch.DutyDayOpened, dispatch.PhoneUnanswered, dispatch.PhoneUnansweredWithdrawn}
)
"""4.6: of an engineer's duty day, which is a stream of its own."""


def marks(event: Event, stream: UUID) -> Sequence[Marked]:
    """What an event of ``stream`` says of the promises."""
    if isinstance(event, dispatch.DutyDayOpened):
        return _one("4.6", stream, Mark.KEPT, _noon(event.duty_day), stream)
    if isinstance(event, dispatch.PhoneUnansweredWithdrawn):
        return _one("4.6", stream, Mark.CORRECTED, _noon(event.duty_day), stream)
    if isinstance(event, dispatch.PhoneUnanswered):
        return _one("4.6", stream, Mark.MISSED, _noon(event.duty_day), stream)
    rule = RULES.get(type(event))
    return rule(event) if rule else ()


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), SHANGHAI)


@dataclass(frozen=True, slots=True)
class Promise:
    """What became of a promise."""

    outcome: Outcome
    at: datetime
    """Of the promise; its day decides to which span it belongs."""
    code: str | None = None


def outcome_of(told: Iterable[Marked], *, always: bool = False) -> Promise | None:
    """What became of one promise, by its marks in their order; None where nothing was promised.

    Missed stays missed until it is corrected: what is done too late doesn't undo it. What was excused stays excused
    through the arrival that follows.
    """
    outcome: Outcome | None = None
    at: datetime | None = None
    due: datetime | None = None
    code: str | None = None
    for mark in told:
        if always and at is None:
            at, outcome = mark.at, Outcome.OPEN
        if mark.mark is Mark.PROMISED:
            outcome, at, due, code = Outcome.OPEN, mark.at, mark.due, None
            continue
        if outcome is None:
            continue
        outcome, code = _after(outcome, code, mark, due)
    return None if outcome is None or at is None else Promise(outcome, at, code)


def _after(outcome: Outcome, code: str | None, mark: Marked, due: datetime | None) -> tuple[Outcome, str | None]:
    match mark.mark:
        case Mark.CORRECTED:
            return Outcome.KEPT, None
        case Mark.KEPT | Mark.DONE:
            if outcome in (Outcome.MISSED, Outcome.EXCUSED):
                return outcome, code
            late = mark.mark is Mark.DONE and due is not None and mark.at >= due
            return (Outcome.MISSED if late else Outcome.KEPT), None
        case Mark.MISSED:
            return (outcome, code) if outcome is Outcome.EXCUSED else (Outcome.MISSED, None)
        case Mark.EXCUSED:
            return Outcome.EXCUSED, mark.code
        case _:
            return (Outcome.DROPPED, None) if outcome is Outcome.OPEN else (outcome, code)
