"""What the next decision about a part request needs, and how its events make it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import assert_never
from uuid import UUID

from services.dispatch.domain.quantity import NONE, plain
from shared.decider import Refused
from shared.events import dispatch as fact
from shared.events.dispatch import PartDestination
from shared.events.dispatch import PartRequestStatus as S

PartRequestEvent = (
    fact.SparePartRequested
    | fact.SparePartRequestApproved
    | fact.SparePartRequestRejected
    | fact.SparePartRequestCancelled
    | fact.SparePartReserved
    | fact.ProductionPlanned
    | fact.SparePartProduced
    | fact.PurchaseOrdered
    | fact.SparePartReceived
    | fact.QualityReleased
    | fact.QualityRefused
    | fact.SparePartShipped
    | fact.SparePartDelivered
    | fact.SparePartConsumed
    | fact.SparePartUseCorrected
    | fact.SparePartReturned
    | fact.OldPartReturned
    | fact.OldPartWaived
    | fact.OldPartOverdue
    | fact.SparePartRequestClosed
)
Procured = fact.SparePartReserved | fact.SparePartProduced | fact.SparePartReceived


@dataclass(frozen=True, slots=True)
class PartRequest:
    status: S | None = None
    asked: fact.SparePartRequested | None = None
    latest: datetime | None = None
    """When the last step happened."""
    approved: fact.SparePartRequestApproved | None = None
    plan: fact.ProductionPlanned | None = None
    order: fact.PurchaseOrdered | None = None
    procured: Procured | None = None
    """What is set apart in a warehouse for this request."""
    procurers: frozenset[str] = frozenset()
    """⚖ Whoever planned, ordered, took in or set apart; none of them releases it."""
    released: fact.QualityReleased | None = None
    refused: fact.QualityRefused | None = None
    refusals: int = 0
    shipped: fact.SparePartShipped | None = None
    delivered: fact.SparePartDelivered | None = None
    consumed: Decimal = NONE
    returned: Decimal = NONE
    uses: Mapping[UUID, fact.SparePartConsumed] = field(default_factory=dict)
    """What was used each time, as corrected."""
    givings_back: frozenset[UUID] = frozenset()
    """So that none counts twice."""
    used_by: frozenset[str] = frozenset()
    old_part: fact.OldPartReturned | fact.OldPartWaived | None = None
    old_part_due: datetime | None = None
    old_part_overdue: bool = False
    ended: fact.SparePartRequestRejected | fact.SparePartRequestCancelled | None = None

    @property
    def left(self) -> Decimal:
        """What was delivered and is neither used nor returned."""
        return plain(self.delivered.quantity - self.consumed - self.returned) if self.delivered else NONE

    @property
    def for_van_stock(self) -> bool:
        """It is for no work order: the van's ledger tells what becomes of it."""
        return self.asked is not None and self.asked.work_order is None

    @property
    def into_van(self) -> bool:
        return self.asked is not None and self.asked.destination is PartDestination.VAN

    @property
    def old_part_owed(self) -> bool:
        return self.old_part_due is not None and self.old_part is None


NEW = PartRequest()


def known(request: PartRequest) -> fact.SparePartRequested:
    """How it began. Raises ``Refused`` where there is none."""
    if request.asked is None:
        raise Refused("part_request_unknown", "没有这个配件申请。", "There is no such part request.")
    return request.asked


def evolve(request: PartRequest, event: PartRequestEvent) -> PartRequest:
    after = _evolved(request, event)
    if isinstance(event, fact.OldPartOverdue):  # no step of anybody's
        return after
    return replace(after, latest=max(event.at, request.latest or event.at))


