"""Visits as they go: planned, assigned, under way, on site, done; late or not (3.4b, 4.4, D4, D5).

``day`` is that of the agreed arrival; before there is one, of when the customer would like it.
Whatever changes in this file has the view built anew; how it is read is in ``visits_reading``.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from services.reporting.views import lines
from services.reporting.views.lines import Facts, Line
from shared.calendar import day_of
from shared.eventlog import Recorded
from shared.events import dispatch as fact
from shared.events.base import Event
from shared.events.dispatch import VisitStatus as S
from shared.projection import View

_EVENTS: frozenset[type[Event]] = frozenset(
    {
        fact.VisitPlanned,
        fact.VisitAssigned,
        fact.VisitAccepted,
        fact.DispatchRefused,
        fact.VisitRescheduled,
        fact.VisitDelayReported,
        fact.VisitLate,
        fact.VisitLateCorrected,
        fact.VisitEnRoute,
        fact.VisitArrived,
        fact.ArrivalAdjudicated,
        fact.WorkStarted,
        fact.WorkPaused,
        fact.WorkResumed,
        fact.VisitFinished,
        fact.VisitCheckedOut,
        fact.LeftWithoutReporting,
        fact.LeftWithoutReportingCorrected,
        fact.VisitAborted,
    }
)
_ORDER = (S.ACCEPTED, S.EN_ROUTE, S.ARRIVED, S.WORKING, S.PAUSED, S.FINISHED, S.CHECKED_OUT)
"""How far a visit has got: a step that is told late doesn't take it back."""
DONE = frozenset({S.FINISHED, S.CHECKED_OUT, S.ABORTED})

_PLANNED = {
    "visit",
    "number",
    "work_order",
    "ticket",
    "purpose",
    "customer_name",
    "site_name",
    "city",
    "region",
    "minutes",
    "wanted_from",
    "wanted_until",
}
_NEW: Facts = {
    "engineer": None,
    "agreed_arrival": None,
    "starts_at": None,
    "ends_at": None,
    "late_after": None,
    "late": False,
    "late_minutes": None,
    "en_route_at": None,
    "arrived_at": None,
    "grade": None,
    "started_at": None,
    "finished_at": None,
    "left_at": None,
    "delay": None,
    "expected_arrival": None,
    "unreported": False,
}


def visit_line(known: Facts | None, recorded: Recorded[Any]) -> Line | None:
    """A visit after one more of its events."""
    event = recorded.event
    if isinstance(event, fact.VisitPlanned):
        told = event.model_dump(mode="json", include=_PLANNED)
        return _line({**told, **_NEW, "status": S.PLANNED.value})
    return _line({**known, **_changes(known, event)}) if known else None


def _line(facts: Facts) -> Line:
    about = facts["agreed_arrival"] or facts["wanted_from"]
    day = day_of(datetime.fromisoformat(about)) if about else None
    return Line(facts, facts["status"] not in DONE, day)


def _changes(known: Facts, event: Any) -> Facts:
    match event:
        case fact.VisitAssigned():
            names = {"engineer", "agreed_arrival", "starts_at", "ends_at", "late_after"}
            told = event.model_dump(mode="json", include=names)
            return {**told, "status": S.ASSIGNED.value, "delay": None, "expected_arrival": None}
        case fact.VisitRescheduled():
            told = event.model_dump(mode="json", include={"agreed_arrival", "starts_at", "ends_at", "late_after"})
            again = event.awaited and event.engineer is not None
            return told | ({"status": S.RESCHEDULED.value, "expected_arrival": None} if again else {})
        case fact.DispatchRefused():
            return {"status": S.REFUSED.value, "engineer": None}
        case fact.VisitDelayReported():
            return {"delay": event.cause.value, "expected_arrival": _text(event.expected_arrival)}
        case fact.VisitLate():
            return {"late": True, "late_minutes": event.minutes}
        case fact.VisitLateCorrected():
            return {"late": False, "late_minutes": 0 if event.arrived_at else None}
        case fact.ArrivalAdjudicated():
            return {"arrived_at": _text(event.arrived_at), "late_minutes": event.late_minutes}
        case fact.LeftWithoutReporting():
            return {"unreported": True}
        case fact.LeftWithoutReportingCorrected():
            return {"unreported": False}
        case fact.VisitAborted():
            return {"status": S.ABORTED.value}
        case _:
            return _step(known, event)


def _step(known: Facts, event: Any) -> Facts:
    """A step on the way. What happened is taken from the event; how far it is, from the farthest step told."""
    at = _text(event.at)
    match event:
        case fact.VisitAccepted():
            return _reached(known, S.ACCEPTED)
        case fact.VisitEnRoute():
            return {**_reached(known, S.EN_ROUTE), "en_route_at": at}
        case fact.VisitArrived():
            told = {"arrived_at": at, "grade": event.grade.value, "late_minutes": event.late_minutes}
            return {**_reached(known, S.ARRIVED), **told}
        case fact.WorkStarted():
            return {**_reached(known, S.WORKING), "started_at": at}
        case fact.WorkPaused():
            return _reached(known, S.PAUSED)
        case fact.WorkResumed():
            return {"status": S.WORKING.value} if known["status"] == S.PAUSED else {}
        case fact.VisitFinished():
            return {**_reached(known, S.FINISHED), "finished_at": at}
        case fact.VisitCheckedOut():
            return {**_reached(known, S.CHECKED_OUT), "left_at": at}
    raise TypeError(type(event).__name__)


def _reached(known: Facts, status: S) -> Facts:
    if known["status"] == S.ABORTED:
        return {}
    now = _ORDER.index(known["status"]) if known["status"] in _ORDER else -1
    return {"status": status.value} if _ORDER.index(status) > now else {}


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")


async def _apply(connection: AsyncConnection, batch: Sequence[Recorded[Any]]) -> None:
    await lines.keep(connection, batch, visit_line)


VISITS = View("visits", ("dispatch",), lines.TABLES, _apply, _EVENTS)
