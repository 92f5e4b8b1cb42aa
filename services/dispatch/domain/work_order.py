"""A work order: ``DRAFT → QUALIFIED → SCHEDULED → IN_PROGRESS → WORK_DONE → REPORTED → VERIFIED⚖ → POSTED``;
``→ CANCELLED`` before WORK_DONE; ``→ INCOMPLETE`` with a follow-up.

Until the work is done its status rolls up from its visits; costs are added until POSTED freezes them (5.4).
"""

from collections.abc import Callable, Mapping, Sequence, Set
from functools import partial
from typing import Any, assert_never

from services.dispatch.domain import work_order_commands as wish
from services.dispatch.domain.identity import work_order_number
from services.dispatch.domain.names.work_orders import (
    WORK_ORDER,
    WORK_ORDER_ACTION,
    WORK_ORDER_HINT,
    WORK_ORDER_STATUS,
)
from services.dispatch.domain.work_order_state import NEW, WorkOrder, WorkOrderEvent, deadlines, evolve
from shared.decider import Refused, Words
from shared.events import dispatch as fact
from shared.events.dispatch import CostKind, VisitProgress
from shared.events.dispatch import WorkOrderStatus as S
from shared.facts import repeats, same, tell
from shared.refusal import not_now, why_not

__all__ = ["NEW", "STREAM", "WorkOrder", "available", "deadlines", "decide", "evolve", "known", "permit"]

STREAM = "work_order"

_BEFORE_DONE = frozenset({S.QUALIFIED, S.SCHEDULED, S.IN_PROGRESS})

ALLOWED: Mapping[str, frozenset[S]] = {
    "qualify": _BEFORE_DONE | {S.DRAFT},
    "plan_visit": _BEFORE_DONE,
    "record_report": frozenset(S) - {S.DRAFT, S.QUALIFIED, S.CANCELLED},
    "add_cost": frozenset(S) - {S.POSTED},
    "verify": frozenset({S.REPORTED}),
    "post": frozenset({S.VERIFIED}),
    "mark_incomplete": frozenset({S.IN_PROGRESS, S.WORK_DONE, S.REPORTED}),
    "cancel": _BEFORE_DONE | {S.DRAFT},
}
"""In which states the lifecycle lists an action. A report may be signed before the last visit is told to be done."""


def decide(command: wish.WorkOrderCommand, order: WorkOrder) -> Sequence[WorkOrderEvent]:
    """The events that ``command`` causes; none when it says again what has happened. Raises ``Refused``."""
    match command:
        case wish.DraftWorkOrder():
            return _draft(command, order)
        case wish.QualifyWorkOrder():
            return _qualify(command, order)
        case wish.NoteVisit():
            return _note_visit(command, order)
        case wish.RecordReport():
            return _record_report(command, order)
        case wish.NoteLateCost():
            return _note_late_cost(command, order)
        case wish.AddCost():
            return _add_cost(command, order)
        case wish.VerifyWorkOrder():
            return _verify(command, order)
        case wish.PostWorkOrder():
            return _post(command, order)
        case wish.MarkIncomplete():
            return _mark_incomplete(command, order)
        case wish.CancelWorkOrder():
            return _cancel(command, order)
        case _:
            assert_never(command)


def available(order: WorkOrder, names: Set[str | None] = frozenset()) -> dict[str, Words | None]:
    """For every action None where it is open now, otherwise why not; ``names``: to who goes by these (⚖)."""
    guards: dict[str, Callable[[], None]] = {
        action: partial(permit, action, order) for action in ALLOWED if action != "record_report"
    }
    guards["verify"] = partial(_permit_verify, order, names)
    guards["mark_incomplete"] = partial(_permit_incomplete, order)
    return {action: why_not(guard) for action, guard in guards.items()}


def known(order: WorkOrder) -> fact.WorkOrderFacts:
    """What is to be done. Raises ``Refused`` where there is no such work order."""
    if order.facts is None:
        raise Refused("work_order_unknown", "没有这张派工单。", "There is no such work order.")
    return order.facts


def permit(action: str, order: WorkOrder) -> None:
    """Raises ``Refused`` unless ``action`` is open now."""
    known(order)
    status = order.status
    if status not in ALLOWED[action]:
        words, hint = WORK_ORDER_STATUS[status], WORK_ORDER_HINT[status]
        raise not_now("work_order", WORK_ORDER, WORK_ORDER_ACTION[action], status, words, hint)


# --- what is to be done -----------------------------------------------------------------------------------------------


