"""Penalties by how far each is: numbers, and nothing from which one person could be told.

A line says of a penalty its rule, its stage and its dates, and not whom it is about; ``day`` is that of its last step.
Whatever changes in this file has the view built anew; how it is read is in ``penalty_stages_reading``.
"""

from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection

from services.reporting.views import lines
from services.reporting.views.lines import Facts, Line
from shared.calendar import day_of
from shared.eventlog import Recorded
from shared.events import penalties as fact
from shared.events.base import Event
from shared.events.penalties import PenaltyStatus as S
from shared.projection import View

_LEADS_TO: dict[type[Event], S] = {
    fact.SuspicionRaised: S.SUSPECTED,
    fact.SuspicionWithdrawn: S.WITHDRAWN,
    fact.PenaltyNoticed: S.NOTICED,
    fact.StatementGiven: S.STATED,
    fact.StatementLapsed: S.STATEMENT_LAPSED,
    fact.PenaltyWaived: S.WAIVED,
    fact.PenaltyImposed: S.IMPOSED,
    fact.AppealLodged: S.APPEALED,
    fact.AppealDecided: S.APPEAL_DECIDED,
    fact.PenaltyFinal: S.FINAL,
    fact.PenaltyExecuted: S.EXECUTED,
    fact.PenaltyReversed: S.REVERSED,
}
_BESIDE: frozenset[type[Event]] = frozenset({fact.ReviewOpened, fact.ReviewDecided})
ENDED = frozenset({S.WITHDRAWN, S.WAIVED, S.APPEAL_DECIDED, S.EXECUTED, S.REVERSED})
"""An appeal that is decided and no more has revoked the penalty; what was upheld is final by its own event."""


def penalty_line(known: Facts | None, recorded: Recorded[Any]) -> Line | None:
    """A penalty after one more of its events."""
    event = recorded.event
    if isinstance(event, fact.SuspicionRaised):
        known = {"rule": event.rule, "clause": event.clause, "review": False, "due": None}
    elif known is None:
        return None
    changes: dict[str, Any] = {}
    if (status := _LEADS_TO.get(type(event))) is not None:
        changes = {"status": status.value, "since": event.at.isoformat(), "due": _due(event)}
    elif isinstance(event, fact.ReviewOpened):
        changes = {"review": True}
    else:
        changes = {"review": False}
    facts = {**known, **changes}
    return Line(facts, facts["status"] not in ENDED or facts["review"], day_of(event.at))


def _due(event: Any) -> str | None:
    """Until when the next step has to be taken (D6)."""
    for name in ("notice_due", "statement_due", "decision_due", "appeal_due"):
        if (due := getattr(event, name, None)) is not None:
            return str(due.isoformat())
    return None


async def _apply(connection: AsyncConnection, batch: Sequence[Recorded[Any]]) -> None:
    await lines.keep(connection, batch, penalty_line)


PENALTY_STAGES = View("penalty_stages", ("penalties",), lines.TABLES, _apply, frozenset(_LEADS_TO) | _BESIDE)
