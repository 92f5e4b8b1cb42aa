"""Toys whose log is chained, as they are kept, tampered with, and exported."""

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, LiteralString
from uuid import uuid4

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from prometheus_client import REGISTRY

from shared.chain.export import lines
from shared.chain.heads import EVENT, SignedHead
from shared.chain.keeper import ChainKeeper
from shared.chain.proof import Proof, prove
from shared.chain.tables import TABLES
from shared.clock import ManualClock
from shared.eventlog import Context, Streams, migrate
from shared.events.base import Source
from shared.leases import Leases, Work
from tests.toys import NAMESPACE, Count, ToyEvent, Toys, counter, running, toys, until

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw().hex()
READER = Path(__file__).resolve().parents[1] / "samples" / "verify_chain.py"


class ChainHeadSigned(ToyEvent):
    """As a chained service has it."""

    position: int
    head: str
    text: str
    key: str
    signature: str


class Heads:
    """The decider of the toys' heads: one a day."""

    STREAM = "heads"
    NEW: datetime | None = None

    def evolve(self, state: datetime | None, event: Any, /) -> datetime | None:
        return ChainHeadSigned.model_validate(event).at

    def decide(self, command: Any, state: datetime | None, /) -> list[Any]:
        return [] if state and state.date() == command.at.date() else [command.event]

    def deadlines(self, event: Any, /) -> list[Any]:
        return []


HEADS = Heads()


class KeepHead(Count):
    event: ChainHeadSigned


@asynccontextmanager
async def chained(database_url: str) -> AsyncIterator[Toys]:
    """The toys' log, with the tables of a chain; nobody keeps it yet."""
    async with toys(database_url, more=[HEADS]) as toy:
        await asyncio.to_thread(migrate, database_url, TABLES)
        yield toy


class NoLeases(Leases):
    """As when a database has lost a lock that its holder still counts on: everybody may work."""

    async def share(self, topic: str, parts: int, work: Work) -> None:
        await work(0)


def keeper(toy: Toys, key: Ed25519PrivateKey = KEY, leases: type[Leases] = Leases) -> ChainKeeper:
    """That of another process."""

    async def record(head: SignedHead, at: datetime) -> bool:
        event = ChainHeadSigned(
            at=at, position=head.position, head=head.head, text=head.text, key=head.key, signature=head.signature
        )

        async def work(streams: Streams) -> int:
            return len(await streams.handle(HEADS, counter(-1), KeepHead(at=at, by="", counter=NAMESPACE, event=event)))

        return bool((await toy.log.execute(work, Context("timer:chain", Source.TIMER, uuid4()))).answer)

    return ChainKeeper(toy.log, leases(toy.database_url, 0.1), key, record)


async def linked(toy: Toys) -> None:
    """Until every row is linked."""

    async def done() -> bool:
        return await entries(toy) == await toy.log.head()

    await until(done)


async def entries(toy: Toys) -> int:
    async with toy.pool.connection() as connection:
        rows = await connection.execute("SELECT count(*) FROM chain")
        return int((await rows.fetchall())[0][0])


async def sql(toy: Toys, statement: LiteralString, *values: Any) -> list[Any]:
    """What the log and the chain would never do: as the owner of the tables, past the trigger."""
    async with await psycopg.AsyncConnection.connect(toy.database_url) as connection:
        await connection.execute("ALTER TABLE chain DISABLE TRIGGER append_only")
        cursor = await connection.execute(statement, values)
        found = await cursor.fetchall() if cursor.description else []
        await connection.execute("ALTER TABLE chain ENABLE TRIGGER append_only")
        return found


async def proof(toy: Toys) -> Proof:
    return await prove("toys", toy.pool, [PUBLIC])


def midnight(toy: Toys, days: int = 1) -> None:
    """The clock moves on past so many midnights in Shanghai."""
    clock = toy.log.clock
    assert isinstance(clock, ManualClock)
    clock.move_to(clock.now() + timedelta(days=days))


async def heads(toy: Toys) -> list[Any]:
    rows = await toy.log.read(0, 10_000)
    return [json.loads(row.state)["data"] for row in rows if row.topic.endswith(EVENT)]


async def signed_again(toy: Toys, more: int) -> None:
    """Until there is one more head, and it is linked too."""

    async def done() -> bool:
        return len(await heads(toy)) == more

    await until(done)
    await linked(toy)


@asynccontextmanager
async def kept(toy: Toys, events: int = 0) -> AsyncIterator[ChainKeeper]:
    """A keeper at work, on a log of so many events, all linked."""
    await toy.count(events)
    worker = keeper(toy)
    async with running(worker.run):
        await linked(toy)
        yield worker


def number(name: str) -> float | None:
    return REGISTRY.get_sample_value(name, {"service": "toys"})


async def exported(toy: Toys) -> str:
    return "".join([line async for line in lines("toys", toy.pool)])


def read_export(content: str, *options: str, earlier: str = "") -> subprocess.CompletedProcess[str]:
    """As an auditor runs it: a process that knows nothing of this program."""
    with tempfile.TemporaryDirectory() as folder:
        file, before = Path(folder, "now.jsonl"), Path(folder, "earlier.jsonl")
        file.write_text(content, encoding="utf-8")
        if earlier:
            before.write_text(earlier, encoding="utf-8")
            options = (*options, "--earlier", str(before))
        return subprocess.run(
            [sys.executable, "-I", str(READER), str(file), "--key", PUBLIC, *options],
            capture_output=True,
            text=True,
            timeout=60,
            cwd=folder,
        )
