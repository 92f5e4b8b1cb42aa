"""What is known of a penalty, and what each event and each deadline makes of it."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import TypedDict, assert_never
from uuid import UUID

from services.penalties.domain.names.penalty import PENALTY, PENALTY_ACTION, PENALTY_HINT, PENALTY_STATUS
from shared.decider import Arm, Breach, DeadlineChange, Drop, Meet, Refused
from shared.events import penalties as fact
from shared.events.penalties import AppealOutcome, Evidence, PenaltyDeadline, WaiverCause
from shared.events.penalties import PenaltyStatus as S
from shared.refusal import not_now

STREAM = "penalty"

D = PenaltyDeadline

UNDECIDED = frozenset({S.SUSPECTED, S.NOTICED, S.STATED, S.STATEMENT_LAPSED})
_IN_FORCE = frozenset({S.IMPOSED, S.APPEALED, S.APPEAL_DECIDED, S.FINAL, S.EXECUTED})

ALLOWED: Mapping[str, frozenset[S]] = {
    "notice": frozenset({S.SUSPECTED}),
    "give_statement": frozenset({S.NOTICED, S.STATEMENT_LAPSED}),
    "impose": frozenset({S.NOTICED, S.STATED, S.STATEMENT_LAPSED}),
    "waive": frozenset({S.NOTICED, S.STATED, S.STATEMENT_LAPSED}),
    "lodge_appeal": frozenset({S.IMPOSED}),
    "propose_appeal_decision": frozenset({S.APPEALED}),
    "confirm_appeal_decision": frozenset({S.APPEALED}),
    "decide_review": _IN_FORCE,
    "reverse": frozenset({S.FINAL, S.EXECUTED}),
    "execute": frozenset({S.FINAL}),
}
"""In which states the lifecycle lists an action. NOTICED is open to a decision only once the statement is overdue: the
timer may not have said so yet."""

PenaltyEvent = (
    fact.SuspicionRaised
    | fact.SuspicionSupplemented
    | fact.SuspicionWithdrawn
    | fact.PenaltyNoticed
    | fact.StatementGiven
    | fact.StatementLapsed
    | fact.PenaltyImposed
    | fact.PenaltyWaived
    | fact.AppealLodged
    | fact.AppealDecisionProposed
    | fact.AppealDecided
    | fact.PenaltyFinal
    | fact.PenaltyExecuted
    | fact.ReviewOpened
    | fact.ReviewDecided
    | fact.PenaltyReversed
)


@dataclass(frozen=True, slots=True)
class Penalty:
    """What the next decision needs, and what its subject may see."""

    status: S | None = None
    latest: datetime | None = None
    """When the last step happened."""
    clocks: Mapping[PenaltyDeadline, datetime] = field(default_factory=dict)
    """What is waited for, and the first moment at which it is too late."""
    took_part: frozenset[str] = frozenset()
    """⚖ Whoever noticed, decided, or proposed a decision."""
    panel: frozenset[str] = frozenset()
    """Whoever has proposed how to decide the appeal."""
    involved: frozenset[str] = frozenset()
    """⚖ Whoever reported the fact, gave the order or found what happened, as far as is known by now."""
    supplements: tuple[Evidence, ...] = ()
    """What was heard of the fact since it was raised."""
    reconsidered: frozenset[str] = frozenset()
    """The events by which it was already withdrawn or put under review."""
    raised: fact.SuspicionRaised | None = None
    withdrawn: fact.SuspicionWithdrawn | None = None
    noticed: fact.PenaltyNoticed | None = None
    statement: fact.StatementGiven | None = None
    lapsed: bool = False
    """The time to give a statement ran out."""
    imposed: fact.PenaltyImposed | None = None
    waived: fact.PenaltyWaived | None = None
    appeal: fact.AppealLodged | None = None
    proposal: fact.AppealDecisionProposed | None = None
    appeal_decided: fact.AppealDecided | None = None
    final: fact.PenaltyFinal | None = None
    executed: fact.PenaltyExecuted | None = None
    review: fact.ReviewOpened | None = None
    """The review that is open."""
    reviewed: fact.ReviewDecided | None = None
    """The last one that was decided."""
    reversed: fact.PenaltyReversed | None = None

    @property
    def stands(self) -> bool:
        """Somebody has imposed it, and nobody has undone it (D7)."""
        revoked = self.appeal_decided is not None and self.appeal_decided.outcome is AppealOutcome.REVOKED
        return self.status in _IN_FORCE and not revoked

    @property
    def concerned(self) -> frozenset[str]:
        """⚖ Whoever reported it, gave the order or took part: they sign no measure that rests on it."""
        return self.involved | self.took_part

    @property
    def amount(self) -> Decimal:
        """CNY: what was decided last; 0.00 where nothing was, or is undone, or no money is at stake."""
        if self.reversed:
            return Decimal("0.00")
        if self.appeal_decided:
            return self.appeal_decided.amount
        return self.imposed.amount if self.imposed else Decimal("0.00")

    @property
    def score(self) -> int:
        if self.reversed:
            return 0
        if self.appeal_decided:
            return self.appeal_decided.score
        return self.imposed.score if self.imposed else 0

    @property
    def takes_money(self) -> bool:
        """It waits for a month's payroll list; anything else is done as soon as it is final."""
        return self.amount > 0


