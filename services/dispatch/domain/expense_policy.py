"""The expense policy (4.3, 5.1): versions of rules, each from a day on. Amounts, days and thresholds are data.

Until a version is adopted, ``DEFAULT`` holds as version 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.calendar import day_of
from shared.decider import Command, DeadlineChange, Refused, Words
from shared.events.dispatch import (
    Check,
    CityTier,
    DayCap,
    ExpenseKind,
    ExpensePolicyAdopted,
    ExpenseRules,
    FraudDeed,
    FraudGravity,
    GravityRule,
    Threshold,
)
from shared.facts import tell
from shared.text import Text, folded

STREAM = "expense_policy"


def _row(gravity: FraudGravity, **named: object) -> GravityRule:
    anything = {"deed": None, "from_amount": None, "repeated": False, "organised": False, "criminal": False}
    return GravityRule.model_validate({"gravity": gravity, **anything, **named})


FIRST, SECOND, THIRD = "一线", "省会", "其他"

DEFAULT = ExpenseRules(
    days_around=1,
    issued_within_days=30,
    tiers=(
        CityTier(tier=FIRST, cities=("北京", "上海", "广州", "深圳")),
        CityTier(
            tier=SECOND,
            cities=(
                *("天津", "重庆", "石家庄", "太原", "呼和浩特", "沈阳", "长春", "哈尔滨", "南京", "杭州", "合肥"),
                *("福州", "南昌", "济南", "郑州", "武汉", "长沙", "南宁", "海口", "成都", "贵阳", "昆明", "拉萨"),
                *("西安", "兰州", "西宁", "银川", "乌鲁木齐", "大连", "青岛", "宁波", "厦门", "苏州"),
            ),
        ),
    ),
    other_tier=THIRD,
    caps=(
        DayCap(kind=ExpenseKind.LODGING, tier=FIRST, per_day=Decimal("500.00")),
        DayCap(kind=ExpenseKind.LODGING, tier=SECOND, per_day=Decimal("400.00")),
        DayCap(kind=ExpenseKind.LODGING, tier=THIRD, per_day=Decimal("300.00")),
        DayCap(kind=ExpenseKind.MEALS, tier=FIRST, per_day=Decimal("120.00")),
        DayCap(kind=ExpenseKind.MEALS, tier=SECOND, per_day=Decimal("100.00")),
        DayCap(kind=ExpenseKind.MEALS, tier=THIRD, per_day=Decimal("80.00")),
        DayCap(kind=ExpenseKind.LOCAL_TRANSPORT, tier=FIRST, per_day=Decimal("100.00")),
        DayCap(kind=ExpenseKind.LOCAL_TRANSPORT, tier=SECOND, per_day=Decimal("80.00")),
        DayCap(kind=ExpenseKind.LOCAL_TRANSPORT, tier=THIRD, per_day=Decimal("80.00")),
    ),
    general_manager=(Threshold(kind=None, amount=Decimal("5000.00")),),
    without_receipt=(),
    excusable=(Check.DATE, Check.CITY, Check.CAP),
    company_tax_ids=(),
    phone_allowance_per_day=Decimal("10.00"),
    gravity=(
        _row(FraudGravity.LEGAL_REFERRAL, criminal=True),
        _row(FraudGravity.DISMISSAL, organised=True),
        _row(FraudGravity.MAJOR_DEMERIT, repeated=True),
        _row(FraudGravity.MAJOR_DEMERIT, deed=FraudDeed.FORGED),
        _row(FraudGravity.MAJOR_DEMERIT, from_amount=Decimal("1000.00")),
        _row(FraudGravity.DEMERIT),
    ),
)
"""Domain.md's table of section 4 for the gravity; caps as companies of this size have them, to be adopted anew."""


# --- commands ---------------------------------------------------------------------------------------------------------


class AdoptExpensePolicy(Command):
    """A new version; versions are numbered as they are adopted."""

    policy: UUID
    valid_from: date
    rules: ExpenseRules
    reason: Text


# --- state ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Version:
    version: int
    rules: ExpenseRules
    valid_from: date | None = None
    """None: from the beginning."""


