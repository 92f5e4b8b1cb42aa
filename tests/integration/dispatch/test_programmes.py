"""Visit programmes over HTTP: from the rule to work orders, exactly once (2.3)."""

import asyncio
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.dispatch.commands.programmes import make_occurrence
from services.dispatch.domain.programme import OCCURRENCE, made_at
from services.dispatch.reactions import on_deadline
from shared.calendar import day_of
from shared.deadlines import Due
from shared.decider import Refused
from shared.eventlog import Context, IdempotencyKey
from shared.events.base import Source
from tests.integration.dispatch.conftest import DispatchOffice, code, open_now, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

EAST = "华东"
TIMERS = 4


async def customer(office: DispatchOffice, name: str, *, sites: int = 1, **facts: Any) -> str:
    """A customer with sites, known to dispatch."""
    said = {"name": name, "region": EAST, "key_customer": True} | facts
    found: str = (await office.desk.do("/tickets/customers", said))["id"]
    for number in range(sites):
        site = {"customer": found, "name": f"{name} {number + 1} 号仓", "city": "上海"}
        await office.desk.do("/tickets/sites", site)
    return found


async def planned(office: DispatchOffice, **facts: Any) -> dict[str, Any]:
    said = {
        "name": "华东重点客户",
        "region": EAST,
        "key_customers": True,
        "rule": "FREQ=WEEKLY;BYDAY=TH",
        "starts_on": "2026-10-08",
        "ahead_days": 2,
        "within_days": 5,
    }
    return await office.dispatcher.do("/dispatch/programmes", said | facts)


async def known_to_dispatch(office: DispatchOffice, programme: str, names: set[str]) -> None:
    async def found() -> bool:
        clients = await office.dispatcher.read(f"/dispatch/programmes/{programme}/clients")
        return {client["customer_name"] for client in clients} == names

    await until(found)


async def test_an_occurrence_becomes_one_work_order_for_everybody_whom_it_fits(office: DispatchOffice) -> None:
    await customer(office, "大华酒店")
    await customer(office, "新天粮库", sites=2)
    await customer(office, "小面馆", key_customer=False)
    await customer(office, "北方酒店", region="华北")
    made = await planned(office, starts_on="2026-10-12")
    assert made["next_on"] == "2026-10-15"
    programme = made["programme"]
    await known_to_dispatch(office, programme, {"大华酒店", "新天粮库"})

    office.later(days=5, hours=1)  # Tuesday 13 October, 10:00: two days ahead

    async def orders() -> list[dict[str, Any]]:
        await office.seen()
        board = await office.dispatcher.read("/dispatch/board")
        every = board["unassigned"]["work_orders"] + board["unassigned"]["drafts"]
        return [order for order in every if order["programme"] == programme]

    found = {order["customer_name"]: order for order in await until(orders)}
    assert {name: order["status"] for name, order in found.items()} == {"大华酒店": "QUALIFIED", "新天粮库": "DRAFT"}
    assert found["大华酒店"]["purpose"] == "routine_visit"
    assert found["大华酒店"]["city"] == "上海"
    assert found["大华酒店"]["wanted_from"].startswith("2026-10-14T16:00")
    assert found["大华酒店"]["wanted_until"].startswith("2026-10-19T16:00")

    page = await office.dispatcher.list(f"/dispatch/programmes/{programme}/occurrences")
    assert [row["occurrence"] for row in page] == ["2026-10-15"]
    assert set(page[0]["work_orders"]) == {order["work_order"] for order in found.values()}

    office.later(days=7)

    async def another() -> bool:
        await office.seen()
        return len(await orders()) == 4

    await until(another)
    history = await office.dispatcher.read(f"/dispatch/programmes/{programme}/history")
    assert [line["event"] for line in history] == ["ProgrammePlanned", "ProgrammeFellDue", "ProgrammeFellDue"]


