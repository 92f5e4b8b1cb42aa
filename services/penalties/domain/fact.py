"""A fact: one piece of conduct, by everything that was heard of it, and the suspicion that stands for it.

Facts arrive twice, late and out of order, and some are corrected. So what is known is a function of the *set* of what
was heard, never of its order; and of one fact at most one suspicion stands at a time (D7).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, assert_never
from uuid import UUID

from pydantic import InstanceOf

from services.penalties.domain.identity import penalty_id
from shared.decider import Command, DeadlineChange
from shared.events.penalties import Evidence, FactCharged, FactCleared, FactKind, FactReported, Values

STREAM = "fact"

FactEvent = FactReported | FactCharged | FactCleared

_RANK: Mapping[str, int] = {"tickets": 0, "dispatch": 1}
"""In what order what services say is put together: what dispatch's clocks saw counts more than what was alleged."""


# --- commands ---------------------------------------------------------------------------------------------------------


class ReportFact(Command):
    """Another service's event was heard."""

    report: FactReported


class Charge(NamedTuple):
    """The rule that a fact breaks, and what is at stake."""

    rule: str
    policy_version: int
    amount: Decimal
    allowance: bool


class JudgeFact(Command):
    """What the binding version of the policy makes of what is known by now; ``evidence`` made it known."""

    charge: InstanceOf[Charge] | None
    evidence: Evidence


# --- state ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fact:
    """What the next decision needs."""

    reports: tuple[FactReported, ...] = ()
    """As they came; each event once."""
    charged: FactCharged | None = None
    """The suspicion that stands for it."""
    penalties: tuple[UUID, ...] = ()
    """All suspicions that it has led to, in their order."""

    def knows(self, evidence: Evidence) -> bool:
        """Whether this event was heard before."""
        return any(report.evidence.event == evidence.event for report in self.reports)


NEW = Fact()


def evolve(fact: Fact, event: FactEvent) -> Fact:
    match event:
        case FactReported():
            return replace(fact, reports=(*fact.reports, event))
        case FactCharged():
            return replace(fact, charged=event, penalties=(*fact.penalties, event.penalty))
        case FactCleared():
            return replace(fact, charged=None)
        case _:
            assert_never(event)


def deadlines(event: FactEvent) -> Sequence[DeadlineChange]:
    """Deadlines run on penalties, not on facts."""
    return ()


# --- what is known by now ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Merged:
    """A fact as all reports together tell it."""

    fact: UUID
    key: str
    kind: FactKind
    engineer: str
    happened_at: datetime
    says: Values
    involved: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    visit: UUID | None
    work_order: UUID | None
    ticket: UUID | None
    complaint: UUID | None
    claim: UUID | None


def merged(fact: Fact) -> Merged:
    """All that was heard, put together by source and position: however often, late or out of order it came, the
    outcome is the same. Raises IndexError where nothing was heard."""
    reports = in_order(fact.reports)
    first = reports[0]
    says: Values = {}
    ids: dict[str, UUID | None] = dict.fromkeys(("visit", "work_order", "ticket", "complaint", "claim"))
    happened_at: datetime | None = None
    for report in _standing(reports):
        says |= report.says
        happened_at = report.happened_at or happened_at
    for report in reports:
        ids |= {name: value for name in ids if (value := getattr(report, name))}
    return Merged(
        fact=first.fact,
        key=first.key,
        kind=first.kind,
        engineer=first.engineer,
        happened_at=happened_at or first.at,
        says=says,
        involved=tuple(sorted({name for report in reports for name in report.involved})),
        evidence=tuple(report.evidence for report in reports),
        **ids,
    )


def in_order(reports: Sequence[FactReported]) -> list[FactReported]:
    """By source, and by position within a source."""
    return sorted(reports, key=lambda report: (_RANK[_source(report)], report.position))


def _source(report: FactReported) -> str:
    return report.evidence.topic.partition(".")[0]


def _standing(reports: list[FactReported]) -> list[FactReported]:
    """Of each occurrence only the last word. One that was taken back (nothing happened) goes before those that stand,
    so that these prevail (D10: two pairs of probes in a day, of which one is taken back)."""
    last = {report.about: report for report in reports if report.about}
    if not last:
        return reports
    current = [report for report in reports if not report.about or last[report.about] is report]
    return sorted(current, key=lambda report: report.happened_at is not None)


# --- decisions --------------------------------------------------------------------------------------------------------


def decide(command: ReportFact | JudgeFact, fact: Fact) -> Sequence[FactEvent]:
    match command:
        case ReportFact():
            return [] if fact.knows(command.report.evidence) else [command.report]
        case JudgeFact():
            return _judge(command, fact)
        case _:
            assert_never(command)


def _judge(command: JudgeFact, fact: Fact) -> Sequence[FactEvent]:
    """D7: the suspicion that stands for it is the one that what is known by now gives rise to, or there is none."""
    stands, charge = fact.charged, command.charge
    if charge == (_charge(stands) if stands else None):
        return []
    events: list[FactEvent] = []
    about = {"at": command.at, "fact": fact.reports[0].fact, "engineer": fact.reports[0].engineer}
    if stands:
        events.append(FactCleared(**about, penalty=stands.penalty, evidence=command.evidence))
    if charge:
        penalty = penalty_id(fact.reports[0].fact, len(fact.penalties) + 1)
        events.append(FactCharged(**about, penalty=penalty, **charge._asdict()))
    return events


def _charge(charged: FactCharged) -> Charge:
    return Charge(charged.rule, charged.policy_version, charged.amount, charged.allowance)
