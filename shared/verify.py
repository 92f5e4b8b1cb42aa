"""Proof that everything is as the logs say: ``shouhou verify``.

Each check reads what is there and makes it again from the log; nothing is repaired.
"""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString, get_type_hints
from uuid import UUID

from nats.js.errors import NotFoundError
from psycopg_pool import AsyncConnectionPool

from shared.chain.proof import prove
from shared.consumer import ConsumerLost, Pull, Wanted, declare
from shared.decider import Arm, Breach, DeadlineChange, Decider, Drop, Hold, Meet, Release
from shared.eventlog import EventLog
from shared.jetstream import NATS_ERRORS, Nats, delivered, partition_of, stream_of
from shared.rebuild import CannotCompare, compare
from shared.service import Runtime

BATCH = 2_000
PATIENCE = 30.0
"""Seconds that NATS has to answer."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check of one thing came to."""

    check: str
    what: str
    ok: bool
    detail: str


async def verify(runtime: Runtime, trusted: Collection[str] = ()) -> AsyncIterator[Finding]:
    """All checks of one service; ``trusted``: see ``log_is_as_linked``."""
    yield await log_is_whole(runtime.service.name, runtime.pool)
    assert runtime.nats
    async for finding in stream_equals_log(runtime.log, runtime.nats):
        yield finding
    async for finding in views_equal_rebuild(runtime):
        yield finding
    if runtime.service.chained:
        async for finding in log_is_as_linked(runtime, trusted):
            yield finding
    if runtime.service.on_deadline:
        yield await deadlines_follow(runtime.log, runtime.pool, runtime.service.deciders)


# -- the log -----------------------------------------------------------------------------------------------------


_WHOLE: LiteralString = """
SELECT (SELECT count(*) FROM events),
       (SELECT position FROM (SELECT notification_id AS found, row_number() OVER (ORDER BY notification_id) AS position
                              FROM events) AS e WHERE found <> position ORDER BY position LIMIT 1),
       (SELECT count(*) FROM (SELECT 1 FROM events GROUP BY originator_id
                              HAVING count(*) <> max(originator_version) OR min(originator_version) <> 1) AS b)
"""


async def log_is_whole(service: str, pool: AsyncConnectionPool) -> Finding:
    """Positions are 1, 2, 3, … and so are the versions of every stream."""
    async with pool.connection() as connection:
        row = await (await connection.execute(_WHOLE)).fetchone()
    assert row
    count, gap, broken = row
    detail = f"{count} 个事件 · events"
    if gap:
        detail += f";位置 {gap} 缺失 · position {gap} is missing"
    if broken:
        detail += f";{broken} 个聚合的版本不连续 · versions of {broken} aggregates have gaps"
    return Finding("日志无缺口 · log gapless", service, not gap and not broken, detail)


# -- its chain ---------------------------------------------------------------------------------------------------


async def log_is_as_linked(runtime: Runtime, trusted: Collection[str] = ()) -> AsyncIterator[Finding]:
    """Every row is what was linked, and every signed head is what the chain came to. With ``trusted`` public keys
    (hexadecimal), no other may have signed one."""
    check, service = "日志与链一致 · log as linked", runtime.service.name
    proof = await prove(service, runtime.pool, trusted)
    for each in proof.breaks:
        yield Finding(check, f"{service}@{each.first}", False, f"{each.words.zh} · {each.words.en}")
    if not proof.breaks:
        detail = f"{proof.linked} 行相符 · rows as linked, {len(proof.heads)} 个签名 · signed heads"
        if proof.unlinked:
            detail += f";{proof.unlinked} 行尚未链接 · not linked yet"
        for key in sorted({head.key for head in proof.heads}):
            detail += f";公钥 · key {key}"
        yield Finding(check, service, True, detail)


# -- the stream --------------------------------------------------------------------------------------------------

_Sums = dict[int, tuple[int, str]]
"""Count and hash of each partition."""


async def stream_equals_log(log: EventLog, nats: Nats) -> AsyncIterator[Finding]:
    """Every partition of the stream holds the log's events, byte for byte and in order, up to where the log was."""
    check, end = "消息流与日志一致 · stream equals log", await log.head()
    ours = await _of_log(log, end)
    try:
        async with asyncio.timeout(PATIENCE + end / 1_000):
            theirs = await _of_stream(log.service, nats, end)
    except (ConsumerLost, NotFoundError, *NATS_ERRORS) as error:
        yield Finding(check, stream_of(log.service), end == 0, f"无法读取 · can't be read: {type(error).__name__}")
        return
    different = [p for p in sorted(ours.keys() | theirs.keys()) if ours.get(p) != theirs.get(p)]
    for partition in different:
        counts = f"日志 · log {ours.get(partition, (0, ''))[0]}, 流 · stream {theirs.get(partition, (0, ''))[0]}"
        yield Finding(check, f"{stream_of(log.service)}/{partition}", False, counts)
    if not different:
        yield Finding(check, stream_of(log.service), True, f"{len(ours)} 个分区 · partitions, {end} 个事件 · events")


