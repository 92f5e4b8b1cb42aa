"""The web pages: what people look at, on a wall, at a desk and on a phone. No rule and no query of its own lives here.

A screen is rendered on the server, in the viewer's language, from what a view's reading gives. A small script listens
to the boards that the screen shows (``/screens/stream``) and, when one has changed, fetches the page's content again
and puts it in place. So a screen is one template, and there is one place for each word and each figure.

To add the screen of a live board: ``templates/<board>.html`` with two blocks, ``content`` (the page) and ``tile`` (what
the overview shows of it), both given ``board`` (what the board's reading gives) and ``fresh`` (``as_of``, ``stale``,
``parked``). To add another page: a route that calls ``Frame.page``. In templates: ``t("中文", "English")``,
``say(words)``, the filters ``clock``, ``day``, ``moment``, ``money``, ``ago``, and the charts of ``charts``.
"""

from collections.abc import Sequence

from services.reporting.api import permissions as may
from services.reporting.api.commitment import Commitments
from services.reporting.boards import BOARDS
from services.reporting.commands.making import Making
from services.reporting.feed import Feed
from services.reporting.live import Live
from services.reporting.live_boards import LiveBoards
from services.reporting.screens import commitment_page, months_page, pages, signing_in
from services.reporting.screens.frame import Frame, Place
from services.reporting.screens.pages import BoardScreen, Screen, TicketScreen
from shared.api import Routes
from shared.decider import Words
from shared.service import Runtime


def routes(
    runtime: Runtime, feed: Feed, live: Live, boards: LiveBoards, commitments: Commitments, making: Making
) -> Sequence[Routes]:
    """The pages, and the door to them."""
    screens: list[Screen] = [TicketScreen(runtime, feed, live), *(BoardScreen(boards, board) for board in BOARDS)]
    places = [Place(screen.name, screen.title, screen.permission) for screen in screens]
    places.append(Place("months", months_page.TITLE, may.MONTHS_READ))
    places.append(Place("commitment", Words("承诺履行", "Commitments"), may.COMMITMENT))
    frame = Frame(places, runtime.settings.company_name)
    return [
        signing_in.routes(runtime, frame),
        pages.routes(frame, screens),
        months_page.routes(runtime, frame, making),
        commitment_page.routes(frame, commitments),
    ]
