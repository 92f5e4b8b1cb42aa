"""The chassis: what a service is, and how it becomes a running program.

A service says what it is (``Service``); the composition root gives it what it needs (``Runtime``); ``build_app``
makes its HTTP app. ``shared.gateway`` sets apps under their prefixes and listens.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.metadata import version
from typing import Any, LiteralString, Protocol

import psycopg
from fastapi import FastAPI
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from psycopg_pool import AsyncConnectionPool
from starlette.responses import Response

from shared import openapi, problems
from shared.api import Call, Directory, Routes, routes_of
from shared.auth import Auth, public
from shared.chain.heads import HeadRecorder
from shared.clock import Clock
from shared.deadlines import Due
from shared.decider import Decider, Words
from shared.eventlog import EventLog
from shared.exchange import Exchange
from shared.jetstream import Nats
from shared.language import say
from shared.leases import Leases
from shared.operations import parked_routes
from shared.problems import NOT_FOUND, NOT_READY, Problem
from shared.projection import Projector
from shared.reaction import Reaction
from shared.settings import Settings
from shared.subscription import Subscriber, Subscription
from shared.supervision import Supervisor, Worker
from shared.view import View


@dataclass(frozen=True)
class Service:
    """What a service is. Nothing here runs yet."""

    name: str
    """Prefix of its addresses, name of its database and of its stream: ``tickets``."""
    title: Words
    about: Words
    routes: "Callable[[Runtime], Sequence[Routes]]" = lambda _: ()
    deciders: tuple[Decider[Any], ...] = ()
    views: tuple[View, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    """What other services' events make it do."""
    own_workers: "Callable[[Runtime, Leases], Sequence[Worker]]" = lambda *_: ()
    """What it does by itself besides, in the processes that work; a lease sees to it that one of them does it."""
    on_deadline: "Callable[[EventLog], Callable[[Due], Awaitable[bool]]] | None" = None
    """Makes the handler of passed deadlines; it tells whether it recorded anything."""
    record_head: "Callable[[EventLog], HeadRecorder] | None" = None
    """Records the daily signed heads of its log's hash chain (``shared.chain``); None: its log is not chained."""
    tables: LiteralString = ""
    """The service's own DDL (reference data beside the log); repeatable."""

    @property
    def chained(self) -> bool:
        return self.record_head is not None


class Part(StrEnum):
    """What a process does of a service: operations scale each on its own."""

    ALL = "all"
    API = "api"
    RELAY = "relay"
    WORKER = "worker"

    @property
    def answers(self) -> bool:
        return self in (Part.ALL, Part.API)

    @property
    def relays(self) -> bool:
        return self in (Part.ALL, Part.RELAY)

    @property
    def works(self) -> bool:
        return self in (Part.ALL, Part.WORKER)


class Check(Protocol):
    """One thing that a service can't do without."""

    name: str

    async def missing(self) -> Words | None:
        """What is missing and what follows from it; None when all is well."""
        ...


