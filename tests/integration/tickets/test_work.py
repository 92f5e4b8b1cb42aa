"""Holds, headquarters, quotes, work orders, visits, closing, merging and reopening."""

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.tickets.conftest import CALL, TALKED, Office, actions, code, open_now, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

OUT = {"decision": {"verdict": "out_of_warranty", "note": "购买已两年"}}
LINES = [
    {"kind": "material", "description": "诱饵盒", "quantity": "3", "unit_price": "12.35"},
    {"kind": "travel", "description": "往返车费", "quantity": "1", "unit_price": "46.50"},
]
ACCEPTED = {"revision": 1, "proof": TALKED}


async def chargeable(office: Office) -> str:
    """A triaged ticket out of warranty."""
    ticket = await office.triaged()
    await office.desk.do(f"/tickets/{ticket}/decide-coverage", OUT)
    return ticket


async def test_a_held_ticket_does_nothing_but_answer_and_comes_back_to_where_it_was(office: Office) -> None:
    # given a ticket that waits for something
    ticket = await office.triaged()
    await office.desk.do(f"/tickets/{ticket}/hold", {"reason": "等客户提供批号"})

    # when somebody wants to go on, answers, and what was waited for comes
    problem = await office.desk.refused(f"/tickets/{ticket}/dispatch", {"purpose": "repair"})
    await office.desk.do(f"/tickets/{ticket}/answer", {"proof": TALKED})
    resumed = await office.desk.do(f"/tickets/{ticket}/resume")

    # then it went on as an answered one
    assert code(problem) == "ticket-on-hold"
    assert {"resume", "answer", "escalate"} <= open_now(problem)
    assert actions(problem)["dispatch"] == "服务请求已挂起，现在不能派工。请先恢复。"
    assert resumed["status"] == "ANSWERED"


async def test_what_cant_be_answered_goes_to_headquarters_and_its_answer_comes_back(office: Office) -> None:
    # given an escalated ticket
    ticket = await office.triaged()
    await office.desk.do(f"/tickets/{ticket}/escalate", {"question": "此批次是否有召回？"})
    await office.seen()
    assert ticket in {row["ticket"] for row in await office.desk.list("/tickets", escalated=True)}

    # when reception answers for headquarters, and headquarters does
    reception, headquarters = office.caller("reception"), office.caller("hq_verifier")
    shown = actions(await reception.read(f"/tickets/{ticket}"))
    assert (await reception.post(f"/tickets/{ticket}/answer-escalation", {"answer": "没有"})).status_code == 403
    await headquarters.do(f"/tickets/{ticket}/answer-escalation", {"answer": "没有召回。"})

    # then only headquarters could, and the mark is gone
    assert shown["answer-escalation"] == "需要以下角色之一：hq_verifier、service_manager。"
    await office.seen()
    assert ticket not in {row["ticket"] for row in await office.desk.list("/tickets", escalated=True)}
    assert (await office.desk.read(f"/tickets/{ticket}"))["escalation_answer"] == "没有召回。"


async def test_out_of_warranty_a_repair_starts_when_the_quote_is_accepted(office: Office) -> None:
    # given a ticket out of warranty
    ticket = await chargeable(office)
    path = f"/tickets/{ticket}/quote"
    assert code(await office.desk.refused(f"/tickets/{ticket}/dispatch", {"purpose": "repair"})) == "quote-needed"

    # when a quote is issued, without travel, then with it, and the customer accepts what they saw
    no_travel = await office.desk.refused(path, {"lines": LINES[:1]})
    issued = await office.desk.do(path, {"lines": LINES})
    unseen = await office.desk.refused(f"{path}/accept", {"revision": 2, "proof": TALKED})
    unproved = await office.desk.refused(f"{path}/accept", {"revision": 1, "proof": TALKED | {"seconds": 0}})
    accepted = await office.desk.do(f"{path}/accept", ACCEPTED)

    # then the amounts are exact, and work may start
    assert [code(problem) for problem in (no_travel, unseen, unproved)] == [
        "travel-missing",
        "quote-superseded",
        "call-not-two-way",
    ]
    assert (issued["total"], issued["revision"], accepted["status"]) == ("83.55", 1, "ACCEPTED")
    assert "accept-quote" in open_now(unseen)
    assert (await office.desk.do(f"/tickets/{ticket}/dispatch", {"purpose": "repair"}))["status"] == "DISPATCHED"


