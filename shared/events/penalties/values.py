"""The words that the events of penalties are made of."""

from enum import StrEnum
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from shared.events.base import Event, Moment


class PenaltiesEvent(Event):
    """A fact of the penalties service. ``engineer`` is an account's code (``E04``), never a person's name."""

    SERVICE: ClassVar[str] = "penalties"


class FactKind(StrEnum):
    """What kind of conduct a fact is about; a rule reads facts of one kind."""

    LATENESS = "lateness"
    """4.5, 4.2.3: not at a customer's at the agreed time."""
    LEAVING = "leaving"
    """4.4: left without telling headquarters."""
    PHONE = "phone"
    """4.6: not to be reached in the duty window."""
    INSTRUCTION = "instruction"
    """4.7: an instruction that was refused, or not answered."""
    FRAUD = "fraud"
    """4.3: a receipt that was forged, bought or used again."""
    EXPENSE_LINE = "expense_line"
    """4.3: a receipt that doesn't match the trip."""
    CONDUCT = "conduct"
    """4.2: a substantiated complaint."""


Value = bool | int | str | tuple[str, ...] | None
"""What a rule can read of a fact: amounts and moments as text, as JSON has them."""

Values = dict[str, Value]
"""By the name of the field."""


class Evidence(BaseModel):
    """An event that says something about a fact, so that anybody can find it and see that it is the same."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event: str
    """事件标识 · Its id, unique in the company: ``dispatch-1742``."""
    topic: str
    """事件类型 · Its stable name: ``dispatch.VisitLate``."""
    sha256: str
    """已发布内容的 SHA-256 · Of its published bytes."""
    occurred_at: Moment
    recorded_at: Moment


class PenaltyStatus(StrEnum):
    """Follows from the events."""

    SUSPECTED = "SUSPECTED"
    WITHDRAWN = "WITHDRAWN"
    """The fact was corrected or excused before anybody decided."""
    NOTICED = "NOTICED"
    STATED = "STATED"
    STATEMENT_LAPSED = "STATEMENT_LAPSED"
    WAIVED = "WAIVED"
    IMPOSED = "IMPOSED"
    APPEALED = "APPEALED"
    APPEAL_DECIDED = "APPEAL_DECIDED"
    """Revoked: nothing is left of it. What was upheld or reduced is final at once, or as soon as an open review is
    decided."""
    FINAL = "FINAL"
    EXECUTED = "EXECUTED"
    REVERSED = "REVERSED"


class PenaltyDeadline(StrEnum):
    """What is waited for in a penalty's life; each has a due time by the policy version of the suspicion."""

    NOTICE = "notice"
    """The notice to the engineer; then it is waived (D6)."""
    STATEMENT = "statement"
    """The engineer's statement (D6)."""
    DECISION = "decision"
    """The decision; then it is waived (D6)."""
    APPEAL = "appeal"
    """An appeal; then it is final."""
    APPEAL_DECISION = "appeal_decision"
    """The panel's decision; then it is revoked (D6)."""
    REVIEW = "review"
    """The review's outcome; then it is reversed."""


class ConsequenceKind(StrEnum):
    """What a rule provides for."""

    FINE = "fine"
    ALLOWANCE_OR_FINE = "allowance_or_fine"
    """D9: on a day of a trip with an allowance that day's allowance, otherwise the fine."""
    DEMERIT = "demerit"
    MAJOR_DEMERIT = "major_demerit"
    DISMISSAL = "dismissal"
    """Proposed only; it needs two signatures."""
    LEGAL_REFERRAL = "legal_referral"
    """Proposed only; it needs two signatures."""
    NOT_REIMBURSED = "not_reimbursed"
    """Done with the claim itself, in dispatch; nothing is suspected."""


class Mode(StrEnum):
    """D8: whether fines are taken from wages."""

    MONEY = "money"
    SCORE_ONLY = "score_only"
    """Only the score is kept: no money is taken."""


class WaiverCause(StrEnum):
    """Why nothing was imposed."""

    DECIDED = "decided"
    NOT_NOTICED = "not_noticed"
    """D6: nobody told the engineer in time."""
    UNDECIDED = "undecided"
    """D6: nobody decided in time."""


class AppealOutcome(StrEnum):
    UPHELD = "upheld"
    """The penalty stands."""
    REDUCED = "reduced"
    REVOKED = "revoked"


class ReviewOutcome(StrEnum):
    STANDS = "stands"
    REVERSED = "reversed"


class DropCause(StrEnum):
    """Why a final amount isn't taken, or not in full (D8)."""

    CAP = "cap"
    FLOOR = "floor"
    CUMULATION = "cumulation"
    """Another penalty of the same visit is higher, and the policy takes only the highest."""


class DemeritKind(StrEnum):
    DEMERIT = "demerit"
    MAJOR_DEMERIT = "major_demerit"


class MeasureKind(StrEnum):
    """What is only ever proposed, and carried by two signatures."""

    DISMISSAL = "dismissal"
    LEGAL_REFERRAL = "legal_referral"


class MeasureStatus(StrEnum):
    """Follows from the events."""

    PROPOSED = "PROPOSED"
    SIGNED = "SIGNED"
    CARRIED = "CARRIED"
    DROPPED = "DROPPED"


class SignsAs(StrEnum):
    """For whom one of the two signatures of a measure speaks; the other is the other's."""

    HR = "hr"
    GENERAL_MANAGER = "general_manager"
