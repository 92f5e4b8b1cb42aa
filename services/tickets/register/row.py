"""One line of a register, read cell by cell.

What can't be read in an optional cell, and what had to be assumed, goes into the entry's notes; a line
without a readable day, time, customer, and problem or product becomes a ``RowProblem``.

A request without a time of day is a problem, except in a sheet that has no times at all: there it counts from
00:00, so that no step of that day comes before it and the 24 hours (3.4a) are never judged too kindly. A note says so.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from services.tickets.register.entry import Fault, RegisterEntry, RowProblem
from services.tickets.register.moments import PART_ONLY, Day, Said, said
from services.tickets.register.notes import READ_IN_PART, UNREAD, Notes, about_cell
from services.tickets.register.steps import AT_ITS_BEGINNING, at, with_steps
from services.tickets.register.table import Line
from services.tickets.register.titles import Field
from services.tickets.register.values import (
    Rating,
    channels_of,
    lots_of,
    name_of,
    phones_of,
    rating_of,
)
from services.tickets.register.years import nearest
from shared.decider import Words
from shared.events.tickets import Channel
from shared.spreadsheet.sheet import text_of
from shared.spreadsheet.workbook import Broken

_NO_SAID = Said()

NOT_A_DAY = Words("不是有效的日期，请改成 2026-10-03 这样的写法", "is not a valid date: write it like 2026-10-03")
NOT_A_TIME = Words("不是有效的时间，请改成 09:30 这样的写法", "is not a valid time: write it like 09:30")
NO_YEAR = Words(
    "没有年份，标题、工作表名和文件名里也没有，请在日期或标题里写上年份",
    "has no year, nor have the title, the sheet's and the file's name: write it into the date or the title",
)
NO_TIME = Words("没有写钟点，请补上，例如 09:30", "says no time of day: add it, like 09:30")
MISSING = Words("是空的，请填写", "is empty: fill it in")
AFTER_RECEIPT = Words("晚于登记日期，没有采用", "is later than the registration and was not used")
FAR_OFF = Words("离本表其他日期很远，请核对", "is far from the other dates of this sheet: please check")
DISAGREE = Words("与日期列不一致，以日期列为准", "contradicts the column of the date, which counts")


@dataclass(frozen=True, slots=True)
class Received:
    """When a line says it was received; the year is found later, from all lines together."""

    days: tuple[Day, ...]
    clock: int | None
    faults: tuple[Fault, ...]
    assumed: tuple[tuple[Field, Words], ...] = ()


def received(line: Line) -> Received:
    """The day and time of day that the line's one or two columns say, with what is wrong in them."""
    day_cell, time_cell = line.cell(Field.RECEIVED_DAY), line.cell(Field.RECEIVED)
    apart = line.has(Field.RECEIVED_DAY)
    day, clock = said(day_cell), said(time_cell, clock_first=apart or line.section is not None)
    faults = [
        _fault(line, about, what)
        for about, cell, found, what in (
            (Field.RECEIVED_DAY, day_cell, day, NOT_A_DAY),
            (Field.RECEIVED, time_cell, clock, NOT_A_TIME if apart else NOT_A_DAY),
        )
        if cell is not None and (found is None or found.plus is not None)
    ]
    day, clock = day or _NO_SAID, clock or _NO_SAID
    days = day.days or clock.days
    if not days and line.section is not None and not faults:
        days = (said(line.section) or _NO_SAID).days
    day_field = Field.RECEIVED_DAY if apart else Field.RECEIVED
    if not days and not any(one.column == line.columns.title(day_field) for one in faults):
        faults.append(_fault(line, day_field, MISSING if line.cell(day_field) is None else NOT_A_DAY))
    assumed = [(Field.RECEIVED_DAY, words) for words in day.assumed] + [
        (Field.RECEIVED, words) for words in clock.assumed
    ]
    if day.days and clock.days and not set(day.days) & set(clock.days):
        assumed.append((Field.RECEIVED, DISAGREE))
    at = next((one.clock for one in (clock, day) if one.clock is not None and PART_ONLY not in one.assumed), None)
    return Received(days, at, tuple(faults), tuple(assumed))


