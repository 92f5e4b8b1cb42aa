"""How the commitment report is read: every promise of a span, what became of it, and by which events."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from psycopg import AsyncConnection, AsyncCursor
from psycopg.rows import namedtuple_row
from pydantic import BaseModel, Field

from services.reporting.domain.commitments import BY_CODE, CLAUSES, Mark, Marked, Outcome, Promise, outcome_of
from services.reporting.domain.cuts import Cut
from services.reporting.views.commitments import RULES_VERSION
from shared.calendar import SHANGHAI


class ClauseLine(BaseModel):
    """What became of a clause's promises."""

    clause: str
    title: str
    about: str = Field(description="计什么，或为何不计 · what is counted, or why nothing is")
    measured: bool
    promised: int
    kept: int
    missed: int
    excused: int
    open: int
    dropped: int = Field(description="已取消，不再期待 · cancelled, merged, aborted")
    excuses: dict[str, int] = Field(description="豁免原因代码 · codes of the excuses")
    kept_percent: Decimal | None = Field(description="履约率 = 履约 ÷（履约 + 违约），% · kept of kept and missed")


class CommitmentData(BaseModel):
    """The report's data; the same question at the same positions gives the same bytes."""

    first: date
    last: date
    customer: str | None = Field(description="客户标识或名称；空：全部 · id or name of a customer; null: all")
    customer_name: str | None
    positions: dict[str, int]
    rules: str = Field(description="规则版本 · version of the rules")
    clauses: list[ClauseLine]


class Evidence(BaseModel):
    """An event that says something of a promise."""

    source: str
    position: int
    event: str
    mark: str
    at: datetime


class PromiseShown(BaseModel):
    """A promise, what became of it, and the events that say so."""

    clause: str
    subject: str
    number: str | None
    customer: str | None
    customer_name: str | None
    at: datetime
    outcome: Outcome
    code: str | None
    evidence: list[Evidence]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which promises: of a span of days, both included, Asia/Shanghai; of one customer, or of all."""

    first: date
    last: date
    customer: str | None
    cut: Cut

    @property
    def values(self) -> dict[str, Any]:
        return {
            "first": datetime.combine(self.first, time(), SHANGHAI),
            "end": datetime.combine(self.last + timedelta(days=1), time(), SHANGHAI),
            "customer": self.customer,
            **{f"cut_{source}": self.cut.get(source, 0) for source in ("tickets", "dispatch", "reporting")},
        }


_WITHIN = (
    "m.position <= CASE m.source WHEN 'tickets' THEN %(cut_tickets)s WHEN 'dispatch' THEN %(cut_dispatch)s "
    "ELSE %(cut_reporting)s END"
)
_OF_SPAN = f"""
WITH asked AS (
    SELECT DISTINCT clause, subject, ref FROM view_commitments.marks m
    WHERE m.at >= %(first)s AND m.at < %(end)s AND m.subject <> '' AND {_WITHIN}
        AND (%(clause)s::text IS NULL OR clause = %(clause)s)
)
SELECT m.clause, a.subject, m.mark, m.at, m.ref, m.due, m.code, m.source, m.position, m.part, m.event,
    k.number, k.customer::text AS customer, k.customer_name
FROM asked a
JOIN view_commitments.marks m ON m.clause = a.clause AND (m.subject = a.subject OR (m.subject = '' AND m.ref = a.ref))
LEFT JOIN LATERAL (
    SELECT (array_agg(x.number ORDER BY x.position) FILTER (WHERE x.number IS NOT NULL))[1] AS number,
        (array_agg(x.customer ORDER BY x.position DESC) FILTER (WHERE x.customer IS NOT NULL))[1] AS customer,
        (array_agg(x.customer_name ORDER BY x.position DESC) FILTER (WHERE x.customer_name IS NOT NULL))[1]
            AS customer_name
    FROM view_commitments.known x WHERE x.ref = a.ref AND x.position <= CASE x.source
        WHEN 'tickets' THEN %(cut_tickets)s ELSE %(cut_dispatch)s END
) k ON true
WHERE {_WITHIN} AND (%(customer)s::text IS NULL OR k.customer::text = %(customer)s OR k.customer_name = %(customer)s)
ORDER BY m.clause, a.subject, m.source, m.position, m.part
"""  # noqa: S608 - our own words


async def promises(connection: AsyncConnection, asked: Asked, clause: str | None = None) -> list[PromiseShown]:
    """Every promise of the span, by clause and subject. A promise belongs to the day for which it was made."""
    cursor: AsyncCursor[Any] = connection.cursor(row_factory=namedtuple_row)
    await cursor.execute(_OF_SPAN.encode(), {**asked.values, "clause": clause})
    by_subject: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in await cursor.fetchall():
        by_subject[row.clause, row.subject].append(row)
    begins, ends = asked.values["first"], asked.values["end"]
    found = []
    for (code, subject), rows in by_subject.items():
        of_clause = BY_CODE.get(code)
        if of_clause is None or (asked.customer is not None and not of_clause.customers):
            continue
        became = outcome_of((_marked(row) for row in rows), always=of_clause.always)
        if became is not None and begins <= became.at < ends:
            found.append(_shown(code, subject, became, rows))
    return found


def _marked(row: Any) -> Marked:
    return Marked(row.clause, row.subject, Mark(row.mark), row.at, row.ref, row.due, row.code)


def _shown(clause: str, subject: str, became: Promise, rows: list[Any]) -> PromiseShown:
    last = rows[-1]
    evidence = [Evidence(source=r.source, position=r.position, event=r.event, mark=r.mark, at=r.at) for r in rows]
    return PromiseShown(
        clause=clause,
        subject=subject,
        number=last.number,
        customer=last.customer,
        customer_name=last.customer_name,
        at=became.at,
        outcome=became.outcome,
        code=became.code,
        evidence=evidence,
    )


def report(asked: Asked, found: Iterable[PromiseShown]) -> CommitmentData:
    """The figures of the promises, clause by clause; those that aren't measured say why."""
    by_clause: Mapping[str, list[PromiseShown]] = defaultdict(list)
    name = None
    for promise in found:
        by_clause[promise.clause].append(promise)
        name = name or promise.customer_name
    lines = []
    for clause in CLAUSES:
        if asked.customer is not None and not clause.customers:
            continue
        of = by_clause.get(clause.code, [])
        count = {outcome: sum(each.outcome is outcome for each in of) for outcome in Outcome}
        excuses: dict[str, int] = defaultdict(int)
        for each in of:
            if each.outcome is Outcome.EXCUSED:
                excuses[each.code or "-"] += 1
        lines.append(
            ClauseLine(
                clause=clause.code,
                title=clause.title.zh,
                about=clause.about.zh,
                measured=clause.measured,
                promised=len(of),
                kept=count[Outcome.KEPT],
                missed=count[Outcome.MISSED],
                excused=count[Outcome.EXCUSED],
                open=count[Outcome.OPEN],
                dropped=count[Outcome.DROPPED],
                excuses=dict(sorted(excuses.items())),
                kept_percent=_percent(count[Outcome.KEPT], count[Outcome.MISSED]),
            )
        )
    return CommitmentData(
        first=asked.first,
        last=asked.last,
        customer=asked.customer,
        customer_name=name if asked.customer else None,
        positions=dict(sorted(asked.cut.items())),
        rules=RULES_VERSION,
        clauses=lines,
    )


def _percent(kept: int, missed: int) -> Decimal | None:
    if not kept + missed:
        return None
    return (Decimal(kept) * 100 / (kept + missed)).quantize(Decimal("0.1"), ROUND_HALF_UP)
