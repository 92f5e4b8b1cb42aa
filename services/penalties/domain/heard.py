"""What other services' events say about facts. What is late, unanswered or fraudulent is found there; here it is only
told in the words that rules read (``fields.py``), under a key that is the same whoever tells it.

Nothing of it depends on what was heard before, so it doesn't matter in what order, or how often, it comes.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.penalties.domain.identity import fact_id
from shared.events import dispatch, tickets
from shared.events.base import Event
from shared.events.penalties import Evidence, FactKind, FactReported, Values
from shared.events.tickets import ComplaintCategory


class UnclearReport(Exception):
    """The event doesn't say which fact it is about; somebody has to look at it."""


_Says = dict[str, Any]
"""Fields of ``FactReported``, as one kind of event fills them."""


def heard(event: Event, actor: str, evidence: Evidence, position: int) -> FactReported | None:
    """What ``event`` says about a fact; None where it says nothing about anybody.

    ``actor`` has caused it, ``evidence`` is the event itself and ``position`` its place in its log. Whoever is known to
    have reported, ordered or found what it tells of doesn't decide about it (⚖). Raises ``UnclearReport``.
    """
    said = _said(event)
    if said is None:
        return None
    involved = {*said.pop("by", ()), *([actor] if _is_person(actor) else [])}
    key = said["key"]
    return FactReported(
        **(_NOTHING | said),
        at=event.at,
        fact=fact_id(key),
        evidence=evidence,
        position=position,
        involved=tuple(sorted(involved)),
    )


def about(event: Event) -> tuple[UUID, str] | None:
    """The fact that ``event`` says something about, and whose conduct it is. Raises ``UnclearReport``."""
    said = _said(event)
    return (fact_id(said["key"]), said["engineer"]) if said else None


def _said(event: Event) -> _Says | None:
    tell = _TELLS.get(type(event))
    return tell(event) if tell else None


_NOTHING: _Says = dict.fromkeys(("about", "happened_at", "visit", "work_order", "ticket", "complaint", "claim"))


def _is_person(actor: str) -> bool:
    """Not ``timer:…``, ``reaction:…`` or ``import:…``."""
    return bool(actor) and ":" not in actor


def _texts(values: Iterable[StrEnum]) -> tuple[str, ...]:
    return tuple(sorted({value.value for value in values}))


# --- 4.5, 4.2.3: not at the customer's at the agreed time -------------------------------------------------------------


def _lateness(visit: UUID, engineer: str, says: Values, work_order: UUID | None, **more: Any) -> _Says:
    """One lateness is one fact, whether dispatch's clock or a complaint tells of it (D7)."""
    key = f"lateness:{visit}:{engineer}"
    facts = {"kind": FactKind.LATENESS, "engineer": engineer, "says": says, "visit": visit, "work_order": work_order}
    return {"key": key, **facts, **more}


def _late(event: dispatch.VisitLate) -> _Says | None:
    if event.engineer is None:  # nobody was to go any more: nobody's conduct
        return None
    says: Values = {
        "late": True,
        "minutes": event.minutes,
        "arrived": event.arrived_at is not None,
        "known_causes": _texts(each.cause for each in event.causes if each.told_at is None),
        "told_causes": _texts(each.cause for each in event.causes if each.told_at is not None),
    }
    more = {"ticket": event.ticket, "happened_at": event.at, "by": [event.assigned_by]}
    return _lateness(event.visit, event.engineer, says, event.work_order, **more)


def _not_late(event: dispatch.VisitLateCorrected) -> _Says | None:
    if event.engineer is None:
        return None
    says: Values = {"late": False, "minutes": 0}
    if event.arrived_at:
        says["arrived"] = True
    return _lateness(event.visit, event.engineer, says, event.work_order)


def _arrived(event: dispatch.VisitArrived) -> _Says | None:
    """Who comes in time makes no fact. That somebody was late, and who it was, is ``VisitLate``'s word alone."""
    if event.at <= event.late_after:
        return None
    says: Values = {"minutes": event.late_minutes, "arrived": True}
    return _lateness(event.visit, event.engineer, says, event.work_order, ticket=event.ticket)


def _adjudicated(event: dispatch.ArrivalAdjudicated) -> _Says:
    """D5. ``VisitLate`` or its correction goes with it, where it changes who was late."""
    says: Values = {"arrived": event.arrived_at is not None}
    if event.late_minutes is not None:
        says["minutes"] = event.late_minutes
    more = {"ticket": event.ticket, "by": [event.adjudicated_by]}
    return _lateness(event.visit, event.engineer, says, event.work_order, **more)


def _substantiated(event: tickets.ComplaintSubstantiated) -> _Says | None:
    """4.2. A complaint about a lateness is about the very fact that dispatch may have seen as well (D7)."""
    if event.engineer is None:
        return None
    more: _Says = {"ticket": event.ticket, "complaint": event.complaint, "happened_at": event.happened_at}
    more |= {"by": [event.found_by, *filter(_is_person, event.prepared_by)]}
    says: Values = {"complaint": event.category.value}
    if event.category is ComplaintCategory.LATENESS and event.visit:
        return _lateness(event.visit, event.engineer, says, event.work_order, **more)
    return {
        "key": f"conduct:{event.complaint}",
        "kind": FactKind.CONDUCT,
        "engineer": event.engineer,
        "says": says | {"statement_lapsed": event.statement_lapsed},
        "visit": event.visit,
        "work_order": event.work_order,
        **more,
    }


# --- 4.4: left without telling headquarters ---------------------------------------------------------------------------


