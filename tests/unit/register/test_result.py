"""The sheet that goes back to the reception."""

import io

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from services.tickets.register import Outcome, Register, result_sheet
from services.tickets.register.result import Outcomes
from shared.decider import Words
from tests.unit.register.making import read, row

IMPORTED = Words("已导入", "imported")


def written(register: Register, outcomes: Outcomes) -> Worksheet:
    sheet = load_workbook(io.BytesIO(result_sheet(register, outcomes))).worksheets[0]
    assert isinstance(sheet, Worksheet)
    return sheet


def test_every_row_has_its_outcome_and_reason() -> None:
    register = read(
        row(答复时间="10:00", 约定到场="10-04 10:00", 实际到场="10-04 10:45"),
        row(日期="10月32日"),
        row(答复时间="10:00", 约定到场="10-04 10:00", 实际到场="10-04 10:45"),
        ["合计", None, None, "3"],
        row(客户="乙", 电话="1380000"),
    )
    refused = Outcome(Words("未导入", "not imported"), Words("客户已停用。", "The customer is closed."))

    sheet = written(register, {("Sheet1", 3): Outcome(IMPORTED, None, "T-7"), ("Sheet1", 7): refused})

    rows = [[cell or "" for cell in cells] for cells in sheet.iter_rows(min_row=2, values_only=True)]
    assert [cells[1] for cells in rows] == [1, 2, 3, 4, 5, 6, 7]
    assert rows[2][2:9] == ["已导入", "imported", "", "", "T-7", "是 Yes", 45]
    assert rows[3][2:4] == ["未导入", "not imported"]
    assert "10月32日" in rows[3][4]
    assert "not a valid date" in rows[3][5]
    assert rows[4][2:6] == ["重复", "doubled", "与第 3 行重复。", "The same as row 3."]
    assert rows[5][2:6] == ["跳过", "skipped", "合计行", "total"]
    assert rows[6][4:8] == ["客户已停用。", "The customer is closed.", "", "否 No"]
    assert "1380000" in rows[6][9]


def test_it_is_a_table_with_a_frozen_header() -> None:
    sheet = written(read(row()), {})

    (table,) = sheet.tables.values()
    assert table.ref == "A1:J4"
    assert sheet.freeze_panes == "C2"
    assert sheet.column_dimensions["E"].width > 40
    assert [column.name for column in table.tableColumns] == [cell.value for cell in sheet[1]]


def test_without_outcomes_entries_are_shown_as_read() -> None:
    assert written(read(row()), {}).cell(4, 3).value == "已读取"


def test_texts_from_the_register_never_become_formulas() -> None:
    reason = Words('=HYPERLINK("http://x","y")', "+1")

    sheet = written(read(row(), row(日期="=1+1")), {("Sheet1", 3): Outcome(IMPORTED, reason)})

    cell = sheet.cell(4, 5)
    assert (cell.value, cell.data_type) == (reason.zh, "s")
    assert not [cell for cells in sheet.iter_rows() for cell in cells if cell.data_type == "f"]


def test_control_characters_and_endless_texts_do_no_harm() -> None:
    sheet = written(read(row()), {("Sheet1", 3): Outcome(IMPORTED, Words("a\x0bb", "x" * 40_000))})

    assert sheet.cell(4, 5).value == "ab"
    assert len(sheet.cell(4, 6).value) == 32_767


def test_the_second_sheet_counts_and_tells_the_notices() -> None:
    register = read(row())
    book = load_workbook(io.BytesIO(result_sheet(register, {})))

    assert book.worksheets[1]["A1"].value == "共 3 行：登记 1，有问题 0，重复 0，跳过 2。"
