"""The monthly figures (5.4.1-4): people dispatched and what that cost, material, freight, the total, and by what they
are split.

D24: persons, person-times (one visit with an arrival = 1) and person-days are all told. D25: installation guidance and
commissioning that a contract covers are not in the costs; they are told beside them, as a memo. The people who did
that work count as dispatched all the same. Amounts are exact, in CNY.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, Self

from pydantic import BaseModel, ConfigDict

from shared.events.dispatch import CostKind
from shared.events.tickets import CoverageVerdict, Purpose

_EXCLUDABLE = frozenset({Purpose.INSTALLATION_GUIDANCE, Purpose.COMMISSIONING})
NOTHING = Decimal("0.00")


class Split(StrEnum):
    """By what the figures are split."""

    PRODUCT = "product"
    REGION = "region"
    CUSTOMER = "customer"
    PURPOSE = "purpose"
    WARRANTY = "warranty"


class Named(NamedTuple):
    """A product, a region, a customer …; both None where it isn't known."""

    key: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class Subject:
    """What work was for, as far as it was known at the cut-off."""

    product: Named
    region: Named
    customer: Named
    purpose: Purpose | None
    warranty: CoverageVerdict
    contract: bool
    """A contract's scope covers it."""

    @property
    def excluded(self) -> bool:
        """D25."""
        return self.contract and self.purpose in _EXCLUDABLE

    def of(self, split: Split) -> Named:
        """The group that it belongs to."""
        match split:
            case Split.PRODUCT:
                return self.product
            case Split.REGION:
                return self.region
            case Split.CUSTOMER:
                return self.customer
            case Split.PURPOSE:
                return Named(self.purpose, None)
            case Split.WARRANTY:
                return Named(self.warranty, None)


@dataclass(frozen=True, slots=True)
class Cost:
    """What work of one kind cost; negative where too much is taken back."""

    subject: Subject
    kind: CostKind
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Attendance:
    """How often an engineer arrived somewhere on a day."""

    subject: Subject
    engineer: str
    day: date
    times: int
    """Arrivals less those that were taken back."""


class Figures(BaseModel):
    """The figures of 5.4; of an adjustment, by how much they change."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    persons: int = 0
    person_times: int = 0
    person_days: int = 0
    people: Decimal = NOTHING
    travel: Decimal = NOTHING
    material: Decimal = NOTHING
    freight: Decimal = NOTHING
    total: Decimal = NOTHING
    memo: Decimal = NOTHING

    def __add__(self, other: Self) -> Self:
        return self._with(other, 1)

    def __sub__(self, other: Self) -> Self:
        return self._with(other, -1)

    def _with(self, other: Self, sign: int) -> Self:
        return type(self)(**{name: getattr(self, name) + sign * getattr(other, name) for name in FIGURES})


FIGURES = tuple(Figures.model_fields)
COUNTED = FIGURES[:3]
AMOUNTS = FIGURES[3:]


@dataclass(frozen=True, slots=True)
class Statistics:
    """A month's figures, altogether and split."""

    all: Figures
    by: Mapping[Split, Mapping[Named, Figures]]

    def __sub__(self, other: "Statistics") -> "Statistics":
        return _joined(self, other, lambda mine, theirs: mine - theirs)

    def __add__(self, other: "Statistics") -> "Statistics":
        return _joined(self, other, lambda mine, theirs: mine + theirs)


EMPTY = Statistics(Figures(), {split: {} for split in Split})


def _joined(one: Statistics, other: Statistics, join: Callable[[Figures, Figures], Figures]) -> Statistics:
    """Group by group; a group that comes to nothing is left out."""
    by: dict[Split, dict[Named, Figures]] = {}
    for split in Split:
        mine, theirs = one.by[split], other.by[split]
        pairs = {group: join(mine.get(group, _ZERO), theirs.get(group, _ZERO)) for group in {**mine, **theirs}}
        by[split] = {group: figures for group, figures in pairs.items() if figures != _ZERO}
    return Statistics(join(one.all, other.all), by)


_ZERO = Figures()


def statistics(costs: Iterable[Cost], attendances: Iterable[Attendance]) -> Statistics:
    """The figures of what is given, in whatever order."""
    whole, groups = _Sum(), {split: defaultdict[Named, _Sum](_Sum) for split in Split}
    for subject, part in _by_subject(costs, attendances):
        whole.add(part)
        for split in Split:
            groups[split][subject.of(split)].add(part)
    by = {split: {group: sum_.figures() for group, sum_ in found.items()} for split, found in groups.items()}
    return Statistics(
        whole.figures(), {split: {g: f for g, f in found.items() if f != _ZERO} for split, found in by.items()}
    )


def _by_subject(costs: Iterable[Cost], attendances: Iterable[Attendance]) -> "Iterable[tuple[Subject, _Sum]]":
    """What is of the same subject, summed: a month has tens of thousands of lines, and each would go into six sums."""
    found: dict[int, tuple[Subject, _Sum]] = {}  # by the object, which stays alive beside its sum

    def sum_of(subject: Subject) -> _Sum:
        kept = found.get(id(subject))
        if kept is None:
            kept = found[id(subject)] = subject, _Sum()
        return kept[1]

    for cost in costs:
        sum_of(cost.subject).add_cost(cost)
    for attendance in attendances:
        days = sum_of(attendance.subject).days
        who = attendance.engineer, attendance.day
        days[who] = days.get(who, 0) + attendance.times
    return found.values()


class _Sum:
    """Figures in the making."""

    __slots__ = ("amounts", "days", "memo")

    def __init__(self) -> None:
        self.days: dict[tuple[str, date], int] = {}
        self.amounts: dict[CostKind, Decimal] = {}
        self.memo = NOTHING

    def add_cost(self, cost: Cost) -> None:
        if cost.subject.excluded:
            self.memo += cost.amount
        else:
            self.amounts[cost.kind] = self.amounts.get(cost.kind, NOTHING) + cost.amount

    def add(self, part: "_Sum") -> None:
        for who, times in part.days.items():
            self.days[who] = self.days.get(who, 0) + times
        for kind, amount in part.amounts.items():
            self.amounts[kind] = self.amounts.get(kind, NOTHING) + amount
        if part.memo:
            self.memo += part.memo

    def figures(self) -> Figures:
        days = [who for (who, _), times in self.days.items() if times > 0]
        kinds = {kind.value: self.amounts.get(kind, NOTHING) for kind in CostKind}
        return Figures(
            persons=len(set(days)),
            person_times=sum(self.days.values()),
            person_days=len(days),
            total=sum(self.amounts.values(), NOTHING),
            memo=self.memo,
            **kinds,
        )
