"""Wishes about parts that are granted as they stand, for stories to begin with."""

from datetime import date
from decimal import Decimal
from typing import Any

from services.dispatch.domain import part_request_commands as wish
from services.dispatch.domain import stock, supplier_claim
from shared.decider import Command
from shared.events.dispatch import (
    PartDestination,
    PartKind,
    PartSupply,
    SettlementKind,
    StockCause,
    SupplierAnswer,
    WorkOrderStatus,
)
from tests.unit.tickets.examples import When, an_id, moment

PART = an_id("part")
ORDER = an_id("work order")
NEEDED = date(2026, 10, 20)
ARTICLE: dict[str, Any] = {"part": PART, "part_code": "YD-01", "part_name": "诱饵站锁扣"}


def ask(at: When = 0, by: str = "li.na", **more: Any) -> wish.RequestPart:
    facts: dict[str, Any] = {
        **ARTICLE,
        "request": an_id("request"),
        "kind": PartKind.PART,
        "supply": PartSupply.MADE,
        "unit": "个",
        "quantity": Decimal(20),
        "work_order": ORDER,
        "order_status": WorkOrderStatus.SCHEDULED,
        "engineer": "E04",
        "destination": PartDestination.VAN,
        "needed_by": NEEDED,
        "old_part_expected": True,
        "reason": "锁扣断裂",
    }
    return wish.RequestPart(at=moment(at), by=by, **facts | more)


def bought(**more: Any) -> wish.RequestPart:
    return ask(supply=PartSupply.BOUGHT, **more)


def for_van(**more: Any) -> wish.RequestPart:
    """Into the van's own stock."""
    return ask(work_order=None, old_part_expected=False, **more)


def approve(at: When = 1, by: str = "zhao.min") -> wish.ApprovePartRequest:
    return wish.ApprovePartRequest(at=moment(at), by=by)


def reserve(at: When = 2, by: str = "cang.ku", **more: Any) -> wish.ReservePart:
    return wish.ReservePart(at=moment(at), by=by, **{"lots": ("L1",)} | more)


def plan_production(at: When = 2, by: str = "pai.chan", **more: Any) -> wish.PlanProduction:
    facts: dict[str, Any] = {"order": "SC-7", "due": date(2026, 10, 12)}
    return wish.PlanProduction(at=moment(at), by=by, **facts | more)


def produced(at: When = 3, by: str = "che.jian", **more: Any) -> wish.RecordProduced:
    return wish.RecordProduced(at=moment(at), by=by, **{"lots": ("L2",)} | more)


def order(at: When = 2, by: str = "cai.gou", **more: Any) -> wish.OrderPurchase:
    facts: dict[str, Any] = {"order": "CG-3", "supplier": "宏达五金", "due": date(2026, 10, 12)}
    return wish.OrderPurchase(at=moment(at), by=by, **facts | more)


def received(at: When = 3, by: str = "cang.ku", **more: Any) -> wish.RecordReceived:
    return wish.RecordReceived(at=moment(at), by=by, **{"lots": ("H9",)} | more)


def release(at: When = 4, by: str = "zhi.jian", **more: Any) -> wish.ReleaseQuality:
    return wish.ReleaseQuality(at=moment(at), by=by, **{"certificate": "ZJ-1"} | more)


def refuse_release(at: When = 4, by: str = "zhi.jian", **more: Any) -> wish.RefuseQuality:
    facts: dict[str, Any] = {"certificate": "ZJ-2", "findings": "锁扣开裂"}
    return wish.RefuseQuality(at=moment(at), by=by, **facts | more)


def ship(at: When = 5, by: str = "cang.ku", **more: Any) -> wish.ShipPart:
    facts: dict[str, Any] = {"carrier": "顺丰", "waybill": "SF1", "freight": Decimal("23.00")}
    return wish.ShipPart(at=moment(at), by=by, **facts | more)


def deliver(at: When = 6, by: str = "E04", **more: Any) -> wish.DeliverPart:
    return wish.DeliverPart(at=moment(at), by=by, **more)


def consume(at: When = 7, by: str = "E04", **more: Any) -> wish.ConsumePart:
    facts: dict[str, Any] = {"use": an_id("use"), "unit_cost": Decimal("3.35"), "old_part_days": 15}
    return wish.ConsumePart(at=moment(at), by=by, **facts | more)


def correct(quantity: str, at: When = 8, use: str = "use", by: str = "zhao.min") -> wish.CorrectPartUse:
    return wish.CorrectPartUse(at=moment(at), by=by, use=an_id(use), quantity=Decimal(quantity), reason="数错")


def give_back(at: When = 7, by: str = "cang.ku", **more: Any) -> wish.GiveBackPart:
    return wish.GiveBackPart(at=moment(at), by=by, **{"giving_back": an_id("back")} | more)


