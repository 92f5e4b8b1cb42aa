"""The words that the events of reporting are made of."""

from enum import StrEnum
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from shared.events.base import Event


class ReportKind(StrEnum):
    """The two reports of a month (5.4)."""

    STATISTICS = "statistics"
    """5.4.1-4, due at the end of the 3rd."""
    ITEMS = "items"
    """5.4.5, due at the end of the 4th."""


class MonthlyReportStatus(StrEnum):
    """Follows from the events."""

    OPEN = "OPEN"
    CUT_OFF = "CUT_OFF"
    DRAFTED = "DRAFTED"
    REVIEWED = "REVIEWED"
    ISSUED = "ISSUED"
    ACKNOWLEDGED = "ACKNOWLEDGED"


class Audience(StrEnum):
    """To whom 5.4 reports (D26)."""

    QUALITY = "quality"
    TECHNOLOGY = "technology"
    MARKETING = "marketing"
    MANAGEMENT = "management"


class DeliveryMeans(StrEnum):
    """How a report reaches a recipient."""

    EMAIL = "email"
    FOLDER = "folder"
    """A folder on the machine, for those who have no mail server."""
    WEBHOOK = "webhook"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LogPosition(_Value):
    """How far into a service's log is looked; that position counts."""

    source: str
    position: int = Field(ge=0)


class ReportFile(_Value):
    """A document of a report, by its fingerprint; the content is in the store of documents."""

    name: str
    media_type: str
    sha256: str
    size: int = Field(ge=1)
    """字节数 · Bytes."""
    audience: Audience | None
    """仅供谁；空：所有收件人 · For whom alone; None: for all recipients."""


class ReportRecipient(_Value):
    """Who gets a report; the addresses lie beside the log (D26)."""

    recipient: str
    audience: Audience
    means: tuple[DeliveryMeans, ...]
    accounts: tuple[str, ...]
    """可代为签收的账号；空：凡有权限者 · The accounts that may acknowledge for it; empty: all with the permission."""


class FigureChange(_Value):
    """What a restatement changes: a place in the data, before and after."""

    figure: str
    before: str
    after: str


class ReportingEvent(Event):
    SERVICE: ClassVar[str] = "reporting"
