"""The whole system, as ``make up`` starts it, and callers as it knows them."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

SHOUHOU = [sys.executable, "-m", "shared.cli"]
STAFF = ("reception", "dispatcher", "service_manager", "hq_verifier")
PATIENCE = 60.0
START = 180.0
"""Seconds for a first start, which makes a database, on a machine that is busy."""


@dataclass
class System:
    """A running ``shouhou up``."""

    data_dir: Path
    port: int
    process: "subprocess.Popen[bytes]" = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {"DATA_DIR": str(self.data_dir), "PORT": str(self.port)}

    def start(self) -> None:
        """Start it and wait until it is ready."""
        self.process = subprocess.Popen([*SHOUHOU, "up"], env=self.environment, stdout=subprocess.DEVNULL)
        try:
            wait_for(self._ready, START)
        except BaseException:  # nobody else knows of the process yet
            self.stop()
            raise

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)

    def run(self, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """One of the other commands."""
        command, environment = [*SHOUHOU, *words], self.environment | environment
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)

    def caller(self, *roles: str, **more: str) -> httpx.Client:
        options = [f"--role={role}" for role in roles] + [f"--{name}={value}" for name, value in more.items()]
        token = self.run("token", *options).stdout.strip()
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=f"http://127.0.0.1:{self.port}", headers=headers, timeout=30)

    def _ready(self) -> bool:
        assert self.process.poll() is None, "shouhou up has ended"
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/health/ready").status_code == 200
        except httpx.TransportError:
            return False


def wait_for(condition: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """What ``condition`` gives as soon as it gives something; fails after ``seconds``."""
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, f"it didn't happen within {seconds} s"
        time.sleep(0.02)
    return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found: int = listener.getsockname()[1]
        return found


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system with an empty data folder."""
    running = System(tmp_path_factory.mktemp("data"), free_port())
    yield running
    if running.process.poll() is None:
        running.stop()


@pytest.fixture(scope="module")
def staff(system: System) -> Iterator[httpx.Client]:
    """Somebody with the roles of a small office."""
    with system.caller(*STAFF) as client:
        yield client


def command(client: httpx.Client, path: str, body: dict[str, Any] | None = None, key: str = "") -> httpx.Response:
    """A command with a fresh key, or with ``key``."""
    return client.post(path, json=body or {}, headers={"Idempotency-Key": key or uuid4().hex})


def done(client: httpx.Client, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """A command that has to be granted."""
    response = command(client, path, body)
    assert response.is_success, response.text
    answer: dict[str, Any] = response.json()
    return answer
