"""What stands around every request of a service, as one plain ASGI layer.

It gives the request its correlation id, its trace and its time, writes one line of log without the query, and turns
what nobody foresaw into a problem document. It stands within Starlette's own error layer, so that nothing reaches
that one.
"""

import re
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

import structlog
from opentelemetry.trace import SpanKind
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import telemetry
from shared.logs import CORRELATION, request_line
from shared.problems import UNEXPECTED, Problem, answer

_TRACEPARENT = re.compile(rb"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_UUID_LENGTH = 36


class Exchange:
    """The layer; ``service`` names it in metrics and logs."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self.app = app
        self.service = service
        self._logger = structlog.get_logger(part="http", service=service)
        self._times: dict[tuple[str, str, int], Any] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = perf_counter()
        headers = scope["header"] = dict(scope["headers"])
        correlation_id = scope["correlation_id"] = _correlation(headers.get(b"x-correlation-id"))
        shown = str(correlation_id)
        CORRELATION.set(shown)
        header = (b"x-correlation-id", shown.encode())
        status = 0

        async def answered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], header]
            await send(message)

        try:
            if telemetry.tracing():
                await self._traced(scope, receive, answered)
            else:
                scope["traceparent"] = _traceparent(headers)
                await self.app(scope, receive, answered)
        except ClientDisconnect:
            pass  # nobody is there to be answered
        except Exception:
            self._logger.exception("unexpected")
            if not status:
                await answer(Request(scope), Problem(UNEXPECTED))(scope, receive, answered)
        finally:
            self._observe(scope, status, perf_counter() - started)

    async def _traced(self, scope: Scope, receive: Receive, send: Send) -> None:
        traceparent = _traceparent(scope["header"])
        with telemetry.span(scope["method"], traceparent, SpanKind.SERVER, service=self.service):
            scope["traceparent"] = telemetry.current_traceparent()
            await self.app(scope, receive, send)
            telemetry.annotate(**{"http.route": _template(scope)})

    def _observe(self, scope: Scope, status: int, seconds: float) -> None:
        """``status`` 0: the caller went away before there was an answer."""
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = _template(scope)
        times = self._times.get((method, route, status))
        if times is None:
            times = telemetry.HTTP_SECONDS.labels(self.service, method, route, str(status))
            self._times[method, route, status] = times
        times.observe(seconds)
        if status >= 400 or not getattr(scope.get("route"), "quiet", False):
            request_line(self.service, method, route, status, seconds)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _template(scope: Scope) -> str:
    """The route as it is declared: ids are neither logged nor a label of metrics."""
    route = scope.get("route")
    return f"{scope.get('root_path', '')}{route.path}" if route is not None else "unmatched"


def _correlation(given: bytes | None) -> UUID:
    """The caller's, where it is a UUID; a new one otherwise. The answer says which."""
    if given is not None and len(given) == _UUID_LENGTH:
        try:
            return UUID(given.decode("latin-1"))
        except ValueError:
            pass
    return uuid4()


def _traceparent(headers: dict[bytes, bytes]) -> str | None:
    given = headers.get(b"traceparent")
    return given.decode() if given is not None and _TRACEPARENT.fullmatch(given) else None
