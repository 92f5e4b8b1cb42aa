"""Every error is a problem document that says, in the caller's language, what, where, and what to do."""

import io
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from fastapi import File, Query, UploadFile
from pydantic import AwareDatetime, BaseModel, Field, field_validator
from pydantic_core import _pydantic_core
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared.api import Call, Routes
from shared.auth import public
from shared.decider import Refused, Words
from shared.eventlog import ConcurrencyConflict, IdempotencyMismatch, PreconditionFailed, StreamNotFound
from shared.paging import Page
from shared.problems import INVALID, KINDS, Action, Finding, Problem
from shared.validation import SENTENCES, pointer, wrong

Toy = Callable[[Routes], httpx.AsyncClient]

OPEN = public("a test")
EN = {"Accept-Language": "en"}
KEY = {"Idempotency-Key": "k-1"}


def raising(error: Exception) -> Routes:
    routes = Routes("测试", "Test")

    @routes.get("/", permission=OPEN)
    async def fail(call: Call, phone: str = "") -> Response:
        raise error

    return routes


class Line(BaseModel):
    count: int = Field(ge=1)


class Order(BaseModel):
    model_config = {"extra": "forbid"}

    lines: list[Line] = []
    at: datetime | None = None
    lot: str = "L1"

    @field_validator("lot")
    @classmethod
    def known(cls, lot: str) -> str:
        if lot == "L0":
            raise wrong("没有此批次。", "There is no such lot.")
        return lot


class Orders(Page):
    channel: str | None = None


@pytest.fixture
def orders() -> Routes:
    routes = Routes("订单", "Orders")

    @routes.post("/orders", permission=OPEN)
    async def order(call: Call, body: Order) -> Response:
        return call.answer({"lines": len(body.lines)})

    @routes.get("/orders", permission=OPEN)
    async def listed(call: Call, page: Annotated[Orders, Query()]) -> Response:
        return call.answer({})

    @routes.post("/files", permission=OPEN, body_limit=3_000_000)
    async def store(call: Call, file: Annotated[UploadFile, File()]) -> Response:
        context = call.context()
        assert context.key
        return call.answer({"bytes": len(await file.read()), "fingerprint": context.key.fingerprint.hex()})

    return routes


async def test_a_refusal_is_409_in_chinese_by_default(toy: Toy) -> None:
    refusal = Refused("ticket_closed", "服务请求已关闭,可重新打开。", "The ticket is closed; reopen it.")
    async with toy(raising(refusal)) as client:
        answer = await client.get("/")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] == "zh-CN"
    problem = answer.json()
    assert problem["type"] == "urn:shouhou:problem:ticket-closed"
    assert problem["detail"] == "服务请求已关闭,可重新打开。"
    assert problem["instance"] == "/"
    assert problem["correlation_id"] == answer.headers["x-correlation-id"]


async def test_a_refusal_speaks_english_when_asked(toy: Toy) -> None:
    async with toy(raising(Refused("ticket_closed", "已关闭", "The ticket is closed; reopen it."))) as client:
        answer = await client.get("/", headers=EN)
    assert answer.headers["content-language"] == "en"
    assert answer.json()["detail"] == "The ticket is closed; reopen it."


async def test_a_refusal_lists_the_actions_that_are_open_now(toy: Toy) -> None:
    async def actions(call: Call) -> list[Action]:
        return [
            Action("reopen", Words("重新打开", "Reopen")),
            Action("close", Words("关闭", "Close"), Words("已经关闭", "It is closed already")),
        ]

    routes = Routes("测试", "Test", actions=actions)

    @routes.get("/", permission=OPEN)
    async def fail(call: Call) -> Response:
        raise Refused("ticket_closed", "已关闭", "closed")

    async with toy(routes) as client:
        answer = await client.get("/", headers=EN)
    assert answer.json()["available_actions"] == [
        {"name": "reopen", "title": "Reopen", "open": True},
        {"name": "close", "title": "Close", "open": False, "reason": "It is closed already"},
    ]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (ConcurrencyConflict("x"), 409, "conflict"),
        (IdempotencyMismatch("x"), 422, "idempotency-key-reused"),
        (PreconditionFailed(uuid4(), 3, 5), 412, "precondition-failed"),
        (StreamNotFound("x"), 404, "not-found"),
        (psycopg.OperationalError("x"), 503, "not-ready"),
        (HTTPException(401), 401, "unauthenticated"),
        (HTTPException(403), 403, "forbidden"),
        (HTTPException(406), 406, "not-acceptable"),
        (HTTPException(429, headers={"Retry-After": "7"}), 429, "too-many-requests"),
        (HTTPException(418), 418, "i'm-a-teapot"),
    ],
)
async def test_errors_of_the_chassis_have_their_own_type(toy: Toy, error: Exception, status: int, code: str) -> None:
    async with toy(raising(error)) as client:
        answer = await client.get("/")
    assert answer.status_code == status
    assert answer.json()["status"] == status
    assert answer.json()["type"] == f"urn:shouhou:problem:{code}"
    assert answer.json()["detail"]


