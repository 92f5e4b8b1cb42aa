"""A toy service on the real chassis: routes are given by each test, requests go through the whole stack."""

import asyncio
import inspect
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from shared import logs
from shared.api import Routes
from shared.auth import Auth, Role
from shared.clock import ManualClock
from shared.decider import Words
from shared.issuers import LocalKeys
from shared.service import docs, plain_app

NOW = datetime(2026, 10, 8, 2, 30, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def keys(tmp_path: Path, clock: ManualClock) -> LocalKeys:
    return LocalKeys(tmp_path, clock)


Headers = Callable[..., dict[str, str]]


@pytest.fixture
def as_role(keys: LocalKeys) -> Headers:
    """``as_role(Role.RECEPTION, engineer=…, **more)``: the headers of such a caller."""

    def headers(*roles: Role, engineer: str | None = None, subject: str = "", **more: str) -> dict[str, str]:
        token = keys.issue_token(roles, engineer, timedelta(hours=1), subject)
        return {"Authorization": f"Bearer {token}"} | {k.replace("_", "-"): v for k, v in more.items()}

    return headers


Toy = Callable[[Routes], httpx.AsyncClient]


@pytest.fixture
def toy(keys: LocalKeys, clock: ManualClock) -> Toy:
    """``toy(routes)``: a client of a service that has these routes."""

    def client(routes: Routes) -> httpx.AsyncClient:
        async def nothing() -> dict[str, Words]:
            return {}

        app = plain_app("toy", Words("玩具", "Toy"), Words("玩具服务", "A toy"), [routes, docs()], nothing)
        app.state.auth = Auth(keys, clock)
        app.state.clock = clock
        return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://toy")

    return client


@pytest.fixture
def logged() -> Iterator[io.BytesIO]:
    """What is logged meanwhile."""
    stream = io.BytesIO()
    logs.configure("INFO", stream)
    yield stream
    structlog.reset_defaults()
    logs.configure("CRITICAL", io.BytesIO())


@pytest.fixture
def eventually() -> Callable[..., Any]:
    """``await eventually(condition)``: until it holds, for at most 5 s."""

    async def wait(condition: Callable[[], Any]) -> bool:
        async with asyncio.timeout(5):
            while True:
                held = condition()
                if inspect.isawaitable(held):
                    held = await held
                if held:
                    return True
                await asyncio.sleep(0.005)

    return wait
