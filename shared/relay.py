"""Log → JetStream: one relay per service copies the log, in order, and keeps no position of its own.

Where it goes on is read from the stream at every (re)connection: behind the stream's last message. The first message
then names the sequence that the stream must have before it (``Nats-Expected-Last-Sequence``), each later one the
message (``Nats-Expected-Last-Msg-Id``). So the server refuses whatever a lost tail, a wiped store, a second relay or
a stranger's message would have put out of order; then the relay reads the stream's end again and begins from there.

JetStream's de-duplication is not relied on, and its window is set to the shortest there is: within it the refill of a
purged stream would be swallowed.
"""

import asyncio
import contextlib
from dataclasses import dataclass, field

import nats.errors
import orjson
import psycopg
import structlog
from nats.aio.client import Client
from nats.aio.subscription import Subscription
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from psycopg_pool import PoolTimeout

from shared.decider import Words
from shared.eventlog import EventLog, Stored
from shared.jetstream import (
    EXPECTED_LAST_ID,
    EXPECTED_LAST_SEQUENCE,
    MESSAGE_ID,
    NATS_ERRORS,
    PARTITIONS,
    POSITION,
    Nats,
    ensure_stream,
    headers_of,
    partition_of,
    stream_of,
    subject_of,
)
from shared.leases import Leases
from shared.tasks import together
from shared.telemetry import RELAY_LAG, RELAYED

BATCH = 500
"""Events read and sent at a time. Only a batch's last message asks for an acknowledgement: the chain of expected
messages makes it vouch for those before it."""
WINDOW = 4
"""Batches that may be under way; together fewer messages than the server buffers (10,000)."""
ACK_SECONDS = 5.0
WATCH_SECONDS = 2.0
"""How often the stream is looked at: a purge, too, is noticed while nothing is published."""
PAUSE_SECONDS = (0.05, 2.0)
"""First and longest pause before the stream's end is read again."""

log = structlog.get_logger()


class StreamAtOdds(Exception):
    """The stream holds what the log doesn't: it was restored from a backup, or belongs to another log."""

    def __init__(self, stream: str, position: int, head: int) -> None:
        super().__init__(f"{stream} at position {position} is at odds with the log, which ends at {head}")
        self.words = Words(
            f"消息流 {stream}(至 {position})与事件日志(至 {head})不一致:日志可能恢复自旧备份。已停止发布;"
            "请恢复完整的日志,或在确认后删除该消息流并重建各视图。",
            f"The stream {stream} (up to {position}) and the log (up to {head}) disagree: the log may come from an old "
            "backup. Nothing is published; restore the full log, or, if it is right, delete the stream and rebuild "
            "the views.",
        )


class OutOfStep(Exception):
    """The stream is not as it was left: its end must be read again."""


@dataclass(slots=True)
class Tail:
    """Where the stream ends."""

    position: int
    """Position of the last message; 0 for an empty stream."""
    sequence: int
    """The stream's last sequence; it goes on counting after a purge."""
    previous: dict[int, int] = field(default_factory=dict)
    """Last position of each partition."""
    id: str | None = None
    """Id of the message that this session has sent last."""

    @property
    def offset(self) -> int:
        """Sequence minus position; the same for all messages of a whole stream."""
        return self.sequence - self.position


