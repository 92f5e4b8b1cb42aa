"""The 24-hour answer clock (3.4a): what meets it, what doesn't, and that it passes by itself."""

from datetime import timedelta
from typing import Any

import pytest

from shared.deadlines import Deadlines
from shared.service import Runtime
from tests.integration.tickets.conftest import CALL, TALKED, WROTE, Office, code, open_now

pytestmark = pytest.mark.asyncio(loop_scope="module")


def deadlines(runtime: Runtime) -> Deadlines:
    """A second worker on the same deadlines, driven by the test."""
    assert runtime.service.on_deadline
    return Deadlines(runtime.log, runtime.pool, runtime.clock, runtime.service.on_deadline(runtime.log))


@pytest.mark.parametrize(
    "proof", [TALKED, TALKED | {"direction": "inbound"}, WROTE], ids=["call", "inbound", "message"]
)
async def test_a_call_or_a_message_is_an_answer(office: Office, proof: dict[str, Any]) -> None:
    # given a triaged ticket
    ticket = await office.triaged()

    # when the customer gets an answer that is proved
    given = await office.desk.do(f"/tickets/{ticket}/answer", {"proof": proof})

    # then it is answered, in time
    assert given["status"] == "ANSWERED"
    shown = (await office.desk.read(f"/tickets/{ticket}"))["answer"]
    assert (shown["late_minutes"], shown["overdue"], shown["minutes_left"]) == (0, False, None)
    assert shown["proof"] == proof | ({"automatic": False} if proof is WROTE else {})


@pytest.mark.parametrize(
    ("proof", "why"),
    [
        (WROTE | {"automatic": True}, "message-automatic"),
        (WROTE | {"sent_by": " "}, "message-sender-missing"),
        (WROTE | {"channel": "phone"}, "message-channel-invalid"),
        (TALKED | {"seconds": 0}, "call-not-two-way"),
        ({"kind": "register", "sheet": "10月", "row": 4}, "register-proof-not-accepted"),
    ],
)
async def test_what_proves_nothing_is_no_answer(office: Office, proof: dict[str, Any], why: str) -> None:
    # given a ticket that waits
    ticket = await office.ticket()

    # when somebody offers what isn't a proof (D2)
    problem = await office.desk.refused(f"/tickets/{ticket}/answer", {"proof": proof})

    # then it goes on waiting, and answering is still open
    assert code(problem) == why
    assert "answer" in open_now(problem)
    assert (await office.desk.read(f"/tickets/{ticket}"))["answer"]["minutes_left"] == 24 * 60


async def test_a_click_on_a_status_is_no_answer(office: Office) -> None:
    ticket = await office.ticket()
    response = await office.desk.post(f"/tickets/{ticket}/answer", {})
    assert response.status_code == 422
    assert [error["pointer"] for error in response.json()["errors"]] == ["#/proof"]


async def test_an_answer_before_triage_counts_for_the_clock(office: Office) -> None:
    # given a ticket that was answered at once and triaged later
    ticket = await office.ticket()
    await office.desk.do(f"/tickets/{ticket}/answer", {"proof": TALKED})

    # when it is triaged
    triaged = await office.desk.do(f"/tickets/{ticket}/triage", {"product_unknown": "?"})

    # then it is answered already
    assert triaged["status"] == "ANSWERED"


async def test_after_24_hours_it_is_overdue_whether_somebody_looks_or_not(office: Office) -> None:
    # given two tickets, one answered, one on hold: nothing stops the clock (D1)
    answered, held = await office.triaged(), await office.triaged()
    await office.desk.do(f"/tickets/{answered}/answer", {"proof": TALKED})
    await office.desk.do(f"/tickets/{held}/hold", {"reason": "等客户提供批号"})
    due = office.clock.now() + timedelta(hours=24)

    # when the time passes, and workers act upon it, twice
    office.later(hours=24, minutes=5)
    worker = deadlines(office.tickets)
    await worker.run_due(office.clock.now())
    await worker.run_due(office.clock.now())

    # then the one that waited is overdue since the due time, once
    line = await office.told(held, "AnswerOverdue")
    assert line["at"] == due.isoformat()
    assert (line["who"], line["from"]) == ("系统（到期）", "定时")
    history = await office.desk.read(f"/tickets/{held}/history")
    assert [each["event"] for each in history].count("AnswerOverdue") == 1
    assert "AnswerOverdue" not in {each["event"] for each in await office.desk.read(f"/tickets/{answered}/history")}
    assert (await office.desk.read(f"/tickets/{held}"))["answer"]["minutes_left"] == -5

    # and the list of the overdue has it, with the minutes
    await office.seen()
    overdue = {row["ticket"]: row for row in await office.desk.list("/tickets", overdue=True)}
    assert overdue[held]["minutes_left"] == -5
    assert answered not in overdue

    # and a late answer says how late it was
    await office.desk.do(f"/tickets/{held}/answer", {"proof": TALKED})
    shown = (await office.desk.read(f"/tickets/{held}"))["answer"]
    assert (shown["late_minutes"], shown["overdue"]) == (5, True)


