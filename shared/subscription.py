"""JetStream → handler: a service's subscriptions, each worked on by all its replicas together.

The 16 partitions of a source are cut into groups. Each group has a durable consumer and one active worker, which
holds the group's lease. Where to go on is in the database, beside the effect; so consumers are made anew whenever a
worker begins, and one that vanished, with its stream or with the whole store, is no loss.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.errors import NotFoundError
from psycopg_pool import AsyncConnectionPool

from shared import inbox, parked
from shared.consumer import ConsumerLost, Pull, Wanted, declare, pending
from shared.decider import Words
from shared.events.base import Event
from shared.inbox import RETRY_SECONDS, TROUBLE, Gap, Handler, Inbox, Place, Superseded
from shared.jetstream import PARTITIONS, Delivered, Nats, delivered, stream_of, subject_of
from shared.leases import Leases
from shared.telemetry import CONSUMER_GAPS, CONSUMER_LAG

TABLES: LiteralString = inbox.TABLES + parked.TABLES
"""DDL that a database with subscriptions or views needs; repeatable."""

BATCH = 500
"""Events in one transaction, at most."""
PAUSE_SECONDS = (0.05, 3.0)
"""First and longest pause before a consumer is declared again."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Subscription:
    """What a service does with other services' events."""

    name: str
    """Unique in its service; part of the consumers' names, so only letters, digits, ``-`` and ``_``."""
    sources: tuple[str, ...]
    """Services."""
    handler: Handler
    """Gets batches of the wanted events, in the order of each aggregate, in the transaction of the position."""
    events: frozenset[type[Event]] | None = None
    """The classes that are wanted; None for all there are. The rest is not decoded."""
    groups: int | None = None
    """Into how many independently worked groups the partitions are cut; None: as the settings say."""


class Subscriber:
    """The worker of one subscription. Any number of processes may run it; they share the groups."""

    def __init__(
        self,
        subscription: Subscription,
        service: str,
        pool: AsyncConnectionPool,
        nats: Nats,
        leases: Leases,
        *,
        groups: int = 4,
        place: Place | None = None,
        retry_seconds: Sequence[float] = RETRY_SECONDS,
    ) -> None:
        self.subscription = subscription
        self.name = subscription.name
        self._service = service
        self._nats = nats
        self._leases = leases
        self._groups = subscription.groups or groups
        self._inboxes = {
            source: Inbox(
                pool,
                service,
                subscription.name,
                subscription.handler,
                subscription.events,
                source,
                place,
                retry_seconds,
            )
            for source in subscription.sources
        }
        self._wrong: dict[tuple[str, int], Words] = {}
        self._lag: dict[tuple[str, int], int] = {}

    async def run(self) -> None:
        """Works for ever on what is this process's share."""
        await self._leases.share(f"subscription {self.name}", self._groups, self._group)

    def ready(self) -> Words | None:
        """None when all groups held here get their events; otherwise what is missing."""
        return self._nats.ready() or next(iter(self._wrong.values()), None)

    async def retry(self, source: str, stream: UUID, actor: str) -> tuple[int, str | None]:
        """Try the parked events of an aggregate again, in order, up to the first that fails.

        Returns how many were handled, and the error of the one that was not. Raises KeyError for an unknown source.
        """
        return await self._inboxes[source].retry(stream, actor)

    async def discard(self, source: str, stream: UUID, position: int, actor: str, reason: str) -> bool:
        """Give up a parked event for good; False when it doesn't wait. Raises KeyError for an unknown source."""
        return await self._inboxes[source].discard(stream, position, actor, reason)

    # -- a group: one lane per source -----------------------------------------------------------------------------

    async def _group(self, group: int) -> None:
        async with asyncio.TaskGroup() as lanes:
            for source in self.subscription.sources:
                lanes.create_task(self._lane(source, group), name=f"{self.name}-{source}-{group}")

    async def _lane(self, source: str, group: int) -> None:
        lane = (source, group)
        pause, longest = PAUSE_SECONDS
        try:
            while True:
                began = asyncio.get_running_loop().time()
                try:
                    await self._session(source, group)
                except Superseded:
                    self._wrong[lane] = _superseded(self.name)
                    await asyncio.Event().wait()  # for ever: the newer version has taken over
                except Gap as gap:
                    self._wrong[lane] = _gap(self.name, gap)
                    CONSUMER_GAPS.labels(self._service, self.name).inc()
                    log.warning("events_missing", subscriber=self.name, source=source, position=gap.held)
                except NotFoundError:
                    self._wrong[lane] = _no_stream(source)
                except (*TROUBLE, ConsumerLost) as error:
                    log.warning("consumer_lost", subscriber=self.name, source=source, error=type(error).__name__)
                if asyncio.get_running_loop().time() - began > longest:
                    pause = PAUSE_SECONDS[0]
                await asyncio.sleep(pause)
                pause = min(longest, pause * 2)
        finally:
            self._wrong.pop(lane, None)
            self._report_lag(lane, 0)

    async def _session(self, source: str, group: int) -> None:
        """From declaring the consumer to the first trouble; ends only by raising."""
        partitions = range(group, PARTITIONS, self._groups)
        client = await self._nats.client()
        await self._nats.guard(client, self._consume(client, source, group, partitions))

    async def _consume(self, client: Client, source: str, group: int, partitions: Sequence[int]) -> None:
        take_in = self._inboxes[source]
        await take_in.count_parked()
        wanted = Wanted(
            source,
            tuple(subject_of(source, partition) for partition in partitions),
            min((await take_in.positions(partitions)).values()),
            f"{self.name}-{source}-g{group}of{self._groups}",
        )
        consumer = await declare(client.jetstream(), wanted)
        self._wrong.pop((source, group), None)
        async with Pull(client, source, consumer) as pull:
            while True:
                messages = await pull.batch(BATCH)
                await take_in.take(events_of(messages))
                await messages[-1].ack()
                self._report_lag((source, group), pending(messages[-1]))

    def _report_lag(self, lane: tuple[str, int], lag: int) -> None:
        self._lag[lane] = lag
        CONSUMER_LAG.labels(self._service, self.name).set(sum(self._lag.values()))


def events_of(messages: Sequence[Msg]) -> list[Delivered]:
    """The events of messages. What no relay has written is left out: the relay will clear it away."""
    events = []
    for message in messages:
        try:
            events.append(delivered(message))
        except ValueError:
            log.warning("strange_message", topic=message.subject)
    return events


def _superseded(name: str) -> Words:
    return Words(
        f"视图 {name} 已由程序的另一版本重建;请更新或停止此进程。",
        f"The view {name} was rebuilt by another version of the program; update or stop this process.",
    )


def _gap(name: str, gap: Gap) -> Words:
    return Words(
        f"{name}:{gap.source} 的分区 {gap.partition} 在位置 {gap.held} 之后缺少事件,正在重新读取。",
        f"{name}: events of {gap.source}, partition {gap.partition}, are missing after position {gap.held}; "
        "reading them again.",
    )


def _no_stream(source: str) -> Words:
    return Words(
        f"消息流 {stream_of(source)} 尚不存在;请启动 {source} 的 relay。",
        f"There is no stream {stream_of(source)} yet; start the relay of {source}.",
    )
