"""Routes, and the call behind a request, on a toy service whose 'log' is a dictionary."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, cast
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import Query
from pydantic import BaseModel
from starlette.responses import Response

from shared.api import Call, Routes
from shared.auth import Permission, Role, public
from shared.eventlog import Context, IdempotencyMismatch, Outcome
from shared.events.base import Source
from shared.paging import Page, PageOf

NOW = datetime(2026, 10, 8, 2, 30, tzinfo=UTC)
EN = {"Accept-Language": "en"}
OPEN = Permission("toy.open", [Role.RECEPTION])
READ = Permission("toy.read", [Role.RECEPTION, Role.ENGINEER], own=True)
PARKED = Permission("toy.retry", [Role.ADMIN], operations=True)
ANYBODY = public("a test")

Toy = Callable[[Routes], httpx.AsyncClient]
Headers = Callable[..., dict[str, str]]


class Open(BaseModel):
    title: str
    at: datetime | None = None


class Filters(Page):
    state: str | None = None


class Row(BaseModel):
    number: int
    opened: datetime


ROWS = [Row(number=n, opened=NOW + timedelta(seconds=n // 3)) for n in range(1, 24)]


class Things:
    """The toy: it keeps answers by key as the log does, and the contexts that it was given."""

    def __init__(self) -> None:
        self.contexts: list[Context] = []
        self.answers: dict[tuple[str, str], tuple[bytes, Any]] = {}

    def execute(self, context: Context, answer: Any) -> Outcome:
        assert context.key
        self.contexts.append(context)
        key = (context.actor, context.key.key)
        if key not in self.answers:
            self.answers[key] = (context.key.fingerprint, answer)
            return Outcome(answer, 1, replayed=False)
        fingerprint, first = self.answers[key]
        if fingerprint != context.key.fingerprint:
            raise IdempotencyMismatch(key)
        return Outcome(first, 1, replayed=True)


@pytest.fixture
def things() -> Things:
    return Things()


@pytest.fixture
def routes(things: Things) -> Routes:
    routes = Routes("事物", "Things")

    @routes.post("/things", permission=OPEN, status_code=201)
    async def open_thing(call: Call, body: Open, dry_run: bool = False) -> Response:
        answer = {"id": str(uuid4()), "version": 1, "at": call.moment(body.at).isoformat()}
        return call.done(things.execute(call.context(), answer), status=201, location=f"/things/{answer['id']}")

    @routes.get("/things", permission=ANYBODY, response_model=PageOf[Row])
    async def listed(call: Call, page: Annotated[Filters, Query()]) -> Response:
        after = page.after(datetime, int)
        rows = [row for row in ROWS if after is None or (row.opened, row.number) > after]
        return call.page(page, rows[: page.limit + 1], lambda row: (row.opened, row.number))

    @routes.get("/things/{number}", permission=ANYBODY)
    async def one(call: Call, number: int) -> Response:
        return call.answer({"number": number, "price": Decimal("19.90")}, version=7)

    @routes.get("/things/mine", permission=READ)
    async def mine(call: Call) -> Response:
        return call.answer({"own": call.own})

    @routes.get("/things/careless", permission=READ)
    async def careless(call: Call) -> Response:
        return call.answer({"everybody's": True})

    @routes.get("/things/of/{engineer}", permission=READ)
    async def of_engineer(call: Call, engineer: str) -> Response:
        call.require_own(engineer)
        return call.answer({})

    @routes.put("/things/{number}", permission=OPEN)
    async def change(call: Call, number: int) -> Response:
        return call.answer({"expected": call.expected_version, "context": str(call.context().source)})

    @routes.search("/things/search", permission=OPEN)
    async def search(call: Call, page: Filters) -> Response:
        after = page.after(datetime, int)
        rows = [row for row in ROWS if after is None or (row.opened, row.number) > after]
        return call.page(page, rows[: page.limit + 1], lambda row: (row.opened, row.number))

    @routes.post("/answers", permission=ANYBODY, keyless="a browser's form can't send the header")
    async def answer(call: Call) -> Response:
        return call.answer({"actor": call.context(actor="customer").actor, "key": call.context().key})

    @routes.post("/parked", permission=PARKED)
    async def retry(call: Call) -> Response:
        return call.answer(None, status=204)

    return routes


@pytest.fixture
def client(toy: Toy, routes: Routes) -> httpx.AsyncClient:
    return toy(routes)


# -- declaring --------------------------------------------------------------------------------------------------


def test_a_route_without_permission_can_not_be_declared() -> None:
    async def handler(call: Call) -> Response:
        return call.answer({})

    routes = Routes("a", "a")
    with pytest.raises(TypeError, match="permission"):
        cast(Any, routes).get("/")(handler)
    with pytest.raises(TypeError, match="Permission"):
        routes.get("/", permission=cast(Any, None))(handler)
    assert routes.routes == []


def test_a_command_is_never_given_to_auditor_or_admin() -> None:
    async def handler(call: Call) -> Response:
        return call.answer({})

    routes = Routes("a", "a")
    for role in (Role.AUDITOR, Role.ADMIN):
        with pytest.raises(ValueError, match=role.value):
            routes.post("/", permission=Permission("x", [role]))(handler)
        routes.get("/", permission=Permission("x", [role]))(handler)


def test_a_handler_that_would_block_is_refused() -> None:
    def handler(call: Call) -> Response:
        return call.answer({})

    with pytest.raises(TypeError, match="async"):
        Routes("a", "a").get("/", permission=ANYBODY)(cast(Any, handler))


def test_a_route_tells_its_permission(routes: Routes) -> None:
    assert {(next(iter(r.methods or ())), r.path): r.permission for r in routes.routes}[("POST", "/things")] is OPEN


# -- entering ---------------------------------------------------------------------------------------------------


async def test_who_has_no_token_is_challenged(client: httpx.AsyncClient) -> None:
    answer = await client.post("/things", json={})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="shouhou"'
    assert answer.json()["type"] == "urn:shouhou:problem:token-missing"


async def test_who_has_a_bad_token_is_told_so(client: httpx.AsyncClient) -> None:
    answer = await client.post("/things", json={}, headers={"Authorization": "Bearer a.b.c"} | EN)
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert answer.json()["type"] == "urn:shouhou:problem:token-invalid"


async def test_who_may_not_is_told_who_may(client: httpx.AsyncClient, as_role: Headers) -> None:
    answer = await client.post("/things", json={}, headers=as_role(Role.HR) | EN)
    assert answer.status_code == 403
    assert "reception" in answer.json()["detail"]


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_enters_where_it_is_let_in(client: httpx.AsyncClient, as_role: Headers, role: Role) -> None:
    async def status(method: str, path: str) -> int:
        headers = as_role(role, engineer="e-7", Idempotency_Key=str(uuid4()))
        return (await client.request(method, path, json={"title": "t"}, headers=headers)).status_code

    assert await status("POST", "/things") == (201 if role is Role.RECEPTION else 403)
    readers = (Role.RECEPTION, Role.ENGINEER, Role.AUDITOR)
    assert await status("GET", "/things/mine") == (200 if role in readers else 403)
    assert await status("POST", "/things/search") == (422 if role in (Role.RECEPTION, Role.AUDITOR) else 403)
    assert await status("POST", "/parked") == (204 if role is Role.ADMIN else 403)
    assert await status("GET", "/things") == 200


async def test_an_engineer_reaches_what_is_theirs(client: httpx.AsyncClient, as_role: Headers) -> None:
    engineer = as_role(Role.ENGINEER, engineer="e-7")
    assert (await client.get("/things/mine", headers=engineer)).json() == {"own": "e-7"}
    assert (await client.get("/things/mine", headers=as_role(Role.RECEPTION))).json() == {"own": None}
    assert (await client.get("/things/of/e-7", headers=engineer)).status_code == 200
    assert (await client.get("/things/of/e-8", headers=engineer)).status_code == 403
    assert (await client.get("/things/of/e-8", headers=as_role(Role.RECEPTION))).status_code == 200


async def test_an_engineer_whom_the_token_does_not_name_reaches_nothing(
    client: httpx.AsyncClient, as_role: Headers
) -> None:
    assert (await client.get("/things/mine", headers=as_role(Role.ENGINEER))).status_code == 403


async def test_a_handler_that_forgets_to_limit_gives_an_engineer_no_answer(
    client: httpx.AsyncClient, as_role: Headers
) -> None:
    assert (await client.get("/things/careless", headers=as_role(Role.RECEPTION))).status_code == 200
    answer = await client.get("/things/careless", headers=as_role(Role.ENGINEER, engineer="e-7"))
    assert answer.status_code == 500
    assert "everybody" not in answer.text


async def test_a_literal_goes_before_a_parameter(client: httpx.AsyncClient, as_role: Headers) -> None:
    assert (await client.get("/things/12")).json()["number"] == 12
    assert "own" in (await client.get("/things/mine", headers=as_role(Role.AUDITOR))).json()
    assert (await client.get("/things/nonsense")).status_code == 422


# -- commands ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (None, "idempotency-key-missing"),
        ("", "idempotency-key-invalid"),
        ("k" * 201, "idempotency-key-invalid"),
        ("k 1", "idempotency-key-invalid"),
        ("ü", "idempotency-key-invalid"),
    ],
)
async def test_a_command_needs_a_usable_key(
    client: httpx.AsyncClient, as_role: Headers, key: str | None, code: str
) -> None:
    headers: dict[str, Any] = as_role(Role.RECEPTION)
    if key is not None:
        headers["Idempotency-Key"] = key.encode()
    answer = await client.post("/things", json={"title": "t"}, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["type"] == f"urn:shouhou:problem:{code}"


async def test_the_same_key_gets_the_same_answer(client: httpx.AsyncClient, as_role: Headers) -> None:
    headers = as_role(Role.RECEPTION, Idempotency_Key="k" * 200)
    first = await client.post("/things", json={"title": "t"}, headers=headers)
    again = await client.post("/things", json={"title": "t"}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert first.headers["etag"] == again.headers["etag"] == '"1"'
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"


async def test_the_same_key_with_another_command_is_422(client: httpx.AsyncClient, as_role: Headers) -> None:
    headers = as_role(Role.RECEPTION, Idempotency_Key="k")
    await client.post("/things", json={"title": "t"}, headers=headers)
    for path, body in (("/things", {"title": "u"}), ("/things?dry_run=1", {"title": "t"})):
        answer = await client.post(path, json=body, headers=headers)
        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:shouhou:problem:idempotency-key-reused"


async def test_keys_belong_to_their_actor(client: httpx.AsyncClient, as_role: Headers) -> None:
    answers = [
        await client.post(
            "/things", json={"title": "t"}, headers=as_role(Role.RECEPTION, subject=subject, Idempotency_Key="k")
        )
        for subject in ("li", "wang")
    ]
    assert answers[0].json() != answers[1].json()


async def test_the_context_says_who_from_where_and_why(
    client: httpx.AsyncClient, as_role: Headers, things: Things
) -> None:
    correlation, trace = str(uuid4()), f"00-{'a' * 32}-{'b' * 16}-01"
    headers = as_role(
        Role.RECEPTION,
        subject="li",
        Idempotency_Key="k",
        X_Correlation_ID=correlation,
        X_Source="call",
        traceparent=trace,
    )
    answer = await client.post("/things", json={"title": "t"}, headers=headers)
    assert answer.headers["x-correlation-id"] == correlation
    context = things.contexts[0]
    assert (context.actor, context.source, context.correlation_id) == ("li", Source.CALL, UUID(correlation))
    assert context.traceparent == trace
    assert context.key
    assert (context.key.key, len(context.key.fingerprint)) == ("k", 32)


@pytest.mark.parametrize("given", ["", "nonsense", "'; drop table events; --", "x" * 36])
async def test_a_correlation_id_that_is_none_is_replaced(client: httpx.AsyncClient, given: str) -> None:
    answer = await client.get("/things", headers={"X-Correlation-ID": given})
    assert answer.headers["x-correlation-id"] == str(UUID(answer.headers["x-correlation-id"]))


async def test_a_traceparent_that_is_none_is_not_kept(
    client: httpx.AsyncClient, as_role: Headers, things: Things
) -> None:
    headers = as_role(Role.RECEPTION, Idempotency_Key="k", traceparent="li 13812345678")
    await client.post("/things", json={"title": "t"}, headers=headers)
    assert things.contexts[0].traceparent is None


async def test_sources_are_web_or_what_the_header_says(client: httpx.AsyncClient, as_role: Headers) -> None:
    headers = as_role(Role.RECEPTION, Idempotency_Key="k")
    assert (await client.put("/things/1", headers=headers)).json()["context"] == "web"
    assert (await client.put("/things/1", headers=headers | {"X-Source": "app"})).json()["context"] == "app"
    for forged in ("timer", "event", "import", "x"):
        answer = await client.put("/things/1", headers=headers | {"X-Source": forged})
        assert answer.json()["type"] == "urn:shouhou:problem:header-invalid"


@pytest.mark.parametrize(
    ("given", "expected"), [(None, None), ("*", None), ('"7"', 7), ('W/"7"', 7), (' "12" ', 12), ('"0"', 0)]
)
async def test_if_match_names_a_version(
    client: httpx.AsyncClient, as_role: Headers, given: str | None, expected: int | None
) -> None:
    headers = as_role(Role.RECEPTION, Idempotency_Key="k") | ({"If-Match": given} if given else {})
    assert (await client.put("/things/1", headers=headers)).json()["expected"] == expected


@pytest.mark.parametrize("given", ["7", '"x"', '"7", "8"', '"-1"', '"' + "9" * 30 + '"'])
async def test_if_match_must_be_an_etag_of_ours(client: httpx.AsyncClient, as_role: Headers, given: str) -> None:
    answer = await client.put("/things/1", headers=as_role(Role.RECEPTION, Idempotency_Key="k") | {"If-Match": given})
    assert answer.status_code == 400


async def test_a_keyless_command_of_the_public_has_an_actor_all_the_same(client: httpx.AsyncClient) -> None:
    assert (await client.post("/answers")).json() == {"actor": "customer", "key": None}


async def test_a_key_that_nobody_asked_for_is_no_key(client: httpx.AsyncClient) -> None:
    # given a command of many pieces of work, which under one key would all be the first one
    answer = await client.post("/answers", headers={"Idempotency-Key": "k"})

    # then the key that a caller sends all the same counts for none of them
    assert answer.json()["key"] is None


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (None, NOW),
        (NOW - timedelta(days=30), NOW - timedelta(days=30)),
        (NOW + timedelta(minutes=2), NOW),
    ],
)
async def test_what_happened_happened_in_the_past(
    client: httpx.AsyncClient, as_role: Headers, given: datetime | None, taken: datetime
) -> None:
    body = {"title": "t", "at": given.isoformat() if given else None}
    answer = await client.post("/things", json=body, headers=as_role(Role.RECEPTION, Idempotency_Key="k"))
    assert datetime.fromisoformat(answer.json()["at"]) == taken


async def test_what_happened_in_the_future_is_refused(client: httpx.AsyncClient, as_role: Headers) -> None:
    body = {"title": "t", "at": (NOW + timedelta(minutes=2, seconds=1)).isoformat()}
    answer = await client.post("/things", json=body, headers=as_role(Role.RECEPTION, Idempotency_Key="k") | EN)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/at"


# -- answers ----------------------------------------------------------------------------------------------------


async def test_an_answer_has_its_version_as_etag_and_is_not_sent_twice(client: httpx.AsyncClient) -> None:
    answer = await client.get("/things/3")
    assert answer.headers["etag"] == '"7"'
    assert answer.json() == {"number": 3, "price": "19.90"}
    for known in ('"7"', 'W/"7"', '"3", "7"', "*"):
        again = await client.get("/things/3", headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", '"7"')
    assert (await client.get("/things/3", headers={"If-None-Match": '"6"'})).status_code == 200


async def test_a_new_thing_says_where_it_is(client: httpx.AsyncClient, as_role: Headers) -> None:
    answer = await client.post("/things", json={"title": "t"}, headers=as_role(Role.RECEPTION, Idempotency_Key="k"))
    assert answer.headers["location"] == f"/things/{answer.json()['id']}"


# -- lists ------------------------------------------------------------------------------------------------------


async def test_pages_follow_one_another_without_gap_or_repetition(client: httpx.AsyncClient) -> None:
    url: str | None = "/things?limit=5&state=open"
    seen: list[int] = []
    pages = 0
    while url:
        page = (await client.get(url)).json()
        seen += [row["number"] for row in page["items"]]
        url = page["next"]
        assert url is None or url.count("cursor=") == 1
        pages += 1
    assert seen == [row.number for row in ROWS]
    assert pages == 5


async def test_the_last_page_has_no_next(client: httpx.AsyncClient) -> None:
    page = (await client.get(f"/things?limit={len(ROWS)}")).json()
    assert (len(page["items"]), page["next"], page["cursor"]) == (len(ROWS), None, None)


async def test_a_search_pages_by_the_cursor_in_its_body(client: httpx.AsyncClient, as_role: Headers) -> None:
    headers = as_role(Role.RECEPTION)
    first = (await client.post("/things/search", json={"limit": 20}, headers=headers)).json()
    assert first["next"] is None
    body = {"limit": 20, "cursor": first["cursor"]}
    second = (await client.post("/things/search", json=body, headers=headers)).json()
    assert [row["number"] for row in second["items"]] == [21, 22, 23]


@pytest.mark.parametrize("cursor", ["x", "%FF", "bnVsbA", "W10", "WyJ4Il0", "🙂", "W1tbW1tb", "AAAA" * 400])
async def test_a_cursor_that_is_not_ours_is_400(client: httpx.AsyncClient, cursor: str) -> None:
    answer = await client.get("/things", params={"cursor": cursor})
    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:shouhou:problem:cursor-invalid"


async def test_a_cursor_of_other_filters_is_400(client: httpx.AsyncClient) -> None:
    page = (await client.get("/things?limit=5&state=open")).json()
    answer = await client.get("/things", params={"cursor": page["cursor"], "state": "closed"})
    assert answer.status_code == 400
    more = await client.get("/things", params={"cursor": page["cursor"], "state": "open", "limit": 7})
    assert [row["number"] for row in more.json()["items"]] == [6, 7, 8, 9, 10, 11, 12]


@pytest.mark.parametrize(("limit", "status"), [(0, 422), (1, 200), (200, 200), (201, 422), ("x", 422)])
async def test_a_page_has_1_to_200_items(client: httpx.AsyncClient, limit: object, status: int) -> None:
    assert (await client.get(f"/things?limit={limit}")).status_code == status


async def test_nul_in_an_address_is_refused(client: httpx.AsyncClient) -> None:
    for path in ("/things?state=%00", "/things/%00"):
        assert (await client.get(path)).status_code == 400


# -- the description --------------------------------------------------------------------------------------------


async def test_the_description_tells_permissions_keys_and_errors(client: httpx.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()
    command = described["paths"]["/things"]["post"]
    assert command["x-permission"] == {"name": "toy.open", "roles": ["reception"]}
    assert command["security"] == [{"bearer": []}]
    assert {"$ref": "#/components/parameters/IdempotencyKey"} in command["parameters"]
    assert {"401", "403", "409", "412", "422"} <= command["responses"].keys()
    reading = described["paths"]["/things/mine"]["get"]
    assert reading["x-permission"] == {
        "name": "toy.read",
        "roles": ["auditor", "engineer", "reception"],
        "engineers": "own",
    }
    assert {"$ref": "#/components/parameters/IdempotencyKey"} not in reading["parameters"]
    listed = described["paths"]["/things"]["get"]
    assert listed["x-permission"] == {"public": "a test"}
    assert listed["security"] == []


async def test_every_reference_of_the_description_leads_somewhere(client: httpx.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()

    def references(node: Any) -> list[str]:
        if isinstance(node, list):
            return [reference for item in node for reference in references(item)]
        if not isinstance(node, dict):
            return []
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [reference for item in node.values() for reference in references(item)]

    found = set(references(described))
    assert "#/components/responses/Problem409" in found
    for reference in found:
        target: Any = described
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]
    assert "HTTPValidationError" not in json.dumps(described)


async def test_problems_are_shown_by_example_in_both_languages(client: httpx.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()
    examples = described["components"]["responses"]["Problem412"]["content"]["application/problem+json"]["examples"]
    assert examples["precondition-failed (zh)"]["value"]["title"] == "内容已被他人更改"
    assert examples["precondition-failed (en)"]["value"]["status"] == 412
