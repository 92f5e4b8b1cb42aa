"""From what a command says to what an event says, and whether an event says it already."""

from typing import Any, TypeVar

from pydantic import BaseModel

from shared.decider import Command
from shared.events.base import Event

E = TypeVar("E", bound=Event)

_NO_FACTS = {"at", "by"}


def tell(kind: type[E], command: Command, **more: Any) -> E:
    """An event of ``kind`` with all that ``command`` says under the same names, and ``more``."""
    return kind(**{name: getattr(command, name) for name in _names(kind) & _names(type(command))} | more)


def repeats(command: Command, event: Event | None) -> bool:
    """Whether ``event`` says all that ``command`` says under the same names; then a retry changes nothing.

    The moment is no fact: a retry comes later.
    """
    if event is None:
        return False
    names = _names(type(command)) & _names(type(event)) - _NO_FACTS
    return all(getattr(command, name) == getattr(event, name) for name in names)


def same(event: E, other: Event | None) -> bool:
    """Whether both say the same, the moment apart."""
    if type(event) is not type(other):
        return False
    return all(getattr(event, name) == getattr(other, name) for name in _names(type(event)) - _NO_FACTS)


def _names(model: type[BaseModel]) -> set[str]:
    return set(model.model_fields)