async def test_a_quote_is_declined_replaced_and_expires_by_itself(office: Office) -> None:
    # given a quote that the customer declined, and a better one that holds for a day
    ticket = await chargeable(office)
    path = f"/tickets/{ticket}/quote"
    await office.desk.do(path, {"lines": LINES})
    await office.desk.do(f"{path}/decline", {"revision": 1, "reason": "太贵"})
    tomorrow = (office.clock.now() + timedelta(days=1)).isoformat()
    better = await office.desk.do(path, {"lines": LINES[1:], "valid_until": tomorrow})
    assert (better["revision"], better["total"]) == (2, "46.50")

    # when nobody accepts in time
    office.later(days=1, seconds=1)
    line = await office.told(ticket, "QuoteExpired")

    # then it is over, and a new one has to be issued
    assert line["words"] == "报价（第 2 版）已过有效期。"
    problem = await office.desk.refused(f"{path}/accept", {"revision": 2, "proof": TALKED})
    assert code(problem) == "quote-expired"
    assert code(await office.desk.refused(f"/tickets/{ticket}/dispatch", {"purpose": "replacement"})) == "quote-needed"
    favour = {"purpose": "replacement", "goodwill": "老客户"}
    assert (await office.desk.do(f"/tickets/{ticket}/dispatch", favour))["status"] == "DISPATCHED"


async def test_in_warranty_nothing_is_quoted_nor_when_nothing_is_to_be_done(office: Office) -> None:
    # given a ticket of unknown coverage, and a cancelled one out of warranty
    covered, cancelled = await office.triaged(), await chargeable(office)
    await office.desk.do(f"/tickets/{cancelled}/cancel", {"reason": "客户自行解决"})

    # when somebody quotes
    free = await office.desk.refused(f"/tickets/{covered}/quote", {"lines": LINES})
    over = await office.desk.refused(f"/tickets/{cancelled}/quote", {"lines": LINES})

    # then it is refused, and the ticket says so beforehand
    assert [code(free), code(over)] == ["quote-not-chargeable", "ticket-cancelled"]
    assert "issue-quote" not in open_now(await office.desk.read(f"/tickets/{cancelled}"))


async def test_a_ticket_closes_when_all_work_is_verified_and_the_customer_was_asked(office: Office) -> None:
    # given a resolved ticket with two work orders
    ticket = await office.triaged()
    orders = [
        (await office.desk.do(f"/tickets/{ticket}/dispatch", {"purpose": p}))["work_order"]
        for p in ("repair", "training")
    ]
    await office.desk.do(f"/tickets/{ticket}/resolve", {"resolution": "已更换"})

    # when the orders are verified and cancelled, and the survey is declined, closing is tried at each step
    asked = [await office.desk.refused(f"/tickets/{ticket}/close")]
    await office.verified(orders[0])
    await office.told(ticket, "TicketWorkOrderVerified")
    asked.append(await office.desk.refused(f"/tickets/{ticket}/close"))
    await office.desk.do(f"/tickets/{ticket}/cancel-work-order", {"work_order": orders[1], "reason": "客户不需要"})
    asked.append(await office.desk.refused(f"/tickets/{ticket}/close"))
    await office.desk.do(f"/tickets/{ticket}/survey/decline", {"proof": TALKED, "reason": "没空"})
    closed = await office.desk.do(f"/tickets/{ticket}/close")

    # then it closes at the last
    assert [code(problem) for problem in asked] == ["work-orders-open", "work-orders-open", "survey-missing"]
    assert actions(asked[0])["close"] == "还有 2 张派工单未验收。"
    assert "cancel-work-order" in open_now(asked[0])
    assert closed["status"] == "CLOSED"


@pytest.mark.parametrize("role", ["hq_verifier", "integration", "service_manager", "dispatcher"])
async def test_nobody_says_of_a_ticket_that_its_work_is_verified(office: Office, role: str) -> None:
    """⚖: dispatch has somebody verify it who had no part in it; a word to the ticket would go round that."""
    # given a ticket with a work order
    ticket = await office.triaged()
    order = (await office.desk.do(f"/tickets/{ticket}/dispatch", {"purpose": "repair"}))["work_order"]

    # when somebody says of the ticket that the order is verified
    said = await office.caller(role).post(f"/tickets/{ticket}/verify-work-order", {"work_order": order})

    # then there is no such action, and the order stays open
    assert said.status_code == 404
    shown = await office.desk.read(f"/tickets/{ticket}")
    assert "verify-work-order" not in actions(shown)
    assert [each["progress"] for each in shown["work_orders"]] == ["open"]


