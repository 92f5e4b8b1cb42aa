"""Register imports: a reception's spreadsheet, row by row, with progress and a result that is kept."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, LiteralString
from uuid import UUID, uuid5

import orjson
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from services.tickets.commands.register_import import take_over
from services.tickets.domain import reference
from services.tickets.domain.identity import NAMESPACE, customer_id
from services.tickets.domain.reference import RecordCustomer
from services.tickets.persons import Persons
from services.tickets.register import Doubled, Reading, Register, RegisterEntry, RowProblem, Skipped
from services.tickets.register.result import Outcome, result_sheet
from shared.decider import Refused, Words
from shared.eventlog import ConcurrencyConflict, Context, EventLog, Streams

TABLES: LiteralString = """
CREATE TABLE IF NOT EXISTS register_imports (
    import uuid PRIMARY KEY, filename text NOT NULL, imported_by text NOT NULL, imported_at timestamptz NOT NULL,
    counts jsonb NOT NULL, rows jsonb NOT NULL, sheet bytea NOT NULL
);
"""

AT_ONCE = 100
"""Rows that are decided side by side; they share commits."""

OPENED = Words("已导入", "imported")
ADDED = Words("已补充", "added to")
UNCHANGED = Words("无变化", "unchanged")
REFUSED = Words("未导入", "not imported")
_OTHERS_WORK_ON_IT = Words(
    "有人正在处理同一请求；请再导入一次。", "Somebody works on the same ticket; import the file again."
)


@dataclass(frozen=True, slots=True)
class Progress:
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Result:
    """What became of every row of a file."""

    import_id: UUID | None
    """None for a dry run: nothing is kept."""
    filename: str
    counts: dict[str, int]
    rows: list[dict[str, Any]]
    notices: tuple[Words, ...]
    sheet: bytes
    """The result as XLSX."""


class RegisterImports:
    """Imports for one service."""

    def __init__(self, log: EventLog, pool: AsyncConnectionPool, persons: Persons) -> None:
        self._log = log
        self._pool = pool
        self._persons = persons

    async def run(
        self, register: Register, data: bytes, context: Context, *, dry_run: bool, at: datetime
    ) -> AsyncIterator[Progress | Result]:
        """Tells its progress, and at last the result. A bad row is reported, the good ones go in."""
        outcomes: dict[tuple[str, int], Outcome] = {}
        if not dry_run:
            await self._record_customers(register.entries, context)
            async for done in self._take_over(register, context, outcomes):
                yield Progress(done, len(register.entries))
        result = await asyncio.to_thread(_result, register, outcomes)
        if not dry_run:
            result = await self._keep(result, data, context.actor, at)
        yield result

    async def _record_customers(self, entries: Sequence[RegisterEntry], context: Context) -> None:
        """Before their tickets: many rows name the same one, and would stand in each other's way."""
        new = [
            self._log.execute(partial(_record_customer, customer=customer, name=name, at=at, by=context.actor), context)
            for customer, (name, at) in _earliest(entries).items()
        ]
        for start in range(0, len(new), AT_ONCE):
            await asyncio.gather(*new[start : start + AT_ONCE])

    async def _take_over(
        self, register: Register, context: Context, outcomes: dict[tuple[str, int], Outcome]
    ) -> AsyncIterator[int]:
        entries = register.entries
        for start in range(0, len(entries), AT_ONCE):
            group = entries[start : start + AT_ONCE]
            taken = await asyncio.gather(*(self._one(entry, register.filename, context) for entry in group))
            for entry, outcome in zip(group, taken, strict=True):
                # Rows that stood in each other's way side by side are taken one after the other.
                alone = outcome or await self._one(entry, register.filename, context)
                outcomes[entry.sheet, entry.row] = alone or Outcome(REFUSED, _OTHERS_WORK_ON_IT)
            yield start + len(group)

    async def _one(self, entry: RegisterEntry, register: str, context: Context) -> Outcome | None:
        """None where others changed the same things again and again; nothing was recorded."""
        work = partial(take_over, entry=entry, persons=self._persons, by=context.actor, register=register)
        caused = replace(context, key=None, causation_id=f"register:{entry.fingerprint[:16]}")
        try:
            taken = (await self._log.execute(work, caused)).answer
        except ConcurrencyConflict:
            return None
        except Refused as refused:
            return Outcome(REFUSED, refused.words)
        notes = [Words(zh, en) for zh, en in taken["notes"]]
        reason = Words("".join(n.zh for n in notes), " ".join(n.en for n in notes)) if notes else None
        result = OPENED if taken["new"] else ADDED if taken["changed"] else UNCHANGED
        return Outcome(result, reason, taken["number"])

    async def _keep(self, result: Result, data: bytes, by: str, at: datetime) -> Result:
        digest = hashlib.sha256(data).hexdigest()
        kept = uuid5(NAMESPACE, f"register_import:{digest}:{at.isoformat()}")
        async with self._pool.connection() as connection:
            await connection.execute(
                "INSERT INTO register_imports (import, filename, imported_by, imported_at, counts, rows, sheet) "
                "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
                (
                    kept,
                    result.filename,
                    by,
                    at,
                    orjson.dumps(result.counts).decode(),
                    orjson.dumps(result.rows).decode(),
                    result.sheet,
                ),
            )
        return replace(result, import_id=kept)


