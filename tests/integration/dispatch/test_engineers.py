"""Engineers over HTTP: recorded, found, their personal data apart, erased."""

from datetime import timedelta
from typing import Any

import pytest

from services.dispatch.staff import phone_allowance
from services.dispatch.views.people import engineers
from tests.integration.dispatch.conftest import Caller, DispatchOffice, actions, code, open_now, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

WANG = {"name": "王强", "phones": ["138-0000-0004"], "base_latitude": 36.65, "base_longitude": 117.12}
TERMS = {"valid_from": "2026-10-01", "phone_allowance": "20.00", "wage_band": "C2"}


SEARCH = "/dispatch/engineers/search"


async def whose(who: Caller, phone: str, **when: Any) -> list[str]:
    answer = await who.send("POST", SEARCH, json={"phone": phone} | when)
    found: list[str] = answer.raise_for_status().json()
    return found


async def test_an_engineer_is_recorded_found_and_corrected(office: DispatchOffice) -> None:
    # given
    await office.recorded("E01", skills=["维修", "灭鼠"], base_city="济南")
    await office.recorded("E02", skills=["灭蟑"], base_city="青岛", active=False)
    # when
    again = await office.dispatcher.do("/dispatch/engineers", {"engineer": "E01", "skills": ["灭鼠", "维修"]})
    same = await office.dispatcher.do("/dispatch/engineers", {"engineer": "E01", "skills": ["灭鼠", "维修"]})
    await office.seen()
    # then
    assert (again["changed"], again["version"]) == (True, 2)
    assert (same["changed"], same["version"]) == (False, 2)
    shown = await office.dispatcher.read("/dispatch/engineers/E01")
    assert (shown["skills"], shown["base_city"], shown["active"]) == (["灭鼠", "维修"], None, True)
    assert open_now(shown) == {"record", "record-contacts"}
    by_skill = await office.dispatcher.list("/dispatch/engineers", skill="灭鼠")
    assert [row["engineer"] for row in by_skill] == ["E01"]
    assert "E02" in [row["engineer"] for row in await office.dispatcher.list("/dispatch/engineers", active=False)]
    lines = await office.dispatcher.read("/dispatch/engineers/E01/history")
    assert [entry["event"] for entry in lines] == ["EngineerRecorded", "EngineerRecorded"]


async def test_an_engineer_sees_oneself_alone(office: DispatchOffice) -> None:
    await office.recorded("E03")
    await office.recorded("E05")
    await office.hr.do("/dispatch/engineers/E03/record-contacts", WANG | {"phones": []})
    await office.seen()
    mine = office.engineer("E03")
    assert [row["engineer"] for row in await mine.list("/dispatch/engineers")] == ["E03"]
    assert (await mine.read("/dispatch/engineers/E03/contacts"))["name"] == "王强"
    for path in ("", "/contacts", "/history"):
        assert (await mine.send("GET", f"/dispatch/engineers/E05{path}")).status_code == 403
    assert (await mine.send("GET", "/dispatch/engineers/E03/terms")).status_code == 403
    assert (await office.dispatcher.send("GET", "/dispatch/engineers/E99")).status_code == 404


async def test_who_they_are_lies_beside_the_log(office: DispatchOffice) -> None:
    # given
    await office.recorded("E06")
    first = office.clock.now()
    await office.hr.do("/dispatch/engineers/E06/record-contacts", WANG)
    same = await office.hr.do("/dispatch/engineers/E06/record-contacts", WANG)
    # when the number changes hands
    office.later(days=1)
    moved = WANG | {"phones": ["13900000004", "0531-8600 6769"]}
    await office.hr.do("/dispatch/engineers/E06/record-contacts", moved)
    await office.recorded("E07")
    await office.hr.do("/dispatch/engineers/E07/record-contacts", {"name": "李娜", "phones": ["13800000004"]})
    # then
    assert same["changed"] is False
    shown = await office.dispatcher.read("/dispatch/engineers/E06/contacts")
    assert shown["phones"] == ["+8613900000004", "+8653186006769"]
    then = str(first + timedelta(hours=1))
    assert await whose(office.dispatcher, "138 0000 0004", at=then) == ["E06"]
    assert await whose(office.dispatcher, "138 0000 0004") == ["E07"]
    assert await whose(office.engineer("E06"), "138 0000 0004") == []
    assert await whose(office.engineer("E07"), "138 0000 0004") == ["E07"]
    assert (await office.caller("reception").send("POST", SEARCH, json={"phone": "13800000004"})).status_code == 403
    assert (await office.dispatcher.send("POST", SEARCH, json={"phone": "没有"})).status_code == 422
    await office.seen()
    near = {each.engineer: each.base for each in await engineers(office.dispatch.pool)}
    assert (near["E06"], near["E07"]) == ((36.65, 117.12), None)
    # and nothing of it is in the log
    log = "".join(event["state"] for event in await office.events())
    assert not [said for said in ("王强", "李娜", "13800000004", "0000-0004", "36.65", "117.12") if said in log]


