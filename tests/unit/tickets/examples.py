"""Wishes that are granted as they stand, for stories to begin with."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from services.tickets.domain import complaint_commands, quote, ticket_commands
from services.tickets.domain.coverage import CoverageDecision
from shared.events.tickets import (
    CallProof,
    Channel,
    ComplaintCategory,
    CoverageReason,
    CoverageVerdict,
    LineKind,
    MessageProof,
    Purpose,
    RegisterProof,
    SurveyOutcome,
)

T0 = datetime(2026, 10, 3, 1, 0, tzinfo=UTC)
"""Saturday 3 October 2026, 09:00 in Shanghai."""


def hours(after: float) -> datetime:
    return T0 + timedelta(hours=after)


When = datetime | float
"""A moment, or hours after ``T0``."""


def moment(when: When) -> datetime:
    return when if isinstance(when, datetime) else hours(when)


def an_id(name: str) -> UUID:
    return uuid5(UUID(int=0), name)


TICKET, OTHER, CONTACT, CUSTOMER, PRODUCT, ORDER = (
    an_id(name) for name in ("ticket", "other", "contact", "customer", "product", "order")
)

CALL = CallProof(call_id="c-1", direction="outbound", seconds=95)
MAIL = MessageProof(message_id="m-1", channel=Channel.EMAIL, sent_by="li")
REGISTER = RegisterProof(sheet="10月", row=4, way="当面")

IN = CoverageDecision(verdict=CoverageVerdict.IN_WARRANTY, reasons=(CoverageReason.WITHIN_SHELF_LIFE,))
OUT = CoverageDecision(verdict=CoverageVerdict.OUT_OF_WARRANTY, reasons=(CoverageReason.SHELF_LIFE_OVER,))


def open_(**facts: Any) -> ticket_commands.OpenTicket:
    at = facts.pop("at", T0)
    said = {"ticket": TICKET, "contact": CONTACT, "channel": "phone", "summary": "粘不住", "received_at": at}
    return ticket_commands.OpenTicket(at=at, by="reception", **said | facts)


def triage(at: When = 0, **facts: Any) -> ticket_commands.TriageTicket:
    said = {"customer": CUSTOMER, "customer_name": "光明物业", "product": PRODUCT, "lot": "NS260101", "decision": IN}
    return ticket_commands.TriageTicket(at=moment(at), by="reception", **said | facts)


def answer(at: When = 1, **facts: Any) -> ticket_commands.AnswerTicket:
    return ticket_commands.AnswerTicket(at=moment(at), by="reception", **{"proof": CALL} | facts)


def dispatch(at: When = 2, **facts: Any) -> ticket_commands.DispatchTicket:
    return ticket_commands.DispatchTicket(
        at=moment(at), by="dispatcher", **{"work_order": ORDER, "purpose": Purpose.REPAIR} | facts
    )


def verify(at: When = 5, **facts: Any) -> ticket_commands.VerifyWorkOrder:
    return ticket_commands.VerifyWorkOrder(at=moment(at), by="reaction:dispatch", **{"work_order": ORDER} | facts)


def cancel_order(at: When = 5, **facts: Any) -> ticket_commands.CancelWorkOrder:
    said = {"work_order": ORDER, "reason": "客户改期"}
    return ticket_commands.CancelWorkOrder(at=moment(at), by="reaction:dispatch", **said | facts)


def hold(at: When = 1) -> ticket_commands.HoldTicket:
    return ticket_commands.HoldTicket(at=moment(at), by="reception", reason="等客户回电")


def resume(at: When = 2) -> ticket_commands.ResumeTicket:
    return ticket_commands.ResumeTicket(at=moment(at), by="reception")


def escalate(at: When = 1) -> ticket_commands.EscalateTicket:
    return ticket_commands.EscalateTicket(at=moment(at), by="reception", question="诱饵能否混用?")


def resolve(at: When = 6) -> ticket_commands.ResolveTicket:
    return ticket_commands.ResolveTicket(at=moment(at), by="reception", resolution="更换两箱")


def reopen(at: When = 30, **facts: Any) -> ticket_commands.ReopenTicket:
    return ticket_commands.ReopenTicket(at=moment(at), by="reception", **{"reason": "又坏了"} | facts)


def close(at: When = 8, survey: SurveyOutcome | None = SurveyOutcome.ANSWERED) -> ticket_commands.CloseTicket:
    return ticket_commands.CloseTicket(at=moment(at), by="reception", survey=survey)


def archive(at: When = 9, missing: tuple[str, ...] = ()) -> ticket_commands.ArchiveTicket:
    return ticket_commands.ArchiveTicket(at=moment(at), by="reception", case_file=an_id("case"), missing=missing)


def merge(at: When = 1, **facts: Any) -> ticket_commands.MergeTicket:
    said = {"into": OTHER, "into_number": "SQ-20261003-000000", "reason": "同一件事"}
    return ticket_commands.MergeTicket(at=moment(at), by="reception", **said | facts)


def cancel(at: When = 1, reason: str = "打错了") -> ticket_commands.CancelTicket:
    return ticket_commands.CancelTicket(at=moment(at), by="reception", reason=reason)


def overdue(at: When = 24) -> ticket_commands.MarkAnswerOverdue:
    return ticket_commands.MarkAnswerOverdue(at=moment(at), by="timer:answer")


# --- complaints -------------------------------------------------------------------------------------------------------

COMPLAINT = an_id("complaint")
PHOTO = "ab" * 32


def lodge(**facts: Any) -> complaint_commands.LodgeComplaint:
    said = {
        "complaint": COMPLAINT,
        "channel": Channel.PHONE,
        "ticket": TICKET,
        "category": ComplaintCategory.QUARREL,
        "engineer": "wang",
        "happened_at": T0 - timedelta(hours=3),
        "summary": "跟保管员吵起来了",
    }
    return complaint_commands.LodgeComplaint(at=T0, by="reception", **said | facts)


def acknowledge(at: When = 1) -> complaint_commands.AcknowledgeComplaint:
    return complaint_commands.AcknowledgeComplaint(at=moment(at), by="manager")


def investigate(at: When = 2, investigator: str = "zhao") -> complaint_commands.StartInvestigation:
    return complaint_commands.StartInvestigation(at=moment(at), by="manager", investigator=investigator)


def evidence(at: When = 3, **facts: Any) -> complaint_commands.AddEvidence:
    said = {"sha256": PHOTO, "description": "监控录像", "by": "zhao"}
    return complaint_commands.AddEvidence(at=moment(at), **said | facts)


def statement(at: When = 4, **facts: Any) -> complaint_commands.GiveStatement:
    said = {"engineer": "wang", "statement": "是我不对"}
    return complaint_commands.GiveStatement(at=moment(at), by="wang", **said | facts)


def substantiate(at: When = 5, **facts: Any) -> complaint_commands.SubstantiateComplaint:
    said = {"category": ComplaintCategory.QUARREL, "reasons": "录像清楚", "by": "manager"}
    return complaint_commands.SubstantiateComplaint(at=moment(at), **said | facts)


def dismiss(at: When = 5, **facts: Any) -> complaint_commands.DismissComplaint:
    said = {"finding": "UNSUBSTANTIATED", "reasons": "录像里没有争吵", "by": "manager"}
    return complaint_commands.DismissComplaint(at=moment(at), **said | facts)


def plan(at: When = 6, **facts: Any) -> complaint_commands.PlanRemedy:
    said = {"remedy": "上门道歉", "responsible": "manager"}
    return complaint_commands.PlanRemedy(at=moment(at), by="manager", **said | facts)


def complete(at: When = 7) -> complaint_commands.CompleteRemedy:
    return complaint_commands.CompleteRemedy(at=moment(at), by="manager", outcome="客户接受道歉")


def close_complaint(at: When = 8) -> complaint_commands.CloseComplaint:
    return complaint_commands.CloseComplaint(at=moment(at), by="manager")


def withdraw(at: When = 3, **facts: Any) -> complaint_commands.WithdrawComplaint:
    said = {"reason": "误会", "proof": CALL}
    return complaint_commands.WithdrawComplaint(at=moment(at), by="reception", **said | facts)


# --- quotes -----------------------------------------------------------------------------------------------------------

PARTS = quote.Line(kind=LineKind.MATERIAL, description="诱饵盒", quantity="3", unit_price="12.50")
TRAVEL = quote.Line(kind=LineKind.TRAVEL, description="往返", quantity="1", unit_price="80.00")


def issue(at: When = 0, **facts: Any) -> quote.IssueQuote:
    said = {
        "quote": an_id("quote"),
        "ticket": TICKET,
        "coverage": CoverageVerdict.OUT_OF_WARRANTY,
        "lines": (PARTS, TRAVEL),
    }
    return quote.IssueQuote(at=moment(at), by="reception", **said | facts)
