"""A monthly report: ``OPEN → CUT_OFF → DRAFTED → REVIEWED⚖ → ISSUED → ACKNOWLEDGED × n``; ``→ RESTATED⚖`` (5.4).

D22: the statistics are due at the end of the 3rd of the next month, the items at the end of the 4th, and it is said a
day earlier; holidays shift nothing. D26: recipients are offices with addresses, and each acknowledges.

What is learned after the cut-off is the next month's adjustment, so an issued figure never changes. Only as long as
no other report builds on it can a report be restated, and only by two people: later its faults are adjusted.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import assert_never

from services.reporting.domain import report_commands as wish
from services.reporting.domain.identity import report_id, report_number
from services.reporting.domain.names import REPORT_ACTION, REPORT_HINT, REPORT_STATUS
from services.reporting.domain.report_commands import ReportCommand
from services.reporting.domain.report_state import NEW, Report, ReportEvent, deadlines, evolve, way_of
from shared.calendar import Period
from shared.decider import Refused, Words
from shared.events import reporting as fact
from shared.events.reporting import LogPosition, ReportFile, ReportKind
from shared.events.reporting import MonthlyReportStatus as S
from shared.facts import repeats, tell
from shared.refusal import not_now, why_not

__all__ = ["NEW", "STREAM", "available", "deadlines", "decide", "evolve"]

STREAM = "monthly_report"

DUE_DAY: Mapping[ReportKind, int] = {ReportKind.STATISTICS: 3, ReportKind.ITEMS: 4}
"""D22: the day of the next month at whose end the report is due."""
ALARM_BEFORE = timedelta(days=1)
REMIND_EVERY = timedelta(days=1)
AGAIN: Sequence[timedelta] = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360))
"""Pauses between the tries to deliver; the last one is repeated for as long as it takes."""

_BEFORE_REVIEW = frozenset({S.OPEN, S.CUT_OFF, S.DRAFTED})
_ISSUED = frozenset({S.ISSUED, S.ACKNOWLEDGED})
ALLOWED: Mapping[str, frozenset[S]] = {
    "cut_off": _BEFORE_REVIEW,
    "draft": frozenset({S.CUT_OFF, S.DRAFTED}),
    "review": frozenset({S.DRAFTED}),
    "return": frozenset({S.DRAFTED, S.REVIEWED}),
    "issue": frozenset({S.REVIEWED}),
    "acknowledge": _ISSUED,
    "draft_restatement": _ISSUED,
    "drop_restatement": _ISSUED,
    "restate": _ISSUED,
}
"""In which states the lifecycle lists an action."""


def fingerprint_of(files: Iterable[ReportFile]) -> str:
    """SHA-256 over all files, as ``sha256sum`` lists them: ``<sha256>  <name>`` by name."""
    lines = "".join(f"{file.sha256}  {file.name}\n" for file in sorted(files, key=lambda each: each.name))
    return hashlib.sha256(lines.encode()).hexdigest()


# --- decisions --------------------------------------------------------------------------------------------------------


def decide(command: ReportCommand, report: Report) -> Sequence[ReportEvent]:
    """The events that ``command`` causes; none when it says again what has happened. Raises ``Refused``."""
    match command:
        case wish.OpenMonth():
            return _open(command, report)
        case wish.CutOffMonth():
            return _cut_off(command, report)
        case wish.FollowMonth():
            return _follow(command, report)
        case wish.DraftReport():
            return _draft(command, report)
        case wish.ReviewReport():
            return _review(command, report)
        case wish.ReturnReport():
            return _return(command, report)
        case wish.IssueReport():
            return _issue(command, report)
        case wish.RecordDelivery():
            return _record_delivery(command, report)
        case wish.RecordDeliveryFailure():
            return _record_failure(command, report)
        case wish.AcknowledgeReport():
            return _acknowledge(command, report)
        case _:
            return _restating_or_due(command, report)


def _restating_or_due(
    command: wish.DraftRestatement
    | wish.DropRestatement
    | wish.RestateReport
    | wish.TellDueSoon
    | wish.MarkReportLate
    | wish.RemindRecipients,
    report: Report,
) -> Sequence[ReportEvent]:
    match command:
        case wish.DraftRestatement():
            return _draft_restatement(command, report)
        case wish.DropRestatement():
            return _drop_restatement(command, report)
        case wish.RestateReport():
            return _restate(command, report)
        case wish.TellDueSoon():
            return _tell_due_soon(command, report)
        case wish.MarkReportLate():
            return _mark_late(command, report)
        case wish.RemindRecipients():
            return _remind(command, report)
        case _:
            assert_never(command)


def available(report: Report, by: str, now: datetime) -> dict[str, Words | None]:
    """For every action None where it is open to ``by`` now, otherwise why not."""
    guards: dict[str, Callable[[], object]] = {action: partial(_permit, action, report) for action in ALLOWED}
    guards["cut_off"] = partial(check_cut_off, report, now)
    guards["review"] = partial(_check_review, report, by)
    guards["draft_restatement"] = partial(check_restatement, report)
    guards["drop_restatement"] = partial(_drafted_restatement, report, "drop_restatement")
    guards["restate"] = partial(_check_restate, report, by)
    return {action: why_not(guard) for action, guard in guards.items()}


def known(report: Report) -> fact.MonthOpened:
    """How it began. Raises ``Refused`` where the month isn't opened."""
    if report.opened is None:
        raise Refused("month_not_open", "该统计月尚未开始。", "That month isn't opened.")
    return report.opened


