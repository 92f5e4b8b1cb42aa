"""What follows from a step of a part request, in the same transaction: the stock moves, the work order bears the cost,
purchasing gets a claim on the supplier."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from services.dispatch.commands.parts import terms_at
from services.dispatch.commands.work_order_costs import charge
from services.dispatch.domain import part, stock, supplier_claim
from services.dispatch.domain.identity import stock_id, supplier_claim_id
from services.dispatch.domain.part_request_state import PartRequest, known
from services.dispatch.domain.quantity import NONE, QUARANTINE, van_of
from services.dispatch.domain.stock import EndReservation, IssueStock, ReceiveStock, ReserveStock, StockCommand
from shared.eventlog import Streams
from shared.events import dispatch as fact
from shared.events.base import Event
from shared.events.dispatch import CostKind, PartCondition, PartSupply, StockCause
from shared.money import to_fen

_FoundBad = fact.QualityRefused | fact.SparePartReturned


async def follow(streams: Streams, before: PartRequest, event: Event, by: str) -> None:
    """Do what ``event`` brings with it; ``before`` is the request as it was. Raises ``Refused``."""
    match event:
        case fact.SparePartReserved():
            await _reserve(streams, before, event.location, by, event)
        case fact.SparePartProduced() | fact.SparePartReceived():
            made = isinstance(event, fact.SparePartProduced)
            cause = StockCause.PRODUCED if made else StockCause.PURCHASED
            await _receive(streams, before, event, by, event.location, cause, lots=event.lots)
            await _reserve(streams, before, event.location, by, event)
        case fact.QualityReleased() if before.procured:
            await _end_reservation(streams, before, before.procured.location, by, event, keeping=event.quantity)
        case fact.QualityRefused():
            await _issue(streams, before, event, by, event.location, StockCause.REFUSED, to=QUARANTINE)
            await _receive(streams, before, event, by, QUARANTINE, StockCause.REFUSED, lots=event.lots)
            await _claim(streams, before, event, event.refused_by, event.findings, before.refusals + 1)
        case fact.SparePartRequestCancelled() if before.procured:
            await _end_reservation(streams, before, before.procured.location, by, event)
        case fact.SparePartShipped():
            await _issue(streams, before, event, by, event.location, StockCause.SHIPPED)
            if event.work_order:
                await _freight(streams, before, event, event.work_order, by)
        case _:
            await _follow_arrival(streams, before, event, by)


async def _follow_arrival(streams: Streams, before: PartRequest, event: Event, by: str) -> None:
    asked = known(before)
    van = van_of(asked.engineer) if before.into_van and asked.engineer else None
    match event:
        case fact.SparePartDelivered() if van and event.quantity:
            await _receive(streams, before, event, by, van, StockCause.DELIVERED)
            if not before.for_van_stock:
                await _reserve(streams, before, van, by, event)
        case fact.SparePartConsumed():
            if van:
                cost = {"unit_cost": event.unit_cost, "amount": event.amount, "work_order": event.work_order}
                await _issue(streams, before, event, by, van, StockCause.CONSUMED, **cost)
            cause = f"part_request:{event.request}:{event.use}"
            await _material(streams, before, event, event.amount, cause, by)
        case fact.SparePartUseCorrected():
            if van:
                await _receive_again(streams, before, event, by, van)
            cause = f"part_request:{event.request}:{event.use}:{event.quantity}"
            await _material(streams, before, event, -event.refund, cause, by)
        case fact.SparePartReturned():
            if van:
                await _issue(streams, before, event, by, van, StockCause.RETURNED, to=event.location)
            await _receive(streams, before, event, by, event.location, StockCause.RETURNED, lots=event.lots)
            if event.condition is PartCondition.DEFECTIVE:
                await _claim(streams, before, event, by, event.note or "", event.giving_back)
        case _:
            pass


async def _receive_again(
    streams: Streams, before: PartRequest, event: fact.SparePartUseCorrected, by: str, van: str
) -> None:
    """What wasn't used after all lies in the van, still set apart for its work."""
    about = _about(before)
    lot = "、".join(event.lots) or None
    back = ReceiveStock(
        at=event.at, by=by, location=van, quantity=event.difference, cause=StockCause.CORRECTED, lot=lot, **about
    )
    await _handle(streams, back)
    about = {"location": van, "part": event.part, "request": event.request}
    await _handle(streams, ReserveStock(at=event.at, by=by, quantity=event.difference, **about))


