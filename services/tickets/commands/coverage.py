"""In or out of warranty (2.1, 2.2, D21): what the reference data say of the goods, and what people make of it."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from uuid import UUID

from services.tickets.domain import reference
from services.tickets.domain.coverage import CoverageDecision, Goods, propose
from services.tickets.domain.identity import lot_id
from shared.calendar import SHANGHAI
from shared.eventlog import Streams
from shared.events.tickets import CoverageReason, LotRecorded, ProductRecorded, UnitRecorded

Deliveries = Callable[[UUID, UUID, str], Awaitable[Sequence[UUID]]]
"""The installed units of a customer, a product and a lot: what was delivered of it."""


async def nothing_delivered(customer: UUID, product: UUID, lot: str) -> Sequence[UUID]:
    """For those who know what was delivered, or that nobody has recorded it."""
    return ()


async def proposed(
    streams: Streams,
    deliveries: Deliveries,
    *,
    customer: UUID | None,
    product: UUID | None,
    lot: str | None,
    unit: UUID | None,
    on: datetime,
    delivered: date | None = None,
) -> CoverageDecision:
    """What the dates say on the day ``on``, for a person to decide.

    Without a unit, what was delivered to the customer of this lot counts (D21: a serial number is optional), where all
    deliveries say the same. ``delivered`` is what the customer says, where nothing is recorded.
    """
    day = on.astimezone(SHANGHAI).date()
    units: Sequence[UUID | None] = [unit]
    if unit is None and customer and product and lot:
        units = await deliveries(customer, product, lot) or [None]
    found = [propose(await _goods(streams, product, lot, each, delivered), day) for each in units]
    if len({each.verdict for each in found}) > 1:
        return propose(await _goods(streams, product, lot, None, None), day)
    return max(found, key=lambda each: each.until or date.min)


def judged(decision: CoverageDecision | None, proposed: CoverageDecision) -> CoverageDecision:
    """A person's verdict beside what the dates say; without one, what the dates say."""
    if decision is None:
        return proposed
    if decision.verdict is proposed.verdict:
        filled = {name: getattr(decision, name) or getattr(proposed, name) for name in ("reasons", "until", "contract")}
    else:
        filled = {"reasons": decision.reasons or (CoverageReason.JUDGED,)}
    return decision.model_copy(update={"proposed": proposed.verdict, **filled})


async def _goods(
    streams: Streams, product: UUID | None, lot: str | None, unit: UUID | None, delivered: date | None
) -> Goods | None:
    installed = (await streams.load(reference, unit, required=False)).latest if unit else None
    if isinstance(installed, UnitRecorded):
        product, lot = installed.product, lot or installed.lot
    else:
        installed = None
    known_product = (await streams.load(reference, product, required=False)).latest if product else None
    if product is None or not isinstance(known_product, ProductRecorded):
        return None
    made = (await streams.load(reference, lot_id(product, lot), required=False)).latest if lot else None
    return Goods(
        consumable=known_product.consumable,
        warranty_months=known_product.warranty_months,
        shelf_life_months=known_product.shelf_life_months,
        lot=lot,
        manufactured=made.manufactured if isinstance(made, LotRecorded) else None,
        delivered=(installed.delivered if installed else None) or delivered,
        contract=installed.contract if installed else None,
        contract_until=installed.contract_until if installed else None,
    )
