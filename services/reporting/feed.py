"""How far the board can be trusted: until when it surely holds all that was published.

Each second the ends of the source's stream are noted with the time; once the view has got there, it is complete as of
that time. This sees a worker that is behind or dead, and NATS that is away or empty. It can't see what a service has
recorded and not published yet; its relay's own metrics tell that.
"""

import asyncio
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

    def __init__(self, view: View, nats: Nats | None, pool: AsyncConnectionPool, clock: Clock) -> None:
        """Without ``nats`` nothing is ever known."""
        self.name = f"{view.name}-feed"
        self.view_name = view.name
        self._view = view
        self._nats = nats
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
            if self._nats is None:
                return
            jetstream = (await self._nats.client()).jetstream()
            now = self._clock.now()
            ends: dict[tuple[str, int], int] = {}
            for source in self._view.sources:
                ends |= {(source, partition): end for partition, end in (await ends_of(jetstream, source)).items()}
            self._sought = now, ends
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
