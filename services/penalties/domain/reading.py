"""A version in plain words: what an engineer reads, and how two versions differ.

Every parameter is a line, so a difference between two versions is always one between their lines.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from services.penalties.domain.names.policy import (
    COMPARISON,
    CONSEQUENCE,
    CUMULATION,
    FACT_KIND,
    FIELD,
    MODE,
    TERM,
    UNIT,
    VALUE,
)
from services.penalties.domain.rule import MONEY
from shared.decider import Words
from shared.events.penalties import (
    Comparison,
    Condition,
    Consequence,
    PolicyTerms,
    RegionTerms,
    Rule,
    Span,
    Value,
    Values,
)
from shared.money import yuan

YES, NO, NOTHING, EVERYWHERE = Words("是", "yes"), Words("否", "no"), Words("无", "none"), Words("全公司", "everywhere")


class Line(NamedTuple):
    """One parameter of a version."""

    rule: str | None
    """The rule's code; None for what holds of the whole version."""
    parameter: Words
    value: Words


class Change(NamedTuple):
    """One parameter that two versions have otherwise."""

    rule: str | None
    parameter: Words
    before: Words
    after: Words


def difference(old: PolicyTerms, new: PolicyTerms) -> list[Change]:
    """What ``new`` changes of ``old``: rules in their order, then the rest; none where both say the same."""
    before, after = _rules(old), _rules(new)
    found = []
    for code in [*after, *(code for code in before if code not in after)]:
        if code not in before or code not in after:
            gone, come = before.get(code), after.get(code)
            found.append(Change(code, TERM["rule"], _summary(gone), _summary(come)))
        else:
            found += _changed(rule_lines(before[code]), rule_lines(after[code]))
    return found + _changed([*_order(old, new), *term_lines(old)], [*_order(new, old), *term_lines(new)])


def _rules(terms: PolicyTerms) -> dict[str, Rule]:
    return {rule.code: rule for rule in terms.rules}


def _order(terms: PolicyTerms, other: PolicyTerms) -> list[Line]:
    """Of the rules that both have: which comes first decides which counts (D7)."""
    both = _rules(other)
    codes = [rule.code for rule in terms.rules if rule.code in both]
    return [Line(None, TERM["order"], _listed([Words(code, code) for code in codes]))]


def _changed(before: Sequence[Line], after: Sequence[Line]) -> list[Change]:
    was, is_now = ({(line.rule, line.parameter): line.value for line in lines} for lines in (before, after))
    return [
        Change(rule, parameter, was.get((rule, parameter), NOTHING), is_now.get((rule, parameter), NOTHING))
        for rule, parameter in dict.fromkeys([*was, *is_now])
        if was.get((rule, parameter)) != is_now.get((rule, parameter))
    ]


def _summary(rule: Rule | None) -> Words:
    return Words(rule.text_zh, rule.text_en) if rule else NOTHING


# --- a rule -----------------------------------------------------------------------------------------------------------


def rule_lines(rule: Rule) -> list[Line]:
    """All of it."""
    parts = {
        "text_zh": Words(rule.text_zh, rule.text_zh),
        "text_en": Words(rule.text_en, rule.text_en),
        "clause": Words(rule.clause, rule.clause),
        "on": FACT_KIND[rule.on],
        "when": _conditions(rule.when),
        "unless": _conditions(rule.unless),
        "consequence": consequence(rule.consequence),
        "must_match": says_in_words(rule.must_match),
        "must_not_match": says_in_words(rule.must_not_match),
    }
    return [Line(rule.code, TERM[name], value) for name, value in parts.items()]


def consequence(what: Consequence) -> Words:
    """``罚款 ¥50.00，记 5 分`` · ``a fine of ¥50.00, 5 points``."""
    zh, en = CONSEQUENCE[what.kind]
    if what.kind in MONEY:
        zh, en = f"{zh} {yuan(what.amount)}", f"{en} of {yuan(what.amount)}"
    if what.score:
        zh, en = f"{zh}，记 {what.score} 分", f"{en}, {what.score} points"
    if what.remedial:
        zh, en = f"{zh}，并采取挽回措施", f"{en}, and remedial action"
    return Words(zh, en)


