"""The actions of a claim's life: what each is called, what it asks for, and who may do it."""

from uuid import UUID

from pydantic import BaseModel

from services.dispatch.api import permissions as may
from services.dispatch.commands import claims
from services.dispatch.domain import claim_commands as wish
from shared.actions import Act


class ClaimDone(BaseModel):
    """The claim as it stands after the command; amounts in CNY."""

    claim: UUID
    number: str
    engineer: str
    trip: UUID
    status: str
    total: str
    approvable: str
    failed_lines: list[UUID]
    """Lines of which a check failed that nobody has settled yet."""
    version: int


_ID = "5b0c2d4e-8f60-4a52-9a1d-0c2f6a7b8d90"
_DECIDER = "decider_engineer"

ACTIONS = (
    Act(
        "draft",
        wish.DraftClaim,
        may.CLAIMS_WRITE,
        "为一次出差新建报销单（5.1）· A claim for the expenses of a trip.",
        {"trip": _ID},
        claims.draft,
        ("engineer", "trip_number"),
        made="claim",
        path="",
        status=201,
    ),
    Act(
        "remove_line",
        wish.RemoveLine,
        may.CLAIMS_WRITE,
        "删除一条明细 · A line is no longer claimed.",
        {"line": _ID},
        claims.act,
    ),
    Act(
        "submit",
        wish.SubmitClaim,
        may.CLAIMS_WRITE,
        "提交并自动核对每条明细（4.3、D17）· Hand it in; every line is checked at once.",
        {},
        claims.submit,
        ("rules", "policy_version"),
    ),
    Act(
        "recheck",
        wish.RecordChecks,
        may.CLAIMS_REVIEW,
        "出差变更后重新核对 · Check again, after the trip was put right.",
        {},
        claims.recheck,
        ("results",),
    ),
    Act(
        "withdraw",
        wish.WithdrawClaim,
        may.CLAIMS_WRITE,
        "撤回，发票可另行报销 · Take it back; its invoices are free again.",
        {"reason": "填错出差"},
        claims.end,
    ),
    Act(
        "revise",
        wish.ReviseClaim,
        may.CLAIMS_WRITE,
        "修改被退回的报销单 · Take a returned claim up again.",
        {},
        claims.act,
    ),
    Act(
        "grant_exception",
        wish.GrantException,
        may.CLAIMS_REVIEW,
        "准予例外 ⚖，须说明理由（D17）· A line counts though a check failed; say why.",
        {"line": _ID, "check": "city", "reason": "台风改道，绕行宁波"},
        claims.grant_exception,
        ("excusable",),
        decider=_DECIDER,
    ),
    Act(
        "reject_line",
        wish.RejectLine,
        may.CLAIMS_REVIEW,
        "一条明细不予报销，或只报销一部分（4.3）· A line isn't reimbursed, or not in full.",
        {"line": _ID, "allowed": "0.00", "reasons": "与行程不符"},
        claims.reject_line,
        decider=_DECIDER,
    ),
    Act(
        "approve",
        wish.ApproveByManager,
        may.CLAIMS_APPROVE,
        "主管审批 ⚖（5.1）· The service manager approves.",
        {},
        claims.act,
        decider=_DECIDER,
    ),
    Act(
        "approve_general",
        wish.ApproveByGeneralManager,
        may.CLAIMS_APPROVE_GENERAL,
        "总经理审批 ⚖，金额达到制度标准时（5.1）· The general manager approves, from the policy's thresholds on.",
        {},
        claims.act,
        decider=_DECIDER,
    ),
    Act(
        "approve_finance",
        wish.ApproveByFinance,
        may.CLAIMS_APPROVE_FINANCE,
        "财务审批 ⚖；费用计入派工单（5.1、5.4）· Finance approves; it is travel cost of the work orders from now on.",
        {},
        claims.approve_finance,
        ("shares",),
        decider=_DECIDER,
    ),
    Act(
        "return",
        wish.ReturnClaim,
        may.CLAIMS_REVIEW,
        "退回修改，须说明原因 · Something has to be put right first; say what.",
        {"reasons": "缺住宿发票"},
        claims.act,
        decider=_DECIDER,
    ),
    Act(
        "reject",
        wish.RejectClaim,
        may.CLAIMS_REVIEW,
        "驳回整张报销单 ⚖，须说明原因（4.3）· The whole claim isn't reimbursed; say why.",
        {"reasons": "与出差无关"},
        claims.end,
        decider=_DECIDER,
    ),
    Act(
        "pay",
        wish.PayClaim,
        may.CLAIMS_PAY,
        "登记付款（5.1）· The approved amount was paid.",
        {"paid_on": "2026-10-12", "reference": "YH-20261012-0031"},
        claims.act,
        decider=_DECIDER,
    ),
    Act(
        "restore",
        wish.RestoreClaim,
        may.CLAIMS_CONCLUDE,
        "疑点排除 ⚖，恢复原状态 · The doubt came to nothing; it stands where it stood.",
        {"reasons": "酒店已证实"},
        claims.act,
        decider=_DECIDER,
    ),
)
"""In the order of a claim's life. A line comes with its files, and has a route of its own."""
DOUBTS = (
    Act(
        "investigate",
        wish.OpenInvestigation,
        may.CLAIMS_INVESTIGATE,
        "票据存疑，开始调查；期间不审批、不付款（4.3）· Receipts are doubted; until it is settled nothing is paid.",
        {"lines": [_ID], "reason": "票面有涂改"},
        claims.investigate,
        decider=_DECIDER,
    ),
    Act(
        "find_fraud",
        wish.FindFraud,
        may.CLAIMS_CONCLUDE,
        "认定舞弊 ⚖；程度由制度的程度表决定（4.3、D16）· A fraud is found; its gravity is that of the policy's table.",
        {"deed": "reused", "reasons": "同一张发票两次使用"},
        claims.find_fraud,
        ("repeated", "rules"),
        decider=_DECIDER,
    ),
)
"""They name evidence, which lies among the documents."""
PERMISSIONS = {act.name: act.permission for act in (*ACTIONS, *DOUBTS)} | {"record_line": may.CLAIMS_WRITE}