async def test_a_failed_precondition_tells_both_versions_and_the_new_etag(toy: Toy) -> None:
    async with toy(raising(PreconditionFailed(uuid4(), 3, 5))) as client:
        answer = await client.get("/", headers=EN)
    assert answer.headers["etag"] == '"5"'
    assert answer.json()["version"] == 5
    assert "version 3" in answer.json()["detail"]


async def test_headers_of_an_http_error_are_kept(toy: Toy) -> None:
    async with toy(raising(HTTPException(429, headers={"Retry-After": "7"}))) as client:
        answer = await client.get("/")
    assert answer.headers["retry-after"] == "7"


async def test_the_unforeseen_is_500_and_tells_nothing(toy: Toy, logged: io.BytesIO) -> None:
    async with toy(raising(ValueError("customer 张三 13812345678"))) as client:
        answer = await client.get("/?phone=13812345678")
    assert answer.status_code == 500
    assert answer.json()["type"] == "urn:shouhou:problem:unexpected"
    assert answer.json()["correlation_id"] == answer.headers["x-correlation-id"]
    lines = logged.getvalue().decode()
    assert "ValueError" in lines
    assert answer.headers["x-correlation-id"] in lines
    for text in (answer.text, lines):
        assert "13812345678" not in text
        assert "张三" not in text


async def test_what_is_not_there_is_404(toy: Toy, orders: Routes) -> None:
    async with toy(orders) as client:
        answer = await client.get("/nowhere")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:shouhou:problem:not-found")


async def test_405_lists_all_methods_of_the_path(toy: Toy, orders: Routes) -> None:
    async with toy(orders) as client:
        answer = await client.put("/orders")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST"


async def test_findings_point_to_the_place_and_say_what_to_do(toy: Toy, orders: Routes) -> None:
    body = {"lines": [{"count": 2}, {"count": 0}], "lott/~": 1, "at": "2026-10-01T08:30:00", "lot": "L0"}
    async with toy(orders) as client:
        answer = await client.post("/orders", json=body, headers=KEY)
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:shouhou:problem:invalid"
    found = {error["pointer"]: error for error in answer.json()["errors"]}
    assert found["#/lines/1/count"] == {"in": "body", "pointer": "#/lines/1/count", "detail": "不得小于 1。"}
    assert found["#/lott~1~0"]["detail"] == "没有这一项,请删除或检查名称。"
    assert found["#/lot"]["detail"] == "没有此批次。"


async def test_findings_speak_english(toy: Toy, orders: Routes) -> None:
    async with toy(orders) as client:
        answer = await client.post("/orders", json={"lines": [{}], "lot": "L0"}, headers=KEY | EN)
    details = {error["pointer"]: error["detail"] for error in answer.json()["errors"]}
    assert details == {"#/lines/0/count": "This is required.", "#/lot": "There is no such lot."}


async def test_findings_in_the_query_say_so(toy: Toy, orders: Routes) -> None:
    async with toy(orders) as client:
        answer = await client.get("/orders?limit=900&colour=red")
    assert {(e["in"], e["pointer"]) for e in answer.json()["errors"]} == {("query", "#/limit"), ("query", "#/colour")}


NOT_FROM_REQUESTS = {
    # these tell of a mistake in the program, or come only from Python callers
    "no_such_attribute",
    "json_invalid",
    "json_type",
    "needs_python_object",
    "frozen_field",
    "frozen_instance",
    "get_attribute_error",
    "dataclass_exact_type",
    "default_factory_not_called",
    "iteration_error",
    "counter_type",
    "is_instance_of",
    "is_subclass_of",
    "callable_type",
    "arguments_type",
    "missing_keyword_only_argument",
    "unexpected_positional_argument",
    "missing_positional_only_argument",
    "multiple_argument_values",
    "value_error",
}


@pytest.mark.parametrize("kind", _pydantic_core.list_all_errors(), ids=lambda kind: str(kind["type"]))
def test_every_finding_of_pydantic_has_words_in_both_languages(kind: dict[str, Any]) -> None:
    if kind["type"] in NOT_FROM_REQUESTS:
        assert kind["type"] not in SENTENCES
        return
    words = SENTENCES[kind["type"]]
    context = kind.get("example_context") or {}
    for sentence in words:
        assert sentence.format_map(context)


def test_a_pointer_is_escaped() -> None:
    assert pointer("a/b", "m~n", 0, "客户") == "#/a~1b/m~0n/0/%E5%AE%A2%E6%88%B7"


