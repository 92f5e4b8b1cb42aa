"""What has happened, a line each, for people: when in Shanghai, who, from where, what."""

from typing import Any

from services.tickets.domain.identity import SHANGHAI
from services.tickets.wording import in_words, origin, who
from shared.eventlog import Recorded
from shared.language import Language, say


def line(recorded: Recorded[Any], language: Language) -> dict[str, Any]:
    """An event in plain words of one language, with the facts behind them for programs."""
    meta, at = recorded.meta, recorded.event.at
    return {
        "when": f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
        "who": say(who(meta.actor), language),
        "from": say(origin(meta.source), language),
        "words": say(in_words(recorded.event), language),
        "position": recorded.position,
        "event": type(recorded.event).__name__,
        "stream": recorded.stream,
        "at": at,
        "recorded_at": meta.recorded_at,
        "actor": meta.actor,
        "source": meta.source,
        "correlation_id": meta.correlation_id,
        "causation_id": meta.causation_id,
    }
