"""An expense claim (4.3, 5.1): ``DRAFT → SUBMITTED → CHECKED → MANAGER_APPROVED⚖ → FINANCE_APPROVED⚖ → PAID``, with the
general manager ⚖ before finance where the policy's thresholds say so; ``→ RETURNED → DRAFT``; ``→ REJECTED(reasons)``;
``→ WITHDRAWN``; ``→ UNDER_INVESTIGATION → {restored | FRAUD_FOUND}``.

Four eyes: nobody decides on a claim that is theirs or that they wrote, and each step of approval needs another person.
"""

from collections.abc import Callable, Sequence, Set
from functools import partial
from typing import assert_never
from uuid import UUID

from services.dispatch.domain import claim_commands as wish
from services.dispatch.domain.claim_doubts import can_conclude, find_fraud, investigate, restore
from services.dispatch.domain.claim_review import (
    approve,
    approve_finance,
    approve_general,
    can_approve,
    can_approve_finance,
    can_approve_general,
    can_decide,
    grant_exception,
    pay,
    reject,
    reject_line,
    send_back,
)
from services.dispatch.domain.claim_state import (
    ALLOWED,
    NEW,
    Claim,
    ClaimEvent,
    evolve,
    handed_in,
    known,
    permit,
)
from services.dispatch.domain.expense_policy import needs_general_manager
from services.dispatch.domain.identity import claim_number
from shared.calendar import day_of
from shared.decider import DeadlineChange, Refused, Words
from shared.events import dispatch as fact
from shared.events.dispatch import CheckOutcome, ExpenseLine
from shared.events.dispatch import ClaimStatus as S
from shared.facts import repeats, same, tell
from shared.refusal import why_not

__all__ = ["NEW", "STREAM", "available", "deadlines", "decide", "evolve"]

STREAM = "claim"


def deadlines(_: ClaimEvent) -> Sequence[DeadlineChange]:
    """5.1 sets no time limits."""
    return []


def decide(command: wish.ClaimCommand, claim: Claim) -> Sequence[ClaimEvent]:
    """The events that ``command`` causes; none when it says again what has happened. Raises ``Refused``."""
    if isinstance(command, wish.DraftClaim):
        return _draft(command, claim)
    if command.at < known(claim).at:
        raise Refused("before_claim", "时间早于新建报销单。", "That was before the claim was begun.")
    match command:
        case wish.RecordLine():
            return _record_line(command, claim)
        case wish.RemoveLine():
            return _remove_line(command, claim)
        case wish.SubmitClaim():
            return _submit(command, claim)
        case wish.RecordChecks():
            return _record_checks(command, claim)
        case wish.WithdrawClaim():
            return _withdraw(command, claim)
        case wish.ReviseClaim():
            return _revise(command, claim)
        case _:
            return _reviewed(command, claim)


_Review = (
    wish.GrantException
    | wish.RejectLine
    | wish.ApproveByManager
    | wish.ApproveByGeneralManager
    | wish.ApproveByFinance
    | wish.ReturnClaim
    | wish.RejectClaim
    | wish.PayClaim
    | wish.OpenInvestigation
    | wish.RestoreClaim
    | wish.FindFraud
)


def _reviewed(command: _Review, claim: Claim) -> Sequence[ClaimEvent]:
    match command:
        case wish.GrantException():
            return grant_exception(command, claim)
        case wish.RejectLine():
            return reject_line(command, claim)
        case wish.ApproveByManager():
            return approve(command, claim)
        case wish.ApproveByGeneralManager():
            return approve_general(command, claim)
        case wish.ApproveByFinance():
            return approve_finance(command, claim)
        case wish.ReturnClaim():
            return send_back(command, claim)
        case wish.RejectClaim():
            return reject(command, claim)
        case wish.PayClaim():
            return pay(command, claim)
        case wish.OpenInvestigation():
            return investigate(command, claim)
        case wish.RestoreClaim():
            return restore(command, claim)
        case wish.FindFraud():
            return find_fraud(command, claim)
        case _:
            assert_never(command)


def available(claim: Claim, names: Set[str | None]) -> dict[str, Words | None]:
    """For every action None where it is open now to the one who goes by ``names``, otherwise why not."""
    guards: dict[str, Callable[[], None]] = {action: partial(permit, action, claim) for action in ALLOWED}
    guards["submit"] = partial(_can_submit, claim)
    for action in ("grant_exception", "reject_line", "return", "reject", "pay", "investigate"):
        guards[action] = partial(can_decide, action, claim, names)
    guards["approve"] = partial(can_approve, claim, names)
    guards["approve_general"] = partial(can_approve_general, claim, names)
    guards["approve_finance"] = partial(can_approve_finance, claim, names)
    guards["restore"] = partial(can_conclude, "restore", claim, names)
    guards["find_fraud"] = partial(can_conclude, "find_fraud", claim, names)
    return {action: why_not(guard) for action, guard in guards.items()}


