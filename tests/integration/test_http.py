"""The chassis on a real log: one key is one event, versions are guarded, refusals and readiness tell the truth."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel
from starlette.responses import Response

from shared.api import Call, Routes
from shared.auth import Auth, Permission, Role
from shared.clock import ManualClock
from shared.decider import Words
from shared.eventlog import EventLog, Streams, migrate
from shared.gateway import Gateway, build_gateway
from shared.issuers import LocalKeys
from shared.service import Runtime, Service
from shared.settings import Settings
from tests.tally import Count
from tests.tally_log import NOON, TALLY, everything, opened

COUNT = Permission("tally.count", [Role.RECEPTION])


class Counted(BaseModel):
    amount: int


def tallies(runtime: Runtime) -> list[Routes]:
    routes = Routes("计数", "Tallies")

    @routes.post("/{tally}", permission=COUNT)
    async def count(call: Call, tally: UUID, body: Counted) -> Response:
        command = Count(at=call.moment(), by=call.actor, amount=body.amount)

        async def work(streams: Streams) -> dict[str, int]:
            await streams.expect(TALLY, tally, call.expected_version)
            await streams.handle(TALLY, tally, command)
            return {"total": (await streams.load(TALLY, tally)).total, "version": streams.version(tally)}

        return call.done(await runtime.log.execute(work, call.context()))

    @routes.get("/{tally}", permission=COUNT)
    async def read(call: Call, tally: UUID) -> Response:
        state, version = await runtime.log.load(TALLY, tally)
        return call.answer({"total": state.total}, version=version)

    return [routes]


@pytest.fixture
async def log(database_url: str) -> AsyncIterator[EventLog]:
    await asyncio.to_thread(migrate, database_url)
    async with opened(database_url) as log:
        yield log


@pytest.fixture
async def gateway(log: EventLog, database_url: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    service = Service("tally", Words("计数", "Tallies"), Words("计数", "Tallies"), routes=tallies)
    keys = LocalKeys(tmp_path, ManualClock(NOON))
    async with AsyncConnectionPool(database_url, min_size=1, open=False) as pool:
        yield build_gateway([Runtime(service, Settings(), log.clock, Auth(keys, log.clock), log, pool)])


@pytest.fixture
async def client(gateway: Gateway, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    token = LocalKeys(tmp_path, ManualClock(NOON)).issue_token([Role.RECEPTION], subject="li")
    headers = {"Authorization": f"Bearer {token}"}
    transport = httpx.ASGITransport(gateway)
    async with httpx.AsyncClient(transport=transport, base_url="http://x/tally", headers=headers) as client:
        yield client


async def test_one_key_is_one_event_however_often_and_at_once_it_is_sent(
    client: httpx.AsyncClient, log: EventLog
) -> None:
    tally, key = uuid4(), {"Idempotency-Key": "k"}
    answers = await asyncio.gather(*(client.post(f"/{tally}", json={"amount": 3}, headers=key) for _ in range(10)))
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, b'{"total":3,"version":1}')}
    assert sum(answer.headers.get("idempotency-replayed") == "true" for answer in answers) == 9
    assert {answer.headers["etag"] for answer in answers} == {'"1"'}
    assert len(await everything(log)) == 1


async def test_the_same_key_for_another_command_changes_nothing(client: httpx.AsyncClient, log: EventLog) -> None:
    tally, key = uuid4(), {"Idempotency-Key": "k"}
    await client.post(f"/{tally}", json={"amount": 3}, headers=key)
    answer = await client.post(f"/{tally}", json={"amount": 4}, headers=key)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:shouhou:problem:idempotency-key-reused")
    assert len(await everything(log)) == 1


async def test_a_version_that_was_not_seen_is_not_overwritten(client: httpx.AsyncClient) -> None:
    tally = uuid4()
    first = await client.post(f"/{tally}", json={"amount": 3}, headers={"Idempotency-Key": "1"})
    seen = {"If-Match": first.headers["etag"]}
    second = await client.post(f"/{tally}", json={"amount": 1}, headers=seen | {"Idempotency-Key": "2"})
    third = await client.post(f"/{tally}", json={"amount": 1}, headers=seen | {"Idempotency-Key": "3"})
    assert (second.status_code, third.status_code) == (200, 412)
    assert third.headers["etag"] == '"2"'
    read = await client.get(f"/{tally}")
    assert (read.json(), read.headers["etag"]) == ({"total": 4}, '"2"')


async def test_what_was_never_there_is_404(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"/{uuid4()}")).status_code == 404


async def test_events_say_who_from_where_and_in_which_chain(client: httpx.AsyncClient, log: EventLog) -> None:
    correlation = str(uuid4())
    headers = {"Idempotency-Key": "k", "X-Correlation-ID": correlation, "X-Source": "app"}
    tally = uuid4()
    await client.post(f"/{tally}", json={"amount": 3}, headers=headers)
    [recorded] = await log.history(tally)
    meta = recorded.meta
    assert (meta.actor, meta.source, str(meta.correlation_id), meta.causation_id) == ("li", "app", correlation, "k")


async def test_a_service_whose_database_answers_is_ready(client: httpx.AsyncClient, log: EventLog) -> None:
    assert (await client.get("/health/ready")).json() == {"status": "ready"}
    await log.stop()
    assert (await client.get("/health/ready")).json()["missing"].keys() == {"log"}
