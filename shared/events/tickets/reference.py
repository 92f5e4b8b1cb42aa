"""Customers, sites, contact persons, products, lots and installed units."""

from datetime import date
from uuid import UUID

from shared.events.tickets.values import TicketsEvent


class CustomerRecorded(TicketsEvent):
    customer: UUID
    name: str
    code: str | None
    region: str | None
    key_customer: bool
    """Visited by the programme of 2.3."""


class SiteRecorded(TicketsEvent):
    site: UUID
    customer: UUID
    name: str
    city: str | None


class PersonRecorded(TicketsEvent):
    """A contact person exists; name and number lie beside the log."""

    person: UUID
    customer: UUID | None
    site: UUID | None


class PersonErased(TicketsEvent):
    """What ``person`` stood for is gone (D13)."""

    person: UUID
    reason: str


class ProductRecorded(TicketsEvent):
    product: UUID
    name: str
    code: str | None
    consumable: bool
    warranty_months: int | None
    shelf_life_months: int | None


class LotRecorded(TicketsEvent):
    lot_id: UUID
    product: UUID
    product_name: str
    lot: str
    manufactured: date | None


class UnitRecorded(TicketsEvent):
    """What stands at a customer's: a device, or a delivery of a lot (D21: the serial number is optional)."""

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
