"""A file of engineers and rosters, read: what each row says, and what can't be read, by number and reason."""

import io
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook

from services.dispatch.domain.roster import GrantLeave, PlanDuty
from services.dispatch.staff_sheet import EngineerSaid, StaffFile, StaffRow, read_staff
from shared.calendar import SHANGHAI
from shared.events.dispatch import DutyWindow
from shared.spreadsheet.errors import SpreadsheetUnreadable
from tests.unit.dispatch.people import at

PEOPLE = ("工号", "姓名", "电话", "技能", "驻地城市", "在用")
ROSTER = ("工号", "开始日期", "结束日期", "类别", "星期", "时段", "时区")


def workbook(**sheets: list[tuple[Any, ...]]) -> bytes:
    """An XLSX file with these sheets."""
    book = Workbook()
    book.remove(book["Sheet"])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def read(**sheets: list[tuple[Any, ...]]) -> StaffFile:
    return read_staff(workbook(**sheets), "人员.xlsx", at=at("07:00"), by="sun.hong")


def roster_row(*cells: Any) -> StaffRow:
    return read(排班=[ROSTER, ("E04", *cells)]).rows[0]


def engineer_row(**cells: Any) -> StaffRow:
    return read(人员=[tuple(cells), tuple(cells.values())]).rows[0]


def windows(*hours: tuple[int, int]) -> tuple[DutyWindow, ...]:
    return tuple(DutyWindow(opens=time(opens), closes=time(closes)) for opens, closes in hours)


def test_people_and_rosters_lie_on_sheets_of_one_file() -> None:
    # when
    found = read(
        人员=[("售后服务人员",), PEOPLE, ("E04", "王强", 13800000004, "灭鼠、维修", "济南", "是"), (), ("E05",)],
        排班=[ROSTER, ("E04", date(2026, 10, 9), "2026/10/31", "", "周一至周五", "", "")],
    )
    # then
    assert [(row.sheet, row.row, row.engineer, row.problem) for row in found.rows] == [
        ("人员", 3, "E04", None),
        ("人员", 5, "E05", None),
        ("排班", 2, "E04", None),
    ]
    wang, other, duty = (row.said for row in found.rows)
    assert isinstance(wang, EngineerSaid)
    assert isinstance(other, EngineerSaid)
    assert wang.contacts
    assert (wang.record.skills, wang.record.base_city, wang.record.active) == (("灭鼠", "维修"), "济南", True)
    assert (wang.contacts.name, wang.contacts.phones) == ("王强", ("+8613800000004",))
    assert (other.contacts, other.record.active) == (None, True)
    assert isinstance(duty, PlanDuty)
    assert (duty.first, duty.last, duty.weekdays) == (date(2026, 10, 9), date(2026, 10, 31), (1, 2, 3, 4, 5))
    assert (duty.at, duty.by, duty.windows, duty.zone) == (at("07:00"), "sun.hong", (), "Asia/Shanghai")


def test_a_column_that_is_not_there_says_nothing() -> None:
    said = engineer_row(工号="E04", 姓名="王强", 地区="").said
    assert isinstance(said, EngineerSaid)
    assert (said.spoken, said.silent) == ({"region"}, {"phones", "base_latitude", "base_longitude"})
    assert said.terms is None


def test_terms_are_read_with_the_day_from_which_they_hold() -> None:
    said = engineer_row(工号="E04", 电话补贴="￥20.50元", 工资档="C2", 补贴生效日期="2026年10月1日").said
    assert isinstance(said, EngineerSaid)
    assert said.terms
    assert said.terms.model_dump() == {
        "valid_from": date(2026, 10, 1),
        "phone_allowance": Decimal("20.50"),
        "wage_band": "C2",
    }


@pytest.mark.parametrize(
    ("weekdays", "expected"),
    [
        ("一、三、五", (1, 3, 5)),
        ("周一至周三，周日", (1, 2, 3, 7)),
        ("6-7", (6, 7)),
        (3, (3,)),
        ("", tuple(range(1, 8))),
    ],
)
def test_weekdays_as_people_write_them(weekdays: Any, expected: tuple[int, ...]) -> None:
    said = roster_row("2026-10-09", "2026-10-31", "值守", weekdays).said
    assert isinstance(said, PlanDuty)
    assert said.weekdays == expected


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ("08:00-12:00、14:00—18:00", windows((8, 12), (14, 18))),
        ("8：00～22：00", windows((8, 22))),
        ("18:00-24:00", windows((18, 0))),
        ("22:00至06:00", windows((22, 6))),
    ],
)
def test_hours_as_people_write_them(hours: str, expected: tuple[DutyWindow, ...]) -> None:
    said = roster_row("2026-10-09", "", "", "", hours, "Asia/Urumqi").said
    assert isinstance(said, PlanDuty)
    assert (said.first, said.last, said.windows, said.zone) == (
        *(date(2026, 10, 9), date(2026, 10, 9)),
        *(expected, "Asia/Urumqi"),
    )


