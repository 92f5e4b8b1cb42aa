"""The sample sheet against what a careful reader takes from it."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.tickets.register import Doubled, Reading, Register, RegisterEntry, RowProblem, read_register

ROOT = Path(__file__).parents[3]
COPY = (ROOT / "samples" / "register-2026-10.xlsx", ROOT / "tests" / "data" / "register-2026-10.expected.json")
ORIGINAL = (
    ROOT.parent / "shared" / "data" / "register-2026-10.xlsx",
    ROOT.parent / "shared" / "data" / "register-2026-10.expected.json",
)
BRANCH = (
    ROOT / "samples" / "register-2026-09-branch.csv",
    ROOT / "tests" / "data" / "register-2026-09-branch.expected.json",
)


def told(reading: Reading) -> dict[str, Any]:
    """A reading in the words of the expected file."""
    if isinstance(reading, Doubled):
        return {"row": reading.row, "duplicate_of": reading.duplicate_of}
    if isinstance(reading, RowProblem):
        return {"row": reading.row, "error": True}
    assert isinstance(reading, RegisterEntry)
    return {
        "row": reading.row,
        "received_at": reading.received_at.isoformat(timespec="minutes"),
        "channel": reading.channel,
        "customer": reading.customer,
        "phone": reading.phone,
        "product": reading.product,
        "lot": reading.lot,
        "answered_within_24h": reading.answered_within_24h,
        "late_minutes": reading.late_minutes,
        "score": reading.score,
    }


def read(files: tuple[Path, Path]) -> tuple[Register, list[dict[str, Any]]]:
    sheet, expected = files
    if files is ORIGINAL and not sheet.exists():
        pytest.skip("the original is not beside this repository")
    return read_register(sheet.read_bytes(), sheet.name), json.loads(expected.read_text())


@pytest.mark.parametrize("files", [COPY, ORIGINAL, BRANCH], ids=["copy", "original", "branch"])
def test_every_row_is_read_as_a_careful_reader_does(files: tuple[Path, Path]) -> None:
    register, expected = read(files)

    found = [told(reading) for reading in (*register.entries, *register.problems, *register.doubled)]

    assert sorted(found, key=lambda row: row["row"]) == expected


@pytest.mark.parametrize("files", [COPY, BRANCH], ids=["copy", "branch"])
def test_no_row_is_lost_and_reading_again_gives_the_same(files: tuple[Path, Path]) -> None:
    register, _ = read(files)

    assert [row.row for row in register] == list(range(1, len(register.rows) + 1))
    assert sum(register.counts.values()) == len(register.rows)
    assert read(files)[0] == register


def test_the_optional_cells_of_a_row_are_read_too() -> None:
    register, _ = read(COPY)
    entry = next(entry for entry in register.entries if entry.row == 30)

    assert (entry.contact, entry.address, entry.taken_by) == ("王女士", "潍坊市奎文区163号", "小刘")
    assert (entry.problem, entry.engineer, entry.answer_means) == ("孩子误触,问怎么处理(急!)", "工程师01", "电话")
    assert (entry.verdict, entry.survey_declined, entry.score) == ("不满意", False, None)
    assert [str(entry.answered_at), str(entry.agreed_arrival)] == [
        "2026-10-07 17:48:00+08:00",
        "2026-10-09 09:00:00+08:00",
    ]
    assert [str(entry.arrived_at), str(entry.finished_at)] == ["2026-10-09 08:55:00+08:00", "2026-10-09 10:14:00+08:00"]
    assert entry.purchased_on == date(2025, 12, 8), "12月8日 before October 2026 was in 2025"
    assert "2025" in entry.notes[0].zh
    assert entry.raw["购买日期"] == "12月8日"
    assert next(entry for entry in register.entries if entry.row == 31).survey_declined


def test_problems_say_what_is_wrong_where_and_what_to_do() -> None:
    register, _ = read(COPY)
    problems = {problem.row: problem for problem in register.problems}

    assert problems[175].faults[0].column == "登记日期"
    assert problems[175].faults[0].text == "10月32日"
    assert "2026-10-03" in problems[175].words.zh
    assert [fault.column for fault in problems[176].faults] == ["登记日期", "时间", "客户单位"]
    assert problems[177].words.en.startswith("Column “时间”: “25:70” is not a valid time")
