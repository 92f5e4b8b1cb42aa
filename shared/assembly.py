"""A process put together: from settings to running services. Nothing else wires anything."""

import asyncio
import contextlib
import json
import select
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import timedelta
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import httpx
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from pydantic import SecretStr

from shared import embedded, projection
from shared.auth import Auth, Verifier, invalid
from shared.chain import tables
from shared.chain.heads import signing_key
from shared.chain.keeper import ChainKeeper
from shared.clock import Clock, SystemClock
from shared.datafolder import DataFolderInUse, keep_secret, kept_secret
from shared.deadlines import Deadlines
from shared.eventlog import EventLog, migrate
from shared.issuers import LocalKeys, OidcKeys
from shared.jetstream import Nats
from shared.key_expiry import KeyExpiry
from shared.leases import Leases
from shared.projection import Projector
from shared.relay import Relay
from shared.service import Part, Runtime, Service
from shared.sessions import Sessions
from shared.settings import Settings
from shared.subscription import Subscriber
from shared.supervision import Worker
from shared.telemetry import flush_traces, trace_to

RUNNING = "running.json"
"""In the data folder: where a running ``shouhou up`` and its servers are, for the other commands."""

Tell = Callable[[str], None]


def installed() -> dict[str, Service]:
    """The services by name, as their entry points tell (group ``shouhou.services``)."""
    return {point.name: point.load() for point in entry_points(group="shouhou.services")}


@contextlib.asynccontextmanager
async def own_servers(settings: Settings, *, tell: Tell, died: Tell) -> AsyncIterator[Settings]:
    """Settings with PostgreSQL and NATS to talk to: those that are set, or embedded ones, that are ours alone.

    ``died`` is told the name of an embedded server that ends by itself. Raises ``CannotStart`` in one of its forms.
    """
    if settings.database_url is not None:
        yield settings
        return
    secret = settings.dashboard_password
    password = secret.get_secret_value() if secret else None
    async with embedded.servers(settings.data_dir, tell=tell, reader_password=password) as started:

        async def watch() -> None:
            died(await started.ended())

        watching = asyncio.create_task(watch())
        try:
            yield located(settings, started.database_url, started.nats_url)
        finally:
            watching.cancel()


@contextlib.asynccontextmanager
async def servers(settings: Settings) -> AsyncIterator[Settings]:
    """As ``own_servers``; where ``up`` runs on the data folder, its servers are used."""
    try:
        async with own_servers(settings, tell=lambda _: None, died=lambda _: None) as found:
            yield found
    except DataFolderInUse:
        running = _running(settings.data_dir)
        if running is None:
            raise
        yield located(settings, running["database_url"], running["nats_url"])


def located(settings: Settings, database_url: str, nats_url: str) -> Settings:
    """The settings with these servers of one machine. There, one process works on each subscription, so its partitions
    are one group unless the settings say otherwise: fewer transactions do the same work."""
    groups = settings.partition_groups if "partition_groups" in settings.model_fields_set else 1
    update = {
        "database_url": SecretStr(database_url),
        "nats_url": SecretStr(nats_url),
        "partition_groups": groups,
    }
    return settings.model_copy(update=update)


def tell_running(settings: Settings) -> None:
    """Leave word in the data folder where the servers are; readable by its owner alone."""
    assert settings.database_url
    assert settings.nats_url
    where = {
        "database_url": settings.database_url.get_secret_value(),
        "nats_url": settings.nats_url.get_secret_value(),
        "address": f"http://{settings.host}:{settings.port}",
    }
    keep_secret(settings.data_dir / RUNNING, json.dumps(where))


def address_of(settings: Settings) -> str:
    """Where the system answers: as the settings say, or as it was last started on the data folder."""
    running = _running(settings.data_dir) or {}
    return settings.public_url or running.get("address") or f"http://{settings.host}:{settings.port}"


def _running(data_dir: Path) -> dict[str, str] | None:
    with contextlib.suppress(OSError, ValueError):
        found: dict[str, str] = json.loads((data_dir / RUNNING).read_text())
        return found
    return None


def secret_of(settings: Settings) -> bytes:
    """The company's secret; on one machine made in the data folder."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value().encode()
    keys = settings.data_dir / "keys"
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    return kept_secret(keys / "secret").encode()


@contextlib.asynccontextmanager
async def running(
    services: Sequence[Service], settings: Settings, part: Part = Part.ALL, clock: Clock | None = None
) -> AsyncIterator[list[Runtime]]:
    """The services' runtimes, migrated and connected; their workers start with ``Runtime.running``."""
    clock = clock or SystemClock()
    trace_to(settings.otel_exporter_otlp_endpoint, "shouhou")
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(asyncio.to_thread, flush_traces)
        verifier = await stack.enter_async_context(_verifier(settings, clock))
        sessions = Sessions(secret_of(settings), clock)
        auth = Auth(verifier, clock, roles_claim=settings.oidc_roles_claim, sessions=sessions)
        found = [await stack.enter_async_context(runtime(s, settings, part, clock, auth)) for s in services]
        yield found


