"""The small live boards over HTTP, made of what the services really told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from services.reporting.boards import BOARDS
from shared.verify import views_equal_rebuild
from tests.integration.dispatch.conftest import Caller, DispatchOffice, on_a_port, until
from tests.integration.dispatch.shop import Shop
from tests.integration.dispatch.visiting import visiting
from tests.sse import Events, watching

pytestmark = pytest.mark.asyncio(loop_scope="module")


@asynccontextmanager
async def watched(office: DispatchOffice, caller: Caller, name: str, last: str | None = None) -> AsyncIterator[Events]:
    """A board's stream that ``caller`` watches."""
    headers = {"Authorization": f"Bearer {caller.token}"}
    async with (
        on_a_port(office) as url,
        httpx.AsyncClient(base_url=url, headers=headers) as client,
        watching(client, f"/reporting/boards/{name}/stream", last) as told,
    ):
        yield told


async def test_a_visit_goes_over_the_board_step_by_step(office: DispatchOffice) -> None:
    # given a visit that somebody watches
    team = await visiting(office)
    boss = office.caller("service_manager", subject="zhao.min")
    visit = await team.assigned()

    async def shown() -> Any:
        board = (await boss.read("/reporting/boards/visits"))["board"]
        return next((each for each in board["visits"] if each["visit"] == visit), None)

    first = await until(shown)
    assert (first["phase"], first["engineer"], first["city"]) == ("to_go", team.code, first["city"])

    # when the engineer arrives
    async with watched(office, boss, "visits") as told:
        assert (await told.next()).event == "board"
        await team.act(visit, "accept")

        async def accepted() -> Any:
            message = await told.next()
            mine = next(each for each in message.data["board"]["visits"] if each["visit"] == visit)
            return mine["status"] == "ACCEPTED" and message

        # then whoever watches is told
        assert (await until(accepted)).id


async def test_the_same_board_is_not_told_twice_to_who_comes_back(office: DispatchOffice) -> None:
    boss = office.caller("hr", subject="sun.hong")
    async with watched(office, boss, "penalties") as told:
        first = await told.next()
    async with watched(office, boss, "penalties", first.id) as again:
        with pytest.raises(TimeoutError):
            await again.next(within=0.5)
    async with watched(office, boss, "penalties", "another") as anew:
        assert (await anew.next()).id == first.id


async def test_parts_in_flow_are_shown_until_they_are_there(office: DispatchOffice) -> None:
    team = await visiting(office)
    shop = Shop(office)
    shop.engineer = team.engineer
    request = (await shop.asked(await shop.part())).rpartition("/")[2]
    keeper = office.caller("warehouse", subject="he.lin")

    async def shown() -> Any:
        board = (await keeper.read("/reporting/boards/parts"))["board"]
        return next((each for each in board["requests"] if each["request"] == request), None)

    found = await until(shown)
    assert (found["status"], found["waits_for"], found["late"]) == ("REQUESTED", "approval", False)


async def test_every_board_answers_and_says_how_far_it_can_be_trusted(office: DispatchOffice) -> None:
    team = await visiting(office)
    await team.done()
    for board in BOARDS:
        role = next(iter(sorted(board.permission.roles)))
        caller = office.caller(role.value)

        async def built(path: str = f"/reporting/boards/{board.name}", caller: Any = caller) -> Any:
            return (await caller.send("GET", path)).status_code == 200

        await until(built)
        answer = await caller.read(f"/reporting/boards/{board.name}")
        assert set(answer) == {"as_of", "stale", "parked", "board"}
        page = await caller.send("GET", f"/reporting/screens/{board.name}")
        assert (page.status_code, board.title.zh in page.text) == (200, True)


async def test_the_boards_made_again_are_the_live_ones(office: DispatchOffice) -> None:
    team = await visiting(office)
    await team.done()
    findings = [finding async for finding in views_equal_rebuild(office.runtime("reporting"))]
    names = {finding.what for finding in findings}
    assert {f"{name}.lines" for name in ("visits", "duty", "expenses", "parts", "penalty_stages")} <= names
    assert [finding for finding in findings if not finding.ok] == []
