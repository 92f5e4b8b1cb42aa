"""The terms of visits: grace times and thresholds, in versions."""

from decimal import Decimal

from pydantic import Field

from shared.events.base import Moment
from shared.events.dispatch.values import DispatchEvent


class VisitPolicyAdopted(DispatchEvent):
    """上门制度版本 · From ``valid_from`` these terms hold for what happens; earlier facts keep theirs."""

    version: int = Field(ge=1)
    valid_from: Moment
    grace_minutes: int = Field(ge=0)
    """After the agreed arrival, before it counts as late (3.4b, 4.5)."""
    answer_minutes: int = Field(ge=1)
    """In which a delivered instruction is answered (4.7, D15)."""
    report_minutes: int = Field(ge=1)
    """After the job, in which headquarters is told (4.4, D14)."""
    call_demanded: bool
    """Only a call counts as a report to headquarters (D14)."""
    radius_m: int = Field(ge=1)
    """Metres around a site within which an arrival counts as there."""
    accuracy_m: int = Field(ge=1)
    """Metres: a position that is less sure than this shows nothing."""
    offline_minutes: int = Field(ge=1)
    """What is told later than this after it happened came from offline."""
    patience_minutes: int = Field(ge=0)
    """How long the rest of what was told offline may be on its way, before a missing check-out is looked for."""
    visit_minutes: int = Field(ge=1)
    """How long a visit takes where nobody says otherwise."""
    people_rate: Decimal = Field(ge=0)
    """What an engineer's hour on site costs, CNY."""
    adopted_by: str
