"""What is read: projections of other services' events. Each file holds a view's tables, how events change them, and
its queries."""

from services.reporting.views.board import BOARD
from services.reporting.views.months import MONTHS
from services.reporting.views.statistics import STATISTICS

VIEWS = (BOARD, MONTHS, STATISTICS)

__all__ = ["BOARD", "MONTHS", "STATISTICS", "VIEWS"]
