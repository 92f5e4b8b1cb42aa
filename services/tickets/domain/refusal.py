"""How an action is refused that a lifecycle doesn't list."""

from collections.abc import Iterable

from services.tickets.domain.names import (
    CASE_FILE_ITEM,
    COMPLAINT_ACTION,
    COMPLAINT_HINT,
    COMPLAINT_STATUS,
    QUOTE_ACTION,
    TICKET_ACTION,
    TICKET_HINT,
    TICKET_STATUS,
)
from shared.decider import Refused, Words
from shared.events.tickets import ComplaintStatus, TicketStatus
from shared.refusal import not_now


def ticket_not_now(action: str, status: TicketStatus) -> Refused:
    """The lifecycle doesn't list ``action`` in ``status``; code ``ticket_<status>``."""
    name, hint = TICKET_STATUS[status], TICKET_HINT[status]
    return not_now("ticket", _TICKET, _OF_TICKET[action], status, name, hint)


_TICKET, _COMPLAINT = Words("服务请求", "ticket"), Words("投诉", "complaint")
_OF_TICKET = {**TICKET_ACTION, **QUOTE_ACTION}


def complaint_not_now(action: str, status: ComplaintStatus) -> Refused:
    """The lifecycle doesn't list ``action`` in ``status``; code ``complaint_<status>``."""
    name, hint = COMPLAINT_STATUS[status], COMPLAINT_HINT[status]
    return not_now("complaint", _COMPLAINT, COMPLAINT_ACTION[action], status, name, hint)


def case_file_incomplete(missing: Iterable[str]) -> Refused:
    """5.3. ``missing`` are keys of ``names.CASE_FILE_ITEM``."""
    items = [CASE_FILE_ITEM[item] for item in missing]
    return Refused(
        "case_file_incomplete",
        f"服务档案缺少：{'、'.join(item.zh for item in items)}。",
        f"The case file lacks {', '.join(item.en for item in items)}.",
    )
