"""A view made again beside the live one, from the first event on, while events keep coming; then swapped in at once.

Readers see the old tables until they see the new ones, never a half. What was discarded for the live view has no
effect in the new one either; what could not be handled is tried again, and parked anew where it fails.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

import structlog
from nats.js.errors import NotFoundError
from psycopg import AsyncConnection
from psycopg.sql import SQL, Identifier
from psycopg_pool import AsyncConnectionPool

from shared.eventlog import EventLog
from shared.inbox import Inbox, Place
from shared.jetstream import NATS_ERRORS, PARTITIONS, Delivered, Nats, stream_of
from shared.published import PAUSE_SECONDS, Busy, lay_all, lay_if_needed, open_schema, patience
from shared.subscription import Lane, LogLane
from shared.tasks import end
from shared.telemetry import CONSUMED, CONSUMER_GAPS, PARKED, VIEW_LAG
from shared.view import View, building, built, drop_schema, make_schema

Progress = Callable[[int, int, float], None]
"""Told now and then: events done, of how many, events per second."""

TELL_SECONDS = 1.0
NEAR = 500
"""Events behind the newest from which on a swap is worth trying."""
SWAP_SECONDS = 10.0
"""How long the live view may stand still for a swap or a comparison's last events."""
STALL_SECONDS = 20.0
"""Without an event for so long, what is waited for will not come."""

Positions = Mapping[tuple[str, int], int]
"""Position by (source, partition)."""

log = structlog.get_logger()


class CannotCompare(Exception):
    """There is no live view of this version, or the streams don't hold what it has seen."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How one table of a live view compares with what the events make of it."""

    table: str
    rows: int
    """Of the live table."""
    missing: int
    """Rows that the events make and the live table has not."""
    surplus: int
    """Rows that the live table has and the events don't make."""


def _quietly(done: int, total: int, per_second: float) -> None: ...


async def build_if_needed(
    view: View, events: EventLog, pool: AsyncConnectionPool, nats: Nats, progress: Progress = _quietly
) -> None:
    """Make the view where it is missing or of another version. Several processes may ask; one does it."""
    async with building(pool, view):
        if await built(pool, view):
            await lay_if_needed(pool, view.published, view.schema)
        else:
            progress(0, 0, 0.0)
            await _rebuild(view, events, pool, nats, progress)


async def rebuild(
    view: View, events: EventLog, pool: AsyncConnectionPool, nats: Nats, progress: Progress = _quietly
) -> None:
    """Make the view again and swap it in; live workers may go on meanwhile."""
    async with building(pool, view):
        await _rebuild(view, events, pool, nats, progress)


async def compare(
    view: View, events: EventLog, pool: AsyncConnectionPool, nats: Nats, progress: Progress = _quietly
) -> list[Difference]:
    """Make the view again up to the live one's positions, and compare all tables row by row.

    The live view stands still for the last events and the comparison itself. Raises ``CannotCompare``.
    """
    async with building(pool, view):
        if not await built(pool, view):
            raise CannotCompare(f"the view {view.name} is not built by this version of the program")
        build = _Build(view, "check", events, pool, nats)
        try:
            await build.pool.open()
            # What waits, parked, has no effect in the live view, so it must have none here.
            await build.begin(without=("discarded", "waiting"))
            async with build.pool.connection() as connection:
                build.limits = await _held(connection, view)
            await build.work(build.at_limits, progress, stall_seconds=STALL_SECONDS)
            async with build.pool.connection() as connection, connection.transaction():
                await _close_gate(connection, view)
                build.limits = await _held(connection, view)
                await build.work(build.at_limits, progress, stall_seconds=SWAP_SECONDS)
                return await _differences(connection, view.schema, build.schema)
        except TimeoutError:
            raise CannotCompare(f"the events that the view {view.name} has seen are not all to be had") from None
        finally:
            await build.end()


async def _rebuild(view: View, events: EventLog, pool: AsyncConnectionPool, nats: Nats, progress: Progress) -> None:
    build = _Build(view, "new", events, pool, nats)
    try:
        await build.pool.open()
        await build.begin(without=("discarded",))
        if view.published:
            async with build.pool.connection() as connection:
                await open_schema(connection)
        for seconds in patience():
            await build.work(build.near, progress)
            try:
                await _swap(build, progress, seconds)
                break
            except (Busy, *NATS_ERRORS) as error:
                log.warning("view_swap_postponed", view=view.name, error=type(error).__name__)
                await asyncio.sleep(PAUSE_SECONDS)
    finally:
        await build.end()
    await drop_schema(pool, f"{view.schema}_old")
    log.info("view_rebuilt", view=view.name, count=build.done)


