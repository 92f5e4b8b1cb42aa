"""The penalty policy as the tests tell it. All times are Shanghai's, of October 2026."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from services.penalties.domain.first_policy import VERSION_1
from services.penalties.domain.identity import POLICY
from services.penalties.domain.policy import (
    AdoptPolicy,
    ChangeDraft,
    DraftPolicy,
    DropDraft,
    RecordCalendarDates,
)
from shared.calendar import SHANGHAI
from shared.events import penalties as fact
from shared.events.penalties import Comparison, Condition, PolicyTerms, Rule

HR, MANAGER = "sun.hong", "zhao.min"


def at(day: int, clock: str = "09:00", month: int = 10) -> datetime:
    """A moment of the year 2026, in UTC."""
    return datetime.fromisoformat(f"2026-{month:02}-{day:02}T{clock}:00").replace(tzinfo=SHANGHAI).astimezone(UTC)


def condition(field: str, test: Comparison = Comparison.IS, value: Any = True) -> Condition:
    return Condition(field=field, test=test, value=value)


def rule_of(code: str, terms: PolicyTerms = VERSION_1) -> Rule:
    return next(rule for rule in terms.rules if rule.code == code)


def fined(code: str, yuan: str, terms: PolicyTerms = VERSION_1) -> PolicyTerms:
    """The terms with another amount for one rule."""
    consequence = rule_of(code, terms).consequence.model_copy(update={"amount": Decimal(yuan)})
    rules = [
        rule.model_copy(update={"consequence": consequence}) if rule.code == code else rule for rule in terms.rules
    ]
    return terms.model_copy(update={"rules": tuple(rules)})


def draft(based_on: int = 1, terms: PolicyTerms | None = None, by: str = HR, day: int = 1) -> DraftPolicy:
    return DraftPolicy(at=at(day), by=by, policy=POLICY, based_on=based_on, terms=terms, reason="试行后调整")


def change(version: int, terms: PolicyTerms, by: str = HR, day: int = 1) -> ChangeDraft:
    return ChangeDraft(at=at(day), by=by, policy=POLICY, version=version, terms=terms, reason="按讨论修改")


def drop(version: int) -> DropDraft:
    return DropDraft(at=at(1), by=HR, policy=POLICY, version=version, reason="不再需要")


def adopt(version: int = 1, day: int = 2, valid_from: datetime | None = None, by: str = MANAGER) -> AdoptPolicy:
    return AdoptPolicy(
        at=at(day),
        by=by,
        policy=POLICY,
        version=version,
        valid_from=valid_from or at(day),
        procedure="职工代表大会讨论通过并公示",
    )


def adopted(version: int = 1, valid_from: datetime | None = None, terms: PolicyTerms = VERSION_1) -> fact.PolicyAdopted:
    begins = valid_from or at(2)
    return fact.PolicyAdopted(
        at=begins,
        policy=POLICY,
        version=version,
        valid_from=begins,
        terms=terms,
        procedure="职工代表大会讨论通过并公示",
        document=None,
        drafted_by=HR,
        adopted_by=MANAGER,
    )


def dates(**said: Any) -> RecordCalendarDates:
    return RecordCalendarDates(at=at(1), by=HR, policy=POLICY, **said)
