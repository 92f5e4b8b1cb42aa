"""A webhook: ``ACTIVE ⇄ PAUSED → ENDED``. Events are pushed to an integrator's address.

What becomes of each delivery is no fact of the business and lies beside the log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Annotated, assert_never
from uuid import UUID

from pydantic import Field

from services.reporting.domain.subscribable import SOURCES, Types, check_types
from shared.decider import Command, DeadlineChange, Refused, Words, replace
from shared.events import reporting as fact
from shared.events.reporting import WebhookFormat
from shared.events.reporting import WebhookStatus as S
from shared.facts import repeats, tell
from shared.refusal import not_now, why_not
from shared.text import Name, Text

STREAM = "webhook"

ALLOWED: Mapping[str, frozenset[S]] = {
    "change": frozenset({S.ACTIVE, S.PAUSED}),
    "rotate_secret": frozenset({S.ACTIVE, S.PAUSED}),
    "pause": frozenset({S.ACTIVE}),
    "resume": frozenset({S.PAUSED}),
    "replay": frozenset({S.ACTIVE, S.PAUSED}),
    "end": frozenset({S.ACTIVE, S.PAUSED}),
}
"""In which states each action is open."""
KIND = Words("推送订阅", "webhook")
WEBHOOK_STATUS: Mapping[S, Words] = {
    S.ACTIVE: Words("推送中", "active"),
    S.PAUSED: Words("已暂停", "paused"),
    S.ENDED: Words("已终止", "ended"),
}
WEBHOOK_ACTION: Mapping[str, Words] = {
    "change": Words("更改", "change it"),
    "rotate_secret": Words("更换密钥", "replace its secret"),
    "pause": Words("暂停", "pause it"),
    "resume": Words("恢复", "resume it"),
    "replay": Words("重放", "push events again"),
    "end": Words("终止", "end it"),
}
_HINT: Mapping[S, Words] = {
    S.ACTIVE: Words("可先暂停。", "It can be paused."),
    S.PAUSED: Words("可恢复或终止。", "It can be resumed or ended."),
    S.ENDED: Words("请新建一个订阅。", "Create another one."),
}

WebhookEvent = (
    fact.WebhookCreated
    | fact.WebhookChanged
    | fact.WebhookSecretRotated
    | fact.WebhookPaused
    | fact.WebhookResumed
    | fact.WebhookReplayAsked
    | fact.WebhookEnded
)
Host = Annotated[str, Field(min_length=1, max_length=255)]


class CreateWebhook(Command):
    webhook: UUID
    name: Name
    host: Host
    types: Types = ()
    format: WebhookFormat = WebhookFormat.STRUCTURED


class ChangeWebhook(Command):
    """What isn't said stays as it is."""

    name: Name | None = None
    host: Host | None = None
    types: Types | None = None
    format: WebhookFormat | None = None
    readdressed: bool = False
    """The address is another one, though its host may be the same."""


class RotateSecret(Command):
    overlap_hours: Annotated[int, Field(ge=0, le=168)] = 24
    """So long the old secret still signs beside the new one."""

    @property
    def overlap(self) -> timedelta:
        return timedelta(hours=self.overlap_hours)


class PauseWebhook(Command):
    reason: Text


class ResumeWebhook(Command):
    """What has waited is pushed."""


class ReplayEvents(Command):
    """Whatever the receiver has had of it comes again, with the same ``webhook-id``."""

    source: str
    from_position: Annotated[int, Field(ge=1)]


class EndWebhook(Command):
    reason: Text


class NoteGone(Command):
    """The receiver answered 410 Gone."""


WebhookCommand = (
    CreateWebhook | ChangeWebhook | RotateSecret | PauseWebhook | ResumeWebhook | ReplayEvents | EndWebhook | NoteGone
)


@dataclass(frozen=True, slots=True)
class Webhook:
    """As far as decisions need it."""

    status: S | None = None
    said: fact.WebhookCreated | fact.WebhookChanged | None = None
    secret: int = 0


NEW = Webhook()


