"""Phone duty: who is to be reached today, and what the probes have shown (4.6, D10–D13).

Three sorts of lines: an engineer's roster (days of duty, trips, leave), an engineer's day with its calls, and the
versions of the policy. ``day`` is the duty day of the second sort.
Whatever changes in this file has the view built anew; how it is read is in ``duty_reading``.
"""

from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection

from services.reporting.views import lines
from services.reporting.views.lines import Facts, Line
from shared.eventlog import Recorded
from shared.events import dispatch as fact
from shared.events.base import Event
from shared.projection import View

_ROSTER = (
    fact.DutyPlanned,
    fact.DutyCancelled,
    fact.LeaveGranted,
    fact.LeaveCancelled,
    fact.TripDaysRecorded,
    fact.TripDaysDropped,
)
_DAY = (
    fact.DutyDayOpened,
    fact.DutyCallRecorded,
    fact.DutyCallReassessed,
    fact.DutyCallsExempted,
    fact.CallBackAwaited,
    fact.CallBackSettled,
    fact.PhoneUnanswered,
    fact.PhoneUnansweredWithdrawn,
)
_EVENTS: frozenset[type[Event]] = frozenset({*_ROSTER, *_DAY, fact.DutyPolicyAdopted})


def duty_line(known: Facts | None, recorded: Recorded[Any]) -> Line:
    """A line after one more event."""
    event = recorded.event
    if isinstance(event, fact.DutyPolicyAdopted):
        version = {"valid_from": event.valid_from.isoformat(), **event.model_dump(mode="json")["terms"]}
        versions = {**(known or {}).get("versions", {}), str(event.version): version}
        return Line({"sort": "policy", "versions": versions}, True, None)
    if isinstance(event, _ROSTER):
        empty: Facts = {"sort": "roster", "engineer": event.engineer, "days": {}, "leaves": {}, "trips": {}}
        return Line({**(known or empty), **_rostered(known or empty, event)}, True, None)
    day: Facts = known or {
        "sort": "day",
        "engineer": event.engineer,
        "duty_day": event.duty_day.isoformat(),
        "calls": {},
        "awaited": {},
        "unanswered": [],
    }
    return Line({**day, **_called(day, event)}, True, event.duty_day)


def _rostered(known: Facts, event: Any) -> Facts:
    match event:
        case fact.DutyPlanned():
            windows = event.model_dump(mode="json")["windows"]
            return {"days": {**known["days"], **{day.isoformat(): windows for day in event.days}}}
        case fact.DutyCancelled():
            gone = {day.isoformat() for day in event.days}
            return {"days": {day: windows for day, windows in known["days"].items() if day not in gone}}
        case fact.LeaveGranted():
            told = event.model_dump(mode="json", include={"starts", "ends"})
            return {"leaves": {**known["leaves"], str(event.leave): [told["starts"], told["ends"]]}}
        case fact.LeaveCancelled():
            return {"leaves": {leave: span for leave, span in known["leaves"].items() if leave != str(event.leave)}}
        case fact.TripDaysRecorded():
            return {"trips": {**known["trips"], str(event.trip): [day.isoformat() for day in event.days]}}
        case fact.TripDaysDropped():
            return {"trips": {trip: days for trip, days in known["trips"].items() if trip != str(event.trip)}}
    raise TypeError(type(event).__name__)


def _called(known: Facts, event: Any) -> Facts:
    match event:
        case fact.DutyDayOpened():
            return {"policy": event.policy}
        case fact.DutyCallRecorded():
            told = event.model_dump(mode="json", include={"at", "direction", "outcome", "exemption", "manual"})
            return {"calls": {**known["calls"], event.call: told}}
        case fact.DutyCallReassessed():
            told = event.model_dump(mode="json", include={"outcome", "exemption"})
            return {"calls": {**known["calls"], event.call: {**known["calls"].get(event.call, {}), **told}}}
        case fact.DutyCallsExempted():
            exempt = {"exemption": event.exemption.value}
            calls = known["calls"]
            return {"calls": {**calls, **{call: {**calls[call], **exempt} for call in event.calls if call in calls}}}
        case fact.CallBackAwaited():
            return {"awaited": {**known["awaited"], _pair(event): event.until.isoformat()}}
        case fact.CallBackSettled():
            return {"awaited": _without(known["awaited"], event)}
        case fact.PhoneUnanswered():
            found = sorted({*known["unanswered"], _pair(event)})
            return {"awaited": _without(known["awaited"], event), "unanswered": found}
        case fact.PhoneUnansweredWithdrawn():
            return {"unanswered": [pair for pair in known["unanswered"] if pair != _pair(event)]}
    raise TypeError(type(event).__name__)


def _pair(event: Any) -> str:
    return f"{event.first_call} {event.second_call}"


def _without(awaited: Facts, event: Any) -> Facts:
    return {pair: until for pair, until in awaited.items() if pair != _pair(event)}


async def _apply(connection: AsyncConnection, batch: Sequence[Recorded[Any]]) -> None:
    await lines.keep(connection, batch, duty_line)


DUTY = View("duty", ("dispatch",), lines.TABLES, _apply, _EVENTS)
