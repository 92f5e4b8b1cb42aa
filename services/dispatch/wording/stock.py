"""The stock's ledger in plain sentences, and the policy on parts."""

from typing import assert_never

from services.dispatch.domain.names.parts import STOCK_CAUSE
from services.dispatch.domain.stock import StockEvent
from shared.decider import Words
from shared.events import dispatch as fact
from shared.events.base import Event


def stock_in_words(event: Event) -> Words | None:
    """None of another subject's event."""
    if isinstance(event, fact.PartsPolicyAdopted):
        figures = (
            event.supplier_notice_days,
            event.supplier_answer_days,
            event.supplier_settlement_days,
            event.old_part_days,
        )
        notice, answer, settlement, old = figures
        return Words(
            f"配件制度第 {event.version} 版自 {event.valid_from} 起：供方通知 {notice} 天、答复 {answer} 天、"
            f"了结 {settlement} 天，旧件 {old} 天。",
            f"Parts policy {event.version} from {event.valid_from}: notice {notice} days, answer {answer}, "
            f"settlement {settlement}, old parts {old}.",
        )
    return _stock(event) if isinstance(event, StockEvent) else None


def _stock(event: StockEvent) -> Words:
    match event:
        case fact.StockReceived():
            why, where, many = STOCK_CAUSE[event.cause], event.location, event.quantity
            return Words(
                f"{where} 入库 {event.part_name} {many}（{why.zh}），在库 {event.on_hand}。",
                f"{many} {event.part_name} into {where} ({why.en}), {event.on_hand} on hand.",
            )
        case fact.StockIssued():
            why, where, many = STOCK_CAUSE[event.cause], event.location, event.quantity
            return Words(
                f"{where} 出库 {event.part_name} {many}（{why.zh}），在库 {event.on_hand}。",
                f"{many} {event.part_name} out of {where} ({why.en}), {event.on_hand} on hand.",
            )
        case fact.StockReserved():
            return Words(f"{event.location} 预留 {event.quantity}。", f"{event.quantity} reserved at {event.location}.")
        case fact.StockReservationEnded():
            return Words(
                f"{event.location} 解除预留 {event.quantity}。", f"{event.quantity} free again at {event.location}."
            )
        case fact.StockCounted():
            where, gap = event.location, f"{event.difference:+}"
            return Words(
                f"{where} 盘点 {event.part_name} {event.counted}（差 {gap}）：{event.reason}",
                f"{event.counted} {event.part_name} counted at {where} ({gap}): {event.reason}",
            )
        case _:
            assert_never(event)
