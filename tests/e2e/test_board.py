"""The ticket board lives from the events: killed or robbed of NATS' store, it comes back right."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.conftest import PATIENCE, SHOUHOU, System, done, free_port, wait_for

CALL = {"channel": "phone", "customer_name": "光明物业", "product_name": "粘鼠板", "summary": "粘不住"}
STREAM = "/reporting/board/stream"


@contextmanager
def watching(staff: httpx.Client, last_event_id: str = "") -> Iterator[Iterator[dict[str, str]]]:
    """The messages of the live board, each with ``event``, ``data`` and, where it has one, ``id``."""
    with staff.stream("GET", STREAM, headers={"Last-Event-ID": last_event_id}, timeout=PATIENCE) as response:
        assert response.status_code == 200
        yield _messages(response.iter_lines())


def _messages(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    message: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if not line and "data" in message:
            yield message
        if not line:
            message = {}
        elif name:
            message[name] = value


def opened(staff: httpx.Client) -> str:
    ticket: str = done(staff, "/tickets", CALL)["ticket"]
    return ticket


def on_board(staff: httpx.Client) -> set[str]:
    """All that the board lists."""
    found, address = set(), "/reporting/board/tickets?limit=200"
    while address:
        page = staff.get(address).raise_for_status().json()
        found |= {ticket["ticket"] for ticket in page["items"]}
        address = page["next"]
    return found


def test_the_live_board_tells_a_new_ticket_within_a_second(staff: httpx.Client) -> None:
    with watching(staff) as messages:
        assert next(messages)["event"] == "snapshot"
        ticket = opened(staff)
        began = time.monotonic()
        told = next(messages)
        assert (told["event"], json.loads(told["data"])["ticket"]) == ("ticket", ticket)
        assert time.monotonic() - began < 1


def test_nats_loses_its_store_and_a_watcher_goes_on_where_it_was(system: System, staff: httpx.Client) -> None:
    # given a watcher that knows the board
    known = {opened(staff) for _ in range(5)}
    wait_for(lambda: known <= on_board(staff))
    with watching(staff) as messages:
        last = next(messages)["id"]
    before = on_board(staff)

    # when everything is killed, NATS' store is wiped, and all is started again
    system.stop(signal.SIGKILL)
    shutil.rmtree(system.data_dir / "nats")
    system.start()
    new = {opened(staff) for _ in range(3)}

    # then the board has the old tickets and the new ones, and the watcher hears of the new ones alone
    wait_for(lambda: on_board(staff) == before | new)
    with watching(staff, last) as messages:
        told: list[dict[str, Any]] = []
        while not told or told[-1]["event"] != "counts":
            told.append(next(messages))
    assert {json.loads(message["data"])["ticket"] for message in told[:-1]} == new
    assert system.run("verify").returncode == 0


class Process:
    """One service in a process of its own, on servers that are there."""

    def __init__(self, service: str, environment: dict[str, str]) -> None:
        self.port = free_port()
        self.service = service
        self.environment = os.environ | environment | {"PORT": str(self.port)}
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [*SHOUHOU, "run", self.service], env=self.environment, stdout=subprocess.DEVNULL
        )
        wait_for(self._ready)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)

    def _ready(self) -> bool:
        assert self.process.poll() is None, f"{self.service} has ended"
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/health/ready").status_code == 200
        except httpx.TransportError:
            return False


@contextmanager
def process(service: str, environment: dict[str, str]) -> Iterator[Process]:
    started = Process(service, environment)
    try:
        yield started
    finally:
        started.kill()


def test_tickets_go_on_while_reporting_is_dead(database_url: str, nats_url: str, tmp_path: Path) -> None:
    environment = {"DATABASE_URL": database_url, "NATS_URL": nats_url, "DATA_DIR": str(tmp_path)}
    issued = subprocess.run(
        [*SHOUHOU, "token", "--role=reception"],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    headers = {"Authorization": f"Bearer {issued.stdout.strip()}"}
    with (
        process("tickets", environment) as tickets,
        process("dispatch", environment),
        process("penalties", environment),
        process("reporting", environment) as reporting,
    ):
        front = httpx.Client(base_url=f"http://127.0.0.1:{tickets.port}", headers=headers)
        board = httpx.Client(base_url=f"http://127.0.0.1:{reporting.port}", headers=headers)
        with front, board:
            before = {opened(front) for _ in range(3)}
            wait_for(lambda: on_board(board) == before)

            reporting.kill()
            meanwhile = {opened(front) for _ in range(20)}
            reporting.start()

            wait_for(lambda: on_board(board) == before | meanwhile)
            wait_for(lambda: not board.get("/reporting/board").json()["stale"])
