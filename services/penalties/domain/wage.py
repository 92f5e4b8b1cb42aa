"""That an engineer's wage of a month was recorded (D8), a stream each. What it is lies beside the log, where it can be
erased (D13); here is a keyed pseudonym of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, assert_never
from uuid import UUID

from pydantic import AfterValidator

from shared.calendar import Period
from shared.decider import Command, DeadlineChange
from shared.events.penalties import WageRecorded, WagesErased
from shared.facts import tell
from shared.text import Name, Text
from shared.validation import wrong

STREAM = "wage"


def _month(text: str) -> str:
    try:
        return str(Period.parse(text))
    except ValueError as error:
        raise wrong("应为月份，如 2026-10。", "A month is expected, such as 2026-10.") from error


Month = Annotated[str, AfterValidator(_month)]
"""``2026-10``."""

# --- commands ---------------------------------------------------------------------------------------------------------


class RecordWage(Command):
    """What was said lies beside the log; here is its pseudonym."""

    engineer: Name
    period: Month
    content: UUID


class EraseWages(Command):
    """D13. All that stands beside the log of this engineer is deleted in the same transaction."""

    engineer: Name
    reason: Text


WageCommand = RecordWage | EraseWages
WageEvent = WageRecorded | WagesErased

# --- state ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wages:
    contents: Mapping[str, UUID] = field(default_factory=dict)
    """Pseudonyms of what lies beside the log, by month."""


NEW = Wages()


def evolve(wages: Wages, event: WageEvent) -> Wages:
    match event:
        case WageRecorded():
            return Wages({**wages.contents, event.period: event.content})
        case WagesErased():
            return NEW
        case _:
            assert_never(event)


def deadlines(event: WageEvent) -> Sequence[DeadlineChange]:
    """None."""
    return []


# --- decisions --------------------------------------------------------------------------------------------------------


def decide(command: WageCommand, wages: Wages) -> Sequence[WageEvent]:
    """The event that ``command`` causes; none when nothing changes."""
    match command:
        case RecordWage():
            recorded = wages.contents.get(command.period) == command.content
            return [] if recorded else [tell(WageRecorded, command)]
        case EraseWages():
            return [tell(WagesErased, command)] if wages.contents else []
        case _:
            assert_never(command)
