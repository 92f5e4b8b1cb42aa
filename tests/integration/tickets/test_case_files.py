"""Case files (5.3): documents with their content, the checklist in words, and archiving only what is complete."""

import hashlib
from typing import Any

import httpx
import pytest

from tests.integration.tickets.conftest import TALKED, Office, actions, code, open_now

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCAN = b"%PDF-1.7\nscan of a letter"


async def filed(office: Office, ticket: str, content: bytes = SCAN, **said: Any) -> httpx.Response:
    data = {"document": "letter", "title": "来函扫描件"} | said
    return await office.desk.upload(f"/tickets/{ticket}/documents", "scan.pdf", content, data=data)


async def closed_letter(office: Office) -> str:
    """A closed ticket that began with a letter."""
    ticket = await office.resolved(channel="letter", person=None)
    await office.desk.do(f"/tickets/{ticket}/survey/answer", {"channel": "phone", "score": 5, "proof": TALKED})
    await office.desk.do(f"/tickets/{ticket}/close")
    return ticket


async def test_a_letters_ticket_is_archived_when_its_scan_is_filed(office: Office) -> None:
    # given a closed ticket of a letter
    ticket = await closed_letter(office)
    problem = await office.desk.refused(f"/tickets/{ticket}/archive")
    before = await office.desk.read(f"/tickets/{ticket}/case-file")

    # when the scan is filed, and it is archived
    answer = await filed(office, ticket)
    archived = await office.desk.do(f"/tickets/{ticket}/archive")

    # then what was missing was said in words, and now nothing is
    assert (code(problem), problem["detail"]) == ("case-file-incomplete", "服务档案缺少：来函扫描件。")
    assert actions(problem)["archive"] == "服务档案缺少：来函扫描件。"
    assert [item["title"] for item in before["items"] if not item["there"]] == ["来函扫描件"]
    assert (answer.status_code, archived["status"]) == (201, "ARCHIVED")
    after = await office.desk.read(f"/tickets/{ticket}/case-file")
    assert (after["archived"], after["complete"]) == (True, True)
    assert [(each["kind"], each["title"]) for each in after["documents"]] == [("来函", "来函扫描件")]

    # and nothing is filed any more
    late = await filed(office, ticket, SCAN + b"2", document="photo")
    assert (late.status_code, code(late.json())) == (409, "case-file-archived")
    assert open_now(late.json()) == set()


async def test_a_document_is_given_back_as_it_came(office: Office) -> None:
    # given a scan that was filed, twice
    ticket, other = await office.ticket(), await office.ticket()
    first, again = await filed(office, ticket), await filed(office, ticket)
    digest = hashlib.sha256(SCAN).hexdigest()
    assert (first.json()["sha256"], first.json()["version"], again.json()["version"]) == (digest, 1, 1)

    # when it is fetched
    found = await office.desk.send("GET", first.headers["location"])

    # then it has the same bytes, is saved and not run, and belongs to its own ticket
    assert (found.content, found.headers["content-type"]) == (SCAN, "application/pdf")
    assert found.headers["content-disposition"].startswith("attachment")
    assert found.headers["x-content-type-options"] == "nosniff"
    assert (await office.desk.send("GET", f"/tickets/{other}/documents/{digest}")).status_code == 404
    assert (await office.desk.send("GET", f"/tickets/{ticket}/documents/{'0' * 64}")).status_code == 404
    assert (await office.caller("purchasing").send("GET", first.headers["location"])).status_code == 403
    kept = office.data_dir / "documents" / digest[:2] / digest
    assert kept.read_bytes() == SCAN
    assert kept.stat().st_mode & 0o077 == 0


async def test_what_is_no_scan_photo_or_recording_is_not_kept(office: Office) -> None:
    # given files that pretend
    ticket = await office.ticket()
    wrong = {
        "empty": b"",
        "program": b"MZ\x90\0",
        "page": b"<html><script>",
        "archive": b"PK\x03\x04",
    }

    # when they are filed
    for name, content in wrong.items():
        answer = await filed(office, ticket, content)

        # then the field is named, and what would do
        assert answer.status_code == 422, name
        assert answer.json()["errors"][0]["pointer"] == "#/file"
    assert (await office.desk.read(f"/tickets/{ticket}/case-file"))["documents"] == []


async def test_a_file_beyond_the_limit_is_refused(office: Office) -> None:
    answer = await filed(office, await office.ticket(), b"%PDF-" + b"x" * 20_200_000)
    assert (answer.status_code, code(answer.json())) == (413, "too-large")


async def test_a_ticket_that_isnt_there_takes_no_documents(office: Office) -> None:
    answer = await filed(office, "6f1f7a9e-3c52-4b8e-9a57-5a1e1c3f7a11")
    assert answer.status_code == 404


async def test_the_checklist_says_what_is_missing_at_every_stage(office: Office) -> None:
    # given a ticket with an open complaint, an open question and an unanswered quote
    ticket = await office.triaged()
    decision = {"decision": {"verdict": "out_of_warranty", "note": "已过保"}}
    await office.desk.do(f"/tickets/{ticket}/decide-coverage", decision)
    line = {"kind": "travel", "description": "车费", "quantity": "1", "unit_price": "10"}
    await office.desk.do(f"/tickets/{ticket}/quote", {"lines": [line]})
    await office.desk.do(f"/tickets/{ticket}/escalate", {"question": "?"})
    said = {"channel": "phone", "ticket": ticket, "category": "other", "summary": "不满"}
    await office.desk.do("/tickets/complaints", said)
    await office.seen()

    # when the checklist is read in English
    english = office.caller("reception", language="en")
    shown = await english.read(f"/tickets/{ticket}/case-file")

    # then each missing item is named
    assert {item["item"] for item in shown["items"] if not item["there"]} == {
        "answer",
        "escalation",
        "quote",
        "survey",
        "complaints",
    }
    assert "closed complaints (4.2)" in {item["title"] for item in shown["items"]}


async def test_an_open_complaint_keeps_the_file_open_even_a_moment_after_it_was_lodged(office: Office) -> None:
    # given a closed ticket, complete but for a complaint that is lodged right now
    ticket = await office.resolved()
    await office.desk.do(f"/tickets/{ticket}/survey/answer", {"channel": "phone", "score": 5, "proof": TALKED})
    await office.desk.do(f"/tickets/{ticket}/close")
    said = {"channel": "phone", "ticket": ticket, "category": "other", "summary": "后来又不满"}
    complaint = (await office.desk.do("/tickets/complaints", said))["complaint"]

    # when it is archived at once, and after the complaint was withdrawn
    problem = await office.desk.refused(f"/tickets/{ticket}/archive")
    await office.desk.do(f"/tickets/complaints/{complaint}/withdraw", {"reason": "误会", "proof": TALKED})

    # then the complaint was seen, whatever the lists knew
    assert problem["detail"] == "服务档案缺少：投诉处理结果。"
    assert (await office.desk.do(f"/tickets/{ticket}/archive"))["status"] == "ARCHIVED"
