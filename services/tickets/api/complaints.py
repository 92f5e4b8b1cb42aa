"""Complaints (4.1, 4.2): lodged, investigated, found on ⚖, remedied."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import File, Form, Query, UploadFile
from pydantic import BaseModel
from starlette.responses import Response

from services.tickets.api import permissions as may
from services.tickets.api.examples import CALL
from services.tickets.api.intake import seed_of
from services.tickets.commands import complaints as commands
from services.tickets.domain import complaint
from services.tickets.domain import complaint_commands as wish
from services.tickets.domain.complaint import Complaint
from services.tickets.domain.identity import NAMESPACE
from services.tickets.domain.names import COMPLAINT_ACTION
from services.tickets.views import complaint as complaint_view
from services.tickets.views import desk
from services.tickets.views.desk import ComplaintsPage
from services.tickets.wording import in_words
from shared.api import Call, Routes
from shared.auth import Permission, Principal
from shared.bodies import CommandBody, Example, body_of, said
from shared.decider import Words
from shared.documents import Documents
from shared.history import line
from shared.offers import offered
from shared.paging import PageOf
from shared.problems import Action
from shared.service import Runtime
from shared.text import Text
from shared.uploads import SAME_AGAIN, UPLOAD_LIMIT, UPLOADED, download, keep


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
    about: str
    example: Example
    given: Collection[str] = ()
    """Fields that the application knows by itself."""


_GIVEN_FINDER = ("finder_engineer",)

ACTIONS = (
    ComplaintAction(
        "acknowledge",
        wish.AcknowledgeComplaint,
        may.COMPLAINTS_INVESTIGATE,
        "已告知客户正在处理 · The customer was told that it is being looked into.",
        {},
    ),
    ComplaintAction(
        "start_investigation",
        wish.StartInvestigation,
        may.COMPLAINTS_INVESTIGATE,
        "指定调查人；已指明被投诉人的，同时请其在 24 小时内陈述（D6）· "
        "Somebody looks into it; an engineer who is named is "
        "asked for a statement at once.",
        {"investigator": "zhao.min"},
    ),
    ComplaintAction(
        "name_subject",
        wish.NameSubject,
        may.COMPLAINTS_INVESTIGATE,
        "指明或更正被投诉人，请其陈述 · Whom it is about; they are asked for a statement.",
        {"engineer": "E04"},
    ),
    ComplaintAction(
        "give_statement",
        wish.GiveStatement,
        may.COMPLAINTS_STATE,
        "被投诉人本人的陈述（D6）· What the engineer says of it.",
        {"statement": "当时语气急了，愿意道歉。"},
        ("engineer",),
    ),
    ComplaintAction(
        "substantiate",
        wish.SubstantiateComplaint,
        may.COMPLAINTS_FIND,
        "认定属实 ⚖：须有证据和陈述（或陈述逾期），由他人认定（4.2）· "
        "Found true, by another person, with evidence and the "
        "statement or its lapse.",
        {"category": "4.2.1", "reasons": "录像清楚", "happened_at": "2026-10-08T08:30:00+08:00"},
        _GIVEN_FINDER,
    ),
    ComplaintAction(
        "dismiss",
        wish.DismissComplaint,
        may.COMPLAINTS_FIND,
        "认定不属实或无法查清 ⚖ · Refuted, or it can't be known.",
        {"finding": "UNSUBSTANTIATED", "reasons": "录像里没有争吵"},
        _GIVEN_FINDER,
    ),
    ComplaintAction(
        "plan_remedy",
        wish.PlanRemedy,
        may.COMPLAINTS_INVESTIGATE,
        "挽回措施及责任人（4.2）· What will be done to make up for it, and who does it.",
        {"remedy": "上门道歉并更换产品", "responsible": "zhao.min", "due": "2026-10-12T18:00:00+08:00"},
    ),
    ComplaintAction(
        "complete_remedy",
        wish.CompleteRemedy,
        may.COMPLAINTS_INVESTIGATE,
        "挽回措施已完成 · What was planned is done.",
        {"outcome": "客户接受道歉"},
    ),
    ComplaintAction(
        "close",
        wish.CloseComplaint,
        may.COMPLAINTS_INVESTIGATE,
        "办结；查实的须先完成挽回措施 · Nothing is left to be done; not before the remedy is.",
        {},
    ),
    ComplaintAction(
        "withdraw",
        wish.WithdrawComplaint,
        may.COMPLAINTS_LODGE,
        "客户撤回，须有凭证 · The customer takes it back, and that is proved.",
        {"reason": "误会，客户来电说明", "proof": CALL},
    ),
)
"""In the order of a complaint's life. Evidence is a file, and has a route of its own."""
_PERMISSIONS = {action.name: action.permission for action in ACTIONS} | {"add_evidence": may.COMPLAINTS_INVESTIGATE}
_TITLES = {**COMPLAINT_ACTION, "lodge": Words("登记投诉", "lodge a complaint")}
_LODGED: Example = {
    "channel": "phone",
    "customer_name": "光明物业",
    "category": "4.2.1",
    "engineer": "E04",
    "happened_at": "2026-10-08T08:30:00+08:00",
    "summary": "服务人员态度不好，跟保管员吵起来了",
}


