"""The penalty policy: drafts, versions that were adopted, and the calendar by which its workdays are counted.

One stream for the company. Version 1 comes with the system as a draft. What was adopted is never changed: a new version
is drafted from it. A version binds nobody before it is adopted, holds, and was acknowledged by the one it binds.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, NamedTuple, assert_never
from uuid import UUID

from pydantic import Field

from services.penalties.domain.first_policy import VERSION_1
from services.penalties.domain.identity import POLICY
from services.penalties.domain.terms import check_terms, holds_in
from shared.calendar import CalendarUnknown, Week, Window, WorkCalendar
from shared.decider import Command, DeadlineChange, Refused, Words
from shared.events.base import Moment
from shared.events.penalties import (
    CalendarDatesRecorded,
    PolicyAdopted,
    PolicyDraftDropped,
    PolicyDrafted,
    PolicyTerms,
    Span,
    SpanUnit,
)
from shared.facts import tell
from shared.text import Sha256, Text

STREAM = "policy"

SHIPPED = "shouhou"
"""Who drafted version 1: nobody of the company, so anybody with the right may adopt it."""

FIRST = PolicyDrafted(
    at=datetime(2019, 12, 31, 16, tzinfo=UTC),
    policy=POLICY,
    version=1,
    based_on=None,
    terms=VERSION_1,
    reason="售后服务承诺 4.2–4.7",
    drafted_by=SHIPPED,
)

_OFFICE = (Window(time(9), time(18)),)
_WEEK: Week = (_OFFICE,) * 5 + ((),) * 2
_CHINA = WorkCalendar.chinese(_WEEK)
"""Only whether a day is worked counts here, not its hours."""

# --- commands ---------------------------------------------------------------------------------------------------------

VersionNumber = Annotated[int, Field(ge=1, le=1_000_000)]


class DraftPolicy(Command):
    """A new version is proposed, made from another; without terms it begins as that one is."""

    policy: UUID
    based_on: VersionNumber
    terms: PolicyTerms | None = None
    reason: Text


class ChangeDraft(Command):
    policy: UUID
    version: VersionNumber
    terms: PolicyTerms
    reason: Text


class DropDraft(Command):
    policy: UUID
    version: VersionNumber
    reason: Text


class AdoptPolicy(Command):
    """``at`` is now: nobody has adopted anything yesterday. Without ``valid_from`` it holds at once."""

    policy: UUID
    version: VersionNumber
    valid_from: Moment | None = None
    procedure: Text
    document: Sha256 | None = None


Days = Annotated[tuple[date, ...], Field(max_length=400)]


class RecordCalendarDates(Command):
    """What the State Council has announced for years that the calendar doesn't know, or otherwise."""

    policy: UUID
    holidays: Days = ()
    workdays: Days = ()
    complete_years: Annotated[tuple[Annotated[int, Field(ge=2000, le=2200)], ...], Field(max_length=20)] = ()


PolicyCommand = DraftPolicy | ChangeDraft | DropDraft | AdoptPolicy | RecordCalendarDates
PolicyEvent = PolicyDrafted | PolicyDraftDropped | PolicyAdopted | CalendarDatesRecorded

# --- state ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Draft:
    latest: PolicyDrafted
    prepared_by: frozenset[str]
    """Everybody who worked on it: none of them adopts it (⚖)."""


@dataclass(frozen=True, slots=True)
class PolicyBook:
    adopted: tuple[PolicyAdopted, ...] = ()
    """In the order of their adoption."""
    drafts: tuple[Draft, ...] = (Draft(FIRST, frozenset({SHIPPED})),)
    latest: int = 1
    """The highest number that a draft was ever given."""
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    complete_years: frozenset[int] = frozenset()


NEW = PolicyBook()


def evolve(book: PolicyBook, event: PolicyEvent) -> PolicyBook:
    match event:
        case PolicyDrafted():
            before = next(
                (each.prepared_by for each in book.drafts if each.latest.version == event.version), frozenset()
            )
            draft = Draft(event, before | {event.drafted_by})
            drafts = (*_others(book, event.version), draft)
            return replace(book, drafts=drafts, latest=max(book.latest, event.version))
        case PolicyDraftDropped():
            return replace(book, drafts=_others(book, event.version))
        case PolicyAdopted():
            return replace(book, adopted=(*book.adopted, event), drafts=_others(book, event.version))
        case CalendarDatesRecorded():
            off, on = frozenset(event.holidays), frozenset(event.workdays)
            return replace(
                book,
                holidays=(book.holidays - on) | off,
                workdays=(book.workdays - off) | on,
                complete_years=book.complete_years | frozenset(event.complete_years),
            )
        case _:
            assert_never(event)


