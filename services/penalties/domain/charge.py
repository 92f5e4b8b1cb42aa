"""What the policy makes of a fact: the rule that it breaks in the version that bound the engineer, and what that costs.

Nobody is bound by a version before it is adopted, holds, and was acknowledged by them (``policy.binding``). Of its
rules the first that is broken counts (D7).
"""

from typing import NamedTuple

from services.penalties.domain.conduct import Conduct, region_at
from services.penalties.domain.fact import Charge, Merged
from services.penalties.domain.policy import PolicyBook, binding
from services.penalties.domain.rule import first_broken, stake
from shared.events.penalties import ConsequenceKind, PolicyTerms, Rule


class Broken(NamedTuple):
    """A rule that binds the engineer is broken."""

    rule: Rule
    terms: PolicyTerms
    charge: Charge


def broken(seen: Merged, book: PolicyBook, subject: Conduct) -> Broken | None:
    """The rule that what is known by now breaks; None: none that binds, or one that dispatch has settled with the claim
    itself (4.3, not reimbursed)."""
    bound = binding(book, subject.acknowledged, region_at(subject, seen.happened_at), seen.happened_at)
    rule = first_broken(bound.terms, seen.kind, seen.says) if bound else None
    if bound is None or rule is None or rule.consequence.kind is ConsequenceKind.NOT_REIMBURSED:
        return None
    amount, allowance = stake(rule.consequence, seen.says)
    charge = Charge(rule=rule.code, policy_version=bound.version, amount=amount, allowance=allowance)
    return Broken(rule, bound.terms, charge)
