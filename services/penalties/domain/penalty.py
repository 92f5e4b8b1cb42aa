"""A penalty: ``SUSPECTED → NOTICED → {STATED | STATEMENT_LAPSED} → {WAIVED | IMPOSED}⚖ → {APPEALED → APPEAL_DECIDED
(upheld | reduced | revoked)⚖} → FINAL → EXECUTED``; ``EXECUTED → REVERSED`` (a contra entry, never a deletion).

Detectors propose, people decide (D6): whoever decides is not the subject, hasn't reported it, nor given the order, nor
taken part before; undecided in time: waived, or undone. What becomes known later withdraws a suspicion, and opens a
review of what was decided. While a review is open, nothing becomes final and nothing is taken.
"""

from collections.abc import Callable, Sequence, Set
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import assert_never

from services.penalties.domain import penalty_commands as wish
from services.penalties.domain.identity import penalty_number
from services.penalties.domain.penalty_appeal import (
    become_final,
    can_appeal,
    can_confirm,
    can_propose,
    confirm,
    execute,
    lapse_appeal_decision,
    lodge_appeal,
    propose,
)
from services.penalties.domain.penalty_review import (
    can_decide_review,
    can_reverse,
    decide_review,
    lapse_review,
    reconsider,
    reverse,
    supplement,
)
from services.penalties.domain.penalty_state import (
    NEW,
    STREAM,
    D,
    Penalty,
    PenaltyEvent,
    deadlines,
    evolve,
    in_time,
    known,
    only_subject,
    outside,
    permit,
    too_late,
    when_due,
    whose,
)
from services.penalties.domain.schedule import Schedule
from shared.decider import Refused, Words
from shared.events import penalties as fact
from shared.events.penalties import Mode, WaiverCause
from shared.events.penalties import PenaltyStatus as S
from shared.facts import repeats, same, tell
from shared.refusal import why_not

__all__ = ["NEW", "STREAM", "available", "deadlines", "decide", "evolve", "known"]


def decide(command: wish.PenaltyCommand, penalty: Penalty) -> Sequence[PenaltyEvent]:
    """The events that ``command`` causes; none when it says again what has happened. Raises ``Refused``."""
    if isinstance(command, wish.RaiseSuspicion):
        return _raise(command, penalty)
    known(penalty)
    match command:
        case wish.Notice():
            return _notice(command, penalty)
        case wish.LapseNotice():
            return _lapse_notice(command, penalty)
        case wish.GiveStatement():
            return _give_statement(command, penalty)
        case wish.LapseStatement():
            return _lapse_statement(command, penalty)
        case wish.Impose():
            return _impose(command, penalty)
        case wish.Waive():
            return _waive(command, penalty)
        case wish.LapseDecision():
            return _lapse_decision(command, penalty)
        case _:
            return _decide_after(command, penalty)


def _decide_after(
    command: wish.LodgeAppeal
    | wish.ProposeAppealDecision
    | wish.ConfirmAppealDecision
    | wish.LapseAppealDecision
    | wish.BecomeFinal
    | wish.Execute
    | wish.Reconsider
    | wish.Supplement
    | wish.DecideReview
    | wish.LapseReview
    | wish.Reverse,
    penalty: Penalty,
) -> Sequence[PenaltyEvent]:
    match command:
        case wish.LodgeAppeal():
            return lodge_appeal(command, penalty)
        case wish.ProposeAppealDecision():
            return propose(command, penalty)
        case wish.ConfirmAppealDecision():
            return confirm(command, penalty)
        case wish.LapseAppealDecision():
            return lapse_appeal_decision(command, penalty)
        case wish.BecomeFinal():
            return become_final(command, penalty)
        case wish.Execute():
            return execute(command, penalty)
        case wish.Reconsider():
            return reconsider(command, penalty)
        case wish.Supplement():
            return supplement(command, penalty)
        case wish.DecideReview():
            return decide_review(command, penalty)
        case wish.LapseReview():
            return lapse_review(command, penalty)
        case wish.Reverse():
            return reverse(command, penalty)
        case _:
            assert_never(command)