async def _of_log(log: EventLog, end: int) -> _Sums:
    sums = _Summing()
    position = 0
    while position < end:
        for stored in await log.read(position, min(BATCH, end - position)):
            sums.add(partition_of(stored.stream), stored.position, stored.state)
            position = stored.position
    return sums.done()


async def _of_stream(service: str, nats: Nats, end: int) -> _Sums:
    sums = _Summing()
    if end:
        client = await nats.client()
        wanted = Wanted(service, (f"events.{service}.>",), 0, None)
        name = await declare(client.jetstream(), wanted)
        async with Pull(client, service, name) as pull:
            last = 0
            while last < end:
                for message in await pull.batch(BATCH):
                    each = delivered(message)
                    last = each.position
                    if last <= end:
                        sums.add(each.partition, last, each.body)
    return sums.done()


class _Summing:
    """Counts and hashes partition by partition."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = defaultdict(int)
        self._hashes: dict[int, Any] = defaultdict(hashlib.sha256)

    def add(self, partition: int, position: int, body: bytes) -> None:
        self._counts[partition] += 1
        self._hashes[partition].update(b"%d %d " % (position, len(body)) + body)

    def done(self) -> _Sums:
        return {partition: (count, self._hashes[partition].hexdigest()) for partition, count in self._counts.items()}


# -- the views ---------------------------------------------------------------------------------------------------


async def views_equal_rebuild(runtime: Runtime) -> AsyncIterator[Finding]:
    """Every view holds what its events make of it."""
    check = "视图与重建一致 · view equals rebuild"
    assert runtime.nats
    for view in runtime.service.views:
        try:
            differences = await compare(view, runtime.log, runtime.pool, runtime.nats)
        except CannotCompare as cannot:
            yield Finding(check, view.name, False, str(cannot))
            continue
        for table in differences:
            ok = not table.missing and not table.surplus
            detail = f"{table.rows} 行 · rows"
            if not ok:
                detail += f";缺 {table.missing},多 {table.surplus} · {table.missing} missing, {table.surplus} too many"
            yield Finding(check, f"{view.name}.{table.table}", ok, detail)


# -- the deadlines -----------------------------------------------------------------------------------------------

_Row = tuple[str, datetime | None]
"""State and due time."""


async def deadlines_follow(log: EventLog, pool: AsyncConnectionPool, deciders: Sequence[Decider[Any]]) -> Finding:
    """The table of deadlines is what the events arm, hold, meet and breach."""
    end = await log.head()
    wanted = await _deadlines_of(log, end, deciders)
    found = await _deadlines_in(pool)
    if await log.head() != end:  # something was appended meanwhile: what it changed isn't judged
        changed = {stored.stream for stored in await log.read(end, BATCH)}
        wanted = {key: row for key, row in wanted.items() if key[0] not in changed}
        found = {key: row for key, row in found.items() if key[0] not in changed}
    wrong = [key for key in wanted.keys() | found.keys() if not _same(wanted.get(key), found.get(key))]
    detail = f"{len(found)} 个时限 · deadlines"
    if wrong:
        stream, name = wrong[0]
        detail += f";{len(wrong)} 个不符,如 · of them wrong, such as {name} {stream}"
    return Finding("时限一致 · deadlines consistent", log.service, not wrong, detail)


async def _deadlines_in(pool: AsyncConnectionPool) -> dict[tuple[UUID, str], _Row]:
    async with pool.connection() as connection:
        rows = await connection.execute("SELECT stream, name, state, due_at FROM deadlines")
        return {(stream, name): (state, due) for stream, name, state, due in await rows.fetchall()}


def _same(wanted: _Row | None, found: _Row | None) -> bool:
    """A deadline that came due when there was nothing to do any more is MOOT, which no event says."""
    if wanted and found and found[0] == "MOOT":
        return wanted == ("ARMED", found[1])
    return wanted == found


async def _deadlines_of(log: EventLog, end: int, deciders: Sequence[Decider[Any]]) -> dict[tuple[UUID, str], _Row]:
    rows: dict[tuple[UUID, str], _Row] = {}
    known = [(known_events(decider), decider) for decider in deciders]
    position = 0
    while position < end:
        for stored in await log.read(position, min(BATCH, end - position)):
            position = stored.position
            event = log.recorded(stored).event
            for change in _changes(known, event):
                key = (stored.stream, change.name)
                rows[key] = _after(change, rows.get(key))
    return rows


def known_events(decider: Decider[Any]) -> Any:
    """The events of a lifecycle, as its ``deadlines`` declares its one argument."""
    of_event, *_ = get_type_hints(decider.deadlines).values()
    return of_event


def _changes(deciders: Iterable[tuple[Any, Decider[Any]]], event: Any) -> Iterable[DeadlineChange]:
    """What the event does to deadlines, as its own lifecycle says; the others don't know it."""
    for known, decider in deciders:
        if isinstance(event, known):
            yield from decider.deadlines(event)


def _after(change: DeadlineChange, before: _Row | None) -> _Row:
    due = before[1] if before else None
    match change:
        case Arm() | Release():
            return "ARMED", change.due
        case Hold():
            return "HELD", due
        case Meet():
            return "MET", due
        case Breach():
            return "BREACHED", due
        case Drop():
            return "DROPPED", due
