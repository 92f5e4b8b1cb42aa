"""A ticket and its work orders: two services that only hear of each other by events; real PostgreSQL and NATS."""

from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from services.dispatch.domain import work_order
from services.dispatch.domain.work_order_commands import QualifyWorkOrder
from shared.eventlog import Context, Streams
from shared.events.base import Source
from shared.events.tickets import Purpose
from shared.jetstream import partition_of
from tests.integration.dispatch.conftest import DispatchOffice, code, until
from tests.integration.dispatch.test_requests import nothing_left, the_order
from tests.integration.dispatch.visiting import AT_THE_SITE, TALKED, Visiting, visiting

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def team(office: DispatchOffice) -> Visiting:
    return await visiting(office)


_BY = Context("li.na", Source.WEB, uuid4())


async def _qualified(streams: Streams, order: UUID, wish: QualifyWorkOrder) -> None:
    await streams.handle(work_order, order, wish)


async def triaged(team: Visiting, **triage: Any) -> str:
    """A ticket of the team's customer."""
    ticket = await team.office.ticket(customer=team.customer, site=team.site)
    await team.office.desk.do(f"/tickets/{ticket}/triage", {"product_unknown": "包装已丢弃"} | triage)
    return ticket


async def taken_up(team: Visiting, ticket: str) -> str:
    """A work order of the ticket that began as dispatch's draft."""
    order: str = (await the_order(team.office, ticket))["work_order"]
    await team.dispatcher.do(f"/dispatch/work-orders/{order}/qualify", {"purpose": "repair"})
    await team.office.told(ticket, "TicketDispatched")
    return order


async def progress(team: Visiting, ticket: str, **expected: str) -> None:
    """Until the ticket knows exactly these of its work orders."""

    async def known() -> bool:
        orders = (await team.office.desk.read(f"/tickets/{ticket}"))["work_orders"]
        return {order["work_order"]: order["progress"] for order in orders} == expected

    await until(known)


async def test_a_ticket_is_closed_when_the_work_that_dispatch_took_up_is_verified(team: Visiting) -> None:
    # given a triaged ticket, and the draft that dispatch made of it
    office, ticket = team.office, await triaged(team)

    # when a dispatcher qualifies the draft
    order = await taken_up(team, ticket)

    # then the ticket is dispatched with that work order
    shown = await office.desk.read(f"/tickets/{ticket}")
    assert shown["status"] == "DISPATCHED"
    await progress(team, ticket, **{order: "open"})

    # when an engineer goes there, late, and works
    visit = await team.on_the_way(order, team.soon(hours=1))
    office.later(hours=1, minutes=25)
    await team.act(visit, "check-in", {"position": AT_THE_SITE})
    await team.act(visit, "start-work")
    office.later(minutes=30)
    await team.act(visit, "finish", {"result": "已更换"})
    await team.act(visit, "check-out", {"way": "app"})

    # then the ticket's history shows the visit
    async def visited() -> Any:
        visits = (await office.desk.read(f"/tickets/{ticket}"))["visits"]
        return visits[0] if visits and visits[0]["finished_at"] else None

    seen = await until(visited)
    assert (seen["visit"], seen["engineer"], seen["late_minutes"]) == (visit, team.code, 25)
    assert (await office.told(ticket, "VisitReported"))["words"].startswith(team.code)

    # when it is to be closed before the work is verified
    await office.desk.do(f"/tickets/{ticket}/resolve", {"resolution": "已更换"})
    await office.desk.do(f"/tickets/{ticket}/survey/decline", {"proof": TALKED})
    early = await office.desk.refused(f"/tickets/{ticket}/close")
    assert code(early) == "work-orders-open"

    # then it has to wait for that
    await team.report(order)
    await team.verifier.do(f"/dispatch/work-orders/{order}/verify", {"note": "电话回访"})
    await office.told(ticket, "TicketWorkOrderVerified")
    assert (await office.desk.do(f"/tickets/{ticket}/close"))["status"] == "CLOSED"


