"""Projections: their tables, how each event changes them, their queries."""

from services.penalties.views.facts import FACTS
from services.penalties.views.inbox import INBOX
from services.penalties.views.ledger import LEDGER
from services.penalties.views.measures import MEASURES
from services.penalties.views.statistics import STATISTICS
from services.penalties.views.subjects import SUBJECTS
from shared.view import View

VIEWS: tuple[View, ...] = (
    FACTS,
    INBOX,
    LEDGER,
    MEASURES,
    STATISTICS,
    SUBJECTS,
)