# --- writing it -------------------------------------------------------------------------------------------------------


def _draft(command: wish.DraftClaim, claim: Claim) -> Sequence[ClaimEvent]:
    number = claim_number(command.claim, command.at)
    event = tell(fact.ExpenseDrafted, command, number=number, drafted_by=command.by)
    if claim.drafted:
        if same(event, claim.drafted):
            return []
        raise Refused("claim_exists", "该报销单已存在。", "There is such a claim already.")
    return [event]


def _record_line(command: wish.RecordLine, claim: Claim) -> Sequence[ClaimEvent]:
    """Of an invoice that nobody typed, what the attached file says counts."""
    typed = command.invoice.facts() if command.invoice else command.read
    said = {name: getattr(command, name) for name in ExpenseLine.model_fields if name != "invoice"}
    entry = ExpenseLine(invoice=typed, **said)
    if claim.lines.get(entry.line) == entry:
        return []
    permit("record_line", claim)
    if command.spent_on > day_of(command.at):
        raise Refused("expense_in_future", "发生日期晚于今天。", "It can't have been spent after today.")
    if len(claim.lines) >= MOST_LINES and entry.line not in claim.lines:
        raise Refused(
            "claim_too_long",
            f"一张报销单最多 {MOST_LINES} 条明细，请另填一张。",
            f"A claim has at most {MOST_LINES} lines: write another one.",
        )
    return [fact.ExpenseLineRecorded(at=command.at, claim=_id(claim), entry=entry, recorded_by=command.by)]


MOST_LINES = 200
"""Of a claim, so that one can still be read and decided on."""


def _remove_line(command: wish.RemoveLine, claim: Claim) -> Sequence[ClaimEvent]:
    if command.line not in claim.lines:
        return []
    permit("remove_line", claim)
    return [tell(fact.ExpenseLineRemoved, command, claim=_id(claim))]


def _submit(command: wish.SubmitClaim, claim: Claim) -> Sequence[ClaimEvent]:
    """5.1. The thresholds of the policy in force now say whether the general manager approves as well."""
    if claim.status in (S.SUBMITTED, S.CHECKED):
        return []
    _can_submit(claim)
    drafted = known(claim)
    return [
        fact.ExpenseSubmitted(
            at=command.at,
            claim=drafted.claim,
            number=drafted.number,
            engineer=drafted.engineer,
            trip=drafted.trip,
            submission=claim.submitted.submission + 1 if claim.submitted else 1,
            lines=tuple(claim.lines.values()),
            total=claim.total,
            general_manager=needs_general_manager(command.rules, claim.sums),
            policy_version=command.policy_version,
            submitted_by=command.by,
        )
    ]


def _can_submit(claim: Claim) -> None:
    permit("submit", claim)
    if not claim.lines:
        raise Refused("claim_empty", "报销单没有明细。", "The claim has no lines.")


def _record_checks(command: wish.RecordChecks, claim: Claim) -> Sequence[ClaimEvent]:
    if claim.status is S.CHECKED and claim.results == command.results:
        return []
    permit("recheck", claim)
    failed = dict.fromkeys(each.line for each in command.results if each.outcome is CheckOutcome.FAILED)
    submission = handed_in(claim).submission
    checked = tell(fact.ExpenseChecked, command, claim=_id(claim), submission=submission, failed=tuple(failed))
    return [checked]


def _withdraw(command: wish.WithdrawClaim, claim: Claim) -> Sequence[ClaimEvent]:
    if isinstance(claim.last, fact.ExpenseWithdrawn) and repeats(command, claim.last):
        return []
    permit("withdraw", claim)
    return [tell(fact.ExpenseWithdrawn, command, claim=_id(claim), engineer=known(claim).engineer)]


def _revise(command: wish.ReviseClaim, claim: Claim) -> Sequence[ClaimEvent]:
    if claim.status is S.DRAFT:
        return []
    permit("revise", claim)
    return [tell(fact.ExpenseRevisionStarted, command, claim=_id(claim))]


def _id(claim: Claim) -> UUID:
    return known(claim).claim
