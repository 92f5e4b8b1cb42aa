"""Work orders in plain sentences."""

import re
from datetime import datetime
from typing import assert_never

from services.dispatch.domain.names.work_orders import COST_KIND, ORIGIN, PURPOSE, VISIT_PROGRESS
from services.dispatch.domain.work_order_state import WorkOrderEvent
from shared.calendar import SHANGHAI
from shared.decider import Words
from shared.events import dispatch as fact
from shared.events.base import Event
from shared.money import yuan


def work_order_in_words(event: Event) -> Words | None:
    """None of another subject's event."""
    return _order(event) if isinstance(event, WorkOrderEvent) else None


def _order(event: WorkOrderEvent) -> Words:
    match event:
        case fact.WorkOrderDrafted():
            whence, what = ORIGIN[event.origin], _what(event)
            return Words(
                f"派工单草稿 {event.number}（{whence.zh}）{what.zh}。",
                f"Work order {event.number} drafted ({whence.en}){what.en}.",
            )
        case fact.WorkOrderQualified():
            what = _what(event)
            return Words(f"派工单确认{what.zh}。", f"Work order qualified{what.en}.")
        case fact.WorkOrderVisitNoted():
            how, who = VISIT_PROGRESS[event.progress], event.engineer
            name = Words(f"（{who}）", f" ({who})") if who else Words("", "")
            return Words(f"一次上门{how.zh}{name.zh}。", f"A visit is {how.en}{name.en}.")
        case fact.WorkOrderScheduled():
            return Words("派工单已排程。", "Work order scheduled.")
        case fact.WorkOrderStarted():
            return Words("派工单开工。", "Work order started.")
        case fact.WorkOrderWorkDone():
            return Words("派工单完工。", "All work is done.")
        case fact.WorkOrderReported():
            signed = Words(f"客户 {_when(event.signed_at)} 签字", f"signed by the customer {_when(event.signed_at)}")
            refused = Words(
                f"客户拒签：{event.signature_refused or ''}", f"not signed: {event.signature_refused or ''}"
            )
            how = signed if event.signed_at else refused
            return Words(
                f"服务报告第 {event.version} 版，{how.zh}（3.6）。",
                f"Service report, version {event.version}, {how.en} (3.6).",
            )
        case _:
            return _end(event)


_End = (
    fact.WorkOrderVerified
    | fact.CostAdded
    | fact.LateCostNoted
    | fact.WorkOrderPosted
    | fact.WorkOrderIncomplete
    | fact.WorkOrderCancelled
)


def _end(event: _End) -> Words:
    match event:
        case fact.WorkOrderVerified():
            note = Words(f"：{event.note}", f": {event.note}") if event.note else Words("。", ".")
            return Words(f"{event.verified_by} 验收{note.zh}", f"Verified by {event.verified_by}{note.en}")
        case fact.CostAdded():
            kind, amount, why = COST_KIND[event.kind], yuan(event.amount), _cause(event)
            return Words(f"{kind.zh}费用 {amount}{why.zh}。", f"Cost of {kind.en} {amount}{why.en}.")
        case fact.LateCostNoted():
            kind, amount, why = COST_KIND[event.kind], yuan(event.amount), _cause(event)
            return Words(
                f"过账后发生{kind.zh}费用 {amount}{why.zh}，不计入已冻结费用。",
                f"Cost of {kind.en} {amount}{why.en} after posting: beside the frozen costs.",
            )
        case fact.WorkOrderPosted():
            total = yuan(event.total)
            return Words(f"过账，费用合计 {total}（5.4）。", f"Posted with {total} in all (5.4).")
        case fact.WorkOrderIncomplete():
            return Words(
                f"未完成，转 {event.follow_up_number}：{event.reason}",
                f"Incomplete, goes on as {event.follow_up_number}: {event.reason}",
            )
        case fact.WorkOrderCancelled():
            return Words(f"派工单取消：{event.reason}", f"Work order cancelled: {event.reason}")
        case _:
            assert_never(event)


def _what(facts: fact.WorkOrderFacts) -> Words:
    """What for, for whom, where."""
    what = PURPOSE[facts.purpose] if facts.purpose else Words("用途待定", "purpose open")
    more = [part for part in (facts.customer_name, facts.site_name, facts.city, facts.product_name) if part]
    return Words("：" + "，".join([what.zh, *more]), ": " + ", ".join([what.en, *more]))


def _cause(event: fact.CostAdded | fact.LateCostNoted) -> Words:
    """What a person has said of it; a cause made of ids is for programs."""
    cause = None if _ID.search(event.cause) else event.cause.removeprefix("claim:")
    said = [part for part in (cause, event.note) if part]
    return Words(f"（{'，'.join(said)}）", f" ({', '.join(said)})") if said else Words("", "")


_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")


def _when(moment: datetime | None) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if moment else ""
