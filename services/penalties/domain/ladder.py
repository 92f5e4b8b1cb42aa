"""The ladder of demerits: so many make a major one, so many major ones propose a dismissal; each counts until it
expires, and none of them counts twice.

What is struck takes with it what was made of it; what else it was made of counts again.
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import assert_never
from uuid import UUID

from services.penalties.domain.identity import demerit_id, measure_id
from shared.calendar import SHANGHAI
from shared.events.penalties import DemeritKind, DemeritRecorded, DemeritStruck, DismissalReached, Ladder

PART_STRUCK = "所含记过已撤销 · A demerit that it was made of is struck"

LadderEvent = DemeritRecorded | DemeritStruck | DismissalReached


@dataclass(frozen=True, slots=True)
class Demerit:
    """One that was recorded."""

    demerit: UUID
    kind: DemeritKind
    at: datetime
    expires_at: datetime
    penalty: UUID | None
    made_of: tuple[UUID, ...]
    struck_at: datetime | None = None

    def stands(self, at: datetime) -> bool:
        """Whether it counts at that moment."""
        return self.at <= at < self.expires_at and (self.struck_at is None or at < self.struck_at)


@dataclass(frozen=True, slots=True)
class Grounds:
    """The major demerits that led to a proposed dismissal."""

    measure: UUID
    demerits: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """What an engineer's record holds of demerits."""

    demerits: tuple[Demerit, ...] = ()
    """In the order in which they were recorded; struck and expired ones too."""
    dismissals: tuple[Grounds, ...] = ()


EMPTY = Record()


def after(record: Record, event: LadderEvent) -> Record:
    """The record with what has happened."""
    match event:
        case DemeritRecorded():
            facts = (event.demerit, event.kind, event.at, event.expires_at, event.penalty, event.made_of)
            return replace(record, demerits=(*record.demerits, Demerit(*facts)))
        case DemeritStruck():
            struck = (replace(d, struck_at=event.at) if d.demerit == event.demerit else d for d in record.demerits)
            return replace(record, demerits=tuple(struck))
        case DismissalReached():
            return replace(record, dismissals=(*record.dismissals, Grounds(event.measure, event.demerits)))
        case _:
            assert_never(event)


def standing(record: Record, at: datetime) -> list[Demerit]:
    """Those that count at that moment, oldest first."""
    return sorted((d for d in record.demerits if d.stands(at)), key=lambda d: (d.at, d.demerit))


def grounds(record: Record) -> list[Grounds]:
    """The proposed dismissals of whose grounds nothing was struck."""
    unstruck = {d.demerit for d in record.demerits if d.struck_at is None}
    return [each for each in record.dismissals if unstruck.issuperset(each.demerits)]


def penalties_of(record: Record, demerits: Iterable[UUID]) -> list[UUID]:
    """The penalties on which these demerits rest; one that was made of others rests on theirs."""
    found: list[UUID] = []
    for each in (d for id in demerits for d in record.demerits if d.demerit == id):
        found += [each.penalty] if each.penalty else penalties_of(record, each.made_of)
    return found


def recorded(
    record: Record, engineer: str, penalty: UUID, kind: DemeritKind, ladder: Ladder, at: datetime
) -> Sequence[LadderEvent]:
    """The demerit of ``penalty``, and what it leads to; nothing where it is recorded already."""
    demerit = demerit_id(penalty)
    if any(d.demerit == demerit for d in record.demerits):
        return []
    months = ladder.demerit_months if kind is DemeritKind.DEMERIT else ladder.major_months
    first = DemeritRecorded(
        at=at,
        engineer=engineer,
        demerit=demerit,
        kind=kind,
        penalty=penalty,
        made_of=(),
        expires_at=months_after(at, months),
    )
    return [first, *_climb(after(record, first), engineer, ladder, at)]


def struck(
    record: Record, engineer: str, penalty: UUID, reason: str, ladder: Ladder, at: datetime
) -> Sequence[LadderEvent]:
    """The demerit of ``penalty`` is struck, with the major one of which it is a part, and the others of its parts
    count again; nothing where there is none."""
    found = next((d for d in record.demerits if d.penalty == penalty and d.struck_at is None), None)
    if found is None:
        return []
    fallen = [DemeritStruck(at=at, engineer=engineer, demerit=found.demerit, kind=found.kind, reason=reason)]
    for whole in record.demerits:
        if found.demerit in whole.made_of and whole.struck_at is None:
            about = {"engineer": engineer, "demerit": whole.demerit, "kind": whole.kind, "reason": PART_STRUCK}
            fallen.append(DemeritStruck(at=at, **about))
    for event in fallen:
        record = after(record, event)
    return [*fallen, *_climb(record, engineer, ladder, at)]


def months_after(at: datetime, months: int) -> datetime:
    """The same day and time that many months later, in Shanghai; the month's last day where it has no such day."""
    local = at.astimezone(SHANGHAI)
    years, month = divmod(local.month - 1 + months, 12)
    year = local.year + years
    day = min(local.day, monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day).astimezone(UTC)


def _climb(record: Record, engineer: str, ladder: Ladder, at: datetime) -> list[LadderEvent]:
    """What the demerits that stand by now add up to; they may be told in another order than they happened in."""
    at = max([at, *(d.at for d in record.demerits)])
    events: list[LadderEvent] = []
    while len(parts := _free(record, DemeritKind.DEMERIT, at)) >= ladder.demerits_for_major:
        parts = parts[: ladder.demerits_for_major]
        # From its last part on, so that a strike which makes it anew doesn't make it last longer.
        expires_at = months_after(max(d.at for d in parts), ladder.major_months)
        if expires_at <= at:
            break
        made_of = tuple(d.demerit for d in parts)
        major = DemeritRecorded(
            at=at,
            engineer=engineer,
            demerit=demerit_id(_joined(made_of)),
            kind=DemeritKind.MAJOR_DEMERIT,
            penalty=None,
            made_of=made_of,
            expires_at=expires_at,
        )
        events.append(major)
        record = after(record, major)
    while len(majors := _free(record, DemeritKind.MAJOR_DEMERIT, at)) >= ladder.majors_for_dismissal:
        led = tuple(d.demerit for d in majors[: ladder.majors_for_dismissal])
        reached = DismissalReached(at=at, engineer=engineer, measure=measure_id(_joined(led)), demerits=led)
        events.append(reached)
        record = after(record, reached)
    return events


def _free(record: Record, kind: DemeritKind, at: datetime) -> list[Demerit]:
    """Those that stand, and have led to nothing more that stands."""
    used = {part for d in record.demerits if d.struck_at is None for part in d.made_of}
    used |= {demerit for each in grounds(record) for demerit in each.demerits}
    return [d for d in standing(record, at) if d.kind is kind and d.demerit not in used]


def _joined(ids: Iterable[UUID]) -> str:
    return ",".join(sorted(map(str, ids)))
