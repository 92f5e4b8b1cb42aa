"""The stock's ledger: what lies of one part in one place, a stream each.

It is never negative, what is set apart for a request is nobody else's, and nothing leaves a warehouse for a van or a
customer but with a request that quality has released (0.2).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import assert_never
from uuid import UUID

from services.dispatch.domain.quantity import NONE, QUARANTINE, Counted, Location, Quantity, engineer_of, plain
from shared.decider import Command, DeadlineChange, Refused, Words
from shared.events.dispatch import (
    StockCause,
    StockCounted,
    StockIssued,
    StockReceived,
    StockReservationEnded,
    StockReserved,
)
from shared.facts import tell
from shared.money import NonNegativeMoney
from shared.refusal import why_not
from shared.text import Name, Text

STREAM = "stock"

# --- commands ---------------------------------------------------------------------------------------------------------


class ReceiveStock(Command):
    """Something came here."""

    location: Location
    part: UUID
    part_code: Name
    part_name: Name
    quantity: Quantity
    cause: StockCause
    lot: Text | None = None
    request: UUID | None = None
    note: Text | None = None


class IssueStock(Command):
    """Something leaves; for a request, out of what was set apart for it."""

    location: Location
    part: UUID
    part_code: Name
    part_name: Name
    quantity: Quantity
    cause: StockCause
    to: Location | None = None
    """Where it goes in the company; None: out of the company's hands, or used."""
    lot: Text | None = None
    request: UUID | None = None
    work_order: UUID | None = None
    unit_cost: NonNegativeMoney | None = None
    amount: NonNegativeMoney | None = None
    note: Text | None = None


class ReserveStock(Command):
    location: Location
    part: UUID
    request: UUID
    quantity: Quantity


class EndReservation(Command):
    location: Location
    part: UUID
    request: UUID
    keeping: Counted = NONE
    """So much stays set apart for it."""


class CountStock(Command):
    """What is really there."""

    location: Location
    part: UUID
    part_code: Name
    part_name: Name
    counted: Counted
    reason: Text


StockCommand = ReceiveStock | IssueStock | ReserveStock | EndReservation | CountStock
StockEvent = StockReceived | StockIssued | StockReserved | StockReservationEnded | StockCounted

# --- state ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stock:
    on_hand: Decimal = NONE
    reserved: Mapping[UUID, Decimal] = field(default_factory=dict)
    """By request."""

    @property
    def set_apart(self) -> Decimal:
        return sum(self.reserved.values(), NONE)

    @property
    def available(self) -> Decimal:
        """What nobody has asked for."""
        return self.on_hand - self.set_apart


NEW = Stock()


def evolve(stock: Stock, event: StockEvent) -> Stock:
    match event:
        case StockReceived():
            return replace(stock, on_hand=event.on_hand)
        case StockIssued():
            less = event.quantity if event.reserved else NONE
            return replace(stock, on_hand=event.on_hand, reserved=_reserved(stock, event.request, -less))
        case StockReserved():
            return replace(stock, reserved=_reserved(stock, event.request, event.quantity))
        case StockReservationEnded():
            return replace(stock, reserved=_reserved(stock, event.request, -event.quantity))
        case StockCounted():
            return replace(stock, on_hand=event.counted)
        case _:
            assert_never(event)


def _reserved(stock: Stock, request: UUID | None, change: Decimal) -> Mapping[UUID, Decimal]:
    if request is None or not change:
        return stock.reserved
    left = stock.reserved.get(request, NONE) + change
    others = {key: value for key, value in stock.reserved.items() if key != request}
    return others | ({request: plain(left)} if left else {})


def deadlines(event: StockEvent) -> Sequence[DeadlineChange]:
    """None."""
    return []


# --- decisions --------------------------------------------------------------------------------------------------------


def decide(command: StockCommand, stock: Stock) -> Sequence[StockEvent]:
    """The events that ``command`` causes; raises ``Refused``. Movements have no sign by which a repeated one is known:
    the idempotency key, or the request that they belong to, is what makes them one."""
    match command:
        case ReceiveStock():
            return [tell(StockReceived, command, on_hand=plain(stock.on_hand + command.quantity))]
        case IssueStock():
            return _issue(command, stock)
        case ReserveStock():
            return _reserve(command, stock)
        case EndReservation():
            free = plain(stock.reserved.get(command.request, NONE) - command.keeping)
            return [tell(StockReservationEnded, command, quantity=free)] if free > 0 else []
        case CountStock():
            return _count(command, stock)
        case _:
            assert_never(command)


def available(location: str, stock: Stock) -> dict[str, Words | None]:
    """For every action on one place's part None where it is open now, otherwise why not."""
    guards: dict[str, Callable[[], None]] = {
        "receive": lambda: check_takes_in(location),
        "move": lambda: _can_move(location, stock),
        "use": lambda: _can_use(location, stock),
        "scrap": lambda: _can_dispose(location, stock),
        "send_back": lambda: _can_dispose(location, stock),
        "count": lambda: None,
    }
    return {action: why_not(guard) for action, guard in guards.items()}