def _result(register: Register, outcomes: dict[tuple[str, int], Outcome]) -> Result:
    rows = [_row(reading, outcomes.get((reading.sheet, reading.row))) for reading in register]
    counts = dict(register.counts)
    for name, words in (("imported", OPENED), ("added", ADDED), ("unchanged", UNCHANGED), ("refused", REFUSED)):
        counts[name] = sum(outcome.result is words for outcome in outcomes.values())
    notices = (*register.notices, *_left_out(register))
    sheet = result_sheet(register, outcomes)
    return Result(None, register.filename, counts, rows, notices, sheet)


def _left_out(register: Register) -> Iterator[Words]:
    """What was read and is not taken over."""
    if any(entry.taken_by for entry in register.entries):
        yield Words(
            "登记人一列没有导入：事件中只记录系统账号。",
            "Who took the calls is not in: events name accounts of this system only.",
        )


def _earliest(entries: Sequence[RegisterEntry]) -> dict[UUID, tuple[str, datetime]]:
    """Every customer of the sheet with its name and first contact."""
    found: dict[UUID, tuple[str, datetime]] = {}
    for entry in entries:
        key = customer_id(entry.customer)
        if key not in found or entry.received_at < found[key][1]:
            found[key] = (entry.customer, entry.received_at)
    return found


async def _record_customer(streams: Streams, *, customer: UUID, name: str, at: datetime, by: str) -> None:
    if (await streams.load(reference, customer, required=False)).latest is None:
        await streams.handle(reference, customer, RecordCustomer(customer=customer, name=name, at=at, by=by))


def _row(reading: Reading, outcome: Outcome | None) -> dict[str, Any]:
    """A row's result. Nothing personal: names and numbers stay in the file."""
    row: dict[str, Any] = {"sheet": reading.sheet, "row": reading.row}
    match reading:
        case RegisterEntry():
            row |= {
                "kind": "entry",
                "received_at": reading.received_at.isoformat(),
                "channel": reading.channel,
                "answered_within_24h": reading.answered_within_24h,
                "late_minutes": reading.late_minutes,
                "score": reading.score,
                "notes": [list(words) for words in reading.notes],
            }
        case RowProblem():
            row |= {"kind": "problem", "reason": list(reading.words)}
        case Doubled():
            row |= {"kind": "doubled", "duplicate_of": reading.duplicate_of, "reason": list(reading.words)}
        case Skipped():
            row |= {"kind": "skipped", "reason": [reading.reason, reading.reason]}
    if outcome:
        row |= {"result": list(outcome.result), "ticket": outcome.ticket}
        row |= {"reason": list(outcome.reason)} if outcome.reason else {}
    return row


async def kept(pool: AsyncConnectionPool, import_id: UUID) -> dict[str, Any] | None:
    """A result that was kept, without its sheet."""
    query = "SELECT import, filename, imported_by, imported_at, counts, rows FROM register_imports WHERE import = %s"
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(query, (import_id,))).fetchone()


async def kept_sheet(pool: AsyncConnectionPool, import_id: UUID) -> bytes | None:
    """The result as XLSX."""
    async with pool.connection() as connection:
        rows = await connection.execute("SELECT sheet FROM register_imports WHERE import = %s", (import_id,))
        found = await rows.fetchone()
    return bytes(found[0]) if found else None
