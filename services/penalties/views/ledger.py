"""The ledger (处罚台账): an entry for each event that changes what stands of a penalty, and the demerits.

Every entry keeps when its event happened and when that was recorded, so that the ledger can be read as it happened by
any moment, and as it was known by any moment.
"""

from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from services.penalties.domain.entry import DemeritEvent, Entry, EntryKind, MoneyEvent, Standing, booked, of_demerit
from services.penalties.domain.entry import standing_of as new_standing
from shared.calendar import Period
from shared.eventlog import Recorded
from shared.events import penalties as fact
from shared.events.base import Event
from shared.events.penalties import PenaltyStatus as S
from shared.projection import View

_TABLES: LiteralString = """
CREATE TABLE entries (
    position bigint PRIMARY KEY, at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, period text NOT NULL,
    engineer text NOT NULL, kind text NOT NULL, cause text NOT NULL, amount numeric(14, 2) NOT NULL,
    score int NOT NULL, demerits int NOT NULL, majors int NOT NULL, penalty uuid, number text, rule text, demerit uuid
);
CREATE INDEX ON entries (at DESC, position DESC);
CREATE INDEX ON entries (engineer, at DESC, position DESC);
CREATE INDEX ON entries (period, engineer);
CREATE INDEX ON entries (penalty);
CREATE TABLE penalties (
    penalty uuid PRIMARY KEY, number text NOT NULL, engineer text NOT NULL, rule text NOT NULL, kind text NOT NULL,
    amount numeric(14, 2) NOT NULL, score int NOT NULL, status text NOT NULL, final_at timestamptz,
    reversed_at timestamptz
);
CREATE INDEX ON penalties (final_at) WHERE status = 'FINAL';
CREATE INDEX ON penalties (reversed_at) WHERE status = 'REVERSED';
CREATE TABLE demerits (
    demerit uuid PRIMARY KEY, engineer text NOT NULL, kind text NOT NULL, penalty uuid, made_of uuid[] NOT NULL,
    at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, expires_at timestamptz NOT NULL,
    struck_at timestamptz, strike_recorded_at timestamptz, strike_reason text
);
CREATE INDEX ON demerits (engineer, at);
"""

_EVENTS: frozenset[type[Event]] = frozenset(
    {
        fact.PenaltyImposed,
        fact.AppealDecided,
        fact.PenaltyFinal,
        fact.PenaltyExecuted,
        fact.PenaltyReversed,
        fact.DemeritRecorded,
        fact.DemeritStruck,
    }
)

_STATUS: dict[type[Event], S] = {
    fact.PenaltyImposed: S.IMPOSED,
    fact.AppealDecided: S.APPEAL_DECIDED,
    fact.PenaltyFinal: S.FINAL,
    fact.PenaltyExecuted: S.EXECUTED,
    fact.PenaltyReversed: S.REVERSED,
}

