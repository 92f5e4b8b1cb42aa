"""Every event of reporting in a plain sentence."""

from datetime import datetime
from typing import assert_never

from services.reporting.domain.names import MEANS
from services.reporting.domain.report_state import ReportEvent
from shared.calendar import SHANGHAI
from shared.decider import Words
from shared.events import reporting as fact
from shared.events.base import Event


def in_words(event: Event) -> Words:
    """What happened, in one sentence of each language. Raises TypeError for another service's event."""
    if isinstance(event, fact.ReportRecipientRecorded):
        return Words(f"登记收件人 {event.title}。", f"{event.title} is recorded as a recipient.")
    if isinstance(event, ReportEvent):
        return _made(event)
    raise TypeError(f"{event.TOPIC} is no event of reporting")


def _made(event: ReportEvent) -> Words:
    match event:
        case fact.MonthOpened():
            due = _when(event.due)
            return Words(f"{event.period} 统计月开始，{due} 前报送。", f"{event.period} has begun; it is due by {due}.")
        case fact.MonthCutOff():
            where = "，".join(f"{each.source} {each.position}" for each in event.positions)
            return Words(f"{event.cut_off_by} 截数（{where}）。", f"Cut off by {event.cut_off_by} ({where}).")
        case fact.MonthFollowed():
            return Words("后续月报已截数，此份不再重述。", "A later report builds on it: it is restated no more.")
        case fact.MonthlyReportDrafted():
            return Words(
                f"{event.drafted_by} 起草第 {event.draft} 稿，共 {len(event.files)} 个文件。",
                f"Draft {event.draft} by {event.drafted_by}, {len(event.files)} files.",
            )
        case fact.MonthlyReportReviewed():
            return Words(f"{event.reviewed_by} 复核通过。", f"Reviewed and found right by {event.reviewed_by}.")
        case fact.MonthlyReportReturned():
            return Words(
                f"{event.returned_by} 退回：{event.reason}", f"Returned by {event.returned_by}: {event.reason}"
            )
        case fact.MonthlyReportIssued():
            return Words(f"{event.issued_by} 签发 {event.number}。", f"{event.number} is issued by {event.issued_by}.")
        case fact.MonthlyReportDueSoon():
            return Words(f"将于 {_when(event.due)} 到期，尚未签发。", f"Due by {_when(event.due)}, and not issued yet.")
        case fact.MonthlyReportLate():
            return Words(f"逾期（{_when(event.due)}，5.4）。", f"Late: it was due by {_when(event.due)} (5.4).")
        case _:
            return _sent(event)


def _sent(
    event: fact.MonthlyReportDelivered
    | fact.MonthlyReportDeliveryFailed
    | fact.MonthlyReportAcknowledged
    | fact.MonthlyReportReminderDue
    | fact.RestatementDrafted
    | fact.RestatementDropped
    | fact.MonthlyReportRestated,
) -> Words:
    match event:
        case fact.MonthlyReportDelivered():
            how, what = MEANS[event.means], _what(event.reminder)
            return Words(
                f"{what.zh}已送达 {event.recipient}（{how.zh}）。",
                f"{what.en} was delivered to {event.recipient} ({how.en}).",
            )
        case fact.MonthlyReportDeliveryFailed():
            how, what = MEANS[event.means], _what(event.reminder)
            return Words(
                f"{what.zh}未能送达 {event.recipient}（{how.zh}，第 {event.attempt} 次）：{event.reason}",
                f"{what.en} didn't reach {event.recipient} ({how.en}, try {event.attempt}): {event.reason}",
            )
        case fact.MonthlyReportAcknowledged():
            return Words(
                f"{event.recipient} 签收（{event.acknowledged_by}）。",
                f"Acknowledged for {event.recipient} by {event.acknowledged_by}.",
            )
        case fact.MonthlyReportReminderDue():
            who = "、".join(event.recipients)
            return Words(f"第 {event.reminder} 次催签收：{who}。", f"Reminder {event.reminder} to {who}.")
        case fact.RestatementDrafted():
            return Words(
                f"{event.drafted_by} 起草重述 {event.number}，{len(event.changes)} 处变化：{event.reason}",
                f"Restatement {event.number} by {event.drafted_by}, {len(event.changes)} changes: {event.reason}",
            )
        case fact.RestatementDropped():
            return Words(f"放弃重述：{event.reason}", f"The restatement was dropped: {event.reason}")
        case fact.MonthlyReportRestated():
            return Words(
                f"{event.restated_by} 重述为 {event.number}，替代 {event.replaces}。",
                f"Restated as {event.number} by {event.restated_by}; it replaces {event.replaces}.",
            )
        case _:
            assert_never(event)


def _what(reminder: int) -> Words:
    return Words(f"第 {reminder} 次催签收", f"Reminder {reminder}") if reminder else Words("月报", "The report")


def _when(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
