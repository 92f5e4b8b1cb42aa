"""An after-sales office: the real services with their workers on real servers, a clock that is told to move, and
callers of every role, who know nothing but HTTP."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from psycopg.sql import SQL, Identifier

from services.dispatch.domain import work_order
from services.dispatch.domain.work_order_commands import NoteVisit, RecordReport, VerifyWorkOrder
from shared import assembly
from shared.auth import Role
from shared.clock import ManualClock
from shared.eventlog import Context, StreamNotFound, Streams
from shared.events.base import Source
from shared.events.dispatch import VisitProgress, WorkOrderStatus
from shared.gateway import Gateway, build_gateway
from shared.issuers import LocalKeys
from shared.service import Runtime
from shared.settings import Settings
from tests.conftest import ServerAddresses, emptied_nats, fresh_database

NINE = datetime(2026, 10, 8, 1, 0, tzinfo=UTC)
"""Thursday 8 October 2026, 09:00 in Shanghai: when every test begins."""
_POSITION = SQL("SELECT position FROM {}.positions")
PATIENCE = 20.0
"""Seconds that a worker gets."""

TALKED = {"kind": "call", "call_id": "1696321200.17", "direction": "outbound", "seconds": 95}
WROTE = {"kind": "message", "message_id": "wx-77", "channel": "im", "sent_by": "li.na"}
CALL = {
    "channel": "phone",
    "customer_name": "光明物业",
    "person": {"name": "王主任", "phone": "138-0000-0067", "address": "光明路 8 号"},
    "product_name": "大号粘鼠板",
    "lot": "NSD260948",
    "summary": "粘不住,老鼠跑了",
}


@dataclass
class Caller:
    """Somebody with a token."""

    http: httpx.AsyncClient
    token: str
    language: str = "zh"

    async def send(
        self, method: str, path: str, *, key: str = "", headers: dict[str, str] | None = None, **request: Any
    ) -> httpx.Response:
        said = {"Authorization": f"Bearer {self.token}", "Accept-Language": self.language}
        if method == "POST":
            said["Idempotency-Key"] = key or uuid4().hex
        return await self.http.request(method, path, headers=said | (headers or {}), **request)

    async def post(self, path: str, body: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        """A command, granted or not."""
        return await self.send("POST", path, json=body or {}, **more)

    async def do(self, path: str, body: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """A command that has to be granted."""
        response = await self.post(path, body, **more)
        assert response.is_success, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def refused(self, path: str, body: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """A command that has to be refused by the rules: its problem document."""
        response = await self.post(path, body, **more)
        assert response.status_code == 409, response.text
        problem: dict[str, Any] = response.json()
        return problem

    async def read(self, path: str, **query: Any) -> Any:
        """What has to be there."""
        response = await self.send("GET", path, params=query or None)
        assert response.is_success, response.text
        return response.json()

    async def list(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """The first page of a list."""
        items: list[dict[str, Any]] = (await self.read(path, **query))["items"]
        return items

    async def upload(
        self, path: str, name: str, content: bytes, kind: str = "application/octet-stream", **more: Any
    ) -> httpx.Response:
        return await self.send("POST", path, files={"file": (name, content, kind)}, **more)


@dataclass
class Office:
    """The whole system, as those who work with it know it; and its insides, for those who check."""

    gateway: Gateway
    runtimes: list[Runtime]
    clock: ManualClock
    http: httpx.AsyncClient
    data_dir: Path
    _callers: dict[Any, Caller] = field(default_factory=dict)

    @property
    def tickets(self) -> Runtime:
        return self.runtime("tickets")

    def caller(self, *roles: str, engineer: str | None = None, subject: str = "", language: str = "zh") -> Caller:
        """Somebody with these roles; the account is ``subject``, or the engineer's number, or the first role."""
        who = (roles, engineer, subject, language)
        if who not in self._callers:
            keys = LocalKeys(self.data_dir, self.clock)
            token = keys.issue_token([Role(role) for role in roles], engineer, timedelta(days=400), subject)
            self._callers[who] = Caller(self.http, token, language)
        return self._callers[who]

    @property
    def desk(self) -> Caller:
        """One who may do all that a small office does."""
        return self.caller("reception", "dispatcher", "service_manager", "hq_verifier", subject="li.na")

    def later(self, **delta: float) -> datetime:
        """The clock moves on by so much."""
        self.clock.move_to(self.clock.now() + timedelta(**delta))
        return self.clock.now()

    def runtime(self, service: str) -> Runtime:
        return next(runtime for runtime in self.runtimes if runtime.service.name == service)

    async def seen(self, service: str = "tickets") -> None:
        """Until the service's views of its own log have taken in everything that was recorded."""
        runtime = self.runtime(service)
        head = await runtime.log.head()

        async def caught_up() -> bool:
            async with runtime.pool.connection() as connection:
                for view in filter(lambda view: view.own(service), runtime.service.views):
                    rows = await connection.execute(_POSITION.format(Identifier(view.schema)))
                    found = await rows.fetchone()
                    if found is None or found[0] < head:
                        return False
            return True

        await until(caught_up)

    async def ticket(self, **facts: Any) -> str:
        """A call that reception takes down: its ticket's id."""
        ticket: str = (await self.desk.do("/tickets", CALL | facts))["ticket"]
        return ticket

    async def triaged(self, **facts: Any) -> str:
        """A ticket that was triaged with what the caller said."""
        ticket = await self.ticket(**facts)
        await self.desk.do(f"/tickets/{ticket}/triage", {"product_unknown": "产品资料未录入"})
        return ticket

    async def resolved(self, **facts: Any) -> str:
        """A ticket that was answered and resolved."""
        ticket = await self.triaged(**facts)
        await self.desk.do(f"/tickets/{ticket}/answer", {"proof": TALKED})
        await self.desk.do(f"/tickets/{ticket}/resolve", {"resolution": "已更换"})
        return ticket

    async def verified(self, order: str, by: str = "he.ping") -> None:
        """In dispatch, which has heard of the work order: done, reported, and verified by somebody else (⚖)."""
        id, at, log = UUID(order), self.clock.now(), self.runtime("dispatch").log

        async def qualified() -> bool:
            try:
                return (await log.load(work_order, id))[0].status is WorkOrderStatus.QUALIFIED
            except StreamNotFound:
                return False

        await until(qualified)
        done = NoteVisit(at=at, by="E04", visit=uuid4(), engineer="E04", progress=VisitProgress.DONE)
        reported = RecordReport(at=at, by="E04", report=uuid4(), version=1, signed_at=at)

        async def work(streams: Streams) -> None:
            for step in (done, reported, VerifyWorkOrder(at=at, by=by)):
                await streams.handle(work_order, id, step)

        await log.execute(work, Context(by, Source.APP, uuid4()))

    async def told(self, ticket: str, event: str) -> dict[str, Any]:
        """Until the ticket's history tells of ``event``: its line."""

        async def found() -> Any:
            lines = await self.desk.read(f"/tickets/{ticket}/history")
            return next((line for line in lines if line["event"] == event), None)

        line: dict[str, Any] = await until(found)
        return line

    async def events(self, service: str = "tickets") -> list[dict[str, Any]]:
        """The whole log of a service, as it is stored: name, fields and envelope."""
        stored = await self.runtime(service).log.read(0, 1_000_000)
        return [{"topic": row.topic, "state": row.state.decode()} for row in stored]


