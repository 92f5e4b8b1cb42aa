"""Rosters: whose they are has to be in service; and leave that is granted afterwards exempts calls (D12)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from services.dispatch.domain import duty, engineer, roster
from services.dispatch.domain.duty import ExemptCalls
from services.dispatch.domain.identity import duty_day_id, engineer_id, roster_id
from services.dispatch.domain.roster import CancelLeave, GrantLeave, PlanDuty, RosterCommand
from shared.calendar import DAY
from shared.eventlog import Streams


async def act(streams: Streams, wish: Callable[..., RosterCommand], version: int | None, code: str) -> dict[str, Any]:
    """Decide a wish on an engineer's roster. Raises ``Refused``, ``PreconditionFailed``."""
    stream = roster_id(code)
    await streams.expect(roster, stream, version)
    return await handle(streams, wish(engineer=code))


async def handle(streams: Streams, command: RosterCommand) -> dict[str, Any]:
    """Decide a person's command on the roster of its engineer; days of trips are told by the trips. Raises ``Refused``
    where nobody, or nobody in service, has it."""
    known = await streams.load(engineer, engineer_id(command.engineer), required=False)
    if isinstance(command, PlanDuty | GrantLeave):
        engineer.in_service(known)
    else:
        engineer.known(known)
    stream = roster_id(command.engineer)
    events = await streams.handle(roster, stream, command)
    if isinstance(command, GrantLeave):
        await _exempt(streams, command)
    answer = {"engineer": command.engineer, "version": streams.version(stream), "changed": bool(events)}
    return answer | ({"leave": str(command.leave)} if isinstance(command, GrantLeave | CancelLeave) else {})


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