class Relay:
    """The relay of one service. Any number may run; one works at a time."""

    def __init__(self, log: EventLog, nats: Nats, leases: Leases, replicas: int = 1) -> None:
        self.name = f"{log.service}-relay"
        self._log = log
        self._nats = nats
        self._leases = leases
        self._replicas = replicas
        self._service = log.service
        self._stream = stream_of(log.service)
        self._wrong: Words | None = None

    async def run(self) -> None:
        """Relays for ever, whenever this process holds the lease."""
        await self._leases.share("relay", 1, self._relay)

    def ready(self) -> Words | None:
        """None when it works, or another relay does; otherwise what is missing."""
        return self._wrong or self._nats.ready()

    async def _relay(self, _: int) -> None:
        pause, longest = PAUSE_SECONDS
        loop = asyncio.get_running_loop()
        try:
            while True:
                began = loop.time()
                try:
                    await self._session()
                except StreamAtOdds as odds:
                    self._wrong = odds.words
                    log.error("stream_at_odds_with_log", stream=self._stream)
                except nats.errors.MaxPayloadError:
                    self._wrong = Words(
                        "有事件超过 NATS 的 max_payload,无法发布;请调大该设置。",
                        "An event is larger than NATS' max_payload and can't be published; raise that setting.",
                    )
                    log.error("event_exceeds_max_payload", stream=self._stream)
                except (OutOfStep, psycopg.Error, PoolTimeout, *NATS_ERRORS) as error:
                    log.warning("relay_begins_again", stream=self._stream, error=type(error).__name__)
                pause = min(longest, pause * 2) if loop.time() - began < longest else PAUSE_SECONDS[0]
                await asyncio.sleep(pause)
        finally:
            self._wrong = None
            RELAY_LAG.remove(self._service)

    async def _session(self) -> None:
        """From reading the stream's end to the first trouble; ends only by raising."""
        client = await self._nats.client()
        jetstream = client.jetstream()
        tail = await self._tail(jetstream)
        self._wrong = None
        seen = Tail(tail.position, tail.sequence)
        under_way: asyncio.Queue[Tail] = asyncio.Queue(WINDOW)
        inbox = client.new_inbox()
        acks = await client.subscribe(inbox)
        try:
            await together(
                self._publish(client, tail, under_way, inbox),
                self._collect(acks, under_way, seen),
                self._watch(jetstream, seen),
                self._nats.lost(client),
            )
        finally:
            with contextlib.suppress(*NATS_ERRORS):
                await acks.unsubscribe()

    # -- where the stream ends ------------------------------------------------------------------------------

    async def _tail(self, jetstream: JetStreamContext) -> Tail:
        state = (await ensure_stream(jetstream, self._service, self._replicas)).state
        if not state.messages:
            return Tail(0, state.last_seq)
        last = await jetstream.get_msg(self._stream, seq=state.last_seq)
        position = int((last.headers or {}).get(POSITION, 0))
        if not position == state.messages == state.last_seq - state.first_seq + 1:
            # A part of it was purged or lost: it is a copy, and is made anew.
            log.warning("stream_refilled", stream=self._stream, messages=state.messages, position=position)
            await jetstream.purge_stream(self._stream, seq=state.last_seq + 1)
            raise OutOfStep
        stored = await self._log.read(position - 1, 1)
        if not stored or stored[0].state != last.data:
            raise StreamAtOdds(self._stream, position, await self._log.head())
        ends = await asyncio.gather(*(self._end_of(jetstream, partition) for partition in range(PARTITIONS)))
        return Tail(position, state.last_seq, {p: end for p, end in enumerate(ends) if end})

    async def _end_of(self, jetstream: JetStreamContext, partition: int) -> int:
        try:
            last = await jetstream.get_last_msg(self._stream, subject_of(self._service, partition))
        except NotFoundError:
            return 0
        return int((last.headers or {})[POSITION])

    # -- publishing -----------------------------------------------------------------------------------------

    async def _publish(self, client: Client, tail: Tail, under_way: "asyncio.Queue[Tail]", inbox: str) -> None:
        async for batch in self._log.follow(tail.position, BATCH):
            for stored in batch:
                subject, headers = self._message(stored, tail)
                reply = inbox if stored is batch[-1] else ""
                await client.publish(subject, stored.state, reply, headers)
            await under_way.put(Tail(tail.position, tail.sequence))

    def _message(self, stored: Stored, tail: Tail) -> tuple[str, dict[str, str]]:
        """Subject and headers of the next message; moves ``tail`` behind it."""
        partition = partition_of(stored.stream)
        headers = headers_of(self._service, stored, tail.previous.get(partition, 0))
        if tail.id:
            headers[EXPECTED_LAST_ID] = tail.id
        else:
            headers[EXPECTED_LAST_SEQUENCE] = str(tail.sequence)
        tail.id = headers[MESSAGE_ID] = headers["ce-id"]
        tail.previous[partition] = tail.position = stored.position
        tail.sequence += 1
        return subject_of(self._service, partition, stored.topic.rpartition(".")[2]), headers

    async def _collect(self, acks: Subscription, under_way: "asyncio.Queue[Tail]", seen: Tail) -> None:
        """Await the acknowledgements, which come in order; ``seen`` is moved to what is surely in the stream.

        nats-py's ``publish_async`` is not used: it drops the server's refusals, which are what matters here.
        """
        while True:
            sent = await under_way.get()
            message = await acks.next_msg(ACK_SECONDS)
            if not message.data or orjson.loads(message.data).get("seq") != sent.sequence:
                raise OutOfStep
            RELAYED.labels(self._service).inc(sent.position - seen.position)
            seen.position, seen.sequence = sent.position, sent.sequence

    async def _watch(self, jetstream: JetStreamContext, seen: Tail) -> None:
        """Notice what happens to the stream while nothing is published."""
        while True:
            position = seen.position
            state = (await jetstream.stream_info(self._stream)).state
            whole = state.messages == state.last_seq - seen.offset and state.messages >= position
            if not whole or (state.messages and state.first_seq != seen.offset + 1):
                raise OutOfStep
            RELAY_LAG.labels(self._service).set(max(0, await self._log.head() - seen.position))
            await asyncio.sleep(WATCH_SECONDS)
