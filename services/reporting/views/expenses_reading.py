"""How the board of expenses is read: what waits, for whom, how long, and what was paid this month."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from pydantic import BaseModel, Field

from shared.calendar import day_of
from shared.events.dispatch import ClaimStatus as S


class WaitsFor(StrEnum):
    """Who has to do something next (5.1)."""

    ENGINEER = "engineer"
    SYSTEM = "system"
    """The checks that run by themselves."""
    SERVICE_MANAGER = "service_manager"
    GENERAL_MANAGER = "general_manager"
    FINANCE = "finance"
    PAYMENT = "payment"
    INVESTIGATION = "investigation"


class Claim(BaseModel):
    """A claim that waits."""

    claim: UUID
    number: str
    trip_number: str
    engineer: str
    status: S
    waits_for: WaitsFor
    since: datetime
    submitted_at: datetime | None
    total: Decimal | None = Field(description="元；未提交为空 · CNY; null: not handed in yet")
    failed: int = Field(description="未通过的核对项 · checks that failed")


class Stage(BaseModel):
    """All that wait for the same."""

    waits_for: WaitsFor
    claims: int
    total: Decimal
    oldest: datetime | None


class ExpensesBoard(BaseModel):
    """Claims on their way; amounts in CNY."""

    waiting: int = Field(description="已提交、未付款 · handed in, not paid")
    waiting_total: Decimal
    stages: list[Stage]
    claims: list[Claim] = Field(description="最久者在前，不含草稿 · the longest waiting first, without drafts")
    drafts: int
    paid: int = Field(description="本月已付 · paid this month")
    paid_total: Decimal
    month: date


_NEXT = {
    S.SUBMITTED: WaitsFor.SYSTEM,
    S.CHECKED: WaitsFor.SERVICE_MANAGER,
    S.GENERAL_MANAGER_APPROVED: WaitsFor.FINANCE,
    S.FINANCE_APPROVED: WaitsFor.PAYMENT,
    S.RETURNED: WaitsFor.ENGINEER,
    S.DRAFT: WaitsFor.ENGINEER,
    S.UNDER_INVESTIGATION: WaitsFor.INVESTIGATION,
}


def waits_for(facts: dict[str, Any]) -> WaitsFor:
    """Who has to act on an open claim."""
    status = S(facts["status"])
    if status is S.MANAGER_APPROVED:
        return WaitsFor.GENERAL_MANAGER if facts["general_manager"] else WaitsFor.FINANCE
    return _NEXT[status]


async def expenses_board(connection: AsyncConnection, now: datetime) -> ExpensesBoard:
    """The board as it is ``now``."""
    month = day_of(now).replace(day=1)
    rows = await connection.execute("SELECT facts FROM view_expenses.lines WHERE open")
    open_claims = [facts for (facts,) in await rows.fetchall()]
    claims = [Claim(**each, waits_for=waits_for(each)) for each in open_claims if each["status"] != S.DRAFT]
    claims.sort(key=lambda claim: (claim.submitted_at or claim.since, claim.number))
    paid = await connection.execute(
        "SELECT count(*), coalesce(sum((facts ->> 'total')::numeric), 0) FROM view_expenses.lines "
        "WHERE NOT open AND day >= %s AND facts ->> 'status' = 'PAID'",
        (month,),
    )
    count, total = await paid.fetchone() or (0, Decimal(0))
    return ExpensesBoard(
        waiting=len(claims),
        waiting_total=sum((claim.total or Decimal(0) for claim in claims), Decimal("0.00")),
        stages=[stage for who in WaitsFor if (stage := _stage(who, claims)).claims],
        claims=claims,
        drafts=len(open_claims) - len(claims),
        paid=count,
        paid_total=Decimal(total).quantize(Decimal("0.01")),
        month=month,
    )


def _stage(who: WaitsFor, claims: list[Claim]) -> Stage:
    waiting = [claim for claim in claims if claim.waits_for is who]
    total = sum((claim.total or Decimal(0) for claim in waiting), Decimal("0.00"))
    return Stage(
        waits_for=who, claims=len(waiting), total=total, oldest=min((claim.since for claim in waiting), default=None)
    )
