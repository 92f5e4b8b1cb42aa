"""The life of a ticket, where a command needs more than the ticket itself."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from services.tickets.commands import coverage
from services.tickets.commands.answers import ticket_answer
from services.tickets.commands.coverage import Deliveries
from services.tickets.domain import contact, quote, reference, survey, ticket
from services.tickets.domain.contact import RecordCallback
from services.tickets.domain.coverage import CoverageDecision
from services.tickets.domain.identity import quote_id, survey_id
from services.tickets.domain.ticket_commands import AnswerTicket, CorrectTriage, DecideCoverage, TriageTicket
from services.tickets.domain.ticket_guards import known
from shared.decider import Command, Refused
from shared.eventlog import Streams
from shared.events.tickets import CustomerRecorded, ProductRecorded, QuoteStatus

Wish = Callable[..., Any]
"""Makes the command; asks for what the caller can't know, but the application does."""


async def act(streams: Streams, ticket_id: UUID, wish: Wish, version: int | None) -> dict[str, Any]:
    """Decide the command on the ticket that the caller has seen as ``version`` (None: as it is)."""
    return await _decide(streams, ticket_id, wish(), version)


async def _decide(streams: Streams, ticket_id: UUID, command: Command, version: int | None) -> dict[str, Any]:
    await streams.expect(ticket, ticket_id, version)
    await streams.load(ticket, ticket_id)
    await streams.handle(ticket, ticket_id, command)
    return await ticket_answer(streams, ticket_id)


async def triage(
    streams: Streams, ticket_id: UUID, wish: Wish, version: int | None, deliveries: Deliveries
) -> dict[str, Any]:
    """What triage doesn't name stays as it is known so far; where nobody has decided the coverage, what the dates say
    is taken (2.1, 2.2)."""
    await streams.expect(ticket, ticket_id, version)
    command: TriageTicket | CorrectTriage = wish()
    state = await streams.load(ticket, ticket_id)
    before = state.triage or known(state)
    said = {
        name: getattr(command, name) or (None if unless and getattr(command, unless) else getattr(before, name))
        for name, unless in _TAKEN_DOWN.items()
    }
    names = await names_of(streams, customer=said["customer"], product=said["product"])
    goods = {name: said[name] for name in ("customer", "product", "lot", "unit")}
    decision = command.decision
    if decision is not None or state.coverage is None:
        proposed = await coverage.proposed(streams, deliveries, on=known(state).received_at, **goods)
        decision = coverage.judged(decision, proposed)
    triaging = command.model_copy(update={**said, **names, "decision": decision})
    return await _decide(streams, ticket_id, triaging, version)


_TAKEN_DOWN = {
    "customer": "customer_unknown",
    "customer_name": "customer_unknown",
    "site": None,
    "person": None,
    "product": None,
    "product_name": None,
    "lot": None,
    "unit": None,
}
"""What reception may have taken down, and what contradicts it."""


async def decide_coverage(
    streams: Streams, ticket_id: UUID, wish: Wish, version: int | None, deliveries: Deliveries
) -> dict[str, Any]:
    """2.1, 2.2: what the dates say is asked in any case, so that a verdict against it is explained."""
    await streams.expect(ticket, ticket_id, version)
    proposed = await propose_for(streams, ticket_id, deliveries)
    command: DecideCoverage = wish()
    decision = coverage.judged(command.decision, proposed)
    return await _decide(streams, ticket_id, command.model_copy(update={"decision": decision}), version)


async def propose_for(streams: Streams, ticket_id: UUID, deliveries: Deliveries) -> CoverageDecision:
    """What the dates say of the goods that a ticket is about, on the day when it was received."""
    state = await streams.load(ticket, ticket_id)
    opened = known(state)
    facts = state.triage or opened
    goods = {name: getattr(facts, name) for name in ("customer", "product", "lot", "unit")}
    return await coverage.proposed(streams, deliveries, on=opened.received_at, **goods)


async def answer(streams: Streams, ticket_id: UUID, wish: Wish, version: int | None) -> dict[str, Any]:
    """3.4a. A caller who waited for a callback has got it with the answer."""
    command: AnswerTicket = wish()
    given = await _decide(streams, ticket_id, command, version)
    entry = known(await streams.load(ticket, ticket_id)).contact
    waiting = await streams.load(contact, entry, required=False)
    if contact.available(waiting)["call_back"] is None:
        await streams.handle(contact, entry, RecordCallback(proof=command.proof, at=command.at, by=command.by))
    return given


async def dispatch(streams: Streams, ticket_id: UUID, wish: Wish, version: int | None) -> dict[str, Any]:
    """2.2: whether the customer has accepted the quote is a fact of the quote, not of whoever dispatches."""
    await streams.expect(ticket, ticket_id, version)
    state = await streams.load(ticket, ticket_id)
    offer = await streams.load(quote, quote_id(ticket_id, state.reopenings), required=False)
    command = wish(quote_accepted=offer.status is QuoteStatus.ACCEPTED)
    given = await _decide(streams, ticket_id, command, version)
    return given | {"work_order": str(command.work_order)}


async def record_visit(streams: Streams, ticket_id: UUID, wish: Wish, version: int | None) -> dict[str, Any]:
    """3.4b: the answer names the visit, so that more can be told of it later."""
    command = wish()
    return await _decide(streams, ticket_id, command, version) | {"visit": str(command.visit)}


async def merge(streams: Streams, ticket_id: UUID, wish: Wish, version: int | None) -> dict[str, Any]:
    """Both tickets change at once; each keeps its history."""
    await streams.expect(ticket, ticket_id, version)
    duplicate = await streams.load(ticket, ticket_id)
    command = wish(into_number="-")
    target = await streams.load(ticket, command.into, required=False)
    if target.opened is None:
        raise Refused("merge_target_unknown", "没有要并入的服务请求。", "There is no ticket to merge into.")
    absorb = ticket.as_duplicate(duplicate, command.at, command.by)
    merging = command.model_copy(update={"into_number": target.opened.number})
    given = await _decide(streams, ticket_id, merging, version)
    await streams.handle(ticket, command.into, absorb)
    return given | {"into": str(command.into), "into_number": target.opened.number}


async def close(streams: Streams, ticket_id: UUID, wish: Wish, version: int | None) -> dict[str, Any]:
    """What came of the survey is a fact of the survey."""
    state = await streams.load(ticket, ticket_id)
    asked = await streams.load(survey, survey_id(ticket_id, state.reopenings), required=False)
    return await _decide(streams, ticket_id, wish(survey=asked.outcome), version)


async def names_of(streams: Streams, *, customer: UUID | None, product: UUID | None) -> dict[str, str]:
    """The names that go with ids, for events that are read without the reference data. Raises ``Refused``."""
    names: dict[str, str] = {}
    if customer:
        found = (await streams.load(reference, customer, required=False)).latest
        if not isinstance(found, CustomerRecorded):
            raise Refused("customer_unknown", "没有这个客户。", "There is no such customer.")
        names["customer_name"] = found.name
    if product:
        article = (await streams.load(reference, product, required=False)).latest
        if not isinstance(article, ProductRecorded):
            raise Refused("product_unknown", "没有这个产品。", "There is no such product.")
        names["product_name"] = article.name
    return names
