"""What others may read by SQL, in the schema ``dashboard``: for Grafana, Metabase and the like (ADR 16).

Columns are only ever added, at a view's end: dashboards that we don't know of rest on them. A test holds them against
``docs/dashboard.md``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.reporting.views.published.boards import COMMITMENTS, EXPENSES, PARTS, PENALTIES, VISITS
from services.reporting.views.published.freshness import FRESHNESS
from services.reporting.views.published.months import REPORT_STATUS
from services.reporting.views.published.statistics import MONTH_FIGURES, SATISFACTION
from services.reporting.views.published.tickets import DAYS, TICKETS
from shared.projection import View
from shared.published import Published

_OF: Mapping[str, tuple[Published, ...]] = {
    "board": (TICKETS, DAYS),
    "statistics": (MONTH_FIGURES, SATISFACTION),
    "months": (REPORT_STATUS,),
    "visits": (VISITS,),
    "expenses": (EXPENSES,),
    "parts": (PARTS,),
    "penalty_stages": (PENALTIES,),
    "commitments": (COMMITMENTS,),
}
"""By the projection that they are made of."""

PUBLISHED: Mapping[str, Published] = {
    each.name: each for each in sorted((FRESHNESS, *(p for of in _OF.values() for p in of)), key=lambda p: p.name)
}
"""All of them, by name."""


def with_published(views: Sequence[View]) -> tuple[View, ...]:
    """The projections, each with what is published of it."""
    return tuple(replace(view, published=_OF.get(view.name, ())) for view in views)


__all__ = ["PUBLISHED", "with_published"]
