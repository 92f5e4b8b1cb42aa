"""What is said about the cells of a line: where, what stands there, what is wrong with it, what to do."""

from dataclasses import dataclass, field

from services.tickets.register.table import Line
from services.tickets.register.titles import Field
from shared.decider import Words
from shared.spreadsheet.sheet import text_of
from shared.spreadsheet.workbook import Broken

_QUOTED = 60
"""Characters of a cell that a message repeats; the whole is in the row's ``raw``."""

UNREAD = Words("读不出来，没有采用", "could not be read and was not used")
READ_IN_PART = Words("没有全部读懂", "was only read in part")


@dataclass(slots=True)
class Notes:
    """What is worth saying about a line, beside its values."""

    line: Line
    words: list[Words] = field(default_factory=list)

    def add(self, about: Field, what: Words, text: str | None = None) -> None:
        """Says ``what`` of the field's cell, or of ``text`` instead; a broken cell says why it is broken."""
        cell = self.line.cells.get(about)
        if isinstance(cell, Broken):
            what = cell.why
        told = about_cell(self.line.columns.title(about), text_of(cell) if text is None else text, what)
        if told not in self.words:
            self.words.append(told)


def about_cell(title: str, text: str, what: Words) -> Words:
    """A sentence about what stands in a column."""
    text = text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"
    zh = (f"「{title}」列" if title else "") + (f"“{text}”" if text else "")
    en = (f"Column “{title}”" if title else "") + (": " if title and text else "") + (f"“{text}”" if text else "")
    return Words(f"{zh}{what.zh}。", f"{en} {what.en}.")
