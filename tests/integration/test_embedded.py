"""The embedded servers start, stop, refuse and recover as an operator expects."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from time import monotonic
from typing import NamedTuple
from urllib.parse import urlsplit

import nats
import psutil
import psycopg
import pytest

from shared.datafolder import (
    CannotStart,
    DataFolderInUse,
    DataFolderTooNew,
    DataFolderUnusable,
    PortTaken,
    ensure_port_free,
)
from shared.embedded import Servers, ensure_database, nats_server, servers

PROGRAM = """
import asyncio, json, sys
from pathlib import Path
from shared.embedded import servers
async def main():
    async with servers(Path(sys.argv[1]), tell=lambda line: None) as running:
        print(json.dumps([running.database_url, running.nats_url]), flush=True)
        await running.ended()
asyncio.run(main())
"""


class Program(NamedTuple):
    """Another process that runs the servers, and all the processes below it."""

    process: subprocess.Popen[bytes]
    below: list[psutil.Process]
    database_url: str
    nats_url: str


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for all: what it holds after a test is what the next one starts with, as in life."""
    return tmp_path_factory.mktemp("data")


@contextmanager
def program(folder: Path) -> Iterator[Program]:
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(folder)], stdout=subprocess.PIPE)
    try:
        assert process.stdout
        database_url, nats_url = json.loads(process.stdout.readline())
        below = psutil.Process(process.pid).children(recursive=True)
        yield Program(process, below, database_url, nats_url)
    finally:
        process.kill()
        process.communicate()


@asynccontextmanager
async def quiet_servers(folder: Path) -> AsyncIterator[Servers]:
    async with servers(folder, tell=lambda line: None) as running:
        yield running


async def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = monotonic() + seconds
    while not condition():
        assert monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.01)


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    def lives(process: psutil.Process) -> bool:
        try:
            return process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    return [process for process in processes if lives(process)]


async def write_a_row(database_url: str) -> None:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
        await connection.execute("INSERT INTO kept VALUES ('蟑螂')")


async def rows(database_url: str) -> int:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        counted = await (await connection.execute("SELECT count(*) FROM kept WHERE word = '蟑螂'")).fetchone()
        assert counted
        return int(counted[0])


async def test_a_stopped_pair_leaves_no_process_and_keeps_its_data(folder: Path) -> None:
    others = psutil.Process().children(recursive=True)
    async with quiet_servers(folder) as running:
        await write_a_row(running.database_url)
        broker = await nats.connect(running.nats_url)
        await broker.jetstream().add_stream(name="KEPT", subjects=["kept"])
        await broker.jetstream().publish("kept", b"one")
        await broker.close()
        ours = set(psutil.Process().children(recursive=True)) - set(others)
        assert {process.pid for process in ours} >= set(running.pids)
    assert not alive(list(ours))
    async with quiet_servers(folder) as running:
        assert await rows(running.database_url) >= 1
        broker = await nats.connect(running.nats_url)
        assert (await broker.jetstream().stream_info("KEPT")).state.messages >= 1
        await broker.close()


async def test_both_servers_listen_on_this_machine_only_and_ask_for_the_password(folder: Path) -> None:
    async with quiet_servers(folder) as running:
        postgres, broker = urlsplit(running.database_url).port, urlsplit(running.nats_url).port
        # of the whole machine, because root in a container may not ask a single process of another user
        sockets = [each.laddr for each in psutil.net_connections("tcp") if each.status == psutil.CONN_LISTEN]
        assert {each.ip for each in sockets if each and each.port in (postgres, broker)} == {"127.0.0.1"}
        with pytest.raises(psycopg.OperationalError, match="authentication failed"):
            await psycopg.AsyncConnection.connect(f"postgresql://shouhou:wrong@127.0.0.1:{postgres}/shouhou")
        with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
            await psycopg.AsyncConnection.connect(f"postgresql://postgres@127.0.0.1:{postgres}/postgres")
        with pytest.raises(nats.errors.Error, match="Authorization"):
            await nats.connect(f"nats://127.0.0.1:{broker}", allow_reconnect=False)
    secrets = ("postgres.password", "nats.password", "nats/server.conf")
    assert {(folder / name).stat().st_mode & 0o777 for name in secrets} == {0o600}