def _issue(command: IssueStock, stock: Stock) -> Sequence[StockEvent]:
    _check_way(command)
    mine = stock.reserved.get(command.request, NONE) if command.request else NONE
    if not mine:
        _check_enough(stock, command.quantity)
    elif command.quantity > mine:
        raise Refused(
            "beyond_reservation",
            f"为该申请只预留了 {mine}。",
            f"Only {mine} are set apart for this request.",
        )
    left = plain(stock.on_hand - command.quantity)
    return [tell(StockIssued, command, on_hand=left, reserved=bool(mine))]


def _check_way(command: IssueStock) -> None:
    """0.2: what nobody has inspected stays in the warehouse, and what was found bad stays apart for ever."""
    origin, to = command.location, command.to
    if origin == QUARANTINE and command.cause not in (StockCause.SCRAPPED, StockCause.SENT_BACK):
        raise Refused(
            "quarantined",
            "不合格品只能报废或退供方（0.2）。",
            "What was found bad is scrapped or goes back to the supplier, nowhere else (0.2).",
        )
    leaves = to is None or engineer_of(to) is not None
    shipped = command.cause is StockCause.SHIPPED and command.request is not None
    if origin.startswith("warehouse") and leaves and not shipped:
        raise Refused(
            "unreleased",
            "未经质检放行不得出库（0.2）；请走配件申请。",
            "Nothing leaves the warehouse without quality's release (0.2): make a part request.",
        )


def _reserve(command: ReserveStock, stock: Stock) -> Sequence[StockEvent]:
    if command.location == QUARANTINE:
        raise Refused("quarantined", "不合格品不可预留（0.2）。", "What was found bad can't be reserved (0.2).")
    _check_enough(stock, command.quantity)
    return [tell(StockReserved, command)]


def _count(command: CountStock, stock: Stock) -> Sequence[StockEvent]:
    """A count tells the truth, but doesn't break a promise in silence."""
    if command.counted == stock.on_hand:
        return []
    if command.counted < stock.set_apart:
        raise Refused(
            "counted_below_reserved",
            f"已为申请预留 {stock.set_apart}，盘点数更少；请先取消相应的申请。",
            f"{stock.set_apart} are set apart for requests, and fewer are there: cancel the requests first.",
        )
    return [tell(StockCounted, command, difference=plain(command.counted - stock.on_hand))]


def _check_enough(stock: Stock, quantity: Decimal) -> None:
    if quantity > stock.available:
        raise Refused(
            "stock_short",
            f"库存不足：在库 {stock.on_hand}，已预留 {stock.set_apart}，可用 {stock.available}。",
            f"Not enough: {stock.on_hand} on hand, {stock.set_apart} set apart, {stock.available} available.",
        )


def _check_any(stock: Stock) -> None:
    if not stock.available:
        _check_enough(stock, stock.available + 1)


def check_takes_in(location: str) -> None:
    """0.2: a van gets only what quality has released. Raises ``Refused``."""
    if not location.startswith("warehouse"):
        raise Refused(
            "not_a_warehouse",
            "只有仓库可以直接入库；服务车请走配件申请。",
            "Only a warehouse takes in goods: for a van, make a part request.",
        )


def check_move(command: IssueStock) -> None:
    """Raises ``Refused`` where it goes nowhere."""
    if command.to is None or command.to == command.location:
        raise Refused("destination_missing", "请写明调往何处。", "Say where it goes.")


def check_use(command: IssueStock) -> UUID:
    """The work order that what lies in a van is used on. Raises ``Refused``."""
    _check_van(command.location)
    if command.work_order is None:
        raise Refused("work_order_missing", "请写明用于哪张派工单。", "Say on which work order it was used.")
    return command.work_order


def check_quarantined(command: IssueStock) -> None:
    """Only what is bad is disposed of, and it is said why. Raises ``Refused``."""
    _check_apart(command.location)
    if command.note is None:
        raise Refused("note_missing", "请说明处置情况。", "Say what became of it.")


def _check_van(location: str) -> None:
    if engineer_of(location) is None:
        raise Refused("not_a_van", "只能从服务车耗用。", "Only what lies in a van is used.")


def _check_apart(location: str) -> None:
    if location != QUARANTINE:
        raise Refused(
            "not_quarantined",
            "只处置不合格品；请先调拨到不合格品区。",
            "Only what lies in quarantine is disposed of: move it there first.",
        )


def _can_move(location: str, stock: Stock) -> None:
    if location == QUARANTINE:
        raise Refused("quarantined", "不合格品不可调拨（0.2）。", "What was found bad can't be moved (0.2).")
    _check_any(stock)


def _can_use(location: str, stock: Stock) -> None:
    _check_van(location)
    _check_any(stock)


def _can_dispose(location: str, stock: Stock) -> None:
    _check_apart(location)
    _check_any(stock)
