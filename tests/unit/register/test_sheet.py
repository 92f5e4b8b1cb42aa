"""Files in, cells with their row numbers out; and the files that are refused."""

import io
import re
import struct
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from services.tickets.register import SpreadsheetUnreadable, read_register
from shared.spreadsheet import sheet as sheets
from shared.spreadsheet import workbook as limits
from shared.spreadsheet.sheet import Sheet, open_workbook
from shared.spreadsheet.workbook import Broken
from tests.unit.register.making import HEADER, at, row, saved, xlsx


def only(data: bytes, name: str = "x.xlsx") -> Sheet:
    (sheet,) = open_workbook(data, name).sheets
    return sheet


def refused(data: bytes, name: str = "x.xlsx") -> SpreadsheetUnreadable:
    with pytest.raises(SpreadsheetUnreadable) as raised:
        read_register(data, name)
    assert raised.value.words.zh
    assert raised.value.words.en
    return raised.value


def repacked(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """The same archive with changed members."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return stream.getvalue()


def in_sheet(data: bytes, old: bytes, new: bytes) -> bytes:
    def change(name: str, content: bytes) -> bytes:
        if "sheet1" not in name:
            return content
        content = content.replace(b"<v />", b"<v></v>")  # openpyxl writes an empty one so or so, with lxml or without
        assert old in content
        return content.replace(old, new)

    return repacked(data, change)


def test_row_numbers_are_those_of_the_spreadsheet() -> None:
    book = Workbook()
    book.active["C3"] = "third"
    book.active["B7"] = 7

    rows = only(saved(book)).rows

    assert [row.number for row in rows] == [1, 2, 3, 4, 5, 6, 7]
    assert (rows[2].cells[2], rows[6].cells[1]) == ("third", 7.0)


def test_cells_keep_their_types() -> None:
    book = Workbook()
    moment = datetime(2026, 10, 1, 10, 55)  # noqa: DTZ001 — a spreadsheet's wall clock
    values = ["  文 字\u3000", 5, 4.5, moment, date(2026, 10, 1), time(18, 53), timedelta(hours=30), True, "", " \n"]
    book.active.append(values)

    (cells,) = (row.cells for row in only(saved(book)).rows)

    assert (
        cells
        == ("文 字", 5.0, 4.5, moment, date(2026, 10, 1), time(18, 53), timedelta(hours=30), True, None, None)[
            : len(cells)
        ]
    )


def test_what_a_merged_cell_says_holds_for_its_rows() -> None:
    rows = only(
        xlsx(("a", [["x", "title", None, None], ["2026-10-01", 1], [None, 2], [None, 3]], ["A2:A4", "B1:D1"]))
    ).rows

    assert [row.cells[0] for row in rows] == ["x", "2026-10-01", "2026-10-01", "2026-10-01"]
    assert [row.inherited for row in rows] == [frozenset(), frozenset(), {0}, {0}]
    assert [row.banner for row in rows] == [True, False, False, False]


def test_of_a_formula_the_stored_result_counts_and_none_is_said() -> None:
    book = Workbook()
    book.active.append(["=1+1", '="a"&"b"', "=1/0", "text"])
    data = saved(book)
    kept = in_sheet(data, b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>")
    kept = in_sheet(kept, b'<c r="B1"><f>"a"&amp;"b"</f><v></v>', b'<c r="B1" t="str"><f>"a"&amp;"b"</f><v></v>')
    kept = in_sheet(kept, b'<c r="C1"><f>1/0</f><v></v>', b'<c r="C1" t="e"><f>1/0</f><v>#DIV/0!</v>')

    (new,), (calculated,) = only(data).rows, only(kept).rows

    assert [cell.text for cell in new.cells[:3] if isinstance(cell, Broken)] == ["=1+1", '="a"&"b"', "=1/0"]
    assert calculated.cells[:2] == (2.0, None), "an empty text is a result"
    assert isinstance(calculated.cells[2], Broken)
    assert calculated.cells[2].text == "#DIV/0!"
    assert calculated.cells[3] == "text"


def test_a_number_that_is_none_is_a_text() -> None:
    book = Workbook()
    book.active.append([1, 2])
    data = in_sheet(saved(book), b"<v>1</v>", b"<v>NaN</v>")

    assert only(data).rows[0].cells == ("nan", 2.0)


def test_days_of_files_that_count_from_1904() -> None:
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.append(HEADER)
    book.active.append(row(日期=date(2026, 10, 3)))
    book.active.append(row(日期=46298 - 1462, 客户="乙", 批号=46298, 答复时间=46299.375 - 1462))

    register = read_register(saved(book), "x.xlsx")

    assert at(register) == ["2026-10-03 09:00", "2026-10-03 09:00"]
    assert str(register.entries[1].answered_at) == "2026-10-04 09:00:00+08:00"
    assert register.entries[1].lot == "46298"


def test_hidden_sheets_are_not_read_but_told_of() -> None:
    book = Workbook()
    for sheet in (book.active, book.create_sheet("旧表")):
        sheet.append(HEADER)
        sheet.append(row())
    book["旧表"].sheet_state = "hidden"

    register = read_register(saved(book), "x.xlsx")

    assert (register.sheets, len(register.rows)) == (("Sheet",), 2)
    assert "“旧表”是隐藏的" in register.notices[0].zh


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "，"])
def test_csv_in_any_encoding_with_any_delimiter(encoding: str, delimiter: str) -> None:
    lines = [["登记表 2026年10月"], HEADER, row(问题="胶干,了;没 有"), row(客户="㙍塘小学", 时间="10:00")]
    quoted = [[f'"{cell}"' if cell and delimiter in cell else cell or "" for cell in line] for line in lines]
    text = "\r\n".join(delimiter.join(line) for line in quoted)

    register = read_register(text.encode(encoding), "register.csv")

    assert [(one.row, one.customer, one.problem) for one in register.entries] == [
        (3, "食品二厂", "胶干,了;没 有"),
        (4, "㙍塘小学", "没有粘性"),
    ]
    assert register.sheets == ("register",)


def test_rows_of_a_csv_are_counted_as_a_spreadsheet_shows_them() -> None:
    text = '日期,时间,客户,问题\n\n2026-10-01,9:00,甲,"一\n二"\n2026-10-01,9:30,乙,三\n'

    register = read_register(text.encode(), "x.csv")

    assert [(one.row, one.problem) for one in register.entries] == [(3, "一二"), (4, "三")]
    assert [one.row for one in register.skipped] == [1, 2]


def test_the_hint_of_excel_is_no_row() -> None:
    register = read_register("sep=;\r\n日期;时间;客户;问题\r\n2026-10-01;9:00;甲,乙;三\r\n".encode(), "x.csv")

    assert [(one.row, one.customer) for one in register.entries] == [(2, "甲,乙")]


@pytest.mark.parametrize("ditto", ['"', '"还是"不行'])
def test_a_lone_quote_swallows_no_rows(ditto: str) -> None:
    lines = [
        "日期,时间,客户,问题",
        "2026-10-01,9:00,甲,一",
        f"2026-10-01,9:30,{ditto},二",
        f"2026-10-01,9:40,{ditto},三",
    ]

    register = read_register("\n".join(lines).encode(), "x.csv")

    assert [one.problem for one in register.entries] == ["一", "二", "三"]
    assert "双引号" in register.notices[0].zh


def test_lone_quotes_in_different_columns_swallow_no_rows() -> None:
    lines = ["日期,时间,客户,问题,备注", '2026-10-01,9:00,甲,",', '2026-10-01,9:30,",二,', "2026-10-01,9:40,丙,三,"]

    register = read_register("\n".join(lines).encode(), "x.csv")

    assert [one.row for one in (*register.entries, *register.problems)] == [3, 4, 2]
    assert "双引号" in register.notices[0].zh


def test_quoted_cells_and_a_longer_row_are_no_lone_quotes() -> None:
    lines = ["日期,时间,客户,问题", '2026-10-01,9:00,甲,"一,二,三,四"', "2026-10-01,9:30,乙,五,,,,"]

    register = read_register("\n".join(lines).encode(), "x.csv")

    assert [one.problem for one in register.entries] == ["一,二,三,四", "五"]
    assert not register.notices


def test_a_number_kept_as_text_by_a_formula_is_that_text() -> None:
    register = read_register('日期,时间,客户,电话,问题\n2026-10-01,9:00,甲,"=""053186006769""",一\n'.encode(), "x.csv")

    assert register.entries[0].phone == "053186006769"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"  \r\n", "empty"),
        (b"%PDF-1.7 ...", "not_a_spreadsheet"),
        (b"<html><table></table></html>", "not_a_spreadsheet"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not_a_spreadsheet"),
        (b"a,b\r\n\xff\xff,1", "unknown_encoding"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_format"),
        (b"PK\x03\x04 broken", "damaged"),
        ("甲,乙,丙\n1,2,3".encode(), "no_header"),
        (b",,,\n,,,", "empty"),
    ],
)
def test_files_that_are_no_registers_are_refused(data: bytes, code: str) -> None:
    assert refused(data, "x.csv").code == code


