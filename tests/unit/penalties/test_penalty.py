"""A penalty from the suspicion to the decision: who may do what, and what happens when nobody does (D6)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.penalties.domain import penalty
from services.penalties.domain import penalty_commands as wish
from services.penalties.domain.schedule import Schedule
from shared.decider import Refused
from shared.events.penalties import (
    Mode,
    PenaltyDeadline,
    PenaltyImposed,
    PenaltyNoticed,
    PenaltyStatus,
    PenaltyWaived,
    PolicyTerms,
    StatementGiven,
    StatementLapsed,
    SuspicionRaised,
    SuspicionWithdrawn,
    WaiverCause,
)
from tests.unit.penalties.penalty_examples import (
    CHINA,
    DAY,
    FINE,
    SCHEDULE,
    T0,
    decided,
    given,
    impose,
    notice,
    raise_,
    reconsider,
    state,
    timer,
    waive,
)

D = PenaltyDeadline
S = PenaltyStatus


def refused(found: Any, command: Any) -> str:
    """By which rule."""
    with pytest.raises(Refused) as refusal:
        penalty.decide(command, found)
    return refusal.value.code


def midnight_after(day: int, month: int = 10) -> datetime:
    """The end of that day in Shanghai."""
    return datetime(2026, month, day, 16, tzinfo=UTC)


def test_a_suspicion_says_all_that_a_decision_needs_and_until_when_to_tell_the_engineer() -> None:
    # when
    [raised] = decided(penalty.NEW, raise_())

    # then 5 workdays: 9, 10 (make-up Saturday), 12, 13, 14
    assert isinstance(raised, SuspicionRaised)
    assert raised.notice_due == midnight_after(14)
    assert raised.number.startswith("CF-20261008-")
    assert (raised.amount, raised.involved, raised.read) == (Decimal("50.00"), ("li.na",), {"minutes": 60})


def test_a_suspicion_raised_again_is_the_same_and_another_is_refused() -> None:
    raised = given(raise_())
    assert decided(raised, raise_(at=T0 + DAY)) == []
    assert refused(raised, raise_(amount=Decimal("10.00"))) == "penalty_exists"


def test_nothing_happens_to_what_was_never_suspected() -> None:
    assert refused(penalty.NEW, notice()) == "penalty_unknown"


# --- notice -----------------------------------------------------------------------------------------------------------


def test_the_engineer_is_told_and_has_24_hours() -> None:
    [noticed] = decided(given(raise_()), notice())
    assert isinstance(noticed, PenaltyNoticed)
    assert noticed.statement_due == T0 + timedelta(hours=24)
    assert decided(given(raise_(), notice()), notice()) == []


def test_what_is_recorded_late_takes_no_time_from_the_engineer() -> None:
    # given a notice and a decision that are put on record a day later than they say
    [noticed] = decided(given(raise_()), notice(recorded_at=T0 + DAY))
    [imposed] = decided(given(raise_(), notice(), state()), impose(recorded_at=T0 + DAY))

    # then the time for a statement, and for an appeal, runs from then
    assert (noticed.at, noticed.statement_due) == (T0, T0 + 2 * DAY)
    assert (imposed.at, imposed.appeal_due) == (T0, midnight_after(15))


def test_nobody_notices_themselves() -> None:
    assert refused(given(raise_()), notice(by="E04")) == "decider_is_subject"
    assert refused(given(raise_()), notice(by="sun.hong", decider_engineer="E04")) == "decider_is_subject"


def test_what_nobody_tells_the_engineer_in_time_is_waived() -> None:
    # given
    raised, due = given(raise_()), midnight_after(14)

    # when the time has passed, a little before the timer says so
    assert refused(raised, notice(at=due)) == "notice_too_late"
    assert refused(raised, timer(wish.LapseNotice, due - timedelta.resolution)) == "notice_not_due"
    [waived] = decided(raised, timer(wish.LapseNotice, due + timedelta(minutes=3)))

    # then it is waived as of the due time
    assert isinstance(waived, PenaltyWaived)
    assert (waived.at, waived.cause) == (due, WaiverCause.NOT_NOTICED)
    assert decided(given(raise_(), notice()), timer(wish.LapseNotice, due)) == []


# --- statement --------------------------------------------------------------------------------------------------------


def test_an_early_statement_starts_the_clock_of_the_decision() -> None:
    [stated] = decided(given(raise_(), notice()), state(at=T0 + timedelta(hours=2), files=("a" * 64,)))
    assert isinstance(stated, StatementGiven)
    assert (stated.late, stated.decision_due, stated.files) == (False, midnight_after(14), ("a" * 64,))


def test_a_lapsed_statement_starts_it_too_and_a_late_one_is_still_heard() -> None:
    # given nobody said anything for 24 hours
    noticed, due = given(raise_(), notice()), T0 + DAY

    # when the timer comes late
    [lapsed] = decided(noticed, timer(wish.LapseStatement, due + timedelta(minutes=5), schedule=SCHEDULE))

    # then the clock of the decision runs from the due time: 10, 12, 13, 14, 15
    assert isinstance(lapsed, StatementLapsed)
    assert (lapsed.at, lapsed.decision_due) == (due, midnight_after(15))

    # and the engineer may still speak, which doesn't stop it
    silent = penalty.evolve(noticed, lapsed)
    [stated] = decided(silent, state(at=T0 + 2 * DAY))
    assert (stated.late, stated.decision_due) == (True, midnight_after(15))
    assert penalty.evolve(silent, stated).clocks == {D.DECISION: midnight_after(15)}

    # also where no timer has said anything
    assert [type(event) for event in decided(noticed, state(at=T0 + 2 * DAY))] == [StatementLapsed, StatementGiven]


def test_only_the_subject_states_once_and_not_before_the_notice() -> None:
    noticed = given(raise_(), notice())
    assert refused(noticed, state(engineer="E05")) == "not_the_subject"
    assert refused(noticed, state(at=T0 - DAY)) == "before_notice"
    stated = given(raise_(), notice(), state())
    assert decided(stated, state()) == []
    assert refused(stated, state(statement="另有隐情")) == "penalty_stated"


# --- the decision -----------------------------------------------------------------------------------------------------


def test_what_the_policy_provides_for_is_imposed() -> None:
    [imposed] = decided(given(raise_(), notice(), state()), impose())
    assert isinstance(imposed, PenaltyImposed)
    assert (imposed.amount, imposed.score, imposed.consequence) == (Decimal("50.00"), 0, FINE)
    assert imposed.appeal_due == midnight_after(14)


def test_where_fines_are_unlawful_only_the_score_is_kept() -> None:
    """D8"""
    [imposed] = decided(given(raise_(), notice(), state()), impose(mode=Mode.SCORE_ONLY))
    assert (imposed.amount, imposed.score, imposed.allowance) == (Decimal("0.00"), 2, False)


@pytest.mark.parametrize("decision", [impose, waive])
def test_nobody_decides_before_the_engineer_was_heard(decision: Any) -> None:
    # given
    noticed = given(raise_(), notice())

    # then not before the statement, or the end of the time for it
    assert refused(given(raise_()), decision()) == "penalty_suspected"
    assert refused(noticed, decision(at=T0 + timedelta(hours=23))) == "statement_awaited"

    # which is recorded though no timer came
    assert isinstance(decided(noticed, decision(at=T0 + DAY))[0], StatementLapsed)


@pytest.mark.parametrize("decision", [impose, waive])
def test_whoever_decides_stands_outside(decision: Any) -> None:
    """⚖ D6: not the subject, not who sent them, not who told them of it, under whatever name."""
    stated = given(raise_(involved=("li.na", "E09")), notice(), state())
    assert refused(stated, decision(by="E04")) == "decider_is_subject"
    assert refused(stated, decision(decider_engineer="E04")) == "decider_is_subject"
    assert refused(stated, decision(by="li.na")) == "decider_involved"
    assert refused(stated, decision(decider_engineer="E09")) == "decider_involved"
    assert refused(stated, decision(by="sun.hong")) == "decider_took_part"
    assert decided(stated, decision(decider_engineer="E77"))


def test_it_is_decided_once() -> None:
    imposed, waived = given(raise_(), notice(), state(), impose()), given(raise_(), notice(), state(), waive())
    assert decided(imposed, impose()) == []
    assert decided(waived, waive()) == []
    assert refused(imposed, waive(by="he.ping")) == "penalty_imposed"
    assert refused(waived, impose(by="he.ping")) == "penalty_waived"
    assert refused(imposed, impose(reasons="另有理由")) == "penalty_imposed"


def test_undecided_after_five_workdays_is_waived() -> None:
    """D6"""
    stated, due = given(raise_(), notice(), state()), midnight_after(14)
    assert refused(stated, impose(at=due)) == "decision_too_late"
    assert refused(stated, timer(wish.LapseDecision, due - DAY)) == "decision_not_due"
    [waived] = decided(stated, timer(wish.LapseDecision, due + DAY))
    assert (waived.at, waived.cause) == (due, WaiverCause.UNDECIDED)
    assert decided(given(raise_(), notice()), timer(wish.LapseDecision, due)) == []


def test_no_timer_for_weeks_makes_no_decision_in_time() -> None:
    """The clock of the decision runs from the end of the time for the statement, whether a timer said so or not."""
    noticed = given(raise_(), notice())
    assert refused(noticed, impose(at=midnight_after(15))) == "decision_too_late"
    assert refused(noticed, state(at=midnight_after(15))) == "decision_too_late"
    assert decided(noticed, impose(at=midnight_after(15) - timedelta.resolution))


def test_of_one_fact_one_penalty_stands_at_most() -> None:
    """D7"""
    stated = given(raise_(), notice(), state())
    assert refused(stated, impose(standing="CF-20261003-7F3KQ2")) == "another_penalty_stands"


def test_nothing_is_decided_before_what_was_before() -> None:
    assert refused(given(raise_(), notice(), state(at=T0 + DAY / 2)), impose(at=T0)) == "before_last_step"


# --- what becomes known -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "waited_for"),
    [([], D.NOTICE), ([notice()], D.STATEMENT), ([notice(), state()], D.DECISION)],
)
def test_what_is_excused_before_the_decision_is_withdrawn(steps: list[Any], waited_for: D) -> None:
    # given
    found = given(raise_(), *steps)

    # when
    [withdrawn] = decided(found, reconsider(at=T0 + timedelta(hours=1)))

    # then nothing is waited for any more
    assert isinstance(withdrawn, SuspicionWithdrawn)
    assert withdrawn.dropped == (waited_for,)
    after = penalty.evolve(found, withdrawn)
    assert (after.status, after.clocks) == (S.WITHDRAWN, {})
    assert decided(after, reconsider()) == []
    assert decided(after, reconsider(event="dispatch-100")) == []


def test_what_was_waived_needs_no_review() -> None:
    assert decided(given(raise_(), notice(), state(), waive()), reconsider()) == []


# --- until when -------------------------------------------------------------------------------------------------------


def test_a_year_whose_holidays_nobody_knows_is_said() -> None:
    late = datetime(2026, 12, 30, tzinfo=UTC)
    assert refused(penalty.NEW, raise_(at=late)) == "calendar_unknown"
    known = Schedule(PolicyTerms(rules=()), CHINA.with_dates(complete_years=[2027]))
    assert decided(penalty.NEW, raise_(at=late, schedule=known))


def test_available_says_what_is_open_to_whom_and_why_the_rest_isnt() -> None:
    noticed = given(raise_(), notice())
    for_engineer = penalty.available(noticed, "E04", "E04", T0, SCHEDULE)
    for_manager = penalty.available(noticed, "zhao.min", None, T0 + DAY, SCHEDULE)
    assert {action for action, why in for_engineer.items() if why is None} == {"give_statement"}
    assert {action for action, why in for_manager.items() if why is None} == {"impose", "waive"}
    why = for_manager["lodge_appeal"]
    assert why
    assert "已告知" in why.zh
