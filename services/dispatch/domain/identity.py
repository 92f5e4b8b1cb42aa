"""Ids that come from facts, so that the same fact told twice is one stream; and the numbers that people say."""

from datetime import date, datetime
from uuid import UUID, uuid5

from shared.numbers import number

NAMESPACE = UUID("9c0d6a52-2f0e-5a43-8d0c-3a7f5b1e6c84")
"""Of all ids made here; never changes."""


def engineer_id(engineer: str) -> UUID:
    """``engineer`` is the account's code (``E04``), as tokens and events have it."""
    return uuid5(NAMESPACE, f"engineer:{engineer}")


def roster_id(engineer: str) -> UUID:
    return uuid5(NAMESPACE, f"roster:{engineer}")


def schedule_id(engineer: str, day: date) -> UUID:
    """The bookings of one engineer on one day in Shanghai: what may not overlap is one stream."""
    return uuid5(NAMESPACE, f"schedule:{engineer}:{day}")


def draft_id(ticket: UUID, reopening: int = 0) -> UUID:
    """The work order that a triaged ticket is given as a draft; one for each time it was (re)opened."""
    return uuid5(NAMESPACE, f"draft:{ticket}:{reopening}")


def work_order_number(work_order: UUID, at: datetime) -> str:
    """``PG-20261003-7F3KQ2``."""
    return number("PG", work_order, at)
