"""One expense claim or trip, read from the log itself: its lines with what their checks came to, and why."""

from typing import Any

from services.dispatch.domain.claim_state import Claim, known
from services.dispatch.domain.names.expenses import CHECK, CHECK_OUTCOME, CLAIM_STATUS, EXPENSE_KIND
from services.dispatch.domain.names.trips import TRIP_STATUS
from services.dispatch.domain.trip import Trip
from services.dispatch.domain.trip import known as known_trip
from services.dispatch.wording.expenses import why
from shared.events.dispatch import CheckOutcome, CheckResult, ExpenseLine
from shared.language import Language, say


def shown(state: Claim, language: Language) -> dict[str, Any]:
    """A claim as JSON. Raises ``Refused`` where there is none."""
    drafted = known(state)
    assert state.status, "a claim that was begun has a status"
    last, doubt = state.last, state.investigation
    return {
        **drafted.model_dump(exclude={"at"}),
        "drafted_at": drafted.at,
        "status": state.status,
        "status_words": say(CLAIM_STATUS[state.status], language),
        "total": state.total,
        "approvable": state.approvable,
        "submission": state.submitted.submission if state.submitted else 0,
        "submitted_at": state.submitted.at if state.submitted else None,
        "general_manager": state.submitted.general_manager if state.submitted else None,
        "approvers": state.approvers,
        "lines": [_line(state, line, language) for line in state.lines.values()],
        "investigation": doubt.model_dump(include={"lines", "reason", "evidence", "at"}) if doubt else None,
        "last": {"event": type(last).__name__, **last.model_dump(exclude={"claim", "lines"})} if last else None,
    }


def _line(state: Claim, line: ExpenseLine, language: Language) -> dict[str, Any]:
    rejected = state.rejected.get(line.line)
    return {
        **line.model_dump(),
        "kind_words": say(EXPENSE_KIND[line.kind], language),
        "allowed": state.allowed(line),
        "rejected": rejected.reasons if rejected else None,
        "passed": not state.open_failures(line.line),
        "checks": [_check(state, result, language) for result in state.results if result.line == line.line],
    }


def _check(state: Claim, result: CheckResult, language: Language) -> dict[str, Any]:
    failed = result.outcome is CheckOutcome.FAILED
    return {
        **result.model_dump(exclude={"line"}),
        "title": say(CHECK[result.check], language),
        "outcome_words": say(CHECK_OUTCOME[result.outcome], language),
        "reason": say(why(result), language) if failed else None,
        "excepted": (result.line, result.check) in state.exceptions,
    }


def trip_shown(state: Trip, language: Language, *, allowance: bool) -> dict[str, Any]:
    """A trip as JSON, with what its claims use of the days' caps; the phone ``allowance`` is shown to few. Raises
    ``Refused`` where there is none."""
    planned = known_trip(state)
    assert state.status, "a trip that was planned has a status"
    return {
        **planned.model_dump(include={"trip", "number", "engineer", "home", "planned_by"}),
        **({"allowance_per_day": planned.allowance_per_day} if allowance else {}),
        "planned_at": planned.at,
        "status": state.status,
        "status_words": say(TRIP_STATUS[state.status], language),
        "starts": state.starts,
        "ends": state.ends,
        "stops": state.stops,
        "transit": state.transit,
        "cities": state.cities,
        "work_orders": tuple(dict.fromkeys(state.work_orders)),
        "claims": {str(claim): uses for claim, uses in state.uses.items()},
    }