def return_old(at: When = 8, by: str = "cang.ku", **more: Any) -> wish.ReturnOldPart:
    facts: dict[str, Any] = {"quantity": Decimal(20), "findings": "断口为旧伤"}
    return wish.ReturnOldPart(at=moment(at), by=by, **facts | more)


def waive_old(at: When = 8, by: str = "zhao.min") -> wish.WaiveOldPart:
    return wish.WaiveOldPart(at=moment(at), by=by, reason="旧件已被客户丢弃")


def old_overdue(at: When) -> wish.MarkOldPartOverdue:
    return wish.MarkOldPartOverdue(at=moment(at), by="timer:deadlines")


def close(at: When = 9, by: str = "cang.ku") -> wish.ClosePartRequest:
    return wish.ClosePartRequest(at=moment(at), by=by)


def cancel(at: When = 9, by: str = "li.na", reason: str = "客户不修了") -> wish.CancelPartRequest:
    return wish.CancelPartRequest(at=moment(at), by=by, reason=reason)


RESERVED: tuple[Command, ...] = (ask(), approve(), reserve())
PRODUCED: tuple[Command, ...] = (ask(), approve(), plan_production(), produced())
RECEIVED: tuple[Command, ...] = (bought(), approve(), order(), received())
RELEASED: tuple[Command, ...] = (*RESERVED, release())
SHIPPED: tuple[Command, ...] = (*RELEASED, ship())
DELIVERED: tuple[Command, ...] = (*SHIPPED, deliver())

# -- the stock ---------------------------------------------------------------------------------------------------------


def take_in(quantity: str = "10", at: When = 0, location: str = "warehouse", **more: Any) -> stock.ReceiveStock:
    facts: dict[str, Any] = {**ARTICLE, "location": location, "cause": StockCause.OPENING} | more
    return stock.ReceiveStock(at=moment(at), by="cang.ku", quantity=Decimal(quantity), **facts)


def issue(
    quantity: str, at: When = 1, location: str = "warehouse", cause: StockCause = StockCause.MOVED, **more: Any
) -> stock.IssueStock:
    facts: dict[str, Any] = {**ARTICLE, "location": location, "cause": cause} | more
    return stock.IssueStock(at=moment(at), by="cang.ku", quantity=Decimal(quantity), **facts)


def set_apart(quantity: str, request: str = "request", at: When = 1, location: str = "warehouse") -> stock.ReserveStock:
    return stock.ReserveStock(
        at=moment(at), by="cang.ku", location=location, part=PART, request=an_id(request), quantity=Decimal(quantity)
    )


def set_free(request: str = "request", at: When = 2, keeping: str = "0") -> stock.EndReservation:
    about = {"location": "warehouse", "part": PART, "request": an_id(request)}
    return stock.EndReservation(at=moment(at), by="cang.ku", keeping=Decimal(keeping), **about)


def count(counted: str, at: When = 2, location: str = "warehouse") -> stock.CountStock:
    facts: dict[str, Any] = {**ARTICLE, "location": location, "reason": "月末盘点"}
    return stock.CountStock(at=moment(at), by="cang.ku", counted=Decimal(counted), **facts)


# -- claims on suppliers -----------------------------------------------------------------------------------------------


def open_claim(at: When = 0, by: str = "cai.gou", **more: Any) -> supplier_claim.OpenSupplierClaim:
    facts: dict[str, Any] = {
        **ARTICLE,
        "claim": an_id("claim"),
        "supplier": "宏达五金",
        "quantity": Decimal(20),
        "lots": ("H9",),
        "defect": "锁扣开裂",
        "amount": Decimal("67.00"),
        "notice_days": 3,
    }
    return supplier_claim.OpenSupplierClaim(at=moment(at), by=by, **facts | more)


def notify(at: When = 1) -> supplier_claim.NotifySupplier:
    return supplier_claim.NotifySupplier(at=moment(at), by="cai.gou", reference="函-12", answer_days=10)


def answered(at: When = 2, answer: SupplierAnswer = SupplierAnswer.ACCEPTED) -> supplier_claim.RecordSupplierAnswer:
    return supplier_claim.RecordSupplierAnswer(
        at=moment(at), by="cai.gou", answer=answer, words="同意换货", settlement_days=30
    )


def settle(at: When = 3) -> supplier_claim.SettleSupplierClaim:
    return supplier_claim.SettleSupplierClaim(
        at=moment(at), by="cai.gou", kind=SettlementKind.CREDITED, amount=Decimal("60.00"), reference="HT-9"
    )


def abandon(at: When = 3, by: str = "zhao.min") -> supplier_claim.AbandonSupplierClaim:
    return supplier_claim.AbandonSupplierClaim(at=moment(at), by=by, reason="金额太小")


def claim_overdue(at: When) -> supplier_claim.MarkSupplierClaimOverdue:
    return supplier_claim.MarkSupplierClaimOverdue(at=moment(at), by="timer:deadlines")
