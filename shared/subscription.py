"""JetStream → handler: a service's subscriptions, each worked on by all its replicas together.

The 16 partitions of a source are cut into groups. Each group has a durable consumer and one active worker, which
holds the group's lease. Where to go on is in the database, beside the effect; so consumers are made anew whenever a
worker begins, and one that vanished, with its stream or with the whole store, is no loss.
"""

import asyncio
from collections.abc import Callable, Sequence
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
from shared.eventlog import EventLog, Stored
from shared.events.base import Event
from shared.inbox import RETRY_SECONDS, TROUBLE, Gap, Handler, Inbox, Place, Superseded
from shared.jetstream import PARTITIONS, Delivered, Nats, delivered, stream_of, subject_of
from shared.leases import Leases
from shared.tasks import together
from shared.telemetry import CONSUMER_LAG, VIEW_LAG

TABLES: LiteralString = inbox.TABLES + parked.TABLES
"""DDL that a database with subscriptions or views needs; repeatable."""

BATCH = 500
"""Events in one transaction, at most."""
PAUSE_SECONDS = (0.05, 3.0)
"""First and longest pause before a consumer is declared again."""

WHOLE_LOG = 0
"""The one partition of what is fed from the service's own log."""
LOG_PAUSE_SECONDS = 1.0
REST_SECONDS = 0.02
"""After a batch, so that under load fewer and larger ones do the same work."""

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
    patient: bool = False
    """A source without a stream is no fault: that service may come later."""


class Lane:
    """The way from some partitions of one source's stream into an inbox."""

    def __init__(
        self,
        nats: Nats,
        inbox: Inbox,
        source: str,
        partitions: Sequence[int],
        durable: str | None,
        moved: Callable[[], None] = lambda: None,
        *,
        patient: bool = False,
    ) -> None:
        """``durable`` is the consumer's name, None for one that vanishes after use; ``moved`` is told of each batch;
        ``patient``: see ``Subscription``."""
        self._nats = nats
        self._inbox = inbox
        self._source = source
        self._partitions = partitions
        self._durable = durable
        self._moved = moved
        self._patient = patient
        self.wrong: Words | None = None
        """What is missing; None when the events come."""
        self.lag: int | None = None
        """Events in the stream that were not handled when the last batch was; None before the first."""

    async def run(self) -> None:
        """For ever, through whatever trouble there is. Raises only ``Superseded``."""
        pause, longest = PAUSE_SECONDS
        name = self._inbox.subscriber
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                client = await self._nats.client()
                await self._nats.guard(client, self._consume(client))
            except Gap as gap:
                self.wrong = _gap(name, gap)
                self._inbox.count_gap()
                log.warning("events_missing", subscriber=name, stream=stream_of(gap.source), position=gap.held)
            except NotFoundError:
                self.wrong = None if self._patient else _no_stream(self._source)
            except (*TROUBLE, ConsumerLost) as error:
                log.warning("consumer_lost", subscriber=name, stream=stream_of(self._source), error=_name(error))
            if loop.time() - began > longest:
                pause = PAUSE_SECONDS[0]
            await asyncio.sleep(pause)
            pause = min(longest, pause * 2)

    async def _consume(self, client: Client) -> None:
        """From declaring the consumer to the first trouble; ends only by raising."""
        wanted = Wanted(
            self._source,
            tuple(subject_of(self._source, partition) for partition in self._partitions),
            min((await self._inbox.positions(self._partitions)).values()),
            self._durable,
        )
        consumer = await declare(client.jetstream(), wanted)
        self.wrong = None
        async with Pull(client, self._source, consumer) as pull:
            while True:
                messages = await pull.batch(BATCH)
                await self._inbox.take(events_of(messages))
                if self._durable:
                    await messages[-1].ack()  # and with it those before
                self.lag = pending(messages[-1])
                self._moved()


