"""When an action on a ticket is open: the one place that both the decisions and the screens ask."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from services.tickets.domain.refusal import case_file_incomplete, ticket_not_now
from services.tickets.domain.ticket_state import Progress, Ticket
from shared.decider import Refused, Words
from shared.events.tickets import SurveyOutcome, TicketOpened
from shared.events.tickets import TicketStatus as S
from shared.refusal import why_not

_BEFORE_RESOLVED = frozenset({S.OPEN, S.TRIAGED, S.ANSWERED, S.DISPATCHED, S.REOPENED})
_TRIAGED = frozenset({S.TRIAGED, S.ANSWERED, S.DISPATCHED})

ALLOWED: Mapping[str, frozenset[S]] = {
    "triage": frozenset({S.OPEN, S.REOPENED}),
    "correct_triage": _TRIAGED,
    "decide_coverage": _BEFORE_RESOLVED,
    "answer": _BEFORE_RESOLVED | {S.ON_HOLD, S.RESOLVED},
    "hold": _BEFORE_RESOLVED,
    "resume": frozenset({S.ON_HOLD}),
    "escalate": _BEFORE_RESOLVED | {S.ON_HOLD, S.RESOLVED},
    "answer_escalation": _BEFORE_RESOLVED | {S.ON_HOLD, S.RESOLVED, S.CLOSED},
    "dispatch": _TRIAGED,
    "record_visit": _BEFORE_RESOLVED | {S.ON_HOLD, S.RESOLVED},
    "resolve": frozenset({S.ANSWERED, S.DISPATCHED}),
    "reopen": frozenset({S.RESOLVED, S.CLOSED}),
    "merge": frozenset({S.OPEN, S.TRIAGED}),
    "absorb": _BEFORE_RESOLVED | {S.ON_HOLD, S.RESOLVED},
    "cancel": frozenset({S.OPEN, S.TRIAGED}),
    "close": frozenset({S.RESOLVED}),
    "archive": frozenset({S.CLOSED}),
}
"""In which states the lifecycle lists an action; the guards below may ask for more."""


def available(
    ticket: Ticket, *, survey: SurveyOutcome | None = None, missing: Sequence[str] = ()
) -> dict[str, Words | None]:
    """For every action None where it is open now, otherwise why not.

    ``survey``: what came of the survey of this (re)opening; ``missing``: what the case file lacks.
    """
    guards: dict[str, Callable[[], None]] = {a: partial(permit, a, ticket) for a in ALLOWED if a != "absorb"}
    guards["cancel_work_order"] = partial(_some_open_work_order, ticket)
    guards["close"] = partial(permit_close, ticket, survey)
    guards["archive"] = partial(permit_archive, ticket, missing)
    return {action: why_not(guard) for action, guard in guards.items()}


def known(ticket: Ticket) -> TicketOpened:
    """How the ticket began. Raises ``Refused`` where there is none."""
    if ticket.opened is None:
        raise Refused("ticket_unknown", "没有这个服务请求。", "There is no such ticket.")
    return ticket.opened


def clock(ticket: Ticket) -> tuple[datetime, datetime]:
    """From when the answer is awaited, and when it is due. Raises ``Refused`` where there is no ticket."""
    opened = known(ticket)
    return ticket.asked_at or opened.received_at, ticket.answer_due or opened.answer_due


def permit(action: str, ticket: Ticket) -> None:
    """Raises ``Refused`` unless ``action`` is open now."""
    known(ticket)
    if ticket.status not in ALLOWED[action]:
        raise ticket_not_now(action, ticket.status)
    if more := _MORE.get(action):
        more(ticket)


def permit_quote(ticket: Ticket) -> None:
    """2.2: work that is to be done is quoted."""
    known(ticket)
    if ticket.status not in _BEFORE_RESOLVED | {S.ON_HOLD}:
        raise ticket_not_now("issue_quote", ticket.status)


def permit_close(ticket: Ticket, survey: SurveyOutcome | None) -> None:
    """Every work order is verified (or was cancelled), and the survey answered or declined."""
    permit("close", ticket)
    _no_open_work_orders(ticket)
    if survey is None:
        raise Refused(
            "survey_missing",
            "满意度调查尚未答复，也没有拒填记录。",
            "The survey is neither answered nor declined.",
        )


def permit_archive(ticket: Ticket, missing: Sequence[str]) -> None:
    """5.3: the case file is complete; ``missing`` are keys of ``names.CASE_FILE_ITEM``."""
    permit("archive", ticket)
    if missing:
        raise case_file_incomplete(missing)


def _unanswered(ticket: Ticket) -> None:
    if ticket.answer:
        raise Refused("already_answered", "已经首次答复。", "The first answer has been given.")


def _not_escalated(ticket: Ticket) -> None:
    if ticket.escalation:
        raise Refused(
            "already_escalated", "已上报总部，等待总部答复。", "Headquarters has been asked and hasn't answered yet."
        )


def _escalated(ticket: Ticket) -> None:
    if not ticket.escalation:
        raise Refused("not_escalated", "没有等待总部答复的问题。", "No question waits for headquarters.")


def _something_done(ticket: Ticket) -> None:
    """A dispatch whose every work order was cancelled resolves nothing."""
    alive = any(order.progress in (Progress.OPEN, Progress.VERIFIED) for order in ticket.work_orders.values())
    if not (ticket.answer or alive):
        raise Refused(
            "nothing_done",
            "既没有答复，派工单也都已取消；请先答复或重新派工。",
            "There is no answer, and every work order was cancelled: answer or dispatch first.",
        )


def _dispatched(ticket: Ticket) -> None:
    if not ticket.work_orders:
        raise Refused("no_work_order", "还没有派工。", "No work order has been dispatched.")


def _no_open_work_orders(ticket: Ticket) -> None:
    if ticket.open_work_orders:
        raise Refused(
            "work_orders_open",
            f"还有 {ticket.open_work_orders} 张派工单未验收。",
            f"{ticket.open_work_orders} work order(s) are not verified yet.",
        )


def _some_open_work_order(ticket: Ticket) -> None:
    known(ticket)
    if not ticket.open_work_orders:
        raise Refused("no_open_work_order", "没有待验收的派工单。", "No work order waits to be verified.")


def _can_merge(ticket: Ticket) -> None:
    """Nothing that was promised or asked gets lost in a merger."""
    if ticket.answer:
        raise Refused(
            "answered_ticket_is_kept",
            "该请求已答复，请把另一个请求并入本请求。",
            "This one has been answered: merge the other one into it.",
        )
    if ticket.escalation:
        raise Refused(
            "escalated_ticket_is_kept",
            "该请求已上报总部，请把另一个请求并入本请求。",
            "Headquarters has been asked about this one: merge the other one into it.",
        )
    _no_open_work_orders(ticket)


_MORE: Mapping[str, Callable[[Ticket], None]] = {
    "answer": _unanswered,
    "escalate": _not_escalated,
    "answer_escalation": _escalated,
    "record_visit": _dispatched,
    "resolve": _something_done,
    "merge": _can_merge,
    "cancel": _no_open_work_orders,
}
