"""Channels of notices: the event in the log, the address sealed beside it, in one transaction."""

from typing import Any
from uuid import uuid5

from psycopg.types.json import Jsonb

from services.reporting.domain import notice_channel as domain
from services.reporting.domain.identity import NAMESPACE
from services.reporting.domain.notice_channel import RecordNoticeChannel
from services.reporting.notices import tables
from shared.eventlog import Streams


async def record(streams: Streams, wish: RecordNoticeChannel, sealed: bytes | None) -> Any:
    """The channel as known from now on; without ``sealed`` its address stays."""
    id = uuid5(NAMESPACE, f"notice_channel:{wish.channel}")
    await streams.handle(domain, id, wish)
    state = await streams.load(domain, id)
    assert state.recorded
    told = Jsonb(state.recorded.model_dump(mode="json"))
    streams.write_beside(tables.RECORD, wish.channel, told, wish.at, sealed)
    return {"channel": wish.channel, "version": streams.version(id)}
