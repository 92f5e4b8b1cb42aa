"""JetStream → this process: a pull consumer's messages, as they come and in order.

nats-py's ``fetch(500)`` waits for the rest of the batch once a first message has come, and makes a task per message;
FastStream's batches build on it. Here one request is always open, so a single event arrives at once and a backlog as
fast as the server sends it (docs/adr has the figures).
"""

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass
from types import TracebackType

import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext, api
from nats.js.errors import NotFoundError

from shared.jetstream import NATS_ERRORS, stream_of

AHEAD = 500
"""Messages asked for beyond those that wait here already."""
EXPIRES_SECONDS = 30.0
HEARTBEAT_SECONDS = 2.0
"""The server says that often that it is still there; after two silent ones the consumer is taken as gone."""
ACK_WAIT_SECONDS = 60.0
"""After that the server sends again what was not acknowledged; repeats are skipped by position."""
FORGOTTEN_SECONDS = 86_400.0
"""A consumer that nobody asks that long (another number of groups, a subscriber of yesterday) goes by itself."""


class ConsumerLost(Exception):
    """The consumer, its stream or the server is gone: declare it again."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a consumer is to deliver."""

    source: str
    """The service whose events."""
    subjects: tuple[str, ...]
    after: int
    """Log position that needs not be delivered again, nor anything before it."""
    durable: str | None
    """Its name; None for one that vanishes after use."""


async def declare(jetstream: JetStreamContext, wanted: Wanted) -> str:
    """Make the consumer, anew where it exists: what it had sent to others comes again. Returns its name.

    Raises nats.js.errors.NotFoundError when there is no such stream.
    """
    stream = stream_of(wanted.source)
    while True:
        if wanted.durable:
            try:
                await jetstream.delete_consumer(stream, wanted.durable)
            except NotFoundError as error:
                if error.err_code != _CONSUMER_NOT_FOUND:
                    raise
        before = await jetstream.stream_info(stream)
        # In a stream that a relay has written, sequences and positions differ by a constant.
        start = max(1, before.state.first_seq) + wanted.after
        config = api.ConsumerConfig(
            name=wanted.durable,
            durable_name=wanted.durable,
            filter_subjects=list(wanted.subjects),
            deliver_policy=api.DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=start,
            ack_policy=api.AckPolicy.ALL if wanted.durable else api.AckPolicy.NONE,
            ack_wait=ACK_WAIT_SECONDS if wanted.durable else None,
            max_ack_pending=-1 if wanted.durable else None,
            inactive_threshold=FORGOTTEN_SECONDS if wanted.durable else EXPIRES_SECONDS,
            mem_storage=None if wanted.durable else True,
        )
        made = await jetstream.add_consumer(stream, config)
        after = await jetstream.stream_info(stream)
        if (before.created, before.state.first_seq) == (after.created, after.state.first_seq):
            return made.name
        # the stream was purged or made anew in between, so the start may be wrong


_CONSUMER_NOT_FOUND = 10014


class Pull:
    """An open pull on a consumer; an async context manager."""

    def __init__(self, client: Client, source: str, consumer: str) -> None:
        self._client = client
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream_of(source)}.{consumer}"
        self._inbox = client.new_inbox()
        self._waiting: deque[Msg] = deque()
        self._asked = 0
        self._heard = 0.0
        self._arrived = asyncio.Event()
        self._lost: str | None = None

    async def __aenter__(self) -> "Pull":
        self._subscription = await self._client.subscribe(self._inbox, cb=self._take)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with contextlib.suppress(*NATS_ERRORS):  # where the connection is gone, the subscription is too
            await self._subscription.unsubscribe()

    async def batch(self, limit: int) -> list[Msg]:
        """The next messages: at least one, at most ``limit``. Raises ``ConsumerLost`` and ``NATS_ERRORS``."""
        loop = asyncio.get_running_loop()
        self._heard = loop.time()
        while not self._waiting:
            if self._lost is not None:
                raise ConsumerLost(self._lost)
            await self._ask()
            silent = loop.time() - self._heard
            if silent > 2.5 * HEARTBEAT_SECONDS:
                raise ConsumerLost("the server is silent")
            self._arrived.clear()
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    await self._arrived.wait()
            except TimeoutError:
                continue
        taken = [self._waiting.popleft() for _ in range(min(limit, len(self._waiting)))]
        await self._ask()
        return taken

    async def _ask(self) -> None:
        if self._asked + len(self._waiting) >= AHEAD:
            return
        self._asked += AHEAD
        nanoseconds = 1_000_000_000
        request = {
            "batch": AHEAD,
            "expires": int(EXPIRES_SECONDS * nanoseconds),
            "idle_heartbeat": int(HEARTBEAT_SECONDS * nanoseconds),
        }
        await self._client.publish(self._subject, orjson.dumps(request), reply=self._inbox)

    async def _take(self, message: Msg) -> None:
        self._heard = asyncio.get_running_loop().time()
        status = (message.headers or {}).get("Status") if not message.data else None
        if status is None:
            self._asked -= 1
            self._waiting.append(message)
        elif status == "408":  # the request has expired
            self._asked -= int((message.headers or {}).get("Nats-Pending-Messages", self._asked))
        elif status != "100":
            self._lost = f"the server says {status} {(message.headers or {}).get('Description', '')}"
        self._arrived.set()


def pending(message: Msg) -> int:
    """How many messages the consumer has to deliver after this one."""
    return message.metadata.num_pending
