"""Complaints (4.1): what they need to know of the ticket, the customer and the one who decides."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from services.tickets.commands.answers import complaint_answer
from services.tickets.commands.work import names_of
from services.tickets.domain import complaint, ticket
from services.tickets.domain.complaint_commands import LodgeComplaint
from shared.decider import Command, Refused
from shared.eventlog import Streams


async def lodge(streams: Streams, lodging: LodgeComplaint) -> dict[str, Any]:
    """4.1. Of a ticket it takes over whose it is. Raises ``Refused`` for ids that stand for nothing."""
    filled: dict[str, Any] = {}
    if lodging.ticket:
        state = await streams.load(ticket, lodging.ticket, required=False)
        if state.opened is None:
            raise Refused("ticket_unknown", "没有这个服务请求。", "There is no such ticket.")
        facts = state.triage or state.opened
        filled = {name: getattr(lodging, name) or getattr(facts, name) for name in _OF_TICKET}
        filled["contact"] = lodging.contact or state.opened.contact
    filled |= await names_of(streams, customer=filled.get("customer") or lodging.customer, product=None)
    await streams.handle(complaint, lodging.complaint, lodging.model_copy(update=filled), new=True)
    return await complaint_answer(streams, lodging.complaint)


_OF_TICKET = ("customer", "customer_name", "person")


async def act(
    streams: Streams,
    complaint_id: UUID,
    version: int | None,
    command: Command,
    subject_only: Callable[[str | None], None],
) -> dict[str, Any]:
    """Decide ``command`` on the complaint that the caller has seen as ``version`` (None: as it is).

    ``subject_only`` is told whom it is about, and raises where the caller has nothing to do with that.
    """
    await streams.expect(complaint, complaint_id, version)
    state = await streams.load(complaint, complaint_id)
    subject_only(state.engineer)
    await streams.handle(complaint, complaint_id, command)
    return await complaint_answer(streams, complaint_id)
