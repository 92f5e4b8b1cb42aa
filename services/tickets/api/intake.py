"""Contacts (3.8): the register of calls and letters, and the opening of tickets."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel
from starlette.responses import Response

from services.tickets.api.bodies import CommandBody, body_of, said
from services.tickets.api.permissions import OPEN, READ, REGISTER
from services.tickets.commands import intake as commands
from services.tickets.commands.answers import contact_answer
from services.tickets.commands.intake import Intake
from services.tickets.domain import contact
from services.tickets.domain.contact import ContactCommand, DismissContact, LinkContact, RecordCallback
from services.tickets.persons import Persons
from services.tickets.views import desk
from services.tickets.views.desk import ContactsPage
from shared.api import Call, Routes
from shared.auth import Permission
from shared.eventlog import Streams
from shared.paging import PageOf
from shared.service import Runtime


class Opened(BaseModel):
    """The ticket as it stands after the command."""

    ticket: UUID
    number: str
    contact: UUID
    status: str
    answer_due: datetime
    overdue: bool
    version: int


class ContactDone(BaseModel):
    contact: UUID
    ticket: UUID | None
    version: int


def seed_of(call: Call) -> str:
    """Names made from a command's key: a command sent twice makes nothing twice."""
    return f"{call.actor}:{call.idempotency_key}"


def routes(runtime: Runtime, persons: Persons) -> Routes:
    routes = Routes("来电来函", "Contacts")
    log, clock = runtime.log, runtime.clock

    @routes.post("", permission=OPEN, status_code=201, response_model=Opened, summary="登记并受理 · Open a ticket")
    async def open_ticket(call: Call, body: Intake) -> Response:
        """登记来电来函并开出服务请求,首次答复时限 24 小时(3.4a)· Register a contact and open its ticket."""
        work = partial(
            commands.open_ticket,
            intake=body,
            persons=persons,
            seed=seed_of(call),
            at=call.moment(body.at),
            by=call.actor,
            now=clock.now(),
        )
        outcome = await log.execute(work, call.context())
        return call.done(outcome, status=201, location=f"/{outcome.answer['ticket']}")

    @routes.post(
        "/contacts", permission=REGISTER, status_code=201, response_model=ContactDone, summary="登记 · Register"
    )
    async def register_contact(call: Call, body: Intake) -> Response:
        """只登记,暂不受理(3.8)· Register a contact without a ticket."""
        work = partial(
            commands.register_contact,
            intake=body,
            persons=persons,
            seed=seed_of(call),
            at=call.moment(body.at),
            by=call.actor,
            now=clock.now(),
        )
        outcome = await log.execute(work, call.context())
        return call.done(outcome, status=201, location=f"/contacts/{outcome.answer['contact']}")

    @routes.get("/contacts", permission=READ, response_model=PageOf[dict[str, Any]], summary="登记表 · The register")
    async def list_contacts(call: Call, page: Annotated[ContactsPage, Query()]) -> Response:
        """来电来函登记表(3.8)· The register of calls and letters."""
        rows = await desk.contacts(runtime.pool, page)
        return call.page(page, rows, lambda row: (row["received_at"], row["contact"]))

    @routes.get(
        "/contacts/{contact_id}", permission=READ, response_model=dict[str, Any], summary="一条登记 · One contact"
    )
    async def show_contact(call: Call, contact_id: UUID) -> Response:
        state, version = await log.load(contact, contact_id)
        assert state.registered
        actions = {name: words.zh if words else None for name, words in contact.available(state).items()}
        shown = state.registered.model_dump(mode="json") | {"ticket": state.ticket, "actions": actions}
        return call.answer(shown | {"version": version}, version=version)

    @routes.post(
        "/contacts/{contact_id}/open", permission=OPEN, status_code=201, response_model=Opened, summary="受理 · Open"
    )
    async def open_of_contact(call: Call, contact_id: UUID, body: CommandBody) -> Response:
        """为已登记的来电来函开出服务请求 · Open the ticket of a registered contact."""
        work = partial(
            commands.open_ticket_of_contact,
            contact_id=contact_id,
            seed=seed_of(call),
            at=call.moment(body.at),
            by=call.actor,
        )
        outcome = await log.execute(work, call.context())
        return call.done(outcome, status=201, location=f"/{outcome.answer['ticket']}")

    _act(routes, runtime, "link", LinkContact, OPEN, "关联服务请求 · Link to a ticket")
    _act(routes, runtime, "call-back", RecordCallback, REGISTER, "登记回电 · Record the callback")
    _act(routes, runtime, "dismiss", DismissContact, REGISTER, "作废 · Dismiss")
    return routes


def _act(
    routes: Routes, runtime: Runtime, name: str, command: type[ContactCommand], permission: Permission, summary: str
) -> None:
    async def handler(call: Call, contact_id: UUID, body: CommandBody) -> Response:
        wish = command(at=call.moment(body.at), by=call.actor, **said(body))

        async def work(streams: Streams) -> dict[str, Any]:
            await streams.expect(contact, contact_id, call.expected_version)
            await streams.load(contact, contact_id)
            await streams.handle(contact, contact_id, wish)
            return await contact_answer(streams, contact_id)

        return call.done(await runtime.log.execute(work, call.context()))

    handler.__name__ = f"contact_{name.replace('-', '_')}"
    handler.__annotations__["body"] = body_of(command)
    path = f"/contacts/{{contact_id}}/{name}"
    routes.post(path, permission=permission, response_model=ContactDone, summary=summary)(handler)
