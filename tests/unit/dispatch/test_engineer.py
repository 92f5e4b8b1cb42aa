"""Engineers: recorded, out of service, erased."""

from datetime import date

import pytest
from pydantic import ValidationError

from services.dispatch.domain import engineer
from services.dispatch.domain.engineer import EraseEngineer, RecordContacts, RecordTerms
from shared.decider import Refused
from shared.events import dispatch as fact
from tests.unit.dispatch.people import an_id, at
from tests.unit.dispatch.people import engineer as record
from tests.unit.tickets.story import given


def contacts(content: str = "王强 13800000004") -> RecordContacts:
    return RecordContacts(at=at("07:10"), by="hr", engineer="E04", content=an_id(content))


def terms(valid_from: date = date(2026, 10, 1), content: str = "10.00 C") -> RecordTerms:
    return RecordTerms(at=at("07:10"), by="hr", engineer="E04", valid_from=valid_from, content=an_id(content))


def erase() -> EraseEngineer:
    return EraseEngineer(at=at("09:00"), by="hr", engineer="E04", reason="本人要求")


def test_skills_are_told_once_each_and_in_order() -> None:
    given(engineer).when(record(skills=("维修", "灭鼠", "维修"))).then(fact.EngineerRecorded).saying(
        skills=("灭鼠", "维修"), active=True
    )


def test_the_same_again_changes_nothing() -> None:
    given(engineer, record()).when(record()).then()
    given(engineer, record(), contacts()).when(contacts()).then()
    given(engineer, record(), terms()).when(terms()).then()


def test_what_changes_is_recorded_again() -> None:
    given(engineer, record()).when(record(base_city="青岛")).then(fact.EngineerRecorded)
    given(engineer, record(), contacts()).when(contacts("王强 13900000004")).then(fact.EngineerContactsRecorded)


def test_terms_hold_from_their_day_and_are_corrected_for_it() -> None:
    story = given(engineer, record(), terms(), terms(date(2026, 11, 1), "12.00 C"), terms(content="11.00 C"))
    known = story.now().terms
    assert [each.valid_from for each in known] == [date(2026, 10, 1), date(2026, 11, 1)]
    assert known[0].content == an_id("11.00 C")


@pytest.mark.parametrize("command", [contacts(), terms(), erase()])
def test_of_nobody_there_is_nothing_to_tell(command: engineer.EngineerCommand) -> None:
    given(engineer).when(command).refused("engineer_unknown")


def test_who_is_in_service_is_not_erased() -> None:
    given(engineer, record()).when(erase()).refused("engineer_active")


def test_the_erased_stay_erased() -> None:
    gone = given(engineer, record(), contacts(), terms(), record(active=False), erase())
    assert (gone.now().contacts, gone.now().terms, gone.now().active) == (None, (), False)
    gone.when(erase()).then()
    gone.when(record(active=False)).refused("engineer_erased")
    gone.when(contacts()).refused("engineer_erased")
    assert all(engineer.available(gone.now()).values())


def test_only_who_is_in_service_works() -> None:
    engineer.in_service(given(engineer, record()).now())
    with pytest.raises(Refused) as refusal:
        engineer.in_service(given(engineer, record(active=False)).now())
    assert refusal.value.code == "engineer_inactive"


@pytest.mark.parametrize("code", ["", "-E4", "E 4", "王强", "E04\n", "x" * 41])
def test_a_code_is_an_account_and_no_name(code: str) -> None:
    with pytest.raises(ValidationError):
        record().__class__(at=at("07:00"), by="hr", engineer=code)


def test_what_is_open_follows_the_state() -> None:
    open_now = {name for name, why in engineer.available(given(engineer, record()).now()).items() if why is None}
    assert open_now == {"record", "record_contacts", "record_terms"}