def _draft(command: wish.DraftWorkOrder, order: WorkOrder) -> Sequence[WorkOrderEvent]:
    event = tell(fact.WorkOrderDrafted, command, number=work_order_number(command.work_order, command.at))
    if order.drafted is None:
        return [event]
    if same(event.model_copy(update={"number": order.drafted.number}), order.drafted):
        return []
    raise Refused("work_order_exists", "该派工单已存在。", "There is such a work order already.")


def _qualify(command: wish.QualifyWorkOrder, order: WorkOrder) -> Sequence[WorkOrderEvent]:
    """Known enough to be planned: what for, and where to go. Said anew, these are the facts from then on."""
    if order.qualified and repeats(command, order.qualified):
        return []
    permit("qualify", order)
    before = known(order)
    if command.purpose is None:
        raise Refused("purpose_missing", "请选择派工用途。", "Say what it is for.")
    if not (command.customer or command.site or command.person):
        raise Refused("customer_missing", "请选择客户、地点或联系人。", "Name the customer, the site or a person.")
    if command.wanted_from and command.wanted_until and command.wanted_until < command.wanted_from:
        raise Refused("wanted_time_invalid", "期望时间的起止颠倒。", "The wanted time ends before it begins.")
    own = {"work_order": before.work_order, "number": before.number}
    return [tell(fact.WorkOrderQualified, command, **own, **_continuation(order))]


def _continuation(order: WorkOrder) -> dict[str, Any]:
    """Which order it goes on with, and why: the word of the one may come before the word of the other."""
    draft = order.drafted
    if draft is None or draft.follows is None:
        return {}
    return {"follows": draft.follows, "follows_reason": draft.follows_reason, "follows_since": draft.at}


# --- visits -----------------------------------------------------------------------------------------------------------


def _note_visit(command: wish.NoteVisit, order: WorkOrder) -> Sequence[WorkOrderEvent]:
    """The status rolls up from the visits; what became of a visit is a fact also where the order has ended. A visit
    that is over stays over."""
    before = order.visits.get(command.visit)
    if before and (repeats(command, before) or before.progress in _OVER):
        return []
    if before is None:
        permit("plan_visit", order)
    facts = known(order)
    noted = tell(
        fact.WorkOrderVisitNoted, command, work_order=facts.work_order, status=order.status, noted_by=command.by
    )
    after = evolve(order, noted)
    noted = noted.model_copy(update={"status": after.status})
    return [noted, *_reached(command, after, facts)]


_OVER = frozenset({VisitProgress.DONE, VisitProgress.ABORTED})


def _reached(command: wish.NoteVisit, order: WorkOrder, facts: fact.WorkOrderFacts) -> Sequence[WorkOrderEvent]:
    """What the work order has come to for the first time."""
    own = {"at": command.at, "work_order": facts.work_order, "ticket": facts.ticket}
    match order.status:
        case S.SCHEDULED if not order.scheduled:
            return [fact.WorkOrderScheduled(**own)]
        case S.IN_PROGRESS if not order.started:
            return [fact.WorkOrderStarted(**own)]
        case S.WORK_DONE | S.REPORTED if not order.done:
            begun = [] if order.started else [fact.WorkOrderStarted(**own)]
            return [*begun, fact.WorkOrderWorkDone(**own, status=order.status)]
        case _:
            return []


# --- report, verification, posting ------------------------------------------------------------------------------------


def _record_report(command: wish.RecordReport, order: WorkOrder) -> Sequence[WorkOrderEvent]:
    """3.6: signed by the customer, or refused with a reason. A corrected report has to be verified again."""
    last = order.report
    if last and repeats(command, last):
        return []
    permit("record_report", order)
    if bool(command.signed_at) == bool(command.signature_refused):
        raise Refused(
            "signature_missing",
            "服务报告须由客户签字，或注明拒签原因（3.6）。",
            "The customer signs the report, or it is said why not (3.6).",
        )
    signed_after_all = last and last.signature_refused and command.signed_at and command.version == last.version
    if last and last.report == command.report and command.version <= last.version and not signed_after_all:
        raise Refused(
            "report_superseded",
            f"服务报告已有第 {last.version} 版。",
            f"There is version {last.version} of the report already.",
        )
    facts = known(order)
    own = {"work_order": facts.work_order, "ticket": facts.ticket, "reported_by": command.by}
    event = tell(fact.WorkOrderReported, command, **own, status=order.status)
    return [event.model_copy(update={"status": evolve(order, event).status})]


