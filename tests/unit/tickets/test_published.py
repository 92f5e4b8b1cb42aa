"""What the tickets service publishes: it survives JSON, says nothing personal, and has words."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import AwareDatetime, TypeAdapter

from services.tickets import wording
from services.tickets.domain import case_file, complaint, contact, names, quote, reference, survey, ticket
from shared.decider import Decider
from shared.events import tickets
from shared.events.base import PUBLISHED, Event, Source
from shared.history import SOURCE

DECIDERS: list[Decider[Any]] = [case_file, complaint, contact, quote, reference, survey, ticket]
EVENTS = [event for topic, event in sorted(PUBLISHED.items()) if topic.startswith("tickets.")]

PROMISED = """
ContactRegistered TicketOpened TicketTriaged CoverageDecided FirstAnswerGiven AnswerOverdue TicketHeld TicketResumed
TicketEscalated QuoteIssued QuoteAccepted QuoteDeclined TicketResolved TicketReopened TicketMerged TicketCancelled
TicketClosed CaseFileArchived ComplaintLodged ComplaintSubstantiated ComplaintDismissed RemedyCompleted SurveySent
SurveyAnswered SurveyDeclined
"""

moments = st.integers(0, 4 * 10**15).map(lambda us: datetime.fromtimestamp(0, UTC) + timedelta(microseconds=us))
st.register_type_strategy(AwareDatetime, moments)
st.register_type_strategy(Decimal, st.decimals("-1e12", "1e12", places=2))
st.register_type_strategy(tickets.CallProof, st.builds(tickets.CallProof, seconds=st.integers(0, 9999)))
st.register_type_strategy(tickets.RegisterProof, st.builds(tickets.RegisterProof, row=st.integers(1, 9999)))


def test_everything_promised_is_published() -> None:
    assert set(PROMISED.split()) <= {event.__name__ for event in EVENTS}


def test_everything_published_can_be_imported_from_one_place() -> None:
    assert {event.__name__ for event in EVENTS} <= set(tickets.__all__)


def test_every_kind_of_stream_has_a_name_of_its_own() -> None:
    assert len({decider.STREAM for decider in DECIDERS}) == len(DECIDERS)


@pytest.mark.parametrize("kind", EVENTS)
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_it_survives_json_and_has_words_in_both_languages(kind: type[Event], data: st.DataObject) -> None:
    event = data.draw(st.from_type(kind))
    assert kind.model_validate_json(event.model_dump_json()) == event
    words = wording.in_words(event)
    assert words.zh.strip()
    assert words.en.strip()


@pytest.mark.parametrize("decider", DECIDERS, ids=lambda decider: decider.STREAM)
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_a_state_is_made_of_any_history_and_kept(decider: Decider[Any], data: st.DataObject) -> None:
    """Rules change; what happened under older ones is told again all the same."""
    told = get_type_hints(decider.evolve)["event"]
    history = data.draw(st.lists(st.one_of(*map(st.from_type, get_args(told))), max_size=12))
    state = decider.NEW
    for event in history:
        decider.deadlines(event)
        state = decider.evolve(state, event)
    kept = TypeAdapter(type(state))
    assert kept.validate_json(kept.dump_json(state)) == state


def test_every_published_event_is_of_one_kind_of_stream() -> None:
    told = [event for decider in DECIDERS for event in get_args(get_type_hints(decider.evolve)["event"])]
    assert sorted(told, key=str) == sorted(EVENTS, key=str)


def test_another_services_event_has_no_words_here() -> None:
    with pytest.raises(TypeError):
        wording.in_words(Event(at=datetime.now(UTC)))


@pytest.mark.parametrize("event", EVENTS)
def test_nothing_personal_is_said(event: type[Event]) -> None:
    fields = set(event.model_fields)
    assert not {"phone", "telephone", "address", "person_name", "caller", "email"} & fields
    if "name" in fields:
        assert event in (
            tickets.CustomerRecorded,
            tickets.SiteRecorded,
            tickets.ProductRecorded,
        ), "only organisations, places and products are named"


NAMED: list[tuple[Any, Any]] = [
    (tickets.TicketStatus, names.TICKET_STATUS),
    (tickets.TicketStatus, names.TICKET_HINT),
    (tickets.ComplaintStatus, names.COMPLAINT_STATUS),
    (tickets.ComplaintStatus, names.COMPLAINT_HINT),
    (tickets.Channel, names.CHANNEL),
    (Source, SOURCE),
    (tickets.Purpose, names.PURPOSE),
    (tickets.CoverageVerdict, names.COVERAGE),
    (tickets.CoverageReason, names.COVERAGE_REASON),
    (tickets.ComplaintCategory, names.COMPLAINT_CATEGORY),
    (tickets.LineKind, names.LINE_KIND),
    (tickets.SurveyOutcome, names.SURVEY_OUTCOME),
    (tickets.DocumentKind, names.DOCUMENT),
    (tickets.QuoteStatus, names.QUOTE_STATUS),
]


@pytest.mark.parametrize(("kinds", "words"), NAMED)
def test_every_kind_has_a_name(kinds: Any, words: Any) -> None:
    assert set(words) == set(kinds)


def test_every_action_has_a_name() -> None:
    moment = datetime.now(UTC)
    assert set(ticket.available(ticket.NEW)) | {"absorb"} == set(names.TICKET_ACTION)
    assert set(complaint.available(complaint.NEW, "x", moment)) == set(names.COMPLAINT_ACTION)
    assert set(contact.available(contact.NEW)) == set(names.CONTACT_ACTION)
    assert set(quote.available(quote.NEW, None)) == set(names.QUOTE_ACTION)
    assert set(survey.available(survey.NEW, resolved=True)) == set(names.SURVEY_ACTION)
    full = case_file.Checklist(**dict.fromkeys(names.CASE_FILE_ITEM, True))
    assert set(case_file.available(case_file.NEW, full)) == set(names.CASE_FILE_ACTION)
