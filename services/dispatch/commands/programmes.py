"""Visit programmes (2.3): planned by people, brought to work orders by their deadline."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from services.dispatch.domain import programme, work_order
from services.dispatch.domain.identity import routine_work_order_id
from services.dispatch.domain.programme import A_DAY, ChangeProgramme, Client, MakeOccurrence, PlanProgramme, Programme
from services.dispatch.domain.work_order_commands import DraftWorkOrder, QualifyWorkOrder
from services.dispatch.views import clientele
from shared.calendar import end_of_day
from shared.decider import Refused
from shared.eventlog import Streams
from shared.events.dispatch import Origin, ProgrammeFacts, ProgrammeFellDue, ProgrammeVisit


async def plan(streams: Streams, wish: Callable[..., PlanProgramme], version: int | None) -> dict[str, Any]:
    """A new programme."""
    command = wish()
    named = command.model_copy(update=await _names(streams, command))
    await streams.expect(programme, command.programme, version)
    await streams.handle(programme, command.programme, named)
    return await _answer(streams, command.programme)


async def change(
    streams: Streams, id: UUID, wish: Callable[..., ChangeProgramme], version: int | None
) -> dict[str, Any]:
    """Other facts from now on."""
    command = wish()
    named = command.model_copy(update=await _names(streams, command))
    await streams.expect(programme, id, version)
    await streams.load(programme, id)
    await streams.handle(programme, id, named)
    return await _answer(streams, id)


async def act(streams: Streams, id: UUID, wish: Callable[..., Any], version: int | None) -> dict[str, Any]:
    """Decide the command on the programme that the caller has seen as ``version`` (None: as it is)."""
    await streams.expect(programme, id, version)
    await streams.load(programme, id)
    await streams.handle(programme, id, wish())
    return await _answer(streams, id)


async def make_occurrence(streams: Streams, id: UUID, at: datetime, by: str) -> int:
    """2.3: everybody whom the programme fits gets a work order for the occurrence that has come, in one transaction
    with it: all of them once, or none. The number of events."""
    state = await streams.load(programme, id)
    facts, day = state.facts, state.next_on
    if facts is None or day is None:
        return 0
    clients = await clientele.fitting(streams.pool, **scope_of(state))
    orders = {client.customer: routine_work_order_id(id, day, client.customer) for client in clients}
    visits = tuple(
        ProgrammeVisit(customer=client.customer, site=client.site, work_order=orders[client.customer])
        for client in clients
    )
    told = await streams.handle(programme, id, MakeOccurrence(at=at, by=by, visits=visits))
    for event in told:
        if isinstance(event, ProgrammeFellDue):
            for client in clients:
                await _work_order(streams, orders[client.customer], facts, client, event, by)
    return len(told)


def scope_of(state: Programme) -> dict[str, Any]:
    """What a programme says of whom it fits. Raises ``Refused`` where there is none."""
    facts = programme.known(state)
    return {name: getattr(facts, name) for name in _SCOPE}


async def _work_order(
    streams: Streams, order: UUID, facts: ProgrammeFacts, client: Client, due: ProgrammeFellDue, by: str
) -> None:
    """Where the site is known, nobody has to look at it before it is planned."""
    said = {
        "purpose": facts.purpose,
        "customer": client.customer,
        "customer_name": client.customer_name,
        "site": client.site,
        "site_name": client.site_name,
        "city": client.city,
        "region": client.region,
        "product": facts.product,
        "product_name": facts.product_name,
        "skills": facts.skills,
        "wanted_from": end_of_day(due.occurrence - A_DAY),
        "wanted_until": end_of_day(due.visit_until),
        "note": facts.note,
    }
    origin = {"origin": Origin.PROGRAMME, "programme": facts.programme, "occurrence": due.occurrence}
    await streams.handle(work_order, order, DraftWorkOrder(at=due.at, by=by, work_order=order, **origin, **said))
    if client.site:
        await streams.handle(work_order, order, QualifyWorkOrder(at=due.at, by=by, **said))


_SCOPE = ("customer", "site", "region", "product", "key_customers")


async def _names(streams: Streams, command: PlanProgramme | ChangeProgramme) -> dict[str, str]:
    """The names that go with ids, for events that are read without the reference data. Raises ``Refused``."""
    names: dict[str, str] = {}
    keys = {
        "customer": (command.customer,),
        "site": (command.site, command.customer),
        "product": (command.product,),
    }
    for what, key in keys.items():
        if key[0] is not None:
            name = await clientele.name_of(streams.pool, what, *key)
            if name is None:
                zh, en = _UNKNOWN[what]
                raise Refused(f"{what}_unknown", f"没有这个{zh}。", f"There is no such {en}.")
            names[f"{what}_name"] = name
    return names


_UNKNOWN = {
    "customer": ("客户", "customer"),
    "site": ("客户的服务地点", "site of the customer"),
    "product": ("产品", "product"),
}


async def _answer(streams: Streams, id: UUID) -> dict[str, Any]:
    state = await streams.load(programme, id)
    assert state.planned, "what was decided on is planned"
    return {
        "programme": str(id),
        "number": state.planned.number,
        "status": state.status,
        "next_on": str(state.next_on) if state.next_on else None,
        "version": streams.version(id),
    }
