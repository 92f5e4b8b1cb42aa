"""Group load: the streams and idempotency keys that requests ask for at the same moment are read in one query."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection, AsyncCursor

from shared.eventlog.batching import Asked, Batcher

MAX_BATCH_STREAMS = 500
"""Loads in one query; more wait for the next."""


class Row(NamedTuple):
    """A stored event, or the snapshot of a stream's state (``position`` 0)."""

    version: int
    topic: str
    state: bytes
    position: int


class Answer(NamedTuple):
    """What an idempotency key was answered with the first time."""

    fingerprint: bytes
    answer: bytes
    position: int


class Found(NamedTuple):
    """What one caller asked for."""

    streams: Sequence[Sequence[Row]]
    """The rows of each stream."""
    answer: Answer | None
    beside: Mapping["Sought", tuple[Any, ...]]
    """Of what was sought, what there is."""


class Sought(NamedTuple):
    """A row of a service's own table. ``query`` takes an array of keys and gives each row with its key first, so who
    seeks another row at the same moment shares it."""

    query: LiteralString
    key: UUID


@dataclass(slots=True)
class _Wanted(Asked[Found]):
    streams: Sequence[tuple[UUID, int]]
    key: tuple[str, str] | None
    beside: Collection[Sought]


ANYWHERE, BEGINNING = 0, -1
"""From where a stream is read, other than from one of its versions on."""

_SELECT = """
SELECT i.place, r.version, r.topic, r.state, r.position
FROM unnest(%(streams)b::uuid[], %(since)b::bigint[]) WITH ORDINALITY AS i(id, since, place)
LEFT JOIN LATERAL (
    SELECT originator_version AS version, topic, state FROM snapshots
    WHERE i.since >= 0 AND originator_id = i.id AND originator_version > i.since AND topic = ANY(%(topics)s)
    ORDER BY originator_version DESC LIMIT 1
) AS s ON true
CROSS JOIN LATERAL (
    SELECT s.version, s.topic, s.state, 0::bigint AS position WHERE s.version IS NOT NULL
    UNION ALL
    SELECT originator_version, topic, state, notification_id FROM events
    WHERE originator_id = i.id AND originator_version >= coalesce(s.version + 1, i.since)
) AS r
ORDER BY 1, 2
"""
_ANSWERS = """
SELECT i.actor, i.key, i.fingerprint, i.answer, i.position
FROM unnest(%b::text[], %b::text[]) AS k(a, k)
JOIN idempotency i ON i.actor = k.a AND i.key = k.k
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
        self,
        streams: Sequence[tuple[UUID, int]],
        key: tuple[str, str] | None = None,
        beside: Collection[Sought] = (),
    ) -> Found:
        """The rows of each of ``streams``: from the version on that stands with it, or from a later snapshot
        (``ANYWHERE``: from the newest), or from the ``BEGINNING``; the answer to ``key``; what is sought ``beside``.

        Raises ``LogUnavailable`` when the database can't be reached.
        """
        found: Found = await self._batcher.ask(_Wanted(streams, key, beside))
        return found

    async def _read(self, connection: AsyncConnection, batch: list[_Wanted]) -> None:
        places: dict[tuple[UUID, int], int] = {}
        asked = [[places.setdefault(stream, len(places)) for stream in w.streams] for w in batch]
        keys = {w.key for w in batch if w.key}
        sought: dict[LiteralString, set[UUID]] = defaultdict(set)
        for query, id in {each for w in batch for each in w.beside}:
            sought[query].add(id)
        rows, answers = AsyncCursor(connection), AsyncCursor(connection)
        beside = {query: AsyncCursor(connection) for query in sought}
        # The events first: who finds no answer to a key has read the streams as they were before it was given.
        async with connection.pipeline():
            if places:
                ids, since = map(list, zip(*places, strict=True))
                await rows.execute(_SELECT, {"streams": ids, "since": since, "topics": self._topics}, binary=True)
            if keys:
                await answers.execute(_ANSWERS, [[k[0] for k in keys], [k[1] for k in keys]], binary=True)
            for query, cursor in beside.items():
                await cursor.execute(query, (list(sought[query]),))
        found: list[list[Row]] = [[] for _ in places]
        for place, version, topic, state, position in await rows.fetchall() if places else ():
            found[place - 1].append(Row(version, topic, bytes(state), position))
        answered: dict[tuple[str, str], Answer] = {}
        for actor, key, fingerprint, answer, position in await answers.fetchall() if keys else ():
            answered[actor, key] = Answer(bytes(fingerprint), bytes(answer), position)
        lying = {Sought(query, row[0]): row for query, cursor in beside.items() for row in await cursor.fetchall()}
        for wanted, streams in zip(batch, asked, strict=True):
            wanted.grant(
                Found(
                    [found[place] for place in streams],
                    answered.get(wanted.key) if wanted.key else None,
                    {each: lying[each] for each in wanted.beside if each in lying},
                )
            )
