"""Which tickets may be one request told twice. A hint for a person, who merges them or not."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

WINDOW = timedelta(hours=72)
"""How far apart two calls about one matter may be."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """By what a request is recognised. ``phone`` is a digest of the number, never the number."""

    ticket: UUID
    received_at: datetime
    phone: str | None = None
    person: UUID | None = None
    customer: UUID | None = None
    product: UUID | None = None
    product_name: str | None = None


def looks_like_duplicate(one: Likeness, other: Likeness, window: timedelta = WINDOW) -> bool:
    """The same caller, or the same customer about the same product, within ``window`` (inclusive).

    The same caller about two products that are both known and different has two requests.
    """
    if one.ticket == other.ticket or abs(one.received_at - other.received_at) > window:
        return False
    caller = _same(one.phone, other.phone) or _same(one.person, other.person)
    if caller:
        return not _different_products(one, other)
    return _same(one.customer, other.customer) and _same_product(one, other)


def _same(one: object | None, other: object | None) -> bool:
    return one is not None and one == other


def _same_product(one: Likeness, other: Likeness) -> bool:
    return _same(one.product, other.product) or _same(one.product_name, other.product_name)


def _different_products(one: Likeness, other: Likeness) -> bool:
    known = (one.product or one.product_name) and (other.product or other.product_name)
    return bool(known) and not _same_product(one, other)