async def _swap(build: "_Build", progress: Progress, patience_seconds: float) -> None:
    """Take the last events while the live view stands still, and change the names: all or nothing.

    What is published of the view goes with it. Raises TimeoutError when the live view would have to stand still for
    too long, and ``Busy`` when somebody reads what is published for longer than ``patience_seconds``.
    """
    view = build.view
    await drop_schema(build.pool, f"{view.schema}_old")
    async with build.pool.connection() as connection, connection.transaction():
        # Before the view stands still: for readers we may have to wait.
        await lay_all(connection, view.published, build.schema, patience_seconds)
        async with asyncio.timeout(SWAP_SECONDS):
            await _close_gate(connection, view)
            # A reader must not see the view go back, so the new one has to be at least where the live one is.
            build.limits = await _held(connection, view) if await built(build.pool, view) else {}
            build.targets = await build.heads()
            await build.work(build.at_targets, progress)
        live, new, old = Identifier(view.schema), Identifier(build.schema), Identifier(f"{view.schema}_old")
        if await _exists(connection, view.schema):
            await connection.execute(SQL("ALTER SCHEMA {} RENAME TO {}").format(live, old))
        await connection.execute(SQL("ALTER SCHEMA {} RENAME TO {}").format(new, live))
        positions = Identifier(view.schema, "positions")
        await connection.execute(SQL("UPDATE {} SET subscriber = %s").format(positions), (view.name,))
        await connection.execute(
            "INSERT INTO public.views (name, fingerprint) VALUES (%s, %s) "
            "ON CONFLICT (name) DO UPDATE SET fingerprint = excluded.fingerprint, built_at = now()",
            (view.name, view.fingerprint),
        )
        await _adopt_parked(connection, build.subscriber, view.name)
        await connection.execute("SELECT pg_notify(%s, '')", (view.schema,))


class _Build:
    """A view in the making, in a schema of its own."""

    def __init__(self, view: View, suffix: str, events: EventLog, pool: AsyncConnectionPool, nats: Nats) -> None:
        self.view = view
        # Of its own: live workers that wait for the swap hold connections, and the swap must not wait for those.
        self.pool = AsyncConnectionPool(
            pool.conninfo, min_size=1, max_size=3 + len(view.sources), open=False, kwargs=pool.kwargs
        )
        self.schema = f"{view.schema}_{suffix}"
        self.subscriber = f"{view.name}~{suffix}"
        self.limits: Positions = {}
        """Positions that must be reached, or, in a comparison, reached and not passed."""
        self.targets: Mapping[str, int] = {}
        """Last position of each source that must be reached."""
        self.service = events.service
        self._log = events
        self._nats = nats
        self._inboxes: dict[str, _Counting] = {}

    @property
    def done(self) -> int:
        """How many events are in; positions have no holes."""
        return sum(inbox.last for inbox in self._inboxes.values())

    async def begin(self, without: tuple[str, ...]) -> None:
        """Empty tables; parked events in the states ``without`` will be left out."""
        async with self.pool.connection() as connection:
            await make_schema(connection, self.view, self.schema)
            await connection.execute("DELETE FROM public.parked WHERE subscriber = %s", (self.subscriber,))
            rows = await connection.execute(
                "SELECT source, position FROM public.parked WHERE subscriber = %s AND state = ANY(%s)",
                (self.view.name, list(without)),
            )
            left_out = await rows.fetchall()
        bounded = "waiting" in without
        for source in self.view.sources:
            skipped = frozenset(position for its, position in left_out if its == source)
            self._inboxes[source] = _Counting(self, source, skipped, bounded=bounded)

    async def end(self) -> None:
        """Nothing of it stays that was not swapped in."""
        await drop_schema(self.pool, self.schema)
        async with self.pool.connection() as connection:
            await connection.execute("DELETE FROM public.parked WHERE subscriber = %s", (self.subscriber,))
        await self.pool.close()
        for metric in (PARKED, CONSUMED, CONSUMER_GAPS, VIEW_LAG):
            metric.remove(self.service, self.subscriber)

    async def work(
        self, condition: Callable[[], Awaitable[bool]], progress: Progress, stall_seconds: float | None = None
    ) -> None:
        """Let events in until ``condition`` holds. Raises TimeoutError when none comes for ``stall_seconds``."""
        began, before, total = monotonic(), self.done, sum((await self.heads()).values())
        tasks = [asyncio.create_task(lane.run()) for lane in self._lanes()]
        told = moved_at = began
        moved = self.done
        try:
            while not await _holds(condition):
                await asyncio.sleep(0.02)
                for task in tasks:
                    if task.done():
                        task.result()  # a lane ends only by an error
                now = monotonic()
                if self.done > moved:
                    moved, moved_at = self.done, now
                elif stall_seconds and now - moved_at > stall_seconds:
                    raise TimeoutError
                if now - told > TELL_SECONDS:
                    told = now
                    progress(self.done, max(total, self.done), (self.done - before) / (now - began))
        finally:
            await end(tasks)
        progress(self.done, max(total, self.done), (self.done - before) / max(monotonic() - began, 0.001))

    def _lanes(self) -> list[Lane | LogLane]:
        if self.view.own(self.service):
            return [LogLane(self._log, self._inboxes[self.service])]
        return [Lane(self._nats, take_in, source, range(PARTITIONS), None) for source, take_in in self._inboxes.items()]

    async def heads(self) -> dict[str, int]:
        """The last position that there is of each source."""
        if self.view.own(self.service):
            return {self.service: await self._log.head()}
        jetstream = (await self._nats.client()).jetstream()
        heads = dict.fromkeys(self.view.sources, 0)
        for source in heads:
            with contextlib.suppress(NotFoundError):
                heads[source] = (await jetstream.stream_info(stream_of(source))).state.messages
        return heads

    async def near(self) -> bool:
        return all(head - self._inboxes[source].last <= NEAR for source, head in (await self.heads()).items())

    async def at_targets(self) -> bool:
        reached = all(self._inboxes[source].last >= head for source, head in self.targets.items())
        return reached and await self.at_limits()

    async def at_limits(self) -> bool:
        return all(
            self._inboxes[source].at.get(part, 0) >= position for (source, part), position in self.limits.items()
        )


