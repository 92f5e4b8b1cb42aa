"""What can be wished of a monthly report."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.decider import Command
from shared.events.reporting import (
    DeliveryMeans,
    FigureChange,
    LogPosition,
    ReportFile,
    ReportKind,
    ReportRecipient,
)
from shared.text import Name, Text

Positions = Annotated[tuple[LogPosition, ...], Field(min_length=1)]
Files = Annotated[tuple[ReportFile, ...], Field(min_length=1)]


class OpenMonth(Command):
    """A month has begun."""

    kind: ReportKind
    period: str


class CutOffMonth(Command):
    """Look so far into the logs."""

    positions: Positions
    since: Positions | None = None
    last_year: Positions | None = None
    follows: UUID | None = None


class FollowMonth(Command):
    """The next report builds on this one."""

    follower: UUID


class DraftReport(Command):
    """Data and documents, as made at ``positions``."""

    positions: Positions
    files: Files


class ReviewReport(Command):
    """⚖"""

    note: Text | None = None


class ReturnReport(Command):
    reason: Text


class IssueReport(Command):
    recipients: tuple[ReportRecipient, ...]
    acknowledge_days: Annotated[int, Field(ge=1, le=60)] = 3
    """Days after which those who haven't acknowledged are asked again."""


class RecordDelivery(Command):
    number: Name
    reminder: int = 0
    recipient: Name
    means: DeliveryMeans
    reference: Name


class RecordDeliveryFailure(Command):
    number: Name
    reminder: int = 0
    recipient: Name
    means: DeliveryMeans
    reason: Text


class AcknowledgeReport(Command):
    recipient: Name


class DraftRestatement(Command):
    """What the report would say by what is known now."""

    reason: Text
    positions: Positions
    files: Files
    changes: tuple[FigureChange, ...]


class DropRestatement(Command):
    reason: Text


class RestateReport(Command):
    """⚖"""

    recipients: tuple[ReportRecipient, ...]
    acknowledge_days: Annotated[int, Field(ge=1, le=60)] = 3


class TellDueSoon(Command):
    """The timer says that the report is due in a day."""


class MarkReportLate(Command):
    """The timer says that the time is up."""


class RemindRecipients(Command):
    """The timer says that not all have acknowledged."""


ReportCommand = (
    OpenMonth
    | CutOffMonth
    | FollowMonth
    | DraftReport
    | ReviewReport
    | ReturnReport
    | IssueReport
    | RecordDelivery
    | RecordDeliveryFailure
    | AcknowledgeReport
    | DraftRestatement
    | DropRestatement
    | RestateReport
    | TellDueSoon
    | MarkReportLate
    | RemindRecipients
)
