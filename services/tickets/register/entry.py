"""What a register's rows become: an entry, a problem, a double of another row, or nothing to import."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property

from services.tickets.domain.ticket import ANSWER_WITHIN
from services.tickets.register.values import wide
from shared.decider import Words
from shared.events.tickets import Channel

Raw = Mapping[str, str]
"""A row as it stands in the sheet: every filled cell's text by its column's title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterEntry:
    """One contact, with all that the reception wrote beside it. Moments are aware, Asia/Shanghai."""

    sheet: str
    row: int
    """The row's number as a spreadsheet program shows it."""
    received_at: datetime
    channel: Channel | None
    """``None``: the sheet has no such column, the cell is empty, or names no known channel (then a note says
    so)."""
    customer: str
    contact: str | None = None
    phone: str | None = None
    """Digits; an extension behind a comma; abroad with + and the country. A cell's further numbers are in the
    notes."""
    address: str | None = None
    product: str | None = None
    lot: str | None = None
    purchased_on: date | None = None
    postmarked_on: date | None = None
    """A letter's postmark (D3)."""
    problem: str | None = None
    """Never ``None`` together with ``product``."""
    taken_by: str | None = None
    answered_at: datetime | None = None
    answer_means: str | None = None
    engineer: str | None = None
    agreed_arrival: datetime | None = None
    """Of an agreed span of time its end."""
    arrived_at: datetime | None = None
    finished_at: datetime | None = None
    score: int | None = None
    """1 to 5."""
    verdict: str | None = None
    survey_declined: bool = False
    remarks: str | None = None
    notes: tuple[Words, ...] = ()
    """What in this row could not be read, or was assumed."""
    raw: Raw = field(default_factory=dict)

    @property
    def late_minutes(self) -> int | None:
        """Whole minutes from the agreed to the real arrival (3.4b), 0 when in time; ``None`` when either is
        missing."""
        if self.agreed_arrival is None or self.arrived_at is None:
            return None
        return max(0, (self.arrived_at - self.agreed_arrival) // timedelta(minutes=1))

    @property
    def answered_within_24h(self) -> bool:
        """Whether the promise of 3.4a was kept; never without an answer."""
        return self.answered_at is not None and self.answered_at - self.received_at <= ANSWER_WITHIN

    @property
    def facts(self) -> tuple[str, ...]:
        """What makes this contact this one. Two rows with the same facts are one contact written down twice."""
        said = (
            self.channel or "",
            self.customer,
            self.phone or "",
            self.product or "",
            self.lot or "",
            self.problem or "",
        )
        return (self.received_at.isoformat(), *("".join(wide(text).lower().split()) for text in said))

    @property
    def fingerprint(self) -> str:
        """The facts as 64 hexadecimal digits: the same for the same contact in any file, so an import can be
        repeated."""
        return hashlib.sha256("\n".join(self.facts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Fault:
    """What keeps a row from being read."""

    column: str
    """The column's title; empty when the table has no such column."""
    text: str
    """What stands in the cell; empty when nothing does."""
    words: Words
    """What is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that is meant as an entry and can't be one."""

    sheet: str
    row: int
    faults: tuple[Fault, ...]
    raw: Raw = field(default_factory=dict)

    @property
    def words(self) -> Words:
        """All faults in one sentence each."""
        return Words("".join(one.words.zh for one in self.faults), " ".join(one.words.en for one in self.faults))


@dataclass(frozen=True, slots=True)
class Doubled:
    """A row that says again what an earlier one says."""

    sheet: str
    row: int
    of_sheet: str
    duplicate_of: int
    """The row in ``of_sheet`` that says it first."""
    differs: tuple[Words, ...] = ()
    """What this row says otherwise than the first, or in addition; it is not taken over, a person should
    look."""
    raw: Raw = field(default_factory=dict)

    @property
    def words(self) -> Words:
        """Which row says it first, and what to look at."""
        where = "" if self.sheet == self.of_sheet else f"工作表“{self.of_sheet}”"
        where_en = "" if self.sheet == self.of_sheet else f" of sheet “{self.of_sheet}”"
        zh, en = (
            f"与{where}第 {self.duplicate_of} 行重复。",
            f"The same as row {self.duplicate_of}{where_en}.",
        )
        if self.differs:
            zh += f"这些内容不同，没有采用，请核对：{'、'.join(words.zh for words in self.differs)}。"
            en += f" What differs was not used, please check: {', '.join(words.en for words in self.differs)}."
        return Words(zh, en)


class SkipReason(StrEnum):
    BLANK = "blank"
    TITLE = "title"
    HEADER = "header"
    DATE = "date"
    """A line with nothing but the date of the rows below it."""
    TOTAL = "total"
    NOTE = "note"
    """Who filled it in, who checked it, how to fill it in."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that holds no entry and isn't meant to."""

    sheet: str
    row: int
    reason: SkipReason
    raw: Raw = field(default_factory=dict)


Reading = RegisterEntry | RowProblem | Doubled | Skipped


@dataclass(frozen=True)
class Register:
    """A whole file: every row of every sheet that is a register, in the order of the file."""

    filename: str
    sheets: tuple[str, ...]
    rows: tuple[Reading, ...]
    notices: tuple[Words, ...] = ()
    """What concerns the file and not a row: sheets and columns that were not used."""

    def __iter__(self) -> Iterator[Reading]:
        return iter(self.rows)

    @cached_property
    def entries(self) -> tuple[RegisterEntry, ...]:
        return tuple(row for row in self.rows if isinstance(row, RegisterEntry))

    @cached_property
    def problems(self) -> tuple[RowProblem, ...]:
        return tuple(row for row in self.rows if isinstance(row, RowProblem))

    @cached_property
    def doubled(self) -> tuple[Doubled, ...]:
        return tuple(row for row in self.rows if isinstance(row, Doubled))

    @cached_property
    def skipped(self) -> tuple[Skipped, ...]:
        return tuple(row for row in self.rows if isinstance(row, Skipped))

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of each kind; together every row of the sheets that were read."""
        return {
            "entries": len(self.entries),
            "problems": len(self.problems),
            "doubled": len(self.doubled),
            "skipped": len(self.skipped),
        }
