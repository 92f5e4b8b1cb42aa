"""Quotes (2.2): offered for work out of warranty, accepted or declined by the customer."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from services.tickets.domain import quote, ticket
from services.tickets.domain.identity import quote_id
from services.tickets.domain.ticket_guards import known, permit_quote
from shared.eventlog import Streams


async def issue(streams: Streams, ticket_id: UUID, wish: Callable[..., Any], version: int | None) -> dict[str, Any]:
    """D20: the ticket's coverage is a fact of the ticket."""
    state = await streams.load(ticket, ticket_id)
    permit_quote(state)
    covered = state.coverage.verdict if state.coverage else None
    stream = quote_id(ticket_id, state.reopenings)
    await streams.expect(quote, stream, version)
    await streams.handle(quote, stream, wish(quote=stream, ticket=ticket_id, coverage=covered))
    return await _answer(streams, ticket_id)


async def respond(streams: Streams, ticket_id: UUID, wish: Callable[..., Any], version: int | None) -> dict[str, Any]:
    """What the customer said to the offer."""
    state = await streams.load(ticket, ticket_id)
    stream = quote_id(ticket_id, state.reopenings)
    await streams.expect(quote, stream, version)
    await streams.handle(quote, stream, wish())
    return await _answer(streams, ticket_id)


async def _answer(streams: Streams, ticket_id: UUID) -> dict[str, Any]:
    state = await streams.load(ticket, ticket_id)
    stream = quote_id(ticket_id, state.reopenings)
    offer = await streams.load(quote, stream)
    return {
        "quote": str(stream),
        "ticket": str(ticket_id),
        "number": known(state).number,
        "status": offer.status,
        "revision": offer.offer.revision if offer.offer else 0,
        "total": str(offer.offer.total) if offer.offer else None,
        "version": streams.version(stream),
    }
