"""An engineer's record: which region's terms hold for them, and which versions of the policy they have acknowledged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, assert_never

from pydantic import Field

from shared.decider import Command, DeadlineChange
from shared.events.penalties import PolicyAcknowledged, SubjectRecorded
from shared.facts import tell
from shared.text import Name

STREAM = "conduct"

# --- commands ---------------------------------------------------------------------------------------------------------


class RecordSubject(Command):
    """What dispatch says of an engineer, at ``position`` of its log."""

    engineer: Name
    region: Name | None
    active: bool
    position: Annotated[int, Field(ge=1)]


class AcknowledgePolicy(Command):
    """The engineer has read a version that was adopted; ``at`` is now: nobody has read anything yesterday."""

    engineer: Name
    version: Annotated[int, Field(ge=1)]


ConductCommand = RecordSubject | AcknowledgePolicy
ConductEvent = SubjectRecorded | PolicyAcknowledged

# --- state ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Conduct:
    engineer: str | None = None
    region: str | None = None
    active: bool = True
    position: int = 0
    """In dispatch's log, of what is known of them."""
    acknowledged: Mapping[int, datetime] = field(default_factory=dict)
    """When, by version: from then on it binds them."""


NEW = Conduct()


def evolve(conduct: Conduct, event: ConductEvent) -> Conduct:
    match event:
        case SubjectRecorded():
            return replace(
                conduct, engineer=event.engineer, region=event.region, active=event.active, position=event.position
            )
        case PolicyAcknowledged():
            acknowledged = {event.version: event.at} | dict(conduct.acknowledged)
            return replace(conduct, engineer=event.engineer, acknowledged=acknowledged)
        case _:
            assert_never(event)


def deadlines(_: ConductEvent) -> Sequence[DeadlineChange]:
    """None."""
    return []


# --- decisions --------------------------------------------------------------------------------------------------------


def decide(command: ConductCommand, conduct: Conduct) -> Sequence[ConductEvent]:
    """The event that ``command`` causes; none when it says again what has happened, or what is known better."""
    match command:
        case RecordSubject():
            return _record(command, conduct)
        case AcknowledgePolicy():
            return [] if command.version in conduct.acknowledged else [tell(PolicyAcknowledged, command)]
        case _:
            assert_never(command)


def _record(command: RecordSubject, conduct: Conduct) -> Sequence[ConductEvent]:
    """What comes late says nothing any more."""
    return [tell(SubjectRecorded, command)] if command.position > conduct.position else []
