"""Channels of notices: what is told where, and when it is better not to. One stream each.

A notice is never part of a business step: it is written after the fact, and what becomes of it stands beside the log.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Annotated

import jinja2
from jinja2.sandbox import SandboxedEnvironment
from pydantic import Field

from services.reporting.domain.subscribable import Types, check_types
from shared.calendar import SHANGHAI
from shared.decider import Command, DeadlineChange, Refused
from shared.events.reporting import NoticeChannelRecorded, NoticeLanguage, QuietHours
from shared.facts import repeats, tell
from shared.text import Name

STREAM = "notice_channel"
TEXTS = SandboxedEnvironment(undefined=jinja2.StrictUndefined, autoescape=False)
"""Of texts that people write: they reach the event's fields, and nothing else."""


class RecordNoticeChannel(Command):
    """A channel as known from now on."""

    channel: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
    title: Name
    service: Annotated[str, Field(pattern=r"^[a-z0-9]{2,20}$")]
    types: Types = ()
    urgent: Types = ()
    language: NoticeLanguage = NoticeLanguage.ZH
    quiet: QuietHours | None = None
    hourly_limit: Annotated[int, Field(ge=1, le=1000)] | None = 60
    templates: Annotated[dict[str, Annotated[str, Field(max_length=2000)]], Field(max_length=50, default_factory=dict)]
    active: bool = True


@dataclass(frozen=True, slots=True)
class NoticeChannel:
    recorded: NoticeChannelRecorded | None = None


NEW = NoticeChannel()


def evolve(channel: NoticeChannel, event: NoticeChannelRecorded) -> NoticeChannel:
    return NoticeChannel(event)


def deadlines(event: NoticeChannelRecorded) -> Sequence[DeadlineChange]:
    """None."""
    return []


def decide(command: RecordNoticeChannel, channel: NoticeChannel) -> Sequence[NoticeChannelRecorded]:
    """The event, unless it is known so already. Raises ``Refused``."""
    check_types((*command.types, *command.urgent, *command.templates))
    for event_type, text in command.templates.items():
        try:
            TEXTS.parse(text)
        except jinja2.TemplateSyntaxError as error:
            raise Refused(
                "template_wrong",
                f"{event_type} 的文字第 {error.lineno} 行有误：{error.message}。",
                f"The text for {event_type} is wrong in line {error.lineno}: {error.message}.",
            ) from error
    if repeats(command, channel.recorded):
        return []
    return [tell(NoticeChannelRecorded, command, recorded_by=command.by)]


def quiet_until(quiet: QuietHours | None, now: datetime) -> datetime | None:
    """The end of the quiet hours that ``now`` falls into; None where it falls into none. [begins, ends)."""
    if quiet is None:
        return None
    local = now.astimezone(SHANGHAI)
    for days_ago in (1, 0):
        day = local.date() - timedelta(days=days_ago)
        begins = datetime.combine(day, quiet.begins, SHANGHAI)
        over_midnight = _minutes(quiet.ends) <= _minutes(quiet.begins)
        ends = datetime.combine(day + timedelta(days=int(over_midnight)), quiet.ends, SHANGHAI)
        if begins <= local < ends and day.isoweekday() in quiet.weekdays:
            return ends.astimezone(now.tzinfo)
    return None


def _minutes(at: time) -> float:
    return at.hour * 60 + at.minute + at.second / 60
