"""The life of a request for service."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from shared.events.base import Moment
from shared.events.tickets.values import (
    Channel,
    CoverageReason,
    CoverageVerdict,
    Proof,
    Purpose,
    SurveyOutcome,
    TicketsEvent,
    TicketStatus,
)


class TicketOpened(TicketsEvent):
    """服务请求受理 · A customer asks for service; the answer clock runs (3.4a)."""

    ticket: UUID
    number: str
    """供人使用的编号 · For people: ``SQ-20261003-7F3KQ2``."""
    contact: UUID
    channel: Channel
    customer: UUID | None
    customer_name: str | None
    site: UUID | None
    person: UUID | None
    product: UUID | None
    product_name: str | None
    lot: str | None
    unit: UUID | None
    summary: str
    received_at: Moment
    """答复时限从何时起算（3.4a） · From when the answer clock runs (3.4a)."""
    answer_due: Moment
    from_register: str | None
    """转录自哪本纸质登记簿 · The name of the paper register that it was taken over from."""


class TriageFacts(TicketsEvent):
    """What triage found out. ``*_unknown`` says why something isn't known."""

    SERVICE: ClassVar[str] = "tickets"

    ticket: UUID
    status: TicketStatus
    """此事件之后的状态 · The status after this event."""
    customer: UUID | None
    customer_name: str | None
    customer_unknown: str | None
    site: UUID | None
    person: UUID | None
    product: UUID | None
    product_name: str | None
    lot: str | None
    unit: UUID | None
    product_unknown: str | None
    coverage: CoverageVerdict


class TicketTriaged(TriageFacts):
    """分诊 · Customer, product (lot or unit) and coverage are known, or unknown with a reason."""


class TicketTriageCorrected(TriageFacts):
    """更正分诊 · What triage had found was wrong; these are the facts from now on."""

    reason: str


class CoverageDecided(TicketsEvent):
    """保内/保外判定 · In or out of warranty (2.1, 2.2)."""

    ticket: UUID
    verdict: CoverageVerdict
    reasons: tuple[CoverageReason, ...]
    proposed: CoverageVerdict | None
    """仅按日期得出的判定 · What the dates alone said."""
    until: date | None
    """保内最后一天，上海日期 · The last day of the cover, Asia/Shanghai."""
    contract: str | None
    note: str | None


class FirstAnswerGiven(TicketsEvent):
    """首次答复 · The first answer to a request, or to a reopened one (3.4a, D2)."""

    ticket: UUID
    status: TicketStatus
    """此事件之后的状态 · The status after this event."""
    proof: Proof
    asked_at: Moment
    """此次答复从何时起算：受理或重开 · From when this answer was awaited: receipt or reopening."""
    due: Moment
    late_minutes: int
    """超过 ``due`` 的分钟数，0 为按时 · Minutes begun after ``due``; 0 is in time."""


class AnswerOverdue(TicketsEvent):
    """答复逾期 · The answer clock ran out (3.4a). ``at`` is the due time."""

    ticket: UUID
    number: str
    asked_at: Moment
    due: Moment


class AnswerOverdueCorrected(TicketsEvent):
    """更正：答复未逾期 · The answer had been in time, and was only recorded late; ``FirstAnswerGiven`` follows."""

    ticket: UUID
    due: Moment
    answered_at: Moment


class TicketHeld(TicketsEvent):
    """服务请求挂起 · Waiting for something; the answer clock goes on."""

    ticket: UUID
    reason: str
    status_before: TicketStatus


class TicketResumed(TicketsEvent):
    """服务请求恢复 · What was waited for has come."""

    ticket: UUID
    status: TicketStatus
    """此事件之后的状态 · The status after this event."""


class TicketEscalated(TicketsEvent):
    """上报总部 · Put to service headquarters (3.2)."""

    ticket: UUID
    number: str
    question: str


class EscalationAnswered(TicketsEvent):
    """总部答复 · Service headquarters has answered; the mark goes."""

    ticket: UUID
    answer: str