@dataclass(frozen=True, slots=True)
class ExpensePolicy:
    versions: tuple[Version, ...] = (Version(0, DEFAULT),)

    def on(self, day: date) -> Version:
        """The version in force on ``day``: of those that hold by then the one that holds since last; of two from the
        same day the one adopted later."""
        holding = [v for v in self.versions if v.valid_from is None or v.valid_from <= day]
        return max(holding, key=lambda v: (v.valid_from or date.min, v.version))

    def numbered(self, number: int) -> Version:
        """The version of that number, whatever holds since."""
        return next(version for version in self.versions if version.version == number)


NEW = ExpensePolicy()


def evolve(policy: ExpensePolicy, event: ExpensePolicyAdopted) -> ExpensePolicy:
    return ExpensePolicy((*policy.versions, Version(event.version, event.rules, event.valid_from)))


def deadlines(_: ExpensePolicyAdopted) -> Sequence[DeadlineChange]:
    return []


# --- decisions --------------------------------------------------------------------------------------------------------


def decide(command: AdoptExpensePolicy, policy: ExpensePolicy) -> Sequence[ExpensePolicyAdopted]:
    """None when the latest version says the same. Raises ``Refused``: what binds people isn't changed afterwards."""
    latest = policy.versions[-1]
    if latest.valid_from == command.valid_from and latest.rules == command.rules:
        return []
    if command.valid_from < day_of(command.at):
        raise Refused(
            "policy_backdated",
            "制度不能追溯：生效日期不得早于今天。",
            "A policy binds nobody before it is adopted: it can't be valid from a day that is over.",
        )
    if (rules := command.rules).gravity and not _catches_all(rules.gravity[-1]):
        raise Refused(
            "gravity_incomplete",
            "程度表的最后一行须适用于所有情形（D16）。",
            "The last row of the table of gravity has to hold in every case (D16).",
        )
    if not rules.gravity:
        raise Refused("gravity_missing", "缺少舞弊程度表（D16）。", "The table of gravity is missing (D16).")
    return [tell(ExpensePolicyAdopted, command, version=latest.version + 1, adopted_by=command.by)]


def available(_: ExpensePolicy) -> dict[str, Words | None]:
    """A new version can be adopted at any time."""
    return {"adopt": None}


def _catches_all(row: GravityRule) -> bool:
    return not (row.deed or row.from_amount or row.repeated or row.organised or row.criminal)


# --- what the rules say -----------------------------------------------------------------------------------------------


def city_key(city: str) -> str:
    """For comparing cities: ``上海市`` is ``上海``."""
    return folded(city).removesuffix("市")


class Caps:
    """The caps of one version of the rules, ready to be looked up."""

    def __init__(self, rules: ExpenseRules) -> None:
        self._tiers = {city_key(city): tier.tier for tier in rules.tiers for city in tier.cities}
        self._caps = {(cap.kind, cap.tier): cap.per_day for cap in rules.caps}
        self._other = rules.other_tier

    def of(self, kind: ExpenseKind, city: str) -> Decimal | None:
        """CNY a day; None where a kind isn't limited."""
        return self._caps.get((kind, self._tiers.get(city_key(city), self._other)))


def needs_general_manager(rules: ExpenseRules, sums: Mapping[ExpenseKind, Decimal]) -> bool:
    """5.1: ``sums`` is what is claimed of each kind."""
    total = sum(sums.values(), Decimal(0))
    return any(
        (total if threshold.kind is None else sums.get(threshold.kind, Decimal(0))) >= threshold.amount
        for threshold in rules.general_manager
    )


def gravity_of(
    rules: ExpenseRules, deed: FraudDeed, amount: Decimal, *, repeated: bool, organised: bool, criminal: bool
) -> FraudGravity:
    """D16: the first row of the table of which everything holds that it names."""
    for row in rules.gravity:
        if (
            (row.deed is None or row.deed is deed)
            and (row.from_amount is None or amount >= row.from_amount)
            and (repeated or not row.repeated)
            and (organised or not row.organised)
            and (criminal or not row.criminal)
        ):
            return row.gravity
    raise ValueError("no row holds: decide() lets no such table in")
