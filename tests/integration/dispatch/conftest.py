"""The office of the tests of tickets, as those know it who go to customers and send others there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
import uvicorn

from shared.gateway import listen
from shared.service import Runtime
from tests.conftest import ServerAddresses, emptied_nats, fresh_database
from tests.integration.tickets.conftest import Caller, Office, actions, code, open_now, opened, until

__all__ = ["Caller", "DispatchOffice", "actions", "code", "on_a_port", "open_now", "until"]


@dataclass
class DispatchOffice(Office):
    """With callers of dispatch, and its views."""

    @property
    def dispatch(self) -> Runtime:
        return self.runtime("dispatch")

    @property
    def dispatcher(self) -> Caller:
        return self.caller("dispatcher", subject="li.na")

    @property
    def manager(self) -> Caller:
        return self.caller("service_manager", subject="zhao.min")

    @property
    def hr(self) -> Caller:
        return self.caller("hr", subject="sun.hong")

    def engineer(self, code: str = "E04") -> Caller:
        """One who reaches only what is theirs."""
        return self.caller("engineer", engineer=code, subject=code)

    async def seen(self, service: str = "dispatch") -> None:
        await super().seen(service)

    async def events(self, service: str = "dispatch") -> list[dict[str, Any]]:
        return await super().events(service)

    async def recorded(self, engineer: str, **facts: Any) -> str:
        """An engineer of the company; its code."""
        said = {"engineer": engineer, "skills": ["灭鼠"], "region": "华北", "base_city": "济南"} | facts
        await self.dispatcher.do("/dispatch/engineers", said)
        return engineer


@asynccontextmanager
async def on_a_port(office: DispatchOffice) -> AsyncIterator[str]:
    """The office answers over HTTP as well, at this address: streams and browsers need that."""
    config = uvicorn.Config(office.gateway, lifespan="off", log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    listener = listen("127.0.0.1", 0)
    answering = asyncio.create_task(server.serve([listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await answering


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(servers: ServerAddresses, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DispatchOffice]:
    """An office for all tests of a file; each works with engineers of its own. Its clock only ever goes forward."""
    async with fresh_database(servers) as database_url:
        nats_url = await emptied_nats(servers)
        async with opened(database_url, nats_url, tmp_path_factory.mktemp("office"), DispatchOffice) as office:
            yield office
