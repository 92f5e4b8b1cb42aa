"""A client of server-sent events, as the standard describes one."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx


@dataclass
class Message:
    """One dispatched event."""

    event: str
    data: Any
    id: str | None
    """As this very message said; None where it said nothing."""


@dataclass
class Events:
    """The stream of one response."""

    lines: AsyncIterator[str]
    last_event_id: str = ""
    comments: list[str] = field(default_factory=list)
    retry: int | None = None

    async def next(self, within: float = 5.0) -> Message:
        """The next message. Raises StopAsyncIteration at the end of the stream, TimeoutError."""
        async with asyncio.timeout(within):
            return await self._next()

    async def until(self, event: str, within: float = 5.0) -> list[Message]:
        """All messages up to the first of this kind."""
        told: list[Message] = []
        async with asyncio.timeout(within):
            while not told or told[-1].event != event:
                told.append(await self._next())
        return told

    async def ended(self, within: float = 5.0) -> list[Message]:
        """What still comes until the stream ends."""
        told: list[Message] = []
        async with asyncio.timeout(within):
            while True:
                try:
                    told.append(await self._next())
                except StopAsyncIteration:
                    return told

    async def comment(self, within: float = 5.0) -> str:
        """The next comment."""
        async with asyncio.timeout(within):
            while not self.comments:
                line = await anext(self.lines)
                if line.startswith(":"):
                    self.comments.append(line[1:].strip())
        return self.comments.pop(0)

    async def _next(self) -> Message:
        event, data, place = "message", list[str](), None
        while True:
            line = await anext(self.lines)
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            match name:
                case "" if not line:
                    if data:
                        self.last_event_id = place or self.last_event_id
                        return Message(event, json.loads("\n".join(data)), place)
                    event = "message"
                case "":
                    self.comments.append(value)
                case "event":
                    event = value
                case "data":
                    data.append(value)
                case "id":
                    place = value
                case "retry":
                    self.retry = int(value)


@asynccontextmanager
async def watching(
    client: httpx.AsyncClient, url: str, last_event_id: str | None = None, **query: Any
) -> AsyncIterator[Events]:
    """An open stream."""
    headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
    async with client.stream("GET", url, params=query, headers=headers, timeout=30) as response:
        assert response.status_code == 200, (await response.aread()).decode()
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-store"
        yield Events(response.aiter_lines())
