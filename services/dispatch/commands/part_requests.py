"""Part requests (5.2): every step with what follows from it, in one transaction."""

from typing import Any
from uuid import UUID

from services.dispatch.commands.part_effects import follow
from services.dispatch.commands.parts import Wish, article, terms_at
from services.dispatch.domain import engineer as engineer_
from services.dispatch.domain import part_request, work_order
from services.dispatch.domain.engineer import in_service
from services.dispatch.domain.identity import engineer_id
from services.dispatch.domain.part_request_commands import PartRequestCommand, RequestPart, ShipPart
from services.dispatch.domain.part_request_state import known
from shared.decider import Refused
from shared.eventlog import Streams
from shared.events.dispatch import PartKind, PartSupply, WorkOrderStatus
from shared.own import require_own


async def ask(streams: Streams, wish: Wish, version: int | None, own: str | None = None) -> dict[str, Any]:
    """What the part is called and where it comes from says the catalogue; an engineer asks for himself."""
    command: RequestPart = wish(part_code="-", part_name="-", unit="-", kind=PartKind.PART, supply=PartSupply.MADE)
    engineer = command.engineer or own
    require_own(own, engineer)
    if engineer:
        in_service(await streams.load(engineer_, engineer_id(engineer), required=False))
    named = await article(streams, command.part)
    said = {
        "part_code": named.code,
        "part_name": named.name,
        "unit": named.unit,
        "kind": named.kind,
        "supply": named.supply,
        "engineer": engineer,
        "order_status": await _status(streams, command.work_order),
    }
    await streams.expect(part_request, command.request, version)
    await streams.handle(part_request, command.request, command.model_copy(update=said))
    return await _answer(streams, command.request)


async def act(streams: Streams, id: UUID, wish: Wish, version: int | None, own: str | None = None) -> dict[str, Any]:
    """Decide the command on the request that the caller has seen as ``version`` (None: as it is)."""
    return await _decide(streams, id, wish(), version, own)


async def ship(streams: Streams, id: UUID, wish: Wish, version: int | None) -> dict[str, Any]:
    """How far its work order is, is a fact of the work order."""
    asked = known(await streams.load(part_request, id))
    command: ShipPart = wish(order_status=await _status(streams, asked.work_order))
    return await _decide(streams, id, command, version)


async def consume(
    streams: Streams, id: UUID, wish: Wish, version: int | None, own: str | None = None
) -> dict[str, Any]:
    """5.2: the material cost is what the catalogue says when it is used."""
    asked = known(await streams.load(part_request, id))
    command = wish(unit_cost=(await article(streams, asked.part)).unit_cost, old_part_days=1)
    terms = await terms_at(streams, command.at)
    owing = command.model_copy(update={"old_part_days": terms.old_part_days})
    return await _decide(streams, id, owing, version, own)


async def _decide(
    streams: Streams, id: UUID, command: PartRequestCommand, version: int | None, own: str | None = None
) -> dict[str, Any]:
    before = await streams.load(part_request, id)
    require_own(own, known(before).engineer)
    await streams.expect(part_request, id, version)
    for event in await streams.handle(part_request, id, command):
        await follow(streams, before, event, command.by)
    return await _answer(streams, id)


async def _status(streams: Streams, order: UUID | None) -> WorkOrderStatus | None:
    if order is None:
        return None
    state = await streams.load(work_order, order, required=False)
    if state.facts is None:
        raise Refused("work_order_unknown", "没有这张派工单。", "There is no such work order.")
    return state.status


async def _answer(streams: Streams, id: UUID) -> dict[str, Any]:
    state = await streams.load(part_request, id)
    asked = known(state)
    return {
        "request": str(id),
        "number": asked.number,
        "status": state.status,
        "left": str(state.left),
        "version": streams.version(id),
    }
