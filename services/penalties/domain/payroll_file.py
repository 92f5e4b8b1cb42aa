"""A payroll list as a CSV file: made of the event alone, so that the same list is the same file, byte for byte.

For spreadsheet programs: UTF-8 with its mark, lines that end in CR LF, titles in both languages.
"""

import csv
import hashlib
import io
from collections.abc import Sequence
from decimal import Decimal

from services.penalties.domain.names.payroll import DROP_CAUSE
from shared.decider import Words
from shared.events.penalties import DropCause, PayrollLine

COLUMNS: Sequence[tuple[str, Words, int]] = (
    ("list", Words("清单号", "List"), 12),
    ("line", Words("序号", "Line"), 6),
    ("engineer", Words("人员", "Engineer"), 12),
    ("number", Words("处罚编号", "Penalty"), 22),
    ("rule", Words("条款", "Rule"), 10),
    ("kind", Words("种类", "Kind"), 16),
    ("due", Words("应扣（元）", "Due, CNY"), 14),
    ("taken", Words("实扣（元）", "Taken, CNY"), 14),
    ("dropped", Words("不扣（元）", "Dropped, CNY"), 14),
    ("carried", Words("转下月（元）", "Carried over, CNY"), 14),
    ("why", Words("原因", "Why"), 40),
)
"""Name, title and width of each."""
TOTAL = Words("合计", "Total")
_FINE, _ALLOWANCE = Words("罚款", "fine"), Words("电话费补贴", "phone allowance")
_BACK = Words("退还", "paid back")


def table(number: str, lines: Sequence[PayrollLine], total: Decimal) -> list[list[str | int | Decimal]]:
    """The list as rows: titles, lines, sum."""
    rows: list[list[str | int | Decimal]] = [[_both(title) for _, title, _ in COLUMNS]]
    for line in lines:
        kind = _both(_BACK if line.due < 0 else _ALLOWANCE if line.allowance else _FINE)
        money = (line.due, line.taken, line.dropped, line.carried)
        rows.append([number, line.line, line.engineer, line.number, line.rule, kind, *money, _why(line)])
    sums = [sum((getattr(line, name) for line in lines), Decimal("0.00")) for name in ("due", "dropped", "carried")]
    rows.append([number, "", _both(TOTAL), "", "", "", sums[0], total, sums[1], sums[2], ""])
    return rows


def csv_of(number: str, lines: Sequence[PayrollLine], total: Decimal) -> bytes:
    """The file."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerows([[plain(value) for value in row] for row in table(number, lines, total)])
    return buffer.getvalue().encode("utf-8-sig")


def sha256_of(number: str, lines: Sequence[PayrollLine], total: Decimal) -> str:
    """The file's fingerprint, hexadecimal."""
    return hashlib.sha256(csv_of(number, lines, total)).hexdigest()


def _why(line: PayrollLine) -> str:
    causes: list[DropCause | None] = [line.dropped_for, line.carried_for]
    return "；".join(_both(DROP_CAUSE[cause]) for cause in dict.fromkeys(causes) if cause)


def _both(words: Words) -> str:
    return f"{words.zh} {words.en}"


def plain(value: str | int | Decimal) -> str:
    """A text that a spreadsheet program would take for a formula gets an apostrophe before it."""
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(("=", "+", "-", "@")) else text
