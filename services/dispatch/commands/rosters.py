"""Rosters: whose they are has to be in service; and leave that is granted afterwards exempts calls (D12)."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.dispatch.domain import duty, engineer, roster
from services.dispatch.domain.duty import ExemptCalls
from services.dispatch.domain.identity import duty_day_id, engineer_id, roster_id
from services.dispatch.domain.roster import (
    CancelLeave,
    DropTripDays,
    GrantLeave,
    PlanDuty,
    RecordTripDays,
    RosterCommand,
)
from shared.calendar import DAY
from shared.eventlog import Streams


async def act(streams: Streams, wish: Callable[..., RosterCommand], version: int | None, code: str) -> dict[str, Any]:
    """Decide a wish on an engineer's roster. Raises ``Refused``, ``PreconditionFailed``."""
    stream = roster_id(code)
    await streams.expect(roster, stream, version)
    return await handle(streams, wish(engineer=code))


async def handle(streams: Streams, command: RosterCommand) -> dict[str, Any]:
    """Decide a command on the roster of its engineer. Raises ``Refused`` where nobody, or nobody in service, has it."""
    known = await streams.load(engineer, engineer_id(command.engineer), required=False)
    if isinstance(command, PlanDuty | GrantLeave | RecordTripDays):
        engineer.in_service(known)
    else:
        engineer.known(known)
    stream = roster_id(command.engineer)
    events = await streams.handle(roster, stream, command)
    if isinstance(command, GrantLeave):
        await _exempt(streams, command)
    answer = {"engineer": command.engineer, "version": streams.version(stream), "changed": bool(events)}
    return answer | ({"leave": str(command.leave)} if isinstance(command, GrantLeave | CancelLeave) else {})


async def record_trip_days(
    streams: Streams,
    code: str,
    trip: UUID,
    days: Iterable[date],
    allowance_per_day: Decimal,
    *,
    at: datetime,
    by: str,
) -> None:
    """The days of a trip, as they are now known; they are days of duty (D9, D12). Raises ``Refused``."""
    told = tuple(days)
    command = RecordTripDays(engineer=code, trip=trip, days=told, allowance_per_day=allowance_per_day, at=at, by=by)
    await handle(streams, command)


async def drop_trip_days(streams: Streams, code: str, trip: UUID, *, at: datetime, by: str) -> None:
    """The trip isn't made. Raises ``Refused`` for an engineer who isn't recorded."""
    stream = roster_id(code)
    await streams.handle(roster, stream, DropTripDays(engineer=code, trip=trip, at=at, by=by))


async def _exempt(streams: Streams, leave: GrantLeave) -> None:
    """The duty days that the leave touches; nights and zones reach over its ends by a day."""
    day = leave.starts.date() - DAY
    while day <= leave.ends.date() + timedelta(days=1):
        stream = duty_day_id(leave.engineer, day)
        if (await streams.load(duty, stream, required=False)).calls:
            await streams.handle(
                duty, stream, ExemptCalls(starts=leave.starts, ends=leave.ends, at=leave.at, by=leave.by)
            )
        day += DAY