def test_an_archive_without_a_workbook_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")

    assert refused(stream.getvalue()).code == "not_a_spreadsheet"


def test_an_empty_workbook_is_refused() -> None:
    assert refused(saved(Workbook())).code == "empty"


def test_without_a_header_the_error_says_what_is_needed_and_what_was_seen() -> None:
    words = refused(xlsx(("a", [["姓名", "年龄", "住址"], ["甲", 1, "乙"]], []))).words

    assert "客户单位" in words.zh
    assert "姓名、年龄、住址" in words.zh


def test_a_damaged_workbook_is_refused() -> None:
    data = xlsx(("a", [HEADER, row()], []))

    assert refused(data[: len(data) // 2]).code == "damaged"
    assert refused(in_sheet(data, b"</sheetData>", b"")).code == "damaged"


def test_entities_are_refused() -> None:
    def change(name: str, content: bytes) -> bytes:
        return (
            b'<!DOCTYPE x [<!ENTITY a "b">]>' + content[content.index(b"<worksheet") :] if "sheet1" in name else content
        )

    assert refused(repacked(xlsx(("a", [HEADER, row()], [])), change)).code == "damaged"


def test_a_file_of_more_than_the_limit_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    data = xlsx(("a", [HEADER, row()], []))
    monkeypatch.setattr(sheets, "MAX_BYTES", len(data) - 1)

    assert refused(data).code == "too_big"


def bomb(size: int) -> bytes:
    stream = io.BytesIO(xlsx(("a", [HEADER, row()], [])))
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.bin", bytes(size))
    return stream.getvalue()


def test_a_file_that_inflates_beyond_the_limit_is_not_laid_out() -> None:
    data = bomb(limits.MAX_INFLATED + 1)

    assert len(data) < 1_000_000
    assert refused(data).code == "too_big"


def test_a_file_that_lies_about_what_it_inflates_to_is_refused() -> None:
    size = 5_000_000
    data = bomb(size).replace(struct.pack("<L", size), struct.pack("<L", 100))

    assert refused(data).code == "damaged"


def test_a_stray_cell_far_out_takes_no_memory() -> None:
    book = Workbook()
    book.active.append(HEADER)
    book.active["XFD1048576"] = "x"

    error = refused(saved(book))

    assert error.code == "too_big"
    assert "1048576" in error.words.zh


@pytest.mark.parametrize("name", [b"xfd1048576", b"A", b"7", b"XFDA1", b"A99999999", b"$A$1"])
def test_names_of_cells_are_not_taken_on_trust(name: bytes) -> None:
    data = in_sheet(xlsx(("a", [HEADER, row()], [])), b'r="A2"', b'r="' + name + b'"')

    assert refused(data).code in ("too_big", "damaged")


def test_cells_without_a_name_follow_each_other() -> None:
    named = xlsx(("a", [HEADER, row()], []))
    data = repacked(named, lambda name, content: re.sub(rb'(<c) r="[A-L][12]"', rb"\1", content))
    assert data != named

    assert [one.row for one in read_register(data, "x.xlsx").entries] == [2]


def test_formats_far_out_are_no_cells() -> None:
    book = Workbook()
    book.active.append(HEADER)
    book.active.append(row())
    book.active["XFD1048576"].number_format = "0.00"

    assert len(read_register(saved(book), "x.xlsx").rows) == 2


def test_merged_cells_that_overlap_without_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MAX_CELLS", 50)
    merged = [f"A1:{column}3" for column in "BCDEFGHIJKLMNOPQRSTUVWXYZ"]

    with pytest.raises(SpreadsheetUnreadable, match="overlap"):
        open_workbook(xlsx(("a", [[*[None] * 30, "x"]] * 3, merged)), "x.xlsx")
