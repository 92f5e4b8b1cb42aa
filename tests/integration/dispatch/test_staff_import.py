"""Engineers and rosters from a file over HTTP: the good rows go in, the bad ones are told by number and reason."""

from typing import Any

import pytest

from tests.integration.dispatch.conftest import Caller, DispatchOffice
from tests.unit.dispatch.test_staff_sheet import workbook

pytestmark = pytest.mark.asyncio(loop_scope="module")

PEOPLE = ("工号", "姓名", "电话", "技能", "地区", "驻地城市", "驻地纬度", "驻地经度")
ROSTER = ("工号", "开始日期", "结束日期", "类别", "时段")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def imported(who: Caller, content: bytes, *, dry_run: bool = False, name: str = "人员.xlsx") -> dict[str, Any]:
    response = await who.upload("/dispatch/engineers/import", name, content, XLSX, params={"dry_run": dry_run})
    assert response.is_success, response.text
    found: dict[str, Any] = response.json()
    return found


def told(found: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(row["sheet"], row["row"], row["engineer"], row["result"]) for row in found["rows"]]


async def test_good_rows_go_in_and_bad_ones_are_told(office: DispatchOffice) -> None:
    # given
    content = workbook(
        排班=[
            ROSTER,
            ("I01", "2026-10-09", "2026-10-11", "", "08:00-12:00"),
            ("I01", "2026-10-10", "", "休假", ""),
            ("I09", "2026-10-09", "", "", ""),
            ("I02", "2026-10-01", "", "", ""),
            ("I02", "明天", "", "", ""),
        ],
        人员=[
            PEOPLE,
            ("I01", "王强", "13800000101", "灭鼠、维修", "华北", "济南", 36.65, 117.12),
            ("I02", "李娜", "1380000", "灭蟑", "华东", "青岛", "", ""),
            ("I 3", "赵敏", "", "", "", "", "", ""),
        ],
    )
    # when it is tried
    tried = await imported(office.hr, content, dry_run=True)
    await office.seen()
    assert await office.dispatcher.list("/dispatch/engineers", q="I0") == []
    # and imported
    found = await imported(office.hr, content)
    # then
    assert (tried["dry_run"], found["dry_run"], tried["rows"]) == (True, False, found["rows"])
    assert told(found) == [
        ("排班", 2, "I01", "recorded"),
        ("排班", 3, "I01", "recorded"),
        ("排班", 4, "I09", "refused"),
        ("排班", 5, "I02", "refused"),
        ("排班", 6, "I02", "refused"),
        ("人员", 2, "I01", "recorded"),
        ("人员", 3, "I02", "recorded"),
        ("人员", 4, "I 3", "refused"),
    ]
    assert found["counts"] == {"recorded": 4, "unchanged": 0, "refused": 4}
    reasons = [row["reason"] for row in found["rows"] if row["result"] == "refused"]
    for reason, expected in zip(reasons, ["没有这位", "已经过去", "“明天”不是日期", "“工号”"], strict=True):
        assert expected in reason
    shown = await office.dispatcher.read("/dispatch/engineers/I01")
    assert (shown["skills"], shown["base_city"], shown["region"]) == (["灭鼠", "维修"], "济南", "华北")
    contacts = await office.dispatcher.read("/dispatch/engineers/I01/contacts")
    assert (contacts["name"], contacts["phones"], contacts["base_latitude"]) == ("王强", ["+8613800000101"], 36.65)
    await office.seen()
    on_duty = "/dispatch/rosters/on-duty"
    days = [
        [row["engineer"] for row in await office.dispatcher.read(on_duty, at=f"2026-10-{day}T09:00+08:00")]
        for day in ("09", "10", "11", "12")
    ]
    assert days == [["I01"], [], ["I01"], []]
    lines = await office.hr.read("/dispatch/rosters/I01/history")
    assert {line["from"] for line in lines} == {"导入"}


async def test_again_changes_nothing_and_a_missing_column_neither(office: DispatchOffice) -> None:
    # given
    row = ("I11", "王强", "13800000111", "灭鼠", "华北", "济南", 36.65, 117.12)
    roster = [ROSTER, ("I11", "2026-10-09", "2026-10-20", "值守", ""), ("I11", "2026-10-12", "", "休假", "")]
    whole = workbook(人员=[PEOPLE, row], 排班=roster)
    await imported(office.hr, whole)
    # when
    again = await imported(office.hr, whole)
    few = await imported(office.hr, workbook(人员=[("工号", "姓名", "驻地城市"), ("I11", "王小强", "青岛")]))
    # then
    assert again["counts"] == {"recorded": 0, "unchanged": 3, "refused": 0}
    assert few["counts"]["recorded"] == 1
    shown = await office.dispatcher.read("/dispatch/engineers/I11")
    assert (shown["skills"], shown["region"], shown["base_city"]) == (["灭鼠"], "华北", "青岛")
    contacts = await office.dispatcher.read("/dispatch/engineers/I11/contacts")
    assert (contacts["name"], contacts["phones"], contacts["base_longitude"]) == ("王小强", ["+8613800000111"], 117.12)
    log = "".join(event["state"] for event in await office.events())
    assert not [said for said in ("王强", "13800000111", "36.65") if said in log]


async def test_terms_and_leave_are_imported_by_those_who_decide_them(office: DispatchOffice) -> None:
    # given
    people = [("工号", "姓名", "电话补贴", "工资档", "生效日期"), ("I21", "王强", "20", "C2", "2026-10-01")]
    content = workbook(人员=people, 排班=[ROSTER, ("I21", "2026-10-12", "", "休假", "")])
    # when a dispatcher imports it
    partly = await imported(office.dispatcher, content)
    terms = await office.hr.read("/dispatch/engineers/I21/terms")
    # then
    assert [(row["result"], row["reason"]) for row in partly["rows"]] == [
        ("recorded", "电话补贴与工资档没有导入：须由人事导入。"),
        ("refused", "准假须由经理或人事导入。"),
    ]
    assert terms == []
    # when HR does
    found = await imported(office.hr, content)
    # then
    assert found["counts"] == {"recorded": 2, "unchanged": 0, "refused": 0}
    terms = await office.hr.read("/dispatch/engineers/I21/terms")
    assert terms == [{"valid_from": "2026-10-01", "phone_allowance": "20.00", "wage_band": "C2"}]


async def test_a_file_of_something_else_is_refused(office: DispatchOffice) -> None:
    for name, content in (("x.xlsx", workbook(表=[("客户",), ("光明物业",)])), ("x.xlsx", b"PK nonsense")):
        answer = await office.hr.upload("/dispatch/engineers/import", name, content, XLSX)
        assert answer.status_code == 422, answer.text
    answer = await office.engineer("I31").upload("/dispatch/engineers/import", "x.xlsx", b"", XLSX)
    assert answer.status_code == 403


async def test_many_engineers_and_a_csv(office: DispatchOffice) -> None:
    rows = "".join(f"M{n:03},技能{n % 3},华北\n" for n in range(120))
    found = await imported(office.hr, f"工号,技能,地区\n{rows}".encode("gb18030"), name="人员.csv")
    assert found["counts"] == {"recorded": 120, "unchanged": 0, "refused": 0}
    await office.seen()
    assert len(await office.dispatcher.list("/dispatch/engineers", q="M", limit=200)) == 120
