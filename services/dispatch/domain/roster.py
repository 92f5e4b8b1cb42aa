"""An engineer's roster: days of duty with their windows, leave, and days of trips (4.6, D12). A stream each.

What a moment is on a roster (a day of duty? within the window? on leave?) is told by ``duty_at``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import Annotated, assert_never
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field

from services.dispatch.domain.duty_policy import DutyPolicy
from services.dispatch.domain.engineer import Code
from shared.calendar import DAY, Interval, Window, WorkCalendar, day_of
from shared.decider import Command, DeadlineChange, Refused, Words
from shared.events.base import Moment
from shared.events.dispatch import (
    DutyCancelled,
    DutyPlanned,
    DutyPolicyAdopted,
    DutyWindow,
    Exemption,
    LeaveCancelled,
    LeaveGranted,
    TripDaysDropped,
    TripDaysRecorded,
)
from shared.facts import repeats, tell
from shared.money import NonNegativeMoney
from shared.refusal import why_not
from shared.text import Text
from shared.validation import wrong

STREAM = "roster"

LONGEST = timedelta(days=366)
"""Of a plan, a leave, a trip: longer ones are slips of the pen."""


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise wrong(f"没有时区“{name}”。", f"There is no time zone “{name}”.")
    return name


Zone = Annotated[str, AfterValidator(_known_zone)]
"""As the IANA database names it."""
SHANGHAI = "Asia/Shanghai"
Weekday = Annotated[int, Field(ge=1, le=7)]
"""1 is Monday, 7 is Sunday (ISO 8601)."""

# --- commands ---------------------------------------------------------------------------------------------------------


class PlanDuty(Command):
    """The days from ``first`` to ``last``; they replace what was planned for those days."""

    engineer: Code
    first: date
    last: date
    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1)] = (1, 2, 3, 4, 5, 6, 7)
    windows: Annotated[tuple[DutyWindow, ...], Field(max_length=6)] = ()
    """None: those of the phone-duty policy."""
    zone: Zone = SHANGHAI


class CancelDuty(Command):
    engineer: Code
    first: date
    last: date
    reason: Text


class GrantLeave(Command):
    engineer: Code
    leave: UUID
    starts: Moment
    ends: Moment


class CancelLeave(Command):
    engineer: Code
    leave: UUID
    reason: Text


class RecordTripDays(Command):
    """Told by the trip, as often as its days change."""

    engineer: Code
    trip: UUID
    days: Annotated[tuple[date, ...], Field(min_length=1, max_length=LONGEST.days)]
    allowance_per_day: NonNegativeMoney
    zone: Zone = SHANGHAI


class DropTripDays(Command):
    engineer: Code
    trip: UUID


RosterCommand = PlanDuty | CancelDuty | GrantLeave | CancelLeave | RecordTripDays | DropTripDays
RosterEvent = DutyPlanned | DutyCancelled | LeaveGranted | LeaveCancelled | TripDaysRecorded | TripDaysDropped

# --- state ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DayPlan:
    """What was planned for a day."""

    windows: tuple[DutyWindow, ...]
    """Empty: those of the policy."""
    zone: str


@dataclass(frozen=True, slots=True)
class Roster:
    days: Mapping[date, DayPlan] = field(default_factory=dict)
    leaves: Mapping[UUID, LeaveGranted] = field(default_factory=dict)
    cancelled: frozenset[UUID] = frozenset()
    """Leaves that aren't taken."""
    trips: Mapping[UUID, TripDaysRecorded] = field(default_factory=dict)

    def trip_on(self, day: date) -> TripDaysRecorded | None:
        """The trip whose day it is; of several, the one with the highest allowance (D9)."""
        there = [trip for trip in self.trips.values() if day in trip.days]
        return max(there, key=lambda trip: (trip.allowance_per_day, str(trip.trip)), default=None)

    def leave_within(self, starts_at: datetime, ends_at: datetime) -> tuple[datetime, datetime] | None:
        """From when until when the first leave is that reaches into that time."""
        leaves = ((leave.starts, leave.ends) for leave in self.leaves.values())
        return min((leave for leave in leaves if leave[0] < ends_at and starts_at < leave[1]), default=None)

    def on_leave(self, at: datetime) -> bool:
        return any(leave.starts <= at < leave.ends for leave in self.leaves.values())


NEW = Roster()