async def test_a_visit_is_told_in_parts_and_late_is_late_by_the_agreed_time(office: Office) -> None:
    # given a visit that was agreed for ten o'clock
    ticket = await office.triaged()
    order = (await office.desk.do(f"/tickets/{ticket}/dispatch", {"purpose": "repair"}))["work_order"]
    now = office.clock.now()
    agreed = {"work_order": order, "engineer": "E04", "agreed_arrival": now.isoformat()}
    visit = (await office.desk.do(f"/tickets/{ticket}/record-visit", agreed))["visit"]

    # when the engineer arrives twelve minutes later, and somebody tells it otherwise
    office.later(hours=2)
    arrived = (now + timedelta(minutes=12)).isoformat()
    told = agreed | {"visit": visit, "arrived_at": arrived, "finished_at": (now + timedelta(hours=1)).isoformat()}
    await office.desk.do(f"/tickets/{ticket}/record-visit", told)
    otherwise = await office.desk.refused(f"/tickets/{ticket}/record-visit", told | {"arrived_at": now.isoformat()})

    # then it is one visit, late by twelve minutes, and stays so
    visits = (await office.desk.read(f"/tickets/{ticket}"))["visits"]
    assert [(each["visit"], each["late_minutes"]) for each in visits] == [(visit, 12)]
    assert code(otherwise) == "visit-exists"


@pytest.mark.parametrize("alike", ["phone", "customer"])
async def test_duplicates_are_found_and_merged_and_both_histories_kept(office: Office, alike: str) -> None:
    # given a request, an hour later the same again, and one that is too late to be the same
    caller = {"name": "李老师", "phone": "13800001202"}
    whose = {"customer_name": f"东湖{alike}", "product_name": "粘蟑板", "summary": "粘不住", "channel": "phone"}
    told = [
        whose | ({"person": caller} if alike == "phone" else {}),
        whose | ({"person": caller, "customer_name": "东湖另一家"} if alike == "phone" else {}),
    ]
    first = (await office.desk.do("/tickets", told[0]))["ticket"]
    office.later(hours=1)
    second = (await office.desk.do("/tickets", told[1]))["ticket"]
    office.later(hours=72)
    third = (await office.desk.do("/tickets", told[1]))["ticket"]
    await office.seen()

    # when duplicates of the second are looked for, and it is merged into the first
    found = [each["ticket"] for each in await office.desk.read(f"/tickets/{second}/duplicates")]
    merged = await office.desk.do(f"/tickets/{second}/merge", {"into": first, "reason": "同一件事"})

    # then the first was found (and the third, within its window of the second)
    assert set(found) == {first, third}
    await office.seen()
    assert [each["ticket"] for each in await office.desk.read(f"/tickets/{first}/duplicates")] == []
    number = (await office.desk.read(f"/tickets/{first}"))["number"]
    assert (merged["status"], merged["into"], merged["into_number"]) == ("MERGED", first, number)
    shown = await office.desk.read(f"/tickets/{second}")
    assert shown["merged_into"] == {"ticket": first, "number": number}
    assert (await office.desk.read(f"/tickets/{first}"))["absorbed"] == [second]
    assert [line["event"] for line in await office.desk.read(f"/tickets/{second}/history")][-1] == "TicketMerged"
    assert "TicketAbsorbed" in {line["event"] for line in await office.desk.read(f"/tickets/{first}/history")}
    again = await office.desk.refused(f"/tickets/{second}/triage", {"product_unknown": "?"})
    assert actions(again)["triage"] == "服务请求已合并，现在不能分诊。请到合并后的服务请求中处理。"


async def test_a_ticket_merges_neither_into_itself_nor_into_nothing(office: Office) -> None:
    ticket = await office.ticket()
    itself = await office.desk.refused(f"/tickets/{ticket}/merge", {"into": ticket, "reason": "x"})
    nothing = await office.desk.refused(
        f"/tickets/{ticket}/merge", {"into": "6f1f7a9e-3c52-4b8e-9a57-5a1e1c3f7a11", "reason": "x"}
    )
    assert [code(itself), code(nothing)] == ["merge-into-itself", "merge-target-unknown"]


