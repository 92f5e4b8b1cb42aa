"""The life of a webhook: events are pushed to an address of an integrator's own. Address and secrets lie beside the
log, encrypted; here only the host is told."""

from enum import StrEnum
from uuid import UUID

from pydantic import Field

from shared.events.base import Moment
from shared.events.reporting.values import ReportingEvent


class WebhookFormat(StrEnum):
    """The two ways to send a CloudEvent by HTTP."""

    STRUCTURED = "structured"
    """One JSON document with the event in ``data``."""
    BINARY = "binary"
    """The event is the body, what stands around it in ``ce-…`` headers."""


class WebhookStatus(StrEnum):
    """Follows from the events."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    ENDED = "ENDED"


class WebhookEnd(StrEnum):
    """Why nothing is pushed any more."""

    DECIDED = "decided"
    GONE = "gone"
    """The receiver answered 410 Gone."""


class WebhookCreated(ReportingEvent):
    """推送订阅建立 · From now on events of these types are pushed to an address."""

    webhook: UUID
    name: str
    host: str
    """主机名；完整地址加密存于日志之外 · The host alone; the address lies beside the log."""
    types: tuple[str, ...]
    """事件类型；空：全部 · Types of events; empty: all."""
    format: WebhookFormat
    created_by: str


class WebhookChanged(ReportingEvent):
    """推送订阅更改 · Another name, address, choice of events or format from now on."""

    webhook: UUID
    name: str
    host: str
    types: tuple[str, ...]
    format: WebhookFormat
    changed_by: str


class WebhookSecretRotated(ReportingEvent):
    """推送密钥更换 · A new secret; until ``old_until`` is signed with the old one too."""

    webhook: UUID
    secret: int = Field(ge=2)
    """第几个密钥 · Which secret of the webhook; the first is 1."""
    old_until: Moment
    rotated_by: str


class WebhookPaused(ReportingEvent):
    """推送订阅暂停 · Nothing is pushed; what happens meanwhile waits."""

    webhook: UUID
    reason: str
    paused_by: str


class WebhookResumed(ReportingEvent):
    """推送订阅恢复 · What has waited is pushed."""

    webhook: UUID
    resumed_by: str


class WebhookReplayAsked(ReportingEvent):
    """推送重放 · Events of one service are pushed again, from a position of its log on."""

    webhook: UUID
    source: str
    from_position: int = Field(ge=1)
    asked_by: str


class WebhookEnded(ReportingEvent):
    """推送订阅终止 · For good: somebody decided so, or the receiver said that it is gone."""

    webhook: UUID
    cause: WebhookEnd
    reason: str
    ended_by: str
