"""All routes × all roles: who isn't meant doesn't get in, who is meant isn't turned away for their role."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from shared import assembly, permissions
from shared.api import Route, routes_of
from shared.auth import Permission, Public, Role
from shared.clock import SystemClock
from shared.gateway import Gateway, build_gateway
from shared.issuers import LocalKeys
from shared.service import Part
from shared.settings import Settings

DOCUMENT = Path(__file__).parents[2] / "docs" / "permissions.csv"
ASKED_BY_POST = {
    "/dispatch/claims/qr",
    "/dispatch/engineers/search",
    "/penalties/what-if",
    "/tickets/persons/search",
}
"""What changes nothing, yet is asked by POST: the question is too private for an address, a file, or a long one."""


@pytest.fixture
async def gateway(database_url: str, nats_url: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    """All services, answering."""
    settings = assembly.located(Settings(data_dir=tmp_path), database_url, nats_url)
    async with assembly.running(list(assembly.installed().values()), settings, Part.API) as runtimes:
        yield build_gateway(runtimes)


def _path(route: Route) -> str:
    """Where a person is named by code, or by their van, it is the caller: whom else they reach is asked behind the
    door."""
    path = route.path.replace("{code}", "E01").replace("{location}", "van:E01")
    for name in route.param_convertors:
        for form in (f"{{{name}}}", f"{{{name}:uuid}}"):
            path = path.replace(form, str(uuid4()))
    return path


async def test_every_route_lets_in_whom_it_declares_and_nobody_else(gateway: Gateway, tmp_path: Path) -> None:
    # given a caller of each role
    keys = LocalKeys(tmp_path, SystemClock())
    callers = {role: keys.issue_token([role], "E01", timedelta(hours=1)) for role in Role}
    transport = httpx.ASGITransport(gateway, raise_app_exceptions=False)
    wrong: list[str] = []
    tried = 0

    # when each calls every route
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        for name, app in gateway.apps.items():
            for route in routes_of(app):
                if isinstance(route.permission, Public) or "stream" in route.path:
                    continue
                for role, token in callers.items():
                    method = next(iter(route.methods or {"GET"}))
                    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid4().hex}
                    answer = await client.request(method, f"/{name}{_path(route)}", headers=headers)
                    meant = _meant(route.permission, role, route.reading)
                    tried += 1
                    if (answer.status_code == 403) == meant or answer.status_code == 401:
                        wrong.append(f"{role} {method} /{name}{route.path}: {answer.status_code}")

    # then only those who are meant get past the door
    assert tried > 500
    assert not wrong


def _meant(permission: Permission, role: Role, reading: bool) -> bool:
    """Said again in plain words, not by the code that is tested."""
    return role in permission.roles or (reading and role is Role.AUDITOR)


async def test_nobody_gets_in_without_a_token(gateway: Gateway) -> None:
    # given all routes that aren't public
    transport = httpx.ASGITransport(gateway, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        for name, app in gateway.apps.items():
            for route in routes_of(app):
                if isinstance(route.permission, Public):
                    continue
                method = next(iter(route.methods or {"GET"}))

                # when somebody without a token calls
                answer = await client.request(method, f"/{name}{_path(route)}")

                # then they are asked for one; or, where people look at a page, sent to sign in
                if route.turned_away is not None and answer.status_code == 303:
                    assert answer.headers["Location"].startswith(f"/{name}/sign-in?"), route.path
                else:
                    assert answer.status_code == 401, route.path


def test_the_table_of_permissions_is_current() -> None:
    # given the routes as they are
    runtimes = [assembly.unconnected(service) for service in assembly.installed().values()]

    # then the document that people read says the same
    assert DOCUMENT.read_text() == permissions.table(runtimes), "run make docs, and look at what changed"


def test_an_admin_commands_no_business_and_an_auditor_nothing() -> None:
    # given all routes
    runtimes = [assembly.unconnected(service) for service in assembly.installed().values()]
    found = permissions.rows(runtimes)

    # then an admin's commands are those of operations, and an auditor has none
    commands = [row for row in found if row[0] != "GET" and row[2] != "public"]
    assert {row[2] for row in commands if "admin" in row[3].split()} == {"operations.parked.write"}
    assert {row[1] for row in commands if "auditor" in row[3].split()} == ASKED_BY_POST
