"""In or out of warranty: what the dates say, for a person to decide (2.1, 2.2, D20, D21).

A proposal only: a person may judge otherwise (misuse, goodwill), and then says why.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel, ConfigDict

from shared.decider import Refused
from shared.events.tickets import CoverageReason, CoverageVerdict, Purpose
from shared.text import Name, Text

CHARGEABLE = frozenset({Purpose.REPAIR, Purpose.REPLACEMENT})
"""2.2: out of warranty, these need an accepted quote first."""


def chargeable(verdict: CoverageVerdict, purpose: Purpose) -> bool:
    """2.2, D20: the customer pays for it."""
    return verdict is CoverageVerdict.OUT_OF_WARRANTY and purpose in CHARGEABLE


class CoverageDecision(BaseModel):
    """A verdict with its grounds, as it goes into a command."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verdict: CoverageVerdict
    reasons: tuple[CoverageReason, ...] = ()
    proposed: CoverageVerdict | None = None
    """What ``propose`` said; None when nobody asked."""
    until: date | None = None
    contract: Name | None = None
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Goods:
    """What is known of the thing that the ticket is about."""

    consumable: bool
    warranty_months: int | None = None
    shelf_life_months: int | None = None
    lot: str | None = None
    manufactured: date | None = None
    delivered: date | None = None
    contract: str | None = None
    """A contract that covers it, and until when (inclusive; None: no end)."""
    contract_until: date | None = None


def check(decision: CoverageDecision) -> None:
    """Raises ``Refused`` where a verdict lacks its reason."""
    if decision.verdict is CoverageVerdict.UNKNOWN and not (decision.reasons or decision.note):
        raise Refused("coverage_reason_missing", "保内外不明时请说明原因。", "Coverage that is unknown needs a reason.")
    if decision.proposed not in (None, decision.verdict) and not decision.note:
        raise Refused(
            "coverage_override_reason_missing",
            "与系统建议不同的保内外判定须说明理由。",
            "A verdict other than the proposed one needs a note that says why.",
        )


def propose(goods: Goods | None, on: date) -> CoverageDecision:
    """What the dates say of ``goods`` on the day ``on`` (Asia/Shanghai). Last days count as covered."""
    if goods is None:
        return _proposal(CoverageVerdict.UNKNOWN, CoverageReason.PRODUCT_UNKNOWN)
    if goods.contract and (goods.contract_until is None or on <= goods.contract_until):
        return _proposal(
            CoverageVerdict.IN_WARRANTY, CoverageReason.CONTRACT, until=goods.contract_until, contract=goods.contract
        )
    if _contradict(goods, on):
        return _proposal(CoverageVerdict.UNKNOWN, CoverageReason.DATES_CONTRADICT)
    return _consumable(goods, on) if goods.consumable else _device(goods, on)


def _device(goods: Goods, on: date) -> CoverageDecision:
    """2.1, 2.2: the warranty runs from delivery."""
    if goods.delivered is None or goods.warranty_months is None:
        return _unknown(goods, CoverageReason.DELIVERY_UNKNOWN, CoverageReason.TERMS_UNKNOWN)
    until = months_after(goods.delivered, goods.warranty_months)
    if on <= until:
        return _proposal(CoverageVerdict.IN_WARRANTY, CoverageReason.WITHIN_WARRANTY, until=until)
    return _proposal(CoverageVerdict.OUT_OF_WARRANTY, CoverageReason.WARRANTY_OVER, until=until)


def _consumable(goods: Goods, on: date) -> CoverageDecision:
    """D21: by lot, shelf life and delivery. Goods that were over their shelf life when delivered are our fault."""
    if goods.lot is None or goods.manufactured is None or goods.delivered is None or goods.shelf_life_months is None:
        return _unknown(
            goods,
            CoverageReason.LOT_UNKNOWN,
            CoverageReason.MANUFACTURE_UNKNOWN,
            CoverageReason.DELIVERY_UNKNOWN,
            CoverageReason.TERMS_UNKNOWN,
        )
    shelf_end = months_after(goods.manufactured, goods.shelf_life_months)
    if goods.delivered > shelf_end:
        return _proposal(CoverageVerdict.IN_WARRANTY, CoverageReason.DELIVERED_EXPIRED, until=None)
    if on > shelf_end:
        return _proposal(CoverageVerdict.OUT_OF_WARRANTY, CoverageReason.SHELF_LIFE_OVER, until=shelf_end)
    if goods.warranty_months is None:
        return _proposal(CoverageVerdict.IN_WARRANTY, CoverageReason.WITHIN_SHELF_LIFE, until=shelf_end)
    warranty_end = months_after(goods.delivered, goods.warranty_months)
    if on > warranty_end:
        return _proposal(CoverageVerdict.OUT_OF_WARRANTY, CoverageReason.WARRANTY_OVER, until=warranty_end)
    return _proposal(
        CoverageVerdict.IN_WARRANTY,
        CoverageReason.WITHIN_SHELF_LIFE,
        CoverageReason.WITHIN_WARRANTY,
        until=min(shelf_end, warranty_end),
    )


def _contradict(goods: Goods, on: date) -> bool:
    """Made after it was delivered, or asked about before it was there."""
    made, delivered = goods.manufactured, goods.delivered
    return bool((made and delivered and made > delivered) or (delivered and delivered > on) or (made and made > on))


def _unknown(goods: Goods, *asked: CoverageReason) -> CoverageDecision:
    """Every fact that is missing, of those that were ``asked`` for."""
    terms = goods.shelf_life_months if goods.consumable else goods.warranty_months
    missing = {
        CoverageReason.LOT_UNKNOWN: goods.lot is None,
        CoverageReason.MANUFACTURE_UNKNOWN: goods.manufactured is None,
        CoverageReason.DELIVERY_UNKNOWN: goods.delivered is None,
        CoverageReason.TERMS_UNKNOWN: terms is None,
    }
    return _proposal(CoverageVerdict.UNKNOWN, *(reason for reason in asked if missing[reason]))


def _proposal(
    verdict: CoverageVerdict, *reasons: CoverageReason, until: date | None = None, contract: str | None = None
) -> CoverageDecision:
    return CoverageDecision(verdict=verdict, reasons=reasons, proposed=verdict, until=until, contract=contract)


def months_after(day: date, months: int) -> date:
    """The same day ``months`` later, or the last of a shorter month (31 January + 1 = 28 or 29 February)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
