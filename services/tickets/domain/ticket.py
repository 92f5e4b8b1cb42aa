"""A ticket: ``OPEN → TRIAGED → {ANSWERED | DISPATCHED} → RESOLVED → CLOSED → ARCHIVED``.

Any state before RESOLVED ``⇄ ON_HOLD``; ``OPEN | TRIAGED → MERGED | CANCELLED``; ``RESOLVED | CLOSED → REOPENED →
TRIAGED``. Escalation is a mark beside the state.

The answer clock (3.4a, D1) runs 24 hours from receipt, through every state and hold, until the first answer. A
reopening is a new request and starts a new clock, unless the first one is still running: then that one counts.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import assert_never

from services.tickets.domain import coverage
from services.tickets.domain import ticket_commands as wish
from services.tickets.domain import ticket_orders as orders
from services.tickets.domain.identity import ticket_number
from services.tickets.domain.proof import check_proof
from services.tickets.domain.ticket_guards import ALLOWED, available, clock, known, permit, permit_archive, permit_close
from services.tickets.domain.ticket_state import NEW, Ticket, TicketEvent, answered, deadlines, evolve, minutes_late
from shared.decider import Refused
from shared.events import tickets as fact
from shared.events.tickets import CoverageVerdict, TicketStatus
from shared.facts import repeats, same, tell

__all__ = ["ANSWER_WITHIN", "NEW", "STREAM", "Ticket", "as_duplicate", "available", "deadlines", "decide", "evolve"]

STREAM = "ticket"

ANSWER_WITHIN = timedelta(hours=24)
"""3.4a, D1: elapsed hours from receipt."""


def decide(command: wish.TicketCommand, ticket: Ticket) -> Sequence[TicketEvent]:
    """The events that ``command`` causes; none when it says again what has happened. Raises ``Refused``."""
    if isinstance(command, wish.OpenTicket):
        return _open(command, ticket)
    if command.at < known(ticket).received_at:
        raise Refused("before_receipt", "时间早于收到请求的时间。", "That was before the request was received.")
    match command:
        case wish.TriageTicket():
            return _triage(command, ticket)
        case wish.CorrectTriage():
            return _correct_triage(command, ticket)
        case wish.DecideCoverage():
            return _decide_coverage(command, ticket)
        case wish.AnswerTicket():
            return _answer(command, ticket)
        case wish.MarkAnswerOverdue():
            return _mark_overdue(command, ticket)
        case wish.HoldTicket():
            return _hold(command, ticket)
        case wish.ResumeTicket():
            return _resume(command, ticket)
        case wish.EscalateTicket():
            return _escalate(command, ticket)
        case wish.AnswerEscalation():
            return _answer_escalation(command, ticket)
        case wish.DispatchTicket():
            return orders.dispatch(command, ticket)
        case wish.VerifyWorkOrder():
            return orders.verify(command, ticket)
        case wish.CancelWorkOrder():
            return orders.cancel(command, ticket)
        case wish.RecordVisit():
            return orders.record_visit(command, ticket)
        case wish.TakeUpWorkOrder():
            return orders.take_up(command, ticket)
        case wish.ContinueWorkOrder():
            return orders.go_on(command, ticket)
        case wish.NoteVisit():
            return orders.note_visit(command, ticket)
        case wish.ResolveTicket():
            return _resolve(command, ticket)
        case wish.ReopenTicket():
            return _reopen(command, ticket)
        case wish.MergeTicket():
            return _merge(command, ticket)
        case wish.AbsorbTicket():
            return _absorb(command, ticket)
        case wish.CancelTicket():
            return _cancel(command, ticket)
        case wish.CloseTicket():
            return _close(command, ticket)
        case wish.ArchiveTicket():
            return _archive(command, ticket)
        case _:
            assert_never(command)


# --- opening, triage, coverage ----------------------------------------------------------------------------------------


def _open(command: wish.OpenTicket, ticket: Ticket) -> Sequence[TicketEvent]:
    """3.4a, D1: the answer is due 24 hours after receipt, or when an optional policy says."""
    due = command.answer_due or command.received_at + ANSWER_WITHIN
    number = ticket_number(command.ticket, command.received_at)
    event = tell(fact.TicketOpened, command, answer_due=due, number=number)
    if ticket.opened:
        if same(event, ticket.opened):
            return []
        raise Refused("ticket_exists", "该服务请求已存在。", "There is such a ticket already.")
    if command.received_at > command.at:
        raise Refused("received_later", "收到时间晚于登记时间。", "It can't be received after it was opened.")
    if due <= command.received_at:
        raise Refused("answer_due_invalid", "答复时限须晚于收到时间。", "The answer must be due after receipt.")
    return [event]


def _triage(command: wish.TriageTicket, ticket: Ticket) -> Sequence[TicketEvent]:
    """Customer, product (lot or unit) and coverage are known, or unknown with a reason."""
    if ticket.stage not in ALLOWED["triage"] and repeats(command, ticket.triage) and _covered_as(command, ticket):
        return []
    permit("triage", ticket)
    _check_triage(command)
    decided, verdict = _coverage_for(command, ticket)
    status = TicketStatus.ANSWERED if ticket.answer else TicketStatus.TRIAGED
    opened = known(ticket)
    return [*decided, tell(fact.TicketTriaged, command, ticket=opened.ticket, status=status, coverage=verdict)]


def _correct_triage(command: wish.CorrectTriage, ticket: Ticket) -> Sequence[TicketEvent]:
    """A correction is a new event; the state stays."""
    if repeats(command, ticket.triage) and _covered_as(command, ticket):
        return []
    permit("correct_triage", ticket)
    _check_triage(command)
    decided, verdict = _coverage_for(command, ticket)
    facts = {"ticket": known(ticket).ticket, "status": ticket.status, "coverage": verdict}
    return [*decided, tell(fact.TicketTriageCorrected, command, **facts)]


def _check_triage(command: wish.TriageTicket | wish.CorrectTriage) -> None:
    if not (command.customer or command.customer_unknown):
        raise Refused(
            "customer_missing", "请选择客户，或说明为何不明。", "Name the customer, or say why it isn't known."
        )
    if not ((command.product and (command.lot or command.unit)) or command.product_unknown):
        raise Refused(
            "product_missing",
            "请选择产品及批次或在用设备，或说明为何不明。",
            "Name the product and its lot or unit, or say why they aren't known.",
        )


def _covered_as(command: wish.TriageTicket | wish.CorrectTriage, ticket: Ticket) -> bool:
    decided, _ = _coverage_for(command, ticket)
    return not decided


def _coverage_for(
    command: wish.TriageTicket | wish.CorrectTriage, ticket: Ticket
) -> tuple[Sequence[fact.CoverageDecided], CoverageVerdict]:
    """What triage says of coverage, or what was decided before it."""
    if command.decision:
        decided = _decided(command.decision, ticket, command.at)
        return decided, command.decision.verdict
    if ticket.coverage is None:
        raise Refused(
            "coverage_missing", "请先判定保内/保外，或说明为何不明。", "Decide the coverage, or say why it isn't known."
        )
    return [], ticket.coverage.verdict


def _decide_coverage(command: wish.DecideCoverage, ticket: Ticket) -> Sequence[TicketEvent]:
    """2.1, 2.2; a later decision corrects the one before."""
    decided = _decided(command.decision, ticket, command.at)
    if decided:
        permit("decide_coverage", ticket)
    return decided


def _decided(decision: coverage.CoverageDecision, ticket: Ticket, at: datetime) -> Sequence[fact.CoverageDecided]:
    coverage.check(decision)
    event = fact.CoverageDecided(at=at, ticket=known(ticket).ticket, **dict(decision))
    return [] if same(event, ticket.coverage) else [event]


# --- the answer clock -------------------------------------------------------------------------------------------------


def _answer(command: wish.AnswerTicket, ticket: Ticket) -> Sequence[TicketEvent]:
    """3.4a, D2: proved by a logged call or a sent message, never by a click on a status."""
    if repeats(command, ticket.answer):
        return []
    permit("answer", ticket)
    opened = known(ticket)
    check_proof(command.proof, register=opened.from_register is not None)
    asked, due = clock(ticket)
    if command.at < asked:
        raise Refused("answer_before_request", "答复时间早于客户提出请求。", "That was before the customer asked.")
    if command.proof in ticket.proofs:
        raise Refused(
            "proof_used",
            "该凭证已用于重开前的答复。",
            "It proves the answer before the reopening.",
        )
    status = TicketStatus.ON_HOLD if ticket.hold else answered(ticket.stage)
    late = minutes_late(command.at, due)
    given = tell(
        fact.FirstAnswerGiven, command, ticket=opened.ticket, status=status, asked_at=asked, due=due, late_minutes=late
    )
    if ticket.overdue and not late:
        corrected = fact.AnswerOverdueCorrected(at=command.at, ticket=opened.ticket, due=due, answered_at=command.at)
        return [corrected, given]
    return [*_breach_before(command.at, ticket), given]


def _mark_overdue(command: wish.MarkAnswerOverdue, ticket: Ticket) -> Sequence[TicketEvent]:
    """The deadline passes by itself, not when somebody looks; it is breached at the due time."""
    if not ticket.waiting:
        return []
    _, due = clock(ticket)
    if command.at < due:
        raise Refused("answer_not_due", "首次答复尚未到期。", "The answer isn't due yet.")
    return _breach(ticket)


def _breach(ticket: Ticket) -> Sequence[fact.AnswerOverdue]:
    opened, (asked, due) = known(ticket), clock(ticket)
    return [fact.AnswerOverdue(at=due, ticket=opened.ticket, number=opened.number, asked_at=asked, due=due)]


def _breach_before(at: datetime, ticket: Ticket) -> Sequence[fact.AnswerOverdue]:
    """The breach that the timer hadn't recorded yet when something ended the wait after the due time."""
    _, due = clock(ticket)
    return _breach(ticket) if ticket.waiting and at > due else []


