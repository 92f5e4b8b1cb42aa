"""The satisfaction survey (3.6): a signed link that works without login, and what follows from the answer."""

import base64
import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from services.tickets.domain import complaint, survey, ticket
from services.tickets.domain.complaint_commands import LodgeComplaint
from services.tickets.domain.identity import NAMESPACE, survey_complaint_id, survey_id
from services.tickets.domain.survey import AnswerSurvey, DeclineSurvey, SendSurvey, lodges_complaint
from services.tickets.domain.ticket_guards import known
from shared.decider import Refused
from shared.eventlog import Streams
from shared.events.tickets import Channel, ComplaintCategory, SurveyAnswered


class SurveyLinks:
    """Makes and reads the tokens of survey links: ticket, reopening and token id, signed; nothing personal."""

    def __init__(self, secret: bytes) -> None:
        self._secret = hmac.digest(secret, b"survey-links", "sha256")

    def token(self, ticket_id: UUID, reopening: int, token: UUID) -> str:
        body = ticket_id.bytes + reopening.to_bytes(2) + token.bytes
        return base64.urlsafe_b64encode(body + self._signature(body)).decode().rstrip("=")

    def read(self, text: str) -> tuple[UUID, int, UUID]:
        """Ticket, reopening and token id. Raises ``Refused`` for a link that we didn't make."""
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except ValueError:
            raw = b""
        body, signature = raw[:34], raw[34:]
        if len(body) != 34 or not hmac.compare_digest(signature, self._signature(body)):
            raise Refused("survey_link_unknown", "调查链接无效。", "This survey link isn't valid.")
        return UUID(bytes=body[:16]), int.from_bytes(body[16:18]), UUID(bytes=body[18:])

    def _signature(self, body: bytes) -> bytes:
        return hmac.digest(self._secret, body, "sha256")[:16]


async def send(
    streams: Streams,
    ticket_id: UUID,
    version: int | None,
    *,
    channel: Channel,
    links: SurveyLinks,
    seed: str,
    at: datetime,
    by: str,
) -> dict[str, Any]:
    """3.6: the customer is asked. The answer holds the path of the link, to be sent on ``channel``."""
    state = await streams.load(ticket, ticket_id)
    token, stream = uuid5(NAMESPACE, f"survey_token:{seed}"), survey_id(ticket_id, state.reopenings)
    await streams.expect(survey, stream, version)
    sending = SendSurvey(
        survey=stream,
        ticket=ticket_id,
        token=token,
        channel=channel,
        engineers=_engineers(state),
        resolved=state.done,
        at=at,
        by=by,
    )
    await streams.handle(survey, stream, sending)
    return _done(streams, ticket_id, stream) | {"path": f"/survey/{links.token(ticket_id, state.reopenings, token)}"}


async def answer(
    streams: Streams, ticket_id: UUID, wish: Callable[..., AnswerSurvey], version: int | None, reopening: int | None
) -> dict[str, Any]:
    """3.6, D18: the customer's own answer; a score of 2 or less lodges a complaint at once.

    ``reopening``: which survey of the ticket; None for the one of its last reopening.
    """
    state = await streams.load(ticket, ticket_id)
    stream = survey_id(ticket_id, state.reopenings if reopening is None else reopening)
    await streams.expect(survey, stream, version)
    answering = wish(survey=stream, ticket=ticket_id, engineers=_engineers(state))
    for event in await streams.handle(survey, stream, answering):
        if isinstance(event, SurveyAnswered) and lodges_complaint(event):
            await _lodge(streams, ticket_id, event, by=answering.by)
    return _done(streams, ticket_id, stream) | {"outcome": "answered"}


async def decline(
    streams: Streams, ticket_id: UUID, wish: Callable[..., DeclineSurvey], version: int | None
) -> dict[str, Any]:
    """D19: offered, and refused."""
    state = await streams.load(ticket, ticket_id)
    stream = survey_id(ticket_id, state.reopenings)
    await streams.expect(survey, stream, version)
    declining = wish(survey=stream, ticket=ticket_id, engineers=_engineers(state))
    await streams.handle(survey, stream, declining)
    return _done(streams, ticket_id, stream) | {"outcome": "declined"}


def _done(streams: Streams, ticket_id: UUID, stream: UUID) -> dict[str, Any]:
    return {"survey": str(stream), "ticket": str(ticket_id), "version": streams.version(stream)}


async def _lodge(streams: Streams, ticket_id: UUID, event: SurveyAnswered, *, by: str) -> None:
    state = await streams.load(ticket, ticket_id)
    opened = known(state)
    facts = state.triage or opened
    complaint_id = survey_complaint_id(event.survey)
    lodging = LodgeComplaint(
        complaint=complaint_id,
        channel=Channel.SURVEY,
        ticket=ticket_id,
        contact=opened.contact,
        survey=event.survey,
        customer=facts.customer,
        customer_name=facts.customer_name,
        person=facts.person,
        category=ComplaintCategory.OTHER,
        engineer=event.engineers[0] if len(event.engineers) == 1 else None,
        summary=event.text or f"满意度 {event.score} 分",
        at=event.at,
        by=by,
    )
    await streams.handle(complaint, complaint_id, lodging)


def _engineers(state: ticket.Ticket) -> tuple[str, ...]:
    return tuple(sorted({visit.engineer for visit in state.visits.values()}))
