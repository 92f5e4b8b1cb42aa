"""Expense claims: statuses, actions, kinds, checks."""

from collections.abc import Mapping

from shared.decider import Words
from shared.events.dispatch import Check, CheckOutcome, ClaimStatus, ExpenseKind, FraudDeed, FraudGravity

CLAIM_STATUS: Mapping[ClaimStatus, Words] = {
    ClaimStatus.DRAFT: Words("草稿", "a draft"),
    ClaimStatus.SUBMITTED: Words("已提交", "submitted"),
    ClaimStatus.CHECKED: Words("已核对，待主管审批", "checked, awaiting the manager"),
    ClaimStatus.MANAGER_APPROVED: Words("主管已批", "approved by the manager"),
    ClaimStatus.GENERAL_MANAGER_APPROVED: Words("总经理已批", "approved by the general manager"),
    ClaimStatus.FINANCE_APPROVED: Words("财务已批，待付款", "approved by finance, to be paid"),
    ClaimStatus.PAID: Words("已付款", "paid"),
    ClaimStatus.RETURNED: Words("已退回", "returned"),
    ClaimStatus.REJECTED: Words("已驳回", "rejected"),
    ClaimStatus.WITHDRAWN: Words("已撤回", "withdrawn"),
    ClaimStatus.UNDER_INVESTIGATION: Words("调查中", "under investigation"),
    ClaimStatus.FRAUD_FOUND: Words("已认定舞弊", "found fraudulent"),
}

CLAIM_HINT: Mapping[ClaimStatus, Words] = {
    ClaimStatus.DRAFT: Words("请先填写并提交。", "Fill it in and submit it first."),
    ClaimStatus.SUBMITTED: Words("请先核对。", "It has to be checked first."),
    ClaimStatus.CHECKED: Words("请主管审批、退回或驳回。", "The manager approves, returns or rejects it."),
    ClaimStatus.MANAGER_APPROVED: Words(
        "请总经理（如制度要求）或财务审批。", "The general manager, where the policy says so, or finance decides next."
    ),
    ClaimStatus.GENERAL_MANAGER_APPROVED: Words("请财务审批。", "Finance decides next."),
    ClaimStatus.FINANCE_APPROVED: Words("可以付款。", "It can be paid."),
    ClaimStatus.PAID: Words("如有疑点可以调查。", "It can be investigated where receipts are doubted."),
    ClaimStatus.RETURNED: Words("请修改后重新提交。", "Revise it and submit it again."),
    ClaimStatus.REJECTED: Words("请另填报销单。", "Write a new claim."),
    ClaimStatus.WITHDRAWN: Words("请另填报销单。", "Write a new claim."),
    ClaimStatus.UNDER_INVESTIGATION: Words("请先得出调查结论。", "The investigation has to come to an end first."),
    ClaimStatus.FRAUD_FOUND: Words("未涉及的票据请另填报销单。", "Claim honest receipts in a new claim."),
}
"""What to do instead."""

CLAIM_ACTION: Mapping[str, Words] = {
    "draft": Words("新建报销单", "draft a claim"),
    "record_line": Words("填写明细", "write a line"),
    "remove_line": Words("删除明细", "remove a line"),
    "submit": Words("提交", "submit"),
    "recheck": Words("重新核对", "check again"),
    "withdraw": Words("撤回", "withdraw"),
    "revise": Words("修改", "revise"),
    "grant_exception": Words("准予例外", "grant an exception"),
    "reject_line": Words("明细不予报销", "reject a line"),
    "approve": Words("主管审批通过", "approve as manager"),
    "approve_general": Words("总经理审批通过", "approve as general manager"),
    "approve_finance": Words("财务审批通过", "approve as finance"),
    "return": Words("退回", "return"),
    "reject": Words("驳回", "reject"),
    "pay": Words("付款", "pay"),
    "investigate": Words("开始调查", "investigate"),
    "restore": Words("结束调查、恢复", "restore"),
    "find_fraud": Words("认定舞弊", "find a fraud"),
}

EXPENSE_KIND: Mapping[ExpenseKind, Words] = {
    ExpenseKind.LONG_DISTANCE: Words("城际交通", "long-distance travel"),
    ExpenseKind.LOCAL_TRANSPORT: Words("市内交通", "local transport"),
    ExpenseKind.FUEL_TOLL: Words("燃油与过路费", "fuel and tolls"),
    ExpenseKind.LODGING: Words("住宿", "lodging"),
    ExpenseKind.MEALS: Words("伙食", "meals"),
    ExpenseKind.POSTAGE: Words("邮寄", "postage"),
    ExpenseKind.OTHER: Words("其他", "other"),
}

CHECK: Mapping[Check, Words] = {
    Check.RECEIPT: Words("票据已附", "a receipt is attached"),
    Check.INVOICE: Words("发票要素有效", "the invoice's number, date and sums are valid"),
    Check.UNIQUE: Words("发票未曾使用", "the invoice was never used before"),
    Check.MATCH: Words("与所附数电票一致", "it says what the attached file says"),
    Check.BUYER: Words("购买方为本公司", "it is made out to the company"),
    Check.DATE: Words("日期在出差期内", "the day belongs to the trip"),
    Check.CITY: Words("城市在行程内", "the city is on the itinerary"),
    Check.AMOUNT: Words("不超过票面金额", "not more than the receipt says"),
    Check.CAP: Words("不超过标准", "not more than the cap"),
}

CHECK_OUTCOME: Mapping[CheckOutcome, Words] = {
    CheckOutcome.PASSED: Words("通过", "passed"),
    CheckOutcome.FAILED: Words("不符", "failed"),
    CheckOutcome.NOT_APPLICABLE: Words("不适用", "not applicable"),
}

FRAUD_DEED: Mapping[FraudDeed, Words] = {
    FraudDeed.FORGED: Words("伪造票据", "a forged receipt"),
    FraudDeed.BOUGHT: Words("购买票据", "a bought receipt"),
    FraudDeed.REUSED: Words("重复使用票据", "a receipt used again"),
}

FRAUD_GRAVITY: Mapping[FraudGravity, Words] = {
    FraudGravity.DEMERIT: Words("记过", "demerit"),
    FraudGravity.MAJOR_DEMERIT: Words("记大过", "major demerit"),
    FraudGravity.DISMISSAL: Words("建议辞退", "dismissal proposed"),
    FraudGravity.LEGAL_REFERRAL: Words("建议移送追责", "legal referral proposed"),
}