async def test_chargeable_work_without_a_quote_is_declined_and_waits_as_a_draft(team: Visiting) -> None:
    # given a ticket out of warranty, and dispatch's draft
    out = {"decision": {"verdict": "out_of_warranty", "note": "已过保"}}
    ticket = await triaged(team, **out)
    first = (await the_order(team.office, ticket))["work_order"]

    # when somebody qualifies it before the customer has accepted a quote
    await team.dispatcher.do(f"/dispatch/work-orders/{first}/qualify", {"purpose": "repair"})

    # then the ticket declines, nobody goes, and a new draft says what is missing
    declined = await team.office.told(ticket, "TicketDispatchDeclined")
    assert "2.2" in declined["words"]
    again = await the_order(team.office, ticket)
    assert again["work_order"] != first
    assert "2.2" in again["note"]
    assert (await team.ordered(first))["status"] == "CANCELLED"
    assert (await team.office.desk.read(f"/tickets/{ticket}"))["status"] == "TRIAGED"

    # and as a favour that is explained it is taken up
    favour = {"purpose": "repair", "goodwill": "老客户"}
    await team.dispatcher.do(f"/dispatch/work-orders/{again['work_order']}/qualify", favour)
    await team.office.told(ticket, "TicketDispatched")
    await progress(team, ticket, **{again["work_order"]: "open"})


async def test_what_could_not_be_done_goes_on_with_a_follow_up_that_the_ticket_waits_for(team: Visiting) -> None:
    # given a ticket with a work order on which an engineer was
    ticket = await triaged(team)
    order = await taken_up(team, ticket)
    await team.done(order)

    # when it can't be brought to its end
    path = f"/dispatch/work-orders/{order}/mark-incomplete"
    follow_up = (await team.dispatcher.do(path, {"reason": "缺配件"}))["follow_up"]

    # then the ticket waits for the follow-up instead
    await progress(team, ticket, **{order: "continued", follow_up: "open"})
    assert "缺配件" in (await team.office.told(ticket, "TicketWorkOrderContinued"))["words"]

    # and what becomes of that, it hears
    await team.dispatcher.do(f"/dispatch/work-orders/{follow_up}/cancel", {"reason": "客户退货"})
    await progress(team, ticket, **{order: "continued", follow_up: "cancelled"})


async def held_back(team: Visiting, order: str) -> None:
    """From here on tickets hears of this work order only when operations have its events tried again."""
    rows = await team.office.dispatch.log.read(0, 1_000_000)
    row = next(row for row in rows if row.stream == UUID(order) and "WorkOrderQualified" in row.topic)
    parked = (row.position, partition_of(row.stream), row.stream, row.version, row.topic, row.state)
    async with team.office.tickets.pool.connection() as connection:
        await connection.execute(
            "INSERT INTO parked (subscriber, source, position, partition, stream, version, type, body, error, tries) "
            "VALUES ('dispatched', 'dispatch', %s, %s, %s, %s, %s, %s, 'held back', 1)",
            parked,
        )


async def test_a_follow_up_may_be_heard_of_before_it_is_known_that_it_is_needed(team: Visiting) -> None:
    # given an engineer who was there, and tickets that doesn't hear of that work order for a while
    ticket = await triaged(team)
    order = await taken_up(team, ticket)
    await team.done(order)
    await held_back(team, order)

    # when it can't be brought to its end, and its follow-up is qualified
    path = f"/dispatch/work-orders/{order}/mark-incomplete"
    follow_up = (await team.dispatcher.do(path, {"reason": "缺配件"}))["follow_up"]
    await team.dispatcher.do(f"/dispatch/work-orders/{follow_up}/qualify")

    # then tickets knows both from the follow-up's word
    await progress(team, ticket, **{order: "continued", follow_up: "open"})
    assert "缺配件" in (await team.office.told(ticket, "TicketWorkOrderContinued"))["words"]

    # and when it hears the other word at last, nothing is new
    before = [line["event"] for line in await team.office.desk.read(f"/tickets/{ticket}/history")]
    admin = team.office.caller("admin")
    retried = await admin.do(
        "/tickets/parked/retry", {"subscriber": "dispatched", "source": "dispatch", "stream": order}
    )
    assert retried["handled"] >= 2
    assert [line["event"] for line in await team.office.desk.read(f"/tickets/{ticket}/history")] == before


