"""Claims on suppliers in plain sentences (3.7)."""

from datetime import datetime
from typing import assert_never

from services.dispatch.domain.names.parts import CLAIM_STEP, SETTLEMENT, SUPPLIER_ANSWER
from services.dispatch.domain.supplier_claim import SupplierClaimEvent
from shared.calendar import SHANGHAI
from shared.decider import Words
from shared.events import dispatch as fact
from shared.events.base import Event
from shared.money import yuan


def supplier_claim_in_words(event: Event) -> Words | None:
    """None of another subject's event."""
    return _claim(event) if isinstance(event, SupplierClaimEvent) else None


def _claim(event: SupplierClaimEvent) -> Words:
    match event:
        case fact.SupplierClaimOpened():
            what, sum_ = f"{event.part_name} {event.quantity}", yuan(event.amount)
            return Words(
                f"向{event.supplier}提出索赔 {event.number}（{what}，{sum_}，3.7）：{event.defect}",
                f"Claim {event.number} on {event.supplier} ({what}, {sum_}, 3.7): {event.defect}",
            )
        case fact.SupplierNotified():
            due = _when(event.answer_due)
            return Words(
                f"已通知供方（{event.reference}），请其在 {due} 前答复。",
                f"The supplier was told ({event.reference}) and is to answer by {due}.",
            )
        case fact.SupplierAnswered():
            how = SUPPLIER_ANSWER[event.answer]
            return Words(f"供方{how.zh}：{event.words}", f"The supplier {how.en} it: {event.words}")
        case fact.SupplierClaimSettled():
            how, sum_ = SETTLEMENT[event.kind], yuan(event.amount)
            return Words(
                f"了结：{how.zh}，供方承担 {sum_}（{event.reference}）。",
                f"Settled: {how.en}, the supplier bears {sum_} ({event.reference}).",
            )
        case fact.SupplierClaimAbandoned():
            by = event.abandoned_by
            return Words(f"{by} 放弃索赔：{event.reason}", f"Given up by {by}: {event.reason}")
        case fact.SupplierClaimOverdue():
            step, since = CLAIM_STEP[event.step], _when(event.due)
            return Words(f"{step.zh}逾期（{since}）。", f"Overdue since {since}: {step.en}.")
        case _:
            assert_never(event)


def _when(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
