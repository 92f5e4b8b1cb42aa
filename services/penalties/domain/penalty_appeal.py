"""The appeal (D6), and what becomes of a penalty that is no longer open to one: final, and executed."""

from collections.abc import Sequence, Set
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from services.penalties.domain import penalty_commands as wish
from services.penalties.domain.penalty_state import (
    D,
    Penalty,
    PenaltyEvent,
    evolve,
    in_time,
    known,
    only_subject,
    outside,
    permit,
    when_due,
    whose,
)
from shared.decider import Refused
from shared.events import penalties as fact
from shared.events.penalties import AppealOutcome as O
from shared.events.penalties import PenaltyStatus as S
from shared.facts import repeats, tell


def lodge_appeal(command: wish.LodgeAppeal, penalty: Penalty) -> Sequence[PenaltyEvent]:
    """While a review is open nothing becomes final, so it is still open to an appeal."""
    if repeats(command, penalty.appeal):
        return []
    permit("lodge_appeal", penalty, command.at)
    can_appeal(penalty, command.engineer, command.at)
    due = command.schedule.appeal_decision(command.at)
    return [tell(fact.AppealLodged, command, penalty=known(penalty).penalty, decision_due=due)]


def can_appeal(penalty: Penalty, engineer: str | None, at: datetime) -> None:
    permit("lodge_appeal", penalty)
    only_subject(penalty, engineer)
    if penalty.review is None:
        in_time(penalty, D.APPEAL, at)


# --- the panel --------------------------------------------------------------------------------------------------------


class _Decided(NamedTuple):
    """What an outcome comes to."""

    amount: Decimal
    score: int


def propose(command: wish.ProposeAppealDecision, penalty: Penalty) -> Sequence[PenaltyEvent]:
    """The first of two; another member may propose otherwise, which takes its place."""
    before = penalty.proposal
    if before and before.proposed_by == command.by and before.reasons == command.reasons and _alike(command, penalty):
        return []
    permit("propose_appeal_decision", penalty, command.at)
    can_propose(penalty, {command.by, command.decider_engineer} - {None}, command.at)
    amount, score = _comes_to(command, penalty)
    proposed = tell(
        fact.AppealDecisionProposed,
        command,
        penalty=known(penalty).penalty,
        amount=amount,
        score=score,
        proposed_by=command.by,
    )
    return [proposed]


def can_propose(penalty: Penalty, names: Set[str | None], at: datetime) -> None:
    """⚖ None of the panel took part before the appeal (D6)."""
    permit("propose_appeal_decision", penalty)
    outside(penalty, names, before=penalty.took_part - penalty.panel)
    in_time(penalty, D.APPEAL_DECISION, at)


def confirm(command: wish.ConfirmAppealDecision, penalty: Penalty) -> Sequence[PenaltyEvent]:
    """The second of two: what is upheld or reduced is final, unless a review is open."""
    decided, proposal = penalty.appeal_decided, penalty.proposal
    if decided and decided.decided_by[1:] == (command.by,) and command.outcome is decided.outcome:
        return []
    permit("confirm_appeal_decision", penalty, command.at)
    can_confirm(penalty, {command.by, command.decider_engineer} - {None}, command.at)
    assert proposal, "what can be confirmed was proposed"
    if not _alike(command, penalty):
        raise Refused(
            "proposal_differs",
            "裁定意见与所确认的不同；请先查看现在的意见。",
            "What is proposed isn't what this confirms: look at the proposal as it is now.",
        )
    event = _appeal_decided(
        penalty,
        at=command.at,
        outcome=proposal.outcome,
        comes_to=_Decided(proposal.amount, proposal.score),
        reasons=proposal.reasons,
        decided_by=(proposal.proposed_by, command.by),
    )
    return [event, *final_if_settled(evolve(penalty, event), command.at)]


def can_confirm(penalty: Penalty, names: Set[str | None], at: datetime) -> None:
    """⚖ Two different persons (D6)."""
    permit("confirm_appeal_decision", penalty)
    can_propose(penalty, names, at)
    if penalty.proposal is None:
        raise Refused("proposal_missing", "尚无裁定意见可确认。", "Nobody has proposed a decision yet.")
    if penalty.proposal.proposed_by in names:
        raise Refused(
            "confirmed_by_same",
            "须由申诉小组的另一人确认（D6）。",
            "Another one of the panel has to confirm it (D6).",
        )


def lapse_appeal_decision(command: wish.LapseAppealDecision, penalty: Penalty) -> Sequence[PenaltyEvent]:
    """D6: what the panel doesn't decide in time is revoked."""
    if penalty.status is not S.APPEALED:
        return []
    due = when_due(penalty, D.APPEAL_DECISION, command.at)
    nothing = _Decided(Decimal("0.00"), 0)
    return [_appeal_decided(penalty, at=due, outcome=O.REVOKED, comes_to=nothing, reasons="", decided_by=())]


def _appeal_decided(
    penalty: Penalty, *, at: datetime, outcome: O, comes_to: _Decided, reasons: str, decided_by: tuple[str, ...]
) -> fact.AppealDecided:
    """Of what is revoked nothing is left to be reviewed."""
    return fact.AppealDecided(
        at=at,
        **whose(penalty),
        outcome=outcome,
        was=penalty.amount,
        amount=comes_to.amount,
        score=comes_to.score,
        reasons=reasons,
        lapsed=not decided_by,
        decided_by=decided_by,
        dropped=(D.REVIEW,) if outcome is O.REVOKED and penalty.review else (),
    )


