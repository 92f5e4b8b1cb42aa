"""Every event of tickets in a plain sentence, for the history of a ticket. Names are those of ``domain/names.py``."""

from datetime import datetime
from decimal import Decimal
from typing import assert_never
from uuid import UUID

from services.tickets.domain import names
from services.tickets.domain.case_file import CaseFileEvent
from services.tickets.domain.complaint import ComplaintEvent
from services.tickets.domain.contact import ContactEvent
from services.tickets.domain.quote import QuoteEvent
from services.tickets.domain.reference import ReferenceEvent
from services.tickets.domain.survey import SurveyEvent
from services.tickets.domain.ticket_state import TicketEvent
from shared.calendar import SHANGHAI
from shared.decider import Words
from shared.events import tickets as fact
from shared.events.base import Event
from shared.events.tickets import CallProof, MessageProof, Proof, RegisterProof


def in_words(event: Event) -> Words:
    """What happened, in one sentence of each language. Raises TypeError for another service's event."""
    if isinstance(event, ContactEvent):
        return _contact(event)
    if isinstance(event, TicketEvent):
        return _ticket(event)
    if isinstance(event, QuoteEvent):
        return _quote(event)
    if isinstance(event, ComplaintEvent):
        return _complaint(event)
    if isinstance(event, SurveyEvent):
        return _survey(event)
    if isinstance(event, CaseFileEvent):
        return _case_file(event)
    if isinstance(event, ReferenceEvent):
        return _reference(event)
    raise TypeError(f"{event.TOPIC} is no event of tickets")


def _contact(event: ContactEvent) -> Words:
    match event:
        case fact.ContactRegistered():
            way = names.CHANNEL[event.channel]
            missed = Words("（未接通）", " (abandoned)") if event.abandoned else Words("", "")
            return Words(
                f"登记{way.zh}{missed.zh}：{event.summary}", f"Registered by {way.en}{missed.en}: {event.summary}"
            )
        case fact.ContactLinked():
            why = _because(event.reason)
            return Words(f"关联到服务请求{why.zh}。", f"Linked to a ticket{why.en}.")
        case fact.ContactCalledBack():
            how = _proof(event.proof)
            return Words(f"已回电（{how.zh}）。", f"Called back ({how.en}).")
        case fact.ContactDismissed():
            return Words(f"作废：{event.reason}", f"Dismissed: {event.reason}")
        case _:
            assert_never(event)


def _ticket(event: TicketEvent) -> Words:
    match event:
        case fact.TicketOpened():
            way, due = names.CHANNEL[event.channel], _when(event.answer_due)
            return Words(
                f"{way.zh}受理，编号 {event.number}，须在 {due} 前答复：{event.summary}",
                f"Opened by {way.en} as {event.number}, answer due {due}: {event.summary}",
            )
        case fact.TicketTriaged():
            what = _triaged(event)
            return Words(f"分诊：{what.zh}。", f"Triaged: {what.en}.")
        case fact.TicketTriageCorrected():
            what = _triaged(event)
            return Words(f"更正分诊（{event.reason}）：{what.zh}。", f"Triage corrected ({event.reason}): {what.en}.")
        case fact.CoverageDecided():
            return _coverage(event)
        case fact.FirstAnswerGiven():
            how, late = _proof(event.proof), _late(event.late_minutes)
            return Words(f"首次答复（{how.zh}），{late.zh}。", f"First answer ({how.en}), {late.en}.")
        case fact.AnswerOverdue():
            due = _when(event.due)
            return Words(f"{due} 前未答复，已逾期（3.4）。", f"No answer by {due}: overdue (3.4).")
        case fact.AnswerOverdueCorrected():
            at = _when(event.answered_at)
            return Words(f"更正：其实 {at} 已答复，没有逾期。", f"Corrected: it was answered at {at}, in time.")
        case fact.TicketHeld():
            return Words(f"挂起：{event.reason}", f"Put on hold: {event.reason}")
        case fact.TicketResumed():
            status = names.TICKET_STATUS[event.status]
            return Words(f"恢复为「{status.zh}」。", f"Resumed as {status.en}.")
        case fact.TicketEscalated():
            return Words(f"上报总部（3.2）：{event.question}", f"Escalated to headquarters (3.2): {event.question}")
        case fact.EscalationAnswered():
            return Words(f"总部答复：{event.answer}", f"Headquarters answered: {event.answer}")
        case _:
            return _ticket_work(event)