def evolve(roster: Roster, event: RosterEvent) -> Roster:
    match event:
        case DutyPlanned():
            plan = DayPlan(event.windows, event.zone)
            return replace(roster, days={**roster.days, **dict.fromkeys(event.days, plan)})
        case DutyCancelled():
            return replace(roster, days={day: p for day, p in roster.days.items() if day not in set(event.days)})
        case LeaveGranted():
            return replace(roster, leaves={**roster.leaves, event.leave: event})
        case LeaveCancelled():
            left = {key: leave for key, leave in roster.leaves.items() if key != event.leave}
            return replace(roster, leaves=left, cancelled=roster.cancelled | {event.leave})
        case TripDaysRecorded():
            return replace(roster, trips={**roster.trips, event.trip: event})
        case TripDaysDropped():
            return replace(roster, trips={key: trip for key, trip in roster.trips.items() if key != event.trip})
        case _:
            assert_never(event)


def deadlines(event: RosterEvent) -> Sequence[DeadlineChange]:
    """None."""
    return []


# --- what a moment is -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DutyAt:
    """What a moment is for an engineer's phone (D12)."""

    duty_day: date
    """The day of duty to which the moment belongs; where it belongs to none, its date in Shanghai."""
    window: Interval | None
    """The window in which it lies; None: in none."""
    policy: DutyPolicyAdopted
    """In force on that day."""
    trip: UUID | None
    allowance: Decimal | None
    """Of that day, CNY; None: no day of a trip."""
    exemption: Exemption | None
    """Why the phone needs not be on; None: it has to be."""

    @property
    def on_duty(self) -> bool:
        return self.exemption is None


def duty_at(roster: Roster, policy: DutyPolicy, at: datetime) -> DutyAt:
    """D12: windows count on rostered days and days of trips, from ``opens`` until before ``closes``; leave is exempt.

    A night's window belongs to the day on which it opens.
    """
    near = list(_days_near(roster, at))
    for day, plan in near:
        for window in windows_on(day, plan, policy.on(day)):
            if window.start <= at < (window.end or at):
                return _duty(roster, policy, day, window, Exemption.LEAVE if roster.on_leave(at) else None)
    for day, plan in near:
        if day == day_of(at, ZoneInfo(plan.zone)):
            return _duty(roster, policy, day, None, Exemption.OUTSIDE_WINDOW)
    return _duty(roster, policy, day_of(at), None, Exemption.OFF_DUTY)


def windows_on(day: date, plan: DayPlan, policy: DutyPolicyAdopted) -> list[Interval]:
    """When the phone has to be on: as the roster says, or else the policy; UTC, in order."""
    own = tuple(Window(window.opens, window.closes) for window in plan.windows)
    windows = own or (Window(policy.terms.opens, policy.terms.closes),)
    return WorkCalendar("duty", ZoneInfo(plan.zone), (windows,) * 7).windows(day)


def plan_of(roster: Roster, day: date) -> DayPlan | None:
    """What the day is: as rostered, or else as the trip makes it; None: no day of duty."""
    trip = roster.trip_on(day)
    return roster.days.get(day) or (DayPlan((), trip.zone) if trip else None)


def _days_near(roster: Roster, at: datetime) -> Iterator[tuple[date, DayPlan]]:
    """The days of duty whose windows may hold ``at``: dates differ by a day between zones, and nights go on."""
    today = at.date()
    for day in (today, today - DAY, today + DAY):
        if (plan := plan_of(roster, day)) is not None:
            yield day, plan


def _duty(
    roster: Roster, policy: DutyPolicy, day: date, window: Interval | None, exemption: Exemption | None
) -> DutyAt:
    trip = roster.trip_on(day)
    allowance = trip.allowance_per_day if trip else None
    return DutyAt(day, window, policy.on(day), trip.trip if trip else None, allowance, exemption)


# --- decisions --------------------------------------------------------------------------------------------------------


def decide(command: RosterCommand, roster: Roster) -> Sequence[RosterEvent]:
    """The event that ``command`` causes; none when nothing changed. Raises ``Refused``.

    Whether the engineer is in service is asked before: that is another stream.
    """
    match command:
        case PlanDuty():
            return _plan(command, roster)
        case CancelDuty():
            return _cancel(command, roster)
        case GrantLeave():
            return _grant(command, roster)
        case CancelLeave():
            return _cancel_leave(command, roster)
        case RecordTripDays():
            return _record_trip(command, roster)
        case DropTripDays():
            return [tell(TripDaysDropped, command)] if command.trip in roster.trips else []
        case _:
            assert_never(command)


