"""What passed times make of visits, by the clock and the real timers; never a verdict."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from shared.eventlog import EventLog
from shared.events.telephony import CallDirection, CallOutcome
from tests.conftest import ServerAddresses
from tests.integration.dispatch.conftest import DispatchOffice, code, until
from tests.integration.dispatch.exchange import ended, exchange, publish
from tests.integration.dispatch.visiting import AT_THE_SITE, Visiting, visiting

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def telephony(servers: ServerAddresses, office: DispatchOffice) -> AsyncIterator[EventLog]:
    async with exchange(servers, office) as log:
        yield log


@pytest_asyncio.fixture(loop_scope="module")
async def team(office: DispatchOffice) -> Visiting:
    return await visiting(office)


async def test_late_is_recorded_when_the_agreed_time_passes_and_not_when_somebody_looks(team: Visiting) -> None:
    """3.4b, 4.5"""
    # given somebody on the way, who has said why it will be late
    visit = await team.on_the_way()
    agreed = (await team.shown(visit))["agreed_arrival"]
    said = {"cause": "traffic", "note": "高架封路", "expected_arrival": team.soon(minutes=80)}
    await team.act(visit, "report-delay", said)

    # when the time passes by an hour
    line = await team.until_late(visit, hours=2)

    # then it is a fact of the agreed time, with the cause and the instruction
    assert (line["at"], line["who"]) == (agreed, "系统（到期）")
    late = (await team.shown(visit))["late"]
    assert (late["minutes"], [cause["cause"] for cause in late["causes"]]) == (60, ["traffic"])
    assert "交通" in line["words"]
    assert "高架封路" in line["words"]

    # when the engineer arrives after all, then it is said how late, and it stays late
    arrived = await team.act(visit, "check-in", {"position": AT_THE_SITE})
    assert arrived["late"] is True
    assert (await team.shown(visit))["arrival"]["late_minutes"] == 60
    assert (await team.told(visit)).count("VisitLate") == 1
    await team.office.seen()
    rows = await team.dispatcher.list("/dispatch/visits", engineer=team.code, late=True)
    assert [row["visit"] for row in rows] == [visit]


async def test_who_arrives_in_time_is_never_late(team: Visiting) -> None:
    visit, other = await team.on_site(), await team.assigned(arrival=team.soon(hours=2))
    await team.until_late(other, hours=3)  # the timers have passed both
    assert "VisitLate" not in await team.told(visit)


async def test_a_delivered_instruction_is_answered_within_half_an_hour(team: Visiting) -> None:
    """4.7, D15"""
    # given one instruction that was delivered, and one of which nothing shows it
    visit = await team.assigned(arrival=team.soon(hours=4))
    silent = await team.assigned(arrival=team.soon(hours=6))
    await team.act(visit, "confirm-delivery", {"way": "message", "reference": "wx-77"}, team.dispatcher)
    answered_at = team.soon(minutes=10)

    # when nobody answers for half an hour
    team.office.later(minutes=30)
    await team.until_told(visit, "DispatchUnanswered")

    # then it is on record for the one
    assert (await team.shown(visit))["unanswered"] is True
    assert "DispatchUnanswered" not in await team.told(silent)

    # when it turns out that the engineer had answered offline, in time, then it is corrected
    await team.act(visit, "accept", {"at": answered_at, "offline": True})
    shown = await team.shown(visit)
    assert (shown["unanswered"], shown["status"]) == (False, "ACCEPTED")
    assert "DispatchUnansweredCorrected" in await team.told(visit)


async def test_after_the_job_headquarters_is_told_within_the_hour(team: Visiting) -> None:
    """4.4, D14"""
    # given two jobs that are done
    first, second = await team.on_site(), await team.on_site(arrival=team.soon(hours=3))
    for visit in (first, second):
        await team.act(visit, "start-work")
        await team.act(visit, "finish", {"result": "已更换"})
    called_at = team.soon(minutes=20)

    # when an hour passes without a word
    team.office.later(minutes=60)
    line = await team.until_told(first, "LeftWithoutReporting")
    await team.until_told(second, "LeftWithoutReporting")

    # then it is on record, and a late word doesn't undo it
    assert "4.4" in line["words"]
    team.office.later(minutes=10)
    await team.act(first, "check-out", {"way": "app"})
    assert (await team.shown(first))["unreported"] is True

    # but a call in time, that reception only takes down later, does
    said = {"way": "call", "call_id": "1696325000.3", "at": called_at}
    reception = team.office.caller("reception", subject="liu.fang")
    await team.act(second, "check-out", said, reception)
    shown = await team.shown(second)
    assert (shown["unreported"], shown["check_out"]["late_minutes"]) == (False, 0)


async def test_a_call_home_is_the_report_whichever_is_heard_of_first(
    team: Visiting, office: DispatchOffice, telephony: EventLog
) -> None:
    """4.4, D14: from the engineer's number, within the hour."""
    # given one job that is done, and another of which a device without coverage knows
    other = await visiting(office)
    told, silent = await team.on_site(), await other.on_site()
    for who, visit in ((team, told), (other, silent)):
        await who.act(visit, "start-work")
    office.later(minutes=30)
    done = office.clock.now()
    await team.act(told, "finish", {"result": "已更换"})
    office.later(minutes=30)

    # when the exchange tells of calls: of both, of one that nobody took, and of one by somebody who did nothing
    unanswered = ended("h-1", team.code, done + timedelta(minutes=5), direction=CallDirection.INBOUND)
    await publish(telephony, unanswered)
    spoken = {"direction": CallDirection.INBOUND, "outcome": CallOutcome.ANSWERED, "seconds": 40}
    await publish(telephony, ended("h-2", other.code, done + timedelta(minutes=8), **spoken))
    await publish(telephony, ended("h-3", team.code, done + timedelta(minutes=10), **spoken))
    await team.until_told(told, "VisitCheckedOut")
    await until(lambda: _heard(office, other.code))

    # then the one is reported, by the call that came through
    left = (await team.shown(told))["check_out"]
    assert (left["way"], left["call_id"], left["late_minutes"]) == ("call", "h-3", 0)

    # and the other as soon as the end of the work is known
    office.later(hours=1)
    answer = await other.act(silent, "finish", {"result": "已更换", "at": done.isoformat(), "offline": True})
    assert answer["status"] == "CHECKED_OUT"
    assert (await other.shown(silent))["check_out"]["call_id"] == "h-2"
    assert "LeftWithoutReporting" not in await team.told(told) + await other.told(silent)


