"""Penalties over HTTP, by the clock and the real timers: who hears of what, who decides, and what happens when nobody
does (D6)."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from shared.api import routes_of
from shared.verify import deadlines_follow, views_equal_rebuild
from tests.integration.penalties.conftest import PenaltiesOffice, actions, code, open_now
from tests.unit.dispatch.pictures import photo
from tests.unit.penalties.told import late, substantiated

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def known(office: PenaltiesOffice) -> str:
    """An engineer whom version 1 binds."""
    engineer = f"E{uuid4().int % 10**8}"
    await office.policy(engineer)
    return engineer


async def shown(office: PenaltiesOffice, id: str) -> dict[str, Any]:
    found: dict[str, Any] = await office.hr.read(f"/penalties/{id}")
    return found


async def test_from_a_late_visit_to_a_fine_that_the_panel_reduces(office: PenaltiesOffice) -> None:
    # given a visit to which the engineer came late, and the suspicion that a detector made of it
    team = await office.team()
    id = await office.charged(team)
    found = await shown(office, id)
    assert (found["rule"], found["status"], found["amount"]) == ("4.5", "SUSPECTED", "0.00")
    assert found["at_stake"]["amount"] == "50.00"
    assert "约定" in found["rule_text"]["text"]
    assert "dispatch.VisitLate" in {each["topic"] for each in found["evidence"]}
    assert open_now(found) == {"notice"}

    # when the engineer is told, and states with a picture
    told = await office.hr.do(f"/penalties/{id}/notice")
    assert told["status"] == "NOTICED"
    early = await office.manager.refused(f"/penalties/{id}/impose", {"reasons": "迟到"})
    assert (code(early), actions(early)["impose"]) == ("statement-awaited", "本人尚未陈述，期限未到（D6）。")
    file = await team.engineer.upload(f"/penalties/{id}/files", "导航.png", photo())
    sha256 = file.json()["sha256"]
    stated = await team.engineer.do(
        f"/penalties/{id}/give-statement", {"statement": "高架封路，已提前来电", "files": [sha256]}
    )
    assert stated["status"] == "STATED"
    got = await office.manager.send("GET", f"/penalties/{id}/files/{sha256}")
    assert got.content == photo()

    # and the manager decides, whom the dispatcher of the order could not be
    dispatcher = office.caller("service_manager", subject="li.na")
    assert code(await dispatcher.refused(f"/penalties/{id}/impose", {"reasons": "迟到"})) == "decider-involved"
    imposed = await office.manager.do(f"/penalties/{id}/impose", {"reasons": "轨迹与所述不符"})
    assert (imposed["status"], imposed["amount"]) == ("IMPOSED", "50.00")

    # when the engineer appeals, and two of the panel agree on less
    page = await team.engineer.read(f"/penalties/engineers/{team.code}")
    [mine] = page["penalties"]
    assert [each["action"] for each in mine["you_can"]] == ["lodge-appeal"]
    assert mine["you_can"][0]["until"] == mine["decision"]["appeal_due"]
    await team.engineer.do(f"/penalties/{id}/lodge-appeal", {"grounds": "导航截图可以证明", "files": [sha256]})
    less = {"outcome": "reduced", "amount": "20.00"}
    await office.panel().do(f"/penalties/{id}/propose-appeal-decision", less | {"reasons": "封路属实，未及时来电"})
    alone = await office.panel().refused(f"/penalties/{id}/confirm-appeal-decision", less)
    assert code(alone) == "confirmed-by-same"
    final = await office.panel("lin.tao").do(f"/penalties/{id}/confirm-appeal-decision", less)

    # then it is final, and everybody can read why
    assert (final["status"], final["amount"]) == ("FINAL", "20.00")
    page = await team.engineer.read(f"/penalties/engineers/{team.code}")
    words = [step["words"] for step in page["penalties"][0]["steps"]]
    assert "申诉裁定：减轻为 ¥20.00。裁定人 chen.wei、lin.tao，理由：封路属实，未及时来电" in words
    english = office.caller("engineer", engineer=team.code, subject=team.code, language="en")
    lines = await english.read(f"/penalties/{id}/history")
    assert lines[-1]["words"] == "The penalty is final: the appeal is decided."


async def test_an_excused_lateness_takes_the_suspicion_back(office: PenaltiesOffice) -> None:
    """A fact that is put right later: the arrival was in time, told late."""
    # given a suspicion
    team = await office.team()
    visit = await team.on_the_way()
    agreed = (await team.shown(visit))["agreed_arrival"]
    await team.until_late(visit, hours=2)
    id = await office.penalty_of(visit)

    # when the device tells that it had been there in time
    at = (datetime.fromisoformat(agreed) - timedelta(minutes=5)).isoformat()
    position = {"latitude": 31.2990, "longitude": 120.5860, "accuracy_m": 20}
    await team.act(visit, "check-in", {"position": position, "at": at, "offline": True})

    # then nothing is suspected any more, and the timers have nothing to wait for
    await office.until_told(id, "SuspicionWithdrawn")
    found = await shown(office, id)
    assert (found["status"], found["waits"]) == ("WITHDRAWN", [])


async def test_nothing_waits_for_ever(office: PenaltiesOffice) -> None:
    """D6: what isn't done in time is decided by the clock, in the engineer's favour; but for the appeal."""
    # given a penalty at each step
    engineer = await known(office)
    ids = [await office.suspected(engineer) for _ in range(6)]
    untold, silent, undecided, unappealed, unheard, unreviewed = ids
    for id in (silent, undecided):
        await office.hr.do(f"/penalties/{id}/notice")
    await office.engineer(engineer).do(f"/penalties/{undecided}/give-statement", {"statement": "高架封路"})
    for id in (unappealed, unheard, unreviewed):
        await office.imposed(id, engineer)
    await office.engineer(engineer).do(f"/penalties/{unheard}/lodge-appeal", {"grounds": "有截图"})
    await office.reconsidered(unreviewed)

    # when the time for a statement is over
    office.later(days=1, minutes=5)
    lapsed = await office.until_told(silent, "StatementLapsed")
    assert lapsed["who"] == "系统（到期）"
    late = await office.engineer(engineer).do(f"/penalties/{silent}/give-statement", {"statement": "当时没有信号"})
    assert (late["status"], (await shown(office, silent))["statement"]["late"]) == ("STATED", True)

    # and weeks pass
    office.later(days=21)
    for id, event in (
        (untold, "PenaltyWaived"),
        (silent, "PenaltyWaived"),
        (undecided, "PenaltyWaived"),
        (unappealed, "PenaltyFinal"),
        (unheard, "AppealDecided"),
        (unreviewed, "PenaltyReversed"),
    ):
        await office.until_told(id, event)

    # then
    outcomes = [await shown(office, id) for id in ids]
    assert [each["status"] for each in outcomes] == [
        *("WAIVED", "WAIVED", "WAIVED", "FINAL", "APPEAL_DECIDED", "REVERSED"),
    ]
    assert [each["waived"]["cause"] for each in outcomes[:3]] == ["not_noticed", "undecided", "undecided"]
    assert outcomes[3]["amount"] == "50.00"
    assert (outcomes[4]["appeal_decision"]["lapsed"], outcomes[4]["amount"]) == (True, "0.00")
    assert outcomes[5]["reviewed"]["lapsed"] is True
    assert not any(each["waits"] for each in outcomes)


async def test_an_engineer_reaches_only_what_is_theirs(office: PenaltiesOffice) -> None:
    # given a penalty of one engineer, and another engineer
    mine, other = await known(office), await known(office)
    id = await office.suspected(mine)
    await office.hr.do(f"/penalties/{id}/notice")
    await office.seen()
    stranger = office.engineer(other)

    # then the other gets nowhere near it, by whatever route there is
    said = {"give-statement": {"statement": "我来说明"}, "lodge-appeal": {"grounds": "不服"}}
    tried = set()
    for route in routes_of(office.gateway.apps["penalties"]):
        if not route.path.startswith(("/{id:uuid}", "/engineers/{code}")):
            continue
        path = route.path.replace("{id:uuid}", id).replace("{code}", mine).replace("{sha256}", "0" * 64)
        action = path.rpartition("/")[2]
        if action == "files":
            answer = await stranger.upload(f"/penalties{path}", "a.png", photo())
        else:
            [method] = route.methods or ["GET"]
            answer = await stranger.send(method, f"/penalties{path}", json=said.get(action, {}))
        assert answer.status_code == 403, path
        tried.add(action)
    assert tried >= {id, mine, "history", "files", "give-statement", "lodge-appeal", "impose", "reverse"}
    assert await stranger.list("/penalties", engineer=mine) == []
    assert (await stranger.send("GET", "/penalties/inbox")).status_code == 403

    # and the engineer themselves everywhere
    assert [row["penalty"] for row in await office.engineer(mine).list("/penalties")] == [id]
    assert (await office.engineer(mine).read(f"/penalties/{id}"))["status"] == "NOTICED"


async def test_the_inbox_says_what_waits_for_whom_the_most_urgent_first(office: PenaltiesOffice) -> None:
    # given steps of three penalties
    engineer = await known(office)
    first, second, third = [await office.suspected(engineer) for _ in range(3)]
    await office.hr.do(f"/penalties/{second}/notice")
    await office.imposed(third, engineer)
    await office.seen()

    # when
    rows = [row for row in await office.hr.list("/penalties/inbox", limit=200) if row["engineer"] == engineer]
    for_hr = await office.hr.list("/penalties/inbox", waits_for="hr", limit=200)
    counts = {each["stage"]: each for each in await office.hr.read("/penalties/inbox/counts")}

    # then
    assert rows[0]["penalty"] == second
    assert {row["penalty"]: row["waits_for"] for row in rows} == {first: "人事", second: "本人", third: "本人"}
    assert rows == sorted(rows, key=lambda row: row["due"])
    assert rows[0]["hours_left"] == 24
    assert first in {row["penalty"] for row in for_hr}
    assert second not in {row["penalty"] for row in for_hr}
    assert counts["statement"]["waiting"] >= 1

    # page by page it is the same
    page = await office.hr.read("/penalties/inbox", limit=1)
    rest = await office.hr.read("/penalties/inbox", limit=199, cursor=page["cursor"])
    assert [*page["items"], *rest["items"]] == await office.hr.list("/penalties/inbox", limit=200)


async def test_lists_are_filtered_and_paged(office: PenaltiesOffice) -> None:
    engineer = await known(office)
    ids = [await office.suspected(engineer) for _ in range(3)]
    await office.imposed(ids[0], engineer)
    await office.seen()
    assert [row["penalty"] for row in await office.hr.list("/penalties", engineer=engineer, status="IMPOSED")] == [
        ids[0]
    ]
    assert len(await office.hr.list("/penalties", engineer=engineer, stands=False)) == 2
    page = await office.hr.read("/penalties", engineer=engineer, limit=2)
    rest = await office.hr.read("/penalties", engineer=engineer, limit=2, cursor=page["cursor"])
    assert {row["penalty"] for row in page["items"] + rest["items"]} == set(ids)
    assert rest["next"] is None


async def test_a_penalty_as_it_stood_and_as_it_was_known(office: PenaltiesOffice) -> None:
    """Bitemporal: what had happened by then, and what had been recorded by then."""
    # given a statement that was given at noon and recorded an hour later
    engineer = await known(office)
    id = await office.suspected(engineer)
    await office.hr.do(f"/penalties/{id}/notice")
    noticed = office.clock.now()
    noon = office.later(hours=3)
    recorded = office.later(hours=1)
    said = {"statement": "高架封路", "at": noon.isoformat()}
    await office.engineer(engineer).do(f"/penalties/{id}/give-statement", said)
    office.later(hours=1)
    await office.manager.do(f"/penalties/{id}/waive", {"reasons": "封路属实"})

    async def then(**query: datetime) -> str:
        found = await office.hr.read(f"/penalties/{id}", **{name: at.isoformat() for name, at in query.items()})
        status: str = found["status"]
        return status

    # then
    assert await then(as_of=noticed) == "NOTICED"
    assert await then(as_of=noon) == "STATED"
    assert await then(as_of=noon, known_at=noon) == "NOTICED"
    assert await then(known_at=recorded) == "STATED"
    assert await then(known_at=office.clock.now()) == "WAIVED"
    before = (noticed - timedelta(days=1)).isoformat()
    assert (await office.hr.send("GET", f"/penalties/{id}", params={"as_of": before})).status_code == 404
    steps = await office.hr.read(f"/penalties/{id}/history", as_of=noon.isoformat())
    assert [step["event"] for step in steps] == ["SuspicionRaised", "PenaltyNoticed", "StatementGiven"]


async def test_a_demerit_stands_at_once_and_is_struck_when_it_is_reversed(office: PenaltiesOffice) -> None:
    """4.2: what isn't money needs no list."""
    # given a demerit that nobody appealed against
    engineer = await known(office)
    rule = {"rule": "4.2.1", "clause": "4.2.1", "kind": "conduct", "amount": "0.00", "read": {"complaint": "4.2.1"}}
    id = await office.suspected(engineer, **rule, consequence={"kind": "major_demerit", "remedial": True})
    await office.imposed(id, engineer)
    office.later(days=8)
    await office.until_told(id, "PenaltyExecuted")
    await office.seen()
    page = await office.engineer(engineer).read(f"/penalties/engineers/{engineer}")
    assert [(each["kind"], each["penalty"]) for each in page["record"]["standing"]] == [("major_demerit", id)]

    # when somebody from outside takes it back
    assert (await office.finance.post(f"/penalties/{id}/reverse", {"reasons": "仲裁"})).status_code == 403
    reversed_ = await office.general_manager.do(f"/penalties/{id}/reverse", {"reasons": "劳动仲裁裁决"})

    # then it no longer counts
    assert reversed_["status"] == "REVERSED"
    page = await office.engineer(engineer).read(f"/penalties/engineers/{engineer}")
    assert page["record"]["standing"] == []
    assert page["record"]["past"][0]["struck_at"]


