"""Expense claims on their way from the engineer to the money (5.1).

``day`` is that of the payment; None before.
Whatever changes in this file has the view built anew; how it is read is in ``expenses_reading``.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from psycopg import AsyncConnection

from services.reporting.views import lines
from services.reporting.views.lines import Facts, Line
from shared.eventlog import Recorded
from shared.events import dispatch as fact
from shared.events.base import Event
from shared.events.dispatch import ClaimStatus as S
from shared.projection import View

_EVENTS: frozenset[type[Event]] = frozenset(
    {
        fact.ExpenseDrafted,
        fact.ExpenseSubmitted,
        fact.ExpenseChecked,
        fact.ExpenseManagerApproved,
        fact.ExpenseGeneralManagerApproved,
        fact.ExpenseApproved,
        fact.ExpensePaid,
        fact.ExpenseReturned,
        fact.ExpenseRevisionStarted,
        fact.ExpenseRejected,
        fact.ExpenseWithdrawn,
        fact.ExpenseInvestigationOpened,
        fact.ExpenseRestored,
        fact.ExpenseFraudFound,
    }
)
ENDED = frozenset({S.PAID, S.REJECTED, S.WITHDRAWN, S.FRAUD_FOUND})
_LEADS_TO: dict[type[Event], S] = {
    fact.ExpenseSubmitted: S.SUBMITTED,
    fact.ExpenseChecked: S.CHECKED,
    fact.ExpenseManagerApproved: S.MANAGER_APPROVED,
    fact.ExpenseGeneralManagerApproved: S.GENERAL_MANAGER_APPROVED,
    fact.ExpenseApproved: S.FINANCE_APPROVED,
    fact.ExpensePaid: S.PAID,
    fact.ExpenseReturned: S.RETURNED,
    fact.ExpenseRevisionStarted: S.DRAFT,
    fact.ExpenseRejected: S.REJECTED,
    fact.ExpenseWithdrawn: S.WITHDRAWN,
    fact.ExpenseInvestigationOpened: S.UNDER_INVESTIGATION,
    fact.ExpenseFraudFound: S.FRAUD_FOUND,
}


def claim_line(known: Facts | None, recorded: Recorded[Any]) -> Line | None:
    """A claim after one more of its events."""
    event = recorded.event
    if isinstance(event, fact.ExpenseDrafted):
        new = {"total": None, "submitted_at": None, "general_manager": False, "failed": 0, "paid_on": None}
        told = event.model_dump(mode="json", include={"claim", "number", "engineer", "trip_number"})
        return _line({**told, **new, **_since(S.DRAFT, event)})
    return _line({**known, **_changes(known, event)}) if known else None


def _line(facts: Facts) -> Line:
    paid_on = facts["paid_on"]
    return Line(facts, facts["status"] not in ENDED, None if paid_on is None else date.fromisoformat(paid_on))


def _changes(known: Facts, event: Any) -> Facts:
    status = event.status if isinstance(event, fact.ExpenseRestored) else _LEADS_TO[type(event)]
    changes = dict(_since(status, event))
    match event:
        case fact.ExpenseSubmitted():
            at = event.at.isoformat()
            changes |= {"total": str(event.total), "submitted_at": at, "general_manager": event.general_manager}
        case fact.ExpenseChecked():
            changes["failed"] = len(event.failed)
        case fact.ExpenseApproved():
            changes["total"] = str(event.total)
        case fact.ExpensePaid():
            changes |= {"total": str(event.total), "paid_on": event.paid_on.isoformat()}
    return changes


def _since(status: S, event: Any) -> Facts:
    return {"status": status.value, "since": event.at.isoformat()}


async def _apply(connection: AsyncConnection, batch: Sequence[Recorded[Any]]) -> None:
    await lines.keep(connection, batch, claim_line)


EXPENSES = View("expenses", ("dispatch",), lines.TABLES, _apply, _EVENTS)
