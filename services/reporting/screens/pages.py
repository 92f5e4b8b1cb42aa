"""The pages: the overview, the ticket board, what they listen to, and how they look."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import Query
from markupsafe import Markup
from pydantic import Field
from starlette.responses import RedirectResponse, Response

from services.reporting.api import permissions as may
from services.reporting.api.fresh import fresh
from services.reporting.boards import LiveBoard
from services.reporting.domain import names
from services.reporting.domain.names import CHANNEL, TICKET_STATUS
from services.reporting.feed import Feed
from services.reporting.live import Live, Stream
from services.reporting.live_boards import LiveBoards
from services.reporting.screens import words
from services.reporting.screens.city_map import city_map
from services.reporting.screens.frame import HEADERS, LANGUAGE_COOKIE, THEME_COOKIE, Frame, language_of, static
from services.reporting.screens.news import Watch, news
from services.reporting.views import board_reading as reading
from services.reporting.views.board_reading import Filters
from services.reporting.views.visits_reading import CityVisits, VisitsBoard
from shared.api import Call, Routes
from shared.auth import public
from shared.clock import SHANGHAI
from shared.decider import Words
from shared.language import Language, say
from shared.problems import FORBIDDEN, INVALID, NOT_FOUND, NOT_READY, Finding, Problem
from shared.service import Runtime

SHOWN = 200
"""So many tickets stand on the page; it says how many more there are, and shows all where asked."""
TILE_DAYS, PAGE_DAYS = 7, 30
A_YEAR = 365 * 24 * 3600

_ASSETS = public("style sheet and script hold no data")
_LOOKS = public("language and colours are kept in the viewer's own browser")
_BACK = re.compile(r"[a-z0-9/_-]{0,100}")


class TicketsQuery(Filters):
    """Which tickets, and whether all of them."""

    all: bool = Field(False, description="全部列出 · the whole list")


class TicketScreen:
    """The ticket board's page and tile."""

    name = "tickets"
    title = Words("服务请求", "Tickets")
    permission = may.WATCH
    template = "tickets.html"

    def __init__(self, runtime: Runtime, feed: Feed, live: Live) -> None:
        self._runtime = runtime
        self._feed = feed
        self._live = live

    async def watch(self) -> Any:
        """See ``Watch``."""
        return await self._live.watch(Filters(), None)

    async def tile(self, language: Language) -> Mapping[str, Any]:
        """What its tile shows."""
        return await self.page(TicketsQuery(), days=TILE_DAYS, limit=5)

    async def page(self, query: TicketsQuery, days: int = PAGE_DAYS, limit: int | None = SHOWN) -> Mapping[str, Any]:
        """What its page shows. Raises ``NotBuilt``."""
        now = self._runtime.clock.now()
        today = now.astimezone(SHANGHAI).date()
        async with reading.one_moment(self._runtime.pool) as connection:
            return {
                "board": await reading.board_of(connection, query, now),
                "tickets": await reading.open_tickets(connection, query, now, limit=None if query.all else limit),
                "days": await reading.days_between(connection, today - timedelta(days=days - 1), today),
                "fresh": fresh(self._feed, now),
                "query": query,
                "channels": CHANNEL,
                "statuses": TICKET_STATUS,
            }


class BoardScreen:
    """Page and tile of one of the small boards."""

    def __init__(self, boards: LiveBoards, board: LiveBoard) -> None:
        self._boards = boards
        self._board = board
        self.name = board.name
        self.title = board.title
        self.permission = board.permission
        self.template = f"{board.name}.html"

    async def watch(self) -> Any:
        """See ``Watch``."""
        return await self._boards.watch(self.name, None)

    async def tile(self, language: Language) -> Mapping[str, Any]:
        """What page and tile show. Raises ``NotBuilt``."""
        found = await self._boards.read(self._board)
        shown = {"board": found.board, "fresh": found, "about": self._board.about, "names": names, "words": words}
        return shown | ({"map": _map_of(found.board, language)} if self.name == "visits" else {})


Screen = TicketScreen | BoardScreen


def _map_of(board: VisitsBoard, language: Language) -> Markup:
    label = say(Words("今日上门的城市", "The cities of today's visits"), language)

    def of(city: CityVisits) -> str:
        return f"{city.name}: {city.visits} · {say(words.ALERT[city.worst], language)}"

    return city_map(board.cities, label, of)


