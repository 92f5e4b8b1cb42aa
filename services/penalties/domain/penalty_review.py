"""What becomes known later: a suspicion is withdrawn, a decision is looked at again, a penalty is reversed."""

from collections.abc import Sequence, Set
from datetime import datetime
from decimal import Decimal

from services.penalties.domain import penalty_commands as wish
from services.penalties.domain.penalty_appeal import final_if_settled
from services.penalties.domain.penalty_state import (
    UNDECIDED,
    D,
    Penalty,
    PenaltyEvent,
    evolve,
    in_time,
    known,
    outside,
    permit,
    when_due,
    whose,
)
from shared.decider import Refused
from shared.events import penalties as fact
from shared.events.penalties import ReviewOutcome
from shared.facts import tell


def reconsider(command: wish.Reconsider, penalty: Penalty) -> Sequence[PenaltyEvent]:
    """The fact was corrected or excused: undecided, the suspicion is withdrawn; decided, somebody looks at it again.

    An open review isn't opened again, and an event is reason for one only once.
    """
    if command.evidence.event in penalty.reconsidered or penalty.review:
        return []
    if penalty.status in UNDECIDED:
        dropped = tuple(penalty.clocks)
        return [tell(fact.SuspicionWithdrawn, command, **whose(penalty), dropped=dropped)]
    if not penalty.stands:
        return []
    due = command.schedule.review(command.at)
    return [tell(fact.ReviewOpened, command, **whose(penalty), review_due=due)]


def supplement(command: wish.Supplement, penalty: Penalty) -> Sequence[PenaltyEvent]:
    """⚖ Also whoever got involved later, such as by settling a dispute on the arrival, doesn't decide. What has come to
    its end is left as it is."""
    over = penalty.status not in UNDECIDED and not penalty.stands
    heard = {each.event for each in (*known(penalty).evidence, *penalty.supplements)}
    if over or command.evidence.event in heard:
        return []
    return [tell(fact.SuspicionSupplemented, command, **whose(penalty))]


def decide_review(command: wish.DecideReview, penalty: Penalty) -> Sequence[PenaltyEvent]:
    """⚖ What stands becomes final now, if only the review kept it from that."""
    before = penalty.reviewed
    if before and not penalty.review and before.decided_by == command.by and _says(command, before):
        return []
    permit("decide_review", penalty, command.at)
    can_decide_review(penalty, {command.by, command.decider_engineer} - {None}, command.at)
    return _reviewed(penalty, command.at, command.outcome, command.reasons, command.by)


def _says(command: wish.DecideReview, decided: fact.ReviewDecided) -> bool:
    return (command.outcome, command.reasons) == (decided.outcome, decided.reasons)


def can_decide_review(penalty: Penalty, names: Set[str | None], at: datetime) -> None:
    """⚖ Somebody who hasn't decided on it before."""
    permit("decide_review", penalty)
    if penalty.review is None:
        raise Refused("no_review", "该处罚不在复核中。", "The penalty isn't under review.")
    outside(penalty, names, before=penalty.took_part)
    in_time(penalty, D.REVIEW, at)


def lapse_review(command: wish.LapseReview, penalty: Penalty) -> Sequence[PenaltyEvent]:
    """What nobody looks at in time doesn't stand any longer."""
    if penalty.review is None:
        return []
    due = when_due(penalty, D.REVIEW, command.at)
    return _reviewed(penalty, due, ReviewOutcome.REVERSED, "", command.by, lapsed=True)


def _reviewed(
    penalty: Penalty, at: datetime, outcome: ReviewOutcome, reasons: str, by: str, *, lapsed: bool = False
) -> Sequence[PenaltyEvent]:
    decided = fact.ReviewDecided(
        at=at, **whose(penalty), outcome=outcome, reasons=reasons, lapsed=lapsed, decided_by=by
    )
    after = evolve(penalty, decided)
    if outcome is ReviewOutcome.REVERSED:
        return [decided, _reversed(after, at, reasons, by)]
    return [decided, *final_if_settled(after, at)]


def reverse(command: wish.Reverse, penalty: Penalty) -> Sequence[PenaltyEvent]:
    """⚖ What is final is taken back for a reason that no detector knows of, such as a court's ruling."""
    undone = penalty.reversed
    if undone and (undone.reversed_by, undone.reasons) == (command.by, command.reasons):
        return []
    permit("reverse", penalty, command.at)
    can_reverse(penalty, {command.by, command.decider_engineer} - {None})
    return [_reversed(penalty, command.at, command.reasons, command.by)]


def can_reverse(penalty: Penalty, names: Set[str | None]) -> None:
    permit("reverse", penalty)
    outside(penalty, names, before=penalty.took_part)


def _reversed(penalty: Penalty, at: datetime, reasons: str, by: str) -> fact.PenaltyReversed:
    """What was taken is paid back."""
    raised = known(penalty)
    return fact.PenaltyReversed(
        at=at,
        **whose(penalty),
        number=raised.number,
        rule=raised.rule,
        amount=penalty.amount,
        taken=penalty.executed.taken if penalty.executed else Decimal("0.00"),
        score=penalty.score,
        executed=penalty.executed is not None,
        reasons=reasons,
        reversed_by=by,
        dropped=tuple(penalty.clocks),
    )
