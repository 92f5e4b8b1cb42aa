"""The ticket board as a live stream of server-sent events.

A watcher first gets ``snapshot`` or, where it says how far it was, what has changed since; after that a ``ticket`` for
each that changes, and ``counts``. Only ``snapshot`` and ``counts`` carry an id: there, all that came before has been
told, so it is a safe place to go on from.

However many watch, a process listens once, and asks once for each set of filters that is watched. Whoever reads too
slowly is cut off and goes on from its last id; nothing more is kept for it.
"""

import asyncio
import hashlib
import re
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import datetime, timedelta
from weakref import WeakSet

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from pydantic import BaseModel
from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.types import Receive, Scope, Send

from services.reporting.feed import Feed
from services.reporting.views import BOARD
from services.reporting.views import board_reading as reading
from services.reporting.views.board_reading import Board, Day, Filters, Gone, OpenTicket, Point
from shared.clock import SHANGHAI, Clock
from shared.jetstream import PARTITIONS

LISTENER = "shouhou-live"
"""What the listening connection calls itself to PostgreSQL."""
POLL_SECONDS = 1.0
"""How often the board is looked at without a notification: a frozen connection brings none."""
FIGURES_SECONDS = 0.2
"""At least so long lies between two computations of the figures; tickets are told at once."""
TELL_SECONDS = 10.0
"""A database that takes longer is taken as away: better no stream than one that looks alive."""
BACKLOG_BYTES = 1_000_000
"""So much may wait for a watcher before it is cut off."""
RESUME_TICKETS = 1000
"""With more changes than these to catch up with, a watcher gets a snapshot instead."""
DAYS = 7
"""In a snapshot, today included."""
LIFE_SECONDS = 600.0
"""Then a stream ends, so that whoever goes on watching shows that its token still holds."""
HEARTBEAT_SECONDS = 15
SEND_SECONDS = 20.0
"""Whoever takes nothing for so long is gone."""
RETRY_MILLISECONDS = 1000
"""How soon one comes back that was cut off."""

logger = structlog.get_logger(part="live", view=BOARD.name)


class Counts(BaseModel):
    """The figures of what is watched, and the days whose counts changed, which are those of all tickets."""

    as_of: datetime | None
    stale: bool
    board: Board
    days: list[Day]


class Snapshot(Counts):
    """The whole board."""

    tickets: list[OpenTicket]


