"""The page for people: every event, what it says, and its fields."""

from itertools import groupby
from pathlib import Path

from shared.catalogue.schemas import Schema, published_events, schema_of, schema_path, words_of
from shared.events.base import Event

INTRODUCTION = """\
# 事件目录 · Catalogue of events

由 `make docs` 生成，请勿手改。 Written by `make docs`; don't edit it.

每个事件是一件已经发生的事，发布后不再改变。信封说明是谁、何时、为何。
Each event is a fact that has happened, and never changes. Its envelope says who, when and why.

- 字段 `data` 是事件本身，`meta` 是信封。 `data` is the event, `meta` the envelope.
- 传送方式见 [asyncapi.json](asyncapi.json)：每个事件的 NATS 主题、消息头与示例。
  How they travel is in [asyncapi.json](asyncapi.json): each event's NATS subject, headers and an example.
- 事件只会增加可缺省的字段；读者应忽略不认识的字段。其他改动都会产生新版本（`v2`），旧版本的事件仍可读。
  An event only ever gains fields that may be missing; readers pass over what they don't know. Any other change makes a
  new version (`v2`), and events of the old one still load.
- 时间为 UTC；金额为人民币，精确小数，写作字符串。 Times are UTC; amounts are CNY, exact decimals, written as strings.
"""


def page() -> str:
    """``docs/events/README.md``."""
    parts = [INTRODUCTION]
    for service, events in groupby(published_events(), key=lambda cls: cls.SERVICE):
        listed = list(events)
        parts.append(_overview(service, listed))
        parts += [_section(cls) for cls in listed]
    parts.append(_envelope())
    return "\n".join(parts)


def _overview(service: str, events: list[type[Event]]) -> str:
    rows = [f"| [{cls.__name__}](#{cls.__name__.lower()}) | {cls.class_version} | {_line(cls)} |" for cls in events]
    return "\n".join([f"## {service}\n", "| 事件 · event | 版本 · version | |", "|---|---|---|", *rows, ""])


def _section(cls: type[Event]) -> str:
    schema = schema_path(Path(), cls).as_posix()
    heading = [
        f"### {cls.__name__}\n",
        words_of(cls).replace("``", "`"),
        "",
        f"`{cls.TOPIC}` · [JSON Schema]({schema})\n",
    ]
    described = schema_of(cls)
    return "\n".join([*heading, *_fields(described["properties"]["data"], described["$defs"])])


def _envelope() -> str:
    described = schema_of(published_events()[0])
    return "\n".join(["## meta\n", *_fields(described["properties"]["meta"], described["$defs"])])


def _fields(schema: Schema, defs: Schema) -> list[str]:
    rows = ["| 字段 · field | 类型 · type | |", "|---|---|---|"]
    for name, field in schema["properties"].items():
        optional = "" if name in schema.get("required", []) else "?"
        meaning = _markdown(field.get("description", ""))
        rows.append(f"| `{name}`{optional} | {_type(field, defs)} | {meaning} |")
    return [*rows, ""]


def _type(field: Schema, defs: Schema) -> str:
    """A type in a few words; the choices of an enumeration, the fields of a value."""
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        target = defs[name]
        return _type(target, defs) if "enum" in target else f"{name} {{{', '.join(target.get('properties', {}))}}}"
    if "enum" in field:
        return " ".join(f"`{choice}`" for choice in field["enum"])
    if "const" in field:
        return f"`{field['const']}`"
    for key in ("anyOf", "oneOf"):
        if key in field:
            return " or ".join(_type(branch, defs) for branch in field[key])
    if field.get("type") == "array":
        return f"list of {_type(field['items'], defs)}"
    return str(field.get("format") or field.get("type", "any"))


def _line(cls: type[Event]) -> str:
    return _markdown(words_of(cls).partition("\n")[0])


def _markdown(text: str) -> str:
    """A docstring as one cell of a table."""
    return " ".join(text.replace("``", "`").replace("|", "\\|").split())
