"""What statuses, actions and kinds are called on screens and in refusals, Chinese first."""

from collections.abc import Mapping

from shared.decider import Words
from shared.events.tickets import (
    Channel,
    ComplaintCategory,
    ComplaintStatus,
    CoverageReason,
    CoverageVerdict,
    DocumentKind,
    LineKind,
    Purpose,
    QuoteStatus,
    SurveyOutcome,
    TicketStatus,
)

TICKET_STATUS: Mapping[TicketStatus, Words] = {
    TicketStatus.OPEN: Words("待分诊", "open"),
    TicketStatus.TRIAGED: Words("已分诊", "triaged"),
    TicketStatus.ANSWERED: Words("已答复", "answered"),
    TicketStatus.DISPATCHED: Words("已派工", "dispatched"),
    TicketStatus.ON_HOLD: Words("已挂起", "on hold"),
    TicketStatus.RESOLVED: Words("已解决", "resolved"),
    TicketStatus.CLOSED: Words("已关闭", "closed"),
    TicketStatus.ARCHIVED: Words("已归档", "archived"),
    TicketStatus.REOPENED: Words("已重开", "reopened"),
    TicketStatus.MERGED: Words("已合并", "merged"),
    TicketStatus.CANCELLED: Words("已取消", "cancelled"),
}

TICKET_HINT: Mapping[TicketStatus, Words] = {
    TicketStatus.OPEN: Words("请先分诊。", "Triage it first."),
    TicketStatus.TRIAGED: Words("请先答复或派工。", "Answer or dispatch first."),
    TicketStatus.ANSWERED: Words("可以派工或解决。", "Dispatch or resolve it."),
    TicketStatus.DISPATCHED: Words("可以解决。", "Resolve it."),
    TicketStatus.ON_HOLD: Words("请先恢复。", "Resume it first."),
    TicketStatus.RESOLVED: Words("可以重开或关闭。", "Reopen or close it."),
    TicketStatus.CLOSED: Words("可以重开或归档。", "Reopen or archive it."),
    TicketStatus.ARCHIVED: Words("请新开服务请求。", "Open a new ticket."),
    TicketStatus.REOPENED: Words("请先重新分诊。", "Triage it again first."),
    TicketStatus.MERGED: Words("请到合并后的服务请求中处理。", "Go on in the ticket it was merged into."),
    TicketStatus.CANCELLED: Words("请新开服务请求。", "Open a new ticket."),
}
"""What to do instead."""

TICKET_ACTION: Mapping[str, Words] = {
    "triage": Words("分诊", "triage"),
    "correct_triage": Words("更正分诊", "correct the triage"),
    "decide_coverage": Words("判定保内/保外", "decide the coverage"),
    "answer": Words("首次答复", "give the first answer"),
    "hold": Words("挂起", "put on hold"),
    "resume": Words("恢复", "resume"),
    "escalate": Words("上报总部", "escalate to headquarters"),
    "answer_escalation": Words("总部答复", "answer for headquarters"),
    "dispatch": Words("派工", "dispatch"),
    "record_visit": Words("登记上门", "record a visit"),
    "resolve": Words("解决", "resolve"),
    "reopen": Words("重开", "reopen"),
    "merge": Words("合并", "merge"),
    "cancel_work_order": Words("登记派工单已取消", "record that a work order is cancelled"),
    "absorb": Words("并入重复请求", "take in a duplicate"),
    "cancel": Words("取消", "cancel"),
    "close": Words("关闭", "close"),
    "archive": Words("归档", "archive"),
}

COMPLAINT_STATUS: Mapping[ComplaintStatus, Words] = {
    ComplaintStatus.LODGED: Words("已登记", "lodged"),
    ComplaintStatus.ACKNOWLEDGED: Words("已受理", "acknowledged"),
    ComplaintStatus.INVESTIGATING: Words("调查中", "under investigation"),
    ComplaintStatus.SUBSTANTIATED: Words("查实", "substantiated"),
    ComplaintStatus.UNSUBSTANTIATED: Words("不属实", "unsubstantiated"),
    ComplaintStatus.INCONCLUSIVE: Words("无法查清", "inconclusive"),
    ComplaintStatus.REMEDY_PLANNED: Words("已定挽回措施", "with a remedy planned"),
    ComplaintStatus.REMEDIED: Words("已挽回", "remedied"),
    ComplaintStatus.CLOSED: Words("已关闭", "closed"),
    ComplaintStatus.WITHDRAWN: Words("已撤回", "withdrawn"),
}

