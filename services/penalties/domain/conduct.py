"""An engineer's record: which region's terms hold for them, which versions of the policy they have acknowledged, and
what stands of demerits (the rules are in ``ladder``)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, assert_never
from uuid import UUID

from pydantic import Field

from services.penalties.domain import ladder
from services.penalties.domain.ladder import Demerit, Record
from shared.decider import Command, DeadlineChange
from shared.events.penalties import (
    DemeritKind,
    DemeritRecorded,
    DemeritStruck,
    DismissalReached,
    Ladder,
    PolicyAcknowledged,
    SubjectRecorded,
)
from shared.facts import tell
from shared.text import Name, Text

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


class RecordDemerit(Command):
    """A penalty is final that provides for one; ``ladder`` is that of the version by which it was imposed."""

    engineer: Name
    penalty: UUID
    kind: DemeritKind
    ladder: Ladder


class StrikeDemerit(Command):
    """The penalty was reversed."""

    engineer: Name
    penalty: UUID
    reason: Text
    ladder: Ladder


ConductCommand = RecordSubject | AcknowledgePolicy | RecordDemerit | StrikeDemerit
ConductEvent = SubjectRecorded | PolicyAcknowledged | DemeritRecorded | DemeritStruck | DismissalReached

# --- state ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Conduct:
    engineer: str | None = None
    region: str | None = None
    """Today's."""
    regions: tuple[tuple[datetime, str | None], ...] = ()
    """Since when they belonged to which."""
    active: bool = True
    position: int = 0
    """In dispatch's log, of what is known of them."""
    acknowledged: Mapping[int, datetime] = field(default_factory=dict)
    """When, by version: from then on it binds them."""
    record: Record = ladder.EMPTY
    """The demerits."""


NEW = Conduct()


def evolve(conduct: Conduct, event: ConductEvent) -> Conduct:
    match event:
        case SubjectRecorded():
            moved = ((event.at, event.region),) if not conduct.regions or event.region != conduct.region else ()
            return replace(
                conduct,
                engineer=event.engineer,
                region=event.region,
                regions=conduct.regions + moved,
                active=event.active,
                position=event.position,
            )
        case PolicyAcknowledged():
            acknowledged = {**conduct.acknowledged, event.version: event.at}
            return replace(conduct, engineer=event.engineer, acknowledged=acknowledged)
        case DemeritRecorded() | DemeritStruck() | DismissalReached():
            return replace(conduct, engineer=event.engineer, record=ladder.after(conduct.record, event))
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
        case RecordDemerit():
            of = (command.engineer, command.penalty, command.kind)
            return ladder.recorded(conduct.record, *of, command.ladder, command.at)
        case StrikeDemerit():
            what = (command.engineer, command.penalty, command.reason)
            return ladder.struck(conduct.record, *what, command.ladder, command.at)
        case _:
            assert_never(command)


def standing(conduct: Conduct, at: datetime) -> list[Demerit]:
    """The demerits that count at that moment, oldest first: neither struck nor expired."""
    return ladder.standing(conduct.record, at)


def region_at(conduct: Conduct, at: datetime) -> str | None:
    """To which region the engineer belonged: who moves takes no earlier conduct along. Before anything was known of
    them, the first that was."""
    held = [region for since, region in conduct.regions if since <= at]
    return held[-1] if held else next((region for _, region in conduct.regions), conduct.region)


def _record(command: RecordSubject, conduct: Conduct) -> Sequence[ConductEvent]:
    """What comes late says nothing any more."""
    return [tell(SubjectRecorded, command)] if command.position > conduct.position else []
