"""The penalty policy over HTTP: drafted, compared, adopted, acknowledged; and what binds whom since when."""

import hashlib
from typing import Any

import pytest

from services.penalties.domain import conduct
from services.penalties.domain.conduct import RecordSubject
from services.penalties.domain.first_policy import VERSION_1
from services.penalties.domain.identity import conduct_id
from shared.eventlog import Streams
from tests.integration.penalties.conftest import Caller, PenaltiesOffice, code, open_now

pytestmark = pytest.mark.asyncio(loop_scope="module")

POLICY = "/penalties/policy"
PROCEDURE = "职工代表大会讨论通过，公示七日"


def dearer(yuan: str) -> dict[str, Any]:
    """Version 1 with another fine for lateness."""
    terms = VERSION_1.model_dump(mode="json")
    for rule in terms["rules"]:
        if rule["code"] == "4.5":
            rule["consequence"]["amount"] = yuan
    return terms


async def drafted(office: PenaltiesOffice, yuan: str) -> int:
    """HR drafts from version 1: the number."""
    done = await office.hr.do(f"{POLICY}/draft", {"based_on": 1, "terms": dearer(yuan), "reason": "按试行情况调整"})
    return int(done["policy_version"])


async def first_adopted(office: PenaltiesOffice) -> None:
    if not (await office.hr.read(POLICY))["versions"]:
        await office.manager.do(f"{POLICY}/adopt", {"version": 1, "procedure": PROCEDURE})


async def bound_by(engineer: Caller) -> int | None:
    found: int | None = (await engineer.read(POLICY))["mine"]["bound_by"]
    return found


async def test_version_1_is_there_to_be_read_and_binds_nobody_before_it_is_adopted_and_acknowledged(
    office: PenaltiesOffice,
) -> None:
    # given the policy as it is shipped
    engineer = office.engineer("E11")
    shown = await engineer.read(f"{POLICY}/versions/1")
    lateness = next(rule for rule in shown["rules"] if rule["code"] == "4.5")
    assert shown["draft"] is True
    assert lateness["text"].startswith("因个人原因未在约定时间")
    assert {"name": "后果", "value": "罚款 ¥50.00，记 5 分"} in lateness["lines"]
    assert (await office.caller("hr", subject="sun.hong", language="en").read(f"{POLICY}/versions/1"))["rules"][0][
        "text"
    ].startswith("A quarrel with a customer")

    # when it is acknowledged too early
    assert code(await engineer.refused(f"{POLICY}/versions/1/acknowledge")) == "policy-not-adopted"

    # then it binds only after both
    await first_adopted(office)
    assert await bound_by(engineer) is None
    assert (await engineer.read(POLICY))["mine"]["to_acknowledge"] == [1]
    await engineer.do(f"{POLICY}/versions/1/acknowledge")
    assert await bound_by(engineer) == 1


async def test_a_newer_version_binds_who_has_acknowledged_it_and_the_older_one_everybody_else(
    office: PenaltiesOffice,
) -> None:
    # given two engineers whom version 1 binds
    await first_adopted(office)
    quick, slow = office.engineer("E12"), office.engineer("E13")
    for engineer in (quick, slow):
        await engineer.do(f"{POLICY}/versions/1/acknowledge")

    # when a draft is compared and adopted
    number = await drafted(office, "80.00")
    changes = await office.hr.read(f"{POLICY}/versions/{number}/diff", against=1)
    assert changes == [
        {"rule": "4.5", "parameter": "后果", "before": "罚款 ¥50.00，记 5 分", "after": "罚款 ¥80.00，记 5 分"}
    ]
    office.later(hours=1)
    await office.manager.do(f"{POLICY}/adopt", {"version": number, "procedure": PROCEDURE})
    await quick.do(f"{POLICY}/versions/{number}/acknowledge")

    # then
    assert (await bound_by(quick), await bound_by(slow)) == (number, 1)
    await office.seen()
    told = await office.hr.read(f"{POLICY}/versions/{number}/acknowledgements")
    assert [row["engineer"] for row in told["acknowledged"]] == ["E12"]

    # and what was adopted can't be changed any more
    body = {"version": number, "terms": dearer("90.00"), "reason": "改"}
    problem = await office.hr.refused(f"{POLICY}/change", body)
    assert code(problem) == "policy-adopted"
    assert "draft" in open_now(problem)


