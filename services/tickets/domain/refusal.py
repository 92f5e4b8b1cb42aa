"""How an action is refused that the lifecycle doesn't list, and how to ask whether an action is open."""

from collections.abc import Callable, Iterable, Mapping

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


def why_not(guard: Callable[[], object]) -> Words | None:
    """Why ``guard`` refuses; None when it lets the action pass."""
    try:
        guard()
    except Refused as refused:
        return refused.words
    return None


def ticket_not_now(action: str, status: TicketStatus) -> Refused:
    """The lifecycle doesn't list ``action`` in ``status``; code ``ticket_<status>``."""
    return _not_now("ticket", "服务请求", action, _OF_TICKET, TICKET_STATUS[status], TICKET_HINT[status], status.value)


_OF_TICKET = {**TICKET_ACTION, **QUOTE_ACTION}


def complaint_not_now(action: str, status: ComplaintStatus) -> Refused:
    """The lifecycle doesn't list ``action`` in ``status``; code ``complaint_<status>``."""
    name, hint = COMPLAINT_STATUS[status], COMPLAINT_HINT[status]
    return _not_now("complaint", "投诉", action, COMPLAINT_ACTION, name, hint, status.value)


def case_file_incomplete(missing: Iterable[str]) -> Refused:
    """5.3. ``missing`` are keys of ``names.CASE_FILE_ITEM``."""
    items = [CASE_FILE_ITEM[item] for item in missing]
    return Refused(
        "case_file_incomplete",
        f"服务档案缺少：{'、'.join(item.zh for item in items)}。",
        f"The case file lacks {', '.join(item.en for item in items)}.",
    )


def _not_now(
    kind: str, kind_zh: str, action: str, actions: Mapping[str, Words], status: Words, hint: Words, code: str
) -> Refused:
    wish = actions[action]
    return Refused(
        f"{kind}_{code.lower()}",
        f"{kind_zh}{status.zh}，现在不能{wish.zh}。{hint.zh}",
        f"The {kind} is {status.en}, so it isn't possible to {wish.en} now. {hint.en}",
    )