class Stream(EventSourceResponse):
    """The response to one watcher."""

    def __init__(self, messages: AsyncIterator[bytes]) -> None:
        super().__init__(
            messages,
            ping=HEARTBEAT_SECONDS,
            ping_message_factory=lambda: ServerSentEvent(comment="heartbeat"),
            send_timeout=SEND_SECONDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except SendTimeoutError:
            logger.info("watcher_takes_nothing")


class Watcher:
    """One who watches, and what waits for it."""

    def __init__(self, filters: Filters | None = None) -> None:
        self.filters = filters or Filters()
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._ended = False
        self._news = asyncio.Event()

    def put(self, message: bytes) -> None:
        if self._waiting and self._bytes + len(message) > BACKLOG_BYTES:
            logger.info("watcher_too_slow", total=self._bytes)
            self._waiting.clear()
            self.end()
        if not self._ended:
            self._waiting.append(message)
            self._bytes += len(message)
            self._news.set()

    def end(self) -> None:
        """It gets what waits, and no more."""
        self._ended = True
        self._news.set()

    async def next(self) -> bytes | None:
        """The next message; None at the end."""
        while not self._waiting:
            if self._ended:
                return None
            self._news.clear()
            await self._news.wait()
        waiting = b"".join(self._waiting)  # under load one large message is cheaper than many small ones
        self._waiting.clear()
        self._bytes = 0
        return waiting


class Live:
    """The board's live stream in one process. It listens as long as somebody watches."""

    def __init__(self, pool: AsyncConnectionPool, database_url: Callable[[], str], feed: Feed, clock: Clock) -> None:
        self._pool = pool
        self._url = database_url
        self._feed = feed
        self._clock = clock
        self._session: Session | None = None

    async def watch(self, filters: Filters, last_event_id: str | None) -> AsyncIterator[bytes]:
        """The stream of one watcher, encoded. ``last_event_id`` says how far it was.

        Raises ``NotBuilt``; psycopg.OperationalError and the like when the database can't be reached.
        """
        if self._session is None or self._session.over:
            self._session = Session(self._pool, self._url(), self._feed, self._clock)
        return await self._session.join(filters, last_event_id)


class Session:
    """From the first watcher to the last, or to the first trouble: then the streams end, and watchers come again."""

    def __init__(self, pool: AsyncConnectionPool, database_url: str, feed: Feed, clock: Clock) -> None:
        self.over = False
        self._pool = pool
        self._url = database_url
        self._feed = feed
        self._clock = clock
        self._watchers: WeakSet[Watcher] = WeakSet()
        """Weak, for a stream that nobody begins to read has no end at which its watcher could leave."""
        self._joining = 0
        self._turn = asyncio.Lock()
        """Whoever lets a watcher in or tells news has it, so that nobody is told the older after the newer."""
        self._told = self._counted = Point("", ())
        """Up to where the tickets, and the counts, have been told."""
        self._counted_at = 0.0
        self._owed = False
        """Counts are to be told."""
        self._stale = feed.freshness(clock.now()).stale
        self._listening = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name="board-live")

    async def join(self, filters: Filters, last_event_id: str | None) -> AsyncIterator[bytes]:
        """The stream of a new watcher."""
        self._joining += 1
        try:
            await self._listening.wait()
            async with self._turn:
                first = await self._first(filters, last_event_id)
                watcher = Watcher(filters)
                self._watchers.add(watcher)
            if self.over:
                watcher.end()
            return self._messages(watcher, first)
        finally:
            self._joining -= 1

    async def _messages(self, watcher: Watcher, first: bytes) -> AsyncIterator[bytes]:
        ends = asyncio.get_running_loop().time() + LIFE_SECONDS
        message: bytes | None = first
        try:
            while message is not None:
                yield message
                async with asyncio.timeout_at(ends):
                    message = await watcher.next()
        except TimeoutError:
            return
        finally:
            self._watchers.discard(watcher)

    async def _first(self, filters: Filters, last_event_id: str | None) -> bytes:
        now = self._clock.now()
        fresh = self._feed.freshness(now)
        async with reading.one_moment(self._pool) as connection:
            at = await reading.point(connection)
            board = await reading.board_of(connection, filters, now)
            seen = _point_of(last_event_id, filters)
            if seen is not None and seen <= at:
                changed = await reading.changed_tickets(connection, filters, now, seen, at, RESUME_TICKETS + 1)
                if len(changed) <= RESUME_TICKETS:
                    days = await reading.changed_days(connection, seen, at)
                    counts = Counts(as_of=fresh.as_of, stale=fresh.stale, board=board, days=days)
                    return _RETRY + _tickets(changed) + _event("counts", counts, _id(at, filters))
            tickets = await reading.open_tickets(connection, filters, now)
            today = now.astimezone(SHANGHAI).date()
            days = await reading.days_between(connection, today - timedelta(days=DAYS - 1), today)
        snapshot = Snapshot(as_of=fresh.as_of, stale=fresh.stale, board=board, days=days, tickets=tickets)
        return _RETRY + _event("snapshot", snapshot, _id(at, filters))

    # -- news ---------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        try:
            async with await AsyncConnection.connect(
                self._url, autocommit=True, application_name=LISTENER
            ) as connection:
                await connection.execute(f'LISTEN "{BOARD.schema}"')
                async with reading.one_moment(self._pool) as first:
                    self._told = self._counted = await reading.point(first)
                self._listening.set()
                while self._watchers or self._joining:
                    async for _ in connection.notifies(timeout=self._patience(), stop_after=1):
                        pass
                    async with asyncio.timeout(TELL_SECONDS), self._turn, reading.one_moment(self._pool) as moment:
                        await self._tell(moment)
                self.over = True  # before the connection is closed: who comes now begins another session
        except Rebuilt:
            logger.info("board_rebuilt")
        except (psycopg.Error, PoolTimeout, OSError, reading.NotBuilt) as error:
            logger.warning("live_stream_interrupted", error=type(error).__name__)
        finally:
            self.over = True
            self._listening.set()
            for watcher in list(self._watchers):
                watcher.end()

    def _patience(self) -> float:
        """Seconds to wait for a notification."""
        if not self._owed:
            return POLL_SECONDS
        return max(0.0, self._counted_at + FIGURES_SECONDS - asyncio.get_running_loop().time())

    async def _tell(self, connection: AsyncConnection) -> None:
        """What has changed, at once; how it adds up, now and then. Raises ``Rebuilt``."""
        now, at = self._clock.now(), await reading.point(connection)
        if at.epoch != self._told.epoch:
            raise Rebuilt
        if at != self._told:
            self._owed |= bool(await reading.changed_days(connection, self._told, at))
            for filters, watchers in self._by_filters():
                if changed := await reading.changed_tickets(connection, filters, now, self._told, at):
                    self._owed = True
                    _put(watchers, _tickets(changed))
            self._told = at
        fresh = self._feed.freshness(now)
        self._owed |= fresh.stale != self._stale
        if self._owed and not self._patience():
            days = await reading.changed_days(connection, self._counted, at)
            for filters, watchers in self._by_filters():
                board = await reading.board_of(connection, filters, now)
                counts = Counts(as_of=fresh.as_of, stale=fresh.stale, board=board, days=days)
                _put(watchers, _event("counts", counts, _id(at, filters)))
            self._counted, self._counted_at = at, asyncio.get_running_loop().time()
            self._stale, self._owed = fresh.stale, False

    def _by_filters(self) -> Iterable[tuple[Filters, list[Watcher]]]:
        watchers: dict[Filters, list[Watcher]] = {}
        for watcher in self._watchers:
            watchers.setdefault(watcher.filters, []).append(watcher)
        return watchers.items()