async def test_a_reopened_ticket_is_triaged_asked_and_closed_anew(office: Office) -> None:
    # given a closed ticket whose customer was content
    ticket = await office.resolved()
    survey = f"/tickets/{ticket}/survey"
    await office.desk.do(f"{survey}/answer", {"channel": "phone", "score": 5, "proof": TALKED})
    await office.desk.do(f"/tickets/{ticket}/close")

    # when it is reopened, and goes its way again
    await office.desk.do(f"/tickets/{ticket}/reopen", {"reason": "老鼠又来了"})
    early = await office.desk.refused(survey, {"channel": "im"})
    await office.desk.do(f"/tickets/{ticket}/triage", {"product_unknown": "?"})
    await office.desk.do(f"/tickets/{ticket}/answer", {"proof": TALKED | {"call_id": "second"}})
    await office.desk.do(f"/tickets/{ticket}/resolve", {"resolution": "加放诱饵盒"})
    unasked = await office.desk.refused(f"/tickets/{ticket}/close")

    # then the old survey doesn't count, a new one does
    assert [code(early), code(unasked)] == ["nothing-to-survey", "survey-missing"]
    await office.desk.do(f"{survey}/answer", {"channel": "phone", "score": 4, "proof": TALKED})
    assert (await office.desk.do(f"/tickets/{ticket}/close"))["status"] == "CLOSED"


async def test_only_open_or_triaged_tickets_are_cancelled(office: Office) -> None:
    # given an open ticket, and one that was answered
    open_one, answered = await office.ticket(), await office.triaged()
    await office.desk.do(f"/tickets/{answered}/answer", {"proof": TALKED})

    # when both are cancelled
    done = await office.desk.do(f"/tickets/{open_one}/cancel", {"reason": "打错了"})
    problem = await office.desk.refused(f"/tickets/{answered}/cancel", {"reason": "打错了"})

    # then only the first is, and its clock is dropped
    assert (done["status"], code(problem)) == ("CANCELLED", "ticket-answered")
    office.later(hours=25)
    await office.told(await _newer(office), "AnswerOverdue")
    assert "AnswerOverdue" not in {line["event"] for line in await office.desk.read(f"/tickets/{open_one}/history")}


async def _newer(office: Office) -> str:
    """A ticket that is overdue after all the others, when the clock has moved another day."""
    ticket = await office.ticket()
    office.later(hours=25)
    return ticket


async def test_lists_are_narrowed_down_and_turned_page_by_page(office: Office) -> None:
    # given seven tickets of one customer
    made = [await office.ticket(customer_name="分页客户", channel="email") for _ in range(7)]
    await office.seen()
    customer = (await office.desk.read(f"/tickets/{made[0]}"))["customer"]["customer"]

    # when they are read three at a time
    pages: list[list[str]] = []
    path: str | None = f"/tickets?customer={customer}&limit=3"
    while path:
        page: dict[str, Any] = await office.desk.read(path)
        pages.append([row["ticket"] for row in page["items"]])
        path = page["next"]

    # then each comes once, and filters do what they say
    assert [len(page) for page in pages] == [3, 3, 1]
    assert sorted(ticket for page in pages for ticket in page) == sorted(made)
    assert len(await office.desk.list("/tickets", customer=customer, channel="email", status=["OPEN", "TRIAGED"])) == 7
    assert await office.desk.list("/tickets", customer=customer, channel="phone") == []
    assert await office.desk.list("/tickets", customer=customer, status="CLOSED") == []
    assert len(await office.desk.list("/tickets", customer=customer, lot=CALL["lot"], q="老鼠")) == 7
    number = (await office.desk.read(f"/tickets/{made[0]}"))["number"]
    assert [row["ticket"] for row in await office.desk.list("/tickets", q=number.lower())] == [made[0]]


async def test_the_board_of_the_other_service_hears_of_it(office: Office) -> None:
    ticket = await office.ticket(summary="看板上的请求")

    async def there() -> bool:
        shown = await office.desk.read("/reporting/board/tickets", limit=200)
        return ticket in {row["ticket"] for row in shown["items"]}

    await until(there)