async def test_of_one_lateness_one_penalty_stands(office: PenaltiesOffice) -> None:
    """D7: a fine for being late, and then a complaint about just that is found true."""
    # given a fine
    engineer, visit = await known(office), uuid4()
    office.later(hours=1)
    now = office.clock.now()
    agreed = now - timedelta(minutes=15)
    missed = late(visit, engineer, at=now, agreed_arrival=agreed, assigned_at=agreed - timedelta(hours=2))
    await office.heard(missed)
    [fine] = await office.of_visit(visit)
    await office.imposed(fine, engineer)

    # when the complaint is found true
    complaint = substantiated(engineer=engineer, visit=visit, at=office.clock.now(), happened_at=now)
    await office.heard(complaint)
    [demerit] = [id for id in await office.of_visit(visit) if id != fine]

    # then the fine is looked at again, and the demerit waits for that
    assert (await shown(office, fine))["under_review"] is True
    assert (await shown(office, demerit))["rule"] == "4.2.3"
    await office.hr.do(f"/penalties/{demerit}/notice")
    await office.engineer(engineer).do(f"/penalties/{demerit}/give-statement", {"statement": "已道歉"})
    decider = office.caller("service_manager", subject="he.ping")
    said = {"reasons": "投诉查实"}
    refused = await decider.refused(f"/penalties/{demerit}/impose", said)
    assert code(refused) == "another-penalty-stands"
    assert actions(refused)["waive"] is None

    # and is open once the fine is gone
    outcome = {"outcome": "reversed", "reasons": "同一事实另行处理"}
    assert code(await office.manager.refused(f"/penalties/{fine}/decide-review", outcome)) == "decider-took-part"
    undone = await office.general_manager.do(f"/penalties/{fine}/decide-review", outcome)
    assert (undone["status"], undone["amount"]) == ("REVERSED", "0.00")
    await office.seen()
    [row] = [each for each in await office.hr.list("/penalties", engineer=engineer) if each["penalty"] == fine]
    assert (row["status"], row["amount"], row["at_stake"]) == ("REVERSED", "0.00", "50.00")
    assert (await decider.do(f"/penalties/{demerit}/impose", said))["status"] == "IMPOSED"