def routes(runtime: Runtime, documents: Documents) -> Routes:
    async def actions(call: Call) -> list[Action]:
        found = call.path_params.get("complaint_id")
        if found is None:
            return offered(call.principal, {"lodge": None}, {"lodge": may.COMPLAINTS_LODGE}, _TITLES)
        state, _ = await runtime.log.load(complaint, UUID(str(found)))
        return _actions_for(call.principal, state, runtime.clock.now())

    routes = Routes("投诉", "Complaints", prefix="/complaints", actions=actions)
    _declare_lodging(routes, runtime)
    _declare_reading(routes, runtime)
    _declare_evidence(routes, runtime, documents)
    for action in ACTIONS:
        _declare(routes, runtime, action)
    return routes


def _actions_for(principal: Principal, state: Complaint, at: datetime) -> list[Action]:
    open_now = complaint.available(state, principal.subject, at, principal.engineer)
    if open_now["give_statement"] is None and state.engineer != principal.engineer:
        open_now["give_statement"] = Words("只有被投诉人可以陈述。", "Only the subject gives a statement.")
    return offered(principal, open_now, _PERMISSIONS, _TITLES)


def _declare_lodging(routes: Routes, runtime: Runtime) -> None:
    async def lodge_complaint(call: Call, body: CommandBody) -> Response:
        complaint_id = uuid5(NAMESPACE, f"complaint:{seed_of(call)}")
        lodging = wish.LodgeComplaint(complaint=complaint_id, at=call.moment(body.at), by=call.actor, **said(body))
        outcome = await runtime.log.execute(partial(commands.lodge, lodging=lodging), call.context())
        return call.done(outcome, status=201, location=f"/complaints/{complaint_id}")

    lodge_complaint.__doc__ = "来电、来函、来访或消息投诉（4.1）· A complaint by call, letter, visit or message."
    lodge_complaint.__annotations__["body"] = body_of(wish.LodgeComplaint, ("complaint", "survey"), _LODGED)
    routes.post(
        "",
        permission=may.COMPLAINTS_LODGE,
        status_code=201,
        response_model=ComplaintDone,
        summary="登记投诉 · Lodge a complaint",
    )(lodge_complaint)


