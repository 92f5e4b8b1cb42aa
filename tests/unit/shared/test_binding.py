"""The short way from a request to a handler's arguments answers as FastAPI's own way does."""

import io
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, cast
from uuid import UUID

import httpx
import pytest
from fastapi import Body, Depends, Header, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from shared.api import Call, Route, Routes
from shared.auth import public
from shared.binding import bound
from shared.paging import Page

Toy = Callable[[Routes], httpx.AsyncClient]
OPEN = public("a test")
KEY = {"Idempotency-Key": "k"}


class Line(BaseModel):
    product: str = Field(min_length=1)
    count: int = Field(ge=1)


class Order(BaseModel):
    customer: UUID
    lines: list[Line]
    at: datetime | None = None


class Filter(Page):
    states: list[str] = Field(default_factory=list)


@pytest.fixture
def both() -> Routes:
    """The same handler twice: a header parameter sends the second one FastAPI's way."""
    routes = Routes("a", "a")

    @routes.post("/short/{number}", permission=OPEN)
    async def short(
        call: Call, number: int, body: Order, page: Annotated[Filter, Query()], flag: bool = False
    ) -> Response:
        return call.answer({"number": number, "body": body, "page": page, "flag": flag})

    @routes.post("/long/{number}", permission=OPEN)
    async def long(
        call: Call,
        number: int,
        body: Order,
        page: Annotated[Filter, Query()],
        flag: bool = False,
        other: Annotated[str, Header()] = "",
    ) -> Response:
        return call.answer({"number": number, "body": body, "page": page, "flag": flag})

    return routes


def test_the_two_go_different_ways(both: Routes) -> None:
    short, long = both.routes
    assert bound(short)
    assert bound(long) is None


GOOD = '{"customer": "6f1c0c9e-0c7e-4b0e-9d0a-3f6d7a1b2c3d", "lines": [{"product": "胶饵", "count": "2"}]}'
BODIES = [
    GOOD,
    GOOD.replace('"2"', "0"),
    GOOD.replace('"胶饵"', "null"),
    GOOD[:-1] + ', "at": "2026-10-01T08:30:00+08:00"}',
    GOOD[:-1] + ', "at": "yesterday"}',
    GOOD[:-1],
    "{}",
    "[]",
    "null",
    '"text"',
    "7",
    "NaN",
    "",
    " ",
    "{]",
    '{"customer": "\\u0000"}',
]


@pytest.mark.parametrize("body", BODIES)
async def test_bodies_are_judged_alike(toy: Toy, both: Routes, body: str) -> None:
    await same(toy(both), "7", body)


@pytest.mark.parametrize(
    "rest",
    [
        "7?limit=5",
        "7?limit=0",
        "7?colour=red",
        "7?states=a&states=b",
        "x",
        "7?flag=maybe",
        "7?flag=true",
        "99999999999999999999",
    ],
)
async def test_addresses_are_judged_alike(toy: Toy, both: Routes, rest: str) -> None:
    await same(toy(both), rest, GOOD)
    await same(toy(both), rest, "{}")


@pytest.mark.parametrize("path", ["plain", "model", "none"])
async def test_a_name_that_nobody_asks_for_is_refused(toy: Toy, path: str) -> None:
    routes = Routes("a", "a")

    @routes.get("/plain", permission=OPEN)
    async def plain(call: Call, day: Annotated[str, Query(alias="on")] = "") -> Response:
        return call.answer({})

    @routes.get("/model", permission=OPEN)
    async def model(call: Call, page: Annotated[Filter, Query()]) -> Response:
        return call.answer({})

    @routes.get("/none", permission=OPEN)
    async def none(call: Call) -> Response:
        return call.answer({})

    async with toy(routes) as client:
        wrong = await client.get(f"/{path}?date=2026-10-01")
        right = await client.get({"plain": "/plain?on=2026-10-01", "model": "/model?limit=3&states=a"}.get(path, path))

    assert right.status_code == 200
    assert wrong.status_code == 422
    assert [(finding["in"], finding["pointer"]) for finding in wrong.json()["errors"]] == [("query", "#/date")]


async def same(client: httpx.AsyncClient, rest: str, body: str) -> None:
    headers = KEY | {"Content-Type": "application/json"}
    async with client:
        short = await client.post(f"/short/{rest}", content=body, headers=headers)
        long = await client.post(f"/long/{rest}", content=body, headers=headers)
    assert short.status_code == long.status_code
    assert comparable(short.json()) == comparable(long.json())


def comparable(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name not in ("instance", "correlation_id")}


def declared(endpoint: Callable[..., Any]) -> Route:
    routes = Routes("a", "a")
    routes.post("/x", permission=OPEN)(endpoint)
    return routes.routes[0]


async def two_bodies(a: Line, b: Line) -> Response:
    return Response()


async def embedded(a: Annotated[Line, Body(embed=True)]) -> Response:
    return Response()


async def optional(a: Line | None = None) -> Response:
    return Response()


async def depending(a: Annotated[int, Depends(lambda: 7)]) -> Response:
    return Response()


@pytest.mark.parametrize("endpoint", [two_bodies, embedded, optional, depending])
def test_what_asks_for_more_goes_fastapis_way(endpoint: Callable[..., Any]) -> None:
    assert bound(declared(endpoint)) is None


async def test_an_embedded_body_works_all_the_same(toy: Toy) -> None:
    routes = Routes("a", "a")

    @routes.post("/x", permission=OPEN)
    async def order(call: Call, line: Annotated[Line, Body(embed=True)]) -> Response:
        return call.answer(line)

    async with toy(routes) as client:
        answer = await client.post("/x", json={"line": {"product": "a", "count": 1}}, headers=KEY)
        broken = await client.post("/x", content="{", headers=KEY | {"Content-Type": "application/json"})
    assert answer.json() == {"product": "a", "count": 1}
    assert broken.json()["type"] == "urn:shouhou:problem:malformed-json"


async def test_a_handler_answers_with_a_response(toy: Toy, logged: io.BytesIO) -> None:
    async def handler(call: Call) -> Response:
        return cast(Response, {"plain": "dictionary"})

    routes = Routes("a", "a")
    routes.get("/x", permission=OPEN)(handler)
    async with toy(routes) as client:
        assert (await client.get("/x")).status_code == 500
    assert b"call.answer" in logged.getvalue()


async def test_a_caller_that_goes_away_is_no_error_of_ours(toy: Toy, both: Routes, logged: io.BytesIO) -> None:
    transport = cast(httpx.ASGITransport, toy(both)._transport)
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/short/7",
        "raw_path": b"/short/7",
        "query_string": b"",
        "headers": [(b"idempotency-key", b"k"), (b"content-type", b"application/json"), (b"content-length", b"9")],
    }
    messages = [{"type": "http.request", "body": b'{"a', "more_body": True}, {"type": "http.disconnect"}]
    sent: list[Any] = []

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    await transport.app(scope, receive, send)
    assert sent == []
    assert b"unexpected" not in logged.getvalue()
