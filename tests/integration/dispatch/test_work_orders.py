"""A work order over HTTP, from the draft to the frozen costs; real PostgreSQL and NATS."""

from decimal import Decimal

import pytest
import pytest_asyncio

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
    assert (drafted["status"], drafted["customer_name"], drafted["city"]) == ("DRAFT", "光明物业", "苏州")
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
    for said in (f"派 {team.code}", "到场", "暂停", "¥50.00", "¥46.50", "¥96.50"):
        assert said in words, words
