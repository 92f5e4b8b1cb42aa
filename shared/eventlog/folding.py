"""Rows become state: of all events of a stream, of a snapshot and what came after it, or of what came after the state
that this process knows already."""

from collections.abc import Sequence
from dataclasses import dataclass
from inspect import signature
from typing import Any, NamedTuple, get_type_hints
from uuid import UUID

from pydantic import ValidationError

from shared.decider import Decider
from shared.eventlog.loading import Row
from shared.eventlog.mapping import decode_event
from shared.eventlog.snapshots import SNAPSHOT_EVERY, Snapshots

KNOWN_STREAMS = 2_000
"""Streams whose state is kept, those that were folded last."""


@dataclass(slots=True)
class Loaded:
    """A stream as it is, and what a piece of work has decided on it."""

    decider: Decider[Any]
    state: Any
    version: int
    snapshot: int
    """The version of its newest snapshot, as far as this process knows."""
    decided: int = 0
    """How many events the work has decided on it."""

    @property
    def next_version(self) -> int:
        return self.version + self.decided


class Known(NamedTuple):
    """A state that this process has folded. It comes from stored bytes, never from what was only decided here."""

    kind: str
    state: Any
    version: int
    snapshot: int
    last: bytes
    """The event that led to it, as stored. A log that has another one in its place is not where this came from."""


class Unusable(Exception):
    """Neither a snapshot nor a known state will do; the events will."""


class StreamNotFound(Exception):
    """There is no such stream."""


class Folder:
    """Makes states, and knows those of the streams that were folded last.

    A known state saves decoding and folding, never the look: each load asks for what came after it, so what another
    process has appended is seen.
    """

    def __init__(self, deciders: Sequence[Decider[Any]], snapshots: Snapshots) -> None:
        self._kinds = {decider.STREAM: _events_of(decider) for decider in deciders}
        self._snapshots = snapshots
        self._known: dict[UUID, Known] = {}

    def known(self, decider: Decider[Any], stream: UUID) -> Known | None:
        """The last state of the stream that was folded here."""
        found = self._known.get(stream)
        return found if found and found.kind == decider.STREAM else None

    def keep_snapshot(self, stream: UUID, loaded: Loaded) -> None:
        """A long stream gets its next one."""
        if loaded.next_version - loaded.snapshot < SNAPSHOT_EVERY:
            return
        self._snapshots.keep(loaded.decider, stream, loaded.next_version, loaded.state)
        loaded.snapshot = loaded.next_version
        if known := self.known(loaded.decider, stream):
            self._known[stream] = known._replace(snapshot=loaded.snapshot)

    def fold(self, decider: Decider[Any], stream: UUID, known: Known | None, rows: Sequence[Row]) -> Loaded:
        """The state after ``rows``: those of the stream from the ``known`` state's own event on, from a snapshot on, or
        all of them.

        Raises ``StreamNotFound`` where the rows are those of another kind of stream: ids are what callers say; and
        ``Unusable``.
        """
        assert decider.STREAM in self._kinds, f"{decider.STREAM} is not among the deciders of this log"
        loaded = Loaded(decider, decider.NEW, 0, 0)
        if known and not (rows and rows[0].position == 0):
            if not rows or rows[0].state != known.last:
                raise Unusable
            loaded = Loaded(decider, known.state, known.version, known.snapshot)
            rows = rows[1:]
        for row in rows:
            self._follow(stream, loaded, row)
        if rows:
            self.keep_snapshot(stream, loaded)
            self._know(stream, loaded, rows[-1])
        return loaded

    def _know(self, stream: UUID, loaded: Loaded, last: Row) -> None:
        if not last.position:
            return  # the state is a snapshot's: which event led to it hasn't been read
        self._known.pop(stream, None)
        self._known[stream] = Known(loaded.decider.STREAM, loaded.state, loaded.version, loaded.snapshot, last.state)
        if len(self._known) > KNOWN_STREAMS:
            del self._known[next(iter(self._known))]

    def _follow(self, stream: UUID, loaded: Loaded, row: Row) -> None:
        decider = loaded.decider
        if row.position:
            event = decode_event(row.topic, row.state)
            if not loaded.version and not isinstance(event, self._kinds[decider.STREAM]):
                raise StreamNotFound(f"{stream} is no {decider.STREAM}")
            loaded.state = decider.evolve(loaded.state, event)
        elif row.topic != self._snapshots.topic(decider):
            raise StreamNotFound(f"{stream} is no {decider.STREAM}")
        else:
            try:
                loaded.state = self._snapshots.state(decider, row.state)
            except ValidationError as error:
                raise Unusable from error
            loaded.snapshot = row.version
        loaded.version = row.version


def _events_of(decider: Decider[Any]) -> Any:
    """The events that ``evolve`` takes, by its own word: a class or a union of them."""
    of_state_and_event = list(signature(decider.evolve).parameters)
    events = get_type_hints(decider.evolve).get(of_state_and_event[1], Any)
    return object if events is Any else events
