"""Notices: sent, failed or skipped, and each said so; none of it holds up the business."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import Any

import pytest
import pytest_asyncio
import uvicorn
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.gateway import listen
from tests.conftest import ServerAddresses, emptied_nats, fresh_database
from tests.integration.dispatch.conftest import Caller, DispatchOffice, until
from tests.integration.tickets.conftest import opened

pytestmark = pytest.mark.asyncio(loop_scope="module")
CHANNELS = "/reporting/notices/channels"


@dataclass
class Group:
    """Where people talk: an endpoint for each channel, and a mailbox."""

    port: int = 0
    mail_port: int = 0
    closed: set[str] = field(default_factory=set)
    heard: dict[str, list[str]] = field(default_factory=dict)
    mails: list[str] = field(default_factory=list)

    async def hook(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name in self.closed:
            return Response(status_code=500)
        self.heard.setdefault(name, []).append(json.loads(await request.body())["message"])
        return Response(status_code=200)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append(str(message_from_bytes(content, policy=policy.default)["To"]))
        return "250 OK"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def group() -> AsyncIterator[Group]:
    found = Group()
    app = Starlette(routes=[Route("/{name}", found.hook, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, timeout_graceful_shutdown=1))
    listener, mailer = listen("127.0.0.1", 0), listen("127.0.0.1", 0)
    found.port, found.mail_port = listener.getsockname()[1], mailer.getsockname()[1]
    mailer.close()
    mail = Controller(found, hostname="127.0.0.1", port=found.mail_port)
    mail.start()
    serving = asyncio.create_task(server.serve([listener]))
    yield found
    server.should_exit = True
    await serving
    mail.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(servers: ServerAddresses, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DispatchOffice]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("OUTGOING_PRIVATE", "127.0.0.0/8")
        async with fresh_database(servers) as database_url:
            nats_url = await emptied_nats(servers)
            async with opened(database_url, nats_url, tmp_path_factory.mktemp("office"), DispatchOffice) as office:
                yield office


def boss(office: DispatchOffice) -> Caller:
    return office.caller("service_manager", subject="zhao.min")


async def channel(office: DispatchOffice, group: Group, name: str, **more: Any) -> None:
    said = {
        "channel": name,
        "title": name,
        "service": "json",
        "url": f"json://127.0.0.1:{group.port}/{name}",
        "types": ["tickets.TicketOpened"],
        "templates": {"tickets.TicketOpened": "新的服务请求 {{ number }}"},
    }
    await boss(office).do(CHANNELS, said | more)


async def told(office: DispatchOffice, name: str, outcome: str) -> dict[str, Any]:
    """Until a notice of the channel has come to that: the newest such."""

    async def found() -> Any:
        rows = await boss(office).list("/reporting/notices", channel=name, outcome=outcome)
        return rows[0] if rows else None

    row: dict[str, Any] = await until(found)
    return row


async def test_a_channel_is_told_in_its_own_words(office: DispatchOffice, group: Group) -> None:
    await channel(office, group, "desk")
    ticket = await office.ticket()
    sent = await told(office, "desk", "sent")
    number = (await office.desk.read(f"/tickets/{ticket}"))["number"]
    assert group.heard["desk"] == [sent["text"]] == [f"新的服务请求 {number}"]


async def test_mail_is_a_channel_too(office: DispatchOffice, group: Group) -> None:
    url = f"mailto://127.0.0.1:{group.mail_port}?from=shouhou@example.com&to=desk@example.com&mode=insecure"
    await channel(office, group, "post", service="mailto", url=url)
    await office.ticket()
    await told(office, "post", "sent")
    assert any("desk@example.com" in to for to in group.mails)


async def test_in_quiet_hours_it_is_held_or_skipped_and_the_urgent_goes_through(
    office: DispatchOffice, group: Group
) -> None:
    # given three channels whose quiet hours are now
    all_day = {"begins": "00:00", "ends": "00:00"}
    await channel(office, group, "held", quiet=all_day)
    await channel(office, group, "skipping", quiet=all_day | {"mode": "skip"})
    await channel(office, group, "urgent", quiet=all_day, urgent=["tickets.TicketOpened"])

    # when something happens
    await office.ticket()

    # then one is told at once, one never, one when the hours are over
    await told(office, "urgent", "sent")
    skipped = await told(office, "skipping", "skipped")
    assert "quiet hours" in skipped["reason"]
    waiting = await told(office, "held", "waiting")

    async def put_off() -> bool:
        again = await told(office, "held", "waiting")
        return bool(again["due_at"] > waiting["at"])

    await until(put_off)
    assert "held" not in group.heard


async def test_more_than_the_limit_of_an_hour_is_skipped_and_said_so(office: DispatchOffice, group: Group) -> None:
    await channel(office, group, "limited", hourly_limit=1)
    await office.ticket()
    await told(office, "limited", "sent")
    await office.ticket()
    assert "limit" in (await told(office, "limited", "skipped"))["reason"]


async def test_what_fails_is_tried_again_and_then_failed_not_skipped(office: DispatchOffice, group: Group) -> None:
    # given a channel that takes nothing
    group.closed.add("deaf")
    await channel(office, group, "deaf")

    # when a ticket comes, it is taken down all the same
    await office.ticket()

    # then the notice is tried again and again, and given up
    for tries in range(1, 5):

        async def tried(tries: int = tries) -> bool:
            return bool((await told(office, "deaf", "waiting"))["attempts"] == tries)

        await until(tried)
        office.later(minutes=61)
    assert (await told(office, "deaf", "failed"))["attempts"] == 5


async def test_an_address_is_judged_and_never_shown(office: DispatchOffice, group: Group) -> None:
    said = {"channel": "x", "title": "x", "service": "json", "types": []}
    for url, pointer in (
        ("json://10.1.2.3/x", "#/url"),
        ("nonsense", "#/url"),
        ("feishu://0b6e4a0e-7f1c-4c55-9a43-2f5f0f2c8d11", "#/service"),
    ):
        answer = await boss(office).post(CHANNELS, said | {"url": url})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    await channel(office, group, "secretive")
    listed = json.dumps(await boss(office).read(CHANNELS))
    assert ("secretive" in listed, f"127.0.0.1:{group.port}" in listed) == (True, False)
