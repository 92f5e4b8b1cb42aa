"""What is read: projections of other services' events. Each file holds a view's tables, how events change them, and
its queries."""

from services.reporting.views.board import BOARD
from services.reporting.views.commitments import COMMITMENTS
from services.reporting.views.duty import DUTY
from services.reporting.views.expenses import EXPENSES
from services.reporting.views.months import MONTHS
from services.reporting.views.parts import PARTS
from services.reporting.views.penalty_stages import PENALTY_STAGES
from services.reporting.views.statistics import STATISTICS
from services.reporting.views.visits import VISITS

VIEWS = (BOARD, COMMITMENTS, DUTY, EXPENSES, MONTHS, PARTS, PENALTY_STAGES, STATISTICS, VISITS)

__all__ = [
    "BOARD",
    "COMMITMENTS",
    "DUTY",
    "EXPENSES",
    "MONTHS",
    "PARTS",
    "PENALTY_STAGES",
    "STATISTICS",
    "VIEWS",
    "VISITS",
]