_TicketWork = (
    fact.TicketDispatched
    | fact.TicketWorkOrderVerified
    | fact.TicketWorkOrderCancelled
    | fact.TicketWorkOrderContinued
    | fact.TicketDispatchDeclined
    | fact.VisitReported
    | fact.TicketResolved
    | fact.TicketReopened
    | fact.TicketMerged
    | fact.TicketAbsorbed
    | fact.TicketCancelled
    | fact.TicketClosed
    | fact.TicketArchived
)


def _ticket_work(event: _TicketWork) -> Words:
    match event:
        case fact.TicketDispatched():
            what, order, favour = names.PURPOSE[event.purpose], _short(event.work_order), _because(event.goodwill)
            return Words(
                f"派工（{what.zh}），派工单 {order}{favour.zh}。",
                f"Dispatched for {what.en}, order {order}{favour.en}.",
            )
        case fact.TicketWorkOrderVerified():
            order = _short(event.work_order)
            return Words(f"派工单 {order} 已验收。", f"Work order {order} verified.")
        case fact.TicketWorkOrderCancelled():
            order = _short(event.work_order)
            return Words(f"派工单 {order} 已取消：{event.reason}", f"Work order {order} cancelled: {event.reason}")
        case fact.TicketWorkOrderContinued():
            order, next_ = _short(event.work_order), event.follow_up_number
            return Words(
                f"派工单 {order} 未能完成（{event.reason}），由 {next_} 继续。",
                f"Work order {order} could not be completed ({event.reason}); {next_} goes on with it.",
            )
        case fact.TicketDispatchDeclined():
            return Words(
                f"派工单 {event.number} 未被接受：{event.reason}",
                f"Work order {event.number} was declined: {event.reason_en}",
            )
        case fact.VisitReported():
            return _visit(event)
        case fact.TicketResolved():
            return Words(f"解决：{event.resolution}", f"Resolved: {event.resolution}")
        case fact.TicketReopened():
            due = _when(event.answer_due)
            return Words(f"重开，须在 {due} 前答复：{event.reason}", f"Reopened, answer due {due}: {event.reason}")
        case fact.TicketMerged():
            return Words(
                f"并入 {event.into_number}：{event.reason}", f"Merged into {event.into_number}: {event.reason}"
            )
        case fact.TicketAbsorbed():
            return Words(f"并入重复请求 {event.duplicate_number}。", f"Took in the duplicate {event.duplicate_number}.")
        case fact.TicketCancelled():
            return Words(f"取消：{event.reason}", f"Cancelled: {event.reason}")
        case fact.TicketClosed():
            survey = names.SURVEY_OUTCOME[event.survey]
            return Words(f"关闭（满意度调查{survey.zh}）。", f"Closed (survey {survey.en}).")
        case fact.TicketArchived():
            return Words("服务档案完整，归档。", "The case file is complete: archived.")
        case _:
            assert_never(event)


def _triaged(event: fact.TicketTriaged | fact.TicketTriageCorrected) -> Words:
    unknown = Words("不明", "unknown")
    customer = event.customer_name or (_short(event.customer) if event.customer else None)
    product = event.product_name or (_short(event.product) if event.product else None)
    lot = Words(f"，批次 {event.lot}", f", lot {event.lot}") if event.lot else Words("", "")
    cover = names.COVERAGE[event.coverage]
    no_customer, no_product = _because(event.customer_unknown), _because(event.product_unknown)
    zh = f"客户 {customer or unknown.zh}{no_customer.zh}，产品 {product or unknown.zh}{lot.zh}{no_product.zh}"
    en = f"customer {customer or unknown.en}{no_customer.en}, product {product or unknown.en}{lot.en}{no_product.en}"
    return Words(f"{zh}，{cover.zh}", f"{en}, {cover.en}")


def _coverage(event: fact.CoverageDecided) -> Words:
    verdict = names.COVERAGE[event.verdict]
    reasons = [names.COVERAGE_REASON[reason] for reason in event.reasons]
    until = Words(f"，至 {event.until}", f", until {event.until}") if event.until else Words("", "")
    zh = "、".join([*(reason.zh for reason in reasons), *([event.note] if event.note else [])])
    en = ", ".join([*(reason.en for reason in reasons), *([event.note] if event.note else [])])
    because = Words(f"（{zh}）", f" ({en})") if zh else Words("", "")
    return Words(f"判定为{verdict.zh}{because.zh}{until.zh}。", f"Judged {verdict.en}{because.en}{until.en}.")


