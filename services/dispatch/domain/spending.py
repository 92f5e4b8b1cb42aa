"""What an engineer's claims use of the days' caps (4.3): a day is a day, however many trips it is part of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from pydantic import Field

from shared.decider import Command, DeadlineChange
from shared.events.dispatch import DayUse, ExpenseDaysUsed
from shared.facts import tell

STREAM = "spending"


class UseDays(Command):
    """All that a claim uses from now on; nothing where it came to nothing."""

    engineer: str
    claim: UUID
    uses: tuple[DayUse, ...] = Field(max_length=10_000)


@dataclass(frozen=True, slots=True)
class Spending:
    uses: Mapping[UUID, tuple[DayUse, ...]] = field(default_factory=dict)
    """By claim."""


NEW = Spending()


def evolve(spending: Spending, event: ExpenseDaysUsed) -> Spending:
    others = {claim: uses for claim, uses in spending.uses.items() if claim != event.claim}
    return Spending({**others, event.claim: event.uses} if event.uses else others)


def deadlines(_: ExpenseDaysUsed) -> Sequence[DeadlineChange]:
    return []


def decide(command: UseDays, spending: Spending) -> Sequence[ExpenseDaysUsed]:
    return [] if spending.uses.get(command.claim, ()) == command.uses else [tell(ExpenseDaysUsed, command)]
