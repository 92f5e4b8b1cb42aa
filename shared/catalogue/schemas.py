"""JSON Schemas (2020-12) of published events as they lie in a log and in a message: ``{"data": …, "meta": …}``."""

import ast
import importlib
import inspect
import json
import pkgutil
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

import shared.events
from shared.events.base import PUBLISHED, Event, Metadata

Schema = dict[str, Any]


def published_events() -> list[type[Event]]:
    """Every event of ``shared.events``, by its stable name."""
    for module in pkgutil.walk_packages(shared.events.__path__, f"{shared.events.__name__}."):
        importlib.import_module(module.name)
    package = f"{shared.events.__name__}."
    return [cls for _, cls in sorted(PUBLISHED.items()) if cls.__module__.startswith(package)]


def words_of(cls: type[Event]) -> str:
    """What an event means: its own docstring, ``中文 · English``."""
    return inspect.cleandoc(cls.__doc__ or "")


def schema_path(folder: Path, cls: type[Event], version: int | None = None) -> Path:
    """``<folder>/<service>/<Event>.v<N>.json``."""
    return folder / cls.SERVICE / f"{cls.__name__}.v{version or cls.class_version}.json"


def schema_of(cls: type[Event]) -> Schema:
    """The schema of a published event's bytes at its present version."""
    data, meta = model_schema(cls), model_schema(Metadata)
    defs = data.pop("$defs", {}) | meta.pop("$defs", {})
    meta["properties"]["schema_version"]["const"] = cls.class_version
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "$id": f"urn:shouhou:event:{cls.SERVICE}:{cls.__name__}:{cls.class_version}",
        "title": f"{cls.TOPIC} v{cls.class_version}",
        "description": words_of(cls),
        "type": "object",
        "properties": {"data": data, "meta": meta},
        "required": ["data", "meta"],
        "$defs": defs,
    }


def model_schema(model: type[BaseModel], ref_template: str = "#/$defs/{model}") -> Schema:
    """The schema of what ``model`` writes."""
    return model.model_json_schema(
        mode="serialization", ref_template=ref_template, schema_generator=ForReaders, by_alias=True
    )


class ForReaders(GenerateJsonSchema):
    """What readers must know: the docstrings of fields, and no promise that nothing will ever be added."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        described = super().model_schema(schema)
        described.pop("additionalProperties", None)
        for cls in reversed(schema["cls"].__mro__):
            for name, text in _docstrings_of_fields(cls).items():
                if name in described.get("properties", {}):
                    described["properties"][name]["description"] = text
        return described

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


@cache
def _docstrings_of_fields(cls: type) -> dict[str, str]:
    """The strings that stand under the fields of a class."""
    if not (issubclass(cls, BaseModel) and cls.__module__.startswith(f"{shared.events.__name__}.")):
        return {}
    body = ast.parse(dedent(inspect.getsource(cls))).body[0]
    assert isinstance(body, ast.ClassDef)
    found: dict[str, str] = {}
    for field, below in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(below, ast.Expr):
            text = below.value
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                found[field.target.id] = inspect.cleandoc(text.value)
    return found


def as_json(document: Any) -> str:
    """As it is kept in a file."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
