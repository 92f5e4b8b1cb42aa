"""Ids that come from facts, so that the same fact told twice is one stream; and the numbers that people say."""

import re
from uuid import UUID, uuid5

from shared.calendar import Period
from shared.events.reporting import ReportKind

NAMESPACE = UUID("3f6d1c0e-7a52-5d0b-9c1f-5b6a2e8d4f17")
"""Of all ids made here; never changes."""
_PREFIX = {ReportKind.STATISTICS: "TJ", ReportKind.ITEMS: "SX"}
_KINDS = {prefix: kind for kind, prefix in _PREFIX.items()}


def report_id(kind: ReportKind, period: Period) -> UUID:
    """A month has one report of each kind, in as many editions as it takes."""
    return uuid5(NAMESPACE, f"monthly_report:{kind}:{period}")


def report_number(kind: ReportKind, period: Period, edition: int = 0) -> str:
    """``TJ-2026-10`` of the statistics, ``SX-2026-10`` of the items; a restatement's ends in ``-R1``."""
    return f"{_PREFIX[kind]}-{period}" + (f"-R{edition}" if edition else "")


def read_number(number: str) -> tuple[ReportKind, Period]:
    """Kind and month of ``TJ-2026-10``. Raises ValueError for what is no such number."""
    match = re.fullmatch(r"(TJ|SX)-(20\d\d-\d\d)", number, re.ASCII)
    if not match:
        raise ValueError(f"not a report's number like TJ-2026-10: {number!r}")
    return _KINDS[match[1]], Period.parse(match[2])


def recipient_id(recipient: str) -> UUID:
    return uuid5(NAMESPACE, f"recipient:{recipient}")
