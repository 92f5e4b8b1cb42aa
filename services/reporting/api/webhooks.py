"""Webhooks: events pushed to integrators (CloudEvents 1.0, signed as Standard Webhooks)."""

from functools import partial
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.reporting.api import permissions as may
from services.reporting.commands.webhooks import Webhooks
from services.reporting.domain import webhook as domain
from services.reporting.domain.webhook import (
    WEBHOOK_ACTION,
    ChangeWebhook,
    CreateWebhook,
    EndWebhook,
    PauseWebhook,
    ReplayEvents,
    ResumeWebhook,
    RotateSecret,
)
from services.reporting.sealing import Seal, Unsealable
from services.reporting.sending.outgoing import NotAllowed, Outgoing, Unreachable
from services.reporting.views import webhooks as view
from services.reporting.views.webhooks import DeadLetter, DeliveryTry, WebhookShown
from services.reporting.webhooks.letters import ping
from shared.api import Call, Routes
from shared.bodies import body_of, said
from shared.decider import Command, Words
from shared.offers import offered
from shared.paging import Page, PageOf
from shared.problems import INVALID, NOT_FOUND, Action, Finding, Problem
from shared.service import Runtime
from shared.text import Text

_EXAMPLE = {"name": "ERP", "url": "https://erp.example.com/hooks/shouhou", "types": ["tickets.TicketOpened"]}
_UNKNOWN_HOST = Words("找不到该主机，请检查网址。", "There is no such host; check the address.")
_NOT_DEAD = Words("该事件不在放弃之列。", "That event is not among those that were given up.")
_SEALED = Words("SECRET_KEY 已更换，请更换密钥。", "SECRET_KEY has changed; replace the secret.")
Url = Annotated[str, Field(max_length=2000, description="https 地址，加密存放，不再显示 · kept encrypted, never shown")]


class CreateBody(body_of(CreateWebhook, ("host",), _EXAMPLE, made="webhook")):  # type: ignore[misc] # made of the command
    """A new webhook; the types of events are in docs/events, none: all."""

    url: Url


class ChangeBody(body_of(ChangeWebhook, ("host", "readdressed"), {"name": "ERP 2"})):  # type: ignore[misc] # likewise
    """What isn't said stays as it is."""

    url: Url | None = None


class WebhookDone(BaseModel):
    """The webhook after a command."""

    webhook: UUID
    status: str
    version: int


class WebhookSecretShown(BaseModel):
    """By what the receiver verifies."""

    secret: str = Field(description="Standard Webhooks: whsec_…")


class Discard(BaseModel):
    """Why an event is given up for good."""

    reason: Text


