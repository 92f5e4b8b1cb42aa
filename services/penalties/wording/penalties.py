"""What happens to penalties, in plain sentences (D6)."""

from datetime import datetime
from typing import assert_never

from services.penalties.domain.names.payroll import DROP_CAUSE
from services.penalties.domain.names.penalty import APPEAL_OUTCOME, REVIEW_OUTCOME, WAIVER_CAUSE
from services.penalties.domain.names.policy import CONSEQUENCE, FACT_KIND
from services.penalties.domain.penalty_state import PenaltyEvent
from shared.calendar import SHANGHAI
from shared.decider import Words
from shared.events import penalties as fact
from shared.events.base import Event
from shared.events.penalties import Mode, WaiverCause
from shared.money import yuan


def penalty_in_words(event: Event) -> Words | None:
    """None of another subject's event."""
    return _begun(event) if isinstance(event, PenaltyEvent) else None


def _begun(event: PenaltyEvent) -> Words:
    match event:
        case fact.SuspicionRaised():
            kind, due = FACT_KIND[event.kind], _until(event.notice_due)
            return Words(
                f"疑似违规 {event.number}：{kind.zh}，{_at(event.happened_at)}，涉及规则 {event.rule}"
                f"（制度第 {event.policy_version} 版）。须在 {due} 前告知本人。",
                f"Suspicion {event.number}: {kind.en}, {_at(event.happened_at)}, rule {event.rule} of version "
                f"{event.policy_version}. The engineer is to be told before {due}.",
            )
        case fact.SuspicionSupplemented():
            return Words(
                f"补充证据：{event.evidence.event}（{event.evidence.topic}）。",
                f"More was heard of it: {event.evidence.event} ({event.evidence.topic}).",
            )
        case fact.SuspicionWithdrawn():
            return Words(
                f"疑似违规撤回：据 {event.evidence.event}（{event.evidence.topic}）。",
                f"The suspicion is withdrawn: by {event.evidence.event} ({event.evidence.topic}).",
            )
        case fact.PenaltyNoticed():
            due = _until(event.statement_due)
            return Words(f"已告知本人，可在 {due} 前陈述。", f"The engineer is told, and can state until {due}.")
        case fact.StatementGiven():
            late = Words("（逾期）", ", late") if event.late else Words("", "")
            return Words(
                f"本人陈述{late.zh}{_files(event.files).zh}：{event.statement}",
                f"The engineer states{late.en}{_files(event.files).en}: {event.statement}",
            )
        case fact.StatementLapsed():
            due = _until(event.decision_due)
            return Words(
                f"本人逾期未陈述。须在 {due} 前决定。", f"No statement in time. It is to be decided before {due}."
            )
        case fact.PenaltyImposed() | fact.PenaltyWaived():
            return _decided(event)
        case _:
            return _went_on(event)


def _decided(event: fact.PenaltyImposed | fact.PenaltyWaived) -> Words:
    if isinstance(event, fact.PenaltyImposed):
        what, due = _what(event), _until(event.appeal_due)
        return Words(
            f"决定处罚：{what.zh}。理由：{event.reasons}。可在 {due} 前申诉。",
            f"Imposed: {what.en}. Reasons: {event.reasons}. Open to an appeal until {due}.",
        )
    cause = WAIVER_CAUSE[event.cause]
    if event.cause is WaiverCause.DECIDED:
        return Words(f"决定不予处罚：{event.reasons}", f"Waived: {event.reasons}")
    return Words(f"不予处罚：{cause.zh}（D6）。", f"Waived: {cause.en} (D6).")


def _what(event: fact.PenaltyImposed) -> Words:
    """What is imposed, by the mode of the region (D8)."""
    kind = CONSEQUENCE[event.consequence.kind]
    if event.amount:
        money = yuan(event.amount)
        allowance = Words("不发当日电话费补贴", "the phone allowance of that day")
        named = allowance if event.allowance else Words("罚款", "a fine")
        return Words(f"{named.zh} {money}", f"{named.en}, {money}")
    if event.mode is Mode.SCORE_ONLY and event.score:
        return Words(f"记 {event.score} 分，不扣款", f"{event.score} points; no money is taken")
    return kind


