"""What an approved claim costs each work order of the trip (5.4): travel cost."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import ROUND_DOWN, Decimal
from uuid import UUID

from services.dispatch.domain.claim_state import Claim
from shared.events.dispatch import ApprovedLine
from shared.money import FEN


def approved_lines(claim: Claim) -> tuple[ApprovedLine, ...]:
    """What is reimbursed of each line; lines rejected in full are left out."""
    return tuple(
        ApprovedLine(line=line.line, kind=line.kind, amount=allowed)
        for line in claim.lines.values()
        if (allowed := claim.allowed(line))
    )


def cost_of(claim: Claim, visits: Sequence[UUID]) -> dict[UUID, Decimal]:
    """CNY by work order. ``visits``: the work order of each visit of the trip.

    A line that names its work order costs that one; the others cost all the trip's visits alike, to the fen: what
    can't be divided falls to the first ones. A trip without visits costs no work order.
    """
    found: dict[UUID, Decimal] = defaultdict(Decimal)
    for line in claim.lines.values():
        if line.work_order:
            found[line.work_order] += claim.allowed(line)
    shared = sum((claim.allowed(line) for line in claim.lines.values() if not line.work_order), Decimal(0))
    for work_order, share in zip(visits, _divided(shared, len(visits)), strict=True):
        found[work_order] += share
    return {work_order: amount for work_order, amount in found.items() if amount}


def _divided(amount: Decimal, parts: int) -> Iterable[Decimal]:
    if not parts:
        return []
    each = (amount / parts).quantize(FEN, ROUND_DOWN)
    over = int((amount - each * parts) / FEN)
    return [each + FEN if part < over else each for part in range(parts)]
