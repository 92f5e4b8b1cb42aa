"""Expense claims: what they need to know of the trip, the policy, and of other claims (4.3, 5.1)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from services.dispatch.commands import claim_holds as holds
from services.dispatch.domain import claim, expense_policy, fraud_record, trip
from services.dispatch.domain.claim_costs import cost_of
from services.dispatch.domain.claim_state import Claim, handed_in, known
from services.dispatch.domain.expense_policy import ExpensePolicy
from services.dispatch.domain.fraud_record import RecordEngineerFraud
from services.dispatch.domain.identity import EXPENSE_POLICY, fraud_record_id
from services.dispatch.domain.trip import belongs, permit
from services.dispatch.domain.trip import known as known_trip
from shared.calendar import day_of
from shared.documents import Documents
from shared.eventlog import Streams
from shared.events.dispatch import ClaimStatus, InvoiceFacts
from shared.own import require_own
from shared.uploads import kept_before

Wish = Callable[..., Any]
"""Makes the command; asks for what the caller can't know, but the application does."""


async def draft(streams: Streams, wish: Wish, version: int | None, own: str | None) -> dict[str, Any]:
    """5.1: for a trip that takes, or took, place."""
    command = wish(engineer="-", trip_number="-")
    state = await streams.load(trip, command.trip, required=False)
    planned = known_trip(state)
    require_own(own, planned.engineer)
    permit("draft_claim", state)
    await streams.expect(claim, command.claim, version)
    whose = {"engineer": planned.engineer, "trip_number": planned.number}
    await streams.handle(claim, command.claim, command.model_copy(update=whose))
    return await _answer(streams, command.claim)


async def record_line(
    streams: Streams, id: UUID, wish: Wish, version: int | None, own: str | None, read: InvoiceFacts | None
) -> dict[str, Any]:
    """``read``: what the attached digital invoice says."""
    state = await _mine(streams, id, version, own)
    command = wish(read=read)
    belongs(await streams.load(trip, known(state).trip), command.work_order)
    await streams.handle(claim, id, command)
    return await _answer(streams, id) | {"line": str(command.line)}


async def act(streams: Streams, id: UUID, wish: Wish, version: int | None, own: str | None = None) -> dict[str, Any]:
    """An action that needs nothing but the claim."""
    await _mine(streams, id, version, own)
    await streams.handle(claim, id, wish())
    return await _answer(streams, id)


async def submit(streams: Streams, id: UUID, wish: Wish, version: int | None, own: str | None) -> dict[str, Any]:
    """5.1: handed in and checked at once; invoices are taken in the same transaction, so none is used twice."""
    state = await _mine(streams, id, version, own)
    command = wish(rules=expense_policy.DEFAULT, policy_version=0)
    in_force = (await _policy(streams)).on(day_of(command.at))
    command = command.model_copy(update={"rules": in_force.rules, "policy_version": in_force.version})
    before = state.submitted
    if await streams.handle(claim, id, command):
        await holds.release(streams, state, before.lines if before else (), command, unless_claimed=True)
        await holds.check(streams, id, command)
    return await _answer(streams, id)


async def recheck(streams: Streams, id: UUID, wish: Wish, version: int | None) -> dict[str, Any]:
    """The trip or another claim has changed: the checks are made again, with all that they say now."""
    await _mine(streams, id, version, None)
    await holds.check(streams, id, wish(results=()))
    return await _answer(streams, id)


async def grant_exception(streams: Streams, id: UUID, wish: Wish, version: int | None) -> dict[str, Any]:
    """D17. Which checks may be excused is the policy's word."""
    state = await _mine(streams, id, version, None)
    version_then = (await _policy(streams)).numbered(handed_in(state).policy_version)
    await streams.handle(claim, id, wish(excusable=version_then.rules.excusable))
    return await _answer(streams, id)


async def reject_line(streams: Streams, id: UUID, wish: Wish, version: int | None) -> dict[str, Any]:
    """4.3: the invoice of a line that isn't reimbursed at all is free again, and so is its part of the days' caps."""
    await _mine(streams, id, version, None)
    command = wish()
    await streams.handle(claim, id, command)
    state = await streams.load(claim, id)
    line = state.lines[command.line]
    if not state.allowed(line):
        await holds.release(streams, state, (line,), command)
    await holds.use_days(streams, id, command)
    return await _answer(streams, id)


async def end(streams: Streams, id: UUID, wish: Wish, version: int | None, own: str | None = None) -> dict[str, Any]:
    """Withdrawn or rejected: it came to nothing, and holds nothing any more."""
    state = await _mine(streams, id, version, own)
    command = wish()
    await streams.handle(claim, id, command)
    await holds.release(streams, state, state.lines.values(), command)
    await holds.release_days(streams, state, command)
    return await _answer(streams, id)


async def approve_finance(streams: Streams, id: UUID, wish: Wish, version: int | None) -> dict[str, Any]:
    """5.1, 5.4: what is approved is travel cost of the trip's work orders from now on."""
    state = await _mine(streams, id, version, None)
    if state.status is ClaimStatus.FINANCE_APPROVED:
        await streams.handle(claim, id, wish(shares=()))  # by the same person: nothing happens
        return await _answer(streams, id)
    command = wish(shares=())
    costs = cost_of(state, (await streams.load(trip, known(state).trip)).work_orders)
    shares = await holds.book(streams, known(state).number, costs, command)
    await streams.handle(claim, id, command.model_copy(update={"shares": shares}))
    return await _answer(streams, id)


async def investigate(
    streams: Streams, id: UUID, wish: Wish, version: int | None, documents: Documents
) -> dict[str, Any]:
    """4.3. Evidence is uploaded before: an event never names a file that isn't there."""
    await _mine(streams, id, version, None)
    command = wish()
    await kept_before(documents, command.evidence, "evidence")
    await streams.handle(claim, id, command)
    return await _answer(streams, id)


async def find_fraud(
    streams: Streams, id: UUID, wish: Wish, version: int | None, documents: Documents
) -> dict[str, Any]:
    """4.3, D16. Invoices of the honest lines of a claim that wasn't paid are free to be claimed anew."""
    state = await _mine(streams, id, version, None)
    submitted, engineer = handed_in(state), known(state).engineer
    rules = (await _policy(streams)).numbered(submitted.policy_version).rules
    record = await streams.load(fraud_record, fraud_record_id(engineer), required=False)
    command = wish(rules=rules, repeated=bool(record.claims - {id}))
    await kept_before(documents, command.evidence, "evidence")
    events = await streams.handle(claim, id, command)
    if events:
        remember = RecordEngineerFraud(engineer=engineer, claim=id, at=command.at, by=command.by)
        await streams.handle(fraud_record, fraud_record_id(engineer), remember)
        await holds.free_honest(streams, state, events, command)
    return await _answer(streams, id)


async def _mine(streams: Streams, id: UUID, version: int | None, own: str | None) -> Claim:
    state = await streams.load(claim, id)
    require_own(own, known(state).engineer)
    await streams.expect(claim, id, version)
    return state


async def _policy(streams: Streams) -> ExpensePolicy:
    return await streams.load(expense_policy, EXPENSE_POLICY, required=False)


async def _answer(streams: Streams, id: UUID) -> dict[str, Any]:
    state = await streams.load(claim, id)
    drafted = known(state)
    return {
        "claim": str(id),
        "number": drafted.number,
        "engineer": drafted.engineer,
        "trip": str(drafted.trip),
        "status": state.status,
        "total": str(state.total),
        "approvable": str(state.approvable),
        "failed_lines": [str(line) for line in state.lines if state.open_failures(line)],
        "version": streams.version(id),
    }
