"""Tickets: lists, one ticket with what is known and what is open, its history, and every action of its life."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import Query
from starlette.responses import Response

from services.tickets.api import permissions as may
from services.tickets.api.bodies import CommandBody, body_of, said
from services.tickets.api.intake import Opened, seed_of
from services.tickets.commands import work
from services.tickets.domain import ticket_commands as wish
from services.tickets.domain.coverage import CoverageDecision
from services.tickets.domain.identity import NAMESPACE
from services.tickets.domain.names import TICKET_ACTION
from services.tickets.views import desk
from services.tickets.views import ticket as ticket_view
from services.tickets.views.desk import TicketsPage
from shared.api import Call, Routes
from shared.auth import Permission, Principal
from shared.decider import Command, Words
from shared.language import say
from shared.paging import PageOf
from shared.problems import Action
from shared.service import Runtime

Work = Callable[..., Awaitable[dict[str, Any]]]
"""Takes streams, ticket_id, command and version."""


@dataclass(frozen=True, slots=True)
class TicketAction:
    """One action of a ticket's life: what it is called everywhere, what it asks for, and who may do it."""

    name: str
    command: type[Command]
    permission: Permission
    work: Work = work.act
    given: Collection[str] = ()
    """Fields that the application knows by itself."""
    example: dict[str, Any] | None = None

    @property
    def title(self) -> Words:
        return TICKET_ACTION.get(self.name) or _MORE_TITLES[self.name]


_MORE_TITLES = {
    "verify_work_order": Words("登记派工单已验收", "record that a work order is verified"),
    "cancel_work_order": Words("登记派工单已取消", "record that a work order is cancelled"),
}

_CALL = {"kind": "call", "call_id": "1696321200.17", "direction": "outbound", "seconds": 95}
_NAMES = ("customer_name", "product_name")

ACTIONS: Sequence[TicketAction] = (
    TicketAction(
        "triage",
        wish.TriageTicket,
        may.TRIAGE,
        work.triage,
        _NAMES,
        {"customer_unknown": "来电未报单位", "product_unknown": "包装已丢弃,批号不明"},
    ),
    TicketAction("correct_triage", wish.CorrectTriage, may.TRIAGE, work.triage, _NAMES),
    TicketAction(
        "decide_coverage",
        wish.DecideCoverage,
        may.TRIAGE,
        example={"decision": {"verdict": "in_warranty", "note": "发票证明在保修期内"}},
    ),
    TicketAction("answer", wish.AnswerTicket, may.ANSWER, example={"proof": _CALL}),
    TicketAction("hold", wish.HoldTicket, may.HOLD, example={"reason": "等客户提供批号"}),
    TicketAction("resume", wish.ResumeTicket, may.HOLD, example={}),
    TicketAction("escalate", wish.EscalateTicket, may.ESCALATE, example={"question": "此批次是否有召回?"}),
    TicketAction("answer_escalation", wish.AnswerEscalation, may.ANSWER_ESCALATION, example={"answer": "可以换货。"}),
    TicketAction(
        "dispatch",
        wish.DispatchTicket,
        may.DISPATCH,
        work.dispatch,
        ("work_order", "quote_accepted"),
        {"purpose": "repair", "note": "带备用粘鼠板 20 张"},
    ),
    TicketAction("verify_work_order", wish.VerifyWorkOrder, may.VERIFY_WORK_ORDER),
    TicketAction("cancel_work_order", wish.CancelWorkOrder, may.DISPATCH),
    TicketAction("record_visit", wish.RecordVisit, may.DISPATCH, given=("visit",)),
    TicketAction("resolve", wish.ResolveTicket, may.RESOLVE, example={"resolution": "已更换 20 张粘鼠板并示范摆放"}),
    TicketAction("reopen", wish.ReopenTicket, may.OPEN, given=("answer_due",), example={"reason": "问题再次出现"}),
    TicketAction("merge", wish.MergeTicket, may.TRIAGE, work.merge, ("into_number",)),
    TicketAction("cancel", wish.CancelTicket, may.TRIAGE, example={"reason": "客户自行解决"}),
    TicketAction("close", wish.CloseTicket, may.CLOSE, work.close, ("survey",), example={}),
)
"""In the order of a ticket's life. Archiving needs the complaints about it, and has a route of its own."""


def routes(runtime: Runtime) -> Routes:
    async def actions(call: Call) -> list[Action]:
        found = call.path_params.get("ticket_id")
        if found is None:
            return []
        now = await ticket_view.standing(runtime.log, runtime.pool, UUID(str(found)))
        return actions_for(call.principal, now.actions())

    routes = Routes("服务请求", "Tickets", actions=actions)
    _read(routes, runtime)
    for action in ACTIONS:
        _declare(routes, runtime, action)
    _archive(routes, runtime)
    return routes


_PERMISSION: dict[str, Permission] = {action.name: action.permission for action in ACTIONS} | {
    "archive": may.ARCHIVE,
    "issue_quote": may.QUOTE,
    "accept_quote": may.QUOTE,
    "decline_quote": may.QUOTE,
    "send_survey": may.SURVEY,
    "answer_survey": may.SURVEY,
    "decline_survey": may.SURVEY,
}
_TITLES = {
    **TICKET_ACTION,
    "issue_quote": Words("报价", "issue a quote"),
    "accept_quote": Words("登记接受报价", "record that the quote was accepted"),
    "decline_quote": Words("登记拒绝报价", "record that the quote was declined"),
    "send_survey": Words("发送满意度调查", "send the survey"),
    "answer_survey": Words("登记调查结果", "record the survey's answer"),
    "decline_survey": Words("登记拒填", "record that the survey was declined"),
}


