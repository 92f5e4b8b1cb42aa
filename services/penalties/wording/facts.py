"""Facts, in words: what was heard, and what it led to."""

from services.penalties.domain.names.policy import FACT_KIND
from shared.decider import Words
from shared.events.base import Event
from shared.events.penalties import FactCharged, FactCleared, FactReported


def fact_in_words(event: Event) -> Words | None:
    """None for another subject's event."""
    match event:
        case FactReported():
            kind, heard = FACT_KIND[event.kind], event.evidence
            return Words(
                f"事实登记：{kind.zh}，依据 {heard.topic}（{heard.event}）",
                f"Heard of a fact, {kind.en}, by {heard.topic} ({heard.event})",
            )
        case FactCharged():
            return Words(
                f"事实立案：制度第 {event.policy_version} 版 {event.rule}",
                f"It breaks {event.rule} of version {event.policy_version}: a suspicion stands for it",
            )
        case FactCleared():
            return Words(
                f"事实销案：依据 {event.evidence.topic}（{event.evidence.event}）",
                f"The suspicion no longer stands for it, by {event.evidence.topic} ({event.evidence.event})",
            )
        case _:
            return None
