"""The chassis as a whole: health, docs without the internet, several services at one address, a clean end."""

import asyncio
import re
import signal
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from psycopg_pool import AsyncConnectionPool
from starlette.responses import Response

from shared.api import Call, Routes, routes_of
from shared.auth import Auth, Permission, Public, Role
from shared.clock import ManualClock
from shared.decider import Words
from shared.eventlog import EventLog
from shared.gateway import build_gateway
from shared.issuers import LocalKeys
from shared.service import Part, Runtime, Service, build_app
from shared.settings import Settings

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=1"


def things(runtime: Runtime) -> list[Routes]:
    routes = Routes("事物", "Things")

    @routes.get("/things/{number}", permission=Permission("toy.read", [Role.RECEPTION]))
    async def thing(call: Call, number: int) -> Response:
        return call.answer({"number": number, "service": runtime.service.name})

    return [routes]


def service(name: str) -> Service:
    return Service(name, Words("玩具<1>", "Toy<1>"), Words("玩具服务", "A toy service"), routes=things)


class Still:
    name = "still"

    async def run(self) -> None:
        await asyncio.Event().wait()

    def ready(self) -> Words | None:
        return Words("落后 7 个事件", "7 events behind")


Running = Callable[..., Runtime]


@pytest.fixture
def runtime(tmp_path: Path, clock: ManualClock, keys: LocalKeys) -> Running:
    def made(name: str, part: Part = Part.ALL) -> Runtime:
        pool = AsyncConnectionPool(NOWHERE, open=False)
        log = EventLog(name, NOWHERE, pool, clock, ())
        return Runtime(service(name), Settings(), clock, Auth(keys, clock), log, pool, part=part, workers=[Still()])

    return made


@pytest_asyncio.fixture
async def client(runtime: Running) -> AsyncIterator[httpx.AsyncClient]:
    gateway = build_gateway([runtime("toys"), runtime("games")])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(gateway), base_url="http://toy") as client:
        yield client


async def test_services_stand_under_their_prefixes(client: httpx.AsyncClient, as_role: Callable[..., Any]) -> None:
    for name in ("toys", "games"):
        answer = await client.get(f"/{name}/things/7", headers=as_role(Role.RECEPTION))
        assert answer.json() == {"number": 7, "service": name}


async def test_what_no_service_answers_is_a_problem_too(client: httpx.AsyncClient) -> None:
    for path in ("/nothing/things/7", "/toys", "/toys/nothing", "/things/7"):
        answer = await client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json"), path
        assert answer.headers["x-correlation-id"] == answer.json()["correlation_id"]


async def test_the_landing_page_lists_the_services_in_both_languages(client: httpx.AsyncClient) -> None:
    chinese = await client.get("/")
    english = await client.get("/", headers={"Accept-Language": "en"})
    assert "玩具服务" in chinese.text
    assert "A toy service" in english.text
    assert english.headers["content-language"] == "en"
    for name in ("toys", "games"):
        assert f'href="/{name}/docs"' in chinese.text
    assert "<1>" not in chinese.text


async def test_the_docs_load_nothing_from_outside(client: httpx.AsyncClient) -> None:
    page = await client.get("/toys/docs")
    assert page.headers["content-type"].startswith("text/html")
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) == 3
    for url in loaded:
        assert url.startswith("/toys/docs/")
        assert len((await client.get(url)).content) > 500
    assert "http" not in page.text
    assert '"/toys/openapi.json"' in page.text
    assert (await client.get("/toys/docs/other.js")).status_code == 404


async def test_the_description_names_its_prefix(client: httpx.AsyncClient) -> None:
    described = (await client.get("/toys/openapi.json")).json()
    assert described["servers"] == [{"url": "/toys"}]
    assert "/things/{number}" in described["paths"]


async def test_live_is_not_ready(client: httpx.AsyncClient) -> None:
    assert (await client.get("/toys/health/live")).json() == {"status": "live"}
    answer = await client.get("/toys/health/ready", headers={"Accept-Language": "en"})
    assert answer.status_code == 503
    missing = answer.json()["missing"]
    assert "DATABASE_URL" in missing["database"]
    assert "connection" in missing["log"]


async def test_the_readiness_of_all_names_the_service(client: httpx.AsyncClient) -> None:
    missing = (await client.get("/health/ready")).json()["missing"]
    assert missing.keys() == {"toys.database", "toys.log", "games.database", "games.log"}
    assert "数据库" in missing["toys.database"]


async def test_a_worker_that_lags_is_missing_while_it_runs(runtime: Running) -> None:
    running = runtime("toys")
    async with running.running():
        assert (await running.missing())["still"].en == "7 events behind"
    assert "still" not in await running.missing()


def test_every_route_of_an_app_is_declared(runtime: Running) -> None:
    routes = routes_of(build_app(runtime("toys")))
    assert len(routes) == 10
    for route in routes:
        assert isinstance(route.permission, Permission | Public)


@pytest.mark.parametrize("part", [Part.RELAY, Part.WORKER])
async def test_a_part_that_does_not_answer_still_tells_its_health(runtime: Running, part: Part) -> None:
    paths = {route.path for route in routes_of(build_app(runtime("toys", part)))}
    assert "/things/{number}" not in paths
    assert {"/health/live", "/health/ready", "/metrics"} <= paths


SERVING = textwrap.dedent("""
    import asyncio
    from starlette.responses import StreamingResponse
    from shared.gateway import listen, serve

    async def forever():
        while True:
            yield b"data: x\\n\\n"
            await asyncio.sleep(0.05)

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive(); await send({"type": "lifespan.startup.complete"})
            await receive(); print("stopped", flush=True); await send({"type": "lifespan.shutdown.complete"})
        else:
            await StreamingResponse(forever())(scope, receive, send)

    listener = listen("127.0.0.1", 0)
    print(listener.getsockname()[1], flush=True)
    asyncio.run(serve(app, listener))
    print("closed", flush=True)
""")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_everything_within_5_seconds_though_a_stream_is_open(number: signal.Signals) -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", SERVING, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    port = int(await process.stdout.readline())
    try:
        async with httpx.AsyncClient() as client, client.stream("GET", f"http://127.0.0.1:{port}/") as stream:
            chunks = stream.aiter_bytes()  # kept: a forgotten iterator would close the stream
            assert await anext(chunks)
            started = time.monotonic()
            process.send_signal(number)
            rest = await asyncio.wait_for(process.stdout.read(), 5)
            await process.wait()
        assert time.monotonic() - started < 5
        assert rest.decode().split() == ["stopped", "closed"]
        assert process.returncode == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
