"""Words for work orders."""

from collections.abc import Mapping

from shared.decider import Words
from shared.events.dispatch import CostKind, Origin, VisitProgress, WorkOrderStatus
from shared.events.tickets import Purpose

WORK_ORDER = Words("派工单", "work order")

WORK_ORDER_STATUS: Mapping[WorkOrderStatus, Words] = {
    WorkOrderStatus.DRAFT: Words("为草稿", "a draft"),
    WorkOrderStatus.QUALIFIED: Words("已确认", "qualified"),
    WorkOrderStatus.SCHEDULED: Words("已排程", "scheduled"),
    WorkOrderStatus.IN_PROGRESS: Words("进行中", "in progress"),
    WorkOrderStatus.WORK_DONE: Words("已完工", "done, and not reported yet"),
    WorkOrderStatus.REPORTED: Words("已交服务报告", "reported"),
    WorkOrderStatus.VERIFIED: Words("已验收", "verified"),
    WorkOrderStatus.POSTED: Words("已过账", "posted"),
    WorkOrderStatus.INCOMPLETE: Words("未完成，已转后续派工单", "incomplete"),
    WorkOrderStatus.CANCELLED: Words("已取消", "cancelled"),
}

WORK_ORDER_HINT: Mapping[WorkOrderStatus, Words] = {
    WorkOrderStatus.DRAFT: Words("请先确认或取消。", "Qualify or cancel it first."),
    WorkOrderStatus.QUALIFIED: Words("请先计划上门并派人。", "Plan a visit and assign an engineer first."),
    WorkOrderStatus.SCHEDULED: Words("等待上门。", "It waits for the visit."),
    WorkOrderStatus.IN_PROGRESS: Words("请先完成各次上门。", "Its visits have to be finished first."),
    WorkOrderStatus.WORK_DONE: Words("请先提交经客户签字的服务报告（3.6）。", "Its signed report is next (3.6)."),
    WorkOrderStatus.REPORTED: Words("等待他人验收。", "Somebody else has to verify it."),
    WorkOrderStatus.VERIFIED: Words("可以过账。", "It can be posted."),
    WorkOrderStatus.POSTED: Words("费用已冻结。", "Its costs are frozen."),
    WorkOrderStatus.INCOMPLETE: Words("请在后续派工单中处理。", "Go on in the follow-up."),
    WorkOrderStatus.CANCELLED: Words("请新建派工单。", "Draft a new one."),
}
"""What to do instead."""

WORK_ORDER_ACTION: Mapping[str, Words] = {
    "draft": Words("新建草稿", "draft a work order"),
    "qualify": Words("确认派工单", "qualify it"),
    "plan_visit": Words("计划上门", "plan a visit"),
    "add_cost": Words("登记费用", "add a cost"),
    "verify": Words("验收", "verify it"),
    "post": Words("过账", "post it"),
    "mark_incomplete": Words("转后续派工单", "mark it incomplete"),
    "cancel": Words("取消派工单", "cancel it"),
    "record_report": Words("登记服务报告", "record the service report"),
}

PURPOSE: Mapping[Purpose, Words] = {
    Purpose.REPAIR: Words("维修", "repair"),
    Purpose.REPLACEMENT: Words("更换", "replacement"),
    Purpose.DELIVERY: Words("配送", "delivery"),
    Purpose.PLACEMENT: Words("安放", "placement"),
    Purpose.TRAINING: Words("培训", "training"),
    Purpose.INSTALLATION_GUIDANCE: Words("安装指导", "installation guidance"),
    Purpose.COMMISSIONING: Words("调试", "commissioning"),
    Purpose.ROUTINE_VISIT: Words("走访", "routine visit"),
}

ORIGIN: Mapping[Origin, Words] = {
    Origin.TICKET: Words("服务请求", "a ticket"),
    Origin.PROGRAMME: Words("走访计划", "a visit programme"),
    Origin.MANUAL: Words("人工", "by hand"),
    Origin.FOLLOW_UP: Words("后续", "a follow-up"),
}

VISIT_PROGRESS: Mapping[VisitProgress, Words] = {
    VisitProgress.PLANNED: Words("待派人", "planned"),
    VisitProgress.ASSIGNED: Words("已派人", "assigned"),
    VisitProgress.UNDER_WAY: Words("已到场", "on site"),
    VisitProgress.DONE: Words("已完成", "done"),
    VisitProgress.ABORTED: Words("已中止", "aborted"),
}

COST_KIND: Mapping[CostKind, Words] = {
    CostKind.PEOPLE: Words("人工", "people"),
    CostKind.MATERIAL: Words("材料", "material"),
    CostKind.FREIGHT: Words("运费", "freight"),
    CostKind.TRAVEL: Words("差旅", "travel"),
}
