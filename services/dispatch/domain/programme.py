"""A visit programme (2.3): ``ACTIVE ⇄ PAUSED → ENDED``. Key regions and customers are visited by a recurring rule.

Its deadline is the next occurrence: when that has come, everybody whom the programme fits gets a work order, once. If
the timer was away, each occurrence that passed meanwhile is made up for, one after the other; what passes while the
programme is paused is left out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Annotated, Any, NamedTuple, assert_never
from uuid import UUID

from pydantic import Field

from services.dispatch.domain.identity import programme_number
from services.dispatch.domain.names.programme import PROGRAMME, PROGRAMME_ACTION, PROGRAMME_HINT, PROGRAMME_STATUS
from shared.calendar import day_of, end_of_day
from shared.decider import Arm, Command, DeadlineChange, Drop, Meet, Refused, Words
from shared.events.dispatch import (
    ProgrammeChanged,
    ProgrammeEnded,
    ProgrammeFellDue,
    ProgrammePaused,
    ProgrammePlanned,
    ProgrammeResumed,
    ProgrammeStatus,
    ProgrammeVisit,
)
from shared.events.tickets import Purpose
from shared.facts import repeats, same, tell
from shared.recurrence import Rule, next_day
from shared.refusal import not_now, why_not
from shared.text import Name, Text

STREAM = "programme"

OCCURRENCE = "occurrence"
"""The deadline at which the next occurrence's work orders are made."""
A_DAY = timedelta(days=1)


class Client(NamedTuple):
    """Somebody whom a programme fits, and where to go."""

    customer: UUID
    customer_name: str
    region: str | None
    site: UUID | None
    """The programme's, or the customer's only one; None where somebody has to choose."""
    site_name: str | None
    city: str | None


# --- commands ---------------------------------------------------------------------------------------------------------


class _Programme(Command):
    name: Name
    customer: UUID | None = None
    customer_name: Name | None = None
    site: UUID | None = None
    site_name: Name | None = None
    region: Name | None = None
    product: UUID | None = None
    product_name: Name | None = None
    key_customers: bool = False
    """Only key customers."""
    purpose: Purpose = Purpose.ROUTINE_VISIT
    skills: tuple[Name, ...] = ()
    rule: Rule
    starts_on: date
    ends_on: date | None = None
    ahead_days: Annotated[int, Field(ge=0, le=90)] = 7
    """How long before an occurrence its work orders are made."""
    within_days: Annotated[int, Field(ge=1, le=90)] = 7
    """How many days there are for the visit."""
    note: Text | None = None


class PlanProgramme(_Programme):
    """Customers are to be visited again and again."""

    programme: UUID


class ChangeProgramme(_Programme):
    """These are all the facts, not only the changed ones."""

    reason: Text


class PauseProgramme(Command):
    reason: Text


class ResumeProgramme(Command):
    pass


class EndProgramme(Command):
    reason: Text


class MakeOccurrence(Command):
    """The timer says that the next occurrence has come."""

    visits: tuple[ProgrammeVisit, ...]
    """Whom the programme fits now, and the work order of each."""


ProgrammeCommand = PlanProgramme | ChangeProgramme | PauseProgramme | ResumeProgramme | EndProgramme | MakeOccurrence
ProgrammeEvent = (
    ProgrammePlanned | ProgrammeChanged | ProgrammePaused | ProgrammeResumed | ProgrammeFellDue | ProgrammeEnded
)

# --- state ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Programme:
    status: ProgrammeStatus | None = None
    """None: nothing is planned."""
    planned: ProgrammePlanned | None = None
    facts: ProgrammePlanned | ProgrammeChanged | None = None
    """As they are now."""
    next_on: date | None = None
    since: datetime | None = None
    """From when ``next_on`` counts."""
    fell_due_on: date | None = None
    """The latest occurrence that came."""
    paused: ProgrammePaused | None = None
    ended: ProgrammeEnded | None = None


NEW = Programme()


