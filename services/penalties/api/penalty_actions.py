"""The actions of a penalty's life: what each is called, what it asks for, and who may do it."""

from uuid import UUID

from pydantic import BaseModel

from services.penalties.api import permissions as may
from services.penalties.commands import penalties
from services.penalties.domain import penalty_commands as wish
from shared.actions import Act


class PenaltyDone(BaseModel):
    """The penalty as it stands after the command; the amount in CNY."""

    penalty: UUID
    number: str
    engineer: str
    status: str
    amount: str
    score: int
    under_review: bool
    version: int


_DECIDER = "decider_engineer"

ACTIONS = (
    Act(
        "notice",
        wish.Notice,
        may.PENALTIES_NOTICE,
        "告知本人，请其在期限内陈述（D6）；告知人不得再作决定 · "
        "The engineer is told, and asked for a statement; whoever tells them doesn't decide.",
        {},
        penalties.notice,
        ("schedule", "recorded_at"),
        decider=_DECIDER,
    ),
    Act(
        "impose",
        wish.Impose,
        may.PENALTIES_DECIDE,
        "决定处罚 ⚖：后果由制度规定，须说明理由；报告人、派工人、本人不得决定（D6）· "
        "What the policy provides for is imposed, with reasons, by somebody from outside.",
        {"reasons": "行车轨迹与所述封路不符"},
        penalties.impose,
        ("mode", "region", "standing", "schedule", "recorded_at"),
        decider=_DECIDER,
    ),
    Act(
        "waive",
        wish.Waive,
        may.PENALTIES_DECIDE,
        "决定不予处罚 ⚖，须说明理由（D6）· Nothing is imposed, with reasons.",
        {"reasons": "交警通报证实封路"},
        penalties.act_in_time,
        ("schedule",),
        decider=_DECIDER,
    ),
    Act(
        "propose_appeal_decision",
        wish.ProposeAppealDecision,
        may.APPEALS_DECIDE,
        "申诉小组一人提出裁定意见 ⚖；减轻须写明金额或分值（D6）· "
        "One of the panel proposes how to decide; what is reduced is given an amount or a score.",
        {"outcome": "reduced", "amount": "20.00", "reasons": "封路属实，但未及时来电"},
        penalties.act,
        decider=_DECIDER,
    ),
    Act(
        "confirm_appeal_decision",
        wish.ConfirmAppealDecision,
        may.APPEALS_DECIDE,
        "申诉小组另一人确认 ⚖，须与裁定意见一致（D6）· Another one of the panel confirms just that.",
        {"outcome": "reduced", "amount": "20.00"},
        penalties.act,
        decider=_DECIDER,
    ),
    Act(
        "decide_review",
        wish.DecideReview,
        may.PENALTIES_REVIEW,
        "事实更正或免责后的复核结论 ⚖，由未参与此案的人作出 · "
        "The fact was corrected or excused: whether the penalty stands, by somebody who took no part in it.",
        {"outcome": "reversed", "reasons": "到场时间已更正，未迟到"},
        penalties.act,
        decider=_DECIDER,
    ),
    Act(
        "reverse",
        wish.Reverse,
        may.PENALTIES_REVERSE,
        "撤销已生效的处罚 ⚖，已扣的退还；不删除记录 · What is final is taken back by a contra entry, never deleted.",
        {"reasons": "劳动仲裁裁决"},
        penalties.act,
        decider=_DECIDER,
    ),
)
SPOKEN = (
    Act(
        "give_statement",
        wish.GiveStatement,
        may.PENALTIES_SPEAK,
        "本人陈述，可附先前上传的文件（D6）；逾期的在决定前仍予听取 · "
        "What the engineer says of it, with files that were uploaded before; a late one is heard until it is decided.",
        {"statement": "高架封路，已提前来电", "files": []},
        penalties.speak,
        ("engineer", "schedule"),
    ),
    Act(
        "lodge_appeal",
        wish.LodgeAppeal,
        may.PENALTIES_SPEAK,
        "本人申诉，可附先前上传的文件（D6）· The engineer doesn't accept the decision.",
        {"grounds": "导航截图可以证明封路", "files": []},
        penalties.speak,
        ("engineer", "schedule"),
    ),
)
"""What the engineer says names files, which lie among the documents."""
PERMISSIONS = {act.name: act.permission for act in (*ACTIONS, *SPOKEN)}
