"""The register of calls and letters (3.8)."""

from datetime import date
from uuid import UUID

from shared.events.base import Moment
from shared.events.tickets.values import Channel, Proof, TicketsEvent


class ContactRegistered(TicketsEvent):
    """来电来函登记 · A call, letter, visit or message was entered in the register (3.8).

    ``at`` is when it counts as received (D3).
    """

    contact: UUID
    channel: Channel
    arrived_at: Moment
    """到达公司的时间；来信来访的 ``at`` 为登记时间 ·
    When it reached the company; for letters and visits ``at`` is the moment of registration instead."""
    registered_late: bool
    """来信来访未在当日登记（D3 要求当日） ·
    A letter or visit was registered on a later day than it came (D3 asks for the same day)."""
    postmark: date | None
    call_id: str | None
    message_id: str | None
    customer: UUID | None
    customer_name: str | None
    person: UUID | None
    product_name: str | None
    lot: str | None
    summary: str
    abandoned: bool
    """接听前已挂断 · The caller hung up before anyone answered."""
    callback_needed: bool
    ticket: UUID | None
    """由此受理或所属的服务请求，当时已知才有 · The ticket that it opened or belongs to, where known at once."""
    site: UUID | None = None
    product: UUID | None = None
    unit: UUID | None = None


class ContactLinked(TicketsEvent):
    """来电来函关联服务请求 · A contact was found to belong to a ticket; the last link counts."""

    contact: UUID
    ticket: UUID
    previous: UUID | None
    reason: str | None


class ContactCalledBack(TicketsEvent):
    """已回电 · The caller was called back."""

    contact: UUID
    proof: Proof


class ContactDismissed(TicketsEvent):
    """来电来函作废 · A contact needs no ticket (wrong number, advertisement)."""

    contact: UUID
    reason: str
