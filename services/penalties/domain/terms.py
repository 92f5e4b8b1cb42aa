"""The terms of a version: what they may be, where they hold, and how money is taken there (D8)."""

from services.penalties.domain.rule import MONEY, check_rule
from shared.decider import Refused
from shared.events.penalties import Mode, PolicyTerms, RegionTerms, Rule

RULES = 100
"""So many rules a version may have at most."""


def check_terms(terms: PolicyTerms) -> None:
    """Raises ``Refused``: ``rules_missing``, ``rules_too_many``, ``rule_twice``, ``region_twice``,
    ``region_out_of_scope``, ``rule_score_missing``, and what ``check_rule`` raises."""
    if not terms.rules:
        raise Refused("rules_missing", "制度至少要有一条规则。", "A policy has one rule at least.")
    if len(terms.rules) > RULES:
        raise Refused("rules_too_many", f"规则最多 {RULES} 条。", f"A policy has {RULES} rules at most.")
    if code := _twice([rule.code for rule in terms.rules]):
        raise Refused("rule_twice", f"规则代号 {code} 重复。", f"There are two rules {code}.")
    if region := _twice([each.region for each in terms.regions]):
        raise Refused("region_twice", f"地区 {region} 重复。", f"There are two terms for the region {region}.")
    if terms.scope and (outside := sorted({each.region for each in terms.regions} - set(terms.scope))):
        raise Refused(
            "region_out_of_scope",
            f"{'、'.join(outside)} 不在适用地区之内。",
            f"The policy doesn't hold in {', '.join(outside)}.",
        )
    for rule in terms.rules:
        check_rule(rule)
        _check_score(rule, terms)


def _check_score(rule: Rule, terms: PolicyTerms) -> None:
    """D8: where no money may be taken, a fine without a score would be nothing at all."""
    scored = Mode.SCORE_ONLY in {terms.mode, *(region.mode for region in terms.regions)}
    if scored and rule.consequence.kind in MONEY and not rule.consequence.score:
        raise Refused(
            "rule_score_missing",
            f"规则 {rule.code}：有地区仅记分、不扣款，罚款须同时规定分值（D8）。",
            f"Rule {rule.code}: somewhere only the score is kept, so a fine needs a score as well (D8).",
        )


def holds_in(terms: PolicyTerms, region: str | None) -> bool:
    """Whether the version is meant for engineers of ``region``; who has none is meant only where all are."""
    return not terms.scope or region in terms.scope


def mode_in(terms: PolicyTerms, region: str | None) -> Mode:
    """D8: whether money is taken there."""
    found = _of_region(terms, region)
    return found.mode if found else terms.mode


def cap_in(terms: PolicyTerms, region: str | None) -> int:
    """D8: of the month's wage at most so many percent are taken there."""
    found = _of_region(terms, region)
    return terms.cap_percent if found is None or found.cap_percent is None else found.cap_percent


def _of_region(terms: PolicyTerms, region: str | None) -> RegionTerms | None:
    return next((each for each in terms.regions if each.region == region), None)


def _twice(names: list[str]) -> str | None:
    return next((name for number, name in enumerate(names) if name in names[:number]), None)
