"""Callers queue; one task takes all that wait and serves them at once, on a connection of its own.

What one caller asks never harms another: where a batch fails for what is in it, its callers are served one by one.
Where the connection is lost, the batch is served again on the next one.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Generic, TypeVar

import psycopg
import structlog
from psycopg import AsyncConnection

from shared.tasks import end

PATIENCE_SECONDS = 5.0
"""How long callers wait for a lost database before they are told that it is unreachable."""
STOP_SECONDS = 5.0
"""How long the callers that wait when the log is closed may still be served."""

R = TypeVar("R")


class LogUnavailable(psycopg.OperationalError):
    """The log's database can't be reached, or the log is closed. HTTP 503; try again later, with the same key.

    Its text says whether it is sure that nothing was recorded.
    """


async def connect(database_url: str, purpose: str) -> AsyncConnection:
    """A connection that notices within seconds when the server is gone, and that the server drops within seconds
    when this process stands still inside a transaction: it would hold the lock that all writers need.

    Raises psycopg.OperationalError.
    """
    connection = await AsyncConnection.connect(
        database_url,
        autocommit=True,
        application_name=f"shouhou-{purpose}",
        client_encoding="utf8",
        connect_timeout=5,
        keepalives_idle=5,
        keepalives_interval=2,
        keepalives_count=3,
        tcp_user_timeout=10_000,
    )
    await connection.execute("SET idle_in_transaction_session_timeout = '5s'")
    # Plans are kept for the life of a connection; one made while the tables were small must not read them whole.
    await connection.execute("SET enable_seqscan = off")
    await connection.execute("SET enable_hashjoin = off")
    await connection.execute("SET enable_mergejoin = off")
    return connection


@dataclass(slots=True, kw_only=True)
class Asked(Generic[R]):
    """What one caller waits for."""

    result: "asyncio.Future[R]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    tried: float | None = None
    """When (``monotonic``) it was first on its way as a connection was lost: whether it arrived is unknown."""
    alone: bool = False
    """It was in a batch that failed for what was in it, so it is served by itself."""

    def refuse(self, error: Exception) -> None:
        if not self.result.done():
            self.result.set_exception(error)

    def grant(self, result: R) -> None:
        if not self.result.done():
            self.result.set_result(result)


A = TypeVar("A", bound=Asked[Any])


class Batcher(Generic[A]):
    """Serves callers in batches. ``serve`` grants or refuses each of a batch, or raises and has done nothing, unless
    the connection was lost; then it is called again with what was ``tried``.

    ``weigh`` and ``most`` bound a batch; what is heavier alone is served alone.
    """

    def __init__(
        self,
        database_url: str,
        purpose: str,
        serve: Callable[[AsyncConnection, list[A]], Awaitable[None]],
        weigh: Callable[[A], int],
        most: int,
    ) -> None:
        self._url = database_url
        self._purpose = purpose
        self._serve = serve
        self._weigh = weigh
        self._most = most
        self._waiting: deque[A] = deque()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._connection: AsyncConnection | None = None
        self._closing = False
        self._logger = structlog.get_logger(part=purpose)

    async def start(self) -> None:
        """Connect; raises psycopg.OperationalError when the database can't be reached."""
        self._connection = await connect(self._url, self._purpose)
        self._task = asyncio.create_task(self._run(), name=f"shouhou-{self._purpose}")

    async def stop(self) -> None:
        """Serve who waits, for some seconds, refuse the others, and disconnect."""
        self._closing = True
        self._wake.set()
        if self._task:
            await asyncio.wait({self._task}, timeout=STOP_SECONDS)
            await end([self._task])
        await self._disconnect()

    @property
    def alive(self) -> bool:
        """It serves, and is connected."""
        return self._task is not None and not self._task.done() and self._connection is not None

    async def ask(self, asked: A) -> Any:
        """The result of ``asked``. Raises what it was refused with, and ``LogUnavailable``.

        Who is cancelled before it was taken has asked nothing; later, it is served all the same.
        """
        if self._closing or self._task is None:
            raise LogUnavailable("the log is closed; nothing was recorded")
        self._waiting.append(asked)
        self._wake.set()
        return await asked.result

    async def _run(self) -> None:
        batch: list[A] = []
        try:
            while self._waiting or not self._closing:
                await self._wake.wait()
                if batch := self._take():
                    await self._settle(batch)
        finally:
            for asked in batch:
                asked.tried = asked.tried or monotonic()
            for asked in (*batch, *self._waiting):
                self._refuse(asked, "the log was closed")

    def _take(self) -> list[A]:
        batch: list[A] = []
        weight = 0
        while self._waiting:
            asked = self._waiting[0]
            if not asked.result.done():
                weight += self._weigh(asked)
                if batch and (weight > self._most or asked.alone or batch[0].alone):
                    break
                batch.append(asked)
            self._waiting.popleft()
        if not self._waiting and not self._closing:
            self._wake.clear()
        return batch

    async def _settle(self, batch: list[A]) -> None:
        connection = self._connection
        assert connection is not None
        try:
            await self._serve(connection, batch)
        except Exception as error:
            await self._disconnect()
            if _passes(error):
                self._logger.warning("connection_lost", error=type(error).__name__, count=len(batch))
                self._try_again(batch)
            elif len(batch) == 1 or _concerns_all(error):
                self._logger.exception("batch_failed", count=len(batch))
                for asked in batch:
                    asked.refuse(error)
            else:
                for asked in batch:
                    asked.alone = True
                self._put_back(batch)
        if self._connection is None:
            await self._reconnect()

    def _try_again(self, batch: list[A]) -> None:
        now = monotonic()
        for asked in batch:
            asked.tried = asked.tried or now
            if now - asked.tried > PATIENCE_SECONDS:
                self._refuse(asked, "connections are lost again and again")
        self._put_back(batch)

    def _put_back(self, batch: list[A]) -> None:
        self._waiting.extendleft(reversed(batch))
        self._wake.set()

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            with contextlib.suppress(psycopg.Error):
                await connection.close()

    async def _reconnect(self) -> None:
        began, pause = monotonic(), 0.05
        while self._connection is None:
            try:
                self._connection = await connect(self._url, self._purpose)
            except psycopg.Error as error:
                while self._waiting and monotonic() - began > PATIENCE_SECONDS:
                    self._refuse(self._waiting.popleft(), f"the database can't be reached ({type(error).__name__})")
                await asyncio.sleep(pause)
                pause = min(1.0, pause * 2)

    def _refuse(self, asked: A, why: str) -> None:
        what = "whether it was recorded is unknown" if asked.tried else "nothing was recorded"
        asked.refuse(LogUnavailable(f"{why}; {what}"))


def _passes(error: Exception) -> bool:
    """The connection was lost, or PostgreSQL broke off one of two transactions that stood in each other's way.

    An error of severity ERROR is PostgreSQL's word that the transaction is rolled back. A lost connection shows itself
    in many ways ("cannot exit pipeline mode while busy"), all of them without such a word.
    """
    if not isinstance(error, psycopg.Error):
        return False
    match error.diag.severity_nonlocalized:
        case "ERROR":
            return (error.sqlstate or "").startswith("40")
        case None:
            return isinstance(error, psycopg.OperationalError)
        case _:
            return True


def _concerns_all(error: Exception) -> bool:
    """The server is out of room, or being stopped or mended: that hits each of a batch alike."""
    return isinstance(error, psycopg.Error) and (error.sqlstate or "").startswith(("53", "57", "58"))
