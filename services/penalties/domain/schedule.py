"""Until when each step of due process has to be done: by the spans of a policy version and China's workdays (D6)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.calendar import CalendarUnknown, WorkCalendar
from shared.decider import Refused
from shared.events.penalties import PolicyTerms, Span, SpanUnit


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
        if span.unit is SpanUnit.HOURS:
            return start + timedelta(hours=span.amount)
        try:
            return self.calendar.add_workdays(start, span.amount)
        except CalendarUnknown as unknown:
            raise Refused(
                "calendar_unknown",
                f"尚未登记 {unknown.year} 年的节假日与调休，无法计算期限；请先登记。",
                f"The holidays of {unknown.year} aren't recorded yet, so no due time can be told: record them first.",
            ) from unknown
