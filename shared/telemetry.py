"""What this process tells of itself: Prometheus metrics and OpenTelemetry traces. Logs are in ``shared.logs``.

Metrics live in the process's one registry and carry the service's name, since one process may run several.
Traces cost nothing until ``trace_to`` has been called.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Counter, Gauge, Histogram

# -- HTTP -------------------------------------------------------------------------------------------------------

HTTP_SECONDS = Histogram(
    "shouhou_http_request_seconds",
    "seconds per answered request, by route template",
    ["service", "method", "route", "status"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)

# -- the log ----------------------------------------------------------------------------------------------------

APPEND_BATCH_EVENTS = Histogram(
    "shouhou_append_batch_events",
    "events per commit",
    ["service"],
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000),
)
APPEND_SECONDS = Histogram(
    "shouhou_append_seconds",
    "seconds per commit",
    ["service"],
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)

# -- its chain ------------------------------------------------------------------------------------------------------

CHAIN_LAG = Gauge("shouhou_chain_lag_events", "events in the log that are not in its chain yet", ["service"])
CHAIN_BREAKS = Gauge("shouhou_chain_breaks", "places where the log is not what was linked", ["service"])

# -- its way to the others ----------------------------------------------------------------------------------------

RELAY_LAG = Gauge("shouhou_relay_lag_events", "events in the log that are not in the stream yet", ["service"])
RELAYED = Counter("shouhou_relayed_events", "events published to the stream", ["service"])
CONSUMER_LAG = Gauge(
    "shouhou_consumer_lag_events", "events in the stream that a subscriber has not handled", ["service", "subscriber"]
)
CONSUMED = Counter("shouhou_consumed_events", "events handled by a subscriber", ["service", "subscriber"])
CONSUMER_GAPS = Counter(
    "shouhou_consumer_gaps", "times a subscriber saw that events were missing", ["service", "subscriber"]
)
PARKED = Gauge("shouhou_parked_events", "events set aside for people to look at", ["service", "subscriber"])
VIEW_LAG = Gauge("shouhou_view_lag_events", "events of the own log that a view does not show yet", ["service", "view"])

# -- time, and the process itself ---------------------------------------------------------------------------------

DEADLINES_LATE = Gauge("shouhou_deadlines_late", "deadlines past due and not yet acted upon", ["service"])
WEBHOOK_LETTERS = Gauge("shouhou_webhook_letters", "events that wait to be pushed, or were given up", ["state"])
WEBHOOK_TRIES = Counter("shouhou_webhook_tries", "tries to push an event", ["outcome"])
NOTICES = Counter("shouhou_notices", "notices by what became of them", ["outcome"])
WORKER_RESTARTS = Counter("shouhou_worker_restarts", "crashes of a worker", ["service", "worker"])

# -- traces -------------------------------------------------------------------------------------------------------

_W3C = TraceContextTextMapPropagator()
_NOTHING: AbstractContextManager[None] = nullcontext()


class _Tracing:
    """Where spans go; ``tracer`` is None until an endpoint is configured."""

    tracer: Tracer | None = None
    provider: Any = None


def trace_to(endpoint: str | None, service: str) -> None:
    """Send spans to an OTLP/HTTP endpoint (``http://collector:4318``); without one, spans stay free of cost."""
    if endpoint is None or _Tracing.tracer is not None:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")))
    use_tracer(provider.get_tracer("shouhou"), provider)


def use_tracer(tracer: Tracer | None, provider: Any = None) -> None:
    """Spans go to ``tracer``; None switches them off."""
    _Tracing.tracer, _Tracing.provider = tracer, provider


def flush_traces() -> None:
    """Send what is still held back; to be called at the end of the process."""
    if _Tracing.provider is not None:
        _Tracing.provider.shutdown()
    use_tracer(None)


def span(
    name: str, traceparent: str | None = None, kind: SpanKind = SpanKind.INTERNAL, **attributes: str | int
) -> AbstractContextManager[None]:
    """A span around a piece of work, the child of ``traceparent``, or of the span around it.

    Attributes are for numbers and ids; nothing personal may stand in them.
    """
    if _Tracing.tracer is None:
        return _NOTHING
    return _span(_Tracing.tracer, name, traceparent, kind, attributes)


@contextmanager
def _span(
    tracer: Tracer, name: str, traceparent: str | None, kind: SpanKind, attributes: dict[str, str | int]
) -> Iterator[None]:
    parent = _W3C.extract({"traceparent": traceparent}) if traceparent else None
    with tracer.start_as_current_span(
        name, parent, kind, attributes, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield
        except Exception as error:
            current.set_status(StatusCode.ERROR, type(error).__name__)  # its message may quote personal data
            raise


def tracing() -> bool:
    """Whether spans go anywhere."""
    return _Tracing.tracer is not None


def annotate(**attributes: str | int) -> None:
    """Adds attributes to the current span."""
    if _Tracing.tracer is not None:
        trace.get_current_span().set_attributes(attributes)


def current_traceparent() -> str | None:
    """The W3C trace context of the current span, to be sent along; None without one."""
    if _Tracing.tracer is None:
        return None
    carrier: dict[str, str] = {}
    _W3C.inject(carrier)
    return carrier.get("traceparent")
