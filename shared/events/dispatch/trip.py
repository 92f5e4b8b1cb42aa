"""Trips: where an engineer goes, and for which days (4.3, 5.1)."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.events.dispatch.expense_values import DayUse, Stop
from shared.events.dispatch.values import DispatchEvent


class TripPlanned(DispatchEvent):
    """出差计划 · An engineer is sent away; the itinerary follows from the visits (4.3)."""

    trip: UUID
    number: str
    """供人使用的编号 · For people: ``CC-20261003-7F3KQ2``."""
    engineer: str
    home: str
    """服务人员常驻城市 · The city where the engineer is based."""
    starts: date
    ends: date
    """起止两天都算出差，上海日期 · Both days belong to the trip, Asia/Shanghai."""
    stops: tuple[Stop, ...]
    transit: tuple[str, ...]
    """途经城市 · Cities passed through."""
    allowance_per_day: Decimal
    """元，每天的出差电话费补贴 · CNY, phone allowance of each day."""
    planned_by: str


class TripChanged(DispatchEvent):
    """出差变更 · Days or places of a trip are others than planned, with the reason."""

    trip: UUID
    engineer: str
    starts: date
    ends: date
    stops: tuple[Stop, ...]
    transit: tuple[str, ...]
    reason: str
    changed_by: str


class TripEnded(DispatchEvent):
    """出差结束 · The engineer is back; the days stand."""

    trip: UUID
    engineer: str
    starts: date
    ends: date


class TripCancelled(DispatchEvent):
    """出差取消 · The trip doesn't take place."""

    trip: UUID
    engineer: str
    reason: str


class TripExpensesClaimed(DispatchEvent):
    """出差费用已申报 · A claim uses so much of what may be spent on the trip's days; replaces what it used before."""

    trip: UUID
    claim: UUID
    uses: tuple[DayUse, ...]


class TripExpensesReleased(DispatchEvent):
    """出差费用申报作废 · A claim that came to nothing no longer uses the trip's days."""

    trip: UUID
    claim: UUID
