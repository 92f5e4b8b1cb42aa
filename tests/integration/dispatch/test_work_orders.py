"""A work order over HTTP, from the draft to the frozen costs; real PostgreSQL and NATS."""

import asyncio
import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from shared.events.tickets import Purpose
from tests.integration.dispatch.conftest import DispatchOffice, actions, code, open_now
from tests.integration.dispatch.visiting import AT_THE_SITE, Visiting, visiting

pytestmark = pytest.mark.asyncio(loop_scope="module")

ORDERS = "/dispatch/work-orders"


@pytest_asyncio.fixture(loop_scope="module")
async def team(office: DispatchOffice) -> Visiting:
    return await visiting(office)


async def test_a_repair_from_the_draft_to_the_frozen_costs(team: Visiting) -> None:
    # given a draft; the names come with the ids
    order = await team.drafted()
    path = f"{ORDERS}/{order}"
    drafted = await team.ordered(order)
    assert (drafted["status"], drafted["site_name"], drafted["city"]) == ("DRAFT", "西门店", "苏州")
    assert drafted["customer_name"].startswith("光明物业")
    assert open_now(drafted) == {"qualify", "add-cost", "cancel"}

    # when it is qualified, planned and assigned in writing
    await team.dispatcher.do(f"{path}/qualify")
    visit = await team.visit(order)
    assert (await team.ordered(order))["status"] == "QUALIFIED"
    await team.act(visit, "assign", team.instruction(), team.dispatcher)
    assert (await team.ordered(order))["status"] == "SCHEDULED"

    # and the engineer takes it, goes there, works with a pause, finishes and reports
    await team.act(visit, "confirm-delivery", {"way": "app"})
    await team.act(visit, "accept")
    team.office.later(minutes=20)
    await team.act(visit, "depart")
    team.office.later(minutes=30)
    arrived = await team.act(visit, "check-in", {"position": AT_THE_SITE})
    assert (arrived["status"], arrived["late"]) == ("ARRIVED", False)
    assert (await team.ordered(order))["status"] == "IN_PROGRESS"
    await team.act(visit, "start-work")
    team.office.later(minutes=30)
    await team.act(visit, "pause", {"reason": "等客户开门"})
    team.office.later(minutes=15)
    await team.act(visit, "resume")
    team.office.later(minutes=30)
    await team.act(visit, "finish", {"result": "已更换粘鼠板 20 张"})
    team.office.later(minutes=5)
    await team.act(visit, "check-out", {"way": "app"})
    made = await team.shown(visit)
    assert (made["status"], made["worked_minutes"]) == ("CHECKED_OUT", 60)
    assert (made["arrival"]["grade"], made["arrival"]["distance_m"] < 100) == ("geofence_ok", True)

    # then nothing goes on before the report; nobody verifies their own work; and every refusal says so
    assert (await team.ordered(order))["status"] == "WORK_DONE"
    assert code(await team.verifier.refused(f"{path}/verify")) == "work-order-work-done"
    await team.report(order)
    assert (await team.ordered(order))["status"] == "REPORTED"
    assert code(await team.finance.refused(f"{path}/post")) == "work-order-reported"
    verified = await team.verifier.do(f"{path}/verify", {"note": "电话回访，客户满意"})
    assert verified["status"] == "VERIFIED"

    # when the costs are complete and posted
    travel = {"kind": "travel", "amount": "46.50", "cause": "高铁 G7012"}
    await team.finance.do(f"{path}/add-cost", travel)
    await team.finance.do(f"{path}/add-cost", travel)  # told again under another key
    posted = await team.finance.do(f"{path}/post")

    # then they are frozen: an hour's work and the fare
    assert (posted["status"], Decimal(posted["total"])) == ("POSTED", Decimal("96.50"))
    frozen = await team.finance.refused(f"{path}/add-cost", travel | {"cause": "高铁 G7013"})
    assert code(frozen) == "work-order-posted"
    assert actions(frozen)["post"] is not None
    totals = (await team.ordered(order))["totals"]
    assert [Decimal(totals[kind]) for kind in ("people", "travel", "total")] == [50, Decimal("46.50"), Decimal("96.50")]

    # and its history says all of it in plain sentences
    lines = await team.dispatcher.read(f"{path}/history")
    assert [line["event"] for line in lines if line["event"].startswith("WorkOrder")] == [
        *("WorkOrderDrafted", "WorkOrderQualified", "WorkOrderVisitNoted", "WorkOrderVisitNoted"),
        *("WorkOrderScheduled", "WorkOrderVisitNoted", "WorkOrderStarted", "WorkOrderVisitNoted", "WorkOrderWorkDone"),
        *("WorkOrderReported", "WorkOrderVerified", "WorkOrderPosted"),
    ]
    words = "\n".join(line["words"] for line in lines)
    costs = f"人工费用 ¥50.00（{made['number']}）。", "差旅费用 ¥46.50（高铁 G7012）。", "¥96.50"
    for said in (f"派 {team.code}", "到场", "暂停", *costs):
        assert said in words, words
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", words), "ids are for programs"