def routes(frame: Frame, screens: Sequence[Screen]) -> Routes:
    """The pages below ``/screens``."""
    pages = Routes("页面", "Screens", prefix="/screens", turned_away=frame.turned_away)
    by_name = {screen.name: screen for screen in screens}
    (tickets,) = (screen for screen in screens if isinstance(screen, TicketScreen))

    @pages.get("/", permission=may.SCREENS, include_in_schema=False)
    async def overview(call: Call) -> Response:
        """各看板要点 · the key figures of all boards that the viewer may see."""
        seen = [screen for screen in screens if screen.permission.allows(call.principal, reading=True)]
        tiles = [(screen, await _tile(call, frame, screen)) for screen in seen]
        return frame.page(call, "overview.html", at="", boards=[screen.name for screen in seen], tiles=tiles)

    @pages.get("/tickets", permission=may.WATCH, include_in_schema=False)
    async def show_tickets(call: Call, query: Annotated[TicketsQuery, Query()]) -> Response:
        """未结服务请求与 24 小时时钟 · open tickets with their 24-hour clocks (3.4a)."""
        try:
            shown = await tickets.page(query)
        except reading.NotBuilt:
            return frame.page(call, "building.html", at="tickets", boards=["tickets"], title=tickets.title)
        return frame.page(call, tickets.template, at="tickets", boards=["tickets"], **shown)

    @pages.get("/stream", permission=may.SCREENS, quiet=True, response_class=Stream, include_in_schema=False)
    async def listen(call: Call, boards: Annotated[str, Query(max_length=200)]) -> Response:
        """有变化的看板名 · the names of boards that have changed (SSE)."""
        asked = boards.split(",")
        if unknown := [name for name in asked if name not in by_name]:
            raise Problem(INVALID, findings=[Finding(_unknown(unknown), ("boards",), "query")])
        found = [by_name[name] for name in dict.fromkeys(asked)]
        if not all(screen.permission.allows(call.principal, reading=True) for screen in found):
            raise Problem(FORBIDDEN)
        watched: dict[str, Watch] = {screen.name: screen.watch for screen in found}
        try:
            return Stream(await news(watched))
        except reading.NotBuilt as error:
            raise Problem(NOT_READY, headers={"Retry-After": "2"}) from error

    @pages.get("/look", permission=_LOOKS, quiet=True, include_in_schema=False)
    async def look(
        call: Call,
        back: Annotated[str, Query(max_length=100)] = "",
        language: Annotated[Literal["zh", "en"] | None, Query()] = None,
        theme: Annotated[Literal["auto", "light", "dark"] | None, Query()] = None,
    ) -> Response:
        """语言与配色 · language and colours; ``back`` is the path below ``/screens/`` to return to."""
        if not _BACK.fullmatch(back):
            raise Problem(INVALID, findings=[Finding(_NO_PATH, ("back",), "query")])
        answer = RedirectResponse(f"{call.scope.get('root_path', '')}/screens/{back.lstrip('/')}", 303, HEADERS)
        for name, value in ((LANGUAGE_COOKIE, language), (THEME_COOKIE, theme)):
            if value is not None:
                answer.set_cookie(name, value, max_age=A_YEAR, samesite="lax", httponly=True)
        return answer

    @pages.get("/static/{name}", permission=_ASSETS, quiet=True, include_in_schema=False)
    async def asset(name: str, v: Annotated[str, Query(max_length=20)] = "") -> Response:
        """样式与脚本 · style sheet and script; ``v`` changes with their content."""
        found = static(name)
        if found is None:
            raise Problem(NOT_FOUND)
        return found

    for screen in screens:
        if isinstance(screen, BoardScreen):
            _add(pages, frame, screen)
    return pages


def _add(pages: Routes, frame: Frame, screen: BoardScreen) -> None:
    @pages.get(f"/{screen.name}", permission=screen.permission, include_in_schema=False)
    async def show(call: Call) -> Response:
        try:
            shown = await screen.tile(language_of(call))
        except reading.NotBuilt:
            return frame.page(call, "building.html", at=screen.name, boards=[screen.name], title=screen.title)
        return frame.page(call, screen.template, at=screen.name, boards=[screen.name], title=screen.title, **shown)


async def _tile(call: Call, frame: Frame, screen: Screen) -> Markup:
    try:
        return frame.part(call, screen.template, "tile", **await screen.tile(language_of(call)))
    except reading.NotBuilt:
        return frame.part(call, "building.html", "tile")


def _unknown(names: Sequence[str]) -> Words:
    return Words(f"没有此看板:{'、'.join(names)}。", f"No such board: {', '.join(names)}.")


_NO_PATH = Words("须为页面的路径。", "It has to be the path of a page.")
