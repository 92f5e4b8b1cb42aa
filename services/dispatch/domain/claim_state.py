"""An expense claim as it stands: what the next decision needs, and how each event changes it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import assert_never
from uuid import UUID

from services.dispatch.domain.names.expenses import CLAIM_ACTION, CLAIM_HINT, CLAIM_STATUS
from shared.decider import Refused, Words
from shared.events import dispatch as fact
from shared.events.dispatch import Check, CheckOutcome, CheckResult, ExpenseKind, ExpenseLine
from shared.events.dispatch import ClaimStatus as S
from shared.refusal import not_now

ZERO = Decimal("0.00")

ClaimEvent = (
    fact.ExpenseDrafted
    | fact.ExpenseLineRecorded
    | fact.ExpenseLineRemoved
    | fact.ExpenseSubmitted
    | fact.ExpenseChecked
    | fact.ExpenseExceptionGranted
    | fact.ExpenseLineRejected
    | fact.ExpenseManagerApproved
    | fact.ExpenseGeneralManagerApproved
    | fact.ExpenseApproved
    | fact.ExpensePaid
    | fact.ExpenseReturned
    | fact.ExpenseRevisionStarted
    | fact.ExpenseRejected
    | fact.ExpenseWithdrawn
    | fact.ExpenseInvestigationOpened
    | fact.ExpenseRestored
    | fact.ExpenseFraudFound
)

Last = (
    fact.ExpenseReturned
    | fact.ExpenseRejected
    | fact.ExpenseWithdrawn
    | fact.ExpenseRestored
    | fact.ExpenseFraudFound
    | fact.ExpensePaid
    | fact.ExpenseApproved
)


@dataclass(frozen=True, slots=True)
class Claim:
    status: S | None = None
    drafted: fact.ExpenseDrafted | None = None
    lines: Mapping[UUID, ExpenseLine] = field(default_factory=dict)
    """As they are written now, in their order."""
    claimants: frozenset[str] = frozenset()
    """⚖ Whose claim it is, and whoever wrote or submitted it; none of them decides on it."""
    submitted: fact.ExpenseSubmitted | None = None
    """The last submission."""
    results: tuple[CheckResult, ...] = ()
    exceptions: frozenset[tuple[UUID, Check]] = frozenset()
    rejected: Mapping[UUID, fact.ExpenseLineRejected] = field(default_factory=dict)
    """Of this submission, by line."""
    approvers: tuple[str, ...] = ()
    """⚖ Who has approved this submission; each step needs another person."""
    investigation: fact.ExpenseInvestigationOpened | None = None
    before: S | None = None
    """The status to which an investigation may restore it."""
    approved: fact.ExpenseApproved | None = None
    """By finance."""
    last: Last | None = None
    receipts: frozenset[str] = frozenset()
    """SHA-256 of every file that a line ever had, so that one that was exchanged can still be looked at."""
    evidence: frozenset[str] = frozenset()
    """SHA-256 of what investigations brought forward."""

    @property
    def total(self) -> Decimal:
        """CNY, as claimed."""
        return sum((line.amount for line in self.lines.values()), ZERO)

    @property
    def approvable(self) -> Decimal:
        """CNY, without what is not reimbursed."""
        return sum((self.allowed(line) for line in self.lines.values()), ZERO)

    @property
    def sums(self) -> Mapping[ExpenseKind, Decimal]:
        """CNY claimed of each kind."""
        found: dict[ExpenseKind, Decimal] = defaultdict(Decimal)
        for line in self.lines.values():
            found[line.kind] += line.amount
        return found

    def allowed(self, line: ExpenseLine) -> Decimal:
        """CNY of the line that are not rejected."""
        rejected = self.rejected.get(line.line)
        return line.amount if rejected is None else rejected.allowed

    def open_failures(self, line: UUID) -> tuple[CheckResult, ...]:
        """The failed checks of a line that nobody has settled: neither excepted, nor is the line rejected, nor its
        amount brought down to what the check allows."""
        rejected = self.rejected.get(line)
        if rejected and not rejected.allowed:
            return ()
        return tuple(
            result
            for result in self.results
            if result.line == line
            and result.outcome is CheckOutcome.FAILED
            and (line, result.check) not in self.exceptions
            and not (rejected and result.limit is not None and rejected.allowed <= result.limit)
        )


NEW = Claim()


def evolve(claim: Claim, event: ClaimEvent) -> Claim:
    match event:
        case fact.ExpenseDrafted():
            return replace(
                claim, status=S.DRAFT, drafted=event, claimants=_with(claim, event.engineer, event.drafted_by)
            )
        case fact.ExpenseLineRecorded():
            lines = {**claim.lines, event.entry.line: event.entry}
            receipts = claim.receipts | set(event.entry.receipts)
            return replace(claim, lines=lines, receipts=receipts, claimants=_with(claim, event.recorded_by))
        case fact.ExpenseLineRemoved():
            return replace(claim, lines={key: line for key, line in claim.lines.items() if key != event.line})
        case fact.ExpenseSubmitted():
            claimants = _with(claim, event.submitted_by)
            return _afresh(replace(claim, status=S.SUBMITTED, submitted=event, claimants=claimants))
        case fact.ExpenseChecked():
            return replace(claim, status=S.CHECKED, results=event.results)
        case fact.ExpenseExceptionGranted():
            return replace(claim, exceptions=claim.exceptions | {(event.line, event.check)})
        case fact.ExpenseLineRejected():
            return replace(claim, rejected={**claim.rejected, event.line: event})
        case fact.ExpenseManagerApproved():
            return replace(claim, status=S.MANAGER_APPROVED, approvers=(*claim.approvers, event.approved_by))
        case fact.ExpenseGeneralManagerApproved():
            return replace(claim, status=S.GENERAL_MANAGER_APPROVED, approvers=(*claim.approvers, event.approved_by))
        case _:
            return _ends(claim, event)


_Ends = Last | fact.ExpenseRevisionStarted | fact.ExpenseInvestigationOpened


def _ends(claim: Claim, event: _Ends) -> Claim:
    match event:
        case fact.ExpenseApproved():
            approvers = (*claim.approvers, event.approved_by)
            return replace(claim, status=S.FINANCE_APPROVED, approvers=approvers, approved=event, last=event)
        case fact.ExpensePaid():
            return replace(claim, status=S.PAID, last=event)
        case fact.ExpenseReturned():
            return replace(claim, status=S.RETURNED, last=event)
        case fact.ExpenseRevisionStarted():
            return _afresh(replace(claim, status=S.DRAFT))
        case fact.ExpenseRejected():
            return replace(claim, status=S.REJECTED, last=event)
        case fact.ExpenseWithdrawn():
            return replace(claim, status=S.WITHDRAWN, last=event)
        case fact.ExpenseInvestigationOpened():
            evidence = claim.evidence | set(event.evidence)
            doubted = replace(claim, investigation=event, before=claim.status, evidence=evidence)
            return replace(doubted, status=S.UNDER_INVESTIGATION)
        case fact.ExpenseRestored():
            return replace(claim, status=event.status, last=event)
        case fact.ExpenseFraudFound():
            return replace(claim, status=S.FRAUD_FOUND, last=event, evidence=claim.evidence | set(event.evidence))
        case _:
            assert_never(event)


def _with(claim: Claim, *names: str) -> frozenset[str]:
    return claim.claimants | set(names)


def _afresh(claim: Claim) -> Claim:
    """What was found and decided of a former submission no longer counts."""
    return replace(claim, results=(), exceptions=frozenset(), rejected={}, approvers=())


# --- which actions are listed -----------------------------------------------------------------------------------------

_UNDECIDED = frozenset({S.CHECKED, S.MANAGER_APPROVED, S.GENERAL_MANAGER_APPROVED})

ALLOWED: Mapping[str, frozenset[S]] = {
    "record_line": frozenset({S.DRAFT}),
    "remove_line": frozenset({S.DRAFT}),
    "submit": frozenset({S.DRAFT}),
    "recheck": frozenset({S.SUBMITTED, S.CHECKED}),
    "withdraw": frozenset({S.DRAFT, S.SUBMITTED, S.RETURNED}) | _UNDECIDED,
    "revise": frozenset({S.RETURNED}),
    "grant_exception": frozenset({S.CHECKED}),
    "reject_line": _UNDECIDED,
    "approve": frozenset({S.CHECKED}),
    "approve_general": frozenset({S.MANAGER_APPROVED}),
    "approve_finance": frozenset({S.MANAGER_APPROVED, S.GENERAL_MANAGER_APPROVED}),
    "return": _UNDECIDED,
    "reject": _UNDECIDED,
    "pay": frozenset({S.FINANCE_APPROVED}),
    "investigate": _UNDECIDED | {S.SUBMITTED, S.FINANCE_APPROVED, S.PAID},
    "restore": frozenset({S.UNDER_INVESTIGATION}),
    "find_fraud": frozenset({S.UNDER_INVESTIGATION}),
}
"""In which states the lifecycle lists an action."""


def known(claim: Claim) -> fact.ExpenseDrafted:
    """How the claim began. Raises ``Refused`` where there is none."""
    if claim.drafted is None:
        raise Refused("claim_unknown", "没有这张报销单。", "There is no such claim.")
    return claim.drafted


def handed_in(claim: Claim) -> fact.ExpenseSubmitted:
    """The last submission. Raises ``Refused`` where there is none."""
    if claim.submitted is None:
        raise Refused("claim_not_submitted", "报销单尚未提交。", "The claim hasn't been submitted.")
    return claim.submitted


def permit(action: str, claim: Claim) -> None:
    """Raises ``Refused`` where the lifecycle doesn't list ``action`` now."""
    known(claim)
    if claim.status and claim.status not in ALLOWED[action]:
        status = claim.status
        raise not_now("claim", _CLAIM, CLAIM_ACTION[action], status, CLAIM_STATUS[status], CLAIM_HINT[status])


_CLAIM = Words("报销单", "claim")
