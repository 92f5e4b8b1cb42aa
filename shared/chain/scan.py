"""The log against its chain: which rows were changed, removed or put in.

Both are walked side by side. A row fits an entry where it gives the entry's hash from the entry before. Where one does
not, the next pair that fits is sought nearby, and what lies between is named; so one break doesn't hide another, and
the rows behind it are still proved.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

from shared.chain import Entry, link
from shared.decider import Words
from shared.eventlog import Stored

WINDOW = 16
"""How far behind a break the next fitting pair is sought."""


class Kind(StrEnum):
    """What was done to the log or to its chain."""

    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"
    MOVED = "moved"
    ENTRY_CHANGED = "entry_changed"
    ENTRY_MISSING = "entry_missing"
    HEAD_DIFFERS = "head_differs"
    HEAD_FORGED = "head_forged"


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the log is not what was linked. ``first`` and ``last`` are both included."""

    kind: Kind
    first: int
    last: int

    @property
    def words(self) -> Words:
        where = str(self.first) if self.first == self.last else f"{self.first}–{self.last}"
        zh, en = _WORDS[self.kind]
        return Words(zh.format(where), en.format(where))


_WORDS = {
    Kind.CHANGED: (
        "位置 {} 的日志行与链不符:该行被改动,或链值被改动。",
        "The row at position {} isn't what was linked: it was changed, or the chain was.",
    ),
    Kind.REMOVED: ("位置 {} 的日志行被删除。", "The row at position {} was removed."),
    Kind.INSERTED: ("位置 {} 上的日志行是插入的。", "The row found at position {} was put in."),
    Kind.MOVED: ("自位置 {} 起,日志行被移到别的位置。", "From position {} on, rows were moved to other positions."),
    Kind.ENTRY_CHANGED: (
        "位置 {} 的链值被改动,日志行未变。",
        "The chain's entry at position {} was changed; its row wasn't.",
    ),
    Kind.ENTRY_MISSING: ("位置 {} 的链值被删除。", "The chain's entry at position {} was removed."),
    Kind.HEAD_DIFFERS: (
        "链与已签名的链首不符:位置 {} 之内,日志行与链值一同被改动或删除。",
        "The chain isn't what was signed: within positions {} rows and entries were changed or removed together.",
    ),
    Kind.HEAD_FORGED: (
        "位置 {} 记录的链首,签名不成立或不是由所信任的公钥作出。",
        "The head recorded at position {} has no good signature of a trusted key.",
    ),
}


def merged(breaks: Iterable[Break]) -> Iterator[Break]:
    """Neighbours of one kind as one."""
    held: Break | None = None
    for found in breaks:
        if held and held.kind is found.kind and found.first == held.last + 1:
            held = replace(held, last=found.last)
            continue
        if held:
            yield held
        held = found
    if held:
        yield held


class _Skip(NamedTuple):
    """How many rows and entries to leave out until one fits another again."""

    rows: int
    entries: int


_AS_MANY = [_Skip(n, n) for n in range(1, WINDOW)]
_ELSE = sorted((_Skip(r, e) for r in range(WINDOW) for e in range(WINDOW) if r != e), key=sum)


