"""The automatic checks of a claim's lines (4.3, D17): each with its outcome, what was expected and what was found.

A failed check is a fact and no verdict: a person excepts the line with a reason, rejects it, or sends the claim back.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from services.dispatch.domain.expense_policy import Caps, ExpensePolicy, city_key
from services.dispatch.domain.identity import invoice_id
from services.dispatch.domain.invoice_facts import differences, fault
from services.dispatch.domain.trip import Trip
from shared.events.dispatch import (
    Check,
    CheckOutcome,
    CheckResult,
    DayUse,
    ExpenseKind,
    ExpenseLine,
    ExpenseRules,
)

DAY = timedelta(days=1)

Uses = dict[tuple[ExpenseKind, date], Decimal]


@dataclass(frozen=True, slots=True)
class Checked:
    results: tuple[CheckResult, ...]
    uses: tuple[DayUse, ...]
    """What these lines use of the days' caps."""


@dataclass(slots=True)
class _Desk:
    """What the lines of one claim are held against."""

    trip: Trip
    today: date
    policy: ExpensePolicy
    used_in: Mapping[UUID, str]
    cities: frozenset[str]
    others: Uses
    """What the engineer's other claims use of the days' caps."""
    ours: Uses = field(default_factory=lambda: defaultdict(Decimal))
    seen: dict[UUID, UUID] = field(default_factory=dict)
    """Invoices of this claim, and the line that has each first."""
    caps: dict[int, Caps] = field(default_factory=dict)

    def rules_on(self, day: date) -> tuple[ExpenseRules, Caps]:
        version = self.policy.on(day)
        if version.version not in self.caps:
            self.caps[version.version] = Caps(version.rules)
        return version.rules, self.caps[version.version]


def check_lines(
    lines: Sequence[ExpenseLine],
    claim: UUID,
    trip: Trip,
    policy: ExpensePolicy,
    used_in: Mapping[UUID, str],
    today: date,
    spent: Mapping[UUID, tuple[DayUse, ...]],
) -> Checked:
    """Every check of every line. ``used_in``: by the stream of an invoice the number of the other claim that uses it;
    ``spent``: by claim what the engineer's claims use of the days' caps, on whatever trips; of each line the policy
    counts that was in force on its day."""
    others: Uses = defaultdict(Decimal)
    for other, uses in spent.items():
        for use in uses if other != claim else ():
            others[use.kind, use.day] += use.amount
    desk = _Desk(trip, today, policy, used_in, frozenset(map(city_key, trip.cities)), others)
    results = tuple(check(line, desk) for line in lines for check in _CHECKS)
    uses = tuple(DayUse(kind=kind, day=day, amount=amount) for (kind, day), amount in sorted(desk.ours.items()))
    return Checked(results, uses)


def _passed(line: ExpenseLine, check: Check) -> CheckResult:
    return _result(line, check, CheckOutcome.PASSED)


def _not_applicable(line: ExpenseLine, check: Check) -> CheckResult:
    return _result(line, check, CheckOutcome.NOT_APPLICABLE)


def _failed(
    line: ExpenseLine, check: Check, expected: str | None, found: str | None, limit: Decimal | None = None
) -> CheckResult:
    return _result(line, check, CheckOutcome.FAILED, expected, found, limit)


def _result(
    line: ExpenseLine,
    check: Check,
    outcome: CheckOutcome,
    expected: str | None = None,
    found: str | None = None,
    limit: Decimal | None = None,
) -> CheckResult:
    """Made thousands at a time from values of the right types, which need not be looked at again."""
    return CheckResult.model_construct(
        line=line.line, check=check, outcome=outcome, expected=expected, found=found, limit=limit
    )


def _receipt(line: ExpenseLine, desk: _Desk) -> CheckResult:
    """4.3: no reimbursement without a receipt, but of kinds that the policy takes out."""
    if line.receipts:
        return _passed(line, Check.RECEIPT)
    rules, _ = desk.rules_on(line.spent_on)
    if line.kind in rules.without_receipt:
        return _not_applicable(line, Check.RECEIPT)
    return _failed(line, Check.RECEIPT, "≥ 1", "0")


def _invoice(line: ExpenseLine, desk: _Desk) -> CheckResult:
    """4.3: lawful and valid, as far as the invoice itself can tell."""
    if line.invoice is None:
        rules, _ = desk.rules_on(line.spent_on)
        if line.kind in rules.without_receipt:
            return _not_applicable(line, Check.INVOICE)
        return _failed(line, Check.INVOICE, "valid_number", None)
    wrong = fault(line.invoice, desk.today)
    return _failed(line, Check.INVOICE, *wrong) if wrong else _passed(line, Check.INVOICE)


