"""A request for service on its way through tickets and dispatch, which only hear of each other by events."""

from typing import Any

import pytest

from tests.integration.dispatch.conftest import DispatchOffice, code, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def orders_of(office: DispatchOffice, ticket: str) -> list[dict[str, Any]]:
    """The drafts and unplanned work orders of a ticket, as the board shows them."""
    await office.seen()
    board = await office.dispatcher.read("/dispatch/board")
    every = board["unassigned"]["work_orders"] + board["unassigned"]["drafts"]
    return [order for order in every if order["ticket"] == ticket]


async def the_order(office: DispatchOffice, ticket: str, status: str = "DRAFT", **facts: Any) -> dict[str, Any]:
    """Until the board shows exactly one such work order of the ticket."""

    async def found() -> dict[str, Any] | None:
        orders = await orders_of(office, ticket)
        fits = len(orders) == 1 and orders[0]["status"] == status
        return orders[0] if fits and all(orders[0][name] == value for name, value in facts.items()) else None

    order: dict[str, Any] = await until(found)
    return order


async def nothing_left(office: DispatchOffice, ticket: str) -> None:
    async def none() -> bool:
        return not await orders_of(office, ticket)

    await until(none)


async def test_a_triaged_ticket_is_given_a_draft(office: DispatchOffice) -> None:
    ticket = await office.triaged()
    draft = await the_order(office, ticket)
    number = (await office.desk.read(f"/tickets/{ticket}"))["number"]
    assert draft["ticket_number"] == number
    assert draft["customer_name"] == "光明物业"
    assert draft["note"] == "粘不住,老鼠跑了"
    assert draft["origin"] == "ticket"


async def test_an_escalated_ticket_is_given_a_draft_before_triage_and_triage_writes_it_anew(
    office: DispatchOffice,
) -> None:
    ticket = await office.ticket()
    await office.desk.do(f"/tickets/{ticket}/escalate", {"question": "此批次是否有召回？"})
    first = await the_order(office, ticket, note="此批次是否有召回？")
    await office.desk.do(f"/tickets/{ticket}/triage", {"product_unknown": "包装已丢弃"})
    again = await the_order(office, ticket, note="粘不住,老鼠跑了")
    assert again["work_order"] != first["work_order"]


async def test_a_dispatched_ticket_gets_the_work_order_it_asked_for_in_place_of_the_draft(
    office: DispatchOffice,
) -> None:
    ticket = await office.triaged()
    await the_order(office, ticket)
    asked = {"purpose": "replacement", "note": "带备用粘鼠板", "goodwill": "老客户"}
    order = (await office.desk.do(f"/tickets/{ticket}/dispatch", asked))["work_order"]
    found = await the_order(office, ticket, "QUALIFIED", purpose="replacement", note="带备用粘鼠板")
    assert found["work_order"] == order


async def test_when_nothing_is_wanted_any_more_the_draft_goes(office: DispatchOffice) -> None:
    cancelled, resolved = await office.triaged(), await office.triaged()
    await the_order(office, cancelled)
    await the_order(office, resolved)
    await office.desk.do(f"/tickets/{cancelled}/cancel", {"reason": "客户自行解决"})
    await nothing_left(office, cancelled)
    proof = {"kind": "call", "call_id": "c-9", "direction": "outbound", "seconds": 60}
    await office.desk.do(f"/tickets/{resolved}/answer", {"proof": proof})
    await office.desk.do(f"/tickets/{resolved}/resolve", {"resolution": "电话解决"})
    await nothing_left(office, resolved)
    await office.desk.do(f"/tickets/{resolved}/reopen", {"reason": "问题再次出现"})
    await office.desk.do(f"/tickets/{resolved}/triage", {"product_unknown": "包装已丢弃"})
    assert await the_order(office, resolved)


async def test_a_work_order_by_hand_is_of_a_ticket_that_there_is(office: DispatchOffice) -> None:
    ticket = await office.triaged()
    draft = await the_order(office, ticket)
    await office.dispatcher.do(f"/dispatch/work-orders/{draft['work_order']}/cancel", {"reason": "另写一张"})
    by_hand = await office.dispatcher.do("/dispatch/work-orders", {"purpose": "repair", "ticket": ticket})
    shown = await office.dispatcher.read(f"/dispatch/work-orders/{by_hand['work_order']}")
    assert shown["ticket_number"] == draft["ticket_number"]

    mistyped = {"ticket": "6f1c0c9e-0c7e-4b0e-9d0a-3f6d7a1b2c3d"}
    drafting = await office.dispatcher.refused("/dispatch/work-orders", {"purpose": "repair"} | mistyped)
    assert code(drafting) == "ticket-unknown"
    path = f"/dispatch/work-orders/{by_hand['work_order']}/qualify"
    assert code(await office.dispatcher.refused(path, mistyped)) == "ticket-unknown"
