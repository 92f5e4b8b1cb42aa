"""What a caller's words allege (4.1, 4.2). A hint that lodges a complaint for people to look into, never a finding."""

import re

from shared.events.tickets import ComplaintCategory

_ALLEGED: tuple[tuple[ComplaintCategory, re.Pattern[str]], ...] = (
    (ComplaintCategory.QUARREL, re.compile(r"态度(?:不好|差|恶劣)|吵(?:起来|架|闹)|争吵|骂|顶撞")),
    (ComplaintCategory.EXTORTION, re.compile(r"索要|索取|要(?:红包|好处|小费)|收(?:红包|好处)|吃拿卡要")),
    (ComplaintCategory.LATENESS, re.compile(r"(?:没有?|未)(?:来|到场|上门|按时)|迟到|失约|放鸽子")),
)


def alleged(summary: str) -> ComplaintCategory | None:
    """4.2.1 a quarrel, 4.2.2 asking for money or favours, 4.2.3 not coming as agreed; None for no complaint."""
    return next((category for category, words in _ALLEGED if words.search(summary)), None)
