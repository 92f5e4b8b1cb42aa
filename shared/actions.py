"""The actions of a lifecycle as routes: what each is called, what it asks for, and who may do it.

ACTIONS = (
    Act("accept", AcceptVisit, may.OWN_VISIT, "接受派工 · The engineer takes the visit.", {}, visits.act),
    …
)
for act in ACTIONS:
    declare(routes, runtime.log, act, names.VISIT_ACTION, VisitDone)     # POST /visits/{id}/accept
"""

from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from starlette.responses import Response

from shared.api import Call, Routes
from shared.auth import Permission
from shared.bodies import CommandBody, Example, body_of, said
from shared.decider import Command, Words
from shared.eventlog import EventLog

Work = Callable[..., Awaitable[dict[str, Any]]]
"""Takes streams, the id of the aggregate, ``wish`` (makes the command, and asks for what the caller can't know) and
the version that the caller has seen (None: as it is); ``own``, if the permission limits engineers to theirs."""

NAMESPACE = UUID("0b7a1d5e-3c55-5f0e-8a44-6f1d1f7d2c90")
"""Of the ids that a command's idempotency key makes; never changes."""


@dataclass(frozen=True, slots=True)
class Act:
    """One action of a lifecycle."""

    name: str
    command: type[Command]
    permission: Permission
    about: str
    example: Example
    work: Work
    given: Collection[str] = ()
    """Fields that the application knows by itself."""
    made: str = ""
    """The id that the command's key makes, unless the body names one."""
    decider: str = ""
    """The field for the caller's own engineer number: nobody judges themselves, under whatever name (⚖)."""
    path: str | None = None
    """Behind the prefix of its routes; None: ``/{id}/<name>``. The work gets ``id`` or ``code`` if ``{id}`` or
    ``{code}`` (what has a code that people say, ``E04``) is in it."""
    status: int = 200


def declare(routes: Routes, log: EventLog, act: Act, titles: Mapping[str, Words], answer: Any, **more: Any) -> None:
    """Add ``act`` to ``routes``; ``titles`` name it, ``answer`` is its response model, the work gets ``more`` too."""
    path = f"/{{id:uuid}}/{act.name.replace('_', '-')}" if act.path is None else act.path

    def doing(call: Call, body: CommandBody) -> Callable[..., Awaitable[dict[str, Any]]]:
        # What isn't said is the command's own default, and the command can tell it from what was said.
        facts = {name: value for name, value in said(body).items() if name in body.model_fields_set}
        if act.made and facts.get(act.made) is None:
            facts[act.made] = made_by(call, act.made)
        if act.decider:
            facts[act.decider] = call.principal.engineer
        wish = partial(act.command, at=call.moment(body.at), by=call.actor, **facts)
        known = more | ({"own": call.own} if act.permission.own else {})
        return partial(act.work, wish=wish, version=call.expected_version, **known)

    async def on_one(call: Call, id: UUID, body: CommandBody) -> Response:
        return call.done(await log.execute(partial(doing(call, body), id=id), call.context()), status=act.status)

    async def on_coded(call: Call, code: str, body: CommandBody) -> Response:
        return call.done(await log.execute(partial(doing(call, body), code=code), call.context()), status=act.status)

    async def on_none(call: Call, body: CommandBody) -> Response:
        return call.done(await log.execute(doing(call, body), call.context()), status=act.status)

    handler: Callable[..., Coroutine[Any, Any, Response]] = (
        on_one if "{id" in path else on_coded if "{code" in path else on_none
    )
    handler.__name__, handler.__doc__ = act.name, act.about
    handler.__annotations__["body"] = body_of(
        act.command, (*act.given, *filter(None, [act.decider])), act.example, act.made
    )
    title = titles[act.name]
    routes.post(
        path,
        permission=act.permission,
        response_model=answer,
        status_code=act.status,
        summary=f"{title.zh} · {title.en.capitalize()}",
    )(handler)


def made_by(call: Call, what: str) -> UUID:
    """An id that the same call, told again, makes again: its caller and its key stand for it."""
    return uuid5(NAMESPACE, f"{what}:{call.actor}:{call.idempotency_key}")
