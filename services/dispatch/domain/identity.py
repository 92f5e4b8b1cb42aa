"""Ids that come from facts, so that the same fact told twice is one stream; and the numbers that people say."""

from datetime import date, datetime
from functools import lru_cache
from uuid import UUID, uuid5

from shared.numbers import number
from shared.text import folded

NAMESPACE = UUID("9c0d6a52-2f0e-5a43-8d0c-3a7f5b1e6c84")
"""Of all ids made here; never changes."""


@lru_cache(maxsize=1_000)
def engineer_id(engineer: str) -> UUID:
    """``engineer`` is the account's code (``E04``), as tokens and events have it."""
    return uuid5(NAMESPACE, f"engineer:{engineer}")


def roster_id(engineer: str) -> UUID:
    return uuid5(NAMESPACE, f"roster:{engineer}")


def duty_day_id(engineer: str, day: date) -> UUID:
    """The calls of one engineer's day of phone duty: D10 counts by it."""
    return uuid5(NAMESPACE, f"duty:{engineer}:{day}")


DUTY_POLICY = uuid5(NAMESPACE, "duty_policy")
"""The company's one phone-duty policy, with all its versions."""


@lru_cache(maxsize=1_000)
def schedule_id(engineer: str, day: date) -> UUID:
    """The bookings of one engineer on one day in Shanghai: what may not overlap is one stream."""
    return uuid5(NAMESPACE, f"schedule:{engineer}:{day}")


def part_id(code: str) -> UUID:
    """A spare part or an article of goods, by its code."""
    return uuid5(NAMESPACE, f"part:{folded(code)}")


def stock_id(location: str, part: UUID) -> UUID:
    """What lies of one part in one place: what may not be promised twice is one stream."""
    return uuid5(NAMESPACE, f"stock:{location}:{part}")


def supplier_claim_id(request: UUID, found: int | UUID) -> UUID:
    """The claim for what was found bad of a request (3.7): one for each refusal by the inspection, by its number, and
    for each time that something defective came back."""
    return uuid5(NAMESPACE, f"supplier_claim:{request}:{found}")


PARTS_POLICY = uuid5(NAMESPACE, "parts_policy")
"""How long things may take with parts: one stream."""


def draft_id(ticket: UUID, number: int = 0) -> UUID:
    """The work order that a triaged ticket is given as a draft; ``number`` counts the drafts of one ticket."""
    return uuid5(NAMESPACE, f"draft:{ticket}:{number}")


def work_order_number(work_order: UUID, at: datetime) -> str:
    """``PG-20261003-7F3KQ2``."""
    return number("PG", work_order, at)


def part_request_number(request: UUID, at: datetime) -> str:
    """``PJ-20261003-7F3KQ2``."""
    return number("PJ", request, at)


def supplier_claim_number(claim: UUID, at: datetime) -> str:
    """``SP-20261003-7F3KQ2``."""
    return number("SP", claim, at)


def report_id(work_order: UUID) -> UUID:
    """A work order has one service report, in as many versions as it takes."""
    return uuid5(NAMESPACE, f"report:{work_order}")


def report_form_id(purpose: str) -> UUID:
    """The editions of a purpose's form are one stream."""
    return uuid5(NAMESPACE, f"report_form:{purpose}")


def signer_id(report: UUID, version: int, signature: str) -> UUID:
    """Whose signature it is, made of facts of the report and of nothing that is the person's."""
    return uuid5(NAMESPACE, f"signer:{report}:{version}:{signature}")


def report_number(report: UUID, at: datetime) -> str:
    """``FW-20261008-7F3KQ2``."""
    return number("FW", report, at)


def trip_number(trip: UUID, at: datetime) -> str:
    """``CC-20261003-7F3KQ2``."""
    return number("CC", trip, at)


def claim_number(claim: UUID, at: datetime) -> str:
    """``BX-20261003-7F3KQ2``."""
    return number("BX", claim, at)


def invoice_id(code: str | None, invoice: str) -> UUID:
    """One for each invoice of the country (D17): what is used once in the company is one stream."""
    return uuid5(NAMESPACE, f"invoice:{code or ''}:{invoice}")


def fraud_record_id(engineer: str) -> UUID:
    return uuid5(NAMESPACE, f"fraud record:{engineer}")


def spending_id(engineer: str) -> UUID:
    """What an engineer's claims use of the days' caps: one stream, so two claims that want the same day meet."""
    return uuid5(NAMESPACE, f"spending:{engineer}")


EXPENSE_POLICY = uuid5(NAMESPACE, "expense policy")
"""The company has one, in versions."""


def routine_work_order_id(programme: UUID, occurrence: date, customer: UUID) -> UUID:
    """2.3: one work order for each occurrence of a visit programme and each customer whom it is for."""
    return uuid5(NAMESPACE, f"programme:{programme}:{occurrence}:{customer}")


def programme_number(programme: UUID, at: datetime) -> str:
    """``ZF-20261003-7F3KQ2``."""
    return number("ZF", programme, at)


def visit_number(visit: UUID, at: datetime) -> str:
    """``SM-20261003-7F3KQ2``."""
    return number("SM", visit, at)


VISIT_POLICY = uuid5(NAMESPACE, "visit_policy")
"""The company has one; its versions are in one stream."""


PROPOSAL_POLICY = uuid5(NAMESPACE, "proposal policy")
"""The company has one, in versions."""
