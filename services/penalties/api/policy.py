"""The penalty policy (4.2–4.7): what holds, its versions and drafts in plain words, and who has acknowledged them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import File, UploadFile
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.penalties.api import permissions as may
from services.penalties.commands import policy as commands
from services.penalties.domain import conduct, policy
from services.penalties.domain.conduct import AcknowledgePolicy, Conduct
from services.penalties.domain.first_policy import VERSION_1
from services.penalties.domain.identity import POLICY, conduct_id
from services.penalties.domain.names.policy import POLICY_ACTION
from services.penalties.domain.policy import (
    AdoptPolicy,
    ChangeDraft,
    DraftPolicy,
    DropDraft,
    PolicyBook,
    PolicyEvent,
    RecordCalendarDates,
    VersionNumber,
)
from services.penalties.domain.reading import Line, difference, rule_lines, term_lines
from services.penalties.domain.terms import holds_in
from services.penalties.views.subjects import acknowledgements
from services.penalties.wording import in_words
from shared.actions import Act, declare
from shared.api import Call, Routes
from shared.auth import Permission
from shared.decider import Refused, Words
from shared.documents import Documents
from shared.eventlog import Streams
from shared.events.base import Moment
from shared.events.penalties import PolicyAdopted, PolicyDrafted, PolicyTerms, Rule
from shared.history import line
from shared.language import Language, say
from shared.offers import offered
from shared.problems import NOT_FOUND, Action, Problem
from shared.service import Runtime
from shared.text import Sha256, Text
from shared.uploads import SAME_AGAIN, UPLOAD_LIMIT, UPLOADED, download, keep

PERMISSIONS: Mapping[str, Permission] = {
    "draft": may.POLICY_DRAFT,
    "change": may.POLICY_DRAFT,
    "drop": may.POLICY_DRAFT,
    "adopt": may.POLICY_ADOPT,
    "record_dates": may.POLICY_CALENDAR,
}

_TERMS = VERSION_1.model_dump(mode="json")


class PolicyDone(BaseModel):
    policy_version: int | None
    """The draft that was made or changed."""
    version: int


class VersionAdopted(BaseModel):
    policy_version: int
    valid_from: str
    version: int


class VersionAcknowledged(BaseModel):
    policy_version: int
    acknowledged_at: str
    version: int


class AdoptBody(BaseModel):
    """Without a moment of its own: it is adopted now."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"example": {"version": 1, "procedure": "职工代表大会讨论通过，公示七日"}},
    )

    version: VersionNumber = Field(description="草案的版本号 · the draft's number")
    valid_from: Moment | None = Field(None, description="生效时间，默认立即 · since when it holds; default: now")
    procedure: Text = Field(description="通过的程序 · how it was adopted")
    document: Sha256 | None = Field(None, description="文件的 SHA-256 · SHA-256 of the document")


ACTIONS = (
    Act(
        "draft",
        DraftPolicy,
        may.POLICY_DRAFT,
        "以某一版本或草案为依据起草新版本；不填条款则照其原样 · A new version, made from another one, or as it is.",
        {"based_on": 1, "terms": _TERMS, "reason": "按试行情况调整迟到罚款"},
        commands.act,
        ("policy",),
        path="/draft",
        status=201,
    ),
    Act(
        "change",
        ChangeDraft,
        may.POLICY_DRAFT,
        "修改草案；已通过的版本不能修改 · A draft is changed; what was adopted never is.",
        {"version": 1, "terms": _TERMS, "reason": "按讨论意见修改"},
        commands.act,
        ("policy",),
        path="/change",
    ),
    Act(
        "drop",
        DropDraft,
        may.POLICY_DRAFT,
        "作废草案，版本号不再使用 · A draft is dropped; its number isn't used again.",
        {"version": 2, "reason": "不再需要"},
        commands.act,
        ("policy",),
        path="/drop",
    ),
    Act(
        "record_dates",
        RecordCalendarDates,
        may.POLICY_CALENDAR,
        "登记国务院公布的放假与调休日期，工作日期限据此计算 · Dates by which workdays are counted from now on.",
        {"holidays": ["2027-01-01"], "workdays": ["2027-01-02"], "complete_years": [2027]},
        commands.act,
        ("policy",),
        path="/record-dates",
    ),
)


def routes(runtime: Runtime, documents: Documents) -> Routes:
    async def actions(call: Call) -> list[Action]:
        return offered(call.principal, policy.available(await _book(runtime)), PERMISSIONS, POLICY_ACTION)

    routes = Routes("处罚制度", "Penalty policy", prefix="/policy", actions=actions)
    for act in ACTIONS:
        declare(routes, runtime.log, act, POLICY_ACTION, PolicyDone)
    _declare_adopting(routes, runtime, documents)
    _declare_acknowledging(routes, runtime)
    _declare_reading(routes, runtime)
    return routes


async def _book(runtime: Runtime) -> PolicyBook:
    return await runtime.log.look(commands.book)