def available(
    penalty: Penalty,
    by: str,
    engineer: str | None,
    at: datetime,
    schedule: Schedule,
    standing: str | None = None,
) -> dict[str, Words | None]:
    """For every action None where it is open to ``by`` at the moment ``at``, otherwise why not.

    ``engineer``: the caller's own number, if they are one; ``standing``: the number of another penalty of the same fact
    that stands.
    """
    names = {by, engineer} - {None}
    guards: dict[str, Callable[[], None]] = {
        "notice": partial(_can_notice, penalty, names, at),
        "give_statement": partial(_can_state, penalty, engineer, at, schedule),
        "impose": partial(_can_impose, penalty, names, at, schedule, standing),
        "waive": partial(_can_decide, "waive", penalty, names, at, schedule),
        "lodge_appeal": partial(can_appeal, penalty, engineer, at),
        "propose_appeal_decision": partial(can_propose, penalty, names, at),
        "confirm_appeal_decision": partial(can_confirm, penalty, names, at),
        "decide_review": partial(can_decide_review, penalty, names, at),
        "reverse": partial(can_reverse, penalty, names),
    }
    return {action: why_not(guard) for action, guard in guards.items()}


# --- the suspicion and the notice -------------------------------------------------------------------------------------


def _raise(command: wish.RaiseSuspicion, penalty: Penalty) -> Sequence[PenaltyEvent]:
    event = tell(
        fact.SuspicionRaised,
        command,
        number=penalty_number(command.penalty, command.at),
        notice_due=command.schedule.notice(command.at),
    )
    raised = penalty.raised
    if raised is None:
        return [event]
    if same(event.model_copy(update={"number": raised.number, "notice_due": raised.notice_due}), raised):
        return []
    raise Refused("penalty_exists", "该处罚已存在。", "There is such a penalty already.")


def _notice(command: wish.Notice, penalty: Penalty) -> Sequence[PenaltyEvent]:
    if penalty.noticed and penalty.noticed.noticed_by == command.by:
        return []
    permit("notice", penalty, command.at)
    _can_notice(penalty, {command.by, command.decider_engineer} - {None}, command.at)
    due = command.schedule.statement(command.recorded_at or command.at)
    return [tell(fact.PenaltyNoticed, command, **whose(penalty), statement_due=due, noticed_by=command.by)]


def _can_notice(penalty: Penalty, names: Set[str | None], at: datetime) -> None:
    """Whoever reported it may tell the engineer; but then others decide."""
    permit("notice", penalty)
    if known(penalty).engineer in names:
        raise Refused("decider_is_subject", "本人不能告知自己。", "Nobody notices themselves.")
    in_time(penalty, D.NOTICE, at)


def _lapse_notice(command: wish.LapseNotice, penalty: Penalty) -> Sequence[PenaltyEvent]:
    """D6: what nobody tells the engineer in time comes to nothing."""
    if penalty.status is not S.SUSPECTED:
        return []
    return [_waived(penalty, when_due(penalty, D.NOTICE, command.at), WaiverCause.NOT_NOTICED, command.by)]


# --- the statement ----------------------------------------------------------------------------------------------------


def _give_statement(command: wish.GiveStatement, penalty: Penalty) -> Sequence[PenaltyEvent]:
    """D6. Given in time it starts the clock of the decision; a late one is still heard, while nothing is decided."""
    if repeats(command, penalty.statement):
        return []
    _can_state(penalty, command.engineer, command.at, command.schedule)
    noticed = penalty.noticed
    assert noticed, "what can be stated on was noticed"
    if command.at < noticed.at:
        raise Refused("before_notice", "时间早于告知。", "That was before the notice.")
    lapse = _lapse_before(command.at, penalty, command.schedule)
    late = bool(penalty.lapsed or lapse)
    running = lapse[0].decision_due if lapse else penalty.clocks.get(D.DECISION)
    due = running if late and running else command.schedule.decision(command.at)
    return [*lapse, tell(fact.StatementGiven, command, penalty=known(penalty).penalty, late=late, decision_due=due)]


def _can_state(penalty: Penalty, engineer: str | None, at: datetime, schedule: Schedule) -> None:
    permit("give_statement", penalty)
    only_subject(penalty, engineer)
    _decidable(penalty, at, schedule)


def _lapse_statement(command: wish.LapseStatement, penalty: Penalty) -> Sequence[PenaltyEvent]:
    if penalty.status is not S.NOTICED:
        return []
    when_due(penalty, D.STATEMENT, command.at)
    return _lapse_before(command.at, penalty, command.schedule)


