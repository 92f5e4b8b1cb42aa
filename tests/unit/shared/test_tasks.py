"""Tasks end, also where a library swallows a cancellation."""

import asyncio
from contextlib import suppress

import pytest

from shared.tasks import end, together


async def deaf(ended: list[str], name: str = "deaf") -> None:
    """Swallows its first cancellation, as nats-py does while it flushes."""
    with suppress(asyncio.CancelledError):
        await asyncio.Event().wait()
    try:
        await asyncio.Event().wait()
    finally:
        ended.append(name)


async def test_a_task_that_swallows_a_cancellation_ends_all_the_same() -> None:
    ended: list[str] = []
    task = asyncio.create_task(deaf(ended))
    await asyncio.sleep(0)
    await asyncio.wait_for(end([task]), 5)
    assert ended == ["deaf"]


async def test_who_is_cancelled_while_ending_tasks_leaves_none_behind() -> None:
    ended: list[str] = []
    task = asyncio.create_task(deaf(ended))
    await asyncio.sleep(0)
    ending = asyncio.create_task(end([task]))
    await asyncio.sleep(0)
    ending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ending
    assert ended == ["deaf"]


async def test_when_one_fails_the_others_are_ended_and_its_error_is_raised() -> None:
    ended: list[str] = []

    async def fails() -> None:
        await asyncio.sleep(0)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await together(deaf(ended, "a"), fails(), deaf(ended, "b"))
    assert sorted(ended) == ["a", "b"]
