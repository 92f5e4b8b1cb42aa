"""What tickets does when dispatch tells of work orders and visits: ``at`` and ``by`` are those of the event.

Work orders without a ticket are none of its business; drafts that nobody has taken up neither.
"""

from typing import Any
from uuid import UUID

from services.tickets.domain import quote, ticket
from services.tickets.domain.identity import quote_id
from services.tickets.domain.ticket_commands import (
    CancelWorkOrder,
    ContinueWorkOrder,
    NoteVisit,
    TakeUpWorkOrder,
    VerifyWorkOrder,
)
from services.tickets.domain.ticket_state import Progress, Ticket
from shared.decider import Command
from shared.eventlog import Recorded, StreamNotFound, Streams
from shared.events import dispatch as told
from shared.events.base import Event
from shared.events.tickets import QuoteStatus

TOLD: frozenset[type[Event]] = frozenset(
    {
        told.WorkOrderQualified,
        told.WorkOrderVerified,
        told.WorkOrderIncomplete,
        told.WorkOrderCancelled,
        told.VisitArrived,
        told.ArrivalAdjudicated,
        told.VisitFinished,
    }
)
"""What is heard of dispatch."""


async def hear(streams: Streams, recorded: Recorded[Any]) -> None:
    """React to one event of a work order or a visit.

    Raises ``StreamNotFound`` where there is no such ticket: the event is parked, and operations see which order it is.
    """
    event, by = recorded.event, recorded.meta.actor
    if event.ticket is None:
        return
    state = await streams.load(ticket, event.ticket, required=False)
    if state.opened is None:
        raise StreamNotFound(
            f"派工单 {event.work_order} 所指的服务请求 {event.ticket} 不存在：请在派工中更正后放弃此事件 · "
            f"work order {event.work_order} names ticket {event.ticket}, which doesn't exist: "
            "correct the order in dispatch, then discard this event"
        )
    command = await _command(streams, state, event, by)
    if command is not None:
        await streams.handle(ticket, event.ticket, command)


async def _command(streams: Streams, state: Ticket, event: Any, by: str) -> Command | None:
    """None where the ticket knows it already, or never asked for it."""
    own: dict[str, Any] = {"at": event.at, "by": by}
    match event:
        case told.WorkOrderQualified():
            return await _take_up(streams, state, event, own)
        case told.WorkOrderVerified() if _open(state, event.work_order):
            return VerifyWorkOrder(**own, work_order=event.work_order, service_report=str(event.report))
        case told.WorkOrderCancelled() if _open(state, event.work_order):
            return CancelWorkOrder(**own, work_order=event.work_order, reason=event.reason)
        case told.WorkOrderIncomplete():
            names = ("work_order", "follow_up", "follow_up_number", "reason")
            return ContinueWorkOrder(**own, **{name: getattr(event, name) for name in names})
        case told.VisitArrived() | told.ArrivalAdjudicated() | told.VisitFinished():
            return _visit(state, event, own)
        case _:
            return None


def _open(state: Ticket, work_order: UUID) -> bool:
    order = state.work_orders.get(work_order)
    return order is not None and order.progress is Progress.OPEN


async def _take_up(
    streams: Streams, state: Ticket, event: told.WorkOrderQualified, own: dict[str, Any]
) -> TakeUpWorkOrder:
    """2.2: whether the customer has accepted the quote is a fact of the quote."""
    assert event.ticket, "only what belongs to a ticket is heard"
    assert event.purpose, "what is qualified has a purpose"
    offer = await streams.load(quote, quote_id(event.ticket, state.reopenings), required=False)
    return TakeUpWorkOrder(
        **own,
        work_order=event.work_order,
        number=event.number,
        purpose=event.purpose,
        quote_accepted=offer.status is QuoteStatus.ACCEPTED,
        goodwill=event.goodwill,
        note=event.note,
        follows=event.follows,
        follows_since=event.follows_since,
        follows_reason=event.follows_reason,
    )


def _visit(
    state: Ticket, event: told.VisitArrived | told.ArrivalAdjudicated | told.VisitFinished, own: dict[str, Any]
) -> NoteVisit:
    """D5: an adjudicated arrival is the one that counts, also where there was none. Steps that were told from offline
    may come in any order, so what is known is kept."""
    before = state.visits.get(event.visit)
    arrived = before.arrived_at if before else None
    finished = before.finished_at if before else None
    match event:
        case told.VisitArrived():
            arrived = event.at
        case told.ArrivalAdjudicated():
            arrived = event.arrived_at
        case told.VisitFinished():
            arrived, finished = event.arrived_at or arrived, event.at
    return NoteVisit(
        **own,
        visit=event.visit,
        work_order=event.work_order,
        engineer=event.engineer,
        agreed_arrival=event.agreed_arrival,
        arrived_at=arrived,
        finished_at=finished,
    )
