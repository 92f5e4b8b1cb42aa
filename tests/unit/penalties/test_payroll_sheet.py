"""The payroll workbook: made of the event alone, the same bytes whenever it is made."""

import io
import zipfile
from datetime import UTC, datetime
from decimal import Decimal

from openpyxl import load_workbook

from services.penalties.domain import payroll
from services.penalties.domain.deduction import Wage
from services.penalties.views.sheets import ledger_csv, ledger_sheet, payroll_sheet
from shared.events.penalties import PayrollExported
from tests.unit.penalties.test_deduction import due
from tests.unit.penalties.test_payroll import export
from tests.unit.tickets.story import given

WAGES = {"E04": Wage(Decimal("333.33"), Decimal("0.00")), "=E05": Wage(Decimal("9000.00"), Decimal("0.00"))}


def closed() -> PayrollExported:
    [event] = given(payroll, export(due(1), due(2, "20.10", engineer="=E05", allowance=True), wages=WAGES)).history
    assert isinstance(event, PayrollExported)
    return event


def test_the_same_list_is_the_same_file_an_hour_later() -> None:
    # given a list, and its workbook
    made = payroll_sheet(closed())

    # when its insides are looked at, where programs that save it leave the time of day
    parts = zipfile.ZipFile(io.BytesIO(made)).infolist()
    assert {part.date_time for part in parts} == {(1980, 1, 1, 0, 0, 0)}
    book = load_workbook(io.BytesIO(made))

    # then nothing in it tells when it was made, but for when the list was closed
    assert {str(book.properties.created), str(book.properties.modified)} == {"2027-02-01 00:00:00"}
    assert payroll_sheet(closed()) == made


def test_amounts_are_numbers_and_texts_are_no_formulas() -> None:
    page = load_workbook(io.BytesIO(payroll_sheet(closed()))).worksheets[0]
    rows = [[cell.value for cell in row] for row in page.iter_rows()]
    assert page.title == "GZ-2026-10"
    # 20 % of 333.33 is 66.66: the fine is taken in full
    assert rows[1][2:10] == ["=E05", "CF-2", "4.5", "电话费补贴 phone allowance", 20.1, 20.1, 0, 0]
    assert rows[2][2:10] == ["E04", "CF-1", "4.5", "罚款 fine", 50, 50, 0, 0]
    assert rows[3][6:10] == [70.1, 70.1, 0, 0]
    assert page.cell(2, 3).data_type == "s"


def test_the_ledger_as_a_file_ends_with_its_sums() -> None:
    at = datetime(2026, 10, 8, 1, 0, tzinfo=UTC)
    row = {"at": at, "recorded_at": at, "period": "2026-10", "engineer": "E04", "number": "CF-1", "rule": "4.5"}
    row |= {"kind": "fine", "cause": "imposed", "amount": Decimal("50.00"), "score": 0, "demerits": 0, "majors": 0}
    back = row | {"cause": "reversed", "amount": Decimal("-20.00"), "position": 9, "number": None}
    rows = [row | {"position": 8}, back]
    lines = ledger_csv(rows, "zh").decode("utf-8-sig").split("\r\n")
    assert lines[1] == "2026-10-08 09:00,2026-10-08 09:00,2026-10,E04,CF-1,4.5,罚款,处罚决定,50.00,0,0,0,8"
    assert lines[3].startswith("合计,,,,,,,,30.00,0,0,0,")
    page = load_workbook(io.BytesIO(ledger_sheet(rows, "en"))).worksheets[0]
    assert (page.cell(2, 8).value, page.cell(4, 9).value) == ("imposed", 30)
    assert ledger_csv([], "en").decode("utf-8-sig").split("\r\n")[1].startswith("Total,")
