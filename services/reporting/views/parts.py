"""Spare-part requests in flow: asked for, made or bought, inspected, shipped, used (5.2, 0.2).

``day`` is that by which the part is needed.
Whatever changes in this file has the view built anew; how it is read is in ``parts_reading``.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from psycopg import AsyncConnection

from services.reporting.views import lines
from services.reporting.views.lines import Facts, Line
from shared.eventlog import Recorded
from shared.events import dispatch as fact
from shared.events.base import Event
from shared.events.dispatch import PartRequestStatus as S
from shared.projection import View

_LEADS_TO: dict[type[Event], S] = {
    fact.SparePartRequestApproved: S.APPROVED,
    fact.SparePartReserved: S.RESERVED,
    fact.ProductionPlanned: S.PRODUCTION_PLANNED,
    fact.SparePartProduced: S.PRODUCED,
    fact.PurchaseOrdered: S.PURCHASE_ORDERED,
    fact.SparePartReceived: S.RECEIVED,
    fact.QualityReleased: S.QUALITY_RELEASED,
    fact.SparePartShipped: S.SHIPPED,
    fact.SparePartDelivered: S.DELIVERED,
    fact.SparePartRequestClosed: S.CLOSED,
    fact.SparePartRequestRejected: S.REJECTED,
    fact.SparePartRequestCancelled: S.CANCELLED,
}
_BESIDE: frozenset[type[Event]] = frozenset(
    {
        fact.QualityRefused,
        fact.SparePartConsumed,
        fact.SparePartUseCorrected,
        fact.SparePartReturned,
        fact.OldPartOverdue,
        fact.OldPartReturned,
        fact.OldPartWaived,
    }
)
ENDED = frozenset({S.CLOSED, S.REJECTED, S.CANCELLED})

_ASKED = {
    "request",
    "number",
    "part_code",
    "part_name",
    "supply",
    "unit",
    "quantity",
    "engineer",
    "destination",
    "needed_by",
    "work_order",
}
_NEW: Facts = {"due": None, "refused": 0, "used": "0", "carrier": None, "waybill": None, "old_part_overdue": False}


def request_line(known: Facts | None, recorded: Recorded[Any]) -> Line | None:
    """A request after one more of its events."""
    event = recorded.event
    if isinstance(event, fact.SparePartRequested):
        told = event.model_dump(mode="json", include=_ASKED)
        return _line({**told, **_NEW, **_since(S.REQUESTED, event), "requested_at": event.at.isoformat()})
    return _line({**known, **_changes(known, event)}) if known else None


def _line(facts: Facts) -> Line:
    return Line(facts, facts["status"] not in ENDED, date.fromisoformat(facts["needed_by"]))


def _changes(known: Facts, event: Any) -> Facts:
    status = _LEADS_TO.get(type(event))
    changes = dict(_since(status, event)) if status else {}
    match event:
        case fact.ProductionPlanned() | fact.PurchaseOrdered():
            changes["due"] = event.due.isoformat()
        case fact.SparePartShipped():
            changes |= {"carrier": event.carrier, "waybill": event.waybill}
        case fact.QualityRefused():  # 0.2: other goods have to be procured
            changes |= {**_since(S.APPROVED, event), "refused": known["refused"] + 1, "due": None}
        case fact.SparePartConsumed():
            changes = _accounted(event, Decimal(known["used"]) + event.quantity)
        case fact.SparePartUseCorrected():  # what wasn't used has to be accounted for again
            changes |= {**_since(S.DELIVERED, event), "used": str(Decimal(known["used"]) - event.difference)}
            changes |= {"old_part_overdue": False} if event.old_part_dropped else {}
        case fact.SparePartReturned():
            changes = _accounted(event, Decimal(known["used"]))
        case fact.OldPartOverdue():
            changes["old_part_overdue"] = True
        case fact.OldPartReturned() | fact.OldPartWaived():
            changes["old_part_overdue"] = False
    return changes


def _accounted(event: fact.SparePartConsumed | fact.SparePartReturned, used: Decimal) -> dict[str, Any]:
    """With the last of the quantity it is over: used, if anything was."""
    over = _since(S.CONSUMED if used else S.RETURNED, event) if event.complete else {}
    return {**over, "used": str(used)}


def _since(status: S, event: Any) -> Facts:
    return {"status": status.value, "since": event.at.isoformat()}


async def _apply(connection: AsyncConnection, batch: Sequence[Recorded[Any]]) -> None:
    await lines.keep(connection, batch, request_line)


_EVENTS: frozenset[type[Event]] = _BESIDE | {fact.SparePartRequested, *_LEADS_TO}
PARTS = View("parts", ("dispatch",), lines.TABLES, _apply, _EVENTS)
