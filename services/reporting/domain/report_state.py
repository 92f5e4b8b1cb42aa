"""What a monthly report's next decision needs, and what its events make of it and of its deadlines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from services.reporting.domain.report_commands import RecordDelivery, RecordDeliveryFailure
from shared.decider import Arm, Breach, DeadlineChange, Drop, Meet
from shared.events import reporting as fact
from shared.events.reporting import DeliveryMeans, LogPosition, ReportRecipient
from shared.events.reporting import MonthlyReportStatus as S

ALARM, DUE, REMINDER = "alarm", "due", "reminder"
"""The deadlines: a day before it is due, when it is due, when recipients are asked again."""

Way = tuple[str, int, str, DeliveryMeans]
"""Number, reminder (0: the report itself), recipient and means: what is delivered once."""

ReportEvent = (
    fact.MonthOpened
    | fact.MonthCutOff
    | fact.MonthFollowed
    | fact.MonthlyReportDrafted
    | fact.MonthlyReportReviewed
    | fact.MonthlyReportReturned
    | fact.MonthlyReportIssued
    | fact.MonthlyReportDueSoon
    | fact.MonthlyReportLate
    | fact.MonthlyReportDelivered
    | fact.MonthlyReportDeliveryFailed
    | fact.MonthlyReportAcknowledged
    | fact.MonthlyReportReminderDue
    | fact.RestatementDrafted
    | fact.RestatementDropped
    | fact.MonthlyReportRestated
)
Issue = fact.MonthlyReportIssued | fact.MonthlyReportRestated
"""What was issued, at first or as a restatement."""


@dataclass(frozen=True, slots=True)
class Report:
    opened: fact.MonthOpened | None = None
    cut: fact.MonthCutOff | None = None
    drafts: int = 0
    draft: fact.MonthlyReportDrafted | None = None
    """None where it was cut off or returned since."""
    reviewed: fact.MonthlyReportReviewed | None = None
    issues: tuple[Issue, ...] = ()
    """In the order of their editions; the last one holds."""
    restatement: fact.RestatementDrafted | None = None
    editions: int = 0
    """Restatements that were drafted, those that were dropped included."""
    followed: fact.MonthFollowed | None = None
    alarmed: bool = False
    late: bool = False
    delivered: frozenset[Way] = frozenset()
    failures: Mapping[Way, fact.MonthlyReportDeliveryFailed] = field(default_factory=dict)
    """The last failure of what isn't delivered yet."""
    acknowledged: Mapping[str, fact.MonthlyReportAcknowledged] = field(default_factory=dict)
    """By recipient; of the issue that holds."""
    reminders: int = 0

    @property
    def issue(self) -> Issue | None:
        """The one that holds."""
        return self.issues[-1] if self.issues else None

    @property
    def status(self) -> S | None:
        if self.opened is None:
            return None
        if self.issue:
            return S.ISSUED if self.waiting_for or not self.issue.recipients else S.ACKNOWLEDGED
        if self.reviewed:
            return S.REVIEWED
        if self.draft:
            return S.DRAFTED
        return S.CUT_OFF if self.cut else S.OPEN

    @property
    def positions(self) -> tuple[LogPosition, ...] | None:
        """How far the report looks: as it was issued last, or cut off; None before that."""
        if self.issue:
            return self.issue.positions
        return self.cut.positions if self.cut else None

    @property
    def waiting_for(self) -> tuple[ReportRecipient, ...]:
        """The recipients that haven't acknowledged."""
        recipients = self.issue.recipients if self.issue else ()
        return tuple(each for each in recipients if each.recipient not in self.acknowledged)


NEW = Report()


def way_of(
    told: RecordDelivery | RecordDeliveryFailure | fact.MonthlyReportDelivered | fact.MonthlyReportDeliveryFailed,
) -> Way:
    return told.number, told.reminder, told.recipient, told.means


def evolve(report: Report, event: ReportEvent) -> Report:
    match event:
        case fact.MonthOpened():
            return replace(report, opened=event)
        case fact.MonthCutOff():
            return replace(report, cut=event, draft=None, reviewed=None)
        case fact.MonthFollowed():
            return replace(report, followed=event)
        case fact.MonthlyReportDrafted():
            return replace(report, draft=event, drafts=event.draft, reviewed=None)
        case fact.MonthlyReportReviewed():
            return replace(report, reviewed=event)
        case fact.MonthlyReportReturned():
            return replace(report, draft=None, reviewed=None)
        case fact.MonthlyReportIssued() | fact.MonthlyReportRestated():
            return replace(report, issues=(*report.issues, event), restatement=None, acknowledged={}, failures={})
        case fact.RestatementDrafted():
            return replace(report, restatement=event, editions=event.edition)
        case fact.RestatementDropped():
            return replace(report, restatement=None)
        case _:
            return _sent(report, event)


def _sent(
    report: Report,
    event: fact.MonthlyReportDueSoon
    | fact.MonthlyReportLate
    | fact.MonthlyReportDelivered
    | fact.MonthlyReportDeliveryFailed
    | fact.MonthlyReportAcknowledged
    | fact.MonthlyReportReminderDue,
) -> Report:
    match event:
        case fact.MonthlyReportDueSoon():
            return replace(report, alarmed=True)
        case fact.MonthlyReportLate():
            return replace(report, late=True)
        case fact.MonthlyReportDelivered():
            way = way_of(event)
            failures = {key: failed for key, failed in report.failures.items() if key != way}
            return replace(report, delivered=report.delivered | {way}, failures=failures)
        case fact.MonthlyReportDeliveryFailed():
            way = way_of(event)
            return replace(report, failures={**report.failures, way: event})
        case fact.MonthlyReportAcknowledged():
            return replace(report, acknowledged={**report.acknowledged, event.recipient: event})
        case fact.MonthlyReportReminderDue():
            return replace(report, reminders=event.reminder)
        case _:
            assert_never(event)


def deadlines(event: ReportEvent) -> Sequence[DeadlineChange]:
    """D22: the alarm a day before it is due, and the due time itself. D26: recipients are reminded until all have
    acknowledged."""
    match event:
        case fact.MonthOpened():
            return [Arm(ALARM, event.alarm), Arm(DUE, event.due)]
        case fact.MonthlyReportDueSoon():
            return [Meet(ALARM, event.at)]
        case fact.MonthlyReportLate():
            return [Breach(DUE, event.at)]
        case fact.MonthlyReportIssued():
            met: list[DeadlineChange] = [Drop(ALARM)] if event.alarm_met else []
            met += [Meet(DUE, event.at)] if event.due_met else []
            return [*met, Arm(REMINDER, event.acknowledge_by)] if event.recipients else met
        case fact.MonthlyReportRestated():
            return [Arm(REMINDER, event.acknowledge_by)] if event.recipients else []
        case fact.MonthlyReportReminderDue():
            return [Arm(REMINDER, event.next_due)]
        case fact.MonthlyReportAcknowledged():
            return [Meet(REMINDER, event.at)] if event.complete else []
        case _:
            return []
