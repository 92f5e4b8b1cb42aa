"""Rosters: when an engineer's phone has to be on, leave, and days of trips (4.6, D12)."""

from datetime import date, time
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.events.base import Moment
from shared.events.dispatch.values import DispatchEvent


class DutyWindow(BaseModel):
    """[opens, closes) of a day on the wall; ``closes`` at or before ``opens`` is on the next day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    opens: time
    closes: time


class DutyPlanned(DispatchEvent):
    """值守排班 · These days are days of duty, as said here, whatever was planned for them before."""

    engineer: str
    days: tuple[date, ...]
    windows: tuple[DutyWindow, ...]
    """空：按值守制度的时段 · Empty: those of the phone-duty policy."""
    zone: str
    """时段与日期所用的时区 · Whose clock the windows and the days go by: ``Asia/Shanghai``."""


class DutyCancelled(DispatchEvent):
    """取消值守 · These days are no longer days of duty."""

    engineer: str
    days: tuple[date, ...]
    reason: str


class LeaveGranted(DispatchEvent):
    """准假 · From ``starts`` until ``ends`` the engineer is on leave; why is nobody else's business."""

    engineer: str
    leave: UUID
    starts: Moment
    ends: Moment


class LeaveCancelled(DispatchEvent):
    """销假 · The leave isn't taken."""

    engineer: str
    leave: UUID
    reason: str


class TripDaysRecorded(DispatchEvent):
    """出差日登记 · These are the days of the trip, whatever was recorded of it before; they are days of duty (D12)."""

    engineer: str
    trip: UUID
    days: tuple[date, ...]
    allowance_per_day: Decimal
    """电话费补贴，元（D9）；0 为没有 · Phone allowance, CNY (D9); 0: none."""
    zone: str


class TripDaysDropped(DispatchEvent):
    """出差日取消 · The trip has no days any more."""

    engineer: str
    trip: UUID
