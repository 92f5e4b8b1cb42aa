"""Who gets the monthly reports, and where they are reached (D26)."""

from functools import partial
from typing import Annotated, Any

from pydantic import BaseModel, Field, HttpUrl
from starlette.responses import Response

from services.reporting import addresses
from services.reporting.api import permissions as may
from services.reporting.commands import recipients as commands
from services.reporting.domain.recipient import RecordRecipient
from services.reporting.sending.webhook import secret_of
from services.reporting.views import months as view
from shared.api import Call, Routes
from shared.bodies import body_of
from shared.problems import NOT_FOUND, Problem
from shared.service import Runtime

_EXAMPLE = {
    "recipient": "quality",
    "title": "质量部",
    "audience": "quality",
    "means": ["email", "folder"],
    "accounts": ["qian.zhi"],
    "email": "quality@example.com",
}
Email = Annotated[str, Field(pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+$", max_length=254)]


class RecipientDone(BaseModel):
    recipient: str
    version: int


class WebhookSecret(BaseModel):
    """By what a recipient verifies the signature of what is pushed to it."""

    recipient: str
    secret: str = Field(description="Standard Webhooks: whsec_…")


class RecipientBody(body_of(RecordRecipient, (), _EXAMPLE)):  # type: ignore[misc] # a model made of the command
    """Which office gets which reports by which means; the addresses lie beside the log."""

    email: Email | None = Field(None, description="邮件地址，不进入日志 · not kept in the log")
    webhook: HttpUrl | None = Field(None, description="推送地址，不进入日志 · not kept in the log")


def routes(runtime: Runtime) -> Routes:
    routes = Routes("月报收件人", "Recipients", prefix="/recipients")

    @routes.get("", permission=may.RECIPIENTS_READ, response_model=list[dict[str, Any]], summary="列表 · List")
    async def list_recipients(call: Call) -> Response:
        """全部收件人与其地址 · All recipients, and where they are reached."""
        known = await addresses.addresses(runtime.pool)
        rows = [row | _reached(known.get(row["recipient"])) for row in await view.recipients(runtime.pool)]
        return call.answer(rows)

    @routes.post("", permission=may.RECIPIENTS_WRITE, response_model=RecipientDone, summary="登记 · Record")
    async def record_recipient(call: Call, body: RecipientBody) -> Response:
        """登记或更正一个收件人 · A recipient as known from now on; reports that were issued keep theirs."""
        said = {name: getattr(body, name) for name in RecordRecipient.model_fields if name not in ("at", "by")}
        at = call.moment(body.at)
        wish = partial(RecordRecipient, at=at, by=call.actor, **said)
        webhook = str(body.webhook) if body.webhook else None
        work = partial(commands.record, wish=wish, email=body.email, webhook=webhook)
        return call.done(await runtime.log.execute(work, call.context()))

    @routes.post(
        "/{code}/webhook-secret",
        permission=may.RECIPIENTS_WRITE,
        keyless="it changes nothing; a secret is asked for by POST, so that those who only read don't get it",
        response_model=WebhookSecret,
        summary="推送密钥 · Webhook secret",
    )
    async def show_webhook_secret(call: Call, code: str) -> Response:
        """收件人用以验证推送签名的密钥 · The secret by which the recipient verifies what is pushed to it."""
        if code not in {row["recipient"] for row in await view.recipients(runtime.pool)}:
            raise Problem(NOT_FOUND)
        secret = WebhookSecret(recipient=code, secret=secret_of(runtime.secret, code))
        return call.answer(secret, headers={"Cache-Control": "no-store"})

    return routes


def _reached(address: addresses.Address | None) -> dict[str, str | None]:
    return {"email": address.email if address else None, "webhook": address.webhook if address else None}