def _declare_reading(routes: Routes, runtime: Runtime) -> None:
    @routes.get("", permission=may.COMPLAINTS_READ, response_model=PageOf[dict[str, Any]], summary="列表 · List")
    async def list_complaints(call: Call, page: Annotated[ComplaintsPage, Query()]) -> Response:
        """投诉列表，新的在前；服务人员只看到涉及本人的 ·
        Complaints, newest first; engineers see those about themselves."""
        rows = await desk.complaints(runtime.pool, page, call.own)
        return call.page(page, rows, lambda row: (row["lodged_at"], row["complaint"]))

    @routes.get("/{complaint_id}", permission=may.COMPLAINTS_READ, response_model=dict[str, Any], summary="查看 · Show")
    async def show_complaint(call: Call, complaint_id: UUID) -> Response:
        """一件投诉、证据、陈述、结论与可用操作 · One complaint: evidence, statement, finding, and what is open now."""
        state, version = await runtime.log.load(complaint, complaint_id)
        call.require_own(state.engineer)
        actions = _actions_for(call.principal, state, runtime.clock.now())
        shown = complaint_view.shown(state, await runtime.log.history(complaint_id), call.language)
        return call.standing(shown, actions, version)

    @routes.get(
        "/{complaint_id}/history",
        permission=may.COMPLAINTS_READ,
        response_model=list[dict[str, Any]],
        summary="历史 · History",
    )
    async def show_complaint_history(call: Call, complaint_id: UUID) -> Response:
        """每一步：何时、何人、从何处、何事，上海时间 · Every step in plain words, Shanghai time."""
        state, _ = await runtime.log.load(complaint, complaint_id)
        call.require_own(state.engineer)
        return call.answer(
            [line(recorded, call.language, in_words) for recorded in await runtime.log.history(complaint_id)]
        )


def _declare_evidence(routes: Routes, runtime: Runtime, documents: Documents) -> None:
    @routes.post(
        "/{complaint_id}/add-evidence",
        permission=may.COMPLAINTS_INVESTIGATE,
        keyless=SAME_AGAIN,
        body_limit=UPLOAD_LIMIT,
        response_model=ComplaintDone,
        summary="添加证据 · Add evidence",
    )
    async def add_evidence(
        call: Call,
        complaint_id: UUID,
        file: Annotated[UploadFile, File(description=UPLOADED)],
        description: Annotated[Text, Form(description="说明 · what it shows")],
    ) -> Response:
        """录音、照片、书面材料 · A recording, a photo, a paper."""
        kept = await keep(documents, file)
        adding = wish.AddEvidence(sha256=kept.sha256, description=description, at=runtime.clock.now(), by=call.actor)
        return await _act(runtime, call, complaint_id, adding)

    @routes.get(
        "/{complaint_id}/evidence/{sha256}",
        permission=may.COMPLAINTS_READ,
        response_class=Response,
        summary="下载证据 · Download evidence",
    )
    async def show_evidence(call: Call, complaint_id: UUID, sha256: str) -> Response:
        """一份证据的内容；被投诉人可查看本人的 · The content of a piece of evidence; the subject may see theirs."""
        state, _ = await runtime.log.load(complaint, complaint_id)
        call.require_own(state.engineer)
        return await download(documents, sha256, state.evidence)


def _declare(routes: Routes, runtime: Runtime, action: ComplaintAction) -> None:
    async def handler(call: Call, complaint_id: UUID, body: CommandBody) -> Response:
        known: dict[str, Any] = {"engineer": call.own, "finder_engineer": call.principal.engineer}
        facts = said(body) | {name: known[name] for name in action.given}
        return await _act(runtime, call, complaint_id, action.command(at=call.moment(body.at), by=call.actor, **facts))

    handler.__name__, handler.__doc__ = f"{action.name}_complaint", action.about
    handler.__annotations__["body"] = body_of(action.command, action.given, action.example)
    title = COMPLAINT_ACTION[action.name]
    routes.post(
        f"/{{complaint_id}}/{action.name.replace('_', '-')}",
        permission=action.permission,
        response_model=ComplaintDone,
        summary=f"{title.zh} · {title.en.capitalize()}",
    )(handler)


async def _act(runtime: Runtime, call: Call, complaint_id: UUID, command: wish.ComplaintCommand) -> Response:
    """An engineer reaches only what is about them: others get 403."""
    work = partial(
        commands.act,
        complaint_id=complaint_id,
        version=call.expected_version,
        command=command,
        subject_only=call.require_own,
    )
    return call.done(await runtime.log.execute(work, call.context()))