async def test_work_that_becomes_chargeable_after_it_was_taken_up_waits_for_a_quote(team: Visiting) -> None:
    # given a training out of warranty, which costs nothing
    ticket = await triaged(team, decision={"verdict": "out_of_warranty", "note": "已过保"})
    first = (await the_order(team.office, ticket))["work_order"]
    path = f"/dispatch/work-orders/{first}/qualify"
    await team.dispatcher.do(path, {"purpose": "training"})
    await team.office.told(ticket, "TicketDispatched")

    # when it is to be a repair now
    await team.dispatcher.do(path, {"purpose": "repair"})

    # then the customer is asked first: nobody goes, and a draft says what is missing (2.2)
    declined = await team.office.told(ticket, "TicketDispatchDeclined")
    assert "2.2" in declined["words"]
    assert "2.2" in (await the_order(team.office, ticket))["note"]
    assert (await team.ordered(first))["status"] == "CANCELLED"
    await progress(team, ticket, **{first: "cancelled"})


async def test_a_work_order_of_an_unknown_ticket_waits_where_operations_see_what_is_wrong(team: Visiting) -> None:
    # given a work order that names a ticket which tickets has lost: dispatch itself takes none that it hasn't heard of
    nowhere, admin = str(uuid4()), team.office.caller("admin")
    order = await team.drafted()
    wish = QualifyWorkOrder(
        ticket=UUID(nowhere), purpose=Purpose.REPAIR, site=UUID(team.site), at=team.office.clock.now(), by="li.na"
    )
    await team.office.dispatch.log.execute(lambda streams: _qualified(streams, UUID(order), wish), _BY)

    # when tickets hears of it
    async def parked() -> Any:
        rows = await admin.list("/tickets/parked", subscriber="dispatched")
        return next((row for row in rows if row["stream"] == order), None)

    row = await until(parked)

    # then it says which order and which ticket, in both languages, and stays until somebody gives it up
    assert all(said in row["error"] for said in (order, nowhere, "不存在", "doesn't exist"))
    said = {"subscriber": "dispatched", "source": "dispatch", "stream": order}
    again = await admin.do("/tickets/parked/retry", said)
    assert again["handled"] == 0
    assert nowhere in again["error"]
    assert await parked()
    await admin.do("/tickets/parked/discard", said | {"position": row["position"], "reason": "派工单填错"})
    assert await parked() is None


async def test_a_work_order_that_the_desk_calls_off_is_called_off_with_its_visits(team: Visiting) -> None:
    # given a ticket that asked for a work order, and somebody who is to go
    ticket = await triaged(team)
    order = (await team.office.desk.do(f"/tickets/{ticket}/dispatch", {"purpose": "training"}))["work_order"]
    await the_order(team.office, ticket, "QUALIFIED")
    visit = await team.assigned(order, team.soon(days=2))

    # when the customer tells the desk not to come
    await team.office.desk.do(f"/tickets/{ticket}/cancel-work-order", {"work_order": order, "reason": "客户不需要"})

    # then nobody goes
    aborted = await team.until_told(visit, "VisitAborted")
    assert "客户不需要" in aborted["words"]
    assert (await team.ordered(order))["status"] == "CANCELLED"
    await nothing_left(team.office, ticket)


async def test_a_work_order_without_a_ticket_tells_tickets_nothing(team: Visiting) -> None:
    # given work orders by hand, one of them for a ticket
    ticket = await triaged(team)
    alone = await team.order()
    by_hand = await team.order(ticket=ticket, purpose="training")

    # then only that one is the ticket's
    await progress(team, ticket, **{by_hand: "open"})
    assert alone != by_hand
