"""The decisions ⚖ on a claim: exceptions, lines that aren't reimbursed, approvals, and the payment (4.3, 5.1)."""

from collections.abc import Sequence, Set

from services.dispatch.domain import claim_commands as wish
from services.dispatch.domain.claim_costs import approved_lines
from services.dispatch.domain.claim_state import Claim, ClaimEvent, handed_in, known, permit
from services.dispatch.domain.names.expenses import CHECK
from shared.calendar import day_of
from shared.decider import Refused
from shared.events import dispatch as fact
from shared.events.dispatch import CheckOutcome, CheckResult
from shared.events.dispatch import ClaimStatus as S
from shared.facts import repeats, tell


def names_of(command: wish.Decision) -> Set[str | None]:
    """All the names that the one who decides goes by."""
    return {command.by, command.decider_engineer}


def can_decide(action: str, claim: Claim, names: Set[str | None]) -> None:
    """⚖ Decided by a person other than those whose claim it is or who wrote it."""
    permit(action, claim)
    if names & claim.claimants:
        raise Refused(
            "decider_is_claimant",
            "报销人、填写人或提交人不能审批本单。",
            "Whose claim it is, and whoever wrote or submitted it, can't decide on it.",
        )


def can_approve(claim: Claim, names: Set[str | None]) -> None:
    """4.3: no line counts that doesn't match, unless somebody has settled it."""
    can_decide("approve", claim, names)
    _settled(claim)


def can_approve_general(claim: Claim, names: Set[str | None]) -> None:
    """5.1: where the thresholds demand it, and by another person than the manager."""
    can_decide("approve_general", claim, names)
    if not handed_in(claim).general_manager:
        raise Refused(
            "general_manager_not_needed",
            "未达到需总经理审批的金额，请财务审批。",
            "It is below the thresholds for the general manager: finance decides next.",
        )
    _another_person(claim, names)
    _something_left(claim)


def can_approve_finance(claim: Claim, names: Set[str | None]) -> None:
    """5.1: after everybody else, and by another person than any of them."""
    can_decide("approve_finance", claim, names)
    if claim.status is S.MANAGER_APPROVED and handed_in(claim).general_manager:
        raise Refused(
            "general_manager_first",
            "金额达到标准，须先由总经理审批。",
            "It reaches a threshold: the general manager approves first.",
        )
    _another_person(claim, names)
    _something_left(claim)


def _another_person(claim: Claim, names: Set[str | None]) -> None:
    if names & set(claim.approvers):
        raise Refused(
            "approved_before_by_same",
            "您已审批过本单，下一步须由他人审批。",
            "You have approved it before: the next step needs another person.",
        )


def _settled(claim: Claim) -> None:
    open_lines = {line: claim.open_failures(line) for line in claim.lines}
    for number, line in enumerate(claim.lines, start=1):
        if failures := open_lines[line]:
            names = [CHECK[failure.check] for failure in failures]
            raise Refused(
                "line_failed_checks",
                f"第 {number} 条不符：{'、'.join(name.zh for name in names)}。请准予例外、不予报销该条，或退回。",
                f"Line {number} doesn't pass: {'; '.join(name.en for name in names)}. Except it, reject it, or return "
                "the claim.",
            )
    _something_left(claim)


def _something_left(claim: Claim) -> None:
    if not claim.approvable:
        raise Refused(
            "nothing_left", "没有可报销的明细，请驳回。", "Nothing is left to be reimbursed: reject the claim."
        )


def grant_exception(command: wish.GrantException, claim: Claim) -> Sequence[ClaimEvent]:
    """⚖ With a reason, and only from checks that the policy lets be excused (D17)."""
    if (command.line, command.check) in claim.exceptions:
        return []
    can_decide("grant_exception", claim, names_of(command))
    if command.check not in command.excusable:
        raise Refused(
            "check_not_excusable",
            f"「{CHECK[command.check].zh}」不得例外。",
            f"There is no exception from: {CHECK[command.check].en}.",
        )
    if _failure(claim, command) is None:
        raise Refused("check_not_failed", "该条的这项核对并未不符。", "That check of that line hasn't failed.")
    drafted = known(claim)
    return [tell(fact.ExpenseExceptionGranted, command, claim=drafted.claim, granted_by=command.by)]


def _failure(claim: Claim, command: wish.GrantException) -> CheckResult | None:
    return next((f for f in claim.open_failures(command.line) if f.check is command.check), None)


