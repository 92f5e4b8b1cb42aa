"""The ticket board over HTTP."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from services.tickets.domain import ticket_commands as wish
from shared.auth import Role
from tests.boards import Clients, KeptBoard, kept_board, serving
from tests.ticket_histories import T0, an_id, call, opening

ROUTES = ("/board", "/board/tickets", "/board/days", "/board/stream")
ALLOWED = {
    *(Role.RECEPTION, Role.DISPATCHER, Role.SERVICE_MANAGER, Role.HQ_VERIFIER, Role.QUALITY, Role.CONTRACT_MANAGER),
    *(Role.REPORT_RECIPIENT, Role.INTEGRATION, Role.AUDITOR),
}


@pytest.fixture
async def board(database_url: str) -> AsyncIterator[KeptBoard]:
    async with kept_board(database_url) as kept:
        yield kept


@pytest.fixture
async def clients(board: KeptBoard) -> AsyncIterator[Clients]:
    async with serving(board) as clients:
        yield clients


async def test_staff_may_watch_engineers_and_others_may_not(clients: Clients) -> None:
    for role in Role:
        client = await clients(role)
        for route in ROUTES:
            async with client.stream("GET", route) as response:
                assert response.status_code == (200 if role in ALLOWED else 403), (role, route)
    nobody = await clients()
    for route in ROUTES:
        assert (await nobody.get(route)).status_code == 401


async def test_figures_and_list_tell_the_same_and_pages_follow_their_links(board: KeptBoard, clients: Clients) -> None:
    for n in range(7):
        received = board.clock.now() - timedelta(hours=10 * n)
        board.desk.wants(an_id(f"{n}"), opening(an_id(f"{n}"), board.clock.now(), received, customer_name="光明物业"))
    board.desk.wants(an_id("0"), wish.AnswerTicket(at=board.clock.now(), by="li", proof=call(1)))
    await board.catch_up()
    client = await clients(Role.RECEPTION)

    figures = (await client.get("/board", params={"customer": "光明物业"})).json()
    assert (figures["open"], figures["awaiting"], figures["overdue"]) == (7, 2, 4)
    assert figures["by_customer"]["largest"] == [
        {"key": "光明物业", "name": "光明物业", "open": 7, "awaiting": 2, "overdue": 4}
    ]
    assert (figures["as_of"], figures["stale"]) == (None, True)  # NATS was never seen

    pages, address = list[dict[str, Any]](), "/board/tickets?limit=3&customer=光明物业"
    while address:
        page = (await client.get(address)).json()
        pages += page["items"]
        address = page["next"]
    assert [ticket["answer"] for ticket in pages] == ["overdue"] * 4 + ["awaited"] * 2 + ["in_time"]
    assert [ticket["seconds_left"] for ticket in pages] == [3600 * hours for hours in (-36, -26, -16, -6, 4, 14)] + [
        None
    ]

    only = (await client.get("/board/tickets", params={"overdue": True})).json()
    assert len(only["items"]) == 4
    assert (await client.get("/board", params={"overdue": False})).json()["open"] == 3


async def test_days_by_default_the_last_thirty_one(board: KeptBoard, clients: Clients) -> None:
    board.desk.wants(an_id("one"), opening(an_id("one"), T0, T0))
    await board.catch_up()
    client = await clients(Role.REPORT_RECIPIENT)

    days = (await client.get("/board/days")).json()["days"]
    assert (days[0]["day"], days[-1]["day"], len(days)) == ("2026-10-03", "2026-11-02", 31)
    assert days[0] == {
        "day": "2026-10-03",
        "opened": 1,
        "answered_in_time": 0,
        "answered_late": 0,
        "overdue": 0,
        "closed": 0,
        "complaints": 0,
    }
    chosen = (await client.get("/board/days", params={"from": "2026-10-01", "to": "2026-10-03"})).json()["days"]
    assert [day["opened"] for day in chosen] == [0, 0, 1]


@pytest.mark.parametrize(
    ("route", "query", "place"),
    [
        ("/board/days", {"from": "2026-10-03", "to": "2026-10-01"}, "#/from"),
        ("/board/days", {"from": "2020-01-01"}, "#/from"),
        ("/board/days", {"from": "yesterday"}, "#/from"),
        ("/board", {"channel": "telex"}, "#/channel"),
        ("/board", {"colour": "red"}, "#/colour"),
        ("/board/tickets", {"limit": "1000"}, "#/limit"),
        ("/board/stream", {"overdue": "perhaps"}, "#/overdue"),
    ],
)
async def test_a_question_that_makes_no_sense_is_answered_with_what_is_wrong(
    clients: Clients, route: str, query: dict[str, str], place: str
) -> None:
    answer = await (await clients(Role.AUDITOR)).get(route, params=query)

    assert answer.status_code == 422
    assert [(error["in"], error["pointer"]) for error in answer.json()["errors"]] == [("query", place)]


async def test_a_cursor_of_other_filters_is_refused(board: KeptBoard, clients: Clients) -> None:
    for n in range(2):
        board.desk.wants(an_id(f"{n}"), opening(an_id(f"{n}"), T0, T0))
    await board.catch_up()
    client = await clients(Role.RECEPTION)
    cursor = (await client.get("/board/tickets", params={"limit": 1})).json()["cursor"]

    answer = await client.get("/board/tickets", params={"limit": 1, "overdue": True, "cursor": cursor})

    assert (answer.status_code, answer.json()["type"]) == (400, "urn:shouhou:problem:cursor-invalid")


async def test_before_the_first_building_it_says_so(board: KeptBoard, clients: Clients) -> None:
    async with board.pool.connection() as connection:
        await connection.execute("DROP SCHEMA view_board CASCADE")
    client = await clients(Role.RECEPTION)

    for route in ROUTES:
        answer = await client.get(route)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2"), route


async def test_the_api_docs_describe_it(clients: Clients) -> None:
    document = (await (await clients()).get("/openapi.json")).json()

    assert set(ROUTES) <= document["paths"].keys()
    content = document["paths"]["/board/stream"]["get"]["responses"]["200"]["content"]
    assert set(content) == {"text/event-stream"}