def condition(what: Condition) -> Words:
    """``系统查明的原因含有下列任一项：当时无人承担``."""
    field, test = FIELD.get(what.field, Words(what.field, what.field)), COMPARISON[what.test]
    if what.test in (Comparison.KNOWN, Comparison.UNKNOWN):
        return Words(f"{field.zh}{test.zh}", f"{field.en} {test.en}")
    if what.test is Comparison.IS:
        return _said(what.field, what.value)
    value = _value(what.value)
    return Words(f"{field.zh}{test.zh}{value.zh}", f"{field.en} {test.en} {value.en}")


def _conditions(conditions: Sequence[Condition]) -> Words:
    return _listed([condition(each) for each in conditions], "；", "; ")


def says_in_words(says: Values) -> Words:
    """What a fact or an example says, in the order of the names: it doesn't depend on the dictionary's."""
    return _listed([_said(name, says[name]) for name in sorted(says)], "；", "; ")


def _said(name: str, value: Value) -> Words:
    field, words = FIELD.get(name, Words(name, name)), _value(value)
    return Words(f"{field.zh}：{words.zh}", f"{field.en}: {words.en}")


def _value(value: Value) -> Words:
    match value:
        case None:
            return Words("未知", "unknown")
        case bool():
            return YES if value else NO
        case tuple():
            return _listed([_value(each) for each in value])
        case _:
            return VALUE.get(str(value), Words(str(value), str(value)))


# --- the rest ---------------------------------------------------------------------------------------------------------


def term_lines(terms: PolicyTerms) -> list[Line]:
    """Everything but the rules."""
    lines = [Line(None, TERM[name], value) for name, value in _terms(terms).items()]
    for region in terms.regions:
        of, value = TERM["region"], _region(region, terms)
        lines.append(Line(None, Words(f"{of.zh} {region.region}", f"{of.en} {region.region}"), value))
    return lines


def _terms(terms: PolicyTerms) -> Mapping[str, Words]:
    spans = {name: _span(getattr(terms, name)) for name in ("notice", "statement", "decision", "appeal")}
    more = {name: _span(getattr(terms, name)) for name in ("appeal_decision", "review")}
    return {
        "scope": _listed([Words(region, region) for region in terms.scope]) if terms.scope else EVERYWHERE,
        "mode": MODE[terms.mode],
        **spans,
        **more,
        "cap_percent": _percent(terms.cap_percent),
        "carry_over": YES if terms.carry_over else NO,
        "cumulation": CUMULATION[terms.cumulation],
        **dict(_ladder(terms)),
    }


def _ladder(terms: PolicyTerms) -> Iterator[tuple[str, Words]]:
    for name, number in terms.ladder:
        yield name, Words(str(number), str(number))


def _region(region: RegionTerms, terms: PolicyTerms) -> Words:
    """A cap of its own, or everybody's, which is said so that it can be told apart."""
    mode = MODE[region.mode]
    if region.cap_percent is None:
        everywhere = _percent(terms.cap_percent)
        return Words(f"{mode.zh}，上限同全公司（{everywhere.zh}）", f"{mode.en}, cap as everywhere ({everywhere.en})")
    return Words(f"{mode.zh}，上限 {region.cap_percent}%", f"{mode.en}, cap {region.cap_percent}%")


def _span(span: Span) -> Words:
    unit = UNIT[span.unit]
    return Words(f"{span.amount} {unit.zh}", f"{span.amount} {unit.en}")


def _percent(number: int) -> Words:
    return Words(f"{number}%", f"{number}%")


def _listed(words: Sequence[Words], zh: str = "、", en: str = ", ") -> Words:
    if not words:
        return NOTHING
    return Words(zh.join(each.zh for each in words), en.join(each.en for each in words))