@dataclass
class Runtime:
    """What a running service has at hand; routes, reactions and workers take what they need from it."""

    service: Service
    settings: Settings
    clock: Clock
    auth: Auth
    log: EventLog
    pool: AsyncConnectionPool
    """For reading views and reference data."""
    secret: bytes = field(default=b"", repr=False)
    """The company's own: it signs links and makes pseudonyms."""
    nats: Nats | None = None
    part: Part = Part.ALL
    workers: list[Worker] = field(default_factory=list)
    subscribers: "Mapping[str, Projector | Subscriber]" = field(default_factory=dict)
    """Of the views and subscriptions, by name; working here or in another process."""
    checks: list[Check] = field(default_factory=list)
    supervisor: Supervisor = field(init=False)

    def __post_init__(self) -> None:
        self.supervisor = Supervisor(self.service.name)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The workers run within."""
        self.supervisor.start(self.workers)
        try:
            yield
        finally:
            await self.supervisor.stop()

    async def missing(self) -> dict[str, Words]:
        """What keeps the service from being ready, by name."""
        found: dict[str, Words] = {}
        checks: list[Check] = [_Database(self.pool), _LogWriter(self.log), *self.checks]
        for check in checks:
            words = await check.missing()
            if words is not None:
                found[check.name] = words
        return found | self.supervisor.missing()


class _Database:
    name = "database"
    PATIENCE = 2.0
    """Seconds."""

    def __init__(self, pool: AsyncConnectionPool) -> None:
        self._pool = pool

    async def missing(self) -> Words | None:
        try:
            async with asyncio.timeout(self.PATIENCE), self._pool.connection() as connection:
                await connection.execute("SELECT 1")
        except (psycopg.OperationalError, TimeoutError):
            return Words(
                "数据库无法访问;请检查 PostgreSQL 与 DATABASE_URL。",
                "The database can't be reached; check PostgreSQL and DATABASE_URL.",
            )
        return None


class _LogWriter:
    name = "log"

    def __init__(self, log: EventLog) -> None:
        self._log = log

    async def missing(self) -> Words | None:
        if self._log.alive:
            return None
        return Words(
            "事件日志与数据库的连接已中断，正在重新连接。",
            "The log has lost its connection to the database, and tries again.",
        )


# -- the app of one service -------------------------------------------------------------------------------------

_MACHINES = public("machines ask it without a token; it tells nothing of the business")
_DOCS = public("the description of the API holds no data")


def build_app(runtime: Runtime) -> FastAPI:
    """The HTTP app of one service. It runs no workers: see ``Runtime.running``."""
    service = runtime.service
    routes = [*service.routes(runtime), parked_routes(runtime)] if runtime.part.answers else []
    app = plain_app(service.name, service.title, service.about, [*routes, docs()], runtime.missing)
    app.state.auth = runtime.auth
    app.state.clock = runtime.clock
    app.state.runtime = runtime
    return app


Missing = Callable[[], Awaitable[dict[str, Words]]]
"""Tells what keeps a process from being ready, by name."""


def plain_app(name: str, title: Words, about: Words, routes: Sequence[Routes], missing: Missing) -> FastAPI:
    """An app of ``routes`` with health, metrics, problem documents, logs and traces around them."""
    app = FastAPI(
        title=f"{title.zh} · {title.en}",
        description=f"{about.zh}\n\n{about.en}",
        version=version("shouhou"),
        routes=[Directory([route for group in [*routes, _machines(missing)] for route in group.routes])],
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    problems.install(app)
    app.add_middleware(Exchange, service=name)
    return app


def docs() -> Routes:
    """The API docs, for people and for programs, served without anything from outside."""
    routes = Routes("接口文档", "API docs")

    @routes.get("/openapi.json", permission=_DOCS, quiet=True, include_in_schema=False)
    async def description(call: Call) -> Response:
        document = openapi.describe(call.app, routes_of(call.app))
        return call.answer({**document, "servers": [{"url": call.scope.get("root_path") or "/"}]})

    @routes.get("/docs", permission=_DOCS, quiet=True, include_in_schema=False)
    async def page(call: Call) -> Response:
        return openapi.docs_page(call.app.title, call.scope.get("root_path", ""))

    @routes.get("/docs/{name}", permission=_DOCS, quiet=True, include_in_schema=False)
    async def asset(name: str) -> Response:
        found = openapi.docs_asset(name)
        if found is None:
            raise Problem(NOT_FOUND)
        return found

    return routes


def _machines(missing: Missing) -> Routes:
    routes = Routes("运行状态", "Operation")

    @routes.get("/health/live", permission=_MACHINES, quiet=True)
    async def live(call: Call) -> Response:
        """此进程在运行 · This process runs."""
        return call.answer({"status": "live"})

    @routes.get("/health/ready", permission=_MACHINES, quiet=True)
    async def ready(call: Call) -> Response:
        """能否提供服务,缺什么 · Whether it can serve, and what is missing."""
        found = await missing()
        if not found:
            return call.answer({"status": "ready"})
        names = ", ".join(found)
        raise Problem(
            NOT_READY,
            Words(f"尚未就绪:{names}。", f"Not ready: {names}."),
            headers={"Retry-After": "2"},
            missing={name: say(words, call.language) for name, words in found.items()},
        )

    @routes.get("/metrics", permission=_MACHINES, quiet=True, response_class=Response)
    async def metrics() -> Response:
        """Prometheus."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return routes
