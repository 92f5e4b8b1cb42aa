"""Reading a reception's register (来电来函登记表, 3.8): a spreadsheet in, one typed reading per row out.

Pure: bytes in, values out; no clock, no database. ``read_register`` reads, ``result_sheet`` writes the
answer.
"""

from services.tickets.register.entry import (
    Doubled,
    Fault,
    Reading,
    Register,
    RegisterEntry,
    RowProblem,
    Skipped,
    SkipReason,
)
from services.tickets.register.reading import read_register
from services.tickets.register.result import Outcome, result_sheet
from shared.spreadsheet.errors import SpreadsheetUnreadable

__all__ = [
    "Doubled",
    "Fault",
    "Outcome",
    "Reading",
    "Register",
    "RegisterEntry",
    "RowProblem",
    "SkipReason",
    "Skipped",
    "SpreadsheetUnreadable",
    "read_register",
    "result_sheet",
]
