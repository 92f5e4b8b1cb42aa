"""Which events can be subscribed to: whatever the services publish."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from shared.decider import Refused
from shared.events import dispatch, penalties, reporting, telephony, tickets
from shared.events.base import PUBLISHED, Event

SOURCES = ("tickets", "dispatch", "penalties", "reporting")
"""The services that keep a log."""

Types = Annotated[tuple[str, ...], Field(max_length=400)]
"""Types of events (``tickets.TicketOpened``); none: all of them."""

_IMPORTED = (dispatch, penalties, reporting, telephony, tickets)
"""Events are known once they are imported."""


def known(event_type: str) -> type[Event] | None:
    """The class of a published type; None where there is no such type."""
    return PUBLISHED.get(event_type)


def check_types(types: Iterable[str]) -> None:
    """Raises ``Refused`` for a type that nobody publishes."""
    unknown = [each for each in types if known(each) is None]
    if unknown:
        names = ", ".join(unknown)
        raise Refused(
            "event_type_unknown",
            f"没有这些事件类型：{names}。全部类型见事件目录（docs/events）。",
            f"There are no such types of events: {names}. The catalogue (docs/events) lists them.",
        )