class TicketDispatched(TicketsEvent):
    """派工 · An engineer is to go: a work order is wanted. With everything the dispatch service needs to make it."""

    ticket: UUID
    number: str
    work_order: UUID
    purpose: Purpose
    customer: UUID | None
    customer_name: str | None
    site: UUID | None
    person: UUID | None
    product: UUID | None
    product_name: str | None
    lot: str | None
    unit: UUID | None
    coverage: CoverageVerdict
    goodwill: str | None
    """保外未接受报价即开工的原因 · Why work out of warranty starts without an accepted quote."""
    note: str | None


class TicketWorkOrderVerified(TicketsEvent):
    """派工单验收 · Work was done, and verified by another person."""

    ticket: UUID
    work_order: UUID
    service_report: str | None


class TicketWorkOrderCancelled(TicketsEvent):
    """派工单取消 · Work that was wanted is not done."""

    ticket: UUID
    work_order: UUID
    reason: str


class TicketWorkOrderContinued(TicketsEvent):
    """派工单未完成，由后续派工单继续 · The work could not be brought to its end; ``follow_up`` goes on with it."""

    ticket: UUID
    work_order: UUID
    follow_up: UUID
    follow_up_number: str
    reason: str


class TicketDispatchDeclined(TicketsEvent):
    """派工未被接受 · A work order that dispatch wanted to do for the ticket isn't allowed by the rules now."""

    ticket: UUID
    work_order: UUID
    number: str
    """派工单编号 · The work order's, for people."""
    rule: str
    """哪条规则，供程序识别 · Which rule, for machines: ``quote_needed``."""
    reason: str
    """中文说明 · In Chinese, as people read it."""
    reason_en: str
    still_wanted: bool
    """客户仍在等待处理 · The customer still waits for something to be done."""


class VisitReported(TicketsEvent):
    """上门记录 · A visit as told by dispatch or to reception, or read from a register.

    ``at`` is when it ended, or else began, or was agreed for.
    """

    ticket: UUID
    visit: UUID
    work_order: UUID
    engineer: str
    """服务人员的账号，或登记簿上的称呼 · The engineer's id, or what the register calls them."""
    agreed_arrival: Moment | None
    arrived_at: Moment | None
    finished_at: Moment | None
    late_minutes: int | None
    """超过约定到场时间的分钟数，0 为准时；空：不知道 ·
    Minutes begun after the agreed arrival; 0 is in time, None isn't known."""


class TicketResolved(TicketsEvent):
    """服务请求解决 · What the customer asked for is done."""

    ticket: UUID
    resolution: str


class TicketReopened(TicketsEvent):
    """服务请求重开 · The customer asks again. ``answer_due`` is when the next first answer is due."""

    ticket: UUID
    number: str
    reason: str
    asked_at: Moment
    """答复从何时起算：重开之时，或仍未答复的首次请求 ·
    From when an answer is awaited: the reopening, or the first request where that still waits."""
    answer_due: Moment
    reopening: int
    """第几次重开 · 1 for the first time."""


class TicketMerged(TicketsEvent):
    """服务请求合并 · The same request as ``into``, where it goes on; both histories are kept."""

    ticket: UUID
    into: UUID
    into_number: str
    reason: str
    clock_dropped: bool
    """尚在等待首次答复，此处不再等待 · The first answer was still awaited; here it is owed no longer."""


class TicketAbsorbed(TicketsEvent):
    """并入重复请求 · ``duplicate`` was merged into this ticket."""

    ticket: UUID
    duplicate: UUID
    duplicate_number: str
    asked_at: Moment | None
    answer_due: Moment | None
    """被并入的请求更早且仍未答复，改按其时限；空：不变 ·
    The duplicate was asked earlier and still waits, so its clock is this ticket's now; None: unchanged."""


class TicketCancelled(TicketsEvent):
    """服务请求取消 · Nothing is wanted any more."""

    ticket: UUID
    reason: str
    clock_dropped: bool
    """尚在等待首次答复，不再等待 · The first answer was still awaited, and is owed no longer."""


class TicketClosed(TicketsEvent):
    """服务请求关闭 · All work is verified, and the survey is answered or declined."""

    ticket: UUID
    survey: SurveyOutcome


class TicketArchived(TicketsEvent):
    """服务请求归档 · Nothing changes any more."""

    ticket: UUID
    case_file: UUID