AnyOffice = TypeVar("AnyOffice", bound=Office)


async def until(condition: Callable[[], Awaitable[Any]]) -> Any:
    """What ``condition`` gives as soon as it gives something; fails after ``PATIENCE``."""
    end = monotonic() + PATIENCE
    while not (found := await condition()):
        assert monotonic() < end, f"it didn't happen within {PATIENCE} s"
        await asyncio.sleep(0.01)
    return found


@contextlib.asynccontextmanager
async def opened(
    database_url: str, nats_url: str, data_dir: Path, kind: type[AnyOffice] = Office
) -> AsyncIterator[AnyOffice]:
    """An office on these servers, with workers."""
    settings = assembly.located(Settings(data_dir=data_dir), database_url, nats_url)
    clock = ManualClock(NINE)
    async with contextlib.AsyncExitStack() as stack:
        runtimes = await stack.enter_async_context(
            assembly.running(list(assembly.installed().values()), settings, clock=clock)
        )
        gateway = build_gateway(runtimes)
        for runtime in runtimes:
            await stack.enter_async_context(runtime.running())
        transport = httpx.ASGITransport(gateway, raise_app_exceptions=False)
        http = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://desk.test"))
        office = kind(gateway, runtimes, clock, http, data_dir)
        await until(lambda: _ready(http))
        yield office


async def _ready(http: httpx.AsyncClient) -> bool:
    return (await http.get("/health/ready")).status_code == 200


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(servers: ServerAddresses, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """An office for all tests of a file; each takes down contacts of its own. Its clock only ever goes forward."""
    async with fresh_database(servers) as database_url:
        nats_url = await emptied_nats(servers)
        async with opened(database_url, nats_url, tmp_path_factory.mktemp("office")) as office:
            yield office


def actions(answer: dict[str, Any]) -> dict[str, str | None]:
    """What a ticket or a problem says of the actions: None for an open one, otherwise why not."""
    return {action["name"]: action.get("reason") for action in answer["available_actions"]}


def open_now(answer: dict[str, Any]) -> set[str]:
    return {name for name, reason in actions(answer).items() if reason is None}


def code(problem: dict[str, Any]) -> str:
    """The stable name of a problem."""
    name: str = problem["type"].removeprefix("urn:shouhou:problem:")
    return name
