"""The hash chain over a log on real PostgreSQL: kept whatever happens to its worker, and true to what was linked."""

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
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from prometheus_client import REGISTRY

from shared.chain import keeper as keeping
from shared.chain.export import lines
from shared.chain.heads import EVENT, SignedHead, genuine
from shared.chain.keeper import ChainKeeper
from shared.chain.proof import Proof, prove
from shared.chain.scan import Break, Kind
from shared.chain.tables import TABLES, last_check
from shared.clock import ManualClock
from shared.eventlog import Context, Streams, migrate
from shared.events.base import Source
from shared.leases import Leases, Work
from tests.toys import NAMESPACE, Count, ToyEvent, Toys, counter, running, toys, until

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw().hex()
READER = Path(__file__).resolve().parents[2] / "samples" / "verify_chain.py"


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


@pytest.fixture
async def toy(database_url: str) -> AsyncIterator[Toys]:
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


# -- keeping it --------------------------------------------------------------------------------------------------


async def test_what_is_recorded_is_linked_within_moments(toy: Toys) -> None:
    async with kept(toy, 3) as worker:
        await toy.count(40)
        await linked(toy)

        assert worker.ready() is None
        assert number("shouhou_chain_lag_events") == 0

    found = await proof(toy)
    assert (found.breaks, found.linked, found.unlinked, found.end.position) == ([], 43, 0, 43)


async def test_a_keeper_that_was_killed_is_succeeded_and_nothing_is_lost(toy: Toys) -> None:
    await toy.count(700, counters=50)
    for _ in range(6):
        worker = asyncio.create_task(keeper(toy).run())
        await toy.count(120)
        worker.cancel()  # wherever it is
        await asyncio.gather(worker, return_exceptions=True)

    async with kept(toy):
        found = await proof(toy)

    assert (found.breaks, found.linked, found.unlinked) == ([], 1420, 0)


async def test_of_two_keepers_one_works(toy: Toys) -> None:
    first, second = keeper(toy), keeper(toy)
    async with running(first.run, second.run):
        await toy.count(300)
        await linked(toy)
        midnight(toy)
        await signed_again(toy, 1)
    assert (await proof(toy)).breaks == []
    assert len(await heads(toy)) == 1


async def test_two_keepers_that_both_believe_to_be_alone_do_no_harm(toy: Toys) -> None:
    await toy.count(50)
    first, second = keeper(toy, leases=NoLeases), keeper(toy, leases=NoLeases)
    async with running(first.run, second.run):
        for _ in range(10):
            await toy.count(37)
        await linked(toy)
        midnight(toy)
        await signed_again(toy, 1)

    found = await proof(toy)
    assert (found.breaks, found.unlinked) == ([], 0)
    assert len(found.heads) == 1


async def test_the_chain_is_append_only(toy: Toys) -> None:
    async with kept(toy, 3):
        for statement in ("UPDATE chain SET hash = hash", "DELETE FROM chain", "TRUNCATE chain"):
            async with toy.pool.connection() as connection:
                with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                    await connection.execute(statement)


# -- signed heads ------------------------------------------------------------------------------------------------


async def test_a_head_is_signed_once_a_day(toy: Toys) -> None:
    async with kept(toy, 5):
        assert await heads(toy) == []  # the first day hasn't ended yet
        midnight(toy)
        await signed_again(toy, 1)
        midnight(toy)
        await signed_again(toy, 2)
    async with kept(toy):  # started again, and on the same day
        await toy.count(2)
        await linked(toy)

        async def checked() -> bool:
            async with toy.pool.connection() as connection:
                found = await last_check(connection)
            return found is not None and found.position >= 7

        await until(checked)

    found = await proof(toy)
    assert [head.position for head in found.heads] == [5, 6]
    assert all(genuine(head, "toys") for head in found.heads)
    assert found.breaks == []


async def test_after_days_of_rest_one_head_is_signed_at_once(toy: Toys) -> None:
    async with kept(toy, 5):
        pass
    midnight(toy, days=3)
    async with kept(toy):
        await signed_again(toy, 1)

    assert [head.position for head in (await proof(toy)).heads] == [5]


# -- what somebody did to it -------------------------------------------------------------------------------------

ROW: LiteralString = "UPDATE events SET state = set_byte(state, 20, 65) WHERE notification_id = %s"
REMOVE: LiteralString = "DELETE FROM events WHERE notification_id = %s"
BACK: LiteralString = "UPDATE events SET notification_id = -notification_id WHERE notification_id < 0"


