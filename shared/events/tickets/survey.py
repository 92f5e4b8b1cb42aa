"""Satisfaction surveys (3.6, D18, D19)."""

from uuid import UUID

from shared.events.tickets.values import Channel, Proof, TicketsEvent


class SurveySent(TicketsEvent):
    """发出满意度调查 · The customer was asked to fill in the satisfaction survey (3.6)."""

    survey: UUID
    ticket: UUID
    token: UUID
    """链接令牌的标识，不是令牌本身 · The id of the link's token, not the token."""
    channel: Channel
    engineers: tuple[str, ...]


class SurveyReminderDue(TicketsEvent):
    """满意度调查待催 · No answer yet: somebody should ask again. ``at`` is the due time."""

    survey: UUID
    ticket: UUID


class SurveyAnswered(TicketsEvent):
    """满意度调查答复 · The customer's answer.

    May follow ``SurveyDeclined``: the customer's own answer counts more than our note of a refusal.
    """

    survey: UUID
    ticket: UUID
    channel: Channel
    score: int | None
    """1 至 5 分；纸质表只有评语时为空 · 1 to 5; None where a paper form had only a word."""
    verdict: str | None
    """评语 · The word (满意, 不满意)."""
    text: str | None
    engineers: tuple[str, ...]
    proof: Proof | None
    """通过链接答复时为空 · None when answered through the link."""
    reminder_met: bool
    """不再提醒 · No reminder is wanted any more."""


class SurveyDeclined(TicketsEvent):
    """客户拒答满意度调查 · Offered and refused (D19)."""

    survey: UUID
    ticket: UUID
    reason: str | None
    proof: Proof
    engineers: tuple[str, ...]
    reminder_met: bool
    """不再提醒 · No reminder is wanted any more."""
