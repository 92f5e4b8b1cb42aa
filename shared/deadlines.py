"""Deadlines: rows of the log's database that become commands when their time has come.

A row is written in the transaction of the event that arms it (``shared.decider.Arm``), and changed in the transaction
of the event that says what became of it. Several workers share the rows: who takes one leases it for some seconds, so
a killed worker's are taken over. The command's idempotency key makes it one event however often a row is taken.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

import psycopg
import structlog
from psycopg_pool import AsyncConnectionPool

from shared.clock import Clock
from shared.decider import Words
from shared.eventlog import Context, EventLog, IdempotencyKey
from shared.events.base import Source
from shared.telemetry import DEADLINES_LATE

BATCH = 100
"""Deadlines that a worker takes, and acts upon, at once."""
LEASE = timedelta(seconds=5)
"""How long a taken deadline is left alone by the other workers. Longer than acting takes: a killed worker's deadlines
are late by so much."""
LONGEST_DELAY = timedelta(minutes=5)
"""Between two tries of a deadline whose handler fails: 1 s, 2 s, 4 s … up to this."""
LATE = timedelta(seconds=1)
"""A deadline not acted upon so long after its time is counted as late."""
POLL_SECONDS = 1.0
"""How long a worker rests without being woken: notifications may be lost."""
PAUSE_SECONDS = 0.2
"""A busy log wakes the worker no sooner than this after its last look."""


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline whose time has come."""

    stream: UUID
    kind: str
    """The ``STREAM`` of the lifecycle that armed it."""
    name: str
    due_at: datetime

    @property
    def context(self) -> Context:
        """For ``EventLog.execute``. Its key makes one event of one due time of one deadline: armed again for the very
        same moment, it doesn't come a second time."""
        key = f"deadline:{self.stream}:{self.name}:{self.due_at.isoformat()}"
        return Context("timer:deadlines", Source.TIMER, uuid5(self.stream, key), key=IdempotencyKey(key, b""))


Handle = Callable[[Due], Awaitable[bool]]
"""Turns a due deadline into a command, whose event carries ``Breach``. True: it recorded an event; False: the rules say
that there is nothing to do. What it raises is logged, and it is called again later."""


