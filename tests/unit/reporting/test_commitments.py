"""Which event makes, keeps, breaks or excuses which promise."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.domain.commitments import (
    BY_CODE,
    CLAUSES,
    RULES,
    Mark,
    Marked,
    Outcome,
    Promise,
    marks,
    outcome_of,
)
from services.reporting.views.commitments_reading import Asked, PromiseShown, report
from shared.events import dispatch, reporting, tickets
from shared.events.base import Event
from shared.events.dispatch import ArrivalGrade, Delay, KnownCause
from tests.unit.dispatch.test_visit_lives import VisitLife
from tests.unit.tickets.test_lives import TicketLife

NOW = datetime(2026, 10, 5, 1, tzinfo=UTC)
TICKET, VISIT = UUID(int=1), UUID(int=2)


def became(clause: str, *events: Event) -> Promise | None:
    """What became of the one promise of ``clause`` that the events tell of."""
    told = [mark for event in events for mark in marks(event, UUID(int=9)) if mark.clause == clause]
    subjects = {mark.subject for mark in told if mark.subject}
    assert len(subjects) == 1, subjects
    return outcome_of(told, always=BY_CODE[clause].always)


def partly(kind: type[Any], **facts: Any) -> Any:
    """An event with the facts that count here."""
    return kind.model_construct(**{"at": NOW, "ticket": TICKET, "visit": VISIT, **facts})


def opened() -> Any:
    return partly(tickets.TicketOpened, received_at=NOW, answer_due=NOW + timedelta(hours=24))


def answered(late: int) -> Any:
    return partly(tickets.FirstAnswerGiven, due=NOW + timedelta(hours=24), late_minutes=late)


def overdue() -> Any:
    return partly(tickets.AnswerOverdue, due=NOW + timedelta(hours=24))


def test_an_answer_in_time_keeps_the_promise_and_a_late_one_breaks_it() -> None:
    assert became("3.4a", opened()) == Promise(Outcome.OPEN, NOW)
    assert became("3.4a", opened(), answered(0)) == Promise(Outcome.KEPT, NOW)
    assert became("3.4a", opened(), overdue()) == Promise(Outcome.MISSED, NOW)
    assert became("3.4a", opened(), overdue(), answered(12)) == Promise(Outcome.MISSED, NOW)


def test_a_correction_makes_it_kept_after_all() -> None:
    right = partly(tickets.AnswerOverdueCorrected, due=NOW + timedelta(hours=24), answered_at=NOW)
    found = became("3.4a", opened(), overdue(), right)
    assert found
    assert found.outcome is Outcome.KEPT


def test_who_cancels_expects_no_answer_and_what_was_missed_before_stays_so() -> None:
    cancelled = partly(tickets.TicketCancelled)
    ends = [mark for mark in marks(cancelled, TICKET) if mark.clause == "3.4a"]
    gone = outcome_of([*marks(opened(), TICKET), *ends])
    missed = outcome_of([*marks(opened(), TICKET), *marks(overdue(), TICKET), *ends])
    assert gone
    assert missed
    assert (gone.outcome, missed.outcome) == (Outcome.DROPPED, Outcome.MISSED)


def assigned() -> Any:
    return partly(dispatch.VisitAssigned, agreed_arrival=NOW)


def late(*causes: Delay) -> Any:
    return partly(dispatch.VisitLate, causes=tuple(KnownCause(cause=cause) for cause in causes))


def arrived(minutes: int) -> Any:
    at = NOW + timedelta(minutes=minutes)
    facts = {"late_after": NOW + timedelta(minutes=10), "late_minutes": minutes, "grade": ArrivalGrade.MANUAL}
    return partly(dispatch.VisitArrived, **{**facts, "at": at})


@pytest.mark.parametrize(
    ("events", "outcome", "code"),
    [
        ((arrived(0),), Outcome.KEPT, None),
        ((arrived(10),), Outcome.KEPT, None),
        ((arrived(11),), Outcome.MISSED, None),
        ((late(), arrived(30)), Outcome.MISSED, None),
        ((late(Delay.TRAFFIC), arrived(30)), Outcome.MISSED, None),
        ((late(Delay.CUSTOMER), arrived(30)), Outcome.EXCUSED, "customer"),
        ((late(Delay.TRAFFIC, Delay.WEATHER),), Outcome.EXCUSED, "weather"),
    ],
)
def test_an_arrival_within_grace_keeps_the_promise_and_some_causes_excuse(
    events: tuple[Any, ...], outcome: Outcome, code: str | None
) -> None:
    assert became("3.4b", assigned(), *events) == Promise(outcome, NOW, code)


def test_what_is_agreed_anew_counts_from_then_on() -> None:
    tomorrow = NOW + timedelta(days=1)
    moved = partly(dispatch.VisitRescheduled, counts=True, agreed_arrival=tomorrow)
    too_late = partly(dispatch.VisitRescheduled, counts=False, agreed_arrival=NOW)
    assert became("3.4b", assigned(), moved) == Promise(Outcome.OPEN, tomorrow)
    assert became("3.4b", assigned(), late(), too_late) == Promise(Outcome.MISSED, NOW)


def test_a_refusal_for_safety_is_excused() -> None:
    told = partly(dispatch.InstructionDelivered)
    assert became("4.7", told, partly(dispatch.DispatchRefused, safety=True)) == Promise(Outcome.EXCUSED, NOW, "safety")
    refused = became("4.7", told, partly(dispatch.DispatchRefused, safety=False))
    assert refused
    assert refused.outcome is Outcome.MISSED


def test_a_part_is_there_in_time_on_the_day_it_is_needed_by() -> None:
    asked = partly(dispatch.SparePartRequested, request=UUID(int=3), needed_by=NOW.date())
    day_end = datetime(2026, 10, 5, 16, tzinfo=UTC)
    for at, outcome in ((day_end - timedelta(seconds=1), Outcome.KEPT), (day_end, Outcome.MISSED)):
        found = became("5.2", asked, partly(dispatch.SparePartDelivered, request=UUID(int=3), at=at))
        assert found
        assert found.outcome is outcome


def test_what_was_never_promised_is_no_promise_kept() -> None:
    assert became("2.1", partly(tickets.TicketResolved)) is None


@given(
    st.lists(
        st.builds(
            Marked,
            st.just("3.4b"),
            st.just("x"),
            st.sampled_from(list(Mark)),
            st.timedeltas(timedelta(0), timedelta(days=9)).map(NOW.__add__),
            st.just(VISIT),
        )
    )
)
def test_every_promise_has_one_outcome_and_there_is_none_without_a_promise(told: list[Marked]) -> None:
    found = outcome_of(told)
    assert (found is not None) == any(mark.mark is Mark.PROMISED for mark in told)


# --- against the services' own rules ----------------------------------------------------------------------------------


def test_over_whole_lives_a_visit_that_arrived_late_is_never_kept() -> None:
    _walk(VisitLife, _arrivals)


def test_over_whole_lives_a_late_answer_is_never_kept() -> None:
    _walk(TicketLife, _answers)


def _walk(machine: type[Any], check: Any) -> None:
    from hypothesis import settings
    from hypothesis.stateful import invariant, run_state_machine_as_test

    class Checked(machine):  # type: ignore[misc] # any life
        @invariant()
        def promises_are_what_the_service_knows(self) -> None:
            check(self)

    run_state_machine_as_test(Checked, settings=settings(max_examples=30, stateful_step_count=20, deadline=None))


def _arrivals(life: Any) -> None:
    told = [mark for event in life.history for mark in marks(event, VISIT) if mark.clause == "3.4b"]
    found = outcome_of(told)
    if found is None or found.outcome is Outcome.DROPPED or life.state.adjudicated:
        return
    if life.state.arrived and found.outcome is Outcome.KEPT:
        assert not life.state.late
    if life.state.late:
        assert found.outcome in (Outcome.MISSED, Outcome.EXCUSED)


def _answers(life: Any) -> None:
    last = next((e for e in reversed(life.history) if isinstance(e, tickets.FirstAnswerGiven)), None)
    if last is None:
        return
    due = f"{last.due:%Y%m%d%H%M%S}"
    every = (mark for event in life.history for mark in marks(event, TICKET))
    told = [mark for mark in every if mark.clause == "3.4a" and due in mark.subject]
    if sum(mark.mark is Mark.PROMISED for mark in told) > 1:
        return  # asked again in the very same second
    found = outcome_of(told)
    assert found
    assert (found.outcome is Outcome.KEPT) == (last.late_minutes == 0)


# --- the report -------------------------------------------------------------------------------------------------------


def shown(clause: str, outcome: Outcome, code: str | None = None) -> PromiseShown:
    return PromiseShown(
        clause=clause,
        subject="x",
        number=None,
        customer=None,
        customer_name=None,
        at=NOW,
        outcome=outcome,
        code=code,
        evidence=[],
    )


ALL = Asked(NOW.date(), NOW.date(), None, {"tickets": 1, "dispatch": 1, "reporting": 1})


@given(st.lists(st.sampled_from([(c.code, o) for c in CLAUSES for o in Outcome if c.measured])))
def test_the_figures_of_a_clause_add_up(found: list[tuple[str, Outcome]]) -> None:
    data = report(ALL, [shown(*each) for each in found])
    assert [line.clause for line in data.clauses] == [clause.code for clause in CLAUSES]
    for line in data.clauses:
        assert line.promised == line.kept + line.missed + line.excused + line.open + line.dropped
        assert (line.kept_percent is None) == (line.kept + line.missed == 0)
    assert sum(line.promised for line in data.clauses) == len(found)


def test_the_share_is_of_what_was_kept_and_missed_and_excuses_are_told() -> None:
    kept, missed = shown("3.4b", Outcome.KEPT), shown("3.4b", Outcome.MISSED)
    found = [kept, kept, missed, shown("3.4b", Outcome.EXCUSED, "weather")]
    line = next(each for each in report(ALL, found).clauses if each.clause == "3.4b")
    assert (line.kept_percent, line.excuses) == (Decimal("66.7"), {"weather": 1})


def test_a_customers_report_has_nothing_of_persons_or_of_the_company_inside() -> None:
    data = report(Asked(NOW.date(), NOW.date(), "光明物业", {}), [])
    assert not {"3.7", "4.4", "4.6", "4.7", "5.1", "5.2", "5.4"} & {line.clause for line in data.clauses}


def test_every_rule_is_of_a_clause_that_is_measured() -> None:
    assert {clause.code for clause in CLAUSES if not clause.measured} == {"一", "2.4", "3.8", "4.3", "4.5", "三"}
    assert len(RULES) > 50


def test_what_is_done_too_late_is_not_kept_unless_it_was_in_time_after_all() -> None:
    told = partly(dispatch.InstructionDelivered)
    unanswered, accepted = partly(dispatch.DispatchUnanswered), partly(dispatch.VisitAccepted)
    late = became("4.7", told, unanswered, accepted)
    right = became("4.7", told, unanswered, accepted, partly(dispatch.DispatchUnansweredCorrected))
    assert late
    assert right
    assert (late.outcome, right.outcome) == (Outcome.MISSED, Outcome.KEPT)


@pytest.mark.parametrize(("days", "outcome"), [(2, Outcome.KEPT), (3, Outcome.MISSED)])
def test_a_report_that_is_issued_after_its_time_is_missed(days: int, outcome: Outcome) -> None:
    report = UUID(int=4)
    due = NOW + timedelta(days=3)
    opened_ = reporting.MonthOpened.model_construct(at=NOW, report=report, due=due)
    issued = reporting.MonthlyReportIssued.model_construct(at=NOW + timedelta(days=days), report=report)
    found = became("5.4", opened_, issued)
    assert found
    assert found.outcome is outcome
