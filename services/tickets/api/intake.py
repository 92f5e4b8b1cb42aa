"""Contacts (3.8): the register of calls and letters, and the opening of tickets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.tickets.api.examples import CALL, ID
from services.tickets.api.permissions import OPEN, READ, REGISTER
from services.tickets.commands.intake import Intake, Reception, act_on_contact, open_ticket_of_contact
from services.tickets.domain import contact
from services.tickets.domain.contact import Contact, ContactCommand, DismissContact, LinkContact, RecordCallback
from services.tickets.domain.names import CONTACT_ACTION
from services.tickets.persons import Persons
from services.tickets.views import desk
from services.tickets.views.desk import ContactsPage
from shared.api import Call, Routes
from shared.auth import Permission, Principal
from shared.bodies import CommandBody, Example, body_of, said
from shared.decider import Words
from shared.offers import offered
from shared.paging import PageOf
from shared.problems import Action
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
    work_order: UUID | None = Field(None, description="派工时新编的派工单 · the work order of a dispatch")
    visit: UUID | None = Field(None, description="登记的上门 · the visit that was recorded")
    into: UUID | None = Field(None, description="合并到的服务请求 · the ticket it was merged into")
    into_number: str | None = None


class ContactDone(BaseModel):
    """The entry of the register as it stands after the command."""

    contact: UUID
    ticket: UUID | None
    version: int


@dataclass(frozen=True, slots=True)
class ContactAction:
    """One thing that becomes of an entry of the register."""

    name: str
    command: type[ContactCommand]
    permission: Permission
    about: str
    example: Example


ACTIONS = (
    ContactAction(
        "link",
        LinkContact,
        OPEN,
        "这条登记属于已有的服务请求；改动须说明原因 · It belongs to a ticket that is there; a change needs a reason.",
        {"ticket": ID, "reason": "客户就同一件事再次来电"},
    ),
    ContactAction(
        "call_back",
        RecordCallback,
        REGISTER,
        "未接通或要求回电的来电已回电，须有通话或消息凭证 · The caller was called back; with proof.",
        {"proof": CALL},
    ),
    ContactAction(
        "dismiss",
        DismissContact,
        REGISTER,
        "无需受理：打错、广告等 · It needs no ticket: a wrong number, an advertisement.",
        {"reason": "打错电话"},
    ),
)
_PERMISSIONS: Mapping[str, Permission] = {"open": OPEN} | {action.name: action.permission for action in ACTIONS}
_AT_RECEPTION: Mapping[str, Permission] = {"open_ticket": OPEN, "register_contact": REGISTER}
_TITLES = {
    "open_ticket": Words("登记并受理", "register a contact and open its ticket"),
    "register_contact": Words("只登记", "register a contact"),
}


def seed_of(call: Call) -> str:
    """Names made from a command's key: a command sent twice makes nothing twice."""
    return f"{call.actor}:{call.idempotency_key}"


def routes(runtime: Runtime, persons: Persons) -> Routes:
    async def actions(call: Call) -> Sequence[Action]:
        found = call.path_params.get("contact_id")
        if found is None:
            return offered(call.principal, dict.fromkeys(_AT_RECEPTION), _AT_RECEPTION, _TITLES)
        state, _ = await runtime.log.load(contact, UUID(str(found)))
        return _actions_for(call.principal, state)

    routes = Routes("来电来函", "Contacts", actions=actions)
    _declare_reception(routes, runtime, persons)
    _declare_reading(routes, runtime)
    for action in ACTIONS:
        _declare(routes, runtime, action)
    return routes


def _actions_for(principal: Principal, state: Contact) -> list[Action]:
    return offered(principal, contact.available(state), _PERMISSIONS, CONTACT_ACTION)