def _evolved(request: PartRequest, event: PartRequestEvent) -> PartRequest:
    match event:
        case fact.SparePartRequested():
            return PartRequest(S.REQUESTED, event)
        case fact.SparePartRequestApproved():
            return replace(request, status=S.APPROVED, approved=event)
        case fact.SparePartRequestRejected():
            return replace(request, status=S.REJECTED, ended=event)
        case fact.SparePartRequestCancelled():
            return replace(request, status=S.CANCELLED, ended=event, procured=None)
        case fact.SparePartReserved():
            return _procured(request, S.RESERVED, event)
        case fact.ProductionPlanned():
            by = request.procurers | {event.planned_by}
            return replace(request, status=S.PRODUCTION_PLANNED, plan=event, procurers=by)
        case fact.SparePartProduced():
            return _procured(request, S.PRODUCED, event)
        case fact.PurchaseOrdered():
            by = request.procurers | {event.ordered_by}
            return replace(request, status=S.PURCHASE_ORDERED, order=event, procurers=by)
        case fact.SparePartReceived():
            return _procured(request, S.RECEIVED, event)
        case fact.QualityReleased():
            return replace(request, status=S.QUALITY_RELEASED, released=event)
        case fact.QualityRefused():
            return _refused(request, event)
        case _:
            return _under_way(request, event)


_UnderWay = (
    fact.SparePartShipped
    | fact.SparePartDelivered
    | fact.SparePartConsumed
    | fact.SparePartUseCorrected
    | fact.SparePartReturned
    | fact.OldPartReturned
    | fact.OldPartWaived
    | fact.OldPartOverdue
    | fact.SparePartRequestClosed
)


def _under_way(request: PartRequest, event: _UnderWay) -> PartRequest:
    match event:
        case fact.SparePartShipped():
            return replace(request, status=S.SHIPPED, shipped=event, procured=None)
        case fact.SparePartDelivered():
            return replace(request, status=S.DELIVERED, delivered=event)
        case fact.SparePartConsumed():
            used = replace(
                request,
                consumed=request.consumed + event.quantity,
                uses={**request.uses, event.use: event},
                used_by=request.used_by | {event.used_by},
                old_part_due=event.old_part_due or request.old_part_due,
            )
            return _accounted(used, complete=event.complete)
        case fact.SparePartUseCorrected():
            return _corrected(request, event)
        case fact.SparePartReturned():
            returned = request.returned + event.quantity
            back = replace(request, returned=returned, givings_back=request.givings_back | {event.giving_back})
            return _accounted(back, complete=event.complete)
        case fact.OldPartReturned() | fact.OldPartWaived():
            return replace(request, old_part=event)
        case fact.OldPartOverdue():
            return replace(request, old_part_overdue=True)
        case fact.SparePartRequestClosed():
            return replace(request, status=S.CLOSED)
        case _:
            assert_never(event)


def _procured(request: PartRequest, status: S, event: Procured) -> PartRequest:
    by = request.procurers | {event.recorded_by}
    return replace(request, status=status, procured=event, procurers=by)


def _refused(request: PartRequest, event: fact.QualityRefused) -> PartRequest:
    """0.2: what was found bad is out of the way, and other goods have to be procured."""
    return replace(
        request,
        status=S.APPROVED,
        refused=event,
        refusals=request.refusals + 1,
        procured=None,
        plan=None,
        order=None,
        procurers=frozenset(),
    )


def _corrected(request: PartRequest, event: fact.SparePartUseCorrected) -> PartRequest:
    """What wasn't used has to be accounted for again."""
    really = request.uses[event.use].model_copy(update={"quantity": event.quantity, "amount": event.amount})
    uses = {**request.uses, event.use: really}
    consumed = plain(request.consumed - event.difference)
    corrected = replace(request, status=S.DELIVERED, consumed=consumed, uses=uses)
    if event.nothing_used and request.old_part is None:
        return replace(corrected, old_part_due=None, old_part_overdue=False)
    return corrected


def _accounted(request: PartRequest, *, complete: bool) -> PartRequest:
    if not complete:
        return request
    return replace(request, status=S.CONSUMED if request.consumed else S.RETURNED)
