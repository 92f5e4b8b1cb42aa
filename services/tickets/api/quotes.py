"""Quotes of a ticket (2.2)."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from starlette.responses import Response

from services.tickets.api import permissions as may
from services.tickets.api.bodies import CommandBody, body_of, said
from services.tickets.commands import quotes
from services.tickets.domain.quote import AcceptQuote, DeclineQuote, IssueQuote, QuoteCommand
from shared.api import Call, Routes
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


_LINES = [
    {"kind": "labour", "description": "上门更换", "quantity": "2", "unit_price": "80.00"},
    {"kind": "travel", "description": "往返车费", "quantity": "1", "unit_price": "46.50"},
]


def routes(runtime: Runtime) -> Routes:
    routes = Routes("报价", "Quotes", prefix="/{ticket_id:uuid}/quote")
    _declare(
        routes,
        runtime,
        "",
        IssueQuote,
        quotes.issue,
        "报价 · Issue",
        ("quote", "ticket", "coverage"),
        {"lines": _LINES},
    )
    _declare(routes, runtime, "/accept", AcceptQuote, quotes.respond, "登记接受 · Accepted")
    _declare(routes, runtime, "/decline", DeclineQuote, quotes.respond, "登记拒绝 · Declined")
    return routes


def _declare(
    routes: Routes,
    runtime: Runtime,
    path: str,
    command: type[QuoteCommand],
    work: Callable[..., Awaitable[dict[str, Any]]],
    summary: str,
    given: tuple[str, ...] = (),
    example: dict[str, Any] | None = None,
) -> None:
    async def handler(call: Call, ticket_id: UUID, body: CommandBody) -> Response:
        known = {"ticket": ticket_id, "quote": ticket_id, "coverage": None}
        facts = {name: known[name] for name in given}
        wish = command(at=call.moment(body.at), by=call.actor, **said(body), **facts)
        doing = partial(work, ticket_id=ticket_id, command=wish)
        return call.done(await runtime.log.execute(doing, call.context()))

    handler.__name__ = command.__name__
    handler.__doc__ = command.__doc__
    handler.__annotations__["body"] = body_of(command, given, example)
    routes.post(path, permission=may.QUOTE, response_model=QuoteDone, summary=summary)(handler)
