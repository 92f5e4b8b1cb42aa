"""The time, passed in: a handler never asks the machine, so a test lives through a month in a second."""

from datetime import UTC, datetime
from typing import Protocol

from shared.calendar import SHANGHAI

__all__ = ["SHANGHAI", "Clock", "ManualClock", "SystemClock"]


class Clock(Protocol):
    def now(self) -> datetime:
        """The current moment, aware, UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class ManualClock:
    """A clock that stands still until it is told to move."""

    def __init__(self, now: datetime) -> None:
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def move_to(self, moment: datetime) -> None:
        """Raises ValueError if that would turn time back."""
        if moment < self._now:
            raise ValueError(f"time does not run backwards: {moment} is before {self._now}")
        self._now = moment.astimezone(UTC)