@pytest.mark.parametrize("body", ['{"lines": [}', "", "nonsense", '{"lot": "\\u0000"}', '{"lines": NaN}', b"\xff\xfe"])
async def test_what_is_not_json_is_400(toy: Toy, orders: Routes, body: str | bytes) -> None:
    async with toy(orders) as client:
        headers = KEY | {"Content-Type": "application/json", "Content-Length": str(len(body) or 1)}
        answer = await client.post("/orders", content=body or " ", headers=headers)
    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:shouhou:problem:malformed-json"


async def test_an_escaped_backslash_before_u0000_is_harmless(toy: Toy, orders: Routes) -> None:
    async with toy(orders) as client:
        headers = KEY | {"Content-Type": "application/json"}
        answer = await client.post("/orders", content='{"lot": "\\\\u0000"}', headers=headers)
    assert answer.status_code == 200


async def test_no_body_at_all_is_a_missing_body(toy: Toy, orders: Routes) -> None:
    async with toy(orders) as client:
        answer = await client.post("/orders", headers=KEY | EN)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"in": "body", "pointer": "#", "detail": "This is required."}]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_another_content_type_is_415(toy: Toy, orders: Routes, kind: str) -> None:
    async with toy(orders) as client:
        answer = await client.post("/orders", content="{}", headers=KEY | {"Content-Type": kind})
    assert answer.status_code == 415


async def test_a_form_is_wanted_where_a_form_is_wanted(toy: Toy, orders: Routes) -> None:
    async with toy(orders) as client:
        answer = await client.post("/files", json={}, headers=KEY)
    assert answer.status_code == 415
    assert "multipart/form-data" in answer.json()["detail"]


async def test_a_body_beyond_the_limit_is_413_before_it_is_read(toy: Toy, orders: Routes) -> None:
    async with toy(orders) as client:
        answer = await client.post("/orders", content=b" " * 1_000_001, headers=KEY | EN)
    assert answer.status_code == 413
    assert answer.json()["detail"].startswith("At most 1 MB")


async def test_a_body_without_a_length_is_stopped_at_the_limit(toy: Toy, orders: Routes) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 100_000
            yield b" " * 100_000

    async with toy(orders) as client:
        answer = await client.post("/orders", content=endless(), headers=KEY | {"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert sent == 1_100_000


@pytest.mark.parametrize(("size", "status"), [(2_000_000, 200), (3_000_001, 413)])
async def test_a_file_route_has_its_own_limit(toy: Toy, orders: Routes, size: int, status: int) -> None:
    async with toy(orders) as client:
        answer = await client.post("/files", files={"file": b"x" * size}, headers=KEY)
    assert answer.status_code == status


async def test_a_file_is_part_of_the_fingerprint(toy: Toy, orders: Routes) -> None:
    async def fingerprint(content: bytes) -> str:
        body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n' + content + b"\r\n--b--\r\n"
        headers = KEY | {"Content-Type": "multipart/form-data; boundary=b"}
        answer = await client.post("/files", content=body, headers=headers)
        return str(answer.json()["fingerprint"])

    async with toy(orders) as client:
        assert await fingerprint(b"one") == await fingerprint(b"one")
        assert await fingerprint(b"one") != await fingerprint(b"two")


async def test_a_problem_may_bring_its_own_findings_and_members(toy: Toy) -> None:
    finding = Finding(Words("不是我们的批次", "Not a lot of ours"), ("lines", 0, "lot"))
    async with toy(raising(Problem(INVALID, findings=[finding], lot="L1"))) as client:
        problem = (await client.get("/", headers=EN)).json()
    assert problem["errors"] == [{"in": "body", "pointer": "#/lines/0/lot", "detail": "Not a lot of ours"}]
    assert problem["lot"] == "L1"


def test_kinds_have_unique_codes_and_words_in_both_languages() -> None:
    assert len({kind.code for kind in KINDS}) == len(KINDS)
    for kind in KINDS:
        assert all((*kind.title, *kind.detail))


async def test_a_moment_pasted_into_an_address_is_told_that_its_plus_was_lost(toy: Toy) -> None:
    routes = Routes("测试", "Test")

    @routes.get("/", permission=OPEN)
    async def look(call: Call, at: AwareDatetime) -> Response:
        return Response()

    async with toy(routes) as client:
        pasted = await client.get("/?at=2026-10-01T08:30:00+08:00", headers=EN)
        nonsense = await client.get("/?at=soon 10:00", headers=EN)
        escaped = await client.get("/?at=2026-10-01T08:30:00%2B08:00", headers=EN)
    assert "%2B" in pasted.json()["errors"][0]["detail"]
    assert "%2B" not in nonsense.json()["errors"][0]["detail"]
    assert escaped.status_code == 200
