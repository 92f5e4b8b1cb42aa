"""How events lie in JetStream: streams, subjects, headers; and the connection to NATS.

One stream per service (``EVENTS_TICKETS``), subjects ``events.<service>.<partition>.<EventType>``. The body is the
stored JSON, untouched; around it stand CloudEvents headers in binary mode, and what proves that nothing is missing:
the position in the log and the position of the event before it in the same partition.
"""

import asyncio
import contextlib
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zlib import crc32

import nats
import orjson
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext, api
from nats.js.errors import Error as JetStreamError
from nats.js.errors import NotFoundError

from shared.decider import Words
from shared.eventlog import Stored
from shared.tasks import end, together

PARTITIONS = 16
"""Part of the published language: order holds within a partition, and an aggregate never changes its partition."""

POSITION = "Shouhou-Position"
PREVIOUS = "Shouhou-Previous"
VERSION = "Shouhou-Version"
MESSAGE_ID = api.Header.MSG_ID.value
EXPECTED_LAST_ID = api.Header.EXPECTED_LAST_MSG_ID.value
EXPECTED_LAST_SEQUENCE = api.Header.EXPECTED_LAST_SEQUENCE.value

NATS_ERRORS = (nats.errors.Error, JetStreamError, OSError, TimeoutError)
"""What talking to NATS may raise: nothing of it is the fault of an event."""

CONNECT_SECONDS = 5.0
RETRY_SECONDS = 0.5
LOOK_SECONDS = 1.0
PING_SECONDS = 5
"""A frozen server is given up after two unanswered pings."""

log = structlog.get_logger()


def partition_of(stream: UUID) -> int:
    """The partition of an aggregate, the same for ever."""
    return crc32(stream.bytes) % PARTITIONS


def stream_of(service: str) -> str:
    """The name of a service's stream."""
    return f"EVENTS_{service.upper()}"


def subject_of(service: str, partition: int, event_type: str = ">") -> str:
    """The subject of one type of event in one partition; without a type, all that lies in the partition."""
    return f"events.{service}.{partition}.{event_type}"


def headers_of(service: str, stored: Stored, previous: int) -> dict[str, str]:
    """The headers around a stored event; ``previous`` is the position before it in its partition, 0 for none."""
    meta = orjson.loads(stored.state)["meta"]
    headers = {
        "ce-specversion": "1.0",
        "ce-id": f"{service}-{stored.position}",
        "ce-type": stored.topic,
        "ce-source": f"/shouhou/{service}",
        "ce-time": meta["occurred_at"],
        "ce-subject": str(stored.stream),
        "Content-Type": "application/json",
        POSITION: str(stored.position),
        PREVIOUS: str(previous),
        VERSION: str(stored.version),
    }
    if traceparent := meta.get("traceparent"):
        headers["traceparent"] = traceparent
    return headers


@dataclass(frozen=True, slots=True)
class Delivered:
    """A published event as a subscriber gets it, not decoded yet."""

    source: str
    """The service in whose log it stands."""
    partition: int
    position: int
    previous: int
    """The position before it in its partition; 0 for none."""
    stream: UUID
    version: int
    topic: str
    body: bytes


def delivered(message: Msg) -> Delivered:
    """A message of a service's stream. Raises ValueError for one that no relay has written."""
    headers = message.headers or {}
    try:
        _, source, partition, _ = message.subject.split(".")
        return Delivered(
            source,
            int(partition),
            int(headers[POSITION]),
            int(headers[PREVIOUS]),
            UUID(headers["ce-subject"]),
            int(headers[VERSION]),
            headers["ce-type"],
            message.data,
        )
    except KeyError as missing:
        raise ValueError(f"a message on {message.subject} has no header {missing}") from missing


