"""Phone duty over HTTP and from the exchange's events: two probes, no call-back, and what takes it back (4.6)."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.events.telephony import CallOutcome
from tests.conftest import ServerAddresses
from tests.integration.dispatch.conftest import DispatchOffice, code, until
from tests.integration.dispatch.exchange import ended, exchange, publish

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def on_duty(office: DispatchOffice, engineer: str) -> str:
    """On duty for a week from today on; the clock stands within the window."""
    await office.recorded(engineer)
    now = office.clock.now() + timedelta(hours=8)
    if not 9 <= now.hour <= 18:
        office.later(hours=(9 - now.hour) % 24)
    today = (office.clock.now() + timedelta(hours=8)).date()
    week = {"first": str(today), "last": str(today + timedelta(days=7))}
    await office.dispatcher.do(f"/dispatch/rosters/{engineer}/plan-duty", week)
    return str(today)


async def probe(office: DispatchOffice, engineer: str, outcome: str = "no_answer", **facts: Any) -> dict[str, Any]:
    said = {"engineer": engineer, "outcome": outcome, "rang_seconds": 30} | facts
    return await office.dispatcher.do("/dispatch/probes", said)


async def told(office: DispatchOffice, engineer: str, day: str, event: str) -> dict[str, Any]:
    """Until the day's history tells of ``event``: its line."""

    async def found() -> Any:
        answer = await office.dispatcher.send("GET", f"/dispatch/duty/{engineer}/{day}/history")
        lines = [] if answer.status_code == 404 else answer.raise_for_status().json()
        return next((line for line in lines if line["event"] == event), None)

    line: dict[str, Any] = await until(found)
    return line


async def test_two_unanswered_probes_and_no_call_back_are_told_by_the_timer(office: DispatchOffice) -> None:
    # given
    day = await on_duty(office, "P01")
    first = await probe(office, "P01")
    office.later(minutes=12)
    second = await probe(office, "P01", "switched_off")
    # when
    until_then = datetime.fromisoformat(second["call_back_until"])
    office.clock.move_to(until_then)
    line = await told(office, "P01", day, "PhoneUnanswered")
    # then
    assert (first["exemption"], first["call_back_until"]) == (None, None)
    assert until_then == office.clock.now()
    assert "不是结论" in line["words"]
    shown = await office.engineer("P01").read(f"/dispatch/duty/P01/{day}")
    assert [(known["outcome"], known["exemption"], known["manual"]) for known in shown["calls"]] == [
        ("no_answer", None, True),
        ("switched_off", None, True),
    ]
    assert len(shown["unanswered"]) == 1
    assert "allowance" not in str(shown)
    await office.seen()
    rows = await office.dispatcher.list("/dispatch/duty", engineer="P01", unanswered=True)
    assert [(row["duty_day"], row["calls"], row["unanswered"]) for row in rows] == [(day, 2, 1)]
    # and a day has one (D10)
    office.later(hours=1)
    await probe(office, "P01")
    office.later(minutes=12)
    assert (await probe(office, "P01"))["call_back_until"] is None


async def test_a_call_back_in_time_clears(office: DispatchOffice) -> None:
    day = await on_duty(office, "P02")
    await probe(office, "P02")
    office.later(minutes=12)
    await probe(office, "P02")
    office.later(minutes=20)
    answer = await office.dispatcher.do("/dispatch/probes/call-backs", {"engineer": "P02"})
    assert (answer["call_back_until"], answer["unanswered"]) == (None, 0)
    assert "回电" in (await told(office, "P02", day, "CallBackSettled"))["words"]


async def test_leave_granted_afterwards_takes_it_back(office: DispatchOffice) -> None:
    # given
    day = await on_duty(office, "P03")
    began = office.clock.now()
    await probe(office, "P03")
    office.later(minutes=12)
    await probe(office, "P03")
    office.later(minutes=30)
    await told(office, "P03", day, "PhoneUnanswered")
    # when
    leave = {"starts": began.isoformat(), "ends": (began + timedelta(hours=4)).isoformat()}
    await office.hr.do("/dispatch/rosters/P03/grant-leave", leave)
    # then
    line = await told(office, "P03", day, "PhoneUnansweredWithdrawn")
    assert "准假" in line["words"]
    shown = await office.manager.read(f"/dispatch/duty/P03/{day}")
    assert ({known["exemption"] for known in shown["calls"]}, shown["unanswered"]) == ({"leave"}, [])
    await office.seen()
    assert await office.dispatcher.list("/dispatch/duty", engineer="P03", unanswered=True) == []


@pytest.mark.parametrize(
    ("facts", "exemption"),
    [
        ({"outcome": "busy"}, "outcome"),
        ({"outcome": "network_failure"}, "outcome"),
        ({"outcome": "cancelled_by_caller"}, "outcome"),
        ({"rang_seconds": None}, "uncertain"),
        ({"rang_seconds": 5}, "rang_short"),
    ],
)
async def test_what_proves_nothing_says_why(office: DispatchOffice, facts: dict[str, Any], exemption: str) -> None:
    await on_duty(office, "P04")
    assert (await probe(office, "P04", **facts))["exemption"] == exemption


async def test_off_duty_nobody_has_to_answer(office: DispatchOffice) -> None:
    await office.recorded("P05")
    assert (await probe(office, "P05"))["exemption"] == "off_duty"
    unknown = await office.dispatcher.refused("/dispatch/probes", {"engineer": "P99", "outcome": "no_answer"})
    assert code(unknown) == "engineer-unknown"


