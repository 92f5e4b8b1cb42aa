"""The chain's heads, in words."""

from shared.decider import Words
from shared.events.base import Event
from shared.events.penalties import ChainHeadSigned


def chain_in_words(event: Event) -> Words | None:
    """None for another subject's event."""
    if not isinstance(event, ChainHeadSigned):
        return None
    return Words(
        f"日志链签名:至位置 {event.position},链值 {event.head[:12]}…",
        f"The log's chain was signed up to position {event.position}: {event.head[:12]}…",
    )