class Rebuilt(Exception):
    """The board was built anew: what the watchers were told is void."""


# --- the form of the stream -------------------------------------------------------------------------------------------

_RETRY = ServerSentEvent(retry=RETRY_MILLISECONDS).encode()


def _put(watchers: Iterable[Watcher], message: bytes) -> None:
    for watcher in watchers:
        watcher.put(message)


def _tickets(changed: Iterable[OpenTicket | Gone]) -> bytes:
    return b"".join(_event("ticket", ticket) for ticket in changed)


def _event(name: str, content: BaseModel, place: str | None = None) -> bytes:
    return ServerSentEvent(content.model_dump_json(), event=name, id=place).encode()


def _id(at: Point, filters: Filters) -> str:
    """Says where the stream is, and of which filters."""
    return f"{at.epoch}-{_digest(filters)}-{'.'.join(map(str, at.positions))}"


def _point_of(event_id: str | None, filters: Filters) -> Point | None:
    """The point that ``event_id`` names; None for one that isn't ours, or of other filters."""
    match (event_id or "").split("-"):
        case [epoch, digest, positions] if digest == _digest(filters) and _POSITIONS.fullmatch(positions):
            return Point(epoch, tuple(map(int, positions.split("."))))
        case _:
            return None


_POSITIONS = re.compile(rf"\d{{1,18}}(\.\d{{1,18}}){{{PARTITIONS - 1}}}", re.ASCII)


def _digest(filters: Filters) -> str:
    return hashlib.blake2b(filters.model_dump_json().encode(), digest_size=4).hexdigest()
