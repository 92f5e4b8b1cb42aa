"""Customers, sites, contact persons, products, lots and installed units."""

from datetime import date
from uuid import UUID

from shared.events.tickets.values import TicketsEvent


class CustomerRecorded(TicketsEvent):
    """客户登记或更正 · A customer as known from now on."""

    customer: UUID
    name: str
    code: str | None
    region: str | None
    key_customer: bool
    """重点客户，按 2.3 走访 · Visited by the programme of 2.3."""


class SiteRecorded(TicketsEvent):
    """服务地点登记或更正 · A site of a customer as known from now on."""

    site: UUID
    customer: UUID
    name: str
    city: str | None


class PersonRecorded(TicketsEvent):
    """联系人登记 · A contact person exists; name and number lie beside the log."""

    person: UUID
    customer: UUID | None
    site: UUID | None


class PersonErased(TicketsEvent):
    """联系人资料删除 · What ``person`` stood for is gone (D13)."""

    person: UUID
    reason: str


class ProductRecorded(TicketsEvent):
    """产品登记或更正 · A product as known from now on, with its terms of warranty and shelf life."""

    product: UUID
    name: str
    code: str | None
    consumable: bool
    warranty_months: int | None
    shelf_life_months: int | None


class LotRecorded(TicketsEvent):
    """批次登记或更正 · A lot of a product as known from now on."""

    lot_id: UUID
    product: UUID
    product_name: str
    lot: str
    manufactured: date | None


class UnitRecorded(TicketsEvent):
    """在用设备登记或更正 · What stands at a customer's: a device, or a delivered lot (D21: a serial is optional)."""

    unit: UUID
    product: UUID
    product_name: str
    customer: UUID
    site: UUID | None
    serial: str | None
    lot: str | None
    delivered: date | None
    contract: str | None
    contract_until: date | None
