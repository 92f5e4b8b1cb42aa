"""Forms of the service report as data (3.6): editions, and which of them counts."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from services.dispatch.domain import report_form
from services.dispatch.domain.report_defaults import DEFAULT_FORMS
from services.dispatch.domain.report_form import AdoptReportForm, check_items, in_force
from shared.events import dispatch as fact
from shared.events.dispatch import ItemChoice, ItemKind, ReportItem
from shared.events.tickets import Purpose
from tests.unit.dispatch.reports import hours
from tests.unit.tickets.story import given

WORK = ReportItem(key="work", kind=ItemKind.TEXT, zh="处理过程", en="What was done")
NOTES = ReportItem(key="notes", kind=ItemKind.TEXT, zh="备注", en="Notes", required=False)
PEOPLE = ReportItem(key="attendees", kind=ItemKind.COUNT, zh="参加人数", en="Attended by")
SHOWN = ReportItem(key="alone", kind=ItemKind.DEMONSTRATED, zh="能独立操作", en="Can do it alone")


def adopt(*items: ReportItem, at: float = 0, valid_from: float = 24, **said: Any) -> AdoptReportForm:
    facts = {"purpose": Purpose.REPAIR, "reason": "按质检要求"} | said
    return AdoptReportForm(at=hours(at), by="manager", valid_from=hours(valid_from), items=items or (WORK,), **facts)


def test_the_form_that_comes_with_the_system_holds_until_another_does() -> None:
    story = given(report_form).when(adopt(WORK, NOTES)).then(fact.ReportFormAdopted).saying(edition=1)
    forms = story.now()
    assert in_force(forms, Purpose.REPAIR, hours(23.9)) == DEFAULT_FORMS[Purpose.REPAIR]
    assert in_force(forms, Purpose.REPAIR, hours(24)).items == (WORK, NOTES)
    story.when(adopt(WORK, NOTES)).then()


@examples(st.lists(st.tuples(st.integers(0, 50), st.booleans()), max_size=8), st.integers(0, 60))
def test_the_last_adopted_of_those_that_are_valid_counts(adopted: list[tuple[int, bool]], at: int) -> None:
    story = given(report_form)
    for number, (valid_from, parts) in enumerate(adopted):
        story.when(adopt(valid_from=valid_from, parts=parts, reason=str(number))).then(fact.ReportFormAdopted)
    valid = [edition for edition, (valid_from, _) in enumerate(adopted, 1) if valid_from <= at]
    assert in_force(story.now(), Purpose.REPAIR, hours(at)).edition == max(valid, default=0)


def test_an_edition_binds_nobody_before_it_was_adopted() -> None:
    given(report_form).when(adopt(at=2, valid_from=1)).refused("form_backdated")


@pytest.mark.parametrize(
    ("items", "refusal"),
    [
        ((WORK, WORK), "form_item_repeated"),
        ((WORK.model_copy(update={"kind": ItemKind.CHOICE}),), "form_choices_missing"),
        (
            (
                WORK.model_copy(
                    update={"kind": ItemKind.CHOICE, "choices": (ItemChoice(key="a", zh="甲", en="A"),) * 2}
                ),
            ),
            "form_choices_missing",
        ),
        (
            (PEOPLE.model_copy(update={"at_least": Decimal(5), "at_most": Decimal(2)}),),
            "form_range_empty",
        ),
        ((WORK.model_copy(update={"zh": " "}),), "form_title_missing"),
    ],
)
def test_a_form_that_cannot_be_filled_in_is_refused(items: tuple[ReportItem, ...], refusal: str) -> None:
    given(report_form).when(adopt(*items)).refused(refusal)


def test_an_empty_form_is_none() -> None:
    wanted = adopt().model_copy(update={"items": ()})
    given(report_form).when(wanted).refused("form_empty")


def test_a_training_is_judged_by_attendance_and_demonstration() -> None:
    given(report_form).when(adopt(WORK, SHOWN, purpose=Purpose.TRAINING)).refused("form_attendance_missing")
    given(report_form).when(adopt(WORK, PEOPLE, purpose=Purpose.TRAINING)).refused("form_demonstration_missing")
    given(report_form).when(adopt(SHOWN, PEOPLE, purpose=Purpose.TRAINING)).then(fact.ReportFormAdopted)


@pytest.mark.parametrize("purpose", list(Purpose))
def test_the_forms_that_come_with_the_system_pass_their_own_rules(purpose: Purpose) -> None:
    check_items(purpose, DEFAULT_FORMS[purpose].items)
