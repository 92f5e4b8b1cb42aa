"""The catalogue: every spare part and every article of goods, a stream each; recording is an upsert."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.decider import Command, DeadlineChange, Refused
from shared.events.dispatch import PartKind, PartRecorded, PartSupply
from shared.facts import same, tell
from shared.money import NonNegativeMoney
from shared.text import Name

STREAM = "part"


class RecordPart(Command):
    part: UUID
    code: Name
    name: Name
    kind: PartKind = PartKind.PART
    supply: PartSupply
    unit: Name
    unit_cost: NonNegativeMoney
    supplier: Name | None = None
    product: UUID | None = None


@dataclass(frozen=True, slots=True)
class Part:
    latest: PartRecorded | None = None


NEW = Part()


def evolve(part: Part, event: PartRecorded) -> Part:
    return Part(event)


def deadlines(event: PartRecorded) -> Sequence[DeadlineChange]:
    """None."""
    return []


def decide(command: RecordPart, part: Part) -> Sequence[PartRecorded]:
    """The event, or none when nothing changed."""
    event = tell(PartRecorded, command)
    return [] if same(event, part.latest) else [event]


def known(part: Part) -> PartRecorded:
    """The part as it is recorded. Raises ``Refused``."""
    if part.latest is None:
        raise Refused("part_unknown", "没有这个配件，请先登记。", "There is no such part: record it first.")
    return part.latest
