"""Spare parts and goods that go out: what there is, and the way of each request (5.2, 0.2)."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from shared.events.base import Moment
from shared.events.dispatch.values import DispatchEvent


class PartKind(StrEnum):
    PART = "part"
    """Built in or used up by an engineer."""
    GOODS = "goods"
    """Handed over to the customer (0.1)."""


class PartSupply(StrEnum):
    """Where a part comes from when none is in stock."""

    MADE = "made"
    BOUGHT = "bought"


class PartDestination(StrEnum):
    VAN = "van"
    """The engineer's van stock."""
    SITE = "site"
    """Straight to the customer."""


class PartRequestStatus(StrEnum):
    """Follows from the events."""

    REQUESTED = "REQUESTED"
    APPROVED = "APPROVED"
    RESERVED = "RESERVED"
    PRODUCTION_PLANNED = "PRODUCTION_PLANNED"
    PRODUCED = "PRODUCED"
    PURCHASE_ORDERED = "PURCHASE_ORDERED"
    RECEIVED = "RECEIVED"
    QUALITY_RELEASED = "QUALITY_RELEASED"
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    CONSUMED = "CONSUMED"
    RETURNED = "RETURNED"
    CLOSED = "CLOSED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"


class PartCondition(StrEnum):
    """Of something that came back."""

    GOOD = "good"
    DEFECTIVE = "defective"


class PartRecorded(DispatchEvent):
    """登记配件 · A spare part or an article of the company's goods, with what it costs."""

    part: UUID
    code: str
    name: str
    kind: PartKind
    supply: PartSupply
    unit: str
    """计量单位 · What it is counted in (张, 瓶, kg)."""
    unit_cost: Decimal
    """元，单位成本 · CNY, what one costs the company."""
    supplier: str | None
    """外购件的常用供方 · Of a part that is bought: the usual one."""
    product: UUID | None
    """它本身是或所属的产品 · The product that it is, or belongs to."""


class SparePartRequested(DispatchEvent):
    """申请配件 · Something is needed for a work order, or for an engineer's van (5.2)."""

    request: UUID
    number: str
    part: UUID
    part_code: str
    part_name: str
    kind: PartKind
    supply: PartSupply
    unit: str
    quantity: Decimal
    work_order: UUID | None
    """空：补充服务车库存 · None: for the van's own stock."""
    engineer: str | None
    destination: PartDestination
    needed_by: date
    """最迟何日需用，上海日期 · The last day, in Shanghai, on which it is of use."""
    old_part_expected: bool
    """换下的旧件须返还 · The part that it replaces has to come back."""
    reason: str
    requested_by: str


class SparePartRequestApproved(DispatchEvent):
    """批准配件申请 · Another person than the one who asked agreed (⚖)."""

    request: UUID
    approved_by: str
    note: str | None


class SparePartRequestRejected(DispatchEvent):
    """驳回配件申请 · Another person than the one who asked said no (⚖)."""

    request: UUID
    rejected_by: str
    reason: str


class SparePartRequestCancelled(DispatchEvent):
    """取消配件申请 · It isn't needed any more; before it was shipped."""

    request: UUID
    reason: str


class SparePartReserved(DispatchEvent):
    """预留库存 · The quantity is set apart in a warehouse."""

    request: UUID
    location: str
    quantity: Decimal
    lots: tuple[str, ...]
    recorded_by: str


class ProductionPlanned(DispatchEvent):
    """下达生产计划 · It will be made: what, how many, by when (5.2). Planned again, the later word counts."""

    request: UUID
    order: str
    """生产计划编号 · The number of the production order."""
    part: UUID
    part_code: str
    part_name: str
    quantity: Decimal
    due: date
    planned_by: str


class SparePartProduced(DispatchEvent):
    """生产完工 · Made, in the warehouse, not released yet."""

    request: UUID
    order: str
    location: str
    quantity: Decimal
    """完工总数；超出申请的为可用库存 · All that was made; what exceeds the request is free stock."""
    lots: tuple[str, ...]
    recorded_by: str


class PurchaseOrdered(DispatchEvent):
    """采购下单 · Ordered from a supplier. Ordered again, the later word counts."""

    request: UUID
    order: str
    part: UUID
    part_code: str
    part_name: str
    supplier: str
    quantity: Decimal
    due: date
    ordered_by: str


class SparePartReceived(DispatchEvent):
    """采购到货 · What was ordered arrived in the warehouse, not released yet."""

    request: UUID
    order: str
    supplier: str
    location: str
    quantity: Decimal
    """到货总数；超出申请的为可用库存 · All that came; what exceeds the request is free stock."""
    lots: tuple[str, ...]
    recorded_by: str