_ENTRY: LiteralString = """
INSERT INTO entries (position, at, recorded_at, period, engineer, kind, cause, amount, score, demerits, majors, penalty,
    number, rule, demerit)
VALUES (%(position)s, %(at)s, %(recorded_at)s, %(period)s, %(engineer)s, %(kind)s, %(cause)s, %(amount)s, %(score)s,
    %(demerits)s, %(majors)s, %(penalty)s, %(number)s, %(rule)s, %(demerit)s)
"""
_PENALTY: LiteralString = """
INSERT INTO penalties (penalty, number, engineer, rule, kind, amount, score, status, final_at, reversed_at)
VALUES (%(penalty)s, %(number)s, %(engineer)s, %(rule)s, %(kind)s, %(amount)s, %(score)s, %(status)s, %(final_at)s,
    %(reversed_at)s)
ON CONFLICT (penalty) DO UPDATE SET amount = excluded.amount, score = excluded.score, status = excluded.status,
    final_at = excluded.final_at, reversed_at = excluded.reversed_at
"""
_DEMERIT: LiteralString = """
INSERT INTO demerits (demerit, engineer, kind, penalty, made_of, at, recorded_at, expires_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
_STRIKE: LiteralString = """
UPDATE demerits SET struck_at = %s, strike_recorded_at = %s, strike_reason = %s WHERE demerit = %s
"""

_Row = dict[str, Any]


async def _apply(connection: AsyncConnection, batch: Sequence[Recorded[Any]]) -> None:
    entries: list[_Row] = []
    held = await _held(connection, {r.event.penalty for r in batch if not isinstance(r.event, DemeritEvent)})
    changed: dict[UUID, _Row] = {}
    async with connection.pipeline():
        for recorded in batch:
            event = recorded.event
            if isinstance(event, DemeritEvent):
                await _demerit(connection, recorded)
                about = {"penalty": getattr(event, "penalty", None), "demerit": event.demerit}
                entries.append(_entry(recorded, of_demerit(event), about))
            else:
                row = held[event.penalty] = changed[event.penalty] = _after(event, held.get(event.penalty))
                if entry := row.pop("entry"):
                    about = {name: row[name] for name in ("penalty", "number", "rule")}
                    entries.append(_entry(recorded, entry, about))
        await connection.cursor().executemany(_ENTRY, entries)
        await connection.cursor().executemany(_PENALTY, list(changed.values()))


async def _held(connection: AsyncConnection, penalties: set[UUID]) -> dict[UUID, _Row]:
    """The rows of these penalties as they are."""
    if not penalties:
        return {}
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute("SELECT * FROM penalties WHERE penalty = ANY(%s)", (list(penalties),))
        return {row["penalty"]: row for row in await cursor.fetchall()}


def _after(event: MoneyEvent | fact.PenaltyFinal, before: _Row | None) -> _Row:
    """The penalty's row after ``event``, and under ``entry`` what it books."""
    if isinstance(event, fact.PenaltyImposed):
        standing = new_standing(event)
        row: _Row = {"penalty": event.penalty, "engineer": event.engineer, "final_at": None, "reversed_at": None}
    else:
        assert before, "it was imposed before"
        row = dict(before)
        standing = Standing(row["number"], row["rule"], EntryKind(row["kind"]), row["amount"], row["score"])
    entry: Entry | None = None
    if isinstance(event, fact.PenaltyFinal):
        row["final_at"] = event.at
    else:
        entry, standing = booked(event, standing)
    if isinstance(event, fact.PenaltyReversed):
        row["reversed_at"] = event.at
    row |= {"number": standing.number, "rule": standing.rule, "kind": standing.kind}
    row |= {"amount": standing.amount, "score": standing.score, "status": _STATUS[type(event)]}
    return row | {"entry": entry}


def _entry(recorded: Recorded[Any], entry: Entry, about: _Row) -> _Row:
    event = recorded.event
    row: _Row = {"position": recorded.position, "at": event.at, "recorded_at": recorded.meta.recorded_at}
    row |= {"period": str(Period.of(event.at)), "engineer": event.engineer, "kind": entry.kind, "cause": entry.cause}
    row |= {"amount": entry.amount, "score": entry.score, "demerits": entry.demerits, "majors": entry.majors}
    return {"penalty": None, "number": None, "rule": None, "demerit": None} | row | about


async def _demerit(connection: AsyncConnection, recorded: Recorded[Any]) -> None:
    event, known = recorded.event, recorded.meta.recorded_at
    if isinstance(event, fact.DemeritStruck):
        await connection.execute(_STRIKE, (event.at, known, event.reason, event.demerit))
        return
    facts = (event.demerit, event.engineer, event.kind, event.penalty, list(event.made_of))
    await connection.execute(_DEMERIT, (*facts, event.at, known, event.expires_at))


LEDGER = View(name="ledger", sources=("penalties",), tables=_TABLES, apply=_apply, events=_EVENTS)
