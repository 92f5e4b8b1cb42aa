"""What a part request allows, to whom, in which state; and why not, where it doesn't."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from services.dispatch.domain.names.parts import REQUEST_ACTION, REQUEST_HINT, REQUEST_STATUS
from services.dispatch.domain.part_request_state import PartRequest, known
from services.dispatch.domain.quantity import NONE
from shared.decider import Refused, Words
from shared.events.dispatch import PartRequestStatus as S
from shared.events.dispatch import PartSupply
from shared.refusal import not_now, why_not

_TO_INSPECT = frozenset({S.RESERVED, S.PRODUCED, S.RECEIVED})
_OUT = frozenset({S.DELIVERED, S.CONSUMED, S.RETURNED})

ALLOWED: Mapping[str, frozenset[S]] = {
    "approve": frozenset({S.REQUESTED}),
    "reject": frozenset({S.REQUESTED}),
    "reserve": frozenset({S.APPROVED}),
    "plan_production": frozenset({S.APPROVED, S.PRODUCTION_PLANNED}),
    "record_produced": frozenset({S.PRODUCTION_PLANNED}),
    "order_purchase": frozenset({S.APPROVED, S.PURCHASE_ORDERED}),
    "record_received": frozenset({S.PURCHASE_ORDERED}),
    "release": _TO_INSPECT,
    "refuse_release": _TO_INSPECT,
    "ship": frozenset({S.QUALITY_RELEASED}),
    "deliver": frozenset({S.SHIPPED}),
    "consume": frozenset({S.DELIVERED}),
    "correct_use": frozenset({S.DELIVERED, S.CONSUMED}),
    "give_back": frozenset({S.DELIVERED}),
    "return_old_part": _OUT,
    "waive_old_part": _OUT,
    "close": _OUT,
    "cancel": frozenset({S.REQUESTED, S.APPROVED, S.PRODUCTION_PLANNED, S.PURCHASE_ORDERED, S.QUALITY_RELEASED})
    | _TO_INSPECT,
}
"""In which states the lifecycle lists an action; a plan or an order may be replaced while nothing has come of it."""


def available(request: PartRequest, by: str) -> dict[str, Words | None]:
    """For every action None where it is open to ``by`` now, otherwise why not."""
    guards: dict[str, Callable[[], None]] = {action: partial(permit, action, request) for action in ALLOWED}
    guards["approve"] = partial(can_judge, "approve", request, by)
    guards["reject"] = partial(can_judge, "reject", request, by)
    guards["plan_production"] = partial(can_plan, request)
    guards["order_purchase"] = partial(can_order, request)
    guards["release"] = partial(can_inspect, "release", request, by)
    guards["refuse_release"] = partial(can_inspect, "refuse_release", request, by)
    guards["consume"] = partial(can_account, "consume", request)
    guards["correct_use"] = partial(can_correct, request)
    guards["give_back"] = partial(can_account, "give_back", request)
    guards["return_old_part"] = partial(can_settle_old_part, "return_old_part", request)
    guards["waive_old_part"] = partial(can_waive, request, by)
    guards["close"] = partial(can_close, request)
    return {action: why_not(guard) for action, guard in guards.items()}


def permit(action: str, request: PartRequest, at: datetime | None = None) -> None:
    known(request)
    status = request.status
    if status and status not in ALLOWED[action]:
        kind = Words("配件申请", "part request")
        raise not_now(
            "part_request", kind, REQUEST_ACTION[action], status, REQUEST_STATUS[status], REQUEST_HINT[status]
        )
    if at and request.latest and at < request.latest:
        raise Refused(
            "before_last_step",
            "时间早于上一步；请核对发生时间。",
            "That would be before the last step: check when it happened.",
        )


def four_eyes(by: str, others: frozenset[str | None] | frozenset[str], code: str, zh: str, en: str) -> None:
    if by in others:
        raise Refused(code, zh, en)


def can_judge(action: str, request: PartRequest, by: str) -> None:
    """5.2 ⚖: not the one who asked, nor the one who gets it."""
    permit(action, request)
    asked = known(request)
    four_eyes(
        by,
        frozenset({asked.requested_by, asked.engineer}),
        "approver_asked_for_it",
        "申请人或领用人不能审批。",
        "Whoever asked for it or gets it can't decide on it.",
    )


def can_plan(request: PartRequest) -> None:
    permit("plan_production", request)
    if known(request).supply is not PartSupply.MADE:
        raise Refused("part_is_bought", "外购件不排产，请采购。", "It is bought, not made: order it from a supplier.")


def can_order(request: PartRequest) -> None:
    permit("order_purchase", request)
    if known(request).supply is not PartSupply.BOUGHT:
        raise Refused("part_is_made", "自产件不采购，请排产。", "It is made, not bought: plan its production.")


def can_inspect(action: str, request: PartRequest, by: str) -> None:
    permit(action, request)
    four_eyes(
        by,
        request.procurers,
        "inspector_procured_it",
        "排产、采购、入库或预留的人不能质检（0.2）。",
        "Whoever planned, ordered, took in or set apart the goods can't inspect them (0.2).",
    )


def can_account(action: str, request: PartRequest) -> None:
    permit(action, request)
    if request.for_van_stock:
        raise Refused(
            "accounted_in_van",
            "这是补充服务车库存的，请在服务车台账中登记。",
            "It went into the van's own stock: tell it in the van's ledger.",
        )
    if request.left == NONE:
        raise Refused("nothing_left", "已全部登记。", "Nothing is left of it.")


def can_correct(request: PartRequest) -> None:
    permit("correct_use", request)
    if not request.consumed:
        raise Refused("nothing_used", "没有登记耗用。", "Nothing has been used.")


def can_settle_old_part(action: str, request: PartRequest) -> None:
    permit(action, request)
    if request.old_part_due is None:
        raise Refused("no_old_part", "没有应返还的旧件。", "No old part is owed.")
    if request.old_part:
        raise Refused("old_part_settled", "旧件已返还或免返。", "The old part is back, or was waived.")


def can_waive(request: PartRequest, by: str) -> None:
    """⚖"""
    can_settle_old_part("waive_old_part", request)
    four_eyes(
        by,
        request.used_by | {known(request).engineer},
        "user_cannot_waive",
        "领用人不能免去自己的旧件返还。",
        "Whoever used the new part can't waive the old one.",
    )


def can_close(request: PartRequest) -> None:
    permit("close", request)
    if request.left and not request.for_van_stock:
        raise Refused(
            "not_accounted_for",
            f"还有 {request.left} 未登记耗用或退回。",
            f"{request.left} are neither used nor returned.",
        )
    if request.old_part_owed:
        raise Refused("old_part_owed", "旧件尚未返还或免返。", "The old part is neither back nor waived.")
