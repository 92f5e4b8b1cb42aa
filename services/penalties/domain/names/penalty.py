"""Penalties in words: statuses, actions, outcomes, and what a rule provides for."""

from collections.abc import Mapping

from shared.decider import Words
from shared.events.penalties import (
    AppealOutcome,
    PenaltyDeadline,
    PenaltyStatus,
    ReviewOutcome,
    WaiverCause,
)

S = PenaltyStatus

PENALTY = Words("处罚", "penalty")

PENALTY_STATUS: Mapping[S, Words] = {
    S.SUSPECTED: Words("疑似违规，待告知本人", "suspected"),
    S.WITHDRAWN: Words("已撤回", "withdrawn"),
    S.NOTICED: Words("已告知，待本人陈述", "noticed, awaiting the statement"),
    S.STATED: Words("本人已陈述，待决定", "stated, awaiting the decision"),
    S.STATEMENT_LAPSED: Words("逾期未陈述，待决定", "without a statement in time, awaiting the decision"),
    S.WAIVED: Words("不予处罚", "waived"),
    S.IMPOSED: Words("已决定处罚，可申诉", "imposed, open to an appeal"),
    S.APPEALED: Words("已申诉，待裁定", "appealed"),
    S.APPEAL_DECIDED: Words("申诉已裁定", "decided on appeal"),
    S.FINAL: Words("已生效", "final"),
    S.EXECUTED: Words("已执行", "executed"),
    S.REVERSED: Words("已撤销", "reversed"),
}

PENALTY_HINT: Mapping[S, Words] = {
    S.SUSPECTED: Words("可以告知本人。", "The engineer can be told of it."),
    S.WITHDRAWN: Words("已无事可做。", "Nothing is left to be done."),
    S.NOTICED: Words("本人可以陈述。", "The engineer can give a statement."),
    S.STATED: Words("可以决定处罚或不予处罚。", "It can be imposed or waived."),
    S.STATEMENT_LAPSED: Words(
        "可以决定处罚或不予处罚；本人仍可陈述。",
        "It can be imposed or waived; the engineer can still give a statement.",
    ),
    S.WAIVED: Words("已无事可做。", "Nothing is left to be done."),
    S.IMPOSED: Words("本人可以申诉。", "The engineer can appeal."),
    S.APPEALED: Words("申诉小组可以裁定。", "The panel can decide on the appeal."),
    S.APPEAL_DECIDED: Words("已无事可做，或等待复核结论。", "Nothing is left to be done, or a review is open."),
    S.FINAL: Words("等待列入工资清单；可以撤销。", "It waits for the payroll list; it can be reversed."),
    S.EXECUTED: Words("可以撤销。", "It can be reversed."),
    S.REVERSED: Words("已无事可做。", "Nothing is left to be done."),
}
"""What is open instead."""

PENALTY_ACTION: Mapping[str, Words] = {
    "notice": Words("告知本人", "tell the engineer"),
    "give_statement": Words("陈述", "give a statement"),
    "impose": Words("决定处罚", "impose it"),
    "waive": Words("决定不予处罚", "waive it"),
    "lodge_appeal": Words("申诉", "appeal"),
    "propose_appeal_decision": Words("提出裁定意见", "propose a decision on the appeal"),
    "confirm_appeal_decision": Words("确认裁定", "confirm the decision on the appeal"),
    "decide_review": Words("作出复核结论", "decide the review"),
    "reverse": Words("撤销处罚", "reverse it"),
    "execute": Words("列入工资清单", "put it on the payroll list"),
}

PENALTY_DEADLINE: Mapping[PenaltyDeadline, Words] = {
    PenaltyDeadline.NOTICE: Words("告知本人，逾期不予处罚", "telling the engineer; otherwise it is waived"),
    PenaltyDeadline.STATEMENT: Words("本人陈述", "the engineer's statement"),
    PenaltyDeadline.DECISION: Words("作出决定，逾期不予处罚", "the decision; otherwise it is waived"),
    PenaltyDeadline.APPEAL: Words("本人申诉，逾期生效", "an appeal; otherwise it becomes final"),
    PenaltyDeadline.APPEAL_DECISION: Words("申诉裁定，逾期撤销", "the decision on the appeal; otherwise it is revoked"),
    PenaltyDeadline.REVIEW: Words("复核结论，逾期撤销", "the review; otherwise it is reversed"),
}
"""What is waited for, and what follows when it doesn't come in time."""

WAIVER_CAUSE: Mapping[WaiverCause, Words] = {
    WaiverCause.DECIDED: Words("决定不予处罚", "decided so"),
    WaiverCause.NOT_NOTICED: Words("逾期未告知本人", "the engineer was not told in time"),
    WaiverCause.UNDECIDED: Words("逾期未作决定", "nobody decided in time"),
}

APPEAL_OUTCOME: Mapping[AppealOutcome, Words] = {
    AppealOutcome.UPHELD: Words("维持", "upheld"),
    AppealOutcome.REDUCED: Words("减轻", "reduced"),
    AppealOutcome.REVOKED: Words("撤销", "revoked"),
}

REVIEW_OUTCOME: Mapping[ReviewOutcome, Words] = {
    ReviewOutcome.STANDS: Words("维持处罚", "the penalty stands"),
    ReviewOutcome.REVERSED: Words("撤销处罚", "the penalty is reversed"),
}

WAITS_FOR: Mapping[PenaltyDeadline, Words] = {
    PenaltyDeadline.NOTICE: Words("人事", "HR"),
    PenaltyDeadline.STATEMENT: Words("本人", "the engineer"),
    PenaltyDeadline.DECISION: Words("售后服务主管", "the service manager"),
    PenaltyDeadline.APPEAL: Words("本人", "the engineer"),
    PenaltyDeadline.APPEAL_DECISION: Words("申诉小组", "the appeal panel"),
    PenaltyDeadline.REVIEW: Words("未参与此案的主管、人事或总经理", "a manager or HR who took no part in it"),
}
"""Whose turn it is."""
