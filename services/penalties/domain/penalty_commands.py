"""What people, timers and other lifecycles can want of a penalty. The rules are in ``penalty``, ``penalty_appeal`` and
``penalty_review``.

``decider_engineer`` is the caller's own number, where the caller is an engineer as well: nobody judges themselves,
under whatever name (⚖).
"""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field, InstanceOf

from services.penalties.domain.schedule import Schedule
from shared.decider import Command
from shared.events.base import Moment
from shared.events.penalties import (
    AppealOutcome,
    Consequence,
    DropCause,
    Evidence,
    FactKind,
    Mode,
    ReviewOutcome,
    Values,
)
from shared.money import NonNegativeMoney
from shared.text import Name, Sha256, Text

Files = Annotated[tuple[Sha256, ...], Field(max_length=20)]
"""Fingerprints of files that were uploaded before."""


class RaiseSuspicion(Command):
    """A fact breaks a rule that binds the engineer. Only ever wished by what detects it, never by a person."""

    penalty: UUID
    fact: UUID
    kind: FactKind
    engineer: Name
    rule: Name
    clause: Name
    policy_version: int
    consequence: Consequence
    amount: NonNegativeMoney = Decimal("0.00")
    allowance: bool = False
    happened_at: Moment
    read: Values
    evidence: Annotated[tuple[Evidence, ...], Field(min_length=1)]
    involved: tuple[Name, ...] = ()
    visit: UUID | None = None
    work_order: UUID | None = None
    ticket: UUID | None = None
    complaint: UUID | None = None
    claim: UUID | None = None
    schedule: InstanceOf[Schedule]


class Reconsider(Command):
    """What is known by now takes the suspicion back, or has the decision looked at again."""

    evidence: Evidence
    schedule: InstanceOf[Schedule]


class Supplement(Command):
    """More was heard of the fact, which changes nothing of the rule that is broken."""

    evidence: Evidence
    involved: tuple[Name, ...]


class Notice(Command):
    """The engineer is told, and asked for a statement."""

    decider_engineer: Name | None = None
    recorded_at: Moment | None = None
    """The engineer's time runs from then, so that nobody loses any by what is recorded late; None: at once."""
    schedule: InstanceOf[Schedule]


class LapseNotice(Command):
    """The timer says that nobody told the engineer in time."""


class GiveStatement(Command):
    engineer: Name
    """Who states it; a statement is given by the subject."""
    statement: Text
    files: Files = ()
    schedule: InstanceOf[Schedule]


class LapseStatement(Command):
    """The timer says that the time to give a statement is over."""

    schedule: InstanceOf[Schedule]


class Impose(Command):
    reasons: Text
    decider_engineer: Name | None = None
    mode: Mode
    """Whether money is taken in the engineer's region (D8)."""
    region: Name | None = None
    standing: Name | None = None
    """The number of another penalty of the same fact that still stands (D7)."""
    recorded_at: Moment | None = None
    """The engineer's time to appeal runs from then; None: at once."""
    schedule: InstanceOf[Schedule]


class Waive(Command):
    reasons: Text
    decider_engineer: Name | None = None
    schedule: InstanceOf[Schedule]


class LapseDecision(Command):
    """The timer says that nobody decided in time (D6)."""


class LodgeAppeal(Command):
    engineer: Name
    """Who appeals; only the subject can."""
    grounds: Text
    files: Files = ()
    schedule: InstanceOf[Schedule]


class _AppealDecision(Command):
    outcome: AppealOutcome
    amount: NonNegativeMoney | None = None
    """减轻后的金额，元 · CNY: to what it is reduced; of money only."""
    score: int | None = Field(None, ge=0, le=1_000)
    """减轻后的分值 · To how many points it is reduced; where only the score is kept."""
    decider_engineer: Name | None = None


class ProposeAppealDecision(_AppealDecision):
    """The first of two of the panel (D6); it takes the place of what was proposed before."""

    reasons: Text


class ConfirmAppealDecision(_AppealDecision):
    """The second of two of the panel (D6). It says what it confirms, in case that something else is proposed by now."""


class LapseAppealDecision(Command):
    """The timer says that the panel didn't decide in time (D6)."""


class BecomeFinal(Command):
    """The timer says that the time for an appeal is over."""


class Execute(Command):
    """It is on a month's payroll list (D8)."""

    taken: NonNegativeMoney
    dropped_for: DropCause | None = None
    period: str


class DecideReview(Command):
    outcome: ReviewOutcome
    reasons: Text
    decider_engineer: Name | None = None


class LapseReview(Command):
    """The timer says that nobody decided the review in time."""


class Reverse(Command):
    reasons: Text
    decider_engineer: Name | None = None


PenaltyCommand = (
    RaiseSuspicion
    | Reconsider
    | Supplement
    | Notice
    | LapseNotice
    | GiveStatement
    | LapseStatement
    | Impose
    | Waive
    | LapseDecision
    | LodgeAppeal
    | ProposeAppealDecision
    | ConfirmAppealDecision
    | LapseAppealDecision
    | BecomeFinal
    | Execute
    | DecideReview
    | LapseReview
    | Reverse
)
