"""An outsider listens: the sample, run as its docstring says, hears what happens."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from shared.assembly import RUNNING
from tests.e2e.conftest import System, done, wait_for

ROOT = Path(__file__).parents[2]


@pytest.fixture
def listener(system: System, tmp_path: Path) -> Iterator[Path]:
    """What a listener beside the running system has said so far."""
    nats_url = json.loads((system.data_dir / RUNNING).read_text())["nats_url"]
    said = tmp_path / "said"
    with said.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "faststream", "run", "samples.listen:app"],
            cwd=ROOT,
            env=os.environ | {"NATS_URL": nats_url},
            stdout=file,
        )
        yield said
        process.kill()
        process.wait(30)


def test_a_listener_from_outside_hears_of_a_ticket(system: System, staff: httpx.Client, listener: Path) -> None:
    # when a ticket is opened
    number = done(staff, "/tickets", {"channel": "phone", "summary": "粘不住"})["number"]

    # then the listener says its number, and when the answer is due
    wait_for(lambda: number in listener.read_text())
    assert "答复时限" in listener.read_text()
