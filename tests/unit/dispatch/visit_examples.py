"""Visits, and what people want of them: one tenth of October, hour by hour."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from services.dispatch.domain import visit_commands as wish
from services.dispatch.domain import work_order_commands as order_wish
from services.dispatch.domain.visit_policy import VisitTerms
from shared.events import dispatch as fact
from shared.events.dispatch import CheckOutWay, Claimant, CostKind, DeliveryWay, VisitProgress
from shared.events.tickets import CallProof, Channel, MessageProof, Purpose

DAY = datetime(2026, 10, 9, 16, 0, tzinfo=UTC)
"""Midnight of 10 October in Shanghai."""
TERMS = VisitTerms()
TALKED = CallProof(call_id="c-9", direction="outbound", seconds=40)
WROTE = MessageProof(message_id="m-1", channel=Channel.IM, sent_by="li.na")


def at(clock: str) -> datetime:
    """``09:30`` of that day in Shanghai."""
    hours, minutes = clock.split(":")
    return DAY + timedelta(hours=int(hours), minutes=int(minutes))


def an_id(name: str) -> UUID:
    return uuid5(UUID(int=7), name)


VISIT, ORDER, TICKET, CUSTOMER = an_id("visit"), an_id("order"), an_id("ticket"), an_id("customer")
AGREED = at("10:00")


def plan(**more: Any) -> wish.PlanVisit:
    facts: dict[str, Any] = {
        "at": at("08:00"),
        "by": "li.na",
        "visit": VISIT,
        "work_order": ORDER,
        "ticket": TICKET,
        "purpose": Purpose.REPAIR,
        "customer": CUSTOMER,
        "customer_name": "光明物业",
        "site": None,
        "site_name": None,
        "city": "苏州",
        "region": None,
        "skills": (),
        "wanted_from": None,
        "wanted_until": None,
        "terms": TERMS,
    }
    return wish.PlanVisit(**facts | more)


def assign(**more: Any) -> wish.AssignVisit:
    facts: dict[str, Any] = {
        "at": at("08:10"),
        "by": "li.na",
        "engineer": "E04",
        "instruction": "更换粘鼠板 20 张",
        "agreed_arrival": AGREED,
        "overlaps": (),
        "terms": TERMS,
    }
    return wish.AssignVisit(**facts | more)


def deliver(clock: str = "08:15") -> wish.ConfirmDelivery:
    return wish.ConfirmDelivery(at=at(clock), by="E04", way=DeliveryWay.APP, terms=TERMS)


def reschedule(clock: str, new: str, **more: Any) -> wish.RescheduleVisit:
    facts: dict[str, Any] = {
        "at": at(clock),
        "by": "li.na",
        "new_arrival": at(new),
        "reason": "客户改期",
        "consent": TALKED,
        "overlaps": (),
        "terms": TERMS,
    }
    return wish.RescheduleVisit(**facts | more)


def told(kind: type[Any], clock: str, received: str = "", **more: Any) -> Any:
    """A step as E04's device tells it; ``received`` later where it had been offline."""
    facts = {"at": at(clock), "by": "E04", "received_at": at(received or clock), "terms": TERMS}
    return kind(**facts | more)


def accept(clock: str = "08:20", received: str = "", **more: Any) -> wish.AcceptVisit:
    accepting: wish.AcceptVisit = told(wish.AcceptVisit, clock, received, **more)
    return accepting


def depart(clock: str = "09:20", received: str = "") -> wish.Depart:
    departing: wish.Depart = told(wish.Depart, clock, received)
    return departing


def check_in(clock: str = "09:55", received: str = "", **more: Any) -> wish.CheckIn:
    position = wish.Position(latitude=31.3, longitude=120.6, accuracy_m=20)
    facts = {"position": position, "distance_m": 60, "radius_m": None} | more
    checking: wish.CheckIn = told(wish.CheckIn, clock, received, **facts)
    return checking


def record_arrival(clock: str, **more: Any) -> wish.RecordArrival:
    facts: dict[str, Any] = {"at": at(clock), "by": "li.na", "received_at": at(clock), "reason": "工程师来电"}
    return wish.RecordArrival(**facts | more)


def start(clock: str = "10:05", received: str = "") -> wish.StartWork:
    starting: wish.StartWork = told(wish.StartWork, clock, received)
    return starting


def pause(clock: str, received: str = "") -> wish.PauseWork:
    pausing: wish.PauseWork = told(wish.PauseWork, clock, received, reason="等客户开门")
    return pausing


def resume(clock: str, received: str = "") -> wish.ResumeWork:
    resuming: wish.ResumeWork = told(wish.ResumeWork, clock, received)
    return resuming


def finish(clock: str = "11:00", received: str = "", **more: Any) -> wish.FinishWork:
    finishing: wish.FinishWork = told(wish.FinishWork, clock, received, result="已更换", **more)
    return finishing


