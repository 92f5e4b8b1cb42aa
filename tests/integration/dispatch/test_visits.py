"""Visits over HTTP: assigned, made, disputed, told late; on real PostgreSQL, many at once."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from tests.integration.dispatch.conftest import DispatchOffice, code, open_now
from tests.integration.dispatch.test_visits_at_once import booked
from tests.integration.dispatch.visiting import AT_THE_SITE, FAR_AWAY, TALKED, Visiting, visiting

pytestmark = pytest.mark.asyncio(loop_scope="module")

AT_ONCE = 12


@pytest_asyncio.fixture(loop_scope="module")
async def team(office: DispatchOffice) -> Visiting:
    return await visiting(office)


# --- the engineer's time ----------------------------------------------------------------------------------------------


async def test_of_many_who_assign_the_same_hour_at_once_one_wins(team: Visiting) -> None:
    # given twelve visits that nobody is assigned to
    order = await team.order()
    visits = [await team.visit(order) for _ in range(AT_ONCE)]
    instruction = team.instruction()

    # when all of them are given to one engineer for the same hour, at the same moment
    answers = await asyncio.gather(
        *(team.dispatcher.post(f"/dispatch/visits/{visit}/assign", instruction) for visit in visits)
    )

    # then one is theirs, and each other is refused with the time that is taken
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * (AT_ONCE - 1)
    assert {code(answer.json()) for answer in answers if answer.status_code == 409} == {"slot-taken"}
    assigned = [visit for visit in visits if (await team.shown(visit))["status"] == "ASSIGNED"]
    won = next(visit for visit, answer in zip(visits, answers, strict=True) if answer.status_code == 200)
    assert assigned == [won]

    # when there is a reason to do both
    both = next(visit for visit in visits if visit != won)
    await team.act(both, "assign", instruction | {"override_reason": "同一地点，顺路完成"}, team.dispatcher)

    # then it is assigned, and it is on record what it overlaps, and why
    assert (await team.shown(both))["overlaps"] == [won]
    lines = await team.dispatcher.read(f"/dispatch/visits/{both}/history")
    assert any("同一地点，顺路完成" in line["words"] for line in lines)


async def test_another_time_needs_the_customers_consent_and_frees_the_earlier_one(team: Visiting) -> None:
    # given a visit at a time
    earlier, later_ = team.soon(hours=2), team.soon(hours=5)
    visit = await team.assigned(arrival=earlier)
    await team.act(visit, "accept")
    moving = {"new_arrival": later_, "reason": "客户上午开会"}

    # when it is moved without a proof that the customer agrees, then it is not moved
    assert (
        await team.dispatcher.post(f"/dispatch/visits/{visit}/reschedule", moving | {"consent": None})
    ).status_code == 422
    silent = {"consent": TALKED | {"seconds": 0}}
    assert code(await team.refused(visit, "reschedule", moving | silent, team.dispatcher)) == "call-not-two-way"

    # when the customer agrees
    moved = await team.act(visit, "reschedule", moving | {"consent": TALKED}, team.dispatcher)

    # then the engineer is asked again, the earlier time is free for others, and the later one is taken
    assert (moved["status"], moved["agreed_arrival"][:16]) == ("RESCHEDULED", later_[:16])
    await team.assigned(arrival=earlier)
    third = await team.visit()
    taken = await team.refused(third, "assign", team.instruction(later_), team.dispatcher)
    assert code(taken) == "slot-taken"

    # when it is aborted, then that time is free too
    await team.act(visit, "abort", {"reason": "客户取消"}, team.dispatcher)
    await team.act(third, "assign", team.instruction(later_), team.dispatcher)


async def test_who_refuses_is_free_and_somebody_else_goes(team: Visiting, office: DispatchOffice) -> None:
    """4.7, D15: a refusal for safety is told apart."""
    other = await visiting(office)
    visit = await team.assigned()
    await team.act(visit, "refuse", {"reason": "现场有高压线，无断电措施", "safety": True})
    shown = await team.shown(visit)
    assert (shown["status"], shown["engineer"], shown["refusal"]["safety"]) == ("REFUSED", None, True)
    instruction = team.instruction() | {"engineer": other.code, "agreed_arrival": None}
    await team.act(visit, "assign", instruction, team.dispatcher)
    assert (await team.shown(visit))["engineer"] == other.code
    await team.assigned()  # the hour is free again
    lines = await team.dispatcher.read(f"/dispatch/visits/{visit}/history")
    assert any("因安全原因拒绝派工" in line["words"] for line in lines)


@pytest.mark.parametrize("last", ["finish", "check-out"])
async def test_what_is_left_of_a_visit_that_is_over_early_can_be_booked(team: Visiting, last: str) -> None:
    # given a visit of two hours from now, on which the engineer works
    begins = team.soon(minutes=10)
    visit = await team.assigned(arrival=begins, minutes=120)
    for step in ("accept", "depart"):
        await team.act(visit, step)
    team.office.later(minutes=10)
    await team.act(visit, "check-in", {"position": AT_THE_SITE})
    await team.act(visit, "start-work")
    rest = team.soon(minutes=45)
    another = await team.visit()
    assert code(await team.refused(another, "assign", team.instruction(rest), team.dispatcher)) == "slot-taken"

    # when it is over after half an hour; or so much is told first, that the engineer has left
    team.office.later(minutes=30)
    said = {"finish": {"result": "已更换"}, "check-out": {"way": "app", "offline": True}}[last]
    await team.act(visit, last, said)

    # then what was worked stays theirs, the rest is free at once, and the proposal knows it
    await team.act(another, "assign", team.instruction(rest), team.dispatcher)
    assert (await booked(team, team.code)).slots[UUID(visit)].ends_at == team.now
    await team.office.seen()
    third = await team.visit()
    proposed = await team.dispatcher.read(f"/dispatch/visits/{third}/proposal", at=team.soon(minutes=1), limit=1000)
    mine = next(each for each in proposed["engineers"] if each["engineer"] == team.code)
    assert mine["overlaps"] == [another]


async def test_nobody_is_sent_while_they_are_on_leave_unless_somebody_says_why(team: Visiting) -> None:
    # given an engineer who is on leave from three to six hours from now
    leave = {"starts": team.soon(hours=3), "ends": team.soon(hours=6)}
    await team.manager.do(f"/dispatch/rosters/{team.code}/grant-leave", leave)
    visit = await team.visit()

    # when somebody sends them then, by a new instruction or by another time, it is refused with what is in the way
    refused = await team.refused(visit, "assign", team.instruction(team.soon(hours=4)), team.dispatcher)
    assert code(refused) == "engineer-on-leave"
    assert team.code in refused["detail"]
    assert "休假" in refused["detail"]
    await team.act(visit, "assign", team.instruction(team.soon(hours=1)), team.dispatcher)
    moving = {"new_arrival": team.soon(hours=5), "reason": "客户改期", "consent": TALKED}
    assert code(await team.refused(visit, "reschedule", moving, team.dispatcher)) == "engineer-on-leave"
    assert (await team.shown(visit))["agreed_arrival"][:16] == team.soon(hours=1)[:16]

    # when it is said why they go all the same, then they do, and the history says so
    await team.act(visit, "reschedule", moving | {"override_reason": "本人同意提前销假"}, team.dispatcher)
    another = await team.visit()
    sending = team.instruction(team.soon(hours=3), override_reason="客户停产，无人可替")
    await team.act(another, "assign", sending, team.dispatcher)
    assert (await team.shown(another))["on_leave"] is True
    for there, why in ((visit, "本人休假：本人同意提前销假"), (another, "本人休假：客户停产，无人可替")):
        lines = await team.dispatcher.read(f"/dispatch/visits/{there}/history")
        assert any(why in line["words"] for line in lines)


async def test_only_engineers_in_service_are_sent(team: Visiting) -> None:
    visit = await team.visit()
    unknown = await team.refused(visit, "assign", team.instruction() | {"engineer": "E000"}, team.dispatcher)
    await team.office.recorded(team.code, active=False)
    gone = await team.refused(visit, "assign", team.instruction(), team.dispatcher)
    assert code(unknown) != code(gone)
    assert (await team.shown(visit))["status"] == "PLANNED"


# --- arrival (D5) -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "grade"),
    [
        ({"position": AT_THE_SITE}, "geofence_ok"),
        ({"position": FAR_AWAY}, "geofence_failed"),
        ({"position": AT_THE_SITE | {"accuracy_m": 2_000}}, "geofence_failed"),
        ({"position": AT_THE_SITE, "offline": True}, "offline_unverified"),
        ({}, "offline_unverified"),
    ],
)
async def test_a_check_in_is_graded_and_where_it_was_is_forgotten(
    team: Visiting, said: dict[str, Any], grade: str
) -> None:
    visit = await team.on_the_way()
    await team.act(visit, "check-in", said)
    arrival = (await team.shown(visit))["arrival"]
    assert arrival["grade"] == grade
    assert (arrival["distance_m"] is None) == ("position" not in said)
    log = "".join(event["state"] for event in await team.office.events())
    assert "31.29" not in log
    assert "120.58" not in log


async def test_a_site_can_be_large_and_where_it_is_can_be_forgotten(team: Visiting) -> None:
    """D13"""
    # given a site that is a whole valley
    valley = {"site": team.site, "latitude": 31.2989, "longitude": 120.5853, "radius_m": 6_000}
    await team.dispatcher.do("/dispatch/places", valley)
    visit = await team.on_the_way()
    await team.act(visit, "check-in", {"position": FAR_AWAY})
    assert (await team.shown(visit))["arrival"]["grade"] == "geofence_ok"
    kept = await team.dispatcher.read(f"/dispatch/places/{team.site}")
    assert (kept["radius_m"], kept["recorded_by"]) == (6_000, "li.na")
    assert (await team.engineer.send("GET", f"/dispatch/places/{team.site}")).status_code == 403

    # when where it is is erased, then a check-in there shows nothing
    await team.manager.do(f"/dispatch/places/{team.site}/erase")
    forgotten = await team.dispatcher.read(f"/dispatch/places/{team.site}")
    assert (forgotten["latitude"], forgotten["erased_at"] is None) == (None, False)
    again = await team.on_the_way(arrival=team.soon(hours=2))
    await team.act(again, "check-in", {"position": AT_THE_SITE})
    arrival = (await team.shown(again))["arrival"]
    assert (arrival["grade"], arrival["distance_m"]) == ("geofence_failed", None)


async def test_the_office_records_an_arrival_with_the_customers_word_or_a_reason(team: Visiting) -> None:
    path = "record-arrival"
    visit = await team.on_the_way()
    assert code(await team.refused(visit, path, {}, team.dispatcher)) == "arrival-unfounded"
    await team.act(visit, path, {"confirmation": TALKED}, team.dispatcher)
    assert (await team.shown(visit))["arrival"]["grade"] == "customer_confirmed"
    again = await team.on_the_way(arrival=team.soon(hours=2))
    await team.act(again, path, {"reason": "手机损坏，座机来电"}, team.dispatcher)
    assert (await team.shown(again))["arrival"]["grade"] == "manual"
    # an engineer's own word is a check-in, not the office's
    assert (await team.engineer.post(f"/dispatch/visits/{again}/{path}", {"reason": "我到了"})).status_code == 403


async def test_a_disputed_arrival_keeps_three_claims_and_is_settled_once(team: Visiting) -> None:
    # given a check-in in time, of which the office heard at once
    visit = await team.on_the_way()
    checked_in = team.now.isoformat()
    await team.act(visit, "check-in", {"position": FAR_AWAY})
    team.office.later(hours=2)

    # when the customer says that it was later, and the engineer's device had the time itself
    claimed = team.ago(minutes=30)
    customer = {"claimant": "customer", "arrived_at": claimed, "basis": "门卫登记"}
    await team.act(visit, "claim-arrival", customer, team.dispatcher)
    foreign = await team.refused(visit, "claim-arrival", customer | {"arrived_at": checked_in})
    assert code(foreign) == "claim-of-another"

    # then the three are kept apart
    arrival = (await team.shown(visit))["arrival"]
    assert arrival["disputed"] is True
    assert set(arrival["claims"]) == {"device", "server", "customer"}
    assert arrival["claims"]["customer"][:16] == claimed[:16]

    # when it is settled: not by who claimed or assigned, and not twice
    settling = {"arrived_at": claimed, "reasons": "门禁记录"}
    assert code(await team.refused(visit, "adjudicate-arrival", settling, team.office.desk)) == "four-eyes"
    await team.act(visit, "adjudicate-arrival", settling, team.manager)
    again = await team.refused(visit, "adjudicate-arrival", settling | {"reasons": "再看"}, team.verifier)
    assert code(again) == "already-adjudicated"

    # then the visit was late, by the minutes that were found; and all three words are still there
    settled = await team.shown(visit)
    assert settled["arrival"]["disputed"] is False
    assert settled["late"]["minutes"] == settled["arrival"]["late_minutes"] == 30
    assert set(settled["arrival"]["claims"]) == {"device", "server", "customer"}


# --- what is told late ------------------------------------------------------------------------------------------------


async def test_what_comes_from_offline_late_and_out_of_order_makes_the_history_that_happened(team: Visiting) -> None:
    # given a visit at ten, and a device that hears nothing from eight until noon
    order = await team.order()
    visit = await team.assigned(order, arrival=team.soon(hours=2))
    begun = team.now
    await team.until_late(visit, hours=2)
    team.office.later(hours=2)

    # when it tells all of it at noon, the last first, some of it twice
    told: list[tuple[str, float, dict[str, Any]]] = [
        ("check-out", 3.2, {"way": "app"}),
        ("resume", 2.5, {}),
        ("finish", 3.0, {"result": "已更换"}),
        ("check-in", 1.9, {"position": AT_THE_SITE}),
        ("start-work", 2.0, {}),
        ("check-in", 1.9, {"position": AT_THE_SITE}),
        ("depart", 1.0, {}),
        ("pause", 2.25, {"reason": "等客户开门"}),
        ("accept", 0.1, {}),
        ("check-out", 3.2, {"way": "app"}),
    ]
    for action, hours, said in told:
        at = (begun + timedelta(hours=hours)).isoformat()
        await team.act(visit, action, {"at": at, "offline": True} | said)

    # then the visit was made in time, worked 51 minutes, and reported
    shown = await team.shown(visit)
    assert (shown["status"], shown["late"], shown["missing"]) == ("CHECKED_OUT", None, [])
    assert (shown["worked_minutes"], shown["unreported"]) == (51, False)
    assert shown["arrival"]["grade"] == "offline_unverified"

    # and its history stands in the order in which it happened; the lateness that wasn't is corrected
    events = [name for name in await team.told(visit) if name not in ("VisitLate", "VisitLateCorrected")]
    assert events == [
        *("VisitPlanned", "VisitAssigned", "VisitAccepted", "VisitEnRoute", "VisitArrived", "WorkStarted"),
        *("WorkPaused", "WorkResumed", "VisitFinished", "VisitCheckedOut"),
    ]
    assert (await team.told(visit)).count("VisitLateCorrected") == 1
    lines = await team.dispatcher.read(f"/dispatch/visits/{visit}/history")
    assert any("离线补报" in line["words"] for line in lines)

    # and the cost is that of the time that was worked, though the pause was told after the end
    totals = (await team.ordered(order))["totals"]
    assert totals["people"] == "42.50"

    # and what contradicts it is refused
    wrong = {"at": (begun + timedelta(hours=2.6)).isoformat(), "offline": True, "reason": "午休"}
    await team.act(visit, "pause", wrong)
    late = wrong | {"at": (begun + timedelta(hours=3.1)).isoformat()}
    assert code(await team.refused(visit, "pause", late)) == "steps-out-of-order"


async def test_steps_that_are_told_at_once_come_in_their_order(team: Visiting) -> None:
    visit = await team.assigned()
    problem = await team.refused(visit, "check-in", {"position": AT_THE_SITE})
    assert code(problem) == "visit-assigned"
    assert problem["detail"] == "上门已派人，现在不能签到。请先接受或拒绝。"
    assert {"accept", "refuse"} <= open_now(problem)
    assert "check-in" not in open_now(problem)


async def test_a_retry_with_the_same_key_happens_once(team: Visiting) -> None:
    visit = await team.on_the_way()
    path = f"/dispatch/visits/{visit}/check-in"
    first = await team.engineer.post(path, {"position": AT_THE_SITE}, key="k-1" + visit)
    again = await team.engineer.post(path, {"position": AT_THE_SITE}, key="k-1" + visit)
    assert first.json() == again.json()
    assert (await team.told(visit)).count("VisitArrived") == 1


# --- what is theirs ---------------------------------------------------------------------------------------------------


async def test_an_engineer_sees_and_does_only_what_is_theirs(team: Visiting, office: DispatchOffice) -> None:
    # given a visit of one engineer, and of another
    order = await team.order()
    visit = await team.assigned(order)
    other = await visiting(office)
    foreign_order = await other.order()
    foreign = await other.assigned(foreign_order)
    await office.seen()

    # then each finds the own one alone, in lists and by its id
    assert [row["visit"] for row in await team.engineer.list("/dispatch/visits")] == [visit]
    assert [row["work_order"] for row in await team.engineer.list("/dispatch/work-orders")] == [order]
    assert (await team.shown(visit, team.engineer))["engineer"] == team.code
    for path in (f"visits/{foreign}", f"visits/{foreign}/history", f"work-orders/{foreign_order}"):
        assert (await team.engineer.send("GET", f"/dispatch/{path}")).status_code == 403
    for action, said in (
        ("accept", {}),
        ("check-in", {}),
        ("abort", {"reason": "不去"}),
        ("refuse", {"reason": "不去"}),
    ):
        answer = await team.engineer.post(f"/dispatch/visits/{foreign}/{action}", said)
        assert answer.status_code == 403, action
    assert await other.told(foreign) == ["VisitPlanned", "VisitAssigned"]

    # and nobody assigns, moves or judges their own
    assert (await team.engineer.post(f"/dispatch/visits/{visit}/assign", team.instruction())).status_code == 403


async def test_lists_are_filtered(team: Visiting) -> None:
    order = await team.order(city="苏州")
    waiting, made = await team.visit(order), await team.done(order)
    await team.office.seen()
    found = await team.dispatcher.list("/dispatch/visits", work_order=order, status="PLANNED")
    assert [row["visit"] for row in found] == [waiting]
    found = await team.dispatcher.list("/dispatch/visits", engineer=team.code, late=False)
    assert [row["visit"] for row in found] == [made]
    orders = await team.dispatcher.list("/dispatch/work-orders", customer=team.customer, status="IN_PROGRESS")
    assert [row["work_order"] for row in orders] == [order]