def _lapse_before(at: datetime, penalty: Penalty, schedule: Schedule) -> Sequence[fact.StatementLapsed]:
    """The lapse that the timer hadn't recorded yet."""
    noticed = penalty.noticed
    if noticed is None or penalty.status is not S.NOTICED or at < noticed.statement_due:
        return []
    due = schedule.decision(noticed.statement_due)
    return [fact.StatementLapsed(at=noticed.statement_due, decision_due=due, **whose(penalty))]


def _decidable(penalty: Penalty, at: datetime, schedule: Schedule) -> None:
    """The time for the decision isn't over; it may run without any timer having said so. Raises ``Refused``."""
    lapse = _lapse_before(at, penalty, schedule)
    if lapse and at >= lapse[0].decision_due:
        raise too_late(D.DECISION)
    in_time(penalty, D.DECISION, at)


# --- the decision -----------------------------------------------------------------------------------------------------


def _impose(command: wish.Impose, penalty: Penalty) -> Sequence[PenaltyEvent]:
    """What the version that bound the engineer provides for; money only where their region allows it (D8)."""
    if penalty.imposed and command.by == penalty.imposed.imposed_by and command.reasons == penalty.imposed.reasons:
        return []
    permit("impose", penalty, command.at)
    names = {command.by, command.decider_engineer} - {None}
    _can_impose(penalty, names, command.at, command.schedule, command.standing)
    raised = known(penalty)
    only_score = command.mode is Mode.SCORE_ONLY
    imposed = fact.PenaltyImposed(
        at=command.at,
        penalty=raised.penalty,
        number=raised.number,
        engineer=raised.engineer,
        rule=raised.rule,
        clause=raised.clause,
        consequence=raised.consequence,
        mode=command.mode,
        region=command.region,
        amount=Decimal("0.00") if only_score else raised.amount,
        allowance=raised.allowance and not only_score,
        score=raised.consequence.score if only_score else 0,
        happened_at=raised.happened_at,
        reasons=command.reasons,
        appeal_due=command.schedule.appeal(command.recorded_at or command.at),
        imposed_by=command.by,
    )
    return [*_lapse_before(command.at, penalty, command.schedule), imposed]


def _can_impose(
    penalty: Penalty, names: Set[str | None], at: datetime, schedule: Schedule, standing: str | None
) -> None:
    """D7: of one fact at most one penalty stands."""
    _can_decide("impose", penalty, names, at, schedule)
    if standing:
        raise Refused(
            "another_penalty_stands",
            f"同一事实的处罚 {standing} 尚未撤销，不能再处罚（D7）。",
            f"The penalty {standing} of the same fact stands, so there can't be another one (D7).",
        )


def _waive(command: wish.Waive, penalty: Penalty) -> Sequence[PenaltyEvent]:
    waived = penalty.waived
    if waived and (command.by, command.reasons) == (waived.waived_by, waived.reasons):
        return []
    permit("waive", penalty, command.at)
    names = {command.by, command.decider_engineer} - {None}
    _can_decide("waive", penalty, names, command.at, command.schedule)
    lapse = _lapse_before(command.at, penalty, command.schedule)
    return [*lapse, _waived(penalty, command.at, WaiverCause.DECIDED, command.by, command.reasons)]


def _can_decide(action: str, penalty: Penalty, names: Set[str | None], at: datetime, schedule: Schedule) -> None:
    """⚖ The engineer has been heard or given the time for it, and whoever decides stands outside (D6)."""
    permit(action, penalty)
    noticed = penalty.noticed
    if penalty.status is S.NOTICED and noticed and at < noticed.statement_due:
        raise Refused(
            "statement_awaited",
            "本人尚未陈述，期限未到（D6）。",
            "The engineer hasn't given a statement yet, and still has time to (D6).",
        )
    outside(penalty, names, before=penalty.took_part)
    _decidable(penalty, at, schedule)


def _lapse_decision(command: wish.LapseDecision, penalty: Penalty) -> Sequence[PenaltyEvent]:
    """D6: undecided in time is waived."""
    if penalty.status not in (S.STATED, S.STATEMENT_LAPSED):
        return []
    return [_waived(penalty, when_due(penalty, D.DECISION, command.at), WaiverCause.UNDECIDED, command.by)]


def _waived(penalty: Penalty, at: datetime, cause: WaiverCause, by: str, reasons: str = "") -> fact.PenaltyWaived:
    return fact.PenaltyWaived(at=at, **whose(penalty), cause=cause, reasons=reasons, waived_by=by)
