"""What the boards' states are called on the screens."""

from collections.abc import Mapping

from services.reporting.views.duty_reading import DutyState
from services.reporting.views.expenses_reading import WaitsFor
from services.reporting.views.parts_reading import PartWaitsFor
from services.reporting.views.visits_reading import Alert, Phase
from shared.decider import Words
from shared.events.dispatch import ClaimStatus, PartRequestStatus, VisitStatus
from shared.events.penalties import PenaltyStatus

PHASE: Mapping[Phase, Words] = {
    Phase.NOBODY: Words("无人前往", "Nobody to go"),
    Phase.TO_GO: Words("待出发", "To go"),
    Phase.ON_THE_WAY: Words("途中", "On the way"),
    Phase.ON_SITE: Words("现场", "On site"),
    Phase.DONE: Words("已完成", "Done"),
    Phase.ABORTED: Words("已中止", "Aborted"),
}
ALERT: Mapping[Alert, Words] = {
    Alert.LATE: Words("迟到", "Late"),
    Alert.AT_RISK: Words("可能迟到", "May be late"),
    Alert.UNREPORTED: Words("离场未报", "Left without reporting"),
    Alert.NONE: Words("正常", "Fine"),
}
VISIT_STATUS: Mapping[VisitStatus, Words] = {
    VisitStatus.PLANNED: Words("已计划", "Planned"),
    VisitStatus.ASSIGNED: Words("已派工", "Assigned"),
    VisitStatus.RESCHEDULED: Words("已改约", "Rescheduled"),
    VisitStatus.ACCEPTED: Words("已接受", "Accepted"),
    VisitStatus.REFUSED: Words("被拒绝", "Refused"),
    VisitStatus.EN_ROUTE: Words("途中", "On the way"),
    VisitStatus.ARRIVED: Words("已到场", "Arrived"),
    VisitStatus.WORKING: Words("作业中", "Working"),
    VisitStatus.PAUSED: Words("暂停", "Paused"),
    VisitStatus.FINISHED: Words("已完工", "Finished"),
    VisitStatus.CHECKED_OUT: Words("已离场", "Checked out"),
    VisitStatus.ABORTED: Words("已中止", "Aborted"),
}
DUTY: Mapping[DutyState, Words] = {
    DutyState.UNANSWERED: Words("两次未接", "Unanswered twice"),
    DutyState.CALL_BACK_AWAITED: Words("等待回电", "Call-back awaited"),
    DutyState.ON_DUTY: Words("值守中", "On duty"),
    DutyState.LATER: Words("稍后值守", "Later today"),
    DutyState.OVER: Words("已结束", "Over"),
    DutyState.LEAVE: Words("请假", "On leave"),
}
WAITS_FOR: Mapping[WaitsFor, Words] = {
    WaitsFor.ENGINEER: Words("服务人员补正", "Engineer"),
    WaitsFor.SYSTEM: Words("自动核对", "Checks"),
    WaitsFor.SERVICE_MANAGER: Words("主管审批", "Service manager"),
    WaitsFor.GENERAL_MANAGER: Words("总经理审批", "General manager"),
    WaitsFor.FINANCE: Words("财务审批", "Finance"),
    WaitsFor.PAYMENT: Words("付款", "Payment"),
    WaitsFor.INVESTIGATION: Words("调查", "Investigation"),
}
CLAIM_STATUS: Mapping[ClaimStatus, Words] = {
    ClaimStatus.DRAFT: Words("草稿", "Draft"),
    ClaimStatus.SUBMITTED: Words("已提交", "Submitted"),
    ClaimStatus.CHECKED: Words("已核对", "Checked"),
    ClaimStatus.MANAGER_APPROVED: Words("主管已批", "Manager approved"),
    ClaimStatus.GENERAL_MANAGER_APPROVED: Words("总经理已批", "General manager approved"),
    ClaimStatus.FINANCE_APPROVED: Words("财务已批", "Finance approved"),
    ClaimStatus.PAID: Words("已付款", "Paid"),
    ClaimStatus.RETURNED: Words("已退回", "Returned"),
    ClaimStatus.REJECTED: Words("已驳回", "Rejected"),
    ClaimStatus.WITHDRAWN: Words("已撤回", "Withdrawn"),
    ClaimStatus.UNDER_INVESTIGATION: Words("调查中", "Under investigation"),
    ClaimStatus.FRAUD_FOUND: Words("认定舞弊", "Fraud found"),
}
PART_WAITS_FOR: Mapping[PartWaitsFor, Words] = {
    PartWaitsFor.APPROVAL: Words("批准", "Approval"),
    PartWaitsFor.WAREHOUSE: Words("仓库", "Warehouse"),
    PartWaitsFor.PRODUCTION: Words("生产", "Production"),
    PartWaitsFor.SUPPLIER: Words("供应商", "Supplier"),
    PartWaitsFor.QUALITY: Words("质检", "Quality"),
    PartWaitsFor.TRANSPORT: Words("运输", "Transport"),
    PartWaitsFor.ENGINEER: Words("服务人员", "Engineer"),
    PartWaitsFor.CLOSING: Words("办结", "Closing"),
}
PART_STATUS: Mapping[PartRequestStatus, Words] = {
    PartRequestStatus.REQUESTED: Words("已申请", "Requested"),
    PartRequestStatus.APPROVED: Words("已批准", "Approved"),
    PartRequestStatus.RESERVED: Words("已预留", "Reserved"),
    PartRequestStatus.PRODUCTION_PLANNED: Words("已排产", "Production planned"),
    PartRequestStatus.PRODUCED: Words("已完工", "Produced"),
    PartRequestStatus.PURCHASE_ORDERED: Words("已下单", "Ordered"),
    PartRequestStatus.RECEIVED: Words("已到货", "Received"),
    PartRequestStatus.QUALITY_RELEASED: Words("质检放行", "Released"),
    PartRequestStatus.SHIPPED: Words("已发货", "Shipped"),
    PartRequestStatus.DELIVERED: Words("已送达", "Delivered"),
    PartRequestStatus.CONSUMED: Words("已耗用", "Used"),
    PartRequestStatus.RETURNED: Words("已退回", "Returned"),
    PartRequestStatus.CLOSED: Words("已办结", "Closed"),
    PartRequestStatus.REJECTED: Words("已驳回", "Rejected"),
    PartRequestStatus.CANCELLED: Words("已取消", "Cancelled"),
}
PENALTY_STATUS: Mapping[PenaltyStatus, Words] = {
    PenaltyStatus.SUSPECTED: Words("疑似", "Suspected"),
    PenaltyStatus.WITHDRAWN: Words("已撤回", "Withdrawn"),
    PenaltyStatus.NOTICED: Words("已告知", "Noticed"),
    PenaltyStatus.STATED: Words("已陈述", "Stated"),
    PenaltyStatus.STATEMENT_LAPSED: Words("逾期未陈述", "Statement lapsed"),
    PenaltyStatus.WAIVED: Words("不予处罚", "Waived"),
    PenaltyStatus.IMPOSED: Words("已决定", "Imposed"),
    PenaltyStatus.APPEALED: Words("申诉中", "Appealed"),
    PenaltyStatus.APPEAL_DECIDED: Words("申诉已裁定", "Appeal decided"),
    PenaltyStatus.FINAL: Words("已生效", "Final"),
    PenaltyStatus.EXECUTED: Words("已执行", "Executed"),
    PenaltyStatus.REVERSED: Words("已撤销", "Reversed"),
}
