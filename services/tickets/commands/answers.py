"""What a command is answered with: the aggregate as it is after it, short enough to be kept with the key."""

from typing import Any
from uuid import UUID

from services.tickets.domain import complaint, contact, ticket
from services.tickets.domain.complaint import known as complaint_known
from services.tickets.domain.ticket_guards import known
from shared.eventlog import Streams


async def ticket_answer(streams: Streams, ticket_id: UUID) -> dict[str, Any]:
    """Id, number, status, due time and version of a ticket."""
    state = await streams.load(ticket, ticket_id)
    opened = known(state)
    return {
        "ticket": str(ticket_id),
        "number": opened.number,
        "contact": str(opened.contact),
        "status": state.status.value,
        "answer_due": (state.answer_due or opened.answer_due).isoformat(),
        "overdue": state.overdue,
        "version": streams.version(ticket_id),
    }


async def contact_answer(streams: Streams, contact_id: UUID) -> dict[str, Any]:
    """Id, ticket and version of a contact."""
    state = await streams.load(contact, contact_id)
    return {
        "contact": str(contact_id),
        "ticket": str(state.ticket) if state.ticket else None,
        "version": streams.version(contact_id),
    }


async def complaint_answer(streams: Streams, complaint_id: UUID) -> dict[str, Any]:
    """Id, number, status and version of a complaint."""
    state = await streams.load(complaint, complaint_id)
    lodged = complaint_known(state)
    return {
        "complaint": str(complaint_id),
        "number": lodged.number,
        "status": state.status.value if state.status else None,
        "version": streams.version(complaint_id),
    }
