"""Facts: what other services told of engineers, each with its evidence; and what the policy made of it."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from services.penalties.api import permissions as may
from services.penalties.domain import fact
from services.penalties.domain.fact import Fact, in_order, merged
from services.penalties.domain.names.policy import FACT_KIND
from services.penalties.domain.reading import says_in_words
from services.penalties.views import facts
from services.penalties.views.facts import FactsPage
from services.penalties.wording import in_words
from shared.api import Call, Routes
from shared.events.penalties import FactKind, FactReported
from shared.history import line
from shared.language import Language, say
from shared.paging import PageOf
from shared.service import Runtime


def routes(runtime: Runtime) -> Routes:
    routes = Routes("事实", "Facts", prefix="/facts")

    @routes.get("", permission=may.FACTS_READ, response_model=PageOf[dict[str, Any]], summary="事实列表 · List")
    async def list_facts(call: Call, page: Annotated[FactsPage, Query()]) -> Response:
        """所收到的事实，新的在前，不论是否违规；服务人员只看到本人的 ·
        Everything that was heard, whether it breaks a rule or not, the latest first; engineers see their own."""
        rows = await facts.facts(runtime.pool, page, call.own)
        return call.page(
            page, rows, lambda row: (row["first_at"], row["fact"]), lambda row: _with_words(row, call.language)
        )

    @routes.get("/{id:uuid}", permission=may.FACTS_READ, response_model=dict[str, Any], summary="查看 · Show")
    async def show_fact(call: Call, id: UUID) -> Response:
        """一项事实：每份来源及其证据，合并后的内容，以及据以立案的规则 ·
        One fact: every report with its evidence, what they tell together, and the rule that it breaks."""
        state, version = await runtime.log.load(fact, id)
        call.require_own(state.reports[0].engineer)
        return call.answer(_shown(state, call.language) | {"version": version}, headers={"ETag": f'"{version}"'})

    @routes.get(
        "/{id:uuid}/history", permission=may.FACTS_READ, response_model=list[dict[str, Any]], summary="历史 · History"
    )
    async def show_fact_history(call: Call, id: UUID) -> Response:
        """每一步：何时、从何处、何事，上海时间 · Every step in plain words, Shanghai time."""
        state, _ = await runtime.log.load(fact, id)
        call.require_own(state.reports[0].engineer)
        return call.answer([line(each, call.language, in_words) for each in await runtime.log.history(id)])

    return routes


def _with_words(row: Mapping[str, Any], language: Language) -> dict[str, Any]:
    return {**row, "kind_words": say(FACT_KIND[FactKind(row["kind"])], language)}


def _shown(state: Fact, language: Language) -> dict[str, Any]:
    seen, charged = merged(state), state.charged
    return {
        "fact": seen.fact,
        "key": seen.key,
        "kind": seen.kind,
        "kind_words": say(FACT_KIND[seen.kind], language),
        "engineer": seen.engineer,
        "happened_at": seen.happened_at,
        "says": seen.says,
        "says_words": say(says_in_words(seen.says), language),
        "involved": seen.involved,
        "visit": seen.visit,
        "work_order": seen.work_order,
        "ticket": seen.ticket,
        "complaint": seen.complaint,
        "claim": seen.claim,
        "reports": [_report(each, language) for each in in_order(state.reports)],
        "charge": charged.model_dump(mode="json", exclude={"fact", "engineer"}) if charged else None,
        "penalties": state.penalties,
    }


def _report(report: FactReported, language: Language) -> dict[str, Any]:
    return {
        "evidence": report.evidence.model_dump(mode="json"),
        "position": report.position,
        "about": report.about,
        "happened_at": report.happened_at,
        "says": report.says,
        "says_words": say(says_in_words(report.says), language),
        "involved": report.involved,
    }
