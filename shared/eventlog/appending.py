"""Group commit: callers queue, one writer takes all that wait and commits them at once.

Each caller gets its own result. Versions are checked by the primary key, positions are given under an advisory
lock that is held until the commit is visible, so no reader ever sees position n + 1 before n, and there are no
gaps. The idempotency records and the deadlines are written in the same transaction.
"""

from psycopg import AsyncConnection

from shared.eventlog.batching import Batcher
from shared.eventlog.transaction import NOTHING, Append, find, sort_out, write
from shared.telemetry import APPEND_BATCH_EVENTS, APPEND_SECONDS

MAX_BATCH_EVENTS = 2_000
"""Events of up to ``EVENT_BYTES`` in one transaction; larger ones count more, what is more waits for the next.
Keeps a commit short when a large import runs."""
EVENT_BYTES = 4_096


class Writer:
    """The one writer of this process. Several processes may write one log; the advisory lock orders them."""

    def __init__(self, database_url: str, service: str) -> None:
        self._service = service
        self._batcher: Batcher[Append] = Batcher(database_url, "writer", self._commit, _weigh, MAX_BATCH_EVENTS)
        self.start = self._batcher.start
        self.stop = self._batcher.stop

    @property
    def alive(self) -> bool:
        return self._batcher.alive

    async def append(self, append: Append) -> int:
        """Position of the last event, durable when it returns.

        Raises ``ConcurrencyConflict``, ``KeyTaken``, ``LogUnavailable``, and psycopg.Error when PostgreSQL refuses it.
        """
        position: int = await self._batcher.ask(append)
        return position

    async def _commit(self, connection: AsyncConnection, batch: list[Append]) -> None:
        with APPEND_SECONDS.labels(self._service).time():
            sorted_out, head = sort_out(batch, NOTHING), None
            if not any(append.tried for append in batch):
                head = await write(connection, sorted_out.new, begun=False)
            if head is None:
                sorted_out = sort_out(batch, await find(connection, batch))
                head = await write(connection, sorted_out.new, begun=True)
            assert head is not None, "what was found in the way has been sorted out"
        APPEND_BATCH_EVENTS.labels(self._service).observe(sum(len(append.events) for append, _ in sorted_out.new))
        # Told only now: who lost against another of this batch must find the other's events when it loads again.
        for append, place in sorted_out.new:
            append.grant(head + place)
        for append, position in sorted_out.known:
            append.grant(position)
        for append, error in sorted_out.refused:
            append.refuse(error)


def _weigh(append: Append) -> int:
    rows = len(append.events) + len(append.beside)
    return max(1, rows + sum(len(event.state) // EVENT_BYTES for event in append.events))
