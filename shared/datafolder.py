"""The data folder of one machine: who holds it, in which format it is, and the secrets kept in it."""

import errno
import fcntl
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.decider import Words

FORMAT = 1
"""The number in ``VERSION``; raised when an older program could no longer read the folder."""


class CannotStart(Exception):
    """Something outside the program keeps it from starting; ``words`` say what, and what to do."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.words = Words(zh, en)


class PortTaken(CannotStart):
    """The port can't be listened on."""


class DataFolderInUse(CannotStart):
    """Another living process holds the data folder."""


class DataFolderTooNew(CannotStart):
    """A newer version of this program wrote the data folder."""


class DataFolderUnusable(CannotStart):
    """This user can't read or write the data folder."""


def ensure_port_free(host: str, port: int) -> None:
    """Raises ``PortTaken`` when nobody could listen on ``host:port`` now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # without it, connections that still close after a restart would look like a listener
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            raise PortTaken(
                f"端口 {port} 不可用：已被其他程序占用，或当前用户无权使用。"
                "请停止该程序，或用 PORT=其他端口 重新启动。",
                f"Port {port} can't be used: another program listens on it, or this user may not. "
                "Stop that program, or start again with PORT=<another port>.",
            ) from error


@contextmanager
def claimed(data_dir: Path) -> Iterator[Path]:
    """Holds the data folder while the block runs; makes it when it is missing. Yields its resolved path.

    The lock is the kernel's, so it ends with this process however that ends. Raises ``DataFolderInUse``,
    ``DataFolderTooNew`` or ``DataFolderUnusable``.
    """
    folder = data_dir.expanduser().resolve()
    try:
        # 0711: as root the servers run as another user, who must pass through; what lies inside is closed by itself
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise unusable(folder, error) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _in_use(folder, holder=os.pread(lock, 20, 0).decode().strip()) from error
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        _check_format(folder)
        yield folder
    finally:
        os.close(lock)


def kept_secret(path: Path) -> str:
    """The secret in ``path``; made up and written, for this user alone, when there is none yet."""
    if not path.exists():
        keep_secret(path, secrets.token_urlsafe(24))
    return path.read_text().strip()


def keep_secret(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Writes ``text`` so that nobody else can read it at any moment, and never half of it."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def too_new(folder: Path, found: str, known: str) -> DataFolderTooNew:
    """The error for a folder in format ``found`` where this program knows ``known``."""
    return DataFolderTooNew(
        f"数据文件夹 {folder} 由更新的版本写成（格式 {found}，本程序只认识 {known}）。"
        "请升级程序，或用 DATA_DIR 指定另一个文件夹。",
        f"The data folder {folder} was written by a newer version (format {found}; this program knows {known}). "
        "Upgrade the program, or choose another folder with DATA_DIR.",
    )


def unusable(folder: Path, error: OSError) -> DataFolderUnusable:
    """The error for a folder that the operating system keeps from us."""
    return DataFolderUnusable(
        f"数据文件夹 {folder} 无法使用（{error.strerror}）。请以它的所有者身份运行，或用 DATA_DIR 指定另一个文件夹。",
        f"The data folder {folder} can't be used ({error.strerror}). "
        "Run as the user who owns it, or choose another folder with DATA_DIR.",
    )


def _in_use(folder: Path, holder: str) -> DataFolderInUse:
    return DataFolderInUse(
        f"数据文件夹 {folder} 正被另一个进程（pid {holder or '未知'}）使用。"
        "请先停止它，或用 DATA_DIR 指定另一个文件夹。",
        f"The data folder {folder} is in use by another process (pid {holder or 'unknown'}). "
        "Stop it first, or choose another folder with DATA_DIR.",
    )


def _check_format(folder: Path) -> None:
    version = folder / "VERSION"
    if not version.exists():
        version.write_text(f"{FORMAT}\n")
        return
    found = version.read_text().strip()
    if not found.isdigit() or int(found) > FORMAT:
        raise too_new(folder, found, str(FORMAT))