# --- holds and headquarters -------------------------------------------------------------------------------------------


def _hold(command: wish.HoldTicket, ticket: Ticket) -> Sequence[TicketEvent]:
    """The answer clock goes on (D1)."""
    if repeats(command, ticket.hold):
        return []
    permit("hold", ticket)
    return [tell(fact.TicketHeld, command, ticket=known(ticket).ticket, status_before=ticket.stage)]


def _resume(command: wish.ResumeTicket, ticket: Ticket) -> Sequence[TicketEvent]:
    """Back to the state before; a first answer that was given meanwhile counts."""
    if ticket.resumed:
        return []
    permit("resume", ticket)
    return [fact.TicketResumed(at=command.at, ticket=known(ticket).ticket, status=ticket.stage)]


def _escalate(command: wish.EscalateTicket, ticket: Ticket) -> Sequence[TicketEvent]:
    """3.2: what can't be answered goes to service headquarters."""
    if repeats(command, ticket.escalation):
        return []
    permit("escalate", ticket)
    opened = known(ticket)
    return [tell(fact.TicketEscalated, command, ticket=opened.ticket, number=opened.number)]


def _answer_escalation(command: wish.AnswerEscalation, ticket: Ticket) -> Sequence[TicketEvent]:
    if not ticket.escalation and repeats(command, ticket.escalation_answer):
        return []
    permit("answer_escalation", ticket)
    return [tell(fact.EscalationAnswered, command, ticket=known(ticket).ticket)]