async def test_a_call_home_that_comes_too_late_is_on_record_and_the_visit_stays_unreported(
    team: Visiting, office: DispatchOffice, telephony: EventLog
) -> None:
    """4.4, D14: whoever judges it has to know of the call, and how late it was."""
    # given one job that is done, and another of which a device without coverage knows; nobody has reported
    other = await visiting(office)
    told, silent = await team.on_site(), await other.on_site()
    for who, visit in ((team, told), (other, silent)):
        await who.act(visit, "start-work")
    office.later(minutes=30)
    done = office.clock.now()
    await team.act(told, "finish", {"result": "已更换"})
    office.later(minutes=100)
    await team.until_told(told, "LeftWithoutReporting")

    # when both have called, 75 and 80 minutes after the job
    spoken = {"direction": CallDirection.INBOUND, "outcome": CallOutcome.ANSWERED, "seconds": 40}
    await publish(telephony, ended("l-1", team.code, done + timedelta(minutes=75), **spoken))
    await publish(telephony, ended("l-2", other.code, done + timedelta(minutes=80), **spoken))
    line = await team.until_told(told, "CalledHomeLate")
    await until(lambda: _heard(office, other.code))
    await other.act(silent, "finish", {"result": "已更换", "at": done.isoformat(), "offline": True})

    # then it is said of both how late it was, and what they have missed stays
    assert "15 分钟" in line["words"]
    for who, visit, call, minutes in ((team, told, "l-1", 15), (other, silent, "l-2", 20)):
        shown = await who.shown(visit)
        assert (shown["called_late"]["call"], shown["called_late"]["late_minutes"]) == (call, minutes)
        assert (shown["status"], shown["check_out"]) == ("FINISHED", None)
    assert (await team.shown(told))["unreported"] is True
    office.later(minutes=20)
    await other.until_told(silent, "LeftWithoutReporting")

    # and they can still check out, late
    await team.act(told, "check-out", {"way": "app"})
    shown = await team.shown(told)
    assert (shown["unreported"], shown["check_out"]["late_minutes"] > 15) == (True, True)


async def _heard(office: DispatchOffice, engineer: str) -> bool:
    """A call of theirs is on record."""
    return any(f'"engineer":"{engineer}"' in e["state"] and "DutyCall" in e["topic"] for e in await office.events())


async def test_new_terms_bind_what_happens_from_their_day_on(team: Visiting) -> None:
    """D14: the policy can demand a call. The last test here: terms stay in force."""
    # given a job that is done under the terms as shipped, and new terms from tomorrow on
    visit = await team.on_site()
    await team.act(visit, "start-work")
    await team.act(visit, "finish", {"result": "已更换"})
    terms = {"grace_minutes": 15, "call_demanded": True, "people_rate": "60.00"}
    adopting = {"valid_from": team.soon(days=1), "terms": terms}
    await team.manager.do("/dispatch/visit-policies", adopting)
    past = await team.manager.refused("/dispatch/visit-policies", adopting | {"valid_from": team.ago(days=1)})
    assert code(past) == "policy-in-the-past"
    await team.act(visit, "check-out", {"way": "app"})

    # when the day has come
    team.office.later(days=1, minutes=1)
    order = await team.order()
    later_ = await team.on_the_way(order)
    team.office.later(minutes=75)
    await team.act(later_, "check-in", {"position": AT_THE_SITE})
    await team.act(later_, "start-work")
    team.office.later(minutes=30)
    await team.act(later_, "finish", {"result": "已更换"})

    # then 15 minutes after the agreed time is not late, an hour costs more, and only a call reports
    assert (await team.shown(later_))["late"] is None
    assert (await team.ordered(order))["totals"]["people"] == "30.00"
    assert code(await team.refused(later_, "check-out", {"way": "app"})) == "call-demanded"
    await team.act(later_, "check-out", {"way": "call", "call_id": "1696325000.4"})
    await team.office.seen()
    rows = await team.dispatcher.list("/dispatch/visits", work_order=order, late=False)
    assert [row["visit"] for row in rows] == [later_]
    in_force = (await team.engineer.read("/dispatch/visit-policies"))["in_force"]
    assert (in_force["grace_minutes"], in_force["report_minutes"]) == (15, 60)
