"""What a page listens to: one stream that names the boards that have changed.

A browser opens at most six connections to a host, so a page with many boards listens once. Only names are told: the
page fetches its content again, and sees what its viewer may see.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from sse_starlette import ServerSentEvent

Watch = Callable[[], Awaitable[AsyncIterator[bytes]]]
"""Begins to watch a board; each message means that it has changed."""


async def news(boards: Mapping[str, Watch]) -> AsyncIterator[bytes]:
    """The stream, encoded; it ends with the first of ``boards``' own, and the browser begins another.

    Raises what ``boards`` raise where one can't be watched.
    """
    began = {name: await watch() for name, watch in boards.items()}
    return _merged(began)


async def _merged(boards: Mapping[str, AsyncIterator[bytes]]) -> AsyncIterator[bytes]:
    changed: set[str] = set()
    some, over = asyncio.Event(), asyncio.Event()

    async def follow(name: str, messages: AsyncIterator[bytes]) -> None:
        try:
            async for _ in messages:
                changed.add(name)
                some.set()
        finally:
            over.set()
            some.set()

    tasks = [asyncio.create_task(follow(name, messages), name=f"news-{name}") for name, messages in boards.items()]
    try:
        while not over.is_set():
            await some.wait()
            some.clear()
            while changed:
                yield ServerSentEvent(json.dumps({"board": changed.pop()}), event="news").encode()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
