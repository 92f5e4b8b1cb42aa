"""The ledger's entries: each event of a penalty books what it changes, so that the sum of them is what stands.

Nothing is ever struck out: what is reduced, dropped or reversed is a contra entry. An entry belongs to the month, in
Shanghai, in which its event happened.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import assert_never

from shared.events.penalties import (
    AppealDecided,
    DemeritKind,
    DemeritRecorded,
    DemeritStruck,
    DropCause,
    Mode,
    PenaltyExecuted,
    PenaltyImposed,
    PenaltyReversed,
)

NOTHING = Decimal("0.00")


class EntryKind(StrEnum):
    """What an entry is about."""

    FINE = "fine"
    ALLOWANCE = "allowance"
    """A forfeited phone allowance (D9)."""
    SCORE = "score"
    """Points, where no money is taken (D8)."""
    DEMERIT = "demerit"
    MAJOR_DEMERIT = "major_demerit"


class EntryCause(StrEnum):
    """Why it was booked."""

    IMPOSED = "imposed"
    APPEALED = "appealed"
    """The appeal reduced or revoked it."""
    CAP = "cap"
    FLOOR = "floor"
    CUMULATION = "cumulation"
    REVERSED = "reversed"
    RECORDED = "recorded"
    STRUCK = "struck"


DROPPED = {
    DropCause.CAP: EntryCause.CAP,
    DropCause.FLOOR: EntryCause.FLOOR,
    DropCause.CUMULATION: EntryCause.CUMULATION,
}

MoneyEvent = PenaltyImposed | AppealDecided | PenaltyExecuted | PenaltyReversed
DemeritEvent = DemeritRecorded | DemeritStruck


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands of one penalty by now."""

    number: str
    rule: str
    kind: EntryKind
    amount: Decimal = NOTHING
    """CNY."""
    score: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """What one event changes; negative where something is taken back."""

    kind: EntryKind
    cause: EntryCause
    amount: Decimal = NOTHING
    score: int = 0
    demerits: int = 0
    majors: int = 0


def standing_of(event: PenaltyImposed) -> Standing:
    """Of a penalty as it is imposed, before its entry is booked."""
    money = EntryKind.ALLOWANCE if event.allowance else EntryKind.FINE
    return Standing(event.number, event.rule, EntryKind.SCORE if event.mode is Mode.SCORE_ONLY else money)


def booked(event: MoneyEvent, standing: Standing) -> tuple[Entry | None, Standing]:
    """The entry of ``event``, if it changes what stands, and what stands after it."""
    match event:
        case PenaltyImposed():
            return _to(standing, event.amount, event.score, EntryCause.IMPOSED)
        case AppealDecided():
            return _to(standing, event.amount, event.score, EntryCause.APPEALED)
        case PenaltyExecuted():
            cause = DROPPED[event.dropped_for] if event.dropped_for else EntryCause.CAP
            return _to(standing, event.taken, standing.score, cause)
        case PenaltyReversed():
            return _to(standing, NOTHING, 0, EntryCause.REVERSED)
        case _:
            assert_never(event)


def of_demerit(event: DemeritEvent) -> Entry:
    """One demerit more, or less."""
    one = 1 if isinstance(event, DemeritRecorded) else -1
    cause = EntryCause.RECORDED if one > 0 else EntryCause.STRUCK
    if event.kind is DemeritKind.MAJOR_DEMERIT:
        return Entry(EntryKind.MAJOR_DEMERIT, cause, majors=one)
    return Entry(EntryKind.DEMERIT, cause, demerits=one)


def _to(standing: Standing, amount: Decimal, score: int, cause: EntryCause) -> tuple[Entry | None, Standing]:
    """From what stands to ``amount`` and ``score``."""
    entry = Entry(standing.kind, cause, amount - standing.amount, score - standing.score)
    after = replace(standing, amount=amount, score=score)
    return (entry if entry.amount or entry.score else None), after
