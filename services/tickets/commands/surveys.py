"""The satisfaction survey (3.6): a signed link that works without login, and what follows from the answer."""

import base64
import hmac
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
from shared.events.tickets import Channel, ComplaintCategory, Proof, SurveyAnswered


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
    streams: Streams, ticket_id: UUID, channel: Channel, links: SurveyLinks, seed: str, *, at: datetime, by: str
) -> dict[str, Any]:
    """3.6: the customer is asked. The answer holds the link, to be sent on ``channel``."""
    state = await streams.load(ticket, ticket_id)
    if state.resolved is None:
        raise Refused("nothing_to_survey", "请先解决服务请求,再请客户填写调查。", "Resolve the ticket first, then ask.")
    token, stream = uuid5(NAMESPACE, f"survey_token:{seed}"), survey_id(ticket_id, state.reopenings)
    sending = SendSurvey(
        survey=stream, ticket=ticket_id, token=token, channel=channel, engineers=_engineers(state), at=at, by=by
    )
    await streams.handle(survey, stream, sending)
    path = f"/survey/{links.token(ticket_id, state.reopenings, token)}"
    return {"survey": str(stream), "ticket": str(ticket_id), "path": path, "version": streams.version(stream)}


async def answer(
    streams: Streams,
    ticket_id: UUID,
    reopening: int,
    *,
    at: datetime,
    by: str,
    channel: Channel,
    score: int | None = None,
    verdict: str | None = None,
    text: str | None = None,
    token: UUID | None = None,
    proof: Proof | None = None,
) -> dict[str, Any]:
    """3.6, D18: the customer's own answer; a score of 2 or less lodges a complaint at once."""
    state = await streams.load(ticket, ticket_id)
    stream = survey_id(ticket_id, reopening)
    answering = AnswerSurvey(
        survey=stream,
        ticket=ticket_id,
        channel=channel,
        token=token,
        score=score,
        verdict=verdict,
        text=text,
        engineers=_engineers(state),
        proof=proof,
        at=at,
        by=by,
    )
    for event in await streams.handle(survey, stream, answering):
        if isinstance(event, SurveyAnswered) and lodges_complaint(event):
            await _lodge(streams, ticket_id, event, at=at, by=by)
    return {"survey": str(stream), "ticket": str(ticket_id), "outcome": "answered", "version": streams.version(stream)}


async def decline(
    streams: Streams, ticket_id: UUID, *, proof: Proof, reason: str | None, at: datetime, by: str
) -> dict[str, Any]:
    """D19: offered, and refused."""
    state = await streams.load(ticket, ticket_id)
    stream = survey_id(ticket_id, state.reopenings)
    declining = DeclineSurvey(
        survey=stream, ticket=ticket_id, reason=reason, proof=proof, engineers=_engineers(state), at=at, by=by
    )
    await streams.handle(survey, stream, declining)
    return {"survey": str(stream), "ticket": str(ticket_id), "outcome": "declined", "version": streams.version(stream)}


async def _lodge(streams: Streams, ticket_id: UUID, event: SurveyAnswered, *, at: datetime, by: str) -> None:
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
        at=at,
        by=by,
    )
    await streams.handle(complaint, complaint_id, lodging)


def _engineers(state: ticket.Ticket) -> tuple[str, ...]:
    return tuple(sorted({visit.engineer for visit in state.visits.values()}))
