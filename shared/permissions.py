"""Who may do what, as one table of all routes: to be read by people, and held against by a test."""

import csv
import io
from collections.abc import Iterable

from shared.api import Route, routes_of
from shared.auth import Permission, Role
from shared.service import Runtime, build_app

COLUMNS = ("method", "path", "permission", "roles", "limits")


def rows(runtimes: Iterable[Runtime]) -> list[tuple[str, ...]]:
    """A row for each route of the services: who may enter it, and how far."""
    found = [_row(runtime.service.name, route) for runtime in runtimes for route in routes_of(build_app(runtime))]
    return sorted(found, key=lambda row: (row[1], row[0]))


def table(runtimes: Iterable[Runtime]) -> str:
    """The rows as CSV, with a header."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *rows(runtimes)])
    return text.getvalue()


def _row(service: str, route: Route) -> tuple[str, ...]:
    method = " ".join(sorted(route.methods or ()))
    path = f"/{service}{route.path}"
    if not isinstance(route.permission, Permission):
        return method, path, "public", "everybody", route.permission.reason
    roles = set(route.permission.roles) | ({Role.AUDITOR} if route.reading else set())
    limits = "engineers: their own" if route.permission.own else route.permission.shared
    return method, path, route.permission.name, " ".join(sorted(roles)), limits
