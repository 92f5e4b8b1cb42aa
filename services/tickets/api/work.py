"""Tickets: lists, one ticket with what is known and what is open, its history, and every action of its life."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import Query
from pydantic import AwareDatetime
from starlette.responses import Response

from services.tickets.api import permissions as may
from services.tickets.api.examples import CALL, ID
from services.tickets.api.intake import Opened, seed_of
from services.tickets.commands import coverage, work
from services.tickets.domain import ticket_commands as wish
from services.tickets.domain.coverage import CoverageDecision
from services.tickets.domain.identity import NAMESPACE
from services.tickets.domain.names import CASE_FILE_ACTION, QUOTE_ACTION, SURVEY_ACTION, TICKET_ACTION
from services.tickets.views import desk
from services.tickets.views import ticket as ticket_view
from services.tickets.views.desk import TicketsPage
from services.tickets.views.reference import delivered
from services.tickets.wording import in_words
from shared.api import Call, Routes
from shared.auth import Permission
from shared.bodies import CommandBody, Example, body_of, said
from shared.decider import Command
from shared.history import line
from shared.offers import offered
from shared.paging import PageOf
from shared.problems import Action
from shared.service import Runtime

Work = Callable[..., Awaitable[dict[str, Any]]]
"""Takes streams, ticket_id, wish and version; and deliveries, where it asks what was delivered."""


@dataclass(frozen=True, slots=True)
class TicketAction:
    """One action of a ticket's life: what it is called everywhere, what it asks for, and who may do it."""

    name: str
    command: type[Command]
    permission: Permission
    about: str
    example: Example
    work: Work = work.act
    given: Collection[str] = ()
    """Fields that the application knows by itself."""
    made: str = ""
    """The id that the command's key makes, unless the body names one."""


_NAMES = ("customer_name", "product_name")
_UNKNOWN = {"customer_unknown": "来电未报单位", "product_unknown": "包装已丢弃，批号不明"}

