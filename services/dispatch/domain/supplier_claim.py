"""A claim on a supplier for the fault of a part that was bought (3.7): ``OPENED → NOTIFIED → {ACCEPTED | DISPUTED} →
SETTLED``; ``→ ABANDONED⚖``. Each step has a deadline.

D28: purchasing settles it with the supplier; the customer is served first, so no work order ever waits for a claim.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Annotated, assert_never
from uuid import UUID

from pydantic import Field

from services.dispatch.domain.identity import supplier_claim_number
from services.dispatch.domain.names.parts import CLAIM_ACTION, CLAIM_HINT, CLAIM_STATUS
from services.dispatch.domain.parts_policy import end_after
from services.dispatch.domain.quantity import Quantity
from shared.decider import Arm, Breach, Command, DeadlineChange, Drop, Meet, Refused, Words
from shared.events.dispatch import (
    SettlementKind,
    SupplierAnswer,
    SupplierAnswered,
    SupplierClaimAbandoned,
    SupplierClaimOpened,
    SupplierClaimOverdue,
    SupplierClaimSettled,
    SupplierNotified,
    SupplierStep,
)
from shared.events.dispatch import SupplierClaimStatus as S
from shared.facts import repeats, same, tell
from shared.money import NonNegativeMoney
from shared.refusal import not_now, why_not
from shared.text import Name, Text

STREAM = "supplier_claim"

PURCHASING = "purchasing"
"""D28: who settles it, unless said otherwise."""

_OPEN = frozenset({S.OPENED, S.NOTIFIED, S.ACCEPTED, S.DISPUTED})

ALLOWED: Mapping[str, frozenset[S]] = {
    "notify": frozenset({S.OPENED}),
    "record_answer": frozenset({S.NOTIFIED, S.DISPUTED}),
    "settle": frozenset({S.ACCEPTED, S.DISPUTED}),
    "abandon": _OPEN,
}
"""In which states the lifecycle lists an action; a supplier who disputed may yet accept."""

# --- commands ---------------------------------------------------------------------------------------------------------


class OpenSupplierClaim(Command):
    """What is wrong with what was bought from whom."""

    claim: UUID
    supplier: Name
    part: UUID
    part_code: Name
    part_name: Name
    quantity: Quantity
    lots: Annotated[tuple[Name, ...], Field(max_length=50)] = ()
    defect: Text
    amount: NonNegativeMoney
    request: UUID | None = None
    work_order: UUID | None = None
    responsible: Name = PURCHASING
    notice_days: int


class NotifySupplier(Command):
    reference: Name
    """The number of the letter or message."""
    answer_days: int


class RecordSupplierAnswer(Command):
    answer: SupplierAnswer
    words: Text
    settlement_days: int


class SettleSupplierClaim(Command):
    kind: SettlementKind
    amount: NonNegativeMoney
    reference: Name


class AbandonSupplierClaim(Command):
    reason: Text


class MarkSupplierClaimOverdue(Command):
    """The timer says that a step wasn't done in time."""


SupplierClaimCommand = (
    OpenSupplierClaim
    | NotifySupplier
    | RecordSupplierAnswer
    | SettleSupplierClaim
    | AbandonSupplierClaim
    | MarkSupplierClaimOverdue
)
SupplierClaimEvent = (
    SupplierClaimOpened
    | SupplierNotified
    | SupplierAnswered
    | SupplierClaimSettled
    | SupplierClaimAbandoned
    | SupplierClaimOverdue
)

# --- state ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SupplierClaim:
    status: S | None = None
    opened: SupplierClaimOpened | None = None
    latest: datetime | None = None
    """When the last step happened."""
    notified: SupplierNotified | None = None
    answered: SupplierAnswered | None = None
    ended: SupplierClaimSettled | SupplierClaimAbandoned | None = None
    waiting_for: SupplierStep | None = None
    due: datetime | None = None
    """Until when that step has to be done."""
    overdue: bool = False


NEW = SupplierClaim()