# --- the end, and beginning anew --------------------------------------------------------------------------------------


def _resolve(command: wish.ResolveTicket, ticket: Ticket) -> Sequence[TicketEvent]:
    if ticket.done and repeats(command, ticket.resolved):
        return []
    permit("resolve", ticket)
    return [tell(fact.TicketResolved, command, ticket=known(ticket).ticket)]


_CLOSED = frozenset({TicketStatus.CLOSED, TicketStatus.ARCHIVED})


def _reopen(command: wish.ReopenTicket, ticket: Ticket) -> Sequence[TicketEvent]:
    """The customer asks again, so an answer is owed again, within 24 hours; a first request that still waits keeps
    its earlier due time, for reopening mustn't give more time."""
    if ticket.stage is TicketStatus.REOPENED and ticket.reopened and ticket.reopened.reason == command.reason:
        return []
    permit("reopen", ticket)
    opened = known(ticket)
    breach = _breach_before(command.at, ticket)
    asked, due = clock(ticket)
    if breach or not ticket.waiting:
        asked, due = command.at, command.answer_due or command.at + ANSWER_WITHIN
    facts = {"ticket": opened.ticket, "number": opened.number, "reopening": ticket.reopenings + 1}
    return [*breach, tell(fact.TicketReopened, command, **facts, asked_at=asked, answer_due=due)]


