"""What becomes of suspicions, by rule, region and outcome: a detector that is mostly waived, or reversed, shows."""

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier
from psycopg_pool import AsyncConnectionPool
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.calendar import Period
from shared.eventlog import Recorded
from shared.events import penalties as fact
from shared.events.base import Event
from shared.events.penalties import FactKind
from shared.events.penalties import PenaltyStatus as S
from shared.projection import View

MANY = 5
"""So many decisions at least, before the share of those that were waived says something."""

_TABLES: LiteralString = """
CREATE TABLE subjects (engineer text PRIMARY KEY, region text);
CREATE TABLE cases (
    penalty uuid PRIMARY KEY, engineer text NOT NULL, region text, rule text NOT NULL, kind text NOT NULL,
    policy_version int NOT NULL, raised_at timestamptz NOT NULL, period text NOT NULL, status text NOT NULL,
    noticed boolean NOT NULL DEFAULT false, stated boolean NOT NULL DEFAULT false, waived text,
    imposed numeric(14, 2), appealed boolean NOT NULL DEFAULT false, appeal text,
    reviewed boolean NOT NULL DEFAULT false, final boolean NOT NULL DEFAULT false, taken numeric(14, 2),
    reversed boolean NOT NULL DEFAULT false
);
CREATE INDEX ON cases (raised_at);
"""

_FRESH: dict[str, Any] = {
    "noticed": False,
    "stated": False,
    "waived": None,
    "imposed": None,
    "appealed": False,
    "appeal": None,
    "reviewed": False,
    "final": False,
    "taken": None,
    "reversed": False,
}
_COLUMNS = ("penalty", "engineer", "region", "rule", "kind", "policy_version", "raised_at", "period", "status", *_FRESH)

_PENALTY_EVENTS: frozenset[type[Event]] = frozenset(
    {
        fact.SuspicionRaised,
        fact.SuspicionWithdrawn,
        fact.PenaltyNoticed,
        fact.StatementGiven,
        fact.StatementLapsed,
        fact.PenaltyImposed,
        fact.PenaltyWaived,
        fact.AppealLodged,
        fact.AppealDecided,
        fact.PenaltyFinal,
        fact.PenaltyExecuted,
        fact.ReviewOpened,
        fact.PenaltyReversed,
    }
)

_Row = dict[str, Any]


async def _apply(connection: AsyncConnection, batch: Sequence[Recorded[Any]]) -> None:
    cases = await _held(connection, "cases", "penalty", {r.event.penalty for r in batch if _of_penalty(r.event)})
    whose = {r.event.engineer for r in batch if isinstance(r.event, fact.SuspicionRaised | fact.SubjectRecorded)}
    subjects = await _held(connection, "subjects", "engineer", whose)
    for event in (recorded.event for recorded in batch):
        if isinstance(event, fact.SubjectRecorded):
            subjects[event.engineer] = {"engineer": event.engineer, "region": event.region}
        elif isinstance(event, fact.SuspicionRaised):
            cases[event.penalty] = _raised(event, subjects.get(event.engineer))
        else:
            cases[event.penalty] |= _changes(event)
    async with connection.pipeline():
        await _upsert(connection, "cases", "penalty", _COLUMNS, list(cases.values()))
        await _upsert(connection, "subjects", "engineer", ("engineer", "region"), list(subjects.values()))


def _of_penalty(event: Event) -> bool:
    return type(event) in _PENALTY_EVENTS


def _raised(event: fact.SuspicionRaised, subject: _Row | None) -> _Row:
    """In the region where the engineer was when it was raised."""
    named = {name: getattr(event, name) for name in ("penalty", "engineer", "rule", "kind", "policy_version")}
    region = subject["region"] if subject else None
    when = {"raised_at": event.at, "period": str(Period.of(event.at))}
    return {**named, "region": region, **when, "status": S.SUSPECTED, **_FRESH}


def _changes(event: Any) -> _Row:
    match event:
        case fact.SuspicionWithdrawn():
            return {"status": S.WITHDRAWN}
        case fact.PenaltyNoticed():
            return {"status": S.NOTICED, "noticed": True}
        case fact.StatementGiven():
            return {"status": S.STATED, "stated": True}
        case fact.StatementLapsed():
            return {"status": S.STATEMENT_LAPSED}
        case fact.PenaltyImposed():
            return {"status": S.IMPOSED, "imposed": event.amount}
        case fact.PenaltyWaived():
            return {"status": S.WAIVED, "waived": event.cause}
        case fact.AppealLodged():
            return {"status": S.APPEALED, "appealed": True}
        case fact.AppealDecided():
            return {"status": S.APPEAL_DECIDED, "appeal": event.outcome}
        case fact.PenaltyFinal():
            return {"status": S.FINAL, "final": True}
        case fact.PenaltyExecuted():
            return {"status": S.EXECUTED, "taken": event.taken}
        case fact.ReviewOpened():
            return {"reviewed": True}
        case _:
            return {"status": S.REVERSED, "reversed": True}