def _visit(event: fact.VisitReported) -> Words:
    """3.4b"""
    end = event.finished_at
    done = Words(f"，{_when(end)} 完成", f", finished {_when(end)}") if end else Words("", "")
    if event.arrived_at is None:
        agreed = Words(f"约定 {_when(event.agreed_arrival)} 到场，", f"agreed for {_when(event.agreed_arrival)}, ")
        agreed = agreed if event.agreed_arrival else Words("", "")
        return Words(
            f"{event.engineer}上门：{agreed.zh}没有到场记录{done.zh}。",
            f"{event.engineer}: {agreed.en}no arrival on record{done.en}.",
        )
    at = _when(event.arrived_at)
    late = Words("", "") if event.late_minutes is None else _late(event.late_minutes)
    comma = Words("，", ", ") if event.late_minutes is not None else late
    return Words(
        f"{event.engineer} {at} 到场{comma.zh}{late.zh}{done.zh}。",
        f"{event.engineer} arrived {at}{comma.en}{late.en}{done.en}.",
    )


def _quote(event: QuoteEvent) -> Words:
    match event:
        case fact.QuoteIssued():
            total, until = _yuan(event.total), _when(event.valid_until)
            return Words(
                f"报价（第 {event.revision} 版）{total}，有效至 {until}。",
                f"Quote (revision {event.revision}) of {total} issued, valid until {until}.",
            )
        case fact.QuoteAccepted():
            total, how = _yuan(event.total), _proof(event.proof)
            return Words(f"客户接受报价 {total}（{how.zh}）。", f"The customer accepted {total} ({how.en}).")
        case fact.QuoteDeclined():
            return Words(f"客户拒绝报价：{event.reason}", f"The customer declined the quote: {event.reason}")
        case fact.QuoteExpired():
            return Words(
                f"报价（第 {event.revision} 版）已过有效期。", f"The quote (revision {event.revision}) expired."
            )
        case _:
            assert_never(event)


def _complaint(event: ComplaintEvent) -> Words:
    match event:
        case fact.ComplaintLodged():
            what = names.COMPLAINT_CATEGORY[event.category]
            return Words(
                f"登记投诉 {event.number}，{what.zh}：{event.summary}",
                f"Complaint {event.number} lodged, {what.en}: {event.summary}",
            )
        case fact.ComplaintAcknowledged():
            return Words("受理投诉。", "Complaint acknowledged.")
        case fact.ComplaintInvestigationStarted():
            return Words(f"{event.investigator} 开始调查。", f"Investigation started by {event.investigator}.")
        case fact.ComplaintSubjectNamed():
            due = _when(event.statement_due)
            return Words(
                f"请 {event.engineer} 在 {due} 前陈述（D6）。", f"{event.engineer} was asked to state by {due} (D6)."
            )
        case fact.EvidenceAdded():
            return Words(f"添加证据：{event.description}", f"Evidence added: {event.description}")
        case fact.ComplaintStatementGiven():
            late = Words("（逾期）", " (late)") if event.late else Words("", "")
            return Words(
                f"{event.engineer} 陈述{late.zh}：{event.statement}",
                f"{event.engineer} stated{late.en}: {event.statement}",
            )
        case fact.ComplaintStatementLapsed():
            return Words(f"{event.engineer} 逾期未陈述。", f"{event.engineer} gave no statement in time.")
        case fact.ComplaintSubstantiated():
            what = names.COMPLAINT_CATEGORY[event.category]
            return Words(f"查实：{what.zh}。{event.reasons}", f"Substantiated: {what.en}. {event.reasons}")
        case fact.ComplaintDismissed():
            found = names.COMPLAINT_STATUS[event.finding]
            return Words(f"结论：{found.zh}。{event.reasons}", f"Found {found.en}. {event.reasons}")
        case fact.RemedyPlanned():
            return Words(
                f"挽回措施：{event.remedy}（{event.responsible}）",
                f"Remedy planned: {event.remedy} ({event.responsible})",
            )
        case fact.RemedyCompleted():
            return Words(f"挽回措施完成：{event.outcome}", f"Remedy completed: {event.outcome}")
        case fact.ComplaintClosed():
            found = names.COMPLAINT_STATUS[event.finding]
            return Words(f"投诉关闭（{found.zh}）。", f"Complaint closed ({found.en}).")
        case fact.ComplaintWithdrawn():
            return Words(f"客户撤回投诉：{event.reason}", f"Withdrawn by the customer: {event.reason}")
        case _:
            assert_never(event)


