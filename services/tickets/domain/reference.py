"""Reference data: customers, sites, contact persons, products, lots and installed units, a stream each.

Recording is an upsert: what is recorded again in the same words causes no event.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, assert_never
from uuid import UUID

from pydantic import Field

from shared.decider import Command, DeadlineChange, Refused
from shared.events.tickets import (
    CustomerRecorded,
    LotRecorded,
    PersonErased,
    PersonRecorded,
    ProductRecorded,
    SiteRecorded,
    UnitRecorded,
)
from shared.facts import same, tell
from shared.text import Name, Text

STREAM = "reference"

Months = Annotated[int, Field(ge=0, le=600)]

# --- commands ---------------------------------------------------------------------------------------------------------


class RecordCustomer(Command):
    customer: UUID
    name: Name
    code: Name | None = None
    region: Name | None = None
    key_customer: bool = False


class RecordSite(Command):
    site: UUID
    customer: UUID
    name: Name
    city: Name | None = None


class RecordPerson(Command):
    """Name and number are kept beside the log, not here."""

    person: UUID
    customer: UUID | None = None
    site: UUID | None = None


class ErasePerson(Command):
    """D13. What stands beside the log is deleted in the same transaction."""

    person: UUID
    reason: Text


class RecordProduct(Command):
    product: UUID
    name: Name
    code: Name | None = None
    consumable: bool
    warranty_months: Months | None = None
    shelf_life_months: Months | None = None


class RecordLot(Command):
    lot_id: UUID
    product: UUID
    product_name: Name
    lot: Name
    manufactured: date | None = None


class RecordUnit(Command):
    unit: UUID
    product: UUID
    product_name: Name
    customer: UUID
    site: UUID | None = None
    serial: Name | None = None
    lot: Name | None = None
    delivered: date | None = None
    contract: Name | None = None
    contract_until: date | None = None


ReferenceCommand = RecordCustomer | RecordSite | RecordPerson | ErasePerson | RecordProduct | RecordLot | RecordUnit
ReferenceEvent = (
    CustomerRecorded | SiteRecorded | PersonRecorded | PersonErased | ProductRecorded | LotRecorded | UnitRecorded
)

# --- state ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reference:
    latest: ReferenceEvent | None = None


NEW = Reference()


def evolve(reference: Reference, event: ReferenceEvent) -> Reference:
    return Reference(event)


def deadlines(event: ReferenceEvent) -> Sequence[DeadlineChange]:
    """None."""
    return []


# --- decisions --------------------------------------------------------------------------------------------------------


def decide(command: ReferenceCommand, reference: Reference) -> Sequence[ReferenceEvent]:
    """The event that ``command`` causes; none when nothing changed. Raises ``Refused``."""
    event = _said(command)
    if same(event, reference.latest):
        return []
    if reference.latest and not _same_kind(event, reference.latest):
        raise Refused("reference_of_another_kind", "该编号属于其他资料。", "That id stands for something else.")
    if isinstance(reference.latest, PersonErased):
        raise Refused("person_erased", "该联系人已删除。", "This person has been erased.")
    if isinstance(command, ErasePerson) and not isinstance(reference.latest, PersonRecorded):
        raise Refused("person_unknown", "没有这个联系人。", "There is no such person.")
    if isinstance(command, RecordUnit):
        _check_unit(command)
    return [event]


def _said(command: ReferenceCommand) -> ReferenceEvent:
    match command:
        case RecordCustomer():
            return tell(CustomerRecorded, command)
        case RecordSite():
            return tell(SiteRecorded, command)
        case RecordPerson():
            return tell(PersonRecorded, command)
        case ErasePerson():
            return tell(PersonErased, command)
        case RecordProduct():
            return tell(ProductRecorded, command)
        case RecordLot():
            return tell(LotRecorded, command)
        case RecordUnit():
            return tell(UnitRecorded, command)
        case _:
            assert_never(command)


def _same_kind(event: ReferenceEvent, latest: ReferenceEvent) -> bool:
    person = PersonRecorded | PersonErased
    return type(event) is type(latest) or (isinstance(event, person) and isinstance(latest, person))


def _check_unit(command: RecordUnit) -> None:
    """D21: a device has a serial number, a consumable a lot."""
    if not (command.serial or command.lot):
        raise Refused("unit_unmarked", "请填写序列号或批次。", "Give a serial number or a lot.")
    if command.contract_until and not command.contract:
        raise Refused("contract_missing", "请填写合同号。", "Name the contract.")
