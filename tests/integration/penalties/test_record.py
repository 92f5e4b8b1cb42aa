"""The ledger as of any moment, demerits and measures, wages, statistics: over HTTP, on the real servers."""

import csv
import io
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from openpyxl import load_workbook

from services.penalties.domain import conduct
from services.penalties.domain.identity import conduct_id
from shared.events.penalties import Consequence, ConsequenceKind, PenaltyStatus
from shared.verify import views_equal_rebuild
from tests.integration.penalties.conftest import PenaltiesOffice, code, open_now
from tests.integration.penalties.finals import engineer, final, imposed, status

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_wages_lie_beside_the_log_and_can_be_erased(office: PenaltiesOffice) -> None:
    # given a wage that is recorded twice
    who = await engineer(office)
    said = {"period": "2026-10", "wages": [{"engineer": who, "wage": "6543.21", "minimum_wage": "2200.00"}]}
    assert (await office.finance.do("/penalties/wages", said))["changed"] == 1
    assert (await office.finance.do("/penalties/wages", said))["changed"] == 0

    # then HR reads it, a manager doesn't, and no event holds it
    rows = await office.hr.read("/penalties/wages", period="2026-10")
    assert [row["wage"] for row in rows if row["engineer"] == who] == ["6543.21"]
    assert (await office.manager.send("GET", "/penalties/wages", params={"period": "2026-10"})).status_code == 403
    assert "6543" not in str(await office.events())

    # and when it is erased it is gone
    assert (await office.hr.do(f"/penalties/wages/{who}/erase", {"reason": "离职满三年"}))["changed"]
    rows = await office.hr.read("/penalties/wages", period="2026-10")
    assert who not in {row["engineer"] for row in rows}


async def test_statistics_tell_what_is_mostly_waived(office: PenaltiesOffice) -> None:
    # given a rule under which five of six suspicions are waived
    who, rule = await engineer(office), f"X-{uuid4().hex[:6]}"
    ids = [await office.suspected(who, rule=rule) for _ in range(6)]
    for id in ids[1:]:
        await office.hr.do(f"/penalties/{id}/notice")
        await office.engineer(who).do(f"/penalties/{id}/give-statement", {"statement": "高架封路"})
        await office.manager.do(f"/penalties/{id}/waive", {"reasons": "封路属实"})
    await office.imposed(ids[0], who)
    await office.seen()

    # then it shows
    [row] = await office.manager.read("/penalties/statistics", rule=rule)
    assert (row["suspicions"], row["waived"], row["imposed"], row["waived_rate"]) == (6, 5, 1, "0.833")
    assert row["mostly_waived"]
    groups = await office.manager.read("/penalties/statistics", rule=rule, by=["region", "status"])
    assert {(each["region"], each["status"], each["suspicions"]) for each in groups} == {
        ("华北", "WAIVED", 5),
        ("华北", "IMPOSED", 1),
    }


