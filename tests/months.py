"""The months' figures on a real database, told by the tests what NATS would tell it."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from random import Random
from typing import Any

from psycopg_pool import AsyncConnectionPool

from services.reporting.domain.account import Account
from services.reporting.domain.cuts import LIVE, Cut, Cuts
from services.reporting.views import STATISTICS
from services.reporting.views import statistics_reading as reading
from shared.calendar import Period
from shared.eventlog import EventMapper, Recorded, migrate
from shared.inbox import Inbox
from shared.jetstream import PARTITIONS, Delivered, partition_of
from shared.projection import TABLES
from shared.view import make_schema

TABLES_OF_THE_VIEW = ("entries", "orders", "tickets", "coverages", "customers", "products")


class KeptMonths:
    """The view, and the way into it."""

    def __init__(self, pool: AsyncConnectionPool) -> None:
        self.pool = pool

    async def empty(self) -> None:
        """As if nothing had ever been told."""
        async with self.pool.connection() as connection:
            await make_schema(connection, STATISTICS, STATISTICS.schema)

    async def take(self, events: Iterable[Recorded[Any]], chance: Random | None = None, batch: int = 1_000) -> None:
        """Bring the events: each partition's in their order, and otherwise mixed and cut as chance will have it."""
        lanes = self._lanes(events)
        inboxes = {source: self._inbox(source) for source, _ in lanes}
        for inbox in inboxes.values():
            await inbox.positions(range(PARTITIONS))
        while lanes:
            lane = chance.choice(sorted(lanes)) if chance else min(lanes)
            many = chance.randint(1, 5) if chance else batch
            news, lanes[lane] = lanes[lane][:many], lanes[lane][many:]
            await inboxes[lane[0]].take(news)
            if not lanes[lane]:
                del lanes[lane]

    def _lanes(self, events: Iterable[Recorded[Any]]) -> dict[tuple[str, int], list[Delivered]]:
        previous: dict[tuple[str, int], int] = defaultdict(int)
        lanes: dict[tuple[str, int], list[Delivered]] = defaultdict(list)
        for each in events:
            stored = EventMapper(each.service).to_stored_event(each)
            lane = each.service, partition_of(each.stream)
            place = (lane[1], each.position, previous[lane], each.stream, each.version)
            lanes[lane].append(Delivered(each.service, *place, stored.topic, stored.state))
            previous[lane] = each.position
        return lanes

    def _inbox(self, source: str) -> Inbox:
        view = STATISTICS
        return Inbox(self.pool, "reporting", view.name, view.apply, view.events, source, view.place)

    async def account(self, period: str, at: Cut = LIVE, since: Cut | None = None, year: Cut | None = None) -> Account:
        async with reading.one_state(self.pool) as connection:
            return await reading.account_of(connection, Period.parse(period), Cuts(at, since, year))

    async def rows(self) -> dict[str, list[str]]:
        """All rows of all tables, whatever their order on the disk."""
        async with self.pool.connection() as connection:
            found = {}
            for table in TABLES_OF_THE_VIEW:
                rows = await connection.execute(f"SELECT t::text FROM view_statistics.{table} t ORDER BY 1")  # noqa: S608
                found[table] = [row for (row,) in await rows.fetchall()]
            return found


@asynccontextmanager
async def kept_months(database_url: str) -> AsyncIterator[KeptMonths]:
    """An empty view."""
    await asyncio.to_thread(migrate, database_url, TABLES)
    async with AsyncConnectionPool(
        database_url, min_size=1, max_size=4, open=False, kwargs={"autocommit": True}
    ) as pool:
        async with pool.connection() as connection:
            await make_schema(connection, STATISTICS, STATISTICS.schema)
            await connection.execute(
                "INSERT INTO views (name, fingerprint) VALUES (%s, %s)", (STATISTICS.name, STATISTICS.fingerprint)
            )
        yield KeptMonths(pool)
