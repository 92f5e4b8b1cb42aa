"""What can be asked of a part request, in the order of its life."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.dispatch.domain.quantity import Counted, Quantity, Warehouse
from shared.decider import Command
from shared.events.dispatch import PartCondition, PartDestination, PartKind, PartSupply, WorkOrderStatus
from shared.money import NonNegativeMoney
from shared.text import Name, Text

Lots = Annotated[tuple[Name, ...], Field(max_length=50)]


class RequestPart(Command):
    """Something is needed; what it is called and where it comes from says the catalogue."""

    request: UUID
    part: UUID
    part_code: Name
    part_name: Name
    kind: PartKind
    supply: PartSupply
    unit: Name
    quantity: Quantity
    work_order: UUID | None = None
    """None: for the van's own stock."""
    order_status: WorkOrderStatus | None = None
    """How far that work order is."""
    engineer: Name | None = None
    destination: PartDestination = PartDestination.VAN
    needed_by: date
    old_part_expected: bool = False
    reason: Text


class ApprovePartRequest(Command):
    note: Text | None = None


class RejectPartRequest(Command):
    reason: Text


class ReservePart(Command):
    location: Warehouse = "warehouse"
    lots: Lots = ()


class PlanProduction(Command):
    order: Name
    quantity: Quantity | None = None
    """None: as many as were requested."""
    due: date


class RecordProduced(Command):
    location: Warehouse = "warehouse"
    quantity: Quantity | None = None
    """None: as many as were planned."""
    lots: Lots = Field(min_length=1)


class OrderPurchase(Command):
    order: Name
    supplier: Name
    quantity: Quantity | None = None
    """None: as many as were requested."""
    due: date


class RecordReceived(Command):
    location: Warehouse = "warehouse"
    quantity: Quantity | None = None
    """None: as many as were ordered."""
    lots: Lots = Field(min_length=1)


class ReleaseQuality(Command):
    certificate: Name
    lots: Lots = ()
    """Empty: those that were told when it was procured."""


class RefuseQuality(Command):
    certificate: Name
    findings: Text
    lots: Lots = ()


class ShipPart(Command):
    carrier: Name
    waybill: Name | None = None
    freight: NonNegativeMoney
    note: Text | None = None
    order_status: WorkOrderStatus | None = None
    """How far the work order is that it is for."""


class DeliverPart(Command):
    quantity: Counted | None = None
    """None: all of it."""
    note: Text | None = None


class ConsumePart(Command):
    use: UUID
    quantity: Quantity | None = None
    """None: all that is left."""
    unit_cost: NonNegativeMoney
    old_part_days: int


class CorrectPartUse(Command):
    """Less was used than was told."""

    use: UUID
    quantity: Counted
    """What was really used then."""
    reason: Text


class GiveBackPart(Command):
    giving_back: UUID
    quantity: Quantity | None = None
    """None: all that is left."""
    condition: PartCondition = PartCondition.GOOD
    note: Text | None = None


class ReturnOldPart(Command):
    quantity: Quantity
    findings: Text


class WaiveOldPart(Command):
    reason: Text


class MarkOldPartOverdue(Command):
    """The timer says that the old part isn't back."""


class ClosePartRequest(Command):
    """Everything is accounted for."""


class CancelPartRequest(Command):
    reason: Text


PartRequestCommand = (
    RequestPart
    | ApprovePartRequest
    | RejectPartRequest
    | ReservePart
    | PlanProduction
    | RecordProduced
    | OrderPurchase
    | RecordReceived
    | ReleaseQuality
    | RefuseQuality
    | ShipPart
    | DeliverPart
    | ConsumePart
    | CorrectPartUse
    | GiveBackPart
    | ReturnOldPart
    | WaiveOldPart
    | MarkOldPartOverdue
    | ClosePartRequest
    | CancelPartRequest
)