def _declare_adopting(routes: Routes, runtime: Runtime, documents: Documents) -> None:
    @routes.post(
        "/adopt",
        permission=may.POLICY_ADOPT,
        status_code=201,
        response_model=VersionAdopted,
        summary="通过草案 · Adopt",
    )
    async def adopt(call: Call, body: AdoptBody) -> Response:
        """由起草人以外的人通过，不溯及既往；须经本人确认后才对其有效 ⚖ ·
        By somebody who didn't work on the draft; it binds nobody before they have acknowledged it."""
        command = AdoptPolicy(
            at=call.moment(),
            by=call.actor,
            policy=POLICY,
            version=body.version,
            valid_from=body.valid_from,
            procedure=body.procedure,
            document=body.document,
        )
        work = partial(commands.adopt, command=command, version=call.expected_version)
        return call.done(await runtime.log.execute(work, call.context()), status=201)

    @routes.post(
        "/documents",
        permission=may.POLICY_ADOPT,
        keyless=SAME_AGAIN,
        body_limit=UPLOAD_LIMIT,
        status_code=201,
        response_model=dict[str, str],
        summary="上传文件 · Upload a document",
    )
    async def upload_policy_document(call: Call, file: Annotated[UploadFile, File(description=UPLOADED)]) -> Response:
        """通过程序的文件，如会议纪要；返回其 SHA-256，通过时填写 · Its SHA-256 is named when a draft is adopted."""
        return call.answer({"sha256": (await keep(documents, file)).sha256}, status=201)

    @routes.get(
        "/documents/{sha256}", permission=may.POLICY_READ, response_class=Response, summary="下载文件 · Download"
    )
    async def show_policy_document(call: Call, sha256: str) -> Response:
        """已通过版本所附的文件 · A document with which a version was adopted."""
        adopted = {version.document for version in (await _book(runtime)).adopted if version.document}
        return await download(documents, sha256, adopted)


def _declare_acknowledging(routes: Routes, runtime: Runtime) -> None:
    @routes.post(
        "/versions/{number}/acknowledge",
        permission=may.POLICY_ACKNOWLEDGE,
        response_model=VersionAcknowledged,
        summary="确认已阅 · Acknowledge",
    )
    async def acknowledge(call: Call, number: int) -> Response:
        """本人已阅；自此刻起该版本对本人有效，不溯及既往 · From now on the version binds the engineer who calls."""
        engineer = call.own
        assert engineer, "only engineers get in, and each is one"
        command = AcknowledgePolicy(at=call.moment(), by=call.actor, engineer=engineer, version=number)
        return call.done(await runtime.log.execute(partial(commands.acknowledge, command=command), call.context()))

    @routes.get(
        "/versions/{number}/acknowledgements",
        permission=may.ACKNOWLEDGEMENTS_READ,
        response_model=dict[str, Any],
        summary="确认情况 · Acknowledgements",
    )
    async def list_acknowledgements(call: Call, number: int) -> Response:
        """谁已确认、谁尚未确认（仅适用地区内在用人员） · Who has acknowledged it, and whom it doesn't bind yet."""
        terms = _terms(await _book(runtime), number)
        rows = await acknowledgements(runtime.pool, number)
        done = [row for row in rows if row["at"]]
        missing = [row for row in rows if not row["at"] and holds_in(terms, row["region"])]
        names = ("engineer", "region")
        return call.answer(
            {
                "policy_version": number,
                "acknowledged": [{name: row[name] for name in (*names, "at", "active")} for row in done],
                "missing": [{name: row[name] for name in names} for row in missing],
            }
        )


# --- reading ----------------------------------------------------------------------------------------------------------


