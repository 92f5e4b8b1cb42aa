"""Complaints (4.1, 4.2): evidence, the engineer's statement, the finding by another person ⚖, the remedy."""

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.tickets.conftest import TALKED, Caller, Office, actions, code, open_now

pytestmark = pytest.mark.asyncio(loop_scope="module")

RECORDING = b"ID3\x04" + b"\0" * 40
FOUND = {"category": "4.2.1", "reasons": "录音清楚"}


def staff(office: Office) -> tuple[Caller, Caller, Caller, Caller, Caller]:
    """Who takes it down, looks into it, decides it, whom it is about, and a colleague of theirs."""
    return (
        office.caller("reception"),
        office.caller("service_manager", subject="zhao.min"),
        office.caller("hq_verifier", subject="qian.hua"),
        office.caller("engineer", engineer="E04"),
        office.caller("engineer", engineer="E05"),
    )


async def lodged(office: Office, **facts: Any) -> str:
    """A complaint about a ticket and the engineer E04: its path."""
    ticket = await office.ticket()
    said = {
        "channel": "phone",
        "ticket": ticket,
        "category": "4.2.1",
        "engineer": "E04",
        "happened_at": (office.clock.now() - timedelta(hours=2)).isoformat(),
        "summary": "跟保管员吵起来了",
    }
    made = await office.caller("reception").do("/tickets/complaints", said | facts)
    return f"/tickets/complaints/{made['complaint']}"


async def investigated(office: Office) -> str:
    """A complaint with evidence, whose engineer was asked for a statement."""
    path = await lodged(office)
    _, manager, *_ = staff(office)
    await manager.do(f"{path}/acknowledge")
    await manager.do(f"{path}/start-investigation", {"investigator": "zhao.min"})
    proof = await manager.upload(f"{path}/add-evidence", "call.mp3", RECORDING, data={"description": "通话录音"})
    assert proof.status_code == 200, proof.text
    return path


async def test_a_complaint_goes_its_way_from_call_to_remedy(office: Office) -> None:
    # given a complaint that was looked into
    path = await investigated(office)
    _, manager, finder, engineer, _ = staff(office)

    # when the engineer states, another person finds it true, and it is made up for
    early = await finder.refused(f"{path}/substantiate", FOUND)
    await engineer.do(f"{path}/give-statement", {"statement": "当时语气急了"})
    await finder.do(f"{path}/substantiate", FOUND)
    open_end = await manager.refused(f"{path}/close")
    await manager.do(f"{path}/plan-remedy", {"remedy": "上门道歉", "responsible": "zhao.min"})
    await manager.do(f"{path}/complete-remedy", {"outcome": "客户接受"})
    closed = await manager.do(f"{path}/close")

    # then it wasn't found before the engineer was heard, nor closed before the remedy was done
    assert [code(early), code(open_end)] == ["statement-awaited", "complaint-substantiated"]
    assert closed["status"] == "CLOSED"
    shown = await manager.read(path)
    assert (shown["finding"]["category"], shown["remedy"]["remedy"]) == ("4.2.1", "上门道歉")
    assert [piece["description"] for piece in shown["evidence"]] == ["通话录音"]
    words = [line["words"] for line in await manager.read(f"{path}/history")]
    assert words[0].endswith("与客户争吵（4.2.1）：跟保管员吵起来了")
    assert words[-1] == "投诉关闭（查实）。"


async def test_an_engineer_reaches_only_what_is_about_them(office: Office) -> None:
    # given a complaint about E04
    path = await investigated(office)
    _, _, _, subject, colleague = staff(office)
    await office.seen()

    # when both engineers look, and both want to state
    shown = await subject.read(path)
    listed = await colleague.list("/tickets/complaints", limit=200)
    asked = [
        await colleague.send("GET", path),
        await colleague.send("GET", f"{path}/history"),
        await colleague.send("GET", f"{path}/evidence/{shown['evidence'][0]['sha256']}"),
        await colleague.post(f"{path}/give-statement", {"statement": "不是我"}),
    ]

    # then the colleague gets nothing, and the subject may state, see and hear
    assert [response.status_code for response in asked] == [403] * 4
    assert listed == []
    assert open_now(shown) == {"give-statement"}
    assert shown["complaint"] in {row["complaint"] for row in await subject.list("/tickets/complaints", limit=200)}
    heard = await subject.send("GET", f"{path}/evidence/{shown['evidence'][0]['sha256']}")
    assert (heard.content, heard.headers["content-type"]) == (RECORDING, "audio/mpeg")


