"""What a penalty does to an engineer's record and to proposed measures, when it is executed and when it is reversed."""

from collections.abc import Sequence
from uuid import UUID

from services.penalties.commands import measures
from services.penalties.domain import conduct
from services.penalties.domain import penalty as penalty_of
from services.penalties.domain.conduct import RecordDemerit, StrikeDemerit
from services.penalties.domain.identity import conduct_id
from services.penalties.domain.ladder import grounds, penalties_of
from shared.eventlog import Streams
from shared.events.base import Event, Moment
from shared.events.penalties import ConsequenceKind, DemeritKind, DismissalReached, Ladder, MeasureKind

_DEMERITS = {
    ConsequenceKind.DEMERIT: DemeritKind.DEMERIT,
    ConsequenceKind.MAJOR_DEMERIT: DemeritKind.MAJOR_DEMERIT,
}
_MEASURES = {
    ConsequenceKind.DISMISSAL: MeasureKind.DISMISSAL,
    ConsequenceKind.LEGAL_REFERRAL: MeasureKind.LEGAL_REFERRAL,
}

_GONE = "所依据的处罚或记过已撤销 · The penalty or the demerits that it rests on are gone"


async def carry_out(
    streams: Streams,
    kind: ConsequenceKind,
    engineer: str,
    penalty: UUID,
    ladder: Ladder,
    decided_by: Sequence[str],
    *,
    at: Moment,
    by: str,
) -> None:
    """What isn't money of a penalty that is executed: the demerit with all that it leads to, or the proposed measure.

    ``ladder`` is that of the version by which it was imposed; ``decided_by`` sign no measure that rests on it (⚖).
    Nothing for a fine. Told again it changes nothing.
    """
    about = {"engineer": engineer, "penalty": penalty, "at": at, "by": by}
    if kind in _DEMERITS:
        events = await streams.handle(
            conduct, conduct_id(engineer), RecordDemerit(kind=_DEMERITS[kind], ladder=ladder, **about)
        )
        await _propose_dismissals(streams, events, by)
    elif kind in _MEASURES:
        await measures.propose(streams, _MEASURES[kind], engineer, penalty, decided_by, at, by)


async def take_back(
    streams: Streams, engineer: str, penalty: UUID, ladder: Ladder, reason: str, *, at: Moment, by: str
) -> None:
    """Undo what ``carry_out`` did for a penalty that is reversed: its demerit is struck, with what was made of it; a
    measure that rested on it is dropped, though it was carried. Nothing where nothing was done."""
    record = conduct_id(engineer)
    before = grounds((await streams.load(conduct, record, required=False)).record)
    command = StrikeDemerit(engineer=engineer, penalty=penalty, reason=reason, ladder=ladder, at=at, by=by)
    events = await streams.handle(conduct, record, command)
    left = grounds((await streams.load(conduct, record, required=False)).record)
    for fallen in [each.measure for each in before if each not in left]:
        await measures.withdraw(streams, fallen, _GONE, at=at, by=by)
    await measures.withdraw_of(streams, penalty, _GONE, at=at, by=by)
    await _propose_dismissals(streams, events, by)


async def _propose_dismissals(streams: Streams, events: Sequence[Event], by: str) -> None:
    """⚖ Whoever is concerned with any of the penalties on which it rests signs no dismissal."""
    for event in events:
        if isinstance(event, DismissalReached):
            record = (await streams.load(conduct, conduct_id(event.engineer))).record
            found = [await streams.load(penalty_of, id) for id in penalties_of(record, event.demerits)]
            persons = sorted({person for each in found for person in each.concerned})
            await measures.propose_dismissal(streams, event, persons, by)
