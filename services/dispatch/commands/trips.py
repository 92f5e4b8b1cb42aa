"""Trips: the itinerary from the visits, the days on the roster (D9, D12)."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.dispatch.domain import engineer, expense_policy, roster, trip, visit, work_order
from services.dispatch.domain.identity import EXPENSE_POLICY, engineer_id, roster_id
from services.dispatch.domain.roster import DropTripDays, RecordTripDays
from services.dispatch.domain.trip import ChangeTrip, PlanTrip, Trip, known
from shared.calendar import day_of
from shared.decider import Refused
from shared.eventlog import Streams
from shared.events.dispatch import Stop, TripStatus
from shared.own import require_own

Wish = Callable[..., Any]
"""Makes the command; asks for what the caller can't know, but the application does."""


Agreed = Callable[[str, date], Awaitable[Decimal | None]]
"""The phone allowance that HR has agreed with an engineer, of a day; None: none of their own."""


async def plan(streams: Streams, wish: Wish, version: int | None, agreed: Agreed) -> dict[str, Any]:
    """4.3. Where nobody says otherwise, home is where the engineer is based. The phone allowance (D9) is the one
    agreed with the engineer, or else the policy's; whoever plans the trip needn't know it."""
    command: PlanTrip = wish()
    await streams.expect(trip, command.trip, version)
    known_engineer = await streams.load(engineer, engineer_id(command.engineer), required=False)
    if not known_engineer.active or known_engineer.recorded is None:
        raise Refused("engineer_unknown", "没有这位服务人员，或已停用。", "There is no such engineer in service.")
    policy = await streams.load(expense_policy, EXPENSE_POLICY, required=False)
    allowance = await agreed(command.engineer, command.starts)
    if allowance is None:
        allowance = policy.on(command.starts).rules.phone_allowance_per_day
    known_facts = {
        "home": command.home or known_engineer.recorded.base_city,
        "allowance_per_day": allowance,
        "stops": await _itinerary(streams, command, command.engineer),
    }
    await streams.handle(trip, command.trip, command.model_copy(update=known_facts))
    return await _answer(streams, command.trip, command.at, command.by)


async def change(streams: Streams, id: UUID, wish: Wish, version: int | None) -> dict[str, Any]:
    """Days or places; the roster follows."""
    await streams.expect(trip, id, version)
    state = await streams.load(trip, id)
    command: ChangeTrip = wish()
    stops = await _itinerary(streams, command, known(state).engineer)
    await streams.handle(trip, id, command.model_copy(update={"stops": stops}))
    return await _answer(streams, id, command.at, command.by)


async def act(streams: Streams, id: UUID, wish: Wish, version: int | None, own: str | None = None) -> dict[str, Any]:
    """Any other action; the roster follows."""
    require_own(own, known(await streams.load(trip, id)).engineer)
    await streams.expect(trip, id, version)
    command = wish()
    await streams.handle(trip, id, command)
    return await _answer(streams, id, command.at, command.by)


async def _itinerary(streams: Streams, command: PlanTrip | ChangeTrip, code: str) -> tuple[Stop, ...]:
    """4.3: a stop for each visit, and the places that were named besides."""
    visits = [await _stop(streams, visit_id, code) for visit_id in dict.fromkeys(command.visits)]
    for named in command.stops:
        if named.work_order:
            work_order.known(await streams.load(work_order, named.work_order, required=False))
    return tuple(sorted((*visits, *command.stops), key=lambda stop: (stop.from_day, stop.until_day)))


async def _stop(streams: Streams, visit_id: UUID, code: str) -> Stop:
    """Where and when a visit is: as it took place, or as it is agreed."""
    state = await streams.load(visit, visit_id, required=False)
    begins = state.arrived.at if state.arrived else state.starts_at
    if state.planned is None or begins is None or state.engineer != code:
        raise Refused("visit_not_theirs", "这次上门没有派给该服务人员。", "That visit wasn't given to this engineer.")
    if not state.planned.city:
        raise Refused(
            "visit_city_unknown",
            f"上门 {state.planned.number} 没有城市，请手工填写该站。",
            f"The city of visit {state.planned.number} isn't known: name that stop by hand.",
        )
    ends = state.finished.at if state.finished else state.ends_at or begins
    return Stop(
        city=state.planned.city,
        from_day=day_of(begins),
        until_day=max(day_of(begins), day_of(ends)),
        visit=visit_id,
        work_order=state.planned.work_order,
    )


async def _answer(streams: Streams, id: UUID, at: datetime, by: str) -> dict[str, Any]:
    state = await streams.load(trip, id)
    await _tell_roster(streams, state, at, by)
    return answer(state, streams.version(id))


async def _tell_roster(streams: Streams, state: Trip, at: datetime, by: str) -> None:
    """The engineer's duty days, and the allowance that counts on them (D9): a stream of the roster."""
    planned = known(state)
    code, stream = planned.engineer, roster_id(planned.engineer)
    if state.status is TripStatus.CANCELLED:
        await streams.handle(roster, stream, DropTripDays(engineer=code, trip=planned.trip, at=at, by=by))
        return
    days = RecordTripDays(
        engineer=code,
        trip=planned.trip,
        days=state.days,
        allowance_per_day=planned.allowance_per_day,
        at=at,
        by=by,
    )
    await streams.handle(roster, stream, days)


def answer(state: Trip, version: int) -> dict[str, Any]:
    """The trip after a command."""
    planned = known(state)
    return {
        "trip": str(planned.trip),
        "number": planned.number,
        "engineer": planned.engineer,
        "status": state.status,
        "starts": str(state.starts),
        "ends": str(state.ends),
        "version": version,
    }
