"""Part requests in plain sentences."""

from datetime import datetime
from decimal import Decimal
from typing import assert_never

from services.dispatch.domain.names.parts import PART_CONDITION, PART_DESTINATION
from services.dispatch.domain.part_request_state import PartRequestEvent
from shared.calendar import SHANGHAI
from shared.decider import Words
from shared.events import dispatch as fact
from shared.events.base import Event
from shared.money import yuan


def part_in_words(event: Event) -> Words | None:
    """None of another subject's event."""
    if isinstance(event, fact.PartRecorded):
        what = f"{event.code} {event.name}"
        cost = f"{yuan(event.unit_cost)}/{event.unit}"
        return Words(f"登记配件 {what}，成本 {cost}。", f"Part {what} recorded, cost {cost}.")
    return _request(event) if isinstance(event, PartRequestEvent) else None


def _request(event: PartRequestEvent) -> Words:
    match event:
        case fact.SparePartRequested():
            what, where = _many(event), PART_DESTINATION[event.destination]
            return Words(
                f"申请 {what}{event.unit}，编号 {event.number}，{event.needed_by} 前送到{where.zh}：{event.reason}",
                f"{what} {event.unit} requested as {event.number}, to {where.en} by {event.needed_by}: {event.reason}",
            )
        case fact.SparePartRequestApproved():
            note = _note(event.note)
            return Words(f"{event.approved_by} 批准{note.zh}。", f"Approved by {event.approved_by}{note.en}.")
        case fact.SparePartRequestRejected():
            by = event.rejected_by
            return Words(f"{by} 驳回：{event.reason}", f"Rejected by {by}: {event.reason}")
        case fact.SparePartRequestCancelled():
            return Words(f"取消：{event.reason}", f"Cancelled: {event.reason}")
        case fact.SparePartReserved():
            return Words(
                f"在 {event.location} 预留 {event.quantity}{_lots(event.lots).zh}。",
                f"{event.quantity} reserved at {event.location}{_lots(event.lots).en}.",
            )
        case fact.ProductionPlanned():
            what, due = _many(event), event.due
            return Words(
                f"生产计划 {event.order}：{what}，{due} 前完工。",
                f"Production {event.order} planned: {what} by {due}.",
            )
        case fact.SparePartProduced():
            much, lots = f"{event.quantity}", _lots(event.lots)
            return Words(
                f"生产 {event.order} 完工 {much}{lots.zh}，入 {event.location}。",
                f"{much} produced by {event.order}{lots.en}, into {event.location}.",
            )
        case fact.PurchaseOrdered():
            what, whom = _many(event), event.supplier
            return Words(
                f"采购 {event.order}：向{whom}订 {what}，{event.due} 前到货。",
                f"Ordered as {event.order} from {whom}: {what} by {event.due}.",
            )
        case fact.SparePartReceived():
            much, lots = f"{event.quantity}", _lots(event.lots)
            return Words(
                f"采购 {event.order} 到货 {much}{lots.zh}，入 {event.location}。",
                f"{much} of {event.order} received{lots.en}, into {event.location}.",
            )
        case _:
            return _inspected(event)


_Later = (
    fact.QualityReleased
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


def _inspected(event: _Later) -> Words:
    match event:
        case fact.QualityReleased():
            lots, by = _lots(event.lots), event.released_by
            return Words(
                f"{by} 质检放行（{event.certificate}）{lots.zh}。",
                f"Released by {by} ({event.certificate}){lots.en}.",
            )
        case fact.QualityRefused():
            lots, by = _lots(event.lots), event.refused_by
            return Words(
                f"{by} 判为不合格（{event.certificate}）{lots.zh}，不得出库（0.2）：{event.findings}",
                f"Found bad by {by} ({event.certificate}){lots.en}, never to leave the warehouse (0.2): "
                f"{event.findings}",
            )
        case fact.SparePartShipped():
            way = event.waybill or event.note or "-"
            where, freight = PART_DESTINATION[event.destination], yuan(event.freight)
            return Words(
                f"{event.carrier} 发货（{way}）{_many(event)}，至{where.zh}，运费 {freight}。",
                f"{_many(event)} shipped by {event.carrier} ({way}) to {where.en}, freight {freight}.",
            )
        case fact.SparePartDelivered():
            short, note = event.missing, _note(event.note)
            less = Words(f"，少 {short}", f", {short} missing") if short else Words("", "")
            return Words(f"送达 {event.quantity}{less.zh}{note.zh}。", f"{event.quantity} delivered{less.en}{note.en}.")
        case _:
            return _accounted(event)


_Accounted = (
    fact.SparePartConsumed
    | fact.SparePartUseCorrected
    | fact.SparePartReturned
    | fact.OldPartReturned
    | fact.OldPartWaived
    | fact.OldPartOverdue
    | fact.SparePartRequestClosed
)


def _accounted(event: _Accounted) -> Words:
    match event:
        case fact.SparePartConsumed():
            cost, due = yuan(event.amount), event.old_part_due
            old = (
                Words(f"，旧件须在 {_when(due)} 前返还", f", the old part is due back by {_when(due)}")
                if due
                else Words("", "")
            )
            return Words(
                f"耗用 {_many(event)}，材料费 {cost}{old.zh}。",
                f"{_many(event)} used, material cost {cost}{old.en}.",
            )
        case fact.SparePartUseCorrected():
            really, less = event.quantity, yuan(event.refund)
            return Words(
                f"更正耗用：实际用了 {really}，冲减材料费 {less}（{event.reason}）。",
                f"Use corrected: really {really}, {less} of material cost taken back ({event.reason}).",
            )
        case fact.SparePartReturned():
            how, note = PART_CONDITION[event.condition], _note(event.note)
            return Words(
                f"退回 {event.quantity}（{how.zh}），入 {event.location}{note.zh}。",
                f"{event.quantity} given back ({how.en}), into {event.location}{note.en}.",
            )
        case fact.OldPartReturned():
            late = Words("（逾期）", " late") if event.late else Words("", "")
            return Words(
                f"返还旧件 {event.quantity}{late.zh}：{event.findings}",
                f"{event.quantity} old parts back{late.en}: {event.findings}",
            )
        case fact.OldPartWaived():
            by = event.waived_by
            return Words(f"{by} 免返旧件：{event.reason}", f"Old part waived by {by}: {event.reason}")
        case fact.OldPartOverdue():
            until = _when(event.due)
            return Words(f"旧件 {until} 前未返还。", f"The old part wasn't back by {until}.")
        case fact.SparePartRequestClosed():
            return Words("配件申请办结。", "Closed: everything is accounted for.")
        case _:
            assert_never(event)


def _many(
    event: fact.SparePartRequested
    | fact.ProductionPlanned
    | fact.PurchaseOrdered
    | fact.SparePartShipped
    | fact.SparePartConsumed,
) -> str:
    many: Decimal = event.quantity
    return f"{event.part_name} {many}"


def _lots(lots: tuple[str, ...]) -> Words:
    return Words(f"，批次 {'、'.join(lots)}", f", lot {', '.join(lots)}") if lots else Words("", "")


def _note(note: str | None) -> Words:
    return Words(f"（{note}）", f" ({note})") if note else Words("", "")


def _when(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
