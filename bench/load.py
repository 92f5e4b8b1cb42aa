"""Load over HTTP/1.1: so many keep-alive connections, each sending the next request when the answer is there."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

Request = Callable[[int], bytes]
"""Makes the n-th request, headers and body."""


@dataclass(frozen=True, slots=True)
class Load:
    per_second: float
    failed: int
    """Answers other than 2xx."""


def request(method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """The bytes of a request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{k}: {v}" for k, v in (headers or {}).items())]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def press(port: int, make: Request, *, clients: int, seconds: float) -> Load:
    """Requests per second that a server on 127.0.0.1 answers to ``clients`` connections."""
    counter = iter(range(10**9))
    until = time.perf_counter() + seconds
    began = time.perf_counter()
    found = await asyncio.gather(*(_client(port, make, counter.__next__, until) for _ in range(clients)))
    took = time.perf_counter() - began
    return Load(sum(done for done, _ in found) / took, sum(failed for _, failed in found))


async def _client(port: int, make: Request, number: Callable[[], int], until: float) -> tuple[int, int]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    done = failed = 0
    while time.perf_counter() < until:
        writer.write(make(number()))
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        if length:
            await reader.readexactly(int(length))
        done += 1
        failed += head[9:10] != b"2"
    writer.close()
    return done, failed
