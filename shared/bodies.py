"""The bodies of commands: a command's own fields, so that a name is written once, in the domain (ADR 5)."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, create_model

from shared.decider import Command
from shared.events.base import Moment

Example = dict[str, Any]


class CommandBody(BaseModel):
    """What every command may say besides its own facts."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"example": {}})

    at: Moment | None = Field(None, description="发生时间，默认现在 · when it happened; default: now")


def body_of(command: type[Command], given: Collection[str], example: Example, made: str = "") -> type[CommandBody]:
    """The body that asks for ``command``; ``given`` are the fields that the application knows by itself, ``made`` is
    an id that it makes where the body names none."""
    fields: dict[str, Any] = {
        name: (field.annotation if not field.metadata else field.rebuild_annotation(), field)
        for name, field in command.model_fields.items()
        if name not in {"at", "by", made, *given}
    }
    if made:
        fields[made] = (UUID | None, Field(None, description="默认新编一个 · default: a new one"))
    body = create_model(f"{command.__name__}Body", __base__=CommandBody, __doc__=command.__doc__, **fields)
    body.model_config["json_schema_extra"] = {"example": example}
    body.model_rebuild(force=True)
    return body


def said(body: BaseModel) -> dict[str, Any]:
    """What a body says, without ``at``: the arguments of its command."""
    return {name: getattr(body, name) for name in type(body).model_fields if name != "at"}
