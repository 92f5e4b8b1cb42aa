"""From what a command says to what an event says, and whether an event says it already."""

from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel

from shared.decider import Command
from shared.events.base import Event

E = TypeVar("E", bound=Event)


def tell(kind: type[E], command: Command, /, **more: Any) -> E:
    """An event of ``kind`` with all that ``command`` says under the same names, and ``more``."""
    return kind(**{name: getattr(command, name) for name in _both(kind, type(command))} | more)


def repeats(command: Command, event: Event | None) -> bool:
    """Whether ``event`` says all that ``command`` says under the same names; then a retry changes nothing.

    The moment is no fact: a retry comes later.
    """
    if event is None:
        return False
    return _alike(command, event)


def same(event: E, other: Event | None) -> bool:
    """Whether both say the same, the moment apart."""
    return other is not None and type(event) is type(other) and _alike(event, other)


def _alike(one: BaseModel, other: BaseModel) -> bool:
    names = _both(type(one), type(other)) - {"at", "by"}
    return all(getattr(one, name) == getattr(other, name) for name in names)


@cache
def _both(one: type[BaseModel], other: type[BaseModel]) -> frozenset[str]:
    """The names of the fields that both have."""
    return frozenset(set(one.model_fields) & set(other.model_fields))
