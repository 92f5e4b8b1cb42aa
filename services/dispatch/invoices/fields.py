"""From the texts of an invoice's fields to facts."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from pydantic import ValidationError

from services.dispatch.domain.invoice_facts import is_citizen_id
from shared.events.dispatch import InvoiceFacts
from shared.money import to_fen

_DATE = re.compile(r"(\d{4})\D{0,2}(\d{1,2})\D{0,2}(\d{1,2})")
"""``2026年10月09日``, ``2026-10-09 08:30:00``, ``20261009``."""


def facts_of(fields: Mapping[str, str | None]) -> InvoiceFacts | None:
    """The facts, by the names of ``InvoiceFacts``; None where number or total can't be read.

    Where no total is given, it is net and tax together. Who sold or bought as a person, by the number of their
    identity card, is left out.
    """
    number = _digits(fields.get("number"))
    net, tax, total = (_amount(fields.get(name)) for name in ("net", "tax", "total"))
    if total is None and net is not None and tax is not None:
        total = net + tax
    if not number or total is None:
        return None
    seller_tax_id, buyer_tax_id = (_text(fields.get(name), upper=True) for name in ("seller_tax_id", "buyer_tax_id"))
    sold_by_person = seller_tax_id is not None and is_citizen_id(seller_tax_id)
    bought_by_person = buyer_tax_id is not None and is_citizen_id(buyer_tax_id)
    try:
        return InvoiceFacts(
            code=_digits(fields.get("code")),
            number=number,
            check_code=_digits(fields.get("check_code")),
            issued=_day(fields.get("issued")),
            net=net,
            tax=tax,
            total=total,
            seller=None if sold_by_person else _text(fields.get("seller")),
            seller_tax_id=None if sold_by_person else seller_tax_id,
            buyer_tax_id=None if bought_by_person else buyer_tax_id,
        )
    except ValidationError:
        return None


def _digits(text: str | None) -> str | None:
    """Without the blanks by which long numbers are set in groups."""
    found = "".join((text or "").split())
    return found if found.isascii() and found.isdigit() and len(found) <= 30 else None


def _amount(text: str | None) -> Decimal | None:
    try:
        amount = Decimal((text or "").strip().lstrip("¥￥").replace(",", ""))
    except InvalidOperation:
        return None
    return to_fen(amount) if amount.is_finite() and abs(amount) < Decimal(10) ** 12 else None


def _day(text: str | None) -> date | None:
    found = _DATE.search(text or "")
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _text(text: str | None, *, upper: bool = False) -> str | None:
    found = (text or "").strip()[:200]
    return (found.upper() if upper else found) or None
