"""Until when each step of due process has to be done: by the spans of a policy version and China's workdays (D6)."""

from dataclasses import dataclass
from datetime import datetime

from services.penalties.domain import policy
from shared.calendar import WorkCalendar
from shared.events.penalties import PolicyTerms, Span


@dataclass(frozen=True, slots=True)
class Schedule:
    """The spans of the version that counts for a penalty, and the calendar by which workdays are counted.

    Each due time is the first moment at which it is too late. Raises ``Refused`` for a year whose holidays nobody has
    told the calendar.
    """

    terms: PolicyTerms
    calendar: WorkCalendar

    def notice(self, start: datetime) -> datetime:
        return self._due(self.terms.notice, start)

    def statement(self, start: datetime) -> datetime:
        return self._due(self.terms.statement, start)

    def decision(self, start: datetime) -> datetime:
        return self._due(self.terms.decision, start)

    def appeal(self, start: datetime) -> datetime:
        return self._due(self.terms.appeal, start)

    def appeal_decision(self, start: datetime) -> datetime:
        return self._due(self.terms.appeal_decision, start)

    def review(self, start: datetime) -> datetime:
        return self._due(self.terms.review, start)

    def _due(self, span: Span, start: datetime) -> datetime:
        return policy.due(span, start, self.calendar)
