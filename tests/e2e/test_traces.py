"""One trace from the request through NATS to the view, when an endpoint is configured."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from shared import assembly
from shared.auth import Role
from shared.clock import SystemClock
from shared.gateway import build_gateway
from shared.issuers import LocalKeys
from shared.service import Runtime
from shared.settings import Settings
from shared.telemetry import flush_traces
from tests.toys import until


class Collector(ThreadingHTTPServer):
    """Takes in spans as an OpenTelemetry collector does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Receive)
        self.spans: list[Any] = []


class _Receive(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                self.server.spans.extend(scope.spans)
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[Collector]:
    server = Collector()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


async def test_a_request_can_be_followed_to_the_view(
    collector: Collector, database_url: str, nats_url: str, tmp_path: Path
) -> None:
    # given a system that sends its traces to a collector
    settings = assembly.located(Settings(data_dir=tmp_path), database_url, nats_url).model_copy(
        update={"otel_exporter_otlp_endpoint": f"http://127.0.0.1:{collector.server_port}"}
    )
    token = LocalKeys(tmp_path, SystemClock()).issue_token([Role.RECEPTION], ttl=timedelta(hours=1))
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "one"}
    async with assembly.running(list(assembly.installed().values()), settings) as runtimes:
        gateway = build_gateway(runtimes)
        transport = httpx.ASGITransport(gateway)
        async with AsyncExitStack() as workers:  # all of them: only with tickets' relay does an event go anywhere
            for runtime in runtimes:
                await workers.enter_async_context(runtime.running())
            async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
                # when a ticket is opened, and the board shows it
                opened = await client.post("/tickets", json={"channel": "phone", "summary": "粘不住"})
                assert opened.status_code == 201

                board: dict[str, Any] = {}

                async def shown() -> bool:
                    nonlocal board
                    board = (await client.get("/reporting/board")).json()
                    return board.get("open") == 1

                try:
                    await until(shown, within=60)
                except AssertionError as late:
                    late.add_note(f"the board shows {board}")
                    for runtime in runtimes:
                        late.add_note(f"{runtime.service.name}: {await _state(runtime)}")
                    raise
        flush_traces()

    # then one trace holds the request and the view that took the event in
    every = [span.name for span in collector.spans]
    requests = [span for span in collector.spans if span.name.startswith("POST")]
    assert len(requests) == 1, every
    names = {span.name for span in collector.spans if span.trace_id == requests[0].trace_id}
    assert any("board" in name for name in names), every


async def _state(runtime: Runtime) -> str:
    """How far its log is, and what it misses; for who reads the failure."""
    missing = {name: words.en for name, words in (await runtime.missing()).items()}
    return f"log at {await runtime.log.head()}, missing: {missing or 'nothing'}"