@pytest.mark.parametrize("purpose", list(Purpose))
async def test_there_are_work_orders_of_every_purpose(team: Visiting, purpose: Purpose) -> None:
    order = await team.order(purpose=purpose.value)
    shown = await team.ordered(order)
    assert (shown["status"], shown["purpose"]) == ("QUALIFIED", purpose.value)
    assert shown["purpose_words"]


async def test_what_is_cancelled_frees_whoever_was_to_go(team: Visiting) -> None:
    # given a work order with a visit that was given to somebody, and one to nobody
    order, arrival = await team.order(), team.soon(hours=2)
    visits = [await team.assigned(order, arrival), await team.visit(order)]

    # when it is cancelled
    answer = await team.dispatcher.do(f"{ORDERS}/{order}/cancel", {"reason": "客户自行解决"})

    # then nobody goes, and the hour is free
    assert answer["status"] == "CANCELLED"
    assert {(await team.shown(visit))["status"] for visit in visits} == {"ABORTED"}
    await team.assigned(arrival=arrival)
    assert code(await team.dispatcher.refused(f"{ORDERS}/{order}/plan-visit")) == "work-order-cancelled"


async def test_what_cant_be_finished_goes_on_in_a_follow_up(team: Visiting) -> None:
    # given a work order of which one visit was made, and another was to be made
    order = await team.order(note="带备用粘鼠板")
    waiting = await team.visit(order)
    await team.done(order)
    path = f"{ORDERS}/{order}/mark-incomplete"

    # when a part is missing, told twice
    why = {"reason": "缺配件，须再次上门"}
    answer = await team.dispatcher.do(path, why, key=f"incomplete-{order}")
    again = await team.dispatcher.do(path, why, key=f"incomplete-{order}")

    # then nobody goes for it any more, and one follow-up says the same of what is to be done
    assert answer == again
    assert answer["status"] == "INCOMPLETE"
    assert (await team.shown(waiting))["status"] == "ABORTED"
    followed = await team.ordered(answer["follow_up"])
    assert (followed["status"], followed["follows"], followed["note"]) == ("DRAFT", order, "带备用粘鼠板")


async def test_whoever_had_a_part_in_the_work_doesnt_verify_it(team: Visiting) -> None:
    """⚖"""
    # given work at which somebody of the office recorded the arrival, who may verify otherwise
    order = await team.order()
    visit = await team.on_the_way(order)
    await team.act(visit, "record-arrival", {"reason": "手机损坏"}, team.manager)
    steps: dict[str, dict[str, Any]] = {"start-work": {}, "finish": {"result": "已更换"}, "check-out": {"way": "app"}}
    for step, said in steps.items():
        await team.act(visit, step, said)
    await team.report(order, signed_at=None, signature_refused="负责人不在，门卫拒签")
    assert (await team.ordered(order))["status"] == "REPORTED"
    path = f"{ORDERS}/{order}"

    # then they are told so before they try; and so is the engineer, under whatever name
    assert actions(await team.manager.read(path))["verify"] == "验收须由未参与作业和报告的人进行（⚖）。"
    assert code(await team.manager.refused(f"{path}/verify")) == "four-eyes"
    promoted = team.office.caller("hq_verifier", engineer=team.code, subject="wang.qiang")
    assert code(await promoted.refused(f"{path}/verify")) == "four-eyes"
    assert "verify" in open_now(await team.verifier.read(path))

    # when two others verify at once, then it happens once
    second = team.office.caller("hq_verifier", subject="gao.jie")
    answers = await asyncio.gather(team.verifier.post(f"{path}/verify"), second.post(f"{path}/verify"))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    lines = await team.dispatcher.read(f"{path}/history")
    assert [line["event"] for line in lines].count("WorkOrderVerified") == 1