class _Counting(Inbox):
    """An inbox that tells how far it is, and in a comparison goes no further than the live view."""

    def __init__(self, build: _Build, source: str, skipped: frozenset[int], *, bounded: bool) -> None:
        view, place = build.view, Place(build.schema)
        super().__init__(
            build.pool, build.service, build.subscriber, view.apply, view.events, source, place, (), skipped
        )
        self._build = build
        self._bounded = bounded
        self.at: dict[int, int] = {}
        self.last = 0

    async def take(self, batch: Sequence[Delivered]) -> None:
        limits = self._build.limits
        if self._bounded:
            batch = [m for m in batch if m.position <= limits.get((self._source, m.partition), 0)]
            if not batch:
                return
        await super().take(batch)
        self._reached({message.partition: message.position for message in batch})

    async def positions(self, partitions: Sequence[int]) -> dict[int, int]:
        """What is committed counts, also where its lane was ended before it heard of the commit."""
        held = await super().positions(partitions)
        self._reached(held)
        return held

    def _reached(self, positions: Mapping[int, int]) -> None:
        for partition, position in positions.items():
            self.at[partition] = max(position, self.at.get(partition, 0))
        self.last = max(self.at.values(), default=0)


async def _holds(condition: Callable[[], Awaitable[bool]]) -> bool:
    try:
        return await condition()
    except NATS_ERRORS:
        return False  # it can't be known now


async def _close_gate(connection: AsyncConnection, view: View) -> None:
    """Until the transaction ends, nobody else writes the live view."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (view.gate,))


async def _held(connection: AsyncConnection, view: View) -> Positions:
    """The live view's positions."""
    query = SQL("SELECT source, partition, position FROM {} WHERE position > 0")
    rows = await connection.execute(query.format(Identifier(view.schema, "positions")))
    return {(source, partition): position for source, partition, position in await rows.fetchall()}


async def _exists(connection: AsyncConnection, schema: str) -> bool:
    rows = await connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (schema,))
    return await rows.fetchone() is not None


async def _adopt_parked(connection: AsyncConnection, build: str, live: str) -> None:
    """What was parked of the old view is settled by the new one; what failed in the new one waits."""
    await connection.execute(
        "UPDATE public.parked SET state = 'handled', resolved_at = now(), resolved_by = 'rebuild' "
        "WHERE subscriber = %s AND state = 'waiting'",
        (live,),
    )
    await connection.execute(
        "DELETE FROM public.parked old USING public.parked new WHERE old.subscriber = %s AND new.subscriber = %s "
        "AND old.source = new.source AND old.position = new.position",
        (live, build),
    )
    await connection.execute("UPDATE public.parked SET subscriber = %s WHERE subscriber = %s", (live, build))


async def _differences(connection: AsyncConnection, live: str, made: str) -> list[Difference]:
    tables = await connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind IN ('r', 'p') "
        "AND NOT relispartition AND relname <> 'positions' ORDER BY relname",
        (live,),
    )
    return [await _difference(connection, live, made, table) for (table,) in await tables.fetchall()]


async def _difference(connection: AsyncConnection, live: str, made: str, table: str) -> Difference:
    query = SQL(
        "SELECT (SELECT count(*) FROM {live}), "
        "(SELECT count(*) FROM (SELECT t::text FROM {made} t EXCEPT ALL SELECT t::text FROM {live} t) d), "
        "(SELECT count(*) FROM (SELECT t::text FROM {live} t EXCEPT ALL SELECT t::text FROM {made} t) d)"
    ).format(live=Identifier(live, table), made=Identifier(made, table))
    row: Any = await (await connection.execute(query)).fetchone()
    return Difference(table, *row)