async def test_whoever_drafted_it_doesnt_adopt_it_and_nothing_is_adopted_for_the_past(office: PenaltiesOffice) -> None:
    number = await drafted(office, "60.00")
    body = {"version": number, "procedure": PROCEDURE}
    assert code(await office.hr.refused(f"{POLICY}/adopt", body)) == "adopter-drafted"
    past = body | {"valid_from": "2026-10-01T00:00:00+08:00"}
    assert code(await office.manager.refused(f"{POLICY}/adopt", past)) == "policy-binds-the-past"
    assert (await office.manager.post(f"{POLICY}/adopt", body | {"at": "2026-10-01T00:00:00+08:00"})).status_code == 422
    await office.hr.do(f"{POLICY}/drop", {"version": number, "reason": "不再需要"})
    assert (await office.hr.send("GET", f"{POLICY}/versions/{number}")).status_code == 404


async def test_a_draft_that_cant_be_says_which_rule_and_why(office: PenaltiesOffice) -> None:
    terms = dearer("50.00")
    terms["rules"][0]["when"] = [{"field": "mood", "test": "is", "value": True}]
    problem = await office.hr.refused(f"{POLICY}/draft", {"based_on": 1, "terms": terms, "reason": "试"})
    assert code(problem) == "rule-field-unknown"
    assert problem["detail"].startswith("规则 4.2.1：")


async def test_the_policy_as_it_was(office: PenaltiesOffice) -> None:
    # given a draft that came later
    await first_adopted(office)
    before = office.clock.now().isoformat()
    office.later(hours=1)
    number = await drafted(office, "70.00")

    # then it wasn't there, and wasn't known
    for asked in ({"as_of": before}, {"known_at": before}):
        seen = await office.hr.read(POLICY, **asked)
        assert number not in [draft["policy_version"] for draft in seen["drafts"]]
    assert number in [draft["policy_version"] for draft in (await office.hr.read(POLICY))["drafts"]]
    earlier = await office.hr.read(POLICY, as_of="2026-01-01T00:00:00+08:00")
    assert (earlier["in_force"], earlier["versions"]) == (None, [])


async def test_the_document_and_the_dates_of_the_calendar(office: PenaltiesOffice) -> None:
    # given a document
    paper = b"%PDF-1.7 minutes"
    kept = (await office.manager.upload(f"{POLICY}/documents", "minutes.pdf", paper)).json()
    assert kept == {"sha256": hashlib.sha256(paper).hexdigest()}
    number = await drafted(office, "55.00")
    assert (await office.engineer("E12").send("GET", f"{POLICY}/documents/{kept['sha256']}")).status_code == 404

    # when a version is adopted with it
    body = {"version": number, "procedure": PROCEDURE, "document": kept["sha256"]}
    await office.manager.do(f"{POLICY}/adopt", body)

    # then those whom it binds can read it
    assert (await office.engineer("E12").send("GET", f"{POLICY}/documents/{kept['sha256']}")).content == paper

    # and the calendar takes what is announced
    await office.hr.do(f"{POLICY}/record-dates", {"holidays": ["2027-01-01"], "complete_years": [2027]})
    assert (await office.hr.read(POLICY))["calendar"]["complete_years"] == [2027]
    lines = await office.hr.read(f"{POLICY}/history")
    assert lines[-1]["words"] == "登记节假日与调休：放假 2027-01-01；2027 年已完整。"


async def test_who_hasnt_acknowledged_it_is_told_apart(office: PenaltiesOffice) -> None:
    # given an engineer of whom dispatch has told
    await first_adopted(office)

    async def known(streams: Streams) -> None:
        said = {"engineer": "E14", "region": "华北", "active": True, "position": 7}
        await streams.handle(conduct, conduct_id("E14"), RecordSubject(at=office.clock.now(), by="tests", **said))

    await office.record(known)

    # then they are missing until they have read it
    assert "E14" in await _missing(office)
    await office.engineer("E14").do(f"{POLICY}/versions/1/acknowledge")
    assert "E14" not in await _missing(office)


async def _missing(office: PenaltiesOffice) -> list[str]:
    await office.seen()
    told = await office.hr.read(f"{POLICY}/versions/1/acknowledgements")
    return [row["engineer"] for row in told["missing"]]
