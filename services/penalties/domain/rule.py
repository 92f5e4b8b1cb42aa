"""Rules of the penalty policy: small declarative tests of what a fact says. No code is evaluated.

What nobody has told yet proves nothing: every test of an unknown field fails, ``unknown`` apart. So judging is total,
whatever a fact says.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from services.penalties.domain.fields import FIELDS
from shared.decider import Refused, Words
from shared.events.penalties import (
    Comparison,
    Condition,
    Consequence,
    ConsequenceKind,
    FactKind,
    PolicyTerms,
    Rule,
    Value,
    Values,
)

C = Comparison

_PRESENCE = frozenset({C.KNOWN, C.UNKNOWN})
_EQUALITY = frozenset({C.IS, C.IS_NOT}) | _PRESENCE
_ORDER = frozenset({C.AT_LEAST, C.AT_MOST})
_CHOICE = frozenset({C.ONE_OF, C.NONE_OF})
_MEMBERSHIP = frozenset({C.HAS_ANY, C.HAS_NONE})

TESTS: Mapping[type, frozenset[Comparison]] = {
    bool: _EQUALITY,
    int: _EQUALITY | _ORDER,
    Decimal: _EQUALITY | _ORDER,
    str: _EQUALITY | _CHOICE,
    tuple: _MEMBERSHIP | _PRESENCE,
}
"""How a field of a type can be tested."""

MONEY = frozenset({ConsequenceKind.FINE, ConsequenceKind.ALLOWANCE_OR_FINE})
"""The consequences that are paid."""

_AMOUNT = re.compile(r"-?\d{1,12}(\.\d{1,2})?", re.ASCII)

Read = bool | int | str | Decimal | frozenset[str] | None

# --- judging ----------------------------------------------------------------------------------------------------------


def first_broken(terms: PolicyTerms, kind: FactKind, says: Mapping[str, Value]) -> Rule | None:
    """The first rule, in the policy's order, that the fact breaks: a fact has one consequence at most (D7)."""
    return next((rule for rule in terms.rules if rule.on is kind and holds(rule, says)), None)


def holds(rule: Rule, says: Mapping[str, Value]) -> bool:
    """Whether a fact of the rule's kind that says this breaks the rule. Never raises."""
    fields = FIELDS[rule.on]
    return all(_true(each, fields, says) for each in rule.when) and not any(
        _true(each, fields, says) for each in rule.unless
    )


def read_by(rule: Rule, says: Mapping[str, Value]) -> Values:
    """Of what a fact says the part that the rule looks at, what is unknown included: for the suspicion."""
    names = {each.field for each in (*rule.when, *rule.unless)}
    if rule.consequence.kind is ConsequenceKind.ALLOWANCE_OR_FINE:
        names.add("allowance")
    return {name: says.get(name) for name in FIELDS[rule.on] if name in names}


class Stake(NamedTuple):
    """What a breach costs."""

    amount: Decimal
    """CNY; 0.00 where no money is at stake."""
    allowance: bool
    """It is that day's phone allowance (D9)."""


def stake(consequence: Consequence, says: Mapping[str, Value]) -> Stake:
    """D9: on a day of a trip with an allowance that day's allowance, otherwise the fine; never both."""
    if consequence.kind is ConsequenceKind.ALLOWANCE_OR_FINE:
        allowance = _read(says.get("allowance"), Decimal)
        if isinstance(allowance, Decimal) and allowance > 0:
            return Stake(allowance, allowance=True)
    return Stake(consequence.amount, allowance=False)


def _true(condition: Condition, fields: Mapping[str, type], says: Mapping[str, Value]) -> bool:
    kind = fields.get(condition.field, str)
    found = _read(says.get(condition.field), kind)
    if condition.test in _PRESENCE:
        return (found is None) == (condition.test is C.UNKNOWN)
    if found is None:
        return False
    if condition.test in _CHOICE:
        choice = _read(condition.value, tuple)
        return isinstance(choice, frozenset) and (found in choice) == (condition.test is C.ONE_OF)
    return _compares(condition.test, found, _read(condition.value, kind))


def _compares(test: Comparison, found: Read, wanted: Read) -> bool:
    if isinstance(found, frozenset) and isinstance(wanted, frozenset):
        return test in _MEMBERSHIP and bool(found & wanted) == (test is C.HAS_ANY)
    if wanted is None:
        return False
    if test in (C.IS, C.IS_NOT):
        return (found == wanted) == (test is C.IS)
    if isinstance(found, int | Decimal) and isinstance(wanted, int | Decimal):
        return test in _ORDER and (found >= wanted if test is C.AT_LEAST else found <= wanted)
    return False


