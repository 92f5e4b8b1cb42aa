"""Events in: each is laid down for every webhook that wants it, in the transaction of the position."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row

from services.reporting.webhooks.tables import ENQUEUE
from shared.eventlog import Recorded


class Wish(NamedTuple):
    """Which events a webhook wants."""

    webhook: UUID
    types: Sequence[str]
    since: datetime

    def wants(self, event_type: str) -> bool:
        return not self.types or event_type in self.types


async def wishes(connection: AsyncConnection) -> list[Wish]:
    """Of all that haven't ended; for a paused one events wait."""
    cursor = connection.cursor(row_factory=class_row(Wish))
    await cursor.execute("SELECT webhook, types, since FROM public.webhooks WHERE status <> 'ENDED'")
    return await cursor.fetchall()


async def lay_down(connection: AsyncConnection, events: Sequence[Recorded[Any]]) -> None:
    """What was recorded before a webhook was made is none of its business: that is asked for by a replay."""
    rows = [
        laid_down(wish, event, event.meta.recorded_at)
        for wish in await wishes(connection)
        for event in events
        if wish.wants(event.event.TOPIC) and event.meta.recorded_at >= wish.since
    ]
    if rows:
        await connection.cursor().executemany(ENQUEUE, rows)


def laid_down(wish: Wish, event: Recorded[Any], due_at: datetime) -> tuple[Any, ...]:
    """The values of ``ENQUEUE``."""
    about = (event.service, event.position, event.stream, event.version, event.event.TOPIC)
    return (wish.webhook, *about, event.meta.recorded_at, event.published, due_at)
