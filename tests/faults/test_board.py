"""The ticket board lives from NATS alone. It is right after its process was killed, and after NATS lost everything."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg_pool import AsyncConnectionPool

from services.reporting import feed as feeding
from services.reporting.feed import Ends, Feed
from services.reporting.views import BOARD
from services.reporting.views import board_reading as reading
from services.reporting.views.board_reading import Filters
from services.tickets.domain import ticket
from services.tickets.domain import ticket_commands as wish
from shared import embedded
from shared.clock import ManualClock
from shared.datafolder import claimed
from shared.decider import Command
from shared.eventlog import Context, EventLog, Streams, migrate
from shared.events.base import Source
from shared.leases import Leases
from shared.projection import TABLES
from shared.rebuild import Difference, compare
from shared.relay import Relay
from shared.settings import Settings
from tests.faults import board_worker
from tests.faults.programs import PROCESSES
from tests.ticket_histories import T0, call, opening, triage
from tests.toys import connected, running, until

NOW = T0 + timedelta(hours=1)


@dataclass
class Tickets:
    """The tickets service, as far as its log and its relay go."""

    log: EventLog
    opened: list[UUID] = field(default_factory=list)
    waiting: list[UUID] = field(default_factory=list)

    async def opens(self, many: int) -> None:
        """So many more tickets; every third is answered."""
        for n in range(len(self.opened), len(self.opened) + many):
            new = uuid4()
            self.opened.append(new)
            await self._does(new, opening(new, NOW, T0), wish.TriageTicket(**triage(NOW)))
            if n % 3:
                self.waiting.append(new)
            else:
                await self._does(new, wish.AnswerTicket(at=NOW, by="li", proof=call(n)))

    async def cancels(self, many: int) -> None:
        for _ in range(many):
            one = self.waiting.pop(0)
            self.opened.remove(one)
            await self._does(one, wish.CancelTicket(at=NOW, by="li", reason="打错了"))

    async def _does(self, stream: UUID, *commands: Command) -> None:
        async def work(streams: Streams) -> Any:
            for command in commands:
                await streams.handle(ticket, stream, command)

        await self.log.execute(work, Context("li", Source.WEB, uuid4()))


@dataclass
class Scene:
    """Both services, each with its database, and NATS between them."""

    tickets: Tickets
    pool: AsyncConnectionPool
    database_url: str
    nats_url: str

    @contextmanager
    def worker(self) -> Iterator[None]:
        """A process keeps the board; in the end it is killed."""
        process = PROCESSES.Process(target=board_worker.run, args=(self.database_url, self.nats_url), daemon=True)
        process.start()
        try:
            yield
        finally:
            process.kill()
            process.join()

    async def right(self) -> bool:
        """The board shows exactly the tickets that are open, and counts every one."""
        try:
            async with reading.one_moment(self.pool) as connection:
                shown = await reading.open_tickets(connection, Filters(), NOW)
                (day,) = await reading.days_between(connection, NOW.date(), NOW.date())
        except reading.NotBuilt:
            return False
        known = {each: (await self.tickets.log.load(ticket, each))[0].status for each in self.tickets.opened}
        opened = sum(1 for each in await self.tickets.log.read(0, 10_000) if each.topic == "tickets.TicketOpened")
        return {each.ticket: each.status for each in shown} == known and day.opened == opened

    async def compared(self) -> list[Difference]:
        """The board beside what all events make of it."""
        log = EventLog("reporting", self.database_url, self.pool, ManualClock(NOW), [])
        async with connected(self.nats_url) as nats:
            return sorted(await compare(BOARD, log, self.pool, nats), key=attrgetter("table"))


@asynccontextmanager
async def scene(database_url: str, nats_url: str) -> AsyncIterator[Scene]:
    settings = Settings(database_url=database_url)
    async with AsyncExitStack() as stack:
        pools = {}
        for service in ("tickets", "reporting"):
            url = settings.database_of(service)
            await embedded.ensure_database(url)
            await asyncio.to_thread(migrate, url, TABLES)
            pools[service] = await stack.enter_async_context(
                AsyncConnectionPool(url, min_size=1, max_size=8, open=False, kwargs={"autocommit": True})
            )
        url = settings.database_of("tickets")
        log = EventLog("tickets", url, pools["tickets"], ManualClock(NOW), [ticket])
        await log.start()
        stack.push_async_callback(log.stop)
        nats = await stack.enter_async_context(connected(nats_url))
        await stack.enter_async_context(running(Relay(log, nats, Leases(url, tick_seconds=0.1)).run))
        yield Scene(Tickets(log), pools["reporting"], settings.database_of("reporting"), nats_url)


async def test_tickets_go_on_while_the_board_is_dead(database_url: str, nats_url: str) -> None:
    async with scene(database_url, nats_url) as told:
        await told.tickets.opens(20)
        with told.worker():
            await until(told.right)
            await told.tickets.opens(10)
        await told.tickets.opens(30)
        await told.tickets.cancels(15)
        assert not await told.right()

        with told.worker():
            await until(told.right)


async def test_the_board_is_killed_again_and_again_while_tickets_go_on(database_url: str, nats_url: str) -> None:
    async with scene(database_url, nats_url) as told:
        for round_ in range(5):
            with told.worker():
                busy = asyncio.create_task(told.tickets.opens(40))
                seen = partial(_shows, told, more_than=30 * round_)
                await until(seen)
                await told.tickets.cancels(3)
            await busy
        with told.worker():
            await until(told.right)
            assert [(each.table, each.missing, each.surplus) for each in await told.compared()] == [
                ("days", 0, 0),
                ("tickets", 0, 0),
            ]


async def _shows(told: Scene, more_than: int) -> bool:
    try:
        async with reading.reach(told.pool) as connection:
            return len(await reading.open_tickets(connection, Filters(), NOW)) > more_than
    except reading.NotBuilt:
        return False


async def test_nats_loses_all_it_has_stored(database_url: str, tmp_path: Path) -> None:
    quiet = partial(print, end="")
    with claimed(tmp_path) as folder:
        async with AsyncExitStack() as stack:
            async with embedded.nats_server(folder, tell=quiet) as first:
                told = await stack.enter_async_context(scene(database_url, first.url))
                stack.enter_context(told.worker())
                await told.tickets.opens(20)
                await until(told.right)
            await told.tickets.opens(7)
            shutil.rmtree(folder / "nats")
            port = int(first.url.rpartition(":")[2])
            async with embedded.nats_server(folder, tell=quiet, port=port):
                await told.tickets.opens(3)
                await told.tickets.cancels(5)
                await until(told.right, within=30)


async def test_the_board_says_until_when_it_is_complete(
    database_url: str, nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "LOOK_SECONDS", 0.02)
    clock = ManualClock(NOW)
    async with AsyncExitStack() as stack:
        told = await stack.enter_async_context(scene(database_url, nats_url))
        ends = Ends(await stack.enter_async_context(connected(nats_url)), clock)
        feed = Feed(BOARD, ends, told.pool, clock)
        assert feed.freshness(NOW).stale

        async def complete() -> bool:
            return feed.freshness(clock.now()).as_of == clock.now()

        async with running(feed.run):
            await told.tickets.opens(5)
            with told.worker():
                await until(complete)
                assert not feed.freshness(clock.now()).stale
            await told.tickets.opens(5)
            await until(partial(_sought, feed))
            clock.move_to(NOW + timedelta(minutes=1))
            behind = feed.freshness(clock.now())
            assert (behind.as_of, behind.stale) == (NOW, True)

            with told.worker():
                await until(complete)
            assert await told.right()
            assert not feed.freshness(clock.now()).stale


async def _sought(feed: Feed) -> bool:
    return feed.seeking
