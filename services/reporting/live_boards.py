"""The small boards as live streams of server-sent events: the whole board whenever it has changed.

The id of a message is the fingerprint of its content: whoever comes back with it is told only what is different by
now. However many watch a board, a process listens once and reads once for all of them.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from functools import cache
from typing import Any
from weakref import WeakSet

import psycopg
import structlog
from psycopg import AsyncConnection, sql
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from pydantic import BaseModel, create_model
from sse_starlette import ServerSentEvent

from services.reporting.api.fresh import Fresh, fresh
from services.reporting.boards import BOARDS, LiveBoard
from services.reporting.feed import Feed
from services.reporting.live import LIFE_SECONDS, LISTENER, RETRY_MILLISECONDS, TELL_SECONDS, Watcher
from services.reporting.views.board_reading import NotBuilt, reach
from shared.clock import Clock

POLL_SECONDS = 5.0
"""So often a board is looked at without a notification: a frozen connection brings none."""
PAUSE_SECONDS = 0.2
"""At least so long lies between two readings of a board; and no less than ``REST`` times what a reading took."""
REST = 4.0

_RETRY = ServerSentEvent(retry=RETRY_MILLISECONDS).encode()

log = structlog.get_logger(part="live")


@cache
def answer_model(board: LiveBoard) -> type[BaseModel]:
    """A board as it is answered and streamed: how far it can be trusted, and ``board``."""
    return create_model(
        f"{board.model.__name__}Answer", __base__=Fresh, __doc__=board.about.zh, board=(board.model, ...)
    )


class LiveBoards:
    """The boards of one process: to be read, and to be watched."""

    def __init__(
        self, pool: AsyncConnectionPool, database_url: Callable[[], str], feeds: Mapping[str, Feed], clock: Clock
    ) -> None:
        """``feeds`` by the name of the view."""
        self._pool = pool
        self._url = database_url
        self._feeds = feeds
        self._clock = clock
        self._sessions: dict[str, _Session] = {}

    async def read(self, board: LiveBoard) -> Any:
        """The board now, an ``answer_model``. Raises ``NotBuilt``."""
        now = self._clock.now()
        async with reach(self._pool) as connection:
            found = await board.read(connection, now)
        return answer_model(board)(board=found, **fresh(self._feeds[board.view.name], now))

    async def watch(self, name: str, last_event_id: str | None) -> AsyncIterator[bytes]:
        """The stream of one watcher, encoded. Raises ``NotBuilt``; KeyError for a board that isn't there."""
        board = BY_NAME[name]
        session = self._sessions.get(name)
        if session is None or session.over:
            session = self._sessions[name] = _Session(self, board, self._url())
        return await session.join(last_event_id)


BY_NAME = {board.name: board for board in BOARDS}


class _Session:
    """From the first watcher of a board to the last, or to the first trouble: then watchers come again."""

    def __init__(self, boards: LiveBoards, board: LiveBoard, database_url: str) -> None:
        self.over = False
        self._boards = boards
        self._board = board
        self._url = database_url
        self._watchers: WeakSet[Watcher] = WeakSet()
        self._joining = 0
        self._message = b""
        self._id = ""
        self._listening = asyncio.Event()
        self._trouble: Exception | None = None
        self._task = asyncio.create_task(self._run(), name=f"{board.name}-live")

    async def join(self, last_event_id: str | None) -> AsyncIterator[bytes]:
        """The stream of a new watcher."""
        self._joining += 1
        try:
            await self._listening.wait()
            if self._trouble is not None:
                raise self._trouble
            watcher = Watcher()
            watcher.put(_RETRY if last_event_id == self._id else _RETRY + self._message)
            if self.over:
                watcher.end()
            self._watchers.add(watcher)
            return self._messages(watcher)
        finally:
            self._joining -= 1

    async def _messages(self, watcher: Watcher) -> AsyncIterator[bytes]:
        try:
            async with asyncio.timeout(LIFE_SECONDS):
                while (message := await watcher.next()) is not None:
                    yield message
        except TimeoutError:
            return
        finally:
            self._watchers.discard(watcher)

    async def _run(self) -> None:
        try:
            async with await AsyncConnection.connect(
                self._url, autocommit=True, application_name=LISTENER
            ) as connection:
                await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._board.view.schema)))
                await self._read()
                self._listening.set()
                while self._watchers or self._joining:
                    await self._wait(connection)
                    await self._read()
                self.over = True
        except NotBuilt as error:
            self._trouble = error
        except (psycopg.Error, PoolTimeout, OSError) as error:  # a TimeoutError is an OSError
            self._trouble = error
            log.warning("live_stream_interrupted", view=self._board.name, error=type(error).__name__)
        finally:
            self.over = True
            self._listening.set()
            for watcher in list(self._watchers):
                watcher.end()

    async def _wait(self, connection: AsyncConnection) -> None:
        """For news; or until the clock has moved on far enough."""
        await asyncio.sleep(self._pause)
        async for _ in connection.notifies(timeout=min(POLL_SECONDS, self._board.reread_seconds), stop_after=1):
            pass

    async def _read(self) -> None:
        """Read the board, and tell what is new."""
        began = asyncio.get_running_loop().time()
        async with asyncio.timeout(TELL_SECONDS):
            answer = await self._boards.read(self._board)
        self._pause = max(PAUSE_SECONDS, REST * (asyncio.get_running_loop().time() - began))
        digest = hashlib.blake2b(answer.model_dump_json(exclude={"as_of"}).encode(), digest_size=9).hexdigest()
        if digest != self._id:
            self._id = digest
            self._message = ServerSentEvent(answer.model_dump_json(), event="board", id=digest).encode()
            for watcher in list(self._watchers):
                watcher.put(self._message)


__all__ = ["BY_NAME", "LiveBoards", "answer_model"]
