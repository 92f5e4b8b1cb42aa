"""Issued reports reach their recipients: by e-mail, in a folder, by webhook; failures are tried again, and those who
don't acknowledge are reminded."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

import pytest
import pytest_asyncio
import uvicorn
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from standardwebhooks.webhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.gateway import listen
from tests.conftest import ServerAddresses, emptied_nats, fresh_database
from tests.integration.dispatch.conftest import DispatchOffice, until
from tests.integration.reporting.test_months import boss, drafter, issued, month_opened
from tests.integration.tickets.conftest import opened

pytestmark = pytest.mark.asyncio(loop_scope="module")

ITEMS = "/reporting/months/SX-2026-10"


@dataclass
class PostOffice:
    """A mail server and a webhook of the recipients'."""

    mails: list[tuple[str, EmailMessage]] = field(default_factory=list)
    pushed: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    closed: bool = False
    """It refuses everything."""
    url: str = ""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        if self.closed:
            return "451 try again later"
        message = cast(EmailMessage, message_from_bytes(cast(bytes, envelope.content), policy=policy.default))
        self.mails.append((envelope.rcpt_tos[0], message))
        return "250 OK"

    async def hook(self, request: Request) -> Response:
        self.pushed.append((dict(request.headers), await request.body()))
        return Response(status_code=503 if self.closed else 204)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def post() -> AsyncIterator[PostOffice]:
    office = PostOffice()
    server = uvicorn.Server(
        uvicorn.Config(
            Starlette(routes=[Route("/hook", office.hook, methods=["POST"])]), lifespan="off", log_config=None
        )
    )
    listener = listen("127.0.0.1", 0)
    office.url = f"http://127.0.0.1:{listener.getsockname()[1]}/hook"
    serving = asyncio.create_task(server.serve([listener]))
    yield office
    server.should_exit = True
    await serving


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(
    servers: ServerAddresses, tmp_path_factory: pytest.TempPathFactory, post: PostOffice
) -> AsyncIterator[DispatchOffice]:
    """With a mail server that takes its mail."""
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    listener.close()
    mail = Controller(post, hostname="127.0.0.1", port=port)
    mail.start()
    with pytest.MonkeyPatch.context() as environment:
        said = {"HOST": "127.0.0.1", "PORT": str(port), "SECURITY": "none"}
        for name, value in said.items():
            environment.setenv(f"SMTP_{name}", value)
        environment.setenv("MAIL_FROM", "shouhou@example.com")
        environment.setenv("OUTGOING_PRIVATE", "127.0.0.0/8")
        async with fresh_database(servers) as database_url:
            nats_url = await emptied_nats(servers)
            async with opened(database_url, nats_url, tmp_path_factory.mktemp("office"), DispatchOffice) as office:
                yield office
    mail.stop()


async def recipient(office: DispatchOffice, name: str, audience: str, means: list[str], **more: Any) -> None:
    said = {"recipient": name, "title": name, "audience": audience, "means": means} | more
    await drafter(office).do("/reporting/recipients", said)

    async def listed() -> bool:
        return name in {row["recipient"] for row in await drafter(office).read("/reporting/recipients")}

    await until(listed)


async def told(office: DispatchOffice, event: str, times: int) -> list[dict[str, Any]]:
    """Until the report's history tells of ``event`` so often."""

    async def found() -> Any:
        lines = await boss(office).read(f"{ITEMS}/history")
        mine = [line for line in lines if line["event"] == event]
        return mine if len(mine) >= times else None

    lines: list[dict[str, Any]] = await until(found)
    return lines


async def test_each_recipient_gets_its_cut_by_its_means_and_a_failure_is_tried_again(
    office: DispatchOffice, post: PostOffice
) -> None:
    # given three recipients, and a mail server and a webhook that are closed
    await month_opened(office, "SX-2026-10")
    await office.ticket(product_name="粘鼠板")
    await recipient(office, "quality", "quality", ["email"], email="quality@example.com")
    await recipient(office, "board", "management", ["folder"])
    await recipient(office, "market", "marketing", ["webhook"], webhook=post.url)
    post.closed = True
    office.clock.move_to(datetime(2026, 11, 2, 1, tzinfo=UTC))

    # when the item report is issued
    await issued(office, ITEMS)

    # then the folder has the board's cut
    failures = await told(office, "MonthlyReportDeliveryFailed", 2)
    assert any("451" in line["words"] for line in failures)
    await told(office, "MonthlyReportDelivered", 1)
    folder = office.data_dir / "outbox" / "SX-2026-10" / "board"
    assert {file.name for file in folder.iterdir()} == {
        "message.txt",
        "SX-2026-10-data.json",
        "SX-2026-10.csv",
        *(f"SX-2026-10-management.{kind}" for kind in ("csv", "pdf", "xlsx")),
    }

    # and the others get theirs when they can be reached again
    post.closed = False
    office.clock.move_to(office.clock.now() + timedelta(minutes=1, seconds=1))
    await told(office, "MonthlyReportDelivered", 3)
    ((to, message),) = post.mails
    assert (to, message["From"]) == ("quality@example.com", "shouhou@example.com")
    attached = {part.get_filename(): part.get_content() for part in message.iter_attachments()}
    assert set(attached) == {f"SX-2026-10-quality.{kind}" for kind in ("csv", "pdf", "xlsx")}
    files = {each["name"]: each["sha256"] for each in (await boss(office).read(ITEMS))["issues"][0]["files"]}
    pdf = attached["SX-2026-10-quality.pdf"]
    assert hashlib.sha256(cast(bytes, pdf)).hexdigest() == files["SX-2026-10-quality.pdf"]

    # and a webhook can tell that it was us
    headers, body = post.pushed[-1]
    secret = (await drafter(office).do("/reporting/recipients/market/webhook-secret"))["secret"]
    # (the office's clock is not the verifier's, which refuses what is older than five minutes)
    sent_at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    assert headers["webhook-signature"] == Webhook(secret).sign(headers["webhook-id"], sent_at, body.decode())
    assert files["SX-2026-10-marketing.pdf"].encode() in body


async def test_who_doesnt_acknowledge_is_reminded_and_who_does_isnt(office: DispatchOffice, post: PostOffice) -> None:
    # given the board, that has acknowledged
    await boss(office).do(f"{ITEMS}/acknowledge", {"recipient": "board"})
    before = len(post.mails)

    # when the time to acknowledge is over
    office.clock.move_to(office.clock.now() + timedelta(days=3, minutes=1))
    (reminder, *_) = await told(office, "MonthlyReportReminderDue", 1)

    # then the others are asked again, with the report's number and without its files
    assert "board" not in reminder["words"]

    async def mailed() -> bool:
        return len(post.mails) > before

    await until(mailed)
    to, message = post.mails[-1]
    assert to == "quality@example.com"
    assert "请签收" in message["Subject"]
    assert list(message.iter_attachments()) == []
    assert not (office.data_dir / "outbox" / "SX-2026-10-reminder-1" / "board").exists()


async def test_no_address_stands_in_the_log(office: DispatchOffice, post: PostOffice) -> None:
    log = "".join(event["state"] for event in await office.events("reporting"))

    assert "quality@example.com" not in log
    assert post.url not in log
    known = {row["recipient"]: row["email"] for row in await drafter(office).read("/reporting/recipients")}
    assert known["quality"] == "quality@example.com"