@contextlib.asynccontextmanager
async def _verifier(settings: Settings, clock: Clock) -> AsyncIterator[Verifier]:
    if settings.oidc_issuer is None:
        yield LocalKeys(settings.data_dir, clock)
        return
    async with httpx.AsyncClient(timeout=5) as http:
        yield OidcKeys(settings.oidc_issuer, settings.oidc_audience, clock, http)


async def check_if_told(connection: AsyncConnection) -> None:
    """For a pool: raises psycopg.OperationalError where the server has ended an idle connection.

    A server that ends one says so. Only then is it asked: asking each time costs a view a fifth of its time.
    """
    told = select.poll()
    told.register(connection.fileno(), select.POLLIN)
    if told.poll(0):
        await AsyncConnectionPool.check_connection(connection)


@contextlib.asynccontextmanager
async def runtime(service: Service, settings: Settings, part: Part, clock: Clock, auth: Auth) -> AsyncIterator[Runtime]:
    """One service, connected to its database and to NATS."""
    url = settings.database_of(service.name)
    await embedded.ensure_database(url)
    chain = tables.TABLES if service.chained else ""
    await asyncio.to_thread(migrate, url, projection.TABLES + service.tables + chain)
    pool = AsyncConnectionPool(
        url,
        min_size=2,
        max_size=12,
        open=False,
        check=check_if_told,
        kwargs={"autocommit": True, "application_name": "shouhou"},
    )
    log = EventLog(service.name, url, pool, clock, service.deciders)
    nats, leases = _nats(settings, service.name), Leases(url)
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(pool)
        await log.start()
        stack.push_async_callback(log.stop)
        await nats.start()
        stack.push_async_callback(nats.stop)
        stack.push_async_callback(leases.stop)
        made = Runtime(service, settings, clock, auth, log, pool, secret_of(settings), part=part)
        made.nats = nats
        made.subscribers = subscribers(made, nats, leases)
        made.workers += workers(made, nats, leases)
        yield made


def _nats(settings: Settings, name: str) -> Nats:
    if settings.nats_url is None:
        raise ValueError("NATS_URL is not set")
    password = settings.nats_password.get_secret_value() if settings.nats_password else None
    return Nats(settings.nats_url.get_secret_value(), name=name, user=settings.nats_user, password=password)


# -- workers -----------------------------------------------------------------------------------------------------


def workers(runtime: Runtime, nats: Nats, leases: Leases) -> list[Worker]:
    """What this process does besides answering, by its part."""
    service, log, pool = runtime.service, runtime.log, runtime.pool
    found: list[Worker] = []
    if runtime.part.relays:
        found.append(Relay(log, nats, leases, runtime.settings.nats_replicas))
    if runtime.part.works:
        found += runtime.subscribers.values()
        found += service.own_workers(runtime, leases)
        age = timedelta(days=runtime.settings.idempotency_days)
        found.append(KeyExpiry(service.name, pool, runtime.clock, age))
        if service.on_deadline:
            found.append(Deadlines(log, pool, runtime.clock, service.on_deadline(log)))
        if service.record_head:
            found.append(ChainKeeper(log, leases, signing_key(runtime.settings), service.record_head(log)))
    return found


def subscribers(runtime: Runtime, nats: Nats, leases: Leases) -> dict[str, Projector | Subscriber]:
    """The workers of the views and subscriptions, by name; also where another process runs them: an API process has
    parked events tried again."""
    settings, service = runtime.settings, runtime.service
    groups = settings.partition_groups
    views = [Projector(view, runtime.log, runtime.pool, nats, leases, groups=groups) for view in service.views]
    subscriptions = [*service.subscriptions, *(reaction.subscription(runtime.log) for reaction in service.reactions)]
    others = [Subscriber(each, service.name, runtime.pool, nats, leases, groups=groups) for each in subscriptions]
    workers: list[Projector | Subscriber] = [*views, *others]
    found: dict[str, Projector | Subscriber] = {}
    for worker in workers:
        if worker.name in found:  # one would take the other's place, and what it should do would never be done
            raise ValueError(f"{service.name} has two views or subscriptions that are called {worker.name}")
        found[worker.name] = worker
    return found


def unconnected(service: Service) -> Runtime:
    """A runtime that is connected to nothing, to be asked for its routes. Needs no event loop and no server."""
    clock, pool = SystemClock(), AsyncConnectionPool("", open=False)
    log = EventLog(service.name, "", pool, clock, service.deciders)
    return Runtime(service, Settings(), clock, Auth(_Nobody(), clock), log, pool)


class _Nobody:
    """Lets nobody in."""

    async def verify(self, token: str) -> Mapping[str, Any]:
        raise invalid("this process answers nobody")