class QualityReleased(DispatchEvent):
    """质检放行 · Inspected and found good by another person than those who procured it (0.2, ⚖)."""

    request: UUID
    part: UUID
    part_code: str
    part_name: str
    quantity: Decimal
    lots: tuple[str, ...]
    certificate: str
    """检验记录编号 · The number of the inspection's record."""
    released_by: str


class QualityRefused(DispatchEvent):
    """质检不合格 · Inspected and found bad: it never leaves the warehouse (0.2), and the request is procured anew."""

    request: UUID
    part: UUID
    part_code: str
    part_name: str
    quantity: Decimal
    lots: tuple[str, ...]
    location: str
    supplier: str | None
    """外购件的供方，由采购与其解决（3.7） · Of what was bought: with whom purchasing settles it (3.7)."""
    certificate: str
    findings: str
    refused_by: str


class SparePartShipped(DispatchEvent):
    """发货 · It left the warehouse, released before (0.2); with its freight."""

    request: UUID
    part: UUID
    part_code: str
    part_name: str
    quantity: Decimal
    lots: tuple[str, ...]
    location: str
    """从何处发出 · From where."""
    work_order: UUID | None
    engineer: str | None
    destination: PartDestination
    carrier: str
    waybill: str | None
    freight: Decimal
    """元 · CNY."""
    note: str | None
    """为何没有运单号 · Why there is no waybill."""


class SparePartDelivered(DispatchEvent):
    """送达 · It arrived with the engineer or at the customer's."""

    request: UUID
    quantity: Decimal
    missing: Decimal
    """较发货数少了多少 · Of what was shipped."""
    note: str | None
    """短少部分的去向 · What became of what is missing."""


class SparePartConsumed(DispatchEvent):
    """耗用 · Used on the work order, or handed over to the customer; with its material cost."""

    request: UUID
    use: UUID
    part: UUID
    part_code: str
    part_name: str
    quantity: Decimal
    lots: tuple[str, ...]
    work_order: UUID
    engineer: str | None
    unit_cost: Decimal
    amount: Decimal
    """元，数量 × 单位成本，四舍五入到分 · CNY, quantity × unit cost, rounded half up to the fen."""
    complete: bool
    """送达的已全部登记 · Nothing of what was delivered is left."""
    old_part_due: Moment | None
    """旧件返还期限；首次耗用时确定 · Until when the replaced part has to be back; said with the first use."""
    used_by: str


class SparePartUseCorrected(DispatchEvent):
    """更正耗用 · Less was used than was told; the rest is there again, and so is its cost."""

    request: UUID
    use: UUID
    part: UUID
    part_code: str
    part_name: str
    quantity: Decimal
    """当时实际耗用 · What was really used then."""
    difference: Decimal
    """原登记数减实际耗用数，大于零 · Told before less what was really used; more than nothing."""
    lots: tuple[str, ...]
    work_order: UUID
    engineer: str | None
    amount: Decimal
    """元，该次耗用的实际材料费 · CNY, what that use really cost."""
    refund: Decimal
    """元，冲减的材料费 · CNY, told before less what it really cost."""
    reason: str
    nothing_used: bool
    """整个申请均未耗用，因此没有应返还的旧件 · Of the whole request, so no old part is owed."""
    old_part_dropped: bool
    """此前应返还且未到期，现不再应返还 · It was owed until now, and its time wasn't up."""
    corrected_by: str


class SparePartReturned(DispatchEvent):
    """退回 · Not used, and back in the warehouse."""

    request: UUID
    giving_back: UUID
    part: UUID
    part_code: str
    part_name: str
    quantity: Decimal
    lots: tuple[str, ...]
    condition: PartCondition
    location: str
    """现在何处；有缺陷的单独存放 · Where it lies now; what is defective lies apart."""
    complete: bool
    note: str | None


class OldPartReturned(DispatchEvent):
    """旧件返还 · The part that was replaced is back."""

    request: UUID
    part: UUID
    quantity: Decimal
    findings: str
    """旧件状况 · What it looked like."""
    late: bool
    """按返还时间判断，不按登记时间；未逾期时，此前的 ``OldPartOverdue`` 作废 ·
    By when it came back, not by when that was recorded; an ``OldPartOverdue`` before it is void where it isn't."""


class OldPartWaived(DispatchEvent):
    """免返旧件 · Another person than the one who used the new part agreed that the old one stays away (⚖)."""

    request: UUID
    reason: str
    waived_by: str
    overdue: bool


class OldPartOverdue(DispatchEvent):
    """旧件逾期未返还 · It wasn't back in time. ``at`` is the due time. No verdict."""

    request: UUID
    part: UUID
    work_order: UUID
    engineer: str | None
    due: Moment


class SparePartRequestClosed(DispatchEvent):
    """配件申请办结 · Everything is accounted for."""

    request: UUID