COMPLAINT_HINT: Mapping[ComplaintStatus, Words] = {
    ComplaintStatus.LODGED: Words("请先受理。", "Acknowledge it first."),
    ComplaintStatus.ACKNOWLEDGED: Words("请先开始调查。", "Start the investigation first."),
    ComplaintStatus.INVESTIGATING: Words("请先作出结论。", "Come to a finding first."),
    ComplaintStatus.SUBSTANTIATED: Words("请先制定挽回措施。", "Plan the remedy first."),
    ComplaintStatus.UNSUBSTANTIATED: Words("可以关闭。", "Close it."),
    ComplaintStatus.INCONCLUSIVE: Words("可以关闭。", "Close it."),
    ComplaintStatus.REMEDY_PLANNED: Words("请先完成挽回措施。", "Complete the remedy first."),
    ComplaintStatus.REMEDIED: Words("可以关闭。", "Close it."),
    ComplaintStatus.CLOSED: Words("如有新情况请登记新投诉。", "Lodge a new complaint for anything new."),
    ComplaintStatus.WITHDRAWN: Words("如有新情况请登记新投诉。", "Lodge a new complaint for anything new."),
}

COMPLAINT_ACTION: Mapping[str, Words] = {
    "acknowledge": Words("受理", "acknowledge"),
    "start_investigation": Words("开始调查", "start the investigation"),
    "name_subject": Words("指明被投诉人", "name the engineer concerned"),
    "add_evidence": Words("添加证据", "add evidence"),
    "give_statement": Words("本人陈述", "give a statement"),
    "substantiate": Words("认定属实", "find it substantiated"),
    "dismiss": Words("认定不属实或无法查清", "dismiss"),
    "plan_remedy": Words("制定挽回措施", "plan a remedy"),
    "complete_remedy": Words("完成挽回措施", "complete the remedy"),
    "close": Words("关闭", "close"),
    "withdraw": Words("撤回", "withdraw"),
}

CONTACT_ACTION: Mapping[str, Words] = {
    "open": Words("受理", "open a ticket"),
    "link": Words("关联服务请求", "link to a ticket"),
    "call_back": Words("登记回电", "record a callback"),
    "dismiss": Words("作废", "dismiss"),
}

QUOTE_ACTION: Mapping[str, Words] = {
    "issue_quote": Words("报价", "issue a quote"),
    "accept_quote": Words("客户接受报价", "record the acceptance"),
    "decline_quote": Words("客户拒绝报价", "record the refusal"),
}

SURVEY_ACTION: Mapping[str, Words] = {
    "send_survey": Words("发送满意度调查", "send the survey"),
    "answer_survey": Words("登记调查答复", "record the answer"),
    "decline_survey": Words("登记拒填", "record the refusal"),
}

CASE_FILE_ACTION: Mapping[str, Words] = {
    "file_document": Words("归入文件", "file a document"),
    "archive_case_file": Words("档案归档", "archive the case file"),
}

CASE_FILE_ITEM: Mapping[str, Words] = {
    "contact": Words("来电来函登记", "the registered contact (3.8)"),
    "triage": Words("分诊与保内/保外判定", "triage and coverage (2.1, 2.2)"),
    "answer": Words("首次答复或逾期记录", "the first answer, or the record that it was overdue (3.4a)"),
    "escalation": Words("总部对上报问题的答复", "headquarters' answer to what was escalated (3.2)"),
    "quote": Words("客户对报价的答复", "the customer's answer to the quote (2.2)"),
    "work_orders": Words("派工单验收", "verified work orders with their service reports (3.6)"),
    "survey": Words("满意度调查结果", "the survey, answered or declined (3.6)"),
    "complaints": Words("投诉处理结果", "closed complaints (4.2)"),
    "letter": Words("来函扫描件", "a scan of the letter (3.8)"),
}
"""5.3: what a complete file holds."""