async def test_an_engineer_reaches_the_own_calls_alone(office: DispatchOffice) -> None:
    day = await on_duty(office, "P06")
    await probe(office, "P06")
    await office.seen()
    other = office.engineer("P07")
    assert (await other.send("GET", f"/dispatch/duty/P06/{day}")).status_code == 403
    assert (await other.send("GET", f"/dispatch/duty/P06/{day}/history")).status_code == 403
    assert await other.list("/dispatch/duty") == []
    assert {row["engineer"] for row in await office.engineer("P06").list("/dispatch/duty")} == {"P06"}
    assert (await other.post("/dispatch/probes", {"engineer": "P06", "outcome": "no_answer"})).status_code == 403


async def test_two_at_the_same_time_tell_one_day(office: DispatchOffice) -> None:
    """Under concurrency, too, a day has one occurrence, and no call is lost."""
    day = await on_duty(office, "P08")
    began = office.clock.now()
    office.later(minutes=40)
    clocks = [(began + timedelta(minutes=n)).isoformat() for n in (0, 12, 15, 27)]
    await asyncio.gather(*(probe(office, "P08", at=at) for at in clocks))
    office.later(minutes=60)
    await told(office, "P08", day, "PhoneUnanswered")
    shown = await office.manager.read(f"/dispatch/duty/P08/{day}")
    assert (len(shown["calls"]), len(shown["unanswered"])) == (4, 1)


async def test_the_policy_is_data_and_shown_to_staff(office: DispatchOffice) -> None:
    # given
    today = (office.clock.now() + timedelta(hours=8)).date()
    tomorrow = today + timedelta(days=1)
    engineer = office.engineer("P09")
    shown = await engineer.read("/dispatch/duty/policy")
    assert (shown["in_force"]["version"], shown["in_force"]["terms"]["gap_minutes"]) == (1, 10)
    assert "4.6" in shown["in_force"]["purpose"]
    # when
    wish = {"valid_from": str(tomorrow), "terms": {"gap_minutes": 20}, "reason": "试行"}
    early = await office.manager.refused("/dispatch/duty/policy", wish | {"valid_from": str(today)})
    never = await office.manager.refused("/dispatch/duty/policy", wish | {"terms": {"outcomes": ["busy"]}})
    adopted = await office.manager.do("/dispatch/duty/policy", wish)
    # then
    assert (code(early), code(never)) == ("policy-binds-the-past", "outcome-never-counts")
    assert adopted["policy"] == 2
    assert (await engineer.read("/dispatch/duty/policy"))["in_force"]["version"] == 1
    await engineer.do("/dispatch/duty/policy/acknowledge", {"version": 2})
    assert (await engineer.read("/dispatch/duty/policy"))["acknowledged"] == [2]
    office.later(days=1)
    day = await on_duty(office, "P09")
    await probe(office, "P09")
    office.later(minutes=15)
    assert (await probe(office, "P09"))["call_back_until"] is None
    assert (await office.manager.read(f"/dispatch/duty/P09/{day}"))["policy"] == 2
    lines = await engineer.read("/dispatch/duty/policy/history")
    assert [entry["event"] for entry in lines] == ["DutyPolicyAdopted", "DutyPolicyAcknowledged"]
    assert (await engineer.post("/dispatch/duty/policy", wish)).status_code == 403


async def test_calls_are_shown_no_longer_than_the_policy_says(office: DispatchOffice) -> None:
    # given
    day = await on_duty(office, "P11")
    await probe(office, "P11")
    # when the last day of the 180 has come
    office.later(days=180)
    await office.seen()
    # then
    paths = (f"/dispatch/duty/P11/{day}", f"/dispatch/duty/P11/{day}/history")
    for path in paths:
        assert (await office.manager.send("GET", path)).status_code == 200
    assert len(await office.manager.list("/dispatch/duty", engineer="P11")) == 1
    # when it is over
    office.later(days=1)
    # then
    for path in paths:
        answer = await office.manager.send("GET", path)
        assert (answer.status_code, code(answer.json())) == (404, "retention-over")
    assert await office.manager.list("/dispatch/duty", engineer="P11") == []


# -- calls, as the exchange tells them ---------------------------------------------------------------------------------


async def test_calls_of_the_exchange_are_judged_once_it_is_there(
    office: DispatchOffice, servers: ServerAddresses
) -> None:
    # given a system that is ready without telephony
    assert (await office.http.get("/health/ready")).status_code == 200
    day = await on_duty(office, "P10")
    began = office.clock.now()
    office.later(hours=1)
    async with exchange(servers, office) as log:
        # when it tells of calls, one of them a customer's
        await publish(log, ended("c-1", "P10", began))
        await publish(log, ended("c-2", None, began))
        await publish(log, ended("c-3", "P10", began + timedelta(minutes=25)))
        # then
        line = await told(office, "P10", day, "PhoneUnanswered")
        assert line["from"] == "定时"
        # and when it knows better
        await publish(log, ended("c-1", "P10", began, outcome=CallOutcome.NETWORK_FAILURE))
        await told(office, "P10", day, "PhoneUnansweredWithdrawn")
        shown = await office.manager.read(f"/dispatch/duty/P10/{day}")
        assert [(known["call"], known["outcome"]) for known in shown["calls"]] == [
            ("c-1", "network_failure"),
            ("c-3", "no_answer"),
        ]
        by_hand = {"engineer": "P10", "call": "c-3", "outcome": "answered", "at": shown["calls"][1]["at"]}
        assert code(await office.dispatcher.refused("/dispatch/probes", by_hand)) == "call-from-exchange"