async def test_terms_are_for_hr_and_finance(office: DispatchOffice) -> None:
    # given
    await office.recorded("E08")
    finance = office.caller("finance")
    # when
    await finance.do("/dispatch/engineers/E08/record-terms", TERMS)
    await office.hr.do("/dispatch/engineers/E08/record-terms", TERMS | {"valid_from": "2026-11-01", "wage_band": "C3"})
    # then
    assert [row["wage_band"] for row in await finance.read("/dispatch/engineers/E08/terms")] == ["C2", "C3"]
    for caller in (office.dispatcher, office.manager, office.engineer("E08")):
        assert (await caller.send("GET", "/dispatch/engineers/E08/terms")).status_code == 403
        assert (await caller.post("/dispatch/engineers/E08/record-terms", TERMS)).status_code == 403
    day = office.clock.now().date()
    assert str(await phone_allowance(office.dispatch.pool, "E08", day)) == "20.00"
    assert await phone_allowance(office.dispatch.pool, "E08", day.replace(month=9)) is None
    log = "".join(event["state"] for event in await office.events())
    assert not [said for said in ('"20.00"', "C2", "C3") if said in log]


async def test_the_erased_are_gone_and_the_log_is_whole(office: DispatchOffice) -> None:
    # given
    await office.recorded("E09")
    await office.hr.do("/dispatch/engineers/E09/record-contacts", WANG | {"phones": ["13700000009"]})
    await office.hr.do("/dispatch/engineers/E09/record-terms", TERMS)
    # when
    early = await office.hr.refused("/dispatch/engineers/E09/erase", {"reason": "离职"})
    await office.recorded("E09", active=False)
    await office.hr.do("/dispatch/engineers/E09/erase", {"reason": "离职满三年"})
    # then
    assert code(early) == "engineer-active"
    assert actions(early)["erase"] is not None
    gone = await office.hr.read("/dispatch/engineers/E09/contacts")
    assert (gone["name"], gone["phones"], gone["base_latitude"]) == (None, [], None)
    assert await office.hr.read("/dispatch/engineers/E09/terms") == []
    assert await whose(office.dispatcher, "13700000009") == []
    assert len(await office.hr.read("/dispatch/engineers/E09/history")) == 5
    back = await office.dispatcher.refused("/dispatch/engineers", {"engineer": "E09", "skills": []})
    assert code(back) == "engineer-erased"


@pytest.mark.parametrize(
    "said",
    [{"phones": ["12"]}, {"phones": ["没有"]}, {"base_longitude": None}, {"base_latitude": 91}, {"name": " "}],
)
async def test_contacts_make_sense(office: DispatchOffice, said: dict[str, Any]) -> None:
    await office.recorded("E10")
    answer = await office.hr.post("/dispatch/engineers/E10/record-contacts", WANG | said)
    assert answer.status_code == 422, answer.text
    assert "0004" not in answer.text


async def test_a_retry_records_once_and_a_stale_version_is_refused(office: DispatchOffice) -> None:
    body = {"engineer": "E11", "skills": ["灭鼠"]}
    first = await office.dispatcher.post("/dispatch/engineers", body, key="once")
    again = await office.dispatcher.post("/dispatch/engineers", body, key="once")
    assert (first.status_code, again.status_code, again.headers["Idempotency-Replayed"]) == (201, 201, "true")
    stale = await office.dispatcher.post("/dispatch/engineers", body | {"skills": []}, headers={"If-Match": '"7"'})
    assert stale.status_code == 412


async def test_the_view_follows(office: DispatchOffice) -> None:
    await office.recorded("E12", region="华东")

    async def there() -> bool:
        rows = await office.dispatcher.list("/dispatch/engineers", region="华东")
        return [row["engineer"] for row in rows] == ["E12"]

    await until(there)
