"""Given what has happened, when somebody wants something, then this happens, or it is refused."""

from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import TypeAdapter

from shared.decider import Command, DeadlineChange, Decider, Refused
from shared.events.base import Event

_SNAPSHOTS: dict[str, TypeAdapter[Any]] = {}
"""How the log keeps a state, by the kind of stream."""


class Story:
    """A stream as it is told: what came before, and what the last wish caused."""

    def __init__(self, decider: Decider[Any]) -> None:
        self.decider = decider
        self.state: Any = decider.NEW
        self.history: list[Event] = []
        self.new: Sequence[Event] = ()
        self._wish: Command | None = None
        if decider.STREAM not in _SNAPSHOTS:
            _SNAPSHOTS[decider.STREAM] = TypeAdapter(type(decider.NEW))

    def when(self, *commands: Command) -> "Story":
        """All but the last are granted at once; the last is asked for by ``then`` or ``refused``."""
        for command in commands:
            self._settle()
            self._wish = command
        return self

    def then(self, *expected: type[Event] | Event) -> "Story":
        """The last wish causes exactly these: whole events, or their kinds."""
        self._settle()
        assert [type(e) if isinstance(x, type) else e for e, x in zip(self.new, expected, strict=False)] == list(
            expected
        )
        assert len(self.new) == len(expected), f"caused {[type(e).__name__ for e in self.new]}"
        return self

    def refused(self, code: str) -> "Story":
        assert self._wish is not None
        with pytest.raises(Refused) as refusal:
            self.decider.decide(self._wish, self.state)
        self._wish = None
        assert refusal.value.code == code
        assert refusal.value.words.zh
        assert refusal.value.words.en
        return self

    def saying(self, **facts: object) -> "Story":
        """The last event caused says this."""
        self._settle()
        assert {name: getattr(self.new[-1], name) for name in facts} == facts
        return self

    def deadlines(self, *changes: DeadlineChange) -> "Story":
        """What the events that were caused do to the deadlines."""
        self._settle()
        assert [change for event in self.new for change in self.decider.deadlines(event)] == list(changes)
        return self

    def now(self) -> Any:
        """The state after everything."""
        self._settle()
        return self.state

    def tell(self, event: Event) -> None:
        """``event`` has happened; a snapshot of the state after it loads as that state."""
        self.state = self.decider.evolve(self.state, event)
        self.history.append(event)
        kept = _SNAPSHOTS[self.decider.STREAM]
        assert kept.validate_json(kept.dump_json(self.state)) == self.state

    def _settle(self) -> None:
        if self._wish is not None:
            self.new = self.decider.decide(self._wish, self.state)
            self._wish = None
            for event in self.new:
                self.tell(event)


def given(decider: Decider[Any], *past: Command | Event) -> Story:
    """A stream in which all of ``past`` has happened: events as they are, commands as they are decided."""
    story = Story(decider)
    for item in past:
        if isinstance(item, Event):
            story.tell(item)
        else:
            story.when(item).now()
    return story
