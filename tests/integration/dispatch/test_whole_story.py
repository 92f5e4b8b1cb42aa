"""A request for service, from the customer's call to the closed ticket and the frozen costs, as those see it who have a
part in it: nothing but HTTP, and two services that only hear of each other by events."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from tests.integration.dispatch.conftest import DispatchOffice
from tests.integration.dispatch.expenses import Expenses
from tests.integration.dispatch.shop import Shop
from tests.integration.dispatch.test_requests import the_order
from tests.integration.dispatch.visiting import AT_THE_SITE, TALKED, Visiting, visiting
from tests.unit.dispatch.pictures import photo, signature

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANSWERS = {
    "situation": "诱饵站锁扣断裂",
    "cause": "material",
    "work": "更换锁扣 2 个",
    "tested": "done",
    "tidy": "done",
    "survey": "done",
    "result": "solved",
}


async def test_from_the_customers_call_to_the_frozen_costs(office: DispatchOffice) -> None:
    # given a customer who calls, and a ticket that is triaged
    team = await visiting(office)
    ticket = await office.ticket(customer=team.customer, site=team.site)
    await office.desk.do(f"/tickets/{ticket}/triage", {"product_unknown": "包装已丢弃"})

    # when dispatch's draft is qualified, and an engineer is sent with parts
    order: str = (await the_order(office, ticket))["work_order"]
    await team.dispatcher.do(f"/dispatch/work-orders/{order}/qualify", {"purpose": "repair"})
    await office.told(ticket, "TicketDispatched")
    visit = await team.assigned(order, team.soon(hours=2))
    await team.act(visit, "confirm-delivery", {"way": "app"})
    await team.act(visit, "accept")
    request = await parts_for(team, order)

    # and goes there, works, and has the report signed
    await team.act(visit, "depart")
    office.later(minutes=110)
    await team.act(visit, "check-in", {"position": AT_THE_SITE})
    await team.act(visit, "start-work")
    office.later(minutes=90)
    await team.engineer.do(f"{request}/consume", {"quantity": "2", "use": str(uuid4())})
    await team.act(visit, "finish", {"result": "已更换锁扣"})
    await signed_report(team, order)
    await team.act(visit, "check-out", {"way": "app"})

    # and is reimbursed
    await paid_claim(team, order)

    # then headquarters verifies the work, finance posts it, and the ticket is closed
    path = f"/dispatch/work-orders/{order}"
    assert (await team.ordered(order))["status"] == "REPORTED"
    await team.verifier.do(f"{path}/verify", {"note": "电话回访，客户满意"})
    posted = await team.finance.do(f"{path}/post")
    await office.told(ticket, "TicketWorkOrderVerified")
    await office.desk.do(f"/tickets/{ticket}/resolve", {"resolution": "已更换锁扣"})
    await office.desk.do(f"/tickets/{ticket}/survey/answer", {"channel": "phone", "score": 5, "proof": TALKED})
    closed = await office.desk.do(f"/tickets/{ticket}/close")
    assert (posted["status"], closed["status"]) == ("POSTED", "CLOSED")

    # and it is known what it cost: an hour and a half, two locks, their freight, a night
    totals = (await team.ordered(order))["totals"]
    assert {kind: Decimal(amount) for kind, amount in totals.items()} == {
        "people": Decimal("75.00"),
        "material": Decimal("6.70"),
        "freight": Decimal("23.00"),
        "travel": Decimal("380.00"),
        "total": Decimal("484.70"),
    }

    # and the ticket's history tells of the visit, the work order's of everything
    assert "VisitReported" in {line["event"] for line in await office.desk.read(f"/tickets/{ticket}/history")}
    words = "\n".join(line["words"] for line in await team.dispatcher.read(f"{path}/history"))
    for said in ("派工单", "约定", "到场", "服务报告", "¥6.70", "¥23.00", "¥380.00", "¥484.70"):
        assert said in words, said

    # and nothing in the log tells who the people are, or where
    log = "".join(event["state"] for event in await office.events())
    for personal in ("王小明", "王主任", "138-0000-0067", "光明路 8 号", "31.29", "120.58"):
        assert personal not in log


async def parts_for(team: Visiting, order: str) -> str:
    """Two locks of the warehouse, released, shipped and in the engineer's van; the request's path."""
    shop = Shop(team.office)
    shop.engineer = team.engineer
    return await shop.delivered(await shop.stocked("20"), "2", work_order=order)


async def signed_report(team: Visiting, order: str) -> None:
    """3.6: filled in, photographed, signed by the customer."""
    report = (await team.engineer.do("/dispatch/reports", {"work_order": order}))["report"]
    path = f"/dispatch/reports/{report}"
    answers = [{"item": item, "value": value} for item, value in ANSWERS.items()]
    await team.engineer.do(f"{path}/fill", {"answers": answers, "parts": []})
    data = {"title": "更换后", "item": "photo_after"}
    assert (await team.engineer.upload(f"{path}/attachments", "p.jpg", photo(), data=data)).status_code == 201
    await team.engineer.do(f"{path}/submit")
    signing = {"version": "1", "name": "王小明"}
    answer = await team.engineer.upload(f"{path}/sign", "sign.png", signature(), data=signing)
    assert answer.status_code == 200, answer.text


async def paid_claim(team: Visiting, order: str) -> None:
    """5.1: a night in Hangzhou, approved and paid."""
    office = team.office
    general, cashier = (
        office.caller("general_manager", subject="chen.gm"),
        office.caller("finance", subject="wu.cashier"),
    )
    who = Expenses(office, team.code, team.engineer, team.dispatcher, team.manager, general, team.finance, cashier)
    today = (team.now + timedelta(hours=8)).date().isoformat()
    stop = {"city": "杭州", "from_day": today, "until_day": today, "work_order": order}
    claim = await who.claim(await who.trip(starts=today, ends=today, stops=[stop]))
    number = f"2633{uuid4().int % 10**16:016}"
    await who.hotel(claim, spent_on=today, invoice={"number": number, "issued": today, "total": "380.00"})
    path = f"/dispatch/claims/{claim}"
    submitted = await who.engineer.do(f"{path}/submit")
    assert submitted["failed_lines"] == []
    await who.manager.do(f"{path}/approve")
    await who.finance.do(f"{path}/approve-finance")
    paid = await who.cashier.do(f"{path}/pay", {"paid_on": today, "reference": "YH-0031"})
    assert paid["status"] == "PAID"
