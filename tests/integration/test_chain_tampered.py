"""What somebody did to a chained log is found and named, by the system and by a reader that stands alone."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, LiteralString
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.chain import keeper as keeping
from shared.chain.proof import prove
from shared.chain.scan import Break, Kind
from shared.chain.tables import last_check
from tests.chained_toys import (
    READER,
    chained,
    entries,
    exported,
    heads,
    keeper,
    kept,
    linked,
    midnight,
    number,
    proof,
    read_export,
    signed_again,
    sql,
)
from tests.toys import Toys, running, until


@pytest.fixture
async def toy(database_url: str) -> AsyncIterator[Toys]:
    async with chained(database_url) as toy:
        yield toy


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


async def test_a_chain_that_is_cut_off_under_its_keeper_is_not_gone_on_with(toy: Toys) -> None:
    async with kept(toy, 40) as worker:
        await sql(toy, "DELETE FROM chain WHERE position >= 30")
        await toy.count(1)

        async def told() -> bool:
            return worker.ready() is not None

        await until(told)

    assert await entries(toy) == 29
    assert (await proof(toy)).unlinked == 12


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
