"""Payroll lists and the wages that they need (D8)."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.penalties import wages
from services.penalties.domain import payroll, penalty, policy, wage
from services.penalties.domain.deduction import Due, terms_in
from services.penalties.domain.identity import PAYROLL, POLICY, wage_id
from services.penalties.domain.payroll import ExportPayroll, Payroll
from services.penalties.domain.penalty_commands import Execute
from services.penalties.domain.penalty_state import Penalty, known
from services.penalties.domain.wage import EraseWages, RecordWage
from services.penalties.views import ledger_reading
from services.penalties.wages import WageBook, WageSaid
from shared.calendar import Period
from shared.decider import Refused
from shared.eventlog import Streams
from shared.events.penalties import PayrollExported, PayrollLine, PenaltyStatus

PATIENCE = 10.0
"""Seconds that the ledger gets to take in what was recorded last."""


async def record_wages(
    streams: Streams, book: WageBook, period: str, said: Sequence[WageSaid], *, at: datetime, by: str
) -> dict[str, Any]:
    """A month's wages of these engineers. What is recorded already changes nothing; a list that is closed stays as it
    is."""
    changed = 0
    for each in said:
        content = book.content_of(period, each)
        command = RecordWage(engineer=each.engineer, period=period, content=content, at=at, by=by)
        if await streams.handle(wage, wage_id(each.engineer), command):
            changed += 1
            statement, values = wages.keep(period, each, at)
            streams.write_beside(statement, *values)
    return {"period": period, "recorded": len(said), "changed": changed}


async def erase_wages(
    streams: Streams, wish: Callable[..., EraseWages], version: int | None, code: str
) -> dict[str, Any]:
    """D13: what lies beside the log is deleted; the log and the lists stay whole."""
    await streams.expect(wage, wage_id(code), version)
    events = await streams.handle(wage, wage_id(code), wish(engineer=code))
    statement, values = wages.erase(code)
    streams.write_beside(statement, *values)
    return {"engineer": code, "version": streams.version(wage_id(code)), "changed": bool(events)}


async def export(streams: Streams, period: str, *, at: datetime, by: str) -> dict[str, Any]:
    """Close the list of ``period``: every amount on it is executed, in one transaction. The same month again changes
    nothing. Raises ``Refused``."""
    state = await streams.load(payroll, PAYROLL, required=False)
    if not state.closed(period):
        payroll.check_open(state, period, at)
        found = await streams.handle(payroll, PAYROLL, await _command(streams, state, period, at, by))
        for event in found:
            assert isinstance(event, PayrollExported)
            await _execute(streams, event)
    closed = (await streams.load(payroll, PAYROLL)).closed(period)
    assert closed, "it has just been closed, if it wasn't before"
    about = {"lines": closed.lines, "total": str(closed.total), "sha256": closed.sha256}
    return {"period": period, "number": closed.number, **about, "exported_at": closed.at.isoformat()}


async def preview(streams: Streams, period: str, at: datetime) -> list[PayrollLine]:
    """The list of ``period`` as it would be if it were closed now; nothing is decided. Raises ``Refused``."""
    state = await streams.load(payroll, PAYROLL, required=False)
    return payroll.lines(await _command(streams, state, period, at, ""), state)


async def _command(streams: Streams, state: Payroll, period: str, at: datetime, by: str) -> ExportPayroll:
    """With all that was final, or reversed, before the month was over, up to the end of the log."""
    position = await _ledger_is_current(streams)
    until = Period.parse(period).end
    waiting = await ledger_reading.pending_money(streams.pool, until)
    dues = await _dues(streams, waiting)
    earned = await wages.wages_of(streams.pool, period, {due.engineer for due in dues})
    reversed_ = await ledger_reading.reversed_of(streams.pool, until, list(state.listed))
    return ExportPayroll(
        period=period,
        dues=tuple(dues),
        reversed=frozenset(reversed_),
        wages=dict(earned),
        position=position,
        at=at,
        by=by,
    )


async def _dues(streams: Streams, penalties: Sequence[UUID]) -> list[Due]:
    """As their streams say, by the terms of the version of each. What is under review waits for its end."""
    await streams.look_up([(policy, POLICY), *((penalty, each) for each in penalties)])
    book = await streams.load(policy, POLICY, required=False)
    found = [await streams.load(penalty, each) for each in penalties]
    return [_due(each, book) for each in found if each.status is PenaltyStatus.FINAL and not each.review]


def _due(state: Penalty, book: policy.PolicyBook) -> Due:
    raised, imposed = known(state), state.imposed
    assert imposed, "what is final was imposed"
    return Due(
        penalty=raised.penalty,
        number=raised.number,
        engineer=raised.engineer,
        rule=raised.rule,
        allowance=imposed.allowance,
        visit=raised.visit,
        happened_at=raised.happened_at,
        amount=state.amount,
        terms=terms_in(policy.terms_of(book, raised.policy_version), imposed.region),
    )


async def _execute(streams: Streams, event: PayrollExported) -> None:
    """Every penalty of which nothing is carried over is done, with all that the lists have taken of it."""
    after = await streams.load(payroll, PAYROLL)
    for line in event.lines:
        if line.due > 0 and not line.carried:
            listed = after.listed[line.penalty]
            taken = {"taken": listed.taken, "dropped_for": listed.dropped_for, "period": event.period}
            await streams.handle(penalty, line.penalty, Execute(**taken, at=event.at, by=event.exported_by))


async def _ledger_is_current(streams: Streams) -> int:
    """The log's position, once the ledger has taken in everything up to it. Raises ``Refused`` where it lags."""
    head: int = await streams.head()
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    while await ledger_reading.position(streams.pool) < head:
        if loop.time() > end:
            raise Refused(
                "ledger_lags",
                "台账尚未更新完毕，请稍后再导出。",
                "The ledger hasn't taken in everything yet; export again in a moment.",
            )
        await asyncio.sleep(0.05)
    return head
