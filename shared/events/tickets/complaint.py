"""Complaints, their findings and remedies (4.1, 4.2)."""

from typing import Literal
from uuid import UUID

from shared.events.base import Moment
from shared.events.tickets.values import Channel, ComplaintCategory, ComplaintStatus, Proof, TicketsEvent


class ComplaintLodged(TicketsEvent):
    """投诉登记 · A complaint about conduct, or dissatisfaction (4.1)."""

    complaint: UUID
    number: str
    """供人使用的编号 · For people: ``TS-20261003-7F3KQ2``."""
    channel: Channel
    ticket: UUID | None
    contact: UUID | None
    survey: UUID | None
    customer: UUID | None
    customer_name: str | None
    person: UUID | None
    category: ComplaintCategory
    """投诉类别 · What is alleged."""
    engineer: str | None
    """被投诉人的账号 · The account of the one it is about."""
    work_order: UUID | None
    visit: UUID | None
    happened_at: Moment | None
    """所称发生时间；适用当日的制度 · When it is said to have happened; the policy of that day holds."""
    summary: str
    lodged_by: str


class ComplaintAcknowledged(TicketsEvent):
    """投诉已受理 · The customer was told that the complaint is being looked into."""

    complaint: UUID
    acknowledged_by: str


class ComplaintInvestigationStarted(TicketsEvent):
    """投诉开始调查 · Somebody looks into it."""

    complaint: UUID
    investigator: str


class ComplaintSubjectNamed(TicketsEvent):
    """要求当事人陈述 · The engineer is asked for a statement (D6)."""

    complaint: UUID
    engineer: str
    statement_due: Moment


class EvidenceAdded(TicketsEvent):
    """投诉举证 · Something that shows what happened."""

    complaint: UUID
    sha256: str
    description: str
    added_by: str


class ComplaintStatementGiven(TicketsEvent):
    """当事人陈述 · What the engineer says of it (D6)."""

    complaint: UUID
    engineer: str
    statement: str
    late: bool


class ComplaintStatementLapsed(TicketsEvent):
    """当事人逾期未陈述 · The engineer was asked and said nothing in time. ``at`` is the due time."""

    complaint: UUID
    engineer: str


class ComplaintSubstantiated(TicketsEvent):
    """投诉查实 · Found true ⚖ (4.2). With everything that penalties needs."""

    complaint: UUID
    number: str
    ticket: UUID | None
    category: ComplaintCategory
    engineer: str | None
    work_order: UUID | None
    visit: UUID | None
    happened_at: Moment
    evidence: tuple[str, ...]
    """每份证据的 SHA-256 · SHA-256 of each piece."""
    statement_lapsed: bool
    reasons: str
    found_by: str
    prepared_by: tuple[str, ...] = ()
    """登记、调查、取证的人 · Who lodged it, investigated it or added evidence; they decide on no penalty (D6)."""


class ComplaintDismissed(TicketsEvent):
    """投诉未查实 · Not found true ⚖: refuted (UNSUBSTANTIATED), or it can't be known (INCONCLUSIVE)."""

    complaint: UUID
    ticket: UUID | None
    finding: Literal[ComplaintStatus.UNSUBSTANTIATED, ComplaintStatus.INCONCLUSIVE]
    engineer: str | None
    reasons: str
    found_by: str
    statement_dropped: bool
    """尚在等待陈述，不再等待 · A statement was still awaited, and is owed no longer."""


class RemedyPlanned(TicketsEvent):
    """制定挽回措施 · What will be done to make up for it, and who does it (4.2)."""

    complaint: UUID
    remedy: str
    responsible: str
    due: Moment | None


class RemedyCompleted(TicketsEvent):
    """挽回措施完成 · What was planned for the customer is done (4.2)."""

    complaint: UUID
    ticket: UUID | None
    outcome: str


class ComplaintClosed(TicketsEvent):
    """投诉办结 · Nothing is left to be done about it."""

    complaint: UUID
    ticket: UUID | None
    finding: ComplaintStatus


class ComplaintWithdrawn(TicketsEvent):
    """投诉撤回 · The customer took it back, and that is proved."""

    complaint: UUID
    ticket: UUID | None
    reason: str
    proof: Proof
    statement_dropped: bool
    """尚在等待陈述，不再等待 · A statement was still awaited, and is owed no longer."""