async def test_costs_that_come_while_it_is_posted_are_in_it_or_refused(team: Visiting) -> None:
    # given a verified work order, of which half an hour was worked
    order = await team.order()
    visit = await team.done(order)
    await team.report(order)
    path = f"{ORDERS}/{order}"
    await team.verifier.do(f"{path}/verify")

    # when some add costs in the moment of posting
    fares = [{"kind": "travel", "amount": "10.00", "cause": f"出租车 {number}"} for number in range(4)]
    *added, posting = await asyncio.gather(
        *(team.finance.post(f"{path}/add-cost", fare) for fare in fares), team.finance.post(f"{path}/post")
    )
    if posting.status_code == 409:  # it lost to the costs too often: tried again, when they are through
        await team.finance.do(f"{path}/post")

    # then what was posted is what was granted
    granted = [answer.status_code for answer in added].count(200)
    posted = await team.ordered(order)
    assert posted["status"] == "POSTED"
    assert Decimal(posted["totals"]["total"]) == 25 + 10 * granted

    # when a pause is told after that, then what it takes back is kept beside the frozen costs
    begun = (await team.shown(visit))["steps"]["start_work"]
    await team.act(visit, "pause", {"reason": "等客户", "at": begun, "offline": True})
    late = await team.ordered(order)
    assert late["totals"] == posted["totals"]
    assert [Decimal(cost["amount"]) for cost in late["late_costs"]] == [-25]

    # and what is corrected once more, once more
    soon = (datetime.fromisoformat(begun) + timedelta(minutes=12)).isoformat()
    await team.act(visit, "resume", {"at": soon, "offline": True})
    assert [Decimal(cost["amount"]) for cost in (await team.ordered(order))["late_costs"]] == [-25, 15]


async def test_who_has_seen_an_older_version_looks_again(team: Visiting) -> None:
    order = await team.order()
    seen = await team.dispatcher.send("GET", f"{ORDERS}/{order}")
    await team.dispatcher.do(f"{ORDERS}/{order}/qualify", {"note": "门禁码问前台"})
    stale = {"If-Match": seen.headers["ETag"]}
    assert (await team.dispatcher.post(f"{ORDERS}/{order}/plan-visit", headers=stale)).status_code == 412
    corrected = await team.ordered(order)
    assert (corrected["note"], corrected["site_name"]) == ("门禁码问前台", "西门店")


async def test_a_site_brings_its_customer_and_no_other(team: Visiting, office: DispatchOffice) -> None:
    other = await visiting(office)
    alone = await team.dispatcher.do(ORDERS, {"purpose": "repair", "site": team.site})
    shown = await team.ordered(alone["work_order"])
    assert (shown["customer"], shown["region"]) == (team.customer, "华东")
    foreign = {"purpose": "repair", "customer": other.customer, "site": team.site}
    assert code(await team.dispatcher.refused(ORDERS, foreign)) == "site-of-another"
    handed_over = {"customer": other.customer}
    path = f"{ORDERS}/{alone['work_order']}/qualify"
    assert code(await team.dispatcher.refused(path, handed_over)) == "site-of-another"
    await team.dispatcher.do(path, handed_over | {"site": other.site})
    nowhere = {"purpose": "repair", "site": "6f1c0c9e-0c7e-4b0e-9d0a-3f6d7a1b2c3d"}
    assert code(await team.dispatcher.refused(ORDERS, nowhere)) == "site-unknown"