def _fault(line: Line, about: Field, what: Words) -> Fault:
    cell = line.cells.get(about)
    if isinstance(cell, Broken):
        what = cell.why
    title, text = line.columns.title(about), text_of(cell)
    return Fault(title, text, about_cell(title, text, what))


def entry_of(
    sheet: str, line: Line, when: Received, day: date | None, *, timed: bool, far_off: bool
) -> RegisterEntry | RowProblem:
    """The line as an entry. ``timed``: the sheet says times of day, so a line without one is a problem."""
    notes = Notes(line)
    faults = list(when.faults)
    day_field = Field.RECEIVED_DAY if line.has(Field.RECEIVED_DAY) else Field.RECEIVED
    if when.days and day is None and not faults:
        leap_day = (when.days[0].month, when.days[0].day) == (2, 29)
        faults.append(_fault(line, day_field, NOT_A_DAY if leap_day else NO_YEAR))
    if when.clock is None and timed and not any(one.column == line.columns.title(Field.RECEIVED) for one in faults):
        faults.append(_no_time(line))
    customer = _customer(line, notes)
    problem, product = name_of(line.cell(Field.PROBLEM)), name_of(line.cell(Field.PRODUCT))
    if customer is None:
        who = (Field.CUSTOMER, Field.CONTACT, Field.CONTACT_AND_PHONE)
        faults.append(_fault(line, next(one for one in who if line.has(one)), MISSING))
    if problem is None and product is None:
        faults.append(_fault(line, Field.PROBLEM if line.has(Field.PROBLEM) else Field.PRODUCT, MISSING))
    if faults or day is None or customer is None:
        return RowProblem(sheet, line.number, tuple(faults), line.raw)
    for about, words in when.assumed:
        notes.add(about, words)
    if when.clock is None:
        notes.add(day_field, AT_ITS_BEGINNING)
    if far_off:
        notes.add(day_field, FAR_OFF)
    for about in (Field.PROBLEM, Field.PRODUCT):
        _note_broken(line, about, notes)
    received_at = at(day, when.clock or 0)
    entry = RegisterEntry(
        sheet=sheet,
        row=line.number,
        received_at=received_at,
        channel=_channel(line, notes),
        customer=customer,
        problem=problem,
        product=product,
        raw=line.raw,
    )
    return replace(with_steps(_with_details(entry, line, notes), line, notes), notes=tuple(notes.words))


def _no_time(line: Line) -> Fault:
    about = Field.RECEIVED if line.has(Field.RECEIVED) else Field.RECEIVED_DAY
    return _fault(line, about, MISSING if line.cell(about) is None else NO_TIME)


def _note_broken(line: Line, about: Field, notes: Notes) -> None:
    if isinstance(line.cell(about), Broken):
        notes.add(about, UNREAD)


def _customer(line: Line, notes: Notes) -> str | None:
    """The customer; where a sheet has no column for it, the person who called."""
    if line.has(Field.CUSTOMER):
        return name_of(line.cell(Field.CUSTOMER))
    return _contact(line, notes)


def _contact(line: Line, notes: Notes) -> str | None:
    if line.has(Field.CONTACT):
        _note_broken(line, Field.CONTACT, notes)
        return name_of(line.cell(Field.CONTACT))
    both = name_of(line.cell(Field.CONTACT_AND_PHONE)) or ""
    name = "".join(
        char if char.isalpha() or char == "·" else " " for char in both.replace("转", " ").replace("电话", " ")
    )
    return " ".join(name.split()) or None


