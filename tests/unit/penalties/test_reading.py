"""A version in plain words, and what one changes of another."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.penalties.domain.fields import FIELDS
from services.penalties.domain.first_policy import VERSION_1
from services.penalties.domain.names.policy import COMPARISON, CONSEQUENCE, FACT_KIND, FIELD, TERM
from services.penalties.domain.reading import Change, consequence, difference, rule_lines, term_lines
from services.penalties.wording import in_words
from shared.decider import Words
from shared.events import penalties as fact
from shared.events.penalties import (
    Comparison,
    ConsequenceKind,
    Cumulation,
    FactKind,
    Ladder,
    Mode,
    PolicyTerms,
    RegionTerms,
    Span,
    SpanUnit,
)
from tests.unit.penalties.policies import HR, adopted, at, condition, fined, rule_of


def with_rule(code: str, **facts: Any) -> PolicyTerms:
    rules = [rule.model_copy(update=facts) if rule.code == code else rule for rule in VERSION_1.rules]
    return VERSION_1.model_copy(update={"rules": tuple(rules)})


def test_everything_has_a_name() -> None:
    assert set(FIELD) == {name for fields in FIELDS.values() for name in fields}
    assert (set(FACT_KIND), set(COMPARISON)) == (set(FactKind), set(Comparison))
    assert set(CONSEQUENCE) == set(ConsequenceKind)


def test_a_rule_is_told_as_an_engineer_reads_it() -> None:
    lines = {line.parameter: line.value for line in rule_lines(rule_of("4.5"))}
    assert lines[TERM["when"]].zh == "晚于约定时间与宽限：是"
    assert lines[TERM["unless"]].zh == "系统查明的原因含有下列任一项：当时无人承担、无指令送达记录"
    assert lines[TERM["consequence"]] == Words("罚款 ¥50.00，记 5 分", "a fine of ¥50.00, 5 points")
    assert consequence(rule_of("4.2.1").consequence).zh == "记大过一次，并采取挽回措施"


def test_the_terms_are_told_with_their_units() -> None:
    told = {line.parameter.zh: line.value.zh for line in term_lines(VERSION_1)}
    assert told["本人陈述期限"] == "24 小时"
    assert told["决定期限，逾期不罚"] == "5 个工作日"
    assert (told["适用地区"], told["每月扣款上限（占当月工资）"]) == ("全公司", "20%")


def test_a_difference_names_rule_parameter_before_and_after() -> None:
    assert difference(VERSION_1, VERSION_1) == []
    assert difference(VERSION_1, fined("4.5", "80.00")) == [
        Change(
            "4.5",
            TERM["consequence"],
            Words("罚款 ¥50.00，记 5 分", "a fine of ¥50.00, 5 points"),
            Words("罚款 ¥80.00，记 5 分", "a fine of ¥80.00, 5 points"),
        )
    ]


def test_a_rule_that_comes_or_goes_is_told_by_its_text() -> None:
    fewer = VERSION_1.model_copy(update={"rules": VERSION_1.rules[1:]})
    (gone,) = difference(VERSION_1, fewer)
    (come,) = difference(fewer, VERSION_1)
    assert (gone.rule, gone.parameter, gone.after.zh) == ("4.2.1", TERM["rule"], "无")
    assert (come.before, come.after) == (gone.after, gone.before)


CHANGES: list[dict[str, Any]] = [
    {"scope": ("华北",)},
    {"mode": Mode.SCORE_ONLY},
    {"regions": (RegionTerms(region="华南", mode=Mode.SCORE_ONLY),)},
    {"regions": (RegionTerms(region="华南", mode=Mode.MONEY, cap_percent=10),)},
    *({name: Span(amount=3, unit=SpanUnit.WORKDAYS)} for name in ("notice", "statement", "decision", "appeal")),
    *({name: Span(amount=24, unit=SpanUnit.WORKDAYS)} for name in ("statement", "appeal_decision", "review")),
    {"cap_percent": 10},
    {"carry_over": True},
    {"cumulation": Cumulation.HIGHEST_OF_VISIT},
    *({"ladder": Ladder(**{name: 5})} for name in Ladder.model_fields),
    {"rules": (*VERSION_1.rules[1:], VERSION_1.rules[0])},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_no_parameter_changes_unseen(change: dict[str, Any]) -> None:
    found = difference(VERSION_1, VERSION_1.model_copy(update=change))
    assert len(found) == 1
    assert found[0].rule is None
    assert found[0].before != found[0].after


def test_the_changes_above_are_of_every_parameter() -> None:
    assert {name for change in CHANGES for name in change} == set(PolicyTerms.model_fields)


RULE_CHANGES: list[dict[str, Any]] = [
    {"clause": "4.5b"},
    {"text_zh": "不得迟到。"},
    {"text_en": "Don't be late."},
    {"on": FactKind.LEAVING},
    {"when": (condition("late"), condition("arrived"))},
    {"unless": ()},
    {"consequence": rule_of("4.5").consequence.model_copy(update={"score": 7})},
    {"consequence": rule_of("4.5").consequence.model_copy(update={"amount": Decimal("50.01")})},
    {"consequence": rule_of("4.5").consequence.model_copy(update={"remedial": True})},
    {"consequence": rule_of("4.5").consequence.model_copy(update={"kind": ConsequenceKind.ALLOWANCE_OR_FINE})},
    {"must_match": {"late": True}},
    {"must_not_match": {"late": None}},
]


@pytest.mark.parametrize("change", RULE_CHANGES, ids=lambda change: next(iter(change)))
def test_nothing_of_a_rule_changes_unseen(change: dict[str, Any]) -> None:
    (found,) = difference(VERSION_1, with_rule("4.5", **change))
    assert found.rule == "4.5"
    assert found.before != found.after


def test_the_changes_above_are_of_everything_in_a_rule() -> None:
    assert {name for change in RULE_CHANGES for name in change} == set(fact.Rule.model_fields) - {"code"}


def test_every_event_of_the_policy_is_told() -> None:
    drafted = fact.PolicyDrafted(
        at=at(1),
        policy=adopted().policy,
        version=2,
        based_on=1,
        terms=VERSION_1,
        reason="试行",
        drafted_by=HR,
    )
    dates = fact.CalendarDatesRecorded(
        at=at(1),
        policy=adopted().policy,
        holidays=(date(2027, 1, 1),),
        workdays=(),
        complete_years=(2027,),
        recorded_by=HR,
    )
    dropped = fact.PolicyDraftDropped(at=at(1), policy=adopted().policy, version=2, reason="不用", dropped_by=HR)
    read = fact.PolicyAcknowledged(at=at(1), engineer="E04", version=1)
    known = fact.SubjectRecorded(at=at(1), engineer="E04", region="华北", active=True, position=9)
    told = [in_words(event).zh for event in (drafted, dates, dropped, read, known, adopted())]
    assert told == [
        "起草处罚制度第 2 版（以第 1 版为依据）：试行",
        "登记节假日与调休：放假 2027-01-01；2027 年已完整。",
        "处罚制度第 2 版草案作废：不用",
        "E04 确认已阅处罚制度第 1 版。",
        "登记服务人员 E04：地区 华北。",
        "通过处罚制度第 1 版，自 2026-10-02 09:00 起对已确认者有效；程序：职工代表大会讨论通过并公示",
    ]
