"""One ticket, read from the log itself: always what has just happened, never what a list has heard of."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from psycopg_pool import AsyncConnectionPool

from services.tickets.commands.case_files import checklist
from services.tickets.domain import case_file, quote, survey, ticket
from services.tickets.domain.case_file import CaseFile, Checklist
from services.tickets.domain.identity import case_file_id, quote_id, survey_id
from services.tickets.domain.names import TICKET_STATUS
from services.tickets.domain.quote import Quote
from services.tickets.domain.survey import Survey
from services.tickets.domain.ticket import Ticket
from services.tickets.domain.ticket_guards import clock, known, permit_quote
from services.tickets.persons import data_of
from services.tickets.views import desk
from services.tickets.views.case_file import items
from shared.decider import Words
from shared.eventlog import EventLog, Recorded, StreamNotFound, Streams
from shared.events.base import Event
from shared.events.tickets import CoverageVerdict, TicketMerged
from shared.language import Language, say
from shared.refusal import why_not


@dataclass(frozen=True, slots=True)
class Standing:
    """A ticket with all that belongs to it, as it stands now."""

    ticket_id: UUID
    ticket: Ticket
    version: int
    quote: Quote
    survey: Survey
    case_file: CaseFile
    checklist: Checklist
    complaints: list[tuple[UUID, str, str]]

    def actions(self) -> dict[str, Words | None]:
        """Every action of the ticket, its quote and its survey: None where it is open now, otherwise why not."""
        outcome, missing = self.survey.outcome, case_file.missing(self.checklist)
        covered: CoverageVerdict | None = self.ticket.coverage.verdict if self.ticket.coverage else None
        quotes = quote.available(self.quote, covered)
        quotes["issue_quote"] = why_not(partial(permit_quote, self.ticket)) or quotes["issue_quote"]
        return (
            ticket.available(self.ticket, survey=outcome, missing=missing)
            | quotes
            | survey.available(self.survey, resolved=self.ticket.done)
            | {"file_document": case_file.available(self.case_file, self.checklist)["file_document"]}
        )


async def standing(log: EventLog, pool: AsyncConnectionPool, ticket_id: UUID) -> Standing:
    """Raises ``StreamNotFound``."""
    complaints = await desk.complaints_of(pool, ticket_id)

    async def look(streams: Streams) -> Standing:
        state = await streams.load(ticket, ticket_id)
        there = await checklist(streams, ticket_id, [complaint for complaint, _, _ in complaints])
        return Standing(
            ticket_id,
            state,
            streams.version(ticket_id),
            await streams.load(quote, quote_id(ticket_id, state.reopenings), required=False),
            await streams.load(survey, survey_id(ticket_id, state.reopenings), required=False),
            await streams.load(case_file, case_file_id(ticket_id), required=False),
            there,
            [(complaint, number, status.value) for complaint, number, status in complaints],
        )

    return await log.look(look)


async def shown(
    pool: AsyncConnectionPool, now: Standing, at: datetime, language: Language, *, personal: bool
) -> dict[str, Any]:
    """The ticket as JSON. ``personal``: whether the reader may know who the contact person is."""
    state = now.ticket
    opened, facts = known(state), state.triage or known(state)
    person = facts.person or opened.person
    return {
        "ticket": now.ticket_id,
        "number": opened.number,
        "status": state.status,
        "status_words": say(TICKET_STATUS[state.status], language),
        "channel": opened.channel,
        "summary": opened.summary,
        "contact": opened.contact,
        "from_register": opened.from_register,
        "customer": {"customer": facts.customer, "name": facts.customer_name},
        "site": facts.site or opened.site,
        "person": await data_of(pool, person) if person and personal else person,
        "product": {"product": facts.product, "name": facts.product_name, "lot": facts.lot, "unit": facts.unit},
        "coverage": state.coverage.model_dump(exclude={"ticket"}) if state.coverage else None,
        "received_at": opened.received_at,
        "answer": _answer(state, at),
        "hold": state.hold.reason if state.hold else None,
        "escalation": state.escalation.question if state.escalation else None,
        "escalation_answer": state.escalation_answer.answer if state.escalation_answer else None,
        "work_orders": [
            {"work_order": key, "purpose": order.purpose, "progress": order.progress}
            for key, order in state.work_orders.items()
        ],
        "visits": [visit.model_dump(exclude={"ticket"}) for visit in state.visits.values()],
        "resolution": state.resolved.resolution if state.resolved and state.done else None,
        "merged_into": _merged(state),
        "absorbed": sorted(state.absorbed),
        "quote": _quote(now.quote),
        "survey": _survey(now.survey),
        "complaints": [{"complaint": c, "number": number, "status": status} for c, number, status in now.complaints],
        "case_file": {"archived": now.case_file.archived, "items": items(now.checklist, language)},
        "reopenings": state.reopenings,
        "version": now.version,
    }


def _answer(state: Ticket, at: datetime) -> dict[str, Any]:
    """The answer clock; ``minutes_left`` is negative when overdue, null when nothing is awaited."""
    asked_at, due = clock(state)
    waits = state.waiting or (state.overdue and not state.answer and state.ended is None)
    return {
        "asked_at": asked_at,
        "due": due,
        "given_at": state.answer.at if state.answer else None,
        "late_minutes": state.answer.late_minutes if state.answer else None,
        "overdue": state.overdue,
        "minutes_left": int((due - at).total_seconds() // 60) if waits else None,
        "proof": state.answer.proof if state.answer else None,
    }


def _merged(state: Ticket) -> dict[str, Any] | None:
    if not isinstance(state.ended, TicketMerged):
        return None
    return {"ticket": state.ended.into, "number": state.ended.into_number}


def _quote(offer: Quote) -> dict[str, Any] | None:
    if offer.offer is None:
        return None
    return {"status": offer.status, **offer.offer.model_dump(exclude={"ticket"})}


def _survey(asked: Survey) -> dict[str, Any] | None:
    if asked.sent is None and asked.outcome is None:
        return None
    return {
        "outcome": asked.outcome,
        "sent_at": asked.sent.at if asked.sent else None,
        "score": asked.answered.score if asked.answered else None,
        "verdict": asked.answered.verdict if asked.answered else None,
        "text": asked.answered.text if asked.answered else None,
        "declined": asked.declined.reason if asked.declined else None,
    }


async def history(log: EventLog, pool: AsyncConnectionPool, ticket_id: UUID) -> list[Recorded[Event]]:
    """Every event of the ticket and of its contacts, quotes, surveys, complaints and case file, as recorded.

    Raises ``StreamNotFound``.
    """
    found = await log.history(ticket_id)
    state, _ = await log.load(ticket, ticket_id)
    again = range(state.reopenings + 1)
    beside = [
        known(state).contact,
        *await desk.contacts_of(pool, ticket_id),
        *(quote_id(ticket_id, reopening) for reopening in again),
        *(survey_id(ticket_id, reopening) for reopening in again),
        *(complaint for complaint, _, _ in await desk.complaints_of(pool, ticket_id)),
        case_file_id(ticket_id),
    ]
    for stream in dict.fromkeys(beside):
        try:
            found += await log.history(stream)
        except StreamNotFound:
            continue  # no quote was ever offered, no document filed
    return sorted(found, key=lambda recorded: recorded.position)