CHANNEL: Mapping[Channel, Words] = {
    Channel.PHONE: Words("电话", "phone"),
    Channel.LETTER: Words("信函", "letter"),
    Channel.WALK_IN: Words("来访", "visit to the desk"),
    Channel.EMAIL: Words("邮件", "e-mail"),
    Channel.IM: Words("即时消息", "instant message"),
    Channel.PORTAL: Words("网站", "web portal"),
    Channel.SURVEY: Words("调查链接", "survey link"),
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

COVERAGE: Mapping[CoverageVerdict, Words] = {
    CoverageVerdict.IN_WARRANTY: Words("保内", "in warranty"),
    CoverageVerdict.OUT_OF_WARRANTY: Words("保外", "out of warranty"),
    CoverageVerdict.UNKNOWN: Words("保内外不明", "coverage unknown"),
}

COVERAGE_REASON: Mapping[CoverageReason, Words] = {
    CoverageReason.CONTRACT: Words("合同涵盖", "covered by a contract"),
    CoverageReason.WITHIN_WARRANTY: Words("在保修期内", "within the warranty"),
    CoverageReason.WITHIN_SHELF_LIFE: Words("在保质期内", "within the shelf life"),
    CoverageReason.DELIVERED_EXPIRED: Words("交货时已过保质期", "over its shelf life when delivered"),
    CoverageReason.WARRANTY_OVER: Words("已过保修期", "the warranty is over"),
    CoverageReason.SHELF_LIFE_OVER: Words("已过保质期", "the shelf life is over"),
    CoverageReason.PRODUCT_UNKNOWN: Words("产品不明", "the product isn't known"),
    CoverageReason.LOT_UNKNOWN: Words("批次不明", "the lot isn't known"),
    CoverageReason.MANUFACTURE_UNKNOWN: Words("生产日期不明", "the day of manufacture isn't known"),
    CoverageReason.DELIVERY_UNKNOWN: Words("交货日期不明", "the day of delivery isn't known"),
    CoverageReason.TERMS_UNKNOWN: Words("保修期或保质期不明", "warranty or shelf life aren't known"),
    CoverageReason.DATES_CONTRADICT: Words("日期矛盾", "the dates contradict each other"),
    CoverageReason.JUDGED: Words("人工判定", "judged by a person"),
}

COMPLAINT_CATEGORY: Mapping[ComplaintCategory, Words] = {
    ComplaintCategory.QUARREL: Words("与客户争吵（4.2.1）", "quarrel with a customer (4.2.1)"),
    ComplaintCategory.EXTORTION: Words("吃拿卡要（4.2.2）", "asking for money or favours (4.2.2)"),
    ComplaintCategory.LATENESS: Words("个人原因服务不及时（4.2.3）", "late service for personal reasons (4.2.3)"),
    ComplaintCategory.OTHER: Words("其他不满", "other dissatisfaction"),
}

LINE_KIND: Mapping[LineKind, Words] = {
    LineKind.MATERIAL: Words("材料费", "material"),
    LineKind.LABOUR: Words("人工费", "labour"),
    LineKind.TRAVEL: Words("差旅费", "travel"),
    LineKind.FREIGHT: Words("运费", "freight"),
    LineKind.OTHER: Words("其他", "other"),
}

SURVEY_OUTCOME: Mapping[SurveyOutcome, Words] = {
    SurveyOutcome.ANSWERED: Words("已答复", "answered"),
    SurveyOutcome.DECLINED: Words("拒填", "declined"),
}

DOCUMENT: Mapping[DocumentKind, Words] = {
    DocumentKind.LETTER: Words("来函", "letter"),
    DocumentKind.SERVICE_REPORT: Words("服务报告单", "service report"),
    DocumentKind.PHOTO: Words("照片", "photo"),
    DocumentKind.QUOTE: Words("报价单", "quote"),
    DocumentKind.SURVEY_FORM: Words("满意度调查表", "survey form"),
    DocumentKind.TRAINING_RECORD: Words("培训记录", "training record"),
    DocumentKind.OTHER: Words("其他文件", "other document"),
}

QUOTE_STATUS: Mapping[QuoteStatus, Words] = {
    QuoteStatus.ISSUED: Words("已报价", "issued"),
    QuoteStatus.ACCEPTED: Words("客户已接受", "accepted"),
    QuoteStatus.DECLINED: Words("客户已拒绝", "declined"),
    QuoteStatus.EXPIRED: Words("已过有效期", "expired"),
}
