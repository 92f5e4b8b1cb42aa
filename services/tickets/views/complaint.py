"""One complaint, read from the log itself."""

from collections.abc import Sequence
from typing import Any

from services.tickets.domain.complaint import Complaint, known
from services.tickets.domain.names import COMPLAINT_CATEGORY, COMPLAINT_STATUS
from shared.eventlog import Recorded
from shared.events import tickets as fact
from shared.language import Language, say


def shown(state: Complaint, recorded: Sequence[Recorded[Any]], language: Language) -> dict[str, Any]:
    """A complaint as JSON. Raises ``Refused`` where there is none."""
    lodged = known(state)
    assert state.status, "a complaint that was lodged has a status"
    evidence = [each.event for each in recorded if isinstance(each.event, fact.EvidenceAdded)]
    return {
        **lodged.model_dump(exclude={"lodged_by"}),
        "lodged_at": lodged.at,
        "engineer": state.engineer,
        "status": state.status,
        "status_words": say(COMPLAINT_STATUS[state.status], language),
        "category_words": say(COMPLAINT_CATEGORY[lodged.category], language),
        "investigator": state.investigator,
        "statement_due": state.subject.statement_due if state.subject else None,
        "statement": state.statement.statement if state.statement else None,
        "statement_lapsed": state.lapsed,
        "evidence": [each.model_dump(include={"sha256", "description", "at"}) for each in evidence],
        "finding": state.finding.model_dump(include={"category", "finding", "reasons", "at"})
        if state.finding
        else None,
        "remedy": state.plan.model_dump(include={"remedy", "responsible", "due", "at"}) if state.plan else None,
        "remedy_outcome": state.outcome.outcome if state.outcome else None,
        "withdrawn": state.withdrawn.reason if state.withdrawn else None,
    }
