"""Events to stored bytes and back. The stored bytes are the published bytes.

The ``eventsourcing`` library's ``Mapper`` is kept as the seam: stable topics, ``class_version`` and
``upcast_vN_vM`` beside the class are its conventions. What is stored is ``{"data": …, "meta": …}``.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from eventsourcing.persistence import JSONTranscoder, Mapper, MapperDeserialisationError, StoredEvent
from pydantic import BaseModel, ConfigDict, create_model

from shared.events.base import PUBLISHED, Event, Metadata

E_co = TypeVar("E_co", bound=Event, covariant=True)


@dataclass(frozen=True, slots=True)
class Recorded(Generic[E_co]):
    """An event as it stands in a log."""

    service: str
    stream: UUID
    version: int
    """1 for a stream's first event."""
    position: int
    """Place in the service's log: 1, 2, 3, … without a gap; 0 while it is being appended."""
    event: E_co
    meta: Metadata
    published: bytes = field(default=b"", compare=False, repr=False)
    """As it is stored and published; empty while it is being appended."""

    @property
    def id(self) -> str:
        """Unique in the company: ``tickets-42``."""
        return f"{self.service}-{self.position}"

    @property
    def sha256(self) -> str:
        """Of the published bytes, hexadecimal: anybody who has them can see that they are the same."""
        assert self.published, "what is being appended isn't published yet"
        return hashlib.sha256(self.published).hexdigest()


class UnknownEvent(Exception):
    """A stored topic or version that this program has no class for: the log is newer than the program."""


class Envelope(BaseModel):
    """What is stored and published."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    data: Any
    meta: Metadata


@cache
def stored_model(cls: type[Event]) -> type[Envelope]:
    """The envelope of ``cls``."""
    return create_model(f"Stored{cls.__name__}", __base__=Envelope, data=(cls, ...))


class _Version(BaseModel):
    schema_version: int = 1


@cache
def _bare_model(cls: type[Event]) -> type[BaseModel]:
    """The envelope of ``cls``, with nothing of its origin."""
    return create_model(f"Bare{cls.__name__}", data=(cls, ...), meta=(_Version, ...))


class EventMapper(Mapper[UUID]):
    """Maps ``Recorded`` envelopes of one service."""

    def __init__(self, service: str) -> None:
        super().__init__(JSONTranscoder())
        self.service = service

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        """The row of a ``Recorded`` envelope. Its position is given by the log when it is appended."""
        recorded: Recorded[Event] = domain_event
        return row_of(recorded.stream, recorded.version, recorded.event, encoded(recorded.meta))

    def to_domain_event(self, stored_event: StoredEvent, position: int = 0) -> Any:
        """The ``Recorded`` envelope of a row, upcast to today's version.

        Raises ``UnknownEvent`` for a topic without a class and ``MapperDeserialisationError`` for bytes that
        do not load.
        """
        event, meta = decode(stored_event.topic, stored_event.state)
        stream = stored_event.originator_id
        assert isinstance(stream, UUID)
        version = stored_event.originator_version
        return Recorded(self.service, stream, version, position, event, meta, stored_event.state)


def encoded(meta: Metadata) -> bytes:
    """As it is stored and published."""
    return meta.__pydantic_serializer__.to_json(meta, exclude_none=True)


def row_of(stream: UUID, version: int, event: Event, meta: bytes) -> StoredEvent:
    """The row of ``event`` with its ``encoded`` metadata."""
    data = event.__pydantic_serializer__.to_json(event)
    return StoredEvent(stream, version, event.TOPIC, b'{"data":%b,"meta":%b}' % (data, meta))


def decode(topic: str, state: bytes) -> tuple[Event, Metadata]:
    """The event and metadata of stored or published bytes; raises as ``EventMapper.to_domain_event``.

    A field that this program doesn't know is passed over, as the catalogue asks of every reader: while services are
    being updated, some are older than the events they get.
    """
    stored = _decoded(topic, state, stored_model)
    return stored.data, stored.meta


def decode_event(topic: str, state: bytes) -> Event:
    """As ``decode``, the event alone: for a state, it doesn't matter from where it came."""
    event: Event = _decoded(topic, state, _bare_model).data
    return event


def _decoded(topic: str, state: bytes, model: Callable[[type[Event]], type[Any]]) -> Any:
    cls = PUBLISHED.get(topic)
    if cls is None:
        raise UnknownEvent(f"no class for {topic}: update this service before it reads on")
    try:
        today = state if cls.class_version == 1 else _upcast(cls, state)
        stored = model(cls).model_validate_json(today, extra="ignore")
    except (ValueError, LookupError, TypeError, AttributeError) as error:  # whatever an upcast meets in broken bytes
        if _schema_version(state) > cls.class_version:
            raise _newer(topic, state) from error
        raise MapperDeserialisationError(f"{topic} does not load: {error}") from error
    if stored.meta.schema_version > cls.class_version:
        raise _newer(topic, state)
    return stored


def _upcast(cls: type[Event], state: bytes) -> bytes:
    stored = orjson.loads(state)
    was = stored["meta"].get("schema_version", 1)
    if was >= cls.class_version:
        return state
    for version in range(was, cls.class_version):
        getattr(cls, f"upcast_v{version}_v{version + 1}")(stored["data"])
    return orjson.dumps(stored)


def _schema_version(state: bytes) -> int:
    """What the bytes themselves say, if they say anything."""
    try:
        return int(orjson.loads(state)["meta"]["schema_version"])
    except (ValueError, LookupError, TypeError):
        return 0


def _newer(topic: str, state: bytes) -> UnknownEvent:
    return UnknownEvent(f"{topic} is of version {_schema_version(state)}: update this service before it reads on")