def test_leave_is_whole_days_or_hours_of_one() -> None:
    days = roster_row("2026-10-09", "2026-10-10", "休假").said
    hours = roster_row("2026-10-09", None, "请假", None, "13:00-17:00").said
    again = roster_row("2026-10-09", "2026-10-10", "休").said
    assert isinstance(days, GrantLeave)
    assert isinstance(hours, GrantLeave)
    assert (days.starts, days.ends) == (
        datetime(2026, 10, 9, tzinfo=SHANGHAI),
        datetime(2026, 10, 11, tzinfo=SHANGHAI),
    )
    assert (hours.starts, hours.ends) == (at("13:00", date(2026, 10, 9)), at("17:00", date(2026, 10, 9)))
    assert again == days
    assert hours.leave != days.leave


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (("10月9日",), "“开始日期”中的“10月9日”不是日期"),
        (("2026-02-30",), "“2026-02-30”不是日期"),
        (("",), "缺少“开始日期”"),
        (("2026-10-09", "", "出差"), "“类别”中的“出差”无法识别"),
        (("2026-10-09", "", "", "周八"), "星期“周八”无法识别"),
        (("2026-10-09", "", "", "周五至周一"), "星期“周五至周一”无法识别"),
        (("2026-10-09", "", "", "", "全天"), "时段“全天”无法识别"),
        (("2026-10-09", "", "", "", "08:00-25:00"), "时段“08:00-25:00”无法识别"),
        (("2026-10-09", "", "", "", "", "Asia/Jinan"), "没有时区“Asia/Jinan”"),
        (("2026-10-09", "", "休假", "一"), "休假不分星期"),
        (("2026-10-09", "2026-10-10", "休假", "", "08:00-12:00"), "只有单日休假可写一个时段"),
        (("=1/0",), "没有保存结果的公式"),
    ],
)
def test_what_can_not_be_read_in_a_roster_says_why(cells: tuple[Any, ...], reason: str) -> None:
    row = roster_row(*cells)
    assert row.problem
    assert reason in row.problem.zh
    assert row.problem.en
    assert (row.engineer, row.said) == ("E04", None)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"工号": "", "姓名": "王强"}, "“工号”"),
        ({"工号": "E 04", "姓名": "王强"}, "“工号”"),
        ({"工号": "E04", "姓名": "王强", "电话": "没有"}, "“电话”：至少需要 3 个字符"),
        ({"工号": "E04", "姓名": "王强", "电话": "无此号"}, "“电话”：电话号码无法识别"),
        ({"工号": "E04", "姓名": "", "电话": "13800000004"}, "“姓名”"),
        ({"工号": "E04", "姓名": "王强", "纬度": "36.65"}, "“驻地纬度”：经纬度须同时填写"),
        ({"工号": "E04", "姓名": "王强", "纬度": 96.65, "经度": 117.12}, "“驻地纬度”：不得大于 90"),
        ({"工号": "E04", "在用": "也许"}, "“在用”中的“也许”无法识别"),
        ({"工号": "E04", "电话补贴": "20", "工资档": "C2", "生效日期": ""}, "“补贴生效日期”"),
        ({"工号": "E04", "电话补贴": "-1", "工资档": "C2", "生效日期": "2026-10-01"}, "“电话补贴”：不得小于 0"),
    ],
)
def test_what_can_not_be_read_of_an_engineer_says_why(cells: dict[str, Any], reason: str) -> None:
    row = engineer_row(**cells)
    assert row.problem
    assert reason in row.problem.zh
    assert row.said is None


def test_nothing_is_left_out_in_silence() -> None:
    found = read(说明=[("如何填写",)], 排班=[("工号", "姓名", "日期"), ("E04", "王强", "2026-10-09")])
    assert [words.zh for words in found.notices] == [
        "工作表“说明”没有人员或排班的表头，没有读。",
        "工作表“排班”中这些列没有读：姓名。",
    ]


@pytest.mark.parametrize("rows", [[("客户", "电话"), ("光明物业", "1")], [PEOPLE], [("工号",), ("E04",)]])
def test_a_file_without_such_a_table_is_refused(rows: list[tuple[Any, ...]]) -> None:
    with pytest.raises(SpreadsheetUnreadable, match="header"):
        read(表=rows)
