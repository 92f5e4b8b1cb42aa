"""An event as it is pushed: a CloudEvent 1.0, in one document or in headers (https://cloudevents.io)."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from services.reporting.webhooks.tables import PING
from shared.eventlog import Stored
from shared.events.reporting import WebhookFormat
from shared.jetstream import headers_of

STRUCTURED = "application/cloudevents+json; charset=utf-8"


class Waiting(NamedTuple):
    """What waits for a webhook."""

    source: str
    position: int
    stream: UUID
    version: int
    type: str
    recorded_at: datetime
    body: bytes
    attempts: int

    @property
    def id(self) -> str:
        """The ``webhook-id``: the event's own, so it is the same at every try and in every replay."""
        return f"ping-{self.position}" if self.source == PING else f"{self.source}-{self.position}"


def written(letter: Waiting, format: WebhookFormat) -> tuple[bytes, dict[str, str]]:
    """Body and headers, without the signature."""
    attributes = _attributes(letter)
    if format is WebhookFormat.BINARY:
        return letter.body, {f"ce-{name}": value for name, value in attributes.items()} | {
            "Content-Type": "application/json"
        }
    document: dict[str, Any] = {
        **attributes,
        "datacontenttype": "application/json",
        "data": orjson.Fragment(letter.body),
    }
    return orjson.dumps(document), {"Content-Type": STRUCTURED}


def ping(now: datetime, webhook: UUID) -> bytes:
    """The body of a letter that tells of nothing."""
    meta = {"actor": "timer:webhooks", "source": "timer", "correlation_id": webhook, "occurred_at": now}
    return orjson.dumps({"data": {"at": now}, "meta": meta | {"recorded_at": now}})


def _attributes(letter: Waiting) -> dict[str, str]:
    """As they stand around the event on NATS; ``sequence`` and ``partitionkey`` are documented extensions."""
    stored = Stored(letter.position, letter.stream, letter.version, letter.type, letter.body)
    there = headers_of(letter.source, stored, 0)
    attributes = {name.removeprefix("ce-"): value for name, value in there.items() if name.startswith("ce-")}
    attributes |= {"id": letter.id, "sequence": f"{letter.position:020d}", "partitionkey": str(letter.stream)}
    if traceparent := there.get("traceparent"):
        attributes["traceparent"] = traceparent
    return attributes
