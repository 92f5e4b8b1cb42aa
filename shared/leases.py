"""Who works on what: each part of a work has one worker at a time, and live replicas share the parts fairly.

A part is held by a session-level advisory lock, so it is free as soon as its holder's connection ends, however it
ended. Presence is a shared advisory lock on the work's topic: counting its holders tells how many replicas there are.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from hashlib import blake2b
from typing import LiteralString

import psycopg
import structlog
from psycopg import AsyncConnection

from shared.tasks import end

TICK_SECONDS = 1.0
"""How often a replica looks for free parts, for others, and whether it still holds what it works on."""
LOST_SECONDS = 5.0
"""A database that doesn't answer that long is taken as gone, and with it the locks."""
_KEEPALIVE = "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
"""So the server, too, soon ends the session of a machine that has vanished."""

_UNLOCK: LiteralString = "SELECT pg_advisory_unlock(%s)"

Work = Callable[[int], Awaitable[None]]

log = structlog.get_logger()


class Leases:
    """What this process holds in one database, on one connection."""

    def __init__(self, database_url: str, tick_seconds: float = TICK_SECONDS) -> None:
        self._url = database_url
        self._tick = tick_seconds
        self._connection: AsyncConnection | None = None
        self._connecting = asyncio.Lock()

    async def stop(self) -> None:
        """Let go of everything; the work must have ended."""
        if self._connection:
            with contextlib.suppress(psycopg.Error, OSError):
                await self._connection.close()

    async def share(self, topic: str, parts: int, work: Work) -> None:
        """Do ``work(part)`` for a fair share of ``parts``, for ever.

        At most ``ceil(parts / replicas)`` are held; surplus ones are cancelled and released when a replica joins, all
        of them when the connection is gone. Work that ends or fails is begun again.
        """
        held: dict[int, asyncio.Task[None]] = {}
        session: AsyncConnection | None = None
        try:
            while True:
                try:
                    async with asyncio.timeout(LOST_SECONDS):
                        connection = await self._connected()
                        if connection is not session:
                            await _cancel(held, list(held))
                            await _try(connection, "SELECT pg_try_advisory_lock_shared(%s)", topic)
                            session = connection
                        await _balance(connection, topic, parts, held, work)
                except (psycopg.Error, OSError, TimeoutError) as error:
                    log.warning("leases_lost", topic=topic, error=type(error).__name__)
                    await _cancel(held, list(held))
                    await self.stop()
                await asyncio.sleep(self._tick)
        finally:
            mine = list(held)
            await _cancel(held, mine)
            with contextlib.suppress(psycopg.Error, OSError):
                if session and not session.closed:
                    for part in mine:
                        await _try(session, _UNLOCK, _part(topic, part))
                    await _try(session, "SELECT pg_advisory_unlock_shared(%s)", topic)

    async def _connected(self) -> AsyncConnection:
        async with self._connecting:
            if self._connection is None or self._connection.closed:
                self._connection = await AsyncConnection.connect(
                    self._url, autocommit=True, application_name="shouhou-leases", options=_KEEPALIVE
                )
            return self._connection


async def _balance(
    connection: AsyncConnection, topic: str, parts: int, held: dict[int, asyncio.Task[None]], work: Work
) -> None:
    """Release what is more than our share, take what is free up to it."""
    share = -(-parts // max(1, await _present(connection, topic)))
    for part in list(held)[share:]:
        await _cancel(held, [part])
        await _try(connection, _UNLOCK, _part(topic, part))
    for part in range(parts):
        if len(held) >= share:
            break
        if part not in held and await _try(connection, "SELECT pg_try_advisory_lock(%s)", _part(topic, part)):
            held[part] = asyncio.create_task(_again_and_again(work, topic, part), name=f"{topic}-{part}")


async def _again_and_again(work: Work, topic: str, part: int) -> None:
    while True:
        try:
            await work(part)
        except Exception as error:  # noqa: BLE001 - whatever it was, the part must not stay unworked
            # Neither message nor traceback: an error may quote personal data.
            log.error("work_failed", topic=topic, part=part, error=type(error).__name__)
        await asyncio.sleep(TICK_SECONDS)


async def _cancel(held: dict[int, asyncio.Task[None]], parts: list[int]) -> None:
    await end([held.pop(part) for part in parts])


async def _present(connection: AsyncConnection, topic: str) -> int:
    """How many replicas share the topic; locks of other databases don't count."""
    key = _key(topic) & 0xFFFF_FFFF_FFFF_FFFF
    found = await connection.execute(
        "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database AND d.datname = current_database() "
        "WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND mode = 'ShareLock' "
        "AND classid::bigint = %s AND objid::bigint = %s",
        (key >> 32, key & 0xFFFF_FFFF),
    )
    row = await found.fetchone()
    return int(row[0]) if row else 0


async def _try(connection: AsyncConnection, query: LiteralString, name: str) -> bool:
    row = await (await connection.execute(query, (_key(name),))).fetchone()
    return bool(row and row[0])


def _part(topic: str, part: int) -> str:
    return f"{topic}/{part}"


def _key(name: str) -> int:
    """64 bits of a hash: two names meet in one lock once in the life of a thousand companies."""
    return int.from_bytes(blake2b(f"shouhou:{name}".encode(), digest_size=8).digest(), "big", signed=True)