NEW = Penalty()


def evolve(penalty: Penalty, event: PenaltyEvent) -> Penalty:
    if isinstance(event, fact.SuspicionSupplemented):  # no step: what people did before may be told after it
        return _evolved(penalty, event)
    return replace(
        _evolved(penalty, event),
        latest=max(penalty.latest or event.at, event.at),
        clocks=_after(penalty.clocks, deadlines(event)),
    )


def _evolved(penalty: Penalty, event: PenaltyEvent) -> Penalty:
    part = penalty.took_part
    match event:
        case fact.SuspicionRaised():
            return replace(penalty, status=S.SUSPECTED, raised=event, involved=frozenset(event.involved))
        case fact.SuspicionSupplemented():
            supplements = (*penalty.supplements, event.evidence)
            return replace(penalty, involved=penalty.involved | set(event.involved), supplements=supplements)
        case fact.SuspicionWithdrawn():
            known = penalty.reconsidered | {event.evidence.event}
            return replace(penalty, status=S.WITHDRAWN, withdrawn=event, reconsidered=known)
        case fact.PenaltyNoticed():
            return replace(penalty, status=S.NOTICED, noticed=event, took_part=part | {event.noticed_by})
        case fact.StatementGiven():
            return replace(penalty, status=S.STATED, statement=event)
        case fact.StatementLapsed():
            return replace(penalty, status=S.STATEMENT_LAPSED, lapsed=True)
        case fact.PenaltyImposed():
            return replace(penalty, status=S.IMPOSED, imposed=event, took_part=part | {event.imposed_by})
        case fact.PenaltyWaived():
            return replace(penalty, status=S.WAIVED, waived=event)
        case fact.AppealLodged():
            return replace(penalty, status=S.APPEALED, appeal=event)
        case fact.AppealDecisionProposed():
            by = {event.proposed_by}
            return replace(penalty, proposal=event, took_part=part | by, panel=penalty.panel | by)
        case _:
            return _ended(penalty, event)


def _ended(
    penalty: Penalty,
    event: fact.AppealDecided
    | fact.PenaltyFinal
    | fact.PenaltyExecuted
    | fact.ReviewOpened
    | fact.ReviewDecided
    | fact.PenaltyReversed,
) -> Penalty:
    part = penalty.took_part
    match event:
        case fact.AppealDecided():
            review = penalty.review if D.REVIEW not in event.dropped else None
            decided = replace(penalty, status=S.APPEAL_DECIDED, appeal_decided=event, review=review)
            return replace(decided, took_part=part | set(event.decided_by))
        case fact.PenaltyFinal():
            return replace(penalty, status=S.FINAL, final=event)
        case fact.PenaltyExecuted():
            return replace(penalty, status=S.EXECUTED, executed=event)
        case fact.ReviewOpened():
            return replace(penalty, review=event, reconsidered=penalty.reconsidered | {event.evidence.event})
        case fact.ReviewDecided():
            return replace(penalty, review=None, reviewed=event, took_part=part | {event.decided_by})
        case fact.PenaltyReversed():
            return replace(penalty, status=S.REVERSED, reversed=event, review=None)
        case _:
            assert_never(event)


def deadlines(event: PenaltyEvent) -> Sequence[DeadlineChange]:
    """Each step meets its own deadline and starts the next one's (D6)."""
    match event:
        case fact.SuspicionRaised():
            return [Arm(D.NOTICE, event.notice_due)]
        case fact.PenaltyNoticed():
            return [Meet(D.NOTICE, event.at), Arm(D.STATEMENT, event.statement_due)]
        case fact.StatementGiven() if not event.late:
            return [Meet(D.STATEMENT, event.at), Arm(D.DECISION, event.decision_due)]
        case fact.StatementLapsed():
            return [Breach(D.STATEMENT, event.at), Arm(D.DECISION, event.decision_due)]
        case fact.PenaltyImposed():
            return [Meet(D.DECISION, event.at), Arm(D.APPEAL, event.appeal_due)]
        case fact.PenaltyWaived():
            return [_waiving(event)]
        case fact.AppealLodged():
            return [Meet(D.APPEAL, event.at), Arm(D.APPEAL_DECISION, event.decision_due)]
        case fact.AppealDecided():
            met = Breach(D.APPEAL_DECISION, event.at) if event.lapsed else Meet(D.APPEAL_DECISION, event.at)
            return [met, *map(Drop, event.dropped)]
        case fact.PenaltyFinal() if event.unappealed:
            return [Breach(D.APPEAL, event.at)]
        case fact.ReviewOpened():
            return [Arm(D.REVIEW, event.review_due)]
        case fact.ReviewDecided():
            return [Breach(D.REVIEW, event.at) if event.lapsed else Meet(D.REVIEW, event.at)]
        case fact.SuspicionWithdrawn() | fact.PenaltyReversed():
            return [Drop(name) for name in event.dropped]
        case _:
            return []