def evolve(programme: Programme, event: ProgrammeEvent) -> Programme:
    match event:
        case ProgrammePlanned():
            return Programme(ProgrammeStatus.ACTIVE, event, event, event.next_on, event.at)
        case ProgrammeChanged():
            return replace(programme, facts=event, next_on=event.next_on, since=event.at)
        case ProgrammePaused():
            return replace(programme, status=ProgrammeStatus.PAUSED, paused=event, next_on=None)
        case ProgrammeResumed():
            return replace(programme, status=ProgrammeStatus.ACTIVE, next_on=event.next_on, since=event.at)
        case ProgrammeFellDue():
            return replace(programme, fell_due_on=event.occurrence, next_on=event.next_on)
        case ProgrammeEnded():
            return replace(programme, status=ProgrammeStatus.ENDED, ended=event, next_on=None)
        case _:
            assert_never(event)


def deadlines(event: ProgrammeEvent) -> Sequence[DeadlineChange]:
    match event:
        case ProgrammePaused() | ProgrammeEnded():
            return [Drop(OCCURRENCE)]
        case ProgrammeFellDue():
            return [Meet(OCCURRENCE, event.at), *_armed(event.next_due)]
        case ProgrammePlanned() | ProgrammeChanged() | ProgrammeResumed():
            return _armed(event.next_due)
        case _:
            assert_never(event)


def _armed(due: datetime | None) -> Sequence[DeadlineChange]:
    return [Arm(OCCURRENCE, due)] if due else []


# --- decisions --------------------------------------------------------------------------------------------------------


def decide(command: ProgrammeCommand, programme: Programme) -> Sequence[ProgrammeEvent]:
    """The events that ``command`` causes; none when it says again what has happened. Raises ``Refused``."""
    match command:
        case PlanProgramme():
            return _plan(command, programme)
        case ChangeProgramme():
            return _change(command, programme)
        case PauseProgramme():
            return _pause(command, programme)
        case ResumeProgramme():
            return _resume(command, programme)
        case EndProgramme():
            return _end(command, programme)
        case MakeOccurrence():
            return _fall_due(command, programme)
        case _:
            assert_never(command)


def available(programme: Programme) -> dict[str, Words | None]:
    """For every action None where it is open now, otherwise why not."""
    guards: Mapping[str, Callable[[], object]] = {
        action: partial(_permit, action, programme) for action in ("change", "pause", "resume", "end")
    }
    return {action: why_not(guard) for action, guard in guards.items()}


def coming(programme: Programme, limit: int) -> list[date]:
    """The next ``limit`` occurrences at most; none while it is paused."""
    facts, day = programme.facts, programme.next_on
    found: list[date] = []
    while facts and day and len(found) < limit:
        found.append(day)
        day = next_day(facts.rule, facts.starts_on, day, facts.ends_on)
    return found


def made_at(occurrence: date, ahead_days: int) -> datetime:
    """When an occurrence's work orders are made: as that day begins in Shanghai."""
    return end_of_day(occurrence - timedelta(days=ahead_days + 1))


def _plan(command: PlanProgramme, programme: Programme) -> Sequence[ProgrammeEvent]:
    if programme.planned:
        if repeats(command, programme.planned):
            return []
        raise Refused("programme_exists", "该走访计划已存在。", "There is such a visit programme already.")
    facts = _facts(command, after=day_of(command.at) - A_DAY)
    if facts["next_on"] is None:
        raise _never()
    number = programme_number(command.programme, command.at)
    return [tell(ProgrammePlanned, command, number=number, planned_by=command.by, **facts)]


def _change(command: ChangeProgramme, programme: Programme) -> Sequence[ProgrammeEvent]:
    """What has come stays; the new rule counts from today on, and behind the occurrence that came last."""
    known = _permit("change", programme)
    facts = _facts(command, after=_behind(command.at, programme))
    if facts["next_on"] is None:
        raise _never()
    if programme.status is ProgrammeStatus.PAUSED:
        facts |= {"next_on": None, "next_due": None}
    changed = tell(ProgrammeChanged, command, programme=known.programme, number=known.number, **facts)
    return [] if same(changed, programme.facts) else [changed]


def _pause(command: PauseProgramme, programme: Programme) -> Sequence[ProgrammeEvent]:
    if programme.status is ProgrammeStatus.PAUSED and repeats(command, programme.paused):
        return []
    known = _permit("pause", programme)
    return [tell(ProgrammePaused, command, programme=known.programme)]


