"""What dispatch does when tickets tells of a request for service: drafts, and the work orders that were asked for.

``at`` and ``by`` of what is done are those of the event. A draft that nobody has touched follows the ticket: written
anew when triage is corrected, dropped when it is taken up or nothing is wanted any more. What a person has qualified
is theirs.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.dispatch.commands.work_orders import call_off
from services.dispatch.domain import work_order
from services.dispatch.domain.identity import draft_id
from services.dispatch.domain.work_order_commands import CancelWorkOrder, DraftWorkOrder, Facts, QualifyWorkOrder
from services.dispatch.requests import Request, remember, request
from services.dispatch.views import clientele
from shared.eventlog import Recorded, Streams
from shared.events import tickets as told
from shared.events.base import Event
from shared.events.dispatch import Origin, WorkOrderStatus

TOLD: frozenset[type[Event]] = frozenset(
    {
        told.TicketOpened,
        told.TicketReopened,
        told.TicketTriaged,
        told.TicketTriageCorrected,
        told.TicketEscalated,
        told.TicketDispatched,
        told.TicketDispatchDeclined,
        told.TicketWorkOrderCancelled,
        told.TicketResolved,
        told.TicketCancelled,
        told.TicketMerged,
    }
)
"""What is heard of tickets."""


async def hear(streams: Streams, recorded: Recorded[Any]) -> None:
    """React to one event of a ticket. Raises ``Refused``."""
    event, by = recorded.event, recorded.meta.actor
    known = await request(streams.pool, event.ticket)
    match event:
        case told.TicketOpened():
            facts = {name: _plain(getattr(event, name)) for name in (*_WHAT, "summary")}
            remember(streams, Request(event.ticket, event.number, facts, 0, known.drafts if known else 0))
        case told.TicketReopened():
            before = known or _unheard(event.ticket, event.number)
            remember(streams, before._replace(number=event.number, reopening=event.reopening))
        case told.TicketTriaged() | told.TicketTriageCorrected():
            await _triaged(streams, event, known or _unheard(event.ticket, ""), by)
        case told.TicketEscalated():
            await _escalated(streams, event, known or _unheard(event.ticket, event.number), by)
        case told.TicketDispatched():
            await _dispatched(streams, event, known or _unheard(event.ticket, event.number), by)
        case told.TicketDispatchDeclined():
            await _declined(streams, event, known or _unheard(event.ticket, ""), by)
        case told.TicketWorkOrderCancelled():
            await _call_off(streams, event.work_order, CancelWorkOrder(at=event.at, by=by, reason=event.reason))
        case told.TicketResolved() | told.TicketCancelled() | told.TicketMerged():
            if known:
                await _drop_draft(streams, event, known, by, _WHY[type(event)])


_WHAT = ("customer", "customer_name", "site", "person", "product", "product_name", "lot", "unit")
_WHY = {
    told.TicketResolved: "服务请求已解决，无需上门",
    told.TicketCancelled: "服务请求已取消",
    told.TicketMerged: "服务请求已并入其他请求",
}


def _unheard(ticket: UUID, number: str) -> Request:
    return Request(ticket, number, {}, 0, 0)


async def _triaged(
    streams: Streams, event: told.TicketTriaged | told.TicketTriageCorrected, known: Request, by: str
) -> None:
    """A request that was triaged may need somebody to go: a person looks at the draft. Triage that is corrected
    writes an untouched draft anew; where a person has decided on it, it stays."""
    facts = {name: _plain(getattr(event, name) or known.facts.get(name)) for name in _WHAT}
    known = known._replace(facts=known.facts | facts | {"coverage": event.coverage})
    standing = await _standing(streams, known)
    if isinstance(event, told.TicketTriageCorrected) and standing is not WorkOrderStatus.DRAFT:
        remember(streams, known)
        return
    await _draft(streams, event, known, by, known.facts.get("summary"), standing)


async def _escalated(streams: Streams, event: told.TicketEscalated, known: Request, by: str) -> None:
    """3.2: what can't be answered from the desk may have to be looked at on site. One draft is enough."""
    standing = await _standing(streams, known)
    if standing in (None, WorkOrderStatus.CANCELLED):
        await _draft(streams, event, known, by, event.question, standing)


