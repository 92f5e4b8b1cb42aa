"""Every event of dispatch in a plain sentence, a file for each subject."""

from collections.abc import Callable

from services.dispatch.wording.expenses import expense_in_words
from services.dispatch.wording.parts import part_in_words
from services.dispatch.wording.people import people_in_words
from services.dispatch.wording.programme import programme_in_words
from services.dispatch.wording.report import report_in_words
from services.dispatch.wording.stock import stock_in_words
from services.dispatch.wording.supplier_claims import supplier_claim_in_words
from services.dispatch.wording.trips import trip_in_words
from services.dispatch.wording.visits import visit_in_words
from services.dispatch.wording.work_orders import work_order_in_words
from shared.decider import Words
from shared.events.base import Event

_SUBJECTS: tuple[Callable[[Event], Words | None], ...] = (
    expense_in_words,
    part_in_words,
    people_in_words,
    programme_in_words,
    report_in_words,
    stock_in_words,
    supplier_claim_in_words,
    trip_in_words,
    visit_in_words,
    work_order_in_words,
)
"""Each tells its own subject's events, and None of another's."""


def in_words(event: Event) -> Words:
    """What happened, in one sentence of each language. Raises TypeError for another service's event."""
    for tell in _SUBJECTS:
        if (words := tell(event)) is not None:
            return words
    raise TypeError(f"{event.TOPIC} is no event of dispatch")