ACTIONS: Sequence[TicketAction] = (
    TicketAction(
        "triage",
        wish.TriageTicket,
        may.TRIAGE,
        "谁的、什么产品、保内还是保外；未填的沿用登记内容，保内外未定时按日期判定（2.1、2.2）· "
        "Who it is for, what it is "
        "about, whether it is covered; what isn't said stays as it was taken down.",
        _UNKNOWN,
        work.triage,
        _NAMES,
    ),
    TicketAction(
        "correct_triage",
        wish.CorrectTriage,
        may.TRIAGE,
        "更正分诊，须说明原因；未填的不变 · Triage was wrong: say why; what isn't said stays.",
        {**_UNKNOWN, "reason": "客户回电更正"},
        work.triage,
        _NAMES,
    ),
    TicketAction(
        "decide_coverage",
        wish.DecideCoverage,
        may.TRIAGE,
        "判定保内/保外；与日期不符的须写明理由（2.1、2.2）· "
        "In or out of warranty; a verdict against the dates needs a note.",
        {"decision": {"verdict": "in_warranty", "note": "发票证明在保修期内"}},
        work.decide_coverage,
    ),
    TicketAction(
        "answer",
        wish.AnswerTicket,
        may.ANSWER,
        "首次答复，须有通话记录或已发消息为证（3.4a、D2）· "
        "The first answer, proved by a logged call or a sent message.",
        {"proof": CALL},
        work.answer,
    ),
    TicketAction(
        "hold",
        wish.HoldTicket,
        may.HOLD,
        "挂起；24 小时答复时限不停（D1）· Put on hold; the answer clock goes on.",
        {"reason": "等客户提供批号"},
    ),
    TicketAction("resume", wish.ResumeTicket, may.HOLD, "恢复到挂起前的状态 · Back to the state before the hold.", {}),
    TicketAction(
        "escalate",
        wish.EscalateTicket,
        may.ESCALATE,
        "答复不了的上报总部（3.2）· What can't be answered goes to service headquarters.",
        {"question": "此批次是否有召回？"},
    ),
    TicketAction(
        "answer_escalation",
        wish.AnswerEscalation,
        may.ANSWER_ESCALATION,
        "总部的答复 · Headquarters' answer.",
        {"answer": "可以换货。"},
    ),
    TicketAction(
        "dispatch",
        wish.DispatchTicket,
        may.DISPATCH,
        "派工；保外的维修与更换须客户先接受报价，或说明免费原因（2.2）· "
        "An engineer is to go; out of warranty the customer "
        "accepts a quote first, or it is said why it is a favour.",
        {"purpose": "repair", "note": "带备用粘鼠板 20 张", "goodwill": "老客户，免费更换一次"},
        work.dispatch,
        ("quote_accepted",),
        made="work_order",
    ),
    TicketAction(
        "cancel_work_order",
        wish.CancelWorkOrder,
        may.DISPATCH,
        "派工单已取消 · A work order was cancelled.",
        {"work_order": ID, "reason": "客户改期"},
    ),
    TicketAction(
        "record_visit",
        wish.RecordVisit,
        may.DISPATCH,
        "登记上门；迟到按约定到场时间计算（3.4b）。补充时带上 visit · "
        "A visit; late is late by the agreed time. Name the "
        "visit to add what wasn't known yet.",
        {
            "work_order": ID,
            "engineer": "E04",
            "agreed_arrival": "2026-10-08T10:00:00+08:00",
            "arrived_at": "2026-10-08T10:12:00+08:00",
            "finished_at": "2026-10-08T11:00:00+08:00",
        },
        work.record_visit,
        made="visit",
    ),
    TicketAction(
        "resolve",
        wish.ResolveTicket,
        may.RESOLVE,
        "客户的问题已解决 · What the customer asked for is done.",
        {"resolution": "已更换 20 张粘鼠板并示范摆放"},
    ),
    TicketAction(
        "reopen",
        wish.ReopenTicket,
        may.OPEN,
        "客户再次提出；重新计 24 小时 · The customer asks again; an answer is due within 24 hours again.",
        {"reason": "问题再次出现"},
        given=("answer_due",),
    ),
    TicketAction(
        "merge",
        wish.MergeTicket,
        may.TRIAGE,
        "与另一请求是同一件事；两边历史都保留 · The same request as another one; both histories are kept.",
        {"into": ID, "reason": "同一来电人，同一问题"},
        work.merge,
        ("into_number",),
    ),
    TicketAction(
        "cancel", wish.CancelTicket, may.TRIAGE, "不再需要 · Nothing is wanted any more.", {"reason": "客户自行解决"}
    ),
    TicketAction(
        "close",
        wish.CloseTicket,
        may.CLOSE,
        "派工单均已验收、调查已答复或拒填后关闭 · All work is verified, and the survey is answered or declined.",
        {},
        work.close,
        ("survey",),
    ),
)
"""In the order of a ticket's life. Archiving is the case file's business; that work is verified (⚖) is heard from
dispatch alone."""

PERMISSIONS: Mapping[str, Permission] = {action.name: action.permission for action in ACTIONS} | {
    "archive": may.ARCHIVE,
    **dict.fromkeys(QUOTE_ACTION, may.QUOTE),
    **dict.fromkeys(SURVEY_ACTION, may.SURVEY),
    "file_document": may.FILE,
}
TITLES = {**TICKET_ACTION, **QUOTE_ACTION, **SURVEY_ACTION, **CASE_FILE_ACTION}


def ticket_actions(runtime: Runtime) -> Callable[[Call], Awaitable[Sequence[Action]]]:
    """Tells what is open now of the ticket that a call's path names, and why the rest isn't."""

    async def actions(call: Call) -> Sequence[Action]:
        now = await ticket_view.standing(runtime.log, runtime.pool, UUID(str(call.path_params["ticket_id"])))
        return offered(call.principal, now.actions(), PERMISSIONS, TITLES)

    return actions


def routes(runtime: Runtime) -> Routes:
    routes = Routes("服务请求", "Tickets", actions=ticket_actions(runtime))
    _read(routes, runtime)
    _look_closer(routes, runtime)
    for action in ACTIONS:
        _declare(routes, runtime, action)
    return routes


