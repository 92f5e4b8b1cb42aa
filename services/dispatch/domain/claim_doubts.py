"""Doubted receipts (4.3, D16): a claim is investigated, and then restored, or a fraud is found ⚖."""

from collections.abc import Sequence, Set
from decimal import Decimal
from uuid import UUID

from services.dispatch.domain import claim_commands as wish
from services.dispatch.domain.claim_review import can_decide, names_of
from services.dispatch.domain.claim_state import Claim, ClaimEvent, handed_in, known
from services.dispatch.domain.expense_policy import gravity_of
from shared.decider import Refused
from shared.events import dispatch as fact
from shared.events.dispatch import ClaimStatus as S
from shared.facts import repeats, tell


def can_conclude(action: str, claim: Claim, names: Set[str | None]) -> None:
    """⚖ By a person other than the one who opened the investigation."""
    can_decide(action, claim, names)
    if claim.investigation and claim.investigation.opened_by in names:
        raise Refused(
            "decider_investigates",
            "发起调查的人不能作结论。",
            "Whoever opened the investigation can't come to the finding.",
        )


def investigate(command: wish.OpenInvestigation, claim: Claim) -> Sequence[ClaimEvent]:
    """Until it is settled nothing is approved or paid; what was paid may be investigated too."""
    lines = _of_claim(claim, command.lines) or tuple(claim.lines)
    opened = claim.investigation
    if claim.status is S.UNDER_INVESTIGATION and opened and (opened.lines, opened.reason) == (lines, command.reason):
        return []
    can_decide("investigate", claim, names_of(command))
    drafted = known(claim)
    facts = {"claim": drafted.claim, "number": drafted.number, "engineer": drafted.engineer, "lines": lines}
    return [tell(fact.ExpenseInvestigationOpened, command, **facts | {"opened_by": command.by})]


def restore(command: wish.RestoreClaim, claim: Claim) -> Sequence[ClaimEvent]:
    """The doubt came to nothing: it goes on where it stood."""
    if claim.status is claim.before and isinstance(claim.last, fact.ExpenseRestored) and repeats(command, claim.last):
        return []
    can_conclude("restore", claim, names_of(command))
    assert claim.before, "a claim under investigation stood somewhere before"
    drafted = known(claim)
    facts = {"claim": drafted.claim, "engineer": drafted.engineer, "status": claim.before}
    return [tell(fact.ExpenseRestored, command, decided_by=command.by, **facts)]


def find_fraud(command: wish.FindFraud, claim: Claim) -> Sequence[ClaimEvent]:
    """4.3, D16: the gravity follows from the table of the policy that was in force at the submission."""
    if isinstance(claim.last, fact.ExpenseFraudFound) and claim.last.deed is command.deed:
        return []
    can_conclude("find_fraud", claim, names_of(command))
    assert claim.investigation
    lines = _of_claim(claim, command.lines) or claim.investigation.lines
    evidence = tuple(dict.fromkeys((*claim.investigation.evidence, *command.evidence)))
    if not evidence and not any(claim.lines[line].receipts for line in lines):
        raise Refused("evidence_missing", "没有证据不能认定舞弊。", "No fraud is found without evidence.")
    drafted, submitted = known(claim), handed_in(claim)
    amount = sum((claim.lines[line].amount for line in lines), Decimal("0.00"))
    invoices = [claim.lines[line].invoice for line in lines]
    how = {"repeated": command.repeated, "organised": command.organised, "criminal": command.criminal}
    return [
        fact.ExpenseFraudFound(
            at=command.at,
            claim=drafted.claim,
            number=drafted.number,
            engineer=drafted.engineer,
            trip=drafted.trip,
            lines=lines,
            invoices=tuple(f"{each.code or ''} {each.number}".strip() for each in invoices if each),
            amount=amount,
            deed=command.deed,
            gravity=gravity_of(command.rules, command.deed, amount, **how),
            evidence=evidence,
            reasons=command.reasons,
            happened_at=submitted.at,
            policy_version=submitted.policy_version,
            paid=claim.before is S.PAID,
            found_by=command.by,
            opened_by=claim.investigation.opened_by,
            **how,
        )
    ]


def _of_claim(claim: Claim, lines: Sequence[UUID]) -> tuple[UUID, ...]:
    if unknown := [line for line in lines if line not in claim.lines]:
        raise Refused("line_unknown", "报销单中没有这条明细。", f"The claim has no such line: {unknown[0]}.")
    return tuple(dict.fromkeys(lines))
