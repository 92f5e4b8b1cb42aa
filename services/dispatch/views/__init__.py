"""Projections: their tables, how each event changes them, their queries."""

from services.dispatch.views.expenses import EXPENSES
from services.dispatch.views.parts import PARTS
from services.dispatch.views.people import PEOPLE
from services.dispatch.views.reports import REPORTS
from services.dispatch.views.stock import STOCK
from services.dispatch.views.supplier_claims import SUPPLIER_CLAIMS
from shared.view import View

VIEWS: tuple[View, ...] = (
    EXPENSES,
    PARTS,
    PEOPLE,
    REPORTS,
    STOCK,
    SUPPLIER_CLAIMS,
)
