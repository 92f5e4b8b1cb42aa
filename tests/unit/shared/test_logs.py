"""Logs are JSON lines that tell what happened, and nothing of anybody."""

import ast
import io
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import structlog
from pydantic import BaseModel, ValidationError
from starlette.responses import Response

from shared.api import Call, Routes
from shared.auth import public
from shared.logs import BLOT, KEYS, redacted

ROOT = Path(__file__).parents[3]

Toy = Callable[[Routes], httpx.AsyncClient]


def lines(logged: io.BytesIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in logged.getvalue().splitlines()]


@pytest.mark.parametrize(
    "personal",
    [
        "13812345678",
        "138 1234 5678",
        "138-1234-5678",
        "+86 13812345678",
        "8613812345678",
        "１３８１２３４５６７８",
        "0571-87654321",
        "(010)12345678",
        "021 65432109",
        "+49 170 1234567",
        "11010519491231002X",
        "zhang.san@example.com",
    ],
)
def test_numbers_and_addresses_of_people_are_blotted_out(personal: str) -> None:
    assert redacted(f"电话{personal}。") == f"电话{BLOT}。"


@pytest.mark.parametrize(
    "harmless",
    [
        "6f1c0c9e-0c7e-4b0e-9d0a-3f6d7a1b2c3d",
        "2026-10-08T02:30:00.123456+00:00",
        "position 123456789",
        "tickets-42",
        "events.tickets.7.TicketOpened",
        "127.0.0.1:5432",
    ],
)
def test_ids_times_and_positions_stay(harmless: str) -> None:
    assert redacted(harmless) == harmless


def test_unknown_keys_are_withheld_and_named(logged: io.BytesIO) -> None:
    structlog.get_logger().info("called", phone="13812345678", customer="张三", position=7)
    [line] = lines(logged)
    assert line["position"] == 7
    assert line["withheld"] == ["customer", "phone"]
    assert "张三" not in logged.getvalue().decode()


class Person(BaseModel):
    age: int


def raised(error: Callable[[], Any]) -> Exception:
    try:
        error()
    except (ValueError, KeyError) as caught:
        return caught
    raise AssertionError("nothing was raised")


def test_an_exception_is_told_by_type_and_place_without_what_it_quotes(logged: io.BytesIO) -> None:
    error = raised(lambda: Person.model_validate({"age": "张三"}))
    assert isinstance(error, ValidationError)
    assert "张三" in str(error)
    structlog.get_logger().error("failed", exc_info=error)
    [line] = lines(logged)
    assert line["exception"][0]["type"].endswith("ValidationError")
    assert any("test_logs.py" in place for place in line["exception"][0]["at"])
    assert "张三" not in json.dumps(line, ensure_ascii=False)


def test_the_cause_of_an_exception_is_told_too(logged: io.BytesIO) -> None:
    def fail() -> None:
        try:
            raise psycopg.OperationalError("connection to 127.0.0.1 refused")
        except psycopg.OperationalError as error:
            raise KeyError("13812345678") from error

    structlog.get_logger().error("failed", exc_info=raised(fail))
    [line] = lines(logged)
    assert [entry["type"] for entry in line["exception"]] == ["builtins.KeyError", "psycopg.OperationalError"]
    assert line["exception"][1]["message"] == "connection to 127.0.0.1 refused"
    assert "message" not in line["exception"][0]


def test_the_libraries_log_the_same_way(logged: io.BytesIO) -> None:
    logging.getLogger("nats").warning("call %s back", "13812345678")
    [line] = lines(logged)
    assert (line["level"], line["part"], line["event"]) == ("warning", "nats", f"call {BLOT} back")


async def test_a_request_is_one_line_without_its_query(toy: Toy, logged: io.BytesIO) -> None:
    routes = Routes("a", "a")

    @routes.get("/people/{name}", permission=public("a test"))
    async def person(call: Call, name: str, phone: str = "") -> Response:
        structlog.get_logger().info("looked", count=1)
        return call.answer({})

    async with toy(routes) as client:
        answer = await client.get("/people/张三?phone=13812345678")
    looked, request = lines(logged)
    assert {name: request[name] for name in ("event", "method", "route", "status", "service")} == {
        "event": "request",
        "method": "GET",
        "route": "/people/{name}",
        "status": 200,
        "service": "toy",
    }
    assert looked["correlation_id"] == request["correlation_id"] == answer.headers["x-correlation-id"]
    assert "13812345678" not in logged.getvalue().decode()


async def test_health_is_not_worth_a_line_unless_it_fails(toy: Toy, logged: io.BytesIO) -> None:
    async with toy(Routes("a", "a")) as client:
        await client.get("/health/live")
        assert lines(logged) == []
        await client.get("/health/nowhere")
    assert [line["status"] for line in lines(logged)] == [404]


METHODS = {"debug", "info", "warning", "error", "exception", "critical", "bind"}
SOURCES = [path for room in ("shared", "services") for path in sorted((ROOT / room).rglob("*.py"))]


def keys_logged(source: str) -> set[str]:
    """The names of all that is given to a logger."""
    found: set[str] = set()
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call):
            continue
        owner, _, method = ast.unparse(call.func).rpartition(".")
        if method == "get_logger" or (owner.endswith(("log", "logger")) and method in METHODS):
            found |= {keyword.arg for keyword in call.keywords if keyword.arg}
    return found - {"exc_info"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_whatever_we_log_has_a_known_key(path: Path) -> None:
    unknown = keys_logged(path.read_text()) - KEYS
    assert not unknown, "add them to shared.logs.KEYS, if nothing personal can stand in them"


def test_keys_that_are_logged_are_found() -> None:
    source = "log.info('a', x=1)\nself._logger.exception('b', y=2, exc_info=e)\nlogger.bind(z=3)\nother.info(w=4)"
    assert keys_logged(source) == {"x", "y", "z"}
