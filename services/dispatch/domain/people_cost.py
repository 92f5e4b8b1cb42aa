"""What an engineer's time on site costs (5.4)."""

from decimal import Decimal

from services.dispatch.domain.visit_policy import VisitTerms
from services.dispatch.domain.visit_state import Visit
from shared.money import to_fen

HOUR = 60


def people_cost(visit: Visit, terms: VisitTerms) -> Decimal:
    """CNY for the time from arrival to the end of the work, without pauses; nothing as long as either isn't known."""
    minutes = visit.worked()
    if minutes is None:
        return Decimal("0.00")
    return to_fen(terms.people_rate * Decimal(round(minutes)) / HOUR)
