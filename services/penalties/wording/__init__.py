"""Every event of penalties in a plain sentence, a file for each subject."""

from collections.abc import Callable

from services.penalties.wording.chain import chain_in_words
from services.penalties.wording.facts import fact_in_words
from services.penalties.wording.measures import measure_in_words
from services.penalties.wording.payroll import payroll_in_words
from services.penalties.wording.penalties import penalty_in_words
from services.penalties.wording.policy import policy_in_words
from shared.decider import Words
from shared.events.base import Event

_SUBJECTS: tuple[Callable[[Event], Words | None], ...] = (
    chain_in_words,
    fact_in_words,
    measure_in_words,
    payroll_in_words,
    penalty_in_words,
    policy_in_words,
)
"""Each tells its own subject's events, and None of another's."""


def in_words(event: Event) -> Words:
    """What happened, in one sentence of each language. Raises TypeError for another service's event."""
    for tell in _SUBJECTS:
        if (words := tell(event)) is not None:
            return words
    raise TypeError(f"{event.TOPIC} is no event of penalties")
