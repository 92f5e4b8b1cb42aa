"""The phone-duty policy (4.6, D10–D13): versions with the day from which they hold. One stream for the company.

A duty day is judged by the version in force on that day. Version 1 is what the company starts with.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, assert_never

from pydantic import Field

from services.dispatch.domain.engineer import Code
from shared.calendar import day_of
from shared.decider import Command, DeadlineChange, Refused, Words
from shared.events.dispatch import DutyPolicyAcknowledged, DutyPolicyAdopted, DutyTerms
from shared.events.telephony import CallOutcome
from shared.facts import tell
from shared.refusal import why_not
from shared.text import Text

STREAM = "duty_policy"

COUNTABLE = frozenset(
    {
        CallOutcome.NO_ANSWER,
        CallOutcome.REJECTED,
        CallOutcome.SWITCHED_OFF,
        CallOutcome.UNREACHABLE,
        CallOutcome.NOT_REGISTERED,
    }
)
"""D11: no policy counts more; busy, congestion, network failure, our own cancelled calls, the unknown: never."""

FIRST = DutyPolicyAdopted(
    at=datetime(2019, 12, 31, 16, tzinfo=UTC),
    version=1,
    valid_from=date(2020, 1, 1),
    terms=DutyTerms(
        opens=time(8),
        closes=time(22),
        outcomes=tuple(sorted(COUNTABLE)),
        ring_seconds=20,
        gap_minutes=10,
        occurrence_minutes=30,
        call_back_minutes=30,
        per_day=1,
        retention_days=180,
    ),
    purpose="通话结果只用于核对值守开机（4.6），不用录音，不用位置。",
    reason="售后服务承诺 4.6",
)
"""What holds before anything is adopted: 4.6, D10, D11, D12."""

Minutes = Annotated[int, Field(ge=0, le=24 * 60)]

# --- commands ---------------------------------------------------------------------------------------------------------


class Terms(DutyTerms):
    """The parameters, within what a policy may say; what isn't said is as it was at the beginning."""

    opens: time = FIRST.terms.opens
    closes: time = FIRST.terms.closes
    outcomes: Annotated[tuple[CallOutcome, ...], Field(min_length=1)] = FIRST.terms.outcomes
    ring_seconds: Annotated[int, Field(ge=0, le=600)] = FIRST.terms.ring_seconds
    gap_minutes: Annotated[Minutes, Field(ge=1)] = FIRST.terms.gap_minutes
    occurrence_minutes: Minutes = FIRST.terms.occurrence_minutes
    call_back_minutes: Minutes = FIRST.terms.call_back_minutes
    per_day: Annotated[int, Field(ge=1, le=50)] = FIRST.terms.per_day
    retention_days: Annotated[int, Field(ge=1, le=3660)] = FIRST.terms.retention_days


class AdoptDutyPolicy(Command):
    valid_from: date
    terms: Terms
    purpose: Text = FIRST.purpose
    reason: Text


class AcknowledgeDutyPolicy(Command):
    """D13: purpose and retention are shown to staff."""

    engineer: Code
    version: int


DutyPolicyCommand = AdoptDutyPolicy | AcknowledgeDutyPolicy
DutyPolicyEvent = DutyPolicyAdopted | DutyPolicyAcknowledged

# --- state ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DutyPolicy:
    versions: tuple[DutyPolicyAdopted, ...] = (FIRST,)
    """In the order in which they were adopted."""
    read: frozenset[tuple[str, int]] = frozenset()
    """Who has read which version."""

    def on(self, duty_day: date) -> DutyPolicyAdopted:
        """The version in force on that day: the latest begun; of two that begin on one day, the one adopted later."""
        begun = [version for version in self.versions if version.valid_from <= duty_day]
        return max(begun or self.versions[:1], key=lambda version: (version.valid_from, version.version))

    def kept_since(self, today: date) -> date:
        """D13: the first duty day whose calls may still be looked at."""
        return today - timedelta(days=self.on(today).terms.retention_days)


NEW = DutyPolicy()


def evolve(policy: DutyPolicy, event: DutyPolicyEvent) -> DutyPolicy:
    match event:
        case DutyPolicyAdopted():
            return replace(policy, versions=(*policy.versions, event))
        case DutyPolicyAcknowledged():
            return replace(policy, read=policy.read | {(event.engineer, event.version)})
        case _:
            assert_never(event)


def deadlines(event: DutyPolicyEvent) -> Sequence[DeadlineChange]:
    """None."""
    return []


# --- decisions --------------------------------------------------------------------------------------------------------


def decide(command: DutyPolicyCommand, policy: DutyPolicy) -> Sequence[DutyPolicyEvent]:
    """The event that ``command`` causes; none when it says again what has happened. Raises ``Refused``."""
    match command:
        case AdoptDutyPolicy():
            return _adopt(command, policy)
        case AcknowledgeDutyPolicy():
            return _acknowledge(command, policy)
        case _:
            assert_never(command)


def available(policy: DutyPolicy, engineer: str | None) -> dict[str, Words | None]:
    """For every action None where it is open now, otherwise why not; ``engineer`` is the one who asks."""
    return {"adopt_policy": None, "acknowledge_policy": why_not(lambda: _is_engineer(engineer))}


def _adopt(command: AdoptDutyPolicy, policy: DutyPolicy) -> Sequence[DutyPolicyEvent]:
    terms = DutyTerms(**dict(command.terms) | {"outcomes": tuple(sorted(set(command.terms.outcomes)))})
    latest = policy.versions[-1]
    if (latest.valid_from, latest.terms, latest.purpose) == (command.valid_from, terms, command.purpose):
        return []
    _check_terms(terms)
    if command.valid_from <= day_of(command.at):
        raise Refused(
            "policy_binds_the_past",
            "制度版本最早自次日生效：先公布，后约束。",
            "A version holds from the day after its adoption at the earliest: first known, then binding.",
        )
    return [tell(DutyPolicyAdopted, command, terms=terms, version=latest.version + 1)]


def _check_terms(terms: DutyTerms) -> None:
    """D11: some outcomes never count; and two probes of one occurrence must be able to lie far enough apart."""
    if never := sorted(set(terms.outcomes) - COUNTABLE):
        raise Refused(
            "outcome_never_counts",
            f"以下通话结果任何时候都不计（D11）：{'、'.join(never)}。",
            f"These outcomes never count (D11): {', '.join(never)}.",
        )
    if terms.occurrence_minutes < terms.gap_minutes:
        raise Refused(
            "occurrence_shorter_than_gap",
            "同一次的时限不得短于两次拨测的间隔。",
            "An occurrence can't be shorter than the gap between its two probes.",
        )


def _acknowledge(command: AcknowledgeDutyPolicy, policy: DutyPolicy) -> Sequence[DutyPolicyEvent]:
    if (command.engineer, command.version) in policy.read:
        return []
    if command.version not in {version.version for version in policy.versions}:
        raise Refused("policy_version_unknown", "没有这个制度版本。", "There is no such version of the policy.")
    return [tell(DutyPolicyAcknowledged, command)]


def _is_engineer(engineer: str | None) -> None:
    if engineer is None:
        raise Refused("not_an_engineer", "由服务人员本人确认。", "Engineers acknowledge it themselves.")
