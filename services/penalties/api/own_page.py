"""An engineer's own page: everything about their penalties, their record and the policy, and what they can do about it
until when."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from services.penalties.api import permissions as may
from services.penalties.api.penalties import actions_of, seen
from services.penalties.domain import conduct, penalty, policy
from services.penalties.domain.conduct import Conduct
from services.penalties.domain.identity import POLICY, conduct_id
from services.penalties.domain.ladder import Demerit
from services.penalties.domain.names.measures import DEMERIT_KIND
from services.penalties.domain.penalty_state import known
from services.penalties.domain.policy import PolicyBook
from services.penalties.views import inbox
from services.penalties.views import penalty as penalty_view
from services.penalties.views.inbox import PenaltiesPage
from services.penalties.wording import in_words
from shared.api import Call, Routes
from shared.eventlog import Streams
from shared.history import line
from shared.language import Language, say
from shared.paging import Page
from shared.service import Runtime


class OwnPage(Page):
    """Which part of the engineer's penalties; newest first."""

    limit: int = Field(20, ge=1, le=50, description="每页条数 · items on a page")


def routes(runtime: Runtime) -> Routes:
    routes = Routes("本人页面", "The engineer's own page", prefix="/engineers")

    @routes.get("/{code}", permission=may.PENALTIES_READ, response_model=dict[str, Any], summary="本人页面 · Own page")
    async def show_engineer(call: Call, code: str, page: Annotated[OwnPage, Query()]) -> Response:
        """本人的每项处罚（每一步、证据、规则原文、可做什么、到何时为止）、记过情况、须确认的制度版本 ·
        Each penalty with every step, its evidence, the rule's text, and what can be done until when; the record; and
        the versions of the policy that are to be acknowledged."""
        call.require_own(code)
        now = runtime.clock.now()

        async def look(streams: Streams) -> tuple[PolicyBook, Conduct]:
            book = await streams.load(policy, POLICY, required=False)
            return book, await streams.load(conduct, conduct_id(code), required=False)

        book, record = await runtime.log.look(look)
        only = PenaltiesPage(engineer=code, limit=page.limit, cursor=page.cursor)
        rows = await inbox.penalties(runtime.pool, only, None)
        found = [await _penalty(runtime, call, row["penalty"], now) for row in rows[: page.limit]]
        following = None
        if len(rows) > page.limit:
            last = rows[page.limit - 1]
            following = only.cursor_at((last["raised_at"], last["penalty"]))
        shown = {
            "engineer": code,
            "region": record.region,
            "active": record.active,
            "policy": _policy(book, record, now),
            "record": _record(record, now, call.language),
            "penalties": found,
            "cursor": following,
        }
        return call.answer(shown)

    return routes


async def _penalty(runtime: Runtime, call: Call, id: UUID, now: datetime) -> dict[str, Any]:
    found = await seen(runtime, id)
    actions = actions_of(found, call, now)
    tell = partial(line, language=call.language, in_words=in_words)
    engineer = known(found.state).engineer
    own = penalty.available(found.state, engineer, engineer, now, found.schedule, found.standing)
    return {
        **penalty_view.shown(found.state, found.schedule.terms, call.language),
        "steps": [tell(recorded) for recorded in await runtime.log.history(id)],
        "you_can": penalty_view.may_do(found.state, own),
        "available_actions": [action.shown(call.language) for action in actions],
        "version": found.version,
    }


def _policy(book: PolicyBook, record: Conduct, now: datetime) -> dict[str, Any]:
    """What binds the engineer now, and what they have to read yet."""
    bound = policy.binding(book, record.acknowledged, record.region, now)
    missing = policy.to_acknowledge(book, record.acknowledged, record.region, now)
    return {
        "bound_by": bound.version if bound else None,
        "acknowledged": [{"policy_version": version, "at": at} for version, at in record.acknowledged.items()],
        "to_acknowledge": [{"policy_version": each.version, "valid_from": each.valid_from} for each in missing],
    }


def _record(record: Conduct, now: datetime, language: Language) -> dict[str, Any]:
    """All demerits, with those that count now."""
    standing = conduct.standing(record, now)
    return {
        "standing": _demerits(standing, language),
        "past": _demerits([each for each in record.record.demerits if each not in standing], language),
    }


def _demerits(demerits: Sequence[Demerit], language: Language) -> list[dict[str, Any]]:
    return [
        {
            "demerit": each.demerit,
            "kind": each.kind,
            "words": say(DEMERIT_KIND[each.kind], language),
            "at": each.at,
            "expires_at": each.expires_at,
            "struck_at": each.struck_at,
            "penalty": each.penalty,
            "made_of": each.made_of,
        }
        for each in demerits
    ]