async def test_of_two_who_decide_at_once_one_does(office: PenaltiesOffice) -> None:
    # given
    engineer = await known(office)
    id = await office.suspected(engineer)
    await office.hr.do(f"/penalties/{id}/notice")
    await office.engineer(engineer).do(f"/penalties/{id}/give-statement", {"statement": "高架封路"})

    # when six managers decide, each otherwise
    managers = [office.caller("service_manager", subject=f"manager.{number}") for number in range(6)]
    answers = await asyncio.gather(
        *(
            each.post(f"/penalties/{id}/{'impose' if number % 2 else 'waive'}", {"reasons": f"意见 {number}"})
            for number, each in enumerate(managers)
        )
    )

    # then one of them has
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]
    lines = await office.hr.read(f"/penalties/{id}/history")
    assert sum(line["event"] in ("PenaltyImposed", "PenaltyWaived") for line in lines) == 1


async def test_the_version_that_was_seen_counts(office: PenaltiesOffice) -> None:
    engineer = await known(office)
    id = await office.suspected(engineer)
    answer = await office.hr.send("GET", f"/penalties/{id}")
    assert answer.headers["ETag"] == '"1"'
    stale = await office.hr.post(f"/penalties/{id}/notice", headers={"If-Match": '"7"'})
    assert stale.status_code == 412
    key = uuid4().hex
    once = await office.hr.do(f"/penalties/{id}/notice", key=key, headers={"If-Match": '"1"'})
    assert await office.hr.do(f"/penalties/{id}/notice", key=key, headers={"If-Match": '"1"'}) == once


