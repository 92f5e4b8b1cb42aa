"""What holds for every request: keys, versions, problems in two languages, histories that people can read."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest

from tests.integration.tickets.conftest import CALL, TALKED, Office, code

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_same_key_is_one_ticket_however_often_and_at_once(office: Office) -> None:
    # given a command that twenty browsers send with one key, all at once
    key = uuid4().hex
    answers = await asyncio.gather(*(office.desk.post("/tickets", CALL, key=key) for _ in range(20)))

    # then there is one ticket, and everybody hears of it
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["ticket"] for answer in answers}) == 1
    ticket = answers[0].json()["ticket"]
    assert (await office.desk.read(f"/tickets/{ticket}"))["version"] == 1

    # and another command under that key is refused, while another caller may use the same word
    other = await office.desk.post("/tickets", CALL | {"summary": "另一件事"}, key=key)
    assert (other.status_code, code(other.json())) == (422, "idempotency-key-reused")
    assert (await office.caller("reception").do("/tickets", CALL, key=key))["ticket"] != ticket


async def test_without_a_key_nothing_is_done(office: Office) -> None:
    response = await office.http.post("/tickets", json=CALL, headers={"Authorization": f"Bearer {office.desk.token}"})
    assert (response.status_code, code(response.json())) == (400, "idempotency-key-missing")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/triage", {"product_unknown": "?"}),
        ("/hold", {"reason": "等"}),
        ("/cancel", {"reason": "x"}),
        ("/answer", {"proof": TALKED}),
        ("/decide-coverage", {"decision": {"verdict": "unknown", "note": "x"}}),
    ],
)
async def test_whoever_has_seen_an_older_version_changes_nothing(
    office: Office, path: str, body: dict[str, Any]
) -> None:
    # given a ticket as somebody has read it, and then it changed
    ticket = await office.ticket()
    seen = (await office.desk.send("GET", f"/tickets/{ticket}")).headers["etag"]
    await office.desk.do(f"/tickets/{ticket}/escalate", {"question": "?"})

    # when they act on what they saw, then on what is there
    stale = await office.desk.post(f"/tickets/{ticket}{path}", body, headers={"If-Match": seen})
    fresh = (await office.desk.send("GET", f"/tickets/{ticket}")).headers["etag"]
    done = await office.desk.post(f"/tickets/{ticket}{path}", body, headers={"If-Match": fresh})

    # then the first is refused with the version that is there, the second is granted
    assert (seen, stale.status_code, stale.headers["etag"]) == ('"1"', 412, fresh)
    assert "您依据的是版本 1" in stale.json()["detail"]
    assert done.status_code == 200, done.text


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/quote", {"lines": [{"kind": "travel", "description": "车费", "quantity": "1", "unit_price": "1"}]}),
        ("/survey/decline", {"proof": TALKED}),
    ],
)
async def test_quotes_and_surveys_have_versions_of_their_own(office: Office, path: str, body: dict[str, Any]) -> None:
    # given a ticket out of warranty without a quote or a survey
    ticket = await office.triaged()
    decision = {"decision": {"verdict": "out_of_warranty", "note": "已过保"}}
    await office.desk.do(f"/tickets/{ticket}/decide-coverage", decision)

    # when somebody means the third version of it
    response = await office.desk.post(f"/tickets/{ticket}{path}", body, headers={"If-Match": '"3"'})

    # then that isn't what is there
    assert (response.status_code, response.json()["version"]) == (412, 0)


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, {"#/channel", "#/summary"}),
        (CALL | {"channel": "pigeon"}, {"#/channel"}),
        (CALL | {"at": "2026-10-08T09:00:00"}, {"#/at"}),
        (CALL | {"lots": "x"}, {"#/lots"}),
        (CALL | {"summary": "  "}, {"#/summary"}),
        (CALL | {"person": {"name": "x", "shoe": 42}}, {"#/person/shoe"}),
    ],
)
async def test_bad_input_is_told_by_its_place_in_both_languages(
    office: Office, body: dict[str, Any], pointers: set[str]
) -> None:
    chinese = (await office.desk.post("/tickets", body)).json()
    english = (await office.caller("reception", language="en").post("/tickets", body)).json()
    assert (chinese["status"], chinese["title"], english["title"]) == (422, "输入有误", "The input is not valid")
    for problem in (chinese, english):
        assert {error["pointer"] for error in problem["errors"]} == pointers
    assert [e["detail"] for e in chinese["errors"]] != [e["detail"] for e in english["errors"]]


async def test_what_isnt_there_is_not_found(office: Office) -> None:
    # given ids that stand for nothing, and a ticket's where something else is meant
    ticket, nobody = await office.ticket(), str(uuid4())
    for path in (
        f"/tickets/{nobody}",
        f"/tickets/{nobody}/history",
        f"/tickets/{nobody}/case-file",
        f"/tickets/{nobody}/coverage",
        f"/tickets/contacts/{ticket}",
        f"/tickets/complaints/{ticket}",
        f"/tickets/persons/{nobody}",
        f"/tickets/customers/{nobody}",
        f"/tickets/register-imports/{nobody}",
        f"/tickets/register-imports/{nobody}/result.xlsx",
        "/tickets/nothing/here",
    ):
        response = await office.desk.send("GET", path)
        assert (response.status_code, code(response.json())) == (404, "not-found"), path
    for action in ("triage", "close", "archive", "quote/accept", "survey"):
        body = {"quote/accept": {"revision": 1, "proof": TALKED}, "survey": {"channel": "im"}}.get(action, {})
        assert (await office.desk.post(f"/tickets/{nobody}/{action}", body)).status_code == 404, action


async def test_a_cursor_that_isnt_ours_is_refused(office: Office) -> None:
    # given a cursor of one list
    for _ in range(3):
        await office.ticket()
    await office.seen()
    cursor = (await office.desk.read("/tickets", limit=1))["cursor"]

    # when it is used with other filters, or is no cursor at all
    for path, wrong in (("/tickets?overdue=true&", cursor), ("/tickets?", "x"), ("/tickets/contacts?", cursor)):
        response = await office.desk.send("GET", f"{path}cursor={wrong}")
        assert (response.status_code, code(response.json())) == (400, "cursor-invalid"), path
    assert (await office.desk.send("GET", "/tickets?limit=1000")).status_code == 422
    assert (await office.desk.send("GET", "/tickets?colour=red")).status_code == 422


async def test_a_history_says_in_plain_words_when_who_from_where_and_what(office: Office) -> None:
    # given a ticket that came by the app at 09:00 in Shanghai, or soon after
    opened = await office.desk.do("/tickets", CALL, headers={"X-Source": "app"})
    ticket = opened["ticket"]
    await office.caller("service_manager", subject="zhao.min").do(f"/tickets/{ticket}/hold", {"reason": "等批号"})

    # when its history is read in both languages
    chinese = await office.desk.read(f"/tickets/{ticket}/history")
    english = await office.caller("reception", language="en").read(f"/tickets/{ticket}/history")

    # then it is told to people, in Shanghai's time, and to programs, in exact moments
    assert chinese[0]["when"] == "2026-10-08 09:00"
    assert chinese[0]["at"] == "2026-10-08T01:00:00+00:00"
    told = [(line["who"], line["from"], line["words"]) for line in chinese]
    assert told[0] == ("li.na", "手机应用", "登记电话：粘不住,老鼠跑了")
    assert told[2] == ("zhao.min", "网页", "挂起：等批号")
    due = "须在 2026-10-09 09:00 前答复"
    assert f"电话受理，编号 {opened['number']}，{due}" in told[1][2]
    assert [(line["from"], line["words"]) for line in english][2] == ("the web", "Put on hold: 等批号")


async def test_nothing_personal_is_in_events_of_everything_that_can_happen(office: Office) -> None:
    # given a whole life of a ticket
    ticket = await office.resolved()
    await office.desk.do(f"/tickets/{ticket}/survey/decline", {"proof": TALKED})
    await office.desk.do(f"/tickets/{ticket}/close")
    await office.desk.do(f"/tickets/{ticket}/archive")

    # then no event says who called, from which number, or where they live
    for event in await office.events():
        stored = json.dumps(json.loads(event["state"]), ensure_ascii=False)
        assert not [secret for secret in ("王主任", "13800000067", "138-0000-0067", "光明路") if secret in stored]
