"""Quotes of a ticket (2.2)."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from starlette.responses import Response

from services.tickets.api import permissions as may
from services.tickets.api.examples import CALL
from services.tickets.api.work import ticket_actions
from services.tickets.commands import quotes
from services.tickets.domain.names import QUOTE_ACTION
from services.tickets.domain.quote import AcceptQuote, DeclineQuote, IssueQuote, QuoteCommand
from shared.api import Call, Routes
from shared.bodies import CommandBody, Example, body_of, said
from shared.service import Runtime


class QuoteDone(BaseModel):
    """The quote as it stands after the command; ``total`` in CNY."""

    quote: UUID
    ticket: UUID
    number: str
    status: str
    revision: int
    total: str | None
    version: int


@dataclass(frozen=True, slots=True)
class QuoteAction:
    """One action of a quote's life."""

    name: str
    path: str
    command: type[QuoteCommand]
    about: str
    example: Example
    work: Callable[..., Awaitable[dict[str, Any]]] = quotes.respond
    given: Collection[str] = ()


_LINES = [
    {"kind": "labour", "description": "上门更换", "quantity": "2", "unit_price": "80.00"},
    {"kind": "travel", "description": "往返车费", "quantity": "1", "unit_price": "46.50"},
]

ACTIONS: Sequence[QuoteAction] = (
    QuoteAction(
        "issue_quote",
        "",
        IssueQuote,
        "保外服务报价，须含差旅费（2.2）；再次报价即为新版本 · "
        "An offer for work out of warranty, travel included; a new one "
        "replaces the one before.",
        {"lines": _LINES},
        quotes.issue,
        ("quote", "ticket", "coverage"),
    ),
    QuoteAction(
        "accept_quote",
        "/accept",
        AcceptQuote,
        "客户接受所见的版本，须有凭证 · The customer accepts the revision that they saw, with proof.",
        {"revision": 1, "proof": CALL},
    ),
    QuoteAction(
        "decline_quote",
        "/decline",
        DeclineQuote,
        "客户拒绝 · The customer says no.",
        {"revision": 1, "reason": "费用超出预算"},
    ),
)


def routes(runtime: Runtime) -> Routes:
    routes = Routes("报价", "Quotes", prefix="/{ticket_id:uuid}/quote", actions=ticket_actions(runtime))
    for action in ACTIONS:
        _declare(routes, runtime, action)
    return routes


def _declare(routes: Routes, runtime: Runtime, action: QuoteAction) -> None:
    async def handler(call: Call, ticket_id: UUID, body: CommandBody) -> Response:
        wish = partial(action.command, at=call.moment(body.at), by=call.actor, **said(body))
        doing = partial(action.work, ticket_id=ticket_id, wish=wish, version=call.expected_version)
        return call.done(await runtime.log.execute(doing, call.context()))

    handler.__name__, handler.__doc__ = action.name, action.about
    handler.__annotations__["body"] = body_of(action.command, action.given, action.example)
    title = QUOTE_ACTION[action.name]
    summary = f"{title.zh} · {title.en.capitalize()}"
    routes.post(action.path, permission=may.QUOTE, response_model=QuoteDone, summary=summary)(handler)
