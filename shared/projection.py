"""Views: what is read is made from events, batch by batch, and can be made again at any time.

A view of its own service's events alone is fed from the log; others from JetStream.
"""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import structlog
from psycopg_pool import AsyncConnectionPool

from shared.decider import Words
from shared.eventlog import EventLog
from shared.inbox import RETRY_SECONDS, Inbox, Superseded
from shared.jetstream import Nats
from shared.leases import Leases
from shared.rebuild import build_if_needed
from shared.subscription import LogLane, Subscriber, Subscription, superseded
from shared.view import TABLES, View

__all__ = ["TABLES", "Projector", "View"]

log = structlog.get_logger()


class Projector:
    """The worker of one view. Any number of processes may run it."""

    def __init__(
        self,
        view: View,
        events: EventLog,
        pool: AsyncConnectionPool,
        nats: Nats,
        leases: Leases,
        *,
        groups: int = 4,
        retry_seconds: Sequence[float] = RETRY_SECONDS,
    ) -> None:
        self.view = view
        self.name = view.name
        self._log = events
        self._pool = pool
        self._nats = nats
        self._leases = leases
        self._wrong: Words | None = Words(f"视图 {self.name} 正在启动", f"The view {self.name} is starting")
        self._inbox: Inbox | None = None
        self._subscriber: Subscriber | None = None
        if view.own(events.service):
            self._inbox = Inbox(
                pool, events.service, view.name, view.apply, view.events, events.service, view.place, retry_seconds
            )
        else:
            subscribed = Subscription(view.name, view.sources, view.apply, view.events, view.groups)
            self._subscriber = Subscriber(
                subscribed,
                events.service,
                pool,
                nats,
                leases,
                groups=groups,
                place=view.place,
                retry_seconds=retry_seconds,
            )

    async def run(self) -> None:
        """Builds the view where it is missing or of another version; then keeps it, for ever."""
        await self._build()
        if self._subscriber:
            await self._subscriber.run()
        else:
            await self._leases.share(f"subscription {self.name}", 1, self._follow)

    def ready(self) -> Words | None:
        """None when the view is kept by this version of the program; otherwise what is missing."""
        return self._wrong or (self._subscriber.ready() if self._subscriber else None)

    async def retry(self, source: str, stream: UUID, actor: str) -> tuple[int, str | None]:
        """As ``Subscriber.retry``."""
        return await self._inbox_of(source).retry(stream, actor)

    async def discard(self, source: str, stream: UUID, position: int, actor: str, reason: str) -> bool:
        """As ``Subscriber.discard``."""
        return await self._inbox_of(source).discard(stream, position, actor, reason)

    def _inbox_of(self, source: str) -> Inbox:
        if self._subscriber:
            return self._subscriber.inboxes[source]
        assert self._inbox
        if source != self._log.service:
            raise KeyError(source)
        return self._inbox

    async def _build(self) -> None:
        def tell(done: int, total: int, per_second: float) -> None:
            share = f"{done * 100 // max(total, 1)} %"
            self._wrong = Words(f"正在重建视图 {self.name}:{share}", f"The view {self.name} is being rebuilt: {share}")
            log.info("view_being_rebuilt", view=self.name, progress=done, total=total)

        await build_if_needed(self.view, self._log, self._pool, self._nats, tell)
        self._wrong = None

    async def _follow(self, _: int) -> None:
        assert self._inbox
        await self._inbox.count_parked()
        try:
            await LogLane(self._log, self._inbox).run()
        except Superseded:
            self._wrong = superseded(self.name)
            log.warning("view_superseded", view=self.name)
            await asyncio.Event().wait()  # for ever: a newer version has taken over
