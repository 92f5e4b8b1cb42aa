"""The month's figures over HTTP, made of what dispatch and tickets really told."""

from decimal import Decimal
from typing import Any

import pytest

from shared.verify import views_equal_rebuild
from tests.integration.dispatch.conftest import DispatchOffice, until
from tests.integration.dispatch.shop import Shop
from tests.integration.dispatch.visiting import visiting

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_visit_and_what_it_cost_are_in_the_month_with_the_events_behind_each_figure(
    office: DispatchOffice,
) -> None:
    # given a visit that was made, with freight
    team = await visiting(office)
    order = await team.order()
    await team.done(order)
    shop = Shop(office)
    shop.engineer = team.engineer
    await shop.delivered(await shop.stocked("20"), "2", work_order=order)
    boss = office.caller("general_manager", subject="chen.gm")

    # when the month is looked at
    async def counted() -> Any:
        found = await boss.read("/reporting/statistics/2026-10")
        ours = next((group for group in found["by"]["customer"] if group["key"] == team.customer), None)
        return ours and ours["month"]["freight"] != "0.00" and ours

    ours = await until(counted)

    # then it is told by customer, and by the name it has
    assert ours["name"] == f"光明物业 {team.code}"
    assert (ours["month"]["persons"], ours["month"]["person_times"], ours["month"]["person_days"]) == (1, 1, 1)
    assert Decimal(ours["month"]["people"]) > 0
    purposes = (await boss.read("/reporting/statistics/2026-10"))["by"]["purpose"]
    assert "维修" in [group["name"] for group in purposes]

    # and each figure leads to its events
    path = "/reporting/statistics/2026-10/entries"
    (visit,) = await boss.list(path, figure="persons", customer=team.customer)
    assert (visit["event"], visit["engineer"], visit["region"]) == ("VisitArrived", team.code, "华东")
    costs = await boss.list(path, figure="total", customer=team.customer)
    assert sum(Decimal(entry["amount"]) for entry in costs) == Decimal(ours["month"]["total"])
    assert {entry["number"] for entry in costs} == {(await team.ordered(order))["number"]}


async def test_the_view_made_again_is_the_live_one(office: DispatchOffice) -> None:
    team = await visiting(office)
    await team.done()
    runtime = office.runtime("reporting")

    findings = [finding async for finding in views_equal_rebuild(runtime)]

    assert {f.what for f in findings if f.what.startswith("statistics.")} >= {"statistics.entries", "statistics.orders"}
    assert [f for f in findings if not f.ok] == []


@pytest.mark.parametrize("period", ["2026-13", "1026-10", "october", "2026-1"])
async def test_what_is_no_month_is_refused(office: DispatchOffice, period: str) -> None:
    answer = await office.caller("general_manager").send("GET", f"/reporting/statistics/{period}")

    assert answer.status_code == 422


async def test_a_figure_that_doesnt_exist_is_refused_and_so_is_a_cursor_of_another_one(office: DispatchOffice) -> None:
    boss, path = office.caller("general_manager"), "/reporting/statistics/2026-10/entries"

    assert (await boss.send("GET", path)).status_code == 422
    assert (await boss.send("GET", path, params={"figure": "joy"})).status_code == 422
    first = await boss.read(path, figure="total", limit=1)
    assert first["cursor"]
    other = await boss.send("GET", path, params={"figure": "people", "cursor": first["cursor"], "limit": 1})
    assert other.status_code == 400


async def test_engineers_dont_see_the_companys_figures(office: DispatchOffice) -> None:
    assert (await office.engineer("E04").send("GET", "/reporting/statistics/2026-10")).status_code == 403
