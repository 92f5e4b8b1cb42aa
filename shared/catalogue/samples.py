"""A sample of each published event: an example for readers, and bytes to see that yesterday's events still load."""

import enum
import json
import types
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID, uuid5

from eventsourcing.persistence import StoredEvent
from pydantic import AwareDatetime, BaseModel
from pydantic.fields import FieldInfo

from shared.catalogue.schemas import as_json, published_events
from shared.eventlog import EventMapper, Recorded, Stored, decode
from shared.events.base import Event, Metadata, Source

MOMENT = datetime(2026, 10, 3, 1, 30, tzinfo=UTC)
_NAMESPACE = UUID("6d0f5c44-3a52-4f1e-9d38-0c7f1a2b4e55")
TEXTS = {
    "number": "SQ-20261003-7F3KQ2",
    "customer_name": "华联超市",
    "name": "华联超市",
    "product_name": "粘鼠板",
    "lot": "20260801-A",
    "summary": "粘鼠板不粘",
    "reason": "等客户确认",
    "engineer": "wang.qiang",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}
"""What stands in a text field; others hold their own name."""


def sample(cls: type[Event]) -> Event:
    """An event with every field filled, the same each time."""
    return cls.model_validate({name: _value(field.annotation, name, field) for name, field in cls.model_fields.items()})


def sample_stored(cls: type[Event]) -> Stored:
    """The sample as it lies in a log."""
    stream = uuid5(_NAMESPACE, cls.SERVICE)
    event = sample(cls)
    meta = Metadata(
        actor="li.na",
        source=Source.WEB,
        correlation_id=uuid5(_NAMESPACE, "correlation"),
        causation_id="5f2c9a",
        occurred_at=event.at,
        recorded_at=MOMENT + timedelta(seconds=2),
        schema_version=cls.class_version,
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    )
    row: StoredEvent = EventMapper(cls.SERVICE).to_stored_event(Recorded(cls.SERVICE, stream, 1, 42, event, meta))
    return Stored(42, stream, 1, row.topic, row.state)


def write_samples(folder: Path) -> list[Path]:
    """Write what isn't there yet; the files it wrote. No file is ever written over: it is what was stored one day.

    ``<service>.<Event>.v<N>.json`` holds the bytes of a version; for a version that isn't today's,
    ``….as-v<today>.json`` holds the fields that it loads as today.
    """
    files: dict[Path, bytes] = {}
    for cls in published_events():
        files[folder / f"{cls.TOPIC}.v{cls.class_version}.json"] = sample_stored(cls).state
        for version in range(1, cls.class_version):
            older = folder / f"{cls.TOPIC}.v{version}.json"
            event, _ = decode(cls.TOPIC, older.read_bytes())
            files[loaded_path(older, cls)] = as_json(event.model_dump(mode="json")).encode()
    written = [path for path in files if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in written:
        path.write_bytes(files[path])
    return written


def loaded_path(sample_file: Path, cls: type[Event]) -> Path:
    """Where it is kept what a sample of an older version loads as."""
    return sample_file.with_suffix(f".as-v{cls.class_version}.json")


def fields_of(sample_file: Path) -> dict[str, Any]:
    """The fields of a stored sample, as they stand there."""
    data: dict[str, Any] = json.loads(sample_file.read_bytes())["data"]
    return data


def _value(kind: Any, name: str, field: FieldInfo | None = None) -> Any:
    """A value of a field's type. Raises TypeError for a type that no event had before: add it here."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _value(arguments[0], name, field)
    if origin in (Union, types.UnionType):
        return _value(next(a for a in arguments if a is not types.NoneType), name, field)
    if origin is Literal:
        return arguments[0]
    if origin in (tuple, list, set, frozenset, Sequence):
        return [_value(arguments[0], name)]
    if origin is dict:
        return {_value(arguments[0], name): _value(arguments[1], name)}
    if isinstance(kind, type):
        return _plain(kind, name, field)
    raise TypeError(f"{name}: no sample is known for {kind}")


def _plain(kind: type, name: str, field: FieldInfo | None) -> Any:
    if issubclass(kind, BaseModel):
        return {n: _value(f.annotation, n, f) for n, f in kind.model_fields.items()}
    if issubclass(kind, enum.Enum):
        return next(iter(kind))
    samples: dict[type, Any] = {
        bool: True,
        int: _least(field),
        Decimal: Decimal("12.50"),
        str: TEXTS.get(name, name),
        UUID: uuid5(_NAMESPACE, name),
        datetime: MOMENT,
        AwareDatetime: MOMENT,
        date: MOMENT.date(),
        time: MOMENT.time(),
        timedelta: timedelta(minutes=30),
    }
    if kind not in samples:
        raise TypeError(f"{name}: no sample is known for {kind}")
    return samples[kind]


def _least(field: FieldInfo | None) -> int:
    """A number within the field's bounds."""
    bounds = [getattr(bound, "ge", None) for bound in (field.metadata if field else [])]
    return next((bound for bound in bounds if bound is not None), 1) or 1
