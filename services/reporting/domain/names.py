"""How things are called on screens and in reports."""

from collections.abc import Mapping

from services.reporting.domain.figures import Split
from shared.decider import Words
from shared.events.reporting import Audience, DeliveryMeans, MonthlyReportStatus, ReportKind
from shared.events.tickets import Channel, TicketStatus

FIGURE: Mapping[str, Words] = {
    "persons": Words("派出人数", "Persons"),
    "person_times": Words("派出人次", "Person-times"),
    "person_days": Words("派出人天", "Person-days"),
    "people": Words("人工费", "People"),
    "travel": Words("差旅费", "Travel"),
    "material": Words("材料费", "Material"),
    "freight": Words("运费", "Freight"),
    "total": Words("合计", "Total"),
    "memo": Words("合同内安装指导、调试（不计入合计）", "Guidance and commissioning by contract (not in the total)"),
}
SPLIT: Mapping[Split, Words] = {
    Split.PRODUCT: Words("产品", "Product"),
    Split.REGION: Words("区域", "Region"),
    Split.CUSTOMER: Words("客户", "Customer"),
    Split.PURPOSE: Words("服务类别", "Purpose"),
    Split.WARRANTY: Words("保内/保外", "Warranty"),
}
PURPOSE: Mapping[str, Words] = {
    "repair": Words("维修", "Repair"),
    "replacement": Words("更换", "Replacement"),
    "delivery": Words("配送", "Delivery"),
    "placement": Words("安放", "Placement"),
    "training": Words("培训", "Training"),
    "installation_guidance": Words("安装指导", "Installation guidance"),
    "commissioning": Words("调试", "Commissioning"),
    "routine_visit": Words("走访", "Routine visit"),
}
WARRANTY: Mapping[str, Words] = {
    "in_warranty": Words("保内", "In warranty"),
    "out_of_warranty": Words("保外", "Out of warranty"),
    "unknown": Words("未判定", "Not decided"),
}
UNKNOWN = Words("不明", "Not known")


def group_name(split: Split, key: str | None, name: str | None) -> Words:
    """How a group is called."""
    if key is None:
        return UNKNOWN
    if split is Split.PURPOSE:
        return PURPOSE[key]
    if split is Split.WARRANTY:
        return WARRANTY[key]
    return Words(name or key, name or key)


# --- tickets ----------------------------------------------------------------------------------------------------------

CHANNEL: Mapping[Channel, Words] = {
    Channel.PHONE: Words("电话", "Phone"),
    Channel.LETTER: Words("来函", "Letter"),
    Channel.WALK_IN: Words("来访", "Walk-in"),
    Channel.EMAIL: Words("邮件", "E-mail"),
    Channel.IM: Words("即时消息", "Instant message"),
    Channel.PORTAL: Words("网站", "Portal"),
    Channel.SURVEY: Words("回访", "Survey"),
}
TICKET_STATUS: Mapping[TicketStatus, Words] = {
    TicketStatus.OPEN: Words("已受理", "Open"),
    TicketStatus.TRIAGED: Words("已分类", "Triaged"),
    TicketStatus.ANSWERED: Words("已答复", "Answered"),
    TicketStatus.DISPATCHED: Words("已派单", "Dispatched"),
    TicketStatus.ON_HOLD: Words("已挂起", "On hold"),
    TicketStatus.RESOLVED: Words("已解决", "Resolved"),
    TicketStatus.CLOSED: Words("已关闭", "Closed"),
    TicketStatus.ARCHIVED: Words("已归档", "Archived"),
    TicketStatus.REOPENED: Words("重新打开", "Reopened"),
    TicketStatus.MERGED: Words("已合并", "Merged"),
    TicketStatus.CANCELLED: Words("已取消", "Cancelled"),
}


# --- monthly reports --------------------------------------------------------------------------------------------------

