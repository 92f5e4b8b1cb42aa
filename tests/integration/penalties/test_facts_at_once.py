"""Dispatch and tickets tell of the same latenesses at the same moment: on real PostgreSQL and NATS, the two never race
each other into two penalties (D7)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg_pool import AsyncConnectionPool

from services.penalties.app import service
from services.penalties.commands import facts
from services.penalties.domain import conduct, fact, penalty, policy
from services.penalties.domain.conduct import AcknowledgePolicy
from services.penalties.domain.identity import POLICY, conduct_id, fact_id
from services.penalties.domain.penalty_state import UNDECIDED
from services.penalties.reactions import REACTIONS
from shared.clock import ManualClock
from shared.decider import Decider
from shared.eventlog import Context, EventLog, EventMapper, Recorded, Streams, migrate
from shared.eventlog.appending import Writer
from shared.eventlog.transaction import Append
from shared.events.base import Event, Source
from shared.events.penalties import FactCharged, FactReported
from shared.jetstream import Nats
from shared.leases import Leases
from shared.parked import list_parked
from shared.projection import TABLES
from shared.relay import Relay
from shared.subscription import Subscriber
from tests.conftest import ServerAddresses, emptied_nats, fresh_database
from tests.toys import connected, running, until
from tests.unit.penalties import told
from tests.unit.penalties.policies import adopt, at

VISITS = 60


@asynccontextmanager
async def opened(url: str, name: str, deciders: Sequence[Decider[Any]]) -> AsyncIterator[EventLog]:
    await asyncio.to_thread(migrate, url, TABLES)
    async with AsyncConnectionPool(url, min_size=2, max_size=12, open=False, kwargs={"autocommit": True}) as pool:
        log = EventLog(name, url, pool, ManualClock(told.NOW), deciders)
        await log.start()
        try:
            yield log
        finally:
            await log.stop()


@pytest.fixture
async def log(database_url: str) -> AsyncIterator[EventLog]:
    """Penalties' own, with version 1 that binds E04."""
    async with opened(database_url, "penalties", service.deciders) as log:

        async def bind(streams: Streams) -> None:
            await streams.handle(policy, POLICY, adopt(1, day=2))
            read = AcknowledgePolicy(at=at(2, "10:00"), by="E04", engineer="E04", version=1)
            await streams.handle(conduct, conduct_id("E04"), read)

        await log.execute(bind, by())
        yield log


def by() -> Context:
    return Context("tests", Source.EVENT, uuid4())


async def one_charge_each(log: EventLog, visits: Sequence[UUID], rule: str) -> None:
    """Both reports are there, one suspicion stands, and no other is open."""
    for visit in visits:
        state, _ = await log.load(fact, fact_id(f"lateness:{visit}:E04"))
        assert len(state.reports) == 2
        assert state.charged
        assert state.charged.rule == rule
        open_ = [id for id in state.penalties if (await log.load(penalty, id))[0].status in UNDECIDED]
        assert open_ == [state.charged.penalty]
        events = [each.event for each in await log.history(fact_id(f"lateness:{visit}:E04"))]
        assert sum(isinstance(each, FactReported) for each in events) == 2
        assert sum(isinstance(each, FactCharged) for each in events) == len(state.penalties)


async def test_two_that_decide_on_the_same_fact_at_once_decide_one_after_the_other(log: EventLog) -> None:
    """Each has seen the fact without the other's word: one of them is refused by the log, and looks again."""
    late, complaint = told.in_two_logs([told.late(), told.substantiated()])
    both_have_looked = asyncio.Barrier(2)
    looks: list[str] = []

    async def hear(event: Recorded[Any]) -> None:
        async def work(streams: Streams) -> None:
            await streams.look_up(facts.ahead(event))
            first = event.id not in looks
            looks.append(event.id)
            if first:
                async with asyncio.timeout(10):
                    await both_have_looked.wait()
            await facts.hear(streams, event)

        await log.execute(work, by())

    await asyncio.gather(hear(late), hear(complaint))
    assert len(looks) == 3, "one of them had to look twice"
    await one_charge_each(log, [told.VISIT], "4.2.3")


async def test_two_sources_at_once_through_the_broker(log: EventLog, servers: ServerAddresses) -> None:
    visits = [told.an_id(f"visit {number}") for number in range(VISITS)]
    latenesses = [told.late(visit) for visit in visits]
    complaints = [told.substantiated(visit=visit, complaint=uuid4()) for visit in reversed(visits)]
    async with connected(await emptied_nats(servers)) as nats:
        async with telling(servers, nats, "dispatch", latenesses), telling(servers, nats, "tickets", complaints):
            async with running(detector(log, nats).run, detector(log, nats).run):
                await until(lambda: heard(log, 2 * VISITS), 60)
    assert await list_parked(log.pool) == []
    await one_charge_each(log, visits, "4.2.3")


@asynccontextmanager
async def telling(servers: ServerAddresses, nats: Nats, name: str, events: Sequence[Event]) -> AsyncIterator[None]:
    """A service whose log holds ``events``, each in a stream of its own, and whose relay runs."""
    async with fresh_database(servers) as url, opened(url, name, ()) as log:
        writer, mapper = Writer(url, name), EventMapper(name)
        await writer.start()
        stored = [mapper.to_stored_event(each) for each in told.in_two_logs(events)]
        await writer.append(Append(stored, [], [], None, told.NOW))
        await writer.stop()
        async with running(Relay(log, nats, Leases(url, tick_seconds=0.1)).run):
            yield


def detector(log: EventLog, nats: Nats) -> Subscriber:
    """As one of several processes runs it."""
    reaction = next(each for each in REACTIONS if each.name == "facts")
    leases = Leases(log.pool.conninfo, tick_seconds=0.1)
    return Subscriber(reaction.subscription(log), "penalties", log.pool, nats, leases)


async def heard(log: EventLog, reports: int) -> bool:
    async with log.pool.connection() as connection:
        rows = await connection.execute(
            "SELECT count(*) >= %s FROM events WHERE topic = %s", (reports, FactReported.TOPIC)
        )
        return (await rows.fetchone() or (False,))[0]
