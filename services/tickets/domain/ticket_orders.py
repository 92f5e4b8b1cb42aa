"""Work orders and visits of a ticket: asked for here, done in dispatch, which tells what has become of them.

What dispatch tells is a fact: it holds in whatever state the ticket is.
"""

from collections.abc import Sequence
from uuid import UUID

from services.tickets.domain import ticket_commands as wish
from services.tickets.domain.coverage import chargeable
from services.tickets.domain.ticket_guards import known, permit
from services.tickets.domain.ticket_state import Progress, Ticket, TicketEvent, evolve, minutes_late
from shared.decider import Refused
from shared.events import tickets as fact
from shared.facts import repeats, tell

# --- asked for --------------------------------------------------------------------------------------------------------


def dispatch(command: wish.DispatchTicket, ticket: Ticket) -> Sequence[TicketEvent]:
    """2.2, D20: out of warranty, chargeable work starts with an accepted quote, or as a favour that is explained."""
    if order := ticket.work_orders.get(command.work_order):
        if order.purpose is command.purpose:
            return []
        raise Refused("work_order_exists", "该派工单已存在。", "There is such a work order already.")
    permit("dispatch", ticket)
    opened, triage, decided = known(ticket), ticket.triage, ticket.coverage
    assert triage, "a triaged ticket has triage facts"
    assert decided, "a triaged ticket has a coverage"
    if chargeable(decided.verdict, command.purpose):
        _quote_needed(command)
    what = {name: getattr(triage, name) for name in _WHAT}
    what |= {"site": triage.site or opened.site, "person": triage.person or opened.person}
    facts = what | {"ticket": opened.ticket, "number": opened.number, "coverage": decided.verdict}
    return [tell(fact.TicketDispatched, command, **facts)]


def _quote_needed(command: wish.DispatchTicket | wish.TakeUpWorkOrder) -> None:
    """2.2: raises ``Refused`` unless the customer has accepted a quote, or it is said why they needn't."""
    if not (command.quote_accepted or command.goodwill):
        raise Refused(
            "quote_needed",
            "保外维修须先由客户接受报价（2.2），或说明免费原因。",
            "Out of warranty the customer accepts a quote first (2.2), or say why it is done as a favour.",
        )


_WHAT = ("customer", "customer_name", "product", "product_name", "lot", "unit")
"""What triage found out and dispatch must know."""


def verify(command: wish.VerifyWorkOrder, ticket: Ticket) -> Sequence[TicketEvent]:
    """A fact of dispatch: it holds in whatever state the ticket is."""
    match _progress(command.work_order, ticket):
        case Progress.VERIFIED:
            return []
        case Progress.CANCELLED:
            raise Refused("work_order_cancelled", "该派工单已取消。", "The work order was cancelled.")
        case Progress.CONTINUED:
            raise _continued()
    return [tell(fact.TicketWorkOrderVerified, command, ticket=known(ticket).ticket)]


def cancel(command: wish.CancelWorkOrder, ticket: Ticket) -> Sequence[TicketEvent]:
    """A fact of dispatch: it holds in whatever state the ticket is."""
    match _progress(command.work_order, ticket):
        case Progress.CANCELLED:
            return []
        case Progress.VERIFIED:
            raise Refused("work_order_verified", "该派工单已验收。", "The work order was verified.")
        case Progress.CONTINUED:
            raise _continued()
    return [tell(fact.TicketWorkOrderCancelled, command, ticket=known(ticket).ticket)]


def _continued() -> Refused:
    return Refused(
        "work_order_continued", "该派工单未能完成，已由后续派工单继续。", "Another work order goes on with that one."
    )


def _progress(work_order: UUID, ticket: Ticket) -> Progress:
    order = ticket.work_orders.get(work_order)
    if order is None:
        raise Refused("work_order_unknown", "该请求没有这张派工单。", "The ticket has no such work order.")
    return order.progress


