"""Many stories on one clock: it moves to the earliest moment that any of them waits for."""

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any

Story = Coroutine[Any, Any, None]


class Timeline:
    """Plays stories one after the other, in the order of the moments that they wait for, so that a seed gives the same
    month each time. ``move`` moves the clock, and all that is due on the way happens first."""

    def __init__(self, move: Callable[[datetime], Awaitable[None]]) -> None:
        self._move = move
        self._waiting: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._resting = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(self, story: Story) -> None:
        """Tell ``story`` until it waits for its first moment."""
        self._resting.clear()
        task = asyncio.create_task(story)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        await self._rest(task)

    async def reach(self, moment: datetime) -> None:
        """In a story: wait for ``moment``; one that has passed is now."""
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (moment, next(self._order), place))
        self._resting.set()
        await place

    async def play(self, told: Callable[[datetime], Awaitable[None]]) -> None:
        """To the end of all stories; ``told`` hears of each moment before what happens at it. The first error of a
        story is raised."""
        while self._waiting:
            moment, _, place = heapq.heappop(self._waiting)
            await told(moment)
            await self._move(moment)
            self._resting.clear()
            place.set_result(None)
            await self._rest(None)

    async def stop(self) -> None:
        """Leave the stories that are not at their end."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _rest(self, task: "asyncio.Task[None] | None") -> None:
        await self._resting.wait()
        for ended in [each for each in self._tasks if each.done()]:
            self._tasks.discard(ended)
            ended.result()

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._resting.set()