def _permit(action: str, report: Report) -> None:
    known(report)
    status = report.status
    if status and status not in ALLOWED[action]:
        kind = Words("月报", "monthly report")
        raise not_now(STREAM, kind, REPORT_ACTION[action], status, REPORT_STATUS[status], REPORT_HINT[status])


def _open(command: wish.OpenMonth, report: Report) -> Sequence[ReportEvent]:
    if report.opened:
        return []
    period = Period.parse(command.period)
    if command.at < period.start:
        raise Refused("month_not_begun", "该月还没有开始。", "That month hasn't begun.")
    due = period.due_end_of_day(DUE_DAY[command.kind])
    return [
        tell(
            fact.MonthOpened,
            command,
            report=report_id(command.kind, period),
            number=report_number(command.kind, period),
            ends=period.end,
            due=due,
            alarm=due - ALARM_BEFORE,
        )
    ]


def check_cut_off(report: Report, now: datetime) -> None:
    """A month is cut off when it is over, and again as long as it isn't reviewed. Raises ``Refused``."""
    _permit("cut_off", report)
    if now < known(report).ends:
        raise Refused("month_not_over", "该月还没有结束，不能截数。", "The month isn't over, so it can't be cut off.")


def _cut_off(command: wish.CutOffMonth, report: Report) -> Sequence[ReportEvent]:
    check_cut_off(report, command.at)
    opened = known(report)
    before = report.cut.positions if report.cut else command.since or ()
    if _behind(command.positions, before):
        raise Refused(
            "cut_off_backwards",
            "截数位置早于上一次截数；请稍后重试。",
            "That would be before the last cut-off: try again shortly.",
        )
    return [tell(fact.MonthCutOff, command, report=opened.report, number=opened.number, cut_off_by=command.by)]


def _behind(positions: Sequence[LogPosition], others: Sequence[LogPosition]) -> bool:
    """Whether any source is looked at less far."""
    reached = {each.source: each.position for each in positions}
    return any(reached.get(other.source, 0) < other.position for other in others)


def _follow(command: wish.FollowMonth, report: Report) -> Sequence[ReportEvent]:
    """What follows builds on figures that hold: the report has to be issued, and no restatement under way."""
    if report.followed:
        return []
    if report.issue is None:
        raise Refused(
            "month_before_not_issued",
            f"上一份月报 {known(report).number} 尚未签发，请先签发。",
            f"The report before, {known(report).number}, isn't issued: issue it first.",
        )
    if report.restatement:
        raise Refused(
            "restatement_under_way",
            f"{known(report).number} 正在重述，请先决定。",
            f"{known(report).number} is being restated: have that decided first.",
        )
    return [fact.MonthFollowed(at=command.at, report=known(report).report, by=command.follower)]


def check_draft(report: Report) -> fact.MonthCutOff:
    """Raises ``Refused``."""
    _permit("draft", report)
    assert report.cut, "only what is cut off can be drafted"
    return report.cut


def _draft(command: wish.DraftReport, report: Report) -> Sequence[ReportEvent]:
    cut = check_draft(report)
    if cut.positions != command.positions:
        raise Refused(
            "cut_off_meanwhile", "期间已重新截数，请重新起草。", "It was cut off anew meanwhile: draft again."
        )
    draft = report.drafts + 1
    return [tell(fact.MonthlyReportDrafted, command, report=known(report).report, draft=draft, drafted_by=command.by)]


