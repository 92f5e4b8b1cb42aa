"""The dispatcher's board, the map, an engineer's day, and who is proposed; real PostgreSQL and NATS."""

from typing import Any

import pytest
import pytest_asyncio

from tests.integration.dispatch.conftest import DispatchOffice, code, until
from tests.integration.dispatch.visiting import Visiting, visiting

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def team(office: DispatchOffice) -> Visiting:
    return await visiting(office)


async def board(team: Visiting) -> dict[str, Any]:
    await team.office.seen()
    found: dict[str, Any] = await team.dispatcher.read("/dispatch/board")
    return found


def ids(visits: list[dict[str, Any]]) -> set[str]:
    return {visit["visit"] for visit in visits}


async def another(team: Visiting, code: str, **facts: Any) -> str:
    """One more engineer; where they live, too."""
    await team.office.recorded(code, **facts)
    at = {"name": "测试", "base_latitude": 31.30, "base_longitude": 120.58}
    await team.office.hr.do(f"/dispatch/engineers/{code}/record-contacts", at)
    return code


async def test_the_board_shows_what_waits_what_is_on_and_what_is_late(team: Visiting) -> None:
    # given one visit that nobody is assigned to, one in an hour, and one whose time passes
    waiting = await team.visit()
    late = await team.assigned(arrival=team.soon(minutes=30))
    soon = await team.assigned(arrival=team.soon(hours=3))
    await team.until_late(late, hours=1)

    # when the dispatcher looks
    now = await board(team)

    # then each is where it belongs
    assert waiting in ids(now["unassigned"]["visits"])
    assert {late, soon} <= ids(now["today"])
    assert late in ids(now["late"])
    assert soon not in ids(now["late"])
    assert next(visit for visit in now["late"] if visit["visit"] == late)["minutes_late"] == 30
    mine = next(row for row in now["engineers"] if row["engineer"] == team.code)
    assert mine["visits"] == 2
    assert [slot["visit"] for slot in mine["hours"]["12"]] == [soon]


async def test_an_engineer_sees_their_own_day_and_nobody_elses(team: Visiting) -> None:
    visit = await team.assigned(arrival=team.soon(hours=1))
    await team.office.seen()
    day = await team.engineer.read(f"/dispatch/engineers/{team.code}/day")
    assert visit in ids(day["visits"])
    other = await team.office.engineer("E99").send("GET", f"/dispatch/engineers/{team.code}/day")
    assert other.status_code == 403


async def test_the_map_is_geojson_and_lists_what_has_no_place(team: Visiting) -> None:
    # given a visit at a site whose place is known, one at a site whose place is not, and an engineer's base
    located = await team.assigned(arrival=team.soon(hours=1))
    elsewhere = {"customer": team.customer, "name": "新店", "city": "苏州"}
    site = (await team.office.desk.do("/tickets/sites", elsewhere))["id"]
    nowhere = await team.visit(await _order_at(team, site))
    base = await another(team, "M01")
    await team.office.seen()

    # when the dispatcher asks for the map
    answer = await team.dispatcher.send("GET", "/dispatch/map")
    found = answer.json()

    # then longitude comes first, as GeoJSON wants it, and nothing has vanished
    assert answer.headers["content-type"] == "application/geo+json"
    assert found["type"] == "FeatureCollection"
    points = {feature["properties"].get("visit"): feature for feature in found["features"]}
    assert points[located]["geometry"] == {"type": "Point", "coordinates": [120.5853, 31.2989]}
    assert nowhere in ids(found["unlocated"]["visits"])
    bases = [feature for feature in found["features"] if feature["properties"].get("engineer") == base]
    assert [feature["properties"]["kind"] for feature in bases] == ["engineer"]
    assert team.code in found["unlocated"]["engineers"]


async def _order_at(team: Visiting, site: str) -> str:
    async def heard() -> bool:
        said = {"purpose": "repair", "customer": team.customer, "site": site}
        response = await team.dispatcher.post("/dispatch/work-orders", said)
        made.append(response)
        return response.is_success

    made: list[Any] = []
    await until(heard)
    order: str = made[-1].json()["work_order"]
    await team.dispatcher.do(f"/dispatch/work-orders/{order}/qualify")
    return order


async def test_engineers_are_proposed_with_reasons_and_a_person_decides(team: Visiting) -> None:
    # given a free engineer near the site, one who is booked, one who lacks the skill, and one on leave
    free = await another(team, "P01", skills=["灭鼠"], base_city="苏州", region="华东")
    await another(team, "P02", skills=["灭蟑"])
    away = await another(team, "P03")
    leave = {"starts": team.ago(days=1), "ends": team.soon(days=9)}
    await team.office.hr.do(f"/dispatch/rosters/{away}/grant-leave", leave)
    arrival = team.soon(days=1)
    await team.assigned(arrival=arrival)
    visit = await team.visit()
    await team.office.seen()

    # when somebody is looked for at the same time
    silent = await team.dispatcher.send("GET", f"/dispatch/visits/{visit}/proposal")
    found = await team.dispatcher.read(f"/dispatch/visits/{visit}/proposal", at=arrival, limit=1000)

    # then the free one comes first, and what speaks against the others is said
    assert code(silent.json()) == "arrival-missing"
    by_code = {one["engineer"]: one for one in found["engineers"]}
    assert found["considered"] == len(by_code)
    assert found["engineers"][0]["engineer"] == free
    assert by_code[free]["distance_km"] < 1
    against = {
        who: [reason["aspect"] for reason in one["reasons"] if reason["against"]] for who, one in by_code.items()
    }
    assert (against["P01"], against["P02"], against["P03"]) == ([], ["skill"], ["duty"])
    assert against[team.code] == ["time"]
    assert [one["suitable"] for one in found["engineers"]] == sorted((not a for a in against.values()), reverse=True)
    assert "距驻地约" in next(r["words"] for r in by_code[free]["reasons"] if r["aspect"] == "distance")

    # and whom the person chooses is theirs to say
    await team.act(visit, "assign", team.instruction(arrival, engineer="P02"), team.dispatcher)


async def test_the_rules_of_proposals_are_versions(team: Visiting) -> None:
    path, terms = "/dispatch/proposal-policy", {"far_km": 10}
    day = team.soon(days=3)[:10]
    await team.manager.do(path, {"valid_from": day, "terms": terms, "reason": "试行"})
    shown = await team.dispatcher.read(path)
    assert shown["in_force"]["far_km"] == 120
    assert [version["terms"]["far_km"] for version in shown["versions"]] == [10]