async def _dispatched(streams: Streams, event: told.TicketDispatched, known: Request, by: str) -> None:
    """The dispatcher has decided: the work order is made as asked for, and stands for the draft."""
    order = event.work_order
    if (await streams.load(work_order, order, required=False)).facts is not None:
        return  # it began here: the draft was qualified, and tickets has taken it up
    await _drop_draft(streams, event, known, by, "已派工", taken_up_by=order)
    facts = {name: getattr(event, name) for name in (*_WHAT, "purpose", "coverage", "goodwill", "note")}
    said = await _placed(streams, facts | {"ticket": event.ticket, "ticket_number": event.number})
    drafting = DraftWorkOrder(
        at=event.at, by=by, work_order=order, origin=Origin.TICKET, reopening=known.reopening, **said
    )
    await streams.handle(work_order, order, drafting)
    if said["customer"] or said["site"] or said["person"]:
        await streams.handle(work_order, order, QualifyWorkOrder(at=event.at, by=by, **said))


async def _declined(streams: Streams, event: told.TicketDispatchDeclined, known: Request, by: str) -> None:
    """A draft was qualified that the ticket's rules don't allow now (2.2): nobody goes. Where the customer still
    waits, a draft says what is missing."""
    await _call_off(streams, event.work_order, CancelWorkOrder(at=event.at, by=by, reason=event.reason))
    standing = await _standing(streams, known)
    if event.still_wanted and standing is not WorkOrderStatus.DRAFT:
        note = "\n".join(filter(None, (event.reason, known.facts.get("summary"))))
        await _draft(streams, event, known, by, note, standing)


async def _call_off(streams: Streams, order: UUID, command: CancelWorkOrder) -> None:
    """What is done already can't be called off any more, and stays as it is."""
    state = await streams.load(work_order, order, required=False)
    if state.facts is not None and work_order.available(state)["cancel"] is None:
        await call_off(streams, order, command)


async def _draft(
    streams: Streams,
    event: told.TicketTriaged | told.TicketTriageCorrected | told.TicketEscalated | told.TicketDispatchDeclined,
    known: Request,
    by: str,
    note: str | None,
    standing: WorkOrderStatus | None,
) -> None:
    order = draft_id(event.ticket, known.drafts)
    if standing is WorkOrderStatus.DRAFT:
        await _drop_draft(streams, event, known, by, "分诊后重新起草", taken_up_by=order)
    facts = {name: value for name, value in known.facts.items() if name in Facts.model_fields}
    said = await _placed(streams, facts | {"ticket": known.ticket, "ticket_number": known.number or None})
    drafting = DraftWorkOrder(
        at=event.at, by=by, work_order=order, origin=Origin.TICKET, reopening=known.reopening, note=note, **said
    )
    await streams.handle(work_order, order, drafting)
    remember(streams, known._replace(drafts=known.drafts + 1))


async def _standing(streams: Streams, known: Request) -> WorkOrderStatus | None:
    """Of the last draft; None where there was none."""
    if not known.drafts:
        return None
    return (await streams.load(work_order, draft_id(known.ticket, known.drafts - 1), required=False)).status


async def _drop_draft(
    streams: Streams, event: told.TicketsEvent, known: Request, by: str, why: str, taken_up_by: UUID | None = None
) -> None:
    """Only one that nobody has touched."""
    if await _standing(streams, known) is not WorkOrderStatus.DRAFT:
        return
    last = draft_id(known.ticket, known.drafts - 1)
    await streams.handle(work_order, last, CancelWorkOrder(at=event.at, by=by, reason=why, taken_up_by=taken_up_by))


async def _placed(streams: Streams, facts: Mapping[str, Any]) -> dict[str, Any]:
    """With the names of region, site and city, where they are known here."""
    said = {name: facts.get(name) for name in _WHAT} | dict(facts)
    customer, site = said["customer"], said["site"]
    if not customer:
        return said
    found = await clientele.whereabouts(streams.pool, UUID(str(customer)), UUID(str(site)) if site else None)
    return said | (found or {})


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value