def _merge(command: wish.MergeTicket, ticket: Ticket) -> Sequence[TicketEvent]:
    """The histories of both are kept; the answer is owed on the ticket that goes on."""
    if isinstance(ticket.ended, fact.TicketMerged) and repeats(command, ticket.ended):
        return []
    permit("merge", ticket)
    if command.into == known(ticket).ticket:
        raise Refused("merge_into_itself", "不能并入自己。", "A ticket can't be merged into itself.")
    breach = _breach_before(command.at, ticket)
    dropped = ticket.waiting and not breach
    return [*breach, tell(fact.TicketMerged, command, ticket=known(ticket).ticket, clock_dropped=dropped)]


def as_duplicate(ticket: Ticket, at: datetime, by: str) -> wish.AbsorbTicket:
    """What the other ticket must hear when this one, as it is before, is merged into it at ``at``.

    Raises ``Refused`` where there is no ticket.
    """
    opened, (asked, due) = known(ticket), clock(ticket)
    return wish.AbsorbTicket(
        at=at,
        by=by,
        duplicate=opened.ticket,
        duplicate_number=opened.number,
        asked_at=asked,
        answer_due=due,
        waiting=ticket.waiting and at <= due,
    )


def _absorb(command: wish.AbsorbTicket, ticket: Ticket) -> Sequence[TicketEvent]:
    """Whoever asked first waits longest: where both still wait, the earlier due time counts for both."""
    if command.duplicate in ticket.absorbed:
        return []
    permit("absorb", ticket)
    opened, (_, due) = known(ticket), clock(ticket)
    if command.duplicate == opened.ticket:
        raise Refused("merge_into_itself", "不能并入自己。", "A ticket can't be merged into itself.")
    earlier = ticket.waiting and command.waiting and command.answer_due < due
    taken = {} if earlier else {"asked_at": None, "answer_due": None}
    return [tell(fact.TicketAbsorbed, command, ticket=opened.ticket, **taken)]


def _cancel(command: wish.CancelTicket, ticket: Ticket) -> Sequence[TicketEvent]:
    if isinstance(ticket.ended, fact.TicketCancelled) and repeats(command, ticket.ended):
        return []
    permit("cancel", ticket)
    breach = _breach_before(command.at, ticket)
    dropped = ticket.waiting and not breach
    return [*breach, tell(fact.TicketCancelled, command, ticket=known(ticket).ticket, clock_dropped=dropped)]


def _close(command: wish.CloseTicket, ticket: Ticket) -> Sequence[TicketEvent]:
    if ticket.stage in _CLOSED and repeats(command, ticket.closed):
        return []
    permit_close(ticket, command.survey)
    return [tell(fact.TicketClosed, command, ticket=known(ticket).ticket)]


def _archive(command: wish.ArchiveTicket, ticket: Ticket) -> Sequence[TicketEvent]:
    """5.3"""
    if isinstance(ticket.ended, fact.TicketArchived) and repeats(command, ticket.ended):
        return []
    permit_archive(ticket, command.missing)
    return [tell(fact.TicketArchived, command, ticket=known(ticket).ticket)]