def _went_on(
    event: fact.AppealLodged
    | fact.AppealDecisionProposed
    | fact.AppealDecided
    | fact.PenaltyFinal
    | fact.PenaltyExecuted
    | fact.ReviewOpened
    | fact.ReviewDecided
    | fact.PenaltyReversed,
) -> Words:
    match event:
        case fact.AppealLodged():
            due, files = _until(event.decision_due), _files(event.files)
            return Words(
                f"本人申诉{files.zh}：{event.grounds}。申诉小组须在 {due} 前裁定。",
                f"The engineer appeals{files.en}: {event.grounds}. The panel is to decide before {due}.",
            )
        case fact.AppealDecisionProposed():
            outcome, to = APPEAL_OUTCOME[event.outcome], _reduced_to(event)
            return Words(
                f"裁定意见：{outcome.zh}{to.zh}。理由：{event.reasons}。须由另一人确认。",
                f"Proposed: {outcome.en}{to.en}. Reasons: {event.reasons}. Another one of the panel has to confirm it.",
            )
        case fact.AppealDecided():
            return _appeal_decided(event)
        case fact.PenaltyFinal():
            why = (
                Words("申诉期满", "nobody appealed in time")
                if event.unappealed
                else Words("申诉已裁定", "the appeal is decided")
            )
            return Words(f"处罚生效（{why.zh}）。", f"The penalty is final: {why.en}.")
        case fact.PenaltyExecuted():
            return _executed(event)
        case fact.ReviewOpened():
            told, due = event.evidence, _until(event.review_due)
            return Words(
                f"开始复核：据 {told.event}（{told.topic}）。须在 {due} 前作出结论，逾期撤销。",
                f"Under review: by {told.event} ({told.topic}). To be decided before {due}; otherwise it is reversed.",
            )
        case fact.ReviewDecided():
            outcome = REVIEW_OUTCOME[event.outcome]
            if event.lapsed:
                return Words("逾期未复核，撤销处罚。", "The review wasn't decided in time: the penalty is reversed.")
            return Words(
                f"复核结论：{outcome.zh}。理由：{event.reasons}", f"Reviewed: {outcome.en}. Reasons: {event.reasons}"
            )
        case fact.PenaltyReversed():
            return _reversed(event)
        case _:
            assert_never(event)


def _appeal_decided(event: fact.AppealDecided) -> Words:
    outcome = APPEAL_OUTCOME[event.outcome]
    if event.lapsed:
        return Words("申诉逾期未裁定，处罚撤销（D6）。", "The appeal wasn't decided in time: it is revoked (D6).")
    to = _reduced_to(event)
    persons = Words("、".join(event.decided_by), " and ".join(event.decided_by))
    return Words(
        f"申诉裁定：{outcome.zh}{to.zh}。裁定人 {persons.zh}，理由：{event.reasons}",
        f"The appeal is decided by {persons.en}: {outcome.en}{to.en}. Reasons: {event.reasons}",
    )


def _reduced_to(event: fact.AppealDecisionProposed | fact.AppealDecided) -> Words:
    if event.outcome is not fact.AppealOutcome.REDUCED:
        return Words("", "")
    if event.amount:
        return Words(f"为 {yuan(event.amount)}", f" to {yuan(event.amount)}")
    return Words(f"为 {event.score} 分", f" to a score of {event.score}")


def _executed(event: fact.PenaltyExecuted) -> Words:
    if event.period is None:
        return Words("处罚已记入本人档案。", "It stands in the engineer's record.")
    left = Words("", "")
    if event.dropped_for:
        cause = DROP_CAUSE[event.dropped_for]
        left = Words(f"；其余不扣：{cause.zh}", f"; the rest isn't: {cause.en}")
    return Words(
        f"列入 {event.period} 工资清单，应扣 {yuan(event.amount)}，实扣 {yuan(event.taken)}{left.zh}。",
        f"On the payroll list of {event.period}: of {yuan(event.amount)}, {yuan(event.taken)} is taken{left.en}.",
    )


def _reversed(event: fact.PenaltyReversed) -> Words:
    back = Words("", "")
    if event.taken:
        back = Words(f"，退还 {yuan(event.taken)}", f"; {yuan(event.taken)} is paid back")
    why = Words(f"：{event.reasons}", f": {event.reasons}") if event.reasons else Words("。", ".")
    return Words(f"处罚撤销{back.zh}{why.zh}", f"The penalty is reversed{back.en}{why.en}")


def _files(files: tuple[str, ...]) -> Words:
    return Words(f"（附件 {len(files)} 份）", f" ({len(files)} files)") if files else Words("", "")


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


_until = _at
