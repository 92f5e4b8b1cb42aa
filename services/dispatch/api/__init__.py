"""HTTP: request and response models, routes. No rule lives here."""

from collections.abc import Sequence

from services.dispatch.api import (
    duty,
    engineers,
    part_requests,
    parts,
    rosters,
    stock,
    supplier_claims,
)
from shared.api import Routes
from shared.service import Runtime


def routes(runtime: Runtime) -> Sequence[Routes]:
    """All routes of the service."""
    return [
        *parts.routes(runtime),
        part_requests.routes(runtime),
        stock.routes(runtime),
        supplier_claims.routes(runtime),
        *duty.routes(runtime),
        engineers.routes(runtime),
        rosters.routes(runtime),
    ]