def routes(runtime: Runtime, seal: Seal, outgoing: Outgoing) -> Routes:
    hooks = Webhooks(runtime.log, seal)
    routes = Routes("事件推送", "Webhooks", prefix="/webhooks", actions=_actions(runtime))

    @routes.get("", permission=may.WEBHOOKS_READ, response_model=list[WebhookShown], summary="列表 · List")
    async def list_webhooks(call: Call) -> Response:
        """全部推送订阅及其情况 · All webhooks, and how they fare."""
        return call.answer([each.model_dump(mode="json") for each in await view.webhooks(runtime.pool)])

    @routes.post(
        "", permission=may.WEBHOOKS_WRITE, response_model=WebhookDone, status_code=201, summary="建立 · Create"
    )
    async def create(call: Call, body: CreateBody) -> Response:
        """从现在起推送；密钥用 secret 查看 · Pushed from now on; ``secret`` shows the secret."""
        host = await _host(body.url)
        facts = {name: value for name, value in said(body).items() if name not in ("url", "webhook")}
        id = body.webhook or uuid4()
        wish = CreateWebhook(at=call.moment(body.at), by=call.actor, webhook=id, host=host, **facts)
        outcome = await runtime.log.execute(partial(hooks.create, wish=wish, url=body.url), call.context())
        return call.done(outcome, status=201, location=f"/webhooks/{id}")

    @routes.get("/{webhook}", permission=may.WEBHOOKS_READ, response_model=WebhookShown, summary="查看 · Show")
    async def show(call: Call, webhook: UUID) -> Response:
        """一个推送订阅，以及现在可以做什么 · One webhook, and what can be done now."""
        found = await view.webhooks(runtime.pool, webhook)
        if not found:
            raise Problem(NOT_FOUND)
        state, version = await runtime.log.load(domain, webhook)
        return call.standing(found[0].model_dump(mode="json"), _offers(call, state), version)

    @routes.post(
        "/{webhook}/change", permission=may.WEBHOOKS_WRITE, response_model=WebhookDone, summary="更改 · Change"
    )
    async def change(call: Call, webhook: UUID, body: ChangeBody) -> Response:
        """更改名称、地址、事件或格式 · Another name, address, choice of events or format."""
        host = await _host(body.url) if body.url else None
        facts = {name: value for name, value in said(body).items() if name != "url"}
        wish = ChangeWebhook(
            at=call.moment(body.at), by=call.actor, host=host, readdressed=body.url is not None, **facts
        )
        work = partial(hooks.change, webhook=webhook, wish=wish, url=body.url)
        return call.done(await runtime.log.execute(work, call.context()))

    for name, command, example in (
        ("rotate-secret", RotateSecret, {"overlap_hours": 24}),
        ("pause", PauseWebhook, {"reason": "对方维护"}),
        ("resume", ResumeWebhook, {}),
        ("replay", ReplayEvents, {"source": "tickets", "from_position": 1}),
        ("end", EndWebhook, {"reason": "系统下线"}),
    ):
        _command(routes, runtime, hooks, name, command, example)

    @routes.post(
        "/{webhook}/secret",
        permission=may.WEBHOOKS_WRITE,
        keyless="it changes nothing; a secret is asked for by POST, so that those who only read don't get it",
        response_model=WebhookSecretShown,
        summary="密钥 · Secret",
    )
    async def secret(call: Call, webhook: UUID) -> Response:
        """接收方验证签名的密钥 · By what the receiver verifies the signature."""
        sealed = await view.secret_of(runtime.pool, webhook)
        if sealed is None:
            raise Problem(NOT_FOUND)
        try:
            opened = seal.open(f"webhook:{webhook}", sealed)
        except Unsealable as error:
            raise Problem(INVALID, _SEALED) from error
        return call.answer(WebhookSecretShown(secret=opened), headers={"Cache-Control": "no-store"})

    @routes.post(
        "/{webhook}/ping",
        permission=may.WEBHOOKS_WRITE,
        keyless="another ping does no harm",
        status_code=202,
        summary="试推 · Ping",
    )
    async def ask_ping(call: Call, webhook: UUID) -> Response:
        """推送一个不含业务的事件；结果见 deliveries · Pushes an event that tells nothing; see ``deliveries``."""
        if not await view.webhooks(runtime.pool, webhook):
            raise Problem(NOT_FOUND)
        now = runtime.clock.now()
        await view.ask_ping(runtime.pool, webhook, now, ping(now, webhook))
        return call.answer({"webhook": str(webhook)}, status=202)

    @routes.get(
        "/{webhook}/deliveries",
        permission=may.WEBHOOKS_READ,
        response_model=PageOf[DeliveryTry],
        summary="推送记录 · Tries",
    )
    async def deliveries(call: Call, webhook: UUID, page: Annotated[Page, Query()]) -> Response:
        """近 30 天每次推送的结果，最新在前，不含内容 · What came of each try in 30 days; without the contents."""
        after = page.after(int)
        rows = await view.tries(runtime.pool, webhook, after[0] if after else None, page.limit + 1)
        return call.page(page, rows, lambda row: (row.id,))

    @routes.get(
        "/{webhook}/dead-letters",
        permission=may.WEBHOOKS_READ,
        response_model=PageOf[DeadLetter],
        summary="已放弃 · Dead letters",
    )
    async def dead(call: Call, webhook: UUID, page: Annotated[Page, Query()]) -> Response:
        """多次失败后放弃的事件 · Events that were given up after the last try."""
        after: Any = page.after(str, int)
        rows = await view.dead_letters(runtime.pool, webhook, after, page.limit + 1)
        return call.page(page, rows, lambda row: (row.source, row.position))

    @routes.post(
        "/{webhook}/dead-letters/{source}/{position}/redeliver",
        permission=may.WEBHOOKS_WRITE,
        keyless="asked twice it is laid down once",
        status_code=202,
        summary="重新推送 · Redeliver",
    )
    async def redeliver(call: Call, webhook: UUID, source: str, position: int) -> Response:
        """重新推送一个已放弃的事件 · Tries again what was given up."""
        return await _settled(call, webhook, (source, position), None)

    @routes.post(
        "/{webhook}/dead-letters/{source}/{position}/discard",
        permission=may.WEBHOOKS_WRITE,
        keyless="what is discarded stays so",
        summary="不再推送 · Discard",
    )
    async def discard(call: Call, webhook: UUID, source: str, position: int, body: Discard) -> Response:
        """不再推送一个已放弃的事件 · Gives up for good what was given up."""
        return await _settled(call, webhook, (source, position), body.reason)

    async def _settled(call: Call, webhook: UUID, letter: tuple[str, int], reason: str | None) -> Response:
        now = runtime.clock.now()
        if not await view.settle(runtime.pool, webhook, letter, now, call.actor, reason):
            raise Problem(NOT_FOUND, _NOT_DEAD)
        return call.answer({"source": letter[0], "position": letter[1]}, status=200 if reason else 202)

    async def _host(url: str) -> str:
        try:
            return await outgoing.check(url)
        except NotAllowed as error:
            raise Problem(INVALID, findings=[Finding(error.words, ("url",))]) from error
        except Unreachable as error:
            raise Problem(INVALID, findings=[Finding(_UNKNOWN_HOST, ("url",))]) from error

    return routes


def _command(
    routes: Routes, runtime: Runtime, hooks: Webhooks, name: str, command: type[Command], example: dict[str, Any]
) -> None:
    title = WEBHOOK_ACTION[name.replace("-", "_")]
    Body = body_of(command, (), example)  # noqa: N806 - it is a class

    @routes.post(
        f"/{{webhook}}/{name}",
        permission=may.WEBHOOKS_WRITE,
        response_model=WebhookDone,
        summary=f"{title.zh} · {title.en}",
    )
    async def act(call: Call, webhook: UUID, body: Body) -> Response:  # type: ignore[valid-type] # made just now
        wish = command(at=call.moment(body.at), by=call.actor, **said(body))  # type: ignore[attr-defined]
        return call.done(await runtime.log.execute(partial(hooks.act, webhook=webhook, wish=wish), call.context()))

    act.__doc__ = f"{title.zh} · {title.en}"


def _offers(call: Call, state: domain.Webhook) -> list[Action]:
    return offered(
        call.principal, domain.available(state), dict.fromkeys(domain.ALLOWED, may.WEBHOOKS_WRITE), WEBHOOK_ACTION
    )


def _actions(runtime: Runtime) -> Any:
    async def actions(call: Call) -> list[Action]:
        id = call.path_params.get("webhook")
        if id is None:
            return []
        state, _ = await runtime.log.load(domain, UUID(str(id)))
        return _offers(call, state)

    return actions
