"""How long things may take with parts, as versions with the day from which they count.

One stream. What counts is the version in force when something happened, not the one in force when it is looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import Field

from shared.calendar import day_of, end_of_day
from shared.decider import Command, DeadlineChange, Refused
from shared.events.dispatch import PartsPolicyAdopted
from shared.facts import repeats, tell

STREAM = "parts_policy"

Days = Annotated[int, Field(ge=1, le=365)]


class AdoptPartsPolicy(Command):
    """All figures of the new version, in days."""

    valid_from: date
    supplier_notice_days: Days
    supplier_answer_days: Days
    supplier_settlement_days: Days
    old_part_days: Days


@dataclass(frozen=True, slots=True)
class Terms:
    """The figures that count, in days."""

    version: int = 0
    supplier_notice_days: int = 3
    """D28: from when the fault is known until the supplier is told."""
    supplier_answer_days: int = 10
    supplier_settlement_days: int = 30
    old_part_days: int = 15


SHIPPED = Terms()
"""What counts before anything was adopted."""


@dataclass(frozen=True, slots=True)
class PartsPolicy:
    versions: tuple[PartsPolicyAdopted, ...] = ()


NEW = PartsPolicy()


def evolve(policy: PartsPolicy, event: PartsPolicyAdopted) -> PartsPolicy:
    return PartsPolicy((*policy.versions, event))


def deadlines(event: PartsPolicyAdopted) -> Sequence[DeadlineChange]:
    """None."""
    return []


def decide(command: AdoptPartsPolicy, policy: PartsPolicy) -> Sequence[PartsPolicyAdopted]:
    """A new version; it doesn't reach back, for what has happened was judged by what counted then."""
    latest = policy.versions[-1] if policy.versions else None
    if repeats(command, latest):
        return []
    if command.valid_from < day_of(command.at):
        raise Refused("policy_reaches_back", "制度不得追溯生效。", "A policy can't count from a day in the past.")
    return [tell(PartsPolicyAdopted, command, version=len(policy.versions) + 1, adopted_by=command.by)]


def terms(policy: PartsPolicy, at: datetime) -> Terms:
    """What is in force at ``at``: of the versions that count by then, the one adopted last."""
    day = day_of(at)
    for version in reversed(policy.versions):
        if version.valid_from <= day:
            return Terms(
                version.version,
                version.supplier_notice_days,
                version.supplier_answer_days,
                version.supplier_settlement_days,
                version.old_part_days,
            )
    return SHIPPED


def end_after(at: datetime, days: int) -> datetime:
    """The end of the ``days``-th day after that of ``at``, in Shanghai."""
    return end_of_day(day_of(at) + timedelta(days=days))