async def test_who_prepared_it_or_is_concerned_makes_no_finding(office: Office) -> None:
    # given a complaint whose statement was given
    path = await investigated(office)
    _, manager, finder, engineer, _ = staff(office)
    await engineer.do(f"{path}/give-statement", {"statement": "是我不对"})
    concerned = office.caller("hq_verifier", "engineer", engineer="E04", subject="wang.qiang")

    # when the investigator, and the engineer in another role, decide it
    prepared = await manager.refused(f"{path}/substantiate", FOUND)
    own = await concerned.refused(f"{path}/dismiss", {"finding": "UNSUBSTANTIATED", "reasons": "没有的事"})

    # then neither can, both are told so beforehand, and a third person can
    assert [code(prepared), code(own)] == ["finder-prepared-it", "finder-is-subject"]
    assert actions(await concerned.read(path))["dismiss"] == "被投诉人不能作结论。"
    assert (await finder.do(f"{path}/substantiate", FOUND))["status"] == "SUBSTANTIATED"


async def test_silence_lapses_after_24_hours_by_itself(office: Office) -> None:
    # given an engineer who was asked
    path = await investigated(office)
    _, _, finder, engineer, _ = staff(office)

    # when 24 hours pass
    office.later(hours=24, seconds=1)
    found = await finder.do(f"{path}/substantiate", FOUND)

    # then it can be found, and a late statement comes too late
    assert found["status"] == "SUBSTANTIATED"
    shown = await finder.read(path)
    assert shown["statement_lapsed"] is True
    late = await engineer.refused(f"{path}/give-statement", {"statement": "我想说"})
    assert code(late) == "complaint-substantiated"
    events = [line["event"] for line in await finder.read(f"{path}/history")]
    assert events.count("ComplaintStatementLapsed") == 1


async def test_nothing_is_substantiated_without_evidence(office: Office) -> None:
    # given a complaint without evidence, whose engineer has stated
    path = await lodged(office)
    _, manager, finder, engineer, _ = staff(office)
    await manager.do(f"{path}/acknowledge")
    await manager.do(f"{path}/start-investigation", {"investigator": "zhao.min"})
    await engineer.do(f"{path}/give-statement", {"statement": "没有"})

    # when it is decided
    problem = await finder.refused(f"{path}/substantiate", FOUND)
    dismissed = await finder.do(f"{path}/dismiss", {"finding": "INCONCLUSIVE", "reasons": "各执一词"})

    # then it can't be true; it can be unknown, and closed without a remedy
    assert code(problem) == "evidence-missing"
    assert dismissed["status"] == "INCONCLUSIVE"
    assert (await manager.do(f"{path}/close"))["status"] == "CLOSED"


async def test_only_the_customer_takes_it_back_and_that_is_proved(office: Office) -> None:
    # given a complaint under investigation
    path = await investigated(office)
    reception, *_ = staff(office)

    # when it is withdrawn, without and with proof
    silent = await reception.refused(f"{path}/withdraw", {"reason": "误会", "proof": TALKED | {"seconds": 0}})
    withdrawn = await reception.do(f"{path}/withdraw", {"reason": "误会", "proof": TALKED})

    # then it is over
    assert (code(silent), withdrawn["status"]) == ("call-not-two-way", "WITHDRAWN")
    assert open_now(await reception.read(path)) == set()


async def test_a_step_that_isnt_open_says_what_is(office: Office) -> None:
    # given a complaint that nobody has acknowledged
    path = await lodged(office)
    manager = office.caller("service_manager", subject="zhao.min", language="en")

    # when it is to be investigated
    problem = await manager.refused(f"{path}/start-investigation", {"investigator": "zhao.min"})

    # then the answer says why not and what comes first
    assert problem["detail"] == (
        "The complaint is lodged, so it isn't possible to start the investigation now. Acknowledge it first."
    )
    assert open_now(problem) == {"acknowledge", "add-evidence", "withdraw"}


async def test_a_complaint_about_a_ticket_knows_whose_it_is(office: Office) -> None:
    # given a complaint that names nothing but the ticket
    path = await lodged(office)

    # then customer and caller are the ticket's, and the ticket lists it
    shown = await office.desk.read(path)
    assert shown["customer_name"] == "光明物业"
    assert shown["person"]
    await office.seen()
    ticket = await office.desk.read(f"/tickets/{shown['ticket']}")
    assert [each["number"] for each in ticket["complaints"]] == [shown["number"]]
    unknown = {
        "channel": "phone",
        "category": "other",
        "summary": "x",
        "ticket": "6f1f7a9e-3c52-4b8e-9a57-5a1e1c3f7a11",
    }
    assert code(await office.desk.refused("/tickets/complaints", unknown)) == "ticket-unknown"


async def test_evidence_is_a_file_that_can_be_told(office: Office) -> None:
    path = await lodged(office)
    _, manager, *_ = staff(office)
    text = await manager.upload(f"{path}/add-evidence", "note.txt", b"he was rude", data={"description": "笔记"})
    assert text.status_code == 422
    assert text.json()["errors"][0]["pointer"] == "#/file"
    assert "PDF" in text.json()["errors"][0]["detail"]
