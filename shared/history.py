"""What has happened, a line each, for people: when in Shanghai, who, from where, what."""

from collections.abc import Callable, Mapping
from typing import Any

from shared.calendar import SHANGHAI
from shared.decider import Words
from shared.eventlog import Recorded
from shared.events.base import Event, Source
from shared.language import Language, say


def line(recorded: Recorded[Any], language: Language, in_words: Callable[[Event], Words]) -> dict[str, Any]:
    """An event in plain words of one language, with the facts behind them for programs."""
    meta, at = recorded.meta, recorded.event.at
    return {
        "when": f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
        "who": say(who(meta.actor), language),
        "from": say(SOURCE[meta.source], language),
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


def who(actor: str) -> Words:
    """Whoever acted: an account by its name, the system and the customer in words."""
    kind, _, _ = actor.partition(":")
    return _ACTORS.get(kind) or Words(actor, actor)


_ACTORS = {
    "timer": Words("系统（到期）", "the system, as a time was up"),
    "reaction": Words("系统", "the system"),
    "customer": Words("客户本人", "the customer"),
}

SOURCE: Mapping[Source, Words] = {
    Source.CALL: Words("通话", "a call"),
    Source.APP: Words("手机应用", "the app"),
    Source.WEB: Words("网页", "the web"),
    Source.TIMER: Words("定时", "a timer"),
    Source.IMPORT: Words("导入", "an import"),
    Source.EVENT: Words("其他服务", "another service"),
}
"""From where a fact reached the log."""
