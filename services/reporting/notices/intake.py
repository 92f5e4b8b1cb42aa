"""Events in: each is put into words for every channel that wants it, in the transaction of the position."""

from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection

from services.reporting.notices.tables import LAY_DOWN
from services.reporting.notices.texts import DEFAULTS, NoText, text_of
from shared.eventlog import Recorded
from shared.events.reporting import NoticeChannelRecorded


async def lay_down(connection: AsyncConnection, events: Sequence[Recorded[Any]]) -> None:
    """What happened before a channel was made is not told to it."""
    rows = await connection.execute("SELECT recorded, since FROM public.notice_channels")
    channels = [(NoticeChannelRecorded.model_validate(told), since) for told, since in await rows.fetchall()]
    found = [
        _row(channel, event)
        for channel, since in channels
        for event in events
        if event.meta.recorded_at >= since and _wants(channel, event.event.TOPIC)
    ]
    if found:
        await connection.cursor().executemany(LAY_DOWN, found)


def _wants(channel: NoticeChannelRecorded, event_type: str) -> bool:
    return event_type in channel.types if channel.types else event_type in DEFAULTS


def _row(channel: NoticeChannelRecorded, event: Recorded[Any]) -> tuple[Any, ...]:
    where = (channel.channel, event.service, event.position, event.event.TOPIC)
    at = event.meta.recorded_at
    if not channel.active:
        return (*where, "", at, at, "skipped", "渠道已停用 · the channel is not active")
    try:
        text = text_of(event.event, channel.templates, channel.language)
    except NoText as error:
        return (*where, "", at, at, "failed", f"文字无法填写 · the text can't be filled in: {error}")
    return (*where, text, at, at, "waiting", None)
