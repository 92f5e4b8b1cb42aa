"""Group load: the streams and idempotency keys that requests ask for at the same moment are read in one query."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

import psycopg
from psycopg import AsyncConnection, AsyncCursor


class Row(NamedTuple):
    """A stored event, or the snapshot of a stream's state (``position`` 0)."""

    stream: UUID
    version: int
    topic: str
    state: bytes
    position: int


class Answer(NamedTuple):
    """What an idempotency key was answered with the first time."""

    fingerprint: bytes
    answer: bytes
    position: int


@dataclass(slots=True)
class _Wanted:
    stream: UUID | None
    key: tuple[str, str] | None
    result: "asyncio.Future[tuple[list[Row], Answer | None]]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


_SELECT = """
WITH s AS (
    SELECT DISTINCT ON (originator_id) originator_id, originator_version, topic, state
    FROM snapshots WHERE originator_id = ANY(%(streams)s) AND topic = ANY(%(topics)s)
    ORDER BY originator_id, originator_version DESC
)
SELECT originator_id, originator_version, topic, state, 0::bigint AS notification_id FROM s
UNION ALL
SELECT e.originator_id, e.originator_version, e.topic, e.state, e.notification_id
FROM unnest(%(streams)s) AS i(id) LEFT JOIN s ON s.originator_id = i.id
JOIN events e ON e.originator_id = i.id AND e.originator_version > coalesce(s.originator_version, 0)
ORDER BY 1, 2, 5
"""


class Loader:
    """Reads streams from their newest usable snapshot on."""

    def __init__(self, database_url: str, service: str, snapshot_topics: Sequence[str]) -> None:
        self._url = database_url
        self._service = service
        self._topics = list(snapshot_topics)
        self._waiting: list[_Wanted] = []
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._connection: AsyncConnection | None = None

    async def start(self) -> None:
        self._connection = await self._connect()
        self._task = asyncio.create_task(self._run(), name=f"{self._service}-loader")

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        for wanted in self._waiting:
            wanted.result.cancel()
        if self._connection:
            await self._connection.close()

    async def load(self, stream: UUID | None, key: tuple[str, str] | None = None) -> tuple[list[Row], Answer | None]:
        """The rows of ``stream`` in order, a snapshot first where there is one, and the answer to ``key``.

        Raises psycopg.OperationalError when the database can't be reached.
        """
        wanted = _Wanted(stream, key)
        self._waiting.append(wanted)
        self._wake.set()
        return await wanted.result

    async def _connect(self) -> AsyncConnection:
        return await AsyncConnection.connect(self._url, autocommit=True, application_name="shouhou-loader")

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            batch, self._waiting = self._waiting, []
            self._wake.clear()
            try:
                await self._read(batch)
            except psycopg.Error as error:
                for wanted in batch:
                    if not wanted.result.done():
                        wanted.result.set_exception(error)
                await self._reconnect()

    async def _reconnect(self) -> None:
        if self._connection:
            with contextlib.suppress(psycopg.Error):
                await self._connection.close()
        pause = 0.05
        while True:
            with contextlib.suppress(psycopg.OperationalError):
                self._connection = await self._connect()
                return
            await asyncio.sleep(pause)
            pause = min(2.0, pause * 2)

    async def _read(self, batch: list[_Wanted]) -> None:
        assert self._connection is not None
        streams = list({w.stream for w in batch if w.stream})
        keys = list({w.key for w in batch if w.key})
        rows, answers = AsyncCursor(self._connection), AsyncCursor(self._connection)
        async with self._connection.pipeline():
            if streams:
                await rows.execute(_SELECT, {"streams": streams, "topics": self._topics}, binary=True)
            if keys:
                await answers.execute(
                    "SELECT i.actor, i.key, i.fingerprint, i.answer, i.position "
                    "FROM unnest(%s::text[], %s::text[]) AS k(a, k) "
                    "JOIN idempotency i ON i.actor = k.a AND i.key = k.k",
                    ([k[0] for k in keys], [k[1] for k in keys]),
                    binary=True,
                )
        found: dict[UUID, list[Row]] = defaultdict(list)
        if streams:
            for stream, version, topic, state, position in await rows.fetchall():
                found[stream].append(Row(stream, version, topic, bytes(state), position))
        answered: dict[tuple[str, str], Answer] = {}
        if keys:
            for actor, key, fingerprint, answer, position in await answers.fetchall():
                answered[actor, key] = Answer(bytes(fingerprint), bytes(answer), position)
        for wanted in batch:
            if not wanted.result.done():
                wanted.result.set_result(
                    (
                        found[wanted.stream] if wanted.stream else [],
                        answered.get(wanted.key) if wanted.key else None,
                    )
                )
