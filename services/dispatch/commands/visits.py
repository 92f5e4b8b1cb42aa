"""Visits: what a command needs of the work order, the engineer's schedule, the site's place and the terms in force.

Whatever is decided on a visit, its work order hears of in the same transaction, and the engineer's time is booked or
given back with it.
"""

from collections.abc import Callable, Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from services.dispatch.commands.work_order_costs import charge
from services.dispatch.domain import engineer, roster, schedule, visit, visit_policy, work_order
from services.dispatch.domain.identity import VISIT_POLICY, engineer_id, roster_id, schedule_id
from services.dispatch.domain.people_cost import people_cost
from services.dispatch.domain.proposal import Place as Point
from services.dispatch.domain.proposal import kilometres
from services.dispatch.domain.schedule import BookSlot, EndSlot, ReleaseSlot
from services.dispatch.domain.visit_commands import (
    AbortVisit,
    AssignVisit,
    CheckIn,
    PlanVisit,
    Position,
    RescheduleVisit,
)
from services.dispatch.domain.visit_guards import known
from services.dispatch.domain.visit_policy import AS_SHIPPED, VisitTerms
from services.dispatch.domain.visit_state import Visit
from services.dispatch.domain.work_order_commands import NoteVisit
from services.dispatch.places import Place, place_of, sought
from shared.clock import Clock
from shared.decider import Command, Refused
from shared.eventlog import Streams
from shared.events.dispatch import CostKind, VisitAssigned, VisitRescheduled, VisitStatus
from shared.own import require_own

Wish = Callable[..., Any]
"""Makes the command; asks for what the caller can't know, but the application does."""
C = TypeVar("C", bound=Command)

_UNSAID = AS_SHIPPED
"""Stands for the terms until the command says of which moment they are wanted."""


async def terms_at(streams: Streams, at: datetime) -> VisitTerms:
    """The terms in force at ``at``."""
    return (await streams.load(visit_policy, VISIT_POLICY, required=False)).at(at)


async def _with_terms(streams: Streams, command: C) -> C:
    return command.model_copy(update={"terms": await terms_at(streams, command.at)})


async def _look_ahead(streams: Streams, id: UUID) -> None:
    """What every command on a visit needs, in one way to the database."""
    await streams.look_up([(visit, id), (visit_policy, VISIT_POLICY)])


# --- by the office ----------------------------------------------------------------------------------------------------


async def plan(streams: Streams, id: UUID, wish: Wish, version: int | None) -> dict[str, Any]:
    """Somebody has to go for the work order ``id``; what isn't said of the visit is as the order says."""
    await streams.expect(work_order, id, version)
    order = await streams.load(work_order, id)
    facts = work_order.known(order)
    own = {name: getattr(facts, name) for name in _OF_ORDER}
    if facts.purpose is None:
        work_order.permit("plan_visit", order)
    command: PlanVisit = await _with_terms(streams, wish(**own, terms=_UNSAID))
    wanted = {name: getattr(command, name) or getattr(facts, name) for name in ("wanted_from", "wanted_until")}
    return await decide(streams, command.visit, command.model_copy(update=wanted))


_OF_ORDER = (
    *("work_order", "ticket", "purpose", "customer", "customer_name", "site", "site_name", "city", "region"),
    "skills",
)


async def assign(streams: Streams, id: UUID, wish: Wish, version: int | None, **_: Any) -> dict[str, Any]:
    """4.7: the engineer's time is booked in the same transaction, so that two visits never overlap unseen."""
    await _look_ahead(streams, id)
    await streams.expect(visit, id, version)
    state = await streams.load(visit, id)
    command: AssignVisit = await _with_terms(streams, wish(terms=_UNSAID, overlaps=()))
    assigned = next((e for e in visit.decide(command, state) if isinstance(e, VisitAssigned)), None)
    if assigned is None:
        return await answer(streams, id)
    days = [schedule_id(command.engineer, day) for day, _, _ in schedule.parts(assigned.starts_at, assigned.ends_at)]
    who = engineer_id(command.engineer)
    await streams.look_up(
        [
            *((engineer, who), (roster, roster_id(command.engineer)), (work_order, assigned.work_order)),
            *((schedule, day) for day in days),
        ]
    )
    engineer.in_service(await streams.load(engineer, who, required=False))
    await _free(streams, state, command, "改派")
    against = await _book(streams, command.engineer, assigned, command)
    return await decide(streams, id, command.model_copy(update=against))