def _resume(command: ResumeProgramme, programme: Programme) -> Sequence[ProgrammeEvent]:
    """What passed during the pause is left out; where nothing is left, it is over."""
    over_by_itself = programme.ended is not None and programme.ended.reason is None
    if programme.paused and (programme.status is ProgrammeStatus.ACTIVE or over_by_itself):
        return []
    known = _permit("resume", programme)
    coming = _coming(known, _behind(command.at, programme))
    resumed = ProgrammeResumed(at=command.at, programme=known.programme, **coming)
    return [resumed, *_over(resumed, command.at)]


def _end(command: EndProgramme, programme: Programme) -> Sequence[ProgrammeEvent]:
    if repeats(command, programme.ended):
        return []
    known = _permit("end", programme)
    return [tell(ProgrammeEnded, command, programme=known.programme)]


def _fall_due(command: MakeOccurrence, programme: Programme) -> Sequence[ProgrammeEvent]:
    """2.3. It has come when its time had come, not when the timer woke up."""
    facts, day, since = programme.facts, programme.next_on, programme.since
    if facts is None or day is None or since is None:
        return []
    due = made_at(day, facts.ahead_days)
    if command.at < due:
        raise Refused("occurrence_not_due", "下一次走访尚未到期。", "The next occurrence isn't due yet.")
    fell_due = ProgrammeFellDue(
        at=max(due, since),
        programme=facts.programme,
        number=facts.number,
        occurrence=day,
        visit_until=day + timedelta(days=facts.within_days - 1),
        visits=command.visits,
        **_coming(facts, day),
    )
    return [fell_due, *_over(fell_due, command.at)]


def _facts(command: PlanProgramme | ChangeProgramme, after: date) -> dict[str, Any]:
    """When it comes next, if it says whom it is for. Raises ``Refused``."""
    if not (command.customer or command.region or command.product or command.key_customers):
        raise Refused(
            "programme_for_nobody",
            "请指定客户、区域、产品或重点客户（2.3）。",
            "Name a customer, a region, a product, or key customers (2.3).",
        )
    if command.site and not command.customer:
        raise Refused("site_without_customer", "服务地点须与客户一起指定。", "A site needs its customer.")
    if command.ends_on and command.ends_on < command.starts_on:
        raise Refused("programme_backwards", "结束日期早于开始日期。", "It ends before it starts.")
    return _coming(command, after)


def _coming(
    facts: ProgrammePlanned | ProgrammeChanged | PlanProgramme | ChangeProgramme, after: date
) -> dict[str, Any]:
    day = next_day(facts.rule, facts.starts_on, after, facts.ends_on)
    return {"next_on": day, "next_due": made_at(day, facts.ahead_days) if day else None}


def _behind(at: datetime, programme: Programme) -> date:
    """No occurrence comes twice, and none that passed comes at all."""
    yesterday = day_of(at) - A_DAY
    return max(yesterday, programme.fell_due_on) if programme.fell_due_on else yesterday


def _over(event: ProgrammeFellDue | ProgrammeResumed, at: datetime) -> Sequence[ProgrammeEnded]:
    return [] if event.next_on else [ProgrammeEnded(at=at, programme=event.programme, reason=None)]


def _never() -> Refused:
    return Refused(
        "programme_never_due",
        "按此规则和起止日期没有走访日；请检查。",
        "By this rule and these dates it never comes: check them.",
    )


# --- what is open now -------------------------------------------------------------------------------------------------

_OPEN: Mapping[ProgrammeStatus, frozenset[str]] = {
    ProgrammeStatus.ACTIVE: frozenset({"change", "pause", "end"}),
    ProgrammeStatus.PAUSED: frozenset({"change", "resume", "end"}),
    ProgrammeStatus.ENDED: frozenset(),
}


def known(programme: Programme) -> ProgrammePlanned | ProgrammeChanged:
    """The facts as they are. Raises ``Refused`` where there is no such programme."""
    if programme.facts is None:
        raise Refused("programme_unknown", "没有这个走访计划。", "There is no such visit programme.")
    return programme.facts


def _permit(action: str, programme: Programme) -> ProgrammePlanned | ProgrammeChanged:
    """The facts as they are. Raises ``Refused``."""
    facts, status = known(programme), programme.status
    assert status, "what is known has a status"
    if action not in _OPEN[status]:
        words, hint = PROGRAMME_STATUS[status], PROGRAMME_HINT[status]
        raise not_now("programme", PROGRAMME, PROGRAMME_ACTION[action], status, words, hint)
    return facts
