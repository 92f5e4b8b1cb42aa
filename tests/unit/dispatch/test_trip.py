"""Trips, rule by rule."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from services.dispatch.domain import trip
from shared.events import dispatch as fact
from shared.events.dispatch import DayUse, ExpenseKind, Stop, TripStatus
from tests.unit.dispatch.expense_examples import CLAIM, ORDER, OTHER_ORDER, STOPS, T0, plan
from tests.unit.tickets.story import given


def change(**facts: Any) -> trip.ChangeTrip:
    said = {"starts": date(2026, 10, 8), "ends": date(2026, 10, 11), "stops": STOPS, "reason": "客户改期"}
    return trip.ChangeTrip(at=T0, by="dispatcher", **said | facts)


def end(day: date = date(2026, 10, 10)) -> trip.EndTrip:
    return trip.EndTrip(at=T0, by="E04", ends=day)


def cancel() -> trip.CancelTrip:
    return trip.CancelTrip(at=T0, by="dispatcher", reason="客户取消")


USES = (DayUse(kind=ExpenseKind.MEALS, day=date(2026, 10, 8), amount=Decimal("40.00")),)
CLAIMED = trip.ClaimTripExpenses(at=T0, by="E04", claim=CLAIM, uses=USES)
RELEASED = trip.ReleaseTripExpenses(at=T0, by="E04", claim=CLAIM)


def test_its_days_and_cities_are_what_receipts_must_match() -> None:
    state = given(trip).when(plan()).then(fact.TripPlanned).saying(engineer="E04").now()
    assert state.days == (date(2026, 10, 8), date(2026, 10, 9), date(2026, 10, 10))
    assert state.cities == ("杭州", "绍兴", "嘉兴", "上海")
    assert state.work_orders == (ORDER, OTHER_ORDER)


def test_told_again_it_is_planned_once_and_another_plan_is_refused() -> None:
    given(trip, plan()).when(plan()).then()
    given(trip, plan()).when(plan(home="北京")).refused("trip_exists")


def test_days_are_in_order_and_stops_within_the_trip() -> None:
    given(trip).when(plan(ends=date(2026, 10, 7))).refused("trip_backwards")
    given(trip).when(plan(ends=date(2028, 10, 7))).refused("trip_too_long")
    outside = Stop(city="温州", from_day=date(2026, 10, 10), until_day=date(2026, 10, 11))
    given(trip).when(plan(stops=(outside,))).refused("stop_outside_trip")


def test_a_trip_that_ended_may_still_be_put_right() -> None:
    story = given(trip, plan(), end(date(2026, 10, 9))).when(change())
    story.then(fact.TripChanged)
    assert story.now().ends == date(2026, 10, 11)
    story.when(change()).then()


def test_it_ends_when_the_engineer_is_back() -> None:
    given(trip, plan()).when(end()).then(fact.TripEnded)
    given(trip, plan(), end()).when(end()).then()
    given(trip, plan()).when(end(date(2026, 10, 13))).refused("trip_not_over")
    given(trip, plan()).when(end(date(2026, 10, 7))).refused("trip_backwards")


def test_it_is_cancelled_only_while_nothing_was_claimed_for_it() -> None:
    given(trip, plan()).when(cancel()).then(fact.TripCancelled)
    given(trip, plan(), cancel()).when(cancel()).then()
    given(trip, plan(), cancel()).when(change()).refused("trip_cancelled")
    given(trip, plan(), CLAIMED).when(cancel()).refused("trip_claimed")
    given(trip, plan(), CLAIMED, RELEASED).when(cancel()).then(fact.TripCancelled)
    given(trip, plan(), end()).when(cancel()).refused("trip_ended")


def test_what_claims_use_is_kept_by_claim() -> None:
    story = given(trip, plan()).when(CLAIMED).then(fact.TripExpensesClaimed)
    assert story.now().uses == {CLAIM: USES}
    story.when(CLAIMED).then()
    assert story.when(RELEASED).now().uses == {}
    story.when(RELEASED).then()


def test_what_is_open_now_is_said_for_every_action() -> None:
    planned = given(trip, plan()).now()
    assert {action for action, why in trip.available(planned).items() if why is None} == set(trip.ALLOWED)
    over = given(trip, plan(), end()).now()
    assert {action for action, why in trip.available(over).items() if why is None} == {"change", "draft_claim"}
    assert over.status is TripStatus.ENDED
    assert planned.starts - timedelta(days=1) == date(2026, 10, 7)