def _check_review(report: Report, by: str) -> fact.MonthlyReportDrafted:
    """⚖ Whoever drafted it doesn't review it. Raises ``Refused``."""
    _permit("review", report)
    assert report.draft, "a drafted report has its draft"
    if by == report.draft.drafted_by:
        raise Refused("drafter_cannot_review", "起草人不能复核。", "Whoever drafted the report can't review it.")
    return report.draft


def _review(command: wish.ReviewReport, report: Report) -> Sequence[ReportEvent]:
    if report.reviewed and report.reviewed.reviewed_by == command.by and repeats(command, report.reviewed):
        return []
    draft = _check_review(report, command.by)
    return [
        tell(
            fact.MonthlyReportReviewed,
            command,
            report=known(report).report,
            draft=draft.draft,
            reviewed_by=command.by,
        )
    ]


def _return(command: wish.ReturnReport, report: Report) -> Sequence[ReportEvent]:
    _permit("return", report)
    return [
        tell(
            fact.MonthlyReportReturned,
            command,
            report=known(report).report,
            draft=report.drafts,
            returned_by=command.by,
        )
    ]


def _issue(command: wish.IssueReport, report: Report) -> Sequence[ReportEvent]:
    _permit("issue", report)
    opened, cut, draft = known(report), report.cut, report.draft
    assert cut, "what is reviewed was cut off"
    assert draft, "what is reviewed was drafted"
    late = _late(report, command.at)
    issued = tell(
        fact.MonthlyReportIssued,
        command,
        report=opened.report,
        kind=opened.kind,
        number=opened.number,
        period=opened.period,
        positions=cut.positions,
        files=draft.files,
        fingerprint=fingerprint_of(draft.files),
        acknowledge_by=command.at + timedelta(days=command.acknowledge_days),
        alarm_met=not report.alarmed,
        due_met=not (report.late or late),
        issued_by=command.by,
    )
    return [*late, issued]


# --- delivery and acknowledgement -------------------------------------------------------------------------------------


def _record_delivery(command: wish.RecordDelivery, report: Report) -> Sequence[ReportEvent]:
    if way_of(command) in report.delivered:
        return []
    return [tell(fact.MonthlyReportDelivered, command, report=known(report).report)]


def _record_failure(command: wish.RecordDeliveryFailure, report: Report) -> Sequence[ReportEvent]:
    way = way_of(command)
    if way in report.delivered:
        return []
    failed = report.failures.get(way)
    attempt = failed.attempt + 1 if failed else 1
    again_at = command.at + AGAIN[min(attempt, len(AGAIN)) - 1]
    opened = known(report).report
    return [tell(fact.MonthlyReportDeliveryFailed, command, report=opened, attempt=attempt, again_at=again_at)]


def _acknowledge(command: wish.AcknowledgeReport, report: Report) -> Sequence[ReportEvent]:
    """D26: each recipient by itself, by an account that may."""
    if command.recipient in report.acknowledged:
        return []
    _permit("acknowledge", report)
    waiting = {each.recipient: each for each in report.waiting_for}
    recipient = waiting.get(command.recipient)
    if recipient is None:
        raise Refused("no_recipient", "该部门不是此月报的收件人。", "The report wasn't addressed to that office.")
    if recipient.accounts and command.by not in recipient.accounts:
        raise Refused(
            "not_for_this_account",
            "该账号不能代此收件人签收。",
            "This account can't acknowledge for that recipient.",
        )
    assert report.issue, "it is acknowledged, so it was issued"
    return [
        tell(
            fact.MonthlyReportAcknowledged,
            command,
            report=known(report).report,
            number=report.issue.number,
            acknowledged_by=command.by,
            complete=len(waiting) == 1,
        )
    ]


# --- restatement ------------------------------------------------------------------------------------------------------


def check_restatement(report: Report) -> None:
    """Only the last report of its kind is restated: an earlier one's faults are adjusted. Raises ``Refused``."""
    _permit("draft_restatement", report)
    if report.followed:
        raise Refused(
            "followed_is_adjusted",
            "后续月报已截数，此份不能重述；差异已列入后续月报的调整。",
            "A later report builds on it, so it can't be restated: what was wrong is adjusted there.",
        )
    if report.restatement:
        raise Refused(
            "restatement_under_way",
            "已有重述草稿，请先决定或放弃。",
            "A restatement is drafted already: decide on it or drop it first.",
        )


