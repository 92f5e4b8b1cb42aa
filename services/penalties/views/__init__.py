"""Projections: their tables, how each event changes them, their queries."""

from services.penalties.views.subjects import SUBJECTS
from shared.view import View

VIEWS: tuple[View, ...] = (SUBJECTS,)
