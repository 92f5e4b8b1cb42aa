"""Group load: the streams and idempotency keys that requests ask for at the same moment are read in one query."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from psycopg import AsyncConnection, AsyncCursor

from shared.eventlog.batching import Asked, Batcher

MAX_BATCH_STREAMS = 500
"""Loads in one query; more wait for the next."""


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
class _Wanted(Asked[tuple[Mapping[UUID, list[Row]], Answer | None]]):
    streams: Sequence[UUID]
    key: tuple[str, str] | None
    snapshot: bool


_SELECT = """
SELECT i.id, r.version, r.topic, r.state, r.position
FROM unnest(%(streams)b::uuid[], %(use_snapshot)b::boolean[]) AS i(id, use_snapshot)
LEFT JOIN LATERAL (
    SELECT originator_version AS version, topic, state FROM snapshots
    WHERE originator_id = i.id AND topic = ANY(%(topics)s) AND i.use_snapshot
    ORDER BY originator_version DESC LIMIT 1
) AS s ON true
CROSS JOIN LATERAL (
    SELECT s.version, s.topic, s.state, 0::bigint AS position WHERE s.version IS NOT NULL
    UNION ALL
    SELECT originator_version, topic, state, notification_id FROM events
    WHERE originator_id = i.id AND originator_version > coalesce(s.version, 0)
) AS r
ORDER BY 1, 2, 5
"""


class Loader:
    """Reads streams from their newest usable snapshot on."""

    def __init__(self, database_url: str, snapshot_topics: Sequence[str]) -> None:
        self._topics = list(snapshot_topics)
        self._batcher: Batcher[_Wanted] = Batcher(database_url, "loader", self._read, lambda _: 1, MAX_BATCH_STREAMS)
        self.start = self._batcher.start
        self.stop = self._batcher.stop

    @property
    def alive(self) -> bool:
        return self._batcher.alive

    async def load(
        self, streams: Sequence[UUID], key: tuple[str, str] | None = None, *, snapshot: bool = True
    ) -> tuple[Mapping[UUID, list[Row]], Answer | None]:
        """The rows of each of ``streams`` in order, a snapshot first where there is one, and the answer to ``key``.

        Raises ``LogUnavailable`` when the database can't be reached.
        """
        loaded: tuple[Mapping[UUID, list[Row]], Answer | None] = await self._batcher.ask(
            _Wanted(streams, key, snapshot)
        )
        return loaded

    async def _read(self, connection: AsyncConnection, batch: list[_Wanted]) -> None:
        streams = {stream: True for w in batch for stream in w.streams}
        streams |= {stream: False for w in batch for stream in w.streams if not w.snapshot}
        keys = list({w.key for w in batch if w.key})
        rows, answers = AsyncCursor(connection), AsyncCursor(connection)
        # The events first: who finds no answer to a key has read the streams as they were before it was given.
        async with connection.pipeline():
            if streams:
                values = {"streams": list(streams), "use_snapshot": list(streams.values()), "topics": self._topics}
                await rows.execute(_SELECT, values, binary=True)
            if keys:
                await answers.execute(
                    "SELECT i.actor, i.key, i.fingerprint, i.answer, i.position "
                    "FROM unnest(%b::text[], %b::text[]) AS k(a, k) "
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
            wanted.grant(
                (
                    {stream: found.get(stream, []) for stream in wanted.streams},
                    answered.get(wanted.key) if wanted.key else None,
                )
            )
