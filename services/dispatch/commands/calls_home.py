"""D14: a call from the engineer's number tells headquarters that they have left, whichever is heard of first: the call
or, from a device that was offline, the end of the work. A call that comes too late is put on record with the visit."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.dispatch.commands.visits import Wish, answer, decide, tell, terms_at
from services.dispatch.domain import duty, schedule, visit
from services.dispatch.domain.identity import duty_day_id, schedule_id
from services.dispatch.domain.visit_clocks import reports
from services.dispatch.domain.visit_commands import CheckOut, NoteLateCall
from shared.calendar import DAY, day_of
from shared.clock import Clock
from shared.eventlog import Streams
from shared.events.dispatch import CheckOutWay, DutyCallRecorded
from shared.events.telephony import CallDirection, CallEnded, CallOutcome

BY = "reaction:calls"


async def heard(streams: Streams, call: CallEnded, received_at: datetime) -> list[str]:
    """A call is over; the visits that it reports, of those that were planned for that day or the day before. Of the
    others that still wait for a report it is on record that the call came, and how late."""
    if call.engineer is None or not _came_through(call.direction, call.outcome):
        return []
    today = day_of(call.started_at)
    reported: list[str] = []
    for day in (today - DAY, today):
        slots = (await streams.load(schedule, schedule_id(call.engineer, day), required=False)).slots
        for each in slots:
            state = await streams.load(visit, each)
            if state.engineer != call.engineer:
                continue
            if reports(state, call.started_at):
                await _check_out(streams, each, call.call, call.started_at, received_at)
                reported.append(str(each))
            else:
                await decide(streams, each, NoteLateCall(at=call.started_at, by=BY, call=call.call))
    return reported


async def finish(
    streams: Streams, id: UUID, wish: Wish, version: int | None, clock: Clock, own: str | None = None, **_: Any
) -> dict[str, Any]:
    """The end of the work is told, perhaps late: the call may have been there before."""
    await tell(streams, id, wish, version, clock, own)
    await _called_before(streams, id, clock.now())
    return await answer(streams, id)


async def _called_before(streams: Streams, id: UUID, received_at: datetime) -> None:
    state = await streams.load(visit, id)
    if state.finished is None or state.engineer is None:
        return
    day = day_of(state.finished.at)
    calls: list[DutyCallRecorded] = []
    for duty_day in (day - DAY, day, day + DAY):
        known = await streams.load(duty, duty_day_id(state.engineer, duty_day), required=False)
        calls += [call for call in known.calls if _came_through(call.direction, call.outcome)]
    calls.sort(key=lambda call: call.at)
    in_time = next((call for call in calls if reports(state, call.at)), None)
    if in_time:
        await _check_out(streams, id, in_time.call, in_time.at, received_at)
    elif late := next((call for call in calls if call.at > state.finished.report_due), None):
        await decide(streams, id, NoteLateCall(at=late.at, by=BY, call=late.call))


def _came_through(direction: CallDirection, outcome: CallOutcome) -> bool:
    return direction is CallDirection.INBOUND and outcome is CallOutcome.ANSWERED


async def _check_out(streams: Streams, id: UUID, call: str, called_at: datetime, received_at: datetime) -> None:
    terms = await terms_at(streams, called_at)
    way = CheckOutWay.CALL
    await decide(
        streams, id, CheckOut(at=called_at, by=BY, way=way, call_id=call, received_at=received_at, terms=terms)
    )