async def change(toy: Toys) -> None:
    await sql(toy, ROW, 17)


async def remove(toy: Toys) -> None:
    await sql(toy, REMOVE, 17)


async def remove_and_close_the_gap(toy: Toys) -> None:
    await sql(toy, REMOVE, 17)
    await sql(toy, "UPDATE events SET notification_id = -(notification_id - 1) WHERE notification_id > 17")
    await sql(toy, BACK)


async def insert(toy: Toys) -> None:
    await sql(toy, "UPDATE events SET notification_id = -(notification_id + 1) WHERE notification_id >= 17")
    await sql(toy, BACK)
    await sql(
        toy,
        "INSERT INTO events (originator_id, originator_version, topic, state, notification_id) "
        "SELECT %s, 1, topic, state, 17 FROM events WHERE notification_id = 3",
        uuid4(),
    )


async def swap(toy: Toys) -> None:
    await sql(toy, "UPDATE events SET notification_id = -notification_id WHERE notification_id IN (17, 23)")
    await sql(toy, "UPDATE events SET notification_id = 40 + notification_id WHERE notification_id < 0")
    assert (await sql(toy, "SELECT count(*) FROM events"))[0][0] == 40


async def cut_the_tail(toy: Toys) -> None:
    await sql(toy, "DELETE FROM events WHERE notification_id >= 36")


async def change_an_entry(toy: Toys) -> None:
    await sql(toy, "UPDATE chain SET hash = set_byte(hash, 3, 7) WHERE position = 17")


async def remove_an_entry(toy: Toys) -> None:
    await sql(toy, "DELETE FROM chain WHERE position = 17")


TAMPERED = [
    (change, [Break(Kind.CHANGED, 17, 17)]),
    (remove, [Break(Kind.REMOVED, 17, 17)]),
    (remove_and_close_the_gap, [Break(Kind.REMOVED, 17, 17)]),
    (insert, [Break(Kind.INSERTED, 17, 17)]),
    (swap, [Break(Kind.CHANGED, 17, 17), Break(Kind.CHANGED, 23, 23)]),
    (cut_the_tail, [Break(Kind.REMOVED, 36, 40)]),
    (change_an_entry, [Break(Kind.ENTRY_CHANGED, 17, 17)]),
    (remove_an_entry, [Break(Kind.ENTRY_MISSING, 17, 17)]),
]


@pytest.mark.parametrize(("tamper", "wanted"), TAMPERED, ids=lambda each: getattr(each, "__name__", ""))
async def test_what_was_done_is_found_and_named(toy: Toys, tamper: Any, wanted: list[Break]) -> None:
    async with kept(toy, 40):
        pass
    await tamper(toy)

    assert (await proof(toy)).breaks == wanted
    found = await asyncio.to_thread(read_export, await exported(toy))
    assert found.returncode == 1
    assert f"position {wanted[0].first}" in found.stdout


@pytest.mark.parametrize("tamper", [tamper for tamper, _ in TAMPERED], ids=lambda each: each.__name__)
async def test_a_keeper_says_so_mends_nothing_and_signs_nothing(toy: Toys, tamper: Any) -> None:
    async with kept(toy, 40):
        pass
    await tamper(toy)
    before = await sql(toy, "SELECT * FROM chain ORDER BY position")
    midnight(toy)
    worker = keeper(toy)

    async with running(worker.run):

        async def told() -> bool:
            async with toy.pool.connection() as connection:
                found = await last_check(connection)
            return worker.ready() is not None and bool(found and found.breaks)

        await until(told)
        words = worker.ready()
        assert words
        assert "shouhou verify --chain" in words.en
        assert number("shouhou_chain_breaks")

    after = await sql(toy, "SELECT * FROM chain ORDER BY position")
    assert after[: len(before)] == before
    assert await heads(toy) == []


async def test_it_goes_on_when_the_rows_are_back(toy: Toys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "BROKEN_SECONDS", 0.05)
    async with kept(toy, 40):
        pass
    rows = await sql(toy, "SELECT * FROM events WHERE notification_id = 40")
    await sql(toy, REMOVE, 40)
    worker = keeper(toy)
    async with running(worker.run):

        async def told() -> bool:
            return worker.ready() is not None

        async def well() -> bool:
            return worker.ready() is None

        await until(told)
        await sql(toy, "INSERT INTO events VALUES (%s, %s, %s, %s, %s)", *rows[0])
        await until(well)
        await toy.count(3)
        await linked(toy)

    assert (await proof(toy)).breaks == []


