"""Rosters: what is a day of duty, and what a moment is (D12)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st
from pydantic import ValidationError

from services.dispatch.domain import roster
from services.dispatch.domain.duty_policy import DutyPolicy
from services.dispatch.domain.roster import (
    CancelDuty,
    CancelLeave,
    DropTripDays,
    GrantLeave,
    RecordTripDays,
    duty_at,
)
from shared.events import dispatch as fact
from shared.events.dispatch import Exemption
from tests.unit.dispatch.people import TODAY, after, an_id, at, plan, policy, window
from tests.unit.tickets.story import given

DAY = timedelta(days=1)


def cancel(first: date = TODAY, last: date = TODAY, clock: str = "07:30") -> CancelDuty:
    return CancelDuty(at=at(clock), by="li.na", engineer="E04", first=first, last=last, reason="换班")


def leave(starts: str = "12:00", ends: str = "14:00", day: date = TODAY, name: str = "a") -> GrantLeave:
    said: dict[str, Any] = {"at": at("07:30"), "by": "li.na", "engineer": "E04", "leave": an_id(name)}
    return GrantLeave(starts=at(starts, day), ends=at(ends, day), **said)


def back(name: str = "a") -> CancelLeave:
    return CancelLeave(at=at("07:40"), by="li.na", engineer="E04", leave=an_id(name), reason="改期")


def trip(*days: date, allowance: str = "20.00", name: str = "t", **more: Any) -> RecordTripDays:
    said: dict[str, Any] = {"at": at("07:00"), "by": "li.na", "engineer": "E04", "trip": an_id(name)}
    return RecordTripDays(days=days, allowance_per_day=Decimal(allowance), **said | more)


def why(*commands: roster.RosterCommand, clock: str, day: date = TODAY, by: DutyPolicy | None = None) -> str | None:
    return duty_at(after(roster, *commands), by or DutyPolicy(), at(clock, day)).exemption


# -- planning ----------------------------------------------------------------------------------------------------------


def test_days_are_planned_by_weekday() -> None:
    weekend = plan(TODAY, TODAY + 10 * DAY, weekdays=(6, 7))
    days = (date(2026, 10, 10), date(2026, 10, 11), date(2026, 10, 17), date(2026, 10, 18))
    given(roster).when(weekend).then(fact.DutyPlanned).saying(days=days, windows=(), zone="Asia/Shanghai")


def test_a_plan_replaces_and_tells_only_what_changes() -> None:
    story = given(roster, plan(TODAY, TODAY + DAY))
    story.when(plan(TODAY, TODAY + 2 * DAY)).then(fact.DutyPlanned).saying(days=(TODAY + 2 * DAY,))
    story.when(plan(TODAY, TODAY + 2 * DAY)).then()
    night = window("22:00", "06:00")
    story.when(plan(TODAY, windows=(night,))).then(fact.DutyPlanned).saying(days=(TODAY,), windows=(night,))


@pytest.mark.parametrize(("first", "last"), [(TODAY + DAY, TODAY), (TODAY, TODAY + 366 * DAY)])
def test_a_plan_has_a_sensible_span(first: date, last: date) -> None:
    given(roster).when(plan(first, last)).refused("days_span")


def test_a_plan_of_no_days_is_a_slip() -> None:
    given(roster).when(plan(TODAY, weekdays=(5,))).refused("no_such_days")


def test_nobody_is_put_on_duty_for_yesterday() -> None:
    given(roster).when(plan(TODAY - DAY)).refused("roster_past")
    given(roster, plan(TODAY)).when(cancel(clock="07:30")).then(fact.DutyCancelled)
    story = given(roster, plan(TODAY))
    story.when(cancel().model_copy(update={"at": at("00:00", TODAY + DAY)})).refused("roster_past")


@pytest.mark.parametrize(
    "windows",
    [
        (window("08:00", "12:00"), window("11:59", "18:00")),
        (window("18:00", "02:00"), window("01:00", "03:00"), window("20:00", "21:00")),
        (window("08:00", "08:00"), window("09:00", "10:00")),
    ],
)
def test_windows_do_not_overlap(windows: tuple[fact.DutyWindow, ...]) -> None:
    given(roster).when(plan(windows=windows)).refused("windows_overlap")


def test_windows_may_touch() -> None:
    parts = (window("12:00", "18:00"), window("08:00", "12:00"))
    given(roster).when(plan(windows=parts)).then(fact.DutyPlanned).saying(windows=parts[::-1])


def test_a_zone_has_to_exist() -> None:
    with pytest.raises(ValidationError):
        plan(zone="Asia/Jinan")


# -- leave and trips ---------------------------------------------------------------------------------------------------


def test_leave_is_granted_once_and_also_afterwards() -> None:
    given(roster).when(leave(day=TODAY - 3 * DAY)).then(fact.LeaveGranted)
    given(roster, leave()).when(leave()).then()
    given(roster, leave()).when(leave(ends="15:00")).refused("leave_known")


@pytest.mark.parametrize(("starts", "ends"), [("12:00", "12:00"), ("12:00", "11:00")])
def test_leave_ends_after_it_starts(starts: str, ends: str) -> None:
    given(roster).when(leave(starts, ends)).refused("leave_span")


@pytest.mark.parametrize(
    ("begins", "ends", "there"),
    [("11:00", "12:00", None), ("11:00", "12:01", "a"), ("13:00", "16:30", "a"), ("14:00", "16:00", None)],
)
def test_a_time_lies_in_a_leave_that_reaches_into_it(begins: str, ends: str, there: str | None) -> None:
    state = after(roster, leave("16:00", "18:00", name="b"), leave("12:00", "14:00"))
    found = state.leave_within(at(begins), at(ends))
    assert found == ((at("12:00"), at("14:00")) if there else None)
    assert after(roster, leave("12:00", "14:00"), back()).leave_within(at(begins), at(ends)) is None


def test_leave_is_cancelled_for_good() -> None:
    given(roster).when(back()).refused("leave_unknown")
    given(roster, leave()).when(back()).then(fact.LeaveCancelled)
    given(roster, leave(), back()).when(back()).then()
    given(roster, leave(), back()).when(leave()).refused("leave_cancelled")


def test_the_days_of_a_trip_are_those_that_were_told_last() -> None:
    story = given(roster).when(trip(TODAY + DAY, TODAY, TODAY)).then(fact.TripDaysRecorded)
    story.saying(days=(TODAY, TODAY + DAY))
    story.when(trip(TODAY, TODAY + DAY)).then()
    story.when(trip(TODAY + DAY)).then(fact.TripDaysRecorded)
    assert roster.plan_of(story.now(), TODAY) is None
    drop = DropTripDays(at=at("08:00"), by="li.na", engineer="E04", trip=an_id("t"))
    story.when(drop).then(fact.TripDaysDropped)
    story.when(drop).then()


def test_of_two_trips_on_a_day_the_higher_allowance_counts() -> None:
    both = after(roster, trip(TODAY, allowance="10.00", name="low"), trip(TODAY, allowance="20.00", name="high"))
    found = duty_at(both, DutyPolicy(), at("09:00"))
    assert (found.trip, found.allowance) == (an_id("high"), Decimal("20.00"))


# -- what a moment is --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clock", "exemption"),
    [("07:59:59", "outside_window"), ("08:00", None), ("21:59:59", None), ("22:00", "outside_window")],
)
def test_the_window_is_half_open(clock: str, exemption: str | None) -> None:
    assert why(plan(), clock=clock) == exemption
    assert why(trip(TODAY), clock=clock) == exemption


def test_other_days_are_no_days_of_duty() -> None:
    assert why(clock="09:00") is Exemption.OFF_DUTY
    assert why(plan(), clock="09:00", day=TODAY + DAY) is Exemption.OFF_DUTY
    assert why(plan(), cancel(), clock="09:00") is Exemption.OFF_DUTY


def test_leave_is_exempt_until_it_ends() -> None:
    commands = plan(), leave("12:00", "14:00")
    assert [why(*commands, clock=clock) for clock in ("11:59:59", "12:00", "13:59:59", "14:00")] == [
        None,
        "leave",
        "leave",
        None,
    ]
    assert why(*commands, back(), clock="13:00") is None


def test_the_roster_may_set_other_hours_and_another_zone() -> None:
    own = plan(windows=(window("09:00", "12:00"), window("14:00", "18:00")))
    assert [why(own, clock=clock) for clock in ("08:59", "09:00", "12:00", "14:00", "18:00")] == [
        "outside_window",
        None,
        "outside_window",
        None,
        "outside_window",
    ]
    tokyo = plan(zone="Asia/Tokyo")  # an hour ahead: its 08:00 is Shanghai's 07:00
    assert [why(tokyo, clock=clock) for clock in ("06:59", "07:00", "20:59", "21:00")] == [
        "outside_window",
        None,
        None,
        "outside_window",
    ]


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    night = after(roster, plan(windows=(window("22:00", "06:00"),)))
    for clock, day in (("22:00", TODAY), ("23:30", TODAY), ("00:30", TODAY + DAY), ("05:59", TODAY + DAY)):
        found = duty_at(night, DutyPolicy(), at(clock, day))
        assert (found.duty_day, found.exemption) == (TODAY, None)
    assert duty_at(night, DutyPolicy(), at("06:00", TODAY + DAY)).exemption is Exemption.OFF_DUTY


def test_a_zone_with_summer_time_keeps_its_hours_on_the_wall() -> None:
    paris = after(roster, plan(date(2027, 3, 27), date(2027, 3, 28), zone="Europe/Paris"))
    assert duty_at(paris, DutyPolicy(), datetime(2027, 3, 27, 7, 0, tzinfo=UTC)).on_duty
    assert not duty_at(paris, DutyPolicy(), datetime(2027, 3, 28, 5, 59, tzinfo=UTC)).on_duty
    assert duty_at(paris, DutyPolicy(), datetime(2027, 3, 28, 6, 0, tzinfo=UTC)).on_duty


def test_the_hours_are_those_of_the_policy_in_force_that_day() -> None:
    late = policy(opens="10:00")
    assert why(plan(), clock="09:00", by=late) is Exemption.OUTSIDE_WINDOW
    assert duty_at(after(roster, plan()), late, at("11:00")).policy.version == 2


def test_a_day_that_is_both_keeps_its_own_hours_and_the_trips_allowance() -> None:
    both = after(roster, plan(windows=(window("09:00", "12:00"),)), trip(TODAY))
    found = duty_at(both, DutyPolicy(), at("09:00"))
    assert (found.on_duty, found.allowance) == (True, Decimal("20.00"))
    assert not duty_at(both, DutyPolicy(), at("13:00")).on_duty


zones = st.sampled_from(["Asia/Shanghai", "Europe/Paris", "America/New_York", "Pacific/Auckland", "Asia/Kathmandu"])
moments = st.integers(0, 200 * 24 * 60).map(
    lambda minutes: datetime(2026, 10, 5, tzinfo=UTC) + timedelta(minutes=minutes)
)


@examples(zones, moments, st.sampled_from([("08:00", "22:00"), ("20:00", "04:00"), ("00:00", "00:00")]))
def test_with_every_day_rostered_a_moment_is_on_duty_just_in_the_hours_on_the_wall(
    zone: str, moment: datetime, hours: tuple[str, str]
) -> None:
    first, opens, closes = date(2026, 10, 1), *hours
    days = plan(first, date(2027, 5, 1), zone=zone, windows=(window(opens, closes),), at=at("07:00", first))
    found = duty_at(after(roster, days), DutyPolicy(), moment)
    wall = f"{moment.astimezone(ZoneInfo(zone)):%H:%M}"
    inside = opens <= wall < closes if opens < closes else wall >= opens or wall < closes
    assert found.on_duty is inside