def deadlines(_: PolicyEvent) -> Sequence[DeadlineChange]:
    """None."""
    return []


def _others(book: PolicyBook, version: int) -> tuple[Draft, ...]:
    return tuple(each for each in book.drafts if each.latest.version != version)


# --- what holds -------------------------------------------------------------------------------------------------------


class Binding(NamedTuple):
    version: int
    terms: PolicyTerms


def binding(
    book: PolicyBook, acknowledged: Mapping[int, datetime], region: str | None, happened_at: datetime
) -> Binding | None:
    """What bound an engineer of ``region`` when something happened: of the versions that were adopted, held, and were
    acknowledged by then (``acknowledged``: when, by version) the newest. An older one goes on binding until then.

    None: no version did, so nothing follows.
    """
    bound = [
        version
        for version in book.adopted
        if version.valid_from <= happened_at
        and version.version in acknowledged
        and acknowledged[version.version] <= happened_at
        and holds_in(version.terms, region)
    ]
    return _newest(bound)


def in_force(book: PolicyBook, at: datetime) -> Binding | None:
    """The newest version that holds at ``at`` for whoever has acknowledged it."""
    return _newest([version for version in book.adopted if version.valid_from <= at])


def to_acknowledge(
    book: PolicyBook, acknowledged: Collection[int], region: str | None, at: datetime
) -> list[PolicyAdopted]:
    """What an engineer still has to read: the version in force in their region, and those that will be."""
    meant = [version for version in book.adopted if holds_in(version.terms, region)]
    newest = _newest([version for version in meant if version.valid_from <= at])
    return [
        version
        for version in meant
        if version.version not in acknowledged
        and (version.valid_from > at or (newest is not None and version.version == newest.version))
    ]


def _newest(versions: Sequence[PolicyAdopted]) -> Binding | None:
    """Of two that hold from the same moment the one with the higher number."""
    if not versions:
        return None
    found = max(versions, key=lambda version: (version.valid_from, version.version))
    return Binding(found.version, found.terms)


def terms_of(book: PolicyBook, version: int) -> PolicyTerms:
    """Of a version or a draft. Raises ``Refused`` (``policy_version_unknown``)."""
    if found := _adopted(book, version):
        return found.terms
    return _draft(book, version).latest.terms


def check_adopted(book: PolicyBook, version: int) -> None:
    """Only what was adopted can be acknowledged. Raises ``Refused``."""
    if _adopted(book, version) is None:
        _draft(book, version)
        raise Refused(
            "policy_not_adopted",
            f"第 {version} 版仍是草案，尚未通过，不能确认。",
            f"Version {version} is a draft, not adopted yet: there is nothing to acknowledge.",
        )


def calendar(book: PolicyBook) -> WorkCalendar:
    """China's workdays, with what was recorded here."""
    return _calendar(book.holidays, book.workdays, book.complete_years)


@lru_cache(maxsize=8)
def _calendar(holidays: frozenset[date], workdays: frozenset[date], complete_years: frozenset[int]) -> WorkCalendar:
    """The same for each of many suspicions."""
    return _CHINA.with_dates(holidays=holidays, workdays=workdays, complete_years=complete_years)


def due(span: Span, moment: datetime, calendar: WorkCalendar) -> datetime:
    """When ``span`` from ``moment`` is over, UTC. Raises ``Refused`` (``calendar_unknown``) where it reaches into a
    year whose holidays nobody has recorded."""
    if span.unit is SpanUnit.HOURS:
        return moment + timedelta(hours=span.amount)
    try:
        return calendar.add_workdays(moment, span.amount)
    except CalendarUnknown as unknown:
        raise Refused(
            "calendar_unknown",
            f"尚未登记 {unknown.year} 年的节假日与调休，无法计算工作日期限；请先在处罚制度中登记。",
            f"The public holidays of {unknown.year} aren't recorded yet, so workdays can't be counted: record them "
            "with the penalty policy first.",
        ) from unknown


# --- decisions --------------------------------------------------------------------------------------------------------


