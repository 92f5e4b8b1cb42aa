"""Penalties (D6): what is suspected, noticed, stated, decided, appealed against and undone; who has to do what until
when; and everything that an engineer may know of their own."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import File, Query, UploadFile
from pydantic import AwareDatetime, BaseModel
from starlette.responses import Response

from services.penalties.api import permissions as may
from services.penalties.api.penalty_actions import ACTIONS, PERMISSIONS, SPOKEN, PenaltyDone
from services.penalties.commands import penalties as commands
from services.penalties.domain import penalty
from services.penalties.domain.names.penalty import PENALTY_ACTION, PENALTY_DEADLINE, PENALTY_STATUS, WAITS_FOR
from services.penalties.domain.penalty_state import Penalty, known
from services.penalties.domain.schedule import Schedule
from services.penalties.views import inbox
from services.penalties.views import penalty as penalty_view
from services.penalties.views.inbox import InboxPage, PenaltiesPage
from services.penalties.wording import in_words
from shared.actions import declare
from shared.api import Call, Routes
from shared.auth import Principal
from shared.decider import Words
from shared.documents import Documents
from shared.eventlog import Streams
from shared.events.penalties import PenaltyDeadline, PenaltyStatus
from shared.history import line
from shared.language import Language, say
from shared.offers import offered
from shared.paging import PageOf
from shared.problems import NOT_FOUND, Action, Problem
from shared.service import Runtime
from shared.uploads import SAME_AGAIN, UPLOAD_LIMIT, UPLOADED, download, keep

AsOf = Annotated[AwareDatetime | None, Query(description="截至何时发生的 · as it had happened by then")]
KnownAt = Annotated[AwareDatetime | None, Query(description="截至何时所知的 · as it was recorded by then")]


class FileKept(BaseModel):
    """A file that a statement or an appeal can name."""

    sha256: str
    media_type: str
    size: int


class Seen(NamedTuple):
    """A penalty with what it takes to say what is open."""

    state: Penalty
    version: int
    schedule: Schedule
    standing: str | None

    def open_to(self, principal: Principal, at: datetime) -> dict[str, Words | None]:
        """By the rules; roles apart."""
        who = (principal.subject, principal.engineer)
        return penalty.available(self.state, *who, at, self.schedule, self.standing)


async def seen(runtime: Runtime, id: UUID) -> Seen:
    """Raises ``StreamNotFound``."""

    async def look(streams: Streams) -> Seen:
        state = await streams.load(penalty, id)
        schedule = await commands.schedule_of(streams, known(state).policy_version)
        return Seen(state, streams.version(id), schedule, await commands.still_standing(streams, state))

    return await runtime.log.look(look)


def actions_of(found: Seen, call: Call, at: datetime) -> list[Action]:
    """All actions, and of those that are closed to the caller why."""
    return offered(call.principal, found.open_to(call.principal, at), PERMISSIONS, PENALTY_ACTION)


def routes(runtime: Runtime, documents: Documents) -> Routes:
    async def actions(call: Call) -> list[Action]:
        found = await seen(runtime, UUID(str(call.path_params["id"])))
        return actions_of(found, call, runtime.clock.now())

    routes = Routes("处罚", "Penalties", actions=actions)
    _declare_lists(routes, runtime)
    _declare_reading(routes, runtime)
    _declare_files(routes, runtime, documents)
    for act in ACTIONS:
        declare(routes, runtime.log, act, PENALTY_ACTION, PenaltyDone)
    for act in SPOKEN:
        declare(routes, runtime.log, act, PENALTY_ACTION, PenaltyDone, documents=documents)
    return routes


# --- lists ------------------------------------------------------------------------------------------------------------


def _declare_lists(routes: Routes, runtime: Runtime) -> None:
    @routes.get("", permission=may.PENALTIES_READ, response_model=PageOf[dict[str, Any]], summary="处罚列表 · List")
    async def list_penalties(call: Call, page: Annotated[PenaltiesPage, Query()]) -> Response:
        """疑似违规与处罚，新的在前；服务人员只看到本人的 · Newest first; engineers see their own."""
        rows = await inbox.penalties(runtime.pool, page, call.own)
        show = partial(_with_words, language=call.language)
        return call.page(page, rows, lambda row: (row["raised_at"], row["penalty"]), show)

    @routes.get("/inbox", permission=may.INBOX_READ, response_model=PageOf[dict[str, Any]], summary="待办 · Inbox")
    async def show_inbox(call: Call, page: Annotated[InboxPage, Query()]) -> Response:
        """待谁处理、到何时为止，最急的在前 · What waits for whom, until when; the most urgent first."""
        rows = await inbox.waits(runtime.pool, page)
        show = partial(_wait, now=runtime.clock.now(), language=call.language)
        return call.page(page, rows, lambda row: (row["due"], row["penalty"], row["deadline"]), show)

    @routes.get(
        "/inbox/counts", permission=may.INBOX_READ, response_model=list[dict[str, Any]], summary="待办统计 · Counts"
    )
    async def count_inbox(call: Call) -> Response:
        """每一步各有多少件在等、多少件一日内到期 · How many wait for each step, and how many for a day at most."""
        rows = await inbox.stages(runtime.pool, runtime.clock.now())
        return call.answer([row | {"words": say(_stage(row["stage"]), call.language)} for row in rows])


def _stage(stage: str) -> Words:
    return _PAYROLL if stage == "payroll" else PENALTY_DEADLINE[PenaltyDeadline(stage)]


_PAYROLL = Words("列入工资清单", "the payroll list")


def _with_words(row: Mapping[str, Any], language: Language) -> dict[str, Any]:
    return {**row, "status_words": say(PENALTY_STATUS[PenaltyStatus(row["status"])], language)}


def _wait(row: Mapping[str, Any], now: datetime, language: Language) -> dict[str, Any]:
    deadline = PenaltyDeadline(row["deadline"])
    return {
        **_with_words(row, language),
        "words": say(PENALTY_DEADLINE[deadline], language),
        "waits_for": say(WAITS_FOR[deadline], language),
        "hours_left": int((row["due"] - now).total_seconds() // 3600),
    }


# --- one of them ------------------------------------------------------------------------------------------------------


def _declare_reading(routes: Routes, runtime: Runtime) -> None:
    @routes.get("/{id:uuid}", permission=may.PENALTIES_READ, response_model=dict[str, Any], summary="查看 · Show")
    async def show_penalty(call: Call, id: UUID, as_of: AsOf = None, known_at: KnownAt = None) -> Response:
        """一项处罚：证据、所读内容、规则原文、每一步、期限与可用操作；也可查看过去某时的情况，以当时所知为准 ·
        Evidence, what the rule has read, its text in the version that counts, all steps, due times and what is open;
        also as it was by a past moment, and as it was known by one."""
        found = await seen(runtime, id)
        call.require_own(known(found.state).engineer)
        if as_of or known_at:
            return call.answer(await _past(runtime, call, id, found, as_of, known_at))
        shown = penalty_view.shown(found.state, found.schedule.terms, call.language)
        actions = actions_of(found, call, runtime.clock.now())
        return call.standing(shown | {"standing": found.standing}, actions, found.version)

    @routes.get(
        "/{id:uuid}/history",
        permission=may.PENALTIES_READ,
        response_model=list[dict[str, Any]],
        summary="历史 · History",
    )
    async def show_penalty_history(call: Call, id: UUID, as_of: AsOf = None, known_at: KnownAt = None) -> Response:
        """每一步：何时、何人、从何处、何事，上海时间 · Every step in plain words, Shanghai time."""
        state, _ = await runtime.log.load(penalty, id)
        call.require_own(known(state).engineer)
        _, steps = penalty_view.replayed(await runtime.log.history(id), as_of, known_at)
        return call.answer([line(recorded, call.language, in_words) for recorded in steps])


async def _past(
    runtime: Runtime, call: Call, id: UUID, found: Seen, as_of: datetime | None, known_at: datetime | None
) -> dict[str, Any]:
    """As it stood; nothing is open in the past. Raises Problem (404) where there was no such penalty yet."""
    state, steps = penalty_view.replayed(await runtime.log.history(id), as_of, known_at)
    if state.raised is None:
        raise Problem(NOT_FOUND)
    shown = penalty_view.shown(state, found.schedule.terms, call.language)
    return shown | {"as_of": as_of, "known_at": known_at, "version": steps[-1].version, "available_actions": []}


# --- files ------------------------------------------------------------------------------------------------------------


def _declare_files(routes: Routes, runtime: Runtime, documents: Documents) -> None:
    @routes.post(
        "/{id:uuid}/files",
        permission=may.PENALTIES_SPEAK,
        keyless=SAME_AGAIN,
        body_limit=UPLOAD_LIMIT,
        status_code=201,
        response_model=FileKept,
        summary="上传文件 · Upload a file",
    )
    async def upload_penalty_file(
        call: Call, id: UUID, file: Annotated[UploadFile, File(description=UPLOADED)]
    ) -> Response:
        """陈述或申诉时以指纹引用 · To be named by its fingerprint in a statement or an appeal."""
        state, _ = await runtime.log.load(penalty, id)
        call.require_own(known(state).engineer)
        kept = await keep(documents, file)
        return call.answer({"sha256": kept.sha256, "media_type": kept.media_type, "size": kept.size}, status=201)

    @routes.get(
        "/{id:uuid}/files/{sha256}",
        permission=may.PENALTIES_READ,
        response_class=Response,
        summary="下载文件 · Download",
    )
    async def show_penalty_file(call: Call, id: UUID, sha256: str) -> Response:
        """陈述或申诉所附的文件 · A file of the statement or the appeal."""
        state, _ = await runtime.log.load(penalty, id)
        call.require_own(known(state).engineer)
        spoken = (state.statement, state.appeal)
        return await download(documents, sha256, [file for said in spoken if said for file in said.files])