def record_visit(command: wish.RecordVisit, ticket: Ticket) -> Sequence[TicketEvent]:
    """3.4b as reception or a register tells it; late is late by the agreed time. What was recorded of a visit stays;
    what wasn't known yet may be added."""
    if visit := ticket.visits.get(command.visit):
        if repeats(command, visit):
            return []
        if not _adds_to(visit, command):
            raise Refused(
                "visit_exists", "该次上门已登记，内容不同。", "That visit was recorded already, with other facts."
            )
    permit("record_visit", ticket)
    if _progress(command.work_order, ticket) is Progress.CANCELLED:
        raise Refused("work_order_cancelled", "该派工单已取消。", "The work order was cancelled.")
    arrived, finished, agreed = command.arrived_at, command.finished_at, command.agreed_arrival
    if finished and (arrived is None or finished < arrived):
        raise Refused(
            "visit_times_impossible", "完成时间须在到场时间之后。", "A visit ends after the engineer has arrived."
        )
    late = minutes_late(arrived, agreed) if arrived and agreed else None
    return [tell(fact.VisitReported, command, ticket=known(ticket).ticket, late_minutes=late)]


def _adds_to(visit: fact.VisitReported, command: wish.RecordVisit) -> bool:
    """Whether ``command`` says all that ``visit`` says."""
    known_before = {name: getattr(visit, name) for name in wish.RecordVisit.model_fields if hasattr(visit, name)}
    del known_before["at"]
    return all(value in (None, getattr(command, name)) for name, value in known_before.items())


# --- told by dispatch -------------------------------------------------------------------------------------------------


def take_up(command: wish.TakeUpWorkOrder, ticket: Ticket) -> Sequence[TicketEvent]:
    """A draft that a person has qualified is a dispatch like any other, by the same rules; where they don't allow it
    the work order is declined, and dispatch hears why.

    That the order before it was left incomplete may be heard of later than of this one: then it is known from here.
    """
    if command.work_order in ticket.declined:
        return []
    continued = _continued_with(command, ticket)
    for event in continued:
        ticket = evolve(ticket, event)
    try:
        return [*continued, *_taken_up(command, ticket)]
    except Refused as no:
        why = {"rule": no.code, "reason": no.words.zh, "reason_en": no.words.en}
        wanted = not (ticket.done or ticket.ended)
        own = {"ticket": known(ticket).ticket, "still_wanted": wanted}
        return [*continued, tell(fact.TicketDispatchDeclined, command, **own, **why)]


def _taken_up(command: wish.TakeUpWorkOrder, ticket: Ticket) -> Sequence[TicketEvent]:
    """2.2: what was taken up and has become chargeable since, by what it is for or by the coverage, needs a quote as if
    it had been so from the beginning. Raises ``Refused``."""
    order = ticket.work_orders.get(command.work_order)
    if order is None:
        said = {name: getattr(command, name) for name in wish.DispatchTicket.model_fields}
        return dispatch(wish.DispatchTicket(**said), ticket)
    decided = ticket.coverage
    now = decided is not None and chargeable(decided.verdict, command.purpose)
    if order.progress is Progress.OPEN and now and not order.chargeable:
        _quote_needed(command)
    return []


def _continued_with(command: wish.TakeUpWorkOrder, ticket: Ticket) -> Sequence[TicketEvent]:
    if not (command.follows and command.follows_since and command.follows_reason):
        return []
    going_on = wish.ContinueWorkOrder(
        at=command.follows_since,
        by=command.by,
        work_order=command.follows,
        follow_up=command.work_order,
        follow_up_number=command.number,
        reason=command.follows_reason,
    )
    return go_on(going_on, ticket)


def go_on(command: wish.ContinueWorkOrder, ticket: Ticket) -> Sequence[TicketEvent]:
    """Work that could not be brought to its end goes on with another work order: that one is waited for."""
    order = ticket.work_orders.get(command.work_order)
    if order is None or order.progress is not Progress.OPEN:
        return []
    return [tell(fact.TicketWorkOrderContinued, command, ticket=known(ticket).ticket)]


def note_visit(command: wish.NoteVisit, ticket: Ticket) -> Sequence[TicketEvent]:
    """3.4b, D5: the times as they are known now; what dispatch tells of a visit later counts."""
    before = ticket.visits.get(command.visit)
    if before and repeats(command, before):
        return []
    late = None
    if command.arrived_at and command.agreed_arrival:
        late = minutes_late(command.arrived_at, command.agreed_arrival)
    return [tell(fact.VisitReported, command, ticket=known(ticket).ticket, late_minutes=late)]
