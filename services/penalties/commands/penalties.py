"""Penalties: what a step needs to know of the policy, the engineer and other penalties of the fact; and what follows
from it elsewhere, in the same transaction."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from services.penalties.commands.conduct import carry_out, take_back
from services.penalties.domain import conduct, fact, penalty, policy
from services.penalties.domain import penalty_commands as wish
from services.penalties.domain.identity import POLICY, conduct_id
from services.penalties.domain.penalty_state import Penalty, known
from services.penalties.domain.schedule import Schedule
from services.penalties.domain.terms import mode_in
from shared.documents import Documents
from shared.eventlog import Streams
from shared.events.penalties import Evidence, PenaltyDeadline, PenaltyExecuted, PenaltyReversed
from shared.own import require_own
from shared.uploads import kept_before

Wish = Callable[..., Any]
"""Makes the command; asks for what the caller can't know, but the application does."""


async def suspect(streams: Streams, policy_version: int, wish: Wish) -> None:
    """Raise a suspicion under that version; ``wish`` makes the ``RaiseSuspicion`` and asks for ``schedule``."""
    command = wish(policy_version=policy_version, schedule=await schedule_of(streams, policy_version))
    await streams.handle(penalty, command.penalty, command, new=True)


async def reconsider(streams: Streams, id: UUID, evidence: Evidence, *, at: datetime, by: str) -> None:
    """What became known takes the suspicion back, or has what was decided looked at again; nothing where nothing
    stands."""
    schedule = await _schedule(streams, await streams.load(penalty, id))
    await streams.handle(penalty, id, wish.Reconsider(evidence=evidence, schedule=schedule, at=at, by=by))


async def schedule_of(streams: Streams, version: int) -> Schedule:
    """Until when each step is due by that version of the policy, and by China's workdays as they are known now."""
    book = await streams.load(policy, POLICY, required=False)
    return Schedule(policy.terms_of(book, version), policy.calendar(book))


async def still_standing(streams: Streams, state: Penalty) -> str | None:
    """The number of another penalty of the same fact that stands (D7)."""
    raised = known(state)
    told = await streams.load(fact, raised.fact, required=False)
    for other in (id for id in told.penalties if id != raised.penalty):
        found = await streams.load(penalty, other, required=False)
        if found.stands:
            return known(found).number
    return None


# --- actions ----------------------------------------------------------------------------------------------------------


async def act(streams: Streams, id: UUID, wish: Wish, version: int | None) -> dict[str, Any]:
    """An action that needs nothing but the penalty, and starts no clock."""
    await _seen(streams, id, version, None)
    return await _done(streams, id, wish())


async def act_in_time(streams: Streams, id: UUID, wish: Wish, version: int | None) -> dict[str, Any]:
    """An action that may start a clock."""
    state = await _seen(streams, id, version, None)
    return await _done(streams, id, wish(schedule=await _schedule(streams, state)))


async def notice(streams: Streams, id: UUID, wish: Wish, version: int | None) -> dict[str, Any]:
    """The engineer's time for a statement begins."""
    state = await _seen(streams, id, version, None)
    return await _done(streams, id, wish(schedule=await _schedule(streams, state), recorded_at=streams.now))


async def impose(streams: Streams, id: UUID, wish: Wish, version: int | None) -> dict[str, Any]:
    """D8: by the engineer's region when it happened; money is taken only where the version's terms allow it."""
    state = await _seen(streams, id, version, None)
    schedule = await _schedule(streams, state)
    subject = await streams.load(conduct, conduct_id(known(state).engineer), required=False)
    region = conduct.region_at(subject, known(state).happened_at)
    by_region = {"region": region, "mode": mode_in(schedule.terms, region)}
    standing = await still_standing(streams, state)
    now = streams.now
    return await _done(streams, id, wish(schedule=schedule, standing=standing, recorded_at=now, **by_region))


async def speak(
    streams: Streams, id: UUID, wish: Wish, version: int | None, own: str | None, documents: Documents
) -> dict[str, Any]:
    """The engineer's statement or appeal. Files are uploaded before: an event never names one that isn't there."""
    state = await _seen(streams, id, version, own)
    command = wish(engineer=own, schedule=await _schedule(streams, state))
    await kept_before(documents, command.files, "files")
    return await _done(streams, id, command)


async def lapse(streams: Streams, id: UUID, at: datetime, by: str, deadline: PenaltyDeadline) -> int:
    """What a passed deadline does to a penalty; how many events that caused."""
    state = await streams.load(penalty, id)
    if deadline is PenaltyDeadline.STATEMENT:
        command: wish.PenaltyCommand = wish.LapseStatement(at=at, by=by, schedule=await _schedule(streams, state))
    else:
        command = _LAPSES[deadline](at=at, by=by)
    before = len(streams.decided)
    await _handle(streams, id, command)
    return len(streams.decided) - before


_LAPSES: dict[PenaltyDeadline, Callable[..., wish.PenaltyCommand]] = {
    PenaltyDeadline.NOTICE: wish.LapseNotice,
    PenaltyDeadline.DECISION: wish.LapseDecision,
    PenaltyDeadline.APPEAL: wish.BecomeFinal,
    PenaltyDeadline.APPEAL_DECISION: wish.LapseAppealDecision,
    PenaltyDeadline.REVIEW: wish.LapseReview,
}


async def _seen(streams: Streams, id: UUID, version: int | None, own: str | None) -> Penalty:
    state = await streams.load(penalty, id)
    require_own(own, known(state).engineer)
    await streams.expect(penalty, id, version)
    return state


async def _schedule(streams: Streams, state: Penalty) -> Schedule:
    return await schedule_of(streams, known(state).policy_version)


async def _handle(streams: Streams, id: UUID, command: wish.PenaltyCommand) -> None:
    """Decide it, and do at once what follows for the engineer's record (4.2, 4.3)."""
    for event in await streams.handle(penalty, id, command):
        if isinstance(event, PenaltyExecuted):
            await _carry_out(streams, id, event, command.by)
        elif isinstance(event, PenaltyReversed) and event.executed:
            schedule = await _schedule(streams, await streams.load(penalty, id))
            about = (event.engineer, id, schedule.terms.ladder, event.reasons or _NOT_REVIEWED)
            await take_back(streams, *about, at=event.at, by=command.by)


_NOT_REVIEWED = "逾期未复核 · The review was not decided in time"


async def _carry_out(streams: Streams, id: UUID, event: PenaltyExecuted, by: str) -> None:
    """Whoever is concerned signs no measure that rests on it (⚖)."""
    state = await streams.load(penalty, id)
    kind, ladder = known(state).consequence.kind, (await _schedule(streams, state)).terms.ladder
    persons = sorted(state.concerned)
    await carry_out(streams, kind, event.engineer, id, ladder, persons, at=event.at, by=by)


async def _done(streams: Streams, id: UUID, command: wish.PenaltyCommand) -> dict[str, Any]:
    await _handle(streams, id, command)
    state = await streams.load(penalty, id)
    raised = known(state)
    return {
        "penalty": str(id),
        "number": raised.number,
        "engineer": raised.engineer,
        "status": state.status,
        "amount": str(state.amount),
        "score": state.score,
        "under_review": state.review is not None,
        "version": streams.version(id),
    }