def decide(command: PolicyCommand, book: PolicyBook) -> Sequence[PolicyEvent]:
    """The event that ``command`` causes; none when it says again what has happened. Raises ``Refused``."""
    match command:
        case DraftPolicy():
            return _draft_new(command, book)
        case ChangeDraft():
            return _change(command, book)
        case DropDraft():
            return _drop(command, book)
        case AdoptPolicy():
            return _adopt(command, book)
        case RecordCalendarDates():
            return _record_dates(command, book)
        case _:
            assert_never(command)


def available(book: PolicyBook) -> dict[str, Words | None]:
    """For every action None where it is open now, otherwise why not."""
    none = None if book.drafts else Words("没有草案。", "There is no draft.")
    return {"draft": None, "change": none, "drop": none, "adopt": none, "record_dates": None}


def _draft_new(command: DraftPolicy, book: PolicyBook) -> Sequence[PolicyEvent]:
    base = terms_of(book, command.based_on)
    terms = command.terms or base
    check_terms(terms)
    return [tell(PolicyDrafted, command, version=book.latest + 1, terms=terms, drafted_by=command.by)]


def _change(command: ChangeDraft, book: PolicyBook) -> Sequence[PolicyEvent]:
    latest = _draft(book, command.version).latest
    if (latest.terms, latest.reason) == (command.terms, command.reason):
        return []
    check_terms(command.terms)
    return [tell(PolicyDrafted, command, based_on=latest.based_on, drafted_by=command.by)]


def _drop(command: DropDraft, book: PolicyBook) -> Sequence[PolicyEvent]:
    _draft(book, command.version)
    return [tell(PolicyDraftDropped, command, dropped_by=command.by)]


def _adopt(command: AdoptPolicy, book: PolicyBook) -> Sequence[PolicyEvent]:
    if (found := _adopted(book, command.version)) and _says_the_same(command, found):
        return []
    draft = _draft(book, command.version)
    check_terms(draft.latest.terms)
    if command.by in draft.prepared_by:
        raise Refused(
            "adopter_drafted",
            "起草人不能通过自己的草案，须由他人通过（⚖）。",
            "Whoever worked on a draft doesn't adopt it; somebody else has to (⚖).",
        )
    valid_from = command.valid_from or command.at
    if valid_from < command.at:
        raise Refused(
            "policy_binds_the_past",
            "制度不得追溯：生效时间不得早于现在。",
            "A policy binds nobody before it is adopted: it can't hold from a moment that is over.",
        )
    return [
        tell(
            PolicyAdopted,
            command,
            valid_from=valid_from,
            terms=draft.latest.terms,
            drafted_by=draft.latest.drafted_by,
            adopted_by=command.by,
        )
    ]


def _says_the_same(command: AdoptPolicy, found: PolicyAdopted) -> bool:
    said = (command.valid_from or found.valid_from, command.procedure, command.document, command.by)
    return said == (found.valid_from, found.procedure, found.document, found.adopted_by)


def _record_dates(command: RecordCalendarDates, book: PolicyBook) -> Sequence[PolicyEvent]:
    holidays, workdays = (tuple(sorted(set(days))) for days in (command.holidays, command.workdays))
    years = tuple(sorted(set(command.complete_years)))
    if both := sorted(set(holidays) & set(workdays)):
        raise Refused("date_both", f"{both[0]} 不能既放假又上班。", f"{both[0]} can't be both a holiday and a workday.")
    event = tell(
        CalendarDatesRecorded,
        command,
        holidays=holidays,
        workdays=workdays,
        complete_years=years,
        recorded_by=command.by,
    )
    return [event] if evolve(book, event) != book else []


def _adopted(book: PolicyBook, version: int) -> PolicyAdopted | None:
    return next((each for each in book.adopted if each.version == version), None)


def _draft(book: PolicyBook, version: int) -> Draft:
    """Raises ``Refused`` with what is open."""
    found = next((each for each in book.drafts if each.latest.version == version), None)
    if found:
        return found
    if _adopted(book, version):
        raise Refused(
            "policy_adopted",
            f"第 {version} 版已通过，不能再改；请以它为依据起草新版本。",
            f"Version {version} was adopted, and isn't changed any more: draft a new version from it.",
        )
    known = sorted([each.version for each in book.adopted] + [each.latest.version for each in book.drafts])
    raise Refused(
        "policy_version_unknown",
        f"没有第 {version} 版；现有版本与草案：{'、'.join(map(str, known)) or '无'}。",
        f"There is no version {version}; versions and drafts are {', '.join(map(str, known)) or 'none'}.",
    )
