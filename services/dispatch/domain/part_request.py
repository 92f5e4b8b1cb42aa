"""A part request (5.2, 0.2): ``REQUESTED → APPROVED⚖ → {RESERVED | PRODUCTION_PLANNED → PRODUCED | PURCHASE_ORDERED →
RECEIVED} → QUALITY_RELEASED⚖ → SHIPPED → DELIVERED → {CONSUMED | RETURNED} → CLOSED``; ``→ REJECTED``, ``→ CANCELLED``
before SHIPPED.

What the inspection finds bad never leaves the warehouse (0.2): the request is APPROVED again, and other goods are
procured. What was used and what came back are told in parts; the request is CONSUMED or RETURNED when nothing is left.
What goes into a van's own stock is accounted for in the van's ledger, so its request closes when it is delivered.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar, assert_never

from services.dispatch.domain import part_request_commands as wish
from services.dispatch.domain.identity import part_request_number
from services.dispatch.domain.part_request_guards import available as available
from services.dispatch.domain.part_request_guards import (
    can_account,
    can_close,
    can_correct,
    can_inspect,
    can_judge,
    can_order,
    can_plan,
    can_settle_old_part,
    can_waive,
    permit,
)
from services.dispatch.domain.part_request_state import NEW as NEW
from services.dispatch.domain.part_request_state import PartRequest, PartRequestEvent, Procured, known
from services.dispatch.domain.part_request_state import evolve as evolve
from services.dispatch.domain.parts_policy import end_after
from services.dispatch.domain.quantity import QUARANTINE, plain
from shared.calendar import day_of
from shared.decider import Arm, Breach, DeadlineChange, Drop, Meet, Refused
from shared.events import dispatch as fact
from shared.events.dispatch import PartCondition, PartDestination
from shared.events.dispatch import PartRequestStatus as S
from shared.events.dispatch import WorkOrderStatus as W
from shared.facts import repeats, same, tell
from shared.money import to_fen

STREAM = "part_request"

_ORDER_IN_WORK = frozenset(
    {W.DRAFT, W.QUALIFIED, W.SCHEDULED, W.IN_PROGRESS, W.WORK_DONE, W.REPORTED},
)
"""In which states of a work order something may be asked for it."""

OLD_PART = "old_part"
"""The deadline until which the replaced part has to be back."""


def deadlines(event: PartRequestEvent) -> Sequence[DeadlineChange]:
    match event:
        case fact.SparePartConsumed() if event.old_part_due:
            return [Arm(OLD_PART, event.old_part_due)]
        case fact.OldPartReturned():
            return [Meet(OLD_PART, event.at)]
        case fact.OldPartWaived() if not event.overdue:
            return [Drop(OLD_PART)]
        case fact.SparePartUseCorrected() if event.old_part_dropped:
            return [Drop(OLD_PART)]
        case fact.OldPartOverdue():
            return [Breach(OLD_PART, event.at)]
        case _:
            return []


# --- decisions --------------------------------------------------------------------------------------------------------


def decide(command: wish.PartRequestCommand, request: PartRequest) -> Sequence[PartRequestEvent]:
    """The events that ``command`` causes; none when it says again what has happened. Raises ``Refused``."""
    match command:
        case wish.RequestPart():
            return _ask(command, request)
        case wish.ApprovePartRequest():
            return _approve(command, request)
        case wish.RejectPartRequest():
            return _reject(command, request)
        case wish.ReservePart():
            return _reserve(command, request)
        case wish.PlanProduction():
            return _plan_production(command, request)
        case wish.RecordProduced():
            return _record_produced(command, request)
        case wish.OrderPurchase():
            return _order_purchase(command, request)
        case wish.RecordReceived():
            return _record_received(command, request)
        case wish.ReleaseQuality():
            return _release(command, request)
        case wish.RefuseQuality():
            return _refuse_release(command, request)
        case wish.CancelPartRequest():
            return _cancel(command, request)
        case _:
            return _decide_under_way(command, request)


_UnderWay = (
    wish.ShipPart
    | wish.DeliverPart
    | wish.ConsumePart
    | wish.CorrectPartUse
    | wish.GiveBackPart
    | wish.ReturnOldPart
    | wish.WaiveOldPart
    | wish.MarkOldPartOverdue
    | wish.ClosePartRequest
)


def _decide_under_way(command: _UnderWay, request: PartRequest) -> Sequence[PartRequestEvent]:
    match command:
        case wish.ShipPart():
            return _ship(command, request)
        case wish.DeliverPart():
            return _deliver(command, request)
        case wish.ConsumePart():
            return _consume(command, request)
        case wish.CorrectPartUse():
            return _correct_use(command, request)
        case wish.GiveBackPart():
            return _give_back(command, request)
        case wish.ReturnOldPart():
            return _return_old_part(command, request)
        case wish.WaiveOldPart():
            return _waive_old_part(command, request)
        case wish.MarkOldPartOverdue():
            return _mark_overdue(command, request)
        case wish.ClosePartRequest():
            return _close(command, request)
        case _:
            assert_never(command)


# -- asked and approved ------------------------------------------------------------------------------------------------


def _ask(command: wish.RequestPart, request: PartRequest) -> Sequence[PartRequestEvent]:
    number = part_request_number(command.request, command.at)
    event = tell(fact.SparePartRequested, command, number=number, requested_by=command.by)
    if request.asked:
        if same(event.model_copy(update={"number": request.asked.number}), request.asked):
            return []
        raise Refused("part_request_exists", "该配件申请已存在。", "There is such a part request already.")
    if command.destination is PartDestination.VAN and command.engineer is None:
        raise Refused("engineer_missing", "发往服务车的须写明服务人员。", "Say whose van it goes to.")
    if command.work_order is None and (command.destination is not PartDestination.VAN or command.old_part_expected):
        raise Refused(
            "work_order_missing",
            "没有派工单的只能补充服务车库存，也没有旧件。",
            "Without a work order it can only go into a van's stock, and replaces nothing.",
        )
    if command.work_order and command.order_status not in _ORDER_IN_WORK:
        raise Refused(
            "work_order_over",
            "派工单已验收、取消或未完成，不再申请配件；请用后续派工单。",
            "The work order is verified or over: request it for the one that goes on with the work.",
        )
    if command.needed_by < day_of(command.at):
        raise Refused("needed_in_the_past", "需用日期已过。", "The day on which it is needed is over.")
    return [event]


def _approve(command: wish.ApprovePartRequest, request: PartRequest) -> Sequence[PartRequestEvent]:
    if request.approved and request.approved.approved_by == command.by and repeats(command, request.approved):
        return []
    can_judge("approve", request, command.by)
    permit("approve", request, command.at)
    return [tell(fact.SparePartRequestApproved, command, request=known(request).request, approved_by=command.by)]


def _reject(command: wish.RejectPartRequest, request: PartRequest) -> Sequence[PartRequestEvent]:
    if isinstance(request.ended, fact.SparePartRequestRejected) and repeats(command, request.ended):
        return []
    can_judge("reject", request, command.by)
    permit("reject", request, command.at)
    return [tell(fact.SparePartRequestRejected, command, request=known(request).request, rejected_by=command.by)]


def _cancel(command: wish.CancelPartRequest, request: PartRequest) -> Sequence[PartRequestEvent]:
    if isinstance(request.ended, fact.SparePartRequestCancelled) and repeats(command, request.ended):
        return []
    permit("cancel", request, command.at)
    return [tell(fact.SparePartRequestCancelled, command, request=known(request).request)]


# -- procured ----------------------------------------------------------------------------------------------------------


def _reserve(command: wish.ReservePart, request: PartRequest) -> Sequence[PartRequestEvent]:
    if request.status is S.RESERVED and repeats(command, request.procured):
        return []
    permit("reserve", request, command.at)
    asked = known(request)
    facts = {"request": asked.request, "quantity": asked.quantity, "recorded_by": command.by}
    return [tell(fact.SparePartReserved, command, **facts)]


def _plan_production(command: wish.PlanProduction, request: PartRequest) -> Sequence[PartRequestEvent]:
    """5.2: what, how many, by when; a later plan replaces the one before."""
    filled = _commissioned("plan_production", command, request, S.PRODUCTION_PLANNED, request.plan, can_plan)
    if filled is None:
        return []
    return [tell(fact.ProductionPlanned, filled, **_article(known(request)), planned_by=command.by)]


def _record_produced(command: wish.RecordProduced, request: PartRequest) -> Sequence[PartRequestEvent]:
    plan = request.plan
    filled = _arrived("record_produced", command, request, S.PRODUCED, plan)
    if filled is None:
        return []
    assert plan, "a planned production has a plan"
    facts = {"request": known(request).request, "order": plan.order, "recorded_by": command.by}
    return [tell(fact.SparePartProduced, filled, **facts)]


def _order_purchase(command: wish.OrderPurchase, request: PartRequest) -> Sequence[PartRequestEvent]:
    """5.2, 3.7: of whom, how many, by when; a later order replaces the one before."""
    filled = _commissioned("order_purchase", command, request, S.PURCHASE_ORDERED, request.order, can_order)
    if filled is None:
        return []
    return [tell(fact.PurchaseOrdered, filled, **_article(known(request)), ordered_by=command.by)]


def _record_received(command: wish.RecordReceived, request: PartRequest) -> Sequence[PartRequestEvent]:
    order = request.order
    filled = _arrived("record_received", command, request, S.RECEIVED, order)
    if filled is None:
        return []
    assert order, "an ordered purchase has an order"
    facts = {"request": known(request).request, "order": order.order, "supplier": order.supplier}
    return [tell(fact.SparePartReceived, filled, **facts, recorded_by=command.by)]


Commission = TypeVar("Commission", wish.PlanProduction, wish.OrderPurchase)
Arrival = TypeVar("Arrival", wish.RecordProduced, wish.RecordReceived)


def _commissioned(
    action: str,
    command: Commission,
    request: PartRequest,
    done: S,
    before: fact.ProductionPlanned | fact.PurchaseOrdered | None,
    allowed: Callable[[PartRequest], None],
) -> Commission | None:
    """What is to be made or bought, as many as were asked for unless more is said; None where that was said before."""
    asked = known(request)
    filled = command.model_copy(update={"quantity": command.quantity or asked.quantity})
    if request.status is done and repeats(filled, before):
        return None
    allowed(request)
    permit(action, request, command.at)
    _check_covers(filled.quantity, asked.quantity)
    _check_due(command.due, command.at)
    return filled


def _arrived(
    action: str,
    command: Arrival,
    request: PartRequest,
    done: S,
    commissioned: fact.ProductionPlanned | fact.PurchaseOrdered | None,
) -> Arrival | None:
    """What was made or bought is there, all of it unless it is said how much; None where that was said before."""
    wanted = commissioned.quantity if commissioned else None
    filled = command.model_copy(update={"quantity": command.quantity or wanted})
    if request.status is done and repeats(filled, request.procured):
        return None
    permit(action, request, command.at)
    _check_covers(filled.quantity, known(request).quantity)
    return filled


def _article(asked: fact.SparePartRequested) -> dict[str, Any]:
    """What events say of the part, so that they are read without the catalogue."""
    names = {"part": asked.part, "part_code": asked.part_code, "part_name": asked.part_name}
    return {"request": asked.request, **names}


def _check_covers(quantity: Decimal | None, wanted: Decimal) -> None:
    if quantity is None or quantity < wanted:
        raise Refused(
            "quantity_short",
            f"数量不足申请的 {wanted}。",
            f"That is less than the {wanted} that were requested.",
        )


def _check_due(due: date, at: datetime) -> None:
    if due < day_of(at):
        raise Refused("due_in_the_past", "交期已过。", "The day by which it is due is over.")


# -- inspected (0.2) ---------------------------------------------------------------------------------------------------


def _release(command: wish.ReleaseQuality, request: PartRequest) -> Sequence[PartRequestEvent]:
    """0.2 ⚖: the inspection names the lots and its record, so that the goods can be traced."""
    filled = command.model_copy(update={"lots": command.lots or _lots(request.procured or request.released)})
    if request.status is S.QUALITY_RELEASED and repeats(filled, request.released):
        return []
    can_inspect("release", request, command.by)
    permit("release", request, command.at)
    _check_lots(filled.lots)
    asked = known(request)
    return [tell(fact.QualityReleased, filled, **_article(asked), quantity=asked.quantity, released_by=command.by)]


def _refuse_release(command: wish.RefuseQuality, request: PartRequest) -> Sequence[PartRequestEvent]:
    """0.2 ⚖: all that came, also what was made or bought beyond what was asked for: it is of the same lots."""
    filled = command.model_copy(update={"lots": command.lots or _lots(request.procured or request.refused)})
    if request.status is S.APPROVED and repeats(filled, request.refused):
        return []
    can_inspect("refuse_release", request, command.by)
    permit("refuse_release", request, command.at)
    _check_lots(filled.lots)
    asked, procured = known(request), request.procured
    assert procured, "what is inspected was procured"
    supplier = procured.supplier if isinstance(procured, fact.SparePartReceived) else None
    facts = {"quantity": procured.quantity, "location": procured.location, "supplier": supplier}
    return [tell(fact.QualityRefused, filled, **_article(asked), **facts, refused_by=command.by)]


def _lots(told: Procured | fact.QualityReleased | fact.QualityRefused | None) -> tuple[str, ...]:
    return told.lots if told else ()


def _check_lots(lots: Sequence[str]) -> None:
    if not lots:
        raise Refused("lots_missing", "请写明批次，以便追溯。", "Name the lots, so that they can be traced.")


# -- under way ---------------------------------------------------------------------------------------------------------


def _ship(command: wish.ShipPart, request: PartRequest) -> Sequence[PartRequestEvent]:
    """5.2: carrier, waybill and freight. 0.2: only in QUALITY_RELEASED is this listed."""
    if request.status is S.SHIPPED and repeats(command, request.shipped):
        return []
    permit("ship", request, command.at)
    if command.order_status is W.CANCELLED:
        raise Refused(
            "work_order_cancelled",
            "派工单已取消，不再发货；请取消申请。",
            "The work order is cancelled, so nothing is shipped for it: cancel the request.",
        )
    if not (command.waybill or command.note):
        raise Refused("waybill_missing", "请填运单号，或说明为何没有。", "Give the waybill, or say why there is none.")
    asked = known(request)
    assert request.released
    assert request.procured
    facts = {
        "quantity": asked.quantity,
        "lots": request.released.lots,
        "location": request.procured.location,
        "work_order": asked.work_order,
        "engineer": asked.engineer,
        "destination": asked.destination,
    }
    return [tell(fact.SparePartShipped, command, **_article(asked), **facts)]


def _deliver(command: wish.DeliverPart, request: PartRequest) -> Sequence[PartRequestEvent]:
    asked = known(request)
    quantity = asked.quantity if command.quantity is None else command.quantity
    filled = command.model_copy(update={"quantity": quantity})
    if request.status is S.DELIVERED and repeats(filled, request.delivered):
        return []
    permit("deliver", request, command.at)
    if quantity > asked.quantity:
        raise Refused("more_than_shipped", f"只发了 {asked.quantity}。", f"Only {asked.quantity} were shipped.")
    missing = plain(asked.quantity - quantity)
    if missing and not command.note:
        raise Refused("missing_unexplained", f"少了 {missing}，请说明去向。", f"{missing} are missing: say why.")
    return [tell(fact.SparePartDelivered, filled, request=asked.request, missing=missing)]


def _consume(command: wish.ConsumePart, request: PartRequest) -> Sequence[PartRequestEvent]:
    """5.2: the material cost is recorded with the use; the old part is owed from the first use on."""
    if command.use in request.uses:
        return []
    can_account("consume", request)
    permit("consume", request, command.at)
    asked, quantity = known(request), _of_what_is_left(command.quantity, request)
    assert request.released
    first = asked.old_part_expected and not request.consumed and request.old_part is None
    facts = {
        "quantity": quantity,
        "lots": request.released.lots,
        "work_order": asked.work_order,
        "engineer": asked.engineer,
        "amount": to_fen(quantity * command.unit_cost),
        "complete": quantity == request.left,
        "old_part_due": end_after(command.at, command.old_part_days) if first else None,
        "used_by": command.by,
    }
    return [tell(fact.SparePartConsumed, command, **_article(asked), **facts)]


def _correct_use(command: wish.CorrectPartUse, request: PartRequest) -> Sequence[PartRequestEvent]:
    """A mistake is no reason to pay for what lies in the van; more than was told is told as another use."""
    told = request.uses.get(command.use)
    if told and told.quantity == command.quantity:
        return []
    can_correct(request)
    permit("correct_use", request, command.at)
    if told is None:
        raise Refused("use_unknown", "没有这次耗用的记录。", "There is no such use on record.")
    if command.quantity > told.quantity:
        raise Refused(
            "use_not_less",
            f"当时登记了 {told.quantity}；多用的请另行登记耗用。",
            f"It was told as {told.quantity}: tell what was used besides as another use.",
        )
    difference = plain(told.quantity - command.quantity)
    amount = to_fen(command.quantity * told.unit_cost)
    nothing_used = request.consumed == difference
    facts = {
        "difference": difference,
        "lots": told.lots,
        "work_order": told.work_order,
        "engineer": told.engineer,
        "amount": amount,
        "refund": told.amount - amount,
        "nothing_used": nothing_used,
        "old_part_dropped": nothing_used and request.old_part_owed and not request.old_part_overdue,
        "corrected_by": command.by,
    }
    return [tell(fact.SparePartUseCorrected, command, **_article(known(request)), **facts)]


def _give_back(command: wish.GiveBackPart, request: PartRequest) -> Sequence[PartRequestEvent]:
    """What is defective lies apart: it may not go to anybody else (0.2)."""
    if command.giving_back in request.givings_back:
        return []
    can_account("give_back", request)
    permit("give_back", request, command.at)
    if command.condition is PartCondition.DEFECTIVE and command.note is None:
        raise Refused("defect_unexplained", "请说明缺陷。", "Say what is wrong with it.")
    asked, quantity = known(request), _of_what_is_left(command.quantity, request)
    assert request.shipped
    good = command.condition is PartCondition.GOOD
    facts = {
        "quantity": quantity,
        "lots": request.shipped.lots,
        "location": request.shipped.location if good else QUARANTINE,
        "complete": quantity == request.left,
    }
    return [tell(fact.SparePartReturned, command, **_article(asked), **facts)]


def _of_what_is_left(quantity: Decimal | None, request: PartRequest) -> Decimal:
    quantity = quantity or request.left
    if quantity > request.left:
        raise Refused("more_than_left", f"只剩 {request.left}。", f"Only {request.left} are left.")
    return quantity


# -- the old part ------------------------------------------------------------------------------------------------------


def _return_old_part(command: wish.ReturnOldPart, request: PartRequest) -> Sequence[PartRequestEvent]:
    if isinstance(request.old_part, fact.OldPartReturned) and repeats(command, request.old_part):
        return []
    can_settle_old_part("return_old_part", request)
    permit("return_old_part", request, command.at)
    asked, due = known(request), request.old_part_due
    late = due is not None and command.at > due
    return [tell(fact.OldPartReturned, command, request=asked.request, part=asked.part, late=late)]


def _waive_old_part(command: wish.WaiveOldPart, request: PartRequest) -> Sequence[PartRequestEvent]:
    if isinstance(request.old_part, fact.OldPartWaived) and repeats(command, request.old_part):
        return []
    can_waive(request, command.by)
    permit("waive_old_part", request, command.at)
    facts = {"request": known(request).request, "waived_by": command.by, "overdue": request.old_part_overdue}
    return [tell(fact.OldPartWaived, command, **facts)]


def _mark_overdue(command: wish.MarkOldPartOverdue, request: PartRequest) -> Sequence[PartRequestEvent]:
    """It is overdue from the due time on, not from when somebody looks."""
    asked, due = known(request), request.old_part_due
    if due is None or not request.old_part_owed or request.old_part_overdue:
        return []
    if command.at < due:
        raise Refused("old_part_not_due", "旧件返还期限未到。", "There is still time for the old part.")
    assert asked.work_order
    return [
        fact.OldPartOverdue(
            at=due,
            request=asked.request,
            part=asked.part,
            work_order=asked.work_order,
            engineer=asked.engineer,
            due=due,
        )
    ]


# -- closed ------------------------------------------------------------------------------------------------------------


def _close(command: wish.ClosePartRequest, request: PartRequest) -> Sequence[PartRequestEvent]:
    if request.status is S.CLOSED:
        return []
    can_close(request)
    permit("close", request, command.at)
    return [tell(fact.SparePartRequestClosed, command, request=known(request).request)]
