"""The phone-duty policy: versions, and what they may not say."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from services.dispatch.domain import duty_policy
from services.dispatch.domain.duty_policy import AcknowledgeDutyPolicy, AdoptDutyPolicy, Terms
from shared.events import dispatch as fact
from shared.events.telephony import CallOutcome
from tests.unit.dispatch.people import TODAY, at
from tests.unit.tickets.story import given

TOMORROW = TODAY + timedelta(days=1)


def adopt(valid_from: date = TOMORROW, clock: str = "09:00", **terms: Any) -> AdoptDutyPolicy:
    return AdoptDutyPolicy(at=at(clock), by="zhao.min", valid_from=valid_from, terms=Terms(**terms), reason="试行")


def test_it_begins_with_what_the_commitment_says() -> None:
    terms = duty_policy.NEW.on(TODAY).terms
    assert (terms.opens, terms.closes) == (time(8), time(22))  # D12
    assert (terms.occurrence_minutes, terms.per_day) == (30, 1)  # D10
    assert (terms.gap_minutes, terms.call_back_minutes) == (10, 30)  # D11


def test_a_version_holds_from_its_day() -> None:
    story = given(duty_policy, adopt(opens=time(9)), adopt(TOMORROW + timedelta(days=7), opens=time(7)))
    versions = [story.now().on(TODAY + timedelta(days=days)).version for days in (0, 1, 7, 8, 900)]
    assert versions == [1, 2, 2, 3, 3]


def test_of_two_for_one_day_the_later_adopted_holds() -> None:
    story = given(duty_policy, adopt(gap_minutes=12), adopt(gap_minutes=15))
    assert story.now().on(TOMORROW).terms.gap_minutes == 15


def test_nobody_is_bound_before_it_is_known() -> None:
    given(duty_policy).when(adopt(TODAY)).refused("policy_binds_the_past")
    given(duty_policy).when(adopt(TODAY, clock="00:00")).refused("policy_binds_the_past")
    given(duty_policy).when(adopt(TOMORROW, clock="23:59")).then(fact.DutyPolicyAdopted).saying(version=2)


def test_the_same_again_is_no_new_version() -> None:
    given(duty_policy, adopt(gap_minutes=12)).when(adopt(gap_minutes=12)).then()


@pytest.mark.parametrize("outcome", sorted(set(CallOutcome) - duty_policy.COUNTABLE))
def test_some_outcomes_never_count_whatever_the_policy(outcome: CallOutcome) -> None:
    given(duty_policy).when(adopt(outcomes=("no_answer", outcome))).refused("outcome_never_counts")


def test_the_two_probes_of_an_occurrence_fit_into_it() -> None:
    given(duty_policy).when(adopt(gap_minutes=31)).refused("occurrence_shorter_than_gap")
    given(duty_policy).when(adopt(gap_minutes=30)).then(fact.DutyPolicyAdopted)


@pytest.mark.parametrize("terms", [{"per_day": 0}, {"gap_minutes": 0}, {"outcomes": ()}, {"retention_days": 0}])
def test_figures_are_sensible(terms: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Terms(**terms)


def test_engineers_acknowledge_a_version_once() -> None:
    read = AcknowledgeDutyPolicy(at=at("10:00"), by="E04", engineer="E04", version=1)
    given(duty_policy).when(read).then(fact.DutyPolicyAcknowledged)
    given(duty_policy, read).when(read).then()
    given(duty_policy).when(read.model_copy(update={"version": 2})).refused("policy_version_unknown")
