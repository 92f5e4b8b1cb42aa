"""A trip (出差): ``PLANNED → ENDED``, or ``→ CANCELLED``. Its days and cities are what receipts must match (4.3, D17).

It also keeps what its claims use of each day's caps, so that two claims together don't exceed them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from typing import Annotated, assert_never
from uuid import UUID

from pydantic import Field

from services.dispatch.domain.engineer import Code
from services.dispatch.domain.identity import trip_number
from services.dispatch.domain.names.trips import TRIP_ACTION, TRIP_HINT, TRIP_STATUS
from shared.calendar import day_of
from shared.decider import Command, DeadlineChange, Refused, Words
from shared.events import dispatch as fact
from shared.events.dispatch import DayUse, Stop, TripStatus
from shared.facts import repeats, same, tell
from shared.money import NonNegativeMoney
from shared.refusal import not_now, why_not
from shared.text import Name, Text

STREAM = "trip"

LONGEST = timedelta(days=366)
"""A guard against slips of the pen; not a rule of the company."""

TripEvent = (
    fact.TripPlanned
    | fact.TripChanged
    | fact.TripEnded
    | fact.TripCancelled
    | fact.TripExpensesClaimed
    | fact.TripExpensesReleased
)

# --- commands ---------------------------------------------------------------------------------------------------------

Visits = Annotated[tuple[UUID, ...], Field(max_length=400)]
Stops = Annotated[tuple[Stop, ...], Field(max_length=400)]
Transit = Annotated[tuple[Name, ...], Field(max_length=50)]
"""Cities passed through."""


class PlanTrip(Command):
    trip: UUID
    engineer: Code
    starts: date
    ends: date
    visits: Visits = ()
    """Its visits, of which the itinerary follows."""
    stops: Stops = ()
    """Places besides those of its visits."""
    transit: Transit = ()
    home: Name | None = None
    """The city where the engineer is based; None: as it is recorded of the engineer."""
    allowance_per_day: NonNegativeMoney | None = None
    """CNY, phone allowance (D9): as agreed with the engineer, or else as the expense policy has it."""


class ChangeTrip(Command):
    starts: date
    ends: date
    visits: Visits = ()
    stops: Stops = ()
    transit: Transit = ()
    reason: Text


class EndTrip(Command):
    ends: date
    """The day of the return."""


class CancelTrip(Command):
    reason: Text


class ClaimTripExpenses(Command):
    """A claim was submitted that uses so much of the days' caps."""

    claim: UUID
    uses: tuple[DayUse, ...] = Field(max_length=10_000)


class ReleaseTripExpenses(Command):
    """A claim came to nothing."""

    claim: UUID


TripCommand = PlanTrip | ChangeTrip | EndTrip | CancelTrip | ClaimTripExpenses | ReleaseTripExpenses

# --- state ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trip:
    status: TripStatus | None = None
    planned: fact.TripPlanned | None = None
    starts: date = date.min
    ends: date = date.min
    stops: tuple[Stop, ...] = ()
    transit: tuple[str, ...] = ()
    last: fact.TripChanged | fact.TripEnded | fact.TripCancelled | None = None
    uses: Mapping[UUID, tuple[DayUse, ...]] = field(default_factory=dict)
    """By claim: what it uses of the days' caps."""

    @property
    def days(self) -> tuple[date, ...]:
        """All days of the trip, both ends included."""
        return tuple(self.starts + timedelta(days=n) for n in range((self.ends - self.starts).days + 1))

    @property
    def cities(self) -> tuple[str, ...]:
        """D17: itinerary ∪ transit ∪ home."""
        home = (self.planned.home,) if self.planned else ()
        return tuple(dict.fromkeys((*(stop.city for stop in self.stops), *self.transit, *home)))

    @property
    def work_orders(self) -> tuple[UUID, ...]:
        """Those whose visits the trip is for, one for each visit."""
        return tuple(stop.work_order for stop in self.stops if stop.work_order)


NEW = Trip()


def evolve(trip: Trip, event: TripEvent) -> Trip:
    match event:
        case fact.TripPlanned():
            return Trip(TripStatus.PLANNED, event, event.starts, event.ends, event.stops, event.transit)
        case fact.TripChanged():
            return replace(
                trip, starts=event.starts, ends=event.ends, stops=event.stops, transit=event.transit, last=event
            )
        case fact.TripEnded():
            return replace(trip, status=TripStatus.ENDED, ends=event.ends, last=event)
        case fact.TripCancelled():
            return replace(trip, status=TripStatus.CANCELLED, last=event)
        case fact.TripExpensesClaimed():
            return replace(trip, uses={**trip.uses, event.claim: event.uses})
        case fact.TripExpensesReleased():
            return replace(trip, uses={claim: uses for claim, uses in trip.uses.items() if claim != event.claim})
        case _:
            assert_never(event)


def deadlines(_: TripEvent) -> Sequence[DeadlineChange]:
    return []


# --- decisions --------------------------------------------------------------------------------------------------------


ALLOWED: Mapping[str, frozenset[TripStatus]] = {
    "change": frozenset({TripStatus.PLANNED, TripStatus.ENDED}),
    "end": frozenset({TripStatus.PLANNED}),
    "cancel": frozenset({TripStatus.PLANNED}),
    "draft_claim": frozenset({TripStatus.PLANNED, TripStatus.ENDED}),
}
"""A trip that ended may still be put right, with a reason: receipts are checked against what was."""