def _alike(command: wish.ProposeAppealDecision | wish.ConfirmAppealDecision, penalty: Penalty) -> bool:
    """Whether it comes to what is proposed."""
    proposal = penalty.proposal
    if proposal is None or command.outcome is not proposal.outcome:
        return False
    return _comes_to(command, penalty) == (proposal.amount, proposal.score)


def _comes_to(command: wish.ProposeAppealDecision | wish.ConfirmAppealDecision, penalty: Penalty) -> _Decided:
    """An appeal never makes it worse, and reduces only what can be less: a fine or a score. A demerit is upheld or
    revoked (D16: gravity is no discretion). Raises ``Refused``."""
    assert penalty.imposed, "what was appealed was imposed"
    most = _Decided(penalty.imposed.amount, penalty.imposed.score)
    said = (command.amount, command.score)
    if command.outcome is not O.REDUCED:
        if said != (None, None):
            raise Refused(
                "only_reduced_has_amount",
                "只有减轻时才填写金额或分值。",
                "Only what is reduced is given an amount or a score.",
            )
        return most if command.outcome is O.UPHELD else _Decided(Decimal("0.00"), 0)
    if most.amount and command.amount is not None and command.score is None:
        if 0 < command.amount < most.amount:
            return _Decided(command.amount, most.score)
    elif most.score and command.score is not None and command.amount is None and 0 < command.score < most.score:
        return _Decided(most.amount, command.score)
    raise _not_reducible(most)


def _not_reducible(most: _Decided) -> Refused:
    if most.amount:
        return Refused(
            "reduced_amount_wrong",
            f"减轻后的金额须大于 0 元且低于 {most.amount} 元；全部免除请选择撤销。",
            f"It is reduced to an amount above CNY 0.00 and below CNY {most.amount}; to take it all back, revoke it.",
        )
    if most.score:
        return Refused(
            "reduced_score_wrong",
            f"减轻后的分值须大于 0 且低于 {most.score}；全部免除请选择撤销。",
            f"It is reduced to a score above 0 and below {most.score}; to take it all back, revoke it.",
        )
    return Refused(
        "not_reducible",
        "该处罚不能减轻，只能维持或撤销（D16）。",
        "This penalty can't be reduced: it is upheld or revoked (D16).",
    )


# --- final, and executed ----------------------------------------------------------------------------------------------


def become_final(command: wish.BecomeFinal, penalty: Penalty) -> Sequence[PenaltyEvent]:
    """The time for an appeal is over. While a review is open nothing happens: the review's end makes up for it."""
    if penalty.status is not S.IMPOSED:
        return []
    return final_if_settled(penalty, when_due(penalty, D.APPEAL, command.at))


def final_if_settled(penalty: Penalty, at: datetime) -> Sequence[PenaltyEvent]:
    """Final, where an appeal is decided or no longer possible and no review is open; what isn't money is executed at
    once."""
    due = penalty.clocks.get(D.APPEAL)
    unappealed = penalty.status is S.IMPOSED and due is not None and at >= due
    settled = unappealed or penalty.status is S.APPEAL_DECIDED
    if not settled or not penalty.stands or penalty.review:
        return []
    raised, imposed = known(penalty), penalty.imposed
    assert imposed, "what stands was imposed"
    final = fact.PenaltyFinal(
        at=at,
        **whose(penalty),
        number=raised.number,
        rule=raised.rule,
        consequence=raised.consequence,
        amount=penalty.amount,
        allowance=imposed.allowance,
        score=penalty.score,
        visit=raised.visit,
        happened_at=raised.happened_at,
        unappealed=unappealed,
    )
    return [final] if penalty.takes_money else [final, _executed(penalty, at)]


def execute(command: wish.Execute, penalty: Penalty) -> Sequence[PenaltyEvent]:
    """D8: it is on a month's payroll list, so much of it is taken, and why the rest isn't."""
    if repeats(command, penalty.executed):
        return []
    can_execute(penalty)
    if command.taken > penalty.amount or (command.taken == penalty.amount and command.dropped_for):
        raise Refused(
            "taken_wrong",
            f"实扣不得超过 {penalty.amount} 元；全额扣除时没有不扣的原因。",
            f"No more than CNY {penalty.amount} is taken; where all of it is, nothing is dropped for any cause.",
        )
    return [_executed(penalty, command.at, command)]


def can_execute(penalty: Penalty) -> None:
    """Only what is final, and not while it is looked at again. Raises ``Refused``."""
    permit("execute", penalty)
    if penalty.review:
        raise Refused("under_review", "处罚正在复核，不能执行。", "The penalty is under review: nothing is taken yet.")


def _executed(penalty: Penalty, at: datetime, listed: wish.Execute | None = None) -> fact.PenaltyExecuted:
    raised = known(penalty)
    return fact.PenaltyExecuted(
        at=at,
        **whose(penalty),
        number=raised.number,
        rule=raised.rule,
        amount=penalty.amount,
        taken=listed.taken if listed else Decimal("0.00"),
        dropped_for=listed.dropped_for if listed else None,
        score=penalty.score,
        period=listed.period if listed else None,
    )