async def reschedule(streams: Streams, id: UUID, wish: Wish, version: int | None, **_: Any) -> dict[str, Any]:
    """D4: the engineer's time moves with the visit, unless they were there already."""
    await _look_ahead(streams, id)
    await streams.expect(visit, id, version)
    state = await streams.load(visit, id)
    command: RescheduleVisit = await _with_terms(streams, wish(terms=_UNSAID, overlaps=()))
    moved = next((e for e in visit.decide(command, state) if isinstance(e, VisitRescheduled)), None)
    if moved is None:
        return await answer(streams, id)
    against: dict[str, Any] = {}
    if moved.awaited and state.engineer:
        days = {day for day, _, _ in schedule.parts(moved.starts_at, moved.ends_at)}
        await _free(streams, state, command, "改约", besides=days)
        against = await _book(streams, state.engineer, moved, command)
    return await decide(streams, id, command.model_copy(update=against))


async def act(streams: Streams, id: UUID, wish: Wish, version: int | None, **_: Any) -> dict[str, Any]:
    """What needs nothing besides the visit."""
    await streams.expect(visit, id, version)
    return await decide(streams, id, wish())


async def confirm_delivery(
    streams: Streams, id: UUID, wish: Wish, version: int | None, own: str | None = None, **_: Any
) -> dict[str, Any]:
    """D15: the app tells it of itself, or the office after a call."""
    await _mine(streams, id, version, own)
    return await decide(streams, id, await _with_terms(streams, wish(terms=_UNSAID)))


async def record_arrival(
    streams: Streams, id: UUID, wish: Wish, version: int | None, clock: Clock, **_: Any
) -> dict[str, Any]:
    await streams.expect(visit, id, version)
    return await decide(streams, id, wish(received_at=clock.now()))


async def abort(
    streams: Streams, id: UUID, wish: Wish, version: int | None, clock: Clock, own: str | None = None, **_: Any
) -> dict[str, Any]:
    return await tell(streams, id, wish, version, clock, own)


# --- by the engineer --------------------------------------------------------------------------------------------------


async def tell(
    streams: Streams, id: UUID, wish: Wish, version: int | None, clock: Clock, own: str | None = None, **_: Any
) -> dict[str, Any]:
    """A step, told at once or later; ``own``: only to a visit of this engineer."""
    await _mine(streams, id, version, own)
    return await decide(streams, id, await _with_terms(streams, wish(received_at=clock.now(), terms=_UNSAID)))


async def check_in(
    streams: Streams, id: UUID, wish: Wish, version: int | None, clock: Clock, own: str | None = None, **_: Any
) -> dict[str, Any]:
    """D5: of where the device is, only the distance from the site goes on."""
    planned = known(await _mine(streams, id, version, own))
    command: CheckIn = wish(received_at=clock.now(), terms=_UNSAID, distance_m=None, radius_m=None)
    found: dict[str, Any] = {"terms": await terms_at(streams, command.at)}
    if command.position and planned.site:
        await streams.look_up([(work_order, planned.work_order)], beside=[sought(planned.site)])
        found |= _distance(command.position, await place_of(streams, planned.site))
    return await decide(streams, id, command.model_copy(update=found))


def _distance(position: Position, place: Place | None) -> dict[str, Any]:
    """Of the device from the site, and how large that is; nothing where nobody has said where it is."""
    if place is None:
        return {}
    here, there = (Point(each.latitude, each.longitude) for each in (position, place))
    return {"distance_m": round(kilometres(here, there) * 1000), "radius_m": place.radius_m}


async def claim_arrival(
    streams: Streams, id: UUID, wish: Wish, version: int | None, own: str | None = None, **_: Any
) -> dict[str, Any]:
    """D5: an engineer speaks for the own device, the office for whomever."""
    await _mine(streams, id, version, own)
    command = wish()
    if own is not None and command.claimant != "device":
        raise Refused(
            "claim_of_another", "服务人员只能就本人手机提出。", "Engineers speak for their own device, not for others."
        )
    return await decide(streams, id, command)


async def _mine(streams: Streams, id: UUID, version: int | None, own: str | None) -> Visit:
    await _look_ahead(streams, id)
    state = await streams.load(visit, id)
    require_own(own, state.assigned.engineer if state.assigned else None)
    await streams.expect(visit, id, version)
    return state


# --- what every decision on a visit brings with it --------------------------------------------------------------------


async def decide(streams: Streams, id: UUID, command: Command) -> dict[str, Any]:
    """Decide on the visit; its work order, the engineer's time and the cost of it follow."""
    before = await streams.load(visit, id, required=False)
    events = await streams.handle(visit, id, command)
    if events:
        after = await streams.load(visit, id)
        await _note(streams, id, before, after, command)
        if after.status in (VisitStatus.REFUSED, VisitStatus.ABORTED) and after.status is not before.status:
            await _free(streams, before, command, "拒绝派工" if after.refused else "中止上门")
        if after.over_at != before.over_at:
            await _free_the_rest(streams, after, command)
        await _charge(streams, after, command)
    return await answer(streams, id)


