"""Ids that come from facts, so that the same fact told twice is one stream; and the numbers that people say.

A name is the same name in full and half width: ``幼儿园（西区）`` is ``幼儿园(西区)``.
"""

from datetime import datetime
from functools import lru_cache
from uuid import UUID, uuid5

from shared.numbers import number
from shared.text import folded

NAMESPACE = UUID("3b1f3f0e-6a50-5d0c-9a57-5a1e1c3f7a11")
"""Of all ids made here; never changes."""


def case_file_id(ticket: UUID) -> UUID:
    """A ticket has one case file, whether it was reopened or not."""
    return uuid5(NAMESPACE, f"case_file:{ticket}")


def survey_id(ticket: UUID, reopening: int = 0) -> UUID:
    """Each time a ticket was reopened, the customer is asked anew."""
    return uuid5(NAMESPACE, _again(f"survey:{ticket}", reopening))


def quote_id(ticket: UUID, reopening: int = 0) -> UUID:
    """Each time a ticket was reopened, it may have a quote of its own; its revisions are in one stream."""
    return uuid5(NAMESPACE, _again(f"quote:{ticket}", reopening))


def survey_complaint_id(survey: UUID) -> UUID:
    """The one complaint that a low score lodges (D18)."""
    return uuid5(NAMESPACE, f"complaint:{survey}")


@lru_cache(maxsize=10_000)
def customer_id(key: str) -> UUID:
    """``key`` is the customer's code, or its name where it has none."""
    return uuid5(NAMESPACE, f"customer:{folded(key)}")


def site_id(customer: UUID, name: str) -> UUID:
    return uuid5(NAMESPACE, f"site:{customer}:{folded(name)}")


@lru_cache(maxsize=10_000)
def product_id(key: str) -> UUID:
    """``key`` is the product's code, or its name where it has none."""
    return uuid5(NAMESPACE, f"product:{folded(key)}")


def lot_id(product: UUID, lot: str) -> UUID:
    return uuid5(NAMESPACE, f"lot:{product}:{folded(lot)}")


def unit_id(customer: UUID, product: UUID, mark: str) -> UUID:
    """``mark`` is the serial number, or for consumables what tells one delivery from another."""
    return uuid5(NAMESPACE, f"unit:{customer}:{product}:{folded(mark)}")


def ticket_number(ticket: UUID, received_at: datetime) -> str:
    """``SQ-20261003-7F3KQ2``: the day of receipt in Shanghai and 30 bits of the id."""
    return number("SQ", ticket, received_at)


def complaint_number(complaint: UUID, at: datetime) -> str:
    """``TS-20261003-7F3KQ2``, as a ticket's number."""
    return number("TS", complaint, at)


def _again(key: str, reopening: int) -> str:
    return f"{key}:{reopening}" if reopening else key
