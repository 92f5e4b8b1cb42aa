"""The heads of the log's hash chain: one is signed each day, and none ever goes back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from shared.calendar import day_of
from shared.decider import Command, DeadlineChange, Refused
from shared.events.penalties import ChainHeadSigned

STREAM = "chain"


class RecordHead(Command):
    """A day's head, signed; its fields are those of the event."""

    position: int
    head: str
    text: str
    key: str
    signature: str


@dataclass(frozen=True, slots=True)
class Heads:
    """The last one."""

    day: date | None = None
    position: int = 0


NEW = Heads()


def evolve(_: Heads, event: ChainHeadSigned) -> Heads:
    """See ``Decider``."""
    return Heads(day_of(event.at), event.position)


def decide(command: RecordHead, heads: Heads) -> Sequence[ChainHeadSigned]:
    """See ``Decider``."""
    if heads.day is not None and day_of(command.at) <= heads.day:
        return []
    if command.position <= heads.position:
        raise Refused(
            "chain_shorter",
            f"链在位置 {command.position} 结束,而位置 {heads.position} 已签名。",
            f"The chain ends at {command.position}, and {heads.position} was signed already.",
        )
    return [ChainHeadSigned(**command.model_dump(exclude={"by"}))]


def deadlines(_: ChainHeadSigned) -> Sequence[DeadlineChange]:
    """See ``Decider``."""
    return ()
