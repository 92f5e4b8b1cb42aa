"""Traces lead from the caller to the events; metrics count requests by route, not by address."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from prometheus_client import REGISTRY
from starlette.responses import Response

from shared import telemetry
from shared.api import Call, Routes
from shared.auth import public

Toy = Callable[[Routes], httpx.AsyncClient]
TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    telemetry.use_tracer(provider.get_tracer("test"), provider)
    yield exporter
    telemetry.flush_traces()


@pytest.fixture
def routes() -> Routes:
    routes = Routes("a", "a")

    @routes.get("/things/{number}", permission=public("a test"))
    async def thing(call: Call, number: int, phone: str = "") -> Response:
        return call.answer({"traceparent": call.context().traceparent})

    return routes


async def test_without_an_endpoint_the_callers_trace_is_passed_on(toy: Toy, routes: Routes) -> None:
    assert telemetry.current_traceparent() is None
    with telemetry.span("work", TRACEPARENT):
        assert telemetry.current_traceparent() is None
    async with toy(routes) as client:
        answer = await client.get("/things/7", headers={"traceparent": TRACEPARENT})
    assert answer.json() == {"traceparent": TRACEPARENT}


async def test_a_request_is_a_span_of_the_callers_trace_and_its_events_name_it(
    toy: Toy, routes: Routes, spans: InMemorySpanExporter
) -> None:
    async with toy(routes) as client:
        answer = await client.get("/things/7?phone=13812345678", headers={"traceparent": TRACEPARENT})
    [span] = spans.get_finished_spans()
    assert span.context
    assert f"{span.context.trace_id:032x}" == TRACE
    assert answer.json()["traceparent"] == f"00-{TRACE}-{span.context.span_id:016x}-01"
    assert dict(span.attributes or {}) == {"service": "toy", "http.route": "/things/{number}"}


async def test_work_that_an_event_set_off_belongs_to_the_same_trace(spans: InMemorySpanExporter) -> None:
    with telemetry.span("project", TRACEPARENT, position=7):
        inner = telemetry.current_traceparent()
    [span] = spans.get_finished_spans()
    assert span.parent
    assert f"{span.parent.span_id:016x}" == "b7ad6b7169203331"
    assert inner
    assert inner.split("-")[1] == TRACE


def test_a_failed_span_does_not_tell_what_the_error_quotes(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError), telemetry.span("work"):
        raise ValueError("张三 13812345678")
    [span] = spans.get_finished_spans()
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "ValueError")
    assert span.events == ()


def counted(route: str, status: str, method: str = "GET") -> float:
    labels = {"service": "toy", "method": method, "route": route, "status": status}
    return REGISTRY.get_sample_value("shouhou_http_request_seconds_count", labels) or 0.0


async def test_requests_are_counted_by_route_template(toy: Toy, routes: Routes) -> None:
    before = counted("/things/{number}", "200"), counted("unmatched", "404")
    async with toy(routes) as client:
        for number in range(3):
            await client.get(f"/things/{number}")
        await client.get("/13812345678")
        await client.request("BREW", "/coffee")
        metrics = (await client.get("/metrics")).text
    assert counted("/things/{number}", "200") == before[0] + 3
    assert counted("unmatched", "404") == before[1] + 1
    assert counted("unmatched", "404", "other") >= 1
    assert "13812345678" not in metrics
    assert "BREW" not in metrics
    for name in ("relay_lag", "consumer_lag", "append_batch", "parked", "deadlines_late"):
        assert f"shouhou_{name}" in metrics
