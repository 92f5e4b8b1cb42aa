"""Events reach integrators signed and in order; failures are tried again, given up, redelivered, replayed."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
import uvicorn
from standardwebhooks.webhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.reporting.domain.trying import ATTEMPTS
from shared.gateway import listen
from tests.conftest import ServerAddresses, emptied_nats, fresh_database
from tests.integration.dispatch.conftest import Caller, DispatchOffice, until
from tests.integration.tickets.conftest import opened

pytestmark = pytest.mark.asyncio(loop_scope="module")
HOOKS = "/reporting/webhooks"


@dataclass
class Receiver:
    """An integrator's endpoints, one for each test: ``/<name>``."""

    url: str = ""
    answers: dict[str, int] = field(default_factory=dict)
    """What an endpoint answers; 204 where nothing is said."""
    got: dict[str, list[tuple[dict[str, str], bytes]]] = field(default_factory=dict)

    async def hook(self, request: Request) -> Response:
        name = request.path_params["name"]
        self.got.setdefault(name, []).append((dict(request.headers), await request.body()))
        status = self.answers.get(name, 204)
        if status == 0:
            await asyncio.sleep(30)
        return Response(status_code=status)

    def events(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.got.get(name, [])]

    def types(self, name: str) -> list[str]:
        return [event["type"] for event in self.events(name)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def receiver() -> AsyncIterator[Receiver]:
    found = Receiver()
    app = Starlette(routes=[Route("/{name}", found.hook, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, timeout_graceful_shutdown=1))
    listener = listen("127.0.0.1", 0)
    found.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    serving = asyncio.create_task(server.serve([listener]))
    yield found
    server.should_exit = True
    await serving


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(servers: ServerAddresses, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DispatchOffice]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("OUTGOING_PRIVATE", "127.0.0.0/8")
        async with fresh_database(servers) as database_url:
            nats_url = await emptied_nats(servers)
            async with opened(database_url, nats_url, tmp_path_factory.mktemp("office"), DispatchOffice) as office:
                yield office


def integrator(office: DispatchOffice) -> Caller:
    return office.caller("integration", subject="erp")


async def subscribed(office: DispatchOffice, receiver: Receiver, name: str, *types: str, **more: Any) -> str:
    """A webhook; its path."""
    said = {"name": name, "url": f"{receiver.url}/{name}", "types": list(types)} | more
    answer = await integrator(office).do(HOOKS, said)
    return f"{HOOKS}/{answer['webhook']}"


async def fares(office: DispatchOffice, path: str) -> dict[str, Any]:
    found: dict[str, Any] = await integrator(office).read(path)
    return found


async def test_events_come_signed_and_in_the_order_of_their_aggregate(
    office: DispatchOffice, receiver: Receiver
) -> None:
    # given an integrator who wants what happens to tickets
    wanted = ("tickets.TicketOpened", "tickets.TicketTriaged", "tickets.FirstAnswerGiven", "tickets.TicketResolved")
    path = await subscribed(office, receiver, "ordered", *wanted)

    # when a ticket goes its way
    ticket = await office.resolved()

    # then each event comes once, in order, and no other
    async def came() -> bool:
        return len(receiver.types("ordered")) >= len(wanted)

    await until(came)
    assert receiver.types("ordered") == list(wanted)
    event = receiver.events("ordered")[0]
    assert (event["specversion"], event["source"], event["datacontenttype"]) == (
        "1.0",
        event["source"],
        "application/json",
    )
    assert event["data"]["data"]["ticket"] == ticket

    # and the receiver can tell that it was us
    secret = (await integrator(office).do(f"{path}/secret"))["secret"]
    headers, body = receiver.got["ordered"][0]
    sent_at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    assert headers["webhook-signature"] == Webhook(secret).sign(headers["webhook-id"], sent_at, body.decode())
    assert headers["webhook-id"] == event["id"]


async def test_in_binary_the_event_is_the_body(office: DispatchOffice, receiver: Receiver) -> None:
    await subscribed(office, receiver, "binary", "tickets.TicketOpened", format="binary")
    ticket = await office.ticket()

    async def came() -> bool:
        return bool(receiver.got.get("binary"))

    await until(came)
    headers, body = receiver.got["binary"][0]
    assert (headers["ce-type"], json.loads(body)["data"]["ticket"]) == ("tickets.TicketOpened", ticket)


async def test_a_receiver_that_is_away_gets_it_later_with_the_same_id_and_keeps_nobody_waiting(
    office: DispatchOffice, receiver: Receiver
) -> None:
    # given a receiver that is away, one that never answers, and one that is fine
    receiver.answers |= {"away": 503, "silent": 0}
    path = await subscribed(office, receiver, "away", "tickets.TicketOpened")
    await subscribed(office, receiver, "silent", "tickets.TicketOpened")
    await subscribed(office, receiver, "fine", "tickets.TicketOpened")

    # when a ticket comes
    await office.ticket()

    async def fine() -> bool:
        return bool(receiver.got.get("fine")) and bool(receiver.got.get("away"))

    await until(fine)

    async def noted() -> Any:
        shown = await fares(office, path)
        return shown["failures"] and shown

    shown = await until(noted)
    assert (shown["waiting"], shown["dead"], shown["last_error"]) == (1, 0, "HTTP 503")

    # when it is back, and the time of the next try has come
    receiver.answers["away"] = 204
    office.later(minutes=1)

    async def delivered() -> bool:
        return (await fares(office, path))["waiting"] == 0

    await until(delivered)
    ids = [headers["webhook-id"] for headers, _ in receiver.got["away"]]
    assert (len(ids), len(set(ids))) == (2, 1)
    receiver.answers["silent"] = 204


async def test_what_is_refused_to_the_end_is_a_dead_letter_that_people_can_send_again(
    office: DispatchOffice, receiver: Receiver
) -> None:
    # given a receiver that refuses an event for days
    receiver.answers["picky"] = 422
    path = await subscribed(office, receiver, "picky", "tickets.TicketOpened")
    await office.ticket()
    for tries in range(1, ATTEMPTS + 1):

        async def tried(tries: int = tries) -> bool:
            return len(receiver.got.get("picky", [])) >= tries

        await until(tried)
        office.later(hours=15)

    # then it is given up, and listed
    async def dead() -> Any:
        return await integrator(office).list(f"{path}/dead-letters")

    (letter,) = await until(dead)
    assert (letter["type"], letter["attempts"], letter["error"]) == ("tickets.TicketOpened", ATTEMPTS, "HTTP 422")
    tries_told = await integrator(office).list(f"{path}/deliveries")
    assert [each["outcome"] for each in tries_told][:2] == ["dead", "failed"]

    # when it is sent again, it comes
    receiver.answers["picky"] = 204
    await integrator(office).do(f"{path}/dead-letters/{letter['source']}/{letter['position']}/redeliver")

    async def gone() -> bool:
        shown = await fares(office, path)
        return (shown["waiting"], shown["dead"]) == (0, 0)

    await until(gone)


async def test_a_replay_pushes_again_from_a_position_with_the_same_ids(
    office: DispatchOffice, receiver: Receiver
) -> None:
    await office.ticket()
    path = await subscribed(office, receiver, "replayed", "tickets.TicketOpened")
    opened_before = sum(event["topic"] == "tickets.TicketOpened" for event in await office.events())
    await integrator(office).do(f"{path}/replay", {"source": "tickets", "from_position": 1})

    async def all_came() -> bool:
        return len(receiver.got.get("replayed", [])) >= opened_before

    await until(all_came)
    positions = [int(event["sequence"]) for event in receiver.events("replayed")]
    assert len(set(positions)) == len(positions) == opened_before


async def test_paused_nothing_is_pushed_and_what_waited_comes_when_resumed(
    office: DispatchOffice, receiver: Receiver
) -> None:
    path = await subscribed(office, receiver, "paused", "tickets.TicketOpened")
    await integrator(office).do(f"{path}/pause", {"reason": "维护"})
    await office.ticket()

    async def waits() -> bool:
        return bool((await fares(office, path))["waiting"])

    await until(waits)
    assert not receiver.got.get("paused")
    await integrator(office).do(f"{path}/resume")

    async def came() -> bool:
        return bool(receiver.got.get("paused"))

    await until(came)


async def test_gone_is_for_good(office: DispatchOffice, receiver: Receiver) -> None:
    receiver.answers["gone"] = 410
    path = await subscribed(office, receiver, "gone", "tickets.TicketOpened")
    await office.ticket()

    async def ended() -> bool:
        return bool((await fares(office, path))["status"] == "ENDED")

    await until(ended)
    problem = await integrator(office).refused(f"{path}/pause", {"reason": "x"})
    assert "已终止" in problem["detail"]


async def test_a_new_secret_signs_beside_the_old_one_for_a_while(office: DispatchOffice, receiver: Receiver) -> None:
    path = await subscribed(office, receiver, "rotated", "tickets.TicketOpened")
    old = (await integrator(office).do(f"{path}/secret"))["secret"]
    await integrator(office).do(f"{path}/rotate-secret", {"overlap_hours": 1})
    new = (await integrator(office).do(f"{path}/secret"))["secret"]
    assert old != new
    await office.ticket()

    async def came(times: int = 1) -> bool:
        return len(receiver.got.get("rotated", [])) >= times

    await until(came)
    headers, body = receiver.got["rotated"][0]
    sent_at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    signatures = headers["webhook-signature"].split(" ")
    assert signatures == [Webhook(each).sign(headers["webhook-id"], sent_at, body.decode()) for each in (new, old)]
    office.later(hours=1)
    await office.ticket()
    await until(lambda: came(2))
    assert len(receiver.got["rotated"][1][0]["webhook-signature"].split(" ")) == 1


async def test_a_ping_tells_nothing_and_is_listed(office: DispatchOffice, receiver: Receiver) -> None:
    path = await subscribed(office, receiver, "pinged", "tickets.TicketClosed")
    await integrator(office).do(f"{path}/ping")

    async def came() -> bool:
        return receiver.types("pinged") == ["shouhou.Ping"]

    await until(came)


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"url": "http://192.0.2.1/x"}, "#/url"),
        ({"url": "https://10.1.2.3/x"}, "#/url"),
        ({"url": "nonsense"}, "#/url"),
        ({"format": "yaml"}, "#/format"),
    ],
)
async def test_a_wrong_wish_is_refused(office: DispatchOffice, said: dict[str, Any], pointer: str) -> None:
    body = {"name": "x", "url": "http://127.0.0.1:9/x", "types": []} | said
    answer = await integrator(office).post(HOOKS, body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_a_type_that_nobody_publishes_is_refused(office: DispatchOffice, receiver: Receiver) -> None:
    body = {"name": "x", "url": f"{receiver.url}/x", "types": ["tickets.TicketEaten"]}
    problem = await integrator(office).refused(HOOKS, body)
    assert "tickets.TicketEaten" in problem["detail"]


async def test_neither_address_nor_secret_lies_readable_anywhere(office: DispatchOffice, receiver: Receiver) -> None:
    path = await subscribed(office, receiver, "sealed-address")
    secret = (await integrator(office).do(f"{path}/secret"))["secret"]
    events = json.dumps(await office.events("reporting"))
    assert "sealed-address" in events, "its name is told"
    assert f"{receiver.url}/sealed-address" not in events
    async with office.runtime("reporting").pool.connection() as connection:
        rows = await connection.execute("SELECT url, secret FROM webhooks")
        for url, sealed in await rows.fetchall():
            assert b"http" not in bytes(url)
            assert secret.removeprefix("whsec_").encode() not in bytes(sealed)