async def _material(
    streams: Streams,
    before: PartRequest,
    event: fact.SparePartConsumed | fact.SparePartUseCorrected,
    amount: Decimal,
    cause: str,
    by: str,
) -> None:
    note = known(before).number
    await charge(streams, event.work_order, CostKind.MATERIAL, amount, cause, at=event.at, by=by, note=note)


async def _freight(streams: Streams, before: PartRequest, event: fact.SparePartShipped, order: UUID, by: str) -> None:
    cause, note = f"part_request:{event.request}:freight", known(before).number
    await charge(streams, order, CostKind.FREIGHT, event.freight, cause, at=event.at, by=by, note=note)


async def _reserve(streams: Streams, before: PartRequest, location: str, by: str, event: Any) -> None:
    """What came is set apart. 0.2: of what was made or bought beyond the request nobody gets anything, either, before
    quality has released it."""
    asked = known(before)
    about = {"location": location, "part": asked.part, "request": asked.request}
    await _handle(streams, ReserveStock(at=event.at, by=by, quantity=event.quantity, **about))


async def _end_reservation(
    streams: Streams, before: PartRequest, location: str, by: str, event: Event, keeping: Decimal = NONE
) -> None:
    asked = known(before)
    about = {"location": location, "part": asked.part, "request": asked.request}
    await _handle(streams, EndReservation(at=event.at, by=by, keeping=keeping, **about))


async def _receive(
    streams: Streams,
    before: PartRequest,
    event: Any,
    by: str,
    location: str,
    cause: StockCause,
    lots: tuple[str, ...] = (),
) -> None:
    about = _about(before) | {"location": location, "cause": cause, "lot": "、".join(lots) or None}
    await _handle(streams, ReceiveStock(at=event.at, by=by, quantity=event.quantity, **about))


async def _issue(
    streams: Streams, before: PartRequest, event: Any, by: str, location: str, cause: StockCause, **more: Any
) -> None:
    about = _about(before) | {"location": location, "cause": cause, "lot": "、".join(event.lots) or None}
    await _handle(streams, IssueStock(at=event.at, by=by, quantity=event.quantity, **about, **more))


def _about(before: PartRequest) -> dict[str, Any]:
    asked = known(before)
    names = {"part": asked.part, "part_code": asked.part_code, "part_name": asked.part_name}
    return {**names, "request": asked.request}


async def _handle(streams: Streams, command: StockCommand) -> None:
    await streams.handle(stock, stock_id(command.location, command.part), command)


async def _claim(
    streams: Streams, before: PartRequest, event: _FoundBad, by: str, defect: str, found: int | UUID
) -> None:
    """3.7, D28: purchasing settles it with the supplier of that purchase, or the usual one, while other goods are
    procured for the customer. Where nobody knows a supplier, purchasing opens the claim once it does."""
    asked = known(before)
    named = part.known(await streams.load(part, asked.part))
    supplier = before.order.supplier if before.order else named.supplier
    if asked.supply is not PartSupply.BOUGHT or supplier is None:
        return
    terms = await terms_at(streams, event.at)
    claim = supplier_claim_id(asked.request, found)
    wish = supplier_claim.OpenSupplierClaim(
        at=event.at,
        by=by,
        claim=claim,
        supplier=supplier,
        part=asked.part,
        part_code=asked.part_code,
        part_name=asked.part_name,
        quantity=event.quantity,
        lots=event.lots,
        defect=defect,
        amount=to_fen(named.unit_cost * event.quantity),
        request=asked.request,
        work_order=asked.work_order,
        notice_days=terms.supplier_notice_days,
    )
    await streams.handle(supplier_claim, claim, wish)
