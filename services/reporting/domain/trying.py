"""When a delivery that failed is tried again: soon at first, then ever more seldom, over some three days."""

from collections.abc import Sequence
from datetime import timedelta

PAUSES: Sequence[timedelta] = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 43200, 43200, 43200, 43200)
)
"""After the first, the second, … try that failed; behind the last pause comes the last try."""
ATTEMPTS = len(PAUSES) + 1
SPREAD = 0.2
"""Each pause is longer or shorter by up to that part, so that not all come back at once."""
LONGEST_WISH = timedelta(days=1)
"""A receiver that asks for more is not left alone longer."""


def pause_after(failures: int, chance: float, asked: timedelta = timedelta(0)) -> timedelta:
    """How long to wait after so many failures (from 1 on; beyond the list its last pause holds).

    ``chance`` lies between 0 and 1; ``asked`` is what the receiver asked for (``Retry-After``), at least that.
    """
    pause = PAUSES[min(failures, len(PAUSES)) - 1] * (1 + SPREAD * (2 * chance - 1))
    return max(pause, min(asked, LONGEST_WISH))


def given_up(attempts: int) -> bool:
    """Whether that was the last try."""
    return attempts >= ATTEMPTS
