"""Trips: statuses and actions."""

from collections.abc import Mapping

from shared.decider import Words
from shared.events.dispatch import TripStatus

TRIP_STATUS: Mapping[TripStatus, Words] = {
    TripStatus.PLANNED: Words("已计划", "planned"),
    TripStatus.ENDED: Words("已结束", "ended"),
    TripStatus.CANCELLED: Words("已取消", "cancelled"),
}

TRIP_HINT: Mapping[TripStatus, Words] = {
    TripStatus.PLANNED: Words("可以变更、结束或取消。", "Change, end or cancel it."),
    TripStatus.ENDED: Words(
        "如日期或地点有误，请变更并说明原因。", "Change it, with the reason, if days or places are wrong."
    ),
    TripStatus.CANCELLED: Words("请新建出差。", "Plan a new trip."),
}
"""What to do instead."""

TRIP_ACTION: Mapping[str, Words] = {
    "plan": Words("计划出差", "plan a trip"),
    "change": Words("变更", "change"),
    "end": Words("结束", "end"),
    "cancel": Words("取消", "cancel"),
    "draft_claim": Words("新建报销单", "draft a claim"),
}
