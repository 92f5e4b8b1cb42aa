"""Rules: what breaks them, what they may be, and that judging never fails, whatever is said."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as some

from services.penalties.domain.fields import FIELDS
from services.penalties.domain.first_policy import VERSION_1
from services.penalties.domain.rule import TESTS, check_rule, first_broken, holds, read_by, stake
from services.penalties.domain.terms import cap_in, check_terms, holds_in, mode_in
from shared.decider import Refused
from shared.events.penalties import (
    Comparison,
    Condition,
    Consequence,
    ConsequenceKind,
    FactKind,
    Mode,
    RegionTerms,
    Rule,
)
from shared.refusal import why_not
from tests.unit.penalties.policies import condition, rule_of

K = FactKind


def broken(kind: FactKind, **says: Any) -> str | None:
    found = first_broken(VERSION_1, kind, says)
    return found.code if found else None


def refused(rule: Rule) -> str:
    with pytest.raises(Refused) as refusal:
        check_rule(rule)
    assert refusal.value.words.zh
    assert refusal.value.words.en
    return refusal.value.code


def changed(code: str = "4.5", **facts: Any) -> Rule:
    return rule_of(code).model_copy(update=facts)


# --- version 1 --------------------------------------------------------------------------------------------------------


def test_version_1_is_in_order() -> None:
    check_terms(VERSION_1)
    assert {rule.clause for rule in VERSION_1.rules} == {"4.2.1", "4.2.2", "4.2.3", "4.3", "4.4", "4.5", "4.6", "4.7"}


@pytest.mark.parametrize(
    ("kind", "says", "code"),
    [
        (K.LATENESS, {"late": True, "known_causes": ()}, "4.5"),
        (K.LATENESS, {"late": False}, None),
        (K.LATENESS, {"late": True, "known_causes": ("nobody_assigned",)}, None),
        (K.LATENESS, {"late": True, "known_causes": ("not_delivered", "unanswered")}, None),
        (K.LATENESS, {"late": True, "known_causes": ("unanswered",), "told_causes": ("traffic",)}, "4.5"),
        (K.LATENESS, {"late": True, "complaint": "4.2.3"}, "4.2.3"),  # D7: once
        (K.LATENESS, {"late": False, "complaint": "4.2.3"}, "4.2.3"),
        (K.CONDUCT, {"complaint": "4.2.1"}, "4.2.1"),
        (K.CONDUCT, {"complaint": "4.2.2"}, "4.2.2"),
        (K.CONDUCT, {"complaint": "4.2.3"}, "4.2.3-complaint"),
        (K.CONDUCT, {"complaint": "other"}, None),
        (K.LEAVING, {"unreported": True}, "4.4"),
        (K.LEAVING, {"unreported": False, "minutes": 0}, None),
        (K.PHONE, {"unanswered": True}, "4.6"),
        (K.PHONE, {"unanswered": False}, None),
        (K.INSTRUCTION, {"refused": True, "delivered": True, "safety": False}, "4.7"),
        (K.INSTRUCTION, {"refused": True, "delivered": True, "safety": True}, None),  # D15
        (K.INSTRUCTION, {"refused": True, "delivered": False, "safety": False}, None),
        (K.INSTRUCTION, {"unanswered": True, "delivered": True}, "4.7-unanswered"),
        (K.INSTRUCTION, {"unanswered": True, "refused": True, "delivered": True, "safety": True}, None),
        (K.FRAUD, {"gravity": "demerit"}, "4.3-demerit"),
        (K.FRAUD, {"gravity": "major_demerit"}, "4.3-major-demerit"),
        (K.FRAUD, {"gravity": "dismissal_proposed"}, "4.3-dismissal"),
        (K.FRAUD, {"gravity": "legal_referral_proposed"}, "4.3-legal-referral"),
        (K.EXPENSE_LINE, {"checks": ("cap", "city")}, "4.3-mismatch"),
        (K.EXPENSE_LINE, {"checks": ("cap",)}, None),
    ],
)
def test_version_1_says_what_the_commitment_says(kind: FactKind, says: dict[str, Any], code: str | None) -> None:
    assert broken(kind, **says) == code


@pytest.mark.parametrize("kind", FactKind)
def test_of_what_nobody_has_said_nothing_follows(kind: FactKind) -> None:
    assert broken(kind) is None


def test_on_a_day_with_an_allowance_that_is_taken_otherwise_the_fine() -> None:
    consequence = rule_of("4.6").consequence
    assert stake(consequence, {"on_trip": True, "allowance": "15.00"}) == (Decimal("15.00"), True)  # D9
    assert stake(consequence, {"on_trip": True, "allowance": "0.00"}) == (Decimal("10.00"), False)
    assert stake(consequence, {"on_trip": False}) == (Decimal("10.00"), False)
    assert stake(rule_of("4.2.1").consequence, {"allowance": "15.00"}) == (Decimal("0.00"), False)


def test_a_suspicion_tells_what_the_rule_has_read() -> None:
    says = {"late": True, "minutes": 12, "known_causes": ()}
    assert read_by(rule_of("4.5"), says) == {"late": True, "known_causes": ()}
    assert read_by(rule_of("4.6"), {"unanswered": True}) == {"unanswered": True, "allowance": None}


# --- tests of fields --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tested", "says", "true"),
    [
        (condition("minutes", Comparison.AT_LEAST, 15), {"minutes": 15}, True),
        (condition("minutes", Comparison.AT_LEAST, 15), {"minutes": 14}, False),
        (condition("minutes", Comparison.AT_LEAST, 15), {}, False),
        (condition("minutes", Comparison.AT_MOST, 15), {"minutes": 15}, True),
        (condition("minutes", Comparison.AT_MOST, 15), {"minutes": 16}, False),
        (condition("minutes", Comparison.IS_NOT, 15), {"minutes": 16}, True),
        (condition("minutes", Comparison.IS_NOT, 15), {}, False),
        (condition("minutes", Comparison.KNOWN, None), {"minutes": 0}, True),
        (condition("minutes", Comparison.KNOWN, None), {"minutes": None}, False),
        (condition("minutes", Comparison.UNKNOWN, None), {"minutes": None}, True),
        (condition("minutes", Comparison.UNKNOWN, None), {"minutes": 3}, False),
        (condition("complaint", Comparison.ONE_OF, ("4.2.3", "other")), {"complaint": "other"}, True),
        (condition("complaint", Comparison.ONE_OF, ("4.2.3",)), {"complaint": "other"}, False),
        (condition("complaint", Comparison.NONE_OF, ("4.2.3",)), {"complaint": "other"}, True),
        (condition("complaint", Comparison.NONE_OF, ("4.2.3",)), {}, False),
        (condition("told_causes", Comparison.HAS_ANY, ("weather", "safety")), {"told_causes": ("safety",)}, True),
        (condition("told_causes", Comparison.HAS_ANY, ("weather",)), {"told_causes": ()}, False),
        (condition("told_causes", Comparison.HAS_NONE, ("weather",)), {"told_causes": ()}, True),
        (condition("told_causes", Comparison.HAS_NONE, ("weather",)), {}, False),
    ],
)
def test_a_field_is_compared(tested: Condition, says: dict[str, Any], true: bool) -> None:
    assert holds(changed(when=(tested,), unless=()), says) is true
    assert holds(changed(when=(condition("late"),), unless=(tested,)), {"late": True, **says}) is not true


def test_amounts_are_compared_as_numbers() -> None:
    rule = changed("4.3-demerit", when=(condition("amount", Comparison.AT_LEAST, "1000"),))
    assert holds(rule, {"amount": "1000.00"})
    assert not holds(rule, {"amount": "999.99"})
    assert not holds(rule, {"amount": "much"})


# --- what a rule may be -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (changed(when=(condition("mood"),)), "rule_field_unknown"),
        (changed(when=(condition("gravity", value="demerit"),)), "rule_field_unknown"),  # of another kind
        (changed(unless=(condition("late", Comparison.AT_LEAST),)), "rule_test_unfit"),
        (changed(when=(condition("known_causes", value=("weather",)),)), "rule_test_unfit"),
        (changed(when=(condition("late", value="yes"),)), "rule_value_unfit"),
        (changed(when=(condition("minutes", value=True),)), "rule_value_unfit"),
        (changed(when=(condition("late", Comparison.KNOWN),)), "rule_value_unfit"),
        (changed(when=(condition("known_causes", Comparison.HAS_ANY, ()),)), "rule_value_unfit"),
        (changed("4.3-demerit", when=(condition("amount", value="1e9"),)), "rule_value_unfit"),
        (changed(must_match={"late": "yes"}), "rule_example_unfit"),
        (changed(must_not_match={"mood": "bad"}), "rule_field_unknown"),
        (changed(must_match={"late": False}), "rule_example_missed"),
        (changed(must_not_match={"late": True}), "rule_example_caught"),
        (changed(consequence=Consequence(kind=ConsequenceKind.FINE)), "rule_consequence_unfit"),
        (changed(consequence=rule_of("4.6").consequence), "rule_consequence_unfit"),
        (changed(consequence=Consequence(kind=ConsequenceKind.NOT_REIMBURSED)), "rule_consequence_unfit"),
        (
            changed(consequence=Consequence(kind=ConsequenceKind.DEMERIT, amount=Decimal("5.00"))),
            "rule_consequence_unfit",
        ),
    ],
)
def test_a_rule_that_cant_mean_what_it_says_is_refused(rule: Rule, code: str) -> None:
    assert refused(rule) == code


def test_terms_name_each_rule_and_region_once() -> None:
    def code(**facts: Any) -> str:
        with pytest.raises(Refused) as refusal:
            check_terms(VERSION_1.model_copy(update=facts))
        return refusal.value.code

    south, north = (RegionTerms(region=name, mode=Mode.SCORE_ONLY) for name in ("华南", "华北"))
    assert code(rules=()) == "rules_missing"
    assert code(rules=VERSION_1.rules * 10) == "rules_too_many"
    assert code(rules=VERSION_1.rules + VERSION_1.rules[:1]) == "rule_twice"
    assert code(regions=(south, south)) == "region_twice"
    assert code(scope=("华北",), regions=(north, south)) == "region_out_of_scope"
    unscored = changed(consequence=Consequence(kind=ConsequenceKind.FINE, amount=Decimal("50.00")))
    assert code(rules=(unscored,), regions=(south,)) == "rule_score_missing"
    assert code(rules=(unscored,), mode=Mode.SCORE_ONLY) == "rule_score_missing"
    check_terms(VERSION_1.model_copy(update={"rules": (unscored,)}))


def test_a_region_may_have_terms_of_its_own() -> None:
    terms = VERSION_1.model_copy(
        update={
            "scope": ("华北", "华南"),
            "regions": (RegionTerms(region="华南", mode=Mode.SCORE_ONLY, cap_percent=10),),
        }
    )
    assert (mode_in(terms, "华南"), cap_in(terms, "华南")) == (Mode.SCORE_ONLY, 10)
    assert (mode_in(terms, "华北"), cap_in(terms, "华北")) == (Mode.MONEY, 20)
    assert [holds_in(terms, region) for region in ("华南", "华东", None)] == [True, False, False]
    assert holds_in(VERSION_1, None)


# --- whatever anybody writes ------------------------------------------------------------------------------------------

NAMES = sorted({name for fields in FIELDS.values() for name in fields} | {"mood"})
TEXTS = some.sampled_from(["4.2.3", "demerit", "weather", "1200.00", "x"])
VALUES = some.none() | some.booleans() | some.integers(-5, 60) | TEXTS | some.lists(TEXTS, max_size=2).map(tuple)
CONDITIONS = some.builds(Condition, field=some.sampled_from(NAMES), test=some.sampled_from(Comparison), value=VALUES)
SAYS = some.dictionaries(some.sampled_from(NAMES), VALUES, max_size=6)
RULES = some.builds(
    Rule,
    code=some.just("x"),
    clause=some.just("4.5"),
    text_zh=some.just("规则"),
    text_en=some.just("a rule"),
    on=some.sampled_from(FactKind),
    when=some.lists(CONDITIONS, min_size=1, max_size=3).map(tuple),
    unless=some.lists(CONDITIONS, max_size=2).map(tuple),
    consequence=some.builds(
        Consequence, kind=some.sampled_from(ConsequenceKind), amount=some.sampled_from([Decimal(0), Decimal("50.00")])
    ),
    must_match=SAYS,
    must_not_match=SAYS,
)


@for_all(RULES, SAYS)
def test_a_rule_is_refused_with_a_reason_or_judges_everything(rule: Rule, says: dict[str, Any]) -> None:
    refusal = why_not(lambda: check_rule(rule))
    assert refusal is None or (refusal.zh.startswith("规则 x：") and refusal.en.startswith("Rule x: "))
    assert isinstance(holds(rule, says), bool)


FIT: dict[type, Any] = {
    bool: some.booleans(),
    int: some.integers(0, 60),
    Decimal: some.sampled_from(["0.00", "999.99", "1000.00"]),
    str: TEXTS,
    tuple: some.lists(TEXTS, max_size=2).map(tuple),
}


@some.composite
def fitting_rules(draw: some.DrawFn) -> tuple[Rule, dict[str, Any]]:
    """A rule whose tests and examples fit the fields that it reads, and what somebody says of such a fact."""
    kind = draw(some.sampled_from(FactKind))
    fields = FIELDS[kind]
    says = some.fixed_dictionaries({}, optional={name: FIT[of] for name, of in fields.items()})

    def condition_of(name: str) -> Condition:
        test = draw(some.sampled_from(sorted(TESTS[fields[name]])))
        if test in (Comparison.KNOWN, Comparison.UNKNOWN):
            return condition(name, test, None)
        listed = test in (Comparison.ONE_OF, Comparison.NONE_OF, Comparison.HAS_ANY, Comparison.HAS_NONE)
        value = some.lists(TEXTS, min_size=1, max_size=2).map(tuple) if listed else FIT[fields[name]]
        return condition(name, test, draw(value))

    names = some.sampled_from(sorted(fields))
    facts = {
        "on": kind,
        "when": tuple(condition_of(name) for name in draw(some.lists(names, min_size=1, max_size=2))),
        "unless": tuple(condition_of(name) for name in draw(some.lists(names, max_size=1))),
        "must_match": draw(says),
        "must_not_match": draw(says),
    }
    return changed(**facts), draw(says)


@for_all(fitting_rules())
def test_what_fits_is_accepted_exactly_where_its_examples_say_so(drawn: tuple[Rule, dict[str, Any]]) -> None:
    rule, says = drawn
    assert isinstance(holds(rule, says), bool)
    meant = holds(rule, rule.must_match) and not holds(rule, rule.must_not_match)
    assert (why_not(lambda: check_rule(rule)) is None) == meant
