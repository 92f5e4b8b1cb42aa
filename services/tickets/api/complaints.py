"""Complaints (4.1, 4.2): lodged, investigated, found on ⚖, remedied."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import Query
from pydantic import BaseModel
from starlette.responses import Response

from services.tickets.api import permissions as may
from services.tickets.api.bodies import CommandBody, body_of, said
from services.tickets.api.intake import seed_of
from services.tickets.commands.answers import complaint_answer
from services.tickets.domain import complaint
from services.tickets.domain import complaint_commands as wish
from services.tickets.domain.complaint import Complaint, known
from services.tickets.domain.identity import NAMESPACE
from services.tickets.domain.names import COMPLAINT_ACTION
from services.tickets.views import desk
from services.tickets.views.desk import ComplaintsPage
from services.tickets.views.ticket import told
from shared.api import Call, Routes
from shared.auth import Permission, Principal
from shared.decider import Words
from shared.eventlog import Streams
from shared.language import say
from shared.paging import PageOf
from shared.problems import Action
from shared.service import Runtime


class ComplaintDone(BaseModel):
    """The complaint as it stands after the command."""

    complaint: UUID
    number: str
    status: str
    version: int


@dataclass(frozen=True, slots=True)
class ComplaintAction:
    """One action of a complaint's life."""

    name: str
    command: type[wish.ComplaintCommand]
    permission: Permission
    given: Collection[str] = ()
    example: dict[str, Any] | None = None


ACTIONS = (
    ComplaintAction("acknowledge", wish.AcknowledgeComplaint, may.COMPLAINTS_INVESTIGATE, example={}),
    ComplaintAction(
        "start_investigation",
        wish.StartInvestigation,
        may.COMPLAINTS_INVESTIGATE,
        example={"investigator": "service_manager"},
    ),
    ComplaintAction("name_subject", wish.NameSubject, may.COMPLAINTS_INVESTIGATE, example={"engineer": "E04"}),
    ComplaintAction("add_evidence", wish.AddEvidence, may.COMPLAINTS_INVESTIGATE),
    ComplaintAction("give_statement", wish.GiveStatement, may.COMPLAINTS_STATE, ("engineer",)),
    ComplaintAction("substantiate", wish.SubstantiateComplaint, may.COMPLAINTS_FIND),
    ComplaintAction("dismiss", wish.DismissComplaint, may.COMPLAINTS_FIND),
    ComplaintAction("plan_remedy", wish.PlanRemedy, may.COMPLAINTS_INVESTIGATE),
    ComplaintAction("complete_remedy", wish.CompleteRemedy, may.COMPLAINTS_INVESTIGATE),
    ComplaintAction("close", wish.CloseComplaint, may.COMPLAINTS_INVESTIGATE, example={}),
    ComplaintAction("withdraw", wish.WithdrawComplaint, may.COMPLAINTS_LODGE),
)
"""In the order of a complaint's life."""
_PERMISSION = {action.name: action.permission for action in ACTIONS}


def routes(runtime: Runtime) -> Routes:
    async def actions(call: Call) -> list[Action]:
        found = call.path_params.get("complaint_id")
        if found is None:
            return []
        state, _ = await runtime.log.load(complaint, UUID(str(found)))
        return _actions_for(call.principal, state, runtime.clock.now())

    routes = Routes("投诉", "Complaints", prefix="/complaints", actions=actions)
    _lodge(routes, runtime)
    _read(routes, runtime)
    for action in ACTIONS:
        _declare(routes, runtime, action)
    return routes


def _actions_for(principal: Principal, state: Complaint, at: datetime) -> list[Action]:
    found = []
    for name, reason in complaint.available(state, principal.subject, at).items():
        permission = _PERMISSION[name]
        if reason is None and not permission.allows(principal, reading=False):
            roles = "、".join(sorted(permission.roles))
            reason = Words(f"需要以下角色之一:{roles}。", f"It needs one of the roles {roles}.")
        found.append(Action(name.replace("_", "-"), COMPLAINT_ACTION[name], reason))
    return found


