"""The ledger of the stock: a stream for each place and part."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from shared.events.dispatch.values import DispatchEvent


class StockCause(StrEnum):
    """Why something came in or went out."""

    PRODUCED = "produced"
    PURCHASED = "purchased"
    DELIVERED = "delivered"
    RETURNED = "returned"
    SHIPPED = "shipped"
    CONSUMED = "consumed"
    REFUSED = "refused"
    """Found bad by the inspection; it lies apart now (0.2)."""
    CORRECTED = "corrected"
    """It was told to be used, and wasn't."""
    MOVED = "moved"
    SENT_BACK = "sent_back"
    """To the supplier (3.7)."""
    SCRAPPED = "scrapped"
    OPENING = "opening"
    """There before the ledger began, or bought without a request."""


class StockReceived(DispatchEvent):
    """入库 · So much came to this place."""

    location: str
    """仓库、服务车或不合格品区 · ``warehouse``, ``warehouse:JN``, ``van:E04``, ``quarantine``."""
    part: UUID
    part_code: str
    part_name: str
    quantity: Decimal
    on_hand: Decimal
    """变动后的在库数 · After it."""
    cause: StockCause
    lot: str | None
    request: UUID | None
    note: str | None


class StockIssued(DispatchEvent):
    """出库 · So much left this place."""

    location: str
    part: UUID
    part_code: str
    part_name: str
    quantity: Decimal
    on_hand: Decimal
    cause: StockCause
    lot: str | None
    request: UUID | None
    reserved: bool
    """此前已为该申请预留 · It had been set apart for the request."""
    work_order: UUID | None
    """服务车库存用于哪张派工单 · Of van stock that was used: for which."""
    unit_cost: Decimal | None
    amount: Decimal | None
    """元，耗用金额 · CNY, of what was used."""
    note: str | None


class StockReserved(DispatchEvent):
    """预留 · So much is set apart for a request."""

    location: str
    part: UUID
    request: UUID
    quantity: Decimal


class StockReservationEnded(DispatchEvent):
    """解除预留 · What was set apart is free again."""

    location: str
    part: UUID
    request: UUID
    quantity: Decimal


class StockCounted(DispatchEvent):
    """盘点 · What is really there, and by how much the ledger was wrong."""

    location: str
    part: UUID
    part_code: str
    part_name: str
    counted: Decimal
    difference: Decimal
    """盘点数减账面数 · Counted less what the ledger said."""
    reason: str


class PartsPolicyAdopted(DispatchEvent):
    """配件制度 · How long things may take, from a day on."""

    version: int
    valid_from: date
    """生效第一天，上海日期 · The first day, in Shanghai, on which it counts."""
    supplier_notice_days: int
    supplier_answer_days: int
    supplier_settlement_days: int
    old_part_days: int
    adopted_by: str
