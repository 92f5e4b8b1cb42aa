"""What is read: projections of other services' events. Each file holds a view's tables, how events change them, and
its queries."""

from services.reporting.views.board import BOARD
from services.reporting.views.statistics import STATISTICS

VIEWS = (BOARD, STATISTICS)

__all__ = ["BOARD", "STATISTICS", "VIEWS"]
