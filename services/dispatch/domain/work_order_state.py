"""What has become of a work order: its state, and how each event changes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import assert_never
from uuid import UUID

from shared.decider import DeadlineChange, replace
from shared.events import dispatch as fact
from shared.events.dispatch import CostKind, VisitProgress, WorkOrderStatus

WorkOrderEvent = (
    fact.WorkOrderDrafted
    | fact.WorkOrderQualified
    | fact.WorkOrderVisitNoted
    | fact.WorkOrderScheduled
    | fact.WorkOrderStarted
    | fact.WorkOrderWorkDone
    | fact.WorkOrderReported
    | fact.WorkOrderVerified
    | fact.CostAdded
    | fact.LateCostNoted
    | fact.WorkOrderPosted
    | fact.WorkOrderIncomplete
    | fact.WorkOrderCancelled
)

_AT_WORK = frozenset({VisitProgress.UNDER_WAY, VisitProgress.DONE})


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """What the next decision needs."""

    drafted: fact.WorkOrderDrafted | None = None
    qualified: fact.WorkOrderQualified | None = None
    visits: Mapping[UUID, fact.WorkOrderVisitNoted] = field(default_factory=dict)
    hands: frozenset[str] = frozenset()
    """Accounts and engineers who had a part in the work or its report: they don't verify it (⚖)."""
    scheduled: bool = False
    started: bool = False
    done: bool = False
    """WORK_DONE was reached."""
    report: fact.WorkOrderReported | None = None
    verified: fact.WorkOrderVerified | None = None
    costs: Mapping[str, fact.CostAdded] = field(default_factory=dict)
    """By their cause."""
    late_costs: Mapping[str, fact.LateCostNoted] = field(default_factory=dict)
    posted: fact.WorkOrderPosted | None = None
    ended: fact.WorkOrderIncomplete | fact.WorkOrderCancelled | None = None

    @property
    def facts(self) -> fact.WorkOrderFacts | None:
        return self.qualified or self.drafted

    @property
    def status(self) -> WorkOrderStatus:
        if self.ended:
            incomplete = isinstance(self.ended, fact.WorkOrderIncomplete)
            return WorkOrderStatus.INCOMPLETE if incomplete else WorkOrderStatus.CANCELLED
        if self.posted:
            return WorkOrderStatus.POSTED
        if self.qualified is None:
            return WorkOrderStatus.DRAFT
        if self.verified:
            return WorkOrderStatus.VERIFIED
        rolled = rolled_up(self.visits)
        reported = rolled is WorkOrderStatus.WORK_DONE and self.report
        return WorkOrderStatus.REPORTED if reported else rolled

    def total(self, kind: CostKind | None = None) -> Decimal:
        """CNY, of one kind or of all."""
        return sum((c.amount for c in self.costs.values() if kind in (None, c.kind)), Decimal("0.00"))


NEW = WorkOrder()


def rolled_up(visits: Mapping[UUID, fact.WorkOrderVisitNoted]) -> WorkOrderStatus:
    """How far the work is, by its visits: done when all are done or aborted, and one at least is done."""
    progress = {noted.progress for noted in visits.values()} - {VisitProgress.ABORTED}
    if progress == {VisitProgress.DONE}:
        return WorkOrderStatus.WORK_DONE
    if progress & _AT_WORK:
        return WorkOrderStatus.IN_PROGRESS
    return WorkOrderStatus.SCHEDULED if VisitProgress.ASSIGNED in progress else WorkOrderStatus.QUALIFIED


def evolve(order: WorkOrder, event: WorkOrderEvent) -> WorkOrder:
    match event:
        case fact.WorkOrderDrafted():
            return replace(order, drafted=event)
        case fact.WorkOrderQualified():
            return replace(order, qualified=event)
        case fact.WorkOrderVisitNoted():
            hands = {event.engineer or event.noted_by, event.noted_by} if event.progress in _AT_WORK else set()
            return replace(order, visits={**order.visits, event.visit: event}, hands=order.hands | hands)
        case fact.WorkOrderScheduled():
            return replace(order, scheduled=True)
        case fact.WorkOrderStarted():
            return replace(order, started=True)
        case fact.WorkOrderWorkDone():
            return replace(order, done=True)
        case fact.WorkOrderReported():
            verified = order.verified if order.posted else None
            return replace(order, report=event, verified=verified, hands=order.hands | {event.reported_by})
        case fact.WorkOrderVerified():
            return replace(order, verified=event)
        case fact.CostAdded():
            return replace(order, costs={**order.costs, event.cause: event})
        case fact.LateCostNoted():
            return replace(order, late_costs={**order.late_costs, event.cause: event})
        case fact.WorkOrderPosted():
            return replace(order, posted=event)
        case fact.WorkOrderIncomplete() | fact.WorkOrderCancelled():
            return replace(order, ended=event)
        case _:
            assert_never(event)


def deadlines(event: WorkOrderEvent) -> Sequence[DeadlineChange]:
    """None: what is due is due of the visits."""
    return []
