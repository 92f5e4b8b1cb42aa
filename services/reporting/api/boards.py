"""The live boards beside the ticket board."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

from fastapi import Header
from starlette.responses import Response

from services.reporting.boards import BOARDS, LiveBoard
from services.reporting.live import Stream
from services.reporting.live_boards import LiveBoards, answer_model
from services.reporting.views.board_reading import NotBuilt
from shared.api import Call, Routes
from shared.decider import Words
from shared.problems import NOT_READY, Problem

_BUILDING = Words("看板正在首次建立，请稍后再试。", "The board is being built for the first time; try again shortly.")
_STREAM = (
    "事件 board 为整个看板，有变化即发；以 Last-Event-ID 续传，未变则不重发 · event board: the whole board, whenever "
    "it has changed; with Last-Event-ID it isn't repeated where it is the same"
)
T = TypeVar("T")
_LAST_ID = "最后收到的 id · the last id that was received"


def routes(boards: LiveBoards) -> Routes:
    found = Routes("实时看板", "Live boards", prefix="/boards")
    for board in BOARDS:
        _add(found, boards, board)
    return found


def _add(found: Routes, boards: LiveBoards, board: LiveBoard) -> None:
    title = f"{board.title.zh} · {board.title.en}"

    @found.get(f"/{board.name}", permission=board.permission, response_model=answer_model(board), summary=title)
    async def show(call: Call) -> Response:
        return call.answer(await _built(boards.read, board))

    show.__doc__ = f"{board.about.zh} · {board.about.en}"

    @found.get(
        f"/{board.name}/stream",
        permission=board.permission,
        quiet=True,
        status_code=200,
        response_class=Stream,
        summary=f"{title} (SSE)",
        responses={200: {"description": _STREAM, "content": {"text/event-stream": {}}}},
    )
    async def stream(
        call: Call, last_event_id: Annotated[str | None, Header(max_length=500, description=_LAST_ID)] = None
    ) -> Response:
        async def watch(board: LiveBoard) -> Response:
            return Stream(await boards.watch(board.name, last_event_id))

        return await _built(watch, board)

    stream.__doc__ = _STREAM


async def _built(ask: Callable[[LiveBoard], Awaitable[T]], board: LiveBoard) -> T:
    """Raises Problem (503) where the board isn't there yet."""
    try:
        return await ask(board)
    except NotBuilt as error:
        raise Problem(NOT_READY, _BUILDING, headers={"Retry-After": "2"}) from error