def evolve(claim: SupplierClaim, event: SupplierClaimEvent) -> SupplierClaim:
    match event:
        case SupplierClaimOpened():
            return SupplierClaim(S.OPENED, event, event.at, waiting_for=SupplierStep.NOTICE, due=event.notice_due)
        case SupplierNotified():
            waits = _waits(claim, event.at, SupplierStep.ANSWER, event.answer_due)
            return replace(waits, status=S.NOTIFIED, notified=event)
        case SupplierAnswered():
            accepted = event.answer is SupplierAnswer.ACCEPTED
            said = replace(claim, status=S.ACCEPTED if accepted else S.DISPUTED, answered=event, latest=event.at)
            due = event.settlement_due
            return _waits(said, event.at, SupplierStep.SETTLEMENT, due) if due else said
        case SupplierClaimSettled():
            return replace(_waits(claim, event.at), status=S.SETTLED, ended=event)
        case SupplierClaimAbandoned():
            return replace(_waits(claim, event.at), status=S.ABANDONED, ended=event)
        case SupplierClaimOverdue():
            return replace(claim, overdue=True)
        case _:
            assert_never(event)


def _waits(
    claim: SupplierClaim, at: datetime, step: SupplierStep | None = None, due: datetime | None = None
) -> SupplierClaim:
    return replace(claim, latest=at, waiting_for=step, due=due, overdue=False)


def deadlines(event: SupplierClaimEvent) -> Sequence[DeadlineChange]:
    """Each step meets its own deadline and starts the next one's."""
    match event:
        case SupplierClaimOpened():
            return [Arm(SupplierStep.NOTICE, event.notice_due)]
        case SupplierNotified():
            return [Meet(SupplierStep.NOTICE, event.at), Arm(SupplierStep.ANSWER, event.answer_due)]
        case SupplierAnswered():
            due = event.settlement_due
            return [Meet(SupplierStep.ANSWER, event.at), Arm(SupplierStep.SETTLEMENT, due)] if due else []
        case SupplierClaimSettled():
            return [Meet(SupplierStep.SETTLEMENT, event.at)]
        case SupplierClaimAbandoned():
            return [Drop(event.step)] if event.step else []
        case SupplierClaimOverdue():
            return [Breach(event.step, event.at)]
        case _:
            assert_never(event)


# --- decisions --------------------------------------------------------------------------------------------------------


def decide(command: SupplierClaimCommand, claim: SupplierClaim) -> Sequence[SupplierClaimEvent]:
    """The events that ``command`` causes; none when it says again what has happened. Raises ``Refused``."""
    match command:
        case OpenSupplierClaim():
            return _open(command, claim)
        case NotifySupplier():
            return _notify(command, claim)
        case RecordSupplierAnswer():
            return _record_answer(command, claim)
        case SettleSupplierClaim():
            return _settle(command, claim)
        case AbandonSupplierClaim():
            return _abandon(command, claim)
        case MarkSupplierClaimOverdue():
            return _mark_overdue(command, claim)
        case _:
            assert_never(command)


def available(claim: SupplierClaim, by: str) -> dict[str, Words | None]:
    """For every action None where it is open to ``by`` now, otherwise why not."""
    guards: dict[str, Callable[[], None]] = {action: partial(_permit, action, claim) for action in ALLOWED}
    guards["abandon"] = partial(_can_abandon, claim, by)
    return {action: why_not(guard) for action, guard in guards.items()}


def known(claim: SupplierClaim) -> SupplierClaimOpened:
    """How it began. Raises ``Refused`` where there is none."""
    if claim.opened is None:
        raise Refused("supplier_claim_unknown", "没有这项外协索赔。", "There is no such claim on a supplier.")
    return claim.opened


def check_bought(bought: bool) -> None:
    """3.7 is about parts that were bought. Raises ``Refused``."""
    if not bought:
        raise Refused(
            "part_is_made", "自产件没有供方可索赔。", "It is made, not bought: there is no supplier to claim on."
        )