def evolve(webhook: Webhook, event: WebhookEvent) -> Webhook:
    match event:
        case fact.WebhookCreated():
            return Webhook(S.ACTIVE, event, 1)
        case fact.WebhookChanged():
            return replace(webhook, said=event)
        case fact.WebhookSecretRotated():
            return replace(webhook, secret=event.secret)
        case fact.WebhookPaused():
            return replace(webhook, status=S.PAUSED)
        case fact.WebhookResumed():
            return replace(webhook, status=S.ACTIVE)
        case fact.WebhookEnded():
            return replace(webhook, status=S.ENDED)
        case fact.WebhookReplayAsked():
            return webhook
        case _:
            assert_never(event)


def deadlines(event: WebhookEvent) -> Sequence[DeadlineChange]:
    """None."""
    return []


def available(webhook: Webhook) -> dict[str, Words | None]:
    """Each action; None for an open one, otherwise why it is closed."""
    return {action: why_not(partial(_check, webhook, action)) for action in ALLOWED}


def decide(command: WebhookCommand, webhook: Webhook) -> Sequence[WebhookEvent]:
    """The events that ``command`` causes; none when it says again what is so. Raises ``Refused``."""
    match command:
        case CreateWebhook():
            return _create(command, webhook)
        case ChangeWebhook():
            return _change(command, webhook)
        case RotateSecret():
            _check(webhook, "rotate_secret")
            more = {"secret": webhook.secret + 1, "old_until": command.at + command.overlap, "rotated_by": command.by}
            return [tell(fact.WebhookSecretRotated, command, webhook=_id(webhook), **more)]
        case PauseWebhook():
            if webhook.status is S.PAUSED:
                return []
            _check(webhook, "pause")
            return [tell(fact.WebhookPaused, command, webhook=_id(webhook), paused_by=command.by)]
        case ResumeWebhook():
            if webhook.status is S.ACTIVE:
                return []
            _check(webhook, "resume")
            return [tell(fact.WebhookResumed, command, webhook=_id(webhook), resumed_by=command.by)]
        case ReplayEvents():
            return _replay(command, webhook)
        case EndWebhook():
            _check(webhook, "end")
            end = {"cause": fact.WebhookEnd.DECIDED, "ended_by": command.by}
            return [tell(fact.WebhookEnded, command, webhook=_id(webhook), **end)]
        case NoteGone():
            return _gone(command, webhook)
        case _:
            assert_never(command)


def _create(command: CreateWebhook, webhook: Webhook) -> Sequence[WebhookEvent]:
    if repeats(command, webhook.said):
        return []
    if webhook.status is not None:
        raise Refused("webhook_exists", "此推送订阅已存在。", "This webhook exists already.")
    check_types(command.types)
    return [tell(fact.WebhookCreated, command, created_by=command.by)]


def _change(command: ChangeWebhook, webhook: Webhook) -> Sequence[WebhookEvent]:
    _check(webhook, "change")
    assert webhook.said, "there is no other way to be active"
    names = ("name", "host", "types", "format")
    was = {name: getattr(webhook.said, name) for name in names}
    now = was | {name: getattr(command, name) for name in names if getattr(command, name) is not None}
    check_types(now["types"])
    if now == was and not command.readdressed:
        return []
    return [fact.WebhookChanged(at=command.at, webhook=webhook.said.webhook, changed_by=command.by, **now)]


def _replay(command: ReplayEvents, webhook: Webhook) -> Sequence[WebhookEvent]:
    _check(webhook, "replay")
    if command.source not in SOURCES:
        names = "、".join(SOURCES)
        raise Refused("source_unknown", f"事件来源须为 {names} 之一。", f"The source has to be one of {names}.")
    return [tell(fact.WebhookReplayAsked, command, webhook=_id(webhook), asked_by=command.by)]


def _gone(command: NoteGone, webhook: Webhook) -> Sequence[WebhookEvent]:
    if webhook.status is S.ENDED:
        return []
    end = {"cause": fact.WebhookEnd.GONE, "reason": "410 Gone", "ended_by": command.by}
    return [tell(fact.WebhookEnded, command, webhook=_id(webhook), **end)]


def _check(webhook: Webhook, action: str) -> None:
    status = webhook.status
    assert status, "who asks has found it"
    if status not in ALLOWED[action]:
        raise not_now("webhook", KIND, WEBHOOK_ACTION[action], status, WEBHOOK_STATUS[status], _HINT[status])


def _id(webhook: Webhook) -> UUID:
    assert webhook.said
    return webhook.said.webhook