class Deadlines:
    """A worker on one service's deadlines. Many may run, in one process or in several."""

    name = "deadlines"

    def __init__(self, log: EventLog, pool: AsyncConnectionPool, clock: Clock, handle: Handle) -> None:
        self._log = log
        self._pool = pool
        self._clock = clock
        self._handle = handle
        self._unreachable = False
        self._logger = structlog.get_logger(part="deadlines", service=log.service)

    def ready(self) -> Words | None:
        if not self._unreachable:
            return None
        return Words(
            "数据库无法访问，时限到期暂不处理；恢复后会补做。",
            "The database can't be reached, so deadlines wait; they are made up for as soon as it can.",
        )

    async def run(self) -> None:
        """Act upon each deadline when its time has come; for ever."""
        while True:
            moved = self._log.moved()
            try:
                acted = await self.run_due(self._clock.now())
                next_due = await self._look_ahead()
                if not acted and next_due and next_due <= self._clock.now():
                    next_due = None  # somebody has locked it; no use in asking without end
                self._unreachable = False
            except psycopg.OperationalError as error:
                self._logger.warning("deadlines_wait", error=type(error).__name__)
                self._unreachable = True
                await asyncio.sleep(PAUSE_SECONDS)
                with contextlib.suppress(psycopg.OperationalError):
                    await self._pool.check()  # else each broken connection would be met by and by
            else:
                await self._rest(moved, next_due)

    async def run_due(self, now: datetime) -> int:
        """Act upon all that is due at ``now`` and that nobody else has taken; how many those were.

        Raises psycopg.OperationalError when the database can't be reached.
        """
        count = 0
        while taken := await self._take(now):
            count += len(taken)
            await self._act(taken, now)
        return count

    async def _take(self, now: datetime) -> dict[Due, int]:
        """Deadlines that are ours until ``now + LEASE``, with the number of times that they were taken."""
        async with self._pool.connection(timeout=POLL_SECONDS * 5) as connection:
            rows = await connection.execute(
                """
                WITH due AS MATERIALIZED (
                    SELECT stream, name FROM deadlines
                    WHERE state = 'ARMED' AND due_at <= %(now)s AND (leased_until IS NULL OR leased_until <= %(now)s)
                    ORDER BY due_at LIMIT %(most)s FOR UPDATE SKIP LOCKED
                )
                UPDATE deadlines AS d SET leased_until = %(until)s, attempts = attempts + 1 FROM due
                WHERE d.stream = due.stream AND d.name = due.name
                RETURNING d.stream, d.kind, d.name, d.due_at, d.attempts
                """,
                {"now": now, "until": now + LEASE, "most": BATCH},
            )
            found = {Due(*columns): attempts for *columns, attempts in await rows.fetchall()}
        return dict(sorted(found.items(), key=lambda item: item[0].due_at))

    async def _act(self, taken: dict[Due, int], now: datetime) -> None:
        failed: set[Due] = set()
        done: set[Due] = set()

        async def act(due: Due) -> None:
            try:
                await self._handle(due)
            except Exception:
                self._logger.exception("deadline_failed", kind=due.kind, stream=str(due.stream), attempt=taken[due])
                failed.add(due)
            else:
                done.add(due)

        try:
            await asyncio.gather(*map(act, taken))
        finally:  # when we are cancelled, too, what was left undone is given back
            with contextlib.suppress(psycopg.OperationalError):  # then the lease runs out
                await self._give_back(
                    now + LEASE,
                    [(due, "MOOT", None) for due in done]
                    + [(due, "ARMED", self._clock.now() + _delay(taken[due])) for due in failed]
                    + [(due, "ARMED", None) for due in taken.keys() - done - failed],
                )

    async def _give_back(self, lease: datetime, rows: Sequence[tuple[Due, str, datetime | None]]) -> None:
        """What still is as we took it, no event has changed: it is moot, or left for a later try. A row that the log is
        writing at this moment is skipped, so neither waits for the other."""
        async with self._pool.connection(timeout=POLL_SECONDS * 5) as connection:
            await connection.execute(
                """
                WITH given AS (
                    SELECT * FROM unnest(%(streams)s::uuid[], %(names)s::text[], %(states)s::text[],
                        %(until)s::timestamptz[]) AS g(stream, name, state, leased_until)
                ), ours AS MATERIALIZED (
                    SELECT d.stream, d.name FROM given JOIN deadlines AS d USING (stream, name)
                    WHERE d.state = 'ARMED' AND d.leased_until = %(lease)s FOR UPDATE OF d SKIP LOCKED
                )
                UPDATE deadlines AS d SET state = given.state, leased_until = given.leased_until,
                    at = CASE WHEN given.state = 'MOOT' THEN %(now)s::timestamptz END
                FROM given JOIN ours USING (stream, name) WHERE d.stream = ours.stream AND d.name = ours.name
                """,
                {
                    "streams": [due.stream for due, _, _ in rows],
                    "names": [due.name for due, _, _ in rows],
                    "states": [state for _, state, _ in rows],
                    "until": [until for _, _, until in rows],
                    "lease": lease,
                    "now": self._clock.now(),
                },
            )

    async def _look_ahead(self) -> datetime | None:
        """When the next deadline is due that nobody has taken."""
        now = self._clock.now()
        async with self._pool.connection(timeout=POLL_SECONDS * 5) as connection:
            rows = await connection.execute(
                """
                SELECT (SELECT due_at FROM deadlines
                        WHERE state = 'ARMED' AND (leased_until IS NULL OR leased_until <= %(now)s)
                        ORDER BY due_at LIMIT 1),
                       (SELECT count(*) FROM deadlines WHERE state = 'ARMED' AND due_at < %(late)s)
                """,
                {"now": now, "late": now - LATE},
            )
            row = await rows.fetchone()
        assert row is not None
        DEADLINES_LATE.labels(self._log.service).set(row[1])
        next_due: datetime | None = row[0]
        return next_due

    async def _rest(self, moved: asyncio.Event, next_due: datetime | None) -> None:
        """Until the next deadline is due, or something was appended, or for ``POLL_SECONDS``."""
        waits = [asyncio.create_task(_after_a_pause(moved))]
        if next_due:
            waits.append(asyncio.create_task(self._clock.reach(next_due)))
        try:
            await asyncio.wait(waits, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


async def _after_a_pause(moved: asyncio.Event) -> None:
    await asyncio.sleep(PAUSE_SECONDS)
    await moved.wait()


def _delay(attempts: int) -> timedelta:
    return min(LONGEST_DELAY, timedelta(seconds=2 ** min(attempts - 1, 30)))
