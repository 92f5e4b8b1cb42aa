"""The AsyncAPI 3.0 document of all published events: on which subjects they come, in which envelope."""

from importlib.metadata import version
from typing import Any

import orjson
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from shared.catalogue.samples import sample_stored
from shared.catalogue.schemas import ForReaders, Schema, published_events, words_of
from shared.eventlog import stored_model
from shared.events.base import Event
from shared.jetstream import (
    MESSAGE_ID,
    PARTITIONS,
    POSITION,
    PREVIOUS,
    VERSION,
    headers_of,
    partition_of,
    stream_of,
)

ABOUT = """\
售后服务系统发布的全部事件，经 NATS JetStream 传送。每个服务一条流（`EVENTS_TICKETS`），
同一对象的事件总在同一分区，分区内按顺序。

All events that the after-sales services publish, over NATS JetStream. Each service has a stream (`EVENTS_TICKETS`);
the events of one aggregate are always in the same partition, and in order there. Delivery is at least once: the
position says what was handled already, and the previous position proves that nothing is missing. New fields may be
added to an event; pass over those that you don't know."""


def asyncapi_document() -> dict[str, Any]:
    """The document, as it is kept in ``docs/events/asyncapi.json``."""
    events = published_events()
    wanted: list[tuple[Any, JsonSchemaMode]] = [(stored_model(cls), "serialization") for cls in events]
    payloads, schemas = models_json_schema(
        wanted, schema_generator=ForReaders, ref_template="#/components/schemas/{model}"
    )
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "售后 · Shouhou",
            "version": version("shouhou"),
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "nats": {
                "host": "{host}",
                "protocol": "nats",
                "description": "NATS 2.12+ with JetStream",
                "variables": {"host": {"default": "127.0.0.1:4222", "description": "NATS_URL of the installation"}},
            }
        },
        "channels": {_key(cls): _channel(cls) for cls in events},
        "operations": {f"publish-{_key(cls)}": _operation(cls) for cls in events},
        "components": {
            "messages": {_key(cls): _message(cls, payloads[stored_model(cls), "serialization"]) for cls in events},
            "schemas": _plain_discriminators(schemas["$defs"]),
            "parameters": {
                "partition": {
                    "description": f"crc32 of the aggregate's id, modulo {PARTITIONS}",
                    "enum": [str(partition) for partition in range(PARTITIONS)],
                }
            },
        },
    }


def _key(cls: type[Event]) -> str:
    """An event's key in the document; a dot means something to some of its readers."""
    return f"{cls.SERVICE}-{cls.__name__}"


def _channel(cls: type[Event]) -> dict[str, Any]:
    return {
        "address": f"events.{cls.SERVICE}.{{partition}}.{cls.__name__}",
        "title": cls.__name__,
        "summary": _summary(cls),
        "parameters": {"partition": {"$ref": "#/components/parameters/partition"}},
        "messages": {cls.__name__: {"$ref": f"#/components/messages/{_key(cls)}"}},
        "tags": [{"name": cls.SERVICE}],
        "x-jetstream-stream": stream_of(cls.SERVICE),
    }


def _operation(cls: type[Event]) -> dict[str, Any]:
    channel = f"#/channels/{_key(cls)}"
    return {
        "action": "send",
        "summary": _summary(cls),
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{cls.__name__}"}],
        "tags": [{"name": cls.SERVICE}],
    }


def _message(cls: type[Event], payload: Schema) -> dict[str, Any]:
    stored = sample_stored(cls)
    headers = headers_of(cls.SERVICE, stored, previous=41)
    return {
        "name": cls.TOPIC,
        "title": f"{cls.TOPIC} v{cls.class_version}",
        "summary": _summary(cls),
        "description": words_of(cls),
        "contentType": "application/json",
        "correlationId": {"location": "$message.payload#/meta/correlation_id"},
        "headers": headers_schema(cls),
        "payload": payload,
        "examples": [
            {
                "name": f"{cls.__name__}-{partition_of(stored.stream)}",
                "headers": {**headers, MESSAGE_ID: headers["ce-id"]},
                "payload": orjson.loads(stored.state),
            }
        ],
    }


def headers_schema(cls: type[Event]) -> Schema:
    """The headers of one event's messages: CloudEvents in binary mode, and what proves that nothing is missing."""
    number = {"type": "string", "pattern": "^[0-9]+$"}
    described: dict[str, Schema] = {
        "ce-specversion": {"const": "1.0"},
        "ce-id": {"type": "string", "description": "`<service>-<position>`, unique in the company"},
        "ce-type": {"const": cls.TOPIC},
        "ce-source": {"const": f"/shouhou/{cls.SERVICE}"},
        "ce-time": {"type": "string", "format": "date-time", "description": "when it happened"},
        "ce-subject": {"type": "string", "format": "uuid", "description": "the aggregate's id"},
        "Content-Type": {"const": "application/json"},
        POSITION: {**number, "description": "place in the service's log: 1, 2, 3, … without a gap"},
        PREVIOUS: {**number, "description": "position of the event before it in its partition; 0 for none"},
        VERSION: {**number, "description": "the aggregate's version after this event"},
        MESSAGE_ID: {"type": "string", "description": "for JetStream's own recognition of doubles"},
        "traceparent": {"type": "string", "description": "W3C trace context of what caused it"},
    }
    optional = {"traceparent", MESSAGE_ID}
    return {"type": "object", "properties": described, "required": [n for n in described if n not in optional]}


def _summary(cls: type[Event]) -> str:
    return words_of(cls).partition("\n")[0]


def _plain_discriminators(schemas: Any) -> Any:
    """AsyncAPI names the field only; JSON Schema's tools take OpenAPI's mapping beside it."""
    if isinstance(schemas, dict):
        return {
            key: value["propertyName"]
            if key == "discriminator" and isinstance(value, dict) and "propertyName" in value
            else _plain_discriminators(value)
            for key, value in schemas.items()
        }
    if isinstance(schemas, list):
        return [_plain_discriminators(value) for value in schemas]
    return schemas
