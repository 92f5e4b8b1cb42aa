"""Tasks that end when they are told to.

A cancellation can get lost: nats-py swallows one while it flushes, and before Python 3.12 ``asyncio.wait_for``, which
psycopg's pool is built on, swallows one that comes together with its result. Whoever waits for a cancelled task must
therefore be ready to cancel it again.
"""

import asyncio
from collections.abc import Collection, Coroutine
from typing import Any

AGAIN_SECONDS = 0.2


async def end(tasks: Collection["asyncio.Task[Any]"]) -> None:
    """Cancel ``tasks``, as often as it takes, and wait until they have ended. Their errors are of no interest.

    A caller that is cancelled meanwhile gets that when they have ended: none is left behind.
    """
    pending = set(tasks)
    interrupted: asyncio.CancelledError | None = None
    while pending:
        for task in pending:
            task.cancel()
        try:
            done, pending = await asyncio.wait(pending, timeout=AGAIN_SECONDS)
        except asyncio.CancelledError as error:
            interrupted = error
            continue
        for task in done:
            if not task.cancelled():
                task.exception()  # asyncio complains of errors that nobody has looked at
    if interrupted:
        raise interrupted


async def together(*works: Coroutine[Any, Any, None]) -> None:
    """Do all ``works`` until the first ends, and end the others; its error is raised."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        await end(tasks)