def _draft_restatement(command: wish.DraftRestatement, report: Report) -> Sequence[ReportEvent]:
    check_restatement(report)
    if _behind(command.positions, report.positions or ()):
        raise Refused("cut_off_backwards", "截数位置早于原月报。", "That would look less far than the report did.")
    if not command.changes:
        raise Refused(
            "nothing_to_restate", "数据没有变化，无需重述。", "Nothing has changed: there is nothing to restate."
        )
    opened, edition = known(report), report.editions + 1
    number = report_number(opened.kind, Period.parse(opened.period), edition)
    drafted = tell(
        fact.RestatementDrafted, command, report=opened.report, edition=edition, number=number, drafted_by=command.by
    )
    return [drafted]


def _drafted_restatement(report: Report, action: str) -> fact.RestatementDrafted:
    _permit(action, report)
    if report.restatement is None:
        raise Refused("no_restatement", "没有重述草稿。", "No restatement is drafted.")
    return report.restatement


def _drop_restatement(command: wish.DropRestatement, report: Report) -> Sequence[ReportEvent]:
    drafted = _drafted_restatement(report, "drop_restatement")
    return [
        tell(
            fact.RestatementDropped,
            command,
            report=known(report).report,
            edition=drafted.edition,
            dropped_by=command.by,
        )
    ]


def _check_restate(report: Report, by: str) -> fact.RestatementDrafted:
    """⚖ Whoever drafted it doesn't decide on it. Raises ``Refused``."""
    drafted = _drafted_restatement(report, "restate")
    if by == drafted.drafted_by:
        raise Refused(
            "drafter_cannot_restate",
            "起草重述的人不能决定重述。",
            "Whoever drafted the restatement can't decide on it.",
        )
    return drafted


def _restate(command: wish.RestateReport, report: Report) -> Sequence[ReportEvent]:
    drafted, opened, replaced = _check_restate(report, command.by), known(report), report.issue
    assert replaced, "what is restated was issued"
    return [
        tell(
            fact.MonthlyReportRestated,
            command,
            report=opened.report,
            kind=opened.kind,
            edition=drafted.edition,
            number=drafted.number,
            replaces=replaced.number,
            period=opened.period,
            positions=drafted.positions,
            files=drafted.files,
            fingerprint=fingerprint_of(drafted.files),
            changes=drafted.changes,
            reason=drafted.reason,
            acknowledge_by=command.at + timedelta(days=command.acknowledge_days),
            restated_by=command.by,
        )
    ]


# --- time -------------------------------------------------------------------------------------------------------------


def _tell_due_soon(command: wish.TellDueSoon, report: Report) -> Sequence[ReportEvent]:
    opened = known(report)
    if report.issue or report.alarmed:
        return []
    if command.at < opened.alarm:
        raise Refused("alarm_not_due", "未到提醒时间。", "There is still time.")
    return [
        fact.MonthlyReportDueSoon(
            at=opened.alarm, report=opened.report, kind=opened.kind, number=opened.number, due=opened.due
        )
    ]


def _mark_late(command: wish.MarkReportLate, report: Report) -> Sequence[ReportEvent]:
    """It is late from the due time on, not from when somebody looks."""
    if report.issue or report.late:
        return []
    if command.at < known(report).due:
        raise Refused("report_not_due", "期限未到。", "There is still time.")
    return _late(report, command.at)


def _late(report: Report, at: datetime) -> Sequence[fact.MonthlyReportLate]:
    """What the timer says, or hasn't said yet when the report comes too late."""
    opened = known(report)
    if report.late or at < opened.due:
        return []
    return [
        fact.MonthlyReportLate(
            at=opened.due, report=opened.report, kind=opened.kind, number=opened.number, due=opened.due
        )
    ]


def _remind(command: wish.RemindRecipients, report: Report) -> Sequence[ReportEvent]:
    issue, waiting = report.issue, report.waiting_for
    if issue is None or not waiting:
        return []
    return [
        fact.MonthlyReportReminderDue(
            at=command.at,
            report=issue.report,
            number=issue.number,
            recipients=tuple(each.recipient for each in waiting),
            reminder=report.reminders + 1,
            next_due=command.at + REMIND_EVERY,
        )
    ]
