"""The real endpoint beside an empty one of the same app: one process, 64 clients."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator
from datetime import timedelta
from functools import partial
from uuid import uuid4

from bench.load import press, request
from bench.servers import Bench, free_port
from bench.table import Row, against, in_turns
from shared.auth import Role
from shared.clock import SystemClock
from shared.issuers import LocalKeys

SECONDS = 4.0
CLIENTS = 64


async def rows(bench: Bench) -> AsyncGenerator[Row, None]:
    """``open_ticket_http``."""
    port = free_port()
    environment = os.environ | {
        "DATABASE_URL": bench.database_url,
        "NATS_URL": bench.nats_url,
        "DATA_DIR": str(bench.folder),
        "LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, "-m", "shared.cli", "run", "tickets", "--role", "api", "--port", str(port)]
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=subprocess.DEVNULL)
    try:
        await answering(port)
        token = LocalKeys(bench.folder, SystemClock()).issue_token([Role.RECEPTION], ttl=timedelta(hours=1))
        await _tickets(port, token, 1.0)
        ours, empty = await in_turns(partial(_tickets, port, token, SECONDS), partial(_nothing, port, SECONDS))
        yield against("open_ticket_http", ours, empty, "empty endpoint")
    finally:
        process.terminate()
        await process.wait()


async def _tickets(port: int, token: str, seconds: float) -> float:
    run = uuid4().hex

    def make(number: int) -> bytes:
        body = {
            "channel": "phone",
            "customer_name": f"客户{number % 50}",
            "product_name": "大号粘鼠板",
            "lot": "NSD260948",
            "summary": "粘不住,老鼠跑了",
        }
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"{run}-{number}"}
        return request("POST", "/tickets", headers, json.dumps(body).encode())

    load = await press(port, make, clients=CLIENTS, seconds=seconds)
    assert not load.failed, f"{load.failed} requests failed"
    return load.per_second


async def _nothing(port: int, seconds: float) -> float:
    load = await press(port, lambda _: request("GET", "/tickets/health/live"), clients=CLIENTS, seconds=seconds)
    assert not load.failed, f"{load.failed} requests failed"
    return load.per_second


async def answering(port: int) -> None:
    """Until somebody listens there. Raises TimeoutError."""
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return
