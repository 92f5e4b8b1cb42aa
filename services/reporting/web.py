"""Everything that the service answers over HTTP: the API, the pages, the door to them."""

from collections.abc import Sequence

from services.reporting import screens
from services.reporting.api import (
    board,
    boards,
    commitment,
    dashboard,
    months,
    notices,
    recipients,
    statistics,
    webhooks,
)
from services.reporting.archive import Archive
from services.reporting.boards import BOARDS
from services.reporting.commands.making import Making
from services.reporting.feed import Ends, Feed
from services.reporting.live import Live
from services.reporting.live_boards import LiveBoards
from services.reporting.sealing import Seal
from services.reporting.sending.outgoing import Outgoing
from services.reporting.views import BOARD, STATISTICS
from shared.api import Routes
from shared.service import Runtime
from shared.shelves import shelf


def routes(runtime: Runtime) -> Sequence[Routes]:
    """All routes of the service."""
    settings = runtime.settings
    archive = Archive(shelf(settings))
    making = Making(runtime.pool, runtime.nats, archive, settings.company_name, settings.report_font)
    watched = {view.name: view for view in (BOARD, *(each.view for each in BOARDS))}
    ends = Ends(runtime.nats, runtime.clock)
    feeds = {name: Feed(view, ends, runtime.pool, runtime.clock) for name, view in watched.items()}
    runtime.workers.extend(feeds.values())

    def database_url() -> str:
        return settings.database_of(runtime.service.name)

    seal, outgoing = Seal(runtime.secret), Outgoing(settings.outgoing_private)
    feed = feeds[BOARD.name]
    commitments = commitment.Commitments(runtime)
    live = Live(runtime.pool, database_url, feed, runtime.clock)
    live_boards = LiveBoards(runtime.pool, database_url, feeds, runtime.clock)
    return [
        board.routes(runtime, feed, live),
        boards.routes(live_boards),
        statistics.routes(runtime, feeds[STATISTICS.name]),
        months.routes(runtime, making),
        recipients.routes(runtime),
        dashboard.routes(runtime),
        commitment.routes(runtime, commitments),
        webhooks.routes(runtime, seal, outgoing),
        notices.routes(runtime, seal, outgoing),
        *screens.routes(runtime, feed, live, live_boards, commitments, making),
    ]