def actions_for(principal: Principal, open_now: dict[str, Words | None]) -> list[Action]:
    """What this caller can do now, and of the rest why not."""
    return [
        Action(name.replace("_", "-"), _TITLES[name], reason or _role_missing(principal, _PERMISSION[name]))
        for name, reason in open_now.items()
    ]


def _role_missing(principal: Principal, permission: Permission) -> Words | None:
    if permission.allows(principal, reading=False):
        return None
    roles = "、".join(sorted(permission.roles))
    return Words(f"需要以下角色之一:{roles}。", f"It needs one of the roles {roles}.")


def _read(routes: Routes, runtime: Runtime) -> None:
    @routes.get("", permission=may.READ, response_model=PageOf[dict[str, Any]], summary="列表 · List")
    async def list_tickets(call: Call, page: Annotated[TicketsPage, Query()]) -> Response:
        """服务请求列表,新的在前;minutes_left 为 24 小时答复剩余分钟 · Tickets, newest first."""
        rows = await desk.tickets(runtime.pool, page, runtime.clock.now())
        return call.page(page, rows, lambda row: (row["received_at"], row["ticket"]))

    @routes.get("/{ticket_id:uuid}", permission=may.READ, response_model=dict[str, Any], summary="查看 · Show")
    async def show_ticket(call: Call, ticket_id: UUID) -> Response:
        """一个服务请求:已知情况、时限、可用操作 · One ticket, with what is open now and why the rest isn't."""
        now = await ticket_view.standing(runtime.log, runtime.pool, ticket_id)
        shown = await ticket_view.shown(runtime.pool, now, runtime.clock.now())
        actions = [action.shown(call.language) for action in actions_for(call.principal, now.actions())]
        return call.answer(shown | {"available_actions": actions})

    @routes.get(
        "/{ticket_id:uuid}/history", permission=may.READ, response_model=list[dict[str, Any]], summary="历史 · History"
    )
    async def show_history(call: Call, ticket_id: UUID) -> Response:
        """每一步:何时、何人、从何处、为何 · Every event in plain words, of the ticket and all that belongs to it."""
        lines = map(ticket_view.told, await ticket_view.history(runtime.log, runtime.pool, ticket_id))
        return call.answer([line | {"words": say(words, call.language)} for line, words in lines])

    @routes.get(
        "/{ticket_id:uuid}/duplicates",
        permission=may.READ,
        response_model=list[dict[str, Any]],
        summary="疑似重复 · Duplicates",
    )
    async def show_duplicates(call: Call, ticket_id: UUID) -> Response:
        """同一来电人或同一客户、同一产品的其他请求 · Others that may be the same request told twice."""
        return call.answer(await desk.alike(runtime.pool, ticket_id))

    @routes.get(
        "/coverage", permission=may.READ, response_model=CoverageDecision, summary="保内/保外建议 · Proposed coverage"
    )
    async def propose(
        call: Call, product: UUID | None = None, lot: str | None = None, unit: UUID | None = None
    ) -> Response:
        """按批次、保质期、交付日期、保修期、合同给出建议(2.1、2.2)· What the dates say; a person decides."""
        proposed = await runtime.log.look(
            partial(work.propose_coverage, product=product, lot=lot, unit=unit, on=runtime.clock.now())
        )
        return call.answer(proposed)


def _declare(routes: Routes, runtime: Runtime, action: TicketAction) -> None:
    async def handler(call: Call, ticket_id: UUID, body: CommandBody) -> Response:
        made = {name: uuid5(NAMESPACE, f"{name}:{seed_of(call)}") for name in _MADE if name in action.given}
        blank = {name: "-" for name in ("into_number",) if name in action.given}
        command = action.command(at=call.moment(body.at), by=call.actor, **said(body), **made, **blank)
        doing = partial(action.work, ticket_id=ticket_id, command=command, version=call.expected_version)
        return call.done(await runtime.log.execute(doing, call.context()))

    handler.__name__ = f"{action.name}_ticket"
    handler.__doc__ = action.command.__doc__
    handler.__annotations__["body"] = body_of(action.command, action.given, action.example)
    routes.post(
        f"/{{ticket_id:uuid}}/{action.name.replace('_', '-')}",
        permission=action.permission,
        response_model=Opened,
        summary=f"{action.title.zh} · {action.title.en.capitalize()}",
    )(handler)


_MADE = ("work_order", "visit")
"""Ids that the command's key makes."""


def _archive(routes: Routes, runtime: Runtime) -> None:
    @routes.post("/{ticket_id:uuid}/archive", permission=may.ARCHIVE, response_model=Opened, summary="归档 · Archive")
    async def archive_ticket(call: Call, ticket_id: UUID, body: CommandBody) -> Response:
        """服务档案完整后归档(5.3)· Archive the complete case file, and with it the ticket."""
        lodged = [complaint for complaint, _, _ in await desk.complaints_of(runtime.pool, ticket_id)]
        doing = partial(
            work.archive,
            ticket_id=ticket_id,
            complaints=lodged,
            version=call.expected_version,
            at=call.moment(body.at),
            by=call.actor,
        )
        return call.done(await runtime.log.execute(doing, call.context()))
