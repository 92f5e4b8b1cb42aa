"""What was heard of engineers, and what was made of it, in plain sentences."""

from typing import assert_never

from services.penalties.domain.fact import FactEvent
from services.penalties.domain.names.policy import FACT_KIND
from shared.decider import Words
from shared.events import penalties as fact
from shared.events.base import Event
from shared.money import yuan


def fact_in_words(event: Event) -> Words | None:
    """None of another subject's event."""
    return _fact(event) if isinstance(event, FactEvent) else None


def _fact(event: FactEvent) -> Words:
    match event:
        case fact.FactReported():
            kind, source = FACT_KIND[event.kind], event.evidence.topic
            return Words(
                f"就 {event.engineer} 的“{kind.zh}”收到 {source}（{event.evidence.event}）。",
                f"{source} ({event.evidence.event}) was heard about {event.engineer}: {kind.en}.",
            )
        case fact.FactCharged():
            at_stake = yuan(event.amount)
            zh = f"，涉及{'当日补贴' if event.allowance else ''} {at_stake}" if event.amount else ""
            en = f", {at_stake}{' of that day’s allowance' if event.allowance else ''} at stake" if event.amount else ""
            return Words(
                f"按制度第 {event.policy_version} 版 {event.rule} 立案{zh}；由人决定。",
                f"By rule {event.rule} of policy version {event.policy_version} a suspicion stands{en}; people decide.",
            )
        case fact.FactCleared():
            return Words(
                f"据 {event.evidence.topic}（{event.evidence.event}），原立案不再成立。",
                f"By {event.evidence.topic} ({event.evidence.event}) the suspicion no longer stands for it.",
            )
        case _:
            assert_never(event)