async def ensure_stream(jetstream: JetStreamContext, service: str, replicas: int) -> api.StreamInfo:
    """The service's stream, made or brought back to the form it must have: it keeps everything, on disk.

    Raises nats.js.errors.APIError when the server refuses that.
    """
    config = api.StreamConfig(
        name=stream_of(service),
        description=f"the events of {service}, a copy of its log",
        subjects=[f"events.{service}.>"],
        storage=api.StorageType.FILE,
        retention=api.RetentionPolicy.LIMITS,
        num_replicas=replicas,
        allow_direct=True,
        duplicate_window=0.1,  # the shortest that the server takes, see shared/relay.py
    )
    assert config.name
    try:
        found = await jetstream.stream_info(config.name)
    except NotFoundError:
        return await jetstream.add_stream(config)
    if _differs(found.config, config):
        log.warning("stream_changed_back", stream=config.name)
        return await jetstream.update_stream(config)
    return found


def _differs(found: api.StreamConfig, wanted: api.StreamConfig) -> bool:
    names = ("subjects", "storage", "retention", "num_replicas", "allow_direct", "duplicate_window")
    limits = ("max_msgs", "max_bytes", "max_msgs_per_subject")
    return (
        any(getattr(found, name) != getattr(wanted, name) for name in names)
        or any(getattr(found, name) != -1 for name in limits)
        or bool(found.max_age)
    )


class Nats:
    """The connection to NATS. It never gives up, and each client lives as long as one connection.

    nats-py's own reconnection is off: it keeps what was being sent and repeats it on the next server, and after some
    errors it closes for good. Whoever works on a client declares all it needs after each ``client()``, so nothing
    of the old connection is worth keeping.
    """

    def __init__(self, url: str, *, name: str, user: str | None = None, password: str | None = None) -> None:
        """``url`` may name several servers of a cluster, separated by commas."""
        self._servers = url.split(",")
        self._name = name
        self._user = user
        self._password = password
        self._client = Client()
        self._connected = asyncio.Event()
        self._lost = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begins to connect, and doesn't wait for it."""
        self._task = asyncio.create_task(self._keep_connected(), name=f"nats-{self._name}")

    async def stop(self) -> None:
        if self._task:
            await end([self._task])

    async def client(self) -> Client:
        """The connected client; waits until there is one."""
        await self._connected.wait()
        return self._client

    async def lost(self, client: Client) -> None:
        """Waits until ``client``'s connection is gone, then raises ConnectionError."""
        if client is self._client:
            await self._lost.wait()
        raise ConnectionError("the connection to NATS is lost")

    async def guard(self, client: Client, work: Coroutine[Any, Any, None]) -> None:
        """Does ``work`` as long as ``client``'s connection lasts, then raises ConnectionError."""
        await together(work, self.lost(client))

    def ready(self) -> Words | None:
        """None when connected."""
        if self._connected.is_set():
            return None
        return Words("未连接到 NATS，正在重试。", "NATS can't be reached; trying again.")

    async def _keep_connected(self) -> None:
        while True:
            client, self._lost = Client(), asyncio.Event()
            self._client = client
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    await self._connect(client, self._lost)
                self._connected.set()
                await _until_lost(client, self._lost)
                log.warning("nats_connection_lost")
            except NATS_ERRORS as error:
                log.warning("nats_unreachable", error=type(error).__name__)
            finally:
                self._connected.clear()
                self._lost.set()
                with contextlib.suppress(*NATS_ERRORS):
                    async with asyncio.timeout(CONNECT_SECONDS):
                        await client.close()
            await asyncio.sleep(RETRY_SECONDS)

    async def _connect(self, client: Client, lost: asyncio.Event) -> None:
        async def gone() -> None:
            lost.set()

        async def error(_: Exception) -> None:
            """Told again by what follows from it: a lost connection, or a request that fails."""

        await client.connect(
            self._servers,
            name=self._name,
            user=self._user,
            password=self._password,
            allow_reconnect=False,
            connect_timeout=int(CONNECT_SECONDS),
            ping_interval=PING_SECONDS,
            max_outstanding_pings=2,
            disconnected_cb=gone,
            closed_cb=gone,
            error_cb=error,
        )


async def _until_lost(client: Client, lost: asyncio.Event) -> None:
    """nats-py doesn't tell of every way in which a connection ends (an error while it is being set up closes it
    without a word), so it is asked as well."""
    while client.is_connected and not lost.is_set():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await lost.wait()
