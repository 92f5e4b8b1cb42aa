"""What may change in a published version of an event: nothing that breaks its stored bytes or its readers.

Allowed: another field that may be missing, another value of an enumeration, another kind in a union by kinds, other
words. Everything else makes a new version.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from shared.catalogue.schemas import Schema, schema_of
from shared.events.base import Event

_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_SAME = ("type", "format", "pattern", "multipleOf", "uniqueItems", "contentEncoding")


class IncompatibleChange(Exception):
    """Published events were changed in a way that breaks their stored bytes or their readers."""

    def __init__(self, broken: Sequence[str]) -> None:
        super().__init__("\n".join(broken))
        self.broken = broken


def breaks(folder: Path, events: Iterable[type[Event]]) -> list[str]:
    """A sentence for each event whose schema in ``folder`` is broken by its class as it is now."""
    by_topic = {cls.TOPIC: cls for cls in events}
    broken = []
    for path in sorted(folder.glob("*/*.v*.json")):
        name, _, version = path.stem.rpartition(".v")
        cls = by_topic.get(f"{path.parent.name}.{name}")
        topic = f"{path.parent.name}.{name}"
        if cls is None:
            broken.append(f"{topic} v{version} was published, and its class is gone: keep it, so that its events load.")
        elif int(version) > cls.class_version:
            broken.append(f"{topic}: version {version} was published, so class_version must be at least {version}.")
        else:
            broken += _broken_upcasts(cls, int(version))
            if int(version) == cls.class_version:
                broken += _broken_version(cls, json.loads(path.read_text(encoding="utf-8")))
    return broken


def _broken_version(cls: type[Event], published: Schema) -> Iterator[str]:
    version = cls.class_version
    for change in differences(published, schema_of(cls)):
        yield (
            f"{cls.TOPIC} v{version} is published, and this breaks it: {change}. "
            f"Raise class_version to {version + 1} and add upcast_v{version}_v{version + 1} beside the class. "
            f"(If no release has ever held v{version}: delete its schema in docs/events and its sample, and write them "
            "again.)"
        )


def _broken_upcasts(cls: type[Event], version: int) -> Iterator[str]:
    for older in range(version, cls.class_version):
        if not hasattr(cls, f"upcast_v{older}_v{older + 1}"):
            yield f"{cls.TOPIC}: add upcast_v{older}_v{older + 1} beside the class, so that its v{older} events load."


def differences(published: Schema, present: Schema) -> list[str]:
    """What ``present`` breaks of ``published``, in words."""
    return list(_Comparison(published, present).of(published, present, ""))


class _Comparison:
    def __init__(self, published: Schema, present: Schema) -> None:
        self._old_defs = published.get("$defs", {})
        self._new_defs = present.get("$defs", {})
        self._under_way: set[tuple[str, str]] = set()

    def of(self, old: Schema, new: Schema, at: str) -> Iterator[str]:
        refs = (old.get("$ref", ""), new.get("$ref", ""))
        if any(refs):
            if refs in self._under_way:  # a type that holds itself
                return
            self._under_way.add(refs)
        old, new = _resolved(old, self._old_defs), _resolved(new, self._new_defs)
        where = at or "the event"
        yield from (f"{where} has another {key}" for key in _SAME if old.get(key) != new.get(key))
        yield from _narrowed(old, new, where)
        yield from self._fields(old, new, at)
        for key in ("items", "additionalProperties"):
            yield from self._one(old.get(key), new.get(key), f"{at}[]")
        before, now = old.get("prefixItems", []), new.get("prefixItems", [])
        if len(before) != len(now):
            yield f"{where} has another length"
        for place, (one, other) in enumerate(zip(before, now, strict=False)):
            yield from self.of(one, other, f"{at}[{place}]")
        for key in ("anyOf", "oneOf"):
            yield from self._several(old.get(key, []), new.get(key, []), where, key)
        self._under_way.discard(refs)

    def _fields(self, old: Schema, new: Schema, at: str) -> Iterator[str]:
        before, now = old.get("properties", {}), new.get("properties", {})
        required_before, required_now = set(old.get("required", [])), set(new.get("required", []))
        for name in before:
            path = f"{at}.{name}" if at else name
            if name not in now:
                yield f"{path} was removed or renamed"
                continue
            if name in required_now - required_before:
                yield f"{path} must be there now, and stored events may lack it"
            if name in required_before - required_now:
                yield f"{path} may be missing now, and readers rely on it"
            yield from self.of(before[name], now[name], path)
        for name in now.keys() - before.keys():
            if name in required_now:
                yield f"{at}.{name} is new and must be there, and stored events lack it; give it a default".lstrip(".")

    def _one(self, old: object, new: object, at: str) -> Iterator[str]:
        if isinstance(old, dict) and isinstance(new, dict):
            yield from self.of(old, new, at)
        elif old != new:
            yield f"{at} is of another type"

    def _several(self, old: list[Schema], new: list[Schema], where: str, key: str) -> Iterator[str]:
        before = {self._kind(schema, self._old_defs): schema for schema in old}
        now = {self._kind(schema, self._new_defs): schema for schema in new}
        for kind, schema in before.items():
            if kind in now:
                yield from self.of(schema, now[kind], where)
            else:
                yield f"{where} can't be {kind} any more"
        if key == "anyOf":  # in a oneOf, readers tell the kinds apart, and pass over one that they don't know
            yield from (f"{where} can be {kind} now, too" for kind in now if old and kind not in before)

    @staticmethod
    def _kind(schema: Schema, defs: Schema) -> str:
        """What tells a branch from the others: its constant fields, or else its name or type."""
        fields = _resolved(schema, defs).get("properties", {})
        tags = [f"{name} {field['const']}" for name, field in fields.items() if "const" in field]
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        return ", ".join(tags) or name or f"{schema.get('type')} {schema.get('format', '')}".strip()


def _narrowed(old: Schema, new: Schema, where: str) -> Iterator[str]:
    allowed, were_allowed = _choices(new), _choices(old)
    if allowed is not None and were_allowed is None:
        yield f"{where} can't be everything any more"
    elif allowed is not None and were_allowed is not None:
        yield from (f"{where} can't be {choice} any more" for choice in were_allowed if choice not in allowed)
    for keys, sign in ((_LOWER, 1), (_UPPER, -1)):
        for key in keys:
            if key in new and (key not in old or sign * new[key] > sign * old[key]):
                yield f"{where} has a narrower {key}"


def _choices(schema: Schema) -> list[object] | None:
    if "const" in schema:
        return [schema["const"]]
    choices: list[object] | None = schema.get("enum")
    return choices


def _resolved(schema: Schema, defs: Schema) -> Schema:
    while "$ref" in schema:
        schema = defs[schema["$ref"].rpartition("/")[2]]
    return schema
