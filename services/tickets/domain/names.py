"""What statuses and actions are called on screens and in refusals, Chinese first."""

from collections.abc import Mapping

from shared.decider import Words
from shared.events.tickets import ComplaintStatus, TicketStatus

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
