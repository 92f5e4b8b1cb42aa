"""The terms of visits: grace times and thresholds, as data. A version binds what happens from its day on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from shared.decider import Command, DeadlineChange, Refused, Words
from shared.events.base import Moment
from shared.events.dispatch import VisitPolicyAdopted
from shared.money import NonNegativeMoney

STREAM = "visit_policy"

Minutes = Annotated[int, Field(ge=1, le=10_080)]
"""Up to a week."""


class VisitTerms(BaseModel):
    """What holds for visits at a moment; as shipped where the company has adopted nothing else."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    grace_minutes: int = Field(0, ge=0, le=240)
    """3.4b, 4.5: after the agreed arrival, before it counts as late."""
    answer_minutes: Minutes = 30
    """D15: in which a delivered instruction is answered."""
    report_minutes: Minutes = 60
    """D14: after the job, in which headquarters is told."""
    call_demanded: bool = False
    """D14: only a call counts."""
    radius_m: int = Field(300, ge=1, le=100_000)
    accuracy_m: int = Field(200, ge=1, le=100_000)
    offline_minutes: Minutes = 5
    patience_minutes: int = Field(15, ge=0, le=10_080)
    visit_minutes: Minutes = 60
    people_rate: NonNegativeMoney = Decimal("50.00")
    """CNY for an hour on site."""

    def late_after(self, agreed: datetime) -> datetime:
        return agreed + timedelta(minutes=self.grace_minutes)

    def came_offline(self, at: datetime, received_at: datetime, said: bool) -> bool:
        """Whether what happened at ``at`` was told later than at once; a device may say so itself."""
        return said or received_at - at > timedelta(minutes=self.offline_minutes)


AS_SHIPPED = VisitTerms()


class AdoptVisitPolicy(Command):
    """Terms that hold from ``valid_from`` on; what isn't said is as shipped."""

    valid_from: Moment
    terms: VisitTerms


VisitPolicyEvent = VisitPolicyAdopted


@dataclass(frozen=True, slots=True)
class VisitPolicy:
    versions: tuple[VisitPolicyAdopted, ...] = ()

    def at(self, moment: datetime) -> VisitTerms:
        """The terms in force at ``moment``: those adopted last of what held by then."""
        holding = [version for version in self.versions if version.valid_from <= moment]
        return _terms(holding[-1]) if holding else AS_SHIPPED


NEW = VisitPolicy()


def evolve(policy: VisitPolicy, event: VisitPolicyEvent) -> VisitPolicy:
    return VisitPolicy((*policy.versions, event))


def deadlines(event: VisitPolicyEvent) -> Sequence[DeadlineChange]:
    return []


def decide(command: AdoptVisitPolicy, policy: VisitPolicy) -> Sequence[VisitPolicyEvent]:
    """Terms are adopted before they bind anyone. Raises ``Refused``."""
    last = policy.versions[-1] if policy.versions else None
    if last and last.valid_from == command.valid_from and _terms(last) == command.terms:
        return []
    if command.valid_from < command.at:
        raise Refused(
            "policy_in_the_past",
            "制度不能追溯生效，请选择现在或以后的时间。",
            "Terms can't bind what has happened: choose now or later.",
        )
    facts: dict[str, Any] = dict(command.terms)
    version = last.version + 1 if last else 1
    return [
        VisitPolicyAdopted(
            at=command.at, version=version, valid_from=command.valid_from, adopted_by=command.by, **facts
        )
    ]


def available(policy: VisitPolicy) -> dict[str, Words | None]:
    """New terms may always be adopted."""
    return {"adopt_visit_policy": None}


def _terms(version: VisitPolicyAdopted) -> VisitTerms:
    return VisitTerms(**{name: getattr(version, name) for name in VisitTerms.model_fields})