def _lodge(routes: Routes, runtime: Runtime) -> None:
    async def lodge_complaint(call: Call, body: CommandBody) -> Response:
        complaint_id = uuid5(NAMESPACE, f"complaint:{seed_of(call)}")
        lodging = wish.LodgeComplaint(complaint=complaint_id, at=call.moment(body.at), by=call.actor, **said(body))

        async def work(streams: Streams) -> dict[str, Any]:
            await streams.handle(complaint, complaint_id, lodging, new=True)
            return await complaint_answer(streams, complaint_id)

        outcome = await runtime.log.execute(work, call.context())
        return call.done(outcome, status=201, location=f"/complaints/{complaint_id}")

    example = {"channel": "phone", "category": "4.2.1", "summary": "服务人员态度不好,跟保管员吵起来了"}
    lodge_complaint.__annotations__["body"] = body_of(wish.LodgeComplaint, ("complaint", "survey"), example)
    routes.post(
        "", permission=may.COMPLAINTS_LODGE, status_code=201, response_model=ComplaintDone, summary="登记投诉 · Lodge"
    )(lodge_complaint)


def _read(routes: Routes, runtime: Runtime) -> None:
    @routes.get("", permission=may.COMPLAINTS_READ, response_model=PageOf[dict[str, Any]], summary="列表 · List")
    async def list_complaints(call: Call, page: Annotated[ComplaintsPage, Query()]) -> Response:
        """投诉列表;服务人员只看到涉及本人的 · Complaints; engineers see those about themselves."""
        if call.own is not None:
            page = page.model_copy(update={"engineer": call.own})
        rows = await desk.complaints(runtime.pool, page)
        return call.page(page, rows, lambda row: (row["lodged_at"], row["complaint"]))

    @routes.get("/{complaint_id}", permission=may.COMPLAINTS_READ, response_model=dict[str, Any], summary="查看 · Show")
    async def show_complaint(call: Call, complaint_id: UUID) -> Response:
        """一件投诉、证据、陈述、结论与可用操作 · One complaint and what is open now."""
        state, version = await runtime.log.load(complaint, complaint_id)
        call.require_own(_subject(state))
        actions = _actions_for(call.principal, state, runtime.clock.now())
        shown = {
            **known(state).model_dump(exclude={"lodged_by"}),
            "status": state.status,
            "investigator": state.investigator,
            "statement_due": state.subject.statement_due if state.subject else None,
            "statement": state.statement.statement if state.statement else None,
            "evidence": state.evidence,
            "finding": state.finding.reasons if state.finding else None,
            "remedy": state.plan.remedy if state.plan else None,
            "available_actions": [action.shown(call.language) for action in actions],
            "version": version,
        }
        return call.answer(shown, version=version)

    @routes.get(
        "/{complaint_id}/history",
        permission=may.COMPLAINTS_READ,
        response_model=list[dict[str, Any]],
        summary="历史 · History",
    )
    async def show_history(call: Call, complaint_id: UUID) -> Response:
        state, _ = await runtime.log.load(complaint, complaint_id)
        call.require_own(_subject(state))
        lines = map(told, await runtime.log.history(complaint_id))
        return call.answer([line | {"words": say(words, call.language)} for line, words in lines])


def _subject(state: Complaint) -> str | None:
    return state.subject.engineer if state.subject else known(state).engineer


def _declare(routes: Routes, runtime: Runtime, action: ComplaintAction) -> None:
    async def handler(call: Call, complaint_id: UUID, body: CommandBody) -> Response:
        own = {"engineer": call.own or call.actor} if "engineer" in action.given else {}
        command = action.command(at=call.moment(body.at), by=call.actor, **said(body), **own)

        async def work(streams: Streams) -> dict[str, Any]:
            await streams.expect(complaint, complaint_id, call.expected_version)
            await streams.load(complaint, complaint_id)
            await streams.handle(complaint, complaint_id, command)
            return await complaint_answer(streams, complaint_id)

        return call.done(await runtime.log.execute(work, call.context()))

    handler.__name__ = f"{action.name}_complaint"
    handler.__doc__ = action.command.__doc__
    handler.__annotations__["body"] = body_of(action.command, action.given, action.example)
    title = COMPLAINT_ACTION[action.name]
    routes.post(
        f"/{{complaint_id}}/{action.name.replace('_', '-')}",
        permission=action.permission,
        response_model=ComplaintDone,
        summary=f"{title.zh} · {title.en.capitalize()}",
    )(handler)