def _survey(event: SurveyEvent) -> Words:
    match event:
        case fact.SurveySent():
            way = names.CHANNEL[event.channel]
            return Words(f"通过{way.zh}发送满意度调查。", f"Survey sent by {way.en}.")
        case fact.SurveyReminderDue():
            return Words("满意度调查尚未答复，应催填。", "No answer to the survey yet: a reminder is due.")
        case fact.SurveyAnswered():
            score = f"{event.score}/5" if event.score is not None else ""
            said = "".join(f" {part}" for part in (score, event.verdict, event.text) if part)
            return Words(f"客户评价：{said.strip()}", f"The customer's rating:{said}")
        case fact.SurveyDeclined():
            why, how = _because(event.reason), _proof(event.proof)
            return Words(f"客户拒填调查{why.zh}（{how.zh}）。", f"The customer declined the survey{why.en} ({how.en}).")
        case _:
            assert_never(event)


def _case_file(event: CaseFileEvent) -> Words:
    match event:
        case fact.DocumentFiled():
            kind = names.DOCUMENT[event.document]
            return Words(f"归入{kind.zh}：{event.title}", f"Filed a {kind.en}: {event.title}")
        case fact.CaseFileArchived():
            count = len(event.documents)
            return Words(
                f"服务档案归档，共 {count} 份文件（5.3）。", f"Case file archived with {count} document(s) (5.3)."
            )
        case _:
            assert_never(event)


def _reference(event: ReferenceEvent) -> Words:
    match event:
        case fact.CustomerRecorded():
            return Words(f"客户资料：{event.name}", f"Customer recorded: {event.name}")
        case fact.SiteRecorded():
            return Words(f"服务地点：{event.name}", f"Site recorded: {event.name}")
        case fact.PersonRecorded():
            return Words("登记联系人。", "A contact person was recorded.")
        case fact.PersonErased():
            return Words(f"联系人信息已删除：{event.reason}", f"A contact person was erased: {event.reason}")
        case fact.ProductRecorded():
            return Words(f"产品资料：{event.name}", f"Product recorded: {event.name}")
        case fact.LotRecorded():
            return Words(f"批次：{event.product_name} {event.lot}", f"Lot recorded: {event.product_name} {event.lot}")
        case fact.UnitRecorded():
            mark = event.serial or event.lot or _short(event.unit)
            return Words(
                f"在用设备：{event.product_name} {mark}", f"Installed unit recorded: {event.product_name} {mark}"
            )
        case _:
            assert_never(event)


def _proof(proof: Proof) -> Words:
    match proof:
        case CallProof():
            way = Words("来电", "inbound call") if proof.direction == "inbound" else Words("去电", "outbound call")
            minutes, seconds = divmod(proof.seconds, 60)
            return Words(f"{way.zh} {minutes}:{seconds:02}", f"{way.en} of {minutes}:{seconds:02}")
        case MessageProof():
            way = names.CHANNEL[proof.channel]
            return Words(f"{way.zh}消息", f"message by {way.en}")
        case RegisterProof():
            way = Words(f"，{proof.way}", f", {proof.way}") if proof.way else Words("", "")
            return Words(f"登记表第 {proof.row} 行{way.zh}", f"register row {proof.row}{way.en}")
        case _:
            assert_never(proof)


def _late(minutes: int) -> Words:
    if minutes == 0:
        return Words("按时", "in time")
    return Words(f"迟 {minutes} 分钟", f"{minutes} min late")


def _because(reason: str | None) -> Words:
    return Words(f"（{reason}）", f" ({reason})") if reason else Words("", "")


def _when(moment: datetime | None) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if moment else ""


def _yuan(amount: Decimal) -> str:
    return f"¥{amount:,.2f}"


def _short(of: UUID) -> str:
    return of.hex[:8].upper()
