"""An engineer's time, the company's terms of visits."""

from datetime import date, datetime, timedelta

import pytest

from services.dispatch.domain import schedule, visit_policy
from services.dispatch.domain.schedule import BookSlot, EndSlot, ReleaseSlot
from services.dispatch.domain.visit_policy import AdoptVisitPolicy, VisitTerms
from shared.decider import Refused
from shared.events import dispatch as fact
from tests.unit.dispatch.visit_examples import an_id, at
from tests.unit.tickets.story import given

TENTH = date(2026, 10, 10)


def book(
    begins: str, ends: str, name: str = "a", reason: str | None = None, leave: tuple[str, str] | None = None
) -> BookSlot:
    return BookSlot(
        at=at("08:00"),
        by="li.na",
        engineer="E04",
        day=TENTH,
        visit=an_id(name),
        starts_at=at(begins),
        ends_at=at(ends),
        override_reason=reason,
        leave=(at(leave[0]), at(leave[1])) if leave else None,
    )


def test_one_may_begin_where_another_ends() -> None:
    given(schedule, book("10:00", "11:00")).when(book("11:00", "12:00", "b")).then(fact.SlotBooked).saying(overlaps=())


@pytest.mark.parametrize("time", [("09:00", "10:01"), ("10:59", "12:00"), ("10:10", "10:20"), ("09:00", "12:00")])
def test_two_visits_dont_overlap_unless_somebody_says_why(time: tuple[str, str]) -> None:
    story = given(schedule, book("10:00", "11:00")).when(book(*time, "b")).refused("slot_taken")
    story.when(book(*time, "b", "同一大楼，顺路")).then(fact.SlotBooked)
    story.saying(overlaps=(an_id("a"),), override_reason="同一大楼，顺路")


def test_nobody_is_sent_on_leave_unless_somebody_says_why() -> None:
    story = given(schedule).when(book("10:00", "11:00", leave=("00:00", "18:00"))).refused("engineer_on_leave")
    story.when(book("10:00", "11:00", "a", "本人同意销假", ("00:00", "18:00"))).then(fact.SlotBooked)
    story.saying(on_leave=True, override_reason="本人同意销假", overlaps=())
    story.when(book("10:00", "12:00", "b", leave=("00:00", "18:00"))).refused("slot_taken")


def test_a_reason_that_wasnt_needed_is_not_kept() -> None:
    given(schedule).when(book("10:00", "11:00", "a", "以防万一")).then(fact.SlotBooked).saying(override_reason=None)


def test_a_visit_that_moves_or_goes_makes_room() -> None:
    story = given(schedule, book("10:00", "11:00"), book("14:00", "15:00"))
    story.when(book("10:00", "11:00", "b")).then(fact.SlotBooked)
    release = ReleaseSlot(at=at("09:00"), by="li.na", engineer="E04", day=TENTH, visit=an_id("b"), reason="拒绝")
    story.when(release).then(fact.SlotReleased).when(release).then()
    story.when(book("10:30", "11:30", "c")).then(fact.SlotBooked).when(book("10:30", "11:30", "c")).then()


def end(clock: str, name: str = "a") -> EndSlot:
    return EndSlot(at=at(clock), by="E04", engineer="E04", day=TENTH, visit=an_id(name), ended_at=at(clock))


def test_what_is_left_of_a_visit_that_is_over_is_free() -> None:
    # given a visit from ten to twelve, which is over at half past ten
    story = given(schedule, book("10:00", "12:00"))
    story.when(end("10:30")).then(fact.SlotShortened).saying(ends_at=at("10:30")).when(end("10:30")).then()

    # then the rest can be booked, what was worked can't, and a longer word changes nothing
    story.when(end("11:00")).then()
    story.when(book("10:29", "11:00", "b")).refused("slot_taken")
    story.when(book("10:30", "12:00", "b")).then(fact.SlotBooked).saying(overlaps=())


def test_a_visit_that_was_over_before_its_time_takes_none_and_is_not_forgotten() -> None:
    story = given(schedule, book("10:00", "12:00"))
    story.when(end("09:30")).then(fact.SlotShortened).saying(ends_at=at("10:00")).when(end("09:20")).then()
    story.when(book("09:00", "12:00", "b")).then(fact.SlotBooked).saying(overlaps=())
    assert set(story.now().slots) == {an_id("a"), an_id("b")}, "a call home may still be about it"


def test_who_keeps_to_the_time_or_has_none_gives_nothing_back() -> None:
    given(schedule, book("10:00", "12:00")).when(end("12:00")).then().when(end("12:30")).then()
    given(schedule).when(end("12:00")).then()


def test_a_visit_over_midnight_lies_on_both_days() -> None:
    found = list(schedule.parts(at("23:30"), at("23:30") + timedelta(hours=1)))
    assert [(day, minutes(a, b)) for day, a, b in found] == [(TENTH, 30), (TENTH + timedelta(days=1), 30)]
    with pytest.raises(Refused):
        list(schedule.parts(at("10:00"), at("10:00")))


def minutes(begins: datetime, ends: datetime) -> float:
    return (ends - begins) / timedelta(minutes=1)


def adopt(clock: str, valid_from: str, **terms: int) -> AdoptVisitPolicy:
    return AdoptVisitPolicy(at=at(clock), by="zhao.min", valid_from=at(valid_from), terms=VisitTerms(**terms))


def test_terms_hold_from_their_day_and_bind_nothing_before() -> None:
    story = given(visit_policy).when(adopt("09:00", "08:59")).refused("policy_in_the_past")
    story.when(adopt("09:00", "12:00", grace_minutes=10)).then(fact.VisitPolicyAdopted).saying(version=1)
    story.when(adopt("09:00", "12:00", grace_minutes=10)).then()
    story.when(adopt("10:00", "11:00", grace_minutes=5)).then(fact.VisitPolicyAdopted).saying(version=2)
    policy = story.now()
    grace = [policy.at(at(clock)).grace_minutes for clock in ("10:59", "11:00", "12:30")]
    assert grace == [0, 5, 5], "the version that was adopted last counts"
