"""The stock by hand: what was there before, moved, used from a van, disposed of, counted."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from services.dispatch.commands.parts import Wish, article
from services.dispatch.commands.work_order_costs import charge
from services.dispatch.domain import engineer as engineer_
from services.dispatch.domain import stock
from services.dispatch.domain.engineer import in_service
from services.dispatch.domain.identity import engineer_id, stock_id
from services.dispatch.domain.quantity import engineer_of
from services.dispatch.domain.stock import CountStock, IssueStock, ReceiveStock
from shared.eventlog import Streams
from shared.events.dispatch import CostKind, StockCause
from shared.money import to_fen
from shared.own import require_own

_BLANK = {"part_code": "-", "part_name": "-"}


async def receive(streams: Streams, wish: Wish, version: int | None) -> dict[str, Any]:
    """Into a warehouse; into a van only by a part request (0.2)."""
    command: ReceiveStock = wish(**_BLANK, cause=StockCause.OPENING)
    stock.check_takes_in(command.location)
    return await _handle(streams, command, version)


async def move(streams: Streams, wish: Wish, version: int | None, own: str | None = None) -> dict[str, Any]:
    """Out of one place and into another, at once."""
    command: IssueStock = wish(**_BLANK, cause=StockCause.MOVED)
    require_own(own, engineer_of(command.location))
    stock.check_move(command)
    if command.to and (engineer := engineer_of(command.to)):
        in_service(await streams.load(engineer_, engineer_id(engineer), required=False))
    answer = await _handle(streams, command, version)
    assert command.to
    names = await _names(streams, command.part)
    same = {"quantity": command.quantity, "lot": command.lot, "note": command.note, "part": command.part}
    arriving = ReceiveStock(at=command.at, by=command.by, location=command.to, cause=StockCause.MOVED, **same, **names)
    await streams.handle(stock, stock_id(command.to, command.part), arriving)
    return answer


async def use(streams: Streams, wish: Wish, version: int | None, own: str | None = None) -> dict[str, Any]:
    """From a van's own stock, on a work order, which bears the cost (5.2)."""
    command: IssueStock = wish(**_BLANK, cause=StockCause.CONSUMED)
    require_own(own, engineer_of(command.location))
    order = stock.check_use(command)
    named = await article(streams, command.part)
    amount = to_fen(named.unit_cost * command.quantity)
    costed = command.model_copy(update={"unit_cost": named.unit_cost, "amount": amount})
    answer = await _handle(streams, costed, version)
    cause = f"stock:{stock_id(command.location, command.part)}:{answer['version']}"
    note = f"{named.code} {named.name}"
    await charge(streams, order, CostKind.MATERIAL, amount, cause, at=command.at, by=command.by, note=note)
    return answer


async def scrap(streams: Streams, wish: Wish, version: int | None) -> dict[str, Any]:
    """What is bad is destroyed."""
    return await _dispose(streams, wish(**_BLANK, cause=StockCause.SCRAPPED), version)


async def send_back(streams: Streams, wish: Wish, version: int | None) -> dict[str, Any]:
    """What is bad goes back to the supplier (3.7)."""
    return await _dispose(streams, wish(**_BLANK, cause=StockCause.SENT_BACK), version)


async def count(streams: Streams, wish: Wish, version: int | None) -> dict[str, Any]:
    """What is really there."""
    return await _handle(streams, wish(**_BLANK), version)


async def _dispose(streams: Streams, command: IssueStock, version: int | None) -> dict[str, Any]:
    stock.check_quarantined(command)
    return await _handle(streams, command, version)


async def _handle(
    streams: Streams, command: ReceiveStock | IssueStock | CountStock, version: int | None
) -> dict[str, Any]:
    stream = stock_id(command.location, command.part)
    await streams.expect(stock, stream, version)
    named = command.model_copy(update=await _names(streams, command.part))
    await streams.handle(stock, stream, named)
    return _answer(command.location, command.part, await streams.load(stock, stream, required=False), streams)


async def _names(streams: Streams, part: UUID) -> dict[str, str]:
    named = await article(streams, part)
    return {"part_code": named.code, "part_name": named.name}


def _answer(location: str, part: UUID, state: stock.Stock, streams: Streams) -> dict[str, Any]:
    figures: dict[str, Decimal] = {
        "on_hand": state.on_hand,
        "reserved": state.set_apart,
        "available": state.available,
    }
    version = streams.version(stock_id(location, part))
    told = {name: str(figure) for name, figure in figures.items()}
    return {"location": location, "part": str(part), **told, "version": version}