REPORT_KIND: Mapping[ReportKind, Words] = {
    ReportKind.STATISTICS: Words("售后服务月度统计", "monthly statistics"),
    ReportKind.ITEMS: Words("售后服务月度事项报告", "monthly item report"),
}
REPORT_STATUS: Mapping[MonthlyReportStatus, Words] = {
    MonthlyReportStatus.OPEN: Words("未截数", "not cut off"),
    MonthlyReportStatus.CUT_OFF: Words("已截数", "cut off"),
    MonthlyReportStatus.DRAFTED: Words("已起草", "drafted"),
    MonthlyReportStatus.REVIEWED: Words("已复核", "reviewed"),
    MonthlyReportStatus.ISSUED: Words("已签发", "issued"),
    MonthlyReportStatus.ACKNOWLEDGED: Words("已签收", "acknowledged by all"),
}
REPORT_HINT: Mapping[MonthlyReportStatus, Words] = {
    MonthlyReportStatus.OPEN: Words("请先截数。", "Cut the month off first."),
    MonthlyReportStatus.CUT_OFF: Words("请先起草。", "Draft the report first."),
    MonthlyReportStatus.DRAFTED: Words("请先由他人复核。", "Have another person review it first."),
    MonthlyReportStatus.REVIEWED: Words("可以签发或退回。", "It can be issued, or returned."),
    MonthlyReportStatus.ISSUED: Words("已签发的数字不再改变。", "Issued figures never change."),
    MonthlyReportStatus.ACKNOWLEDGED: Words("已签发的数字不再改变。", "Issued figures never change."),
}
REPORT_ACTION: Mapping[str, Words] = {
    "open": Words("开始统计月", "open the month"),
    "cut_off": Words("截数", "cut the month off"),
    "draft": Words("起草", "draft the report"),
    "review": Words("复核", "review it"),
    "return": Words("退回", "return it"),
    "issue": Words("签发", "issue it"),
    "acknowledge": Words("签收", "acknowledge it"),
    "draft_restatement": Words("起草重述", "draft a restatement"),
    "drop_restatement": Words("放弃重述", "drop the restatement"),
    "restate": Words("重述", "restate it"),
}
AUDIENCE: Mapping[Audience, Words] = {
    Audience.QUALITY: Words("质量", "Quality"),
    Audience.TECHNOLOGY: Words("技术", "Technology"),
    Audience.MARKETING: Words("市场", "Marketing"),
    Audience.MANAGEMENT: Words("高层", "Senior management"),
}
MEANS: Mapping[DeliveryMeans, Words] = {
    DeliveryMeans.EMAIL: Words("邮件", "e-mail"),
    DeliveryMeans.FOLDER: Words("发件文件夹", "the outbox folder"),
    DeliveryMeans.WEBHOOK: Words("接口推送", "webhook"),
}
ENTRY: Mapping[str, Words] = {
    "visit": Words("上门", "visit"),
    "people": Words("人工费", "people"),
    "travel": Words("差旅费", "travel"),
    "material": Words("材料费", "material"),
    "freight": Words("运费", "freight"),
    "opened": Words("受理", "opened"),
    "answered": Words("首次答复", "answered"),
    "answer_overdue": Words("答复逾期", "answer overdue"),
    "escalated": Words("上报总部", "escalated"),
    "resolved": Words("解决", "resolved"),
    "reopened": Words("重开", "reopened"),
    "closed": Words("关闭", "closed"),
    "cancelled": Words("取消", "cancelled"),
    "late": Words("到场逾期", "late arrival"),
    "left": Words("离场未报", "left without reporting"),
    "order": Words("派工", "work order"),
    "verified": Words("验收", "verified"),
    "survey": Words("满意度调查", "survey"),
    "survey_declined": Words("拒答调查", "survey declined"),
    "complaint": Words("投诉", "complaint"),
    "complaint_found": Words("投诉结论", "finding on a complaint"),
    "quality": Words("质检不合格", "refused by the inspection"),
    "supplier_claim": Words("外协索赔", "claim on a supplier"),
}
"""What an entry tells of, by its kind."""
KEPT: Mapping[str, Words] = {"kept": Words("按时", "kept"), "missed": Words("超时", "missed")}
CATEGORY: Mapping[str, str] = {"4.2.1": "争吵", "4.2.2": "索要", "4.2.3": "延误", "other": "其他"}
