"""Channels of notices: groups of WeCom, DingTalk, Feishu, mailboxes. Where they are reached lies beside the log."""

from datetime import time
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from shared.events.reporting.values import ReportingEvent


class NoticeLanguage(StrEnum):
    """Of what is written to a channel."""

    ZH = "zh"
    EN = "en"


class QuietMode(StrEnum):
    """What becomes of a notice that falls into quiet hours."""

    HOLD = "hold"
    """It is sent when they end."""
    SKIP = "skip"
    """It is never sent, and listed as skipped."""


class QuietHours(BaseModel):
    """[begins, ends) on the wall in Shanghai; ``ends`` at or before ``begins`` is on the next day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    begins: time
    ends: time
    weekdays: tuple[int, ...] = Field((1, 2, 3, 4, 5, 6, 7), description="开始之日，1 为星期一 · on which they begin")
    mode: QuietMode = QuietMode.HOLD


class NoticeChannelRecorded(ReportingEvent):
    """通知渠道登记 · As it is known from now on: what is told to whom, when not, and how much."""

    channel: str
    title: str
    service: str
    """Apprise 的服务名，如 wecombot、dingtalk、feishu、mailtos · Which service, as Apprise calls it."""
    types: tuple[str, ...]
    """事件类型；空：系统有默认文字的全部类型 · Types of events; empty: all that have a text of their own."""
    urgent: tuple[str, ...]
    """不受安静时段限制的类型 · Types that quiet hours don't hold back."""
    language: NoticeLanguage
    quiet: QuietHours | None
    hourly_limit: int | None
    """每小时至多条数；其余列为略过 · At most so many an hour; the rest is listed as skipped."""
    templates: dict[str, str]
    """按事件类型自定文字（Jinja） · Texts of one's own (Jinja), by type of event."""
    active: bool
    recorded_by: str