def _read(routes: Routes, runtime: Runtime) -> None:
    @routes.get("", permission=may.READ, response_model=PageOf[dict[str, Any]], summary="列表 · List")
    async def list_tickets(call: Call, page: Annotated[TicketsPage, Query()]) -> Response:
        """服务请求列表，新的在前；minutes_left 为 24 小时答复剩余分钟 · Tickets, newest first."""
        rows = await desk.tickets(runtime.pool, page, runtime.clock.now())
        return call.page(page, rows, lambda row: (row["received_at"], row["ticket"]))

    @routes.get("/{ticket_id:uuid}", permission=may.READ, response_model=dict[str, Any], summary="查看 · Show")
    async def show_ticket(call: Call, ticket_id: UUID) -> Response:
        """一个服务请求：已知情况、时限、可用操作及不可用的原因 ·
        One ticket, with what is open now and why the rest isn't."""
        now = await ticket_view.standing(runtime.log, runtime.pool, ticket_id)
        personal = may.PERSONS_READ.allows(call.principal, reading=True)
        shown = await ticket_view.shown(runtime.pool, now, runtime.clock.now(), call.language, personal=personal)
        actions = offered(call.principal, now.actions(), PERMISSIONS, TITLES)
        return call.standing(shown, actions, now.version)

    @routes.get(
        "/{ticket_id:uuid}/history", permission=may.READ, response_model=list[dict[str, Any]], summary="历史 · History"
    )
    async def show_history(call: Call, ticket_id: UUID) -> Response:
        """每一步：何时、何人、从何处、何事，上海时间 ·
        Every event in plain words, of the ticket and all that belongs to it:
        when (Shanghai), who, from where, what."""
        found = await ticket_view.history(runtime.log, runtime.pool, ticket_id)
        return call.answer([line(recorded, call.language, in_words) for recorded in found])


def _look_closer(routes: Routes, runtime: Runtime) -> None:
    @routes.get(
        "/{ticket_id:uuid}/duplicates",
        permission=may.READ,
        response_model=list[dict[str, Any]],
        summary="疑似重复 · Duplicates",
    )
    async def show_duplicates(call: Call, ticket_id: UUID) -> Response:
        """72 小时内同一来电人，或同一客户、同一产品的其他请求 ·
        Others within 72 hours that may be the same request told
        twice: by the same caller, or by the same customer about the same product."""
        return call.answer(await desk.alike(runtime.pool, ticket_id))

    @routes.get(
        "/{ticket_id:uuid}/coverage",
        permission=may.READ,
        response_model=CoverageDecision,
        summary="保内/保外建议 · Proposed coverage",
    )
    async def propose_for_ticket(call: Call, ticket_id: UUID) -> Response:
        """按该请求的产品、批次、交付日期给出建议，以收到之日为准 ·
        What the dates say of the ticket's goods on the day of
        receipt; a person decides."""
        work_ = partial(work.propose_for, ticket_id=ticket_id, deliveries=partial(delivered, runtime.pool))
        return call.answer(await runtime.log.look(work_))

    @routes.get("/coverage", permission=may.READ, response_model=CoverageDecision, summary="保内/保外建议 · Coverage")
    async def propose(
        call: Call,
        product: UUID | None = None,
        lot: str | None = None,
        unit: UUID | None = None,
        customer: UUID | None = None,
        on: AwareDatetime | None = None,
    ) -> Response:
        """按批次、保质期、交付日期、保修期、合同给出建议（2.1、2.2、D21）· What the dates say; a person decides."""
        day = on or runtime.clock.now()
        asked = partial(coverage.proposed, product=product, lot=lot, unit=unit, customer=customer, on=day)
        return call.answer(await runtime.log.look(partial(asked, deliveries=partial(delivered, runtime.pool))))


def _declare(routes: Routes, runtime: Runtime, action: TicketAction) -> None:
    more = {"deliveries": partial(delivered, runtime.pool)} if action.work in _ASK_DELIVERIES else {}

    async def handler(call: Call, ticket_id: UUID, body: CommandBody) -> Response:
        facts = said(body)
        if action.made and facts[action.made] is None:
            facts[action.made] = uuid5(NAMESPACE, f"{action.made}:{seed_of(call)}")
        command = partial(action.command, at=call.moment(body.at), by=call.actor, **facts)
        doing = partial(action.work, ticket_id=ticket_id, wish=command, version=call.expected_version, **more)
        return call.done(await runtime.log.execute(doing, call.context()))

    handler.__name__, handler.__doc__ = f"{action.name}_ticket", action.about
    handler.__annotations__["body"] = body_of(action.command, action.given, action.example, action.made)
    title = TICKET_ACTION[action.name]
    routes.post(
        f"/{{ticket_id:uuid}}/{action.name.replace('_', '-')}",
        permission=action.permission,
        response_model=Opened,
        summary=f"{title.zh} · {title.en.capitalize()}",
    )(handler)


_ASK_DELIVERIES = (work.triage, work.decide_coverage)
