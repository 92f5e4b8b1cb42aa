"""How the board of penalties is read: counts by stage and rule, of the company as a whole."""

from collections import Counter
from datetime import datetime, timedelta

from psycopg import AsyncConnection
from pydantic import BaseModel, Field

from shared.calendar import day_of
from shared.events.penalties import PenaltyStatus as S

NEAR = timedelta(hours=24)


class PenaltyStage(BaseModel):
    """How many penalties are at a stage."""

    status: S
    penalties: int
    oldest: datetime | None = Field(description="最早进入该阶段的时间 · since when the longest has been there")


class PenaltyRule(BaseModel):
    """How many suspicions and decisions of a rule there are."""

    rule: str
    open: int
    ended_this_month: dict[S, int]


class PenaltiesBoard(BaseModel):
    """Numbers only: no engineer, no amount, no case."""

    open: int
    due_soon: int = Field(description="24 小时内到期的步骤 · steps that are due within 24 hours")
    overdue: int = Field(description="已过期限的步骤 · steps whose time has passed")
    in_review: int
    stages: list[PenaltyStage]
    ended_this_month: dict[S, int]
    rules: list[PenaltyRule]


async def penalties_board(connection: AsyncConnection, now: datetime) -> PenaltiesBoard:
    """The board as it is ``now``."""
    rows = await connection.execute(
        "SELECT facts, open FROM view_penalty_stages.lines WHERE open OR day >= %s", (day_of(now).replace(day=1),)
    )
    found = await rows.fetchall()
    waiting = [facts for facts, is_open in found if is_open]
    ended = [facts for facts, is_open in found if not is_open]
    dues = [datetime.fromisoformat(facts["due"]) for facts in waiting if facts["due"]]
    return PenaltiesBoard(
        open=len(waiting),
        due_soon=sum(now <= due <= now + NEAR for due in dues),
        overdue=sum(due < now for due in dues),
        in_review=sum(facts["review"] for facts in waiting),
        stages=[_stage(status, waiting) for status in S if any(facts["status"] == status for facts in waiting)],
        ended_this_month=dict(Counter(S(facts["status"]) for facts in ended)),
        rules=[_rule(rule, waiting, ended) for rule in sorted({facts["rule"] for facts, _ in found})],
    )


def _stage(status: S, waiting: list[dict[str, str]]) -> PenaltyStage:
    there = [datetime.fromisoformat(facts["since"]) for facts in waiting if facts["status"] == status]
    return PenaltyStage(status=status, penalties=len(there), oldest=min(there, default=None))


def _rule(rule: str, waiting: list[dict[str, str]], ended: list[dict[str, str]]) -> PenaltyRule:
    return PenaltyRule(
        rule=rule,
        open=sum(facts["rule"] == rule for facts in waiting),
        ended_this_month=dict(Counter(S(facts["status"]) for facts in ended if facts["rule"] == rule)),
    )
