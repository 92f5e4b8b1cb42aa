"""Projections: their tables, how each event changes them, their queries."""

from services.dispatch.views.board import BOARD
from services.dispatch.views.clientele import CLIENTELE
from services.dispatch.views.expenses import EXPENSES
from services.dispatch.views.parts import PARTS
from services.dispatch.views.people import PEOPLE
from services.dispatch.views.programmes import PROGRAMMES
from services.dispatch.views.reports import REPORTS
from services.dispatch.views.stock import STOCK
from services.dispatch.views.supplier_claims import SUPPLIER_CLAIMS
from shared.view import View

VIEWS: tuple[View, ...] = (
    BOARD,
    CLIENTELE,
    EXPENSES,
    PARTS,
    PEOPLE,
    PROGRAMMES,
    REPORTS,
    STOCK,
    SUPPLIER_CLAIMS,
)