async def test_an_answer_in_time_that_was_recorded_late_corrects_the_breach(office: Office) -> None:
    # given a ticket that the timer found overdue
    ticket = await office.triaged()
    answered_at = office.clock.now() + timedelta(hours=3)
    office.later(hours=25)
    await office.told(ticket, "AnswerOverdue")

    # when it turns out that it had been answered after three hours
    await office.desk.do(f"/tickets/{ticket}/answer", {"proof": TALKED, "at": answered_at.isoformat()})

    # then it is on record both that it seemed overdue and that it wasn't
    events = [line["event"] for line in await office.desk.read(f"/tickets/{ticket}/history")]
    assert events[-3:] == ["AnswerOverdue", "AnswerOverdueCorrected", "FirstAnswerGiven"]
    shown = (await office.desk.read(f"/tickets/{ticket}"))["answer"]
    assert (shown["late_minutes"], shown["overdue"]) == (0, False)


async def test_nothing_is_answered_before_it_was_asked_nor_in_the_future(office: Office) -> None:
    # given a ticket of this minute
    ticket = await office.ticket()

    # when an answer is dated before it, and after now
    early = (office.clock.now() - timedelta(hours=1)).isoformat()
    late = (office.clock.now() + timedelta(hours=1)).isoformat()
    refused = await office.desk.refused(f"/tickets/{ticket}/answer", {"proof": TALKED, "at": early})
    future = await office.desk.post(f"/tickets/{ticket}/answer", {"proof": TALKED, "at": late})

    # then neither counts
    assert code(refused) == "before-receipt"
    assert (future.status_code, future.json()["errors"][0]["pointer"]) == (422, "#/at")


async def test_a_reopened_ticket_is_owed_a_new_answer_within_24_hours(office: Office) -> None:
    # given a resolved ticket
    ticket = await office.resolved()
    office.later(days=3)

    # when the customer asks again
    reopened = await office.desk.do(f"/tickets/{ticket}/reopen", {"reason": "老鼠又来了"})

    # then an answer is due in 24 hours, the old call proves nothing, and a new one does
    assert reopened["answer_due"] == (office.clock.now() + timedelta(hours=24)).isoformat()
    await office.desk.do(f"/tickets/{ticket}/triage", {"product_unknown": "?"})
    problem = await office.desk.refused(f"/tickets/{ticket}/answer", {"proof": TALKED})
    assert code(problem) == "proof-used"
    await office.desk.do(f"/tickets/{ticket}/answer", {"proof": TALKED | {"call_id": "another"}})
    assert (await office.desk.read(f"/tickets/{ticket}"))["reopenings"] == 1


async def test_the_merged_ticket_waits_no_more_and_its_earlier_clock_goes_on_in_the_other(office: Office) -> None:
    # given a ticket, and an hour later its duplicate, which is kept
    first = await office.desk.do("/tickets", CALL)
    office.later(hours=1)
    second = await office.ticket()

    # when the first is merged into the second
    await office.desk.do(f"/tickets/{first['ticket']}/merge", {"into": second, "reason": "同一件事"})

    # then whoever asked first isn't made to wait longer
    assert (await office.desk.read(f"/tickets/{second}"))["answer"]["due"] == first["answer_due"]
    office.later(hours=24)
    await office.told(second, "AnswerOverdue")
    events = [line["event"] for line in await office.desk.read(f"/tickets/{first['ticket']}/history")]
    assert "AnswerOverdue" not in events