def _leaving(event: Any, says: Values, **more: Any) -> _Says:
    key = f"leaving:{event.visit}:{event.engineer}"
    facts = {"kind": FactKind.LEAVING, "engineer": event.engineer, "visit": event.visit, "says": says}
    return {"key": key, **facts, "work_order": event.work_order, **more}


def _left(event: dispatch.LeftWithoutReporting) -> _Says:
    says: Values = {"unreported": True, "call_demanded": event.call_demanded}
    return _leaving(event, says, happened_at=event.due, by=[event.assigned_by])


def _reported_in_time(event: dispatch.LeftWithoutReportingCorrected) -> _Says:
    return _leaving(event, {"unreported": False, "minutes": 0})


def _reported_late(event: dispatch.VisitCheckedOut | dispatch.CalledHomeLate) -> _Says | None:
    """A late report is evidence; that it was late is said by ``LeftWithoutReporting``."""
    return _leaving(event, {"minutes": event.late_minutes}) if event.late_minutes else None


# --- 4.6: not to be reached -------------------------------------------------------------------------------------------


def _phone(event: Any, says: Values, **more: Any) -> _Says:
    """D10: one fact for a duty day; a day may have several pairs of probes, and each is taken back for itself."""
    key, about = f"phone:{event.engineer}:{event.duty_day}", f"{event.first_call}+{event.second_call}"
    facts = {"kind": FactKind.PHONE, "engineer": event.engineer, "about": about, "says": says}
    return {"key": key, **facts, **more}


def _unanswered_call(event: dispatch.PhoneUnanswered) -> _Says:
    says: Values = {
        "unanswered": True,
        "outcomes": _texts([event.first_outcome, event.second_outcome]),
        "on_trip": event.trip is not None,
        "allowance": None if event.allowance is None else _amount(event.allowance),
    }
    return _phone(event, says, happened_at=event.second_at)


def _settled_call(event: dispatch.PhoneUnansweredWithdrawn) -> _Says:
    return _phone(event, {"unanswered": False})


# --- 4.7: headquarters' dispatch --------------------------------------------------------------------------------------


def _instruction(event: Any, told_at: datetime, says: Values, **more: Any) -> _Says:
    """One fact for one instruction, whether it was left unanswered, refused, or one after the other."""
    key = f"instruction:{event.visit}:{event.engineer}:{told_at.isoformat()}"
    facts = {"kind": FactKind.INSTRUCTION, "engineer": event.engineer, "visit": event.visit, "says": says}
    return {"key": key, **facts, "work_order": event.work_order, **more}


def _refused(event: dispatch.DispatchRefused) -> _Says:
    says: Values = {"refused": True, "delivered": event.delivered_at is not None, "safety": event.safety}
    told_at = event.delivered_at or event.assigned_at
    return _instruction(event, told_at, says, happened_at=event.at, by=[event.assigned_by])


def _unanswered(event: dispatch.DispatchUnanswered) -> _Says:
    says: Values = {"unanswered": True, "delivered": True}
    return _instruction(event, event.delivered_at, says, happened_at=event.due, by=[event.assigned_by])


def _answered_in_time(event: dispatch.DispatchUnansweredCorrected) -> _Says:
    if event.delivered_at is None:
        raise UnclearReport("an early DispatchUnansweredCorrected doesn't say when the instruction was delivered")
    return _instruction(event, event.delivered_at, {"unanswered": False})


# --- 4.3: receipts ----------------------------------------------------------------------------------------------------


def _fraud(event: dispatch.ExpenseFraudFound) -> _Says:
    says: Values = {
        "gravity": event.gravity.value,
        "deed": event.deed.value,
        "amount": _amount(event.amount),
        "repeated": event.repeated,
        "organised": event.organised,
        "criminal": event.criminal,
        "paid": event.paid,
    }
    return {
        "key": f"fraud:{event.claim}",
        "kind": FactKind.FRAUD,
        "engineer": event.engineer,
        "says": says,
        "claim": event.claim,
        "happened_at": event.happened_at,
        "by": [event.found_by, *filter(_is_person, [event.opened_by or ""])],
    }


def _rejected_line(event: dispatch.ExpenseLineRejected) -> _Says:
    says: Values = {
        "checks": _texts(event.checks),
        "kind": event.kind.value,
        "claimed": _amount(event.claimed),
        "allowed": _amount(event.allowed),
    }
    return {
        "key": f"expense_line:{event.claim}:{event.line}",
        "kind": FactKind.EXPENSE_LINE,
        "engineer": event.engineer,
        "says": says,
        "claim": event.claim,
        "happened_at": event.at,
        "by": [event.rejected_by],
    }


def _amount(amount: Decimal) -> str:
    return f"{amount:.2f}"


_TELLS: Mapping[type[Event], Callable[[Any], _Says | None]] = {
    dispatch.VisitLate: _late,
    dispatch.VisitLateCorrected: _not_late,
    dispatch.VisitArrived: _arrived,
    dispatch.ArrivalAdjudicated: _adjudicated,
    tickets.ComplaintSubstantiated: _substantiated,
    dispatch.LeftWithoutReporting: _left,
    dispatch.LeftWithoutReportingCorrected: _reported_in_time,
    dispatch.VisitCheckedOut: _reported_late,
    dispatch.CalledHomeLate: _reported_late,
    dispatch.PhoneUnanswered: _unanswered_call,
    dispatch.PhoneUnansweredWithdrawn: _settled_call,
    dispatch.DispatchRefused: _refused,
    dispatch.DispatchUnanswered: _unanswered,
    dispatch.DispatchUnansweredCorrected: _answered_in_time,
    dispatch.ExpenseFraudFound: _fraud,
    dispatch.ExpenseLineRejected: _rejected_line,
}

TOLD: frozenset[type[Event]] = frozenset(_TELLS)
"""The events that say something about facts."""
