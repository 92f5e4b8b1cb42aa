"""The ledger as it is asked for: entries, balances, demerits, as they happened and were known by a moment."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import dict_row
from psycopg.sql import SQL, Composable, Composed
from psycopg_pool import AsyncConnectionPool
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.penalties.domain.entry import EntryKind
from services.penalties.domain.wage import Month
from shared.paging import Page

Row = dict[str, Any]

_AS_OF = "截至该时刻已发生的 · as it happened by this moment"
_KNOWN_AT = "截至该时刻已登记的 · as it was known (recorded) by this moment"


class LedgerFilter(BaseModel):
    """Which entries."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    engineer: str | None = Field(None, max_length=40, description="人员 · engineer")
    period: Month | None = Field(None, description="统计月，如 2026-10 · month")
    kind: list[EntryKind] = Field([], description="种类，可多选 · kinds")
    rule: str | None = Field(None, max_length=200, description="条款 · rule")
    penalty: UUID | None = Field(None, description="处罚 · penalty")
    as_of: AwareDatetime | None = Field(None, description=_AS_OF)
    known_at: AwareDatetime | None = Field(None, description=_KNOWN_AT)


class LedgerPage(Page, LedgerFilter):
    """Which entries; newest first."""


class DemeritsFilter(BaseModel):
    """Whose demerits, and as of when."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    engineer: str | None = Field(None, max_length=40, description="人员 · engineer")
    standing: bool | None = Field(None, description="是否仍有效 · those that count, or that don't any more")
    as_of: AwareDatetime | None = Field(None, description=_AS_OF)
    known_at: AwareDatetime | None = Field(None, description=_KNOWN_AT)


@dataclass
class _Chosen:
    """The conditions of a question, and their values."""

    conditions: list[Composable] = field(default_factory=lambda: [SQL("true")])
    values: Row = field(default_factory=dict)

    def where(self, condition: LiteralString, **values: object) -> "_Chosen":
        """Where all the values are known."""
        if None not in values.values():
            self.conditions.append(SQL(condition))
            self.values |= values
        return self

    def within(self, query: LiteralString) -> Composed:
        """``query`` with the conditions in place of ``{}``."""
        return SQL(query).format(SQL(" AND ").join(self.conditions))


def _chosen(wanted: LedgerFilter, own: str | None) -> _Chosen:
    chosen = _Chosen().where("engineer = %(own)s", own=own)
    chosen.where("engineer = %(engineer)s", engineer=wanted.engineer)
    chosen.where("period = %(period)s", period=wanted.period)
    chosen.where("kind = ANY(%(kind)s)", kind=wanted.kind or None)
    chosen.where("rule = %(rule)s", rule=wanted.rule)
    chosen.where("penalty = %(penalty)s", penalty=wanted.penalty)
    chosen.where("at <= %(as_of)s", as_of=wanted.as_of)
    return chosen.where("recorded_at <= %(known_at)s", known_at=wanted.known_at)


_ENTRIES: LiteralString = """
SELECT * FROM view_ledger.entries WHERE {} ORDER BY at DESC, position DESC LIMIT %(_limit)s
"""


async def entries(
    pool: AsyncConnectionPool, wanted: LedgerFilter, own: str | None = None, *, limit: int, after: Any = None
) -> list[Row]:
    """Up to ``limit`` entries, newest first, behind (at, position) ``after``; ``own``: only this engineer's."""
    chosen = _chosen(wanted, own)
    if after:
        chosen.where("(at, position) < (%(_at)s, %(_position)s)", _at=after[0], _position=after[1])
    return await _rows(pool, chosen.within(_ENTRIES), chosen.values | {"_limit": limit})


async def page_of(pool: AsyncConnectionPool, page: LedgerPage, own: str | None) -> list[Row]:
    """Up to ``page.limit + 1`` entries, newest first; ``own``: only this engineer's."""
    return await entries(pool, page, own, limit=page.limit + 1, after=page.after(datetime, int))


_BALANCES: LiteralString = """
SELECT engineer, period, sum(amount) AS balance,
    coalesce(sum(amount) FILTER (WHERE kind = 'fine'), 0.00) AS fines,
    coalesce(sum(amount) FILTER (WHERE kind = 'allowance'), 0.00) AS allowances,
    sum(score) AS score, sum(demerits) AS demerits, sum(majors) AS majors, count(*) AS entries
FROM view_ledger.entries WHERE {} GROUP BY engineer, period ORDER BY period DESC, engineer
"""


async def balances(pool: AsyncConnectionPool, wanted: LedgerFilter, own: str | None = None) -> list[Row]:
    """What the entries of each engineer and month come to; negative where more was taken back than imposed."""
    chosen = _chosen(wanted, own)
    return await _rows(pool, chosen.within(_BALANCES), chosen.values)


_DEMERITS: LiteralString = """
SELECT d.demerit, d.engineer, d.kind, d.penalty, p.number, d.made_of, d.at, d.recorded_at, d.expires_at,
    CASE WHEN struck THEN d.struck_at END AS struck_at, CASE WHEN struck THEN d.strike_reason END AS strike_reason,
    NOT struck AND d.expires_at > %(_now)s AS standing
FROM (
    SELECT *, struck_at IS NOT NULL AND struck_at <= %(_now)s
        AND strike_recorded_at <= coalesce(%(_known)s, strike_recorded_at) AS struck
    FROM view_ledger.demerits WHERE {}
) AS d LEFT JOIN view_ledger.penalties AS p USING (penalty)
ORDER BY d.at DESC, d.demerit
"""


async def demerits(
    pool: AsyncConnectionPool, wanted: DemeritsFilter, now: datetime, own: str | None = None
) -> list[Row]:
    """Demerits, newest first, and whether each counts: neither struck nor expired at ``as_of`` (None: ``now``)."""
    moment = wanted.as_of or now
    chosen = _Chosen().where("engineer = %(own)s", own=own).where("engineer = %(engineer)s", engineer=wanted.engineer)
    chosen.where("at <= %(_now)s", _now=moment).where("recorded_at <= %(_known)s", _known=wanted.known_at)
    found = await _rows(pool, chosen.within(_DEMERITS), {"_known": None} | chosen.values)
    return [row for row in found if wanted.standing in (None, row["standing"])]


_PENDING: LiteralString = """
SELECT penalty FROM view_ledger.penalties
WHERE status = 'FINAL' AND amount > 0 AND final_at < %s ORDER BY final_at, penalty
"""
_REVERSED: LiteralString = """
SELECT penalty FROM view_ledger.penalties WHERE status = 'REVERSED' AND reversed_at < %s AND penalty = ANY(%s)
"""
_POSITION: LiteralString = "SELECT coalesce(max(position), 0) AS position FROM view_ledger.positions"


async def pending_money(pool: AsyncConnectionPool, until: datetime) -> list[UUID]:
    """The penalties that were final before ``until`` and whose amount waits for a list."""
    return [row["penalty"] for row in await _rows(pool, SQL(_PENDING), (until,))]


async def reversed_of(pool: AsyncConnectionPool, until: datetime, listed: Sequence[UUID]) -> list[UUID]:
    """Those of ``listed`` that were reversed before ``until``."""
    return [row["penalty"] for row in await _rows(pool, SQL(_REVERSED), (until, list(listed)))]


async def position(pool: AsyncConnectionPool) -> int:
    """Up to where the ledger has taken in the log."""
    return int((await _rows(pool, SQL(_POSITION), ()))[0]["position"])


async def _rows(pool: AsyncConnectionPool, query: SQL | Composed, values: Any) -> list[Row]:
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(query, values)).fetchall()
