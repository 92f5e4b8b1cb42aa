"""Engineers reach only what is theirs: every route that says so is tried with what is another's.

A route that is added and isn't tried here makes ``test_every_route_is_tried`` fail.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from shared.api import Route, routes_of
from shared.auth import Permission
from tests.integration.dispatch.conftest import Caller, DispatchOffice
from tests.integration.dispatch.expenses import Expenses, people
from tests.integration.dispatch.test_reports import drafted as a_report
from tests.integration.dispatch.test_reports import worked
from tests.integration.dispatch.visiting import visiting
from tests.unit.dispatch.pictures import photo, signature

pytestmark = pytest.mark.asyncio(loop_scope="module")

LISTS = {
    "/claims": {},
    "/duty": {},
    "/engineers": {},
    "/part-requests": {},
    "/reports": {},
    "/rosters": {},
    "/rosters/on-duty": {},
    "/stock": {},
    "/stock/movements": {},
    "/trips": {},
    "/visits": {},
    "/work-orders": {},
}
"""Where an engineer's own rows are shown, with the query that each needs."""
NOBODYS = {
    "/claims/qr": "whoever sends a text sees what it says",
    "/claims/receipts": "whoever uploads sees nothing but what they have sent",
    "/duty/policy/acknowledge": "it speaks for the caller",
    "/engineers/search": "of somebody else's number it says nothing, which test_engineers proves",
}


@dataclass
class Theirs:
    """What belongs to one engineer; and another, to whom nothing of it belongs."""

    expenses: Expenses
    other: Caller
    ids: dict[str, str]
    """By the beginning of a path the id of what is there."""
    bodies: dict[str, dict[str, Any]]
    """By path what is said instead of the example."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def theirs(office: DispatchOffice) -> AsyncIterator[Theirs]:
    mine, other = await people(office), await people(office)
    trip = await mine.trip()
    claim = await mine.claim(trip)
    part = await _part(office)
    asked = await mine.engineer.do(
        "/dispatch/part-requests", {"part": part, "quantity": "1", "needed_by": "2026-12-20", "reason": "锁扣断裂"}
    )
    who = await visiting(office)
    visit = await who.visit()
    await who.act(visit, "assign", who.instruction(engineer=mine.code), who.dispatcher)
    order = (await who.shown(visit))["work_order"]
    report = (await a_report(office, mine.engineer, engineer=mine.code))["report"]
    another_order = await worked(office, engineer=mine.code)
    van = f"van:{mine.code}"
    yield Theirs(
        mine,
        other.engineer,
        {
            "/claims": claim,
            "/trips": trip,
            "/part-requests": asked["request"],
            "/visits": visit,
            "/work-orders": order,
            "/reports": report,
            "/parts": part,
        },
        {
            "/claims": {"trip": trip},
            "/reports": {"work_order": another_order},
            "/part-requests": {
                "part": part,
                "quantity": "1",
                "needed_by": "2026-12-20",
                "reason": "x",
                "engineer": mine.code,
            },
            "/stock/move": {"location": van, "to": "warehouse", "part": part, "quantity": "1"},
            "/stock/use": {"location": van, "part": part, "quantity": "1", "work_order": order},
            "/part-requests/{id:uuid}/consume": {"use": str(uuid4()), "quantity": "1"},
        },
    )


async def _part(office: DispatchOffice) -> str:
    said = {"code": uuid4().hex[:8], "name": "诱饵站锁扣", "supply": "made", "unit": "个", "unit_cost": "3.35"}
    part: str = (await office.caller("warehouse", subject="cang.ku").do("/dispatch/parts", said))["part"]
    return part


def own_routes(office: DispatchOffice) -> list[Route]:
    return [
        route
        for route in routes_of(office.gateway.apps["dispatch"])
        if isinstance(route.permission, Permission) and route.permission.own
    ]


async def _tried(theirs: Theirs, route: Route) -> httpx.Response:
    """The route, with what belongs to the one, by the other."""
    path = f"/dispatch{_filled(theirs, route.path)}"
    if route.path.endswith("/attachments"):
        return await theirs.other.upload(path, "photo.jpg", photo(), data={"title": "布放点"})
    if route.path.endswith("/sign"):
        return await theirs.other.upload(path, "sign.png", signature(), data={"version": 1, "name": "x"})
    if "POST" in (route.methods or ()):
        said = theirs.bodies.get(route.path, _example(route))
        return await theirs.other.post(path, said, headers={"If-Match": '"99"'})  # nor learns which version it has
    return await theirs.other.send("GET", path)


def _filled(theirs: Theirs, path: str) -> str:
    for name, value in {
        "{code}": theirs.expenses.code,
        "{day}": "2026-10-08",
        "{location}": f"van:{theirs.expenses.code}",
        "{part:uuid}": theirs.ids["/parts"],
        "{sha256}": "ab" * 32,
        "{report_version}": "1",
    }.items():
        path = path.replace(name, value)
    if "{id:uuid}" in path:
        path = path.replace("{id:uuid}", theirs.ids[path.partition("/{id")[0]])
    return path


def _example(route: Route) -> dict[str, Any]:
    model = route.body_field.field_info.annotation if route.body_field else None
    example: dict[str, Any] = model.model_config["json_schema_extra"]["example"] if model else {}
    return example


async def test_what_is_anothers_is_forbidden_on_every_route_that_says_so(
    office: DispatchOffice, theirs: Theirs
) -> None:
    tried, wrong = 0, []
    for route in own_routes(office):
        reading = "GET" in (route.methods or ())
        if route.path in NOBODYS or (reading and route.path in LISTS):
            continue
        answer = await _tried(theirs, route)
        tried += 1
        told = answer.json() | {"instance": ""} if "json" in answer.headers["content-type"] else {}
        if answer.status_code != 403 or "available_actions" in told or theirs.expenses.code in str(told):
            wrong.append(f"{route.methods} {route.path}: {answer.status_code} {answer.text[:200]}")
    assert not wrong, "\n".join(wrong)
    assert tried > 50


async def test_no_list_shows_what_is_anothers(office: DispatchOffice, theirs: Theirs) -> None:
    await office.seen()
    code = theirs.expenses.code
    ids = {path: id for path, id in theirs.ids.items() if path in LISTS}
    wrong = []
    for path, query in LISTS.items():
        for named in ({}, {"engineer": code}):
            answer = await theirs.other.send("GET", f"/dispatch{path}", params=query | named)
            assert answer.status_code in (200, 422), f"{path}: {answer.text}"
            if code in answer.text or any(id in answer.text for id in ids.values()):
                wrong.append(f"{path} {named}: {answer.text[:300]}")
    assert not wrong, "\n".join(wrong)
    # the one to whom it belongs sees it
    for path, id in ids.items():
        assert id in str(await theirs.expenses.engineer.list(f"/dispatch{path}")), path


async def test_every_route_is_tried(office: DispatchOffice) -> None:
    """Lists and what is nobody's are named; there are no others without the id of what is there."""
    there = {route.path for route in own_routes(office)}
    assert set(NOBODYS) | set(LISTS) <= there