def check_out(clock: str = "11:10", received: str = "", **more: Any) -> wish.CheckOut:
    leaving: wish.CheckOut = told(wish.CheckOut, clock, received, **{"way": CheckOutWay.APP} | more)
    return leaving


def refuse(clock: str = "08:20", **more: Any) -> wish.RefuseDispatch:
    refusing: wish.RefuseDispatch = told(wish.RefuseDispatch, clock, **{"reason": "车辆故障"} | more)
    return refusing


def abort(clock: str, received: str = "") -> wish.AbortVisit:
    aborting: wish.AbortVisit = told(wish.AbortVisit, clock, received, reason="客户取消")
    return aborting


def claim(clock: str, arrived: str | None, by: str = "wang.mei") -> wish.ClaimArrival:
    arrived_at = at(arrived) if arrived else None
    return wish.ClaimArrival(at=at(clock), by=by, claimant=Claimant.CUSTOMER, arrived_at=arrived_at, basis="门卫登记")


def adjudicate(clock: str, arrived: str | None, by: str = "zhao.min", **more: Any) -> wish.AdjudicateArrival:
    arrived_at = at(arrived) if arrived else None
    return wish.AdjudicateArrival(at=at(clock), by=by, arrived_at=arrived_at, reasons="门禁记录", **more)


def no_arrival(clock: str = "10:00") -> wish.LapseArrival:
    return wish.LapseArrival(at=at(clock), by="timer:deadlines")


def no_answer(clock: str = "08:45") -> wish.LapseAnswer:
    return wish.LapseAnswer(at=at(clock), by="timer:deadlines")


def no_report(clock: str = "12:00") -> wish.LapseReport:
    return wish.LapseReport(at=at(clock), by="timer:deadlines")


def called(clock: str, call: str = "c-1") -> wish.NoteLateCall:
    return wish.NoteLateCall(at=at(clock), by="reaction:calls", call=call)


ON_SITE = (plan(), assign(), deliver(), accept(), depart(), check_in())
DONE = (*ON_SITE, start(), finish())

# --- work orders ------------------------------------------------------------------------------------------------------


def draft(**more: Any) -> order_wish.DraftWorkOrder:
    facts: dict[str, Any] = {"at": at("07:00"), "by": "li.na", "work_order": ORDER, "ticket": TICKET}
    return order_wish.DraftWorkOrder(**facts | more)


def qualify(**more: Any) -> order_wish.QualifyWorkOrder:
    facts: dict[str, Any] = {"at": at("07:30"), "by": "li.na", "purpose": Purpose.REPAIR, "customer": CUSTOMER}
    return order_wish.QualifyWorkOrder(**facts | {"ticket": TICKET} | more)


def note(progress: VisitProgress, clock: str = "09:00", **more: Any) -> order_wish.NoteVisit:
    engineer = None if progress is VisitProgress.PLANNED else "E04"
    facts: dict[str, Any] = {"at": at(clock), "by": "E04", "visit": VISIT, "engineer": engineer, "progress": progress}
    return order_wish.NoteVisit(**facts | more)


def report(clock: str = "11:05", **more: Any) -> order_wish.RecordReport:
    facts: dict[str, Any] = {"at": at(clock), "by": "E04", "report": an_id("report"), "version": 1}
    return order_wish.RecordReport(**facts | {"signed_at": at(clock)} | more)


def cost(kind: CostKind, amount: str, cause: str = "hotel", **more: Any) -> order_wish.AddCost:
    facts: dict[str, Any] = {"at": at("13:00"), "by": "wu.jun", "kind": kind, "amount": Decimal(amount), "cause": cause}
    return order_wish.AddCost(**facts | more)


def verify(by: str = "zhao.min", **more: Any) -> order_wish.VerifyWorkOrder:
    return order_wish.VerifyWorkOrder(**{"at": at("14:00"), "by": by} | more)


def post() -> order_wish.PostWorkOrder:
    return order_wish.PostWorkOrder(at=at("15:00"), by="wu.jun")


def cancel(**more: Any) -> order_wish.CancelWorkOrder:
    return order_wish.CancelWorkOrder(**{"at": at("15:00"), "by": "li.na", "reason": "不再需要"} | more)


def incomplete(**more: Any) -> order_wish.MarkIncomplete:
    facts: dict[str, Any] = {"at": at("15:00"), "by": "li.na", "reason": "缺配件", "follow_up": an_id("follow-up")}
    return order_wish.MarkIncomplete(**facts | more)


WORKED = (
    draft(),
    qualify(),
    note(VisitProgress.PLANNED),
    note(VisitProgress.ASSIGNED),
    note(VisitProgress.UNDER_WAY),
    note(VisitProgress.DONE),
)
REPORTED = (*WORKED, report())


def kinds(*names: str) -> tuple[type[Any], ...]:
    """Events by name."""
    return tuple(getattr(fact, name) for name in names)
