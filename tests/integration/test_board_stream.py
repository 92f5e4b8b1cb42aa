"""The live stream of the ticket board, over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.reporting import live
from services.reporting.feed import Feed, Freshness
from services.reporting.views import BOARD
from services.tickets.domain import ticket_commands as wish
from shared.auth import Role
from shared.inbox import Inbox
from shared.parked import park
from shared.view import make_schema
from tests.boards import KeptBoard, kept_board, serving
from tests.sse import watching
from tests.ticket_histories import T0, an_id, call, opening
from tests.toys import until

STREAM = "/board/stream"
ONE, TWO, THREE = an_id("one"), an_id("two"), an_id("three")


@pytest.fixture
async def board(database_url: str) -> AsyncIterator[KeptBoard]:
    async with kept_board(database_url) as kept:
        yield kept


@pytest.fixture
async def client(board: KeptBoard) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(board) as clients:
        yield await clients(Role.RECEPTION)


async def _listeners(board: KeptBoard) -> int:
    async with board.pool.connection() as connection:
        rows = await connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s AND datname = current_database()",
            (live.LISTENER,),
        )
        found = await rows.fetchone()
    return int(found[0]) if found else 0


async def opens(board: KeptBoard, *tickets: UUID, **facts: Any) -> None:
    for ticket in tickets:
        board.desk.wants(ticket, opening(ticket, T0, T0, **facts))
    await board.catch_up()


async def answers(board: KeptBoard, ticket: UUID) -> None:
    board.desk.wants(ticket, wish.AnswerTicket(at=T0, by="li", proof=call(len(board.desk.log))))
    await board.catch_up()


async def cancels(board: KeptBoard, ticket: UUID) -> None:
    board.desk.wants(ticket, wish.CancelTicket(at=T0, by="li", reason="打错了"))
    await board.catch_up()


async def test_first_the_whole_board_then_each_change_with_the_figures(
    board: KeptBoard, client: httpx.AsyncClient
) -> None:
    await opens(board, ONE)
    async with watching(client, STREAM) as events:
        snapshot = await events.next()
        assert (snapshot.event, bool(snapshot.id), events.retry) == ("snapshot", True, live.RETRY_MILLISECONDS)
        assert [ticket["ticket"] for ticket in snapshot.data["tickets"]] == [str(ONE)]
        assert snapshot.data["board"]["open"] == 1
        assert [day["day"] for day in snapshot.data["days"]] == [f"2026-10-{27 + n}" for n in range(5)] + [
            "2026-11-01",
            "2026-11-02",
        ]

        await opens(board, TWO)
        ticket, counts = await events.next(), await events.next()
        assert (ticket.event, ticket.data["ticket"], ticket.data["answer"]) == ("ticket", str(TWO), "overdue")
        assert (counts.event, counts.data["board"]["open"], bool(counts.id)) == ("counts", 2, True)
        assert [(day["day"], day["opened"]) for day in counts.data["days"]] == [("2026-10-03", 2)]

        await cancels(board, ONE)
        ticket, counts = await events.until("counts")
        assert ticket.data == {
            "ticket": str(ONE),
            "number": snapshot.data["tickets"][0]["number"],
            "status": "CANCELLED",
            "removed": True,
        }
        assert (counts.data["board"]["open"], counts.data["days"]) == (1, [])


async def test_it_goes_on_behind_the_last_id_and_tells_nothing_twice(
    board: KeptBoard, client: httpx.AsyncClient
) -> None:
    await opens(board, ONE, TWO)
    async with watching(client, STREAM) as events:
        await events.next()
    await cancels(board, ONE)
    await opens(board, THREE)

    async with watching(client, STREAM, events.last_event_id) as again:
        gone, new, counts = await again.until("counts")
        assert (gone.data["ticket"], gone.data["removed"]) == (str(ONE), True)
        assert (new.data["ticket"], new.data["status"]) == (str(THREE), "OPEN")
        assert [(day["day"], day["opened"]) for day in counts.data["days"]] == [("2026-10-03", 3)]

    async with watching(client, STREAM, again.last_event_id) as nothing_new:
        only = await nothing_new.next()
        assert (only.event, only.data["days"], only.data["board"]["open"]) == ("counts", [], 2)


async def test_an_id_of_other_filters_or_another_board_or_none_of_ours_gets_the_whole_board(
    board: KeptBoard, client: httpx.AsyncClient
) -> None:
    await opens(board, ONE)
    async with watching(client, STREAM) as events:
        await events.next()
    epoch, digest, positions = events.last_event_id.split("-")
    ahead = ".".join(str(int(position) + 1) for position in positions.split("."))

    for strange in ("7", "a-b-c", f"1.0-{digest}-{positions}", f"{epoch}-{digest}-{ahead}", f"{epoch}-{digest}-1.2.3"):
        async with watching(client, STREAM, strange) as other:
            assert (await other.next()).event == "snapshot", strange
    async with watching(client, STREAM, events.last_event_id, channel="email") as other:
        assert (await other.next()).data["tickets"] == []


async def test_who_missed_very_much_gets_the_whole_board(
    board: KeptBoard, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watching(client, STREAM) as events:
        await events.next()
    await opens(board, ONE, TWO, THREE)
    monkeypatch.setattr(live, "RESUME_TICKETS", 2)

    async with watching(client, STREAM, events.last_event_id) as again:
        assert len((await again.next()).data["tickets"]) == 3


async def test_a_filtered_watcher_hears_of_its_own_and_of_those_that_are_no_longer_its_own(
    board: KeptBoard, client: httpx.AsyncClient
) -> None:
    await opens(board, ONE, channel="email")
    async with watching(client, STREAM, channel="email", overdue=True) as events:
        assert len((await events.next()).data["tickets"]) == 1

        await opens(board, TWO, channel="phone")
        other, counts = await events.until("counts")
        assert (other.data["ticket"], other.data["removed"]) == (str(TWO), True)
        assert counts.data["board"]["open"] == 1

        await answers(board, ONE)
        answered, counts = await events.until("counts")
        assert (answered.data["ticket"], answered.data["removed"]) == (str(ONE), True)
        assert counts.data["board"]["open"] == 0


async def test_a_heartbeat_when_nothing_happens(
    board: KeptBoard, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert live.HEARTBEAT_SECONDS == 15
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.05)
    async with watching(client, STREAM) as events:
        await events.next()
        assert [await events.comment(), await events.comment()] == ["heartbeat", "heartbeat"]


async def test_however_many_watch_one_connection_listens_and_none_when_nobody_does(
    board: KeptBoard, client: httpx.AsyncClient
) -> None:
    async with AsyncExitStack() as stack:
        all_of_them = [await stack.enter_async_context(watching(client, STREAM)) for _ in range(30)]
        for events in all_of_them:
            await events.next()
        assert await _listeners(board) == 1

        await opens(board, ONE)
        for events in all_of_them:
            assert (await events.next()).data["ticket"] == str(ONE)

    async def none_listens() -> bool:
        return not await _listeners(board)

    await until(none_listens)


async def test_streams_end_when_the_listening_connection_breaks_and_go_on_where_they_were(
    board: KeptBoard, client: httpx.AsyncClient
) -> None:
    async with watching(client, STREAM) as events:
        await events.next()
        async with board.pool.connection() as connection:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = %s AND datname = current_database()",
                (live.LISTENER,),
            )
        assert await events.ended() == []
    await opens(board, ONE)
    async with watching(client, STREAM, events.last_event_id) as again:
        assert (await again.next()).data["ticket"] == str(ONE)


async def test_a_silent_connection_is_no_harm(
    board: KeptBoard, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watching(client, STREAM) as events:
        await events.next()
        board.desk.wants(ONE, opening(ONE, T0, T0))
        monkeypatch.setattr(Inbox, "_tell", _say_nothing)
        await board.catch_up()
        assert (await events.next()).data["ticket"] == str(ONE)


async def _say_nothing(_: Inbox) -> None: ...


async def test_watchers_are_told_when_the_board_falls_behind_and_when_it_has_caught_up(
    board: KeptBoard, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watching(client, STREAM) as events:
        assert (await events.next()).data["stale"] is True

        monkeypatch.setattr(Feed, "freshness", lambda _, now: Freshness(now, 0, False))
        caught_up = await events.next()
        assert (caught_up.event, caught_up.data["stale"]) == ("counts", False)
        assert caught_up.data["as_of"] == board.clock.now().isoformat().replace("+00:00", "Z")

        monkeypatch.setattr(Feed, "freshness", lambda _, now: Freshness(T0, 0, True))
        behind = await events.next()
        assert (behind.event, behind.data["stale"]) == ("counts", True)


async def test_streams_end_when_the_database_takes_too_long(
    board: KeptBoard, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watching(client, STREAM) as events:
        await events.next()
        monkeypatch.setattr(live, "TELL_SECONDS", 0.1)
        async with board.pool.connection() as connection, connection.transaction():
            await connection.execute("LOCK TABLE view_board.positions IN ACCESS EXCLUSIVE MODE")
            assert await events.ended() == []


async def test_a_board_built_anew_is_sent_anew(board: KeptBoard, client: httpx.AsyncClient) -> None:
    await opens(board, ONE)
    async with watching(client, STREAM) as events:
        await events.next()
        async with board.pool.connection() as connection, connection.transaction():
            await make_schema(connection, BOARD, "view_board_new")
            await connection.execute("INSERT INTO view_board_new.positions SELECT * FROM view_board.positions")
            await connection.execute("ALTER SCHEMA view_board RENAME TO view_board_old")
            await connection.execute("ALTER SCHEMA view_board_new RENAME TO view_board")
            await connection.execute("SELECT pg_notify('view_board', '')")
        assert await events.ended() == []
    async with watching(client, STREAM, events.last_event_id) as again:
        snapshot = await again.next()
        assert (snapshot.event, snapshot.data["tickets"]) == ("snapshot", [])


async def test_an_event_that_was_parked_and_handled_after_later_ones_is_not_missed(
    board: KeptBoard, client: httpx.AsyncClient
) -> None:
    board.desk.wants(ONE, opening(ONE, T0, T0))
    (parked,) = board.delivered(board.desk.log)
    inbox = Inbox(board.pool, "reporting", BOARD.name, BOARD.apply, BOARD.events, "tickets", BOARD.place)
    await inbox.positions([parked.partition])
    async with board.pool.connection() as connection, connection.transaction():
        await connection.execute("SELECT set_config('search_path', %s, true)", (f"{BOARD.schema}, public",))
        await park(connection, BOARD.name, parked, "it failed", 4)
        await connection.execute("UPDATE positions SET position = 1000")
    async with watching(client, STREAM) as events:
        assert (await events.next()).data["tickets"] == []

        assert await inbox.retry(ONE, "admin") == (1, None)
        assert await events.ended() == []
    async with watching(client, STREAM, events.last_event_id) as again:
        snapshot = await again.next()
        assert [ticket["ticket"] for ticket in snapshot.data["tickets"]] == [str(ONE)]


async def test_a_stream_ends_after_a_while_so_that_the_token_is_shown_again(
    board: KeptBoard, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LIFE_SECONDS", 0.05)
    async with watching(client, STREAM) as events:
        assert [message.event for message in await events.ended()] == ["snapshot"]


async def test_who_reads_too_slowly_is_cut_off_and_loses_nothing(
    board: KeptBoard, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "BACKLOG_BYTES", 1)
    watched = live.Watcher(live.Filters())
    watched.put(b"one, however long")
    watched.put(b"and another")
    assert await watched.next() is None

    async with watching(client, STREAM) as events:
        await events.next()
    many = [an_id(f"{n}") for n in range(50)]
    await opens(board, *many)
    async with watching(client, STREAM, events.last_event_id) as again:
        told = await again.until("counts")
        assert {message.data["ticket"] for message in told[:-1]} == {str(ticket) for ticket in many}


async def test_who_takes_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "SEND_SECONDS", 0.05)
    freed = asyncio.Event()

    async def messages() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"data: {}\r\n\r\n"
        finally:
            freed.set()

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    async def receive() -> Any:
        await asyncio.Event().wait()

    async with asyncio.timeout(5):
        await live.Stream(messages())({"type": "http", "method": "GET"}, receive, send)
        await freed.wait()


async def test_clocks_that_run_out_show_at_the_time_of_reading(board: KeptBoard, client: httpx.AsyncClient) -> None:
    board.desk.wants(ONE, opening(ONE, board.clock.now(), board.clock.now()))
    await board.catch_up()
    async with watching(client, STREAM) as events:
        (ticket,) = (await events.next()).data["tickets"]
        assert (ticket["answer"], ticket["seconds_left"]) == ("awaited", 24 * 3600)
    board.clock.move_to(board.clock.now() + timedelta(hours=25))
    async with watching(client, STREAM) as events:
        (ticket,) = (await events.next()).data["tickets"]
        assert (ticket["answer"], ticket["seconds_left"]) == ("overdue", -3600)