class Scan:
    """A walk from ``start``. Feed it rows and entries, each in their order, and take the breaks."""

    def __init__(self, start: Entry) -> None:
        self.end = start
        """The last entry that was reached."""
        self.linked = 0
        """Rows that fitted their entry."""
        self.unlinked = 0
        """Rows behind the chain's end: not linked yet."""
        self.rows: deque[Stored] = deque()
        self.entries: deque[Entry] = deque()
        self._offset = 0
        """By how much rows stand behind their entries' positions, since one was removed or put in."""

    def walk(self, *, all_rows: bool, all_entries: bool) -> Iterator[Break]:
        """Go on as far as there is enough to look ahead, or to the end of what has been fed in full."""
        while self.entries and (all_entries or len(self.entries) > WINDOW) and (all_rows or len(self.rows) > WINDOW):
            yield from self._step() if self.rows else self._without_row()
        if all_entries and not self.entries:
            yield from self._behind()

    def _behind(self) -> Iterator[Break]:
        """The chain has ended; the rows that were fed since are not linked yet, but none is missing between them."""
        for row in self.rows:
            expected = self.end.position + self._offset + self.unlinked + 1
            if row.position > expected:
                yield Break(Kind.REMOVED, expected, row.position - 1)
            elif row.position < expected:
                yield Break(Kind.INSERTED, row.position, row.position)
            self._offset += row.position - expected
            self.unlinked += 1
        self.rows.clear()

    def _step(self) -> Iterator[Break]:
        row, entry = self.rows[0], self.entries[0]
        expected = self.end.position + 1
        if entry.position > expected:
            yield Break(Kind.ENTRY_MISSING, expected, expected)
            self.end = Entry(expected, _hash(self.end.hash, expected, row))  # if the row is true, this leads on
            self.rows.popleft()
        elif entry.position < expected:
            yield Break(Kind.ENTRY_CHANGED, entry.position, entry.position)
            self.entries.popleft()
        elif _hash(self.end.hash, entry.position, row) != entry.hash:
            yield from self._break()
        else:
            if row.position != entry.position + self._offset:
                yield Break(Kind.MOVED, entry.position, entry.position)
                self._offset = row.position - entry.position
            self._take(_Skip(1, 1))
            self.linked += 1

    def _without_row(self) -> Iterator[Break]:
        """The log is shorter than its chain."""
        position = self.entries[0].position
        yield Break(Kind.REMOVED, position, position)
        self._take(_Skip(0, 1))

    def _break(self) -> Iterator[Break]:
        first = self.entries[0].position
        if count := self._entries_changed():
            yield Break(Kind.ENTRY_CHANGED, first, first + count - 1)
            self.linked += count + 1
            self._take(_Skip(count + 1, count + 1))  # up to the one that is good again
            return
        skip = self._next_fit()
        if skip is None:
            yield from self._by_position()
            return
        both = min(skip)
        if both:
            yield Break(Kind.CHANGED, first, first + both - 1)
        if skip.rows > both:
            yield Break(Kind.INSERTED, self.rows[both].position, self.rows[skip.rows - 1].position)
        if skip.entries > both:
            yield Break(Kind.REMOVED, first + both, first + skip.entries - 1)
        self._take(skip)
        if skip.rows != skip.entries:
            self._offset = self.rows[0].position - self.entries[0].position

    def _entries_changed(self) -> int:
        """How many entries there are before the first that follows from the rows alone; 0 where none does. If one
        does, the rows are as they were."""
        hash = self.end.hash
        for count, (row, entry) in enumerate(zip(self.rows, islice(self.entries, WINDOW), strict=False)):
            hash = _hash(hash, entry.position, row)
            if hash == entry.hash:
                return count
        return 0

    def _next_fit(self) -> _Skip | None:
        """Two that were swapped; or rather as many rows as entries; otherwise as few as possible. None where nothing
        fits nearby."""
        if min(len(self.rows), len(self.entries)) > 1 and self._fit(0, 1) and self._fit(1, 0):
            return _Skip(2, 2)
        for skip in (*_AS_MANY, *_ELSE):
            if skip.rows < len(self.rows) and skip.entries < len(self.entries) and self._fit(*skip):
                return skip
        return None

    def _fit(self, row: int, entry: int) -> bool:
        """Whether the row that is so many ahead is what was linked so many ahead."""
        before = self.entries[entry - 1].hash if entry else self.end.hash
        return _hash(before, self.entries[entry].position, self.rows[row]) == self.entries[entry].hash

    def _by_position(self) -> Iterator[Break]:
        """Nothing nearby fits, so only the positions tell."""
        row, entry = self.rows[0], self.entries[0]
        ahead = row.position - entry.position - self._offset
        if ahead > 0:
            yield Break(Kind.REMOVED, entry.position, entry.position)
            self._take(_Skip(0, 1))
        elif ahead < 0:
            yield Break(Kind.INSERTED, row.position, row.position)
            self._take(_Skip(1, 0))
        else:
            yield Break(Kind.CHANGED, entry.position, entry.position)
            self._take(_Skip(1, 1))

    def _take(self, skip: _Skip) -> None:
        for _ in range(skip.rows):
            self.rows.popleft()
        for _ in range(skip.entries):
            self.end = self.entries.popleft()


def _hash(previous: bytes, position: int, row: Stored) -> bytes:
    """As if the row stood at ``position``: where rows were moved, they are known again."""
    return link(previous, position, row.stream, row.version, row.topic, row.state)