def reject_line(command: wish.RejectLine, claim: Claim) -> Sequence[ClaimEvent]:
    """4.3: a line alone, in full or down to an amount; it can be lowered again, never raised."""
    before = claim.rejected.get(command.line)
    if before and (before.allowed, before.reasons) == (command.allowed, command.reasons):
        return []
    can_decide("reject_line", claim, names_of(command))
    line = claim.lines.get(command.line)
    if line is None:
        raise Refused("line_unknown", "报销单中没有这条明细。", "The claim has no such line.")
    if command.allowed >= claim.allowed(line):
        raise Refused(
            "allowed_too_high",
            f"仍可报销的金额须低于 ¥{claim.allowed(line):.2f}。",
            f"What is still reimbursed has to be less than ¥{claim.allowed(line):.2f}.",
        )
    failed = tuple(r.check for r in claim.results if r.line == line.line and r.outcome is CheckOutcome.FAILED)
    drafted, invoice = known(claim), line.invoice
    return [
        fact.ExpenseLineRejected(
            at=command.at,
            claim=drafted.claim,
            number=drafted.number,
            engineer=drafted.engineer,
            trip=drafted.trip,
            line=line.line,
            kind=line.kind,
            invoice_code=invoice.code if invoice else None,
            invoice_number=invoice.number if invoice else None,
            claimed=line.amount,
            allowed=command.allowed,
            checks=failed,
            reasons=command.reasons,
            rejected_by=command.by,
        )
    ]


def approve(command: wish.ApproveByManager, claim: Claim) -> Sequence[ClaimEvent]:
    if claim.status is S.MANAGER_APPROVED and command.by == claim.approvers[-1]:
        return []
    can_approve(claim, names_of(command))
    return [_approval(fact.ExpenseManagerApproved, command, claim)]


def approve_general(command: wish.ApproveByGeneralManager, claim: Claim) -> Sequence[ClaimEvent]:
    if claim.status is S.GENERAL_MANAGER_APPROVED and command.by == claim.approvers[-1]:
        return []
    can_approve_general(claim, names_of(command))
    return [_approval(fact.ExpenseGeneralManagerApproved, command, claim)]


_Approval = fact.ExpenseManagerApproved | fact.ExpenseGeneralManagerApproved


def _approval(
    kind: type[_Approval], command: wish.ApproveByManager | wish.ApproveByGeneralManager, claim: Claim
) -> _Approval:
    drafted = known(claim)
    return kind(
        at=command.at,
        claim=drafted.claim,
        engineer=drafted.engineer,
        total=claim.approvable,
        approved_by=command.by,
    )


def approve_finance(command: wish.ApproveByFinance, claim: Claim) -> Sequence[ClaimEvent]:
    if claim.status is S.FINANCE_APPROVED and command.by == claim.approvers[-1]:
        return []
    can_approve_finance(claim, names_of(command))
    drafted = known(claim)
    return [
        fact.ExpenseApproved(
            at=command.at,
            claim=drafted.claim,
            number=drafted.number,
            engineer=drafted.engineer,
            trip=drafted.trip,
            total=claim.approvable,
            lines=approved_lines(claim),
            shares=command.shares,
            approved_by=command.by,
        )
    ]


def send_back(command: wish.ReturnClaim, claim: Claim) -> Sequence[ClaimEvent]:
    if claim.status is S.RETURNED and isinstance(claim.last, fact.ExpenseReturned) and repeats(command, claim.last):
        return []
    can_decide("return", claim, names_of(command))
    drafted = known(claim)
    return [tell(fact.ExpenseReturned, command, claim=drafted.claim, engineer=drafted.engineer, returned_by=command.by)]


def reject(command: wish.RejectClaim, claim: Claim) -> Sequence[ClaimEvent]:
    if isinstance(claim.last, fact.ExpenseRejected) and repeats(command, claim.last):
        return []
    can_decide("reject", claim, names_of(command))
    drafted = known(claim)
    facts = {name: getattr(drafted, name) for name in ("claim", "number", "engineer", "trip")}
    return [tell(fact.ExpenseRejected, command, total=claim.total, rejected_by=command.by, **facts)]


def pay(command: wish.PayClaim, claim: Claim) -> Sequence[ClaimEvent]:
    """5.1: what was approved, not before it was."""
    if claim.status is S.PAID and isinstance(claim.last, fact.ExpensePaid) and repeats(command, claim.last):
        return []
    can_decide("pay", claim, names_of(command))
    assert claim.approved, "what can be paid was approved"
    if command.paid_on > day_of(command.at):
        raise Refused("paid_in_future", "付款日期晚于今天。", "It can't have been paid after today.")
    if command.paid_on < day_of(claim.approved.at):
        raise Refused(
            "paid_before_approval", "付款日期早于财务审批。", "It can't have been paid before it was approved."
        )
    drafted = known(claim)
    facts = {"claim": drafted.claim, "number": drafted.number, "engineer": drafted.engineer}
    return [tell(fact.ExpensePaid, command, total=claim.approvable, paid_by=command.by, **facts)]