async def test_a_second_start_on_the_same_folder_is_refused_while_the_first_lives(folder: Path) -> None:
    with program(folder) as first:
        with pytest.raises(DataFolderInUse) as refused:
            async with quiet_servers(folder):
                pass
        assert f"pid {first.process.pid}" in refused.value.words.zh
        await write_a_row(first.database_url)  # the first one didn't notice


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_however_its_parent_ends_no_server_is_left(folder: Path, end: signal.Signals) -> None:
    with program(folder) as running:
        assert {process.name() for process in alive(running.below)} >= {"postgres", "nats-server"}
        running.process.send_signal(end)
        await until(lambda: not alive(running.below))


async def test_after_a_kill_of_everything_the_next_start_has_the_data(folder: Path) -> None:
    with program(folder) as killed:
        await write_a_row(killed.database_url)
        before = await rows(killed.database_url)
        for process in [psutil.Process(killed.process.pid), *killed.below]:
            process.kill()
    assert (folder / "postgres" / "postmaster.pid").exists()
    async with quiet_servers(folder) as running:
        assert await rows(running.database_url) == before


async def test_servers_that_outlived_parent_and_guards_are_ended_by_the_next_start(folder: Path) -> None:
    with program(folder) as killed:
        orphans = [process for process in killed.below if process.name() != "sh"]
        for process in [psutil.Process(killed.process.pid), *killed.below]:
            if process not in orphans:
                process.kill()
        assert alive(orphans) == orphans
    async with quiet_servers(folder) as running:
        assert not alive(orphans)
        await write_a_row(running.database_url)


async def test_an_interrupted_first_start_is_started_anew(tmp_path: Path) -> None:
    half = tmp_path / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    async with quiet_servers(tmp_path) as running:
        await write_a_row(running.database_url)
    assert not half.exists()


async def test_a_lost_password_file_is_replaced(folder: Path) -> None:
    (folder / "postgres.password").unlink()
    async with quiet_servers(folder) as running:
        await write_a_row(running.database_url)


async def test_a_server_that_ends_by_itself_is_named(folder: Path) -> None:
    async with quiet_servers(folder) as running:
        waiting = asyncio.create_task(running.ended())
        os.kill(running.nats.process.pid, signal.SIGKILL)
        assert await asyncio.wait_for(waiting, 10) == "NATS"


async def test_nats_comes_back_on_its_port_with_its_streams(folder: Path) -> None:
    async with quiet_servers(folder) as running:
        port = int(running.nats_url.rsplit(":", 1)[1])
        broker = await nats.connect(running.nats_url)
        await broker.jetstream().add_stream(name="AGAIN", subjects=["again"])
        await broker.close()
        os.kill(running.nats.process.pid, signal.SIGKILL)
        await running.nats.process.wait()
        async with nats_server(folder, tell=lambda line: None, port=port) as again:
            assert again.url == running.nats_url
            broker = await nats.connect(again.url)
            assert (await broker.jetstream().stream_info("AGAIN")).config.subjects == ["again"]
            await broker.close()


async def test_a_database_is_created_once_however_many_ask(folder: Path) -> None:
    async with quiet_servers(folder) as running:
        url = f"{running.database_url}_tickets"
        await asyncio.gather(*(ensure_database(url) for _ in range(5)))
        await write_a_row(url)


@pytest.mark.parametrize("found", ["2", "later"])
async def test_the_folder_of_a_newer_version_is_refused(tmp_path: Path, found: str) -> None:
    (tmp_path / "VERSION").write_text(found)
    with pytest.raises(DataFolderTooNew, match=f"format {found}"):
        async with quiet_servers(tmp_path):
            pass


async def test_the_cluster_of_a_newer_postgresql_is_refused(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("19\n")
    with pytest.raises(DataFolderTooNew, match="PostgreSQL 19"):
        async with quiet_servers(tmp_path):
            pass


async def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(DataFolderUnusable):
        async with quiet_servers(tmp_path / "data"):
            pass


async def test_a_broken_cluster_is_reported_with_the_servers_own_words(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir(mode=0o700)
    (tmp_path / "postgres" / "PG_VERSION").write_text("18\n")
    (tmp_path / "postgres.password").write_text("x")
    with pytest.raises(CannotStart, match=r"postgres didn't start: .+"):
        async with quiet_servers(tmp_path):
            pass


def test_a_taken_port_is_refused_and_a_free_one_is_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port}"):
            ensure_port_free("127.0.0.1", port)
    ensure_port_free("127.0.0.1", port)
