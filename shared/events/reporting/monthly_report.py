"""The life of a monthly report: opened, cut off, drafted, reviewed, issued, delivered, acknowledged, restated (5.4)."""

from uuid import UUID

from pydantic import Field

from shared.events.base import Moment
from shared.events.reporting.values import (
    Audience,
    DeliveryMeans,
    FigureChange,
    LogPosition,
    ReportFile,
    ReportingEvent,
    ReportKind,
    ReportRecipient,
)


class MonthOpened(ReportingEvent):
    """统计月开始 · A month has begun, on which a report is due."""

    report: UUID
    kind: ReportKind
    number: str
    """供人使用的编号 · For people: ``TJ-2026-10``."""
    period: str
    """统计月 · ``2026-10``, Asia/Shanghai (D23)."""
    ends: Moment
    due: Moment
    """报送期限（D22） · Until when it has to be issued (D22)."""
    alarm: Moment
    """提醒时间 · When it is said that it will soon be due."""


class MonthCutOff(ReportingEvent):
    """统计月截数 · How far into the logs the report looks; what is learned later is the next month's adjustment."""

    report: UUID
    number: str
    positions: tuple[LogPosition, ...]
    since: tuple[LogPosition, ...] | None
    """上一份月报的截数位置；空：此前没有月报 · Where the report before was cut off; None: there is none."""
    last_year: tuple[LogPosition, ...] | None
    """去年同月月报的截数位置 · Where the report of the same month last year was cut off."""
    follows: UUID | None
    """上一份月报 · The report before."""
    cut_off_by: str


class MonthFollowed(ReportingEvent):
    """后续月报已截数 · The next report builds on this one: from now on this one is adjusted there, never restated."""

    report: UUID
    by: UUID
    """后续月报 · The report that follows."""


class MonthlyReportDrafted(ReportingEvent):
    """月报起草 · Data and documents were made of what lies within the cut-off."""

    report: UUID
    draft: int = Field(ge=1)
    files: tuple[ReportFile, ...]
    drafted_by: str


class MonthlyReportReviewed(ReportingEvent):
    """月报复核 ⚖ · Another person than the one who drafted it found it right."""

    report: UUID
    draft: int
    note: str | None
    reviewed_by: str


class MonthlyReportReturned(ReportingEvent):
    """月报退回 · It isn't right yet: it is cut off and drafted anew."""

    report: UUID
    draft: int
    reason: str
    returned_by: str


class MonthlyReportIssued(ReportingEvent):
    """月报签发 · The report with its number; it never changes."""

    report: UUID
    kind: ReportKind
    number: str
    period: str
    positions: tuple[LogPosition, ...]
    files: tuple[ReportFile, ...]
    fingerprint: str
    """数据与全部文件的 SHA-256，见 ``fingerprint_of`` ·
    SHA-256 over data and files: of the lines ``<sha256>  <name>``, sorted by name, each with a line end, UTF-8."""
    recipients: tuple[ReportRecipient, ...]
    acknowledge_by: Moment
    alarm_met: bool
    """此前尚未到提醒时间 · It was issued before the alarm."""
    due_met: bool
    """按期签发 · It was issued in time."""
    issued_by: str


class MonthlyReportDueSoon(ReportingEvent):
    """月报将到期 · A day is left, and the report isn't issued. ``at`` is the time of the alarm."""

    report: UUID
    kind: ReportKind
    number: str
    due: Moment


class MonthlyReportLate(ReportingEvent):
    """月报逾期 · The report wasn't issued in time (5.4, D22). ``at`` is the due time."""

    report: UUID
    kind: ReportKind
    number: str
    due: Moment


class MonthlyReportDelivered(ReportingEvent):
    """月报送达 · A recipient got the report; the address lies beside the log."""

    report: UUID
    number: str
    reminder: int = Field(ge=0)
    """第几次催签收；0 为月报本身 · Which reminder; 0 is the report itself."""
    recipient: str
    means: DeliveryMeans
    reference: str
    """邮件标识、文件夹名或应答状态 · The message's id, the folder's name or the answer's status."""


class MonthlyReportDeliveryFailed(ReportingEvent):
    """月报送达失败 · A recipient couldn't be reached; it is tried again."""

    report: UUID
    number: str
    reminder: int = Field(ge=0)
    """第几次催签收；0 为月报本身 · Which reminder; 0 is the report itself."""
    recipient: str
    means: DeliveryMeans
    reason: str
    attempt: int = Field(ge=1)
    again_at: Moment


class MonthlyReportAcknowledged(ReportingEvent):
    """月报签收 · A recipient has read it (D26)."""

    report: UUID
    number: str
    recipient: str
    acknowledged_by: str
    complete: bool
    """全部收件人均已签收 · It was the last one that was waited for."""


class MonthlyReportReminderDue(ReportingEvent):
    """催签收 · Recipients that haven't acknowledged are asked again. ``at`` is the due time."""

    report: UUID
    number: str
    recipients: tuple[str, ...]
    reminder: int = Field(ge=1)
    next_due: Moment


class RestatementDrafted(ReportingEvent):
    """月报重述起草 · What the report would say by what is known now, and how that differs."""

    report: UUID
    edition: int = Field(ge=1)
    number: str
    """供人使用的编号 · For people: ``TJ-2026-10-R1``."""
    positions: tuple[LogPosition, ...]
    files: tuple[ReportFile, ...]
    changes: tuple[FigureChange, ...]
    reason: str
    drafted_by: str


class RestatementDropped(ReportingEvent):
    """月报重述放弃 · The report stands as it was issued."""

    report: UUID
    edition: int
    reason: str
    dropped_by: str


class MonthlyReportRestated(ReportingEvent):
    """月报重述 ⚖ · Decided by another person than the one who drafted it; the report before is kept beside it."""

    report: UUID
    kind: ReportKind
    edition: int
    number: str
    replaces: str
    """被替代的编号 · The number that it replaces."""
    period: str
    positions: tuple[LogPosition, ...]
    files: tuple[ReportFile, ...]
    fingerprint: str
    changes: tuple[FigureChange, ...]
    reason: str
    recipients: tuple[ReportRecipient, ...]
    acknowledge_by: Moment
    restated_by: str


class ReportRecipientRecorded(ReportingEvent):
    """月报收件人登记 · Who gets which monthly reports from now on; the addresses lie beside the log (D26)."""

    recipient: str
    title: str
    """部门或职务，不写个人姓名 · The department or office, no person's name."""
    audience: Audience
    kinds: tuple[ReportKind, ...]
    means: tuple[DeliveryMeans, ...]
    accounts: tuple[str, ...]
    active: bool
