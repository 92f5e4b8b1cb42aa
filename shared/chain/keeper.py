"""The worker that links what the log records, compares the whole with its chain, and has a head signed each day.

It only ever adds to the chain's end. Where the log and its chain disagree it says so and mends nothing: what would be
made anew would prove nothing any more.
"""

import asyncio
from datetime import datetime

import psycopg
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg_pool import PoolTimeout

from shared.calendar import day_of, end_of_day
from shared.chain import Entry, link, origin, tables
from shared.chain.heads import HeadRecorder, sign
from shared.chain.proof import Proof, prove
from shared.chain.scan import Break, Kind
from shared.decider import Words
from shared.eventlog import EventLog, Stored
from shared.leases import Leases
from shared.tasks import together
from shared.telemetry import CHAIN_BREAKS, CHAIN_LAG

BATCH = 500
"""Rows that are linked in one transaction, at most."""
REST_SECONDS = 0.02
"""After a batch, so that under load fewer and larger ones do the same work."""
PAUSE_SECONDS = 1.0
"""After a trouble."""
BROKEN_SECONDS = 60.0
"""After a break was found, before all is compared again: somebody may have brought the rows back."""
_TROUBLE = (psycopg.Error, PoolTimeout, OSError)

log = structlog.get_logger()


class ChainBroken(Exception):
    """The chain's end is not what the log says: nothing may be linked to it."""

    def __init__(self, found: Break) -> None:
        super().__init__(found.words.en)
        self.found = found


class _OutOfStep(Exception):
    """Another process has written to the chain: its end must be read again."""


class ChainKeeper:
    """Keeps the chain of one log. Any number may run; one works at a time."""

    name = "chain"

    def __init__(self, events: EventLog, leases: Leases, key: Ed25519PrivateKey, record: HeadRecorder) -> None:
        self._log = events
        self._service = events.service
        self._leases = leases
        self._key = key
        self._record = record
        self._found: list[Break] = []
        """By the last check of the whole."""
        self._at_end: Break | None = None
        """Why nothing can be linked."""

    async def run(self) -> None:
        """Works for ever, whenever this process holds the lease."""
        await self._leases.share("chain", 1, self._keep)

    def ready(self) -> Words | None:
        """None when the chain is whole, or another process keeps it; otherwise the first break."""
        found = [*filter(None, [self._at_end]), *self._found]
        return _broken(found) if found else None

    async def _keep(self, _: int) -> None:
        try:
            while True:
                caught_up = asyncio.Event()
                try:
                    await together(self._link(caught_up), self._watch(caught_up))
                except ChainBroken as broken:
                    self._tell_end(broken.found)
                    caught_up.set()
                    await together(self._watch(caught_up), asyncio.sleep(BROKEN_SECONDS))
                except (_OutOfStep, *_TROUBLE) as error:
                    log.warning("chain_begins_again", service=self._service, error=type(error).__name__)
                    await asyncio.sleep(PAUSE_SECONDS)
        finally:
            self._found, self._at_end = [], None
            CHAIN_LAG.remove(self._service)
            CHAIN_BREAKS.remove(self._service)

    # -- linking -----------------------------------------------------------------------------------------------------

    async def _link(self, caught_up: asyncio.Event) -> None:
        """Follow the log, behind the chain's end; ends only by raising."""
        end = await self._end()
        self._at_end = None
        self._count_breaks()
        if await self._log.head() == end.position:
            caught_up.set()
        async for batch in self._log.follow(end.position, BATCH):
            entries = linked(end, batch)
            try:
                async with self._log.pool.connection() as connection:
                    if not await tables.append(connection, end, entries):
                        raise ChainBroken(Break(Kind.ENTRY_MISSING, end.position, end.position))
            except psycopg.errors.UniqueViolation as taken:
                raise _OutOfStep from taken
            end = entries[-1]
            behind = len(batch) == BATCH
            CHAIN_LAG.labels(self._service).set(await self._log.head() - end.position if behind else 0)
            if not behind:
                caught_up.set()
                await asyncio.sleep(REST_SECONDS)

    async def _end(self) -> Entry:
        """The chain's last entry. Raises ``ChainBroken`` where the log's row there is another, or gone."""
        async with self._log.pool.connection() as connection:
            last = await tables.end_of(connection)
        if not last:
            return origin(self._service)
        end, before = last[0], last[1] if len(last) > 1 else origin(self._service)
        rows = await self._log.read(end.position - 1, 1)
        if not rows or rows[0].position != end.position:
            raise ChainBroken(Break(Kind.REMOVED, end.position, end.position))
        if linked(before, rows) != [end]:
            raise ChainBroken(Break(Kind.CHANGED, end.position, end.position))
        return end

    # -- comparing, and signing ---------------------------------------------------------------------------------------

    async def _watch(self, caught_up: asyncio.Event) -> None:
        """Compare all there is now and after each day, and have the day's head signed; for ever."""
        await caught_up.wait()
        while True:
            now = self._log.clock.now()
            proof = await self._compare(now)
            if proof.breaks:
                await asyncio.sleep(BROKEN_SECONDS)
                continue
            if await self._due(now) and proof.end.position:
                await self._record(sign(self._key, self._service, proof.end, now), now)
            await self._log.clock.reach(end_of_day(day_of(now)))

    async def _compare(self, now: datetime) -> Proof:
        proof = await prove(self._service, self._log.pool)
        self._found = proof.breaks
        self._count_breaks()
        for each in proof.breaks:
            log.error("chain_broken", service=self._service, kind=each.kind, first=each.first, last=each.last)
        async with self._log.pool.connection() as connection:
            await tables.keep_check(connection, now, proof.end.position, [each.words for each in proof.breaks])
        return proof

    async def _due(self, now: datetime) -> bool:
        """A day has ended since the log began. Whether it has its head already, the service's rules know."""
        first = await self._log.read(0, 1)
        return bool(first) and day_of(self._log.recorded(first[0]).meta.recorded_at) < day_of(now)

    # -- telling ------------------------------------------------------------------------------------------------------

    def _tell_end(self, found: Break) -> None:
        self._at_end = found
        self._count_breaks()
        log.error("chain_cannot_go_on", service=self._service, kind=found.kind, first=found.first, last=found.last)

    def _count_breaks(self) -> None:
        CHAIN_BREAKS.labels(self._service).set(len(self._found) or (1 if self._at_end else 0))


def linked(end: Entry, rows: "list[Stored]") -> list[Entry]:
    """The entries of ``rows``, behind ``end``. Raises ``ChainBroken`` where a row is missing before one of them."""
    entries: list[Entry] = []
    for row in rows:
        if row.position != end.position + 1:
            raise ChainBroken(Break(Kind.REMOVED, end.position + 1, row.position - 1))
        end = Entry(row.position, link(end.hash, row.position, row.stream, row.version, row.topic, row.state))
        entries.append(end)
    return entries


def _broken(found: list[Break]) -> Words:
    zh, en = found[0].words
    more = len(found) - 1
    also = (f"另有 {more} 处。", f" {more} more.") if more else ("", "")
    return Words(
        f"日志与其哈希链不一致:{zh}{also[0]}链不会被重建;请运行 shouhou verify --chain,并保全数据库与备份。",
        f"The log and its hash chain disagree. {en}{also[1]} The chain is not made anew: run shouhou verify --chain, "
        "and keep the database and its backups as they are.",
    )
