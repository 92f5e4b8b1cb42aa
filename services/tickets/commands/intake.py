"""Reception: a call or letter is registered (3.8) and becomes a ticket."""

import asyncio
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field

from services.tickets.commands.answers import contact_answer, ticket_answer
from services.tickets.domain import contact, reference, ticket
from services.tickets.domain.contact import LinkContact, RegisterContact, received_at
from services.tickets.domain.identity import NAMESPACE, customer_id, product_id
from services.tickets.domain.reference import RecordCustomer
from services.tickets.domain.text import Name, Text
from services.tickets.domain.ticket_commands import OpenTicket
from services.tickets.persons import PersonData, Persons
from shared.decider import Refused
from shared.eventlog import Streams
from shared.events.base import Moment
from shared.events.tickets import Channel, CustomerRecorded, ProductRecorded, SiteRecorded


class Intake(BaseModel):
    """What reception takes down: who, how, about what."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "example": {
                "channel": "phone",
                "customer_name": "光明物业",
                "person": {"name": "王主任", "phone": "13800000067"},
                "product_name": "大号粘鼠板",
                "lot": "NSD260948",
                "summary": "粘不住,老鼠跑了",
            }
        },
    )

    channel: Channel = Field(description="渠道 · how it came")
    at: Moment | None = Field(None, description="到达时间,默认现在 · when it reached the company; default: now")
    customer: UUID | None = Field(None, description="客户编号 · a known customer")
    customer_name: Name | None = Field(None, description="客户单位;未知则登记 · recorded where it isn't known yet")
    site: UUID | None = Field(None, description="服务地点 · site")
    person: PersonData | None = Field(None, description="联系人;存于日志之外 · kept beside the log")
    product: UUID | None = Field(None, description="产品编号 · a known product")
    product_name: Name | None = Field(None, description="产品名称 · product")
    lot: Name | None = Field(None, description="批号 · lot")
    unit: UUID | None = Field(None, description="在用设备 · installed unit")
    summary: Text = Field(description="问题 · what it is about")
    call_id: Name | None = Field(None, description="通话记录号 · id in the call log")
    message_id: Name | None = Field(None, description="邮件或消息编号 · id of the message")
    postmark: date | None = Field(None, description="邮戳日期(来函)· postmark of a letter")
    abandoned: bool = Field(False, description="客户在接听前挂断 · the caller hung up before anyone answered")
    callback_needed: bool = Field(False, description="需要回电 · somebody should call back")


class Known(BaseModel):
    """Who and what an intake is about, as far as the reference data know it."""

    customer: UUID | None
    customer_name: str | None
    person: UUID | None
    product: UUID | None
    product_name: str | None


async def register_contact(
    streams: Streams, intake: Intake, persons: Persons, seed: str, *, at: datetime, by: str, now: datetime
) -> dict[str, Any]:
    """3.8: enter a contact that needs no ticket yet. ``seed`` makes the id: the same seed is the same contact."""
    known = await identify(streams, intake, persons, at=at, by=by)
    contact_id = uuid5(NAMESPACE, f"contact:{seed}")
    await streams.handle(contact, contact_id, _entry(intake, known, contact_id, None, at=at, by=by, now=now), new=True)
    return await contact_answer(streams, contact_id)


async def open_ticket(
    streams: Streams,
    intake: Intake,
    persons: Persons,
    seed: str,
    *,
    at: datetime,
    by: str,
    now: datetime,
    from_register: str | None = None,
) -> dict[str, Any]:
    """3.8, 3.4a: enter a contact and open its ticket, at once or not at all."""
    known = await identify(streams, intake, persons, at=at, by=by)
    contact_id, ticket_id = uuid5(NAMESPACE, f"contact:{seed}"), uuid5(NAMESPACE, f"ticket:{seed}")
    entry = _entry(intake, known, contact_id, ticket_id, at=at, by=by, now=now)
    await streams.handle(contact, contact_id, entry, new=from_register is None)
    opening = OpenTicket(
        ticket=ticket_id,
        contact=contact_id,
        channel=intake.channel,
        site=intake.site,
        lot=intake.lot,
        unit=intake.unit,
        summary=intake.summary,
        received_at=received_at(intake.channel, at, now),
        from_register=from_register,
        at=now,
        by=by,
        **dict(known),
    )
    await streams.handle(ticket, ticket_id, opening, new=from_register is None)
    return await ticket_answer(streams, ticket_id)


async def open_ticket_of_contact(
    streams: Streams, contact_id: UUID, seed: str, *, at: datetime, by: str
) -> dict[str, Any]:
    """Open the ticket of a contact that was registered without one."""
    entered = (await streams.load(contact, contact_id)).registered
    assert entered, "a contact's first event registers it"
    ticket_id = uuid5(NAMESPACE, f"ticket:{seed}")
    opening = OpenTicket(
        ticket=ticket_id,
        contact=contact_id,
        channel=entered.channel,
        customer=entered.customer,
        customer_name=entered.customer_name,
        person=entered.person,
        product_name=entered.product_name,
        lot=entered.lot,
        summary=entered.summary,
        received_at=entered.at,
        at=at,
        by=by,
    )
    await streams.handle(ticket, ticket_id, opening, new=True)
    await streams.handle(contact, contact_id, LinkContact(ticket=ticket_id, at=at, by=by))
    return await ticket_answer(streams, ticket_id)


def _entry(
    intake: Intake, known: Known, contact_id: UUID, ticket_id: UUID | None, *, at: datetime, by: str, now: datetime
) -> RegisterContact:
    return RegisterContact(
        contact=contact_id,
        channel=intake.channel,
        registered_at=now,
        postmark=intake.postmark,
        call_id=intake.call_id,
        message_id=intake.message_id,
        customer=known.customer,
        customer_name=known.customer_name,
        person=known.person,
        product_name=known.product_name,
        lot=intake.lot,
        summary=intake.summary,
        abandoned=intake.abandoned,
        callback_needed=intake.callback_needed,
        ticket=ticket_id,
        at=at,
        by=by,
    )


async def identify(streams: Streams, intake: Intake, persons: Persons, *, at: datetime, by: str) -> Known:
    """Find customer, product and person, or record them. Raises ``Refused`` for ids that stand for nothing."""
    (customer, customer_name), (product, product_name), _ = await asyncio.gather(
        _customer(streams, intake.customer, intake.customer_name, at=at, by=by),
        _product(streams, intake.product, intake.product_name),
        _site(streams, intake.site),
    )
    person = await persons.record(streams, intake.person, customer, at=at, by=by) if intake.person else None
    return Known(
        customer=customer, customer_name=customer_name, person=person, product=product, product_name=product_name
    )


async def _customer(
    streams: Streams, customer: UUID | None, name: str | None, *, at: datetime, by: str
) -> tuple[UUID | None, str | None]:
    """By id; or by name, and then it is recorded where it is new."""
    if customer is None and name is None:
        return None, None
    key = customer or customer_id(name or "")
    known = (await streams.load(reference, key, required=False)).latest
    if isinstance(known, CustomerRecorded):
        return key, known.name
    if customer is not None or name is None:
        raise Refused("customer_unknown", "没有这个客户。", "There is no such customer.")
    await streams.handle(reference, key, RecordCustomer(customer=key, name=name, at=at, by=by))
    return key, name


async def _product(streams: Streams, product: UUID | None, name: str | None) -> tuple[UUID | None, str | None]:
    """By id; or by name, which stays a mere name where no such product is recorded."""
    if product is None and name is None:
        return None, None
    key = product or product_id(name or "")
    known = (await streams.load(reference, key, required=False)).latest
    if isinstance(known, ProductRecorded):
        return key, known.name
    if product is not None:
        raise Refused("product_unknown", "没有这个产品。", "There is no such product.")
    return None, name


async def _site(streams: Streams, site: UUID | None) -> None:
    if site is None:
        return
    known = (await streams.load(reference, site, required=False)).latest
    if not isinstance(known, SiteRecorded):
        raise Refused("site_unknown", "没有这个服务地点。", "There is no such site.")
