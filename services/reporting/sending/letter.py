"""What a recipient gets, whatever the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.reporting.domain.names import REPORT_KIND
from services.reporting.domain.report_state import Issue
from shared.calendar import SHANGHAI
from shared.events.reporting import ReportFile


class NotSent(Exception):
    """It didn't reach the recipient. ``reason`` is kept in the log, so it names no address."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Attachment:
    file: ReportFile
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """A report, or a reminder of it, for one recipient."""

    issue: Issue
    recipient: str
    reminder: int
    company: str
    attachments: Sequence[Attachment]

    @property
    def name(self) -> str:
        """Unique, the same at every try: ``TJ-2026-10``, ``TJ-2026-10-reminder-1``."""
        return f"{self.issue.number}-reminder-{self.reminder}" if self.reminder else self.issue.number

    @property
    def subject(self) -> str:
        title = REPORT_KIND[self.issue.kind]
        asked = "请签收 · please acknowledge：" if self.reminder else ""
        return f"{asked}{title.zh} {self.issue.number} · {title.en}"

    @property
    def text(self) -> str:
        """Chinese first, English second."""
        until = _when(self.issue.acknowledge_by)
        files = "\n".join(f"{each.file.sha256}  {each.file.name}" for each in self.attachments)
        zh = f"{REPORT_KIND[self.issue.kind].zh} {self.issue.number} 已签发，请阅后于 {until} 前签收。"
        en = f"{self.issue.number} is issued; please read it and acknowledge by {until} (Shanghai)."
        if self.reminder:
            zh = f"{self.issue.number} 尚未签收，请尽快签收（第 {self.reminder} 次提醒）。"
            en = f"{self.issue.number} isn't acknowledged yet: please do (reminder {self.reminder})."
        return f"{zh}\n{en}\n\n{self.company}\n\nSHA-256\n{files}\n"


def _when(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