def _channel(line: Line, notes: Notes) -> Channel | None:
    cell = line.cell(Field.CHANNEL)
    if cell is None:
        return None
    found = channels_of(cell)
    if len(found) != 1:
        what = Words("写了几种，按第一种算", "names several ways; the first counts") if found else UNREAD
        notes.add(Field.CHANNEL, what)
    return found[0] if found else None


def _with_details(entry: RegisterEntry, line: Line, notes: Notes) -> RegisterEntry:
    for about in (Field.ADDRESS, Field.TAKEN_BY, Field.ANSWER_MEANS, Field.ENGINEER, Field.REMARKS):
        _note_broken(line, about, notes)
    rating = _rating(line, notes)
    return replace(
        entry,
        contact=_contact(line, notes),
        phone=_phone(line, notes),
        address=name_of(line.cell(Field.ADDRESS)),
        lot=_lot(line, notes),
        purchased_on=_day_before(line, Field.PURCHASED_ON, entry.received_at, notes),
        postmarked_on=_day_before(line, Field.POSTMARKED_ON, entry.received_at, notes),
        taken_by=name_of(line.cell(Field.TAKEN_BY)),
        answer_means=name_of(line.cell(Field.ANSWER_MEANS)),
        engineer=name_of(line.cell(Field.ENGINEER)),
        score=rating.score,
        verdict=rating.verdict,
        survey_declined=rating.declined,
        remarks=name_of(line.cell(Field.REMARKS)),
    )


def _phone(line: Line, notes: Notes) -> str | None:
    about = Field.PHONE if line.has(Field.PHONE) else Field.CONTACT_AND_PHONE
    cell = line.cell(about)
    found = phones_of(cell)
    if found.unread and (about is Field.PHONE or any(char.isdecimal() for char in found.unread)):
        notes.add(about, UNREAD if not found.numbers else READ_IN_PART)
    for words in found.remarks:
        notes.add(about, words)
    if len(found.numbers) > 1:
        rest = "、".join(found.numbers[1:])
        notes.add(about, Words(f"还有号码 {rest}", f"has further numbers: {rest}"), "")
    return found.numbers[0] if found.numbers else None


def _lot(line: Line, notes: Notes) -> str | None:
    found = lots_of(line.cell(Field.LOT))
    if found.unread:
        notes.add(Field.LOT, UNREAD if not found.numbers else READ_IN_PART)
    if len(found.numbers) > 1:
        rest = "、".join(found.numbers[1:])
        notes.add(Field.LOT, Words(f"还有批号 {rest}", f"has further lots: {rest}"), "")
    return found.numbers[0] if found.numbers else None


def _rating(line: Line, notes: Notes) -> Rating:
    """What the columns for the score and for the verdict say together."""
    ratings = []
    for about in (Field.SCORE, Field.VERDICT):
        found = rating_of(line.cell(about))
        if found.unread:
            notes.add(about, UNREAD)
        ratings.append(found)
    score, verdict = ratings
    return Rating(
        score=score.score if score.score is not None else verdict.score,
        verdict=verdict.verdict or score.verdict,
        declined=(score.declined or verdict.declined) and score.score is verdict.score is None,
    )


def _day_before(line: Line, about: Field, received_at: datetime, notes: Notes) -> date | None:
    """A day that lies before the request; without a year it is the last such day."""
    cell = line.cell(about)
    if cell is None:
        return None
    found = said(cell)
    last = received_at.date()
    if found is None or not found.days or found.days[0].month is None:
        notes.add(about, UNREAD)
        return None
    day = nearest(found.days, last)
    if day is not None and day > last and found.days[0].year is None:
        day = nearest(tuple(replace(one, year=day.year - 1) for one in found.days), last)
    if day is None or day > last:
        notes.add(about, AFTER_RECEIPT)
        return None
    if found.days[0].year is None:
        notes.add(about, Words(f"没有年份，按 {day.year} 年算", f"has no year and counts as of {day.year}"))
    return day
