"""How far into the logs a month's report looks: what makes it provable."""

from collections.abc import Mapping
from dataclasses import dataclass

Cut = Mapping[str, int]
"""How far into the log of each source: ``{"dispatch": 812, "tickets": 4711}``; that position counts."""

SOURCES = ("dispatch", "tickets")
LIVE: Cut = dict.fromkeys(SOURCES, 2**62)
"""All that is there."""


@dataclass(frozen=True, slots=True)
class Cuts:
    """All that a month's figures follow from, besides the month itself."""

    at: Cut
    since: Cut | None = None
    """Where the report of the month before was cut off: what lies behind it and tells of an earlier month is an
    adjustment. None: there is no earlier report, so nothing to adjust."""
    last_year: Cut | None = None
    """Where the report of the same month last year was cut off; None: there is none, its figures are as of ``at``."""

    @property
    def previous(self) -> Cut:
        """At what the month before is shown: as it was reported, where it was."""
        return self.since or self.at
