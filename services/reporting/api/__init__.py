"""HTTP: request and response models, routes. No rule lives here."""

from collections.abc import Sequence

from services.reporting.api import board, statistics
from shared.api import Routes
from shared.service import Runtime


def routes(runtime: Runtime) -> Sequence[Routes]:
    """All routes of the service."""
    return [board.routes(runtime), statistics.routes(runtime)]
