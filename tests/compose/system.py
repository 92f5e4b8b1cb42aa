"""The composed system under test: what Docker and Compose are told, and what they tell."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Any, TypeVar

HERE = Path(__file__).resolve().parents[2]
ENGINE = HERE.parent / "shared" / "docker"
"""Where a machine without Docker, or without a registry, may have what brings them."""


Found = TypeVar("Found")


class Failed(Exception):
    """A step didn't do what it should."""


def until(what: str, look: Callable[[], Found], seconds: float) -> Found:
    """What ``look`` gives as soon as it is true. Raises Failed when it isn't within ``seconds``."""
    deadline = monotonic() + seconds
    while not (found := look()):
        if monotonic() > deadline:
            raise Failed(f"after {seconds:.0f} s still not: {what}")
        sleep(0.1)
    return found


def run(*command: str, seconds: float = 60, env: dict[str, str] | None = None) -> str:
    """Its output. Raises Failed when it fails or takes longer."""
    try:
        done = subprocess.run(command, cwd=HERE, env=env, timeout=seconds, capture_output=True, text=True)
    except subprocess.TimeoutExpired as late:
        raise Failed(f"{' '.join(command)} took longer than {seconds:.0f} s") from late
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines()[-15:]
        raise Failed(f"{' '.join(command)} failed ({done.returncode}):\n  " + "\n  ".join(said))
    return done.stdout


def compose_command() -> list[str]:
    """Compose v2 where it is, otherwise docker-compose."""
    v2 = subprocess.run(["docker", "compose", "version"], capture_output=True)
    return ["docker", "compose"] if v2.returncode == 0 else ["docker-compose"]


def bring_engine() -> str:
    """Makes sure that there is an engine with the images we stand on; says which."""
    for script in ("engine", "stand-in-images"):
        if (ENGINE / script).exists():
            run("sh", str(ENGINE / script), seconds=900)
    if not shutil.which("docker"):
        raise Failed("Docker isn't installed; see https://docs.docker.com/engine/install")
    version = run("docker", "version", "--format", "{{.Server.Version}}").strip()
    return f"engine {version}, {' '.join(compose_command())}"


class System:
    """One composed system of its own: project, port and secrets are no other's."""

    def __init__(self) -> None:
        self.project = f"shouhou-test-{secrets.token_hex(3)}"
        self.secrets = Path(tempfile.mkdtemp(prefix="shouhou-secrets-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._command = [*compose_command(), "-p", self.project]
        self._environment = os.environ | {
            "PORT": str(port),
            "PUBLIC_URL": self.url,
            "SECRETS": str(self.secrets),
            "TAG": "test",
        }

    def compose(self, *arguments: str, seconds: float = 120) -> str:
        return run(*self._command, *arguments, seconds=seconds, env=self._environment)

    def make_secrets(self) -> None:
        run(sys.executable, "deploy/make-secrets", str(self.secrets))

    def operations(self, *arguments: str, seconds: float = 120) -> str:
        """A command of ``shouhou`` in the container for operations."""
        return self.compose("run", "--rm", "-T", "operations", *arguments, seconds=seconds)

    def containers(self, service: str = "", *, running: bool = True) -> list[dict[str, Any]]:
        """What ``docker inspect`` says of each."""
        labels = [f"label=com.docker.compose.project={self.project}"]
        if service:
            labels.append(f"label=com.docker.compose.service={service}")
        filters = [word for label in labels for word in ("--filter", label)]
        ids = run("docker", "ps", "-q", *([] if running else ["-a"]), *filters).split()
        return json.loads(run("docker", "inspect", *ids)) if ids else []

    def short(self, container: dict[str, Any]) -> str:
        """Its name without the project's: tickets-api_1 or tickets-api-1."""
        return str(container["Name"]).removeprefix(f"/{self.project}")[1:]

    def front_uses(self, service: str) -> set[str]:
        """Which of a service's containers have answered through the front in the last seconds."""
        (front,) = self.containers("front")
        lines = run("docker", "logs", "--since", "3s", front["Id"]).splitlines()
        answered = [json.loads(line) for line in lines if line.startswith("{")]
        return {line["server"] for line in answered if line["service"] == service and line["status"] < 500}

    def not_ready(self) -> list[str]:
        """The containers that aren't running, or whose healthcheck hasn't passed."""
        return [
            self.short(container)
            for container in self.containers(running=False)
            if container["State"]["Status"] != "running"
            or container["State"].get("Health", {}).get("Status", "healthy") != "healthy"
        ]

    def wait_ready(self, seconds: float) -> None:
        until("all containers ready", lambda: not self.not_ready(), seconds)

    def kill(self, service: str) -> str:
        """Kills one of the service's containers; gives its name."""
        victim = self.containers(service)[0]
        run("docker", "kill", victim["Id"])
        return self.short(victim)

    def wipe(self, service: str, volume: str) -> None:
        """Stops a service and removes what it stored."""
        self.compose("rm", "-sf", service)
        run("docker", "volume", "rm", f"{self.project}_{volume}")

    def logs(self, lines: int = 15) -> str:
        """What the containers said last, as far as there are any."""
        try:
            return self.compose("logs", "--no-color", f"--tail={lines}")
        except Failed as error:
            return str(error)

    def take_down(self) -> str:
        """Removes everything of this system, but for the images. Raises Failed when something is left."""
        self.compose("down", "-v", "--remove-orphans", "-t", "20", seconds=180)
        shutil.rmtree(self.secrets)
        label = f"label=com.docker.compose.project={self.project}"
        left = [
            run("docker", *what, "-q", "--filter", label).strip()
            for what in (("ps", "-a"), ("volume", "ls"), ("network", "ls"))
        ]
        if any(left):
            raise Failed(f"left behind: {left}")
        return "nothing is left"
