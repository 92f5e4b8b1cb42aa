"""Rosters over HTTP: duty, leave, who is on duty at a moment; a trip's days as its own part tells them."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.integration.dispatch.conftest import DispatchOffice, actions, code, open_now

pytestmark = pytest.mark.asyncio(loop_scope="module")

TODAY = date(2026, 10, 8)
WEEK = {"first": "2026-10-08", "last": "2026-10-14"}


async def on_duty(office: DispatchOffice, clock: str, day: date = TODAY) -> list[str]:
    await office.seen()
    found = await office.dispatcher.read("/dispatch/rosters/on-duty", at=f"{day}T{clock}+08:00")
    return [row["engineer"] for row in found]


async def on_trip(office: DispatchOffice, engineer: str, first: date, last: date, trip: str = "") -> str:
    """A trip of these days; ``trip``: that one, of which the days are others now."""
    stop = {"city": "杭州", "from_day": str(first), "until_day": str(last)}
    days = {"starts": str(first), "ends": str(last), "stops": [stop]}
    if trip:
        await office.dispatcher.do(f"/dispatch/trips/{trip}/change", days | {"reason": "客户改期"})
        return trip
    planned: str = (await office.dispatcher.do("/dispatch/trips", days | {"engineer": engineer}))["trip"]
    return planned


async def test_who_is_on_duty_is_told_for_any_moment(office: DispatchOffice) -> None:
    # given
    for engineer in ("R01", "R02", "R03"):
        await office.recorded(engineer)
    await office.dispatcher.do("/dispatch/rosters/R01/plan-duty", WEEK)
    half = {"windows": [{"opens": "14:00", "closes": "18:00"}]}
    await office.dispatcher.do("/dispatch/rosters/R02/plan-duty", WEEK | half)
    trip = await on_trip(office, "R03", TODAY, TODAY + timedelta(days=1))
    # then
    assert await on_duty(office, "07:59:59") == []
    assert await on_duty(office, "08:00") == ["R01", "R03"]
    assert await on_duty(office, "14:00") == ["R01", "R02", "R03"]
    assert await on_duty(office, "21:59:59") == ["R01", "R03"]
    assert await on_duty(office, "22:00") == []
    # when one is on leave and the trip is shorter
    leave = {"starts": "2026-10-08T12:00:00+08:00", "ends": "2026-10-08T15:00:00+08:00"}
    await office.manager.do("/dispatch/rosters/R01/grant-leave", leave)
    await on_trip(office, "R03", TODAY, TODAY, trip)
    await office.recorded("R02", active=False)
    # then
    assert await on_duty(office, "14:00") == ["R03"]
    assert await on_duty(office, "15:00") == ["R01", "R03"]
    assert await on_duty(office, "09:00", TODAY + timedelta(days=1)) == ["R01"]


async def test_a_roster_shows_what_is_planned_and_what_is_open(office: DispatchOffice) -> None:
    # given
    await office.recorded("R04")
    await office.dispatcher.do("/dispatch/rosters/R04/plan-duty", WEEK | {"weekdays": [4, 5]})
    leave = {"starts": "2026-10-09T00:00:00+08:00", "ends": "2026-10-10T00:00:00+08:00"}
    granted = await office.manager.do("/dispatch/rosters/R04/grant-leave", leave)
    await on_trip(office, "R04", TODAY, TODAY)
    # then
    shown = await office.manager.read("/dispatch/rosters/R04")
    assert [day["day"] for day in shown["duty_days"]] == ["2026-10-08", "2026-10-09"]
    assert [day["day"] for day in shown["trip_days"]] == ["2026-10-08"]
    assert [each["leave"] for each in shown["leaves"]] == [granted["leave"]]
    assert open_now(shown) == {"plan-duty", "cancel-duty", "grant-leave", "cancel-leave"}
    assert "10.00" not in str(shown)
    # when
    await office.dispatcher.do("/dispatch/rosters/R04/cancel-duty", {**WEEK, "first": "2026-10-09", "reason": "换班"})
    await office.manager.do("/dispatch/rosters/R04/cancel-leave", {"leave": granted["leave"], "reason": "改期"})
    # then
    shown = await office.manager.read("/dispatch/rosters/R04")
    assert ([day["day"] for day in shown["duty_days"]], shown["leaves"]) == (["2026-10-08"], [])
    assert actions(shown)["cancel-leave"] is not None
    lines = await office.manager.read("/dispatch/rosters/R04/history")
    assert [entry["event"] for entry in lines] == [
        "DutyPlanned",
        "LeaveGranted",
        "TripDaysRecorded",
        "DutyCancelled",
        "LeaveCancelled",
    ]
    await office.seen()
    calendar = await office.dispatcher.read("/dispatch/rosters", first="2026-10-08", last="2026-10-08")
    assert ("R04", "2026-10-08") in [(row["engineer"], row["day"]) for row in calendar["duty_days"]]
    assert "R04" in [row["engineer"] for row in calendar["trip_days"]]


async def test_only_who_is_in_service_is_put_on_duty(office: DispatchOffice) -> None:
    await office.recorded("R05", active=False)
    inactive = await office.dispatcher.refused("/dispatch/rosters/R05/plan-duty", WEEK)
    assert (code(inactive), open_now(inactive)) == ("engineer-inactive", set())
    assert code(await office.dispatcher.refused("/dispatch/rosters/R99/plan-duty", WEEK)) == "engineer-unknown"
    assert (await office.dispatcher.send("GET", "/dispatch/rosters/R99")).status_code == 404


async def test_an_engineer_sees_the_own_roster_and_plans_nothing(office: DispatchOffice) -> None:
    for engineer in ("R06", "R07"):
        await office.recorded(engineer)
        await office.dispatcher.do(f"/dispatch/rosters/{engineer}/plan-duty", WEEK)
    await office.seen()
    mine = office.engineer("R06")
    at = "2026-10-08T09:00:00+08:00"
    assert [row["engineer"] for row in await mine.read("/dispatch/rosters/on-duty", at=at)] == ["R06"]
    calendar = await mine.read("/dispatch/rosters", **WEEK)
    assert {row["engineer"] for row in calendar["duty_days"]} == {"R06"}
    assert (await mine.send("GET", "/dispatch/rosters/R07")).status_code == 403
    assert (await mine.send("GET", "/dispatch/rosters/R07/history")).status_code == 403
    assert (await mine.post("/dispatch/rosters/R06/plan-duty", WEEK)).status_code == 403


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("plan-duty", {"first": "2026-10-08", "last": "2026-10-08", "zone": "Asia/Jinan"}),
        ("plan-duty", {"first": "2026-10-08", "last": "2026-10-08", "weekdays": [8]}),
        ("plan-duty", {"first": "2026-10-08"}),
        ("grant-leave", {"starts": "2026-10-08T00:00:00", "ends": "2026-10-09T00:00:00"}),
    ],
)
async def test_what_makes_no_sense_is_told(office: DispatchOffice, path: str, body: dict[str, Any]) -> None:
    await office.recorded("R08")
    answer = await office.manager.post(f"/dispatch/rosters/R08/{path}", body)
    assert answer.status_code == 422, answer.text


async def test_a_calendar_is_not_endless(office: DispatchOffice) -> None:
    long = {"first": "2026-01-01", "last": "2026-12-31"}
    assert (await office.dispatcher.send("GET", "/dispatch/rosters", params=long)).status_code == 422
    only_last = await office.dispatcher.read("/dispatch/rosters", last="2027-06-30")
    assert (only_last["first"], only_last["last"]) == ("2027-04-30", "2027-06-30")