async def _note(streams: Streams, id: UUID, before: Visit, after: Visit, command: Command) -> None:
    news = (after.progress, after.engineer)
    if before.planned and news == (before.progress, before.engineer):
        return
    order = known(after).work_order
    said = {"visit": id, "engineer": after.engineer, "progress": after.progress}
    await streams.handle(work_order, order, NoteVisit(at=command.at, by=command.by, **said))


async def _charge(streams: Streams, after: Visit, command: Command) -> None:
    """5.4: the time on site; what is told later of pauses or of the arrival is charged or taken back by itself."""
    finished = after.finished
    if finished is None:
        return
    cause = f"visit:{finished.visit}"
    order = await streams.load(work_order, finished.work_order)
    charged = [
        *(cost.amount for key, cost in order.costs.items() if key.startswith(cause)),
        *(cost.amount for key, cost in order.late_costs.items() if key.startswith(cause)),
    ]
    owed = people_cost(after, await terms_at(streams, finished.at)) - sum(charged, Decimal(0))
    numbered = f"{cause}:{len(charged) + 1}"
    order_id, note = finished.work_order, known(after).number
    await charge(streams, order_id, CostKind.PEOPLE, owed, numbered, at=command.at, by=command.by, note=note)


async def abort_all(streams: Streams, visits: Collection[UUID], reason: str, at: datetime, by: str) -> None:
    """The work order ends: visits that aren't over are aborted with it."""
    terms = await terms_at(streams, at)
    for each in visits:
        aborting = AbortVisit(at=at, by=by, reason=reason, received_at=at, terms=terms)
        await decide(streams, each, aborting)


# --- the engineer's time ----------------------------------------------------------------------------------------------


async def _book(
    streams: Streams, who: str, slot: VisitAssigned | VisitRescheduled, command: AssignVisit | RescheduleVisit
) -> dict[str, Any]:
    """Keep the time free; what speaks against it, if the command says why that doesn't matter: visits that have it
    already, and leave."""
    found: dict[UUID, None] = {}
    on_leave, planned = False, await streams.load(roster, roster_id(who), required=False)
    for day, starts_at, ends_at in schedule.parts(slot.starts_at, slot.ends_at):
        stream, leave = schedule_id(who, day), planned.leave_within(starts_at, ends_at)
        on_leave = on_leave or leave is not None
        said = {"engineer": who, "day": day, "visit": slot.visit, "override_reason": command.override_reason}
        booking = BookSlot(at=command.at, by=command.by, starts_at=starts_at, ends_at=ends_at, leave=leave, **said)
        await streams.handle(schedule, stream, booking)
        booked = (await streams.load(schedule, stream)).slots[slot.visit]
        found |= dict.fromkeys(booked.overlaps)
    return {"overlaps": tuple(found), "on_leave": on_leave}


async def _free(streams: Streams, state: Visit, command: Command, reason: str, besides: Collection[date] = ()) -> None:
    """Give the visit's time back, but for the days ``besides``."""
    who = state.engineer
    if who is None or not (state.starts_at and state.ends_at):
        return
    for day, _, _ in schedule.parts(state.starts_at, state.ends_at):
        if day not in besides:
            said = {"engineer": who, "day": day, "visit": known(state).visit, "reason": reason}
            await streams.handle(schedule, schedule_id(who, day), ReleaseSlot(at=command.at, by=command.by, **said))


async def _free_the_rest(streams: Streams, state: Visit, command: Command) -> None:
    """The visit is over, perhaps before its time: what is left of that can be booked again."""
    who, over = state.engineer, state.over_at
    if who is None or over is None or not (state.starts_at and state.ends_at):
        return
    for day, _, _ in schedule.parts(state.starts_at, state.ends_at):
        said = {"engineer": who, "day": day, "visit": known(state).visit, "ended_at": over}
        await streams.handle(schedule, schedule_id(who, day), EndSlot(at=command.at, by=command.by, **said))


async def answer(streams: Streams, id: UUID) -> dict[str, Any]:
    """A visit as it stands after a command, short enough to be kept with its key."""
    state = await streams.load(visit, id)
    planned = known(state)
    return {
        "visit": str(id),
        "number": planned.number,
        "work_order": str(planned.work_order),
        "status": state.status.value,
        "engineer": state.engineer,
        "agreed_arrival": state.agreed.isoformat() if state.agreed else None,
        "late": state.late is not None,
        "missing": [step.name.lower() for step in state.gaps()],
        "version": streams.version(id),
    }
