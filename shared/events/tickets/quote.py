"""Offers for work out of warranty (2.2)."""

from decimal import Decimal
from uuid import UUID

from shared.events.base import Moment
from shared.events.tickets.values import Proof, QuoteLine, TicketsEvent


class QuoteIssued(TicketsEvent):
    """发出报价 · An offer for work out of warranty, travel included (2.2); replaces the one before."""

    quote: UUID
    ticket: UUID
    revision: int
    lines: tuple[QuoteLine, ...]
    total: Decimal
    """元 · CNY."""
    no_travel: str | None
    """为何没有差旅费项 · Why there is no travel line."""
    valid_until: Moment


class QuoteAccepted(TicketsEvent):
    """客户接受报价 · The customer agreed, and that is proved (2.2)."""

    quote: UUID
    ticket: UUID
    revision: int
    total: Decimal
    proof: Proof


class QuoteDeclined(TicketsEvent):
    """客户拒绝报价 · The customer said no."""

    quote: UUID
    ticket: UUID
    revision: int
    reason: str


class QuoteExpired(TicketsEvent):
    """报价过期 · Nobody accepted in time. ``at`` is the end of the validity."""

    quote: UUID
    ticket: UUID
    revision: int
