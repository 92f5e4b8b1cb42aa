"""The shape of a lifecycle: a plain module with ``STREAM``, ``NEW``, ``evolve`` and ``decide``.

Pure: ``domain/`` modules build on this and on nothing that touches a clock, a database or the network.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from shared.events.base import Event, Moment

S = TypeVar("S")


class Words(NamedTuple):
    """One sentence in the two languages of the screens, Chinese first."""

    zh: str
    en: str


class Refused(Exception):
    """A command that the rules don't allow now. HTTP 409; nothing was recorded.

    ``code`` is stable and machine-readable (``ticket_closed``); ``words`` says what is wrong and what to do.
    """

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.code = code
        self.words = Words(zh, en)


class Command(BaseModel):
    """A wish of ``by`` at the moment ``at``; past tense once it is granted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: Moment
    """When what it reports happened, UTC; not later than now."""
    by: str
    """The actor. Rules of four eyes (⚖) compare it with who acted before."""


@dataclass(frozen=True, slots=True)
class Arm:
    """A deadline starts, or starts again with a new due time."""

    name: str
    due: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """The deadline's clock stops."""

    name: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Release:
    """The held clock goes on; ``due`` is the new due time, computed by the domain from what was left."""

    name: str
    due: datetime


@dataclass(frozen=True, slots=True)
class Meet:
    """What the deadline waited for has happened."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Breach:
    """The deadline passed; the event that carries this says so."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Drop:
    """The deadline is no longer owed (merged, cancelled)."""

    name: str


DeadlineChange = Arm | Hold | Release | Meet | Breach | Drop


def replace(state: S, **facts: Any) -> S:
    """``dataclasses.replace`` for a state with slots and no ``__post_init__``, in half the time: each event that is
    loaded needs one. Raises TypeError for a fact that the state doesn't have."""
    kind: Any = type(state)
    copied: S = object.__new__(kind)
    for name, read, write in _slots(kind):
        write(copied, facts.pop(name) if name in facts else read(state))
    if facts:
        raise TypeError(f"{kind.__name__} has no {', '.join(facts)}")
    return copied


@cache
def _slots(kind: Any) -> Sequence[tuple[str, Callable[[Any], Any], Callable[[Any, Any], None]]]:
    """The name of each field, and what reads and writes it whatever is frozen."""
    found = [(field.name, getattr(kind, field.name)) for field in fields(kind)]
    return [(name, slot.__get__, slot.__set__) for name, slot in found]


class Decider(Protocol[S]):
    """What a lifecycle module offers. ``mypy`` checks the modules against this protocol."""

    STREAM: str
    """The kind of stream (``ticket``); part of the snapshot's topic."""
    NEW: S
    """The state before the first event."""

    def evolve(self, state: S, event: Any, /) -> S:
        """The state after ``event``. Total, never refuses: the event has happened."""
        ...

    def decide(self, command: Any, state: S, /) -> Sequence[Event]:
        """The events that ``command`` causes in ``state``; none when it has already happened.

        Raises ``Refused`` when the rules don't allow it.
        """
        ...

    def deadlines(self, event: Any, /) -> Sequence[DeadlineChange]:
        """What ``event`` does to the stream's deadlines; written in the event's own transaction."""
        ...
