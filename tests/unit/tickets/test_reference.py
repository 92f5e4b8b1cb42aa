"""Reference data: recorded once, changed by recording again."""

from datetime import date
from typing import Any

import pytest

from services.tickets.domain import identity, reference
from shared.decider import Command
from shared.events import tickets as fact
from tests.unit.tickets.examples import CUSTOMER, PRODUCT, T0, an_id, hours
from tests.unit.tickets.story import given


def unit(**facts: Any) -> reference.RecordUnit:
    said = {"unit": an_id("unit"), "product": PRODUCT, "product_name": "粘鼠板", "customer": CUSTOMER, "lot": "NS1"}
    return reference.RecordUnit(**{"at": T0, "by": "import"} | said | facts)


KINDS: list[tuple[Command, dict[str, Any]]] = [
    (reference.RecordCustomer(at=T0, by="r", customer=CUSTOMER, name="光明物业"), {"key_customer": True}),
    (reference.RecordSite(at=T0, by="r", site=an_id("site"), customer=CUSTOMER, name="西门店"), {"city": "济南"}),
    (reference.RecordPerson(at=T0, by="r", person=an_id("person")), {"customer": CUSTOMER}),
    (
        reference.RecordProduct(at=T0, by="r", product=PRODUCT, name="粘鼠板", consumable=True),
        {"shelf_life_months": 24},
    ),
    (
        reference.RecordLot(at=T0, by="r", lot_id=an_id("lot"), product=PRODUCT, product_name="粘鼠板", lot="NS1"),
        {"manufactured": date(2026, 1, 4)},
    ),
    (unit(), {"delivered": date(2026, 5, 1)}),
]


@pytest.mark.parametrize(("command", "change"), KINDS)
def test_an_event_only_where_something_changed(command: Command, change: dict[str, Any]) -> None:
    story = given(reference).when(command)
    assert len(story.now().latest.model_fields_set) > 1
    story.when(command.model_copy(update={"at": hours(5)})).then()
    story.when(command.model_copy(update={"at": hours(6)} | change)).then(type(story.now().latest)).saying(**change)


def test_an_id_stands_for_one_kind_of_thing() -> None:
    story = given(reference, KINDS[0][0])
    for command, _ in KINDS[1:]:
        story.when(command).refused("reference_of_another_kind")


def test_a_person_is_erased_for_good() -> None:
    person = KINDS[2][0]
    erase = reference.ErasePerson(at=hours(1), by="hr", person=an_id("person"), reason="本人要求")
    given(reference).when(erase).refused("person_unknown")
    story = given(reference, person).when(erase).then(fact.PersonErased).when(erase).then()
    story.when(person).refused("person_erased")


def test_a_unit_has_a_serial_number_or_a_lot() -> None:
    given(reference).when(unit(lot=None)).refused("unit_unmarked")
    given(reference).when(unit(lot=None, serial="A1")).then(fact.UnitRecorded)
    given(reference).when(unit(contract_until=date(2027, 1, 1))).refused("contract_missing")


def test_ids_come_from_facts() -> None:
    assert identity.customer_id("光明物业") == identity.customer_id("光明物业")
    made = {
        identity.customer_id("1"),
        identity.product_id("1"),
        identity.site_id(CUSTOMER, "1"),
        identity.lot_id(PRODUCT, "1"),
        identity.unit_id(CUSTOMER, PRODUCT, "1"),
        identity.case_file_id(CUSTOMER),
        identity.survey_id(CUSTOMER),
        identity.survey_id(CUSTOMER, 1),
        identity.quote_id(CUSTOMER),
        identity.quote_id(CUSTOMER, 1),
        identity.survey_complaint_id(CUSTOMER),
    }
    assert len(made) == 11


def test_ids_never_change() -> None:
    assert str(identity.survey_id(CUSTOMER)) == "bb2970d6-86fc-5c60-8a86-b693596b220f"
    assert identity.ticket_number(CUSTOMER, T0) == "SQ-20261003-VVNRZV"