async def test_a_chain_that_was_changed_with_its_row_is_found_by_the_signed_head(toy: Toys) -> None:
    """Somebody changes row 17, cuts the chain off there, and lets the worker link it all anew."""
    async with kept(toy, 10):
        midnight(toy)
        await signed_again(toy, 1)
        await toy.count(20)
        await linked(toy)
        midnight(toy)
        await signed_again(toy, 2)
        await toy.count(5)
        await linked(toy)
    before = await exported(toy)
    await change(toy)
    await sql(toy, "DELETE FROM chain WHERE position >= 17")
    assert [each.kind for each in (await proof(toy)).breaks] == [Kind.HEAD_DIFFERS]
    worker = keeper(toy)
    async with running(worker.run):
        await linked(toy)

    assert (await proof(toy)).breaks == [Break(Kind.HEAD_DIFFERS, 11, 31)]
    found = await asyncio.to_thread(read_export, await exported(toy), earlier=before)
    assert found.returncode == 1
    assert "isn't what was signed; rows within 11-31" in found.stdout
    assert "position 17: differs from" in found.stdout


async def test_heads_that_were_signed_anew_are_found_by_the_public_key(toy: Toys) -> None:
    """Somebody with the database, but without the key, makes the whole chain and its heads again."""
    async with kept(toy, 10):
        midnight(toy)
        await signed_again(toy, 1)
    await change_all(toy)
    other = Ed25519PrivateKey.generate()
    async with running(keeper(toy, other).run):
        await signed_again(toy, 1)

    assert (await prove("toys", toy.pool)).breaks == []
    assert (await proof(toy)).breaks == [Break(Kind.HEAD_FORGED, 11, 11)]
    content = await exported(toy)
    assert (await asyncio.to_thread(read_export, content)).returncode == 1
    assert "signed with a key that you don't trust" in (await asyncio.to_thread(read_export, content)).stdout


async def test_a_head_that_was_kept_outside_finds_what_the_log_no_longer_tells(toy: Toys, tmp_path: Path) -> None:
    """Somebody cuts the log off, with the head in it, and the chain as well: the log by itself is whole again."""
    async with kept(toy, 10):
        midnight(toy)
        await signed_again(toy, 1)
    outside = tmp_path / "heads.jsonl"
    outside.write_text(json.dumps((await heads(toy))[0]) + "\n")
    await sql(toy, "DELETE FROM events WHERE notification_id >= 8")
    await sql(toy, "DELETE FROM chain WHERE position >= 8")
    assert (await proof(toy)).breaks == []

    content = await exported(toy)
    assert (await asyncio.to_thread(read_export, content)).returncode == 0
    found = await asyncio.to_thread(read_export, content, "--heads", str(outside))
    assert found.returncode == 1
    assert "the chain at 10 isn't what was signed" in found.stdout


async def change_all(toy: Toys) -> None:
    await sql(toy, ROW, 4)
    await sql(toy, "DELETE FROM events WHERE topic LIKE '%%ChainHeadSigned'")
    await sql(toy, "DELETE FROM chain")


# -- the reader that stands alone --------------------------------------------------------------------------------


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


async def test_a_reader_that_stands_alone_finds_nothing_wrong_with_what_is_right(toy: Toys) -> None:
    async with kept(toy, 30):
        midnight(toy)
        await signed_again(toy, 1)
        before = await exported(toy)
        await toy.count(12)
        await linked(toy)
        midnight(toy)
        await signed_again(toy, 2)
    await toy.count(1)  # nobody links it

    found = await asyncio.to_thread(read_export, await exported(toy), earlier=before)

    assert found.stdout.endswith("✓ nothing is wrong\n"), found.stdout + found.stderr
    assert found.returncode == 0
    assert "45 rows of toys, 1 not linked yet; 2 signed heads" in found.stdout
    assert "covers positions 1-43" in found.stdout


def test_the_reader_imports_nothing_of_this_program() -> None:
    text = READER.read_text(encoding="utf-8")

    assert "shared" not in text
    assert "services" not in text
    assert {line.split()[1].split(".")[0] for line in text.splitlines() if line.startswith(("import ", "from "))} == {
        *("argparse", "cryptography", "hashlib", "json", "pathlib", "sys", "uuid")
    }
