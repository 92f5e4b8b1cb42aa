"""A visit assigned, and an engineer's check-in, beside an empty endpoint of the same app: one process, 64 clients."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from uuid import UUID, uuid4

from pydantic import SecretStr

from bench.http import CLIENTS, answering
from bench.load import press, request
from bench.servers import Bench, free_port, opened
from bench.table import ROUNDS, Row, against, in_turns
from services.dispatch.commands import places, visits
from services.dispatch.domain import engineer, visit, visit_policy, work_order
from services.dispatch.domain.engineer import RecordEngineer
from services.dispatch.domain.identity import engineer_id
from services.dispatch.domain.visit_commands import AcceptVisit, AssignVisit, Depart, PlanVisit
from services.dispatch.domain.visit_policy import VisitTerms
from services.dispatch.domain.work_order_commands import DraftWorkOrder, QualifyWorkOrder
from services.dispatch.places import Place
from shared.auth import Role
from shared.clock import SystemClock
from shared.eventlog import Context, EventLog, Streams
from shared.events.base import Source
from shared.events.tickets import Purpose
from shared.issuers import LocalKeys
from shared.settings import Settings

SECONDS = 3.0
PREPARED = 6_000
"""Visits for each turn: more than can be dealt with in it."""
ENGINEERS = 200
WHO = "E000"
"""Who checks in: an engineer reaches only what is theirs."""
SITE = UUID(int=7)
_DECIDERS = (engineer, visit, visit_policy, work_order)


async def rows(bench: Bench) -> AsyncGenerator[Row, None]:
    """``assign_visit_http``, ``check_in_http``."""
    async with _service(bench) as port, opened(_database(bench), service="dispatch", deciders=_DECIDERS) as (log, _):
        await _company(log)
        keys = LocalKeys(bench.folder, SystemClock())
        office = keys.issue_token([Role.DISPATCHER], ttl=timedelta(hours=1))
        own = keys.issue_token([Role.ENGINEER], WHO, timedelta(hours=1), WHO)
        turns = 1 + ROUNDS
        empty = partial(_nothing, port)

        waiting = iter([await _planned(log) for _ in range(turns)])
        ours, peer = await in_turns(partial(_assigned, port, office, waiting, _slots()), empty)
        yield against("assign_visit_http", ours, peer, "empty endpoint")

        expected = iter([await _expected(log) for _ in range(turns)])
        ours, peer = await in_turns(partial(_arrived, port, own, expected), empty)
        yield against("check_in_http", ours, peer, "empty endpoint")


def _database(bench: Bench) -> str:
    """The service's, on the servers of the bench."""
    return Settings(database_url=SecretStr(bench.database_url)).database_of("dispatch")


@contextlib.asynccontextmanager
async def _service(bench: Bench) -> AsyncIterator[int]:
    """Dispatch, answering on this port."""
    port = free_port()
    environment = os.environ | {
        "DATABASE_URL": bench.database_url,
        "NATS_URL": bench.nats_url,
        "DATA_DIR": str(bench.folder),
        "LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, "-m", "shared.cli", "run", "dispatch", "--role", "api", "--port", str(port)]
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=subprocess.DEVNULL)
    try:
        await answering(port)
        yield port
    finally:
        process.terminate()
        await process.wait()


Body = Callable[[int], dict[str, object]]

# -- the turns ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Slot:
    """An engineer's free time."""

    engineer: str
    arrival: str


def _slots() -> Iterator[Slot]:
    """Without end, none twice: everybody's first hour, then everybody's second."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    for number in count():
        hours = 2 * (number // ENGINEERS)
        yield Slot(f"E{number % ENGINEERS:03}", (tomorrow + timedelta(hours=hours)).isoformat())


async def _assigned(port: int, token: str, prepared: Iterator[Sequence[UUID]], slots: Iterator[Slot]) -> float:
    """Assignments per second: a written instruction, and the engineer's time booked with it."""

    def body(_: int) -> dict[str, object]:
        slot = next(slots)
        return {"engineer": slot.engineer, "instruction": "更换粘鼠板 20 张", "agreed_arrival": slot.arrival}

    return await _acted(port, token, "assign", next(prepared), body)


async def _arrived(port: int, token: str, prepared: Iterator[Sequence[UUID]]) -> float:
    """Check-ins per second, each measured against the site."""
    position = {"latitude": 31.2990, "longitude": 120.5860, "accuracy_m": 20}
    return await _acted(port, token, "check-in", next(prepared), lambda _: {"position": position})


async def _acted(port: int, token: str, action: str, prepared: Sequence[UUID], body: Body) -> float:

    def make(number: int) -> bytes:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"{action}-{prepared[number]}"}
        path = f"/dispatch/visits/{prepared[number]}/{action}"
        return request("POST", path, headers, json.dumps(body(number)).encode())

    load = await press(port, make, clients=CLIENTS, seconds=SECONDS)
    assert not load.failed, f"{load.failed} requests failed"
    return load.per_second


async def _nothing(port: int) -> float:
    load = await press(port, lambda _: request("GET", "/dispatch/health/live"), clients=CLIENTS, seconds=SECONDS)
    assert not load.failed, f"{load.failed} requests failed"
    return load.per_second


# -- what is there before ----------------------------------------------------------------------------------------------


def _own() -> dict[str, object]:
    return {"at": datetime.now(UTC), "by": "li.na"}


def _context() -> Context:
    return Context("li.na", Source.WEB, uuid4())


async def _company(log: EventLog) -> None:
    """Engineers, and where the site is."""

    async def record(streams: Streams) -> None:
        for number in range(ENGINEERS):
            code = f"E{number:03}"
            await streams.handle(engineer, engineer_id(code), RecordEngineer(**_own(), engineer=code))
        await places.keep(streams, SITE, Place(31.2989, 120.5853), at=datetime.now(UTC), by="li.na")

    await log.execute(record, _context())


async def _planned(log: EventLog) -> list[UUID]:
    """Visits that nobody is assigned to, each of a work order of its own."""
    return list(await asyncio.gather(*(_visit(log, None) for _ in range(PREPARED))))


async def _expected(log: EventLog) -> list[UUID]:
    """Visits to which ``WHO`` is on the way."""
    return list(await asyncio.gather(*(_visit(log, WHO) for _ in range(PREPARED))))


async def _visit(log: EventLog, who: str | None) -> UUID:
    order, id = uuid4(), uuid4()
    said = {"purpose": Purpose.REPAIR, "customer": uuid4(), "site": SITE}

    async def plan(streams: Streams) -> None:
        await streams.handle(work_order, order, DraftWorkOrder(**_own(), work_order=order, **said))
        await streams.handle(work_order, order, QualifyWorkOrder(**_own(), **said))
        await visits.plan(streams, order, lambda **facts: PlanVisit(**_own(), visit=id, **facts), None)
        if who:
            arrival = datetime.now(UTC) + timedelta(hours=1)
            instruction = {"engineer": who, "instruction": "更换粘鼠板", "agreed_arrival": arrival}
            assign = AssignVisit(**_own(), **instruction, overlaps=(), terms=VisitTerms())
            await visits.decide(streams, id, assign)
            for step in (AcceptVisit, Depart):
                told = {"at": datetime.now(UTC), "by": who, "received_at": datetime.now(UTC), "terms": VisitTerms()}
                await visits.decide(streams, id, step.model_validate(told))

    await log.execute(plan, _context())
    return id