def _waiving(event: fact.PenaltyWaived) -> DeadlineChange:
    match event.cause:
        case WaiverCause.NOT_NOTICED:
            return Breach(D.NOTICE, event.at)
        case WaiverCause.UNDECIDED:
            return Breach(D.DECISION, event.at)
        case WaiverCause.DECIDED:
            return Meet(D.DECISION, event.at)
        case _:
            assert_never(event.cause)


def _after(
    clocks: Mapping[PenaltyDeadline, datetime], changes: Sequence[DeadlineChange]
) -> Mapping[PenaltyDeadline, datetime]:
    left = dict(clocks)
    for change in changes:
        name = PenaltyDeadline(change.name)
        if isinstance(change, Arm):
            left[name] = change.due
        else:
            left.pop(name, None)
    return left


# --- what every decision asks first -----------------------------------------------------------------------------------


def known(penalty: Penalty) -> fact.SuspicionRaised:
    """How it began. Raises ``Refused`` where there is none."""
    if penalty.raised is None:
        raise Refused("penalty_unknown", "没有这项处罚。", "There is no such penalty.")
    return penalty.raised


def permit(action: str, penalty: Penalty, at: datetime | None = None) -> None:
    """Whether the lifecycle lists ``action`` now. Raises ``Refused``."""
    known(penalty)
    status = penalty.status
    if status and status not in ALLOWED[action]:
        words = PENALTY_STATUS[status], PENALTY_HINT[status]
        raise not_now("penalty", PENALTY, PENALTY_ACTION[action], status, *words)
    if at and penalty.latest and at < penalty.latest:
        raise Refused(
            "before_last_step",
            "时间早于上一步；请核对发生时间。",
            "That would be before the last step: check when it happened.",
        )


def in_time(penalty: Penalty, deadline: PenaltyDeadline, at: datetime) -> None:
    """What is due is not too late; the timer may not have said so yet. Raises ``Refused``."""
    due = penalty.clocks.get(deadline)
    if due is not None and at >= due:
        raise too_late(deadline)


def too_late(deadline: PenaltyDeadline) -> Refused:
    zh, en = _TOO_LATE[deadline]
    return Refused(f"{deadline}_too_late", zh, en)


_TOO_LATE = {
    D.NOTICE: ("告知期限已过，不予处罚。", "It is too late to tell the engineer: the suspicion is waived."),
    D.STATEMENT: ("陈述期限已过。", "The time for the statement is over."),
    D.DECISION: ("决定期限已过，不予处罚（D6）。", "It is too late to decide: the penalty is waived (D6)."),
    D.APPEAL: ("申诉期限已过，处罚已生效。", "It is too late to appeal: the penalty is final."),
    D.APPEAL_DECISION: (
        "裁定期限已过，处罚撤销（D6）。",
        "It is too late to decide on the appeal: the penalty is revoked (D6).",
    ),
    D.REVIEW: ("复核期限已过，处罚撤销。", "It is too late to decide the review: the penalty is reversed."),
}


def outside(penalty: Penalty, names: Set[str | None], *, before: Set[str] = frozenset()) -> None:
    """⚖ Whoever decides is not the subject, hasn't reported it or given the order, nor taken part ``before`` (D6).
    ``names``: all the names that they go by. Raises ``Refused``."""
    raised = known(penalty)
    if raised.engineer in names:
        raise Refused("decider_is_subject", "本人不能决定自己的事。", "Nobody decides in their own case.")
    if names & penalty.involved:
        raise Refused(
            "decider_involved",
            "报告此事的人、该单的派工人不能作决定（D6）。",
            "Whoever reported it or gave the order can't decide (D6).",
        )
    if names & before:
        raise Refused(
            "decider_took_part",
            "已参与此案的人不能再作决定（D6）。",
            "Whoever has taken part in it already can't decide (D6).",
        )


def only_subject(penalty: Penalty, engineer: str | None) -> None:
    """A statement and an appeal are the engineer's own. Raises ``Refused``."""
    if engineer != known(penalty).engineer:
        raise Refused("not_the_subject", "只有本人可以陈述或申诉。", "Only the engineer concerned states or appeals.")


class Whose(TypedDict):
    """What nearly every event says first."""

    penalty: UUID
    engineer: str


def whose(penalty: Penalty) -> Whose:
    """Raises ``Refused`` where there is no such penalty."""
    raised = known(penalty)
    return {"penalty": raised.penalty, "engineer": raised.engineer}


def when_due(penalty: Penalty, deadline: PenaltyDeadline, at: datetime) -> datetime:
    """What lapses happens at its due time, not when somebody looks. Raises ``Refused`` before it."""
    due = penalty.clocks[deadline]
    if at < due:
        raise Refused(f"{deadline}_not_due", "期限未到。", "There is still time.")
    return due
