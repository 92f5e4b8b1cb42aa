"""The time, passed in: a handler never asks the machine, so a test lives through a month in a second."""

import asyncio
from datetime import UTC, datetime
from typing import Protocol

from shared.calendar import SHANGHAI

__all__ = ["SHANGHAI", "Clock", "ManualClock", "SystemClock"]


class Clock(Protocol):
    def now(self) -> datetime:
        """The current moment, aware, UTC."""
        ...

    async def reach(self, moment: datetime) -> None:
        """Returns when it is ``moment`` or later."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def reach(self, moment: datetime) -> None:
        while (left := (moment - self.now()).total_seconds()) > 0:  # noqa: ASYNC110 - no event tells of a clock that is set
            await asyncio.sleep(min(left, 1.0))


class ManualClock:
    """A clock that stands still until it is told to move."""

    def __init__(self, now: datetime) -> None:
        self._now = now.astimezone(UTC)
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        return self._now

    def move_to(self, moment: datetime) -> None:
        """Raises ValueError if that would turn time back."""
        if moment < self._now:
            raise ValueError(f"time does not run backwards: {moment} is before {self._now}")
        self._now = moment.astimezone(UTC)
        self._moved.set()
        self._moved = asyncio.Event()

    async def reach(self, moment: datetime) -> None:
        while self._now < moment:
            await self._moved.wait()
