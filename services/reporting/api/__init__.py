"""HTTP: request and response models, routes. No rule lives here."""

from collections.abc import Sequence

from services.reporting import screens
from services.reporting.api import board, dashboard, months, recipients, statistics
from services.reporting.archive import Archive
from services.reporting.commands.making import Making
from services.reporting.feed import Feed
from services.reporting.live import Live
from services.reporting.views import BOARD
from shared.api import Routes
from shared.service import Runtime
from shared.shelves import shelf


def routes(runtime: Runtime) -> Sequence[Routes]:
    """All routes of the service."""
    settings = runtime.settings
    archive = Archive(shelf(settings))
    making = Making(runtime.pool, runtime.nats, archive, settings.company_name, settings.report_font)
    feed = Feed(BOARD, runtime.nats, runtime.pool, runtime.clock)
    runtime.workers.append(feed)
    live = Live(runtime.pool, lambda: settings.database_of(runtime.service.name), feed, runtime.clock)
    return [
        board.routes(runtime, feed, live),
        statistics.routes(runtime),
        months.routes(runtime, making),
        recipients.routes(runtime),
        dashboard.routes(runtime),
        *screens.routes(runtime, feed, live),
    ]
