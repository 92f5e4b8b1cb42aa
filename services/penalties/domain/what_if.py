"""What if: facts of the past under a draft, or any version, side by side with what happened. Nothing follows from it.

What people would have decided nobody knows. So suspicions are compared with suspicions, and what was decided in the end
stands beside them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from services.penalties.domain import policy
from services.penalties.domain.charge import Broken, broken
from services.penalties.domain.conduct import Conduct
from services.penalties.domain.fact import Fact, Merged
from services.penalties.domain.identity import POLICY
from services.penalties.domain.penalty_state import Penalty
from services.penalties.domain.policy import PolicyBook
from services.penalties.domain.terms import mode_in
from shared.events.penalties import FactKind, Mode, PenaltyStatus, PolicyAdopted, PolicyTerms

BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Suspected:
    """What a suspicion is about."""

    rule: str
    policy_version: int
    amount: Decimal
    """CNY; 0.00 where no money is taken in the engineer's region (D8)."""
    allowance: bool
    score: int

    @property
    def about(self) -> tuple[object, ...]:
        return self.rule, self.amount, self.allowance, self.score


@dataclass(frozen=True, slots=True)
class Happened:
    """The suspicion that a fact has led to, and what became of it."""

    suspected: Suspected
    penalty: UUID
    status: PenaltyStatus
    decided: Decimal
    """CNY: what was imposed and stands; 0.00 otherwise."""


@dataclass(frozen=True, slots=True)
class Case:
    """One fact, both ways."""

    fact: UUID
    key: str
    kind: FactKind
    engineer: str
    happened_at: datetime
    happened: Happened | None
    then: Suspected | None

    @property
    def differs(self) -> bool:
        """Another rule, another amount or score, or one of them not at all; the version alone makes no difference."""
        if self.happened is None or self.then is None:
            return (self.happened is None) != (self.then is None)
        return self.happened.suspected.about != self.then.about


@dataclass(slots=True)
class Sums:
    """Of one rule, of one engineer, or of all."""

    suspected: int = 0
    at_stake: Decimal = Decimal("0.00")
    decided: Decimal = Decimal("0.00")
    then_suspected: int = 0
    then_at_stake: Decimal = Decimal("0.00")

    def add(self, happened: Happened | None, then: Suspected | None) -> None:
        if happened:
            self.suspected += 1
            self.at_stake += happened.suspected.amount
            self.decided += happened.decided
        if then:
            self.then_suspected += 1
            self.then_at_stake += then.amount


@dataclass(slots=True)
class Tally:
    """The scratch projection: sums as the cases come, in whatever order."""

    facts: int = 0
    """In the period, whether anything follows from them or not."""
    differing: int = 0
    whole: Sums = field(default_factory=Sums)
    rules: dict[str, Sums] = field(default_factory=dict)
    engineers: dict[str, Sums] = field(default_factory=dict)

    def add(self, case: Case) -> None:
        self.facts += 1
        if not case.happened and not case.then:
            return
        self.differing += case.differs
        self.whole.add(case.happened, case.then)
        self.engineers.setdefault(case.engineer, Sums()).add(case.happened, case.then)
        if case.happened:
            self.rules.setdefault(case.happened.suspected.rule, Sums()).add(case.happened, None)
        if case.then:
            self.rules.setdefault(case.then.rule, Sums()).add(None, case.then)


@dataclass(frozen=True, slots=True)
class Assumption:
    """By what facts are judged instead."""

    version: int
    alone: PolicyBook
    """With that version, and nothing else."""
    by_all: bool
    """As if it had held from the beginning, and everybody had acknowledged it."""

    def of(self, subject: Conduct) -> Conduct:
        """The engineer, as assumed."""
        return replace(subject, acknowledged={self.version: BEGINNING}) if self.by_all else subject


def assume(book: PolicyBook, version: int, *, by_all: bool | None = None) -> Assumption:
    """That version or draft alone. ``by_all``: as if it had held from the beginning and everybody had acknowledged it;
    otherwise only those are judged whom it bound when it happened, which for a draft is nobody. None: so for a draft,
    and not for a version that was adopted.

    Raises ``Refused`` (``policy_version_unknown``).
    """
    terms = policy.terms_of(book, version)
    held = tuple(each for each in book.adopted if each.version == version)
    if by_all is None:
        by_all = not held
    if by_all:
        names = {"procedure": "", "document": None, "drafted_by": "", "adopted_by": ""}
        since = {"at": BEGINNING, "valid_from": BEGINNING}
        held = (PolicyAdopted(**since, policy=POLICY, version=version, terms=terms, **names),)
    return Assumption(version, PolicyBook(adopted=held, drafts=()), by_all)


def penalty_of(fact: Fact) -> UUID | None:
    """The suspicion that the fact has led to: the one that stands for it, otherwise the last."""
    if fact.charged:
        return fact.charged.penalty
    return fact.penalties[-1] if fact.penalties else None


@dataclass(frozen=True, slots=True)
class Subject:
    """An engineer as they are, and as is assumed."""

    known: Conduct
    assumed: Conduct


def compared(
    fact: Fact, seen: Merged, subject: Subject, assumption: Assumption, penalty: Penalty | None, book: PolicyBook
) -> Case:
    """What happened of a fact, ``seen`` as everything together tells it, and what would have. ``penalty`` is the one
    that it has led to."""
    happened = None
    if penalty and (fact.charged or penalty.stands):  # what was taken back, and nobody has decided, stands for nothing
        happened = _happened(penalty, subject.known, book)
    would = broken(seen, assumption.alone, subject.assumed)
    about = (seen.fact, seen.key, seen.kind, seen.engineer, seen.happened_at)
    return Case(*about, happened, _then(would, subject.known))


def _then(would: Broken | None, subject: Conduct) -> Suspected | None:
    if would is None:
        return None
    charge, score = would.charge, would.rule.consequence.score
    money = _money(would.terms, subject, charge.amount)
    return Suspected(charge.rule, charge.policy_version, money, charge.allowance, score)


def _happened(penalty: Penalty, subject: Conduct, book: PolicyBook) -> Happened | None:
    if penalty.raised is None or penalty.status is None:
        return None
    raised = penalty.raised
    money = _money(policy.terms_of(book, raised.policy_version), subject, raised.amount)
    suspected = Suspected(raised.rule, raised.policy_version, money, raised.allowance, raised.consequence.score)
    return Happened(suspected, raised.penalty, penalty.status, penalty.amount if penalty.stands else Decimal("0.00"))


def _money(terms: PolicyTerms, subject: Conduct, amount: Decimal) -> Decimal:
    return amount if mode_in(terms, subject.region) is Mode.MONEY else Decimal("0.00")


def by_size(sums: dict[str, Sums]) -> Iterator[tuple[str, Sums]]:
    """Those who would be affected most first; of equals by name."""
    return iter(sorted(sums.items(), key=lambda item: (-item[1].then_at_stake, -item[1].then_suspected, item[0])))