def decide(command: TripCommand, trip: Trip) -> Sequence[TripEvent]:
    """The events that ``command`` causes; none when it says again what has happened. Raises ``Refused``."""
    match command:
        case PlanTrip():
            return _plan(command, trip)
        case ChangeTrip():
            return _change(command, trip)
        case EndTrip():
            return _end(command, trip)
        case CancelTrip():
            return _cancel(command, trip)
        case ClaimTripExpenses():
            return _claim(command, trip)
        case ReleaseTripExpenses():
            used = command.claim in trip.uses
            return (
                [fact.TripExpensesReleased(at=command.at, trip=known(trip).trip, claim=command.claim)] if used else []
            )
        case _:
            assert_never(command)


def available(trip: Trip) -> dict[str, Words | None]:
    """For every action None where it is open now, otherwise why not."""
    guards: Mapping[str, Callable[[], None]] = {action: partial(permit, action, trip) for action in ALLOWED}
    return {action: why_not(guard) for action, guard in guards.items()} | {
        "cancel": why_not(partial(_can_cancel, trip))
    }


def known(trip: Trip) -> fact.TripPlanned:
    """How the trip was planned. Raises ``Refused`` where there is none."""
    if trip.planned is None:
        raise Refused("trip_unknown", "没有这次出差。", "There is no such trip.")
    return trip.planned


def permit(action: str, trip: Trip) -> None:
    """Raises ``Refused`` where the lifecycle doesn't list ``action`` now."""
    known(trip)
    if trip.status and trip.status not in ALLOWED[action]:
        status = trip.status
        raise not_now("trip", _TRIP, TRIP_ACTION[action], status, TRIP_STATUS[status], TRIP_HINT[status])


_TRIP = Words("出差", "trip")


def _plan(command: PlanTrip, trip: Trip) -> Sequence[TripEvent]:
    if command.home is None:
        raise Refused("home_unknown", "请填写常驻城市。", "Say in which city the engineer is based.")
    number = trip_number(command.trip, command.at)
    event = tell(fact.TripPlanned, command, number=number, planned_by=command.by)
    if trip.planned:
        if same(event, trip.planned):
            return []
        raise Refused("trip_exists", "该出差已存在。", "There is such a trip already.")
    _in_order(command.starts, command.ends, command.stops)
    return [event]


def _change(command: ChangeTrip, trip: Trip) -> Sequence[TripEvent]:
    if isinstance(trip.last, fact.TripChanged) and repeats(command, trip.last):
        return []
    permit("change", trip)
    _in_order(command.starts, command.ends, command.stops)
    planned = known(trip)
    return [tell(fact.TripChanged, command, trip=planned.trip, engineer=planned.engineer, changed_by=command.by)]


def _end(command: EndTrip, trip: Trip) -> Sequence[TripEvent]:
    if trip.status is TripStatus.ENDED and trip.ends == command.ends:
        return []
    permit("end", trip)
    planned = known(trip)
    if command.ends > day_of(command.at):
        raise Refused("trip_not_over", "返回日期还没到。", "The day of the return is still to come.")
    if command.ends < trip.starts:
        raise Refused("trip_backwards", "返回日期早于出发日期。", "The return is before the start.")
    return [tell(fact.TripEnded, command, trip=planned.trip, engineer=planned.engineer, starts=trip.starts)]


def _cancel(command: CancelTrip, trip: Trip) -> Sequence[TripEvent]:
    if isinstance(trip.last, fact.TripCancelled) and repeats(command, trip.last):
        return []
    _can_cancel(trip)
    planned = known(trip)
    return [tell(fact.TripCancelled, command, trip=planned.trip, engineer=planned.engineer)]


def _can_cancel(trip: Trip) -> None:
    permit("cancel", trip)
    if trip.uses:
        raise Refused(
            "trip_claimed",
            "该出差已有报销单，请先撤回报销单。",
            "Expenses of the trip have been claimed: withdraw the claim first.",
        )


def _claim(command: ClaimTripExpenses, trip: Trip) -> Sequence[TripEvent]:
    if trip.uses.get(command.claim) == command.uses:
        return []
    permit("draft_claim", trip)
    return [tell(fact.TripExpensesClaimed, command, trip=known(trip).trip)]


def belongs(trip: Trip, work_order: UUID | None) -> None:
    """Raises ``Refused`` for a work order that the trip isn't for."""
    if work_order and work_order not in trip.work_orders:
        raise Refused(
            "work_order_not_of_trip", "该派工单不在本次出差的行程内。", "That work order isn't on the trip's itinerary."
        )


def _in_order(starts: date, ends: date, stops: Sequence[Stop]) -> None:
    if ends < starts:
        raise Refused("trip_backwards", "返回日期早于出发日期。", "The return is before the start.")
    if ends - starts > LONGEST:
        raise Refused("trip_too_long", "出差超过一年，请检查日期。", "That is more than a year: check the days.")
    for stop in stops:
        if not starts <= stop.from_day <= stop.until_day <= ends:
            raise Refused(
                "stop_outside_trip",
                f"{stop.city} 的日期不在出差期间内。",
                f"The days in {stop.city} are not within the trip.",
            )
