"""How far the board can be trusted: until when it surely holds all that was published.

Each second the ends of the source's stream are noted with the time; once the view has got there, it is complete as of
that time. This sees a worker that is behind or dead, and NATS that is away or empty. It can't see what a service has
recorded and not published yet; its relay's own metrics tell that.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
import structlog
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from psycopg import sql
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from shared.clock import Clock
from shared.decider import Words
from shared.jetstream import NATS_ERRORS, PARTITIONS, POSITION, Nats, stream_of, subject_of
from shared.projection import View
from shared.subscription import WHOLE_LOG

LOOK_SECONDS = 1.0
PATIENCE_SECONDS = 5.0
"""NATS or the database that answers later than that is taken as away."""
STALE_AFTER = timedelta(seconds=5)

logger = structlog.get_logger(part="feed")


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far a view can be trusted."""

    as_of: datetime | None
    """It holds all that was published until then; None: not known yet."""
    parked: int
    """Events that it doesn't show, since they were set aside for people to look at."""
    stale: bool
    """It is behind by more than ``STALE_AFTER``, or events are parked."""


class Feed:
    """Watches how far a view has got with its sources. A worker of the processes that answer."""

    def __init__(self, view: View, ends: "Ends", pool: AsyncConnectionPool, clock: Clock, *, own: bool = False) -> None:
        """``own``: the view is fed from the service's own log, whose positions are those of all partitions together."""
        self._own = own
        self.name = f"{view.name}-feed"
        self.view_name = view.name
        self._view = view
        self._ends = ends
        self._pool = pool
        self._clock = clock
        self._as_of: datetime | None = None
        self._parked = 0
        self._sought: tuple[datetime, dict[tuple[str, int], int]] | None = None
        """A time, and where the streams ended then; the view is not known to have got there yet."""

    @property
    def seeking(self) -> bool:
        """Whether the view is known to be behind."""
        return self._sought is not None

    def freshness(self, now: datetime) -> Freshness:
        behind = self._as_of is None or now - self._as_of > STALE_AFTER
        return Freshness(self._as_of, self._parked, behind or self._parked > 0)

    async def run(self) -> None:
        while True:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._look()
            except (*NATS_ERRORS, psycopg.Error, PoolTimeout) as error:
                logger.debug("feed_not_seen", view=self._view.name, error=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    def ready(self) -> Words | None:
        """Always: an old board that says so is better than none."""
        return None

    async def _look(self) -> None:
        if self._sought is None:
            found = await self._ends.of(self._view.sources)
            if found is None:
                return
            self._sought = found[0], _of_log(found[1]) if self._own else found[1]
        moment, ends = self._sought
        positions, self._parked = await self._positions()
        if all(positions.get(lane, 0) >= end for lane, end in ends.items()):
            self._as_of, self._sought = moment, None

    async def _positions(self) -> tuple[dict[tuple[str, int], int], int]:
        async with self._pool.connection() as connection:
            held = await connection.execute(
                sql.SQL("SELECT source, partition, position FROM {}").format(
                    sql.Identifier(self._view.schema, "positions")
                )
            )
            parked = await connection.execute(
                "SELECT count(*) FROM public.parked WHERE subscriber = %s AND state = 'waiting'", (self._view.name,)
            )
            count = await parked.fetchone()
            return {(s, p): position for s, p, position in await held.fetchall()}, count[0] if count else 0


def _of_log(ends: dict[tuple[str, int], int]) -> dict[tuple[str, int], int]:
    return {(source, WHOLE_LOG): max(ends.values()) for source, _ in ends}


class Ends:
    """Where the sources' streams end; asked once for all the feeds of a process."""

    def __init__(self, nats: Nats | None, clock: Clock) -> None:
        """Without ``nats`` nothing is ever known."""
        self._nats = nats
        self._clock = clock
        self._known: dict[str, tuple[float, datetime, dict[int, int]]] = {}
        self._turn = asyncio.Lock()

    async def of(self, sources: Sequence[str]) -> tuple[datetime, dict[tuple[str, int], int]] | None:
        """The ends of all partitions of ``sources``, and a time at which none was farther. Raises ``NATS_ERRORS``."""
        if self._nats is None:
            return None
        moments: list[datetime] = []
        ends: dict[tuple[str, int], int] = {}
        for source in sources:
            async with self._turn:
                moment, found = await self._of(source, self._nats)
            moments.append(moment)
            ends |= {(source, partition): end for partition, end in found.items()}
        return min(moments), ends

    async def _of(self, source: str, nats: Nats) -> tuple[datetime, dict[int, int]]:
        now = asyncio.get_running_loop().time()
        if source not in self._known or now - self._known[source][0] > LOOK_SECONDS / 2:
            moment = self._clock.now()
            self._known[source] = now, moment, await ends_of((await nats.client()).jetstream(), source)
        _, moment, found = self._known[source]
        return moment, found


async def ends_of(jetstream: JetStreamContext, source: str) -> dict[int, int]:
    """The last position in each partition of a source's stream.

    Raises nats.js.errors.NotFoundError when there is no such stream.
    """
    stream = stream_of(source)
    await jetstream.stream_info(stream)

    async def end(partition: int) -> int:
        try:
            last = await jetstream.get_last_msg(stream, subject_of(source, partition))
        except NotFoundError:
            return 0
        return int((last.headers or {}).get(POSITION, 0))

    found = await asyncio.gather(*(end(partition) for partition in range(PARTITIONS)))
    return dict(enumerate(found))