def available(roster: Roster, at: datetime, in_service: Callable[[], object]) -> dict[str, Words | None]:
    """For every action None where it is open now, otherwise why not; ``in_service`` refuses for one who has left."""
    guards: Mapping[str, Callable[[], object]] = {
        "plan_duty": in_service,
        "cancel_duty": partial(_has_days, roster, day_of(at)),
        "grant_leave": in_service,
        "cancel_leave": partial(_has_leave, roster),
    }
    return {action: why_not(guard) for action, guard in guards.items()}


def _plan(command: PlanDuty, roster: Roster) -> Sequence[RosterEvent]:
    """Nobody is put on duty for days that are over."""
    plan = DayPlan(tuple(sorted(command.windows, key=lambda window: window.opens)), command.zone)
    wanted = [day for day in _span(command.first, command.last) if day.isoweekday() in command.weekdays]
    if not wanted:
        raise Refused("no_such_days", "该期间内没有所选的星期。", "None of these weekdays lies in that time.")
    changed = tuple(day for day in wanted if roster.days.get(day) != plan)
    if not changed:
        return []
    _not_past(changed, command)
    _check_windows(plan)
    return [DutyPlanned(at=command.at, engineer=command.engineer, days=changed, windows=plan.windows, zone=plan.zone)]


def _cancel(command: CancelDuty, roster: Roster) -> Sequence[RosterEvent]:
    days = tuple(day for day in _span(command.first, command.last) if day in roster.days)
    if not days:
        return []
    _not_past(days, command)
    return [tell(DutyCancelled, command, days=days)]


def _grant(command: GrantLeave, roster: Roster) -> Sequence[RosterEvent]:
    """Also afterwards: who was ill could not ask before."""
    if (known := roster.leaves.get(command.leave)) is not None:
        if repeats(command, known):
            return []
        raise Refused("leave_known", "该假期已登记；请先销假。", "This leave is granted: cancel it first.")
    if command.leave in roster.cancelled:
        raise Refused("leave_cancelled", "该假期已销；请另行登记。", "This leave was cancelled: grant another one.")
    if not timedelta(0) < command.ends - command.starts <= LONGEST:
        raise Refused(
            "leave_span",
            "假期须在开始之后结束，且不超过 366 天。",
            "A leave ends after it starts, and within 366 days.",
        )
    return [tell(LeaveGranted, command)]


def _cancel_leave(command: CancelLeave, roster: Roster) -> Sequence[RosterEvent]:
    """Probes that it has exempted stay exempted: nobody is on duty in hindsight."""
    if command.leave in roster.cancelled:
        return []
    if command.leave not in roster.leaves:
        raise Refused("leave_unknown", "没有这个假期。", "There is no such leave.")
    return [tell(LeaveCancelled, command)]


def _record_trip(command: RecordTripDays, roster: Roster) -> Sequence[RosterEvent]:
    event = tell(TripDaysRecorded, command, days=tuple(sorted(set(command.days))))
    known = roster.trips.get(command.trip)
    return [] if known and repeats(command.model_copy(update={"days": event.days}), known) else [event]


def _span(first: date, last: date) -> list[date]:
    if not timedelta(0) <= last - first < LONGEST:
        raise Refused(
            "days_span",
            "止日不得早于起日，且一次不超过 366 天。",
            "The last day isn't before the first, and at most 366 days go at a time.",
        )
    return [first + DAY * n for n in range((last - first).days + 1)]


def _not_past(days: Iterable[date], command: Command) -> None:
    if (first := min(days)) < day_of(command.at):
        raise Refused(
            "roster_past",
            f"{first} 已经过去，排班只能改今天及以后的。",
            f"{first} is over: a roster is changed for today and later only.",
        )


def _check_windows(plan: DayPlan) -> None:
    """On any day alike, so one without a change of clocks stands for all."""
    day = date(2026, 1, 5)
    windows = (Window(window.opens, window.closes) for window in plan.windows)
    hours = [WorkCalendar("duty", ZoneInfo("UTC"), ((window,),) * 7).windows(day)[0] for window in windows]
    if any((one.end or one.start) > other.start for one, other in pairwise(hours)):
        raise Refused("windows_overlap", "值守时段互相重叠。", "The windows overlap.")


def _has_days(roster: Roster, today: date) -> None:
    if not any(day >= today for day in roster.days):
        raise Refused("no_duty_planned", "今天及以后没有排班。", "No duty is planned for today or later.")


def _has_leave(roster: Roster) -> None:
    if not roster.leaves:
        raise Refused("no_leave", "没有已批准的假期。", "No leave has been granted.")