def _unique(line: ExpenseLine, desk: _Desk) -> CheckResult:
    """D17: code and number are used once in the whole company, also within this claim."""
    if line.invoice is None:
        return _not_applicable(line, Check.UNIQUE)
    invoice = invoice_id(line.invoice.code, line.invoice.number)
    if other := desk.used_in.get(invoice):
        return _failed(line, Check.UNIQUE, None, other)
    if desk.seen.setdefault(invoice, line.line) != line.line:
        return _failed(line, Check.UNIQUE, None, "same_claim")
    return _passed(line, Check.UNIQUE)


def _match(line: ExpenseLine, _: _Desk) -> CheckResult:
    """What was typed is what the file says."""
    if line.invoice is None or line.read is None:
        return _not_applicable(line, Check.MATCH)
    wrong = differences(line.invoice, line.read)
    return _failed(line, Check.MATCH, *wrong) if wrong else _passed(line, Check.MATCH)


def _buyer(line: ExpenseLine, desk: _Desk) -> CheckResult:
    """Where the policy names the company's tax ids and the invoice names its buyer's."""
    rules, _ = desk.rules_on(line.spent_on)
    buyer = line.invoice.buyer_tax_id if line.invoice else None
    if buyer is None or not rules.company_tax_ids:
        return _not_applicable(line, Check.BUYER)
    if buyer in rules.company_tax_ids:
        return _passed(line, Check.BUYER)
    return _failed(line, Check.BUYER, " / ".join(rules.company_tax_ids), buyer)


def _date(line: ExpenseLine, desk: _Desk) -> CheckResult:
    """D17: the trip and the policy's days around it; an invoice is issued not too far from it."""
    rules, _ = desk.rules_on(line.spent_on)
    trip, around = desk.trip, rules.days_around * DAY
    first, last = trip.starts - around, trip.ends + around
    until = line.spent_on + (line.days - 1) * DAY
    if not first <= line.spent_on <= until <= last:
        days = str(line.spent_on) if line.days == 1 else f"{line.spent_on} – {until}"
        return _failed(line, Check.DATE, f"{first} – {last}", days)
    issued, wide = line.invoice.issued if line.invoice else None, rules.issued_within_days * DAY
    if issued and not trip.starts - wide <= issued <= trip.ends + wide:
        return _failed(line, Check.DATE, f"{trip.starts - wide} – {trip.ends + wide}", str(issued))
    return _passed(line, Check.DATE)


def _city(line: ExpenseLine, desk: _Desk) -> CheckResult:
    """D17: itinerary ∪ transit ∪ home."""
    if city_key(line.city) in desk.cities:
        return _passed(line, Check.CITY)
    return _failed(line, Check.CITY, "、".join(desk.trip.cities), line.city)


def _amount(line: ExpenseLine, _: _Desk) -> CheckResult:
    """Not more than the receipt says; of two that differ, the file counts."""
    facts = line.read or line.invoice
    if facts is None:
        return _not_applicable(line, Check.AMOUNT)
    if line.amount <= facts.total:
        return _passed(line, Check.AMOUNT)
    return _failed(line, Check.AMOUNT, f"≤ ¥{facts.total:.2f}", f"¥{line.amount:.2f}", facts.total)


def _cap(line: ExpenseLine, desk: _Desk) -> CheckResult:
    """Per diem by the city's tier, for all claims of the engineer together: what one line leaves of a day's cap is left
    for the next."""
    room = dict(_room(line, desk))
    if not room:
        return _not_applicable(line, Check.CAP)
    left = amount = min(line.amount, sum(room.values(), Decimal("0.00")))
    for day, free in room.items():
        taken = min(free, left)
        if taken:
            desk.ours[line.kind, day] += taken
        left -= taken
    if amount == line.amount:
        return _passed(line, Check.CAP)
    return _failed(line, Check.CAP, f"≤ ¥{amount:.2f}", f"¥{line.amount:.2f}", amount)


def _room(line: ExpenseLine, desk: _Desk) -> Iterator[tuple[date, Decimal]]:
    """What is left of the cap on each day of the line; nothing where the kind isn't limited."""
    for number in range(line.days):
        day = line.spent_on + number * DAY
        _, caps = desk.rules_on(day)
        cap = caps.of(line.kind, line.city)
        if cap is None:
            continue
        used = desk.others.get((line.kind, day), Decimal(0)) + desk.ours.get((line.kind, day), Decimal(0))
        yield day, max(cap - used, Decimal("0.00"))


_CHECKS: Sequence[Callable[[ExpenseLine, _Desk], CheckResult]] = (
    *(_receipt, _invoice, _unique, _match, _buyer, _date, _city, _amount, _cap),
)
