"""The telephone exchange, as dispatch hears of it: a stand-in for telephony's own lifecycle of a call."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid5

from psycopg_pool import AsyncConnectionPool

from shared.decider import Command, DeadlineChange
from shared.eventlog import Context, EventLog, Streams, migrate
from shared.events.base import Source
from shared.events.telephony import CallDirection, CallEnded, CallOutcome, Confidence
from shared.relay import Relay
from tests.conftest import ServerAddresses, fresh_database
from tests.integration.dispatch.conftest import DispatchOffice
from tests.toys import NAMESPACE, Toys, connected, leases, running


class Told(Command):
    """A call that the exchange tells of."""

    event: CallEnded


@dataclass(frozen=True)
class Known:
    """Nothing needs to be known."""


class Exchange:
    """Stands in for telephony's own lifecycle of a call."""

    STREAM = "call"
    NEW = Known()

    def evolve(self, state: Known, event: CallEnded, /) -> Known:
        return state

    def decide(self, command: Told, state: Known, /) -> Sequence[CallEnded]:
        return [command.event]

    def deadlines(self, event: CallEnded, /) -> Sequence[DeadlineChange]:
        return []


@asynccontextmanager
async def exchange(servers: ServerAddresses, office: DispatchOffice) -> AsyncIterator[EventLog]:
    """Telephony's log, and its relay: its stream appears only now."""
    async with fresh_database(servers) as url:
        migrate(url, "")
        async with (
            AsyncConnectionPool(url, min_size=2, max_size=4, kwargs={"autocommit": True}) as pool,
            connected(servers.nats_url) as nats,
        ):
            log = EventLog("telephony", url, pool, office.clock, [Exchange()])
            await log.start()
            toy = Toys(log, pool, url)
            async with running(Relay(log, nats, leases(toy)).run):
                yield log
            await log.stop()


def ended(call: str, engineer: str | None, at: datetime, **facts: Any) -> CallEnded:
    said: dict[str, Any] = {
        "direction": CallDirection.OUTBOUND,
        "outcome": CallOutcome.NO_ANSWER,
        "confidence": Confidence.DEFINITE,
        "rang_seconds": 30,
        "seconds": 0,
    } | facts
    return CallEnded(
        at=at + timedelta(seconds=40),
        call=call,
        engineer=engineer,
        started_at=at,
        ended_at=at + timedelta(seconds=40),
        **said,
    )


async def publish(log: EventLog, event: CallEnded) -> None:
    decider, stream = Exchange(), uuid5(NAMESPACE, event.call)

    async def work(streams: Streams) -> None:
        await streams.handle(decider, stream, Told(at=event.at, by="exchange", event=event))

    await log.execute(work, Context("exchange", Source.CALL, stream))