def _declare_reading(routes: Routes, runtime: Runtime) -> None:
    @routes.get("", permission=may.POLICY_READ, response_model=dict[str, Any], summary="查看 · Show")
    async def show_policy(
        call: Call, as_of: AwareDatetime | None = None, known_at: AwareDatetime | None = None
    ) -> Response:
        """现行制度、各版本与草案；可查看过去某时（as_of）的情况，以当时（known_at）所知为准 ·
        What holds, all versions and drafts; also as it was by a past moment, and as it was known by one."""
        book, version = await _book_of(runtime, as_of, known_at)
        at = as_of or runtime.clock.now()
        now = policy.in_force(book, at)
        shown = {
            "in_force": now.version if now else None,
            "versions": [_adopted(each) for each in book.adopted],
            "drafts": [_drafted(draft.latest) for draft in book.drafts],
            "calendar": {
                "holidays": sorted(book.holidays),
                "workdays": sorted(book.workdays),
                "complete_years": sorted(book.complete_years),
            },
            "mine": await _mine(runtime, call, book, at),
            "version": version,
            "available_actions": [
                action.shown(call.language)
                for action in offered(call.principal, policy.available(book), PERMISSIONS, POLICY_ACTION)
            ],
        }
        return call.answer(shown, headers={"ETag": f'"{version}"'})

    @routes.get("/history", permission=may.POLICY_READ, response_model=list[dict[str, Any]], summary="历史 · History")
    async def show_policy_history(call: Call) -> Response:
        """每一步：何时、何人、何事 · Every step in plain words, Shanghai time."""
        return call.answer([line(recorded, call.language, in_words) for recorded in await _recorded(runtime)])

    @routes.get(
        "/versions/{number}", permission=may.POLICY_READ, response_model=dict[str, Any], summary="查看版本 · A version"
    )
    async def show_policy_version(call: Call, number: int) -> Response:
        """一个版本或草案的全文：规则原文、条件与后果、各项期限与参数 ·
        The whole of a version or draft: what its rules say, when they hold, what follows, and all parameters."""
        book = await _book(runtime)
        terms = _terms(book, number)
        adopted = next((_adopted(each) for each in book.adopted if each.version == number), None)
        drafted = next((_drafted(each.latest) for each in book.drafts if each.latest.version == number), None)
        return call.answer(
            {**(adopted or drafted or {}), "draft": adopted is None, **_in_words(terms, call.language), "terms": terms}
        )

    @routes.get(
        "/versions/{number}/diff",
        permission=may.POLICY_READ,
        response_model=list[dict[str, Any]],
        summary="比较 · Difference",
    )
    async def compare_policy_versions(call: Call, number: int, against: int) -> Response:
        """与另一版本（against）相比改了什么：哪条规则、哪个参数、改前、改后 ·
        What it changes of another: which rule, which parameter, before and after."""
        book = await _book(runtime)
        changes = difference(_terms(book, against), _terms(book, number))
        names = ("parameter", "before", "after")
        return call.answer(
            [
                {"rule": change.rule, **{name: say(getattr(change, name), call.language) for name in names}}
                for change in changes
            ]
        )


async def _recorded(runtime: Runtime) -> Sequence[Any]:
    """All events of the policy; none before the first step."""
    _, version = await _book_of(runtime, None, None)
    return await runtime.log.history(POLICY) if version else []


async def _book_of(runtime: Runtime, as_of: datetime | None, known_at: datetime | None) -> tuple[PolicyBook, int]:
    """The policy as it had happened by ``as_of``, as far as it was known by ``known_at``; and its version today."""

    async def look(streams: Streams) -> tuple[PolicyBook, int]:
        return await commands.book(streams), streams.version(POLICY)

    book, version = await runtime.log.look(look)
    if version and (as_of or known_at):
        book = policy.NEW
        for recorded in await runtime.log.history(POLICY):
            event, happened = recorded.event, as_of is None or recorded.event.at <= as_of
            assert isinstance(event, PolicyEvent), "the stream is the policy's"
            if happened and (known_at is None or recorded.meta.recorded_at <= known_at):
                book = policy.evolve(book, event)
    return book, version


async def _mine(runtime: Runtime, call: Call, book: PolicyBook, at: datetime) -> dict[str, Any] | None:
    """What binds the engineer who asks, and what they have to acknowledge yet; None for anybody else."""
    engineer = call.principal.engineer
    if engineer is None:
        return None

    async def look(streams: Streams) -> Conduct:
        return await streams.load(conduct, conduct_id(engineer), required=False)

    known = await runtime.log.look(look)
    bound = policy.binding(book, known.acknowledged, known.region, at)
    missing = policy.to_acknowledge(book, known.acknowledged, known.region, at)
    return {
        "engineer": engineer,
        "bound_by": bound.version if bound else None,
        "acknowledged": [{"policy_version": version, "at": when} for version, when in known.acknowledged.items()],
        "to_acknowledge": [version.version for version in missing],
    }


def _terms(book: PolicyBook, number: int) -> PolicyTerms:
    """Raises Problem (404)."""
    try:
        return policy.terms_of(book, number)
    except Refused as refused:
        raise Problem(NOT_FOUND, refused.words, code="policy-version-unknown") from refused


def _adopted(version: PolicyAdopted) -> dict[str, Any]:
    names = ("valid_from", "procedure", "document", "drafted_by", "adopted_by")
    about = {name: getattr(version, name) for name in names}
    return {"policy_version": version.version, "adopted_at": version.at, **about, "scope": version.terms.scope}


def _drafted(draft: PolicyDrafted) -> dict[str, Any]:
    about = {name: getattr(draft, name) for name in ("based_on", "reason", "drafted_by")}
    return {"policy_version": draft.version, "drafted_at": draft.at, **about, "scope": draft.terms.scope}


def _in_words(terms: PolicyTerms, language: Language) -> dict[str, Any]:
    return {
        "rules": [_rule(rule, language) for rule in terms.rules],
        "parameters": [_line(each, language) for each in term_lines(terms)],
    }


def _rule(rule: Rule, language: Language) -> dict[str, Any]:
    text = say(Words(rule.text_zh, rule.text_en), language)
    lines = [_line(each, language) for each in rule_lines(rule)]
    return {"code": rule.code, "clause": rule.clause, "text": text, "lines": lines}


def _line(line: Line, language: Language) -> dict[str, str]:
    return {"name": say(line.parameter, language), "value": say(line.value, language)}