def _read(value: Value, kind: type) -> Read:
    """``value`` as something to compare; None where it is unknown, or isn't of the kind."""
    if kind is Decimal:
        return Decimal(value) if isinstance(value, str) and _AMOUNT.fullmatch(value) else None
    if kind is tuple:
        return frozenset(value) if isinstance(value, tuple) else None
    if kind is bool or isinstance(value, bool):  # True is an int to Python, and none to us
        return value if kind is bool and isinstance(value, bool) else None
    return value if isinstance(value, int | str) and isinstance(value, kind) else None


# --- what a rule may be -----------------------------------------------------------------------------------------------


def check_rule(rule: Rule) -> None:
    """What it tests exists and fits, what follows can be done, and its examples say what it was meant to say.

    Raises ``Refused``: ``rule_field_unknown``, ``rule_test_unfit``, ``rule_value_unfit``, ``rule_consequence_unfit``,
    ``rule_example_unfit``, ``rule_example_missed``, ``rule_example_caught``.
    """
    for condition in (*rule.when, *rule.unless):
        _check_condition(rule, condition)
    _check_consequence(rule)
    for example in (rule.must_match, rule.must_not_match):
        _check_example(rule, example)
    if not holds(rule, rule.must_match):
        raise _fault(rule, "example_missed", "没有匹配“须适用”的示例", "it misses its example that must match")
    if holds(rule, rule.must_not_match):
        raise _fault(rule, "example_caught", "误中“不得适用”的示例", "it catches its example that must not match")


def _check_condition(rule: Rule, condition: Condition) -> None:
    field, test, value = condition.field, condition.test, condition.value
    kind = _kind_of(rule, field)
    if test not in TESTS[kind]:
        fitting = _listed(TESTS[kind])
        raise _fault(
            rule,
            "test_unfit",
            f"“{field}”不能用 {test} 比较，可用 {fitting.zh}",
            f"{field} can't be tested by {test}, but by {fitting.en}",
        )
    if test in _PRESENCE:
        fits = value is None
    elif test in _CHOICE | _MEMBERSHIP:
        fits = bool(_read(value, tuple))
    else:
        fits = _read(value, kind) is not None
    if not fits:
        raise _fault(
            rule,
            "value_unfit",
            f"“{field}”{test} 的值不合适：{value}",
            f"the value of {field} {test} doesn't fit: {value}",
        )


def _check_consequence(rule: Rule) -> None:
    """A fine is more than nothing; what isn't money costs none; D9 needs a fact that knows an allowance; what isn't
    reimbursed is settled with the claim (4.3)."""
    kind, amount = rule.consequence.kind, rule.consequence.amount
    if (kind in MONEY) != (amount > 0):
        zh = "罚款须大于 0 元" if kind in MONEY else "此后果不得带金额"
        en = "a fine is more than ¥0.00" if kind in MONEY else "this consequence takes no amount"
        raise _fault(rule, "consequence_unfit", zh, en)
    if kind is ConsequenceKind.ALLOWANCE_OR_FINE and "allowance" not in FIELDS[rule.on]:
        raise _fault(
            rule, "consequence_unfit", "只有开机值守才有补贴可扣（D9）", "only phone duty knows an allowance (D9)"
        )
    if kind is ConsequenceKind.NOT_REIMBURSED and rule.on is not FactKind.EXPENSE_LINE:
        raise _fault(
            rule, "consequence_unfit", "只有报销明细可以不予报销（4.3）", "only an expense can go unreimbursed (4.3)"
        )


def _check_example(rule: Rule, example: Values) -> None:
    for field, value in example.items():
        if value is not None and _read(value, _kind_of(rule, field)) is None:
            raise _fault(
                rule,
                "example_unfit",
                f"示例中“{field}”的值不合适：{value}",
                f"the example's value of {field} doesn't fit: {value}",
            )


def _kind_of(rule: Rule, field: str) -> type:
    if kind := FIELDS[rule.on].get(field):
        return kind
    fields = _listed(FIELDS[rule.on])
    raise _fault(
        rule,
        "field_unknown",
        f"{rule.on} 类事实没有“{field}”，可读取 {fields.zh}",
        f"a fact of {rule.on} has no {field}; it has {fields.en}",
    )


def _fault(rule: Rule, code: str, zh: str, en: str) -> Refused:
    return Refused(f"rule_{code}", f"规则 {rule.code}：{zh}。", f"Rule {rule.code}: {en}.")


def _listed(names: Iterable[str]) -> Words:
    known = sorted(names)
    return Words("、".join(known), ", ".join(known))