def _declare_reception(routes: Routes, runtime: Runtime, persons: Persons) -> None:
    log, clock = runtime.log, runtime.clock

    def taken_down(call: Call, intake: Intake) -> Reception:
        return Reception(intake, persons, seed_of(call), at=call.moment(intake.at), by=call.actor, now=clock.now())

    @routes.post("", permission=OPEN, status_code=201, response_model=Opened, summary="登记并受理 · Open a ticket")
    async def open_ticket(call: Call, body: Intake) -> Response:
        """登记来电来函并开出服务请求，首次答复时限 24 小时（3.4a）· Register a contact and open its ticket."""
        outcome = await log.execute(taken_down(call, body).open, call.context())
        return call.done(outcome, status=201, location=f"/{outcome.answer['ticket']}")

    @routes.post(
        "/contacts", permission=REGISTER, status_code=201, response_model=ContactDone, summary="只登记 · Register"
    )
    async def register_contact(call: Call, body: Intake) -> Response:
        """登记来电来函，暂不受理（3.8）· Register a contact without a ticket."""
        outcome = await log.execute(taken_down(call, body).register, call.context())
        return call.done(outcome, status=201, location=f"/contacts/{outcome.answer['contact']}")

    @routes.post(
        "/contacts/{contact_id}/open", permission=OPEN, status_code=201, response_model=Opened, summary="受理 · Open"
    )
    async def open_of_contact(call: Call, contact_id: UUID, body: CommandBody) -> Response:
        """为已登记的来电来函开出服务请求 · Open the ticket of a registered contact."""
        work = partial(
            open_ticket_of_contact,
            contact_id=contact_id,
            version=call.expected_version,
            seed=seed_of(call),
            at=call.moment(body.at),
            by=call.actor,
        )
        outcome = await log.execute(work, call.context())
        return call.done(outcome, status=201, location=f"/{outcome.answer['ticket']}")


def _declare_reading(routes: Routes, runtime: Runtime) -> None:
    @routes.get("/contacts", permission=READ, response_model=PageOf[dict[str, Any]], summary="登记表 · The register")
    async def list_contacts(call: Call, page: Annotated[ContactsPage, Query()]) -> Response:
        """来电来函登记表，新的在前（3.8）· The register of calls and letters, newest first."""
        rows = await desk.contacts(runtime.pool, page)
        return call.page(page, rows, lambda row: (row["received_at"], row["contact"]))

    @routes.get(
        "/contacts/{contact_id}", permission=READ, response_model=dict[str, Any], summary="一条登记 · One contact"
    )
    async def show_contact(call: Call, contact_id: UUID) -> Response:
        """一条登记及可用操作 · One entry of the register, and what is open now."""
        state, version = await runtime.log.load(contact, contact_id)
        assert state.registered, "a contact's first event registers it"
        shown = state.registered.model_dump(mode="json") | {
            "ticket": state.ticket,
            "called_back_at": state.called_back.at if state.called_back else None,
            "dismissed": state.dismissed.reason if state.dismissed else None,
            "available_actions": [action.shown(call.language) for action in _actions_for(call.principal, state)],
            "version": version,
        }
        return call.answer(shown, version=version)


def _declare(routes: Routes, runtime: Runtime, action: ContactAction) -> None:
    async def handler(call: Call, contact_id: UUID, body: CommandBody) -> Response:
        command = action.command(at=call.moment(body.at), by=call.actor, **said(body))
        doing = partial(act_on_contact, contact_id=contact_id, version=call.expected_version, command=command)
        return call.done(await runtime.log.execute(doing, call.context()))

    handler.__name__, handler.__doc__ = f"{action.name}_contact", action.about
    handler.__annotations__["body"] = body_of(action.command, (), action.example)
    title = CONTACT_ACTION[action.name]
    routes.post(
        f"/contacts/{{contact_id}}/{action.name.replace('_', '-')}",
        permission=action.permission,
        response_model=ContactDone,
        summary=f"{title.zh} · {title.en.capitalize()}",
    )(handler)