async def _held(connection: AsyncConnection, table: str, key: str, wanted: set[UUID] | set[str]) -> dict[Any, _Row]:
    if not wanted:
        return {}
    query = SQL("SELECT * FROM {} WHERE {} = ANY(%s)").format(Identifier(table), Identifier(key))
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query, (list(wanted),))
        return {row[key]: row for row in await cursor.fetchall()}


async def _upsert(
    connection: AsyncConnection, table: str, key: str, columns: Sequence[str], rows: Sequence[_Row]
) -> None:
    names, places = SQL(", ").join(map(Identifier, columns)), SQL(", ").join([SQL("%s")] * len(columns))
    sets = SQL(", ").join(SQL("{0} = excluded.{0}").format(Identifier(name)) for name in columns if name != key)
    query = SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO UPDATE SET {}").format(
        Identifier(table), names, places, Identifier(key), sets
    )
    await connection.cursor().executemany(query, [[row[name] for name in columns] for row in rows])


STATISTICS = View(
    name="statistics",
    sources=("penalties",),
    tables=_TABLES,
    apply=_apply,
    events=_PENALTY_EVENTS | {fact.SubjectRecorded},
)


# --- queries ----------------------------------------------------------------------------------------------------------


class By(StrEnum):
    """What the suspicions are told apart by."""

    RULE = "rule"
    REGION = "region"
    STATUS = "status"
    """The outcome so far."""
    KIND = "kind"
    PERIOD = "period"
    POLICY_VERSION = "policy_version"


class StatisticsFilter(BaseModel):
    """Which suspicions, and what they are told apart by."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    by: list[By] = Field([By.RULE], min_length=1, max_length=3, description="按何项统计，可多选 · told apart by")
    raised_from: AwareDatetime | None = None
    raised_until: AwareDatetime | None = None
    rule: str | None = Field(None, max_length=200, description="条款 · rule")
    region: str | None = Field(None, max_length=200, description="地区 · region")
    kind: FactKind | None = None


_COUNTS = SQL("""
    count(*) AS suspicions,
    count(*) FILTER (WHERE status IN ('SUSPECTED', 'NOTICED', 'STATED', 'STATEMENT_LAPSED')) AS undecided,
    count(*) FILTER (WHERE status = 'WITHDRAWN') AS withdrawn,
    count(*) FILTER (WHERE waived = 'decided') AS waived,
    count(*) FILTER (WHERE waived IN ('not_noticed', 'undecided')) AS lapsed,
    count(imposed) AS imposed,
    count(*) FILTER (WHERE stated) AS stated,
    count(*) FILTER (WHERE appealed) AS appealed,
    count(*) FILTER (WHERE appeal = 'upheld') AS upheld,
    count(*) FILTER (WHERE appeal = 'reduced') AS reduced,
    count(*) FILTER (WHERE appeal = 'revoked') AS revoked,
    count(*) FILTER (WHERE reviewed) AS reviewed,
    count(*) FILTER (WHERE final) AS final,
    count(taken) AS executed,
    count(*) FILTER (WHERE reversed) AS reversed,
    coalesce(sum(imposed), 0.00) AS amount_imposed,
    coalesce(sum(taken) FILTER (WHERE NOT reversed), 0.00) AS amount_taken
""")
_CONDITIONS: dict[str, SQL] = {
    "raised_from": SQL("raised_at >= %(raised_from)s"),
    "raised_until": SQL("raised_at < %(raised_until)s"),
    "rule": SQL("rule = %(rule)s"),
    "region": SQL("region = %(region)s"),
    "kind": SQL("kind = %(kind)s"),
}


async def statistics(pool: AsyncConnectionPool, wanted: StatisticsFilter) -> list[_Row]:
    """One row for each group: how many suspicions came to what, and the share of decisions that were waived, and of
    penalties that were revoked or reversed."""
    values = wanted.model_dump(exclude={"by"}, exclude_none=True)
    conditions = SQL(" AND ").join([SQL("true"), *(_CONDITIONS[name] for name in values)])
    groups = SQL(", ").join(map(Identifier, dict.fromkeys(wanted.by)))
    query = SQL("SELECT {0}, {1} FROM view_statistics.cases WHERE {2} GROUP BY {0} ORDER BY {0}").format(
        groups, _COUNTS, conditions
    )
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        rows = await (await cursor.execute(query, values)).fetchall()
    return [row | _rates(row) for row in rows]


def _rates(row: _Row) -> _Row:
    """``mostly_waived``: more than half of enough decisions; then the rule or its detector is to be looked at."""
    not_imposed = row["waived"] + row["lapsed"]
    decided = not_imposed + row["imposed"]
    undone = row["revoked"] + row["reversed"]
    return {
        "decided": decided,
        "waived_rate": _share(not_imposed, decided),
        "undone_rate": _share(undone, row["imposed"]),
        "mostly_waived": decided >= MANY and not_imposed * 2 > decided,
        "mostly_undone": row["imposed"] >= MANY and undone * 2 > row["imposed"],
    }


def _share(part: int, whole: int) -> Decimal | None:
    """To three places; None of nothing."""
    return (Decimal(part) / whole).quantize(Decimal("0.001")) if whole else None