async def test_from_demerits_to_a_dismissal_with_two_signatures(office: PenaltiesOffice) -> None:
    # given an engineer with two major demerits
    who = await engineer(office)
    major = {"consequence": Consequence(kind=ConsequenceKind.MAJOR_DEMERIT), "amount": Decimal("0.00")}
    first = await office.suspected(who, **major)
    early = office.caller("hr", subject="early.hr")
    await early.do(f"/penalties/{first}/notice")
    await office.engineer(who).do(f"/penalties/{first}/give-statement", {"statement": "高架封路"})
    await office.manager.do(f"/penalties/{first}/impose", {"reasons": "所述封路无法证实"})
    ids = [first, await imposed(office, who, **major)]
    office.later(days=8)
    for id in ids:
        await status(office, id, PenaltyStatus.EXECUTED)
    state, _ = await office.penalties.log.load(conduct, conduct_id(who))
    assert len(conduct.standing(state, office.clock.now())) == 2

    # then a dismissal is proposed, which whoever took part in either of them doesn't sign
    await office.seen()
    [proposed] = await office.hr.list("/penalties/measures", engineer=who)
    path = f"/penalties/measures/{proposed['measure']}"
    shown = await office.hr.read(path)
    assert (shown["kind_name"], shown["status_name"], len(shown["demerits"])) == ("辞退", "待签署", 2)
    assert open_now(await office.general_manager.read(path)) == {"sign-for-management", "drop"}
    reasons = {"reasons": "两次记大过"}
    prepared = await office.hr.refused(f"{path}/sign-for-hr", reasons)
    assert code(prepared) == "measure-prepared-by-you"
    assert code(await early.refused(f"{path}/sign-for-hr", reasons)) == "measure-prepared-by-you"

    # nor does whoever gave the order
    sender = office.caller("hr", subject="li.na")
    assert code(await sender.refused(f"{path}/sign-for-hr", reasons)) == "measure-prepared-by-you"

    # when another of HR signs, and then the general manager
    other = office.caller("hr", "general_manager", subject="zhou.hr")
    assert (await other.do(f"{path}/sign-for-hr", reasons))["status"] == "SIGNED"
    assert code(await other.refused(f"{path}/sign-for-management", reasons)) == "signed-by-you"
    carried = await office.general_manager.do(f"{path}/sign-for-management", {"reasons": "同意"})

    # then it is carried; the engineer reads it, and others' not
    assert carried["status"] == "CARRIED"
    own = office.engineer(who)
    assert (await own.read(path))["carried"]["signed_by"] == ["zhou.hr", "qian.gm"]
    assert (await office.engineer("E-other").send("GET", path)).status_code == 403
    words = [step["words"] for step in await own.read(f"{path}/history")]
    assert words[-1] == "辞退建议成立，签署人 zhou.hr、qian.gm：同意"

    # and when one of the penalties is reversed, it falls with its demerit
    before = office.later(minutes=1)
    office.later(minutes=1)
    await office.caller("general_manager", subject="wei.gm").do(f"/penalties/{ids[0]}/reverse", {"reasons": "仲裁裁决"})
    fallen = await office.hr.read(path)
    assert (fallen["status"], fallen["dropped"]["carried"]) == ("DROPPED", True)
    await office.seen()
    demerits = await own.read("/penalties/ledger/demerits")
    assert sorted(each["standing"] for each in demerits) == [False, True]
    assert len(await own.read("/penalties/ledger/demerits", standing=True)) == 1
    for then in ({"as_of": before.isoformat()}, {"known_at": before.isoformat()}):
        assert [each["standing"] for each in await own.read("/penalties/ledger/demerits", **then)] == [True, True]
    months = await own.read("/penalties/ledger/balances")
    assert sum(row["majors"] for row in months) == 1


async def test_the_ledger_as_of_any_moment(office: PenaltiesOffice) -> None:
    # given a fine that was imposed, and reversed ten days later
    who = await engineer(office)
    id = await imposed(office, who)
    decided = office.clock.now()
    await final(office, id)
    before = office.clock.now()
    office.later(days=2)
    await office.general_manager.do(f"/penalties/{id}/reverse", {"reasons": "劳动仲裁裁决"})
    await office.seen()

    # then it stands as of any moment in between, and not as of later ones or earlier ones
    async def asked(**query: Any) -> list[str]:
        rows = await office.hr.list("/penalties/ledger", engineer=who, **query)
        return [row["amount"] for row in rows]

    assert await asked() == ["-50.00", "50.00"]
    assert await asked(as_of=before.isoformat()) == ["50.00"]
    assert await asked(known_at=before.isoformat()) == ["50.00"]
    assert await asked(as_of="2026-10-01T00:00:00Z") == []
    assert await asked(period=f"{decided:%Y-%m}", kind="fine", limit=1) == [(await asked())[0]]
    rows = await office.hr.read("/penalties/ledger/balances", engineer=who, as_of=before.isoformat())
    assert [(row["balance"], row["fines"], row["entries"]) for row in rows] == [("50.00", "50.00", 1)]

    # and the engineer sees their own ledger, and nobody else's
    own = office.engineer(who)
    assert [row["amount"] for row in await own.list("/penalties/ledger")] == ["-50.00", "50.00"]
    assert await own.list("/penalties/ledger", engineer="E-other") == []
    assert (await own.send("GET", "/penalties/payroll")).status_code == 403
    assert (await own.send("GET", "/penalties/wages", params={"period": "2026-10"})).status_code == 403

    # and as a file it has the same entries and their sum
    file = await office.hr.send("GET", "/penalties/ledger/export.csv", params={"engineer": who})
    table = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert [row[8] for row in table[1:]] == ["-50.00", "50.00", "0.00"]
    sheet = await office.hr.send("GET", "/penalties/ledger/export.xlsx", params={"engineer": who})
    assert load_workbook(io.BytesIO(sheet.content)).worksheets[0].cell(3, 9).value == 50


async def test_the_views_are_what_a_rebuild_makes_of_the_log(office: PenaltiesOffice) -> None:
    """As ``shouhou verify`` looks at it, after all that has happened above."""
    await office.seen()
    found = [finding async for finding in views_equal_rebuild(office.penalties)]
    assert {finding.what.partition(".")[0] for finding in found} >= {"ledger", "measures", "statistics"}
    assert [finding for finding in found if not finding.ok] == []
