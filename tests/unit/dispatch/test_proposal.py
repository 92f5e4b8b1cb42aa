"""Who is proposed for a visit, and why."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from services.dispatch.domain import proposal, proposal_policy
from services.dispatch.domain.proposal import Absence, Aspect, Booking, Candidate, Place, Proposal, Wanted
from services.dispatch.domain.proposal_policy import AdoptProposalPolicy
from shared.events.dispatch import ProposalPolicyAdopted, ProposalTerms
from tests.unit.tickets.story import given

TEN = datetime(2026, 10, 8, 2, 0, tzinfo=UTC)
"""Thursday 8 October 2026, 10:00 in Shanghai."""
TERMS = ProposalTerms()
BUND, PUDONG, SUZHOU = Place(31.240, 121.490), Place(31.220, 121.540), Place(31.299, 120.585)
WANTED = Wanted(TEN, TEN + timedelta(hours=1), ("灭鼠",), BUND, "上海", "华东")


def engineer(code: str = "E04", **facts: Any) -> Candidate:
    known: dict[str, Any] = {
        "skills": frozenset({"灭鼠", "灭蟑"}),
        "region": "华东",
        "base_city": "上海",
        "base": PUDONG,
        "absence": None,
        "bookings": (),
        "week_visits": 0,
    }
    return Candidate(code, **known | facts)


def booked(hours: float, length: float = 1, place: Place | None = PUDONG) -> Booking:
    begins = TEN + timedelta(hours=hours)
    return Booking(UUID(int=int(hours * 100) + 10_000), begins, begins + timedelta(hours=length), place)


def judged(candidate: Candidate, wanted: Wanted = WANTED) -> Proposal:
    return proposal.judge(wanted, candidate, TERMS)


def reason(found: Proposal, aspect: Aspect) -> proposal.Reason:
    return next(reason for reason in found.reasons if reason.aspect is aspect)


def test_whoever_is_free_near_and_able_comes_first_and_everybody_is_explained() -> None:
    near, far, busy = engineer("E04"), engineer("E05", base=SUZHOU), engineer("E01", bookings=(booked(0),))
    found = proposal.propose(WANTED, [busy, far, near], TERMS)
    assert [each.engineer for each in found] == ["E04", "E05", "E01"]
    assert [each.suitable for each in found] == [True, True, False]
    assert all({each.aspect for each in one.reasons} == set(Aspect) for one in found)
    assert all(each.words.zh and each.words.en for one in found for each in one.reasons)


@pytest.mark.parametrize(
    ("facts", "aspect"),
    [
        ({"skills": frozenset({"灭蟑"})}, Aspect.SKILL),
        ({"absence": Absence.OFF}, Aspect.DUTY),
        ({"absence": Absence.LEAVE}, Aspect.DUTY),
        ({"bookings": (booked(0.5),)}, Aspect.TIME),
        ({"bookings": (booked(-1, place=SUZHOU),)}, Aspect.TIME),
        ({"bookings": (booked(1.25, place=SUZHOU),)}, Aspect.TIME),
    ],
)
def test_what_speaks_against_somebody_is_said_and_does_not_hide_them(facts: dict[str, Any], aspect: Aspect) -> None:
    found = judged(engineer(**facts))
    assert not found.suitable
    assert [each.aspect for each in found.reasons if each.against] == [aspect]


def test_where_no_roster_says_anything_that_is_said_and_no_hindrance() -> None:
    found = judged(engineer(absence=Absence.UNKNOWN))
    assert found.suitable
    assert reason(found, Aspect.DUTY).words.en == "No roster says anything."


def test_skills_are_compared_as_people_write_them() -> None:
    assert judged(engineer(skills=frozenset({"ＩＰＭ", "灭鼠"})), WANTED._replace(skills=("ipm ",))).suitable


def test_a_visit_may_follow_another_at_once_where_there_is_no_way() -> None:
    found = judged(engineer(bookings=(booked(-1, place=BUND), booked(1, place=BUND))))
    assert found.suitable
    assert found.distance_km == 0
    assert reason(found, Aspect.TIME).points == 0


def test_the_way_is_counted_from_the_visit_before_not_from_home() -> None:
    found = judged(engineer(base=SUZHOU, bookings=(booked(-3, place=BUND),)))
    assert found.distance_km == 0
    assert "visit before" in reason(found, Aspect.DISTANCE).words.en


def test_its_own_booking_is_no_hindrance_when_a_visit_is_given_to_somebody_anew() -> None:
    own = booked(0)
    assert judged(engineer(bookings=(own,)), WANTED._replace(visit=own.visit)).overlaps == ()


def test_a_city_counts_where_no_coordinates_are_known() -> None:
    found = judged(engineer(base=None), WANTED._replace(place=None))
    assert found.distance_km is None
    assert reason(found, Aspect.REGION).points == TERMS.region_points


def test_a_full_day_gives_no_points_for_load() -> None:
    day = tuple(booked(hours, 0.2, BUND) for hours in (-8, -7, -6, -5, -4))
    assert reason(judged(engineer(bookings=day)), Aspect.LOAD).points == 0
    assert reason(judged(engineer()), Aspect.LOAD).points == TERMS.load_points


def test_the_best_there_can_be_has_a_hundred_points() -> None:
    assert judged(engineer(base=BUND)).score == 100


def test_distances_are_those_of_the_earth() -> None:
    assert proposal.kilometres(BUND, SUZHOU) == pytest.approx(86.2, abs=0.5)


candidates = st.builds(
    engineer,
    st.sampled_from([f"E{n:02}" for n in range(20)]),
    skills=st.sampled_from([frozenset({"灭鼠"}), frozenset()]),
    base=st.sampled_from([BUND, PUDONG, SUZHOU, None]),
    absence=st.sampled_from([None, *Absence]),
    bookings=st.lists(st.builds(booked, st.floats(-9, 9), st.floats(0.1, 3)), max_size=4).map(tuple),
    week_visits=st.integers(0, 40),
)


@examples(st.lists(candidates, max_size=12))
def test_nobody_vanishes_scores_stay_in_bounds_and_the_suitable_come_first(known: list[Candidate]) -> None:
    found = proposal.propose(WANTED, known, TERMS)
    assert sorted(each.engineer for each in found) == sorted(each.engineer for each in known)
    assert all(0 <= each.score <= 100 for each in found)
    assert [each.suitable for each in found] == sorted((each.suitable for each in found), reverse=True)
    for one in found:
        assert one.suitable or any(each.against for each in one.reasons)
        assert not (one.suitable and one.overlaps)


# --- the policy -------------------------------------------------------------------------------------------------------


def adopt(day: int, at: int = 0, **terms: int) -> AdoptProposalPolicy:
    valid_from = date(2026, 10, 8) + timedelta(days=day)
    return AdoptProposalPolicy(
        at=TEN + timedelta(days=at), by="zhao.yu", valid_from=valid_from, terms=ProposalTerms(**terms), reason="试行"
    )


def test_a_version_counts_from_its_day_on() -> None:
    story = given(proposal_policy, adopt(1, far_km=50))
    assert story.now().at(TEN) == TERMS
    assert story.now().at(TEN + timedelta(days=1)).far_km == 50


def test_a_version_said_twice_is_one_and_none_reaches_back() -> None:
    given(proposal_policy, adopt(1)).when(adopt(1)).then()
    given(proposal_policy, adopt(1)).when(adopt(2, far_km=9)).then(ProposalPolicyAdopted).saying(version=2)
    given(proposal_policy).when(adopt(-1)).refused("policy_reaches_back")


def test_something_has_to_count() -> None:
    nothing = dict.fromkeys(("distance_points", "load_points", "margin_points", "region_points"), 0)
    given(proposal_policy).when(adopt(1, **nothing)).refused("policy_without_points")
