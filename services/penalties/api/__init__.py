"""HTTP: request and response models, routes. No rule lives here."""

from collections.abc import Sequence

from services.penalties.api import (
    chain,
    evidence,
    facts,
    ledger,
    measures,
    own_page,
    payroll,
    penalties,
    policy,
    statistics,
    wages,
    what_if,
)
from shared.api import Routes
from shared.documents import Documents
from shared.service import Runtime
from shared.shelves import shelf


def routes(runtime: Runtime) -> Sequence[Routes]:
    """All routes of the service."""
    documents = Documents(shelf(runtime.settings))
    return [
        chain.routes(runtime),
        evidence.routes(runtime),
        facts.routes(runtime),
        ledger.routes(runtime),
        measures.routes(runtime),
        own_page.routes(runtime),
        payroll.routes(runtime),
        penalties.routes(runtime, documents),
        policy.routes(runtime, documents),
        statistics.routes(runtime),
        wages.routes(runtime),
        what_if.routes(runtime),
    ]
