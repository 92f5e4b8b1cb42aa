"""The evidence of one penalty, as those get it who may, and as anybody can check it."""

import asyncio
import json
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.calendar import day_of, end_of_day
from shared.chain import link
from shared.chain.heads import SignedHead, genuine
from tests.integration.penalties.conftest import PenaltiesOffice, Visiting, until
from tests.pdf import pages
from tests.unit.dispatch.pictures import photo

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def decided(office: PenaltiesOffice) -> tuple[Visiting, str, str]:
    """A lateness that was imposed, appealed against and reduced: the team, the penalty, the file that was attached."""
    team = await office.team()
    id = await office.charged(team)
    await office.hr.do(f"/penalties/{id}/notice")
    file = (await team.engineer.upload(f"/penalties/{id}/files", "导航.png", photo())).json()["sha256"]
    await team.engineer.do(f"/penalties/{id}/give-statement", {"statement": "高架封路，已提前来电", "files": [file]})
    await office.manager.do(f"/penalties/{id}/impose", {"reasons": "轨迹与所述不符"})
    await team.engineer.do(f"/penalties/{id}/lodge-appeal", {"grounds": "导航截图可以证明"})
    less = {"outcome": "reduced", "amount": "20.00"}
    await office.panel().do(f"/penalties/{id}/propose-appeal-decision", less | {"reasons": "封路属实"})
    await office.panel("lin.tao").do(f"/penalties/{id}/confirm-appeal-decision", less)
    return team, id, file


async def bundle(office: PenaltiesOffice, id: str) -> dict[str, Any]:
    found: dict[str, Any] = await office.hr.read(f"/penalties/{id}/evidence.json")
    return found


async def linked(office: PenaltiesOffice) -> None:
    """Until all that was recorded is linked."""

    async def done() -> bool:
        chain = await office.hr.read("/penalties/chain")
        return bool(chain["position"] == chain["recorded"])

    await until(done)


async def signed(office: PenaltiesOffice) -> dict[str, Any]:
    """The head of the day that has just ended."""
    before = len(await office.hr.list("/penalties/chain/heads"))
    await linked(office)
    office.clock.move_to(end_of_day(day_of(office.clock.now())) + timedelta(minutes=1))

    async def more() -> Any:
        heads = await office.hr.list("/penalties/chain/heads")
        return heads[0] if len(heads) > before else None

    head: dict[str, Any] = await until(more)
    return head


async def test_the_bundle_holds_all_that_a_court_would_ask_for(office: PenaltiesOffice) -> None:
    # given a penalty with all its steps
    team, id, file = await decided(office)
    await linked(office)

    # when HR takes its evidence
    found = await bundle(office, id)

    # then the penalty, the rule and its text, and what the rule has read are there
    assert (found["penalty"]["status"], found["penalty"]["amount"]) == ("FINAL", "20.00")
    assert found["rule"]["text"]["zh"].startswith("因个人原因未在约定时间")
    assert found["rule"]["definition"]["code"] == "4.5"
    assert found["rule"]["adopted"]["procedure"] == "职工代表大会讨论通过"
    assert found["rule"]["acknowledged"]["at"] <= found["penalty"]["happened_at"]
    assert {"field": "late", "value": True} in [
        {name: each[name] for name in ("field", "value")} for each in found["read"]
    ]
    assert "dispatch.VisitLate" in {each["topic"] for each in found["evidence"]}

    # and everything that was said, by whom
    said = [(each["title"]["zh"], each["by"], each["words"]) for each in found["said"]]
    assert said[:3] == [
        ("本人陈述", [team.code], "高架封路，已提前来电"),
        ("处罚决定", ["zhao.min"], "轨迹与所述不符"),
        ("本人申诉", [team.code], "导航截图可以证明"),
    ]
    assert said[-1] == ("申诉裁定", ["chen.wei", "lin.tao"], "封路属实")
    assert found["files"] == [{"sha256": file, "event": found["said"][0]["event"]}]

    # and every step, of the fact and the policy as well, with who, when and from where
    topics = [each["topic"].removeprefix("penalties.") for each in found["events"]]
    for topic in ("PolicyAdopted", "PolicyAcknowledged", "FactReported", "SuspicionRaised", "AppealDecided"):
        assert topic in topics
    assert all(each["who"]["zh"] and each["from"]["zh"] and each["words"]["zh"] for each in found["events"])


