"""What if: all facts of a period, read from the log, judged by a draft or another version beside what happened.

The scratch projection lies in memory alone; the log is read in a transaction that can't write.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.penalties.domain import conduct, fact, penalty, policy
from services.penalties.domain.fact import Fact, FactEvent, Merged, merged
from services.penalties.domain.identity import POLICY, conduct_id
from services.penalties.domain.penalty_state import Penalty
from services.penalties.domain.policy import PolicyBook
from services.penalties.domain.what_if import Case, Subject, Tally, assume, compared, penalty_of
from shared.eventlog import EventLog, Streams
from shared.eventlog.scanning import scan
from shared.events.base import Event
from shared.events.penalties import FactCharged, FactCleared, FactReported


@dataclass(frozen=True, slots=True)
class Asked:
    """Which facts, and by which version."""

    version: int
    begins: datetime
    ends: datetime
    """The first moment after the period."""
    by_all: bool | None = None
    """As ``domain.what_if.assume``."""


@dataclass(frozen=True, slots=True)
class Step:
    """Some of the period's facts."""

    cases: list[Case]
    done: int
    total: int
    """Rows of the log about facts, of which so many are read."""


class WhatIf:
    """One question; ask by iterating over ``steps``, then read ``tally``."""

    def __init__(self, log: EventLog, asked: Asked, book: PolicyBook) -> None:
        self._log = log
        self._asked = asked
        self._book = book
        self._subjects: dict[str, Subject] = {}
        self.assumption = assume(book, asked.version, by_all=asked.by_all)
        self.tally = Tally()

    @classmethod
    async def ask(cls, log: EventLog, asked: Asked) -> "WhatIf":
        """Raises ``Refused`` (``policy_version_unknown``)."""

        async def look(streams: Streams) -> PolicyBook:
            return await streams.load(policy, POLICY, required=False)

        return cls(log, asked, await log.look(look))

    async def steps(self) -> AsyncIterator[Step]:
        async for scanned in scan(self._log, [FactReported, FactCharged, FactCleared]):
            facts = [found for stream in scanned.streams if (found := self._asked_for(_folded(stream)))]
            cases = await self._compared(facts)
            for case in cases:
                self.tally.add(case)
            yield Step(cases, scanned.done, scanned.total)

    def _asked_for(self, state: Fact) -> tuple[Fact, Merged] | None:
        seen = merged(state)
        return (state, seen) if self._asked.begins <= seen.happened_at < self._asked.ends else None

    async def _compared(self, facts: list[tuple[Fact, Merged]]) -> list[Case]:
        penalties = await self._penalties(facts)
        return [
            compared(state, seen, self._subjects[seen.engineer], self.assumption, penalties.get(id), self._book)
            for state, seen in facts
            for id in [penalty_of(state)]
        ]

    async def _penalties(self, facts: list[tuple[Fact, Merged]]) -> dict[UUID | None, Penalty]:
        """What became of these; and, by the way, engineers that weren't met before."""
        wanted = [id for state, _ in facts if (id := penalty_of(state))]
        new = sorted({seen.engineer for _, seen in facts} - set(self._subjects))

        async def look(streams: Streams) -> dict[UUID | None, Penalty]:
            await streams.look_up([*((penalty, id) for id in wanted), *((conduct, conduct_id(code)) for code in new)])
            for code in new:
                known = await streams.load(conduct, conduct_id(code), required=False)
                self._subjects[code] = Subject(known, self.assumption.of(known))
            return {id: await streams.load(penalty, id) for id in wanted}

        return await self._log.look(look) if wanted or new else {}


def _folded(stream: list[Event]) -> Fact:
    state = fact.NEW
    for event in stream:
        assert isinstance(event, FactEvent), "these are the events of facts"
        state = fact.evolve(state, event)
    return state