async def test_an_occurrence_comes_once_however_many_timers_act_upon_it_at_once(office: DispatchOffice) -> None:
    """As where a timer was taken for dead, and wasn't: others have the same deadline meanwhile."""
    # given a programme that comes each Thursday
    await customer(office, "东区菜场", region="华中")
    thursday = day_of(office.clock.now()) + timedelta(days=14)
    thursday -= timedelta(days=thursday.isoweekday() % 7 - 4)
    made = await planned(office, region="华中", starts_on=str(thursday), ahead_days=0)
    programme, log = UUID(made["programme"]), office.dispatch.log
    await known_to_dispatch(office, made["programme"], {"东区菜场"})

    # when its time comes, and besides the service's own timer others act upon it, with its key and with others
    office.clock.move_to(made_at(thursday, 0))
    due = Due(programme, "programme", OCCURRENCE, made_at(thursday, 0))

    async def again(number: int) -> str:
        context = Context("timer", Source.TIMER, uuid4(), key=IdempotencyKey(f"another timer {number}", b""))
        try:
            outcome = await log.execute(partial(make_occurrence, id=programme, at=log.clock.now(), by="timer"), context)
        except Refused as refused:
            return refused.code
        return f"{outcome.answer} events"

    timers = [on_deadline(log)(due) for _ in range(TIMERS)]
    acted, others = await asyncio.gather(asyncio.gather(*timers), asyncio.gather(*map(again, range(TIMERS))))

    # then one of them has made it, and the others have found that it isn't due any more
    assert set(others) <= {"3 events", "occurrence_not_due"}, acted
    told = [line["event"] for line in await office.dispatcher.read(f"/dispatch/programmes/{programme}/history")]
    assert told == ["ProgrammePlanned", "ProgrammeFellDue"]
    order = [row for row in await office.events("dispatch") if f'"programme":"{programme}"' in row["state"]]
    assert sum("WorkOrderDrafted" in row["topic"] for row in order) == 1


async def test_a_programme_is_paused_resumed_and_ended_and_says_what_is_open(office: DispatchOffice) -> None:
    made = await planned(office, region="西南", key_customers=False)
    path = f"/dispatch/programmes/{made['programme']}"
    shown = await office.dispatcher.read(path)
    assert len(shown["coming"]) == 12
    assert open_now(shown) == {"change", "pause", "end"}
    await office.dispatcher.do(f"{path}/pause", {"reason": "春节停访"})
    problem = await office.dispatcher.refused(f"{path}/pause", {"reason": "另一个原因"})
    assert code(problem) == "programme-paused"
    assert open_now(problem) == {"change", "resume", "end"}
    await office.dispatcher.do(f"{path}/resume")
    ended = await office.dispatcher.do(f"{path}/end", {"reason": "合同到期"})
    assert ended["status"] == "ENDED"
    await office.seen()
    listed = await office.dispatcher.list("/dispatch/programmes", status="ENDED")
    assert made["programme"] in {row["programme"] for row in listed}


async def test_the_same_request_twice_plans_one_programme(office: DispatchOffice) -> None:
    key = uuid4().hex
    body = {"name": "单客户", "region": "西北", "rule": "FREQ=MONTHLY", "starts_on": "2026-11-01"}
    first = await office.dispatcher.do("/dispatch/programmes", body, key=key)
    assert (await office.dispatcher.do("/dispatch/programmes", body, key=key))["programme"] == first["programme"]


async def test_a_rule_that_cannot_be_read_and_a_customer_that_is_not_known_are_refused(office: DispatchOffice) -> None:
    bad = {"name": "错", "region": EAST, "rule": "FREQ=DAILY;INTERVAL=0", "starts_on": "2026-10-08"}
    response = await office.dispatcher.post("/dispatch/programmes", bad)
    assert response.status_code == 422
    problem = await office.dispatcher.refused(
        "/dispatch/programmes", bad | {"rule": "FREQ=DAILY", "customer": str(uuid4())}
    )
    assert code(problem) == "customer-unknown"


async def test_engineers_plan_no_programmes(office: DispatchOffice) -> None:
    response = await office.engineer().post("/dispatch/programmes", {})
    assert response.status_code == 403
