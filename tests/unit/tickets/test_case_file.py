"""Case files (5.3), rule by rule."""

from typing import Any

import pytest

from services.tickets.domain import case_file, complaint, names, quote, survey, ticket
from shared.events import tickets as fact
from shared.events.tickets import Channel, DocumentKind
from tests.unit.tickets.examples import (
    PHOTO,
    TICKET,
    acknowledge,
    an_id,
    answer,
    close_complaint,
    dismiss,
    dispatch,
    escalate,
    evidence,
    hours,
    investigate,
    issue,
    lodge,
    open_,
    overdue,
    triage,
)
from tests.unit.tickets.story import given

FULL = case_file.Checklist(**dict.fromkeys(names.CASE_FILE_ITEM, True))
ANSWERED = given(
    survey,
    survey.AnswerSurvey(
        at=hours(7),
        by="reception",
        survey=an_id("survey"),
        ticket=TICKET,
        channel=Channel.PHONE,
        score=4,
        proof=answer().proof,
    ),
).now()
EMPTY = case_file.NEW


def file_(**facts: Any) -> case_file.FileDocument:
    said = {"case_file": an_id("case"), "ticket": TICKET, "sha256": PHOTO, "document": DocumentKind.LETTER}
    return case_file.FileDocument(**{"at": hours(1), "by": "reception", "title": "来函"} | said | facts)


def archive(checklist: case_file.Checklist = FULL) -> case_file.ArchiveCaseFile:
    return case_file.ArchiveCaseFile(
        at=hours(9), by="reception", case_file=an_id("case"), ticket=TICKET, number="SQ-1", checklist=checklist
    )


def lacks(**states: Any) -> tuple[str, ...]:
    """What the checklist finds missing for an answered and surveyed ticket, but for ``states``."""
    complete = {
        "case_file": EMPTY,
        "ticket": given(ticket, open_(), triage(), answer()).now(),
        "quotes": [],
        "survey": ANSWERED,
        "complaints": [],
    }
    return case_file.missing(case_file.checklist(**complete | states))


def test_a_document_is_filed_once_and_as_one_thing() -> None:
    story = given(case_file).when(file_()).then(fact.DocumentFiled).when(file_()).then()
    story.when(file_(document=DocumentKind.PHOTO)).refused("document_filed_otherwise")


def test_a_complete_file_is_archived_with_the_fingerprints_of_its_documents() -> None:
    story = given(case_file, file_()).when(archive()).then(fact.CaseFileArchived).saying(documents=(PHOTO,))
    story.when(archive()).then()
    story.when(file_(sha256="cd" * 32)).refused("case_file_archived")


@pytest.mark.parametrize("item", list(names.CASE_FILE_ITEM))
def test_an_incomplete_file_isnt(item: str) -> None:
    checklist = FULL.model_copy(update={item: False})
    given(case_file).when(archive(checklist)).refused("case_file_incomplete")
    why = case_file.available(case_file.NEW, checklist)["archive_case_file"]
    assert why is not None
    assert names.CASE_FILE_ITEM[item].zh in why.zh
    assert names.CASE_FILE_ITEM[item].en in why.en


def test_the_checklist_has_exactly_the_items_that_are_named() -> None:
    assert list(case_file.Checklist.model_fields) == list(names.CASE_FILE_ITEM)


def test_what_a_ticket_lacks() -> None:
    assert lacks() == ()
    assert lacks(ticket=ticket.NEW) == ("contact", "triage", "answer")
    assert lacks(ticket=given(ticket, open_(), triage()).now()) == ("answer",)
    assert lacks(ticket=given(ticket, open_(), triage(), overdue()).now()) == ()
    assert lacks(ticket=given(ticket, open_(), triage(), answer(), escalate()).now()) == ("escalation",)
    assert lacks(ticket=given(ticket, open_(), triage(), answer(), dispatch()).now()) == ("work_orders",)
    assert lacks(survey=survey.NEW) == ("survey",)
    assert lacks(quotes=[quote.NEW, given(quote, issue()).now()]) == ("quote",)


def test_complaints_are_over() -> None:
    case = given(complaint, lodge(), acknowledge(), investigate(), evidence(), dismiss())
    assert lacks(complaints=[case.now()]) == ("complaints",)
    assert lacks(complaints=[case.when(close_complaint()).now()]) == ()


def test_a_letter_is_there_as_a_scan_unless_a_paper_register_keeps_it() -> None:
    by_letter = given(ticket, open_(channel="letter"), triage(), answer()).now()
    assert lacks(ticket=by_letter) == ("letter",)
    assert lacks(ticket=by_letter, case_file=given(case_file, file_()).now()) == ()
    from_paper = given(ticket, open_(channel="letter", from_register="10月"), triage(), answer()).now()
    assert lacks(ticket=from_paper) == ()
