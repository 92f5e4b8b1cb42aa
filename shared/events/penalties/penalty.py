"""A penalty: from the suspicion to its execution, or to nothing. Detectors propose, people decide (D6)."""

from decimal import Decimal
from uuid import UUID

from pydantic import Field

from shared.events.base import Moment
from shared.events.penalties.policy import Consequence
from shared.events.penalties.values import (
    AppealOutcome,
    DropCause,
    Evidence,
    FactKind,
    Mode,
    PenaltiesEvent,
    PenaltyDeadline,
    ReviewOutcome,
    Values,
    WaiverCause,
)


class SuspicionRaised(PenaltiesEvent):
    """疑似违规 · A fact seems to break a rule. With all that a decision needs. No verdict."""

    penalty: UUID
    number: str
    """供人使用的编号 · For people: ``CF-20261003-7F3KQ2``."""
    fact: UUID
    kind: FactKind
    engineer: str
    rule: str
    clause: str
    policy_version: int
    """事实发生时对此人有效的制度版本 · The version that bound the engineer when it happened."""
    consequence: Consequence
    """该版本规定的后果 · What that version provides for."""
    amount: Decimal
    """元；按 D9 为当日补贴或罚款 · CNY; by D9 that day's allowance or the fine; 0.00 where no money is at stake."""
    allowance: bool
    """该金额为当日电话费补贴（D9） · The amount is that day's phone allowance (D9)."""
    happened_at: Moment
    read: Values
    """规则所读取的内容 · What the rule has read."""
    evidence: tuple[Evidence, ...] = Field(min_length=1)
    involved: tuple[str, ...]
    """报告人、派工人等，不得作决定（⚖） · Whoever reported it or gave the order: they don't decide (⚖)."""
    visit: UUID | None
    work_order: UUID | None
    ticket: UUID | None
    complaint: UUID | None
    claim: UUID | None
    notice_due: Moment


class SuspicionSupplemented(PenaltiesEvent):
    """补充证据 · More was heard of the fact, and the same rule is broken. Nobody who is involved by now decides (⚖)."""

    penalty: UUID
    engineer: str
    evidence: Evidence
    involved: tuple[str, ...]
    """截至此时的报告人、派工人等 · By now, whoever reported it or gave the order."""


class SuspicionWithdrawn(PenaltiesEvent):
    """疑似违规撤回 · What became known later takes it back, before anybody has decided."""

    penalty: UUID
    engineer: str
    evidence: Evidence
    """由此得知 · By what this became known."""
    dropped: tuple[PenaltyDeadline, ...]
    """不再计的时限 · Deadlines that are no longer owed."""


class PenaltyNoticed(PenaltiesEvent):
    """告知本人 · The engineer is told of the suspicion, and asked for a statement."""

    penalty: UUID
    engineer: str
    statement_due: Moment
    noticed_by: str


class StatementGiven(PenaltiesEvent):
    """本人陈述 · What the engineer says of it (D6)."""

    penalty: UUID
    engineer: str
    statement: str
    files: tuple[str, ...]
    """所附文件的 SHA-256 · SHA-256 of the files."""
    late: bool
    decision_due: Moment


class StatementLapsed(PenaltiesEvent):
    """逾期未陈述 · The engineer was told and said nothing in time. ``at`` is the due time."""

    penalty: UUID
    engineer: str
    decision_due: Moment


class PenaltyImposed(PenaltiesEvent):
    """处罚决定 ⚖ · What the policy provides for is imposed; it isn't final yet."""

    penalty: UUID
    number: str
    engineer: str
    rule: str
    clause: str
    consequence: Consequence
    mode: Mode
    region: str | None
    """此人所属地区，决定是否扣款（D8） · The engineer's, which decides whether money is taken (D8)."""
    amount: Decimal
    """元；仅记分时为 0.00 · CNY; 0.00 where only the score is kept."""
    allowance: bool
    score: int
    happened_at: Moment
    reasons: str
    appeal_due: Moment
    imposed_by: str


class PenaltyWaived(PenaltiesEvent):
    """不予处罚 · Nothing is imposed: somebody decided so ⚖, or a time ran out (D6)."""

    penalty: UUID
    engineer: str
    cause: WaiverCause
    reasons: str
    waived_by: str


class AppealLodged(PenaltiesEvent):
    """申诉 · The engineer doesn't accept the decision."""

    penalty: UUID
    engineer: str
    grounds: str
    files: tuple[str, ...]
    """所附文件的 SHA-256 · SHA-256 of the files."""
    decision_due: Moment


class AppealDecisionProposed(PenaltiesEvent):
    """申诉裁定意见 · One of the panel proposes how to decide; another confirms it (D6)."""

    penalty: UUID
    outcome: AppealOutcome
    amount: Decimal
    score: int
    reasons: str
    proposed_by: str


class AppealDecided(PenaltiesEvent):
    """申诉裁定 ⚖ · By two of the panel, none of whom took part before; revoked where they don't decide in time (D6)."""

    penalty: UUID
    engineer: str
    outcome: AppealOutcome
    was: Decimal
    amount: Decimal
    """元，裁定后的金额 · CNY: what it is from now on."""
    score: int
    reasons: str
    lapsed: bool
    """逾期未裁定 · They didn't decide in time."""
    decided_by: tuple[str, ...]
    dropped: tuple[PenaltyDeadline, ...]
    """不再计的时限 · Deadlines that are no longer owed."""


class PenaltyFinal(PenaltiesEvent):
    """处罚生效 · The time for an appeal is over, or the appeal is decided."""

    penalty: UUID
    number: str
    engineer: str
    rule: str
    consequence: Consequence
    amount: Decimal
    allowance: bool
    score: int
    visit: UUID | None
    happened_at: Moment
    unappealed: bool
    """申诉期满未申诉 · Nobody appealed in time."""


class PenaltyExecuted(PenaltiesEvent):
    """处罚执行 · The demerit or the score stands in the record, or the amount is on a month's payroll list."""

    penalty: UUID
    number: str
    engineer: str
    rule: str
    amount: Decimal
    """元，应扣 · CNY, as it was final."""
    taken: Decimal
    """元，实扣（D8） · CNY: what is taken (D8)."""
    dropped_for: DropCause | None
    """其余不扣的原因 · Why the rest isn't."""
    score: int
    period: str | None
    """列入哪个月的工资清单 · The month whose payroll list it is on: ``2026-10``."""


class ReviewOpened(PenaltiesEvent):
    """复核 · The fact was corrected or excused after the decision: somebody looks at it again."""

    penalty: UUID
    engineer: str
    evidence: Evidence
    """由此得知 · By what this became known."""
    review_due: Moment


class ReviewDecided(PenaltiesEvent):
    """复核结论 ⚖ · Whether the penalty stands; ``PenaltyReversed`` follows where it doesn't."""

    penalty: UUID
    engineer: str
    outcome: ReviewOutcome
    reasons: str
    lapsed: bool
    """逾期未复核，撤销 · Nobody decided in time, so it is reversed."""
    decided_by: str


class PenaltyReversed(PenaltiesEvent):
    """处罚撤销 · A contra entry, never a deletion."""

    penalty: UUID
    number: str
    engineer: str
    rule: str
    amount: Decimal
    """元，撤销的处罚金额 · CNY: what it was."""
    taken: Decimal
    """元，已扣而应退还 · CNY: what had been taken and is paid back."""
    score: int
    executed: bool
    reasons: str
    reversed_by: str
    dropped: tuple[PenaltyDeadline, ...]
    """不再计的时限 · Deadlines that are no longer owed."""
