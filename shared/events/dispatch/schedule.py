"""The time of an engineer on one day: what is kept free for which visit."""

from datetime import date
from uuid import UUID

from shared.events.base import Moment
from shared.events.dispatch.values import DispatchEvent


class SlotBooked(DispatchEvent):
    """占用时段 · An engineer's time on one day in Shanghai is kept for a visit."""

    engineer: str
    day: date
    visit: UUID
    starts_at: Moment
    ends_at: Moment
    """结束时刻，不含 · The first moment after it."""
    overlaps: tuple[UUID, ...]
    """已占同一时间的上门 · Visits that have the same time already."""
    override_reason: str | None
    """仍然占用的理由 · Why it was booked in spite of them, or of leave."""
    on_leave: bool = False
    """该时段在休假期内 · Leave of the engineer reaches into that time."""


class SlotShortened(DispatchEvent):
    """缩短时段 · The visit was over before its time was: what is left of that is free again."""

    engineer: str
    day: date
    visit: UUID
    ends_at: Moment
    """结束时刻，不含；与开始时刻相同即全部释放 · The first moment after it; where it begins: nothing is kept."""


class SlotReleased(DispatchEvent):
    """释放时段 · The time is free again."""

    engineer: str
    day: date
    visit: UUID
    reason: str
