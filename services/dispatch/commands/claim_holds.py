"""What a claim holds while it stands: its invoices, its part of the trip's days, its share of work orders' costs.

All of it changes in the transaction of the claim itself: two claims that want the same meet in the log.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from services.dispatch.commands.work_order_costs import charge
from services.dispatch.domain import claim, expense_policy, invoice, spending, trip
from services.dispatch.domain.claim_checks import check_lines
from services.dispatch.domain.claim_commands import RecordChecks
from services.dispatch.domain.claim_state import Claim, known
from services.dispatch.domain.identity import EXPENSE_POLICY, invoice_id, spending_id
from services.dispatch.domain.invoice import ClaimInvoice, ReleaseInvoice
from services.dispatch.domain.spending import UseDays
from services.dispatch.domain.trip import ClaimTripExpenses, ReleaseTripExpenses
from shared.calendar import day_of
from shared.decider import Command
from shared.eventlog import Streams
from shared.events.base import Event
from shared.events.dispatch import (
    CheckResult,
    CostKind,
    CostShare,
    DayUse,
    ExpenseApproved,
    ExpenseFraudFound,
    ExpenseLine,
    InvoiceFacts,
)


async def check(streams: Streams, id: UUID, command: Command) -> None:
    """4.3: take the invoices, hold the lines against the trip, keep what came of it."""
    state = await streams.load(claim, id)
    used_in = await _take_invoices(streams, state, command)
    results = await _look(streams, state, command, used_in)
    await streams.handle(claim, id, RecordChecks(results=results, at=command.at, by=command.by))


async def use_days(streams: Streams, id: UUID, command: Command) -> None:
    """What the claim uses of the days' caps now that lines were rejected."""
    await _look(streams, await streams.load(claim, id), command, {})


async def _look(
    streams: Streams, state: Claim, command: Command, used_in: Mapping[UUID, str]
) -> tuple[CheckResult, ...]:
    drafted = known(state)
    of = await streams.load(trip, drafted.trip)
    policy = await streams.load(expense_policy, EXPENSE_POLICY, required=False)
    lines = [
        line if (allowed := state.allowed(line)) == line.amount else line.model_copy(update={"amount": allowed})
        for line in state.lines.values()
    ]
    spent = (await streams.load(spending, spending_id(drafted.engineer), required=False)).uses
    found = check_lines(lines, drafted.claim, of, policy, used_in, day_of(command.at), spent)
    using = ClaimTripExpenses(claim=drafted.claim, uses=found.uses, at=command.at, by=command.by)
    await streams.handle(trip, drafted.trip, using)
    await _use_days(streams, state, found.uses, command)
    return found.results


def _invoice(line: ExpenseLine) -> tuple[UUID, InvoiceFacts] | None:
    facts = line.invoice
    return (invoice_id(facts.code, facts.number), facts) if facts else None


async def _take_invoices(streams: Streams, state: Claim, command: Command) -> Mapping[UUID, str]:
    """D17: each invoice for the first line that has it; and which are used in other claims, and in which."""
    drafted = known(state)
    wanted: dict[UUID, tuple[ExpenseLine, InvoiceFacts]] = {}
    for line in state.lines.values():
        if found := _invoice(line):
            wanted.setdefault(found[0], (line, found[1]))
    await asyncio.gather(*(streams.load(invoice, stream, required=False) for stream in wanted))  # in one query
    used_in: dict[UUID, str] = {}
    for stream, (line, facts) in wanted.items():
        used = (await streams.load(invoice, stream, required=False)).used
        if used and used.claim != drafted.claim:
            used_in[stream] = used.claim_number
            continue
        if used and used.line != line.line:  # it stood in another line of this claim before
            letting = ReleaseInvoice(claim=drafted.claim, line=used.line, at=command.at, by=command.by)
            await streams.handle(invoice, stream, letting)
        taking = ClaimInvoice(
            invoice=stream,
            code=facts.code,
            number=facts.number,
            claim=drafted.claim,
            claim_number=drafted.number,
            line=line.line,
            engineer=drafted.engineer,
            at=command.at,
            by=command.by,
        )
        await streams.handle(invoice, stream, taking)
    return used_in


async def release(
    streams: Streams, state: Claim, lines: Iterable[ExpenseLine], command: Command, *, unless_claimed: bool = False
) -> None:
    """The invoices of these lines may be used again; ``unless_claimed``: not those that the claim still has."""
    kept = {found[0] for line in state.lines.values() if unless_claimed and (found := _invoice(line))}
    for line in lines:
        found = _invoice(line)
        if found and found[0] not in kept:
            letting = ReleaseInvoice(claim=known(state).claim, line=line.line, at=command.at, by=command.by)
            await streams.handle(invoice, found[0], letting)


async def release_days(streams: Streams, state: Claim, command: Command) -> None:
    """The claim uses nothing of the trip's days any more."""
    drafted = known(state)
    letting = ReleaseTripExpenses(claim=drafted.claim, at=command.at, by=command.by)
    await streams.handle(trip, drafted.trip, letting)
    await _use_days(streams, state, (), command)


async def _use_days(streams: Streams, state: Claim, uses: tuple[DayUse, ...], command: Command) -> None:
    drafted = known(state)
    using = UseDays(engineer=drafted.engineer, claim=drafted.claim, uses=uses, at=command.at, by=command.by)
    await streams.handle(spending, spending_id(drafted.engineer), using)


async def free_honest(streams: Streams, state: Claim, events: Sequence[Event], command: Command) -> None:
    """After a fraud was found before the payment: what is honest may be claimed anew."""
    (found,) = events
    assert isinstance(found, ExpenseFraudFound)
    if found.paid:
        return
    if state.approved:
        await take_back(streams, state.approved, command)
    honest = [line for line in state.lines.values() if line.line not in found.lines]
    await release(streams, state, honest, command)
    await release_days(streams, state, command)


async def book(streams: Streams, number: str, costs: Mapping[UUID, Decimal], command: Command) -> tuple[CostShare, ...]:
    """5.4: travel cost of each work order, told once for each claim. Costs that are frozen stay so: what comes later is
    noted beside them, and counts in the month of the approval."""
    shares: list[CostShare] = []
    for order, amount in costs.items():
        booked = await charge(streams, order, CostKind.TRAVEL, amount, f"claim:{number}", at=command.at, by=command.by)
        shares.append(CostShare(work_order=order, amount=amount, booked=booked))
    return tuple(shares)


async def take_back(streams: Streams, approved: ExpenseApproved, command: Command) -> None:
    """What was approved won't be paid: the work orders have cost that much less."""
    for share in approved.shares:
        cause = f"claim:{approved.number}:taken back"
        await charge(streams, share.work_order, CostKind.TRAVEL, -share.amount, cause, at=command.at, by=command.by)
