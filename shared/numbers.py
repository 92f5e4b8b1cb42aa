"""The numbers that people say for an id: ``SQ-20261003-7F3KQ2``."""

from datetime import datetime
from uuid import UUID

from shared.calendar import SHANGHAI

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def number(prefix: str, of: UUID, at: datetime) -> str:
    """The day in Shanghai and the last 30 bits of the id: random in a version 4 or 5 UUID, and in a version 7 the part
    that isn't time."""
    tail = "".join(_CROCKFORD[of.int >> shift & 31] for shift in range(25, -1, -5))
    return f"{prefix}-{at.astimezone(SHANGHAI):%Y%m%d}-{tail}"
