"""How much of what is final is taken from a month's wage (D8). Pure, exact to the fen.

Of one visit only the highest counts, where the policy says so. Then the oldest facts come first, until the cap (a share
of the month's wage) or the minimum wage is reached. What is over is dropped, unless the policy carries it over.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from uuid import UUID

from shared.events.penalties import Cumulation, DropCause, PolicyTerms
from shared.money import FEN

NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Terms:
    """What the version that binds the engineer says of deductions."""

    cap_percent: int = 20
    carry_over: bool = False
    cumulation: Cumulation = Cumulation.EACH


def terms_in(terms: PolicyTerms, region: str | None) -> Terms:
    """Of a version, as they hold in ``region``."""
    own = next((r.cap_percent for r in terms.regions if r.region == region), None)
    return Terms(terms.cap_percent if own is None else own, terms.carry_over, terms.cumulation)


@dataclass(frozen=True, slots=True)
class Wage:
    """Of one month, CNY: what is earned, and the legal minimum, which has to be left."""

    wage: Decimal
    minimum: Decimal


@dataclass(frozen=True, slots=True)
class Due:
    """A final amount that no list has settled yet."""

    penalty: UUID
    number: str
    engineer: str
    rule: str
    allowance: bool
    """A forfeited allowance is money as well: it counts towards cap and floor."""
    visit: UUID | None
    happened_at: datetime
    amount: Decimal
    """CNY: all of it, or what an earlier list carried over."""
    terms: Terms
    carried: bool = False
    """It comes from an earlier list, where its visit was already looked at."""


@dataclass(frozen=True, slots=True)
class Deduction:
    """What becomes of an amount; ``taken + dropped + carried`` is what was due."""

    due: Due
    taken: Decimal = NOTHING
    dropped: Decimal = NOTHING
    dropped_for: DropCause | None = None
    """Where cap or floor cuts what cumulation has cut before, the cap or the floor."""
    carried: Decimal = NOTHING
    carried_for: DropCause | None = None


def without_wage(dues: Iterable[Due], wages: Mapping[str, Wage]) -> list[str]:
    """The engineers with an amount whose wage nobody has recorded."""
    return sorted({due.engineer for due in dues if due.amount} - wages.keys())


def deduct(
    dues: Iterable[Due], wages: Mapping[str, Wage], before: Mapping[tuple[str, UUID], Decimal] | None = None
) -> list[Deduction]:
    """All ``dues`` by engineer and age, whatever order they come in; by engineer and visit, ``before`` tells what
    earlier lists took or carried over. Raises KeyError where a wage is missing."""
    ordered = sorted(dues, key=lambda due: (due.engineer, due.happened_at, due.number, due.penalty))
    cut = _cumulated(ordered, before or {})
    found: list[Deduction] = []
    for engineer in dict.fromkeys(due.engineer for due in ordered):
        theirs = [due for due in ordered if due.engineer == engineer]
        found += _limited(theirs, cut, wages[engineer])
    return found


def limit(wage: Wage, cap_percent: int) -> tuple[Decimal, DropCause]:
    """The most that may be taken from a wage, and what sets it: the cap, or what has to be left."""
    cap = (wage.wage * cap_percent / 100).quantize(FEN, ROUND_DOWN)
    floor = max(wage.wage - wage.minimum, NOTHING)
    return (cap, DropCause.CAP) if cap <= floor else (floor, DropCause.FLOOR)


def _cumulated(dues: list[Due], before: Mapping[tuple[str, UUID], Decimal]) -> dict[UUID, Decimal]:
    """What isn't taken of each because another penalty of its visit is higher."""
    visits: dict[tuple[str, UUID], list[Due]] = {}
    for due in dues:
        if due.visit and not due.carried and due.terms.cumulation is Cumulation.HIGHEST_OF_VISIT:
            visits.setdefault((due.engineer, due.visit), []).append(due)
    cut: dict[UUID, Decimal] = {}
    for visit, group in visits.items():
        highest = max(group, key=lambda due: due.amount)  # of equals the oldest
        cut |= {due.penalty: due.amount for due in group if due is not highest}
        cut[highest.penalty] = min(highest.amount, before.get(visit, NOTHING))
    return cut


def _limited(dues: list[Due], cut: Mapping[UUID, Decimal], wage: Wage) -> Iterable[Deduction]:
    """One engineer's. Of versions that differ, the lowest cap counts."""
    room, cause = limit(wage, min(due.terms.cap_percent for due in dues))
    for due in dues:
        gone = cut.get(due.penalty, NOTHING)
        wanted = due.amount - gone
        taken = min(wanted, room)
        room -= taken
        rest = wanted - taken
        found = Deduction(due, taken, gone, DropCause.CUMULATION if gone else None)
        if rest and due.terms.carry_over:
            found = replace(found, carried=rest, carried_for=cause)
        elif rest:
            found = replace(found, dropped=gone + rest, dropped_for=cause)
        yield found
