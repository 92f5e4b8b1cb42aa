"""Phone duty (4.6): what a call means depends on the engineer, the roster and the policy of that day."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.dispatch.domain import duty, duty_policy, engineer, roster
from services.dispatch.domain.duty import RecordCall
from services.dispatch.domain.duty_policy import DutyPolicyCommand
from services.dispatch.domain.identity import DUTY_POLICY, duty_day_id, engineer_id, roster_id
from services.dispatch.domain.roster import duty_at
from shared.calendar import DAY
from shared.eventlog import Streams
from shared.events.telephony import CallDirection, CallEnded, CallOutcome, Confidence


@dataclass(frozen=True, slots=True)
class Told:
    """A call as somebody tells it."""

    engineer: str
    call: str
    direction: CallDirection
    outcome: CallOutcome
    confidence: Confidence
    rang_seconds: int | None
    manual: bool
    at: datetime
    """When it was dialled."""
    by: str


def ended(event: CallEnded, by: str) -> Told | None:
    """A call as the exchange tells it; None where no engineer took part."""
    if event.engineer is None:
        return None
    return Told(
        engineer=event.engineer,
        call=event.call,
        direction=event.direction,
        outcome=event.outcome,
        confidence=event.confidence,
        rang_seconds=event.rang_seconds,
        manual=False,
        at=event.started_at,
        by=by,
    )


async def record_call(streams: Streams, told: Told) -> dict[str, Any]:
    """Record a call to or from an engineer, and what follows. Raises ``Refused`` for one who isn't recorded."""
    known = await streams.load(engineer, engineer_id(told.engineer), required=False)
    if told.manual or known.recorded is None:
        engineer.known(known)
    now = duty_at(
        await streams.load(roster, roster_id(told.engineer), required=False),
        await streams.load(duty_policy, DUTY_POLICY, required=False),
        told.at,
    )
    command = RecordCall(
        engineer=told.engineer,
        call=told.call,
        direction=told.direction,
        outcome=told.outcome,
        confidence=told.confidence,
        rang_seconds=told.rang_seconds,
        manual=told.manual,
        duty=now,
        in_service=known.active,
        at=told.at,
        by=told.by,
    )
    stream = await _stream_of(streams, command)
    await streams.handle(duty, stream, command)
    return await _answer(streams, stream, told.call)


async def adopt(streams: Streams, command: DutyPolicyCommand, version: int | None = None) -> dict[str, Any]:
    """Adopt a version of the policy, or acknowledge one. Raises ``Refused``, ``PreconditionFailed``."""
    await streams.expect(duty_policy, DUTY_POLICY, version)
    await streams.handle(duty_policy, DUTY_POLICY, command)
    state = await streams.load(duty_policy, DUTY_POLICY, required=False)
    return {"policy": state.versions[-1].version, "version": streams.version(DUTY_POLICY)}


async def _stream_of(streams: Streams, command: RecordCall) -> UUID:
    """The day of duty of a call: where it was recorded already, it stays, also if the roster has changed since."""
    today = command.duty.duty_day
    for day in (today, today - DAY, today + DAY):
        stream = duty_day_id(command.engineer, day)
        if (await streams.load(duty, stream, required=False)).call(command.call) is not None:
            return stream
    return duty_day_id(command.engineer, today)


async def _answer(streams: Streams, stream: UUID, call: str) -> dict[str, Any]:
    day = await streams.load(duty, stream)
    known = day.call(call)
    assert known, "a call that was recorded is known"
    return {
        "engineer": known.engineer,
        "duty_day": known.duty_day.isoformat(),
        "call": call,
        "exemption": known.exemption,
        "call_back_until": day.awaited.until.isoformat() if day.awaited else None,
        "unanswered": len(day.declared),
        "version": streams.version(stream),
    }
