"""The life of a ticket, where a command needs more than the ticket itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.tickets.commands.answers import ticket_answer
from services.tickets.domain import case_file, complaint, quote, reference, survey, ticket
from services.tickets.domain.case_file import ArchiveCaseFile, Checklist
from services.tickets.domain.coverage import CoverageDecision, Goods, propose
from services.tickets.domain.identity import SHANGHAI, case_file_id, lot_id, quote_id, survey_id
from services.tickets.domain.ticket_commands import (
    ArchiveTicket,
    CloseTicket,
    CorrectTriage,
    DispatchTicket,
    MergeTicket,
    TicketCommand,
    TriageTicket,
)
from services.tickets.domain.ticket_guards import known, permit
from shared.decider import Refused
from shared.eventlog import Streams
from shared.events.tickets import CustomerRecorded, LotRecorded, ProductRecorded, QuoteStatus, UnitRecorded


async def act(streams: Streams, ticket_id: UUID, command: TicketCommand, version: int | None) -> dict[str, Any]:
    """Decide ``command`` on the ticket that the caller has seen as ``version`` (None: as it is)."""
    await streams.expect(ticket, ticket_id, version)
    await streams.load(ticket, ticket_id)
    await streams.handle(ticket, ticket_id, command)
    return await ticket_answer(streams, ticket_id)


async def triage(
    streams: Streams, ticket_id: UUID, command: TriageTicket | CorrectTriage, version: int | None
) -> dict[str, Any]:
    """What triage doesn't name stays as reception took it down; where nobody has decided the coverage, what the dates
    say is taken (2.1, 2.2)."""
    state = await streams.load(ticket, ticket_id)
    opened = known(state)
    said = {
        name: getattr(command, name) or (None if getattr(command, unless or name) else getattr(opened, name))
        for name, unless in _TAKEN_DOWN.items()
    }
    names = await names_of(streams, customer=said["customer"], product=said["product"])
    decision = command.decision
    if decision is None and state.coverage is None:
        decision = await propose_coverage(
            streams, product=said["product"], lot=said["lot"], unit=said["unit"], on=opened.received_at
        )
    triaging = command.model_copy(update={**said, **names, "decision": decision})
    return await act(streams, ticket_id, triaging, version)


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


async def dispatch(streams: Streams, ticket_id: UUID, command: DispatchTicket, version: int | None) -> dict[str, Any]:
    """2.2: whether the customer has accepted the quote is a fact of the quote, not of whoever dispatches."""
    state = await streams.load(ticket, ticket_id)
    offer = await streams.load(quote, quote_id(ticket_id, state.reopenings), required=False)
    accepted = offer.status is QuoteStatus.ACCEPTED
    answer = await act(streams, ticket_id, command.model_copy(update={"quote_accepted": accepted}), version)
    return answer | {"work_order": str(command.work_order)}


async def merge(streams: Streams, ticket_id: UUID, command: MergeTicket, version: int | None) -> dict[str, Any]:
    """Both tickets change at once; each keeps its history."""
    duplicate = await streams.load(ticket, ticket_id)
    target = await streams.load(ticket, command.into, required=False)
    if target.opened is None:
        raise Refused("merge_target_unknown", "没有要并入的服务请求。", "There is no ticket to merge into.")
    absorb = ticket.as_duplicate(duplicate, command.at, command.by)
    merging = command.model_copy(update={"into_number": target.opened.number})
    answer = await act(streams, ticket_id, merging, version)
    await streams.handle(ticket, command.into, absorb)
    return answer | {"into": str(command.into), "into_number": target.opened.number}


async def close(streams: Streams, ticket_id: UUID, command: CloseTicket, version: int | None) -> dict[str, Any]:
    """What came of the survey is a fact of the survey."""
    state = await streams.load(ticket, ticket_id)
    asked = await streams.load(survey, survey_id(ticket_id, state.reopenings), required=False)
    return await act(streams, ticket_id, command.model_copy(update={"survey": asked.outcome}), version)


async def checklist(streams: Streams, ticket_id: UUID, complaints: Sequence[UUID]) -> Checklist:
    """5.3: what the case file holds; ``complaints`` are those about the ticket."""
    state = await streams.load(ticket, ticket_id)
    quotes = [
        await streams.load(quote, quote_id(ticket_id, reopening), required=False)
        for reopening in range(state.reopenings + 1)
    ]
    asked = await streams.load(survey, survey_id(ticket_id, state.reopenings), required=False)
    lodged = [await streams.load(complaint, each) for each in complaints]
    filed = await streams.load(case_file, case_file_id(ticket_id), required=False)
    return case_file.checklist(filed, state, quotes, asked, lodged)


async def archive(
    streams: Streams, ticket_id: UUID, complaints: Sequence[UUID], version: int | None, *, at: datetime, by: str
) -> dict[str, Any]:
    """5.3: the case file is archived, and with it the ticket."""
    await streams.expect(ticket, ticket_id, version)
    permit("archive", await streams.load(ticket, ticket_id))
    there = await checklist(streams, ticket_id, complaints)
    missing = case_file.missing(there)
    file_id = case_file_id(ticket_id)
    number = known(await streams.load(ticket, ticket_id)).number
    archiving = ArchiveCaseFile(case_file=file_id, ticket=ticket_id, number=number, checklist=there, at=at, by=by)
    await streams.handle(case_file, file_id, archiving)
    await streams.handle(ticket, ticket_id, ArchiveTicket(case_file=file_id, missing=missing, at=at, by=by))
    return await ticket_answer(streams, ticket_id)


async def propose_coverage(
    streams: Streams, *, product: UUID | None, lot: str | None, unit: UUID | None, on: datetime
) -> CoverageDecision:
    """2.1, 2.2, D21: what the dates in the reference data say, for a person to decide."""
    return propose(await _goods(streams, product, lot, unit), on.astimezone(SHANGHAI).date())


async def _goods(streams: Streams, product: UUID | None, lot: str | None, unit: UUID | None) -> Goods | None:
    installed = (await streams.load(reference, unit, required=False)).latest if unit else None
    if isinstance(installed, UnitRecorded):
        product, lot = installed.product, lot or installed.lot
    else:
        installed = None
    known_product = (await streams.load(reference, product, required=False)).latest if product else None
    if product is None or not isinstance(known_product, ProductRecorded):
        return None
    made = (await streams.load(reference, lot_id(product, lot), required=False)).latest if lot else None
    return Goods(
        consumable=known_product.consumable,
        warranty_months=known_product.warranty_months,
        shelf_life_months=known_product.shelf_life_months,
        lot=lot,
        manufactured=made.manufactured if isinstance(made, LotRecorded) else None,
        delivered=installed.delivered if installed else None,
        contract=installed.contract if installed else None,
        contract_until=installed.contract_until if installed else None,
    )


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
