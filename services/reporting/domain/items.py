"""The monthly item report (5.4.5): every service item of the month with its facts, times kept or missed, costs,
satisfaction, complaints, and quality findings by lot.

An item is a ticket with all that was done for it; work without a ticket (2.3) is an item of its own, and so are a
complaint and a finding of the inspection that belong to neither.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.reporting.domain.cuts import Cuts
from services.reporting.domain.figures import NOTHING, Subject
from shared.calendar import Period
from shared.events.dispatch import CostKind
from shared.money import to_fen


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Fact:
    """One entry, with what was known at the cut-off of the item that it belongs to."""

    item: UUID
    number: str | None
    subject: Subject
    lot: str | None
    kind: str
    source: str
    position: int
    event: str
    month: date
    at: datetime
    recorded_at: datetime
    visit: UUID | None
    engineer: str | None
    quantity: int
    amount: Decimal | None
    facts: Mapping[str, Any]


class ItemData(_Data):
    """An item, by what the month brought of it."""

    item: UUID
    number: str | None
    customer: str | None
    region: str | None
    product: str | None
    lot: str | None
    warranty: str
    purposes: tuple[str, ...]
    summary: str | None
    opened_at: datetime | None
    answer: str | None
    """3.4a: ``kept``, ``missed``; None: none was owed or given in this month."""
    answer_late_minutes: int | None
    visits: int
    arrivals_kept: int
    """3.4b: visits with an arrival in the agreed time."""
    arrivals_missed: int
    left_unreported: int
    """4.4"""
    escalated: bool
    reopened: int
    resolution: str | None
    resolved_at: datetime | None
    closed_at: datetime | None
    people: Decimal
    travel: Decimal
    material: Decimal
    freight: Decimal
    total: Decimal
    score: int | None
    survey: str | None
    """``answered``, ``declined``; None: no survey in this month."""
    complaints: int
    complaints_substantiated: int
    complaint_categories: tuple[str, ...]
    findings: tuple[str, ...]
    """Quality findings and claims on suppliers."""


class LotData(_Data):
    """What the month brought of one lot: where quality looks first."""

    product: str | None
    lot: str
    items: int
    repairs: int
    complaints: int
    findings: int
    supplier_claims: int


class ItemsSummary(_Data):
    """The month in a few figures, for senior management."""

    items: int
    opened: int
    resolved: int
    closed: int
    reopened: int
    escalated: int
    answers_kept: int
    answers_missed: int
    visits: int
    arrivals_kept: int
    arrivals_missed: int
    left_unreported: int
    total: Decimal
    surveys: int
    surveys_declined: int
    score: Decimal | None
    """Average, two places; None: nobody gave one."""
    complaints: int
    complaints_substantiated: int
    findings: int


class LateItem(_Data):
    """What became known only now of an earlier month's item."""

    item: UUID
    number: str | None
    kind: str
    source: str
    position: int
    event: str
    month: date
    happened_at: datetime
    recorded_at: datetime
    quantity: int
    amount: Decimal | None


class ItemsData(_Data):
    """The report, in the order and the names in which it is kept for ever."""

    period: str
    cut_off: dict[str, int]
    since: dict[str, int] | None
    summary: ItemsSummary
    items: tuple[ItemData, ...]
    lots: tuple[LotData, ...]
    late: tuple[LateItem, ...]


def items_data(period: Period, cuts: Cuts, facts: Iterable[Fact], late: Iterable[Fact]) -> ItemsData:
    """The report of what is given, in whatever order."""
    by_item: dict[UUID, list[Fact]] = defaultdict(list)
    for fact in facts:
        by_item[fact.item].append(fact)
    found = [_item(sorted(those, key=_order)) for those in by_item.values()]
    items = tuple(sorted(found, key=lambda item: (item.number or "", str(item.item))))
    return ItemsData(
        period=str(period),
        cut_off=dict(cuts.at),
        since=dict(cuts.since) if cuts.since else None,
        summary=_summary(items, [fact for those in by_item.values() for fact in those]),
        items=items,
        lots=_lots(items, by_item),
        late=tuple(_late(fact) for fact in sorted(late, key=_order)),
    )


def _order(fact: Fact) -> tuple[datetime, str, int, str]:
    return fact.at, fact.source, fact.position, fact.kind


def _item(facts: Sequence[Fact]) -> ItemData:
    subject = facts[-1].subject
    costs = {kind: sum((f.amount or NOTHING for f in _of(facts, kind)), NOTHING) for kind in CostKind}
    kept, missed, visits = _arrivals(facts)
    answer, late_minutes = _answer(facts)
    survey = _last(facts, "survey", "survey_declined")
    return ItemData(
        item=facts[-1].item,
        number=next((f.number for f in facts if f.number), None),
        customer=subject.customer.name or subject.customer.key,
        region=subject.region.key,
        product=subject.product.name or subject.product.key or _said(facts, "quality", "part_name"),
        lot=next((f.lot for f in facts if f.lot), None),
        warranty=subject.warranty,
        purposes=tuple(sorted({f.subject.purpose.value for f in facts if f.subject.purpose})),
        summary=_said(facts, "opened", "summary") or _said(facts, "complaint", "summary"),
        opened_at=_when(facts, "opened"),
        answer=answer,
        answer_late_minutes=late_minutes,
        visits=visits,
        arrivals_kept=kept,
        arrivals_missed=missed,
        left_unreported=_count(facts, "left"),
        escalated=_count(facts, "escalated") > 0,
        reopened=_count(facts, "reopened"),
        resolution=_said(facts, "resolved", "resolution"),
        resolved_at=_when(facts, "resolved"),
        closed_at=_when(facts, "closed"),
        people=costs[CostKind.PEOPLE],
        travel=costs[CostKind.TRAVEL],
        material=costs[CostKind.MATERIAL],
        freight=costs[CostKind.FREIGHT],
        total=sum(costs.values(), NOTHING),
        score=survey.facts.get("score") if survey else None,
        survey=("answered" if survey.kind == "survey" else "declined") if survey else None,
        complaints=_count(facts, "complaint"),
        complaints_substantiated=_count(facts, "complaint_found"),
        complaint_categories=tuple(sorted({str(f.facts["category"]) for f in _of(facts, "complaint")})),
        findings=tuple(_finding(f) for f in facts if f.kind in ("quality", "supplier_claim")),
    )


