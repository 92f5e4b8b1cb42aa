"""HTTP: request and response models, routes. No rule lives here."""

from collections.abc import Sequence

from services.dispatch.api import (
    board,
    claims,
    duty,
    engineers,
    expense_policy,
    part_requests,
    parts,
    places,
    programmes,
    proposals,
    report_forms,
    reports,
    rosters,
    staff_import,
    stock,
    supplier_claims,
    trips,
    visit_policies,
    visits,
    work_orders,
)
from shared.api import Routes
from shared.documents import Documents
from shared.service import Runtime
from shared.shelves import shelf


def routes(runtime: Runtime) -> Sequence[Routes]:
    """All routes of the service."""
    documents = Documents(shelf(runtime.settings))
    return [
        claims.routes(runtime, documents),
        expense_policy.routes(runtime),
        trips.routes(runtime),
        *parts.routes(runtime),
        part_requests.routes(runtime),
        places.routes(runtime),
        stock.routes(runtime),
        supplier_claims.routes(runtime),
        *duty.routes(runtime),
        engineers.routes(runtime),
        staff_import.routes(runtime),
        rosters.routes(runtime),
        report_forms.routes(runtime),
        reports.routes(runtime, documents),
        board.routes(runtime),
        programmes.routes(runtime),
        *proposals.routes(runtime),
        visit_policies.routes(runtime),
        visits.routes(runtime),
        work_orders.routes(runtime),
    ]
