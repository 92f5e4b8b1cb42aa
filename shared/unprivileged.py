"""Whom the embedded servers run as: ourselves, or, when we are root, which PostgreSQL refuses to be, another user."""

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from shared.datafolder import CannotStart, unusable

SERVER_USER = "pgserver"
"""The system user that is made, and kept, on a machine where root starts the servers."""


@dataclass(frozen=True)
class Account:
    """A user, and what to put before a command so that this user runs it."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()

    def make_folder(self, path: Path) -> None:
        """Makes the folder, closed to everyone else, unless it is there."""
        path.mkdir(mode=0o700, exist_ok=True)
        self.own(path)

    def own(self, path: Path) -> None:
        """Gives the user a file or folder that we made."""
        if self.prefix:
            os.chown(path, self.uid, self.gid)


def account_for(home: Path, program: Path) -> Account:
    """The account to run ``program`` with its data in ``home``, which need not exist yet.

    An existing folder is served by its owner. Raises ``DataFolderUnusable`` when that isn't us and we aren't root,
    ``CannotStart`` when we are root and the machine gives no way to run something as somebody else.
    """
    owner = home.stat() if home.exists() else None
    if os.geteuid() != 0:
        if owner and owner.st_uid != os.geteuid():
            raise unusable(home, PermissionError(0, "owned by another user"))
        return Account(os.geteuid(), os.getegid())
    if owner and owner.st_uid != 0:
        uid, gid = owner.st_uid, owner.st_gid
    else:
        user = _server_user()
        uid, gid = user.pw_uid, user.pw_gid
    prefix = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups"]
    if _closed(program) or _closed(home):
        # Under a home directory that only root may enter, say. Opening that directory to everyone would be worse
        # than letting the server, which root started, keep root's right to pass.
        prefix += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
        # initdb asks access(2) whether it may run its neighbour, which forgets capabilities without this
        prefix += ["--securebits=+no_setuid_fixup"]
    return Account(uid, gid, (*prefix, "--"))


def _server_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SERVER_USER)
    except KeyError:
        pass
    if shutil.which("useradd") and shutil.which("setpriv"):
        command = ("useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SERVER_USER)
        made = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - a constant
        if made.returncode in (0, 9):  # 9: another process made it at the same moment
            return pwd.getpwnam(SERVER_USER)
    raise CannotStart(
        "PostgreSQL 不能以 root 身份运行，而此机器无法创建专用用户（需要 useradd 和 setpriv）。请改用普通用户启动。",
        "PostgreSQL doesn't run as root, and this machine can't make a user for it (useradd and setpriv are needed). "
        "Start again as an ordinary user.",
    )


def _closed(path: Path) -> bool:
    """Whether some folder on the way to ``path``, or the file itself, is closed to other users."""
    way = [*path.resolve().parents, *([path] if path.is_file() else [])]
    return any(not place.stat().st_mode & stat.S_IXOTH for place in way)