def _permit_verify(order: WorkOrder, names: Set[str | None]) -> None:
    """⚖: whoever had a part in the work or its report can't verify it."""
    permit("verify", order)
    if names & order.hands:
        raise Refused(
            "four_eyes",
            "验收须由未参与作业和报告的人进行（⚖）。",
            "Somebody verifies it who had no part in the work or its report (⚖).",
        )


def _verify(command: wish.VerifyWorkOrder, order: WorkOrder) -> Sequence[WorkOrderEvent]:
    if order.verified and (order.verified.verified_by, order.verified.note) == (command.by, command.note):
        return []
    _permit_verify(order, {command.by, command.decider_engineer})
    facts, report = known(order), order.report
    assert report, "what is REPORTED has a report"
    return [
        tell(
            fact.WorkOrderVerified,
            command,
            work_order=facts.work_order,
            number=facts.number,
            ticket=facts.ticket,
            report=report.report,
            report_version=report.version,
            verified_by=command.by,
        )
    ]


def _post(command: wish.PostWorkOrder, order: WorkOrder) -> Sequence[WorkOrderEvent]:
    """5.4: the costs are what they are from now on."""
    if order.posted:
        return []
    permit("post", order)
    facts = known(order)
    return [
        fact.WorkOrderPosted(
            at=command.at,
            work_order=facts.work_order,
            number=facts.number,
            ticket=facts.ticket,
            purpose=facts.purpose,
            contract=facts.contract,
            people=order.total(CostKind.PEOPLE),
            material=order.total(CostKind.MATERIAL),
            freight=order.total(CostKind.FREIGHT),
            travel=order.total(CostKind.TRAVEL),
            total=order.total(),
            posted_by=command.by,
        )
    ]


# --- costs ------------------------------------------------------------------------------------------------------------


def _add_cost(command: wish.AddCost, order: WorkOrder) -> Sequence[WorkOrderEvent]:
    """5.4. Told again it is the same cost; another one needs a cause of its own."""
    if _added(command, order.costs):
        return []
    permit("add_cost", order)
    if not command.amount:
        raise Refused("cost_zero", "金额不能为零。", "The amount can't be zero.")
    if order.total(command.kind) + command.amount < 0:
        raise Refused("cost_below_zero", "冲减后该项费用不能为负。", "No kind of cost can become negative.")
    facts = known(order)
    return [tell(fact.CostAdded, command, work_order=facts.work_order, purpose=facts.purpose)]


def _note_late_cost(command: wish.NoteLateCost, order: WorkOrder) -> Sequence[WorkOrderEvent]:
    """Posted costs are frozen, and yet nothing gets lost."""
    if _added(command, order.costs) or _added(command, order.late_costs):
        return []
    return [tell(fact.LateCostNoted, command, work_order=known(order).work_order)]


def _added(command: wish.AddCost, costs: Mapping[str, fact.CostAdded] | Mapping[str, fact.LateCostNoted]) -> bool:
    """Raises ``Refused`` where the cause stands for another cost."""
    before = costs.get(command.cause)
    if before and (before.kind, before.amount) != (command.kind, command.amount):
        raise Refused(
            "cost_cause_used", "该费用事由已登记为另一笔费用。", "That cause stands for another cost already."
        )
    return before is not None


# --- ends -------------------------------------------------------------------------------------------------------------


def _permit_incomplete(order: WorkOrder) -> None:
    """Whoever is on site leaves first; visits that nobody has begun are aborted with it."""
    permit("mark_incomplete", order)
    if any(noted.progress is VisitProgress.UNDER_WAY for noted in order.visits.values()):
        raise Refused(
            "visit_under_way", "仍有人在现场，请先完成或中止该次上门。", "An engineer is on site: end that visit first."
        )


def _mark_incomplete(command: wish.MarkIncomplete, order: WorkOrder) -> Sequence[WorkOrderEvent]:
    if isinstance(order.ended, fact.WorkOrderIncomplete) and repeats(command, order.ended):
        return []
    _permit_incomplete(order)
    facts = known(order)
    number = work_order_number(command.follow_up, command.at)
    own = {"work_order": facts.work_order, "number": facts.number, "ticket": facts.ticket}
    return [tell(fact.WorkOrderIncomplete, command, **own, follow_up_number=number)]


def _cancel(command: wish.CancelWorkOrder, order: WorkOrder) -> Sequence[WorkOrderEvent]:
    if isinstance(order.ended, fact.WorkOrderCancelled) and repeats(command, order.ended):
        return []
    permit("cancel", order)
    facts = known(order)
    own = {"work_order": facts.work_order, "number": facts.number, "ticket": facts.ticket}
    return [tell(fact.WorkOrderCancelled, command, **own)]