async def test_a_review_keeps_what_is_imposed_from_becoming_final(office: PenaltiesOffice) -> None:
    # given a penalty that is looked at again, and whose window for an appeal passes meanwhile
    engineer = await known(office)
    id, other = await office.suspected(engineer), await office.suspected(engineer)
    for each in (id, other):
        await office.imposed(each, engineer)
    office.later(days=4)
    await office.reconsidered(id)
    window = datetime.fromisoformat((await shown(office, id))["decision"]["appeal_due"])
    office.clock.move_to(max(office.clock.now(), window))
    await office.until_told(other, "PenaltyFinal")
    found = await shown(office, id)
    assert (found["status"], found["under_review"]) == ("IMPOSED", True)
    [mine] = [
        each
        for each in (await office.engineer(engineer).read(f"/penalties/engineers/{engineer}"))["penalties"]
        if each["penalty"] == id
    ]
    assert [can["action"] for can in mine["you_can"]] == ["lodge-appeal"]

    # when it stands
    outcome = {"outcome": "stands", "reasons": "更正不影响结论"}
    done = await office.general_manager.do(f"/penalties/{id}/decide-review", outcome)

    # then it is final
    assert (done["status"], done["under_review"]) == ("FINAL", False)


async def test_all_of_it_is_as_the_log_says(office: PenaltiesOffice) -> None:
    """The last test here: deadlines and views follow from everything that happened above."""
    await office.seen()
    runtime = office.penalties
    deadlines = await deadlines_follow(runtime.log, runtime.pool, runtime.service.deciders)
    assert deadlines.ok, deadlines.detail
    findings = [finding async for finding in views_equal_rebuild(runtime) if "inbox" in finding.what]
    assert findings
    assert all(finding.ok for finding in findings), findings