class LogLane:
    """The way from the service's own log into an inbox."""

    def __init__(self, events: EventLog, take_in: Inbox) -> None:
        self._log = events
        self._inbox = take_in

    async def run(self) -> None:
        """For ever, through whatever trouble there is. Raises only ``Superseded``."""
        lag = VIEW_LAG.labels(self._log.service, self._inbox.subscriber)
        while True:
            try:
                after = (await self._inbox.positions([WHOLE_LOG]))[WHOLE_LOG]
                async for batch in self._log.follow(after, BATCH):
                    await self._inbox.take(delivered_by_log(self._log.service, batch))
                    behind = len(batch) == BATCH
                    lag.set(await self._log.head() - batch[-1].position if behind else 0)
                    if not behind:
                        await asyncio.sleep(REST_SECONDS)
            except (Gap, *TROUBLE) as error:  # a gap: the database has crashed, and the view's last commits with it
                log.warning("view_in_trouble", view=self._inbox.subscriber, error=_name(error))
            await asyncio.sleep(LOG_PAUSE_SECONDS)


def delivered_by_log(service: str, batch: Sequence[Stored]) -> list[Delivered]:
    """Rows of the log, as a subscriber gets them. Here each event follows the one before it in the log."""
    return [
        Delivered(service, WHOLE_LOG, s.position, s.position - 1, s.stream, s.version, s.topic, s.state) for s in batch
    ]


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
        handler, events = subscription.handler, subscription.events
        self.inboxes = {
            source: Inbox(pool, service, self.name, handler, events, source, place, retry_seconds)
            for source in subscription.sources
        }
        self._lanes: set[Lane] = set()
        self._superseded = False

    async def run(self) -> None:
        """Works for ever on what is this process's share."""
        await self._leases.share(f"subscription {self.name}", self._groups, self._group)

    def ready(self) -> Words | None:
        """None when all groups held here get their events; otherwise what is missing."""
        if self._superseded:
            return superseded(self.name)
        return self._nats.ready() or next((lane.wrong for lane in self._lanes if lane.wrong), None)

    @property
    def lanes(self) -> int:
        """How many (source, group) this process works on."""
        return len(self._lanes)

    async def retry(self, source: str, stream: UUID, actor: str) -> tuple[int, str | None]:
        """Try the parked events of an aggregate again, in order, up to the first that fails.

        Returns how many were handled, and the error of the one that was not. Raises KeyError for an unknown source.
        """
        return await self.inboxes[source].retry(stream, actor)

    async def discard(self, source: str, stream: UUID, position: int, actor: str, reason: str) -> bool:
        """Give up a parked event for good; False when it doesn't wait. Raises KeyError for an unknown source."""
        return await self.inboxes[source].discard(stream, position, actor, reason)

    async def _group(self, group: int) -> None:
        """One lane for each source, until the lease is lost."""
        partitions = range(group, PARTITIONS, self._groups)
        durable = f"{self._service}-{self.name}-g{group}of{self._groups}"
        lanes = {
            Lane(self._nats, inbox, source, partitions, durable, self._report_lag, patient=self.subscription.patient)
            for source, inbox in self.inboxes.items()
        }
        self._lanes |= lanes
        try:
            for inbox in self.inboxes.values():
                await inbox.count_parked()
            await together(*(lane.run() for lane in lanes))
        except Superseded:
            self._superseded = True
            log.warning("view_superseded", subscriber=self.name)
        finally:
            self._lanes -= lanes
            self._report_lag()
        await asyncio.Event().wait()  # for ever: a newer version has taken over

    def _report_lag(self) -> None:
        CONSUMER_LAG.labels(self._service, self.name).set(sum(lane.lag or 0 for lane in self._lanes))


def events_of(messages: Sequence[Msg]) -> list[Delivered]:
    """The events of messages. What no relay has written is left out: the relay will clear it away."""
    events = []
    for message in messages:
        try:
            events.append(delivered(message))
        except ValueError:
            log.warning("strange_message", topic=message.subject)
    return events


def superseded(name: str) -> Words:
    return Words(
        f"视图 {name} 已由程序的另一版本重建;请更新或停止此进程。",
        f"The view {name} was rebuilt by another version of the program; update or stop this process.",
    )


def _name(error: BaseException) -> str:
    return type(error).__name__


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