def _permit(action: str, claim: SupplierClaim, at: datetime | None = None) -> None:
    known(claim)
    status = claim.status
    if status and status not in ALLOWED[action]:
        kind = Words("外协索赔", "claim on the supplier")
        raise not_now("supplier_claim", kind, CLAIM_ACTION[action], status, CLAIM_STATUS[status], CLAIM_HINT[status])
    if at and claim.latest and at < claim.latest:
        raise Refused(
            "before_last_step",
            "时间早于上一步；请核对发生时间。",
            "That would be before the last step: check when it happened.",
        )


def _open(command: OpenSupplierClaim, claim: SupplierClaim) -> Sequence[SupplierClaimEvent]:
    due = end_after(command.at, command.notice_days)
    number = supplier_claim_number(command.claim, command.at)
    event = tell(SupplierClaimOpened, command, number=number, opened_by=command.by, notice_due=due)
    if claim.opened is None:
        return [event]
    if same(
        event.model_copy(update={"number": claim.opened.number, "notice_due": claim.opened.notice_due}), claim.opened
    ):
        return []
    raise Refused("supplier_claim_exists", "该索赔已存在。", "There is such a claim already.")


def _notify(command: NotifySupplier, claim: SupplierClaim) -> Sequence[SupplierClaimEvent]:
    if claim.notified and repeats(command, claim.notified):
        return []
    _permit("notify", claim, command.at)
    due = end_after(command.at, command.answer_days)
    told = tell(SupplierNotified, command, claim=known(claim).claim, answer_due=due)
    return [*_late(claim, command.at), told]


def _record_answer(command: RecordSupplierAnswer, claim: SupplierClaim) -> Sequence[SupplierClaimEvent]:
    if claim.answered and repeats(command, claim.answered):
        return []
    _permit("record_answer", claim, command.at)
    due = None if claim.answered else end_after(command.at, command.settlement_days)
    late = [] if claim.answered else _late(claim, command.at)
    return [*late, tell(SupplierAnswered, command, claim=known(claim).claim, settlement_due=due)]


def _settle(command: SettleSupplierClaim, claim: SupplierClaim) -> Sequence[SupplierClaimEvent]:
    if isinstance(claim.ended, SupplierClaimSettled) and repeats(command, claim.ended):
        return []
    _permit("settle", claim, command.at)
    settled = tell(SupplierClaimSettled, command, claim=known(claim).claim, settled_by=command.by)
    return [*_late(claim, command.at), settled]


def _abandon(command: AbandonSupplierClaim, claim: SupplierClaim) -> Sequence[SupplierClaimEvent]:
    if isinstance(claim.ended, SupplierClaimAbandoned) and repeats(command, claim.ended):
        return []
    _can_abandon(claim, command.by)
    _permit("abandon", claim, command.at)
    late = _late(claim, command.at)
    step = None if claim.overdue or late else claim.waiting_for
    abandoned = tell(SupplierClaimAbandoned, command, claim=known(claim).claim, abandoned_by=command.by, step=step)
    return [*late, abandoned]


def _can_abandon(claim: SupplierClaim, by: str) -> None:
    """⚖ The company's money is not given up by the one who asked for it."""
    _permit("abandon", claim)
    if by == known(claim).opened_by:
        raise Refused(
            "opener_cannot_abandon", "提出索赔的人不能放弃索赔。", "Whoever opened the claim can't give it up."
        )


def _mark_overdue(command: MarkSupplierClaimOverdue, claim: SupplierClaim) -> Sequence[SupplierClaimEvent]:
    """It is overdue from the due time on, not from when somebody looks."""
    if claim.waiting_for is None or claim.due is None or claim.overdue:
        return []
    if command.at < claim.due:
        raise Refused("step_not_due", "期限未到。", "There is still time.")
    return _late(claim, command.at)


def _late(claim: SupplierClaim, at: datetime) -> Sequence[SupplierClaimOverdue]:
    """What the timer says, or hasn't said yet when the step comes too late."""
    step, due = claim.waiting_for, claim.due
    if step is None or due is None or claim.overdue or at < due:
        return []
    return [SupplierClaimOverdue(at=due, claim=known(claim).claim, step=step, due=due)]