def _of(facts: Iterable[Fact], *kinds: str) -> list[Fact]:
    return [fact for fact in facts if fact.kind in kinds]


def _last(facts: Sequence[Fact], *kinds: str) -> Fact | None:
    found = _of(facts, *kinds)
    return found[-1] if found else None


def _count(facts: Iterable[Fact], kind: str) -> int:
    return sum(fact.quantity for fact in _of(facts, kind))


def _said(facts: Sequence[Fact], kind: str, name: str) -> str | None:
    fact = _last(facts, kind)
    return str(fact.facts[name]) if fact and fact.facts.get(name) else None


def _when(facts: Sequence[Fact], kind: str) -> datetime | None:
    fact = _last(facts, kind)
    return fact.at if fact else None


def _answer(facts: Sequence[Fact]) -> tuple[str | None, int | None]:
    """3.4a. An answer that came too late was overdue before: that is one miss."""
    late = [int(fact.facts.get("late_minutes") or 0) for fact in _of(facts, "answered")]
    overdue = _count(facts, "answer_overdue") > 0
    if not late and not overdue:
        return None, None
    return "missed" if overdue or max(late) > 0 else "kept", max(late, default=None)


def _arrivals(facts: Sequence[Fact]) -> tuple[int, int, int]:
    """3.4b: arrivals kept and missed, and visits that were made. A visit that was late and then came is one miss."""
    made: dict[UUID | None, int] = defaultdict(int)
    late: dict[UUID | None, int] = defaultdict(int)
    for fact in _of(facts, "visit"):
        made[fact.visit] += fact.quantity
        if fact.facts.get("late_minutes"):
            late[fact.visit] += fact.quantity
    for fact in _of(facts, "late"):
        late[fact.visit] += fact.quantity
    missed = {visit for visit, count in late.items() if count > 0}
    visited = {visit for visit, count in made.items() if count > 0}
    return len(visited - missed), len(missed), len(visited)


def _finding(fact: Fact) -> str:
    said = fact.facts
    lots = "、".join(said.get("lots") or ())
    return f"{said.get('part_name')}（{lots or '批次不明'}）：{said.get('findings') or said.get('defect')}"


def _summary(items: Sequence[ItemData], facts: Sequence[Fact]) -> ItemsSummary:
    scores = [int(f.facts["score"]) for f in facts if f.kind == "survey" and f.facts.get("score")]
    return ItemsSummary(
        items=len(items),
        opened=_count(facts, "opened"),
        resolved=_count(facts, "resolved"),
        closed=_count(facts, "closed"),
        reopened=_count(facts, "reopened"),
        escalated=_count(facts, "escalated"),
        answers_kept=sum(item.answer == "kept" for item in items),
        answers_missed=sum(item.answer == "missed" for item in items),
        visits=sum(item.visits for item in items),
        arrivals_kept=sum(item.arrivals_kept for item in items),
        arrivals_missed=sum(item.arrivals_missed for item in items),
        left_unreported=sum(item.left_unreported for item in items),
        total=sum((item.total for item in items), NOTHING),
        surveys=_count(facts, "survey"),
        surveys_declined=_count(facts, "survey_declined"),
        score=to_fen(Decimal(sum(scores)) / len(scores)) if scores else None,
        complaints=_count(facts, "complaint"),
        complaints_substantiated=_count(facts, "complaint_found"),
        findings=_count(facts, "quality"),
    )


def _lots(items: Sequence[ItemData], by_item: Mapping[UUID, Sequence[Fact]]) -> tuple[LotData, ...]:
    """A finding may name several lots, and counts for each."""
    counted: dict[tuple[str | None, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for item in items:
        if item.lot:
            lot = counted[item.product, item.lot]
            lot["items"] += 1
            lot["repairs"] += bool({"repair", "replacement"} & set(item.purposes))
            lot["complaints"] += item.complaints
        for fact in by_item[item.item]:
            if fact.kind in ("quality", "supplier_claim"):
                for name in fact.facts.get("lots") or ():
                    counted[fact.facts.get("part_name"), name][fact.kind] += fact.quantity
    found = [
        LotData(
            product=product,
            lot=lot,
            items=counts["items"],
            repairs=counts["repairs"],
            complaints=counts["complaints"],
            findings=counts["quality"],
            supplier_claims=counts["supplier_claim"],
        )
        for (product, lot), counts in counted.items()
    ]
    return tuple(sorted(found, key=lambda each: (-each.findings - each.complaints, -each.items, each.lot)))


def _late(fact: Fact) -> LateItem:
    return LateItem(
        item=fact.item,
        number=fact.number,
        kind=fact.kind,
        source=fact.source,
        position=fact.position,
        event=fact.event,
        month=fact.month,
        happened_at=fact.at,
        recorded_at=fact.recorded_at,
        quantity=fact.quantity,
        amount=fact.amount,
    )