async def test_every_event_is_as_it_was_published_and_gives_its_entry_of_the_chain(office: PenaltiesOffice) -> None:
    _, id, _ = await decided(office)
    head = await signed(office)

    found = await bundle(office, id)

    for each in found["events"]:
        state = each["state"].encode()
        assert sha256(state).hexdigest() == each["sha256"]
        before = bytes.fromhex(each["entry_before"]) if each["position"] > 1 else b""
        entry = link(before, each["position"], UUID(each["stream"]), each["version"], each["topic"], state)
        assert each["position"] == 1 or entry.hex() == each["entry"]
    covering = found["chain"]["head"]
    assert covering["position"] >= found["events"][-1]["position"]
    assert {name: covering[name] for name in ("event", "text")} == {name: head[name] for name in ("event", "text")}
    fields = {name: covering[name] for name in ("position", "head", "text", "key", "signature")}
    assert genuine(SignedHead(**fields), "penalties")


async def test_the_json_is_canonical_and_the_pdf_names_its_fingerprint(office: PenaltiesOffice) -> None:
    team, id, file = await decided(office)
    await signed(office)

    answer = await office.hr.send("GET", f"/penalties/{id}/evidence.json")
    again = await office.hr.send("GET", f"/penalties/{id}/evidence.json")
    paper = await office.hr.send("GET", f"/penalties/{id}/evidence.pdf")

    assert answer.content == again.content
    document = json.loads(answer.content)
    assert json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() == answer.content
    fingerprint = sha256(answer.content).hexdigest()
    sheets = await asyncio.to_thread(pages, paper.content)
    assert all(f"evidence.jsonSHA-256{fingerprint}" in sheet for sheet in sheets)
    text = "".join(sheets)
    head = document["chain"]["head"]
    for said in (
        team.code,
        "高架封路，已提前来电",
        "轨迹与所述不符",
        "导航截图可以证明",
        file,
        head["signature"],
        "处罚证据材料",
    ):
        assert said in text
    for event in document["events"]:
        assert event["sha256"] in text
        assert event["entry"] in text


async def test_who_may_have_it(office: PenaltiesOffice) -> None:
    team, id, _ = await decided(office)
    for kind in ("json", "pdf"):
        path = f"/penalties/{id}/evidence.{kind}"
        for caller in (office.hr, office.manager, office.panel(), office.caller("auditor"), team.engineer):
            assert (await caller.send("GET", path)).status_code == 200
        another = office.engineer("E77")
        for caller in (office.dispatcher, office.finance, another):
            assert (await caller.send("GET", path)).status_code == 403
    assert (await office.hr.send("GET", f"/penalties/{uuid4()}/evidence.json")).status_code == 404


async def test_what_a_timer_has_waived_says_so(office: PenaltiesOffice) -> None:
    team = await office.team()
    id = await office.charged(team)
    office.later(days=12)

    async def waived() -> Any:
        return (await bundle(office, id))["said"]

    (said,) = await until(waived)
    assert (said["title"]["zh"], said["by"]) == ("不予处罚", ["timer:deadlines"])
    sheets = pages((await office.hr.send("GET", f"/penalties/{id}/evidence.pdf")).content)
    assert "系统（到期）" in "".join(sheets)


async def test_before_the_day_has_ended_no_head_covers_it(office: PenaltiesOffice) -> None:
    team = await office.team()
    id = await office.charged(team)

    assert (await bundle(office, id))["chain"]["head"] is None
    sheets = pages((await office.hr.send("GET", f"/penalties/{id}/evidence.pdf")).content)
    assert "尚无签名涵盖以上事件" in "".join(sheets)


# -- the chain itself ------------------------------------------------------------------------------------------------


async def test_everybody_may_keep_the_heads(office: PenaltiesOffice) -> None:
    await office.policy("E77")  # an empty log has no head
    first = await signed(office)
    second = await signed(office)

    engineer = office.engineer("E77")
    shown = await engineer.read("/penalties/chain")
    assert shown["key"] == second["key"] == first["key"]
    assert shown["heads"][0]["text"] == second["text"]
    assert shown["checked"]["breaks"] == []
    page = await engineer.read("/penalties/chain/heads", limit=1)
    assert [each["number"] for each in page["items"]] == [second["number"]]
    following = await engineer.read(page["next"])
    assert [each["number"] for each in following["items"]] == [first["number"]]
    told = [each for each in await office.events() if each["topic"] == "penalties.ChainHeadSigned"]
    assert len(told) == second["number"]
