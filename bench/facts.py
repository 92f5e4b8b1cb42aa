"""Facts per second: latenesses from JetStream through the detector into suspicions, and on through the ledger."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from time import perf_counter
from uuid import uuid4

from nats.aio.client import Client
from psycopg.sql import SQL, Identifier
from psycopg_pool import AsyncConnectionPool

from bench.servers import Bench, opened
from bench.table import Row, against, in_turns
from services.penalties.app import service
from services.penalties.domain import conduct, policy
from services.penalties.domain.conduct import AcknowledgePolicy, RecordSubject
from services.penalties.domain.identity import POLICY, conduct_id
from services.penalties.domain.policy import AdoptPolicy
from services.penalties.reactions import REACTIONS
from services.penalties.views import VIEWS
from shared.eventlog import Context, EventLog, EventMapper, Recorded, Streams
from shared.eventlog.appending import Writer
from shared.eventlog.transaction import Append
from shared.events.base import Metadata, Source
from shared.events.dispatch import Delay, KnownCause, VisitLate
from shared.jetstream import Nats, ensure_stream, stream_of
from shared.leases import Leases
from shared.projection import TABLES, Projector
from shared.relay import Relay
from shared.subscription import Subscriber
from shared.tasks import end

TOTAL = 10_000
ENGINEERS = 200
LOOK_SECONDS = 0.01
WAIT_SECONDS = 60.0
ACKNOWLEDGED = datetime(2026, 9, 1, tzinfo=UTC)
HAPPENED = datetime(2026, 10, 10, 2, 15, tzinfo=UTC)
_PER_APPEND = 500


async def row(bench: Bench, nats: Nats, consumed: float) -> Row:
    """``facts_per_s``, beside ``consumed``: what a plain view takes in of the same run."""
    url = await bench.database()
    async with opened(url, service="dispatch", deciders=()) as (log, _):
        await _latenesses(url)
        leases = Leases(url)
        work = asyncio.create_task(Relay(log, nats, leases).run())
        client = await nats.client()
        await _until_relayed(client)
        await end([work])
        await leases.stop()
    (judged,) = await in_turns(lambda: _judged(bench, nats))
    return against("facts_per_s", judged, consumed, "consume_into_view")


async def _latenesses(url: str) -> None:
    """As dispatch would tell them: each of another visit, some hundred in an append."""
    writer, mapper = Writer(url, "dispatch"), EventMapper("dispatch")
    await writer.start()
    for first in range(0, TOTAL, _PER_APPEND):
        told = [mapper.to_stored_event(_late(number)) for number in range(first, first + _PER_APPEND)]
        await writer.append(Append(told, [], [], None, datetime.now(UTC)))
    await writer.stop()


def _late(number: int) -> Recorded[VisitLate]:
    visit = uuid4()
    event = VisitLate(
        at=HAPPENED + timedelta(seconds=number),
        visit=visit,
        number=f"SM-20261010-{number}",
        work_order=uuid4(),
        ticket=uuid4(),
        engineer=f"E{number % ENGINEERS:03}",
        customer=uuid4(),
        customer_name="光明物业",
        agreed_arrival=HAPPENED,
        minutes=15,
        arrived_at=None,
        causes=(KnownCause(cause=Delay.TRAFFIC, told_at=HAPPENED),),
        instruction="更换粘鼠板 20 张",
        assigned_at=HAPPENED - timedelta(hours=2),
        assigned_by="li.na",
    )
    meta = Metadata(
        actor="timer:deadlines",
        source=Source.TIMER,
        correlation_id=uuid4(),
        occurred_at=event.at,
        recorded_at=event.at,
    )
    return Recorded("dispatch", visit, 1, 0, event, meta)


async def _until_relayed(client: Client) -> None:
    jetstream = client.jetstream()
    await ensure_stream(jetstream, "dispatch", 1)
    async with asyncio.timeout(WAIT_SECONDS):
        while (await jetstream.stream_info(stream_of("dispatch"))).state.messages < TOTAL:
            await asyncio.sleep(LOOK_SECONDS)


async def _judged(bench: Bench, nats: Nats) -> float:
    """Every lateness is a suspicion, and the ledger has taken in the whole log, from taking the leases."""
    url = await bench.database()
    async with AsyncExitStack() as stack:
        log, pool = await stack.enter_async_context(opened(url, TABLES, "penalties", service.deciders))
        await _bound(log)
        leases = Leases(url)
        stack.push_async_callback(leases.stop)
        ledger = [Projector(view, log, pool, nats, leases) for view in VIEWS if view.name == "ledger"]
        reaction = next(each for each in REACTIONS if each.name == "facts")
        detector = Subscriber(reaction.subscription(log), "penalties", pool, nats, leases)
        keeping = [asyncio.create_task(each.run()) for each in ledger]
        try:
            await _until_at(log, pool, [each.view.schema for each in ledger])
            before, began = await log.head(), perf_counter()
            keeping.append(asyncio.create_task(detector.run()))
            async with asyncio.timeout(WAIT_SECONDS):
                while await log.head() < before + 3 * TOTAL:  # reported, charged, suspected
                    await asyncio.sleep(LOOK_SECONDS)
            await _until_at(log, pool, [each.view.schema for each in ledger])
            return TOTAL / (perf_counter() - began)
        finally:
            await end(keeping)


async def _until_at(log: EventLog, pool: AsyncConnectionPool, schemas: list[str]) -> None:
    """The views have taken in everything."""
    head = await log.head()
    async with asyncio.timeout(WAIT_SECONDS), pool.connection() as connection:
        for schema in schemas:
            query = SQL("SELECT coalesce(max(position), 0) FROM {}").format(Identifier(schema, "positions"))
            exists = "SELECT to_regclass(%s) IS NOT NULL"
            while (await (await connection.execute(exists, (f"{schema}.positions",))).fetchone()) != (True,):
                await asyncio.sleep(LOOK_SECONDS)
            while ((await (await connection.execute(query)).fetchone()) or (0,))[0] < head:
                await asyncio.sleep(LOOK_SECONDS)


async def _bound(log: EventLog) -> None:
    """Version 1 is adopted, and every engineer has acknowledged it."""

    async def work(streams: Streams) -> None:
        terms = {"policy": POLICY, "version": 1, "valid_from": ACKNOWLEDGED, "procedure": "职工代表大会"}
        await streams.handle(policy, POLICY, AdoptPolicy(at=ACKNOWLEDGED, by="qian.gm", **terms))
        for number in range(ENGINEERS):
            engineer = f"E{number:03}"
            record, said = conduct_id(engineer), {"at": ACKNOWLEDGED, "by": engineer, "engineer": engineer}
            await streams.handle(conduct, record, RecordSubject(region="华北", active=True, position=1, **said))
            await streams.handle(conduct, record, AcknowledgePolicy(version=1, **said))

    await log.execute(work, Context("bench", Source.WEB, uuid4()))
