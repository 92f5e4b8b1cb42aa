"""The penalty policy (制度): rules as data, in versions that are adopted and acknowledged before they bind anyone."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.events.base import Moment
from shared.events.penalties.values import ConsequenceKind, FactKind, Mode, PenaltiesEvent, Value, Values
from shared.money import NonNegativeMoney
from shared.text import Name, Text


class Comparison(StrEnum):
    """How a condition reads a field."""

    IS = "is"
    IS_NOT = "is_not"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    ONE_OF = "one_of"
    NONE_OF = "none_of"
    HAS_ANY = "has_any"
    """A list holds at least one of these."""
    HAS_NONE = "has_none"
    """A list holds none of these."""
    KNOWN = "known"
    UNKNOWN = "unknown"


class Condition(BaseModel):
    """One field of a fact, tested against a value. Declarative: nothing is evaluated as code."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: Name
    test: Comparison
    value: Value = None


class Consequence(BaseModel):
    """What follows from a breach of a rule."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ConsequenceKind
    amount: NonNegativeMoney = Decimal("0.00")
    """罚款金额，元；无罚款为 0 · The fine, CNY; 0.00 where there is none."""
    score: int = Field(0, ge=0, le=1_000)
    """仅记分时的分值（D8） · Points, where no money may be taken (D8)."""
    remedial: bool = False
    """是否须有挽回措施（4.2） · Whether remedial action is owed as well (4.2)."""


class Rule(BaseModel):
    """A rule of the policy: what it reads, when it is broken, what follows. Of the rules that read a fact the first
    that is broken counts, so a fact has one consequence at most (D7)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Name
    """规则代号，制度内唯一 · Unique in the policy: ``4.5``."""
    clause: Name
    """所依据的条款 · The clause that it is made of: ``4.5``."""
    text_zh: Text
    text_en: Text
    """告知员工的规则原文 · As it is told to those whom it binds."""
    on: FactKind
    when: tuple[Condition, ...] = Field(min_length=1)
    """须全部成立 · All of them hold."""
    unless: tuple[Condition, ...] = ()
    """有一项成立即不适用 · None of them may hold."""
    consequence: Consequence
    must_match: Values
    """必须适用的示例 · An example that has to match."""
    must_not_match: Values
    """必须不适用的示例 · An example that must not."""


class SpanUnit(StrEnum):
    HOURS = "hours"
    """Elapsed, whatever the clock on the wall says."""
    WORKDAYS = "workdays"
    """Of China's calendar, counted from the day after; it ends with the last one."""


class Span(BaseModel):
    """How long something may take."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: int = Field(ge=1, le=720)
    unit: SpanUnit


class RegionTerms(BaseModel):
    """What differs in a region (D8)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    region: Name
    mode: Mode
    cap_percent: int | None = Field(None, ge=0, le=100)
    """空：同全公司 · None: as everywhere."""


class Cumulation(StrEnum):
    """What happens when one visit leads to several fines."""

    EACH = "each"
    HIGHEST_OF_VISIT = "highest_of_visit"


class Ladder(BaseModel):
    """From demerits to a proposed dismissal; each counts until it expires."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    demerits_for_major: int = Field(3, ge=1, le=100)
    majors_for_dismissal: int = Field(2, ge=1, le=100)
    demerit_months: int = Field(12, ge=1, le=120)
    major_months: int = Field(24, ge=1, le=120)


class PolicyTerms(BaseModel):
    """The whole content of a version."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: tuple[Rule, ...]
    scope: tuple[Name, ...] = ()
    """适用地区；空为全公司 · The regions in which it holds; empty: everywhere."""
    mode: Mode = Mode.MONEY
    regions: tuple[RegionTerms, ...] = ()
    notice: Span = Span(amount=5, unit=SpanUnit.WORKDAYS)
    """从疑似到告知 · From the suspicion to the notice; then it is waived (D6)."""
    statement: Span = Span(amount=24, unit=SpanUnit.HOURS)
    """本人陈述的期限（D6） · For the engineer's statement (D6)."""
    decision: Span = Span(amount=5, unit=SpanUnit.WORKDAYS)
    """从陈述或逾期到决定，逾期视为不罚（D6） ·
    From the statement, or its lapse, to the decision; then it is waived (D6)."""
    appeal: Span = Span(amount=5, unit=SpanUnit.WORKDAYS)
    """从决定到申诉 · From the decision, for the appeal."""
    appeal_decision: Span = Span(amount=10, unit=SpanUnit.WORKDAYS)
    """申诉须在此期限内裁定，逾期撤销 · For the panel; then it is revoked."""
    review: Span = Span(amount=5, unit=SpanUnit.WORKDAYS)
    """复核期限，逾期撤销 · For a review; then it is reversed."""
    cap_percent: int = Field(20, ge=0, le=100)
    """每月扣款上限，占当月工资的百分比（D8） · Of the month's wage at most so much is taken (D8)."""
    carry_over: bool = False
    """超出上限的部分是否转入下月 · Whether what is over the cap is taken in a later month; otherwise it is dropped."""
    cumulation: Cumulation = Cumulation.EACH
    ladder: Ladder = Ladder()


class PolicyDrafted(PenaltiesEvent):
    """制度起草 · A version is proposed, or its draft changed; it binds nobody."""

    policy: UUID
    version: int = Field(ge=1)
    based_on: int | None
    """所依据的版本 · The version that it was made from."""
    terms: PolicyTerms
    reason: str
    drafted_by: str


class PolicyDraftDropped(PenaltiesEvent):
    """草案作废 · A draft will not be adopted."""

    policy: UUID
    version: int
    reason: str
    dropped_by: str


class PolicyAdopted(PenaltiesEvent):
    """制度通过 · A version was adopted ⚖, by a procedure that is named; it holds from ``valid_from`` for everybody who
    has acknowledged it."""

    policy: UUID
    version: int = Field(ge=1)
    valid_from: Moment
    terms: PolicyTerms
    procedure: str
    """通过的程序，如职工代表大会讨论 · How it was adopted, such as by the employees' congress."""
    document: str | None
    """所附文件的 SHA-256 · SHA-256 of the document."""
    drafted_by: str
    adopted_by: str


class PolicyAcknowledged(PenaltiesEvent):
    """制度已阅 · An engineer has read a version; from then on it binds them."""

    engineer: str
    version: int


class CalendarDatesRecorded(PenaltiesEvent):
    """节假日与调休登记 · Public holidays and make-up workdays of years that the calendar didn't know yet."""

    policy: UUID
    holidays: tuple[date, ...]
    workdays: tuple[date, ...]
    complete_years: tuple[int, ...]
    """这些年份已完整 · These years are fully known thereby."""
    recorded_by: str
