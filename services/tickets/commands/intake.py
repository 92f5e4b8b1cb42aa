"""Reception: a call or letter is registered (3.8) and becomes a ticket."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypedDict
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field

from services.tickets.commands.answers import contact_answer, ticket_answer
from services.tickets.domain import contact, reference, ticket
from services.tickets.domain.contact import ContactCommand, LinkContact, RegisterContact, received_at
from services.tickets.domain.identity import NAMESPACE, customer_id, product_id
from services.tickets.domain.reference import RecordCustomer
from services.tickets.domain.ticket_commands import OpenTicket
from services.tickets.persons import PersonData, Persons
from shared.decider import Refused
from shared.eventlog import Streams
from shared.events.base import Moment
from shared.events.tickets import (
    Channel,
    CustomerRecorded,
    ProductRecorded,
    SiteRecorded,
    TicketsEvent,
    UnitRecorded,
)
from shared.text import Name, Text


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


class Known(TypedDict):
    """Who and what an intake is about, as far as the reference data know it."""

    customer: UUID | None
    customer_name: str | None
    site: UUID | None
    person: UUID | None
    product: UUID | None
    product_name: str | None
    lot: str | None
    unit: UUID | None


@dataclass(frozen=True)
class Reception:
    """A contact that is taken down, and what becomes of it. ``seed`` makes the ids: the same is the same contact."""

    intake: Intake
    persons: Persons
    seed: str
    at: datetime
    """When it reached the company."""
    by: str
    now: datetime
    from_register: str | None = None
    """The name of the paper register that it is taken over from."""

    @cached_property
    def contact(self) -> UUID:
        return uuid5(NAMESPACE, f"contact:{self.seed}")

    @cached_property
    def ticket(self) -> UUID:
        return uuid5(NAMESPACE, f"ticket:{self.seed}")

    async def register(self, streams: Streams) -> dict[str, Any]:
        """3.8: enter a contact that needs no ticket yet."""
        entry = self._entry(await self._identify(streams), None)
        await streams.handle(contact, self.contact, entry, new=True)
        return await contact_answer(streams, self.contact)

    async def open(self, streams: Streams) -> dict[str, Any]:
        """3.8, 3.4a: enter a contact and open its ticket, at once or not at all."""
        known, fresh = await self._identify(streams), self.from_register is None
        await streams.handle(contact, self.contact, self._entry(known, self.ticket), new=fresh)
        opening = OpenTicket(
            ticket=self.ticket,
            contact=self.contact,
            channel=self.intake.channel,
            summary=self.intake.summary,
            received_at=received_at(self.intake.channel, self.at, self.now),
            from_register=self.from_register,
            at=self.now,
            by=self.by,
            **known,
        )
        await streams.handle(ticket, self.ticket, opening, new=fresh)
        return await ticket_answer(streams, self.ticket)

    def _entry(self, known: Known, ticket_id: UUID | None) -> RegisterContact:
        said = {name: getattr(self.intake, name) for name in _ENTERED}
        who = {"contact": self.contact, "ticket": ticket_id, "registered_at": self.now, "at": self.at, "by": self.by}
        return RegisterContact(**said, **known, **who)

    async def _identify(self, streams: Streams) -> Known:
        """Find customer, product and person, or record them. Raises ``Refused`` for ids that stand for nothing."""
        said, at, by = self.intake, self.at, self.by
        await streams.look_up((reference, entry) for entry in _named(said) if entry)
        customer, customer_name = await _customer(streams, said.customer, said.customer_name, at=at, by=by)
        product, product_name = await _product(streams, said.product, said.product_name)
        await _recorded(streams, said.site, SiteRecorded, _NO_SITE)
        await _recorded(streams, said.unit, UnitRecorded, _NO_UNIT)
        person = None
        if said.person:
            person = await self.persons.record(streams, said.person, customer, self.seed, at=at, by=by)
        return Known(
            customer=customer,
            customer_name=customer_name,
            site=said.site,
            person=person,
            product=product,
            product_name=product_name,
            lot=said.lot,
            unit=said.unit,
        )


_ENTERED = ("channel", "postmark", "call_id", "message_id", "summary", "abandoned", "callback_needed")
"""What of an intake stands in the register as it was said."""


async def open_ticket_of_contact(
    streams: Streams, contact_id: UUID, version: int | None, seed: str, *, at: datetime, by: str
) -> dict[str, Any]:
    """Open the ticket of a contact that was registered without one."""
    await streams.expect(contact, contact_id, version)
    state = await streams.load(contact, contact_id)
    entered = contact.undecided(state)
    ticket_id = uuid5(NAMESPACE, f"ticket:{seed}")
    facts = {name: getattr(entered, name) for name in (*Known.__annotations__, "contact", "channel", "summary")}
    opening = OpenTicket(ticket=ticket_id, received_at=entered.at, at=at, by=by, **facts)
    await streams.handle(ticket, ticket_id, opening, new=True)
    await streams.handle(contact, contact_id, LinkContact(ticket=ticket_id, at=at, by=by))
    return await ticket_answer(streams, ticket_id)


async def act_on_contact(
    streams: Streams, contact_id: UUID, version: int | None, command: ContactCommand
) -> dict[str, Any]:
    """Decide ``command`` on the contact that the caller has seen as ``version``. A ticket to link to has to exist."""
    await streams.expect(contact, contact_id, version)
    await streams.load(contact, contact_id)
    if isinstance(command, LinkContact) and (await streams.load(ticket, command.ticket, required=False)).opened is None:
        raise Refused("ticket_unknown", "没有这个服务请求。", "There is no such ticket.")
    await streams.handle(contact, contact_id, command)
    return await contact_answer(streams, contact_id)


def _named(said: Intake) -> Iterator[UUID | None]:
    """The entries of the reference data that an intake is about, by id or by name."""
    yield said.customer or (customer_id(said.customer_name) if said.customer_name else None)
    yield said.product or (product_id(said.product_name) if said.product_name else None)
    yield said.site
    yield said.unit


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


Unknown = tuple[str, str, str]
_NO_SITE: Unknown = ("site_unknown", "没有这个服务地点。", "There is no such site.")
_NO_UNIT: Unknown = ("unit_unknown", "没有这台在用设备。", "There is no such installed unit.")


async def _recorded(streams: Streams, entry: UUID | None, kind: type[TicketsEvent], missing: Unknown) -> None:
    if entry and not isinstance((await streams.load(reference, entry, required=False)).latest, kind):
        raise Refused(*missing)
